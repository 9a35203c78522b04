"""SetRate: the issuer of `to_class_id` offers its points for those of another class, at `numerator / denominator` of
its points for each; `active` false ends the offer. Each call makes a new version.

Requires: the issuer of the class given out. INVALID_ARGUMENT: a class into itself.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys, limits
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.point_class import own_class, point_class
from chaincode.spec.nouns.rate import Rate

NAME = "SetRate"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.MARKETING)
ARGUMENTS = {
    "active": fields.BOOLEAN,
    "denominator": fields.integer(1, limits.RATE_TERM_MAX),
    "from_class_id": fields.CLASS_ID,
    "numerator": fields.integer(1, limits.RATE_TERM_MAX),
    "to_class_id": fields.CLASS_ID,
}
RESULT = {"rate": Rate}
REFUSES = ("INVALID_ARGUMENT", "UNKNOWN_CLASS", "NOT_ISSUER")
CREATES = ("rate",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.update(keys.point_class(args[name]) for name in ("from_class_id", "to_class_id"))
    found.writes.add(keys.rate(args["from_class_id"], args["to_class_id"]))


def apply(view: View, context: Context, args: Json) -> Json:
    if args["from_class_id"] == args["to_class_id"]:
        raise Refusal("INVALID_ARGUMENT", "to_class_id: expected another class than from_class_id")
    point_class(view, args["from_class_id"])
    own_class(view, context, args["to_class_id"])
    key = keys.rate(args["from_class_id"], args["to_class_id"])
    previous = view.get(key)
    rate = {**args, "version": previous["version"] + 1 if previous else 1}
    view.put(key, rate)
    return {"rate": rate}
