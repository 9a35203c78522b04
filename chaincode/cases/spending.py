"""Cases of spending: redemptions, refunds, exchanges and holds."""

from __future__ import annotations

from typing import Any

from chaincode.cases.case import OK, Case, Cases
from chaincode.cases.world import (
    ALICE,
    BOB,
    CAP,
    DAY,
    OPERATOR,
    PEOPLE,
    REFUND_DAYS,
    Speaker,
    World,
    class_args,
    funded,
    grants,
    hoard,
    issue,
    sliced,
    standard,
)
from chaincode.spec.kernel import limits
from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.exposure import lane_gross_max

ALL = ["north", "harbor", "lotus"]


def cases() -> list[Case]:
    """All of them."""
    return [*_redeem(), *_refund(), *_exchange(), *_hold(), *_capture(), *_release()]


def _args(points: int, *class_ids: str, at: str = "harbor") -> dict[str, object]:
    return {"acceptor_msp": at, "class_ids": list(class_ids or ALL), "order_ref": "order 7", "points": points}


def _status(world: World, msp_id: str, status: str) -> World:
    other = world.fork()
    other.put_in(msp_id, status)
    return other


def _last_second(world: World, msp_id: str = "northstar") -> World:
    """The last second of the last day of a merchant's run-off."""
    other = world.fork()
    other.let_run_off(msp_id)
    return other.later(days=limits.RUN_OFF_DAYS_MIN, seconds=11 * 3600 - 1)


def _cut_and_back(world: World) -> World:
    """A window was opened a little ahead of the clock."""
    other = world.fork().later(seconds=10)
    other.do("CutWindow", {"window_id": 1}, OPERATOR)
    other.now -= 10
    return other


def _unlimited(world: World) -> World:
    other = world.fork()
    for issuer in ("northstar", "lotus"):
        sliced(other, limits.INTEGER_MAX, CAP, issuer=issuer)
    return other


