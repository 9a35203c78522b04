"""Cases of disputes, from their opening to their end."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from chaincode.cases.case import Case, Cases
from chaincode.cases.world import ADMIN, ALICE, DAY, OPERATOR, REFUND_DAYS, World, class_args, funded, sliced, standard
from chaincode.spec.kernel import keys
from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.exposure import lane_gross_max
from chaincode.spec.kernel.limits import (
    DATE_MARGIN_SECONDS,
    DISPUTE_KEPT_DAYS,
    INTEGER_MAX,
    REFUND_SHARD,
    RUN_OFF_DAYS_MIN,
)

ORDER = f"{ALICE}/order"
"""The redemption that is disputed: 100 north, worth 1.00, at harbor."""
PHOTO, RECEIPT, LETTER, LOG = ("1" * 64, "2" * 64, "3" * 64, "4" * 64)
FEE = 7
UNIT = 10_000


def cases() -> list[Case]:
    """All of them."""
    return [
        *_open_dispute(),
        *_netted(),
        *_answer_dispute(),
        *_escalate_dispute(),
        *_withdraw_dispute(),
        *_vote_dispute(),
        *_resolve_dispute(),
        *_refund(),
        *_sweep(),
        *_exit(),
        *_queries(),
    ]


def redeem(world: World, class_id: str, at: str, points: int, order: str, shard: int = 0) -> World:
    """alice spends points; the redemption is `<alice>/<order>`."""
    args = {"acceptor_msp": at, "class_ids": [class_id], "order_ref": order, "points": points}
    world.do("Redeem", args, at, member="alice", shard=shard, request_id=order)
    return world


def bought() -> World:
    """The order, and beside it harbor at lotus 100 (0.80), and lotus at northstar 40 (0.50)."""
    world = redeem(funded(), "north", "harbor", 100, "order", shard=1)
    redeem(world, "harbor", "lotus", 100, "second")
    return redeem(world, "lotus", "northstar", 40, "third")


def netted(world: World, window_id: int = 1) -> World:
    """The window is cut and closed."""
    world.later(seconds=1).do("CutWindow", {"window_id": window_id}, OPERATOR)
    world.do("CloseWindow", {"window_id": window_id}, OPERATOR)
    return world


def opening(**changes: Json) -> dict[str, Json]:
    """Arguments of OpenDispute about the order."""
    return {"evidence_sha256": PHOTO, "reason": "FRAUD", "redemption_id": ORDER, **changes}


def disputed(world: World | None = None, stage: str = "INQUIRY", **changes: Json) -> World:
    """The order is disputed, as far as a stage."""
    world = world or bought()
    args = opening(**changes)
    redemption_id, steps = args["redemption_id"], ("INQUIRY", "CONTESTED", "DISPUTED", "VOTING")
    about = {"issuer_msp": "northstar", "redemption_id": redemption_id}
    contest = {**about, "answer": "CONTEST"}
    for step in steps[: steps.index(stage) + 1]:
        if step == "INQUIRY":
            world.do("OpenDispute", args)
        elif step == "DISPUTED":
            world.do("EscalateDispute", {"evidence_sha256": LETTER, "redemption_id": redemption_id})
        else:
            world.do("AnswerDispute", {**contest, "evidence_sha256": LOG if step == "VOTING" else RECEIPT}, "harbor")
    return world


def _is(status: str, booked: int | None = None, payer: str | None = None) -> Callable[[Any], bool]:
    """The dispute's status, what the acceptor gets in the end, and who pays the fee."""

    def holds(result: Any) -> bool:
        dispute = result["dispute"]
        return (dispute["status"], dispute["booked_minor"], dispute["fee_payer_msp"]) == (status, booked, payer)

    return holds


def _read(world: World, key: str) -> Json:
    return json.loads(world.state.values[key])


