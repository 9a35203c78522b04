"""Vectors of what becomes of what a merchant does not pay."""

from __future__ import annotations

import json
from typing import Any

from chaincode.cases.case import Case, Cases
from chaincode.cases.world import ADMIN, DAY, OPERATOR, Speaker, World, deposit, grants, standard
from chaincode.spec.kernel import keys, limits
from chaincode.spec.kernel.calendar import add_days, date_of, day_at
from chaincode.spec.kernel.canonical import Json, encode

MINOR = 10_000
"""Millionths of a fen."""


def cases() -> list[Case]:
    return _declared()


def _document(world: World, key: str) -> Any:
    return json.loads(world.state.values[key])


def _owing(owed: dict[str, int], window_id: int = 1, world: World | None = None) -> World:
    """A window in which merchants owe so many fen, `issuer>acceptor`, is closed, and nobody has paid in time. No operation
    made its positions."""
    world = standard() if world is None else world
    for pair, minor in owed.items():
        issuer, acceptor = pair.split(">")
        position = {"adjusted_millionths": 0, "redeemed_millionths": minor * MINOR, "refunded_millionths": 0}
        world.state.commit({keys.position(window_id, issuer, acceptor, 0): encode(position)})
    world.later(seconds=1).do("CutWindow", {"window_id": window_id}, OPERATOR)
    world.do("CloseWindow", {"window_id": window_id}, OPERATOR)
    return world


def _late(world: World) -> World:
    """The time for paying is over."""
    return world.later(days=_document(world, keys.CONSORTIUM)["acceptance_days"] + 6)


def _posted(world: World, msp_id: str, minor: int) -> World:
    """So much is left of a merchant's cover, which no operation made: a limit's cover is never less than what is used."""
    cover = {**_document(world, keys.cover(msp_id)), "posted_millionths": minor * MINOR}
    world.state.commit({keys.cover(msp_id): encode(cover)})
    return world


def _example() -> World:
    """A owes B 500 and C 200 and has cover of 450; 100 are in the fund; its limits are B's 1,000 and C's 3,000."""
    world = standard()
    caps = [*grants("northstar", 1_000 * MINOR, 800 * MINOR, "harbor")]
    caps += grants("northstar", 3_000 * MINOR, 800 * MINOR, "lotus")
    world.do("SetLimits", {"issuer_msp": "northstar", "limits": caps})
    world.do("DepositCollateral", deposit("harbor", 60 * MINOR, "FUND"), OPERATOR)
    world.do("DepositCollateral", deposit("lotus", 40 * MINOR, "FUND"), OPERATOR)
    owing = _owing({"northstar>harbor": 500, "northstar>lotus": 200}, world=world)
    return _late(_posted(owing, "northstar", 450))


def in_default() -> World:
    """The example, declared."""
    world = _example()
    world.do("DeclareDefault", _args(world), OPERATOR)
    return world


def _args(world: World, msp_id: str = "northstar", window_id: int = 1, days: int = limits.RUN_OFF_DAYS_MIN) -> Json:
    today = day_at(world.now, _document(world, keys.CONSORTIUM)["time_zone"])
    return {"msp_id": msp_id, "run_off_until": date_of(add_days(today, days)), "window_id": window_id}


def _payments(result: Any) -> list[tuple[str, str, int]]:
    return [(one["payer_msp"], one["payee_msp"], one["amount_minor"]) for one in result["default"]["payments"]]


def _by_name(shares: Json) -> dict[str, int]:
    return {share["msp_id"]: share["amount_minor"] for share in shares}


