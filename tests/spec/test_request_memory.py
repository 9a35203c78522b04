"""What makes repetition safe, over the whole life of a request: it is remembered, forgotten, and never carried out twice."""

from __future__ import annotations

from typing import Any

from admin.vectors.world import ALICE, BOB, DAY, PEOPLE, PLACE, Speaker, World, funded
from chaincode.spec.apply import apply_batch
from chaincode.spec.canonical import Json
from chaincode.spec.invariants import check
from chaincode.spec.limits import VALID_UNTIL_DAYS_MAX


def send(world: World, entry: Json, msp_id: str = "harbor") -> Any:
    """The receipt of one operation that a gateway relays."""
    outcome = apply_batch(world.state, world.transaction(Speaker(msp_id)), [entry])
    world.state.commit(outcome.writes)
    return outcome.receipts[0]


def sweep(world: World, request_id: str) -> int:
    """How many receipts a hostile gateway's sweep of alice's request deletes."""
    args = {"receipts": [{"authoriser": ALICE, "request_id": request_id}]}
    receipt = send(world, world.entry("SweepReceipts", args, request_id=f"sweep{world.now}", valid_for=0))
    return int(receipt["result"]["deleted"])


def test_a_request_signed_anew_is_never_carried_out_twice() -> None:
    """She gets no answer and signs again with a later time; whoever relays both holds two valid signatures of one request."""
    world = funded({"north": 500})
    args = {"class_id": "north", "recipients": [{"address": BOB, "points": 100}]}
    first = world.entry("Transfer", args, member="alice", request_id="once", valid_for=60)
    world.later(seconds=60)
    anew = world.entry("Transfer", args, member="alice", request_id="once", valid_for=VALID_UNTIL_DAYS_MAX * DAY)
    assert send(world, first)["code"] == "OK"
    for _ in range(VALID_UNTIL_DAYS_MAX * 24):
        assert sweep(world, "once") == 0
        assert send(world, anew)["repeated"] is True
        world.later(seconds=3600)
    while not sweep(world, "once"):
        world.later(seconds=3600)
    for entry in (first, anew):
        assert send(world, entry)["code"] == "REQUEST_EXPIRED"


def test_an_id_used_again_after_the_sweep_buries_no_hold() -> None:
    """A hold lives longer than the receipt of the request that made it."""
    world = funded({"north": 500})
    for points, code in ((100, "OK"), (7, "HOLD_EXISTS")):
        args = {
            "acceptor_msp": "harbor",
            "class_ids": ["north"],
            "expires_at": world.now + 30 * DAY,
            "order_ref": "an order",
            "points": points,
        }
        entry = PEOPLE["alice"].authorise(
            {"args": args, "op": "Hold", "request_id": "held", "valid_until": world.now}, PLACE
        )
        assert send(world, entry)["code"] == code
        while not sweep(world, "held") and code == "OK":
            world.later(days=1)
    assert {name: found for name, found in check(world.state.values).items() if found} == {}
