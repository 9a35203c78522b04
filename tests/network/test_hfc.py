"""hfc's certificate authority client against a real fabric-ca: register with attributes, re-enrol, list, revoke, CRL."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509

from network import hfc
from network.declaration import merchants_declaration
from network.declaration.writing import declaration_text
from network.folders import OrgFolder
from network.nodes.authority import IDENTITY_SECRET, TLS_SECRET, Authority, registrar_of
from network.nodes.services import authority_service
from network.participant import Participant
from network.rendering.authority import IDENTITY_HOME
from network.steps.authorities import RunAuthorities
from network.steps.enrol import Enrol
from network.steps.prepare import Prepare

pytestmark = pytest.mark.fabric


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrgFolder]:
    folder = OrgFolder(tmp_path_factory.mktemp("authority") / "northstar")
    participant = Participant(folder, declaration_text(merchants_declaration(1)))
    Prepare().take(participant)
    try:
        RunAuthorities().take(participant)
        Enrol().take(participant)
        yield folder
    finally:
        participant.runtime.stop([authority_service(participant)])


@pytest.fixture
def authority(org: OrgFolder) -> Any:
    url, tls_root = f"https://127.0.0.1:{org.read_ports()['ca']}", str(org.authority / "ca-cert.pem")
    return hfc.ca_service(url, tls_root, "ca.northstar.example")


@pytest.fixture
def registrar(org: OrgFolder, authority: Any) -> Any:
    home, secret = org.authority / IDENTITY_HOME, org.secrets / IDENTITY_SECRET
    return registrar_of(Authority(authority, home, secret, "enrol-"))


def role(certificate: bytes) -> bytes:
    oid = x509.ObjectIdentifier("1.2.3.4.5.6.7.8.1")
    extension = x509.load_pem_x509_certificate(certificate).extensions.get_extension_for_oid(oid)
    assert isinstance(extension.value, x509.UnrecognizedExtension)
    return extension.value.value


def test_the_gateway_carries_its_role(org: OrgFolder) -> None:
    certificate = (org.identity_msp("gateway") / "signcerts/cert.pem").read_bytes()
    assert b'"jifen.role":"gateway"' in role(certificate)


def test_a_name_outside_ascii_is_signed_as_it_is_sent(authority: Any, registrar: Any) -> None:
    attributes = [{"name": "jifen.role", "value": "cashier", "ecert": True}, {"name": "note", "value": "收银"}]
    secret = registrar.register("till-1", None, "client", None, 2, attributes)
    first = authority.enroll("till-1", secret)
    assert b'"jifen.role":"cashier"' in role(first.cert)
    second = authority.reenroll(first)
    assert second.cert != first.cert
    assert b'"jifen.role":"cashier"' in role(second.cert)


def test_identities_are_listed(authority: Any, registrar: Any) -> None:
    listed = authority.newIdentityService().getAll(registrar)
    assert {"admin", "gateway", "peer0.northstar.example"} <= {one["id"] for one in listed["result"]["identities"]}


def test_the_authority_for_tls_knows_nodes_and_no_users(org: OrgFolder) -> None:
    """It is the server's default one, and has a registrar of its own: the other's certificate is a stranger's there."""
    url, tls_root = f"https://127.0.0.1:{org.read_ports()['ca']}", str(org.authority / "ca-cert.pem")
    service = hfc.ca_service(url, tls_root)
    own = registrar_of(Authority(service, org.authority, org.secrets / TLS_SECRET, "enrol-tls-"))
    listed = service.newIdentityService().getAll(own)
    known = {one["id"] for one in listed["result"]["identities"]}
    assert known == {"registrar", *(f"{name}.northstar.example" for name in ("peer0", "chaincode", "chaincode-client"))}
    home = org.authority / IDENTITY_HOME
    stranger = registrar_of(Authority(service, home, org.secrets / IDENTITY_SECRET, "enrol-"))
    with pytest.raises(ValueError, match="Registering failed"):
        stranger.register("guest", None, "client", None, 1, None)


def test_a_lost_key_is_made_anew(org: OrgFolder) -> None:
    """The identity stays the same one at its authority; more often than it may enrol by itself."""
    msp, tls = org.node("peer0") / "msp", org.node("peer0") / "tls"
    for _ in range(6):
        before = [(folder / name).read_bytes() for folder, name in ((msp, "signcerts/cert.pem"), (tls, "server.crt"))]
        shutil.rmtree(org.node("peer0"))
        assert not Enrol().done(Participant(org))
        Enrol().take(Participant(org))
        assert Enrol().done(Participant(org))
        after = [(folder / name).read_bytes() for folder, name in ((msp, "signcerts/cert.pem"), (tls, "server.crt"))]
        for old, new in zip(before, after, strict=True):
            assert old != new
            one, other = x509.load_pem_x509_certificate(old), x509.load_pem_x509_certificate(new)
            assert one.subject == other.subject
    assert sorted(file.name for file in org.secrets.iterdir()) == ["registrar", "tls-registrar"]


def test_a_revoked_identity_stands_in_the_crl(authority: Any, registrar: Any) -> None:
    secret = registrar.register("leaver", None, "client", None, 1, None)
    enrolled = authority.enroll("leaver", secret)
    serial = x509.load_pem_x509_certificate(enrolled.cert).serial_number
    revoked, _ = registrar.revoke("leaver", reason="affiliationchange")
    assert [int(one["Serial"], 16) for one in revoked] == [serial]

    now = datetime.now(UTC)
    crl = registrar.generateCRL(revokedAfter=now - timedelta(hours=1), revokedBefore=now + timedelta(hours=1))
    listed = x509.load_pem_x509_crl(base64.b64decode(crl))
    assert listed.get_revoked_certificate_by_serial_number(serial) is not None
    with pytest.raises(ValueError, match="Enrollment failed"):
        authority.enroll("leaver", secret)


def test_a_span_of_dates_must_be_one(registrar: Any) -> None:
    now = datetime.now(UTC)
    with pytest.raises(ValueError, match="cannot be later"):
        registrar.generateCRL(revokedAfter=now, revokedBefore=now - timedelta(hours=1))
    with pytest.raises(ValueError, match="time zone"):
        registrar.generateCRL(revokedAfter=datetime(2026, 1, 1))


def test_a_wrong_root_is_not_trusted(org: OrgFolder, tmp_path: Path) -> None:

    other = tmp_path / "other.pem"
    other.write_bytes((org.identity_msp("gateway") / "signcerts/cert.pem").read_bytes())

    service = hfc.ca_service(f"https://127.0.0.1:{org.read_ports()['ca']}", str(other))
    with pytest.raises(requests.exceptions.SSLError):
        service.enroll("admin", "wrong")
