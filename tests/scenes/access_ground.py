"""The ground of the generated access tests: a gateway with people of every kind, and one real request for every endpoint and object."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaincode.cases.world import PLACE
from chaincode.cases.writing import read
from chaincode.signing import MemberKey
from chaincode.spec.kernel.authorisation import check_form
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority
from chaincode.spec.operations import OPERATIONS
from gateway.identity.holders import PERSON, STAFF, Holder
from gateway.identity.models import Passkey, Person, StaffAccount
from gateway.identity.sessions import LoginOrigin
from gateway.legacy.files import proof_sha256
from gateway.members.models import LinkedAddress
from gateway.operations.api.requests import kebab
from gateway.security.principals import Role, Scope, Staff
from gateway.services.gateway import Gateway
from gateway.store.base import new_id
from gateway.submissions.outcomes import Committed
from gateway.webhooks.documents import EndpointRequest
from tests.scenes.consortium import place, run

VECTORS = Path(__file__).resolve().parents[2] / "chaincode" / "vectors"
OWN, OTHERS, FOREIGN = "own", "others", "foreign"
SUBJECTS = ("anonymous", "member", *(role.value for role in Role), *(f"key:{scope.value}" for scope in Scope))
"""Every kind of principal, each with one role or one scope."""
SALT = "00112233445566778899aabbccddeeff"


@dataclass
class Caller:
    """Who asks: the headers that say so, and what is hers."""

    headers: dict[str, str] = field(default_factory=dict)
    person_id: str = ""
    key: MemberKey | None = None
    session_id: str = ""


@dataclass
class Request:
    """One request."""

    path: str
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    data: bytes | None = None


class AccessGround:
    """People of every kind at one gateway. They are made anew for each request that may end a session or an account."""

    def __init__(self, gateway: Gateway, file: Path) -> None:
        self.gateway = gateway
        self.file = file
        self.people = gateway.people
        self.now = gateway.clock()
        self.admin = Staff(self.staff(Role.ADMIN), "", self.now, frozenset({Role.ADMIN}))
        self._callers: dict[str, Caller] = {}
        self._other: tuple[str, MemberKey] | None = None
        self.foreign_key = MemberKey.derived("access: enrolled elsewhere")
        run(self._enrol_elsewhere())

    async def _enrol_elsewhere(self) -> None:
        operation = {
            "op": "EnrollMember",
            "args": self.foreign_key.enrolment("harbor", PLACE),
            "request_id": "elsewhere",
            "valid_until": self.now + 3600,
        }
        async with place(self.file, "harbor").opener("gateway") as ledger:
            await ledger.submit(operation)

    def person(self) -> tuple[str, MemberKey]:
        """A new person with an address of her own and a password-less account."""
        person_id, key = new_id("per"), MemberKey.derived(f"access {secrets.token_hex(16)}")
        with self.people.store.writing() as session:
            session.add(
                Person(
                    person_id=person_id,
                    email=f"{person_id}@example.org",
                    locale="en",
                    created_at=self.now,
                    password_hash="x",
                )
            )
            session.flush()
            session.add(
                LinkedAddress(
                    address=key.address, person_id=person_id, public_key=key.public_key, kind="OWN", linked_at=self.now
                )
            )
        return person_id, key

    def staff(self, *roles: Role) -> str:
        """A new active staff account."""
        staff_id = new_id("stf")
        with self.people.store.writing() as session:
            session.add(
                StaffAccount(
                    staff_id=staff_id,
                    name="x",
                    email=f"{staff_id}@example.org",
                    locale="en",
                    roles=sorted(roles),
                    status="ACTIVE",
                    password_hash="x",
                    created_at=self.now,
                )
            )
        return staff_id

    def caller_for(self, kind: str, *, lasting: bool) -> Caller:
        """A caller of a kind for a request to an endpoint; programs and what lasts are used again."""
        if not lasting and not kind.startswith("key:"):
            return self.caller(kind)
        if kind not in self._callers:
            self._callers[kind] = self.caller(kind)
        return self._callers[kind]

    def other(self) -> tuple[str, MemberKey]:
        """Another person of this gateway."""
        if self._other is None:
            self._other = self.person()
        return self._other

    def caller(self, kind: str) -> Caller:
        """A new caller of a kind."""
        if kind == "anonymous":
            return Caller()
        if kind.startswith("key:"):
            made = self.people.api_keys.create(
                self.admin, name="x", scopes=[Scope(kind[4:])], requests_per_minute=1_000_000
            )
            return Caller({"Authorization": f"Bearer {made.token}"}, made.key.key_id)
        if kind == "member":
            person_id, key = self.person()
            return self._with_session(Holder(PERSON, person_id), key)
        return self._with_session(Holder(STAFF, self.staff(Role(kind))), None)

    def _with_session(self, holder: Holder, key: MemberKey | None) -> Caller:
        made = self.people.sessions.start(holder, "PASSWORD", LoginOrigin())
        headers = {"Cookie": f"jifen_session={made.token}", "X-CSRF-Token": made.csrf_token}
        return Caller(headers, holder.id, key, made.session.session_id)

    def spend(self, key: MemberKey, op: str) -> str:
        """A Redeem or Hold of the key's, committed and folded into the projection; its id."""
        request_id = secrets.token_hex(8)
        if key is not self.foreign_key:
            self._carry_out("EnrollMember", f"enrol-{key.address}", key.enrolment("northstar", PLACE))
        self._carry_out("Issue", f"{request_id}i", {"address": key.address, "class_id": "northstar", "points": 10})
        args = {"acceptor_msp": "northstar", "class_ids": ["northstar"], "order_ref": "o", "points": 10}
        block = self._carry_out(
            op, request_id, args if op == "Redeem" else {**args, "expires_at": self.gateway.clock() + 3600}, key
        )
        assert block is not None
        self.gateway.projection.wait_for_block(block, 30)
        return f"{key.address}/{request_id}"

    def _carry_out(self, op: str, request_id: str, args: dict[str, Any], key: MemberKey | None = None) -> int | None:
        operation: Any = {"op": op, "args": args, "request_id": request_id, "valid_until": self.gateway.clock() + 3600}
        if key is not None:
            operation = key.authorise(operation, PLACE)
        outcome = self.gateway.submissions.carry_out(operation, wait_seconds=30)
        assert isinstance(outcome, Committed)
        return outcome.receipt.block_number

    def webhook(self, owner: str) -> str:
        """A new webhook endpoint of somebody's."""
        made = self.gateway.webhooks.endpoints.create(
            owner, EndpointRequest.model_validate(bodies(self, Caller())["createWebhook"])
        )
        return str(made.id)

    def key_of(self, caller: Caller, whose: str) -> MemberKey | None:
        """A member's key: the caller's, of another person of this gateway, or of a member of another merchant. None where the caller has none."""
        if whose == OWN:
            return caller.key
        return self.other()[1] if whose == OTHERS else self.foreign_key

    def holder_of(self, caller: Caller, whose: str, kind: str) -> str | None:
        """A person's (or staff account's) id in the same way; the foreign one is not of this gateway."""
        if whose == OWN:
            return caller.person_id if caller.person_id.startswith("stf" if kind == STAFF else "per") else None
        if whose == FOREIGN:
            return new_id("stf" if kind == STAFF else "per")
        return self.staff(Role.CASHIER) if kind == STAFF else self.other()[0]


