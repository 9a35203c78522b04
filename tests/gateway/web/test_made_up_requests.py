"""Requests that schemathesis makes up from the OpenAPI document: no defect, and no answer that is not described.

Each endpoint is asked by a caller who may come in: a program with every scope, an admin, or a member. `JIFEN_MADE_UP_REQUESTS` says how many requests an
endpoint gets (12 when it is left out; a long run takes a thousand).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.access.table import TABLE
from gateway.application import create_app
from gateway.security.principals import Role, Scope
from gateway.services.gateway import Gateway
from tests.gateway.security.conftest import settings_of
from tests.scenes.access_ground import AccessGround
from tests.scenes.consortium import place

REQUESTS = int(os.environ.get("JIFEN_MADE_UP_REQUESTS", "12"))
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
NOT_ASKED = {
    "followEvents": "its answer never ends",
    "submitBulk": "its body is lines, which test_bulk.py makes up",
}
"""Endpoints that are left out, and why."""


@pytest.fixture(scope="module")
def ground(
    tmp_path_factory: pytest.TempPathFactory, ledger_template: Path, sqlite_template: Path
) -> Iterator[AccessGround]:
    """A gateway with people of every kind."""
    folder = tmp_path_factory.mktemp("made-up")
    ledger = folder / "ledger.sqlite"
    ledger.write_bytes(ledger_template.read_bytes())
    (folder / "gateway.db").write_bytes(sqlite_template.read_bytes())
    found = settings_of(folder, ledger, f"sqlite:///{folder / 'gateway.db'}", commit_wait_seconds=0.05)
    gateway = Gateway(found, place(ledger, "northstar"))
    gateway.start()
    yield AccessGround(gateway, ledger)
    gateway.stop()


@pytest.fixture(scope="module")
def app(ground: AccessGround) -> flask.Flask:
    """Its application."""
    return create_app(ground.gateway.settings, ground.gateway.place, gateway=ground.gateway)


@pytest.fixture(scope="module")
def schema(app: flask.Flask) -> Any:
    """The API as schemathesis reads it."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


def names() -> list[str]:
    """The endpoints, by name."""
    return sorted(set(TABLE) - set(NOT_ASKED))


def caller_of(name: str) -> str:
    """Somebody who may come in at this endpoint."""
    rule = TABLE[name]
    if any(rule.scopes.values()):
        return f"key:{max(rule.scopes, key=lambda scope: rule.scopes[scope]).value}"
    if any(rule.roles.values()):
        return (Role.ADMIN if rule.roles.get(Role.ADMIN) else max(rule.roles, key=lambda role: rule.roles[role])).value
    return "member" if rule.member else "anonymous"


@pytest.mark.parametrize("name", names())
def test_no_made_up_request_meets_a_defect_or_an_answer_that_is_not_described(
    name: str, schema: Any, ground: AccessGround
) -> None:
    operation = schema.find_operation_by_id(name)
    caller = ground.caller(caller_of(name))

    @given(case=operation.as_strategy())
    @settings(
        max_examples=REQUESTS,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        headers = {**(case.headers or {}), **caller.headers}
        case.headers = {key: value for key, value in headers.items() if key != "Prefer"} | {
            "Accept-Encoding": "identity"  # schemathesis unpacks nothing
        }
        response = case.call()
        assert response.status_code != 500, response.text
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            raise AssertionError("; ".join(str(failure) for failure in group.exceptions)[:2000]) from None

    ask()


def test_what_is_left_out_is_there() -> None:
    assert set(NOT_ASKED) < set(TABLE)
    assert {Scope.COUNTER, Scope.READ} < set(Scope)
