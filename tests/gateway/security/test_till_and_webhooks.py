"""What reaches further than it was given for: reservations, spoken codes, old sessions, webhooks, looks at members."""

from __future__ import annotations

import json
import secrets
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from chaincode.cases.world import PLACE
from gateway.identity.models import LoginSession
from gateway.security.models import AuditEntry
from gateway.security.principals import Role
from gateway.services.gateway import Gateway
from gateway.submissions.outcomes import Committed
from gateway.webhooks.addresses import NOT_PUBLIC, AddressPolicy, check_endpoint
from tests.gateway.security.conftest import Browser
from tests.scenes.consortium import member, operation, place, run

LIN = member("till: lin")
RICH = {
    "class_id": "rich",
    "name": "Rich",
    "symbol": "R",
    "category": "Gifts",
    "decimals": 0,
    "earn_rate": {"amount_minor": 100, "points": 0, "rounding": "STEPS"},
    "enrolled_only": False,
    "transferable": True,
    "unit_value_millionths": 100_000_000,
    "validity": {"kind": "NEVER"},
}


def carry_out(gateway: Gateway, op: str, args: dict[str, Any], signed: bool = False) -> dict[str, Any]:
    """Submits an operation, until the gateway's tables have it; its result."""
    made = operation(op, secrets.token_hex(8), args)
    done = gateway.submissions.carry_out(LIN.authorise(made, PLACE) if signed else made, wait_seconds=30)
    assert isinstance(done, Committed)
    assert done.receipt.block_number is not None
    gateway.projection.wait_for_block(done.receipt.block_number, 30)
    result: dict[str, Any] = done.receipt.document["result"]
    return result


@pytest.fixture
def hold(gateway: Gateway) -> dict[str, Any]:
    """A reservation of Lin's at northstar, for an order that she shows."""
    carry_out(gateway, "EnrollMember", LIN.enrolment("northstar", PLACE))
    carry_out(gateway, "Issue", {"address": LIN.address, "class_id": "northstar", "points": 100})
    args = {
        "acceptor_msp": "northstar",
        "class_ids": ["northstar"],
        "order_ref": "ABCD-2345",
        "points": 60,
        "expires_at": int(time.time()) + 900,
    }
    found: dict[str, Any] = carry_out(gateway, "Hold", args, signed=True)["hold"]
    return found


def code_of(answer: Any) -> str:
    """The code of a refusal."""
    return str((answer.json or {}).get("code"))


def test_a_reservation_is_taken_with_its_members_code_alone(
    browser: Browser, gateway: Gateway, hold: dict[str, Any]
) -> None:
    till = browser.other()
    till.be_staff(gateway, Role.CASHIER)
    args = {"hold_id": hold["hold_id"]}
    for shown in ({}, {"order_ref": "WXYZ-6789"}):
        assert code_of(till.ask("POST", "/operations/capture?dry_run=true", {"args": args, **shown})) == "CODE_REFUSED"
        assert code_of(till.ask("POST", "/operations/capture", {"args": args, **shown})) == "CODE_REFUSED"
    owner, request_id = hold["hold_id"].split("/")
    for path in (
        "/holds?status=RESERVED",
        f"/holds/{owner}/{request_id}",
        f"/accounts/{owner}/holds",
        f"/accounts/{owner}/history",
        f"/receipts/{owner}/{request_id}",
        f"/queries/get-hold?hold_id={hold['hold_id']}",
        f"/queries/get-receipt?authoriser={owner}&request_id={request_id}",
    ):
        assert "ABCD" not in till.ask("GET", path).get_data(as_text=True), path
    for path in (
        f"/events?account={owner}&after=0",
        f"/accounts/{owner}/blocks/1/evidence?class_id=northstar&lot_id=x",
    ):
        assert till.ask("GET", path).status_code == 403, path
    found = (till.ask("GET", "/holds?status=RESERVED&order_ref=abcd2345").json or {})["items"]
    assert [one["hold_id"] for one in found] == [hold["hold_id"]]
    taken = till.ask("POST", "/operations/capture", {"args": args, "order_ref": "abcd 2345"})
    assert taken.status_code == 201, taken.json


