"""What is in the way of an operation is told by its code, and once in the log; faults of the ledger's nodes are in
`tests/gateway/ledger/test_outages.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from chaincode.cases.world import PLACE
from gateway.ledger.errors import EndorseFailed, LedgerError, SubmitFailed
from gateway.services import readiness
from gateway.services.gateway import Gateway
from gateway.store.engine import StoreError
from tests.scenes.consortium import member, operation

Break = Callable[[Gateway, pytest.MonkeyPatch], None]


def ledger_says(error: LedgerError) -> Break:
    """The ledger's own check fails so."""

    async def check() -> None:
        raise error

    return lambda gateway, monkeypatch: monkeypatch.setattr(gateway.ledger, "check", check)


def store_away(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def check() -> None:
        raise StoreError("STORE_UNAVAILABLE", "the database does not answer")

    monkeypatch.setattr(gateway.store, "check", check)


def service_ended(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway.runtime, "failed", {"webhooks"})


def tables_behind(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """The projector is gone; one block more."""
    monkeypatch.setattr(readiness, "FOLD_SECONDS_MAX", 0.1)
    gateway.runtime.stop_services()
    enrolment = operation("EnrollMember", "ann", member("ann").enrolment("northstar", PLACE))
    result = gateway.runtime.call(gateway.ledger.submit_many([enrolment]))
    assert result.block_number is not None


FAULTS: list[tuple[str, Break]] = [
    ("STORE_UNAVAILABLE", store_away),
    ("SERVICE_ENDED", service_ended),
    ("PROJECTION_BEHIND", tables_behind),
    ("CLOCK_OUT_OF_WINDOW", ledger_says(EndorseFailed("TIMESTAMP_REFUSED", "incorrect timestamp"))),
    ("CHAINCODE_UNAVAILABLE", ledger_says(EndorseFailed("CHAINCODE_UNAVAILABLE", "could not launch chaincode"))),
    ("ORDERER_UNAVAILABLE", ledger_says(SubmitFailed("ORDERER_UNAVAILABLE", "orderer0: no leader"))),
    ("LEDGER_UNAVAILABLE", ledger_says(EndorseFailed("ENDORSE_FAILED", "no combination of peers"))),
]


@pytest.mark.parametrize(("code", "break_it"), FAULTS, ids=[code for code, _ in FAULTS])
def test_what_is_in_the_way_is_told_by_its_code(
    client: FlaskClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, code: str, break_it: Break
) -> None:
    monkeypatch.setattr(readiness, "GOOD_SECONDS", 0)
    assert client.get("/health/ready").status_code == 200
    break_it(gateway, monkeypatch)
    with capture_logs() as logs:
        for _ in range(3):
            answer = client.get("/health/ready")
            assert (answer.status_code, answer.json["code"]) == (503, code)
            assert answer.json["detail"]
    told: list[Any] = [line["code"] for line in logs if line["event"] == "readiness"]
    assert told == [code], "once for each change"


def test_an_answer_is_given_again_for_a_while(
    client: FlaskClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/health/ready").status_code == 200
    store_away(gateway, monkeypatch)
    assert client.get("/health/ready").status_code == 200
    with monkeypatch.context() as patch:
        patch.setattr(readiness, "GOOD_SECONDS", 0)
        assert client.get("/health/ready").status_code == 503
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) == readiness.GOOD_SECONDS