def _redeem() -> list[Case]:
    c = Cases("redeem", "Redeem", "harbor", "alice")
    world = standard()
    for class_id in ALL:
        issue(world, class_id, 50)
    c(
        "plain",
        "All classes alike: same day, so in the order of their naming.",
        world,
        _args(120),
        expect=lambda r: (
            [(d["class_id"], d["points"]) for d in r["redemption"]["draws"]]
            == [("north", 50), ("harbor", 50), ("lotus", 20)]
            and r["redemption"]["value_millionths"] == 50 * 8_000 + 50 * 10_000 + 20 * 12_500
        ),
    )
    c("own_only", "The acceptor's own points make no obligation.", world, _args(50, "harbor"))
    c("other_shard", "In another lane.", world, _args(120), shard=1)
    c("all", "All there is.", world, _args(150))
    c("past", "One more.", world, _args(151), "INSUFFICIENT_POINTS")
    c(
        "named_otherwise",
        "The classes in another order.",
        world,
        _args(120, "lotus", "harbor", "north"),
        expect=lambda r: [d["class_id"] for d in r["redemption"]["draws"]] == ["lotus", "harbor", "north"],
    )
    earlier = world.fork()
    earlier.do("UpdateClass", {"class_id": "lotus", "validity": {"days": 364, "kind": "DAYS"}}, "lotus")
    issue(earlier, "lotus", 5)
    c(
        "earliest_first",
        "A class named last, but with an earlier last day.",
        earlier,
        _args(60),
        expect=lambda r: (
            [(d["class_id"], d["expires_on"], d["points"]) for d in r["redemption"]["draws"]]
            == [("lotus", "2027-02-28", 5), ("north", "2027-03-01", 50), ("harbor", "2027-03-01", 5)]
        ),
    )
    c("expired", "What has expired goes while the rest is spent.", earlier.fork().later(days=365), _args(60))
    c("before_window", "Dated before the window.", _cut_and_back(world), _args(10), "TIME_BEFORE_WINDOW")
    c("relayed_by_another", "Only the acceptor may relay.", world, _args(10), "NOT_ACCEPTOR", speaker="lotus")
    c(
        "order_window_before_acceptor",
        "Too early, and relayed by another.",
        _cut_and_back(world),
        _args(10),
        "TIME_BEFORE_WINDOW",
        speaker="lotus",
    )
    c("acceptor_unknown", "At no merchant.", world, _args(10, at="nobody"), "UNKNOWN_MERCHANT", speaker="nobody")
    c(
        "acceptor_run_off",
        "At a merchant that does not accept.",
        _status(world, "harbor", "RUN_OFF"),
        _args(10),
        "MERCHANT_NOT_ACTIVE",
    )
    c(
        "acceptor_stopped",
        "A merchant that may not issue may accept.",
        _status(world, "harbor", "ISSUE_STOPPED"),
        _args(10),
    )
    c("unknown_class", "An unknown class.", world, _args(10, "north", "tea"), "UNKNOWN_CLASS")
    picky = world.fork()
    picky.do("UpdateClass", {"accepted_by": ["lotus"], "class_id": "north"})
    c("not_accepted", "A class that is not taken here.", picky, _args(10), "NOT_ACCEPTED")
    c("order_unknown_before_accepted", "One unknown, one not taken.", picky, _args(10, "north", "tea"), "UNKNOWN_CLASS")
    c(
        "issuer_suspended",
        "Points of a suspended issuer.",
        _status(world, "northstar", "SUSPENDED"),
        _args(10),
        "ISSUER_NOT_HONOURED",
    )
    c(
        "issuer_run_off",
        "Points of an issuer in run-off can be spent.",
        _status(world, "northstar", "RUN_OFF"),
        _args(10, "north"),
    )
    ending = _last_second(world)
    c("run_off_last_second", "In the last second of the issuer's last day.", ending, _args(10, "north"))
    over = ending.later(seconds=1)
    c("run_off_over", "A second later they are not honoured.", over, _args(10, "north"), "ISSUER_NOT_HONOURED")
    c("run_off_over_others", "Points of others are.", over, _args(10, "lotus"))
    frozen = world.fork()
    frozen.do("SetMemberStatus", {"address": ALICE, "status": "FROZEN"})
    c("frozen", "A frozen member.", frozen, _args(10), "MEMBER_NOT_ACTIVE")
    c("order_member_before_points", "Frozen, and too much.", frozen, _args(1000), "MEMBER_NOT_ACTIVE")
    c("no_points", "An account without points.", world, _args(1), "INSUFFICIENT_POINTS", member="carol")
    last = world.fork().later(days=365)
    c("last_day", "On the last day.", last, _args(150))
    c("day_after", "The day after.", last.fork().later(days=1), _args(1), "INSUFFICIENT_POINTS")
    capped = standard()
    sliced(capped, 1_000_000, 2_000_000)
    issue(capped, "north", 1000)
    c("cap_at", "Up to the cap.", capped, _args(100, "north"))
    c("cap_past", "One point past the cap.", capped, _args(101, "north"), "CAP_EXCEEDED")
    used = capped.fork()
    spent = used.do("Redeem", _args(60, "north"), "harbor", member="alice")["redemption"]
    c("cap_used_at", "Up to what is left of the cap.", used, _args(40, "north"))
    c("cap_used_past", "One point more.", used, _args(41, "north"), "CAP_EXCEEDED")

    def redeem(request_id: str, points: int, *classes: str) -> Json:
        return used.entry("Redeem", _args(points, *classes), member="alice", request_id=request_id)

    c.batch(
        "cap_after_a_refusal",
        "What is refused for the cap leaves the position as it was for the next of the batch.",
        used,
        [redeem("r1", 41, "north"), redeem("r2", 40, "north")],
    )
    issue(used, "lotus", 50, request_id="a")
    c.batch(
        "position_after_a_refusal",
        "Booked with one issuer and refused by the next one's cap: neither position keeps it for the next of the batch.",
        used,
        [redeem("r1", 91, "lotus", "north"), redeem("r2", 10, "lotus")],
        expect=lambda r: r["redemption"]["value_millionths"] == 10 * 12_500,
    )
    held = capped.fork()
    held.do("Hold", _hold_args(held, 60, class_ids=["north"]), "harbor", member="alice")
    c("reserved_at", "Up to what a hold in the lane has left.", held, _args(40, "north"))
    c("reserved_past", "One point more.", held, _args(41, "north"), "CAP_EXCEEDED")
    guest = capped.fork()
    guest.do("Hold", _hold_args(guest, 60, class_ids=["north"]), "lotus", member="alice")
    c("guests_reserved", "A hold that another relays takes nothing of the lanes.", guest, _args(100, "north"))
    covered = capped.fork()
    sliced(covered, 3_000_000, 2_000_000)
    c("cover_at", "Up to the cover.", covered, _args(200, "north"))
    c("cover_past", "One point past the cover.", covered, _args(201, "north"), "COVER_EXCEEDED")
    c("order_cap_before_cover", "Past both.", covered, _args(301, "north"), "CAP_EXCEEDED")
    for name, points, code in (("at", 100, OK), ("past", 101, "WINDOW_FULL")):
        c(
            f"full_{name}",
            "The most that a lane redeems in a window.",
            _gross(covered, 100),
            _args(points, "north"),
            code,
        )
    reserving = _gross(covered, 150)
    reserving.do("Hold", _hold_args(world, 100, class_ids=["north"]), "harbor", member="alice")
    for name, points, code in (("at", 50, OK), ("past", 51, "WINDOW_FULL")):
        c(f"full_beside_a_hold_{name}", "What a hold has left of it.", reserving, _args(points, "north"), code)
    c("order_cap_before_full", "Past the cap and the window.", _gross(capped, 0), _args(101, "north"), "CAP_EXCEEDED")
    fuller = _gross(covered, 0)
    c("order_cover_before_full", "Past the cover and the window.", fuller, _args(201, "north"), "COVER_EXCEEDED")
    following = _gross(covered, 0).later(seconds=1)
    following.do("CutWindow", {"window_id": 1}, OPERATOR)
    c("full_next_window", "The next window takes it.", following, _args(100, "north"))
    c("no_slice", "A lane without a slice.", capped, _args(1, "north"), "CAP_EXCEEDED", shard=7)
    fresh = used.fork().later(seconds=1)
    fresh.do("CutWindow", {"window_id": 1}, OPERATOR)
    c("cap_in_a_new_window", "What a window before owes and has not paid still counts.", fresh, _args(40, "north"))
    c("cap_in_a_new_window_past", "One point more.", fresh, _args(41, "north"), "CAP_EXCEEDED")
    back = fresh.fork()
    back.do("Refund", {"redemption_id": spent["redemption_id"]}, "harbor")
    c("refunded_later_at", "A refund makes room in its own window alone.", back, _args(100, "north"))
    c("refunded_later_past", "One point more.", back, _args(101, "north"), "CAP_EXCEEDED")
    sliced(back, 0, 2_000_000)
    c("nothing_added_at", "What refunds outweigh adds nothing: no limit is asked.", back, _args(60, "north"))
    c("nothing_added_past", "One point more.", back, _args(61, "north"), "CAP_EXCEEDED")
    many = standard()
    for class_id in ("c0", "c1", "c2"):
        many.do("DefineClass", class_args(class_id, 0))
        hoard(many, class_id, ALICE, 256)
    c("draws_at_limit", "As many draws as may be.", many, _args(512, "c0", "c1", "c2"))
    c("draws_past_limit", "One more.", many, _args(513, "c0", "c1", "c2"), "TOO_MANY_BUCKETS")
    rich = _unlimited(standard())
    issue(rich, "north", limits.INTEGER_MAX)
    c("overflow", "A value past the range.", rich, _args(limits.INTEGER_MAX, "north"), "OVERFLOW")
    c("classes_twice", "A class named twice.", world, _args(1, "north", "north"), "INVALID_ARGUMENT")
    names = [f"n{number}" for number in range(limits.CLASSES_PER_REDEMPTION_MAX + 1)]
    c("classes_at_limit", "As many classes as may be, all unknown.", world, _args(1, *names[:-1]), "UNKNOWN_CLASS")
    c("classes_past_limit", "One more.", world, _args(1, *names), "INVALID_ARGUMENT")
    client = Speaker("harbor", "", PEOPLE["alice"].public_key)
    c(
        "own_client",
        "A Fabric client of her own is not the acceptor's consent.",
        world,
        _args(10),
        "ROLE_REQUIRED",
        member="",
        speaker=client,
    )
    spent = world.fork()
    spent.do("Redeem", _args(10), "harbor", member="alice", request_id="r1")
    c("id_reused", "Another redemption under the same id.", spent, _args(20), "REQUEST_ID_REUSED")
    late = spent.fork().later(days=30)
    c("id_reused_late", "A redemption is remembered as long as it stands.", late, _args(20), "REQUEST_ID_REUSED")
    c("repeated_late", "And repeated.", late, _args(10), expect=lambda r: r["repeated"])
    first = spent.entry("Redeem", _args(10), member="alice")
    swept = spent.fork().later(days=REFUND_DAYS + 2)
    swept.do("Sweep", {"redemptions": [f"{ALICE}/r1"]})
    c("after_a_sweep", "Its name is free again.", swept, _args(20), expect=lambda r: r["redemption"]["points"] == 20)
    c.batch("after_a_sweep_sent_again", "What she signed then is long over.", swept, [first], "REQUEST_EXPIRED")
    back = world.fork()
    back.do("Redeem", _args(10), "harbor", member="alice", request_id="r1")
    back.do("Refund", {"points": 4, "redemption_id": f"{ALICE}/r1"}, "harbor")
    c(
        "repeated_after_a_refund",
        "Its transaction is told.",
        back,
        _args(10),
        expect=lambda r: r["repeated"],
    )
    transfer = back.entry(
        "Transfer", {"class_id": "north", "recipients": [{"address": BOB, "points": 1}]}, member="alice"
    )
    c.batch("id_about_another", "A transfer under the redemption's id: it is about a balance.", back, [transfer])
    return c.found