def test_a_till_does_not_find_orders_by_trying(browser: Browser, gateway: Gateway, hold: dict[str, Any]) -> None:
    """Neither by looking nor by taking; and what is found in between makes no room for more tries."""
    till = browser.other()
    till.be_staff(gateway, Role.CASHIER)
    throttles = gateway.people.settings.throttles
    for number in range(throttles.source_attempts):
        assert till.ask("GET", f"/holds?order_ref=order-{number}").status_code == 200
        if number < throttles.source_attempts - 1:
            assert (till.ask("GET", "/holds?order_ref=ABCD-2345").json or {})["items"]
    assert code_of(till.ask("GET", "/holds?order_ref=another")) == "TRY_LATER"
    assert till.ask("GET", "/holds?status=RESERVED").status_code == 200
    args = {"hold_id": hold["hold_id"]}
    dry = "/operations/capture?dry_run=true"
    for number in range(throttles.account_attempts):
        assert code_of(till.ask("POST", dry, {"args": args, "order_ref": f"order-{number}"})) == "CODE_REFUSED"
        if number < throttles.account_attempts - 1:
            assert till.ask("POST", dry, {"args": args, "order_ref": "ABCD-2345"}).status_code == 200
    assert code_of(till.ask("POST", dry, {"args": args, "order_ref": "ABCD-2345"})) == "TRY_LATER"


def bulk(browser: Browser, line: dict[str, Any]) -> Any:
    """What becomes of one line of a bulk request."""
    headers = {"Cookie": browser.cookie, "X-CSRF-Token": browser.csrf_token, "Content-Type": "application/x-ndjson"}
    client = browser.app.test_client(use_cookies=False)
    answer = client.post("/api/v1/bulk/operations", data=json.dumps(line).encode(), headers=headers)
    return answer.get_json(force=True)


def test_staff_who_freeze_an_account_say_why(browser: Browser, gateway: Gateway) -> None:
    carry_out(gateway, "EnrollMember", LIN.enrolment("northstar", PLACE))
    browser.be_staff(gateway, Role.ADMIN)
    path, args = "/operations/set-member-status", {"address": LIN.address, "status": "FROZEN"}
    for body in ({"args": args}, {"args": {**args, "status": "CLOSED"}}):
        assert code_of(browser.ask("POST", path, body)) == "REASON_REQUIRED"
    assert code_of(browser.ask("POST", path, {"args": args, "reason": "because"})) == "REQUEST_MALFORMED"
    line = {"op": "SetMemberStatus", "args": args, "request_id": "bulk-freeze"}
    assert bulk(browser, line)["problem"]["code"] == "REASON_REQUIRED"
    assert browser.ask("POST", path, {"args": args, "reason": "KEY_LOST"}).status_code == 201
    with gateway.store.reading() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.action == "SetMemberStatus")).all()
    assert [row.details.get("reason") for row in rows if row.outcome == "SENT"] == ["KEY_LOST"]
    thaw = {"args": {**args, "status": "ACTIVE"}}
    assert browser.ask("POST", path, thaw).status_code == 201, "to let an account act again needs none"


def test_a_line_of_bulk_is_no_way_around(browser: Browser, gateway: Gateway, hold: dict[str, Any]) -> None:
    till = browser.other()
    till.be_staff(gateway, Role.CASHIER)
    line = {"op": "Capture", "args": {"hold_id": hold["hold_id"]}, "request_id": "b-1"}
    assert bulk(till, line)["problem"]["code"] == "CODE_REFUSED"


