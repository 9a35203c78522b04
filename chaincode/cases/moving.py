"""Cases of sending, allowances and the mapping of legacy points."""

from __future__ import annotations

import hashlib

from chaincode.cases.case import Case, Cases
from chaincode.cases.world import (
    ADMIN,
    ALICE,
    BOB,
    CAROL,
    DAVE,
    DAY,
    ELSEWHERE,
    NOW,
    PEOPLE,
    PLACE,
    Speaker,
    World,
    funded,
    hoard,
    issue,
    person,
    standard,
)
from chaincode.spec.kernel import limits

CARD, OTHER_CARD = (hashlib.sha256(text).hexdigest() for text in (b"salt card 1", b"salt card 2"))


def cases() -> list[Case]:
    """All of them."""
    return [
        *_transfer(),
        *_approve(),
        *_transfer_from(),
        *_import_balances(),
        *_withdraw_to_wallet(),
        *_deposit_from_wallet(),
        *_merge_accounts(),
    ]


def _to(*recipients: tuple[str, int], class_id: str = "north") -> dict[str, object]:
    return {
        "class_id": class_id,
        "recipients": [{"address": address, "points": points} for address, points in recipients],
    }


def _full(name: str, class_id: str = "north") -> World:
    """A member with as many last days as a balance may have."""
    return hoard(standard(), class_id, PEOPLE[name].address, limits.BUCKETS_PER_BALANCE_MAX)


