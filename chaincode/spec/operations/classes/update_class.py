"""UpdateClass: the issuer changes what may change of a class; points issued before keep their days.

`all_accept` true sets `accepted_by` to everyone. INVALID_ARGUMENT: nothing to change, or both `accepted_by` and
`all_accept`.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys, limits
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.point_class import PointClass, own_class
from chaincode.spec.operations.classes.define_class import CLASS_DAYS

NAME = "UpdateClass"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.MARKETING)
CHANGES = {
    "accepted_by": fields.optional(fields.unique(fields.array(fields.MSP_ID, 0, limits.ACCEPTORS_PER_CLASS_MAX))),
    "category": fields.optional(fields.NAME),
    "clawback_days": CLASS_DAYS,
    "debt": fields.optional(fields.BOOLEAN),
    "earn_rate": fields.optional(fields.EARN_RATE),
    "enrolled_only": fields.optional(fields.BOOLEAN),
    "grace_days": CLASS_DAYS,
    "name": fields.optional(fields.NAME),
    "status": fields.optional(fields.choice("ACTIVE", "STOPPED")),
    "transferable": fields.optional(fields.BOOLEAN),
    "validity": fields.optional(fields.VALIDITY),
    "waiting_days": CLASS_DAYS,
}
ARGUMENTS = {**CHANGES, "all_accept": fields.optional(fields.BOOLEAN), "class_id": fields.CLASS_ID}
RESULT = {"class": PointClass}
REFUSES = ("INVALID_ARGUMENT", "UNKNOWN_CLASS", "NOT_ISSUER")
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.add(keys.point_class(args["class_id"]))


def apply(view: View, context: Context, args: Json) -> Json:
    changes = {name: args[name] for name in CHANGES if args.get(name) is not None}
    if args.get("all_accept"):
        if "accepted_by" in changes:
            raise Refusal("INVALID_ARGUMENT", "all_accept: expected false where accepted_by is given")
        changes["accepted_by"] = None
    if not changes:
        raise Refusal("INVALID_ARGUMENT", "args: expected at least one change")
    found = {**own_class(view, context, args["class_id"]), **changes}
    view.put(keys.point_class(args["class_id"]), found)
    return {"class": found}
