"""Cases of a lost key: asked for, confirmed, objected to, carried out."""

from __future__ import annotations

from chaincode.cases.case import OK, Case, Cases
from chaincode.cases.world import (
    ALICE,
    BOB,
    CAROL,
    CLASSES,
    DAVE,
    DAY,
    ELSEWHERE,
    OPERATOR,
    PEOPLE,
    PLACE,
    World,
    funded,
    hoard,
    issue,
    person,
    standard,
)
from chaincode.spec.kernel import keys, limits
from chaincode.spec.kernel.canonical import Json

PAIR = {"address": ALICE, "new_address": CAROL}
"""alice lost her key, and carol's is her new one."""
WHOLE = {**PAIR, "class_ids": ["north"]}
READY = limits.REBIND_DAYS * DAY + limits.DATE_MARGIN_SECONDS
"""The last second in which a rebind that was confirmed now cannot be carried out."""


def cases() -> list[Case]:
    """All of them."""
    return [*_rebind_member(), *_confirm_rebind(), *_object_rebind(), *_complete_rebind(), *_afterwards()]


def asking(name: str = "carol", address: str = ALICE, home_msp: str = "northstar") -> Json:
    """Arguments of RebindMember."""
    return PEOPLE[name].rebinding(address, home_msp, PLACE)


def asked(world: World) -> World:
    """northstar has asked."""
    world.do("RebindMember", asking())
    return world


def confirmed(world: World) -> World:
    """And harbor has confirmed."""
    asked(world).do("ConfirmRebind", PAIR, "harbor")
    return world


def ready(world: World) -> World:
    """And the days are over."""
    return confirmed(world).later(seconds=READY + 1)


def completed(world: World, *class_ids: str) -> World:
    """And it was carried out for these classes."""
    ready(world).do("CompleteRebind", {**PAIR, "class_ids": list(class_ids)})
    return world


def _status(world: World, msp_id: str, status: str) -> World:
    world.put_in(msp_id, status)
    return world


def _member(world: World, status: str) -> World:
    world.do("SetMemberStatus", {"address": ALICE, "status": status})
    return world


def _moved(world: World) -> World:
    world.do("MoveHome", {"home_msp": "lotus"}, "lotus", member="alice")
    return world


