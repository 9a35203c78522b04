"""Identities from the org's own certificate authority, TLS certificates from its other one, through hfc's CA client.

Keys are made here, in the org's folder, and leave it never: only certificate requests go to the authorities. An
enrolment secret is kept, readable by its owner alone, from registration until the certificate is there.
"""

from __future__ import annotations

import datetime
import ipaddress
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from network import hfc
from network.declaration.model import Consortium, Org
from network.errors import NetworkError
from network.folders import OrgFolder, write
from network.rendering.authority import IDENTITY_HOME, NODE_PROFILE, identity_authority
from network.rendering.channel import ROOT_FILE, TLS_ROOT_FILE, msp_config
from network.rendering.orderer import ADMINS_FILE
from network.steps.prepare import AUTHORITY_ADMINISTRATOR, AUTHORITY_SECRET, TLS_AUTHORITY_SECRET

ROLE_ATTRIBUTE = "jifen.role"
ALREADY_REGISTERED = "already registered"
NO_LIMIT = -1
ENROLMENTS_MAX = 5
"""One, and some for enrolments whose answer was lost."""
ADMINISTRATOR_LIFETIME = datetime.timedelta(days=15 * 365)
"""Of the certificate that the org's own ordering nodes take: a listed key, as long as it is listed."""


@dataclass(frozen=True)
class Wanted:
    """A certificate to have: the id at the authority, the NodeOU type, the jifen.role (empty: none), the files of key
    and certificate. With `profile` it is one for TLS, `hosts` are the names in it."""

    id: str
    type: str
    role: str
    key: Path
    certificate: Path
    profile: str | None = None
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Authority:
    """One of the org's two authorities, as its client sees it: its home, the file of its registrar's secret, what the
    kept secrets of enrolments begin with."""

    service: Any
    home: Path
    secret: Path
    kept: str


def wanted_identities(folder: OrgFolder, org: Org) -> list[Wanted]:
    """All identities of the org: admin, gateway, its roles, its nodes."""
    users = [("admin", "admin", "")] + [(role, "client", role) for role in ("gateway", *org.roles)]
    found = [(name, kind, role, folder.identity_msp(name)) for name, kind, role in users]
    found += [(f"{name}.{org.dns}", kind, "", folder.node(name) / "msp") for kind, name in _nodes(org)]
    return [
        Wanted(name, kind, role, msp / "keystore/key.pem", msp / "signcerts/cert.pem")
        for name, kind, role, msp in found
    ]


def wanted_tls(folder: OrgFolder, org: Org, *, mutual: bool) -> list[Wanted]:
    """All TLS certificates of the org: its nodes', its chaincode server's and the peers' side of it, and with `mutual`
    its clients'."""
    services = [(f"{name}.{org.dns}", folder.node(name) / "tls") for _, name in _nodes(org)]
    if org.peers:
        services += [(f"{name}.{org.dns}", home) for name, home in _chaincode(folder)]
    found = [
        Wanted(
            name, "client", "", tls / "server.key", tls / "server.crt", NODE_PROFILE, (name, "localhost", "127.0.0.1")
        )
        for name, tls in services
    ]
    for name in ("admin", "gateway", *org.roles) if mutual else ():
        tls = folder.identity_tls(name)
        found.append(Wanted(name, "client", "", tls / "client.key", tls / "client.crt", ""))
    return found


def _nodes(org: Org) -> list[tuple[str, str]]:
    return [("peer", peer.name) for peer in org.peers] + [("orderer", orderer.name) for orderer in org.orderers]


def _chaincode(folder: OrgFolder) -> list[tuple[str, Path]]:
    return [("chaincode", folder.chaincode / "tls"), ("chaincode-client", folder.chaincode / "client-tls")]


