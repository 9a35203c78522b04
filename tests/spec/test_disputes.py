"""What a dispute moves is neither lost nor found twice, changes nothing that others agreed to, and is covered all the
time."""

from __future__ import annotations

import itertools
import json
from collections import Counter

import pytest

from chaincode.cases.disputes import ORDER, bought, disputed, netted, opening, redeem
from chaincode.cases.world import ALICE, OPERATOR, World, class_args, funded, sliced, standard
from chaincode.spec.invariants import check
from chaincode.spec.kernel import exposure, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.limits import DATE_MARGIN_SECONDS
from chaincode.spec.kernel.netting import chained
from chaincode.spec.kernel.state import View

UNIT = 10_000
FEE = 7
ABOUT = {"issuer_msp": "northstar", "redemption_id": ORDER}


def document(world: World, key: str) -> Json:
    return json.loads(world.state.values[key])


def used(world: World, issuer: str = "northstar", acceptor: str = "harbor", shard: int = 1) -> int:
    """What is used of a slice, in minor units."""
    view = View(world.state)
    return exposure.used(view, view.get(keys.CURRENT_WINDOW), issuer, acceptor, shard) // UNIT


def sound(world: World) -> None:
    assert {name: told for name, told in check(world.state.values, now=world.now).items() if told} == {}


def owed_minor(world: World) -> Counter[tuple[str, str]]:
    """What was settled by pair, over all netted windows: the rows, less what was disputed since."""
    found: Counter[tuple[str, str]] = Counter()
    for key, data in world.state.values.items():
        for row in json.loads(data)["rows"] if key.startswith("matrix/") else ():
            found[row["issuer_msp"], row["acceptor_msp"]] += row["owed_minor"]
    for key, data in world.state.values.items():
        if key.startswith("dispute/") and json.loads(data)["netted"]:
            dispute = json.loads(data)
            found[dispute["issuer_msp"], dispute["acceptor_msp"]] -= dispute["amount_minor"]
    return found


ENDS = {
    "conceded": ("INQUIRY", "AnswerDispute", {"answer": "CONCEDE"}, "harbor", 0, None),
    "withdrawn": ("CONTESTED", "WithdrawDispute", {}, "northstar", 100, None),
    "withdrawn late": ("VOTING", "WithdrawDispute", {}, "northstar", 100, "northstar"),
    "upheld": ("VOTING", "VoteDispute", {"vote": "UPHOLD"}, "lotus", 0, "harbor"),
    "rejected": ("VOTING", "VoteDispute", {"vote": "REJECT"}, "lotus", 100, "northstar"),
    "split": ("VOTING", "VoteDispute", {"vote": "SPLIT"}, "lotus", 50, None),
}


@pytest.mark.parametrize("when", ["open", "cut", "netted"])
@pytest.mark.parametrize("name", ENDS)
def test_all_windows_together_settle_what_is_owed(name: str, when: str) -> None:
    stage, op, args, who, booked, payer = ENDS[name]
    world = bought()
    if when == "netted":
        world = netted(world)
    elif when == "cut":
        world.later(seconds=1).do("CutWindow", {"window_id": 1}, OPERATOR)
    world = disputed(world, stage)
    sound(world)
    if when == "cut":
        world.do("CloseWindow", {"window_id": 1}, OPERATOR)
    elif when == "open":
        world = netted(world)
    about = {"redemption_id": ORDER} if op == "WithdrawDispute" else ABOUT
    ended = world.do(op, {**about, **args}, who)["dispute"]
    assert (ended["booked_minor"], ended["fee_payer_msp"]) == (booked, payer)
    sound(world)
    settled = owed_minor(netted(world, 2))
    sound(world)
    assert settled["northstar", "harbor"] == booked + FEE * (payer == "northstar")
    assert settled["harbor", "northstar"] == FEE * (payer == "harbor")
    assert settled["harbor", "lotus"] == 80


def test_what_is_disputed_is_covered_all_the_time() -> None:
    """An issuer frees nothing of its limit by disputing, and nothing that others do meanwhile takes what is at stake."""
    world = bought()
    assert used(world) == 100
    for stage, at_stake in (("INQUIRY", 100), ("CONTESTED", 100), ("DISPUTED", 100 + FEE), ("VOTING", 100 + FEE)):
        there = disputed(world.fork(), stage)
        assert used(there) == at_stake
        assert used(there, "harbor", "northstar") == FEE * (stage != "INQUIRY")
        assert used(netted(there)) == at_stake
        tight = sliced(there, at_stake * UNIT, shard=1)
        for ended, left in (("UPHOLD", 0), ("REJECT", 100 + FEE), ("SPLIT", 50)):
            if stage == "VOTING":
                end = tight.fork()
                end.do("VoteDispute", {**ABOUT, "vote": ended}, "lotus")
                assert used(end) == left


