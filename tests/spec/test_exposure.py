"""Limits against those who would owe more than they cover: by giving cover away twice, by cutting windows, by
refunding late."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from chaincode.cases.world import ALICE, CAP, OPERATOR, Speaker, World, funded, grants, issue, refill, sliced, standard
from chaincode.spec.invariants import check
from chaincode.spec.kernel import exposure
from chaincode.spec.kernel.apply import apply_batch
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.limits import GUEST_SHARD, REFUND_SHARD, UNSETTLED_WINDOWS_MAX
from chaincode.spec.kernel.state import View
from chaincode.spec.operations import OPERATIONS

YUAN = 1_000_000
_names = itertools.count()


def tried(world: World, op: str, args: Json, msp_id: str, *, member: str = "", shard: int = 0) -> str:
    """What becomes of one operation, which is committed."""
    entry = world.entry(op, args, member=member, request_id=f"tried-{next(_names)}")
    outcome = apply_batch(world.state, world.transaction(Speaker(msp_id), shard=shard), [entry], OPERATIONS)
    world.state.commit(outcome.writes)
    return str(outcome.receipts[0]["code"])


def spend(world: World, points: int, acceptor: str = "harbor", shard: int = 0) -> str:
    """Alice spends points of north."""
    args = {"acceptor_msp": acceptor, "class_ids": ["north"], "order_ref": "o", "points": points}
    return tried(world, "Redeem", args, acceptor, member="alice", shard=shard)


def reserve(world: World, points: int, relay: str, acceptor: str = "harbor", shard: int = 0) -> str:
    """Alice has points of north held."""
    args = {
        "acceptor_msp": acceptor,
        "class_ids": ["north"],
        "expires_at": world.now + 60,
        "order_ref": "o",
        "points": points,
    }
    return tried(world, "Hold", args, relay, member="alice", shard=shard)


def cut(world: World) -> int:
    """Ends the open window, a second later; gives its number."""
    window_id = int(window_of(world)["window_id"])
    world.later(seconds=1).do("CutWindow", {"window_id": window_id}, OPERATOR)
    return window_id


def pay(world: World, window_id: int) -> None:
    """The window is closed and all of it is paid."""
    for entry in world.do("CloseWindow", {"window_id": window_id}, OPERATOR)["statements"]:
        if entry["status"] == "PENDING":
            world.do("AcceptStatement", {"sha256": entry["sha256"], "window_id": window_id}, entry["msp_id"])
    window = View(world.state).get(f"window/{window_id:08d}")
    for payment in window["payments"]:
        paid = {"reference": "bank", "window_id": window_id}
        world.do("RecordPayment", {**paid, "payee_msp": payment["payee_msp"]}, payment["payer_msp"])
        world.do("ConfirmPayment", {**paid, "payer_msp": payment["payer_msp"]}, payment["payee_msp"])


def window_of(world: World) -> Json:
    return View(world.state).get("current_window")


def unpaid(world: World) -> Counter[str]:
    """What each merchant owes and has not paid, in millionths, by the positions alone: pair by pair, each window by
    itself."""
    view = View(world.state)
    found: Counter[str] = Counter()
    settled = {document["window_id"] for _, document in view.range("window/") if document["status"] == "SETTLED"}
    pairs: Counter[tuple[int, str, str]] = Counter()
    for key, position in view.range("position/"):
        _, window_id, issuer, acceptor, _ = key.split("/")
        if int(window_id) not in settled:
            pairs[int(window_id), issuer, acceptor] += exposure.outweighing(position)
    for (_, issuer, acceptor), owed in pairs.items():
        found[issuer if owed > 0 else acceptor] += abs(owed)
    return found


def reserved(world: World, issuer: str) -> int:
    return sum(slice_["reserved_millionths"] for _, slice_ in View(world.state).range(f"limit/{issuer}/"))


def sound(world: World) -> bool:
    return not any(check(world.state.values, now=world.now).values())


def narrow(world: World, cap: int, cover: int) -> World:
    """Northstar grants the harbor so much, lotus nothing, and has posted no more cover than it grants."""
    limits = [*grants("northstar", cap, cover, "harbor"), *grants("northstar", 0, 0, "lotus")]
    world.do("SetLimits", {"issuer_msp": "northstar", "limits": limits}, "northstar")
    asked = {"account": "COVER", "amount_millionths": 12 * CAP - cover}
    world.do("WithdrawCollateral", asked, "northstar")
    answer = {"approve": True, "msp_id": "northstar", "reference": "bank 1"}
    world.do("ReleaseCollateral", {**asked, **answer}, OPERATOR)
    return world


def test_cover_that_is_used_is_given_to_nobody_else() -> None:
    """100 yuan are posted. In each of three windows the issuer has them spent, and tries to give the same cover again:
    to another acceptor, to another lane, to guests, to refunds. Owed and not paid are never more than 100."""
    posted = 100 * YUAN
    world = narrow(funded({"north": 100_000}), 4 * CAP, posted)
    everywhere = [("harbor", 0), ("harbor", 1), ("lotus", 0), ("lotus", 1)]
    accepted: Counter[str] = Counter()
    for _ in range(3):
        for acceptor, shard in everywhere:
            for points in (5_000, 1_000, 100, 1):
                accepted[spend(world, points, acceptor, shard)] += 1
                accepted[reserve(world, points, "northstar", acceptor)] += 1
        for acceptor in ("harbor", "lotus"):
            for source, target in itertools.permutations((0, 1, GUEST_SHARD, REFUND_SHARD), 2):
                for speaker in ("northstar", acceptor):
                    moved = refill("northstar", acceptor, target, YUAN, source)
                    accepted[tried(world, "RefillLimit", {**moved, "cap_millionths": 0}, speaker)] += 1
            for cover in (0, posted // 2, posted - YUAN):
                limits = [
                    *grants("northstar", 4 * CAP, cover, acceptor),
                    *grants("northstar", 4 * CAP, posted - cover, "lotus" if acceptor == "harbor" else "harbor"),
                ]
                accepted[tried(world, "SetLimits", {"issuer_msp": "northstar", "limits": limits}, "northstar")] += 1
        for acceptor, shard in everywhere:
            accepted[spend(world, 10_000, acceptor, shard)] += 1
            accepted[spend(world, 100, acceptor, shard)] += 1
        assert unpaid(world)["northstar"] + reserved(world, "northstar") <= posted
        assert sound(world)
        cut(world)
    assert {"OK", "LIMIT_IN_USE", "COVER_EXCEEDED"} <= set(accepted)
    assert unpaid(world)["northstar"] + reserved(world, "northstar") > posted * 9 // 10


def test_cover_that_was_used_is_free_once_its_window_is_paid() -> None:
    world = narrow(funded({"north": 500}), 4 * CAP, YUAN)
    whole = YUAN // 10_000 * 7 // 8
    assert spend(world, whole) == "OK"
    first = cut(world)
    nothing = {"issuer_msp": "northstar", "limits": grants("northstar", 0, 0, "harbor")}
    assert tried(world, "SetLimits", nothing, "northstar") == "LIMIT_IN_USE"
    assert spend(world, 1) == "COVER_EXCEEDED"
    pay(world, first)
    assert window_of(world)["unsettled"] == []
    assert spend(world.fork(), whole) == "OK"
    assert tried(world, "SetLimits", nothing, "northstar") == "OK"
    assert spend(world, 1) == "CAP_EXCEEDED"
    assert sound(world)


@pytest.mark.parametrize(("cap", "cover", "code"), [(YUAN, CAP, "CAP_EXCEEDED"), (CAP, YUAN, "COVER_EXCEEDED")])
def test_an_operator_that_cuts_each_second_makes_no_room(cap: int, cover: int, code: str) -> None:
    """A limit of 1.00 stays 1.00 over fifty windows, of which half are closed and none is paid; also when holds are
    captured in later ones."""
    world = narrow(funded({"north": 10_000}), cap, cover)
    codes: Counter[str] = Counter()
    for number in range(50):
        codes[spend(world, 3)] += 1
        codes[spend(world, 100)] += 1
        codes[reserve(world, 2, "northstar" if number % 2 else "harbor")] += 1
        for key, hold in View(world.state).range("hold/"):
            if hold["status"] == "RESERVED":
                codes[tried(world, "Capture", {"hold_id": key.removeprefix("hold/")}, "harbor")] += 1
        window_id = cut(world)
        if number < 25:
            world.do("CloseWindow", {"window_id": window_id}, OPERATOR)
        assert unpaid(world)["northstar"] + reserved(world, "northstar") <= YUAN
    assert unpaid(world)["northstar"] >= YUAN - 3 * 10_000
    assert set(codes) == {"OK", code}
    assert codes["OK"] < 100
    assert sound(world)


def test_a_redemption_looks_at_one_position_for_each_window_that_is_not_settled() -> None:
    world = standard()
    for number in range(UNSETTLED_WINDOWS_MAX):
        cut(world)
        assert len(window_of(world)["unsettled"]) == number + 1
    asked = {"window_id": UNSETTLED_WINDOWS_MAX + 1}
    assert tried(world, "CutWindow", asked, "operator") == "TOO_MANY_WINDOWS"
    keys = exposure.positions(window_of(world), "northstar", "harbor", 3)
    assert len(set(keys)) == len(keys) == UNSETTLED_WINDOWS_MAX + 1
    issue(world, "north", 100)
    assert spend(world, 100) == "OK"
    pay(world, 1)
    assert tried(world, "CutWindow", asked, "operator") == "OK"
    assert sound(world)


def test_refunds_in_later_windows_stay_within_what_the_acceptor_granted() -> None:
    """What was redeemed is paid for; the acceptor then takes it back, part by part and window by window, in each lane.
    It comes to owe no more than it granted the issuer for refunds, and covered."""
    granted = {0: 40 * YUAN // 100, 1: 30 * YUAN // 100, GUEST_SHARD: 0}
    world = funded({"north": 1_000})
    for shard, value in granted.items():
        sliced(world, value, value, REFUND_SHARD + shard, "harbor", "northstar")
    for number, shard in enumerate((0, 0, 1, 1)):
        args = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "o", "points": 100}
        world.do("Redeem", args, "harbor", member="alice", shard=shard, request_id=f"bought-{number}")
    assert reserve(world, 20, "northstar") == "OK"
    (hold_id,) = (key.removeprefix("hold/") for key, _ in View(world.state).range("hold/"))
    captured = world.do("Capture", {"hold_id": hold_id}, "harbor", shard=1)["redemption"]
    assert captured["shard"] == GUEST_SHARD
    bought = [f"{ALICE}/bought-{number}" for number in range(4)] + [captured["redemption_id"]]
    pay(world, cut(world))
    codes: Counter[str] = Counter()
    for _ in range(4):
        for redemption_id in bought:
            for points, lane in ((15, 0), (9, 1), (1, 5)):  # by whichever lane: the redemption's own counts
                args = {"points": points, "redemption_id": redemption_id}
                codes[tried(world, "Refund", args, "harbor", shard=lane)] += 1
        assert unpaid(world)["harbor"] <= sum(granted.values())
        assert sound(world)
        cut(world)
    assert unpaid(world)["harbor"] == sum(granted.values())
    assert set(codes) == {"OK", "CAP_EXCEEDED"}
    less = {"issuer_msp": "harbor", "limits": grants("harbor", 4 * CAP, sum(granted.values()) - 1, "northstar")}
    assert tried(world, "SetLimits", less, "harbor") == "LIMIT_IN_USE"
    pay(world, 2)
    assert tried(world, "Refund", {"points": 1, "redemption_id": bought[0]}, "harbor") == "OK", "it paid"


def test_a_refund_in_the_redemptions_own_window_needs_no_limit() -> None:
    world = funded({"north": 1_000})
    nothing = {"issuer_msp": "harbor", "limits": grants("harbor", 0, 0, "northstar")}
    world.do("SetLimits", nothing, "harbor")
    args = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "o", "points": 100}
    spent = world.do("Redeem", args, "harbor", member="alice")["redemption"]
    back = {"redemption_id": spent["redemption_id"]}
    assert tried(world.fork(), "Refund", back, "harbor", shard=4) == "OK"
    cut(world)
    assert tried(world, "Refund", back, "harbor") == "CAP_EXCEEDED"
    assert spend(world, 40) == "OK"
    assert tried(world, "Refund", {**back, "points": 40}, "harbor") == "OK", "as much as was redeemed in the lane since"
    assert tried(world, "Refund", {**back, "points": 1}, "harbor") == "CAP_EXCEEDED"
    assert unpaid(world)["harbor"] == 0


@pytest.mark.parametrize("relay", ["northstar", "harbor"])
def test_a_hold_is_honoured_when_the_limit_is_set_to_nothing(relay: str) -> None:
    """Its cover stands until it is paid, in whichever window it is captured; nothing else is added."""
    world = funded({"north": 500})
    assert reserve(world, 20, relay, shard=1) == "OK"
    (hold_id,) = (key.removeprefix("hold/") for key, _ in View(world.state).range("hold/"))
    world.do("SetLimits", {"issuer_msp": "northstar", "limits": grants("northstar", 0, 200_000, "harbor")}, "northstar")
    less = {"issuer_msp": "northstar", "limits": grants("northstar", 0, 199_999, "harbor")}
    assert tried(world, "SetLimits", less, "northstar") == "LIMIT_IN_USE"
    for _ in range(3):
        cut(world)
        assert tried(world, "SetLimits", less, "northstar") == "LIMIT_IN_USE"
        assert spend(world, 1) == "CAP_EXCEEDED"
        assert reserve(world, 1, relay) == "CAP_EXCEEDED"
    assert tried(world, "Capture", {"hold_id": hold_id}, "harbor") == "OK"
    assert unpaid(world)["northstar"] == 200_000
    assert tried(world, "SetLimits", less, "northstar") == "LIMIT_IN_USE"
    for window_id in (1, 2, 3):
        pay(world, window_id)
    assert tried(world, "SetLimits", less, "northstar") == "LIMIT_IN_USE"
    pay(world, cut(world))
    assert tried(world, "SetLimits", less, "northstar") == "OK"
    assert sound(world)
