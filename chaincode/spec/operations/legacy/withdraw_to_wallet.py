"""WithdrawToWallet: the issuer moves legacy points from custody to an address whose owner proves it.

The issuer vouches that she owns the legacy reference; `proof`, her signature over `signatures.withdrawal_message`,
shows that the address is hers and that she asked for this. It is good for this request id and `valid_until` alone:
while that lasts the request is remembered, and afterwards it is refused, so one proof never moves points twice.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, footprint, keys
from chaincode.spec.kernel.balances import Balance, move
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.fields import LEGACY_PREFIX
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.signatures import address_of, verify, withdrawal_message
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.member import require_receiving
from chaincode.spec.nouns.merchant import HONOURED, merchant
from chaincode.spec.nouns.point_class import own_class

NAME = "WithdrawToWallet"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.CASHIER)
ARGUMENTS = {
    "address": fields.ADDRESS,
    "class_id": fields.CLASS_ID,
    "points": fields.POSITIVE_POINTS,
    "proof": fields.SIGNATURE,
    "public_key": fields.PUBLIC_KEY,
    "reference_hash": fields.HASH,
}
RESULT = {"address": str, "points": int, "reference_hash": str}
REFUSES = (
    "UNKNOWN_MERCHANT",
    "MERCHANT_NOT_ACTIVE",
    "UNKNOWN_CLASS",
    "NOT_ISSUER",
    "ADDRESS_MISMATCH",
    "CONSENT_INVALID",
    "NOT_ENROLLED",
    "MEMBER_NOT_ACTIVE",
    "UNKNOWN_REFERENCE",
    "INSUFFICIENT_POINTS",
    "TOO_MANY_BUCKETS",
    "OVERFLOW",
)
CREATES = ("balance", "supply")


def about(args: Json, authoriser: str, request_id: str) -> str:
    return keys.balance(args["class_id"], LEGACY_PREFIX + args["reference_hash"])


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    footprint.mapping(args, args["address"], speaker, found)


def prefetch(args: Json, context: Context) -> list[str]:
    class_id, address = args["class_id"], args["address"]
    return [
        keys.merchant(context.msp_id),
        keys.point_class(class_id),
        keys.member(address),
        keys.legacy(class_id, args["reference_hash"]),
        keys.balance(class_id, LEGACY_PREFIX + args["reference_hash"]),
        keys.balance(class_id, address),
    ]


def between(view: View, context: Context, class_id: str, source_account: str, target_account: str, points: int) -> None:
    """Moves `points` between a wallet and a custody account, with their last days."""
    source, target = (
        Balance.load(view, class_id, account, context.today) for account in (source_account, target_account)
    )
    move(context, source, target, points)
    source.remember(context)
    source.save(context)


def require_reference(view: View, class_id: str, reference_hash: str) -> None:
    """UNKNOWN_REFERENCE unless the reference was imported for the class."""
    if view.get(keys.legacy(class_id, reference_hash)) is None:
        raise Refusal("UNKNOWN_REFERENCE", reference_hash)


def apply(view: View, context: Context, args: Json) -> Json:
    merchant(view, context.msp_id, HONOURED)
    class_id, address, reference_hash, points = (
        args["class_id"],
        args["address"],
        args["reference_hash"],
        args["points"],
    )
    found = own_class(view, context, class_id)
    if address_of(args["public_key"]) != address:
        raise Refusal("ADDRESS_MISMATCH", address)
    message = withdrawal_message(
        address,
        class_id,
        reference_hash,
        points,
        context.request_id,
        context.valid_until,
        context.transaction.place,
    )
    if not verify(args["public_key"], args["proof"], message):
        raise Refusal("CONSENT_INVALID", address)
    require_receiving(view, found, address)
    require_reference(view, class_id, reference_hash)
    between(view, context, class_id, LEGACY_PREFIX + reference_hash, address, points)
    return {"address": address, "points": points, "reference_hash": reference_hash}
