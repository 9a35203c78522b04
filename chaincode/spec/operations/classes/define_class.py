"""DefineClass: a merchant defines a point class of its own. `unit_value_millionths`, `decimals` and `symbol` never
change afterwards, because obligations and refunds rest on them.

Requires: an ACTIVE merchant.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys, limits
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.merchant import ISSUING, merchant
from chaincode.spec.nouns.point_class import PointClass

NAME = "DefineClass"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.MARKETING)
CLASS_DAYS = fields.optional(fields.integer(0, limits.CLASS_DAYS_MAX))
DEFAULTS = {
    "accepted_by": None,
    "clawback_days": limits.CLAWBACK_DAYS_DEFAULT,
    "debt": False,
    "grace_days": 0,
    "waiting_days": 0,
}
"""What is stored where an argument is left out or null."""
ARGUMENTS = {
    "accepted_by": fields.optional(fields.unique(fields.array(fields.MSP_ID, 0, limits.ACCEPTORS_PER_CLASS_MAX))),
    "category": fields.NAME,
    "class_id": fields.CLASS_ID,
    "clawback_days": CLASS_DAYS,
    "debt": fields.optional(fields.BOOLEAN),
    "decimals": fields.integer(0, limits.DECIMALS_MAX),
    "earn_rate": fields.EARN_RATE,
    "enrolled_only": fields.BOOLEAN,
    "grace_days": CLASS_DAYS,
    "name": fields.NAME,
    "symbol": fields.SYMBOL,
    "transferable": fields.BOOLEAN,
    "unit_value_millionths": fields.integer(0, limits.UNIT_VALUE_MILLIONTHS_MAX),
    "validity": fields.VALIDITY,
    "waiting_days": CLASS_DAYS,
}
RESULT = {"class": PointClass}
REFUSES = ("UNKNOWN_MERCHANT", "MERCHANT_NOT_ACTIVE", "CLASS_EXISTS")
CREATES = ("point_class",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.merchant(speaker.msp_id))
    found.writes.add(keys.point_class(args["class_id"]))


def apply(view: View, context: Context, args: Json) -> Json:
    merchant(view, context.msp_id, ISSUING)
    key = keys.point_class(args["class_id"])
    if view.get(key) is not None:
        raise Refusal("CLASS_EXISTS", args["class_id"])
    given = {name: value for name, value in args.items() if value is not None}
    found = {**DEFAULTS, **given, "issuer_msp": context.msp_id, "status": "ACTIVE"}
    view.put(key, found)
    return {"class": found}
