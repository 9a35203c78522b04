"""The memory of accepted operations, as it is stored: the list `[content, now, op, result, tx_id, valid_until]`, without what stands elsewhere in the state.

Every operation writes one, so its bytes are what a ledger consists of. A redemption and a hold have keys of their own: the stored result has null in their place. A new lot is
what its issuance says: the stored result has its class in its place. A repetition reads both there. When a receipt is swept whose operation
made something that outlives it, `{"made": [noun ...]}` stays: so a request id that named a lot, redemption or hold once names no other, and
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
LOT, REDEMPTION, HOLD = "lot", "redemption", "hold"
MAKES = {
    "Accrue": (LOT,),
    "Capture": (REDEMPTION,),
    "Exchange": (LOT, REDEMPTION),
    "Hold": (HOLD,),
    "ImportBalances": (LOT,),
    "Issue": (LOT,),
    "Redeem": (REDEMPTION,),
}
"""Operations that make what has the request's id, and so say themselves which of it is there (LOT_EXISTS, REDEMPTION_EXISTS, HOLD_EXISTS)."""
_CLASS_OF_LOT = {"Accrue": "class_id", "Exchange": "to_class_id", "Issue": "class_id"}
"""The argument that names the class of the `lot` in the result."""
_MEMBERS_LOT = ("Exchange",)
"""Operations of members: the id of a lot that they make has the address before it."""


def receipt_of(document: Json) -> Json:
    """A stored receipt by the names of its values; `{"made"}` as it is, None for None."""
    return dict(zip(RECEIPT_FIELDS, document, strict=True)) if isinstance(document, list) else document


def kept(op: str, args: Json, result: Json) -> Json:
    """What the receipt stores of a result."""
    found = {**result, **{noun: None for noun in (HOLD, REDEMPTION) if noun in result}}
    return {**found, LOT: args[_CLASS_OF_LOT[op]]} if found.get(LOT) else found


def told(view: View, receipt: Json, authoriser: str, request_id: str) -> Json:
    """The result that a stored receipt tells, as it was given first: nothing was refunded yet, nothing captured or released. What a hold pinned it tells while
    the hold is open."""
    result = dict(receipt["result"])
    new_id = f"{authoriser}/{request_id}"
    if result.get(LOT):
        lot_id = f"{new_id if receipt['op'] in _MEMBERS_LOT else request_id}.0"
        issuance = issuance_of(view.get(keys.issuance(result[LOT], lot_id)))
        dates = {name: issuance[name] for name in ("available_on", "expires_on", "issued_on")}
        result[LOT] = {**dates, "lot_id": lot_id, "points": issuance["points"]}
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
    if result.get(LOT) or result.get("lots"):
        found.add(LOT)
    return sorted(found)