def _open_dispute() -> list[Case]:
    c = Cases("open_dispute", "OpenDispute", "northstar")
    c(
        "plain",
        "1.00 of the open window is disputed, and reserved in lane 1.",
        bought(),
        opening(),
        expect=lambda r: r["dispute"]["amount_minor"] == 100 and r["statements"] == [],
    )
    c("part", "A part of it.", bought(), opening(amount_minor=30, reason="AMOUNT"))
    c("all_but_one", "As much as is owed.", bought(), opening(amount_minor=100))
    c("more", "A minor unit more.", bought(), opening(amount_minor=101), "DISPUTE_EXCEEDS_REDEMPTION")
    returned = bought()
    returned.do("Refund", {"points": 40, "redemption_id": ORDER}, "harbor")
    c("refunded", "What was refunded is not owed.", returned, opening(amount_minor=61), "DISPUTE_EXCEEDS_REDEMPTION")
    returned.do("Refund", {"redemption_id": ORDER}, "harbor")
    c("refunded_whole", "Nothing is left.", returned, opening(), "DISPUTE_EXCEEDS_REDEMPTION")
    small = standard()
    small.do("DefineClass", class_args("dust", 6_600))
    small.do("Issue", {"address": ALICE, "class_id": "dust", "points": 100})
    redeem(small, "dust", "harbor", 1, "order")
    redeem(small, "dust", "harbor", 2, "two")
    c("below_a_unit", "Worth less than a minor unit.", small, opening(), "DISPUTE_EXCEEDS_REDEMPTION")
    c(
        "rounded_down",
        "1.32 minor units: the whole one is disputed, the rest goes on.",
        small,
        opening(redemption_id=f"{ALICE}/two"),
        expect=lambda r: r["dispute"]["amount_minor"] == 1,
    )
    cut = bought()
    cut.later(seconds=1).do("CutWindow", {"window_id": 1}, OPERATOR)
    c("cut", "A window that is cut, and will be netted without it.", cut, opening())
    c("again", "Twice.", disputed(), opening(), "DISPUTE_EXISTS")
    over = disputed()
    over.do("WithdrawDispute", {"redemption_id": ORDER})
    c("again_later", "It was withdrawn, and stays so.", over, opening(), "DISPUTE_EXISTS")
    c("unknown", "No such redemption.", bought(), opening(redemption_id="harbor/none"), "UNKNOWN_REDEMPTION")
    c("of_another", "By one whose points they were not.", bought(), opening(), "NOT_ISSUER", speaker="lotus")
    c("by_the_acceptor", "By who is to get it.", bought(), opening(), "NOT_ISSUER", speaker="harbor")
    c("no_merchant", "By no merchant.", bought(), opening(), "UNKNOWN_MERCHANT", speaker="operator")
    gone = bought()
    gone.let_go("harbor")
    c("acceptor_left", "The acceptor has left.", gone, opening(), "MERCHANT_NOT_ACTIVE")
    early = bought()
    early.now -= 1
    c("before_window", "Dated before the opening.", early, opening(), "TIME_BEFORE_WINDOW")
    both = redeem(funded(), "north", "harbor", 10, "one")
    args = {"acceptor_msp": "harbor", "class_ids": ["north", "lotus", "harbor"], "order_ref": "o", "points": 1300}
    both.do("Redeem", args, "harbor", member="alice", request_id="order")
    both.do("OpenDispute", opening(), "lotus")
    c(
        "of_several_issuers",
        "Each disputes for itself: 490 north are northstar's, 500 lotus were disputed.",
        both,
        opening(),
        expect=lambda r: r["dispute"]["amount_minor"] == 490,
    )
    holding = funded()
    hold = {
        "acceptor_msp": "harbor",
        "class_ids": ["north"],
        "expires_at": holding.now + DAY,
        "order_ref": "o",
        "points": 50,
    }
    holding.do("Hold", hold, "lotus", member="alice", request_id="h")
    holding.do("Capture", {"hold_id": f"{ALICE}/h"}, "harbor", request_id="cap")
    c("guests", "Captured in the guests' lane.", holding, opening(redemption_id="harbor/cap"))
    c.found += _limits()
    return c.found


