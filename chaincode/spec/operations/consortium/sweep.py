"""Sweep: deletes what is no longer needed of the named requests, balances, disputes, holds, proposals and redemptions,
so that the state does not grow with what has happened.

Receipts, and memories under keys of their own, go when their time is over (`requests`); a balance is written without
what it need not remember, and with what has expired booked; a hold goes when it has ended and nothing about it is
remembered, a redemption when nothing is, no dispute about it is stored and its refund days are over, by
`DATE_MARGIN_SECONDS`, however far ahead the submitter dated; a dispute with these days, and not sooner than
`DISPUTE_KEPT_DAYS` after its end; a proposal `PROPOSAL_KEPT_DAYS` after its end. Others stay, unknown ones are passed
over. Any organisation may do it: whatever is swept can no longer be asked for. INVALID_ARGUMENT: nothing named, or too many.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, footprint, keys, limits
from chaincode.spec.kernel.balances import Balance
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.redemptions import last_refund_day, redemption_of
from chaincode.spec.kernel.requests import UNTIL, ended, living, memory_at
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns import dispute, proposal

NAME = "Sweep"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY)
_REQUEST = {"authoriser": fields.AUTHORISER, "request_id": fields.REQUEST_ID}


def _some(item: fields.Form) -> fields.Form:
    return fields.optional(fields.array(item, 0, limits.ITEMS_PER_SWEEP_MAX))


ARGUMENTS = {
    "balances": _some(fields.record({"account": fields.ACCOUNT, "class_id": fields.CLASS_ID})),
    "disputes": _some(fields.record({"issuer_msp": fields.MSP_ID, "redemption_id": fields.OBJECT_ID})),
    "holds": _some(fields.OBJECT_ID),
    "memories": _some(fields.record({**_REQUEST, "about": fields.PLACE})),
    "proposals": _some(fields.PROPOSAL_ID),
    "receipts": _some(fields.record(_REQUEST)),
    "redemptions": _some(fields.OBJECT_ID),
}
RESULT = {"deleted": int}
REFUSES = ("INVALID_ARGUMENT", "OVERFLOW")
CREATES = ("supply",)


def _requester(named: Json) -> str:
    return f"{named['authoriser']}/{named['request_id']}"


def _places(args: Json) -> tuple[list[str], ...]:
    """The keys of what is named, in the order of the arguments."""
    return (
        [keys.balance(named["class_id"], named["account"]) for named in args.get("balances") or ()],
        [keys.dispute(named["redemption_id"], named["issuer_msp"]) for named in args.get("disputes") or ()],
        [keys.hold(hold_id) for hold_id in args.get("holds") or ()],
        [keys.memory(named["about"], _requester(named)) for named in args.get("memories") or ()],
        [keys.proposal(proposal_id) for proposal_id in args.get("proposals") or ()],
        [keys.receipt(named["authoriser"], named["request_id"]) for named in args.get("receipts") or ()],
        [keys.redemption(redemption_id) for redemption_id in args.get("redemptions") or ()],
    )


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.update(key for places in _places(args) for key in places)
    for named in args.get("balances") or ():
        footprint.changing(named["class_id"], [named["account"]], speaker, found)
    found.reads.update(keys.redemption(named["redemption_id"]) for named in args.get("disputes") or ())
    for redemption_id in args.get("redemptions") or ():
        document = footprint.document_at(keys.redemption(redemption_id), look, found)
        if document is not None:
            found.reads.update(_disputes(redemption_of(document, redemption_id)))


def prefetch(args: Json, context: Context) -> list[str]:
    return [key for places in _places(args) for key in places]


def apply(view: View, context: Context, args: Json) -> Json:
    places = _places(args)
    if not 1 <= sum(map(len, places)) <= limits.ITEMS_PER_SWEEP_MAX:
        raise Refusal("INVALID_ARGUMENT", f"args: expected 1..{limits.ITEMS_PER_SWEEP_MAX} items")
    balances, disputes, holds, memories, proposals, receipts, redemptions = places
    deleted = 0
    for named, key in zip(args.get("balances") or (), balances, strict=True):
        deleted += _balance(view, context, named, key)
    for named, key in zip(args.get("disputes") or (), disputes, strict=True):
        if _closed(view, context, named["redemption_id"], key):
            view.delete(key)
            deleted += 1
    for key in holds:
        hold = view.get(key)
        if hold is not None and hold["status"] != "RESERVED" and ended(hold["memory"][0], context.now):
            view.delete(key)
            deleted += 1
    for key in memories:
        entry = view.get(key)
        if entry is not None and living(["", *entry], context.now, context.today) is None:
            view.delete(key)
            deleted += 1
    for key in proposals:
        found = view.get(key)
        if found is not None and proposal.kept_until(found) < context.now:
            view.delete(key)
            deleted += 1
    for key in receipts:
        receipt = view.get(key)
        if receipt is not None and receipt[UNTIL - 1] < context.now:
            view.delete(key)
            deleted += 1
    for key in redemptions:
        if _over(view, context, key.removeprefix(keys.redemption(""))):
            view.delete(key)
            deleted += 1
    return {"deleted": deleted}


def _over(view: View, context: Context, redemption_id: str) -> bool:
    """Whether there is such a redemption, nobody can refund it any more, nothing about it is remembered, and no dispute
    about it is stored."""
    key = keys.redemption(redemption_id)
    redemption, memory = redemption_of(view.get(key), redemption_id), memory_at(view, key)
    return (
        _never_refunded(context, redemption)
        and ended(memory.entries, context.now)
        and memory.spilled_until < context.now
        and all(view.get(place) is None for place in _disputes(redemption))
    )


def _never_refunded(context: Context, redemption: Json) -> bool:
    """Whether there is such a redemption, and nobody can refund it any more."""
    if redemption is None:
        return False
    return last_refund_day(redemption["redeemed_on"], context.consortium) < context.booking_day


def _disputes(redemption: Json) -> list[str]:
    """The keys of the disputes that there can be about a redemption."""
    issuers = {draw["issuer_msp"] for draw in redemption["draws"]} - {redemption["acceptor_msp"]}
    return [keys.dispute(redemption["redemption_id"], issuer_msp) for issuer_msp in sorted(issuers)]


def _closed(view: View, context: Context, redemption_id: str, key: str) -> bool:
    """Whether there is such a dispute, it ended long ago, and nobody can refund its redemption any more."""
    found = view.get(key)
    if found is None or found["closed_at"] is None or context.now <= dispute.kept_until(found):
        return False
    return _never_refunded(context, redemption_of(view.get(keys.redemption(redemption_id)), redemption_id))


def _balance(view: View, context: Context, named: Json, key: str) -> bool:
    """Writes a balance anew where something in it has ended; says whether it did."""
    before = view.get(key)
    if before is None:
        return False
    balance = Balance.load(view, named["class_id"], named["account"], context.today)
    balance.memory.prune(context)
    if balance.memory.stored == before[3:] and not balance.expired(context.booking_day):
        return False
    balance.save(context)
    return True