def _rebind_member() -> list[Case]:
    c = Cases("rebind_member", "RebindMember")
    c(
        "plain",
        "Her home asks; nothing else happens.",
        standard(),
        asking(),
        expect=lambda r: (r["rebind"]["new_address"], r["rebind"]["ready_at"]) == (CAROL, None),
    )
    c("frozen", "A frozen member.", _member(standard(), "FROZEN"), asking())
    c("closed", "A closed one.", _member(standard(), "CLOSED"), asking(), "MEMBER_NOT_ACTIVE")
    c("stranger", "By no merchant.", standard(), asking(), "UNKNOWN_MERCHANT", speaker="nobody")
    c(
        "by_another",
        "By another merchant.",
        standard(),
        asking(home_msp="harbor"),
        "NOT_HOME_MERCHANT",
        speaker="harbor",
    )
    for status, code in (("ISSUE_STOPPED", OK), ("RUN_OFF", OK), ("SUSPENDED", "MERCHANT_NOT_ACTIVE")):
        world = _status(standard(), "northstar", status)
        c(f"home_{status.lower()}", f"By a home that is {status}.", world, asking(), code)
    c("not_enrolled", "Nobody's member.", standard(), asking(address=DAVE), "UNKNOWN_MEMBER")
    c("to_a_member", "To the account of another member.", standard(), asking("bob"), "MEMBER_EXISTS")
    c("to_itself", "To itself.", standard(), asking("alice"), "MEMBER_EXISTS")
    holder = standard()
    issue(holder, "north", 5, "carol")
    c("to_a_holder", "To an account with points, which is nobody's member.", holder, asking())
    c(
        "consent_of_another",
        "Not the new key's word.",
        standard(),
        asking() | {"consent": asking("dave")["consent"]},
        "CONSENT_INVALID",
    )
    c(
        "consent_for_another",
        "Its word for another account.",
        standard(),
        asking() | {"consent": asking(address=BOB)["consent"]},
        "CONSENT_INVALID",
    )
    enrolment = PEOPLE["carol"].enrolment("northstar", PLACE)["consent"]
    c(
        "consent_to_enrol",
        "Its word to be enrolled is no word to take over.",
        standard(),
        asking() | {"consent": enrolment},
        "CONSENT_INVALID",
    )
    elsewhere = PEOPLE["carol"].rebinding(ALICE, "northstar", ELSEWHERE)
    c("consent_elsewhere", "For another network.", standard(), elsewhere, "CONSENT_INVALID")
    c("again", "The same once more.", asked(standard()), asking(), "REBIND_EXISTS")
    c("another", "To another key, while one is asked for.", asked(standard()), asking("dave"), "REBIND_EXISTS")
    last = asked(standard()).later(days=limits.REBIND_OPEN_DAYS)
    c("last_second", "In the last second of the first.", last, asking("dave"), "REBIND_EXISTS")
    c("after_lapse", "A second later.", last.fork().later(seconds=1), asking("dave"))
    moved = _moved(asked(standard()))
    c(
        "new_home",
        "The home that she moved to is not bound by what the old one asked.",
        moved,
        asking(home_msp="lotus"),
        speaker="lotus",
    )
    repeated = standard()
    repeated.do("RebindMember", asking(), request_id="r1")
    c("repeated", "The same request twice.", repeated, asking(), expect=lambda r: r["repeated"])
    c("order_exists_before_consent", "Both.", standard(), asking("bob") | {"consent": "0" * 128}, "MEMBER_EXISTS")
    return c.found


def _confirm_rebind() -> list[Case]:
    c = Cases("confirm_rebind", "ConfirmRebind", "harbor")
    world = asked(standard())
    c(
        "plain",
        "From now on the old key has seven days.",
        world,
        PAIR,
        expect=lambda r: (r["rebind"]["ready_at"], r["rebind"]["confirmed_by"]) == (world.now + 7 * DAY, "harbor"),
    )
    c("operator", "An operator is a second organisation.", world, PAIR, speaker=OPERATOR)
    c("home", "The one that asked is none.", world, PAIR, "NOT_REBIND_PARTY", speaker="northstar")
    c("stranger", "By nobody.", world, PAIR, "NOT_PARTICIPANT", speaker="nobody")
    suspended = _status(world.fork(), "harbor", "SUSPENDED")
    c("suspended", "By one that takes no part.", suspended, PAIR, "NOT_PARTICIPANT")
    c("nothing_asked", "Nobody asked.", standard(), PAIR, "UNKNOWN_REBIND")
    c("another", "To another account than was asked for.", world, {**PAIR, "new_address": DAVE}, "UNKNOWN_REBIND")
    c("again", "A second time.", confirmed(standard()), PAIR, "REBIND_CONFIRMED", speaker="lotus")
    home = _status(world.fork(), "northstar", "SUSPENDED")
    c("home_suspended", "The home that asked is suspended.", home, PAIR, "MERCHANT_NOT_ACTIVE")
    enrolled = world.fork()
    enrolled.do("EnrollMember", PEOPLE["carol"].enrolment("lotus", PLACE), "lotus")
    c("enrolled_elsewhere", "The new account was enrolled meanwhile.", enrolled, PAIR, "MEMBER_EXISTS")
    c(
        "moved",
        "She moved meanwhile, by the key that is said to be lost.",
        _moved(world.fork()),
        PAIR,
        "NOT_HOME_MERCHANT",
    )
    c("closed", "Closed meanwhile.", _member(world.fork(), "CLOSED"), PAIR, "MEMBER_NOT_ACTIVE")
    last = world.fork().later(days=limits.REBIND_OPEN_DAYS)
    c("last_second", "In the last second.", last, PAIR)
    c("lapsed", "A second later.", last.fork().later(seconds=1), PAIR, "REBIND_LAPSED")
    return c.found