def _limits() -> list[Case]:
    """What refunds of an earlier window had offset needs room again."""
    c = Cases("open_dispute", "OpenDispute", "northstar")

    def offset() -> World:
        world = netted(redeem(funded(), "north", "harbor", 200, "earlier", shard=1))
        redeem(world, "north", "harbor", 100, "order", shard=1)
        world.do("Refund", {"points": 70, "redemption_id": f"{ALICE}/earlier"}, "harbor")
        return sliced(world, 70 * UNIT, None, REFUND_SHARD + 1, "harbor", "northstar")

    c(
        "offset",
        "70 of the 100 were offset by a refund, and need room.",
        sliced(offset(), 300 * UNIT, shard=1),
        opening(),
    )
    c(
        "cap",
        "A cap of a millionth less.",
        sliced(offset(), 300 * UNIT - 1, 300 * UNIT, shard=1),
        opening(),
        "CAP_EXCEEDED",
    )
    c(
        "cover",
        "A cover of a millionth less.",
        sliced(offset(), 300 * UNIT, 300 * UNIT - 1, shard=1),
        opening(),
        "COVER_EXCEEDED",
    )
    theirs = sliced(
        sliced(offset(), 300 * UNIT, shard=1), 70 * UNIT - 1, 70 * UNIT, REFUND_SHARD + 1, "harbor", "northstar"
    )
    c("their_cap", "The acceptor's own cap for its refunds.", theirs, opening(), "CAP_EXCEEDED")
    full = bought()
    most, key = lane_gross_max(UNIT), keys.position(1, "northstar", "harbor", 1)
    position = {**_read(full, key), "redeemed_millionths": most, "refunded_millionths": most - 100 * UNIT}
    full.state.commit({key: encode(position)})
    c("window_full", "The lane is as full as it can be.", full, opening(), "WINDOW_FULL")
    position["redeemed_millionths"] = most - 100 * UNIT
    position["refunded_millionths"] = 0
    full.state.commit({key: encode(position)})
    c("window_full_offset", "There is room for it.", sliced(full, most, shard=1), opening())
    much = bought()
    slice_ = _read(much, keys.limit("northstar", "harbor", 1))
    much.state.commit({keys.limit("northstar", "harbor", 1): encode({**slice_, "reserved_millionths": INTEGER_MAX})})
    c("overflow", "More would be reserved than a number holds.", much, opening(), "OVERFLOW")
    return c.found


def _netted() -> list[Case]:
    """In a window whose statements are made."""
    c = Cases("open_dispute", "OpenDispute", "northstar")
    world = netted(bought())

    def named(result: Any) -> dict[str, str]:
        return {one["msp_id"]: one["status"] for one in result["statements"]}

    both = {"northstar": "PENDING", "harbor": "PENDING"}
    c("netted", "Both statements are made anew.", world, opening(), expect=lambda r: named(r) == both)
    accepted = world.fork()
    sha256 = _read(accepted, keys.statement(1, "harbor"))["sha256"]
    accepted.do("AcceptStatement", {"sha256": sha256, "window_id": 1}, "harbor")
    c("accepted_by_the_other", "The acceptor must accept anew.", accepted, opening(), expect=lambda r: named(r) == both)
    waived = world.fork()
    sha256 = _read(waived, keys.statement(1, "northstar"))["sha256"]
    waived.do("AcceptStatement", {"sha256": sha256, "window_id": 1})
    c("accepted", "Whoever accepts disputes no more.", waived, opening(), "DISPUTE_TOO_LATE")
    deadline = world.fork()
    deadline.now = _read(deadline, keys.window(1))["accept_by"]
    c("deadline", "At the deadline still.", deadline, opening())
    c("silence", "A second later silence was acceptance.", deadline.later(seconds=1), opening(), "DISPUTE_TOO_LATE")
    only = netted(redeem(funded(), "north", "harbor", 100, "order"))
    c(
        "nothing_left",
        "Nothing is left to be paid: the window is settled.",
        only,
        opening(),
        expect=lambda r: named(r) == {"northstar": "ACCEPTED", "harbor": "ACCEPTED"},
    )
    settled = disputed(only.fork())
    c("settled", "A settled window.", settled, opening(redemption_id=ORDER), "DISPUTE_EXISTS")
    two = redeem(funded(), "north", "harbor", 100, "order")
    redeem(two, "harbor", "northstar", 125, "back")
    c("even", "A window without payments was settled when it was closed.", netted(two), opening(), "DISPUTE_TOO_LATE")
    zero = redeem(redeem(funded(), "north", "harbor", 100, "order"), "north", "harbor", 60, "more")
    redeem(zero, "harbor", "northstar", 75, "back")
    redeem(zero, "lotus", "harbor", 40, "third")
    zero = netted(zero)
    c("net_of_nothing", "What nets to nothing is still to be accepted, or disputed.", zero, opening())
    c(
        "second",
        "A second one of the same statement.",
        disputed(zero.fork()),
        opening(redemption_id=f"{ALICE}/more"),
        expect=lambda r: r["dispute"]["amount_minor"] == 60,
    )
    closing = bought()
    closing.later(seconds=1).do("CutWindow", {"window_id": 1}, OPERATOR)
    window = _read(closing, keys.window(1))
    netting: Json = {"gross_minor": 0, "netted_to": "harbor", "tallies": []}
    closing.state.commit({keys.window(1): encode({**window, "status": "CLOSING"}), keys.netting(1): encode(netting)})
    c("closing", "It is being netted.", closing, opening(), "WINDOW_CLOSING")
    c("order_exists_before_closing", "Disputed, and closing.", _with_dispute(closing), opening(), "DISPUTE_EXISTS")
    return c.found


