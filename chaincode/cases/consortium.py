"""Cases of the consortium's, merchants' and classes' operations."""

from __future__ import annotations

from chaincode.cases.case import OK, Case, Cases
from chaincode.cases.world import (
    ADMIN,
    CAP,
    NOW,
    OPERATOR,
    Speaker,
    World,
    class_args,
    consortium_args,
    deposit,
    empty,
    funded,
    grants,
    opened,
    person,
    refill,
    sliced,
    standard,
    told,
)
from chaincode.spec.kernel import limits
from chaincode.spec.kernel.canonical import Json

LAST_DAY = "2026-03-31"
"""The last day of a run-off that is announced at NOW, 30 days ahead."""


def cases() -> list[Case]:
    """All of them."""
    return [
        *_open_consortium(),
        *_register_merchant(),
        *_join_consortium(),
        *_set_merchant_status(),
        *_set_limits(),
        *_refill_limit(),
        *_define_class(),
        *_update_class(),
        *_set_rate(),
    ]


def _open_consortium() -> list[Case]:
    c = Cases("open_consortium", "OpenConsortium")
    c("plain", "Opens window 1.", empty(), consortium_args(), speaker=ADMIN, expect=lambda r: r == {"window_id": 1})
    c("again", "A second time.", opened(), consortium_args(), "CONSORTIUM_OPEN", speaker=ADMIN)
    c(
        "stranger",
        "By an organisation it does not name.",
        empty(),
        consortium_args(),
        "NOT_OPERATOR",
        speaker=Speaker("harbor", "admin"),
    )
    c("told", "The operator that the endorser was told of.", told("operator"), consortium_args(), speaker=ADMIN)
    both = consortium_args(operators=["second", "operator"])
    c("told_of_two", "Two operators, in another order.", told("operator", "second"), both, speaker=ADMIN)
    for name, world, args in (
        ("told_of_another", told("second"), consortium_args()),
        ("told_of_more", told("operator", "second"), consortium_args()),
        ("told_of_fewer", told("operator"), both),
    ):
        c(name, "Other operators than the endorser was told of.", world, args, "OPERATORS_DIFFER", speaker=ADMIN)
    other = consortium_args(network_id="0" * 64)
    c("told_of_another_network", "It is another channel's.", told("operator"), other, "NETWORK_DIFFERS", speaker=ADMIN)
    c("told_of_no_network", "Nobody knows the channel's.", empty(), other, speaker=ADMIN)
    c(
        "order_operators_before_network",
        "Neither is what the endorser was told of.",
        told("second"),
        other,
        "OPERATORS_DIFFER",
        speaker=ADMIN,
    )
    usurper = consortium_args(operators=["harbor"])
    harbor = Speaker("harbor", "admin")
    c("usurper", "An organisation names itself.", told("operator"), usurper, "OPERATORS_DIFFER", speaker=harbor)
    c(
        "order_operator_before_told",
        "It is no operator, and the endorser was told of another.",
        told("second"),
        consortium_args(),
        "NOT_OPERATOR",
        speaker=harbor,
    )
    c(
        "order_open_before_operator",
        "Open already, and not an operator: the first code.",
        opened(),
        consortium_args(),
        "CONSORTIUM_OPEN",
        speaker=Speaker("harbor", "admin"),
    )
    zone = {"name": "Fall", "offsets": [[-5, 0], [0, 3600]]}
    c("two_offsets", "A table with a change.", empty(), consortium_args(time_zone=zone), speaker=ADMIN)
    falling = {"name": "Fall", "offsets": [[5, 0], [5, 3600]]}
    c(
        "offsets_not_rising",
        "Rows must rise.",
        empty(),
        consortium_args(time_zone=falling),
        "INVALID_ARGUMENT",
        speaker=ADMIN,
    )
    for unit, code in ((1, OK), (limits.MINOR_UNIT_MILLIONTHS_MAX, OK), (50_000, "INVALID_ARGUMENT")):
        c(
            f"minor_unit_{unit}",
            "A minor unit is a power of ten, as a currency's is.",
            empty(),
            consortium_args(currency={"code": "CNY", "minor_unit_millionths": unit}),
            code,
            speaker=ADMIN,
        )
    past = {"code": "CNY", "minor_unit_millionths": limits.MINOR_UNIT_MILLIONTHS_MAX * 10}
    c(
        "minor_unit_past_limit",
        "More than the unit itself.",
        empty(),
        consortium_args(currency=past),
        "INVALID_ARGUMENT",
        speaker=ADMIN,
    )
    c(
        "operator_twice",
        "An operator named twice.",
        empty(),
        consortium_args(operators=["operator", "operator"]),
        "INVALID_ARGUMENT",
        speaker=ADMIN,
    )
    return c.found


def _invited() -> World:
    """The standard world, in which aurora is invited."""
    world = standard()
    world.do("RegisterMerchant", {"msp_id": "aurora", "name": "极光茶室"}, ADMIN)
    return world