def _object_rebind() -> list[Case]:
    c = Cases("object_rebind", "ObjectRebind", "lotus", "alice")
    world = confirmed(standard())
    c("plain", "The old key is there.", world, PAIR, expect=lambda r: r["rebind"]["confirmed_by"] == "harbor")
    c("unconfirmed", "Before anybody confirmed.", asked(standard()), PAIR)
    c(
        "frozen",
        "A frozen member may object: it is how a home would keep her silent.",
        _member(world.fork(), "FROZEN"),
        PAIR,
    )
    for name, seconds in (
        ("a_second_before", -1),
        ("at_the_end", 0),
        ("not_carried_out", limits.DATE_MARGIN_SECONDS + 1),
    ):
        at = world.fork().later(days=limits.REBIND_DAYS, seconds=seconds)
        c(name, f"{seconds} seconds after its days, as nothing has moved yet.", at, PAIR)
    c("too_late", "It was carried out.", completed(standard()), PAIR, "UNKNOWN_REBIND")
    c("nothing_asked", "Nobody asked.", standard(), PAIR, "UNKNOWN_REBIND")
    c("new_key", "The new key has no say.", world, PAIR, "NOT_REBIND_PARTY", member="carol")
    c("another_member", "Nor has another member.", world, PAIR, "NOT_REBIND_PARTY", member="bob")
    c("home", "Her home takes it back.", world, PAIR, member="", speaker="northstar")
    c("second", "So does the second organisation.", world, PAIR, member="", speaker="harbor")
    c("third", "A third has no say.", world, PAIR, "NOT_REBIND_PARTY", member="", speaker="lotus")
    moved = _moved(world.fork())
    c("new_home", "The home that she moved to has one.", moved, PAIR, member="", speaker="lotus")
    over = confirmed(standard()).later(days=limits.REBIND_DAYS + limits.REBIND_OPEN_DAYS, seconds=1)
    c("lapsed", "One that lapsed is cleared away.", over, PAIR, member="", speaker="northstar")
    again = world.fork()
    again.do("ObjectRebind", PAIR, "lotus", member="alice", request_id="r1")
    c("repeated", "The same request twice.", again, PAIR, expect=lambda r: r["repeated"])
    return c.found


