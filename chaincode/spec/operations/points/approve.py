"""Approve: a member lets a spender take up to `points` of one class from her account (EIP-20).

It sets the allowance anew, whatever it was; with `expected_points` it is refused when the allowance is not that, which
closes the race that EIP-20 warns of.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.member import require_spending
from chaincode.spec.nouns.point_class import point_class

NAME = "Approve"
AUTHORITY = Authority.MEMBER
ROLES = ()
ARGUMENTS = {
    "class_id": fields.CLASS_ID,
    "expected_points": fields.optional(fields.POINTS),
    "points": fields.POINTS,
    "spender": fields.ADDRESS,
}
RESULT = {"points": int, "previous_points": int}
REFUSES = ("UNKNOWN_CLASS", "MEMBER_NOT_ACTIVE", "ALLOWANCE_CHANGED")
CREATES = ("allowance",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.update((keys.point_class(args["class_id"]), keys.member(speaker.authoriser)))
    found.writes.add(keys.allowance(args["class_id"], speaker.authoriser, args["spender"]))


def set_allowance(view: View, class_id: str, owner: str, spender: str, points: int) -> None:
    """Stores an allowance; one of 0 is deleted."""
    key = keys.allowance(class_id, owner, spender)
    if points:
        view.put(key, {"points": points})
    else:
        view.delete(key)


def allowance_of(view: View, class_id: str, owner: str, spender: str) -> int:
    """The allowance in points; 0 where none was given."""
    found = view.get(keys.allowance(class_id, owner, spender))
    return int(found["points"]) if found else 0


def apply(view: View, context: Context, args: Json) -> Json:
    owner, spender, class_id = context.authoriser, args["spender"], args["class_id"]
    point_class(view, class_id)
    require_spending(view, owner)
    current, expected = allowance_of(view, class_id, owner, spender), args.get("expected_points")
    if expected is not None and expected != current:
        raise Refusal("ALLOWANCE_CHANGED", f"allowance {current}, expected {expected}")
    set_allowance(view, class_id, owner, spender, args["points"])
    return {"points": args["points"], "previous_points": current}