def _declared() -> list[Case]:
    c = Cases("declare_default", "DeclareDefault", "operator")
    example = _example()
    c(
        "plain",
        "700 owed; 450 out of cover, 100 out of the fund, 150 by limits: 38 and 112.",
        example,
        _args(example),
        expect=lambda r: (
            _by_name(r["default"]["losses"]) == {"harbor": 38, "lotus": 112}
            and _by_name(r["default"]["fund"]) == {"harbor": 60, "lotus": 40}
            and _payments(r) == [("operator", "harbor", 462), ("operator", "lotus", 88)]
            and r["merchant"]["status"] == "RUN_OFF"
        ),
    )
    c("by_a_creditor", "Whoever takes part can declare it.", example, _args(example), speaker="lotus")
    covered = _late(_owing({"northstar>harbor": 50, "northstar>lotus": 20}))
    c(
        "covered",
        "The cover is enough, as it always is of what was redeemed.",
        covered,
        _args(covered),
        expect=lambda r: (r["default"]["cover_minor"], r["default"]["losses"]) == (70, []),
    )
    part = _owing({"northstar>harbor": 50, "northstar>lotus": 20})
    for entry in ("northstar", "harbor", "lotus"):
        digest = _document(part, keys.statement(1, entry))["sha256"]
        part.do("AcceptStatement", {"sha256": digest, "window_id": 1}, entry)
    part.do("RecordPayment", {"amount_minor": 30, "payee_msp": "harbor", "reference": "b", "window_id": 1}, "northstar")
    rejected = part.fork()
    part = _late(part)
    c(
        "part_paid",
        "What stands recorded is paid.",
        part,
        _args(part),
        expect=lambda r: _by_name(r["default"]["owed"]) == {"harbor": 20, "lotus": 20},
    )
    owed = _owing({"northstar>harbor": 50})
    owed = _late(_owing({"lotus>northstar": 30}, 2, owed))
    c(
        "set_off",
        "What the defaulter is owed in another window comes first.",
        owed,
        _args(owed),
        expect=lambda r: (
            r["default"]["set_off"] == [{"amount_minor": 30, "msp_id": "lotus", "window_id": 2}]
            and _payments(r) == [("lotus", "harbor", 30), ("operator", "harbor", 20)]
        ),
    )
    haircut = _late(_posted(_owing({"northstar>harbor": 50, "northstar>lotus": 20}), "northstar", 10))
    nothing = {"issuer_msp": "northstar", "limits": grants("northstar", 0, 70 * MINOR)}
    haircut.do("SetLimits", nothing)
    c(
        "haircut",
        "No limit, so nobody but those who are owed bears it.",
        haircut,
        _args(haircut),
        expect=lambda r: _by_name(r["default"]["haircuts"]) == {"harbor": 43, "lotus": 17},
    )
    second = in_default()
    third = _posted(_late(_owing({"harbor>lotus": 600}, 2, second.fork())), "harbor", 0)
    c(
        "second_merchant",
        "Another defaults; who has, bears nothing.",
        third,
        _args(third, "harbor", 2),
        expect=lambda r: _by_name(r["default"]["losses"]) == {"lotus": 138},
    )
    again = _posted(_owing({"northstar>harbor": 20}, 2, second.fork()), "northstar", 0)
    c("in_run_off", "Who is in run-off stays in it.", _late(again), {"msp_id": "northstar", "window_id": 2})
    c("in_run_off_day", "No other day is announced.", _late(again), _args(again, window_id=2), "INVALID_ARGUMENT")
    c(
        "no_day",
        "The last day is announced with it.",
        example,
        {"msp_id": "northstar", "window_id": 1},
        "INVALID_ARGUMENT",
    )
    c(
        "day_too_near",
        "One day too near.",
        example,
        _args(example, days=limits.RUN_OFF_DAYS_MIN - 1),
        "RUN_OFF_DAY_OUT_OF_RANGE",
    )
    c("by_nobody", "Who takes no part.", example, _args(example), "NOT_PARTICIPANT", speaker="nobody")
    c("unknown", "Nobody's.", example, {**_args(example), "msp_id": "nobody"}, "UNKNOWN_MERCHANT")
    c("unknown_window", "No such window.", example, _args(example, window_id=9), "UNKNOWN_WINDOW")
    c("open", "The open window.", example, _args(example, window_id=2), "WINDOW_NOT_CLOSED")
    c("nothing_due", "Who owes nothing.", example, _args(example, "lotus"), "NOTHING_DUE")
    c("again", "It owes nothing any more.", second, {"msp_id": "northstar", "window_id": 1}, "NOTHING_DUE")
    pending = _owing({"northstar>harbor": 50})
    c("pending", "Statements are not accepted.", pending, _args(pending), "STATEMENTS_PENDING")
    early = pending.fork().later(days=8)
    c("too_soon", "It can still pay.", early, _args(early), "DEFAULT_TOO_SOON")
    rejected.do("RecordPayment", {"payee_msp": "harbor", "reference": "c", "window_id": 1}, "northstar")
    for reference in ("b", "c"):
        answer = {"payer_msp": "northstar", "reason": "NOT_RECEIVED", "reference": reference, "window_id": 1}
        rejected.do("RejectPayment", answer, "harbor")
    c("rejected_one", "What it did not pay another is late.", _late(rejected.fork()), _args(rejected, days=60))
    rejected.do("RecordPayment", {"payee_msp": "lotus", "reference": "d", "window_id": 1}, "northstar")
    contested = _late(rejected)
    c("contested", "It says that it paid.", contested, _args(contested), "DEFAULT_CONTESTED")
    voted = pending.fork().later(days=8)
    motion = {"expires_at": voted.now + DAY, "kind": "DEFAULT", "msp_id": "northstar", "reason": "insolvent"}
    proposal = {"proposal_id": voted.do("Propose", motion, ADMIN)["proposal"]["proposal_id"]}
    for msp_id in ("harbor", "lotus"):
        voted.do("Vote", {"approve": True, **proposal}, Speaker(msp_id, "admin"))
    c("by_vote", "The merchants voted for it.", voted, _args(voted))
    c(
        "role",
        "Marketing declares nothing.",
        example,
        _args(example),
        "ROLE_REQUIRED",
        speaker=Speaker("operator", "marketing"),
    )
    return c.found