def _redeemed(points: int = 120) -> World:
    world = standard()
    for class_id in ALL:
        issue(world, class_id, 50)
    world.do("Redeem", _args(points), "harbor", member="alice", request_id="shop")
    return world


def _gross(world: World, points: int) -> World:
    """The world with northstar's lane 0 at harbor so full that it takes so many further points of north, either way."""
    other = world.fork()
    gross = lane_gross_max(10_000) - 10_000 * points
    position = {"adjusted_millionths": 0, "redeemed_millionths": gross, "refunded_millionths": gross}
    other.state.commit({"position/00000001/northstar/harbor/00": encode(position)})
    return other


def _refund() -> list[Case]:
    c = Cases("refund", "Refund", "harbor")
    shop = f"{ALICE}/shop"
    c("plain", "Whole.", _redeemed(), {"redemption_id": shop}, expect=lambda r: r["points"] == 120)
    c(
        "part",
        "A part: what was drawn last comes back first.",
        _redeemed(),
        {"points": 30, "redemption_id": shop},
        expect=lambda r: [(x["class_id"], x["points"]) for x in r["returned"]] == [("lotus", 20), ("harbor", 10)],
    )
    part = _redeemed()
    part.do("Refund", {"points": 30, "redemption_id": shop}, "harbor")
    c("rest", "The rest.", part, {"redemption_id": shop}, expect=lambda r: r["points"] == 90)
    c("rest_at_limit", "The rest, said in points.", part, {"points": 90, "redemption_id": shop})
    c("rest_past", "One more.", part, {"points": 91, "redemption_id": shop}, "REFUND_EXCEEDS_REDEMPTION")
    done = part.fork()
    done.do("Refund", {"redemption_id": shop}, "harbor")
    c("nothing_left", "Nothing is left.", done, {"redemption_id": shop}, "REFUND_EXCEEDS_REDEMPTION")
    later = _redeemed().later(days=1)
    later.do("CutWindow", {"window_id": 1}, OPERATOR)
    c(
        "next_window",
        "In the next window: the obligation falls there.",
        later,
        {"redemption_id": shop},
        expect=lambda r: r["window_id"] == 2,
    )
    c("other_shard", "In another lane: booked in the redemption's.", _redeemed(), {"redemption_id": shop}, shard=1)
    for name, granted in (("at", 500_000), ("past", 499_999)):
        owing = _redeemed().later(days=1)
        owing.do("CutWindow", {"window_id": 1}, OPERATOR)
        sliced(owing, 500_000, granted, limits.REFUND_SHARD, "harbor", "northstar")
        code = OK if name == "at" else "COVER_EXCEEDED"
        c(f"next_window_{name}", "The acceptor's limit for the issuer.", owing, {"redemption_id": shop}, code)
    sliced(owing, 499_999, 500_000, limits.REFUND_SHARD, "harbor", "northstar")
    c("next_window_cap", "One millionth past the cap.", owing, {"redemption_id": shop}, "CAP_EXCEEDED")
    issue(owing, "north", 1)
    owing.do("Redeem", _args(1, "north"), "harbor", member="alice")
    c("next_window_sold", "What was redeemed since makes room.", owing, {"redemption_id": shop})
    for name, points, code in (("at", 99, OK), ("past", 100, "WINDOW_FULL")):
        full_lane = funded()
        full_lane.do("Redeem", _args(100, "north"), "harbor", member="alice", request_id="shop")
        c(
            f"full_{name}",
            "The most that a lane refunds in a window.",
            _gross(full_lane, 99),
            {"points": points, "redemption_id": shop},
            code,
        )
    following = _gross(_redeemed(), 0).later(seconds=1)
    following.do("CutWindow", {"window_id": 1}, OPERATOR)
    c("full_next_window", "The next window takes it.", following, {"redemption_id": shop})
    short = standard()
    short.do("UpdateClass", {"class_id": "north", "validity": {"days": 30, "kind": "DAYS"}})
    issue(short, "north", 50)
    short.do("Redeem", _args(50, "north"), "harbor", member="alice", request_id="shop")
    c("expired", "What has expired meanwhile comes back expired.", short.later(days=60), {"redemption_id": shop})
    last = _redeemed().later(days=REFUND_DAYS, seconds=11 * 3600 - 1)
    c("last_day", "In the last second of the last of the refund days.", last, {"redemption_id": shop})
    late = last.fork().later(seconds=1)
    c("day_after", "A second later they are over.", late, {"redemption_id": shop}, "NOT_REFUNDABLE")
    more = {"points": 121, "redemption_id": shop}
    c("order_late_before_more", "Too late, and too many: the first code.", late, more, "NOT_REFUNDABLE")
    gone = _status(late.fork(), "harbor", "EXITED")
    whole = {"redemption_id": shop}
    c("order_exited_before_late", "By one that has left, too late.", gone, whole, "MERCHANT_NOT_ACTIVE")
    done_in_time = last.fork()
    done_in_time.do("Refund", {"redemption_id": shop}, "harbor", request_id="r1")
    done_in_time.later(seconds=1)
    c(
        "repeated_late",
        "It was in time; sent again it is repeated.",
        done_in_time,
        whole,
        expect=lambda r: r["repeated"],
    )
    swept = _redeemed().later(days=REFUND_DAYS + 2)
    swept.do("Sweep", {"redemptions": [shop]})
    c("swept", "Nobody knows it any more.", swept, {"redemption_id": shop}, "UNKNOWN_REDEMPTION")
    lasting = standard()
    lasting.do("UpdateClass", {"class_id": "north", "validity": {"kind": "NEVER"}})
    issue(lasting, "north", 50, request_id="n")
    lasting.do("Redeem", _args(20), "harbor", member="alice", request_id="shop")
    c("never", "What never expires comes back so.", lasting, {"points": 5, "redemption_id": shop})
    c(
        "before_window",
        "Dated before the window.",
        _cut_and_back(_redeemed()),
        {"redemption_id": shop},
        "TIME_BEFORE_WINDOW",
    )
    c("unknown", "No such redemption.", _redeemed(), {"redemption_id": f"{ALICE}/other"}, "UNKNOWN_REDEMPTION")
    c("by_another", "By another merchant.", _redeemed(), {"redemption_id": shop}, "NOT_ACCEPTOR", speaker="lotus")
    c(
        "suspended",
        "A suspended merchant may refund.",
        _status(_redeemed(), "harbor", "SUSPENDED"),
        {"redemption_id": shop},
    )
    c(
        "exited",
        "A merchant that has left may not.",
        _status(_redeemed(), "harbor", "EXITED"),
        {"redemption_id": shop},
        "MERCHANT_NOT_ACTIVE",
    )
    ending = _last_second(_redeemed())
    c("issuer_last_second", "In the last second of an issuer's run-off.", ending, whole)
    over = ending.later(seconds=1)
    c("issuer_over", "A second later its points could never be spent again.", over, whole, "ISSUER_NOT_HONOURED")
    c("issuer_over_part", "Those of the others come back.", over, {"points": 20, "redemption_id": shop})
    c("order_over_after_more", "Over, and too many.", over, more, "REFUND_EXCEEDS_REDEMPTION")
    c("issuer_exited", "An issuer has left.", _status(_redeemed(), "northstar", "EXITED"), whole, "ISSUER_NOT_HONOURED")
    c("issuer_suspended", "One that is suspended can come back.", _status(_redeemed(), "northstar", "SUSPENDED"), whole)
    own = _last_second(_redeemed(), "harbor")
    c("run_off_last_second", "By the acceptor, in the last second of its run-off.", own, whole)
    c(
        "run_off_over",
        "A second later it makes no entries any more.",
        own.fork().later(seconds=1),
        whole,
        "MERCHANT_NOT_ACTIVE",
    )
    exchanged = _with_rate(funded())
    exchanged.do(
        "Exchange",
        _swap(exchanged, 100),
        "harbor",
        member="alice",
        request_id="swap",
    )
    c("exchange", "An exchange cannot be refunded.", exchanged, {"redemption_id": f"{ALICE}/swap"}, "NOT_REFUNDABLE")
    full = _redeemed()
    hoard(full, "north", ALICE, limits.BUCKETS_PER_BALANCE_MAX)
    c("full", "No place for the last day to come back to.", full, {"redemption_id": shop}, "TOO_MANY_BUCKETS")
    wrapped = _redeemed()
    key = "supply/north/harbor/00"
    wrapped.state.commit(
        {key: wrapped.state.values[key].replace(b'"restored":0', b'"restored":%d' % limits.INTEGER_MAX)}
    )
    c("overflow", "A counter would leave its range.", wrapped, {"redemption_id": shop}, "OVERFLOW")
    return c.found


