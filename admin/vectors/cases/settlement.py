"""Cases of windows, statements and payments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from admin.vectors.case import Case, Cases
from admin.vectors.world import ADMIN, DAY, OPERATOR, World, funded, issue, standard
from chaincode.spec import limits


def _owes(minor: int) -> Callable[[Any], bool]:
    return lambda result: bool(result["window"]["matrix"][0]["owed_minor"] == minor)


def cases() -> list[Case]:
    """All of them."""
    return [*_cut_window(), *_close_window(), *_accept_statement(), *_record_payment(), *_confirm_payment()]


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
    return c.found


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
            [row["owed_minor"] for row in r["window"]["matrix"]] == [80, 51, 100]
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
        example.state.commit({key: b'{"redeemed_millionths":%d,"refunded_millionths":0}' % value})
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
                "position/00000001/northstar/harbor/03": b'{"redeemed_millionths":%d,"refunded_millionths":%d}'
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
        expect=lambda r: r["window"]["matrix"] == [],
    )
    gone = _traded()
    for status in ("RUN_OFF", "EXITED"):
        gone.do("SetMerchantStatus", {"msp_id": "lotus", "status": status}, ADMIN)
    c(
        "exited_with_position",
        "A merchant that has left still has its statement.",
        _cut(gone),
        {"window_id": 1},
        expect=lambda r: len(r["statements"]) == 3,
    )
    idle = funded()
    _redeem(idle, "north", "harbor", 60)
    for status in ("RUN_OFF", "EXITED"):
        idle.do("SetMerchantStatus", {"msp_id": "lotus", "status": status}, ADMIN)
    c(
        "exited_without_position",
        "One that has left and has none gets none.",
        _cut(idle),
        {"window_id": 1},
        expect=lambda r: len(r["statements"]) == 2,
    )
    c("by_a_merchant", "By a merchant.", _cut(_traded()), {"window_id": 1}, "NOT_OPERATOR", speaker="harbor")
    c("open", "The open window.", _traded(), {"window_id": 1}, "UNKNOWN_WINDOW")
    c("again", "Twice.", _closed(_traded())[0], {"window_id": 1}, "WINDOW_NOT_CUT")
    two = _cut(_cut(_traded()), 2)
    c("out_of_order", "The second before the first.", two, {"window_id": 2}, "WINDOW_OUT_OF_ORDER")
    huge = standard()
    for shard in (0, 1):
        huge.state.commit(
            {
                f"position/00000001/northstar/harbor/{shard:02}": b'{"redeemed_millionths":%d,"refunded_millionths":0}'
                % limits.INTEGER_MAX
            }
        )
    c("overflow", "Positions past the range.", _cut(huge), {"window_id": 1}, "OVERFLOW")
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
    equal = standard()
    issue(equal, "north", 100)
    issue(equal, "harbor", 125)
    _redeem(equal, "north", "harbor", 100)
    _redeem(equal, "harbor", "northstar", 125)
    _, closed = _closed(equal)
    for entry in closed["statements"][1:]:
        equal.do("AcceptStatement", {"sha256": entry["sha256"], "window_id": 1}, entry["msp_id"])
    c(
        "last_without_payments",
        "The last acceptance settles a window without payments.",
        equal,
        {"sha256": closed["statements"][0]["sha256"], "window_id": 1},
        speaker=closed["statements"][0]["msp_id"],
        expect=lambda r: r["window_status"] == "SETTLED",
    )
    return c.found


def _record_payment() -> list[Case]:
    c = Cases("record_payment", "RecordPayment", "northstar")
    world, _ = _accepted()
    args = {"payee_msp": "lotus", "reference": "bank 1", "window_id": 1}
    c("plain", "29 fen to lotus.", world, args, expect=lambda r: r["payment"]["status"] == "PAID")
    c("unknown_window", "A window that never was.", world, {**args, "window_id": 9}, "UNKNOWN_WINDOW")
    c("cut_only", "A window that is not closed.", _cut(_traded()), args, "WINDOW_NOT_CLOSED")
    second, _ = _closed(_second(world), 2)
    c(
        "out_of_order",
        "The second window before the first.",
        second,
        {**args, "payee_msp": "harbor", "window_id": 2},
        "WINDOW_OUT_OF_ORDER",
    )
    pending, _ = _closed(_traded())
    c("pending", "Statements are pending.", pending, args, "STATEMENTS_PENDING")
    deadline = pending.fork().later(days=7)
    c("deadline", "At the deadline still.", deadline, args, "STATEMENTS_PENDING")
    c("past_deadline", "A second later silence is acceptance.", deadline.fork().later(seconds=1), args)
    c(
        "order_order_before_pending",
        "Out of order, and pending.",
        second,
        {**args, "payee_msp": "nobody", "window_id": 2},
        "WINDOW_OUT_OF_ORDER",
    )
    c("unknown", "No such payment.", world, {**args, "payee_msp": "operator"}, "UNKNOWN_PAYMENT")
    c("by_the_payee", "By the payee.", world, {**args, "payee_msp": "northstar"}, "UNKNOWN_PAYMENT", speaker="lotus")
    again = world.fork()
    again.do("RecordPayment", args)
    c("again", "Twice.", again, args, "PAYMENT_NOT_DUE")
    return c.found


def _second(world: World) -> World:
    other = world.fork().later(days=1)
    _redeem(other, "north", "harbor", 60)
    return other


def _confirm_payment() -> list[Case]:
    c = Cases("confirm_payment", "ConfirmPayment", "lotus")
    world, _ = _accepted()
    args = {"payer_msp": "northstar", "reference": "bank 1", "window_id": 1}
    c("not_paid", "Not recorded yet.", world, args, "PAYMENT_NOT_PAID")
    paid = world.fork()
    paid.do("RecordPayment", {"payee_msp": "lotus", "reference": "bank 1", "window_id": 1})
    c("plain", "One of two.", paid, args, expect=lambda r: r["window_status"] == "CLOSED")
    c("unknown_window", "A window that never was.", paid, {**args, "window_id": 9}, "UNKNOWN_WINDOW")
    c("cut_only", "A window that is not closed.", _cut(_traded()), args, "WINDOW_NOT_CLOSED")
    c("unknown", "No such payment.", paid, {**args, "payer_msp": "operator"}, "UNKNOWN_PAYMENT")
    c("other_reference", "Another reference.", paid, {**args, "reference": "bank 2"}, "PAYMENT_REFERENCE_MISMATCH")
    last = paid.fork()
    last.do("ConfirmPayment", args, "lotus")
    c("again", "Twice.", last, args, "PAYMENT_NOT_PAID")
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
    follow = last.fork()
    _cut(follow, 2)
    follow.do("CloseWindow", {"window_id": 2}, OPERATOR)
    follow.later(seconds=DAY)
    c(
        "last_with_follower",
        "An empty window after it waited for it.",
        follow,
        harbor,
        speaker="harbor",
        expect=lambda r: r["window_status"] == "SETTLED",
    )
    settled = last.fork()
    settled.do("ConfirmPayment", harbor, "harbor")
    c("settled", "A settled window.", settled, harbor, "WINDOW_NOT_CLOSED", speaker="harbor")
    return c.found
