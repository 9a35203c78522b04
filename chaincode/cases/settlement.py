"""Cases of windows, statements and payments."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from chaincode.cases.case import OK, Case, Cases
from chaincode.cases.world import DAY, OPERATOR, World, funded, issue, standard
from chaincode.spec.kernel import keys, limits
from chaincode.spec.kernel.canonical import encode
from chaincode.spec.kernel.exposure import lane_gross_max
from chaincode.spec.kernel.netting import chained


def _owes(minor: int) -> Callable[[Any], bool]:
    return lambda result: bool(result["window"]["gross_minor"] == minor)


def cases() -> list[Case]:
    """All of them."""
    return [
        *_cut_window(),
        *_fees(),
        *_close_window(),
        *_accept_statement(),
        *_record_payment(),
        *_confirm_payment(),
        *_reject_payment(),
        *_retract_payment(),
        *_confirm_unanswered(),
        *_correct_payment(),
    ]


def _redeem(world: World, class_id: str, at: str, points: int, shard: int = 0) -> None:
    world.do(
        "Redeem",
        {"acceptor_msp": at, "class_ids": [class_id], "order_ref": "o", "points": points},
        at,
        member="alice",
        shard=shard,
    )


def _traded() -> World:
    """north at harbor 100 (1.00), harbor at lotus 100 (0.80), lotus at northstar 41 (0.5125)."""
    world = funded()
    _redeem(world, "north", "harbor", 60)
    _redeem(world, "north", "harbor", 40, shard=1)
    _redeem(world, "harbor", "lotus", 100)
    _redeem(world, "lotus", "northstar", 41)
    return world


def _cut(world: World, window_id: int = 1) -> World:
    world.later(seconds=1).do("CutWindow", {"window_id": window_id}, OPERATOR)
    return world


def _closed(world: World, window_id: int = 1) -> tuple[World, Any]:
    result = _cut(world, window_id).do("CloseWindow", {"window_id": window_id}, OPERATOR)
    return world, result


def _accepted() -> tuple[World, Any]:
    world, result = _closed(_traded())
    for entry in result["statements"]:
        world.do("AcceptStatement", {"sha256": entry["sha256"], "window_id": 1}, entry["msp_id"])
    return world, result


def _cut_window() -> list[Case]:
    c = Cases("cut_window", "CutWindow", "operator")
    c("plain", "Ends window 1 and opens window 2.", _traded().later(seconds=5), {"window_id": 1})
    c("by_a_merchant", "By a merchant.", _traded(), {"window_id": 1}, "NOT_OPERATOR", speaker="harbor")
    c("again", "A window that is not open any more.", _cut(_traded()), {"window_id": 1}, "WINDOW_NOT_OPEN")
    c("ahead", "A window that is not open yet.", _traded(), {"window_id": 2}, "WINDOW_NOT_OPEN")
    early = _cut(_traded())
    early.now -= 2
    c("before_window", "Dated before the opening.", early, {"window_id": 2}, "TIME_BEFORE_WINDOW")
    c("order_time_before_number", "Too early, and the wrong one.", early, {"window_id": 1}, "TIME_BEFORE_WINDOW")
    for name, unsettled, code in (("at_limit", -1, OK), ("past_limit", 0, "TOO_MANY_WINDOWS")):
        number = limits.UNSETTLED_WINDOWS_MAX + unsettled
        many = standard()
        current = {
            "discharged": [],
            "opened_at": many.now,
            "unsettled": list(range(1, number + 1)),
            "window_id": number + 1,
        }
        many.state.commit({keys.CURRENT_WINDOW: encode(current)})
        c(name, "So many windows are not settled.", many, {"window_id": number + 1}, code)
    return c.found


def _fees() -> list[Case]:
    c = Cases("set_acceptance_fee", "SetAcceptanceFee")

    def fee(basis_points: int = 150, **more: str) -> dict[str, Any]:
        return {"acceptor_msp": "harbor", "basis_points": basis_points, "issuer_msp": "northstar", **more}

    asked = standard()
    asked.do("SetAcceptanceFee", fee(), "northstar")
    agreed = asked.fork()
    agreed.do("SetAcceptanceFee", fee(), "harbor")
    c("plain", "The issuer asks.", standard(), fee())
    c("by_the_acceptor", "So can the acceptor.", standard(), fee(), speaker="harbor")
    c(
        "agreed",
        "The other asks for the same: from the next window on.",
        asked,
        fee(),
        speaker="harbor",
        expect=lambda r: r["acceptance_fee"] == {"agreed": [{"basis_points": 150, "from_window": 2}], "asked": None},
    )
    c("again", "The same asks again: nobody has agreed.", asked, fee())
    c("another", "Another fee takes its place.", asked, fee(140), speaker="harbor")
    c("taken_back", "What holds already.", asked, fee(0))
    c("agreed_already", "It is agreed.", agreed, fee())
    back = agreed.fork()
    back.do("SetAcceptanceFee", fee(10_000), "harbor")
    c("all", "Agreed anew in the same window, for all of it.", back, fee(10_000))
    later = _cut(agreed.fork())
    later.do("SetAcceptanceFee", fee(20), "harbor")
    c("later", "What holds in windows that are not settled stays.", later, fee(20))
    long_after = _cut(later.fork(), 2)
    for window_id in (1, 2):
        long_after.do("CloseWindow", {"window_id": window_id}, OPERATOR)
    long_after.do("SetAcceptanceFee", fee(30), "harbor")
    c("settled", "What no window needs goes.", long_after, fee(30))
    c("past_all", "More than all.", standard(), fee(10_001), "INVALID_ARGUMENT")
    c("same", "Nobody pays itself.", standard(), fee(acceptor_msp="northstar"), "INVALID_ARGUMENT")
    c("by_another", "By another merchant.", standard(), fee(), "NOT_FEE_PARTY", speaker="lotus")
    c("unknown", "With nobody.", standard(), fee(acceptor_msp="nobody"), "UNKNOWN_MERCHANT")
    gone = standard()
    gone.let_go("harbor")
    c("gone", "With one that has left.", gone, fee(), "MERCHANT_NOT_ACTIVE")
    early = _cut(standard())
    early.now -= 2
    c("before_window", "Dated before the window.", early, fee(), "TIME_BEFORE_WINDOW")
    return c.found


def _northstar_gets(net_minor: int, result: Any) -> bool:
    nets = {one["msp_id"]: one["net_minor"] for one in result["window"]["net"]}
    return bool(nets["northstar"] == net_minor)


def _charged(basis_points: int, millionths: int) -> World:
    """So much of north was redeemed at the harbor in a window for which a fee is agreed; no operation made its
    position."""
    world = standard()
    for msp_id in ("northstar", "harbor"):
        fee = {"acceptor_msp": "harbor", "basis_points": basis_points, "issuer_msp": "northstar"}
        world.do("SetAcceptanceFee", fee, msp_id)
    _cut(world)
    world.do("CloseWindow", {"window_id": 1}, OPERATOR)
    side = "redeemed_millionths" if millionths > 0 else "refunded_millionths"
    position = {"adjusted_millionths": 0, "redeemed_millionths": 0, "refunded_millionths": 0, side: abs(millionths)}
    world.state.commit({keys.position(2, "northstar", "harbor", 0): encode(position)})
    return _cut(world, 2)


def _close_window() -> list[Case]:
    c = Cases("close_window", "CloseWindow", "operator")

    def payments(result: Any) -> list[tuple[str, str, int]]:
        return [(p["payer_msp"], p["payee_msp"], p["amount_minor"]) for p in result["window"]["payments"]]

    c(
        "plain",
        "Owed 100, 80 and 51 fen; 0.25 fen carried on.",
        _cut(_traded()),
        {"window_id": 1},
        expect=lambda r: (
            r["window"]["gross_minor"] == 231
            and payments(r) == [("northstar", "lotus", 29), ("northstar", "harbor", 20)]
        ),
    )
    c(
        "empty",
        "An empty window settles itself.",
        _cut(standard()),
        {"window_id": 1},
        expect=lambda r: r["window"]["status"] == "SETTLED",
    )
    for name, basis_points, millionths, net in (
        ("fee", 150, 100_000_000, -9_850),
        ("fee_half_to_even_down", 50, 1_000_000, -100),
        ("fee_half_to_even_up", 50, 3_000_000, -298),
        ("fee_of_refunds", 150, -100_000_000, 9_850),
        ("fee_of_all", 10_000, 100_000_000, 0),
    ):
        c(
            name,
            f"{basis_points} basis points.",
            _charged(basis_points, millionths),
            {"window_id": 2},
            expect=partial(_northstar_gets, net),
        )
    example = standard()
    example.do("UpdateClass", {"class_id": "north", "name": "A"})
    for class_id, points in (("north", 2_000_000), ("harbor", 2_000_000), ("lotus", 2_000_000)):
        issue(example, class_id, points)
    for key, value in {
        "position/00000001/northstar/harbor/00": 10_000_000,
        "position/00000001/harbor/lotus/00": 7_000_000,
        "position/00000001/lotus/northstar/00": 5_000_000,
        "position/00000001/northstar/lotus/00": 2_000_000,
    }.items():
        example.state.commit(
            {key: b'{"adjusted_millionths":0,"redeemed_millionths":%d,"refunded_millionths":0}' % value}
        )
    c(
        "design_example",
        "A to B 1000, B to C 700, C to A 500, A to C 200: A -700, B +300, C +400.",
        _cut(example),
        {"window_id": 1},
        expect=lambda r: (
            {n["msp_id"]: n["net_minor"] for n in r["window"]["net"]}
            == {"northstar": -700, "harbor": 300, "lotus": 400}
            and r["window"]["gross_minor"] == 2400
        ),
    )
    for name, redeemed, refunded, carried, owed in (
        ("half_to_even_down", 25_000, 0, 0, 2),
        ("half_to_even_up", 35_000, 0, 0, 4),
        ("below_half", 24_999, 0, 0, 2),
        ("above_half", 25_001, 0, 0, 3),
        ("carry_makes_half", 20_000, 0, 5_000, 2),
        ("carry_past_half", 20_000, 0, 5_001, 3),
        ("negative", 0, 25_000, 0, -2),
        ("negative_odd", 0, 35_000, 0, -4),
        ("negative_carry", 20_000, 0, -5_000, 2),
        ("refunds_equal", 30_000, 30_000, 0, 0),
    ):
        world = standard()
        world.state.commit(
            {
                "position/00000001/northstar/harbor/03": b'{"adjusted_millionths":0,"redeemed_millionths":%d,"refunded_millionths":%d}'
                % (redeemed, refunded)
            }
        )
        if carried:
            world.state.commit({"carry/northstar/harbor": b'{"millionths":%d}' % carried})
        c(
            f"rounding_{name}",
            f"{redeemed} less {refunded} and {carried} carried: {owed}.",
            _cut(world),
            {"window_id": 1},
            expect=_owes(owed),
        )
    carry_only = standard()
    carry_only.state.commit({"carry/northstar/harbor": b'{"millionths":4000}'})
    c(
        "carry_only",
        "A remainder alone waits for the next window with entries.",
        _cut(carry_only),
        {"window_id": 1},
        expect=lambda r: r["statements"] == [],
    )
    gone = _traded()
    gone.let_go("lotus")
    c(
        "exited_with_position",
        "A merchant that has left still has its statement, and owes no acceptance.",
        _cut(gone),
        {"window_id": 1},
        expect=lambda r: (
            [one["status"] for one in r["statements"]] == ["PENDING", "ACCEPTED", "PENDING"]
            and r["window"]["pending_statements"] == 2
        ),
    )
    idle = funded()
    _redeem(idle, "north", "harbor", 60)
    c(
        "without_position",
        "A merchant without rows has no statement.",
        _cut(idle),
        {"window_id": 1},
        expect=lambda r: len(r["statements"]) == 2,
    )
    c("by_a_merchant", "By a merchant.", _cut(_traded()), {"window_id": 1}, "NOT_OPERATOR", speaker="harbor")
    c("open", "The open window.", _traded(), {"window_id": 1}, "WINDOW_NOT_CUT")
    c("unknown", "A window that never was.", _traded(), {"window_id": 2}, "UNKNOWN_WINDOW")
    c("again", "Twice.", _closed(_traded())[0], {"window_id": 1}, "WINDOW_NOT_CUT")
    two = _cut(_cut(_traded()), 2)
    c("out_of_order", "The second before the first.", two, {"window_id": 2}, "WINDOW_OUT_OF_ORDER")
    for name, redeemed, refunded in (("redeemed", 1, 0), ("both", 1, 1), ("refunded", 0, 1)):
        huge = standard()
        most = lane_gross_max(10_000)
        for shard in range(limits.SHARDS_MAX):
            key = keys.position(1, "northstar", "harbor", shard)
            position = {
                "adjusted_millionths": 0,
                "redeemed_millionths": most * redeemed,
                "refunded_millionths": most * refunded,
            }
            huge.state.commit({key: encode(position)})
        c(f"all_lanes_full_{name}", "Every lane as full as it can be.", _cut(huge), {"window_id": 1})
    c.found += _closing()
    return c.found


def _wide(positions: int) -> World:
    """harbor's points spent in so many lanes, at merchants that are but names; lotus's in one at northstar; northstar's
    at lotus."""
    world = standard()
    spent = encode({"adjusted_millionths": 0, "redeemed_millionths": 10_000, "refunded_millionths": 0})
    places = [("harbor", f"m{number // 16:03}", number % 16) for number in range(positions)]
    for issuer, acceptor, shard in (*places, ("lotus", "northstar", 0), ("northstar", "lotus", 0)):
        world.state.commit({keys.position(1, issuer, acceptor, shard): spent})
    return _cut(world)


def _closing() -> list[Case]:
    """Cases of a window that CloseWindow takes several calls for."""
    c = Cases("close_window", "CloseWindow", "operator")
    most = limits.POSITIONS_PER_CLOSE
    c(
        "positions_below_limit",
        "One position less is read: lotus is netted too, and northstar waits.",
        _wide(most - 1),
        {"window_id": 1},
        expect=lambda r: r["window"]["status"] == "CLOSING" and r["statements"] == [],
    )
    c("positions_at_limit", "So many are read: lotus and northstar wait.", _wide(most), {"window_id": 1})
    half = _cut(_traded())
    whole = _closed(_traded())[0]
    tally = json.loads(whole.state.values[keys.statement(1, "harbor")])["content"]
    rows = json.loads(whole.state.values[keys.matrix(1, "harbor")])["rows"]
    owed = rows[0]["owed_minor"]
    chain = chained("", rows[0])
    netting = {
        "gross_minor": owed,
        "netted_to": "harbor",
        "tallies": [
            {"msp_id": "harbor", "net_minor": -owed, "rows": 1, "rows_sha256": chain},
            {"msp_id": "lotus", "net_minor": owed, "rows": 1, "rows_sha256": chain},
        ],
    }
    window = json.loads(half.state.values[keys.window(1)])
    half.state.commit(
        {
            keys.window(1): encode({**window, "status": "CLOSING"}),
            keys.netting(1): encode(netting),
            keys.matrix(1, "harbor"): whole.state.values[keys.matrix(1, "harbor")],
        }
    )
    hashes = {key: json.loads(whole.state.values[key])["sha256"] for key in whole.state.values if "statement/" in key}
    c(
        "goes_on",
        "Goes on behind the issuer it came to, and gives what one call would have given.",
        half,
        {"window_id": 1},
        expect=lambda r: (
            r["window"]["status"] == "CLOSED"
            and tally["rows"] == 2
            and {keys.statement(1, one["msp_id"]): one["sha256"] for one in r["statements"]} == hashes
        ),
    )
    following = half.fork()
    _cut(following, 2)
    c("before_closing", "The one before is not netted whole.", following, {"window_id": 2}, "WINDOW_OUT_OF_ORDER")
    return c.found


def _accept_statement() -> list[Case]:
    c = Cases("accept_statement", "AcceptStatement", "harbor")
    world, result = _closed(_traded())
    hashes = {entry["msp_id"]: entry["sha256"] for entry in result["statements"]}
    args = {"sha256": hashes["harbor"], "window_id": 1}
    c("plain", "One of three.", world, args, expect=lambda r: r["window_status"] == "CLOSED")
    c("unknown_window", "A window that never was.", world, {**args, "window_id": 9}, "UNKNOWN_WINDOW")
    c("cut_only", "A window that is not closed.", _cut(_traded()), args, "WINDOW_NOT_CLOSED")
    c("no_statement", "By who has none.", world, args, "UNKNOWN_STATEMENT", speaker="operator")
    c("other_hash", "The hash of another's.", world, {**args, "sha256": hashes["lotus"]}, "STATEMENT_MISMATCH")
    again = world.fork()
    again.do("AcceptStatement", args, "harbor")
    c("again", "Twice.", again, args, "STATEMENT_ACCEPTED")
    c(
        "order_hash_before_accepted",
        "Accepted, and another hash.",
        again,
        {**args, "sha256": hashes["lotus"]},
        "STATEMENT_MISMATCH",
    )
    equal, closed = _closed(_equal())
    args = {"sha256": closed["statements"][0]["sha256"], "window_id": 1}
    c("nothing_to_pay", "A window without payments is settled.", equal, args, "WINDOW_NOT_CLOSED")
    c("open", "The open window.", _traded(), args, "WINDOW_NOT_CLOSED")
    level = _equal()
    issue(level, "lotus", 100)
    _redeem(level, "lotus", "harbor", 80)
    _redeem(level, "harbor", "northstar", 125)
    _, closed = _closed(level)
    zero = next(one for one in closed["statements"] if one["msp_id"] == "harbor")
    args = {"sha256": zero["sha256"], "window_id": 1}
    c("zero", "One by which nothing is paid or got accepts itself.", level, args, "STATEMENT_ACCEPTED")
    return c.found


def _equal() -> World:
    """northstar and harbor owe each other 1.00."""
    world = standard()
    issue(world, "north", 100)
    issue(world, "harbor", 500)
    _redeem(world, "north", "harbor", 100)
    _redeem(world, "harbor", "northstar", 125)
    return world


def _record_payment() -> list[Case]:
    c = Cases("record_payment", "RecordPayment", "northstar")
    world, _ = _accepted()
    args = {"payee_msp": "lotus", "reference": "bank 1", "window_id": 1}
    c(
        "plain",
        "29 fen to lotus, all that is due.",
        world,
        args,
        expect=lambda r: (
            r["payment"]["status"] == "PAID"
            and r["payment"]["due_minor"] == 0
            and r["payment"]["remittances"][0]["amount_minor"] == 29
            and r["payment"]["remittances"][0]["confirm_by"] == world.now + 3 * DAY
        ),
    )
    c(
        "part",
        "One fen of 29.",
        world,
        {**args, "amount_minor": 1},
        expect=lambda r: r["payment"]["status"] == "DUE" and r["payment"]["due_minor"] == 28,
    )
    c("all_but_named", "All that is due, by its amount.", world, {**args, "amount_minor": 29}, expect=_is("PAID"))
    c("one_too_much", "30 fen of 29.", world, {**args, "amount_minor": 30}, "PAYMENT_EXCEEDS_DUE")
    part = world.fork()
    part.do("RecordPayment", {**args, "amount_minor": 20})
    rest = {**args, "reference": "bank 2"}
    c(
        "rest",
        "What is left, when no amount is given.",
        part,
        rest,
        expect=lambda r: [one["amount_minor"] for one in r["payment"]["remittances"]] == [20, 9],
    )
    c("rest_and_more", "One fen more than is left.", part, {**rest, "amount_minor": 10}, "PAYMENT_EXCEEDS_DUE")
    c("reference_used", "A reference twice.", part, {**args, "amount_minor": 9}, "PAYMENT_REFERENCE_USED")
    c("order_used_before_exceeds", "And too much.", part, {**args, "amount_minor": 10}, "PAYMENT_REFERENCE_USED")
    given_back = part.fork()
    given_back.do("RejectPayment", {**_PAYER, "reason": "WRONG_AMOUNT"}, "lotus")
    c(
        "reference_of_a_rejected_one",
        "What was rejected is due again, and the bank's reference can stand again.",
        given_back,
        {**args, "amount_minor": 19},
        expect=lambda r: [one["status"] for one in r["payment"]["remittances"]] == ["REJECTED", "PAID"],
    )
    c("unknown_window", "A window that never was.", world, {**args, "window_id": 9}, "UNKNOWN_WINDOW")
    c("cut_only", "A window that is not closed.", _cut(_traded()), args, "WINDOW_NOT_CLOSED")
    second, closed = _closed(_second(world), 2)
    for entry in closed["statements"]:
        second.do("AcceptStatement", {"sha256": entry["sha256"], "window_id": 2}, entry["msp_id"])
    c(
        "before_an_earlier_window",
        "The first window is not paid, and makes nobody wait.",
        second,
        {**args, "payee_msp": "harbor", "window_id": 2},
        expect=_is("PAID"),
    )
    pending, _ = _closed(_traded())
    c("pending", "Statements are pending.", pending, args, "STATEMENTS_PENDING")
    deadline = pending.fork().later(days=7)
    c("deadline", "At the deadline still.", deadline, args, "STATEMENTS_PENDING")
    c("past_deadline", "A second later silence is acceptance.", deadline.fork().later(seconds=1), args)
    c("past_pay_by", "Late, and taken all the same.", world.fork().later(days=13), args, expect=_is("PAID"))
    c(
        "order_pending_before_unknown",
        "Pending, and no such payment.",
        pending,
        {**args, "payee_msp": "nobody"},
        "STATEMENTS_PENDING",
    )
    c("unknown", "No such payment.", world, {**args, "payee_msp": "operator"}, "UNKNOWN_PAYMENT")
    c("by_the_payee", "By the payee.", world, {**args, "payee_msp": "northstar"}, "UNKNOWN_PAYMENT", speaker="lotus")
    again = world.fork()
    again.do("RecordPayment", args)
    c("again", "Twice.", again, args, "PAYMENT_NOT_DUE")
    most = limits.REMITTANCES_PER_PAYMENT_MAX
    nearly = _in_parts(world, most - 1)
    c("last_place_for_a_part", "The last place is for all that is due.", nearly, _part(1), "TOO_MANY_REMITTANCES")
    c("last_place", "All that is due in the last place.", nearly, rest, expect=_is("PAID"))
    c(
        "order_too_many_before_used",
        "No place, and a reference that is used.",
        nearly,
        {**_part(1), "reference": "part 0"},
        "TOO_MANY_REMITTANCES",
    )
    full = _in_parts(world, most - 1)
    full.do("RecordPayment", {**args, "reference": "last"})
    full.do("RejectPayment", {**_PAYER, "reason": "NOT_RECEIVED", "reference": "part 3"}, "lotus")
    c(
        "makes_room",
        "What was rejected makes room in a full list.",
        full,
        rest,
        expect=lambda r: (
            len(r["payment"]["remittances"]) == most
            and all(one["status"] == "PAID" for one in r["payment"]["remittances"])
        ),
    )
    crowded = _in_parts(world, most - 1)
    crowded.do("RecordPayment", {**args, "reference": "last"})
    crowded.do("ConfirmPayment", {**_PAYER, "reference": "last"}, "lotus")
    for side in ("northstar", "lotus"):
        crowded.do("CorrectPayment", {**_PAIR, "amount_minor": 1, "reference": "last"}, side)
    c("no_place", "So many stand, and something is due by a correction.", crowded, rest, "TOO_MANY_REMITTANCES")
    return c.found


_PAYER = {"payer_msp": "northstar", "reference": "bank 1", "window_id": 1}
_PAIR = {**_PAYER, "payee_msp": "lotus"}


def _part(amount_minor: int) -> dict[str, Any]:
    return {"amount_minor": amount_minor, "payee_msp": "lotus", "reference": "part", "window_id": 1}


def _in_parts(world: World, parts: int) -> World:
    """So many fen of what northstar owes lotus are recorded, each by itself."""
    other = world.fork()
    for number in range(parts):
        other.do("RecordPayment", {**_part(1), "reference": f"part {number}"})
    return other


def _is(status: str) -> Callable[[Any], bool]:
    return lambda result: bool(result["payment"]["status"] == status)


def _second(world: World) -> World:
    other = world.fork().later(days=1)
    _redeem(other, "north", "harbor", 60)
    return other


def _paid() -> World:
    """northstar has recorded 20 and 9 fen to lotus."""
    world, _ = _accepted()
    for reference, amount in (("bank 1", 20), ("bank 2", 9)):
        world.do("RecordPayment", {**_part(amount), "reference": reference})
    return world


def _unanswered(c: Cases, args: dict[str, Any], other_side: str) -> None:
    """What every operation on a record that is not answered refuses; `other_side` is the argument that names one."""
    world, _ = _accepted()
    paid = _paid()
    c("not_paid", "Not recorded yet.", world, args, "PAYMENT_NOT_PAID")
    c("unknown_window", "A window that never was.", paid, {**args, "window_id": 9}, "UNKNOWN_WINDOW")
    c("cut_only", "A window that is not closed.", _cut(_traded()), args, "WINDOW_NOT_CLOSED")
    c("unknown", "No such payment.", paid, {**args, other_side: "operator"}, "UNKNOWN_PAYMENT")
    c("other_reference", "Another reference.", paid, {**args, "reference": "bank 3"}, "PAYMENT_REFERENCE_MISMATCH")
    one_confirmed = paid.fork()
    one_confirmed.do("ConfirmPayment", _PAYER, "lotus")
    c("answered", "Answered, and another waits.", one_confirmed, args, "PAYMENT_REFERENCE_MISMATCH")
    one_confirmed.do("ConfirmPayment", {**_PAYER, "reference": "bank 2"}, "lotus")
    c("all_answered", "All is answered.", one_confirmed, args, "PAYMENT_NOT_PAID")


def _confirm_payment() -> list[Case]:
    c = Cases("confirm_payment", "ConfirmPayment", "lotus")
    paid = _paid()
    c(
        "plain",
        "One of two parts.",
        paid,
        _PAYER,
        expect=lambda r: (
            r["window_status"] == "CLOSED"
            and r["payment"]["status"] == "PAID"
            and r["payment"]["remittances"][0]["confirmed_by"] == "ANSWER"
        ),
    )
    _unanswered(c, _PAYER, "payer_msp")
    part, _ = _accepted()
    part.do("RecordPayment", _part(1))
    c("part", "The rest is due.", part, {**_PAYER, "reference": "part"}, expect=_is("DUE"))
    last = paid.fork()
    last.do("ConfirmPayment", _PAYER, "lotus")
    c("whole", "The other part.", last, {**_PAYER, "reference": "bank 2"}, expect=_is("CONFIRMED"))
    last.do("ConfirmPayment", {**_PAYER, "reference": "bank 2"}, "lotus")
    last.do("RecordPayment", {"payee_msp": "harbor", "reference": "bank 3", "window_id": 1})
    harbor = {"payer_msp": "northstar", "reference": "bank 3", "window_id": 1}
    c(
        "last",
        "The last one settles the window.",
        last,
        harbor,
        speaker="harbor",
        expect=lambda r: r["window_status"] == "SETTLED",
    )
    settled = last.fork()
    settled.do("ConfirmPayment", harbor, "harbor")
    c("settled", "A settled window.", settled, harbor, "WINDOW_NOT_CLOSED", speaker="harbor")
    second, closed = _closed(_second(last), 2)
    for entry in closed["statements"]:
        second.do("AcceptStatement", {"sha256": entry["sha256"], "window_id": 2}, entry["msp_id"])
    second.do("RecordPayment", {"payee_msp": "harbor", "reference": "bank 4", "window_id": 2})
    c(
        "before_an_earlier_window",
        "The second window settles before the first.",
        second,
        {**harbor, "reference": "bank 4", "window_id": 2},
        speaker="harbor",
        expect=lambda r: r["window_status"] == "SETTLED",
    )
    return c.found


def _reject_payment() -> list[Case]:
    c = Cases("reject_payment", "RejectPayment", "lotus")
    args = {**_PAYER, "reason": "NOT_RECEIVED"}
    c(
        "plain",
        "20 of 29 fen did not come, and are due again.",
        _paid(),
        args,
        expect=lambda r: (
            r["payment"]["due_minor"] == 20
            and r["payment"]["status"] == "DUE"
            and r["payment"]["remittances"][0]["status"] == "REJECTED"
            and r["payment"]["remittances"][0]["reason"] == "NOT_RECEIVED"
        ),
    )
    _unanswered(c, args, "payer_msp")
    late = _paid().later(days=30)
    c("late", "As long as nobody took its silence for an answer.", late, args, expect=_is("DUE"))
    return c.found


def _retract_payment() -> list[Case]:
    c = Cases("retract_payment", "RetractPayment", "northstar")
    args = {"payee_msp": "lotus", "reference": "bank 1", "window_id": 1}
    c(
        "plain",
        "20 of 29 fen were recorded wrongly, and are due again.",
        _paid(),
        args,
        expect=lambda r: r["payment"]["due_minor"] == 20 and r["payment"]["remittances"][0]["status"] == "RETRACTED",
    )
    _unanswered(c, args, "payee_msp")
    c("by_the_payee", "By the payee.", _paid(), {**args, "payee_msp": "northstar"}, "UNKNOWN_PAYMENT", speaker="lotus")
    return c.found


def _confirm_unanswered() -> list[Case]:
    c = Cases("confirm_unanswered", "ConfirmUnanswered", "northstar")
    late = _paid().later(days=3, seconds=limits.DATE_MARGIN_SECONDS)
    c("deadline", "At the deadline, with its margin, still.", late, _PAIR, "CONFIRMATION_TOO_SOON")
    late.later(seconds=1)

    def by_silence(result: Any) -> bool:
        return bool(result["payment"]["remittances"][0]["confirmed_by"] == "SILENCE")

    c("plain", "A second later silence is confirmation.", late, _PAIR, expect=by_silence)
    c("by_an_operator", "By an operator.", late, _PAIR, speaker="operator", expect=by_silence)
    c("by_a_third", "By a merchant that has no part in it.", late, _PAIR, speaker="harbor", expect=by_silence)
    c("by_a_stranger", "By none that takes part.", late, _PAIR, "NOT_PARTICIPANT", speaker="stranger")
    stranger = {**_PAIR, "window_id": 9}
    c("order_part_before_window", "And no such window.", late, stranger, "NOT_PARTICIPANT", speaker="stranger")
    _unanswered(c, _PAIR, "payee_msp")
    last, _ = _accepted()
    for payee in ("harbor", "lotus"):
        last.do("RecordPayment", {"payee_msp": payee, "reference": "bank 1", "window_id": 1})
    last.do("ConfirmPayment", _PAYER, "harbor")
    last.later(days=4)
    c("last", "The last one settles the window.", last, _PAIR, expect=lambda r: r["window_status"] == "SETTLED")
    return c.found


def _correct_payment() -> list[Case]:
    c = Cases("correct_payment", "CorrectPayment", "northstar")
    world = _paid()
    for reference in ("bank 1", "bank 2"):
        world.do("ConfirmPayment", {**_PAYER, "reference": reference}, "lotus")
    args = {**_PAIR, "amount_minor": 12, "right_reference": "bank 9"}

    def stands(result: Any) -> list[tuple[str, int, str]]:
        return [(one["status"], one["amount_minor"], one["reference"]) for one in result["payment"]["remittances"]]

    c(
        "plain",
        "The payer asks; nothing changes yet.",
        world,
        args,
        expect=lambda r: (
            r["payment"]["status"] == "CONFIRMED"
            and r["payment"]["remittances"][0]["correction"]
            == {"amount_minor": 12, "asked_by": "northstar", "reference": "bank 9"}
        ),
    )
    asked = world.fork()
    asked.do("CorrectPayment", args)
    c(
        "agreed",
        "The payee asks for the same: 12 instead of 20 fen, and 8 are due again.",
        asked,
        args,
        speaker="lotus",
        expect=lambda r: (
            r["payment"]["due_minor"] == 8
            and r["payment"]["status"] == "DUE"
            and stands(r) == [("REVERSED", 20, "bank 1"), ("CONFIRMED", 9, "bank 2"), ("CONFIRMED", 12, "bank 9")]
            and r["payment"]["remittances"][2]["confirmed_by"] == "CORRECTION"
        ),
    )
    c(
        "asked_twice",
        "The asker's own word twice is one side's still.",
        asked,
        args,
        expect=lambda r: r["payment"]["due_minor"] == 0,
    )
    c(
        "other_amount",
        "The payee asks for another amount: its word stands now.",
        asked,
        {**args, "amount_minor": 13},
        speaker="lotus",
        expect=lambda r: (
            r["payment"]["remittances"][0]["correction"]
            == {"amount_minor": 13, "asked_by": "lotus", "reference": "bank 9"}
        ),
    )
    for side in ("northstar", "lotus"):
        c(
            f"taken_back_by_{side}",
            "What stands already: nothing is asked for any more.",
            asked,
            {**_PAIR, "amount_minor": 20},
            speaker=side,
            expect=lambda r: r["payment"]["remittances"][0]["correction"] is None,
        )
    none = {**_PAIR, "amount_minor": 0}
    nothing = world.fork()
    nothing.do("CorrectPayment", none, "lotus")
    c(
        "none",
        "It was another's money: nothing of it counts.",
        nothing,
        none,
        expect=lambda r: stands(r) == [("REVERSED", 20, "bank 1"), ("CONFIRMED", 9, "bank 2")],
    )
    reference_only = {**_PAIR, "amount_minor": 20, "right_reference": "bank 9"}
    renamed = world.fork()
    renamed.do("CorrectPayment", reference_only, "lotus")
    c("reference", "The reference alone.", renamed, reference_only, expect=_is("CONFIRMED"))
    short, _ = _accepted()
    short.do("RecordPayment", {"payee_msp": "harbor", "reference": "bank 3", "window_id": 1})
    short.do("ConfirmPayment", {**_PAYER, "reference": "bank 3"}, "harbor")
    short.do("RecordPayment", {**_part(20), "reference": "bank 1"})
    short.do("ConfirmPayment", _PAYER, "lotus")
    whole = {**_PAIR, "amount_minor": 29}
    c("one_more_than_due", "30 fen of 29.", short, {**whole, "amount_minor": 30}, "PAYMENT_EXCEEDS_DUE")
    short.do("CorrectPayment", whole, "lotus")
    c(
        "settles",
        "Nothing is due any more, and the window is settled.",
        short,
        whole,
        expect=lambda r: r["window_status"] == "SETTLED",
    )
    overtaken = short.fork()
    overtaken.do("RecordPayment", {**_part(1), "reference": "bank 8"})
    c("overtaken", "What was asked for does not fit any more.", overtaken, whole, "PAYMENT_EXCEEDS_DUE")
    short.do("CorrectPayment", whole)
    c("settled", "A settled window.", short, whole, "WINDOW_SETTLED")
    c("unknown_window", "A window that never was.", world, {**args, "window_id": 9}, "UNKNOWN_WINDOW")
    c("cut_only", "A window that is not closed.", _cut(_traded()), args, "WINDOW_NOT_CLOSED")
    c("unknown", "No such payment.", world, {**args, "payee_msp": "operator"}, "UNKNOWN_PAYMENT")
    c("by_a_third", "By who has no part in it.", world, args, "NOT_PAYMENT_PARTY", speaker="harbor")
    c("other_reference", "Under another reference.", world, {**args, "reference": "bank 3"}, "PAYMENT_NOT_CONFIRMED")
    c("not_confirmed", "Not confirmed yet.", _paid(), args, "PAYMENT_NOT_CONFIRMED")
    used = {**args, "right_reference": "bank 2"}
    c("reference_used", "The reference of the other part.", world, used, "PAYMENT_REFERENCE_USED")
    c("order_used_before_exceeds", "And too much.", world, {**used, "amount_minor": 30}, "PAYMENT_REFERENCE_USED")
    c("empty", "It stands so already.", world, {**_PAIR, "amount_minor": 20}, "CORRECTION_EMPTY")
    crowded = _in_parts(_accepted()[0], limits.REMITTANCES_PER_PAYMENT_MAX - 1)
    crowded.do("RecordPayment", {**_part(14), "reference": "last"})
    crowded.do("ConfirmPayment", {**_PAYER, "reference": "last"}, "lotus")
    less = {**_PAIR, "amount_minor": 13, "reference": "last"}
    crowded.do("CorrectPayment", less)
    c("full_list", "What is reversed makes room in a full list.", crowded, less, speaker="lotus", expect=_is("DUE"))
    return c.found