def _complete_rebind() -> list[Case]:
    c = Cases("complete_rebind", "CompleteRebind")
    rich = funded({"north": 30})
    issue(rich, "north", 7, available_on="2026-04-01")
    world = ready(rich)
    c(
        "plain",
        "The new account takes the place of the old one, with what that has of a class.",
        world,
        WHOLE,
        expect=lambda r: (
            (r["member"]["address"], r["member"]["status"]) == (CAROL, "ACTIVE")
            and r["classes"] == [{"class_id": "north", "debt": 0, "pending": 7, "points": 30}]
        ),
    )
    c("second", "By the second organisation.", world, WHOLE, speaker="harbor")
    c("new_key", "By the new key, whoever relays.", world, WHOLE, member="carol", speaker="lotus")
    c("old_key", "Not by the old one.", world, WHOLE, "NOT_REBIND_PARTY", member="alice")
    c("third", "Nor by a third organisation.", world, WHOLE, "NOT_REBIND_PARTY", speaker="lotus")
    c("no_class", "Without any class.", world, {**PAIR, "class_ids": []}, expect=lambda r: r["classes"] == [])
    c("unconfirmed", "Nobody confirmed.", asked(standard()).later(days=8), WHOLE, "REBIND_TOO_SOON")
    waiting = confirmed(standard())
    soon = waiting.fork().later(seconds=READY)
    c("too_soon", "In the last second of the margin behind its days.", soon, WHOLE, "REBIND_TOO_SOON")
    c("soonest", "A second later.", soon.fork().later(seconds=1), WHOLE)
    last = waiting.fork().later(days=limits.REBIND_DAYS + limits.REBIND_OPEN_DAYS)
    c("last_second", "In its last second.", last, WHOLE)
    c("lapsed", "A second later.", last.fork().later(seconds=1), WHOLE, "REBIND_LAPSED")
    objected = waiting.fork()
    objected.do("ObjectRebind", PAIR, "lotus", member="alice")
    c("objected", "The old key objected.", objected.later(seconds=READY + 1), WHOLE, "UNKNOWN_REBIND")
    c("nothing_asked", "Nobody asked.", standard(), WHOLE, "UNKNOWN_REBIND")
    c("not_enrolled", "An account that is nobody's.", standard(), {**WHOLE, "address": DAVE}, "UNKNOWN_REBIND")
    c("another", "To another account.", world, {**WHOLE, "new_address": DAVE}, "UNKNOWN_REBIND")
    c("unknown_class", "No such class.", world, {**PAIR, "class_ids": ["tea"]}, "UNKNOWN_CLASS")
    home = _status(world.fork(), "northstar", "SUSPENDED")
    c("home_suspended", "The home that asked is suspended.", home, WHOLE, "MERCHANT_NOT_ACTIVE")
    enrolled = world.fork()
    enrolled.do("EnrollMember", PEOPLE["carol"].enrolment("lotus", PLACE), "lotus")
    c("enrolled_elsewhere", "The new account was enrolled meanwhile.", enrolled, WHOLE, "MEMBER_EXISTS")
    c("moved", "She moved meanwhile.", _moved(world.fork()), WHOLE, "NOT_HOME_MERCHANT")
    c("closed", "Closed meanwhile.", _member(world.fork(), "CLOSED"), WHOLE, "MEMBER_NOT_ACTIVE")
    frozen = _member(world.fork(), "FROZEN")
    c("frozen", "Who was frozen stays so.", frozen, WHOLE, expect=lambda r: r["member"]["status"] == "FROZEN")
    spent = confirmed(funded({"north": 30}))
    spent.do("Transfer", {"class_id": "north", "recipients": [{"address": BOB, "points": 25}]}, member="alice")
    spent.later(seconds=READY + 1)
    c("spent", "The old key spent meanwhile, as it may.", spent, WHOLE, expect=lambda r: r["classes"][0]["points"] == 5)
    kept = ready(standard())
    kept.do("UpdateClass", {"class_id": "north", "transferable": False, "enrolled_only": True})
    issue(kept, "north", 9)
    c("not_transferable", "Points that cannot be sent on are hers as well.", kept, WHOLE)
    owing = standard()
    owing.do("UpdateClass", {"class_id": "north", "debt": True})
    issue(owing, "north", 20, request_id="gift")
    owing.do("Transfer", {"class_id": "north", "recipients": [{"address": BOB, "points": 15}]}, member="alice")
    back = {"account": ALICE, "class_id": "north", "issuance_id": "gift.0", "points": 20, "reason": "returned"}
    late = completed(owing.fork(), "north")
    owing.do("ReverseIssue", back)
    c("debt", "What she owes moves, too.", ready(owing), WHOLE, expect=lambda r: r["classes"][0]["debt"] == 15)
    late.do("ReverseIssue", back)
    c(
        "debt_later",
        "What is clawed back afterwards is owed by the old account, until it moves.",
        late,
        WHOLE,
        speaker="northstar",
    )
    several = ready(funded())
    c("several", "Of several classes.", several, {**PAIR, "class_ids": list(CLASSES)})
    part = completed(funded(), "north")
    rest = {**PAIR, "class_ids": ["harbor", "lotus"]}
    c("rest", "The rest later, by the new key.", part, rest, member="carol", expect=lambda r: len(r["classes"]) == 2)
    c("rest_by_a_third", "Not by a third organisation.", part, rest, "NOT_REBIND_PARTY", speaker="lotus")
    c("rest_to_another", "Nor to another account.", part, {**rest, "new_address": DAVE}, "UNKNOWN_REBIND")
    gone = _status(part.fork(), "northstar", "SUSPENDED")
    c("rest_home_suspended", "Nor does that hang on her home any more.", gone, rest, member="carol")
    many = ready(standard())
    full = limits.BUCKETS_PER_BALANCE_MAX
    issue(many, "north", 5)
    c("full", "The new account has no more room.", hoard(many.fork(), "north", CAROL, full), WHOLE, "TOO_MANY_BUCKETS")
    rich_already = hoard(many.fork(), "north", CAROL, 1, points=limits.INTEGER_MAX)
    c("overflow", "Together they leave the range.", rich_already, WHOLE, "OVERFLOW")
    repeated = world.fork()
    repeated.do("CompleteRebind", WHOLE, request_id="r1")
    c("repeated", "The same request twice.", repeated, WHOLE, expect=lambda r: r["repeated"])
    ids = [person(number).address for number in range(2)]
    c(
        "strangers",
        "Of accounts that nobody knows.",
        standard(),
        {"address": ids[0], "class_ids": [], "new_address": ids[1]},
        "UNKNOWN_REBIND",
    )
    return c.found