def _withdrawn() -> World:
    """The same, after the invitation was withdrawn."""
    world = _invited()
    world.do("SetMerchantStatus", {"msp_id": "aurora", "status": "EXITED"}, ADMIN)
    return world


def _full() -> World:
    """A consortium with one place left, in which one has left, and the invitation of another has lapsed."""
    world = opened()
    world.do("RegisterMerchant", {"msp_id": "late", "name": "m"}, ADMIN)
    world.later(days=limits.INVITATION_DAYS, seconds=1)
    world.admit("left")
    world.let_go("left")
    for number in range(limits.MERCHANTS_MAX - 1):
        world.do("RegisterMerchant", {"msp_id": f"m{number:03}", "name": "m"}, ADMIN)
    return world


def _register_merchant() -> list[Case]:
    c = Cases("register_merchant", "RegisterMerchant")
    args = {"msp_id": "aurora", "name": "极光茶室"}
    c(
        "plain",
        "A fourth merchant is invited, for 30 days.",
        standard(),
        args,
        speaker=ADMIN,
        expect=lambda r: (
            r["merchant"]["status"] == "INVITED"
            and r["merchant"]["invited_until"] - r["merchant"]["registered_at"] == 30 * 86_400
        ),
    )
    c("stranger", "By a merchant.", standard(), args, "NOT_OPERATOR", speaker=Speaker("harbor", "admin"))
    c("again", "A merchant twice.", standard(), {"msp_id": "harbor", "name": "x"}, "MERCHANT_EXISTS", speaker=ADMIN)
    lapsing = _invited().later(days=limits.INVITATION_DAYS)
    c("invited", "In the last second of the invitation.", lapsing, args, "MERCHANT_EXISTS", speaker=ADMIN)
    c(
        "lapsed",
        "A second later it is made anew.",
        lapsing.fork().later(seconds=1),
        args,
        speaker=ADMIN,
        expect=lambda r: r["merchant"]["registered_at"] == lapsing.now + 1,
    )
    c("withdrawn", "A withdrawn invitation is made anew.", _withdrawn(), args, speaker=ADMIN)
    left = standard()
    left.let_go("harbor")
    c("left", "One that left.", left, {"msp_id": "harbor", "name": "x"}, "MERCHANT_EXISTS", speaker=ADMIN)
    c(
        "order_operator_before_exists",
        "Not an operator, and the merchant exists.",
        standard(),
        {"msp_id": "harbor", "name": "x"},
        "NOT_OPERATOR",
        speaker=Speaker("harbor", "admin"),
    )
    c(
        "address_as_msp",
        "An MSP id must not look like an address.",
        standard(),
        {"msp_id": person(1).address, "name": "x"},
        "INVALID_ARGUMENT",
        speaker=ADMIN,
    )
    full = _full()
    c("last_place", "Neither who left nor a lapsed invitation has a place.", full, args, speaker=ADMIN)
    over = full.fork()
    over.do("RegisterMerchant", {"msp_id": "zz", "name": "m"}, ADMIN)
    c("no_place", "One merchant too many.", over, args, "TOO_MANY_MERCHANTS", speaker=ADMIN)
    c(
        "order_exists_before_place",
        "Invited already, and no place.",
        over,
        {"msp_id": "zz", "name": "m"},
        "MERCHANT_EXISTS",
        speaker=ADMIN,
    )
    over.do("SetMerchantStatus", {"msp_id": "zz", "status": "EXITED"}, ADMIN)
    c("place_again", "A withdrawn invitation leaves its place.", over, args, speaker=ADMIN)
    return c.found


def _join_consortium() -> list[Case]:
    c = Cases("join_consortium", "JoinConsortium")
    aurora = Speaker("aurora", "admin")
    c(
        "plain",
        "An invited organisation joins.",
        _invited(),
        {},
        speaker=aurora,
        expect=lambda r: (r["merchant"]["status"], r["merchant"]["invited_until"]) == ("ACTIVE", None),
    )
    c("unknown", "By one that nobody invited.", standard(), {}, "UNKNOWN_MERCHANT", speaker=aurora)
    c("by_the_operator", "An operator's word is not the newcomer's.", _invited(), {}, "UNKNOWN_MERCHANT", speaker=ADMIN)
    c("gateway", "Not by the gateway.", _invited(), {}, "ROLE_REQUIRED", speaker="aurora")
    c("unknown_field", "It takes no arguments.", _invited(), {"name": "x"}, "INVALID_ARGUMENT", speaker=aurora)
    c("again", "A second time.", standard(), {}, "MERCHANT_EXISTS", speaker=Speaker("harbor", "admin"))
    left = standard()
    left.let_go("harbor")
    c("left", "By one that left.", left, {}, "MERCHANT_EXISTS", speaker=Speaker("harbor", "admin"))
    c("withdrawn", "The invitation was withdrawn.", _withdrawn(), {}, "STATUS_TRANSITION", speaker=aurora)
    lapsing = _invited().later(days=limits.INVITATION_DAYS)
    c("last_second", "In the last second of the invitation.", lapsing, {}, speaker=aurora)
    late = lapsing.fork().later(seconds=1)
    c("lapsed", "A second later.", late, {}, "INVITATION_LAPSED", speaker=aurora)
    gone = _withdrawn().later(days=limits.INVITATION_DAYS, seconds=1)
    c("order_withdrawn_before_lapsed", "Withdrawn, and lapsed.", gone, {}, "STATUS_TRANSITION", speaker=aurora)
    full = _full()
    full.do("RegisterMerchant", {"msp_id": "aurora", "name": "极光茶室"}, ADMIN)
    c("last_place", "The last place is its own.", full, {}, speaker=aurora)
    # Only a submitter that dates its transaction back meets this: a lapsed invitation whose place has gone.
    late_one = Speaker("late", "admin")
    c("no_place", "Its place is another's now.", full, {}, "TOO_MANY_MERCHANTS", speaker=late_one)
    return c.found


