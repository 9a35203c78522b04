"""The memory of accepted operations, as it is stored: `{content, now, op, result, tx_id, valid_until}`, without what stands elsewhere in the state.

A redemption has a key of its own, so the stored result has null in its place, and a repetition reads it there. When a receipt is swept whose operation
made something that outlives it, `{"made": [noun ...]}` stays: so a request id that named a lot, redemption or hold once names no other, and
whoever makes one need not look whether it is there already.
"""

from __future__ import annotations

from chaincode.spec import keys
from chaincode.spec.canonical import Json
from chaincode.spec.state import View

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


def kept(result: Json) -> Json:
    """What the receipt stores of a result."""
    return {**result, REDEMPTION: None} if REDEMPTION in result else result


def told(view: View, receipt: Json, new_id: str) -> Json:
    """The result that a stored receipt tells, as it was given first: nothing was refunded yet."""
    result = receipt["result"]
    if REDEMPTION not in result:
        return result
    redemption = view.get(keys.redemption(new_id))
    draws = [{**draw, "refunded": 0} for draw in redemption["draws"]]
    return {**result, REDEMPTION: {**redemption, "draws": draws, "refunded": 0}}


def made(result: Json) -> list[str]:
    """The nouns that stand under the request's id because of it, in the order of their names."""
    found = {noun for noun in (HOLD, REDEMPTION) if noun in result}
    if result.get("lot") or result.get("lots"):
        found.add(LOT)
    return sorted(found)
