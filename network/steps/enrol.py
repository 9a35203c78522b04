"""Identities and TLS certificates from the org's own certificate authority, through hfc's CA client.

Keys are made here, in the org's folder, and leave it never: only certificate requests go to the authority. An enrolment
secret is kept, readable by its owner alone, from registration until the certificate is there.
"""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from network import fabric_sdk
from network.declaration.model import Org
from network.errors import NetworkError
from network.folders import OrgFolder, write
from network.rendering.channel import ROOT_FILE, msp_config
from network.steps.prepare import AUTHORITY_ADMINISTRATOR, AUTHORITY_SECRET

ROLE_ATTRIBUTE = "jifen.role"
ALREADY_REGISTERED = "already registered"
ENROLMENTS_MAX = 10
"""Two for a node (identity and TLS), and some for enrolments whose answer was lost."""


@dataclass(frozen=True)
class Wanted:
    """An identity to have: its id at the authority, its NodeOU type, its jifen.role (empty: none), the MSP folder for its
    identity certificate (None: none), the folder for its TLS certificate (None: none)."""

    id: str
    type: str
    role: str
    msp: Path | None
    tls: Path | None


def wanted_identities(folder: OrgFolder, org: Org) -> list[Wanted]:
    """All identities of the org: admin, gateway, its roles, its nodes, its chaincode server and the peers' side of it."""
    users = [Wanted("admin", "admin", "", folder.identity_msp("admin"), folder.identities / "admin" / "tls")]
    for role in ("gateway", *org.roles):
        users.append(Wanted(role, "client", role, folder.identity_msp(role), None))
    nodes = [
        Wanted(f"{node.name}.{org.dns}", kind, "", folder.node(node.name) / "msp", folder.node(node.name) / "tls")
        for kind, group in (("peer", org.peers), ("orderer", org.orderers))
        for node in group
    ]
    services = []
    if org.peers:
        services.append(Wanted(f"chaincode.{org.dns}", "client", "", None, folder.chaincode / "tls"))
        services.append(Wanted(f"chaincode-client.{org.dns}", "client", "", None, folder.chaincode / "client-tls"))
    return [*users, *nodes, *services]


def enrol(folder: OrgFolder, org: Org) -> None:
    """Every identity of the org with key and certificate, and the org's public MSP folder. The authority must run. Raises
    NetworkError CA_REFUSED."""
    root = (folder.authority / "ca-cert.pem").read_bytes()
    write(folder.msp / ROOT_FILE, root)
    write(folder.msp / "tlscacerts/ca.pem", root)
    write(folder.msp / "config.yaml", msp_config())
    missing = [one for one in wanted_identities(folder, org) if not is_enrolled(one)]
    if not missing:
        return
    service = fabric_sdk.ca_service(f"https://127.0.0.1:{folder.read_ports()['ca']}", str(folder.msp / ROOT_FILE))
    registrar = _registrar(folder, service)
    for one in missing:
        _enrol_one(folder, service, registrar, one, root)


def authority_must_answer(port: int, root: Path) -> None:
    """Asks the authority who it is. Raises NetworkError CA_REFUSED when it does not say."""
    try:
        answer = fabric_sdk.ca_service(f"https://127.0.0.1:{port}", str(root))._ca_client._send_ca_get(
            "cainfo", verify=str(root)
        )
    except (OSError, ValueError) as error:
        raise NetworkError("CA_REFUSED", f"the authority on port {port} does not answer: {error}") from error
    if answer[1] != 200:
        raise NetworkError("CA_REFUSED", f"the authority on port {port} answers {answer[1]}")


def is_enrolled(one: Wanted) -> bool:
    """Whether all files of the identity are there."""
    msp = one.msp is None or (one.msp / "signcerts/cert.pem").is_file()
    tls = one.tls is None or (one.tls / "server.crt").is_file()
    return msp and tls


def _registrar(folder: OrgFolder, service: Any) -> Any:
    """The authority's own administrator as hfc's Enrollment; enrolled at first use."""
    home = folder.authority / "registrar"
    key_file, certificate_file = home / "key.pem", home / "cert.pem"
    if not certificate_file.is_file():
        key = _key(key_file)
        secret = (folder.secrets / AUTHORITY_SECRET).read_text(encoding="utf-8")
        write(certificate_file, _certificate(service, AUTHORITY_ADMINISTRATOR, secret, key, "", ()))
    return fabric_sdk.enrollment(service, _key(key_file), certificate_file.read_bytes())


def _enrol_one(folder: OrgFolder, service: Any, registrar: Any, one: Wanted, root: bytes) -> None:
    secret_file = folder.secrets / f"enrol-{one.id}"
    if not secret_file.is_file():
        write(secret_file, secrets.token_urlsafe(24), private=True)
    secret = secret_file.read_text(encoding="utf-8")
    attributes = [{"name": ROLE_ATTRIBUTE, "value": one.role, "ecert": True}] if one.role else None
    try:
        registrar.register(one.id, secret, one.type, None, ENROLMENTS_MAX, attributes)
    except ValueError as error:
        # Registered in an earlier run that was broken off: its secret is the kept one.
        if ALREADY_REGISTERED not in str(error):
            raise NetworkError("CA_REFUSED", f"registering {one.id}: {error}") from error
    if one.msp is not None:
        key = _key(one.msp / "keystore/key.pem")
        certificate = _certificate(service, one.id, secret, key, "", ())
        write(one.msp / ROOT_FILE, root)
        write(one.msp / "tlscacerts/ca.pem", root)
        write(one.msp / "config.yaml", msp_config())
        write(one.msp / "signcerts/cert.pem", certificate)
    if one.tls is not None:
        key = _key(one.tls / "server.key")
        write(one.tls / "ca.crt", root)
        write(
            one.tls / "server.crt",
            _certificate(service, one.id, secret, key, "tls", (one.id, "localhost", "127.0.0.1")),
        )
    secret_file.unlink()


def _certificate(
    service: Any, identity: str, secret: str, key: ec.EllipticCurvePrivateKey, profile: str, hosts: tuple[str, ...]
) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, identity)])
    )
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
    try:
        answer = service.enroll(identity, secret, csr=builder.sign(key, hashes.SHA256()), profile=profile)
    except ValueError as error:
        raise NetworkError("CA_REFUSED", f"enrolling {identity}: {error}") from error
    certificate: bytes = answer.cert
    return certificate


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key(file: Path) -> ec.EllipticCurvePrivateKey:
    """The P-256 key in `file`, made when there is none."""
    if not file.is_file():
        key = ec.generate_private_key(ec.SECP256R1())
        form = serialization.PrivateFormat.PKCS8
        text = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        write(file, text, private=True)
    loaded = serialization.load_pem_private_key(file.read_bytes(), password=None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey), file
    return loaded