def _status(msp_id: str, status: str, until: str = LAST_DAY) -> Json:
    """Arguments of SetMerchantStatus."""
    return {"msp_id": msp_id, "status": status, **({"run_off_until": until} if status == "RUN_OFF" else {})}


def _set_merchant_status() -> list[Case]:
    c = Cases("set_merchant_status", "SetMerchantStatus")
    c("plain", "A merchant is suspended.", standard(), {"msp_id": "lotus", "status": "SUSPENDED"}, speaker=ADMIN)
    for status in ("ACTIVE", "ISSUE_STOPPED", "SUSPENDED", "RUN_OFF"):
        c(f"to_{status.lower()}", f"To {status}.", standard(), _status("lotus", status), speaker=ADMIN)
    c(
        "stranger",
        "By a merchant.",
        standard(),
        {"msp_id": "lotus", "status": "SUSPENDED"},
        "NOT_OPERATOR",
        speaker=Speaker("harbor", "admin"),
    )
    c(
        "unknown",
        "An unknown merchant.",
        standard(),
        {"msp_id": "nobody", "status": "SUSPENDED"},
        "UNKNOWN_MERCHANT",
        speaker=ADMIN,
    )
    for status in ("ACTIVE", "ISSUE_STOPPED", "SUSPENDED", "RUN_OFF"):
        c(
            f"invited_to_{status.lower()}",
            "Nobody enters by an operator's word.",
            _invited(),
            _status("aurora", status),
            "STATUS_TRANSITION",
            speaker=ADMIN,
        )
    withdrawal = {"msp_id": "aurora", "status": "EXITED"}
    c("withdraw", "An invitation is withdrawn.", _invited(), withdrawal, speaker=ADMIN)
    lapsed = _invited().later(days=limits.INVITATION_DAYS, seconds=1)
    c("withdraw_lapsed", "A lapsed one is withdrawn.", lapsed, withdrawal, speaker=ADMIN)
    c("withdraw_twice", "It was withdrawn before.", _withdrawn(), withdrawal, "STATUS_TRANSITION", speaker=ADMIN)
    c(
        "exit_too_soon",
        "From ACTIVE to EXITED.",
        standard(),
        {"msp_id": "lotus", "status": "EXITED"},
        "STATUS_TRANSITION",
        speaker=ADMIN,
    )
    gone = standard()
    gone.let_go("lotus")
    c(
        "back_from_exit",
        "Nothing leads back.",
        gone,
        {"msp_id": "lotus", "status": "ACTIVE"},
        "STATUS_TRANSITION",
        speaker=ADMIN,
    )
    return [*c.found, *_run_off(), *_exit()]