def test_what_a_till_takes_is_counted(browser: Browser, gateway: Gateway, hold: dict[str, Any]) -> None:
    carry_out(gateway, "DefineClass", RICH)
    carry_out(gateway, "Issue", {"address": LIN.address, "class_id": "rich", "points": 100})
    args = {
        "acceptor_msp": "northstar",
        "class_ids": ["rich"],
        "order_ref": "GOLD-2345",
        "points": 60,
        "expires_at": int(time.time()) + 900,
    }
    rich = carry_out(gateway, "Hold", args, signed=True)["hold"]
    till = browser.other()
    till.be_staff(gateway, Role.CASHIER)
    body = {"args": {"hold_id": rich["hold_id"]}, "order_ref": "GOLD-2345"}
    assert code_of(till.ask("POST", "/operations/capture", body)) == "APPROVAL_REQUIRED", "6,000.00 at once"


def aged(gateway: Gateway, person_id: str, days: int) -> None:
    """Makes the person's log-in so old."""
    with gateway.store.writing() as session:
        row = session.query(LoginSession).filter_by(holder_id=person_id).one()
        row.authenticated_at -= days * 86_400


def kept(browser: Browser, gateway: Gateway) -> tuple[str, str]:
    """Lin's account, whose key the gateway keeps, with 100 points of two classes; person and address."""
    person_id = browser.register("lin@example.org")
    address = str((browser.ask("POST", "/custody").json or {})["address"])
    carry_out(gateway, "EnrollMember", gateway.people.custody.enrolment(person_id))
    carry_out(gateway, "DefineClass", RICH)
    for class_id in ("northstar", "rich"):
        carry_out(gateway, "Issue", {"address": address, "class_id": class_id, "points": 100})
    return person_id, address


def test_an_old_session_moves_no_points(browser: Browser, gateway: Gateway) -> None:
    person_id, _ = kept(browser, gateway)
    aged(gateway, person_id, 10)
    carry_out(gateway, "EnrollMember", LIN.enrolment("northstar", PLACE))
    recipients = [{"address": LIN.address, "points": 100}]
    asked = [
        ("/custody/operations", {"op": "Transfer", "args": {"class_id": "northstar", "recipients": recipients}}),
        ("/custody/codes", {"points_max": 100, "class_ids": ["northstar"]}),
        ("/legacy/withdrawals", {"class_id": "northstar", "reference_hash": "0" * 64, "points": 1}),
        ("/legacy/deposits", {"class_id": "northstar", "reference_hash": "0" * 64, "points": 1}),
    ]
    for path, body in asked:
        assert code_of(browser.ask("POST", path, body)) == "LOGIN_TOO_OLD", path
    nothing = {"op": "Release", "args": {"hold_id": f"{LIN.address}/x"}}
    assert code_of(browser.ask("POST", "/custody/operations", nothing)) == "UNKNOWN_HOLD", "ending one needs no proof"
    assert browser.ask("POST", "/session/proof", {"password": "Zebra-Quartz-Password-4711"}).status_code == 200
    assert browser.ask("POST", *asked[0]).status_code == 201


def test_a_spoken_code_is_for_points_of_one_class(browser: Browser, gateway: Gateway) -> None:
    person_id, _ = kept(browser, gateway)
    told = browser.ask("POST", "/custody/codes", {"points_max": 100, "class_ids": ["northstar"]}).json or {}
    assert (told["class_ids"], told["value_max_millionths"]) == (["northstar"], 1_000_000)
    till = browser.other()
    till.be_staff(gateway, Role.CASHIER)
    args = {"acceptor_msp": "northstar", "order_ref": "o-1", "points": 100}
    body = {"op": "Redeem", "code": f" {told['code'][:4]}-{told['code'][4:]} "}
    path = f"/people/{person_id}/custody/operations"
    for class_ids in (["rich"], ["northstar", "rich"]):
        wrong = {**body, "args": {**args, "class_ids": class_ids}}
        assert code_of(till.ask("POST", path, wrong)) == "CUSTODY_REFUSED"
    paid = till.ask("POST", path, {**body, "args": args})
    assert paid.status_code == 201, paid.json
    assert (paid.json or {})["result"]["redemption"]["value_millionths"] == 1_000_000


