"""SweepReceipts: deletes the named receipts whose operations can no longer be sent again, so that the memory of repetitions does not grow for ever.

Of one whose operation made an issuance, redemption or hold, its few bytes `{"made"}` stay: no other may get that id. Deleted is a receipt whose `valid_until` lies more than `RECEIPT_GRACE_SECONDS` before `now`, so that no signature made anew while the first was valid
can still be; others stay, unknown ones are passed over. Any organisation may do it. Refuses nothing of its own.
"""

from __future__ import annotations

from chaincode.spec import fields, keys, limits
from chaincode.spec.canonical import Json
from chaincode.spec.context import Authority, Context, Role
from chaincode.spec.footprint import Footprint, Look, Speaker
from chaincode.spec.receipts import made, receipt_of
from chaincode.spec.state import View

NAME = "SweepReceipts"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY)
ARGUMENTS = {
    "receipts": fields.array(
        fields.record({"authoriser": fields.AUTHORISER, "request_id": fields.REQUEST_ID}),
        1,
        limits.RECEIPTS_PER_SWEEP_MAX,
    )
}


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.update(keys.receipt(entry["authoriser"], entry["request_id"]) for entry in args["receipts"])


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.receipt(entry["authoriser"], entry["request_id"]) for entry in args["receipts"]]


def apply(view: View, context: Context, args: Json) -> Json:
    deleted = 0
    for entry in args["receipts"]:
        key = keys.receipt(entry["authoriser"], entry["request_id"])
        receipt = receipt_of(view.get(key))
        if receipt is None or "made" in receipt:
            continue
        if receipt["valid_until"] + limits.RECEIPT_GRACE_SECONDS < context.now:
            nouns = made(receipt["result"])
            if nouns:
                view.put(key, {"made": nouns})
            else:
                view.delete(key)
            deleted += 1
    return {"deleted": deleted}