def _run_off() -> list[Case]:
    c = Cases("set_merchant_status", "SetMerchantStatus")
    for name, until, code in (
        ("at_least", LAST_DAY, OK),
        ("too_near", "2026-03-30", "RUN_OFF_DAY_OUT_OF_RANGE"),
        ("at_most", "2027-03-02", OK),
        ("too_far", "2027-03-03", "RUN_OFF_DAY_OUT_OF_RANGE"),
        ("no_day", "2026-04-31", "INVALID_ARGUMENT"),
    ):
        args = _status("lotus", "RUN_OFF", until)
        c(f"run_off_{name}", f"Announced on 2026-03-01, until {until}.", standard(), args, code, speaker=ADMIN)
    bare = {"msp_id": "lotus", "status": "RUN_OFF"}
    c("run_off_without_day", "No day.", standard(), bare, "INVALID_ARGUMENT", speaker=ADMIN)
    null = {**bare, "run_off_until": None}
    c("run_off_null", "The day is null.", standard(), null, "INVALID_ARGUMENT", speaker=ADMIN)
    for status in ("ACTIVE", "EXITED"):
        day = {"msp_id": "lotus", "run_off_until": LAST_DAY, "status": status}
        c(f"day_with_{status.lower()}", f"A day with {status}.", standard(), day, "INVALID_ARGUMENT", speaker=ADMIN)
    plain = {"msp_id": "lotus", "run_off_until": None, "status": "SUSPENDED"}
    c("day_null", "The day may be null elsewhere.", standard(), plain, speaker=ADMIN)
    harbor = Speaker("harbor", "admin")
    c(
        "order_day_before_operator",
        "By a merchant, without a day.",
        standard(),
        bare,
        "INVALID_ARGUMENT",
        speaker=harbor,
    )
    near = _status("aurora", "RUN_OFF", "2026-03-02")
    c("order_status_before_day", "Invited, and too near.", _invited(), near, "STATUS_TRANSITION", speaker=ADMIN)
    running = standard()
    running.let_run_off("lotus")
    running.later(days=20)
    for name, until, code in (
        ("put_off", "2026-04-10", OK),
        ("same_day", LAST_DAY, OK),
        ("brought_forward", "2026-03-30", "RUN_OFF_DAY_OUT_OF_RANGE"),
        ("put_off_at_most", "2027-03-22", OK),
        ("put_off_too_far", "2027-03-23", "RUN_OFF_DAY_OUT_OF_RANGE"),
    ):
        c(
            f"run_off_{name}",
            f"Twenty days later, until {until}.",
            running,
            _status("lotus", "RUN_OFF", until),
            code,
            speaker=ADMIN,
        )
    c(
        "run_off_called_off",
        "It stays: no day is left.",
        running,
        _status("lotus", "ACTIVE"),
        speaker=ADMIN,
        expect=lambda r: r["merchant"]["run_off_until"] is None,
    )
    halted = running.fork()
    halted.put_in("lotus", "SUSPENDED")
    anew = _status("lotus", "RUN_OFF", LAST_DAY)
    c(
        "run_off_anew",
        "After a suspension it is announced anew.",
        halted,
        anew,
        "RUN_OFF_DAY_OUT_OF_RANGE",
        speaker=ADMIN,
    )
    c("run_off_suspended", "From SUSPENDED.", halted, _status("lotus", "RUN_OFF", "2026-04-20"), speaker=ADMIN)
    return c.found


def _run_over() -> World:
    """The harbor's last day is over; northstar owes it of window 1, and window 2 was opened on the next morning."""
    world = _redeemed(funded())
    world.let_run_off("harbor")
    world.later(days=limits.RUN_OFF_DAYS_MIN + 1).do("CutWindow", {"window_id": 1}, OPERATOR)
    return world


def _exit() -> list[Case]:
    c = Cases("set_merchant_status", "SetMerchantStatus")
    args = _status("harbor", "EXITED")
    last = _redeemed(funded())
    last.let_run_off("harbor")
    last.later(days=limits.RUN_OFF_DAYS_MIN, seconds=11 * 3600 - 1)
    c("exit_last_second", "In the last second of its last day.", last, args, "RUN_OFF_NOT_OVER", speaker=ADMIN)
    after = last.fork().later(seconds=1)
    c("exit_window_open", "A second later its window is open.", after, args, "MERCHANT_NOT_SETTLED", speaker=ADMIN)
    early = last.fork()
    early.do("CutWindow", {"window_id": 1}, OPERATOR)
    early = _settled(early.later(seconds=1))
    c(
        "exit_window_early",
        "The open one was opened a second too early.",
        early,
        args,
        "MERCHANT_NOT_SETTLED",
        speaker=ADMIN,
    )
    over = _run_over()
    c("exit_window_cut", "Its window is not netted.", over, args, "MERCHANT_NOT_SETTLED", speaker=ADMIN)
    closed = over.fork()
    closed.do("CloseWindow", {"window_id": 1}, OPERATOR)
    c("exit_payment_due", "It is owed a payment.", closed, args, "MERCHANT_NOT_SETTLED", speaker=ADMIN)
    payer = _status("northstar", "EXITED")
    leaving = closed.fork()
    leaving.let_run_off("northstar")
    leaving.later(days=limits.RUN_OFF_DAYS_MIN + 1)
    c("exit_payer", "It owes a payment.", leaving, payer, "MERCHANT_NOT_SETTLED", speaker=ADMIN)
    c(
        "exit",
        "From RUN_OFF to EXITED, when all is paid.",
        _settled(over),
        args,
        speaker=ADMIN,
        expect=lambda r: (r["merchant"]["status"], r["merchant"]["run_off_until"]) == ("EXITED", None),
    )
    other = closed.fork()
    other.let_run_off("lotus")
    other.later(days=limits.RUN_OFF_DAYS_MIN + 1)
    other.do("CutWindow", {"window_id": 2}, OPERATOR)
    other.do("CloseWindow", {"window_id": 2}, OPERATOR)
    c(
        "exit_others_unpaid",
        "What others owe each other is not its affair.",
        other,
        _status("lotus", "EXITED"),
        speaker=ADMIN,
    )
    return c.found


