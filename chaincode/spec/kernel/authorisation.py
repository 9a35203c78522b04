"""From one entry of a batch to an authorised operation: form, signature, repetition, time and role, in this order. (A
signature is checked once the state is read, for the consortium's document says for which network it must be good.)

An operation is `{op, args, request_id, valid_until, authorization?}`; `authorization` is `{public_key, signature}` of a
member. Without it the submitter speaks: an organisation by its certificate's role, or a member who is a Fabric client
of their own, with a certificate without a role over their own key. Both doors open the same account, because the address is
computed from the key.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY, day_at
from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.codes import Refusal, shown
from chaincode.spec.kernel.context import Authority, Context, Transaction
from chaincode.spec.kernel.limits import DATE_MARGIN_SECONDS, VALID_UNTIL_DAYS_MAX
from chaincode.spec.kernel.operation import Operation, Operations, opens
from chaincode.spec.kernel.requests import CONTENT, Entry, recall
from chaincode.spec.kernel.signatures import address_of, operation_message, verify
from chaincode.spec.kernel.state import View

ENVELOPE = {
    "args": fields.Form("object", lambda value, path: None if isinstance(value, dict) else _refuse_object(path)),
    "authorization": fields.optional(fields.record({"public_key": fields.PUBLIC_KEY, "signature": fields.SIGNATURE})),
    "op": fields.text(64),
    "request_id": fields.REQUEST_ID,
    "valid_until": fields.TIMESTAMP,
}

PROOF = "proof"


def _refuse_object(path: str) -> None:
    raise fields.refuse(path, "object")


def check_form(entry: Json, operations: Operations) -> Operation:
    """The entry's operation, of those that there are. INVALID_ARGUMENT for the envelope, UNKNOWN_OPERATION,
    INVALID_ARGUMENT for the arguments. (UNKNOWN_OPERATION comes first in the order of codes wherever `op` is a text at
    all.)"""
    if isinstance(entry, dict) and isinstance(entry.get("op"), str) and entry["op"] not in operations:
        raise Refusal("UNKNOWN_OPERATION", shown(entry["op"]))
    fields.check_fields(entry, ENVELOPE, "operation")
    operation = operations[entry["op"]]
    fields.check_fields(entry["args"], operation.ARGUMENTS, "")
    return operation


def authenticate(entry: Json, operation: Operation, transaction: Transaction) -> Context:
    """Who authorises the entry, by its own word: `require_signature` holds it to that. SIGNATURE_UNEXPECTED,
    SIGNATURE_REQUIRED."""
    authorization, creator = entry.get("authorization"), transaction.creator
    member: str | None = None
    if authorization is not None:
        if operation.AUTHORITY is Authority.ORGANISATION:
            raise Refusal("SIGNATURE_UNEXPECTED", entry["op"])
        member = address_of(authorization["public_key"])
    elif operation.AUTHORITY is not Authority.ORGANISATION and creator.role == "" and creator.public_key:
        member = address_of(creator.public_key)
    elif operation.AUTHORITY is Authority.MEMBER:
        raise Refusal("SIGNATURE_REQUIRED", entry["op"])
    authoriser = member or creator.msp_id
    return Context(
        transaction, entry["request_id"], entry["valid_until"], authoriser, member, content=content_of(entry)
    )


def require_signature(entry: Json, transaction: Transaction) -> None:
    """SIGNATURE_INVALID unless the entry's authorization, if it has one, is its key's signature for this place."""
    authorization = entry.get("authorization")
    if authorization is None:
        return
    message = operation_message(entry, transaction.place)
    if not verify(authorization["public_key"], authorization["signature"], message):
        raise Refusal("SIGNATURE_INVALID", entry["op"])


def content_of(entry: Json) -> str:
    """What the ledger remembers of a request's content: the first 128 bits of its hash, in hex."""
    return content_hash(entry)[:32]


def content_hash(entry: Json) -> str:
    """What makes two requests equal: SHA-256 of the canonical op and args, but for a `proof`: like an authorization it
    says who asks, and until when."""
    args = {name: value for name, value in entry["args"].items() if name != PROOF}
    return hashlib.sha256(encode({"args": args, "op": entry["op"]})).hexdigest()


def seen_before(view: View, place: str, context: Context) -> Entry | None:
    """What is remembered of the same request, or None. REQUEST_ID_REUSED when the content was another."""
    found = recall(view, place, context)
    if found is not None and found[CONTENT] != context.content:
        raise Refusal("REQUEST_ID_REUSED", context.request_id)
    return found


def authorise(view: View, operation: Operation, context: Context) -> Context:
    """The context with the consortium and its day. REQUEST_EXPIRED, VALID_UNTIL_TOO_FAR, ROLE_REQUIRED,
    CONSORTIUM_NOT_OPEN."""
    now, valid_until = context.now, context.valid_until
    if valid_until < now:
        raise Refusal("REQUEST_EXPIRED", f"now {now}, valid_until {valid_until}")
    if valid_until > now + VALID_UNTIL_DAYS_MAX * SECONDS_PER_DAY:
        raise Refusal("VALID_UNTIL_TOO_FAR", f"now {now}, valid_until {valid_until}")
    by_role = operation.ROLES and not (operation.AUTHORITY is Authority.EITHER and context.member is not None)
    if by_role and context.transaction.creator.role not in [role.value for role in operation.ROLES]:
        raise Refusal("ROLE_REQUIRED", " or ".join(role.value for role in operation.ROLES))
    consortium = view.get(keys.CONSORTIUM)
    if consortium is None:
        if opens(operation):
            return context
        raise Refusal("CONSORTIUM_NOT_OPEN", "no consortium has been opened")
    zone = consortium["time_zone"]
    booking_day = day_at(now - DATE_MARGIN_SECONDS, zone)
    return replace(context, consortium=consortium, today=day_at(now, zone), booking_day=booking_day)
