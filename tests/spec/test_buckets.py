"""Balances against those who would fill them, and over years of use: nobody but a class's issuer makes a balance long,
and none is refused for its length."""

from __future__ import annotations

import json
from typing import Any

from chaincode.cases.world import ALICE, BOB, PEOPLE, Speaker, World, issue, standard
from chaincode.spec.invariants import Journal, check
from chaincode.spec.kernel.apply import apply_batch
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.operations import OPERATIONS

DAYS = 5 * 365 + 1


class Followed:
    """A world whose events are followed."""

    def __init__(self) -> None:
        self.world = standard()
        self.journal = Journal()

    def do(self, op: str, args: Json, msp_id: str = "northstar", member: str = "", request_id: str = "r") -> Any:
        """The result of an operation that must be accepted."""
        world = self.world
        entry = world.entry(op, args, member=member, request_id=request_id)
        outcome = apply_batch(world.state, world.transaction(Speaker(msp_id)), [entry], OPERATIONS)
        assert outcome.receipts[0]["code"] == "OK", outcome.receipts[0]
        world.state.commit(outcome.writes)
        if outcome.event:
            for told in json.loads(outcome.event)["operations"]:
                self.journal.post(told["postings"])
        return outcome.receipts[0]["result"]

    def sound(self) -> bool:
        """Whether all invariants hold, and the postings are the balances."""
        return not any(check(self.world.state.values, self.journal, now=self.world.now).values())


def buckets(world: World, account: str) -> list[list[int]]:
    """An account's buckets of north."""
    found: list[list[int]] = json.loads(world.state.values[f"balance/north/{account}"])[0]
    return found


def test_dust_costs_its_sender_and_nobody_else() -> None:
    """A stranger buys on 300 days, and sends one point of each to a member on the last."""
    followed = Followed()
    bob = {"address": BOB, "class_id": "north", "points": 1}
    for day in range(300):
        followed.do("Issue", bob, request_id=f"day{day}")
        followed.world.later(days=1)
    gift = {"class_id": "north", "recipients": [{"address": ALICE, "points": 1}] * 100}
    for part in range(3):
        followed.do("Transfer", gift, "harbor", "bob", f"dust{part}")
    assert len(buckets(followed.world, ALICE)) == 300
    followed.do("Accrue", {"address": ALICE, "amount_minor": 50_000, "class_id": "north"}, request_id="shop")
    spent = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "o", "points": 700}
    redemption = followed.do("Redeem", spent, "harbor", "alice", "till")["redemption"]
    assert len(redemption["draws"]) == 301
    assert (
        followed.do("Refund", {"redemption_id": redemption["redemption_id"]}, "harbor", request_id="back")["points"]
        == 700
    )
    back = {"class_id": "north", "recipients": [{"address": BOB, "points": 800}]}
    followed.do("Transfer", back, "northstar", "alice", "all")
    assert followed.sound()


def test_somebody_shops_every_day_for_five_years() -> None:
    """Points that last five years: as many last days as days, each purchase and each payment accepted; then the balance
    grows no more."""
    followed = Followed()
    followed.do("UpdateClass", {"class_id": "north", "validity": {"days": DAYS, "kind": "DAYS"}})
    purchase = {"address": ALICE, "amount_minor": 300, "class_id": "north"}
    longest = 0
    for day in range(DAYS + 30):
        followed.do("Accrue", purchase, request_id=f"day{day:05}")
        if day % 30 == 29:
            paid = {"acceptor_msp": "northstar", "class_ids": ["north"], "order_ref": "o", "points": 30}
            followed.do("Redeem", paid, "northstar", "alice", f"till{day:05}")
        longest = max(longest, len(buckets(followed.world, ALICE)))
        followed.world.later(days=1)
    assert DAYS // 2 < longest <= DAYS + 1
    assert followed.sound()


def test_what_is_refunded_after_its_last_day_comes_back_for_the_grace_days() -> None:
    followed = Followed()
    followed.do("UpdateClass", {"class_id": "north", "grace_days": 14, "validity": {"days": 3, "kind": "DAYS"}})
    followed.do("Issue", {"address": ALICE, "class_id": "north", "points": 50}, request_id="gift")
    paid = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "o", "points": 50}
    redemption = followed.do("Redeem", paid, "harbor", "alice", "till")["redemption"]
    followed.world.later(days=4)
    (part,) = followed.do("Refund", {"redemption_id": redemption["redemption_id"]}, "harbor", request_id="back")[
        "returned"
    ]
    assert (part["drawn_expires_on"], part["expires_on"]) == ("2026-03-04", "2026-03-19")
    followed.do(
        "Transfer", {"class_id": "north", "recipients": [{"address": BOB, "points": 50}]}, "harbor", "alice", "x"
    )
    assert followed.sound()


def test_who_spends_before_returning_owes_and_pays_with_the_next_purchase() -> None:
    followed = Followed()
    followed.do("UpdateClass", {"class_id": "north", "debt": True})
    followed.do("Accrue", {"address": ALICE, "amount_minor": 10_000, "class_id": "north"}, request_id="bought")
    paid = {"acceptor_msp": "northstar", "class_ids": ["north"], "order_ref": "o", "points": 100}
    followed.do("Redeem", paid, "northstar", "alice", "till")
    returned = {"account": ALICE, "class_id": "north", "issuance_id": "bought.0", "points": 100, "reason": "returned"}
    assert followed.do("ReverseIssue", returned, request_id="back")["debt"] == 100
    purchase = {"address": ALICE, "amount_minor": 6_000, "class_id": "north"}
    told = [followed.do("Accrue", purchase, request_id=f"again{number}")["issuance"] for number in range(3)]
    assert [one["debt_paid"] for one in told] == [60, 40, 0]
    (bucket,) = buckets(followed.world, ALICE)
    assert bucket[1] == 80
    assert followed.sound()


def test_other_people_cannot_make_a_balance_remember() -> None:
    """A spender's transfers of nothing are remembered elsewhere than in the owner's balance."""
    world = standard()
    issue(world, "north", 10)
    before = world.state.values[f"balance/north/{ALICE}"]
    for number in range(50):
        args = {"class_id": "north", "owner": ALICE, "points": 0, "recipient": PEOPLE["dave"].address}
        world.do("TransferFrom", args, "harbor", member="bob", request_id=f"nothing{number}")
    assert world.state.values[f"balance/north/{ALICE}"] == before
