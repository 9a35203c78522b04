"""What makes repetition safe, over the whole life of a request: it is remembered, forgotten, and never carried out
twice; and what it costs."""

from __future__ import annotations

from typing import Any

from chaincode.cases.world import (
    ALICE,
    BOB,
    DAY,
    PEOPLE,
    PLACE,
    REFUND_DAYS,
    Recorder,
    Speaker,
    World,
    funded,
    issue,
    standard,
)
from chaincode.spec.invariants import check
from chaincode.spec.kernel.apply import apply_batch
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.limits import (
    DATE_MARGIN_SECONDS,
    MEMORY_ENTRIES_MAX,
    REQUEST_GRACE_SECONDS,
    VALID_UNTIL_DAYS_MAX,
)
from chaincode.spec.operations import OPERATIONS


def send(world: World, entry: Json, msp_id: str = "harbor") -> Any:
    """The receipt of one operation that a gateway relays."""
    outcome = apply_batch(world.state, world.transaction(Speaker(msp_id)), [entry], OPERATIONS)
    world.state.commit(outcome.writes)
    return outcome.receipts[0]


def sweep(world: World, **named: Json) -> int:
    """How much a hostile gateway's sweep deletes."""
    receipt = send(world, world.entry("Sweep", named, request_id=f"sweep{world.now}", valid_for=0))
    return int(receipt["result"]["deleted"])


def sound(world: World) -> bool:
    return not any(check(world.state.values, now=world.now).values())


def test_a_request_signed_anew_is_never_carried_out_twice() -> None:
    """She gets no answer and signs again with a later time; whoever relays both holds two valid signatures of one
    request."""
    for requests in (0, MEMORY_ENTRIES_MAX):
        world = funded({"north": 500})
        for number in range(requests):
            issue(world, "north", 1, request_id=f"busy{number}")
        args = {"class_id": "north", "recipients": [{"address": BOB, "points": 100}]}
        first = world.entry("Transfer", args, member="alice", request_id="once", valid_for=60)
        world.later(seconds=60)
        anew = world.entry("Transfer", args, member="alice", request_id="once", valid_for=VALID_UNTIL_DAYS_MAX * DAY)
        assert send(world, first)["code"] == "OK"
        named = {
            "balances": [{"account": ALICE, "class_id": "north"}],
            "memories": [{"about": f"balance/north/{ALICE}", "authoriser": ALICE, "request_id": "once"}],
        }
        for _ in range(VALID_UNTIL_DAYS_MAX * 24):
            sweep(world, **named)
            assert send(world, anew)["repeated"] is True
            world.later(seconds=3600)
        world.later(days=2)
        sweep(world, **named)
        for entry in (first, anew):
            assert send(world, entry)["code"] == "REQUEST_EXPIRED"
        assert sound(world)


def test_an_id_used_again_buries_no_hold() -> None:
    """A hold lives longer than a request is remembered elsewhere; when it is swept, its points are free."""
    world = funded({"north": 500})

    def hold(points: int) -> str:
        args = {
            "acceptor_msp": "harbor",
            "class_ids": ["north"],
            "expires_at": world.now + 30 * DAY,
            "order_ref": "an order",
            "points": points,
        }
        held = {"args": args, "op": "Hold", "request_id": "held", "valid_until": world.now}
        entry = PEOPLE["alice"].authorise(held, PLACE)
        return str(send(world, entry)["code"])

    held = f"{ALICE}/held"
    assert hold(100) == "OK"
    world.later(days=20)
    assert sweep(world, holds=[held]) == 0
    assert hold(7) == "REQUEST_ID_REUSED"
    world.later(days=11)
    assert send(world, world.entry("Release", {"hold_id": held}, request_id="end"))["result"]["status"] == "LAPSED"
    world.later(days=9)
    assert sweep(world, holds=[held]) == 1
    assert sound(world)
    assert hold(7) == "OK"
    assert sound(world)


