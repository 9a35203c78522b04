"""A member's addresses, their wrapped keys, and the key that the gateway keeps for them."""

from __future__ import annotations

import hashlib
from typing import Any

from gateway.core.errors import GatewayError
from gateway.identity.api.common import ADDRESS_PATTERN, ID_PATTERN, member_of, require_fresh
from gateway.members.custody import ANY_CLASS
from gateway.members.key_schemas import (
    AddressShown,
    Challenge,
    CounterCode,
    CounterCodeRequest,
    CounterOperation,
    CustodialKeyShown,
    LinkProof,
    MemberOperation,
    OwnEnrolment,
    WrappedKeyDocument,
    WrappedKeyShown,
)
from gateway.members.models import LinkedAddress, WrappedKey
from gateway.members.wallets import DOMAIN
from gateway.operations.api.operations import ACCEPTED, carry_out, receipt_schema
from gateway.operations.api.requests import HEADERS, whole
from gateway.security.guard import Owner
from gateway.submissions.normalise import complete
from gateway.web.endpoints import Answer, Call, Page, Subject

subject = Subject("wallets", "Wallets: a member's addresses and keys")

ADDRESS = {"address": ADDRESS_PATTERN}
RECEIPT = receipt_schema("SignedOperation", {"type": ["object", "null"]})
RECEIPT.document["properties"]["op"] = {"type": "string"}
LEDGER_ANSWERS = {201: RECEIPT, 202: ACCEPTED}


def address_shown(row: LinkedAddress) -> AddressShown:
    """An address as its owner sees it."""
    return AddressShown.model_validate(
        {"address": row.address, "kind": row.kind, "public_key": row.public_key, "linked_at": row.linked_at}
    )


def wrapped_shown(row: WrappedKey) -> WrappedKeyShown:
    """A wrapped key as its owner sees it."""
    return WrappedKeyShown(
        address=row.address,
        version=row.version,
        document=WrappedKeyDocument.model_validate(row.document),
        created_at=row.created_at,
    )


def completed(call: Call[Any], op: str, args: dict[str, Any]) -> dict[str, Any]:
    """An operation with its request_id (the Idempotency-Key, or a new one) and valid_until. Raises GatewayError
    IDEMPOTENCY_KEY_INVALID, Rejected."""
    return whole(call, {"op": op, "args": args})


@subject.post(
    "/wallet/links",
    name="beginLink",
    summary="Asks for a challenge for the key of an address",
    answers={201: Challenge},
)
def begin_link(call: Call[None]) -> Answer:
    """For this member and this session, once."""
    member = member_of(call)
    made = call.gateway.people.wallets.begin_link(member.person_id, member.session_id)
    return Answer(
        201,
        Challenge(
            challenge_id=made.challenge_id,
            challenge=made.challenge,
            domain=DOMAIN,
            msp_id=call.gateway.msp_id,
            person_id=member.person_id,
            session_id=member.session_id,
            expires_at=made.expires_at,
        ),
    )


@subject.post(
    "/wallet/links/{challenge_id}",
    name="finishLink",
    summary="Links the address to the caller, by its key's signature",
    body=LinkProof,
    answers={201: AddressShown},
    codes=["CHALLENGE_REFUSED", "PROOF_INVALID", "ADDRESS_LINKED", "ADDRESSES_FULL"],
    path_patterns={"challenge_id": ID_PATTERN},
)
def finish_link(call: Call[LinkProof]) -> Answer:
    """From now on the member sees and uses it through this gateway."""
    member = member_of(call)
    row = call.gateway.people.wallets.finish_link(
        member.person_id, member.session_id, call.path["challenge_id"], call.body.public_key, call.body.signature
    )
    return Answer(201, address_shown(row))


@subject.get(
    "/wallet/addresses", name="listMyAddresses", summary="The caller's addresses", answers={200: Page[AddressShown]}
)
def list_my_addresses(call: Call[None]) -> Answer:
    """Oldest first."""
    rows = call.gateway.people.wallets.addresses(member_of(call).person_id)
    return Answer(200, Page[AddressShown](items=[address_shown(row) for row in rows]))


@subject.put(
    "/wallet/keys/{address}",
    name="storeWrappedKey",
    summary="Keeps a key as the browser wrapped it, as a new version",
    body=WrappedKeyDocument,
    answers={201: WrappedKeyShown},
    codes=["LOGIN_TOO_OLD", "ADDRESSES_FULL"],
    owner=lambda call: Owner(address=call.path["address"]),
    path_patterns=ADDRESS,
)
def store_wrapped_key(call: Call[WrappedKeyDocument]) -> Answer:
    """The log-in must be fresh: whoever replaces it could lock its owner out."""
    require_fresh(call)
    document = call.body.model_dump()
    if document["address"] != call.path["address"]:
        raise GatewayError("REQUEST_MALFORMED", "/address: not the one that the document is stored under")
    row = call.gateway.people.wallets.store_wrapped(member_of(call).person_id, call.path["address"], document)
    return Answer(201, wrapped_shown(row))


@subject.get(
    "/wallet/keys/{address}",
    name="getWrappedKey",
    summary="The newest version of a wrapped key",
    answers={200: WrappedKeyShown},
    owner=lambda call: Owner(address=call.path["address"]),
    path_patterns=ADDRESS,
)
def get_wrapped_key(call: Call[None]) -> Answer:
    """For the browser to unwrap with the member's passphrase."""
    return Answer(
        200, wrapped_shown(call.gateway.people.wallets.wrapped(member_of(call).person_id, call.path["address"]))
    )


