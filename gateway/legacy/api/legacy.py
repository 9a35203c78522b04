"""Old cards: claimed by members, loaded by finance."""

from __future__ import annotations

from typing import Any

from chaincode.spec.kernel.fields import LEGACY_PREFIX
from gateway.core.errors import GatewayError
from gateway.identity.api.common import ID_PATTERN, member_of, of_merchant, require_fresh, staff_of
from gateway.identity.standing import names_of
from gateway.legacy.claims import Claim
from gateway.legacy.imports import PartState, parts_of
from gateway.legacy.models import LegacyImport
from gateway.members.api.wallets import LEDGER_ANSWERS, completed
from gateway.members.key_schemas import (
    LegacyClaim,
    LegacyClaimRequest,
    LegacyDeposit,
    LegacyFile,
    LegacyImportShown,
    LegacyPart,
    LegacyWithdrawal,
)
from gateway.operations.api.operations import carry_out
from gateway.operations.api.requests import HEADERS, whole
from gateway.submissions.normalise import KEY_HEADER, key_of
from gateway.web.endpoints import Answer, Call, Page, Subject

subject = Subject("legacy", "Old cards: points of the system before")

FILE_BYTES_MAX = 64 * 1024 * 1024
IMPORT_ID = {"import_id": ID_PATTERN}


def claim_shown(call: Call[Any], claim: Claim) -> LegacyClaim:
    """A claim as its owner sees it."""
    left = _left(call, claim)
    return LegacyClaim(
        class_id=claim.class_id,
        reference_hash=claim.reference_hash,
        reference_tail=claim.reference_tail,
        points=claim.points,
        points_left=None if left is None else sum(left.values()),
        parts_left=[LegacyPart(points=points, expires_on=day) for day, points in (left or {}).items()],
        expires_on=claim.expires_on,
        claimed_at=claim.claimed_at,
    )


def _left(call: Call[Any], claim: Claim) -> dict[str | None, int] | None:
    """What the ledger still has of a card's balance, by its last day, soonest first; None while the projection is made
    anew."""
    try:
        found = call.gateway.projection.accounts.balances(f"{LEGACY_PREFIX}{claim.reference_hash}")
    except GatewayError as error:
        if error.code == "PROJECTION_REBUILDING":
            return None
        raise
    left: dict[str | None, int] = {}
    for balance in found.balances:
        for bucket in balance.buckets if balance.class_id == claim.class_id else ():
            if bucket.expires_on is None or bucket.expires_on >= found.day:
                left[bucket.expires_on] = bucket.points - bucket.held
    return left


def import_shown(call: Call[Any], row: LegacyImport) -> LegacyImportShown:
    """An import as finance sees it."""
    gateway = call.gateway
    with gateway.store.reading() as session:
        names = names_of(session, [row.created_by])
    return LegacyImportShown.model_validate(
        {
            "import_id": row.import_id,
            "class_id": row.class_id,
            "cards": row.rows,
            "points": row.points,
            "file_name": row.file_name,
            "status": row.status,
            "parts": parts_of(row.rows),
            "parts_written": gateway.projection.log.count(gateway.msp_id, f"{row.import_id}-"),
            "created_by": row.created_by,
            "created_by_name": names.get(row.created_by),
            "created_at": row.created_at,
        }
    )


@subject.post(
    "/legacy/claims",
    name="claimLegacyCard",
    summary="Claims an old card, by its number and what proves it",
    body=LegacyClaimRequest,
    answers={201: Page[LegacyClaim]},
    codes=["CLAIM_REFUSED", "TRY_LATER"],
)
def claim_legacy_card(call: Call[LegacyClaimRequest]) -> Answer:
    """The refusal is the same for an unknown card, a wrong proof, and a card that somebody else claimed."""
    claims = call.gateway.people.legacy_claims.claim(
        member_of(call).person_id, call.body.reference, call.body.proof, call.facts.source
    )
    return Answer(201, Page[LegacyClaim](items=[claim_shown(call, claim) for claim in claims]))


@subject.get(
    "/legacy/claims", name="listLegacyClaims", summary="The old cards of the caller", answers={200: Page[LegacyClaim]}
)
def list_legacy_claims(call: Call[None]) -> Answer:
    """In the order in which they were claimed."""
    claims = call.gateway.people.legacy_claims.list(member_of(call).person_id)
    return Answer(200, Page[LegacyClaim](items=[claim_shown(call, claim) for claim in claims]))


@subject.post(
    "/legacy/withdrawals",
    name="withdrawLegacyPoints",
    summary="Moves points of an old card of the caller's to a wallet",
    body=LegacyWithdrawal,
    headers=HEADERS,
    answers=LEDGER_ANSWERS,
    codes=[
        "CUSTODY_UNKNOWN",
        "OBJECT_UNKNOWN",
        "INSUFFICIENT_POINTS",
        "CONSENT_INVALID",
        "ADDRESS_MISMATCH",
        "LOGIN_TOO_OLD",
    ],
)
def withdraw_legacy_points(call: Call[LegacyWithdrawal]) -> Answer:
    """To the kept account, or to the address whose key signed for it with this request's Idempotency-Key. The log-in
    must be fresh."""
    require_fresh(call)
    people, person_id, body = call.gateway.people, member_of(call).person_id, call.body
    args: dict[str, Any] = {
        "class_id": body.class_id,
        "reference_hash": body.reference_hash,
        "points": body.points,
    }
    key = key_of(call.request.headers.get(KEY_HEADER))
    if body.proof is not None:
        if key is None:
            raise GatewayError("IDEMPOTENCY_KEY_INVALID", "send the request_id that was signed")
        args |= {"address": body.address, "public_key": body.public_key, "proof": body.proof}
        operation = whole(call, {"op": "WithdrawToWallet", "args": args, "valid_until": body.valid_until})
    else:
        operation = _for_custody(call, person_id, body, key)
    people.legacy_claims.withdrawal(person_id, operation["args"], operation["request_id"])
    return carry_out(call, operation, dry_run=False)