def _with_rate(world: World, numerator: int = 4, denominator: int = 5) -> World:
    args = {
        "active": True,
        "denominator": denominator,
        "from_class_id": "north",
        "numerator": numerator,
        "to_class_id": "harbor",
    }
    world.do("SetRate", args, "harbor")
    return world


def _swap(world: World, points: int = 101) -> Json:
    """north into harbor, on the terms that there are."""
    return {
        "from_class_id": "north",
        "points": points,
        "rate_version": 1,
        "terms_hash": world.terms("harbor"),
        "to_class_id": "harbor",
    }


def _exchange() -> list[Case]:
    c = Cases("exchange", "Exchange", "harbor", "alice")
    world = _with_rate(funded())
    args = _swap(world)
    c(
        "plain",
        "101 give 80, rounded down, issued under a name with hers before it.",
        world,
        args,
        expect=lambda r: (
            r["issuance"]["points"] == 80
            and r["issuance"]["issuance_id"] == f"{ALICE}/r1.0"
            and r["redemption"]["value_millionths"] == 1_010_000
        ),
    )
    done = world.fork()
    done.do("Exchange", args, "harbor", member="alice", request_id="r1")
    c(
        "repeated",
        "Its transaction is told.",
        done,
        args,
        expect=lambda r: r["repeated"],
    )
    c("before_window", "Dated before the window.", _cut_and_back(world), args, "TIME_BEFORE_WINDOW")
    c("unknown_to", "An unknown class to receive.", world, {**args, "to_class_id": "tea"}, "UNKNOWN_CLASS")
    c("unknown_from", "An unknown class to give.", world, {**args, "from_class_id": "tea"}, "UNKNOWN_CLASS")
    c("relayed_by_another", "Relayed by another.", world, args, "NOT_ACCEPTOR", speaker="northstar")
    c(
        "issuer_stopped",
        "The issuer may not issue.",
        _status(world, "harbor", "ISSUE_STOPPED"),
        args,
        "MERCHANT_NOT_ACTIVE",
    )
    stopped = world.fork()
    stopped.do("UpdateClass", {"class_id": "harbor", "status": "STOPPED"}, "harbor")
    c("class_stopped", "No new points of the class.", stopped, args, "CLASS_STOPPED")
    picky = world.fork()
    picky.do("UpdateClass", {"accepted_by": ["lotus"], "class_id": "north"})
    c("not_accepted", "Points that are not taken there.", picky, args, "NOT_ACCEPTED")
    c(
        "given_not_honoured",
        "Points of a suspended issuer.",
        _status(world, "northstar", "SUSPENDED"),
        args,
        "ISSUER_NOT_HONOURED",
    )
    c("no_rate", "No rate.", world, {**args, "from_class_id": "lotus"}, "NO_RATE")
    ended = world.fork()
    ended.do(
        "SetRate",
        {"active": False, "denominator": 5, "from_class_id": "north", "numerator": 4, "to_class_id": "harbor"},
        "harbor",
    )
    c("rate_ended", "The rate has ended.", ended, args, "NO_RATE")
    changed = _with_rate(world.fork(), 3)
    c("rate_changed", "The rate has another version.", changed, args, "RATE_CHANGED")
    for name, change in (
        ("validity", {"validity": {"days": 0, "kind": "DAYS"}}),
        ("transferable", {"transferable": False}),
        ("accepted_by", {"accepted_by": []}),
        ("enrolled_only", {"enrolled_only": True}),
    ):
        other = world.fork()
        other.do("UpdateClass", {"class_id": "harbor", **change}, "harbor")
        c(f"terms_{name}", f"Its issuer changed {name} after the signature.", other, args, "TERMS_CHANGED")
        c(f"terms_{name}_seen", "Signed on the new terms.", other, _swap(other))
    renamed = world.fork()
    changes = {
        "category": "x",
        "class_id": "harbor",
        "earn_rate": {"amount_minor": 100, "points": 9, "rounding": "DOWN"},
        "name": "x",
    }
    renamed.do("UpdateClass", changes, "harbor")
    c("terms_alike", "Another name is not another term.", renamed, args)
    c("order_rate_before_terms", "Neither fits.", changed, {**args, "terms_hash": "0" * 64}, "RATE_CHANGED")
    enrolled = world.fork()
    enrolled.do("UpdateClass", {"class_id": "harbor", "enrolled_only": True}, "harbor")
    c("enrolled_only", "A class for members, to none.", enrolled, _swap(enrolled), "NOT_ENROLLED", member="carol")
    c("order_terms_before_enrolled", "Other terms, and no member.", enrolled, args, "TERMS_CHANGED", member="carol")
    frozen = world.fork()
    frozen.do("SetMemberStatus", {"address": ALICE, "status": "FROZEN"})
    c("frozen", "A frozen member.", frozen, args, "MEMBER_NOT_ACTIVE")
    c("all", "All there is.", world, {**args, "points": 500})
    c("past", "One more.", world, {**args, "points": 501}, "INSUFFICIENT_POINTS")
    c("too_small", "1 gives less than 1.", world, {**args, "points": 1}, "AMOUNT_TOO_SMALL")
    c("small", "2 give 1.", world, {**args, "points": 2}, expect=lambda r: r["issuance"]["points"] == 1)
    past = world.fork()
    past.do("UpdateClass", {"class_id": "harbor", "validity": {"date": "2026-02-28", "kind": "DATE"}}, "harbor")
    c("date_passed", "The class's date has passed.", past, _swap(past), "EXPIRES_BEFORE_AVAILABLE")
    spent = world.fork()
    spent.do("Redeem", _args(10), "harbor", member="alice", request_id="r1")
    c("id_reused", "The id is a purchase's.", spent, args, "REQUEST_ID_REUSED")
    full = world.fork()
    hoard(full, "harbor", ALICE, limits.BUCKETS_PER_BALANCE_MAX)
    c("full", "No place for another last day.", full, args, "TOO_MANY_BUCKETS")
    capped = world.fork()
    sliced(capped, 1_000_000, 900_000)
    c("cap", "Past the cap.", capped, args, "CAP_EXCEEDED")
    c("window_full", "The lane's window is full.", _gross(world, 0), args, "WINDOW_FULL")
    c("cover", "Past the cover.", capped, {**args, "points": 91}, "COVER_EXCEEDED")
    rich = standard()
    _with_rate(rich, 1_000_000_000, 1)
    issue(rich, "north", 10_000_000)
    c("overflow", "More points than readers keep exact.", rich, {**args, "points": 9_007_200}, "OVERFLOW")
    return c.found