def example_operation(name: str) -> dict[str, Any]:
    """An operation of this name from the vectors, of good form, without its authorization."""
    for path in sorted((VECTORS / kebab(name).replace("-", "_")).glob("*.json")):
        for found in (entry for _, vector in read(path) for entry in _entries(vector, name)):
            try:
                check_form({**found, "request_id": "r", "valid_until": 1}, OPERATIONS)
            except Refusal:
                continue
            return {key: found[key] for key in ("op", "args")}
    raise LookupError(f"no vector has a good {name}")


def _entries(document: Any, name: str) -> list[dict[str, Any]]:
    if isinstance(document, dict):
        if document.get("op") == name and isinstance(document.get("args"), dict):
            return [{key: document[key] for key in ("op", "args")}]
        return [entry for value in document.values() for entry in _entries(value, name)]
    if isinstance(document, list):
        return [entry for value in document for entry in _entries(value, name)]
    return []


def operation_request(ground: AccessGround, caller: Caller, name: str, whose: str) -> Request | None:
    """A dry run of an operation: a member's signed by the key of `whose`, an organisation's by nobody."""
    operation = OPERATIONS[name]
    found = example_operation(name)
    body: dict[str, Any] = {"args": found["args"]}
    if operation.AUTHORITY is not Authority.ORGANISATION:
        key = ground.key_of(caller, whose)
        if key is None:
            return None
        whole = {**found, "request_id": secrets.token_hex(8), "valid_until": ground.now + 3600}
        signed = key.authorise(whole, PLACE)
        body |= {name: signed[name] for name in ("request_id", "valid_until", "authorization")}
    elif whose != OWN:
        return None
    return Request(f"/api/v1/operations/{kebab(name)}", {"dry_run": "true"}, body)


QUERY_ARGUMENTS: Mapping[str, str] = {
    "acceptor_msp": "harbor",
    "class_id": "northstar",
    "from_class_id": "northstar",
    "issuance_id": "r.0",
    "issuer_msp": "northstar",
    "msp_id": "northstar",
    "request_id": "r",
    "shard": "0",
    "spender": MemberKey.derived("access: a spender").address,
    "to_class_id": "harbor",
    "window_id": "1",
}
ADDRESS_ARGUMENTS = ("account", "owner", "address", "authoriser")
ID_ARGUMENTS = ("redemption_id", "hold_id")