@subject.post(
    "/wallet/enrolments",
    name="enrolOwnKey",
    summary="Enrols an own address of the caller's as this merchant's member",
    body=OwnEnrolment,
    answers=LEDGER_ANSWERS,
    codes=["MEMBER_EXISTS", "CONSENT_INVALID", "UNKNOWN_MERCHANT", "MERCHANT_NOT_ACTIVE"],
    owner=lambda call: Owner(address=call.body.address),
)
def enrol_own_key(call: Call[OwnEnrolment]) -> Answer:
    """With the consent that the address's key signed. The request's name follows from both, since it is one of the
    merchant's: a member could use up a till's with a name of their own choice."""
    own = call.gateway.people.wallets.own(member_of(call).person_id, call.body.address)
    args = {"address": own.address, "consent": call.body.consent, "public_key": own.public_key}
    mark = hashlib.sha256(call.body.consent.encode()).hexdigest()[:12]
    entry = {"op": "EnrollMember", "args": args, "request_id": f"enrol-{own.address}-{mark}"}
    settings = call.gateway.settings.ledger
    return carry_out(call, complete(entry, None, call.gateway.clock(), settings.valid_seconds), dry_run=False)


@subject.post(
    "/custody",
    name="createCustodialKey",
    summary="Makes an account whose key the gateway keeps",
    answers={201: CustodialKeyShown},
    codes=["ADDRESSES_FULL"],
)
def create_custodial_key(call: Call[None]) -> Answer:
    """The one that there is, if there is one."""
    row = call.gateway.people.custody.create(member_of(call).person_id)
    return Answer(201, CustodialKeyShown(address=row.address, created_at=row.created_at))


@subject.post(
    "/custody/enrolment",
    name="enrolCustodialKey",
    summary="Enrols the kept account as this merchant's member",
    answers=LEDGER_ANSWERS,
    codes=["CUSTODY_UNKNOWN", "MEMBER_EXISTS", "UNKNOWN_MERCHANT", "MERCHANT_NOT_ACTIVE"],
)
def enrol_custodial_key(call: Call[None]) -> Answer:
    """With the member's consent, signed by the kept key. The request's name follows from the account, since it is one
    of the merchant's: a member could use up a till's with a name of their own choice."""
    args = call.gateway.people.custody.enrolment(member_of(call).person_id)
    entry = {"op": "EnrollMember", "args": args, "request_id": f"enrol-{args['address']}"}
    settings = call.gateway.settings.ledger
    return carry_out(call, complete(entry, None, call.gateway.clock(), settings.valid_seconds), dry_run=False)


@subject.post(
    "/custody/codes",
    name="createCounterCode",
    summary="A code with which a cashier may take points once",
    body=CounterCodeRequest,
    answers={201: CounterCode},
    codes=["CUSTODY_UNKNOWN", "LOGIN_TOO_OLD"],
)
def create_counter_code(call: Call[CounterCodeRequest]) -> Answer:
    """Those before it end. The log-in must be fresh."""
    require_fresh(call)
    people, body = call.gateway.people, call.body
    issued = people.custody.counter_code(member_of(call).person_id, body.points_max, body.class_ids)
    worths = [people.worths.paid(class_id, body.points_max) for class_id in set(body.class_ids)]
    return Answer(
        201,
        CounterCode(
            code_id=issued.code_id,
            code=issued.code,
            points_max=body.points_max,
            class_ids=sorted(set(body.class_ids)),
            value_max_millionths=max((worth for worth in worths if worth is not None), default=None),
            expires_at=issued.expires_at,
        ),
    )


@subject.post(
    "/custody/operations",
    name="signAndSubmit",
    summary="Signs an operation with the caller's kept key, and submits it",
    body=MemberOperation,
    headers=HEADERS,
    answers=LEDGER_ANSWERS,
    codes=["CUSTODY_UNKNOWN", "CUSTODY_REFUSED", "LOGIN_TOO_OLD"],
)
def sign_and_submit(call: Call[MemberOperation]) -> Answer:
    """On the member's own behalf. The log-in must be fresh, but to end a reservation: a session that was stolen or left
    open moves no points."""
    if call.body.op != "Release":
        require_fresh(call)
    operation = whole(call, call.body.model_dump())
    return carry_out(call, call.gateway.people.custody.sign(member_of(call).person_id, operation), dry_run=False)


@subject.post(
    "/people/{person_id}/custody/operations",
    name="signAtCounter",
    summary="Takes points of a member at the counter, with the code that they told",
    body=CounterOperation,
    headers=HEADERS,
    answers=LEDGER_ANSWERS,
    codes=["CUSTODY_UNKNOWN", "CUSTODY_REFUSED", "CODE_REFUSED"],
    owner=lambda call: Owner(person_id=call.path["person_id"]),
    path_patterns={"person_id": ID_PATTERN},
)
def sign_at_counter(call: Call[CounterOperation]) -> Answer:
    """Redeem and Hold at this merchant alone. The code is used up by the attempt that it fits."""
    people, body = call.gateway.people, call.body
    operation = completed(call, body.op, {"class_ids": [ANY_CLASS], **body.args})
    signed = people.custody.sign_at_counter(
        call.path["person_id"], operation, body.code, codes_classes="class_ids" not in body.args
    )
    return carry_out(call, signed, dry_run=False)
