"""One person alone tries to do what takes two: by worth, by definitions, by somebody else's key, by an account that was
disabled, by a used request id."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from chaincode.cases.world import PLACE
from gateway.identity.models import StaffAccount
from gateway.security.principals import Role
from gateway.services.gateway import Gateway
from gateway.submissions.outcomes import Committed
from gateway.webhooks.models import WebhookEndpoint, WebhookMessage
from gateway.webhooks.queue import Queue
from tests.gateway.security.conftest import Browser
from tests.scenes.consortium import member, operation

LIN = member("second person: lin")
MILLION = 1_000_000
GOLD = {
    "class_id": "gold",
    "name": "Gold",
    "symbol": "AU",
    "category": "Gifts",
    "decimals": 0,
    "earn_rate": {"amount_minor": 100, "points": 0, "rounding": "STEPS"},
    "enrolled_only": False,
    "transferable": True,
    "unit_value_millionths": 10**12,
    "validity": {"kind": "NEVER"},
}


@pytest.fixture
def staff(browser: Browser, gateway: Gateway) -> dict[str, Browser]:
    """A browser of each role, and a second admin; Lin is a member."""
    found = {}
    for name, role in {**{role.value: role for role in Role}, "admin2": Role.ADMIN}.items():
        found[name] = browser.other()
        found[name].be_staff(gateway, role, name=name.title())
    carry_out(gateway, "EnrollMember", LIN.enrolment("northstar", PLACE))
    return found


def carry_out(gateway: Gateway, op: str, args: dict[str, Any]) -> None:
    """Submits an operation past all second persons, until the gateway's tables have it."""
    done = gateway.submissions.carry_out(operation(op, secrets.token_hex(8), args), wait_seconds=30)
    assert isinstance(done, Committed)
    assert done.receipt.block_number is not None
    gateway.projection.wait_for_block(done.receipt.block_number, 30)


def asked(browser: Browser, path: str, args: dict[str, Any], **headers: str) -> tuple[int, dict[str, Any]]:
    """Status and answer of an operation."""
    answer = browser.ask("POST", f"/operations/{path}", {"args": args}, **headers)
    assert answer.json is not None
    return answer.status_code, answer.json


@pytest.mark.parametrize(
    ("role", "path", "args"),
    [
        ("marketing", "define-class", GOLD),
        (
            "marketing",
            "update-class",
            {"class_id": "northstar", "earn_rate": {"amount_minor": 100, "points": MILLION, "rounding": "STEPS"}},
        ),
        (
            "marketing",
            "set-rate",
            {
                "from_class_id": "harbor",
                "to_class_id": "northstar",
                "numerator": 10**9,
                "denominator": 1,
                "active": True,
            },
        ),
        (
            "finance",
            "set-limits",
            {
                "issuer_msp": "northstar",
                "limits": [{"acceptor_msp": "harbor", "cap_millionths": 0, "cover_millionths": 0}],
            },
        ),
    ],
)
def test_one_person_defines_no_value(staff: dict[str, Browser], role: str, path: str, args: dict[str, Any]) -> None:
    status, answer = asked(staff[role], path, args)
    assert (status, answer["code"]) == (409, "APPROVAL_REQUIRED"), answer
    own = staff[role].ask("POST", f"/approvals/{answer['approval_id']}/confirm").json or {}
    assert own["code"] in ("SAME_PERSON", "FORBIDDEN")
    done = staff["admin"].ask("POST", f"/approvals/{answer['approval_id']}/confirm").json or {}
    assert done["status"] == "DONE", done


def test_few_points_of_much_worth_are_much(staff: dict[str, Browser], gateway: Gateway) -> None:
    carry_out(gateway, "DefineClass", GOLD)
    status, answer = asked(staff["marketing"], "issue", {"address": LIN.address, "class_id": "gold", "points": 9_000})
    assert (status, answer["code"]) == (409, "APPROVAL_REQUIRED")
    shown = staff["finance"].ask("GET", f"/approvals/{answer['approval_id']}").json or {}
    assert (shown["amount"], shown["limit"]) == (9_000 * 10**12, 1_000 * MILLION)
    status, answer = asked(staff["marketing"], "issue", {"address": LIN.address, "class_id": "northstar", "points": 9})
    assert status == 201, answer