def _set_limits() -> list[Case]:
    c = Cases("set_limits", "SetLimits")
    c(
        "raised",
        "The issuer raises its limits: what is added stands in slice 0.",
        standard(),
        {"issuer_msp": "lotus", "limits": grants("lotus", 5 * CAP)},
        speaker="lotus",
    )
    c("neither", "Nothing to set.", standard(), {"issuer_msp": "lotus"}, "INVALID_ARGUMENT", speaker="lotus")
    c(
        "unknown",
        "An unknown issuer.",
        standard(),
        {"issuer_msp": "nobody", "limits": grants("lotus")},
        "UNKNOWN_MERCHANT",
        speaker="lotus",
    )
    gone = standard()
    gone.let_go("lotus")
    c(
        "exited",
        "The issuer has left.",
        gone,
        {"issuer_msp": "lotus", "limits": grants("lotus")},
        "MERCHANT_NOT_ACTIVE",
        speaker="lotus",
    )
    c(
        "by_another",
        "Limits by another merchant.",
        standard(),
        {"issuer_msp": "lotus", "limits": grants("lotus")},
        "NOT_ISSUER",
        speaker="harbor",
    )
    c(
        "all_cover",
        "Cover up to what is posted.",
        standard(),
        {
            "issuer_msp": "lotus",
            "limits": grants("lotus", 1, 8 * CAP, "harbor"),
        },
        speaker="lotus",
    )
    c(
        "past_cover",
        "One millionth past the posted cover.",
        standard(),
        {
            "issuer_msp": "lotus",
            "limits": grants("lotus", 1, 8 * CAP + 1, "harbor"),
        },
        "COVER_EXCEEDED",
        speaker="lotus",
    )
    asked = standard()
    asked.do("WithdrawCollateral", {"account": "COVER", "amount_millionths": CAP}, "lotus")
    c(
        "asked_back",
        "Up to what is not asked back.",
        asked,
        {"issuer_msp": "lotus", "limits": grants("lotus", 1, 7 * CAP, "harbor")},
        speaker="lotus",
    )
    c(
        "past_asked_back",
        "One millionth of what is asked back.",
        asked,
        {"issuer_msp": "lotus", "limits": grants("lotus", 1, 7 * CAP + 1, "harbor")},
        "COVER_EXCEEDED",
        speaker="lotus",
    )
    c(
        "overflow",
        "Cover adds up past what readers keep exact.",
        standard(),
        {"issuer_msp": "lotus", "limits": grants("lotus", 1, limits.INTEGER_MAX)},
        "OVERFLOW",
        speaker="lotus",
    )
    c(
        "same_acceptor_twice",
        "The later of two limits for one acceptor stands.",
        standard(),
        {"issuer_msp": "lotus", "limits": [*grants("lotus", 5, 5, "harbor"), *grants("lotus", 7, 7, "harbor")]},
        speaker="lotus",
    )
    used = _exposed()
    c("first", "A first limit.", _ungranted(), _set(1, 2))
    c("lanes", "Spread over three lanes; the first has the rest.", _ungranted(100), _set(90, 100, lanes=3))
    c("lanes_lowered", "What is left is spread.", used, _set(4 * CAP - 5, 4 * CAP - 7, lanes=limits.SHARDS_MAX))
    for lanes in (0, limits.SHARDS_MAX + 1):
        c(f"lanes_{lanes}", "So many lanes there are not.", standard(), _set(1, 1, lanes=lanes), "INVALID_ARGUMENT")
    c(
        "lowered_unused",
        "Lowered where nothing is used: all that is left stands in slice 0.",
        standard(),
        _set(CAP, CAP),
    )
    c("withdrawn", "Withdrawn: its slices are gone.", standard(), _set(0, 0))
    c("used_raised", "Raised while points are owed: one slice changes.", used, _set(5 * CAP, 5 * CAP))
    c("cover_at_use", "Cover for no more than is used, each slice for its own.", used, _set(4 * CAP, 2_900_000))
    c("cover_past_use", "One millionth less.", used, _set(4 * CAP, 2_899_999), "LIMIT_IN_USE")
    c("order_use_before_cover", "Less than is used, and more than is posted.", used, _both(), "LIMIT_IN_USE")
    c("cap_below_use", "A cap below what is used takes effect as it falls.", used, _set(1_600_000, 4 * CAP))
    c("cap_of_nothing", "A cap of nothing looks at no position.", used, _set(0, 4 * CAP))
    settled = _settled(used)
    c("settled", "What is paid counts no more.", settled, _set(4 * CAP, 1_900_000))
    c("settled_past", "What is owed since, and reserved, does.", settled, _set(4 * CAP, 1_899_999), "LIMIT_IN_USE")
    back = _refunded_later()
    args = {"issuer_msp": "harbor", "limits": grants("harbor", CAP, 400_000, "northstar")}
    c("refunded_at", "Cover of what was refunded in a later window.", back, args, speaker="harbor")
    args = {"issuer_msp": "harbor", "limits": grants("harbor", CAP, 399_999, "northstar")}
    c("refunded_past", "One millionth less.", back, args, "LIMIT_IN_USE", speaker="harbor")
    early = used.fork()
    early.now = NOW - 86_400
    c("before_window", "Dated before the window.", early, _set(1, 1), "TIME_BEFORE_WINDOW")
    return c.found


