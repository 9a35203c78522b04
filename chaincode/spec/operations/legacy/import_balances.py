"""ImportBalances: the issuer brings balances of a legacy system onto the ledger, each into the custody account
`legacy:<reference_hash>`.

`reference_hash` is the salted SHA-256 of the legacy reference; each is imported once a class. The entries must add up
to `control_total_points`. All or nothing. `expires_on` defaults to the class's validity.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, footprint, keys, limits
from chaincode.spec.kernel.calendar import date_of, day_number
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.fields import LEGACY_PREFIX
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.issuing import Kind, issue
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.issuance import NewIssuance
from chaincode.spec.nouns.point_class import issuing_class

NAME = "ImportBalances"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "class_id": fields.CLASS_ID,
    "control_total_points": fields.POSITIVE_POINTS,
    "entries": fields.array(
        fields.record(
            {
                "expires_on": fields.optional(fields.DATE),
                "points": fields.POSITIVE_POINTS,
                "reference_hash": fields.HASH,
            }
        ),
        1,
        limits.ENTRIES_PER_IMPORT_MAX,
    ),
}
RESULT = {"class_id": str, "issuances": list[NewIssuance], "points": int}
REFUSES = (
    "UNKNOWN_MERCHANT",
    "MERCHANT_NOT_ACTIVE",
    "UNKNOWN_CLASS",
    "NOT_ISSUER",
    "CLASS_STOPPED",
    "CONTROL_TOTAL_MISMATCH",
    "REFERENCE_USED",
    "EXPIRES_BEFORE_AVAILABLE",
    "OVERFLOW",
)
CREATES = ("balance", "legacy", "supply")


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    for index, entry in enumerate(args["entries"]):
        footprint.issuing(args, speaker, found, LEGACY_PREFIX + entry["reference_hash"], index)
        found.writes.add(keys.legacy(args["class_id"], entry["reference_hash"]))


def prefetch(args: Json, context: Context) -> list[str]:
    class_id, entries = args["class_id"], args["entries"]
    return [
        keys.merchant(context.msp_id),
        keys.point_class(class_id),
        keys.supply(class_id, context.msp_id, context.shard),
        *(keys.legacy(class_id, entry["reference_hash"]) for entry in entries),
        *(keys.balance(class_id, LEGACY_PREFIX + entry["reference_hash"]) for entry in entries),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    found = issuing_class(view, context, args["class_id"])
    total = sum(entry["points"] for entry in args["entries"])
    if total != args["control_total_points"]:
        raise Refusal("CONTROL_TOTAL_MISMATCH", f"entries {total}, control total {args['control_total_points']}")
    for entry in args["entries"]:
        key = keys.legacy(args["class_id"], entry["reference_hash"])
        if view.get(key) is not None:
            raise Refusal("REFERENCE_USED", entry["reference_hash"])
        view.put(key, {"imported_on": date_of(context.today), "points": entry["points"]})
    issuances = []
    for index, entry in enumerate(args["entries"]):
        account = LEGACY_PREFIX + entry["reference_hash"]
        expires = day_number(entry.get("expires_on"))
        issuances.append(
            issue(view, context, found, account, entry["points"], index, expires=expires, kind=Kind.IMPORTED)
        )
    return {"class_id": args["class_id"], "issuances": issuances, "points": total}