def _for_custody(call: Call[Any], person_id: str, body: LegacyWithdrawal, key: str | None) -> dict[str, Any]:
    custody = call.gateway.people.custody
    asked = (body.class_id, body.reference_hash, body.points)
    operation = completed(call, "WithdrawToWallet", custody.withdrawal(person_id, *asked, key or "unsigned", 0))
    # The signature is over the request_id and the end, which are known only now.
    operation["args"] = custody.withdrawal(person_id, *asked, operation["request_id"], operation["valid_until"])
    return operation


@subject.post(
    "/legacy/deposits",
    name="depositLegacyPoints",
    summary="Brings points back to an old card of the caller's",
    body=LegacyDeposit,
    headers=HEADERS,
    answers=LEDGER_ANSWERS,
    codes=["CUSTODY_UNKNOWN", "CUSTODY_REFUSED", "OBJECT_UNKNOWN", "INSUFFICIENT_POINTS", "LOGIN_TOO_OLD"],
)
def deposit_legacy_points(call: Call[LegacyDeposit]) -> Answer:
    """From the kept account, with a fresh log-in, or from the caller's own, signed with this request's
    Idempotency-Key."""
    people, person_id, body = call.gateway.people, member_of(call).person_id, call.body
    args = {"class_id": body.class_id, "points": body.points, "reference_hash": body.reference_hash}
    if body.authorization is None:
        require_fresh(call)
        operation = people.custody.sign(person_id, completed(call, "DepositFromWallet", args))
    else:
        entry = {
            "op": "DepositFromWallet",
            "args": args,
            "valid_until": body.valid_until,
            "authorization": body.authorization.model_dump(),
        }
        operation = whole(call, entry)
    return carry_out(call, people.legacy_claims.deposit(person_id, operation), dry_run=False)


@subject.post(
    "/legacy/imports",
    name="loadLegacyFile",
    summary="Loads a file of old cards, with its control totals",
    body=LegacyFile,
    body_bytes_max=FILE_BYTES_MAX,
    answers={201: LegacyImportShown},
    codes=["LEGACY_FILE_INVALID", "LEGACY_FILE_KNOWN", "CONTROL_TOTAL_DIFFERENT"],
    owner=of_merchant,
)
def load_legacy_file(call: Call[LegacyFile]) -> Answer:
    """Whole or not at all; all faults of class, days and lines are named at once, at most 100. A second person
    confirms it."""
    body = call.body
    row = call.gateway.people.legacy_imports.load(
        staff_of(call),
        body.class_id,
        body.file,
        control_count=body.control_count,
        control_total_points=body.control_total_points,
        file_name=body.file_name,
    )
    return Answer(201, import_shown(call, row))


@subject.get(
    "/legacy/imports",
    name="listLegacyImports",
    summary="The files of old cards",
    answers={200: Page[LegacyImportShown]},
    owner=of_merchant,
)
def list_legacy_imports(call: Call[None]) -> Answer:
    """Newest first."""
    rows = call.gateway.people.legacy_imports.list()
    return Answer(200, Page[LegacyImportShown](items=[import_shown(call, row) for row in rows]))


@subject.get(
    "/legacy/imports/{import_id}",
    name="getLegacyImport",
    summary="A file of old cards",
    answers={200: LegacyImportShown},
    owner=of_merchant,
    path_patterns=IMPORT_ID,
)
def get_legacy_import(call: Call[None]) -> Answer:
    """And how far it is."""
    return Answer(200, import_shown(call, call.gateway.people.legacy_imports.get(call.path["import_id"])))


@subject.post(
    "/legacy/imports/{import_id}/confirm",
    name="confirmLegacyImport",
    summary="Brings the file to the ledger; whoever loaded it does not confirm it",
    answers={200: LegacyImportShown},
    codes=["SAME_PERSON", "LEGACY_IMPORT_REFUSED", "LEGACY_IMPORT_ENDED", "LEDGER_UNAVAILABLE"],
    owner=of_merchant,
    path_patterns=IMPORT_ID,
)
def confirm_legacy_import(call: Call[None]) -> Answer:
    """Taken up again after any break: sent once more it goes on."""
    row = call.gateway.people.legacy_imports.carry_out(staff_of(call), call.path["import_id"], call.gateway.submit)
    return Answer(200, import_shown(call, row))


@subject.post(
    "/legacy/imports/{import_id}/withdraw",
    name="withdrawLegacyImport",
    summary="Gives up what of the file is not on the ledger; its cards can be loaded again",
    answers={200: LegacyImportShown},
    codes=["LEGACY_IMPORT_ENDED", "LEGACY_IMPORT_RUNNING"],
    owner=of_merchant,
    path_patterns=IMPORT_ID,
)
def withdraw_legacy_import(call: Call[None]) -> Answer:
    """For a file that nobody has confirmed, or one that the ledger refuses to take further. Cards of parts that were
    written before stay, and can be claimed."""
    gateway = call.gateway

    def state_of(request_id: str) -> PartState:
        if gateway.submissions.keeping.is_pending(gateway.msp_id, request_id):
            return "PENDING"
        return (
            "WRITTEN"
            if gateway.projection.log.holds(gateway.msp_id, request_id, op="ImportBalances")
            else "NOT_WRITTEN"
        )

    row = gateway.people.legacy_imports.withdraw(staff_of(call), call.path["import_id"], state_of)
    return Answer(200, import_shown(call, row))
