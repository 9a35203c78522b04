"""What an operator's alarms need: how far the tables are behind, the age of what waits, and the process itself."""

from __future__ import annotations

import dataclasses
import datetime
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from chaincode.cases.world import PLACE
from gateway.ledger.errors import EvaluateFailed
from gateway.ledger.port import Block
from gateway.projection.fold.projector import Folded, Projector
from gateway.services.gateway import Gateway
from gateway.webhooks.models import WebhookEndpoint, WebhookMessage
from tests.scenes.consortium import member, operation
from tests.scenes.waiting import eventually

AGE_SECONDS = 120
END_SECONDS_MAX = 20


def scraped(client: FlaskClient) -> dict[str, float]:
    """The values without labels."""
    text = client.get("/metrics").text
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.labels
    }


def waiting(gateway: Gateway, number: int) -> WebhookMessage:
    """A message that nobody has delivered."""
    return WebhookMessage(
        id=f"msg_{number}", endpoint_id="whe_1", number=number, type="points.issued", body="{}", status="PENDING",
        attempts=0, next_attempt_at=2**40, created_at=gateway.clock() - AGE_SECONDS * number,
    )  # fmt: skip


def test_what_waits_and_what_the_process_uses(client: FlaskClient, gateway: Gateway) -> None:
    before = scraped(client)
    assert (before["jifen_submissions_oldest_pending_seconds"], before["jifen_webhook_messages_pending"]) == (0, 0)
    assert before["process_resident_memory_bytes"] > 1e6
    assert before["process_open_fds"] > 3
    assert before["process_cpu_seconds_total"] > 0
    with gateway.store.writing() as session:
        session.add(
            WebhookEndpoint(
                id="whe_1", owner="key_1", url="https://example.org/", description="", own_only=True, status="DISABLED",
                failures_in_a_row=0, resume_at=0, created_at=0, updated_at=0,
            )
        )  # fmt: skip
        session.flush()
        session.add_all([waiting(gateway, 1), waiting(gateway, 2)])
    gateway.submissions.keeping.keep(operation("Issue", "kept", {}), "gateway", None, 2 * AGE_SECONDS)
    found = scraped(client)
    assert found["jifen_submissions_pending"] == 1
    assert 0 <= found["jifen_submissions_oldest_pending_seconds"] < AGE_SECONDS
    assert found["jifen_webhook_messages_pending"] == 2
    assert 2 * AGE_SECONDS <= found["jifen_webhook_oldest_pending_seconds"] < 3 * AGE_SECONDS


def test_the_height_and_how_far_the_tables_are_behind(
    client: FlaskClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    going = threading.Event()
    fold = Projector.fold

    def wait_and_fold(self: Projector, blocks: Sequence[Block]) -> Folded:
        assert going.wait(END_SECONDS_MAX)
        return fold(self, blocks)

    height = gateway.runtime.call(gateway.ledger.height())
    gateway.watch.wait_for_block(height - 1, END_SECONDS_MAX)
    assert scraped(client)["jifen_projection_lag_blocks"] == 0
    monkeypatch.setattr(Projector, "fold", wait_and_fold)
    enrolment = operation("EnrollMember", "ann", member("ann").enrolment("northstar", PLACE))
    gateway.submissions.carry_out(enrolment, wait_seconds=0)
    found = eventually(
        "the block is on the ledger",
        lambda: scraped(client),
        lambda figures: figures["jifen_ledger_height"] != height,
        seconds=END_SECONDS_MAX,
    )
    assert found["jifen_projection_lag_blocks"] == 1
    going.set()
    gateway.watch.wait_for_block(height, END_SECONDS_MAX)
    assert scraped(client)["jifen_projection_lag_blocks"] == 0


def test_when_certificates_end_and_how_full_the_disk_is(
    client: FlaskClient, gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    end, name = now + datetime.timedelta(days=90), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "admin")])
    certificate = x509.CertificateBuilder(name, name, key.public_key(), 1, now, end).sign(key, hashes.SHA256())
    (tmp_path / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "broken.pem").write_text("no certificate", encoding="utf-8")
    files = {"admin": tmp_path / "cert.pem", "gone": tmp_path / "none.pem", "broken": tmp_path / "broken.pem"}
    monkeypatch.setattr(gateway, "place", dataclasses.replace(gateway.place, certificates=files))
    text = client.get("/metrics").text
    (found,) = (
        family
        for family in text_string_to_metric_families(text)
        if family.name == "jifen_certificate_not_after_seconds"
    )
    assert [(sample.labels, sample.value) for sample in found.samples] == [({"name": "admin"}, end.timestamp())]
    figures = scraped(client)
    assert 0 < figures["jifen_disk_free_bytes"] < figures["jifen_disk_bytes"]


def test_a_scrape_does_not_fail_with_the_peer(
    client: FlaskClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone() -> int:
        raise EvaluateFailed("LEDGER_UNAVAILABLE", "not there", passing=True)

    monkeypatch.setattr(gateway.ledger, "height", gone)
    found = scraped(client)
    assert found["jifen_ledger_reachable"] == 0
    assert "jifen_ledger_height" not in found
