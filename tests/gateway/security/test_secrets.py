"""Secrets go where they must and nowhere else: the whole flow of people, with secrets that can be told apart, searched for in every log, in the database and in
every refusal."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import inspect

from gateway.services.gateway import Gateway
from tests.gateway.security.conftest import PASSWORD, Browser
from tests.scenes.authenticator import Authenticator
from tests.scenes.legacy_cards import card_file

ROOT = Path(__file__).resolve().parents[3]
LIN = "distinctive-lin@example.org"
PHONE = "+8613800138000"
OTHER_PASSWORD = "Walnut-Meadow-Password-0815"
WRONG_PASSWORD = "Wrong-Heron-Password-2718"
CARD, PIN = "CARD77665544", "PIN90817263"


def told(gateway: Gateway) -> str:
    """All rows of all tables as text."""
    engine, found = gateway.store.engine, []
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            found += [str(tuple(row)) for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"')]
    return "\n".join(found)


def test_the_whole_flow(
    browser: Browser,
    gateway: Gateway,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    refusals: list[str] = []
    secrets: dict[str, str] = {}

    def ask(who: Browser, method: str, path: str, body: Any = None) -> Any:
        response = who.ask(method, path, body)
        if response.mimetype == "application/problem+json":
            refusals.append(response.get_data(as_text=True))
        for name, value in (("token", who.cookie.partition("=")[2]), ("csrf", who.csrf_token)):
            if value:
                secrets[f"{name} {len(secrets)}"] = value
        return response.json if response.is_json else None

    with structlog.testing.capture_logs() as events:
        person_id = browser.register(LIN)
        secrets["registration"] = browser.code(LIN)
        ask(browser, "POST", "/sessions", {"contact": LIN, "password": WRONG_PASSWORD})
        ask(browser, "POST", "/sessions", {"contact": LIN, "password": PASSWORD})
        ask(browser, "PUT", "/password", {"current": WRONG_PASSWORD, "new": OTHER_PASSWORD})
        ask(browser, "PUT", "/password", {"current": PASSWORD, "new": OTHER_PASSWORD})
        begun = ask(browser, "POST", "/recoveries", {"contact": LIN})
        secrets["recovery"] = browser.code(LIN)
        ask(browser, "POST", f"/recoveries/{begun['code_id']}/confirm", {"code": "99999999", "password": PASSWORD})
        change = ask(browser, "POST", "/contact-changes", {"contact": PHONE})
        secrets["old"], secrets["new"] = browser.code(LIN), browser.code(PHONE)
        ask(
            browser,
            "POST",
            "/contact-changes/confirm",
            {side: {"code_id": change[side]["code_id"], "code": secrets[side]} for side in ("old", "new")},
        )
        authenticator = Authenticator(origin="http://localhost")
        ceremony = ask(browser, "POST", "/passkeys/registration")
        credential = authenticator.create(ceremony["options"])
        ask(
            browser,
            "POST",
            "/passkeys",
            {"challenge_id": ceremony["challenge_id"], "credential": credential, "name": "Phone"},
        )
        ask(browser, "POST", "/custody")
        ask(browser, "POST", "/custody/enrolment")
        counter = ask(browser, "POST", "/custody/codes", {"points_max": 10, "class_ids": ["northstar"]})
        secrets["counter"] = counter["code"]

        root = Browser(browser.app, browser.letters)
        root.join_staff(gateway)
        key = ask(root, "POST", "/api-keys", {"name": "till", "scopes": ["read", "finance", "webhooks"]})
        secrets["key"] = key["token"].split("_", 2)[2]
        program = Browser(browser.app, browser.letters, {"Authorization": f"Bearer {key['token']}"})
        ask(program, "GET", "/session")
        ask(program, "POST", "/staff", {"email": LIN, "name": "x", "roles": ["admin"]})
        wrong = Browser(browser.app, browser.letters, {"Authorization": f"Bearer {key['token']}x"})
        ask(wrong, "GET", "/me")
        file = {
            "class_id": "northstar",
            "control_count": 1,
            "control_total_points": 5,
            "file": card_file([(CARD, 5, "", PIN)]),
        }
        finance = gateway.people.audit
        ask(root, "POST", "/legacy/imports", {**file, "control_count": 2})
        ask(root, "POST", "/legacy/imports", file)
        ask(browser, "POST", "/legacy/claims", {"reference": CARD, "proof": "wrong"})
        ask(browser, "POST", "/legacy/claims", {"reference": CARD, "proof": PIN})
        assert finance.verify().broken is None
        database = told(gateway)

    output = capfd.readouterr()
    logs = "\n".join([str(events), output.out, output.err, caplog.text])
    assert "log_in_refused" in logs
    secrets |= {
        "password": PASSWORD,
        "other password": OTHER_PASSWORD,
        "wrong password": WRONG_PASSWORD,
        "pin": PIN,
        "key file": "ab" * 32,
    }
    personal = {"e-mail": LIN, "phone": PHONE, "local part": "distinctive-lin", "card": CARD}
    for name, value in {**secrets, **personal}.items():
        assert value not in logs, f"{name} in the logs"
    for name, value in {**secrets, "card": CARD}.items():
        assert value not in database, f"{name} in the database"
    for name, value in {**secrets, **personal}.items():
        assert value not in "\n".join(refusals), f"{name} in a refusal"
    assert len(refusals) >= 6
    assert person_id in logs, "the log names people by their ids"
    audit = "\n".join(str(vars(row)) for row in gateway.people.audit.rows(limit=200))
    for name, value in {**secrets, **personal}.items():
        assert value not in audit, f"{name} in the audit log"


SECRET_NAME = re.compile(r"(token|secret|csrf|code_hash|proof_hash|hashed|signature)", re.I)


def test_secrets_are_compared_in_constant_time() -> None:
    """No `==` over something secret in the rooms of people and access; a query's condition over a hash is none."""
    found = []
    for path in sorted([*(ROOT / "gateway" / "people").rglob("*.py"), *(ROOT / "gateway" / "access").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
                continue
            sides = [ast.unparse(side) for side in (node.left, *node.comparators)]
            in_a_query = any(re.match(r"_?[A-Z]\w+\.(token_hash|secret_hash)$", side) for side in sides)
            if any(SECRET_NAME.search(side.rsplit(".", 1)[-1]) for side in sides) and not in_a_query:
                found.append(f"{path.name}:{node.lineno}: {' '.join(sides)}")
    assert found == []