def test_an_id_used_again_buries_no_redemption() -> None:
    """A redemption stands until nobody can refund it, whoever sweeps, and however far ahead they date; then it goes
    with all that is said of it, and its id is free. What she signed then is worth nothing."""
    world = funded({"north": 500})
    args = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "an order", "points": 100}
    first = world.entry("Redeem", args, member="alice", request_id="spent", valid_for=VALID_UNTIL_DAYS_MAX * DAY)
    spent = f"{ALICE}/spent"
    assert send(world, first)["code"] == "OK"
    midnight = (world.now + 8 * 3600) // DAY * DAY - 8 * 3600 + (REFUND_DAYS + 1) * DAY
    for now in (world.now, world.now + REFUND_DAYS * DAY, midnight - 1, midnight, midnight + DATE_MARGIN_SECONDS - 1):
        world.now = now
        assert sweep(world, redemptions=[spent]) == 0
        assert sound(world)
    world.now = midnight - 1
    back = {"points": 1, "redemption_id": spent}
    for number in range(MEMORY_ENTRIES_MAX + 4):
        assert send(world, world.entry("Refund", back, request_id=f"back{number}"))["code"] == "OK"
    world.now = midnight
    assert send(world, world.entry("Refund", back, request_id="late"))["code"] == "NOT_REFUNDABLE"
    world.later(seconds=DAY + REQUEST_GRACE_SECONDS - 1)
    spilled = [
        {"about": f"redemption/{spent}", "authoriser": "harbor", "request_id": f"back{number}"}
        for number in range(MEMORY_ENTRIES_MAX + 4)
    ]
    assert sweep(world, memories=spilled, redemptions=[spent]) == 0
    assert send(world, world.entry("Redeem", args, member="alice", request_id="spent"))["repeated"]
    world.later(seconds=1)
    assert sweep(world, redemptions=[spent]) == 1
    assert sound(world), "memories that nobody looks for any more may stand a while"
    assert send(world, first)["code"] == "REQUEST_EXPIRED"
    assert send(world, world.entry("Refund", back))["code"] == "UNKNOWN_REDEMPTION"
    again = world.entry("Redeem", {**args, "points": 7}, member="alice", request_id="spent")
    assert send(world, again)["result"]["redemption"]["points"] == 7
    for number in range(MEMORY_ENTRIES_MAX + 4):
        refund = world.entry("Refund", {**back, "points": 8}, request_id=f"back{number}")
        assert send(world, refund)["code"] == "REFUND_EXCEEDS_REDEMPTION", "nothing of the old one is remembered"
    assert send(world, world.entry("Refund", back, request_id="back19"))["result"]["points"] == 1
    assert sweep(world.later(seconds=1), memories=spilled) == 5
    assert sound(world)
    assert not any(key.startswith("memory/") for key in world.state.values)


def test_a_busy_balance_costs_as_much_at_the_end_of_the_day_as_at_its_beginning() -> None:
    """Ten thousand operations on one balance in a day: what the last of them reads and writes is what the first hundred
    did."""
    world = standard()
    costs = []
    for number in range(10_000):
        world.now += 8
        entry = world.entry("Issue", {"address": ALICE, "class_id": "north", "points": 1}, request_id=f"r{number:05}")
        reader = Recorder(world.state)
        outcome = apply_batch(reader, world.transaction(Speaker("northstar")), [entry], OPERATIONS)
        assert outcome.receipts[0]["code"] == "OK"
        written = sum(len(key) + len(value or b"") for key, value in outcome.writes.items())
        costs.append((len(reader.read), len(outcome.writes), written))
        world.state.commit(outcome.writes)
    assert costs[MEMORY_ENTRIES_MAX + 1][:2] == costs[-1][:2]
    assert costs[-1][2] <= costs[100][2] + 32, "but for the digits of sums"
    again = world.entry("Issue", {"address": ALICE, "class_id": "north", "points": 1}, request_id="r09999")
    assert send(world, again, "northstar")["repeated"] is True
    world.later(days=40)
    issue(world, "north", 1, request_id="after")
    assert len(world.state.values[f"balance/north/{ALICE}"]) < 300, "what need not be remembered is forgotten"


def test_a_name_used_again_is_carried_out_once() -> None:
    """Of the older request the issuance alone is still kept; the new one has its name, and whoever has no answer sends
    it again."""
    for requests in (1, MEMORY_ENTRIES_MAX + 1):
        world = funded({"north": 100})
        for number in range(requests):
            issue(world, "north", 1, request_id=f"bonus{number}")
        world.later(days=20)
        args = {"address": ALICE, "class_id": "north", "points": 50}
        entry = world.entry("Issue", args, request_id=f"bonus{requests - 1}")
        assert send(world, entry, "northstar")["result"]["issuance"]["points"] == 50
        for _ in range(3):
            assert send(world, entry, "northstar")["repeated"] is True
        assert sound(world)