async def among_others(ledger_file: Path) -> int:
    """Something between harbor and one of its members; its block."""
    other = member("till: somebody of harbor's")
    async with place(ledger_file, "harbor").opener("gateway") as ledger:
        await ledger.submit(operation("EnrollMember", "h-1", other.enrolment("harbor", PLACE)))
        args = {"address": other.address, "class_id": "harbor", "points": 5}
        result = await ledger.submit_many([operation("Issue", "h-2", args)])
    assert result.block_number is not None
    return result.block_number


def test_a_webhook_tells_no_more_than_its_owner_may_read(browser: Browser, gateway: Gateway, ledger_file: Path) -> None:
    gateway.projection.wait_for_block(run(among_others(ledger_file)), 30)
    browser.join_staff(gateway)
    programs = {}
    for scopes in (["webhooks"], ["webhooks", "read"]):
        made = browser.ask("POST", "/api-keys", {"name": "Shop", "scopes": scopes}).json or {}
        programs[len(scopes)] = browser.other()
        programs[len(scopes)].headers["Authorization"] = f"Bearer {made['token']}"
    hook = {"url": "https://127.0.0.1:9/"}
    assert code_of(programs[1].ask("POST", "/webhooks", {**hook, "own_only": False})) == "FORBIDDEN"
    own = (programs[1].ask("POST", "/webhooks", hook).json or {})["id"]
    assert code_of(programs[1].ask("PATCH", f"/webhooks/{own}", {"own_only": False})) == "FORBIDDEN"
    everything = (programs[2].ask("POST", "/webhooks", {**hook, "own_only": False}).json or {})["id"]
    replayed = {
        name: (programs[number].ask("POST", f"/webhooks/{name}/replay", {"after": "0-0-0"}).json or {})["messages"]
        for number, name in ((1, own), (2, everything))
    }
    assert 0 < replayed[own] < replayed[everything]


def test_changes_of_webhooks_stand_in_the_audit_log(browser: Browser, gateway: Gateway) -> None:
    browser.join_staff(gateway)
    hook = (browser.ask("POST", "/webhooks", {"url": "https://127.0.0.1:9/"}).json or {})["id"]
    browser.ask("PATCH", f"/webhooks/{hook}", {"description": "x"})
    browser.ask("POST", f"/webhooks/{hook}/secret", {})
    browser.ask("POST", f"/webhooks/{hook}/replay", {"after": "0-0-0"})
    browser.ask("DELETE", f"/webhooks/{hook}")
    rows = [row for row in gateway.people.audit.rows() if row.object_id == hook]
    assert [row.action for row in rows] == [
        "deleteWebhook",
        "replayWebhook",
        "rotateWebhookSecret",
        "updateWebhook",
        "createWebhook",
    ]


def test_names_inside_are_not_told_from_names_that_are_not() -> None:
    def resolver(host: str, port: int) -> list[str]:
        if host == "db.internal":
            return ["10.0.0.5"]
        if host == "empty.internal":
            return []
        raise OSError("no such host")

    told = set()
    for host in ("db.internal", "empty.internal", "no-such.internal"):
        with pytest.raises(Exception, match="WEBHOOK_ADDRESS_REFUSED") as refused:
            check_endpoint(AddressPolicy(), resolver, f"https://{host}/")
        told.add(str(refused.value))
    assert told == {f"WEBHOOK_ADDRESS_REFUSED: {NOT_PUBLIC}"}


def test_a_look_that_finds_nobody_is_written_down(browser: Browser, gateway: Gateway) -> None:
    staff_id = browser.be_staff(gateway, Role.CASHIER)
    assert browser.ask("POST", "/people/search", {"contact": "nobody@example.org"}).status_code == 404
    (row,) = gateway.people.audit.rows()
    assert (row.actor, row.action, row.outcome) == (staff_id, "findPerson", "OBJECT_UNKNOWN")
    assert "nobody@example.org" not in str(vars(row))
