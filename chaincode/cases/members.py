"""Cases of members and of points given and taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from chaincode.cases.case import Case, Cases
from chaincode.cases.world import (
    ALICE,
    BOB,
    CAROL,
    DAY,
    ELSEWHERE,
    PEOPLE,
    PLACE,
    REFUND_DAYS,
    World,
    funded,
    hoard,
    issue,
    person,
    standard,
)
from chaincode.spec.kernel import keys, limits


def _expires(day: str | None) -> Callable[[Any], bool]:
    return lambda result: bool(result["issuance"]["expires_on"] == day)


def cases() -> list[Case]:
    """All of them."""
    return [
        *_enroll_member(),
        *_set_member_status(),
        *_move_home(),
        *_issue(),
        *_accrue(),
        *_reverse_issue(),
        *_expire(),
        *_memory(),
        *_sweep(),
    ]


def _with_status(msp_id: str, status: str) -> World:
    world = funded()
    world.put_in(msp_id, status)
    return world


def _enroll_member() -> list[Case]:
    c = Cases("enroll_member", "EnrollMember", "lotus")
    carol = PEOPLE["carol"].enrolment("lotus", PLACE)
    c("plain", "With her consent.", standard(), carol, expect=lambda r: r["member"]["home_msp"] == "lotus")
    c(
        "stranger",
        "By who is no merchant.",
        standard(),
        PEOPLE["carol"].enrolment("nobody", PLACE),
        "UNKNOWN_MERCHANT",
        speaker="nobody",
    )
    c("suspended", "By a suspended merchant.", _with_status("lotus", "SUSPENDED"), carol, "MERCHANT_NOT_ACTIVE")
    c("again", "Twice.", standard(), PEOPLE["alice"].enrolment("lotus", PLACE), "MEMBER_EXISTS")
    c(
        "other_key",
        "The address of another key.",
        standard(),
        {**carol, "address": PEOPLE["dave"].address},
        "ADDRESS_MISMATCH",
    )
    c(
        "consent_for_another",
        "Her consent is for another merchant.",
        standard(),
        PEOPLE["carol"].enrolment("harbor", PLACE),
        "CONSENT_INVALID",
    )
    c(
        "consent_for_another_network",
        "Her consent is for another network of equal names.",
        standard(),
        PEOPLE["carol"].enrolment("lotus", ELSEWHERE),
        "CONSENT_INVALID",
    )
    c(
        "order_address_before_consent",
        "Neither fits.",
        standard(),
        {**PEOPLE["carol"].enrolment("harbor", PLACE), "address": PEOPLE["dave"].address},
        "ADDRESS_MISMATCH",
    )
    off = "04" + "11" * 64
    from chaincode.spec.kernel.signatures import address_of

    c(
        "off_curve",
        "A key that is no point of the curve.",
        standard(),
        {"address": address_of(off), "consent": carol["consent"], "public_key": off},
        "CONSENT_INVALID",
    )
    c("zero_signature", "A signature of zeros.", standard(), {**carol, "consent": "0" * 128}, "CONSENT_INVALID")
    c(
        "mistyped_address",
        "One letter of the address is wrong.",
        standard(),
        {**carol, "address": carol["address"][:-1] + ("q" if carol["address"][-1] != "q" else "p")},
        "INVALID_ARGUMENT",
    )
    c(
        "upper_case_address",
        "Addresses are lower case.",
        standard(),
        {**carol, "address": carol["address"].upper()},
        "INVALID_ARGUMENT",
    )
    return c.found


def _set_member_status() -> list[Case]:
    c = Cases("set_member_status", "SetMemberStatus")
    c("plain", "A member is frozen.", standard(), {"address": ALICE, "status": "FROZEN"})
    for status in ("ACTIVE", "FROZEN", "CLOSED"):
        c(f"to_{status.lower()}", f"To {status}.", standard(), {"address": ALICE, "status": status})
    c("unknown", "An account that is no member.", standard(), {"address": CAROL, "status": "FROZEN"}, "UNKNOWN_MEMBER")
    c(
        "by_another",
        "By another merchant.",
        standard(),
        {"address": ALICE, "status": "FROZEN"},
        "NOT_HOME_MERCHANT",
        speaker="harbor",
    )
    closed = standard()
    closed.do("SetMemberStatus", {"address": ALICE, "status": "CLOSED"})
    c("from_closed", "Nothing leads back.", closed, {"address": ALICE, "status": "ACTIVE"}, "STATUS_TRANSITION")
    for status, code in (
        ("ISSUE_STOPPED", "OK"),
        ("RUN_OFF", "OK"),
        ("SUSPENDED", "MERCHANT_NOT_ACTIVE"),
        ("EXITED", "MERCHANT_NOT_ACTIVE"),
    ):
        described = f"By a home merchant that is {status}."
        c(
            f"home_{status.lower()}",
            described,
            _with_status("northstar", status),
            {"address": ALICE, "status": "CLOSED"},
            code,
        )
    c(
        "stranger",
        "By who is no merchant.",
        standard(),
        {"address": ALICE, "status": "FROZEN"},
        "UNKNOWN_MERCHANT",
        speaker="x",
    )
    moved = standard()
    moved.do("MoveHome", {"home_msp": "lotus"}, "lotus", member="alice")
    c("old_home", "By the home that she left.", moved, {"address": ALICE, "status": "FROZEN"}, "NOT_HOME_MERCHANT")
    c("new_home", "By the home that she moved to.", moved, {"address": ALICE, "status": "FROZEN"}, speaker="lotus")
    return c.found


def _frozen(home_status: str = "ACTIVE", status: str = "FROZEN") -> World:
    """alice was frozen (or closed) by northstar, which then came into a status."""
    world = standard()
    world.do("SetMemberStatus", {"address": ALICE, "status": status})
    if home_status != "ACTIVE":
        world.put_in("northstar", home_status)
    return world


def _move_home() -> list[Case]:
    c = Cases("move_home", "MoveHome", "lotus", "alice")
    args = {"home_msp": "lotus"}
    c("plain", "From northstar to lotus.", standard(), args, expect=lambda r: r["member"]["home_msp"] == "lotus")
    c("by_another", "Another merchant submits her word.", standard(), args, "NOT_ACCEPTOR", speaker="harbor")
    c("to_a_stranger", "To who is no merchant.", standard(), {"home_msp": "x"}, "UNKNOWN_MERCHANT", speaker="x")
    stopped = _with_status("lotus", "ISSUE_STOPPED")
    c("to_one_that_stopped", "To a merchant that is not ACTIVE.", stopped, args, "MERCHANT_NOT_ACTIVE")
    c("not_enrolled", "She is nobody's member.", standard(), args, "UNKNOWN_MEMBER", member="carol")
    home = {"home_msp": "northstar"}
    c("at_home", "It is her home already.", standard(), home, "MEMBER_EXISTS", speaker="northstar")
    for status in ("SUSPENDED", "RUN_OFF", "EXITED"):
        c(f"from_{status.lower()}", f"Her home is {status}.", _with_status("northstar", status), args)
    for status in ("ACTIVE", "ISSUE_STOPPED", "RUN_OFF"):
        name = f"frozen_by_{status.lower()}"
        c(name, "Frozen by a home that answers for her.", _frozen(status), args, "MEMBER_NOT_ACTIVE")
    for status in ("SUSPENDED", "EXITED"):
        c(
            f"frozen_by_{status.lower()}",
            "She stays frozen until her new home decides.",
            _frozen(status),
            args,
            expect=lambda r: (r["member"]["home_msp"], r["member"]["status"]) == ("lotus", "FROZEN"),
        )
    c("closed", "Closed is for ever.", _frozen("EXITED", "CLOSED"), args, "MEMBER_NOT_ACTIVE")
    closed = _frozen("ACTIVE", "CLOSED")
    c("order_home_before_status", "Closed, and at home.", closed, home, "MEMBER_EXISTS", speaker="northstar")
    return c.found


def _issue() -> list[Case]:
    c = Cases("issue", "Issue")
    args = {"address": ALICE, "class_id": "north", "points": 100}
    c(
        "plain",
        "100 points, for a year.",
        standard(),
        args,
        expect=lambda r: (
            r["issuance"]
            == {
                "debt_paid": 0,
                "issuance_id": "r1.0",
                "points": 100,
                "issued_on": "2026-03-01",
                "available_on": "2026-03-01",
                "expires_on": "2027-03-01",
            }
        ),
    )
    c("to_anyone", "To an account that is no member.", standard(), {**args, "address": CAROL, "reason": "welcome"})
    c(
        "pending",
        "Available later.",
        standard(),
        {**args, "available_on": "2026-04-01"},
        expect=lambda r: r["issuance"]["available_on"] == "2026-04-01",
    )
    c(
        "available_in_the_past",
        "Available since long: from today.",
        standard(),
        {**args, "available_on": "2020-01-01"},
        expect=lambda r: r["issuance"]["available_on"] == "2026-03-01",
    )
    c("available_on_last_day", "Available on the day it expires.", standard(), {**args, "available_on": "2027-03-01"})
    c(
        "never_available",
        "Available after it expires.",
        standard(),
        {**args, "available_on": "2027-03-02"},
        "EXPIRES_BEFORE_AVAILABLE",
    )
    c("stranger", "By who is no merchant.", standard(), args, "UNKNOWN_MERCHANT", speaker="nobody")
    c("stopped_merchant", "Issue stopped.", _with_status("northstar", "ISSUE_STOPPED"), args, "MERCHANT_NOT_ACTIVE")
    c("unknown_class", "An unknown class.", standard(), {**args, "class_id": "tea"}, "UNKNOWN_CLASS")
    c("by_another", "By another merchant.", standard(), args, "NOT_ISSUER", speaker="harbor")
    stopped = standard()
    stopped.do("UpdateClass", {"class_id": "north", "status": "STOPPED"})
    c("stopped_class", "A stopped class.", stopped, args, "CLASS_STOPPED")
    c("order_issuer_before_stopped", "By another, and stopped.", stopped, args, "NOT_ISSUER", speaker="harbor")
    enrolled = standard()
    enrolled.do("UpdateClass", {"class_id": "north", "enrolled_only": True})
    c("enrolled_only", "A class for members, to none.", enrolled, {**args, "address": CAROL}, "NOT_ENROLLED")
    c("enrolled_only_member", "A class for members, to one.", enrolled, args)
    frozen = standard()
    frozen.do("SetMemberStatus", {"address": ALICE, "status": "FROZEN"})
    c("to_frozen", "A frozen member may receive.", frozen, args)
    frozen.do("SetMemberStatus", {"address": ALICE, "status": "CLOSED"})
    c("to_closed", "A closed member may not.", frozen, args, "MEMBER_NOT_ACTIVE")
    most = limits.BUCKETS_PER_BALANCE_MAX
    c("buckets_at_limit", "The last day that has a place.", hoard(standard(), "north", ALICE, most - 1), args)
    many = hoard(standard(), "north", ALICE, most)
    c("buckets_past_limit", "No place for another last day.", many, args, "TOO_MANY_BUCKETS")
    past_it = {**args, "available_on": "2026-04-01"}
    c("pending_past_limit", "What is pending counts too.", many, past_it, "TOO_MANY_BUCKETS")
    passed = hoard(standard(), "north", ALICE, most).later(days=365 * 4)
    c("expired_give_place", "Of as many last days some have passed: there is place.", passed, args)
    again = standard()
    issue(again, "north", 7)
    c("same_day", "A second issuance on one day joins the bucket of the first.", again, args)
    waiting = standard()
    issue(waiting, "north", 7, available_on="2026-04-01")
    later = {**args, "available_on": "2026-04-01"}
    c("same_pending", "It joins what is pending with the same days.", waiting, later)
    c("other_pending", "It comes sooner than what is pending.", waiting, {**args, "available_on": "2026-03-31"})
    c("join", "What was pending joins with it.", waiting.fork().later(days=31), args)
    return_period = standard()
    return_period.do("UpdateClass", {"class_id": "north", "waiting_days": 14})
    c(
        "waiting_days",
        "The class's waiting days, where nothing is said.",
        return_period,
        args,
        expect=lambda r: r["issuance"]["available_on"] == "2026-03-15",
    )
    c(
        "waiting_days_said_otherwise",
        "Available at once, by the issuer's word.",
        return_period,
        {**args, "available_on": "2026-03-01"},
        expect=lambda r: r["issuance"]["available_on"] == "2026-03-01",
    )
    for name, points, paid in (("part", 30, 30), ("all", 40, 40), ("more", 100, 40)):
        c(
            f"debt_{name}",
            f"Of 40 points of debt {paid} are paid.",
            _indebted(),
            {**args, "points": points},
            expect=_paid(paid),
        )
    rich = standard()
    issue(rich, "north", limits.INTEGER_MAX)
    c("overflow", "More was issued than readers keep exact.", rich, {**args, "address": BOB}, "OVERFLOW")
    rich = hoard(standard(), "north", ALICE, 2, points=limits.INTEGER_MAX // 2)
    c("balance_at_range", "As many points in one balance as readers keep exact.", rich, {**args, "points": 1})
    for name, more in (("bucket", {}), ("pending", {"available_on": "2026-04-01"})):
        past_it = {**args, **more, "points": 2}
        c(f"balance_past_range_{name}", "One more, in whatever bucket.", rich, past_it, "OVERFLOW")
    for name, validity, expires in (
        ("never", {"kind": "NEVER"}, None),
        ("month_end_0", {"kind": "MONTH_END", "months": 0}, "2026-03-31"),
        ("month_end_23", {"kind": "MONTH_END", "months": 23}, "2028-02-29"),
        ("month_end_1200", {"kind": "MONTH_END", "months": 1200}, "2126-03-31"),
        ("date", {"date": "2026-03-01", "kind": "DATE"}, "2026-03-01"),
        ("days_36500", {"days": 36500, "kind": "DAYS"}, "2126-02-05"),
        ("days_0", {"days": 0, "kind": "DAYS"}, "2026-03-01"),
    ):
        world = standard()
        world.do("UpdateClass", {"class_id": "north", "validity": validity})
        c(
            f"validity_{name}",
            f"Expires {expires}.",
            world,
            args,
            expect=_expires(expires),
        )
    past = standard()
    past.do("UpdateClass", {"class_id": "north", "validity": {"date": "2026-02-28", "kind": "DATE"}})
    c("validity_date_passed", "The class's date has passed.", past, args, "EXPIRES_BEFORE_AVAILABLE")
    midnight = standard().later(seconds=11 * 3600 - 1)
    c(
        "last_second_of_the_day",
        "23:59:59 in Shanghai.",
        midnight,
        args,
        expect=lambda r: r["issuance"]["issued_on"] == "2026-03-01",
    )
    c(
        "first_second_of_the_day",
        "00:00:00 in Shanghai.",
        standard().later(seconds=11 * 3600),
        args,
        expect=lambda r: r["issuance"]["issued_on"] == "2026-03-02",
    )
    c("other_shard", "Through another lane.", standard(), args, shard=15)
    return c.found


def _indebted() -> World:
    """alice owes 40 points of north."""
    world = standard()
    world.do("UpdateClass", {"class_id": "north", "debt": True})
    issue(world, "north", 40, request_id="returned")
    world.do("Transfer", {"class_id": "north", "recipients": [{"address": BOB, "points": 40}]}, member="alice")
    clawed = {"account": ALICE, "class_id": "north", "issuance_id": "returned.0", "points": 40, "reason": "returned"}
    world.do("ReverseIssue", clawed)
    return world


def _paid(points: int) -> Callable[[Any], bool]:
    return lambda result: bool(result["issuance"]["debt_paid"] == points)


def _accrue() -> list[Case]:
    c = Cases("accrue", "Accrue")
    args = {"address": ALICE, "amount_minor": 2933, "class_id": "north", "purchase_ref": "till 3"}
    c("plain", "29.33 earn 29.", standard(), args, expect=lambda r: r["issuance"]["points"] == 29)
    c("nothing", "0.99 earn nothing.", standard(), {**args, "amount_minor": 99}, expect=lambda r: r["issuance"] is None)
    c("one", "1.00 earns 1.", standard(), {**args, "amount_minor": 100}, expect=lambda r: r["issuance"]["points"] == 1)
    done = standard()
    done.do("Accrue", args, request_id="r1")
    clawed = {"account": ALICE, "class_id": "north", "issuance_id": "r1.0", "points": 9, "reason": "returned"}
    done.do("ReverseIssue", clawed)
    c(
        "repeated_after_a_reversal",
        "Its transaction is told, whatever was clawed back.",
        done,
        args,
        expect=lambda r: r["repeated"],
    )
    fruitless = standard()
    less = {**args, "amount_minor": 99}
    fruitless.do("Accrue", less, request_id="r1")
    c("nothing_repeated", "It earned nothing.", fruitless, less, expect=lambda r: r["repeated"])

    def earning(amount_minor: int, points: int, rounding: str) -> World:
        world = standard()
        rate = {"amount_minor": amount_minor, "points": points, "rounding": rounding}
        world.do("UpdateClass", {"class_id": "north", "earn_rate": rate})
        return world

    def earns(name: str, described: str, world: World, amount_minor: int, points: int) -> None:
        paid = {**args, "amount_minor": amount_minor}
        c(name, described, world, paid, expect=lambda r: (r["issuance"] or {"points": 0})["points"] == points)

    earns("rate_3", "Three for each whole unit.", earning(100, 3, "STEPS"), 2933, 87)
    ten = earning(1000, 1, "STEPS")
    earns("steps_1_per_10_below", "9.99 at 1 for each 10.00.", ten, 999, 0)
    earns("steps_1_per_10", "10.00 at 1 for each 10.00.", ten, 1000, 1)
    earns("steps_3_per_2", "3.99 at 3 for each whole 2.00.", earning(200, 3, "STEPS"), 399, 3)
    earns("down_3_per_2", "3.99 at 3 for 2.00 is 5.985, rounded down.", earning(200, 3, "DOWN"), 399, 5)
    half = earning(200, 3, "HALF_UP")
    earns("half_up_3_per_2", "3.99 at 3 for 2.00 is 5.985, rounded to the nearest.", half, 399, 6)
    earns("half_up_below", "0.33 at 3 for 2.00 is 0.495.", half, 33, 0)
    earns("half_up_at", "1.00 at 3 for 2.00 is 1.5, a half goes up.", half, 100, 2)
    earns("half_up_odd", "1 of 3 minor units is a third.", earning(3, 1, "HALF_UP"), 1, 0)
    most = limits.INTEGER_MAX
    earns("steps_at_most", "The largest amount, one for each unit.", earning(1, 1, "STEPS"), most, most)
    rated = {"rounding": "HALF_UP", "amount_minor": 2, "points": 2}
    largest = standard()
    largest.do("UpdateClass", {"class_id": "north", "earn_rate": rated})
    earns("half_up_at_most", "The largest amount, two for two.", largest, most, most)
    for rounding in ("STEPS", "DOWN", "HALF_UP"):
        name = f"overflow_{rounding.lower()}"
        c(name, "More than the range.", earning(1, 2, rounding), {**args, "amount_minor": most}, "OVERFLOW")
    c(
        "overflow_far",
        "More than 64 bits.",
        earning(1, limits.EARN_POINTS_MAX, "DOWN"),
        {**args, "amount_minor": most},
        "OVERFLOW",
    )
    just = earning(most % limits.EARN_AMOUNT_MINOR_MAX or 1, 1, "HALF_UP")
    c(
        "half_up_large",
        "A large amount by a large step.",
        just,
        {**args, "amount_minor": most},
        expect=lambda r: r["issuance"],
    )
    c("stranger", "By who is no merchant.", standard(), args, "UNKNOWN_MERCHANT", speaker="nobody")
    c("stopped_merchant", "Issue stopped.", _with_status("northstar", "ISSUE_STOPPED"), args, "MERCHANT_NOT_ACTIVE")
    c("unknown_class", "An unknown class.", standard(), {**args, "class_id": "tea"}, "UNKNOWN_CLASS")
    c("by_another", "By another merchant.", standard(), args, "NOT_ISSUER", speaker="harbor")
    stopped = standard()
    stopped.do("UpdateClass", {"class_id": "north", "status": "STOPPED"})
    c("stopped_class", "A stopped class.", stopped, args, "CLASS_STOPPED")
    none = standard()
    nil = {"amount_minor": 100, "points": 0, "rounding": "STEPS"}
    none.do("UpdateClass", {"class_id": "north", "earn_rate": nil, "enrolled_only": True})
    c("no_rate", "Purchases earn nothing here.", none, args, "NO_EARN_RATE")
    c("order_rate_before_enrolled", "No rate, and not enrolled.", none, {**args, "address": CAROL}, "NO_EARN_RATE")
    enrolled = standard()
    enrolled.do("UpdateClass", {"class_id": "north", "enrolled_only": True})
    c("enrolled_only", "A class for members, to none.", enrolled, {**args, "address": CAROL}, "NOT_ENROLLED")
    closed = standard()
    closed.do("SetMemberStatus", {"address": ALICE, "status": "CLOSED"})
    c("to_closed", "To a closed member.", closed, args, "MEMBER_NOT_ACTIVE")
    past = standard()
    past.do("UpdateClass", {"class_id": "north", "validity": {"date": "2026-02-28", "kind": "DATE"}})
    c("date_passed", "The class's date has passed.", past, args, "EXPIRES_BEFORE_AVAILABLE")
    taken = standard()
    issue(taken, "north", 5, request_id="r1")
    c("id_reused", "The id of an issuance to the same account.", taken, args, "REQUEST_ID_REUSED")
    nothing = {**args, "amount_minor": 0}
    c("id_reused_for_nothing", "The same, and this would earn nothing.", taken, nothing, "REQUEST_ID_REUSED")
    c(
        "id_of_another_account",
        "The id of an issuance to another account is free here.",
        taken,
        {**args, "address": BOB},
    )
    full = hoard(standard(), "north", ALICE, limits.BUCKETS_PER_BALANCE_MAX)
    c("full", "No place for another last day.", full, args, "TOO_MANY_BUCKETS")
    waiting = standard()
    waiting.do("UpdateClass", {"class_id": "north", "waiting_days": 14})
    c(
        "waiting_days",
        "Available when the return period is over.",
        waiting,
        args,
        expect=lambda r: r["issuance"]["available_on"] == "2026-03-15",
    )
    short = {"class_id": "north", "validity": {"days": 13, "kind": "DAYS"}}
    waiting.do("UpdateClass", short)
    c("waiting_past_validity", "It would expire before.", waiting, args, "EXPIRES_BEFORE_AVAILABLE")
    c("debt", "All of it pays debt.", _indebted(), args, expect=_paid(29))
    c("debt_and_more", "40 pay the debt.", _indebted(), {**args, "amount_minor": 5000}, expect=_paid(40))
    owing = _indebted()
    owing.do("Accrue", args, request_id="r1")
    c("debt_repeated", "The same request again.", owing, args, expect=lambda r: r["repeated"])
    return c.found


def _gone(world: World) -> World:
    """All that alice has of north is sent on."""
    points = sum(bucket[1] for bucket in json.loads(world.state.values[keys.balance("north", ALICE)])[0])
    world.do("Transfer", {"class_id": "north", "recipients": [{"address": BOB, "points": points}]}, member="alice")
    return world


def _exchanged() -> World:
    """alice gave 20 of harbor for 20 of north."""
    world = standard()
    issue(world, "harbor", 20)
    rate = {"active": True, "denominator": 1, "from_class_id": "harbor", "numerator": 1, "to_class_id": "north"}
    world.do("SetRate", rate)
    swap = {
        "from_class_id": "harbor",
        "points": 20,
        "rate_version": 1,
        "terms_hash": world.terms("north"),
        "to_class_id": "north",
    }
    world.do("Exchange", swap, member="alice", request_id="swap")
    return world


def _reverse_issue() -> list[Case]:
    c = Cases("reverse_issue", "ReverseIssue")

    def world() -> World:
        found = standard()
        issue(found, "north", 100, request_id="gift")
        return found

    args = {"account": ALICE, "class_id": "north", "issuance_id": "gift.0", "points": 40, "reason": "paid back"}
    c("plain", "40 of 100.", world(), args)
    c("all", "All 100.", world(), {**args, "points": 100})
    c("past", "101 of 100.", world(), {**args, "points": 101}, "REVERSAL_EXCEEDS_ISSUE")
    c("unknown_class", "An unknown class.", world(), {**args, "class_id": "tea"}, "UNKNOWN_CLASS")
    c("by_another", "By another merchant.", world(), args, "NOT_ISSUER", speaker="harbor")
    c("unknown_issuance", "An issuance that never was.", world(), {**args, "issuance_id": "gift.1"}, "UNKNOWN_ISSUANCE")
    c("other_account", "Issued to another.", world(), {**args, "account": BOB}, "UNKNOWN_ISSUANCE")
    c(
        "order_account_before_amount",
        "Another's, and too much.",
        world(),
        {**args, "account": BOB, "points": 1000},
        "UNKNOWN_ISSUANCE",
    )
    sent = world()
    sent.do("Transfer", {"class_id": "north", "recipients": [{"address": BOB, "points": 70}]}, member="alice")
    c("rest_at_limit", "What has not been sent on.", sent, {**args, "points": 30})
    c("rest_past", "One more than is left there.", sent, {**args, "points": 31}, "INSUFFICIENT_POINTS")
    sent.do("Transfer", {"class_id": "north", "recipients": [{"address": BOB, "points": 30}]}, member="alice")
    c("all_gone", "Nothing is left there.", sent, {**args, "points": 1}, "INSUFFICIENT_POINTS")
    held = world()
    held.do(
        "Hold",
        {"acceptor_msp": "harbor", "class_ids": ["north"], "expires_at": held.now + 60, "order_ref": "o", "points": 61},
        "harbor",
        member="alice",
    )
    c("held", "Held points stay.", held, args, "INSUFFICIENT_POINTS")
    last = world().later(days=30)
    c("last_day", "On the last of the claw-back days.", last, args)
    c("over", "The day after.", last.fork().later(days=1), args, "UNKNOWN_ISSUANCE")
    c(
        "order_over_before_amount",
        "Over, and too much.",
        last.fork().later(days=1),
        {**args, "points": 101},
        "UNKNOWN_ISSUANCE",
    )
    c("order_over_before_points", "Over, and gone.", _gone(world()).later(days=31), args, "UNKNOWN_ISSUANCE")
    longer = standard()
    longer.do("UpdateClass", {"class_id": "north", "clawback_days": 366, "validity": {"days": 5, "kind": "DAYS"}})
    issue(longer, "north", 100, request_id="gift")
    longer.later(days=6)
    c("expired", "What has expired is gone.", longer, args, "INSUFFICIENT_POINTS")
    longer.do("UpdateClass", {"class_id": "north", "debt": True})
    c("expired_debt", "It becomes a debt.", longer, args, expect=lambda r: r["debt"] == 40)
    none = standard()
    none.do("UpdateClass", {"class_id": "north", "clawback_days": 0})
    issue(none, "north", 100, request_id="gift")
    c("same_day_only", "Without claw-back days, on the same day.", none, args)
    c("same_day_over", "The day after.", none.fork().later(days=1), args, "UNKNOWN_ISSUANCE")
    swapped = _exchanged()
    of_hers = {**args, "issuance_id": f"{ALICE}/swap.0", "points": 1}
    c("of_an_exchange", "What she paid for with other points stays hers.", swapped, of_hers, "UNKNOWN_ISSUANCE")
    mixed = standard()
    issue(mixed, "north", 10, available_on="2026-03-20", request_id="other-pending")
    mixed.do("UpdateClass", {"class_id": "north", "validity": {"kind": "NEVER"}})
    issue(mixed, "north", 20, request_id="never")
    mixed.do("UpdateClass", {"class_id": "north", "validity": {"days": 100, "kind": "DAYS"}})
    issue(mixed, "north", 30, request_id="soon")
    mixed.do("UpdateClass", {"class_id": "north", "validity": {"days": 365, "kind": "DAYS"}})
    issue(mixed, "north", 100, request_id="gift")
    mixed.do("Transfer", {"class_id": "north", "recipients": [{"address": BOB, "points": 95}]}, member="alice")
    for points, described in (
        (35, "The rest of its own bucket."),
        (55, "And what never expires."),
        (65, "And what is pending, of another."),
    ):
        c(f"from_others_{points}", described, mixed, {**args, "points": points})
    c("from_others_past", "One more than there is.", mixed, {**args, "points": 66}, "INSUFFICIENT_POINTS")
    mixed.do("UpdateClass", {"class_id": "north", "debt": True})
    c("debt", "What is not there is owed.", mixed, {**args, "points": 100}, expect=lambda r: r["debt"] == 35)
    early = standard()
    early.do("UpdateClass", {"class_id": "north", "waiting_days": 14})
    issue(early, "north", 100, request_id="gift")
    issue(early, "north", 5, available_on="2026-03-01", request_id="other")
    c("pending", "What is pending of it, first.", early, {**args, "points": 100})
    full = world()
    issue(full, "north", limits.INTEGER_MAX - 100, "bob", request_id="more")
    full.do("ReverseIssue", {**args, "account": BOB, "issuance_id": "more.0", "points": limits.INTEGER_MAX - 100})
    c("reversed_at_limit", "The counter at the end of its range.", full, {**args, "points": 100})
    wrapped = world()
    key = "supply/north/northstar/00"
    wrapped.state.commit(
        {key: wrapped.state.values[key].replace(b'"reversed":0', b'"reversed":%d' % limits.INTEGER_MAX)}
    )
    c("overflow", "The counter of what was reversed past its range.", wrapped, args, "OVERFLOW")
    return c.found


def _expire() -> list[Case]:
    c = Cases("expire", "Expire", "harbor")
    world = standard()
    issue(world, "north", 30, request_id="old")
    world.later(days=10)
    issue(world, "north", 50, request_id="new")
    issue(world, "north", 7, "bob", request_id="bobs")
    args = {"accounts": [ALICE, BOB, CAROL], "class_id": "north"}
    last = world.fork().later(days=355)
    c("last_day", "On its last day it is still good.", last, args, expect=lambda r: r["points"] == 0)
    c("day_after", "The day after it is booked.", last.fork().later(days=1), args, expect=lambda r: r["points"] == 30)
    midnight = last.fork().later(seconds=11 * 3600)
    ahead = midnight.fork().later(seconds=limits.DATE_MARGIN_SECONDS - 1)
    c("dated_ahead", "Whose date may lie ahead books nothing.", ahead, args, expect=lambda r: r["points"] == 0)
    midnight.later(seconds=limits.DATE_MARGIN_SECONDS)
    c("not_dated_ahead", "A second later the day is over.", midnight, args, expect=lambda r: r["points"] == 30)
    c("several", "Of several accounts.", last.fork().later(days=30), args, expect=lambda r: r["points"] == 87)
    held = world.fork().later(days=354)
    held.do(
        "Hold",
        {
            "acceptor_msp": "harbor",
            "class_ids": ["north"],
            "expires_at": held.now + 9 * 86_400,
            "order_ref": "o",
            "points": 20,
        },
        "harbor",
        member="alice",
    )
    c("held", "Held points stay.", held.later(days=3), args, expect=lambda r: r["points"] == 10)
    c("unknown_class", "An unknown class.", world, {**args, "class_id": "tea"}, "UNKNOWN_CLASS")
    c("twice", "An account named twice.", world, {**args, "accounts": [ALICE, ALICE]}, "INVALID_ARGUMENT")
    wrapped = last.fork().later(days=30)
    wrapped.state.commit(
        {
            "supply/north/harbor/00": b'{"expired":%d,"issued":0,"redeemed_elsewhere":0,"redeemed_own":0,'
            b'"restored":0,"reversed":0}' % limits.INTEGER_MAX
        }
    )
    c("overflow", "The counter past its range.", wrapped, args, "OVERFLOW")
    c(
        "at_limit",
        "As many accounts as may be.",
        world,
        {**args, "accounts": [person(n).address for n in range(limits.ACCOUNTS_PER_EXPIRE_MAX)]},
    )
    c(
        "past_limit",
        "One more.",
        world,
        {**args, "accounts": [person(n).address for n in range(limits.ACCOUNTS_PER_EXPIRE_MAX + 1)]},
        "INVALID_ARGUMENT",
    )
    return c.found


def _memory() -> list[Case]:
    c = Cases("memory", "Issue")
    most = limits.MEMORY_ENTRIES_MAX
    args = {"address": ALICE, "class_id": "north", "points": 100}
    c("entries_at_limit", "The last request that has a place in the balance.", _busy(most - 1), args)
    c("entries_past_limit", "One more gets a key of its own.", _busy(most), args)
    busy = _busy(most + 1)
    again = {"address": ALICE, "class_id": "north", "points": 5}
    c("spilled_repeated", "Repeated, from its own key.", busy, again, request_id=f"busy{most}")
    c("spilled_reused", "Another content.", busy, args, "REQUEST_ID_REUSED", request_id=f"busy{most}")
    c("after_a_spill", "A further request looks for its own key.", busy, args)
    grace = DAY + limits.REQUEST_GRACE_SECONDS
    c("full_of_issued", "What can be clawed back keeps its place.", busy.fork().later(seconds=grace + 1), args)
    c("room_again", "Its time over, there is room again.", busy.fork().later(days=31), args)
    c("spill_over", "Nothing can be under other keys any more.", busy.fork().later(days=33), args)
    clawing = Cases("memory", "ReverseIssue")
    clawed = {"account": ALICE, "class_id": "north", "points": 5, "reason": "returned"}
    for name, number in (("in_line", 0), ("spilled", most)):
        world = busy.fork()
        reverse = {**clawed, "issuance_id": f"busy{number}.0"}
        clawing(f"reverse_{name}", "Clawed back from its place.", world, reverse)
        world.do("ReverseIssue", reverse)
        clawing(f"reverse_{name}_again", "Nothing is left of it.", world, reverse, "UNKNOWN_ISSUANCE")
    return [*c.found, *clawing.found, *_names_used_again(busy.fork().later(seconds=grace + 1)), *_refunded_often()]


def _refunded_often() -> list[Case]:
    """What made a redemption has a place in its memory for ever; its refunds have the others."""
    c = Cases("memory", "Refund", "harbor")
    world = funded({"north": 500})
    asked = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "o", "points": 100}
    world.do("Redeem", asked, "harbor", member="alice", request_id="shop")
    args = {"points": 1, "redemption_id": f"{ALICE}/shop"}
    for number in range(limits.MEMORY_ENTRIES_MAX - 2):
        world.do("Refund", args, "harbor", request_id=f"back{number}")
    c("refunds_at_limit", "The last refund that has a place in the redemption.", world, args)
    world.do("Refund", args, "harbor", request_id="last")
    c("refunds_past_limit", "One more gets a key of its own.", world, args)
    world.do("Refund", args, "harbor", request_id="spilled")
    c("refund_repeated", "Repeated, from its own key.", world, args, request_id="spilled")
    c("refund_reused", "Another content.", world, {**args, "points": 2}, "REQUEST_ID_REUSED", request_id="spilled")
    world.later(seconds=DAY + limits.REQUEST_GRACE_SECONDS + 1)
    c("refunds_over", "The time of the others is over, that of what made it is not.", world, args, request_id="spilled")
    return c.found


def _names_used_again(world: World) -> list[Case]:
    """The time of alice's requests is over, and what they issued can still be clawed back."""
    c = Cases("memory", "Issue")
    clawing = Cases("memory", "ReverseIssue")
    args = {"address": ALICE, "class_id": "north", "points": 100}
    for place, number in (("in_line", 0), ("spilled", limits.MEMORY_ENTRIES_MAX)):
        name = f"busy{number}"
        clawed = {"account": ALICE, "class_id": "north", "issuance_id": f"{name}.0", "points": 2, "reason": "returned"}
        issuing, reversing = world.fork(), world.fork()
        c(
            f"name_again_{place}",
            "A name is used again: the new request is remembered in place of the old.",
            issuing,
            args,
            request_id=name,
        )
        issue(issuing, "north", 100, request_id=name)
        c(f"name_again_{place}_repeated", "And is carried out once.", issuing, args, request_id=name)
        clawing(
            f"name_again_{place}_clawback",
            "What it issued can be clawed back: here by a request of the same name.",
            reversing,
            clawed,
            request_id=name,
        )
        reversing.do("ReverseIssue", clawed, request_id=name)
        clawing(f"name_again_{place}_rest", "And the rest by another.", reversing, {**clawed, "points": 3})
        clawing(
            f"name_again_{place}_past",
            "But no more than that.",
            reversing,
            {**clawed, "points": 4},
            "REVERSAL_EXCEEDS_ISSUE",
        )
    return [*c.found, *clawing.found]