def test_nobody_is_asked_for_what_the_ledger_refuses(staff: dict[str, Browser]) -> None:
    status, answer = asked(staff["cashier"], "refund", {"redemption_id": f"{LIN.address}/never"})
    assert (status, answer["code"]) == (404, "UNKNOWN_REDEMPTION")
    status, answer = asked(staff["marketing"], "issue", {"address": LIN.address, "class_id": "no-such", "points": 1})
    assert (status, answer["code"]) == (404, "UNKNOWN_CLASS")
    assert (staff["admin"].ask("GET", "/approvals").json or {})["items"] == []


def test_whoever_was_shown_a_keys_secret_is_no_second_person(staff: dict[str, Browser]) -> None:
    first, second = staff["admin"], staff["admin2"]
    made = first.ask("POST", "/api-keys", {"name": "Till", "scopes": ["issue"]}).json or {}
    rotated = second.ask("POST", f"/api-keys/{made['key']['key_id']}/rotate", {}).json or {}
    program = first.other()
    program.headers["Authorization"] = f"Bearer {rotated['token']}"
    status, answer = asked(program, "issue", {"address": LIN.address, "class_id": "northstar", "points": 50_000_000})
    assert (status, answer["code"]) == (409, "APPROVAL_REQUIRED")
    for admin in (first, second):
        refused = admin.ask("POST", f"/approvals/{answer['approval_id']}/confirm").json or {}
        assert refused["code"] == "SAME_PERSON"
    assert staff["finance"].ask("POST", f"/approvals/{answer['approval_id']}/confirm").status_code == 200


def test_what_a_disabled_admin_made_stops(staff: dict[str, Browser], gateway: Gateway) -> None:
    gone, left = staff["admin2"], staff["admin"]
    gone_id = str((gone.ask("GET", "/session").json or {})["id"])
    made = gone.ask("POST", "/api-keys", {"name": "Till", "scopes": ["issue", "webhooks"]}).json or {}
    program = gone.other()
    program.headers["Authorization"] = f"Bearer {made['token']}"
    hooks = [
        (who.ask("POST", "/webhooks", {"url": "https://127.0.0.1:9/hook"}).json or {})["id"] for who in (gone, program)
    ]
    gone.ask("POST", "/staff", {"email": "friend@example.org", "name": "Friend", "roles": ["admin"]})
    letter = gone.letters.read_text("utf-8")
    invitation = letter[letter.rindex("otc_") :].split(",")[0]
    code = gone.code("friend@example.org")
    _, waiting = asked(gone, "define-class", GOLD)
    assert asked(program, "issue", {"address": LIN.address, "class_id": "northstar", "points": 5})[0] == 201

    assert left.ask("POST", f"/staff/{gone_id}/disable").status_code == 200
    status, answer = asked(program, "issue", {"address": LIN.address, "class_id": "northstar", "points": 5})
    assert (status, answer["code"]) == (401, "UNAUTHENTICATED")
    body = {"code": code, "password": "Another-Quartz-Password-99"}
    taken = gone.other().ask("POST", f"/staff-invitations/{invitation}/accept", body).json or {}
    assert taken["code"] == "CODE_REFUSED"
    ended = left.ask("POST", f"/approvals/{waiting['approval_id']}/confirm").json or {}
    assert ended["code"] == "APPROVAL_ENDED"

    carry_out(gateway, "Issue", {"address": LIN.address, "class_id": "northstar", "points": 1})
    shown = {one["id"]: one for one in (left.ask("GET", "/webhooks").json or {})["items"]}
    for hook in hooks:
        assert shown[hook]["status"] == "DISABLED"
        assert (left.ask("POST", f"/webhooks/{hook}/replay", {"after": "0-0-0"}).json or {})[
            "code"
        ] == "WEBHOOK_DISABLED"
    taken_over = left.ask("PATCH", f"/webhooks/{hooks[0]}", {"status": "ACTIVE"}).json or {}
    assert taken_over["owner"] == (left.ask("GET", "/session").json or {})["id"]

    rotated = left.ask("POST", f"/api-keys/{made['key']['key_id']}/rotate", {}).json or {}
    program.headers["Authorization"] = f"Bearer {rotated['token']}"
    assert asked(program, "issue", {"address": LIN.address, "class_id": "northstar", "points": 5})[0] == 201