def query_request(ground: AccessGround, caller: Caller, query: Any, whose: str) -> Request | None:
    """A question to the ledger about an account of `whose`, or about none."""
    arguments: dict[str, Any] = {}
    about = [name for name in query.arguments if name in (*ADDRESS_ARGUMENTS, *ID_ARGUMENTS)]
    if not about and whose != OWN:
        return None
    key = ground.key_of(caller, whose) if about else None
    if about and key is None:
        return None
    for name in query.arguments:
        if name in ADDRESS_ARGUMENTS:
            arguments[name] = key.address if key else ""
        elif name in ID_ARGUMENTS:
            arguments[name] = f"{key.address if key else ''}/r"
        elif name in QUERY_ARGUMENTS:
            arguments[name] = QUERY_ARGUMENTS[name]
    return Request(f"/api/v1/queries/{kebab(query.name)}", arguments)


def bodies(ground: AccessGround, caller: Caller) -> dict[str, Any]:
    """A body of good form for every endpoint about people that takes one and whose object does not matter."""
    key = caller.key or ground.foreign_key
    unknown = {"contact": "nobody@example.org"}
    code = {"code": "00000000"}
    password = {"password": "correct horse battery"}
    credential = {"challenge_id": "chl_x", "credential": {}}
    signature = "0" * 128
    card = (
        f"reference,points,expires_on,salt,proof_sha256\n{secrets.token_hex(8)},5,,{SALT},{proof_sha256(SALT, '1')}\n"
    )
    return {
        "beginRegistration": unknown,
        "finishRegistration": {**code, **password},
        "logIn": {**unknown, **password},
        "logInStaff": {**unknown, **password},
        "beginPasskeyLogIn": {},
        "finishPasskeyLogIn": credential,
        "proveByPasskey": credential,
        "finishPasskey": {**credential, "name": "x"},
        "renamePasskey": {"name": "x"},
        "beginRecovery": unknown,
        "finishRecovery": {**code, **password},
        "acceptInvitation": {**code, **password},
        "proveByPassword": password,
        "changePassword": {"current": "x", "new": "correct horse battery"},
        "updateMe": {"name": "x", "locale": "zh"},
        "eraseMe": {"abandon_points": True},
        "beginContactChange": {"contact": f"{secrets.token_hex(6)}@example.org"},
        "finishContactChange": {"old": {"code_id": "otc_x", **code}, "new": {"code_id": "otc_y", **code}},
        "findPerson": {"contact": f"{ground.other()[0]}@example.org"},
        "finishLink": {"public_key": key.public_key, "signature": signature},
        "createCounterCode": {"points_max": 5, "class_ids": ["northstar"]},
        "signAndSubmit": {"op": "Transfer", "args": {}},
        "signAtCounter": {"op": "Redeem", "args": {}, "code_id": "otc_x", **code},
        "claimLegacyCard": {"reference": "8800", "proof": "1"},
        "withdrawLegacyPoints": {"class_id": "northstar", "reference_hash": "0" * 64, "points": 1},
        "depositLegacyPoints": {"class_id": "northstar", "reference_hash": "0" * 64, "points": 1},
        "loadLegacyFile": {"class_id": "northstar", "control_count": 1, "control_total_points": 5, "file": card},
        "orderPayments": {},
        "matchBankStatements": {"files": ["PD8="]},
        "inviteStaff": {"email": f"{secrets.token_hex(6)}@example.org", "name": "x", "roles": ["cashier"]},
        "setStaffRoles": {"roles": ["cashier"]},
        "rejectApproval": {},
        "createApiKey": {"name": "x", "scopes": ["read"]},
        "rotateApiKey": {},
        "createWebhook": {"url": "http://127.0.0.1:65533/hook", "event_types": ["points.accrued"]},
        "updateWebhook": {},
        "rotateWebhookSecret": {},
        "replayWebhook": {"after": "0-0-0"},
    }


def wrapped(key: MemberKey) -> dict[str, Any]:
    """A wrapped key of good form."""
    return {
        "kdf": "PBKDF2-SHA256",
        "salt": "A" * 22,
        "iterations": 600_000,
        "cipher": "AES-256-GCM",
        "iv": "A" * 16,
        "wrapped": "A" * 200,
        "public_key": key.public_key,
        "address": key.address,
    }


def passkey_of(ground: AccessGround, holder: Holder) -> str:
    """A new passkey of somebody's."""
    passkey_id = new_id("pky")
    with ground.people.store.writing() as session:
        session.add(
            Passkey(
                passkey_id=passkey_id,
                credential_id=secrets.token_hex(16),
                holder_kind=holder.kind,
                holder_id=holder.id,
                public_key="x",
                sign_count=0,
                name="x",
                created_at=ground.now,
            )
        )
    return passkey_id