def _with_dispute(world: World) -> World:
    other = world.fork()
    other.state.commit({keys.dispute(ORDER, "northstar"): disputed().state.values[keys.dispute(ORDER, "northstar")]})
    return other


def _answer_dispute() -> list[Case]:
    c = Cases("answer_dispute", "AnswerDispute", "harbor")
    about = {"issuer_msp": "northstar", "redemption_id": ORDER}
    contest = {**about, "answer": "CONTEST", "evidence_sha256": RECEIPT}
    concede = {**about, "answer": "CONCEDE"}
    c("plain", "Contested: the acceptor's fee is reserved.", disputed(), contest, expect=_is("CONTESTED"))
    c("conceded", "Conceded: it is upheld, for no fee.", disputed(), concede, expect=_is("UPHELD", 0))
    second = disputed(stage="DISPUTED")
    c(
        "contested_again",
        "Contested again: lotus votes.",
        second,
        contest,
        expect=lambda r: _is("VOTING")(r) and r["dispute"]["voters"] == ["lotus"],
    )
    c("conceded_late", "Conceded late: with the fee.", second, concede, expect=_is("UPHELD", 0, "harbor"))
    alone = second.fork()
    alone.put_in("lotus", "SUSPENDED")
    c("nobody_votes", "Nobody else takes part: split, for no fee.", alone, contest, expect=_is("SPLIT", 50))
    odd = disputed(stage="DISPUTED", amount_minor=33)
    odd.put_in("lotus", "SUSPENDED")
    c("nobody_votes_odd", "The odd minor unit is the acceptor's.", odd, contest, expect=_is("SPLIT", 17))
    c("no_evidence", "Contested without evidence.", disputed(), {**about, "answer": "CONTEST"}, "INVALID_ARGUMENT")
    c("needless", "Conceded with evidence.", disputed(), {**contest, "answer": "CONCEDE"}, "INVALID_ARGUMENT")
    c("unknown", "No dispute.", bought(), contest, "UNKNOWN_DISPUTE")
    c("of_another", "Of another issuer.", disputed(), {**contest, "issuer_msp": "lotus"}, "UNKNOWN_DISPUTE")
    c("by_another", "By another merchant.", disputed(), contest, "NOT_ACCEPTOR", speaker="lotus")
    c("twice", "It is the issuer's turn.", disputed(stage="CONTESTED"), contest, "DISPUTE_STAGE")
    c(
        "order_stage_before_party",
        "Not now, and not theirs.",
        disputed(stage="CONTESTED"),
        contest,
        "DISPUTE_STAGE",
        speaker="lotus",
    )
    late = disputed().later(days=5)
    c("at_the_end", "In the last second.", late, contest, expect=_is("CONTESTED"))
    c("over", "A second later.", late.fork().later(seconds=1), contest, "DISPUTE_STAGE_OVER")
    early = disputed()
    early.now -= 1
    c("before_window", "Dated before the opening.", early, contest, "TIME_BEFORE_WINDOW")
    fee = FEE * UNIT
    for name, cap, cover, code in (("cap", fee - 1, fee, "CAP_EXCEEDED"), ("cover", fee, fee - 1, "COVER_EXCEEDED")):
        poor = sliced(disputed(), cap, cover, 1, "harbor", "northstar")
        c(name, "The acceptor's limit has no room for its fee.", poor, contest, code)
        c(f"{name}_needless", "It needs none to give in.", poor, concede, expect=_is("UPHELD", 0))
    c("fee_fits", "It has just room.", sliced(disputed(), fee, fee, 1, "harbor", "northstar"), contest)
    full = disputed()
    position = {"adjusted_millionths": 0, "redeemed_millionths": lane_gross_max(UNIT), "refunded_millionths": 0}
    full.state.commit({keys.position(1, "harbor", "northstar", 1): encode(position)})
    full = sliced(full, INTEGER_MAX // 4, None, 1, "harbor", "northstar")
    c("window_full", "The lane has no room for the fee.", full, contest, "WINDOW_FULL")
    much = disputed()
    key = keys.limit("harbor", "northstar", 1)
    much.state.commit({key: encode({**_read(much, key), "reserved_millionths": INTEGER_MAX})})
    c("overflow", "More would be reserved than a number holds.", much, contest, "OVERFLOW")
    return c.found


def _escalate_dispute() -> list[Case]:
    c = Cases("escalate_dispute", "EscalateDispute", "northstar")
    args = {"evidence_sha256": LETTER, "redemption_id": ORDER}
    world = disputed(stage="CONTESTED")
    c("plain", "The issuer insists; its fee is reserved.", world, args, expect=_is("DISPUTED"))
    c("unknown", "No dispute.", bought(), args, "UNKNOWN_DISPUTE")
    c("by_the_acceptor", "By the acceptor, who has none.", world, args, "UNKNOWN_DISPUTE", speaker="harbor")
    c("unanswered", "It is not answered yet.", disputed(), args, "DISPUTE_STAGE")
    c("at_the_end", "In the last second.", world.fork().later(days=3), args)
    c("over", "A second later.", world.fork().later(days=3, seconds=1), args, "DISPUTE_STAGE_OVER")
    early = world.fork()
    early.now -= 1
    c("before_window", "Dated before the opening.", early, args, "TIME_BEFORE_WINDOW")
    need = (100 + FEE) * UNIT
    for name, cap, cover, code in (
        ("cap", need - 1, need, "CAP_EXCEEDED"),
        ("cover", need, need - 1, "COVER_EXCEEDED"),
    ):
        c(name, "No room for the fee.", sliced(disputed(stage="CONTESTED"), cap, cover, 1), args, code)
    c("fee_fits", "Just room.", sliced(disputed(stage="CONTESTED"), need, need, 1), args)
    full, key = disputed(stage="CONTESTED"), keys.position(1, "northstar", "harbor", 1)
    full.state.commit({key: encode({**_read(full, key), "redeemed_millionths": lane_gross_max(UNIT) - 100 * UNIT})})
    full = sliced(full, INTEGER_MAX // 4, None, 1)
    c("window_full", "The lane has no room for the fee.", full, args, "WINDOW_FULL")
    much, key = disputed(stage="CONTESTED"), keys.limit("northstar", "harbor", 1)
    much.state.commit({key: encode({**_read(much, key), "reserved_millionths": INTEGER_MAX})})
    c("overflow", "More would be reserved than a number holds.", much, args, "OVERFLOW")
    return c.found


def _withdraw_dispute() -> list[Case]:
    c = Cases("withdraw_dispute", "WithdrawDispute", "northstar")
    args = {"redemption_id": ORDER}
    c("plain", "The acceptor gets it all, in the open window.", disputed(), args, expect=_is("WITHDRAWN", 100))
    later = netted(disputed())
    c(
        "next_window",
        "Its own window was netted without it.",
        later,
        args,
        expect=lambda r: r["dispute"]["window_id"] == 1 and r["dispute"]["booked_window"] == 2,
    )
    c("contested", "No fee yet.", disputed(stage="CONTESTED"), args, expect=_is("WITHDRAWN", 100))
    for stage in ("DISPUTED", "VOTING"):
        c(stage.lower(), "With the fee.", disputed(stage=stage), args, expect=_is("WITHDRAWN", 100, "northstar"))
    c("unknown", "No dispute.", bought(), args, "UNKNOWN_DISPUTE")
    done = disputed()
    done.do("WithdrawDispute", args)
    c("again", "It has ended.", done, args, "DISPUTE_STAGE")
    c("over", "Its stage is over.", disputed().later(days=5, seconds=1), args, "DISPUTE_STAGE_OVER")
    early = disputed()
    early.now -= 1
    c("before_window", "Dated before the opening.", early, args, "TIME_BEFORE_WINDOW")
    return c.found


def _vote_dispute() -> list[Case]:
    c = Cases("vote_dispute", "VoteDispute", "lotus")
    about = {"issuer_msp": "northstar", "redemption_id": ORDER}
    world = disputed(stage="VOTING")
    c(
        "plain",
        "The only voter is for the issuer.",
        world,
        {**about, "vote": "UPHOLD"},
        expect=_is("UPHELD", 0, "harbor"),
    )
    c("reject", "For the acceptor.", world, {**about, "vote": "REJECT"}, expect=_is("REJECTED", 100, "northstar"))
    c("split", "For neither.", world, {**about, "vote": "SPLIT"}, expect=_is("SPLIT", 50))
    many = bought()
    for msp_id in ("apple", "birch"):
        many.admit(msp_id)
    many = disputed(many, "VOTING")
    c("first_of_three", "Two are still to vote.", many, {**about, "vote": "REJECT"}, expect=_is("VOTING"))
    many.do("VoteDispute", {**about, "vote": "UPHOLD"}, "apple")
    tie = many.fork()
    tie.do("VoteDispute", {**about, "vote": "REJECT"}, "birch")
    c("tie", "One each: split.", tie, {**about, "vote": "SPLIT"}, expect=_is("SPLIT", 50))
    c("most", "Two of three.", tie, {**about, "vote": "REJECT"}, expect=_is("REJECTED", 100, "northstar"))
    c("twice", "A vote is not changed.", many, {**about, "vote": "REJECT"}, "ALREADY_VOTED", speaker="apple")
    c("by_a_party", "By a party.", world, {**about, "vote": "REJECT"}, "NOT_VOTER", speaker="harbor")
    gone = world.fork()
    gone.let_go("lotus")
    c("left", "It has left.", gone, {**about, "vote": "REJECT"}, "NOT_VOTER")
    c("unknown", "No dispute.", bought(), {**about, "vote": "REJECT"}, "UNKNOWN_DISPUTE")
    c("too_soon", "No vote yet.", disputed(stage="DISPUTED"), {**about, "vote": "REJECT"}, "DISPUTE_STAGE")
    late = world.fork().later(days=2)
    c("at_the_end", "In the last second.", late, {**about, "vote": "SPLIT"})
    c("over", "A second later.", late.fork().later(seconds=1), {**about, "vote": "SPLIT"}, "DISPUTE_STAGE_OVER")
    early = world.fork()
    early.now -= 1
    c("before_window", "Dated before the opening.", early, {**about, "vote": "SPLIT"}, "TIME_BEFORE_WINDOW")
    return c.found


def _resolve_dispute() -> list[Case]:
    c = Cases("resolve_dispute", "ResolveDispute", "operator")
    args = {"issuer_msp": "northstar", "redemption_id": ORDER}

    def over(stage: str, days: int) -> World:
        return disputed(stage=stage).later(days=days, seconds=DATE_MARGIN_SECONDS + 1)

    c("plain", "The acceptor did not answer.", over("INQUIRY", 5), args, expect=_is("UPHELD", 0))
    c("contested", "The issuer did not insist.", over("CONTESTED", 3), args, expect=_is("WITHDRAWN", 100))
    c("disputed", "The acceptor was silent then.", over("DISPUTED", 4), args, expect=_is("UPHELD", 0, "harbor"))
    c("no_votes", "Nobody voted.", over("VOTING", 2), args, expect=_is("SPLIT", 50))
    many = bought()
    for msp_id in ("apple", "birch"):
        many.admit(msp_id)
    many = disputed(many, "VOTING")
    many.do("VoteDispute", {**args, "vote": "UPHOLD"}, "apple")
    many.later(days=2, seconds=DATE_MARGIN_SECONDS + 1)
    c("one_vote", "One voted.", many, args, expect=_is("UPHELD", 0, "harbor"))
    c("by_the_issuer", "By a party.", over("INQUIRY", 5), args, speaker="northstar")
    c("by_another", "By another merchant.", over("INQUIRY", 5), args, speaker="lotus")
    c("by_nobody", "By one that takes no part.", over("INQUIRY", 5), args, "NOT_PARTICIPANT", speaker="stranger")
    run_off = over("INQUIRY", 5)
    run_off.let_run_off("northstar")
    c("by_one_that_leaves", "By a party in its run-off.", run_off, args, speaker="northstar")
    early = over("INQUIRY", 5)
    early.now -= 1
    c("not_over", "A second before.", early, args, "DISPUTE_STAGE_NOT_OVER")
    c("unknown", "No dispute.", bought(), args, "UNKNOWN_DISPUTE")
    done = over("INQUIRY", 5)
    done.do("ResolveDispute", args, OPERATOR)
    c("again", "It has ended.", done, args, "DISPUTE_STAGE")
    before = disputed()
    before.now -= 1
    c("before_window", "Dated before the opening.", before, args, "TIME_BEFORE_WINDOW")
    return c.found


def _refund() -> list[Case]:
    """Of what is disputed, or was upheld, nothing is refunded."""
    c = Cases("refund", "Refund", "harbor")
    args = {"redemption_id": ORDER}
    c("disputed", "Disputed as a whole.", disputed(), {**args, "points": 1}, "REDEMPTION_DISPUTED")
    part = disputed(amount_minor=30)
    c("disputed_part", "What is not disputed can be.", part, {**args, "points": 70})
    c("disputed_part_past", "A point more cannot.", part, {**args, "points": 71}, "REDEMPTION_DISPUTED")
    upheld = part.fork()
    upheld.do("AnswerDispute", {**args, "answer": "CONCEDE", "issuer_msp": "northstar"}, "harbor")
    c("upheld", "What was upheld is not paid.", upheld, {**args, "points": 71}, "REDEMPTION_DISPUTED")
    withdrawn = part.fork()
    withdrawn.do("WithdrawDispute", args)
    c("withdrawn", "What was withdrawn is paid, and owed back.", withdrawn, args)
    poor = sliced(netted(part.fork()), 0, 0, REFUND_SHARD + 1, "harbor", "northstar")
    c("order_disputed_before_cap", "Disputed, and no limit.", poor, {**args, "points": 71}, "REDEMPTION_DISPUTED")
    return c.found


def _sweep() -> list[Case]:
    """A dispute goes once nobody can refund its redemption, and the redemption after it."""
    c = Cases("sweep", "Sweep", "lotus")
    about = {"issuer_msp": "northstar", "redemption_id": ORDER}
    both: Json = {"disputes": [about], "redemptions": [ORDER]}
    day_over = 11 * 3600 + DATE_MARGIN_SECONDS
    """From the hour of the scene to the end of its day, and the margin."""

    def ended(days: int, seconds: int) -> World:
        world = disputed()
        world.do("WithdrawDispute", {"redemption_id": ORDER})
        return world.later(days=days, seconds=seconds)

    def deleted(number: int) -> Callable[[Any], bool]:
        return lambda result: bool(result["deleted"] == number)

    kept, over = DISPUTE_KEPT_DAYS, REFUND_DAYS
    assert kept == over
    c("dispute_kept", "It is kept so long.", ended(kept, 0), both, expect=deleted(0))
    c("dispute_refundable", "Its redemption can still be refunded.", ended(kept, 1), both, expect=deleted(0))
    c("dispute", "Both go.", ended(over, day_over), both, expect=deleted(2))
    c("dispute_alone", "It alone.", ended(over, day_over), {"disputes": [about]}, expect=deleted(1))
    c(
        "dispute_stays",
        "The redemption stays with it.",
        ended(over, day_over),
        {"redemptions": [ORDER]},
        expect=deleted(0),
    )
    c("dispute_open", "One that is open stays.", disputed().later(days=2 * over), both, expect=deleted(0))
    c("dispute_unknown", "Of none there is nothing to delete.", bought(), {"disputes": [about]}, expect=deleted(0))
    late = disputed().later(days=over)
    late.do("ResolveDispute", about, OPERATOR)
    late.later(days=kept)
    c("dispute_ended_late", "It ended later than refunds do.", late, both, expect=deleted(0))
    c("dispute_ended_late_past", "A second later.", late.fork().later(seconds=1), both, expect=deleted(2))
    return c.found


def _exit() -> list[Case]:
    """Who is in a dispute stays, and who got something by one until that is paid."""
    c = Cases("set_merchant_status", "SetMerchantStatus", "operator")
    args = {"msp_id": "northstar", "status": "EXITED"}

    def run_off(world: World) -> World:
        world.let_run_off("northstar")
        world.later(days=RUN_OFF_DAYS_MIN + 1).do("CutWindow", {"window_id": 1}, OPERATOR)
        world.do("CloseWindow", {"window_id": 1}, OPERATOR)
        return world

    only = run_off(disputed(redeem(funded(), "north", "harbor", 100, "order")))
    c("exit_disputed", "A dispute is open.", only, args, "MERCHANT_NOT_SETTLED", speaker=ADMIN)
    won = only.fork()
    won.do("ResolveDispute", {"issuer_msp": "northstar", "redemption_id": ORDER}, OPERATOR)
    c("exit_dispute_upheld", "It ended, and nothing is owed.", won, args, speaker=ADMIN)
    lost = run_off(disputed(redeem(funded(), "north", "harbor", 100, "order"), "CONTESTED"))
    lost.do("ResolveDispute", {"issuer_msp": "northstar", "redemption_id": ORDER}, OPERATOR)
    c(
        "exit_dispute_booked",
        "What it lost stands in the open window.",
        lost,
        args,
        "MERCHANT_NOT_SETTLED",
        speaker=ADMIN,
    )
    lost = netted(lost, 2)
    c("exit_dispute_due", "It is to be paid.", lost, args, "MERCHANT_NOT_SETTLED", speaker=ADMIN)
    return c.found


def _queries() -> list[Case]:
    c = Cases("queries", "", "auditor")
    world = bought()
    world.do("OpenDispute", opening(redemption_id=f"{ALICE}/second"), "harbor")
    world = disputed(world)
    world.do("WithdrawDispute", {"redemption_id": ORDER})

    def rows(number: int) -> Callable[[Any], bool]:
        return lambda answer: len(answer["rows"]) == number

    about = {"issuer_msp": "northstar", "redemption_id": ORDER}
    for name, function, args, code, expect in (
        ("dispute", "GetDispute", about, "OK", None),
        ("unknown_dispute", "GetDispute", {**about, "issuer_msp": "lotus"}, "UNKNOWN_DISPUTE", None),
        ("disputes", "ListDisputes", {}, "OK", rows(2)),
        ("disputes_page", "ListDisputes", {"rows": 1}, "OK", rows(1)),
        ("disputes_of_one", "ListDisputes", {"msp_id": "lotus"}, "OK", rows(1)),
        ("disputes_of_an_issuer", "ListDisputes", {"msp_id": "northstar"}, "OK", rows(1)),
        ("disputes_of_both_sides", "ListDisputes", {"msp_id": "harbor"}, "OK", rows(2)),
        ("disputes_at_a_stage", "ListDisputes", {"status": "INQUIRY"}, "OK", rows(1)),
        (
            "disputes_none_on_the_page",
            "ListDisputes",
            {"msp_id": "northstar", "rows": 1, "status": "VOTING"},
            "OK",
            rows(0),
        ),
        ("disputes_no_status", "ListDisputes", {"status": "OPEN"}, "INVALID_ARGUMENT", None),
    ):
        c.call(name, f"{function} {args}.", world, function, [encode(args).decode("utf-8")], code, expect=expect)
    return c.found