def _hold_args(world: World, points: int = 120, **changes: object) -> dict[str, object]:
    return {**_args(points), "expires_at": world.now + DAY, **changes}


def _hold() -> list[Case]:
    c = Cases("hold", "Hold", "lotus", "alice")
    world = funded()
    c(
        "plain",
        "120 points for the harbor, relayed by another.",
        world,
        _hold_args(world),
        expect=lambda r: r["hold"]["status"] == "RESERVED",
    )
    c("all", "All there is.", world, _hold_args(world, 1500))
    c("past", "One more.", world, _hold_args(world, 1501), "INSUFFICIENT_POINTS")
    held = world.fork()
    held.do("Hold", _hold_args(world, 1400), "lotus", member="alice")
    c("second", "What another hold has not pinned.", held, _hold_args(world, 100))
    c("second_past", "One more.", held, _hold_args(world, 101), "INSUFFICIENT_POINTS")
    c("longest", "As long as may be.", world, _hold_args(world, expires_at=world.now + limits.HOLD_DAYS_MAX * DAY))
    c(
        "too_long",
        "A second longer.",
        world,
        _hold_args(world, expires_at=world.now + limits.HOLD_DAYS_MAX * DAY + 1),
        "HOLD_TOO_LONG",
    )
    c("shortest", "A second.", world, _hold_args(world, expires_at=world.now + 1))
    c("over_already", "Not even that.", world, _hold_args(world, expires_at=world.now), "HOLD_TOO_LONG")
    c(
        "order_points_before_time",
        "Too much, and too long.",
        world,
        _hold_args(world, 1501, expires_at=world.now),
        "INSUFFICIENT_POINTS",
    )
    c("acceptor_unknown", "For no merchant.", world, _hold_args(world, acceptor_msp="nobody"), "UNKNOWN_MERCHANT")
    c(
        "acceptor_suspended",
        "For a suspended one.",
        _status(world, "harbor", "SUSPENDED"),
        _hold_args(world),
        "MERCHANT_NOT_ACTIVE",
    )
    c("unknown_class", "An unknown class.", world, _hold_args(world, class_ids=["tea"]), "UNKNOWN_CLASS")
    picky = world.fork()
    picky.do("UpdateClass", {"accepted_by": ["lotus"], "class_id": "north"})
    c("not_accepted", "A class that is not taken there.", picky, _hold_args(world), "NOT_ACCEPTED")
    c(
        "issuer_suspended",
        "Points of a suspended issuer.",
        _status(world, "northstar", "SUSPENDED"),
        _hold_args(world),
        "ISSUER_NOT_HONOURED",
    )
    frozen = world.fork()
    frozen.do("SetMemberStatus", {"address": ALICE, "status": "FROZEN"})
    c("frozen", "A frozen member.", frozen, _hold_args(world), "MEMBER_NOT_ACTIVE")
    many = standard()
    for class_id in ("c0", "c1", "c2"):
        many.do("DefineClass", class_args(class_id, 0))
        hoard(many, class_id, ALICE, 256)
    c(
        "pins_past_limit",
        "Too many last days to pin.",
        many,
        _hold_args(many, 513, class_ids=["c0", "c1", "c2"]),
        "TOO_MANY_BUCKETS",
    )
    standing = world.fork()
    standing.do("Hold", _hold_args(world, expires_at=world.now + 30 * DAY), "lotus", member="alice", request_id="r1")
    standing.later(days=20)
    c("id_reused", "A hold is remembered as long as it stands.", standing, _hold_args(standing), "REQUEST_ID_REUSED")
    c("before_window", "Dated before the window.", _cut_and_back(world), _hold_args(world), "TIME_BEFORE_WINDOW")
    guests = limits.GUEST_SHARD
    one = world.fork()
    sliced(one, 1_200_000, shard=guests)
    north: dict[str, Any] = {"class_ids": ["north"]}
    c("cap_at_limit", "The last of the guests' room.", one, _hold_args(world, **north))
    c("cap", "One point more.", one, _hold_args(world, 121, **north), "CAP_EXCEEDED")
    c(
        "order_time_before_cap",
        "Past the cap, and too long.",
        one,
        _hold_args(world, 121, **north, expires_at=world.now),
        "HOLD_TOO_LONG",
    )
    covered = world.fork()
    sliced(covered, 1_300_000, shard=guests, cover=1_209_999)
    c("cover", "Within the cap, past the cover.", covered, _hold_args(world, 121, **north), "COVER_EXCEEDED")
    taken = one.fork()
    taken.do("Hold", _hold_args(world, 20, **north), "lotus", member="alice")
    c("after_another", "What another hold has left of the room.", taken, _hold_args(world, 100, **north))
    c("after_another_past", "One point more.", taken, _hold_args(world, 101, **north), "CAP_EXCEEDED")
    c(
        "in_a_lane",
        "The acceptor itself makes it, in a lane: the room is the lane's.",
        one,
        _hold_args(world, 500, **north),
        speaker="harbor",
        shard=1,
        expect=lambda r: r["hold"]["shard"] == 1,
    )
    lane = world.fork()
    sliced(lane, 1_200_000, shard=1)
    lane.do("Redeem", _args(20, "north"), "harbor", member="alice", shard=1)
    c("lane_at_limit", "The last of a lane's room.", lane, _hold_args(world, 100, **north), speaker="harbor", shard=1)
    c("lane_past", "More.", lane, _hold_args(world, 101, **north), "CAP_EXCEEDED", speaker="harbor", shard=1)
    for name, points, code in (("at", 100, OK), ("past", 101, "WINDOW_FULL")):
        described = "The most that a lane redeems in a window, for which a hold keeps room too."
        c(f"full_{name}", described, _gross(world, 100), _hold_args(world, points, **north), code, speaker="harbor")
    back = world.fork()
    spent = back.do("Redeem", _args(20, "north"), "harbor", member="alice", shard=1)["redemption"]
    back.do("CutWindow", {"window_id": 1}, OPERATOR)
    sliced(back, 200_000, shard=limits.REFUND_SHARD + 1, issuer="harbor", acceptor="northstar")
    back.do("Refund", {"redemption_id": spent["redemption_id"]}, "harbor", shard=1)
    sliced(back, 1_200_000, shard=1)
    c(
        "credit_past",
        "Refunds in this window are no room.",
        back,
        _hold_args(world, 121, **north),
        "CAP_EXCEEDED",
        speaker="harbor",
        shard=1,
    )
    c("own_points", "Points of the acceptor reserve nothing.", _no_room(world), _hold_args(world, class_ids=["harbor"]))
    c("no_slice", "Without a slice there is no room.", _no_room(world), _hold_args(world, 1, **north), "CAP_EXCEEDED")
    rich = standard()
    rich.do("DefineClass", class_args("gold", limits.UNIT_VALUE_MILLIONTHS_MAX))
    rich.do("Issue", {"address": ALICE, "class_id": "gold", "points": 9_008})
    c("overflow", "Worth more than readers keep exact.", rich, _hold_args(rich, 9_008, class_ids=["gold"]), "OVERFLOW")
    repeated = world.fork()
    entry = repeated.entry("Hold", _hold_args(world), member="alice")
    repeated.do("Hold", entry["args"], "lotus", member="alice", request_id="r1")
    c(
        "repeated",
        "Sent again: the first receipt.",
        repeated,
        entry["args"],
        expect=lambda r: r["repeated"],
    )
    repeated.do("Capture", {"hold_id": f"{ALICE}/r1"}, "harbor")
    c(
        "repeated_captured",
        "Sent again after its capture.",
        repeated,
        entry["args"],
        expect=lambda r: r["repeated"],
    )
    return c.found


