"""Who may do what, made from the one table: every endpoint, every kind of caller, an own, another's and a foreign object, as real requests."""

from __future__ import annotations

import io
import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import flask.testing
import pytest
from PIL import Image

from chaincode.cases.world import PLACE
from chaincode.signing import MemberKey
from chaincode.spec.operations import OPERATIONS
from chaincode.spec.queries import QUERIES
from gateway.access.table import PEOPLE, PROJECTION, TABLE, check_table
from gateway.application import SUBJECTS as WIRED
from gateway.application import create_app
from gateway.identity.holders import PERSON, STAFF, Holder
from gateway.identity.sessions import LoginOrigin
from gateway.operations.api.requests import camel
from gateway.security.access_rules import Reach
from gateway.security.principals import Role, Scope
from gateway.services.gateway import Gateway
from gateway.settings import settings_from
from gateway.web.endpoints import Endpoint
from gateway.webhooks.api import webhooks
from gateway.webhooks.messages import Messages
from tests.scenes.access_ground import (
    FOREIGN,
    OTHERS,
    OWN,
    SUBJECTS,
    AccessGround,
    Caller,
    Request,
    bodies,
    operation_request,
    passkey_of,
    query_request,
    wrapped,
)
from tests.scenes.consortium import place

ENDPOINTS: dict[str, Endpoint] = {endpoint.name: endpoint for subject in WIRED for endpoint in subject.endpoints}
OPERATION_NAMES = {camel(name): name for name in OPERATIONS}
QUERY_NAMES = {camel(name): query for name, query in QUERIES.items()}
NEEDED = {OWN: Reach.OWN, OTHERS: Reach.OTHERS, FOREIGN: Reach.ANY}


