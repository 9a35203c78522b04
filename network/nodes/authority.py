"""The clients of an organisation's two certificate authorities, through hfc: registering and enrolling identities.

Keys are made here, in the organisation's folder, and never leave it: only certificate requests go to the authorities.
An enrolment secret is kept, readable by its owner alone, from registration until the certificate is there.
"""

from __future__ import annotations

import base64
import ipaddress
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from network import hfc
from network.declaration.endpoints import Endpoint
from network.errors import NetworkError
from network.folders import write
from network.participant import Participant
from network.rendering.authority import IDENTITY_HOME, REGISTRAR, identity_authority
from network.rendering.channel import TLS_ROOT_FILE

IDENTITY_SECRET = "registrar"
TLS_SECRET = "tls-registrar"
"""The files, among the organisation's secrets, of what the registrars of its two authorities enrol with."""
ALREADY_REGISTERED = "already registered"
ALREADY_REVOKED = "already revoked"
NO_LIMIT = -1
ENROLMENTS_MAX = 5
"""One, and some for enrolments whose answer was lost."""


@dataclass(frozen=True)
class Authority:
    """One of the organisation's two authorities, as its client sees it: its home, the file of its registrar's secret,
    what the kept secrets of enrolments begin with."""

    service: Any
    home: Path
    secret: Path
    kept: str


@dataclass(frozen=True)
class Wanted:
    """A certificate to have: the id at the authority, the NodeOU type, the attributes to stand in it, the files of
    key and certificate. `profile` is the authority's profile to sign by (empty: its default), `hosts` are the names
    in it."""

    id: str
    type: str
    attributes: tuple[tuple[str, str], ...]
    key: Path
    certificate: Path
    profile: str = ""
    hosts: tuple[str, ...] = ()


def identity_client(participant: Participant) -> Authority:
    """Gives the client of the authority for identities."""
    folder = participant.folder
    service = _service(participant, identity_authority(participant.org))
    return Authority(service, folder.authority / IDENTITY_HOME, folder.secrets / IDENTITY_SECRET, "enrol-")


def tls_client(participant: Participant) -> Authority:
    """Gives the client of the authority for TLS, which is the server's default one."""
    folder = participant.folder
    return Authority(_service(participant, ""), folder.authority, folder.secrets / TLS_SECRET, "enrol-tls-")


def _service(participant: Participant, name: str) -> Any:
    return hfc.ca_service(participant.endpoints["ca"].url(), str(participant.folder.msp / TLS_ROOT_FILE), name)


def authority_must_answer(endpoint: Endpoint, root: Path) -> None:
    """Asks the authority who it is. Raises NetworkError CA_REFUSED when it does not say."""
    try:
        status = hfc.ca_status(endpoint.url(), str(root))
    except (OSError, ValueError) as error:
        raise NetworkError("CA_REFUSED", f"the authority on port {endpoint.port} does not answer: {error}") from error
    if status != 200:
        raise NetworkError("CA_REFUSED", f"the authority on port {endpoint.port} answers {status}")


def registrar_of(authority: Authority) -> Any:
    """Gives the authority's own administrator as hfc's Enrollment; it is enrolled at first use."""
    home = authority.home / "registrar"
    key_file, certificate_file = home / "key.pem", home / "cert.pem"
    if not certificate_file.is_file():
        key = private_key(key_file)
        secret = authority.secret.read_text(encoding="utf-8")
        write(certificate_file, _certificate(authority.service, REGISTRAR, secret, key, "", ()))
    return hfc.enrollment(authority.service, private_key(key_file), certificate_file.read_bytes())


def enrol_one(secrets_folder: Path, authority: Authority, registrar: Any, wanted: Wanted) -> None:
    """Registers the identity and writes its key and certificate. Raises NetworkError CA_REFUSED."""
    secret_file = secrets_folder / f"{authority.kept}{wanted.id}"
    begun = secret_file.is_file()
    if not begun:
        write(secret_file, secrets.token_urlsafe(24), private=True)
    secret = secret_file.read_text(encoding="utf-8")
    attributes = [{"name": name, "value": value, "ecert": True} for name, value in wanted.attributes] or None
    try:
        registrar.register(wanted.id, secret, wanted.type, None, ENROLMENTS_MAX, attributes)
    except ValueError as error:
        if ALREADY_REGISTERED not in str(error):
            raise NetworkError("CA_REFUSED", f"registering {wanted.id}: {error}") from error
        if not begun:
            # It was enrolled, and its key or certificate is lost. In an interrupted run its secret is the kept one.
            identities = authority.service.newIdentityService()
            identities.update(wanted.id, registrar, maxEnrollments=NO_LIMIT, enrollmentSecret=secret)
    key = private_key(wanted.key)
    write(wanted.certificate, _certificate(authority.service, wanted.id, secret, key, wanted.profile, wanted.hosts))
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


def private_key(file: Path) -> ec.EllipticCurvePrivateKey:
    """Gives the P-256 key in `file`, made when there is none."""
    if not file.is_file():
        key = ec.generate_private_key(ec.SECP256R1())
        form = serialization.PrivateFormat.PKCS8
        text = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        write(file, text, private=True)
    loaded = serialization.load_pem_private_key(file.read_bytes(), password=None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey), file
    return loaded


def revoked_certificates(participant: Participant, certificate: bytes) -> bytes:
    """Revokes a certificate (PEM) of one of the organisation's identities at its authority, which must run; gives the
    authority's list (PEM) of all that are revoked and have not expired. The identity itself may enrol again. Raises
    NetworkError CA_REFUSED."""
    found = x509.load_pem_x509_certificate(certificate)
    key_id = found.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert key_id is not None, "fabric-ca names its key in what it signs"
    registrar = registrar_of(identity_client(participant))
    try:
        registrar.revoke("", key_id.hex(), f"{found.serial_number:x}", "keycompromise")
        content = base64.b64decode(registrar.generateCRL())
    except ValueError as error:
        if ALREADY_REVOKED not in str(error):
            raise NetworkError("CA_REFUSED", f"revoking a certificate: {error}") from error
        content = base64.b64decode(registrar.generateCRL())
    if x509.load_pem_x509_crl(content).get_revoked_certificate_by_serial_number(found.serial_number) is None:
        raise NetworkError("CA_REFUSED", "the authority's list does not name the certificate that was revoked")
    return content