def _no_room(world: World) -> World:
    """No slice of northstar's for the harbor was ever set."""
    other = world.fork()
    other.state.commit({key: None for key in other.state.values if key.startswith("limit/northstar/harbor/")})
    return other


def _held(points: int = 120, *, relay: str = "lotus", shard: int = 0) -> World:
    world = standard()
    for class_id in ALL:
        issue(world, class_id, 50)
    world.do("Hold", _hold_args(world, points), relay, member="alice", request_id="till", shard=shard)
    return world


def _held_long() -> World:
    """Points of north are held for two days, beginning on the last but one day of northstar's run-off."""
    world = standard()
    issue(world, "north", 50)
    world.let_run_off("northstar")
    world.later(days=limits.RUN_OFF_DAYS_MIN - 1)
    args = {**_hold_args(world, 20), "class_ids": ["north"], "expires_at": world.now + 2 * DAY}
    world.do("Hold", args, "lotus", member="alice", request_id="till")
    return world


def _capture() -> list[Case]:
    c = Cases("capture", "Capture", "harbor")
    till = f"{ALICE}/till"
    c(
        "plain",
        "Whole.",
        _held(),
        {"hold_id": till},
        expect=lambda r: r["redemption"]["points"] == 120 and r["redemption"]["redemption_id"] == "harbor/r1",
    )
    c(
        "part",
        "A part: the rest is free again.",
        _held(),
        {"hold_id": till, "points": 60},
        expect=lambda r: [d["points"] for d in r["redemption"]["draws"]] == [50, 10],
    )
    c("at_limit", "Whole, said in points.", _held(), {"hold_id": till, "points": 120})
    c("past", "One more than is held.", _held(), {"hold_id": till, "points": 121}, "CAPTURE_EXCEEDS_HOLD")
    c("last_second", "In the last second.", _held().later(days=1), {"hold_id": till})
    c("lapsed", "A second later.", _held().later(days=1, seconds=1), {"hold_id": till}, "HOLD_LAPSED")
    c(
        "order_lapsed_before_amount",
        "Lapsed, and too much.",
        _held().later(days=2),
        {"hold_id": till, "points": 121},
        "HOLD_LAPSED",
    )
    last = standard()
    last.do("UpdateClass", {"class_id": "north", "validity": {"days": 0, "kind": "DAYS"}})
    issue(last, "north", 20)
    last.do("Hold", _hold_args(last, 20), "lotus", member="alice", request_id="till")
    c(
        "expired",
        "The points expired while they were pinned: the hold honours it.",
        last.later(seconds=DAY - 60),
        {"hold_id": till},
    )
    c("unknown", "No such hold.", _held(), {"hold_id": f"{ALICE}/other"}, "UNKNOWN_HOLD")
    c("by_another", "By another merchant.", _held(), {"hold_id": till}, "NOT_ACCEPTOR", speaker="lotus")
    c("before_window", "Dated before the window.", _cut_and_back(_held()), {"hold_id": till}, "TIME_BEFORE_WINDOW")
    c(
        "suspended",
        "By a suspended merchant.",
        _status(_held(), "harbor", "SUSPENDED"),
        {"hold_id": till},
        "MERCHANT_NOT_ACTIVE",
    )
    c(
        "issuer_suspended",
        "Points of an issuer suspended meanwhile.",
        _status(_held(), "northstar", "SUSPENDED"),
        {"hold_id": till},
        "ISSUER_NOT_HONOURED",
    )
    across = _held_long().later(days=1, seconds=11 * 3600 - 1)
    c("run_off_last_second", "In the last second of the issuer's last day.", across, {"hold_id": till})
    late = across.fork().later(seconds=1)
    c("run_off_over", "A second later it is not honoured.", late, {"hold_id": till}, "ISSUER_NOT_HONOURED")
    done = _held()
    done.do("Capture", {"hold_id": till}, "harbor")
    c("again", "Twice.", done, {"hold_id": till}, "HOLD_NOT_RESERVED")
    captured = _held(10)
    captured.do("Capture", {"hold_id": till}, "harbor", request_id="r1")
    captured.do("Hold", _hold_args(captured, 20), "lotus", member="alice", request_id="second")
    second = {"hold_id": f"{ALICE}/second"}
    c("id_reused", "The id made the first hold's redemption.", captured, second, "REQUEST_ID_REUSED")
    for name, shard in (("limit_lowered_to_nothing", limits.GUEST_SHARD), ("lane_lowered_to_nothing", 1)):
        capped = _held(relay="lotus" if shard == limits.GUEST_SHARD else "harbor", shard=1)
        for issuer in ("northstar", "lotus"):
            reserved = 50 * 10_000 if issuer == "northstar" else 20 * 12_500
            capped.do("SetLimits", {"issuer_msp": issuer, "limits": grants(issuer, 0, reserved, "harbor")}, issuer)
        c(name, "The limits were lowered after the hold: it is honoured.", capped, {"hold_id": till})
    c("other_lane", "In another lane than the hold's.", _held(relay="harbor", shard=1), {"hold_id": till}, shard=0)
    moved = _held()
    moved.do("CutWindow", {"window_id": 1}, OPERATOR)
    c(
        "next_window",
        "In a later window than the hold.",
        moved,
        {"hold_id": till},
        expect=lambda r: r["redemption"]["window_id"] == 2,
    )
    wrapped = _held()
    wrapped.state.commit(
        {
            "supply/north/harbor/00": b'{"expired":0,"issued":0,"redeemed_elsewhere":%d,"redeemed_own":0,'
            b'"restored":0,"reversed":0}' % limits.INTEGER_MAX
        }
    )
    c("overflow", "A counter would leave its range.", wrapped, {"hold_id": till}, "OVERFLOW")
    return c.found