def test_others_agreed_to_what_they_agreed_to() -> None:
    """A dispute of two changes the payments of the third, and not the statement that it accepted."""
    world = netted(bought())
    theirs = document(world, keys.statement(1, "lotus"))["sha256"]
    world.do("AcceptStatement", {"sha256": theirs, "window_id": 1}, "lotus")
    before = document(world, keys.window(1))["payments"]
    named = world.do("OpenDispute", opening())["statements"]
    assert [one["msp_id"] for one in named] == ["harbor", "northstar"]
    window = document(world, keys.window(1))
    assert window["payments"] != before
    assert document(world, keys.statement(1, "lotus"))["status"] == "ACCEPTED"
    assert window["pending_statements"] == 2
    assert sum(one["net_minor"] for one in window["net"]) == 0
    for one in named:
        world.do("AcceptStatement", {"sha256": one["sha256"], "window_id": 1}, one["msp_id"])
    payment = document(world, keys.window(1))["payments"][0]
    args = {"payee_msp": payment["payee_msp"], "reference": "bank", "window_id": 1}
    world.do("RecordPayment", args, payment["payer_msp"])
    sound(world)


def test_a_statement_says_which_redemptions_left_it() -> None:
    world = netted(redeem(bought(), "north", "harbor", 60, "more"))
    chain = ""
    for redemption_id in (ORDER, f"{ALICE}/more"):
        dispute = world.do("OpenDispute", opening(redemption_id=redemption_id))["dispute"]
        named = {name: dispute[name] for name in ("acceptor_msp", "amount_minor", "issuer_msp", "redemption_id")}
        chain = chained(chain, named)
    for msp_id, minor in (("northstar", 160), ("harbor", -160)):
        content = document(world, keys.statement(1, msp_id))["content"]
        assert (content["disputed_minor"], content["disputes"], content["disputes_sha256"]) == (minor, 2, chain)
    sound(world)


def test_rounding_gives_an_issuer_nothing() -> None:
    """A hundred redemptions of 1.6 fen each: the whole ones can be disputed, and the window still owes the rest."""
    world = standard()
    world.do("DefineClass", class_args("dust", 8_000))
    world.do("Issue", {"address": ALICE, "class_id": "dust", "points": 1_000})
    for number in range(100):
        redeem(world, "dust", "harbor", 2, f"o{number}")
        world.do("OpenDispute", opening(redemption_id=f"{ALICE}/o{number}"))
    window = netted(world)
    assert document(window, keys.matrix(1, "northstar"))["rows"][0]["owed_minor"] == 60
    sound(window)


def test_every_way_through_comes_to_an_end() -> None:
    """Whoever is silent at whatever stage, anybody can end it, and nothing stays reserved."""
    for stage, months in itertools.product(("INQUIRY", "CONTESTED", "DISPUTED", "VOTING"), (0, 1)):
        world = disputed(bought(), stage)
        due = document(world, keys.dispute(ORDER, "northstar"))["due_at"]
        world.now = due + DATE_MARGIN_SECONDS + 1
        if months:
            world = netted(world)
        world.do("ResolveDispute", ABOUT, "lotus")
        sound(world)
        for issuer, acceptor in (("northstar", "harbor"), ("harbor", "northstar")):
            slice_ = document(world, keys.limit(issuer, acceptor, 1))
            assert slice_["reserved_millionths"] == 0
        assert used(world) == {"INQUIRY": 0, "CONTESTED": 100, "DISPUTED": 0, "VOTING": 50}[stage]


def test_a_cap_that_was_lowered_stops_no_dispute() -> None:
    world = sliced(bought(), 0, 100 * UNIT, shard=1)
    world.do("OpenDispute", opening())
    sound(world)


def test_a_redemption_that_was_refunded_in_another_window_is_owed_back_only_as_far_as_it_was_paid() -> None:
    world = redeem(funded(), "north", "harbor", 100, "order")
    world.do("OpenDispute", opening(amount_minor=40))
    world.do("AnswerDispute", {**ABOUT, "answer": "CONCEDE"}, "harbor")
    world = netted(world)
    world.do("Refund", {"points": 60, "redemption_id": ORDER}, "harbor")
    sound(world)
    assert owed_minor(netted(world, 2))["northstar", "harbor"] == 0