def _set(cap: int, cover: int, **more: Json) -> Json:
    """Northstar's limit for the harbor."""
    (limit,) = grants("northstar", cap, cover, "harbor")
    return {"issuer_msp": "northstar", "limits": [{**limit, **more}]}


def _both() -> Json:
    return {
        "issuer_msp": "northstar",
        "limits": [*grants("northstar", 1, 1, "harbor"), *grants("northstar", 1, 12 * CAP, "lotus")],
    }


def _ungranted(posted: int = 2) -> World:
    """Northstar has posted cover and granted nothing."""
    world = opened()
    world.admit("northstar", "北辰")
    world.do("DepositCollateral", deposit("northstar", posted), OPERATOR)
    return world


def _exposed() -> World:
    """Northstar owes the harbor 1,000,000 of window 1, 1,200,000 of window 2 in lane 0, 600,000 in lane 1, and has
    100,000 reserved."""
    world = funded()
    _redeemed(world)
    world.later(seconds=1).do("CutWindow", {"window_id": 1}, OPERATOR)
    for points, shard in ((120, 0), (60, 1)):
        args = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "o", "points": points}
        world.do("Redeem", args, "harbor", member="alice", shard=shard)
    reservation = {"acceptor_msp": "harbor", "class_ids": ["north"], "expires_at": world.now + 60, "order_ref": "o"}
    world.do("Hold", {**reservation, "points": 10}, "harbor", member="alice", shard=1)
    return world


def _settled(world: World) -> World:
    """Window 1 is closed, and what northstar owes of it paid."""
    world = world.fork()
    for entry in world.do("CloseWindow", {"window_id": 1}, OPERATOR)["statements"]:
        world.do("AcceptStatement", {"sha256": entry["sha256"], "window_id": 1}, entry["msp_id"])
    payment = {"reference": "bank 1", "window_id": 1}
    world.do("RecordPayment", {**payment, "payee_msp": "harbor"}, "northstar")
    world.do("ConfirmPayment", {**payment, "payer_msp": "northstar"}, "harbor")
    return world


def _refunded_later() -> World:
    """Of 100 points of north spent at the harbor in window 1, 40 were refunded in window 2, in lane 0."""
    world = funded()
    args = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "o", "points": 100}
    spent = world.do("Redeem", args, "harbor", member="alice")["redemption"]
    world.later(seconds=1).do("CutWindow", {"window_id": 1}, OPERATOR)
    world.do("Refund", {"points": 40, "redemption_id": spent["redemption_id"]}, "harbor")
    return world


def _redeemed(world: World) -> World:
    args = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "o", "points": 100}
    world.do("Redeem", args, "harbor", member="alice")
    return world