def test_messages_that_wait_are_not_sent_for_who_was_disabled(staff: dict[str, Browser], gateway: Gateway) -> None:
    hook = (staff["admin2"].ask("POST", "/webhooks", {"url": "https://127.0.0.1:9/hook"}).json or {})["id"]
    with gateway.store.writing() as session:
        owner = session.get_one(WebhookEndpoint, hook).owner
        session.get_one(WebhookEndpoint, hook).resume_at = 2**40  # the gateway's own dispatcher leaves it alone
    staff["admin2"].ask("POST", f"/webhooks/{hook}/test")
    with gateway.store.writing() as session:
        session.get_one(StaffAccount, owner).status = "DISABLED"
        session.get_one(WebhookEndpoint, hook).resume_at = 0
    queue = Queue(gateway.store, gateway.settings.webhooks, gateway.clock, owners=gateway.disclosure_to)
    assert queue.step((), {}, 5) == []
    with gateway.store.reading() as session:
        assert session.get_one(WebhookEndpoint, hook).status == "DISABLED"
        assert session.query(WebhookMessage).filter_by(endpoint_id=hook).one().attempts == 0


def test_a_cashier_does_not_use_up_the_name_of_what_waits(staff: dict[str, Browser]) -> None:
    big = {"address": LIN.address, "class_id": "northstar", "points": 50_000_000}
    _, waiting = asked(staff["marketing"], "issue", big, Idempotency_Key="the-campaign")
    assert waiting["code"] == "APPROVAL_REQUIRED"
    assert (staff["cashier"].ask("GET", "/approvals").json or {})["items"] == []
    assert staff["cashier"].ask("GET", f"/approvals/{waiting['approval_id']}").status_code == 404
    nothing = {"address": LIN.address, "class_id": "northstar", "amount_minor": 0}
    status, answer = asked(staff["cashier"], "accrue", nothing, Idempotency_Key="the-campaign")
    assert (status, answer["code"]) == (409, "REQUEST_ID_REUSED")
    done = staff["finance"].ask("POST", f"/approvals/{waiting['approval_id']}/confirm").json or {}
    assert (done["status"], done["receipt"]["code"]) == ("DONE", "OK")


def test_a_second_person_reads_names_and_money(staff: dict[str, Browser]) -> None:
    _, waiting = asked(
        staff["marketing"],
        "update-class",
        {"class_id": "northstar", "earn_rate": {"amount_minor": 100, "points": 7, "rounding": "STEPS"}},
    )
    shown = staff["finance"].ask("GET", f"/approvals/{waiting['approval_id']}").json or {}
    assert shown["requested_by_name"] == "Marketing"
    facts = {fact["name"]: fact for fact in shown["facts"]}
    change = facts["earn_rate"]
    assert (change["before"]["points"], change["value"]["points"], change["changes"]) == (1, 7, True)
    refused = staff["finance"].ask("POST", f"/approvals/{waiting['approval_id']}/reject", {}).json or {}
    assert refused["code"] == "REASON_REQUIRED"
    staff["finance"].ask("POST", f"/approvals/{waiting['approval_id']}/reject", {"reason": "Seven is too many"})
    told = staff["marketing"].ask("GET", f"/approvals/{waiting['approval_id']}").json or {}
    assert (told["reason"], told["decided_by_name"]) == ("Seven is too many", "Finance")

    big = {"address": LIN.address, "class_id": "northstar", "points": 50_000_000}
    asked(staff["marketing"], "issue", big)
    client = staff["finance"].app.test_client(use_cookies=False)
    for language, worth in (("en", "CN¥"), ("zh", "¥")):
        page = client.get(
            "/merchant/approvals",
            headers={"Cookie": staff["finance"].cookie, "Accept-Language": language},
        ).get_data(as_text=True)
        assert "Marketing" in page
        assert worth in page
        assert "stf_" not in page.replace(str((staff["finance"].ask("GET", "/session").json or {})["id"]), "")
        assert "Seven is too many" in page