def enrol(folder: OrgFolder, consortium: Consortium, org: Org) -> None:
    """Every identity and every TLS certificate of the org with its key, and the org's public MSP folder. The
    authorities must run. Raises NetworkError CA_REFUSED."""
    root = (folder.authority / IDENTITY_HOME / "ca-cert.pem").read_bytes()
    tls_root = (folder.authority / "ca-cert.pem").read_bytes()
    _write_public(folder.msp, root, tls_root)
    url, verified_by = f"https://127.0.0.1:{folder.read_ports()['ca']}", str(folder.msp / TLS_ROOT_FILE)
    identities = Authority(
        hfc.ca_service(url, verified_by, identity_authority(org)),
        folder.authority / IDENTITY_HOME,
        folder.secrets / AUTHORITY_SECRET,
        "enrol-",
    )
    tls = Authority(
        hfc.ca_service(url, verified_by), folder.authority, folder.secrets / TLS_AUTHORITY_SECRET, "enrol-tls-"
    )
    for authority, all_wanted in (
        (identities, wanted_identities(folder, org)),
        (tls, wanted_tls(folder, org, mutual=consortium.mutual_tls)),
    ):
        missing = [one for one in all_wanted if not one.certificate.is_file()]
        registrar = registrar_of(authority) if missing else None
        for one in missing:
            if one.profile is None:
                _write_public(one.key.parents[1], root, tls_root)
            else:
                write(one.key.parent / "ca.crt", tls_root)
            _enrol_one(folder, authority, registrar, one)
    if org.orderers:
        _list_administrator(folder, org)


def _write_public(msp: Path, root: bytes, tls_root: bytes) -> None:
    write(msp / ROOT_FILE, root)
    write(msp / TLS_ROOT_FILE, tls_root)
    write(msp / "config.yaml", msp_config())


def _list_administrator(folder: OrgFolder, org: Org) -> None:
    """The certificate with which the org's admin reaches its ordering nodes' admin listeners, signed by its own key, in
    the list that each of them goes by."""
    home = folder.orderer_administrator
    if not (home / "client.crt").is_file():
        key = _key(home / "client.key")
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"osnadmin.{org.dns}")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + ADMINISTRATOR_LIFETIME)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .sign(key, hashes.SHA256())
        )
        write(home / "client.crt", certificate.public_bytes(serialization.Encoding.PEM))
    for orderer in org.orderers:
        write(folder.node(orderer.name) / "tls" / ADMINS_FILE, (home / "client.crt").read_bytes())


def authority_must_answer(port: int, root: Path) -> None:
    """Asks the authority who it is. Raises NetworkError CA_REFUSED when it does not say."""
    try:
        answer = hfc.ca_service(f"https://127.0.0.1:{port}", str(root))._ca_client._send_ca_get(
            "cainfo", verify=str(root)
        )
    except (OSError, ValueError) as error:
        raise NetworkError("CA_REFUSED", f"the authority on port {port} does not answer: {error}") from error
    if answer[1] != 200:
        raise NetworkError("CA_REFUSED", f"the authority on port {port} answers {answer[1]}")


def registrar_of(authority: Authority) -> Any:
    """The authority's own administrator as hfc's Enrollment; enrolled at first use."""
    home = authority.home / "registrar"
    key_file, certificate_file = home / "key.pem", home / "cert.pem"
    if not certificate_file.is_file():
        key = _key(key_file)
        secret = authority.secret.read_text(encoding="utf-8")
        write(certificate_file, _certificate(authority.service, AUTHORITY_ADMINISTRATOR, secret, key, "", ()))
    return hfc.enrollment(authority.service, _key(key_file), certificate_file.read_bytes())


def _enrol_one(folder: OrgFolder, authority: Authority, registrar: Any, one: Wanted) -> None:
    secret_file = folder.secrets / f"{authority.kept}{one.id}"
    begun = secret_file.is_file()
    if not begun:
        write(secret_file, secrets.token_urlsafe(24), private=True)
    secret = secret_file.read_text(encoding="utf-8")
    attributes = [{"name": ROLE_ATTRIBUTE, "value": one.role, "ecert": True}] if one.role else None
    try:
        registrar.register(one.id, secret, one.type, None, ENROLMENTS_MAX, attributes)
    except ValueError as error:
        if ALREADY_REGISTERED not in str(error):
            raise NetworkError("CA_REFUSED", f"registering {one.id}: {error}") from error
        if not begun:
            # It was enrolled, and its key or certificate is lost. In a run that was broken off its secret is the kept
            # one.
            identities = authority.service.newIdentityService()
            identities.update(one.id, registrar, maxEnrollments=NO_LIMIT, enrollmentSecret=secret)
    key = _key(one.key)
    write(one.certificate, _certificate(authority.service, one.id, secret, key, one.profile or "", one.hosts))
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