def _transfer() -> list[Case]:
    c = Cases("transfer", "Transfer", "harbor", "alice")
    two = standard()
    issue(two, "north", 30)
    issue(two, "north", 20)
    two.do("UpdateClass", {"class_id": "north", "validity": {"days": 10, "kind": "DAYS"}})
    issue(two, "north", 10, request_id="soon")
    c("plain", "Earliest last day first.", two, _to((BOB, 25)), expect=lambda r: r == {"points": 25})
    c("several", "Several recipients, one after the other.", two, _to((BOB, 15), (CAROL, 5), (BOB, 40)))
    c("all", "All there is.", two, _to((BOB, 60)))
    c("past", "One more.", two, _to((BOB, 61)), "INSUFFICIENT_POINTS")
    c("several_past", "Together one more.", two, _to((BOB, 30), (CAROL, 31)), "INSUFFICIENT_POINTS")
    c("zero", "Nothing, to someone.", two, _to((BOB, 0)))
    c("zero_without_any", "Nothing, by one who has nothing.", two, _to((BOB, 0)), member="carol")
    c("oneself", "To oneself: no change.", two, _to((ALICE, 60)))
    c("oneself_past", "To oneself, more than there is.", two, _to((ALICE, 61)), "INSUFFICIENT_POINTS")
    c("oneself_and_another", "To oneself and another.", two, _to((ALICE, 50), (BOB, 10)))
    c(
        "oneself_and_another_past",
        "Each could be had, both cannot.",
        two,
        _to((ALICE, 60), (BOB, 1)),
        "INSUFFICIENT_POINTS",
    )
    c("not_enrolled", "Anyone with a key can send.", _give_carol(two), _to((BOB, 3)), member="carol")
    never = two.fork()
    never.do("UpdateClass", {"class_id": "north", "validity": {"kind": "NEVER"}})
    issue(never, "north", 5, request_id="never")
    c("never_is_last", "What never expires goes last.", never, _to((BOB, 61)))
    pending = two.fork()
    issue(pending, "north", 5, request_id="tomorrow", available_on="2026-03-02")
    c("pending", "What is not available yet cannot be sent.", pending, _to((BOB, 61)), "INSUFFICIENT_POINTS")
    expired = two.fork().later(days=11)
    c("expired", "What has expired cannot be sent.", expired, _to((BOB, 51)), "INSUFFICIENT_POINTS")
    c("not_expired", "The rest can, and what has expired is booked.", expired, _to((BOB, 50)))
    ahead = two.fork().later(days=10, seconds=11 * 3600 + limits.DATE_MARGIN_SECONDS - 1)
    c("dated_ahead", "Nor is it booked while the date may lie ahead.", ahead, _to((BOB, 50)))
    c("dated_ahead_expired", "It cannot be sent either.", ahead, _to((BOB, 51)), "INSUFFICIENT_POINTS")
    due = two.fork()
    issue(due, "north", 5, available_on="2026-03-02")
    issue(due, "north", 6, available_on="2026-03-03")
    due.later(days=1)
    c("joined", "What became available today has joined its bucket.", due, _to((BOB, 65)))
    c("joined_past", "What comes tomorrow has not.", due, _to((BOB, 66)), "INSUFFICIENT_POINTS")
    due.do("UpdateClass", {"class_id": "north", "validity": {"days": 1, "kind": "DAYS"}})
    issue(due, "north", 7, "bob")
    stale = due.later(days=2)
    c(
        "recipients_expired",
        "What has expired at the recipient is booked too.",
        stale,
        _to((BOB, 1), (CAROL, 1), (BOB, 1)),
    )
    c("unknown_class", "An unknown class.", two, _to((BOB, 1), class_id="tea"), "UNKNOWN_CLASS")
    fixed = two.fork()
    fixed.do("UpdateClass", {"class_id": "north", "enrolled_only": True, "transferable": False})
    c("not_transferable", "A class that cannot be sent.", fixed, _to((BOB, 1)), "CLASS_NOT_TRANSFERABLE")
    c(
        "order_transferable_before_enrolled",
        "Not transferable, and the recipient is no member.",
        fixed,
        _to((CAROL, 1)),
        "CLASS_NOT_TRANSFERABLE",
    )
    fixed.do("UpdateClass", {"class_id": "north", "transferable": True})
    c("enrolled_only", "The recipient is no member.", fixed, _to((BOB, 1), (CAROL, 1)), "NOT_ENROLLED")
    frozen = two.fork()
    frozen.do("SetMemberStatus", {"address": ALICE, "status": "FROZEN"})
    c("sender_frozen", "A frozen member cannot send.", frozen, _to((BOB, 1)), "MEMBER_NOT_ACTIVE")
    closed = two.fork()
    closed.do("SetMemberStatus", {"address": BOB, "status": "CLOSED"}, "harbor")
    c("recipient_closed", "A closed member cannot receive.", closed, _to((BOB, 1)), "MEMBER_NOT_ACTIVE")
    full = _full("bob")
    issue(full, "north", 5, "alice")
    c("recipient_full", "The recipient has no place for another last day.", full, _to((BOB, 5)), "TOO_MANY_BUCKETS")
    rich = two.fork()
    rich.state.commit(
        {
            f"balance/north/{BOB}": rich.state.values[f"balance/north/{ALICE}"].replace(
                b",10,0]", b",%d,0]" % limits.INTEGER_MAX
            )
        }
    )
    c("overflow", "The recipient's bucket would leave the range.", rich, _to((BOB, 1)), "OVERFLOW")
    c(
        "recipients_at_limit",
        "As many recipients as may be.",
        two,
        _to(*((person(n).address, n % 2) for n in range(limits.RECIPIENTS_PER_TRANSFER_MAX))),
    )
    c(
        "recipients_past_limit",
        "One more.",
        two,
        _to(*((person(n).address, 0) for n in range(limits.RECIPIENTS_PER_TRANSFER_MAX + 1))),
        "INVALID_ARGUMENT",
    )
    client = Speaker("harbor", "", PEOPLE["alice"].public_key)
    c(
        "own_client",
        "As a Fabric client of her own, without a signature.",
        two,
        _to((BOB, 25)),
        member="",
        speaker=client,
    )
    c(
        "gateway_without_signature",
        "A gateway cannot speak for her.",
        two,
        _to((BOB, 25)),
        "SIGNATURE_REQUIRED",
        member="",
    )
    signed = two.entry("Transfer", _to((BOB, 25)), member="alice")
    c.batch(
        "altered",
        "The relaying gateway changed the amount.",
        two,
        [{**signed, "args": _to((BOB, 26))}],
        "SIGNATURE_INVALID",
    )
    c.batch(
        "later_valid_until",
        "The relaying gateway changed how long it is valid.",
        two,
        [{**signed, "valid_until": signed["valid_until"] + 1}],
        "SIGNATURE_INVALID",
    )
    c.batch("twice", "The same request twice: the first receipt again.", two, [signed, signed])
    return c.found