def _afterwards() -> list[Case]:
    """What other operations make of it: holds, allowances, the old key."""
    found: list[Case] = []

    def collected(c: Cases) -> None:
        found.extend(c.found)

    held = funded({"north": 30})
    reserved = {
        "acceptor_msp": "harbor",
        "class_ids": ["north"],
        "expires_at": held.now + 20 * DAY,
        "order_ref": "o",
        "points": 20,
    }
    hold_id = held.do("Hold", reserved, "harbor", member="alice", request_id="till")["hold"]["hold_id"]
    held.do("Approve", {"class_id": "north", "points": 9, "spender": BOB}, member="alice")
    shop = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "o", "points": 5}
    held.do("Redeem", shop, "harbor", member="alice", request_id="shop")
    completed(held, "north")
    c = Cases("complete_rebind", "CompleteRebind")
    released = held.fork()
    released.do("Release", {"hold_id": hold_id}, "harbor")
    c(
        "hold_released",
        "What a hold pinned moves once it is free.",
        released,
        WHOLE,
        expect=lambda r: r["classes"][0]["points"] == 20,
    )
    c("hold_open", "Not before.", held, WHOLE, expect=lambda r: r["classes"][0]["points"] == 0)
    collected(c)
    c = Cases("capture", "Capture", "harbor")
    c("rebound", "A hold of an account that another took the place of.", held, {"hold_id": hold_id, "points": 20})
    collected(c)
    c = Cases("refund", "Refund", "harbor")
    refund = {"points": 5, "redemption_id": f"{ALICE}/shop"}
    c("rebound", "What it spent comes back to it, and moves then.", held, refund)
    collected(c)
    c = Cases("transfer_from", "TransferFrom", member="bob")
    taking = {"class_id": "north", "owner": ALICE, "points": 1, "recipient": BOB}
    c("rebound", "An allowance of such an account has ended.", held, taking, "MEMBER_NOT_ACTIVE")
    collected(c)
    c = Cases("move_home", "MoveHome", "lotus", "alice")
    c("rebound", "The old key moves nowhere.", held, {"home_msp": "lotus"}, "MEMBER_NOT_ACTIVE")
    collected(c)
    c = Cases("set_member_status", "SetMemberStatus")
    c("rebound", "Nothing leads back.", held, {"address": ALICE, "status": "ACTIVE"}, "STATUS_TRANSITION")
    collected(c)
    c = Cases("enroll_member", "EnrollMember")
    c("rebound", "Nor by another enrolment.", held, PEOPLE["alice"].enrolment("northstar", PLACE), "MEMBER_EXISTS")
    collected(c)
    assert keys.rebind(ALICE) not in held.state.values
    return found