def _busy(requests: int) -> World:
    """alice was given points of north so often on one day."""
    world = standard()
    for number in range(requests):
        issue(world, "north", 5, request_id=f"busy{number}")
    return world


def _sweep() -> list[Case]:
    c = Cases("sweep", "Sweep")
    grace = DAY + limits.REQUEST_GRACE_SECONDS
    world = _busy(limits.MEMORY_ENTRIES_MAX + 2)
    world.do("UpdateClass", {"category": "books", "class_id": "north"}, request_id="news")
    spilled = f"busy{limits.MEMORY_ENTRIES_MAX}"
    args = {
        "balances": [{"account": ALICE, "class_id": "north"}, {"account": BOB, "class_id": "north"}],
        "holds": [f"{ALICE}/never"],
        "memories": [
            {"about": f"balance/north/{ALICE}", "authoriser": "northstar", "request_id": name}
            for name in (spilled, "never")
        ],
        "receipts": [
            {"authoriser": "northstar", "request_id": "news"},
            {"authoriser": ALICE, "request_id": "never"},
        ],
    }
    c(
        "too_soon",
        "At the end of its grace the receipt stays, and all else.",
        world.fork().later(seconds=grace),
        args,
        expect=lambda r: r["deleted"] == 0,
    )
    c(
        "plain",
        "A second later the receipt goes, and the balance forgets the requests; what can be clawed back stays.",
        world.fork().later(seconds=grace + 1),
        args,
        speaker="harbor",
        expect=lambda r: r["deleted"] == 2,
    )
    c(
        "last_clawback_day",
        "As long as it can be clawed back.",
        world.fork().later(days=30),
        args,
        expect=lambda r: r["deleted"] == 2,
    )
    over = world.fork().later(days=31)
    c("clawback_over", "Then it goes.", over, args, expect=lambda r: r["deleted"] == 3)
    after = over.fork()
    after.do("Sweep", args)
    c("again", "Nothing is left of it.", after, args, expect=lambda r: r["deleted"] == 0)
    c("expired", "What has expired is booked.", over.fork().later(days=365), args, expect=lambda r: r["deleted"] == 3)
    empty = _gone(_busy(1)).later(days=31)
    balance = {"balances": args["balances"]}
    c("empty_balance", "A balance of which nothing is left.", empty, balance, expect=lambda r: r["deleted"] == 1)
    held = standard()
    issue(held, "north", 20)
    till = {
        "acceptor_msp": "harbor",
        "class_ids": ["north"],
        "expires_at": held.now + DAY,
        "order_ref": "o",
        "points": 20,
    }
    hold_id = held.do("Hold", till, "harbor", member="alice", request_id="till")["hold"]["hold_id"]
    hold = {"holds": [hold_id]}
    c("open_hold", "A hold that is open.", held.fork().later(days=30), hold, expect=lambda r: r["deleted"] == 0)
    held.later(days=2).do("Release", {"hold_id": hold_id}, "harbor")
    ended = held.fork().later(seconds=grace)
    c("ended_hold_too_soon", "Its release is remembered.", ended, hold, expect=lambda r: r["deleted"] == 0)
    c("ended_hold", "It has ended long ago.", ended.fork().later(seconds=1), hold, expect=lambda r: r["deleted"] == 1)
    _sweep_redemptions(c)
    none: dict[str, object] = {"balances": [], "holds": None}
    c("nothing_named", "Nothing is named.", world, none, "INVALID_ARGUMENT")
    many = [{"authoriser": "northstar", "request_id": f"r{n}"} for n in range(limits.ITEMS_PER_SWEEP_MAX)]
    c("items_at_limit", "As many as may be.", world, {"receipts": many})
    c("items_past_limit", "One more.", world, {"holds": [hold_id], "receipts": many}, "INVALID_ARGUMENT")
    spent = {"receipts": many, "redemptions": [f"{ALICE}/never"]}
    c("items_past_limit_redemptions", "A redemption more.", world, spent, "INVALID_ARGUMENT")
    rich = over.fork().later(days=365)
    key = "supply/north/northstar/00"
    full = rich.state.values[key].replace(b'"expired":0', b'"expired":%d' % limits.INTEGER_MAX)
    rich.state.commit({key: full})
    c("overflow", "The counter of what expired past its range.", rich, args, "OVERFLOW")
    return c.found