def _give_carol(world: World) -> World:
    other = world.fork()
    issue(other, "north", 3, "carol")
    return other


def _approve() -> list[Case]:
    c = Cases("approve", "Approve", "harbor", "alice")
    args = {"class_id": "north", "points": 50, "spender": BOB}
    c("plain", "Up to 50.", standard(), args, expect=lambda r: r == {"points": 50, "previous_points": 0})
    approved = standard()
    approved.do("Approve", args, member="alice")
    c(
        "anew",
        "Set anew, not added.",
        approved,
        {**args, "points": 20},
        expect=lambda r: r == {"points": 20, "previous_points": 50},
    )
    c("expected", "As expected.", approved, {**args, "expected_points": 50, "points": 20})
    c("changed", "Not as expected.", approved, {**args, "expected_points": 49, "points": 20}, "ALLOWANCE_CHANGED")
    c("withdrawn", "None any more.", approved, {**args, "points": 0})
    c("none_to_none", "None where none was.", standard(), {**args, "points": 0})
    c("unknown_class", "An unknown class.", standard(), {**args, "class_id": "tea"}, "UNKNOWN_CLASS")
    frozen = approved.fork()
    frozen.do("SetMemberStatus", {"address": ALICE, "status": "FROZEN"})
    c("frozen", "A frozen member cannot.", frozen, args, "MEMBER_NOT_ACTIVE")
    c(
        "order_frozen_before_changed",
        "Frozen, and not as expected.",
        frozen,
        {**args, "expected_points": 1},
        "MEMBER_NOT_ACTIVE",
    )
    return c.found


def _transfer_from() -> list[Case]:
    c = Cases("transfer_from", "TransferFrom", "harbor", "bob")
    world = standard()
    issue(world, "north", 100)
    world.do("Approve", {"class_id": "north", "points": 50, "spender": BOB}, member="alice")
    args = {"class_id": "north", "owner": ALICE, "points": 20, "recipient": DAVE}
    c("plain", "20 of 50.", world, args, expect=lambda r: r["allowance_points"] == 30)
    c("all", "All of the allowance.", world, {**args, "points": 50})
    c("past", "One more.", world, {**args, "points": 51}, "ALLOWANCE_EXCEEDED")
    c("zero", "Nothing.", world, {**args, "points": 0})
    c("to_the_owner", "Back to the owner: uses the allowance.", world, {**args, "recipient": ALICE})
    c(
        "without_allowance",
        "By one without an allowance.",
        world,
        {**args, "points": 1},
        "ALLOWANCE_EXCEEDED",
        member="carol",
    )
    large = world.fork()
    large.do("Approve", {"class_id": "north", "points": 500, "spender": BOB}, member="alice")
    c("insufficient", "The allowance is more than there is.", large, {**args, "points": 101}, "INSUFFICIENT_POINTS")
    c("order_allowance_before_points", "Past both.", large, {**args, "points": 501}, "ALLOWANCE_EXCEEDED")
    c("unknown_class", "An unknown class.", world, {**args, "class_id": "tea"}, "UNKNOWN_CLASS")
    fixed = world.fork()
    fixed.do("UpdateClass", {"class_id": "north", "transferable": False})
    c("not_transferable", "A class that cannot be sent.", fixed, args, "CLASS_NOT_TRANSFERABLE")
    fixed.do("UpdateClass", {"class_id": "north", "enrolled_only": True, "transferable": True})
    c("enrolled_only", "The recipient is no member.", fixed, args, "NOT_ENROLLED")
    for name, address, home in (("owner", ALICE, "northstar"), ("spender", BOB, "harbor")):
        frozen = world.fork()
        frozen.do("SetMemberStatus", {"address": address, "status": "FROZEN"}, home)
        c(f"{name}_frozen", f"The {name} is frozen.", frozen, args, "MEMBER_NOT_ACTIVE")
    full = _full("dave")
    issue(full, "north", 5)
    full.do("Approve", {"class_id": "north", "points": 50, "spender": BOB}, member="alice")
    c(
        "recipient_full",
        "The recipient has no place for another last day.",
        full,
        {**args, "points": 5},
        "TOO_MANY_BUCKETS",
    )
    rich = world.fork()
    rich.state.commit(
        {
            f"balance/north/{DAVE}": rich.state.values[f"balance/north/{ALICE}"].replace(
                b",100,0]", b",%d,0]" % limits.INTEGER_MAX
            )
        }
    )
    c("overflow", "The recipient's bucket would leave the range.", rich, args, "OVERFLOW")
    return c.found