@pytest.fixture(scope="module")
def gateway(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """northstar's gateway, with its own guard, on each database in turn."""
    folder = tmp_path_factory.mktemp("access")
    ledger = folder / "ledger" / "ledger.sqlite"
    ledger.parent.mkdir()
    shutil.copy(request.getfixturevalue("ledger_template"), ledger)
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "gateway.db")
        url = f"sqlite:///{folder / 'gateway.db'}"
    else:
        url = request.getfixturevalue("postgres").create()
    many = 1_000_000
    settings = settings_from(
        {
            "folder": folder,
            "org": "northstar",
            "ledger": {"folder": str(ledger.parent)},
            "store": {"url": url},
            "secrets": {"key": "ab" * 32},
            "webhooks": {"allow_private_addresses": True, "allow_http": True},
            "rates": {"session_per_minute": many, "anonymous_per_minute": many},
            "people": {
                "passwords": {"time_cost": 1, "memory_kibibytes": 64},
                "sender": {"file": str(folder / "letters.txt")},
                "throttles": dict.fromkeys(
                    ("account_attempts", "source_attempts", "codes_per_target", "codes_per_source"), many
                ),
            },
        }
    )
    made = Gateway(settings, place(ledger, "northstar"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def ground(gateway: Gateway) -> AccessGround:
    """People of every kind."""
    return AccessGround(gateway, gateway.settings.folder / "ledger" / "ledger.sqlite")


@pytest.fixture(scope="module")
def client(gateway: Gateway) -> flask.testing.FlaskClient:
    """A client without cookies of its own."""
    return create_app(gateway.settings, gateway.place, gateway=gateway).test_client(use_cookies=False)


QUERIES_OF = {
    "/api/v1/issuances/northstar": {"issuance_id": "r.0"},
    "/api/v1/ledger/headers": {"first": "0", "last": "9"},
}
"""Parameters that an endpoint cannot be asked without."""
Make = Callable[[AccessGround, Caller, str], Request | None]


def at(path: str) -> Make:
    """A request whose object does not matter."""

    def make(ground: AccessGround, caller: Caller, whose: str) -> Request | None:
        return Request(path, dict(QUERIES_OF.get(path, {}))) if whose == OWN else None

    return make


def of_address(path: str) -> Make:
    """A request about an address."""

    def make(ground: AccessGround, caller: Caller, whose: str) -> Request | None:
        key = ground.key_of(caller, whose)
        return None if key is None else Request(path.format(address=key.address), body=wrapped(key))

    return make


def of_holder(path: str, kind: str) -> Make:
    """A request about a person or a staff account."""

    def make(ground: AccessGround, caller: Caller, whose: str) -> Request | None:
        holder_id = ground.holder_of(caller, whose, kind)
        return None if holder_id is None else Request(path.format(id=holder_id))

    return make


def of_session(ground: AccessGround, caller: Caller, whose: str) -> Request | None:
    """A request about a session."""
    if whose == FOREIGN or (whose == OWN and not caller.session_id):
        return None
    session_id = caller.session_id
    if whose == OTHERS:
        session_id = ground.people.sessions.start(
            Holder(PERSON, ground.person()[0]), "CODE", LoginOrigin()
        ).session.session_id
    return Request(f"/api/v1/sessions/{session_id}")


def of_passkey(ground: AccessGround, caller: Caller, whose: str) -> Request | None:
    """A request about a passkey."""
    if whose == FOREIGN or (whose == OWN and not caller.session_id):
        return None
    kind = STAFF if whose == OWN and caller.person_id.startswith("stf") else PERSON
    holder_id = caller.person_id if whose == OWN else ground.person()[0]
    return Request(f"/api/v1/passkeys/{passkey_of(ground, Holder(kind, holder_id))}")


def of_submission(ground: AccessGround, caller: Caller, whose: str) -> Request | None:
    """A request about an operation that was answered with 202."""
    key = ground.key_of(caller, whose)
    if key is None:
        return None
    operation = key.authorise(
        {
            "op": "Transfer",
            "args": {"class_id": "northstar", "recipients": [{"address": key.address, "points": 0}]},
            "request_id": secrets.token_hex(8),
            "valid_until": ground.now + 3600,
        },
        PLACE,
    )
    keeping = ground.gateway.submissions.keeping
    submission_id = keeping.keep(operation, "gateway", None, 3600)
    return Request(f"/api/v1/submissions/{submission_id}")


def of_events(ground: AccessGround, caller: Caller, whose: str) -> Request | None:
    """A request for an account's events."""
    key = ground.key_of(caller, whose)
    return None if key is None else Request("/api/v1/events", {"account": key.address})


def of_account(path: str, **query: str) -> Make:
    """A request about an account."""

    def make(ground: AccessGround, caller: Caller, whose: str) -> Request | None:
        key = ground.key_of(caller, whose)
        return None if key is None else Request(path.format(account=key.address), dict(query))

    return make


def with_body(path: str, body: Callable[[MemberKey], dict[str, Any]]) -> Make:
    """A request whose body names an address."""

    def make(ground: AccessGround, caller: Caller, whose: str) -> Request | None:
        key = ground.key_of(caller, whose)
        return None if key is None else Request(path, body=body(key))

    return make


def of_own_notes(ground: AccessGround, caller: Caller, whose: str) -> Request | None:
    """A request for an address's notes."""
    key = ground.key_of(caller, whose)
    return None if key is None else Request("/api/v1/notes", {"account": key.address})


def of_object(path: str, op: str, more: str = "") -> Make:
    """A request about a redemption or hold that is there."""

    def make(ground: AccessGround, caller: Caller, whose: str) -> Request | None:
        key = ground.key_of(caller, whose)
        return None if key is None else Request(path + ground.spend(key, op) + more)

    return make


def of_webhook(path: str) -> Make:
    """A request about a webhook endpoint: the merchant's for staff, its own for a program; another program's."""

    def make(ground: AccessGround, caller: Caller, whose: str) -> Request | None:
        if whose == FOREIGN:
            return None
        own = caller.person_id if caller.person_id.startswith("key") else ground.gateway.msp_id
        owner = own if whose == OWN else ground.caller("key:webhooks").person_id
        endpoint_id = ground.webhook(owner)
        messages = Messages(ground.gateway.store, ground.gateway.webhooks.outbox)  # also for a key that may have none
        message_id = messages.test(endpoint_id).id if "{message_id}" in path else ""
        return Request(path.format(endpoint_id=endpoint_id, message_id=message_id))

    return make


def bulk(ground: AccessGround, caller: Caller, whose: str) -> Request | None:
    """An empty bulk request; what its lines may is the rule of each operation."""
    if whose != OWN:
        return None
    return Request("/api/v1/bulk/operations", headers={"Content-Type": "application/x-ndjson"}, data=b"")


def picture(ground: AccessGround, caller: Caller, whose: str) -> Request | None:
    """A picture without a QR code; it is nobody's."""
    if whose != OWN:
        return None
    drawn = io.BytesIO()
    Image.new("L", (8, 8)).save(drawn, "PNG")
    return Request("/api/v1/pictures/qr", headers={"Content-Type": "image/png"}, data=drawn.getvalue())


MAKERS: dict[str, Make] = {
    "readQrPicture": picture,
    "submitBulk": bulk,
    "getSubmission": of_submission,
    "followEvents": of_events,
    "endSession": of_session,
    "renamePasskey": of_passkey,
    "removePasskey": of_passkey,
    "storeWrappedKey": of_address("/api/v1/wallet/keys/{address}"),
    "getWrappedKey": of_address("/api/v1/wallet/keys/{address}"),
    "enrolOwnKey": with_body("/api/v1/wallet/enrolments", lambda key: {"address": key.address, "consent": "0" * 128}),
    "leaveNote": with_body(
        "/api/v1/notes",
        lambda key: {"authoriser": key.address, "request_id": "r", "recipient": key.address, "sealed": "A" * 200},
    ),
    "listNotes": of_own_notes,
    "getPublicKey": of_address("/api/v1/accounts/{address}/public-key"),
    "getAccount": of_account("/api/v1/accounts/{account}"),
    "listAccountHistory": of_account("/api/v1/accounts/{account}/history"),
    "listAccountMovements": of_account("/api/v1/accounts/{account}/movements"),
    "listAccountRedemptions": of_account("/api/v1/accounts/{account}/redemptions"),
    "listAccountHolds": of_account("/api/v1/accounts/{account}/holds"),
    "traceMovement": of_account("/api/v1/accounts/{account}/movements/0-0-0/origin"),
    "traceBucket": of_account("/api/v1/accounts/{account}/origins/northstar"),
    "getAccountEvidence": of_account("/api/v1/accounts/{account}/blocks/1/evidence"),
    "findReceipt": of_account("/api/v1/receipts/{account}/r"),
    "getRedemptionDetail": of_object("/api/v1/redemptions/", "Redeem"),
    "traceRedemption": of_object("/api/v1/redemptions/", "Redeem", "/origin"),
    "getHoldDetail": of_object("/api/v1/holds/", "Hold"),
    **{
        endpoint.name: of_webhook(webhooks.subject.prefix + endpoint.path)
        for endpoint in webhooks.subject.endpoints
        if "{endpoint_id}" in endpoint.path
    },
    "getPerson": of_holder("/api/v1/people/{id}", PERSON),
    "signAtCounter": of_holder("/api/v1/people/{id}/custody/operations", PERSON),
    "getStaff": of_holder("/api/v1/staff/{id}", STAFF),
    "setStaffRoles": of_holder("/api/v1/staff/{id}/roles", STAFF),
    "disableStaff": of_holder("/api/v1/staff/{id}/disable", STAFF),
    "enableStaff": of_holder("/api/v1/staff/{id}/enable", STAFF),
    "eraseStaff": of_holder("/api/v1/staff/{id}", STAFF),
}
"""How the request of an endpoint is made, where it is about something that belongs to somebody."""
HIDDEN = {name for name in MAKERS if name not in PROJECTION} - {"followEvents", "submitBulk", "getSubmission"}
"""Of these, somebody who may not see one is not told whether there is one."""


PARTS = {
    "code_id": "otc_x",
    "challenge_id": "chl_x",
    "approval_id": "apr_x",
    "key_id": "key_x",
    "import_id": "imp_x",
    "class_id": "northstar",
    "window_id": "1",
    "msp_id": "northstar",
    "cursor": "1-0-0",
    "block_number": "1",
}
"""Parts of addresses whose owner does not matter."""


def make(ground: AccessGround, caller: Caller, name: str, whose: str) -> Request | None:
    """The request, None where there is no such object for this caller."""
    if name in OPERATION_NAMES:
        return operation_request(ground, caller, OPERATION_NAMES[name], whose)
    if name in QUERY_NAMES:
        return query_request(ground, caller, QUERY_NAMES[name], whose)
    endpoint = ENDPOINTS[name]
    prefix = next(subject.prefix for subject in WIRED if endpoint in subject.endpoints)
    path = prefix + endpoint.path
    for part, value in PARTS.items():
        path = path.replace(f"{{{part}}}", value)
    made = MAKERS.get(name, at(path))(ground, caller, whose)
    if (made is not None and endpoint.body is not None and made.data is None and made.body is None) or (
        made is not None and name in ("renamePasskey", "setStaffRoles", "signAtCounter")
    ):
        made.body = bodies(ground, caller)[name]
    return made


def reach_in_the_table(name: str, kind: str) -> Reach:
    """What the table says, read without the code that decides."""
    rule = TABLE[name]
    if kind == "anonymous":
        return rule.anonymous
    if kind == "member":
        return max(rule.member, rule.anonymous)
    if kind.startswith("key:"):
        return max(rule.scopes.get(Scope(kind[4:]), Reach.NONE), rule.anonymous)
    return max(rule.roles.get(Role(kind), Reach.NONE), rule.anonymous)


def send(client: flask.testing.FlaskClient, endpoint: Endpoint, caller: Caller, request: Request) -> tuple[int, str]:
    """The status and the code of the answer."""
    arguments: dict[str, Any] = {"query_string": request.query, "headers": {**caller.headers, **request.headers}}
    if request.data is not None:
        arguments["data"] = request.data
    elif request.body is not None and endpoint.body is not None:
        arguments["json"] = request.body
    response = client.open(request.path, method=endpoint.method, **arguments)
    try:
        if response.mimetype == "application/problem+json":
            return response.status_code, json.loads(response.get_data())["code"]
        return response.status_code, ""
    finally:
        response.close()


ENDING = {
    "logIn",
    "logOut",
    "endSession",
    "endOtherSessions",
    "proveByPassword",
    "proveByPasskey",
    "changePassword",
    "eraseMe",
    "setStaffRoles",
    "disableStaff",
    "enableStaff",
    "eraseStaff",
}
"""Whoever may ask for these may not have a session afterwards."""
CASES = [("sqlite", name) for name in sorted(ENDPOINTS)] + [("postgresql", name) for name in sorted(PEOPLE)]
"""Every endpoint; and on the other database again those that decide over rows of this one."""


def test_the_table_and_the_endpoints_are_the_same() -> None:
    check_table(ENDPOINTS)
    with pytest.raises(ValueError, match=r"logIn is no endpoint"):
        check_table(set(ENDPOINTS) - {"logIn"})
    with pytest.raises(ValueError, match=r"somethingNew has no rule"):
        check_table({*ENDPOINTS, "somethingNew"})


@pytest.mark.parametrize(("gateway", "name"), CASES, indirect=["gateway"])
def test_access(name: str, ground: AccessGround, client: flask.testing.FlaskClient) -> None:
    """0 differences between the table and what real requests meet."""
    differences, tried = [], 0
    for kind in SUBJECTS:
        for whose in (OWN, OTHERS, FOREIGN):
            caller = ground.caller_for(kind, lasting=name not in ENDING)
            request = make(ground, caller, name, whose)
            if request is None:
                continue
            tried += 1
            status, code = send(client, ENDPOINTS[name], caller, request)
            hidden = code == "OBJECT_UNKNOWN" and name in HIDDEN and whose != OWN
            refused = code in ("UNAUTHENTICATED", "FORBIDDEN") or hidden
            allowed = reach_in_the_table(name, kind) >= NEEDED[whose]
            if refused == allowed or status >= 500:
                differences.append(f"{kind}, {whose}: {status} {code}, the table says {'yes' if allowed else 'no'}")
            if not allowed and kind == "anonymous" and code != "UNAUTHENTICATED":
                differences.append(f"{kind}, {whose}: {status} {code}, expected UNAUTHENTICATED")
    assert tried >= len(SUBJECTS) - 8, "too few of the callers could be tried"
    assert not differences, "\n".join(differences)
