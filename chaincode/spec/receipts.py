"""The memory of accepted operations, as it is stored: the list `[content, now, op, result, tx_id, valid_until]`, without what stands elsewhere in the state.

Every operation writes one, so its bytes are what a ledger consists of. A redemption and a hold have keys of their own: the stored result has null in their place. New points are
what their issuance says: the stored result has `[class_id, debt_paid]` in its place. A repetition reads all three there. When a receipt is swept whose operation
made something that outlives it, `{"made": [noun ...]}` stays: so a request id that named an issuance, redemption or hold once names no other, and
whoever makes one need not look whether it is there already.
"""

from __future__ import annotations

from chaincode.spec import keys
from chaincode.spec.canonical import Json
from chaincode.spec.issuances import issuance_of
from chaincode.spec.redemptions import redemption_of
from chaincode.spec.state import View

RECEIPT_FIELDS = ("content", "now", "op", "result", "tx_id", "valid_until")
"""The order of a stored receipt's values. `content` is what makes two requests equal."""
ISSUANCE, REDEMPTION, HOLD = "issuance", "redemption", "hold"
MAKES = {
    "Accrue": (ISSUANCE,),
    "Capture": (REDEMPTION,),
    "Exchange": (ISSUANCE, REDEMPTION),
    "Hold": (HOLD,),
    "ImportBalances": (ISSUANCE,),
    "Issue": (ISSUANCE,),
    "Redeem": (REDEMPTION,),
}
"""Operations that make what has the request's id, and so say themselves which of it is there (ISSUANCE_EXISTS, REDEMPTION_EXISTS, HOLD_EXISTS)."""
_CLASS_ISSUED = {"Accrue": "class_id", "Exchange": "to_class_id", "Issue": "class_id"}
"""The argument that names the class of the `issuance` in the result."""
_MEMBERS_ISSUANCE = ("Exchange",)
"""Operations of members: the id of an issuance that they make has the address before it."""


def receipt_of(document: Json) -> Json:
    """A stored receipt by the names of its values; `{"made"}` as it is, None for None."""
    return dict(zip(RECEIPT_FIELDS, document, strict=True)) if isinstance(document, list) else document


def kept(op: str, args: Json, result: Json) -> Json:
    """What the receipt stores of a result."""
    found = {**result, **{noun: None for noun in (HOLD, REDEMPTION) if noun in result}}
    issuance = found.get(ISSUANCE)
    return {**found, ISSUANCE: [args[_CLASS_ISSUED[op]], issuance["debt_paid"]]} if issuance else found


def told(view: View, receipt: Json, authoriser: str, request_id: str) -> Json:
    """The result that a stored receipt tells, as it was given first: nothing was refunded yet, nothing captured or released. What a hold pinned it tells while
    the hold is open."""
    result = dict(receipt["result"])
    new_id = f"{authoriser}/{request_id}"
    if result.get(ISSUANCE):
        class_id, debt_paid = result[ISSUANCE]
        issuance_id = f"{new_id if receipt['op'] in _MEMBERS_ISSUANCE else request_id}.0"
        issuance = issuance_of(view.get(keys.issuance(class_id, issuance_id)))
        told_of = {name: issuance[name] for name in ("available_on", "expires_on", "issued_on", "points")}
        result[ISSUANCE] = {**told_of, "debt_paid": debt_paid, "issuance_id": issuance_id}
    if REDEMPTION in result:
        redemption = redemption_of(view.get(keys.redemption(new_id)), new_id)
        draws = [{**draw, "refunded": 0} for draw in redemption["draws"]]
        result[REDEMPTION] = {**redemption, "draws": draws, "refunded": 0}
    if HOLD in result:
        hold = view.get(keys.hold(new_id))
        amounts = [{**amount, "captured_points": 0} for amount in hold["amounts"]]
        result[HOLD] = {**hold, "amounts": amounts, "captured_points": 0, "redemption_id": None, "status": "RESERVED"}
    return result


def made(result: Json) -> list[str]:
    """The nouns that stand under the request's id because of it, in the order of their names."""
    found = {noun for noun in (HOLD, REDEMPTION) if noun in result}
    if result.get(ISSUANCE) or result.get("issuances"):
        found.add(ISSUANCE)
    return sorted(found)