def _import(*entries: tuple[str, int], total: int | None = None, **more: object) -> dict[str, object]:
    rows = [{"points": points, "reference_hash": card, **more} for card, points in entries]
    return {
        "class_id": "north",
        "control_total_points": sum(row[1] for row in entries) if total is None else total,
        "entries": rows,
    }


def _import_balances() -> list[Case]:
    c = Cases("import_balances", "ImportBalances")
    args = _import((CARD, 120), (OTHER_CARD, 30))
    c("plain", "Two cards.", standard(), args, expect=lambda r: r["points"] == 150 and len(r["issuances"]) == 2)
    c(
        "own_date",
        "With a date of its own.",
        standard(),
        _import((CARD, 120), expires_on="2026-06-30"),
        expect=lambda r: r["issuances"][0]["expires_on"] == "2026-06-30",
    )
    c(
        "control_total",
        "The total is one less.",
        standard(),
        _import((CARD, 120), (OTHER_CARD, 30), total=149),
        "CONTROL_TOTAL_MISMATCH",
    )
    c("twice_in_one", "A card twice in one import.", standard(), _import((CARD, 120), (CARD, 30)), "REFERENCE_USED")
    again = standard()
    again.do("ImportBalances", _import((OTHER_CARD, 1)))
    c("again", "A card that was imported before: nothing is.", again, args, "REFERENCE_USED")
    c(
        "order_total_before_reference",
        "A wrong total, and a card used.",
        again,
        _import((OTHER_CARD, 30), total=1),
        "CONTROL_TOTAL_MISMATCH",
    )
    c(
        "expired",
        "Expired before it comes.",
        standard(),
        _import((CARD, 120), expires_on="2026-02-28"),
        "EXPIRES_BEFORE_AVAILABLE",
    )
    c("stranger", "By who is no merchant.", standard(), args, "UNKNOWN_MERCHANT", speaker="nobody")
    stopped = standard()
    stopped.let_run_off("northstar")
    c("run_off", "By a merchant that may not issue.", stopped, args, "MERCHANT_NOT_ACTIVE")
    c("unknown_class", "An unknown class.", standard(), {**args, "class_id": "tea"}, "UNKNOWN_CLASS")
    c("by_another", "By another merchant.", standard(), args, "NOT_ISSUER", speaker="harbor")
    closed = standard()
    closed.do("UpdateClass", {"class_id": "north", "status": "STOPPED"})
    c("stopped_class", "A stopped class.", closed, args, "CLASS_STOPPED")
    rich = standard()
    issue(rich, "north", limits.INTEGER_MAX)
    c("overflow", "More than readers keep exact.", rich, args, "OVERFLOW")
    return c.found


def _mapped() -> World:
    world = standard()
    world.do("ImportBalances", _import((CARD, 120), (OTHER_CARD, 30)), request_id="import")
    return world