def _refill_limit() -> list[Case]:
    c = Cases("refill_limit", "RefillLimit", "harbor")
    used = _redeemed(funded())  # 100 points of north: 1,000,000 millionths used in shard 0

    def args(**changes: Json) -> Json:
        return {**refill("northstar", "harbor", 1, 10), **changes}

    c("plain", "Ten millionths move.", used, args())
    c("all_unused", "All that is unused.", used, args(cap_millionths=CAP - 1_000_000, cover_millionths=CAP - 1_000_000))
    c(
        "cap_past",
        "One millionth more than unused, of the cap.",
        used,
        args(cap_millionths=CAP - 999_999),
        "CAP_EXCEEDED",
    )
    c(
        "cover_past",
        "One millionth more than unused, of the cover.",
        used,
        args(cover_millionths=CAP - 999_999),
        "COVER_EXCEEDED",
    )
    c("order_cap_before_cover", "Both too much.", used, args(cap_millionths=CAP, cover_millionths=CAP), "CAP_EXCEEDED")
    held = used.fork()
    reservation = {
        "acceptor_msp": "harbor",
        "class_ids": ["north"],
        "expires_at": held.now + 60,
        "order_ref": "o",
        "points": 50,
    }
    held.do("Hold", reservation, "harbor", member="alice")
    rest = CAP - 1_500_000
    c("reserved_at", "All but what is used and reserved.", held, args(cap_millionths=rest, cover_millionths=rest))
    c("reserved_past", "One millionth more.", held, args(cap_millionths=rest + 1), "CAP_EXCEEDED")
    c("to_guests", "To the slice of holds that others relay.", used, args(to_shard=limits.GUEST_SHARD))
    c("same_shard", "From a shard to itself.", used, args(to_shard=0), "INVALID_ARGUMENT")
    c("to_empty", "To a shard without a slice.", used, args(to_shard=9))
    whole = refill("northstar", "harbor", 0, CAP, 1)
    c("emptied", "All of a slice: it is gone.", used, whole)
    c("of_nothing", "Nothing to move.", used, args(cap_millionths=0, cover_millionths=0), "INVALID_ARGUMENT")
    c("from_empty", "From a shard without a slice.", used, args(from_shard=9), "CAP_EXCEEDED")
    c("stranger", "By who is neither of the two.", used, args(), "NOT_ACCEPTOR", speaker="lotus")
    for_guests = args(to_shard=limits.GUEST_SHARD)
    c("stranger_for_guests", "Any merchant brings it to the guests.", used, for_guests, speaker="lotus")
    of_refunds = args(from_shard=limits.REFUND_SHARD, to_shard=limits.GUEST_SHARD)
    c("stranger_of_refunds", "But none of the issuer's refunds.", used, of_refunds, "NOT_ACCEPTOR", speaker="lotus")
    halted = used.fork()
    halted.do("SetMerchantStatus", {"msp_id": "lotus", "status": "SUSPENDED"}, ADMIN)
    c("stranger_suspended", "Nor when suspended.", halted, for_guests, "MERCHANT_NOT_ACTIVE", speaker="lotus")
    c("unknown_for_guests", "But nobody else.", used, for_guests, "UNKNOWN_MERCHANT", speaker="nobody")
    c("unknown", "By who is no merchant.", used, args(acceptor_msp="nobody"), "UNKNOWN_MERCHANT", speaker="nobody")
    c("by_issuer", "The issuer moves its own limit.", used, args(), speaker="northstar")
    refunds = limits.REFUND_SHARD
    c("refunds_by_issuer", "To a slice for its refunds.", used, args(to_shard=refunds + 1), speaker="northstar")
    c("from_refunds", "The acceptor takes what refunds do not use.", used, args(from_shard=refunds))
    c("slice_at_limit", "To the last slice.", used, args(to_shard=limits.SLICES_MAX - 1))
    back = _refunded_later()
    for name, rest, code in (("at", CAP - 400_000, OK), ("past", CAP - 399_999, "CAP_EXCEEDED")):
        moved = refill("harbor", "northstar", 0, rest, refunds)
        c(f"refunded_{name}", "What refunds of a later window have left.", back, moved, code)
    exposed = _exposed()
    for name, rest, code in (("at", CAP - 2_200_000, OK), ("past", CAP - 2_199_999, "CAP_EXCEEDED")):
        c(f"unpaid_{name}", "What two windows have left.", exposed, args(cap_millionths=rest), code)
    settled = _settled(exposed)
    for name, rest, code in (("at", CAP - 1_200_000, OK), ("past", CAP - 1_199_999, "COVER_EXCEEDED")):
        c(f"paid_{name}", "The first of them is paid.", settled, args(cover_millionths=rest), code)
    gone = used.fork()
    gone.let_go("harbor")
    c("exited", "By a merchant that has left.", gone, args(), "MERCHANT_NOT_ACTIVE")
    late = used.fork()
    late.do("CutWindow", {"window_id": 1}, OPERATOR)
    late.now -= 10
    c("before_window", "Dated before the window.", late, args(), "TIME_BEFORE_WINDOW")
    big = sliced(used.fork(), limits.INTEGER_MAX, 0, 1)
    c("overflow", "The target would leave the range.", big, args(), "OVERFLOW")
    return c.found


def _define_class() -> list[Case]:
    c = Cases("define_class", "DefineClass")
    c("plain", "A class.", standard(), class_args("tea"), expect=lambda r: r["class"]["issuer_msp"] == "northstar")
    for name, validity in {
        "never": {"kind": "NEVER"},
        "days_0": {"days": 0, "kind": "DAYS"},
        "days_at": {"days": limits.VALIDITY_DAYS_MAX, "kind": "DAYS"},
        "month_end": {"kind": "MONTH_END", "months": 12},
        "months_at": {"kind": "MONTH_END", "months": limits.VALIDITY_MONTHS_MAX},
        "date": {"date": "2026-12-31", "kind": "DATE"},
    }.items():
        c(f"validity_{name}", f"Validity {validity}.", standard(), class_args("tea", validity=validity))
    for name, validity in {
        "days_past": {"days": limits.VALIDITY_DAYS_MAX + 1, "kind": "DAYS"},
        "months_past": {"kind": "MONTH_END", "months": limits.VALIDITY_MONTHS_MAX + 1},
        "negative": {"days": -1, "kind": "DAYS"},
        "unknown": {"kind": "WEEKS", "weeks": 1},
        "too_much": {"days": 1, "kind": "NEVER"},
        "bad_date": {"date": "2026-02-29", "kind": "DATE"},
        "boolean": {"days": True, "kind": "DAYS"},
    }.items():
        c(
            f"validity_{name}",
            f"Validity {validity}.",
            standard(),
            class_args("tea", validity=validity),
            "INVALID_ARGUMENT",
        )
    for name, rate, good in (
        (
            "at",
            {"amount_minor": limits.EARN_AMOUNT_MINOR_MAX, "points": limits.EARN_POINTS_MAX, "rounding": "DOWN"},
            True,
        ),
        ("at_low", {"amount_minor": 1, "points": 0, "rounding": "STEPS"}, True),
        ("amount_past", {"amount_minor": limits.EARN_AMOUNT_MINOR_MAX + 1, "points": 1, "rounding": "DOWN"}, False),
        ("amount_below", {"amount_minor": 0, "points": 1, "rounding": "DOWN"}, False),
        ("points_past", {"amount_minor": 1, "points": limits.EARN_POINTS_MAX + 1, "rounding": "DOWN"}, False),
        ("points_below", {"amount_minor": 1, "points": -1, "rounding": "DOWN"}, False),
        ("rounding", {"amount_minor": 1, "points": 1, "rounding": "UP"}, False),
        ("missing", {"amount_minor": 1, "points": 1}, False),
        ("further", {"amount_minor": 1, "points": 1, "rounding": "DOWN", "x": 1}, False),
    ):
        code = OK if good else "INVALID_ARGUMENT"
        c(f"earn_rate_{name}", f"Earn rate {rate}.", standard(), class_args("tea", earn_rate=rate), code)
    c("accepted_by_none", "Accepted by nobody but in name.", standard(), class_args("tea", accepted_by=[]))
    c(
        "accepted_twice",
        "An acceptor named twice.",
        standard(),
        class_args("tea", accepted_by=["harbor", "harbor"]),
        "INVALID_ARGUMENT",
    )
    c("stranger", "By who is no merchant.", standard(), class_args("tea"), "UNKNOWN_MERCHANT", speaker="nobody")
    stopped = standard()
    stopped.do("SetMerchantStatus", {"msp_id": "northstar", "status": "ISSUE_STOPPED"}, ADMIN)
    c("stopped", "By a merchant that may not issue.", stopped, class_args("tea"), "MERCHANT_NOT_ACTIVE")
    c("again", "An id twice.", standard(), class_args("harbor"), "CLASS_EXISTS")
    c(
        "order_merchant_before_class",
        "Stopped, and the class exists.",
        stopped,
        class_args("harbor"),
        "MERCHANT_NOT_ACTIVE",
    )
    return c.found