def _sweep_redemptions(c: Cases) -> None:
    """Redemptions, on the last of their refund days and behind it, remembered or not."""
    world = standard()
    issue(world, "north", 60)
    till = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "o", "points": 40}
    shop = world.do("Redeem", till, "harbor", member="alice", request_id="shop")["redemption"]["redemption_id"]
    args = {"redemptions": [shop]}
    last = world.fork().later(days=REFUND_DAYS)
    midnight = last.fork().later(seconds=11 * 3600)
    margin = midnight.fork().later(seconds=limits.DATE_MARGIN_SECONDS - 1)
    over = margin.fork().later(seconds=1)
    for name, told, at, deleted in (
        ("redemption_in_its_days", "It can be refunded still.", last, 0),
        ("redemption_after_midnight", "It may be the day before: whoever sweeps can date ahead.", midnight, 0),
        ("redemption_margin", "In the last second of which nobody is sure.", margin, 0),
        ("redemption", "Its refund days are over.", over, 1),
    ):
        c(name, told, at, args, expect=lambda r, deleted=deleted: r["deleted"] == deleted)  # type: ignore[misc]
    named = {"redemptions": [shop, f"{ALICE}/never", shop]}
    c("redemption_twice", "It goes once; another is unknown.", over, named, expect=lambda r: r["deleted"] == 1)
    part = last.fork()
    for number in range(limits.MEMORY_ENTRIES_MAX - 1):
        part.do("Refund", {"points": 1, "redemption_id": shop}, "harbor", request_id=f"back{number}")
    remembered = part.fork().later(seconds=DAY + limits.REQUEST_GRACE_SECONDS)
    c("redemption_remembered", "Its refunds are remembered.", remembered, args, expect=lambda r: r["deleted"] == 0)
    forgotten = remembered.fork().later(seconds=1)
    c("redemption_forgotten", "A second later none is.", forgotten, args, expect=lambda r: r["deleted"] == 1)
    part.later(seconds=60).do("Refund", {"points": 1, "redemption_id": shop}, "harbor", request_id="one-more")
    spilled = part.fork().later(seconds=DAY + limits.REQUEST_GRACE_SECONDS)
    about = {"about": f"redemption/{shop}", "authoriser": "harbor", "request_id": "one-more"}
    both = {"memories": [about], "redemptions": [shop]}
    c(
        "redemption_spilled",
        "One that it had no room for is remembered under its own key.",
        spilled,
        both,
        expect=lambda r: r["deleted"] == 0,
    )
    c(
        "redemption_spilled_over",
        "A second later both go.",
        spilled.fork().later(seconds=1),
        both,
        expect=lambda r: r["deleted"] == 2,
    )
    swapped = funded()
    rate = {"active": True, "denominator": 1, "from_class_id": "north", "numerator": 1, "to_class_id": "harbor"}
    swapped.do("SetRate", rate, "harbor")
    given = {
        "from_class_id": "north",
        "points": 5,
        "rate_version": 1,
        "terms_hash": swapped.terms("harbor"),
        "to_class_id": "harbor",
    }
    swapped.do("Exchange", given, "harbor", member="alice", request_id="shop")
    day = swapped.fork().later(days=REFUND_DAYS)
    c("exchange_in_its_days", "An exchange is kept as long.", day, args, expect=lambda r: r["deleted"] == 0)
    c("exchange", "Then it goes.", day.fork().later(days=1), args, expect=lambda r: r["deleted"] == 1)