def _withdraw_to_wallet() -> list[Case]:
    c = Cases("withdraw_to_wallet", "WithdrawToWallet")

    def args(name: str = "alice", points: int = 100, card: str = CARD, class_id: str = "north") -> dict[str, object]:
        return PEOPLE[name].withdrawal(class_id, card, points, "r1", NOW + DAY, PLACE)

    c("plain", "100 of 120 to her address.", _mapped(), args())
    c("all", "All 120.", _mapped(), args(points=120))
    c("past", "One more.", _mapped(), args(points=121), "INSUFFICIENT_POINTS")
    c("to_anyone", "To an account that is no member.", _mapped(), args("carol"))
    c("stranger", "By who is no merchant.", _mapped(), args(), "UNKNOWN_MERCHANT", speaker="nobody")
    suspended = _mapped()
    suspended.do("SetMerchantStatus", {"msp_id": "northstar", "status": "SUSPENDED"}, ADMIN)
    c("suspended", "By a suspended merchant.", suspended, args(), "MERCHANT_NOT_ACTIVE")
    c("unknown_class", "An unknown class.", _mapped(), args(class_id="tea"), "UNKNOWN_CLASS")
    c("by_another", "By another merchant.", _mapped(), args(), "NOT_ISSUER", speaker="harbor")
    c("other_key", "The address of another key.", _mapped(), {**args(), "address": BOB}, "ADDRESS_MISMATCH")
    c("other_amount", "Her proof is for another amount.", _mapped(), {**args(), "points": 101}, "CONSENT_INVALID")
    late = {**args(), **PEOPLE["alice"].withdrawal("north", CARD, 100, "r1", NOW + DAY + 1, PLACE)}
    c("other_end", "Her proof ends at another time.", _mapped(), late, "CONSENT_INVALID")
    abroad = PEOPLE["alice"].withdrawal("north", CARD, 100, "r1", NOW + DAY, ELSEWHERE)
    c("other_network", "Her proof is for another network of equal names.", _mapped(), abroad, "CONSENT_INVALID")
    done = _mapped()
    done.do("WithdrawToWallet", args(), request_id="r1")
    c("repeated", "The same request again.", done, args(), expect=lambda r: r["repeated"])
    c("repeated_with_a_new_proof", "It is signed anew, for longer.", done.fork(), late)
    swept = done.fork().later(seconds=DAY + limits.REQUEST_GRACE_SECONDS + 1)
    swept.do("Sweep", {"balances": [{"account": f"legacy:{CARD}", "class_id": "north"}]})
    first = {"args": args(), "op": "WithdrawToWallet", "request_id": "r1", "valid_until": NOW + DAY}
    c.batch("proof_after_a_sweep", "Nobody remembers it, and its time is over.", swept, [first], "REQUEST_EXPIRED")
    longer = {**first, "valid_until": swept.now + DAY}
    c.batch("proof_for_longer_than_signed", "The relay names another end.", swept, [longer], "CONSENT_INVALID")
    c("other_request", "Her proof is for another request.", _mapped(), args(), "CONSENT_INVALID", request_id="r2")
    enrolled = _mapped()
    enrolled.do("UpdateClass", {"class_id": "north", "enrolled_only": True})
    c("enrolled_only", "A class for members, to none.", enrolled, args("carol"), "NOT_ENROLLED")
    closed = _mapped()
    closed.do("SetMemberStatus", {"address": ALICE, "status": "CLOSED"})
    c("closed", "To a closed member.", closed, args(), "MEMBER_NOT_ACTIVE")
    c("unknown_card", "A card that was never imported.", _mapped(), args(card="0" * 64), "UNKNOWN_REFERENCE")
    c(
        "order_proof_before_card",
        "A wrong proof for an unknown card.",
        _mapped(),
        {**args(), "reference_hash": "0" * 64},
        "CONSENT_INVALID",
    )
    full = _full("alice")
    full.do("ImportBalances", _import((CARD, 120)))
    proved = PEOPLE["alice"].withdrawal("north", CARD, 100, "r1", full.now + DAY, PLACE)
    c("full", "No place for another last day.", full, proved, "TOO_MANY_BUCKETS")
    rich = _mapped()
    rich_balance = rich.state.values[f"balance/north/legacy:{CARD}"].replace(b",120,0]", b",%d,0]" % limits.INTEGER_MAX)
    rich.state.commit({f"balance/north/{ALICE}": rich_balance})
    c("overflow", "The bucket would leave the range.", rich, args(), "OVERFLOW")
    return c.found