def _update_class() -> list[Case]:
    c = Cases("update_class", "UpdateClass")
    c(
        "plain",
        "Name, category and rate.",
        standard(),
        {
            "category": "gold",
            "class_id": "north",
            "earn_rate": {"amount_minor": 200, "points": 3, "rounding": "HALF_UP"},
            "name": "新名",
        },
    )
    c(
        "stop",
        "No new points.",
        standard(),
        {"class_id": "north", "status": "STOPPED"},
        expect=lambda r: r["class"]["status"] == "STOPPED",
    )
    c("accepted_by", "Only one acceptor.", standard(), {"accepted_by": ["lotus"], "class_id": "north"})
    narrowed = standard()
    narrowed.do("UpdateClass", {"accepted_by": ["lotus"], "class_id": "north"})
    c(
        "all_accept",
        "Everyone again.",
        narrowed,
        {"all_accept": True, "class_id": "north"},
        expect=lambda r: r["class"]["accepted_by"] is None,
    )
    c(
        "both",
        "A list and everyone.",
        standard(),
        {"accepted_by": [], "all_accept": True, "class_id": "north"},
        "INVALID_ARGUMENT",
    )
    c("nothing", "No change.", standard(), {"class_id": "north"}, "INVALID_ARGUMENT")
    c(
        "nothing_but_false",
        "all_accept false is no change.",
        standard(),
        {"all_accept": False, "class_id": "north"},
        "INVALID_ARGUMENT",
    )
    c(
        "unit_value",
        "The value of a unit never changes.",
        standard(),
        {"class_id": "north", "unit_value_millionths": 1},
        "INVALID_ARGUMENT",
    )
    c("unknown", "An unknown class.", standard(), {"class_id": "tea", "name": "x"}, "UNKNOWN_CLASS")
    c(
        "by_another",
        "By another merchant.",
        standard(),
        {"class_id": "north", "name": "x"},
        "NOT_ISSUER",
        speaker="harbor",
    )
    return c.found


def _set_rate() -> list[Case]:
    c = Cases("set_rate", "SetRate", "harbor")

    def args(**changes: object) -> dict[str, object]:
        return {
            "active": True,
            "denominator": 5,
            "from_class_id": "north",
            "numerator": 4,
            "to_class_id": "harbor",
            **changes,
        }

    c("plain", "The first version.", standard(), args(), expect=lambda r: r["rate"]["version"] == 1)
    again = standard()
    again.do("SetRate", args(), "harbor")
    c("second", "The second version, ended.", again, args(active=False), expect=lambda r: r["rate"]["version"] == 2)
    c("itself", "A class into itself.", standard(), args(from_class_id="harbor"), "INVALID_ARGUMENT")
    c("unknown_from", "An unknown class to give.", standard(), args(from_class_id="tea"), "UNKNOWN_CLASS")
    c("unknown_to", "An unknown class to receive.", standard(), args(to_class_id="tea"), "UNKNOWN_CLASS")
    c("by_another", "By the issuer of what is given.", standard(), args(), "NOT_ISSUER", speaker="northstar")
    return c.found