def _release() -> list[Case]:
    c = Cases("release", "Release", "harbor")
    args = {"hold_id": f"{ALICE}/till"}
    c("plain", "By the acceptor.", _held(), args, expect=lambda r: r["status"] == "RELEASED")
    c("by_the_member", "By the member, relayed by another.", _held(), args, speaker="northstar", member="alice")
    client = Speaker("northstar", "", PEOPLE["alice"].public_key)
    c("by_her_own_client", "By the member, as a client of her own.", _held(), args, speaker=client)
    c("by_another", "By another merchant.", _held(), args, "NOT_HOLD_PARTY", speaker="lotus")
    c("by_another_member", "By another member.", _held(), args, "NOT_HOLD_PARTY", member="bob")
    late = _held().later(days=1, seconds=limits.DATE_MARGIN_SECONDS)
    c("margin", "In the last second of the margin, by another.", late, args, "NOT_HOLD_PARTY", speaker="lotus")
    c(
        "lapsed",
        "Once the margin is over, by anyone.",
        late.fork().later(seconds=1),
        args,
        speaker="lotus",
        expect=lambda r: r["status"] == "LAPSED",
    )
    c(
        "last_second",
        "In its last second, by the acceptor.",
        _held().later(days=1),
        args,
        expect=lambda r: r["status"] == "RELEASED",
    )
    c(
        "lapsed_by_party",
        "A second after its time, by the acceptor.",
        _held().later(days=1, seconds=1),
        args,
        expect=lambda r: r["status"] == "LAPSED",
    )
    c("in_a_lane", "What a lane reserved, given back in another.", _held(relay="harbor", shard=1), args)
    c("unknown", "No such hold.", _held(), {"hold_id": f"{ALICE}/other"}, "UNKNOWN_HOLD")
    worthless = standard()
    worthless.do("DefineClass", class_args("stamp", 0))
    worthless.do("Issue", {"address": ALICE, "class_id": "stamp", "points": 20})
    for request_id in ("till", "second"):
        stamps = _hold_args(worthless, 10, class_ids=["stamp"])
        worthless.do("Hold", stamps, "harbor", member="alice", request_id=request_id, shard=5)
    c("worthless", "Points worth nothing, in a lane without a slice: they reserve nothing.", worthless, args)
    worthless.do("Release", args, "harbor")
    second = {"hold_id": f"{ALICE}/second"}
    c("worthless_second", "The second of two such.", worthless, second)
    done = _held()
    done.do("Release", args, "harbor")
    c("again", "Twice.", done, args, "HOLD_NOT_RESERVED")
    c("order_ended_before_party", "Ended, and by another.", done, args, "HOLD_NOT_RESERVED", speaker="lotus")
    return c.found