def _deposit_from_wallet() -> list[Case]:
    c = Cases("deposit_from_wallet", "DepositFromWallet", "northstar", "alice")
    world = _mapped()
    world.do("WithdrawToWallet", PEOPLE["alice"].withdrawal("north", CARD, 100, "w", NOW + DAY, PLACE), request_id="w")
    args = {"class_id": "north", "points": 60, "reference_hash": CARD}
    c("plain", "60 back onto her card.", world, args)
    c("all", "All 100.", world, {**args, "points": 100})
    c("past", "One more.", world, {**args, "points": 101}, "INSUFFICIENT_POINTS")
    c("other_card", "Onto another card.", world, {**args, "reference_hash": OTHER_CARD})
    c(
        "unknown_card",
        "Onto a card that was never imported.",
        world,
        {**args, "reference_hash": "0" * 64},
        "UNKNOWN_REFERENCE",
    )
    c("by_another", "Relayed by another merchant.", world, args, "NOT_ISSUER", speaker="harbor")
    c("stranger", "Relayed by who is no merchant.", world, args, "UNKNOWN_MERCHANT", speaker="nobody")
    c("unknown_class", "An unknown class.", world, {**args, "class_id": "tea"}, "UNKNOWN_CLASS")
    suspended = world.fork()
    suspended.do("SetMerchantStatus", {"msp_id": "northstar", "status": "SUSPENDED"}, ADMIN)
    c("suspended", "Relayed by a suspended merchant.", suspended, args, "MERCHANT_NOT_ACTIVE")
    frozen = world.fork()
    frozen.do("SetMemberStatus", {"address": ALICE, "status": "FROZEN"})
    c("frozen", "A frozen member.", frozen, args, "MEMBER_NOT_ACTIVE")
    c(
        "order_member_before_card",
        "Frozen, and an unknown card.",
        frozen,
        {**args, "reference_hash": "0" * 64},
        "MEMBER_NOT_ACTIVE",
    )
    full = funded({"north": 5})
    full.do("ImportBalances", _import((CARD, 1)))
    hoard(full, "north", f"legacy:{CARD}", limits.BUCKETS_PER_BALANCE_MAX)
    c("full", "No place for another last day.", full, {**args, "points": 5}, "TOO_MANY_BUCKETS")
    rich = world.fork()
    rich_balance = rich.state.values[f"balance/north/{ALICE}"].replace(b",100,0]", b",%d,0]" % limits.INTEGER_MAX)
    rich.state.commit({f"balance/north/legacy:{CARD}": rich_balance})
    c("overflow", "The bucket would leave the range.", rich, args, "OVERFLOW")
    return c.found


def _merge_accounts() -> list[Case]:
    c = Cases("merge_accounts", "MergeAccounts", "northstar", "alice")

    def args(*class_ids: str, target: str = "dave", until: int = NOW + DAY, source: str = ALICE) -> dict[str, object]:
        return PEOPLE[target].merging(source, class_ids or ("north",), "r1", until, PLACE)

    world = standard()
    issue(world, "north", 30)
    world.later(days=1)
    issue(world, "north", 20)
    issue(world, "north", 7, available_on="2026-04-01")
    issue(world, "harbor", 5)
    world.now = NOW
    c(
        "plain",
        "All points of a class, what is pending too.",
        world,
        args(),
        expect=lambda r: r["classes"] == [{"class_id": "north", "debt": 0, "pending": 7, "points": 50}],
    )
    c("several", "Of several classes.", world, args("harbor", "lotus", "north"))
    joined = world.fork()
    issue(joined, "north", 3, "dave")
    c("joins", "They join what the other account has.", joined, args())
    c("nothing", "There are none.", standard(), args(), expect=lambda r: r["classes"][0]["points"] == 0)
    owing = standard()
    owing.do("UpdateClass", {"class_id": "north", "debt": True})
    issue(owing, "north", 40, request_id="returned")
    owing.do("Transfer", _to((BOB, 40)), member="alice")
    back = {"account": ALICE, "class_id": "north", "issuance_id": "returned.0", "points": 40, "reason": "returned"}
    owing.do("ReverseIssue", back)
    c("debt", "A debt moves too, relayed by its issuer.", owing, args(), expect=lambda r: r["classes"][0]["debt"] == 40)
    c("debt_elsewhere", "Nobody else helps to leave a debt behind.", owing, args(), "NOT_ISSUER", speaker="harbor")
    held = world.fork()
    hold = {"acceptor_msp": "harbor", "class_ids": ["north"], "expires_at": NOW + 60, "order_ref": "o", "points": 40}
    held.do("Hold", hold, "harbor", member="alice")
    c("held", "What is held stays.", held, args(), expect=lambda r: r["classes"][0]["points"] == 10)
    expired = world.fork().later(days=365)
    c("expired", "What has expired is booked.", expired, args(until=expired.now + DAY))
    c("to_itself", "Into itself.", world, args(target="alice"), "INVALID_ARGUMENT")
    c("unknown_class", "An unknown class.", world, args("tea"), "UNKNOWN_CLASS")
    classes = tuple(f"n{number}" for number in range(limits.CLASSES_PER_REDEMPTION_MAX + 1))
    c("classes_at_limit", "As many classes as may be, all unknown.", world, args(*classes[:-1]), "UNKNOWN_CLASS")
    c("classes_past_limit", "One more.", world, args(*classes), "INVALID_ARGUMENT")
    c("classes_twice", "A class named twice.", world, args("north", "north"), "INVALID_ARGUMENT")
    fixed = world.fork()
    fixed.do("UpdateClass", {"class_id": "north", "transferable": False})
    c("not_transferable", "A class that cannot be sent on, relayed by its issuer.", fixed, args())
    c("not_transferable_elsewhere", "Relayed by another.", fixed, args(), "NOT_ISSUER", speaker="harbor")
    c("by_the_admin", "By its admin.", fixed, args(), speaker=Speaker("northstar", "admin"))
    for role in ("auditor", "cashier", ""):
        speaker = Speaker("northstar", role)
        c(f"by_{role or 'nobody'}", "By one who does not speak for it.", fixed, args(), "NOT_ISSUER", speaker=speaker)
    client = Speaker("northstar", "", PEOPLE["alice"].public_key)
    c("by_a_client", "By the member's own certificate.", fixed, args(), "NOT_ISSUER", speaker=client)
    c("by_another", "A class that can be sent on, relayed by another.", world, args(), speaker="harbor")
    c("other_key", "The address of another key.", world, {**args(), "target": BOB}, "ADDRESS_MISMATCH")
    c("other_classes", "The proof is for another class.", world, {**args(), "class_ids": ["harbor"]}, "CONSENT_INVALID")
    c("other_end", "The proof ends at another time.", world, args(until=NOW + DAY + 1), "CONSENT_INVALID")
    c("other_source", "The proof is for another account's points.", world, args(source=CAROL), "CONSENT_INVALID")
    abroad = PEOPLE["dave"].merging(ALICE, ("north",), "r1", NOW + DAY, ELSEWHERE)
    c("other_network", "The proof is for another network.", world, abroad, "CONSENT_INVALID")
    unsigned = world.entry("MergeAccounts", args(), request_id="r1")
    c.batch("unsigned", "Without the giving key.", world, [unsigned], "SIGNATURE_REQUIRED")
    c.batch(
        "foreign_key", "Signed by another key.", world, [PEOPLE["bob"].authorise(unsigned, PLACE)], "CONSENT_INVALID"
    )
    members = world.fork()
    members.do("UpdateClass", {"class_id": "north", "enrolled_only": True})
    c("enrolled_only", "The other account is no member's.", members, args(), "NOT_ENROLLED")
    frozen = world.fork()
    frozen.do("SetMemberStatus", {"address": ALICE, "status": "FROZEN"})
    c("frozen", "The giving account is frozen.", frozen, args(), "MEMBER_NOT_ACTIVE")
    closed = world.fork()
    closed.do("SetMemberStatus", {"address": BOB, "status": "CLOSED"}, "harbor")
    c("target_closed", "The receiving one is closed.", closed, args(target="bob"), "MEMBER_NOT_ACTIVE")
    full = hoard(world.fork(), "north", DAVE, limits.BUCKETS_PER_BALANCE_MAX)
    c("full", "No place for another last day.", full, args(), "TOO_MANY_BUCKETS")
    rich = world.fork()
    rich.state.commit({f"balance/north/{DAVE}": b"[[[20513,%d,0]],[],0,[],0]" % limits.INTEGER_MAX})
    c("overflow", "The bucket would leave the range.", rich, args(), "OVERFLOW")
    done = world.fork()
    done.do("MergeAccounts", args(), member="alice", request_id="r1")
    c("repeated", "The same request again.", done, args(), expect=lambda r: r["repeated"])
    return c.found
