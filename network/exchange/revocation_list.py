"""`revocations.json`, the list of an organisation's certificates that count no more, signed by its own authority."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from network.declaration.model import Consortium
from network.exchange.definition import sender_root
from network.exchange.envelope import Envelope, refused
from network.exchange.files import Kind
from network.folders import OrgFolder

TYPE = "revocation-list"
FILE = "revocations.json"


def revocation_list_from(envelope: Envelope) -> x509.CertificateRevocationList:
    """Reads the payload (PEM). Raises NetworkError FILE_REFUSED for another form."""
    try:
        return x509.load_pem_x509_crl(envelope.payload)
    except ValueError as error:
        raise refused(envelope.sender, f"it holds no list of revoked certificates: {error}") from error


def _check(folder: OrgFolder, consortium: Consortium, envelope: Envelope) -> None:
    root = x509.load_pem_x509_certificate(sender_root(folder, envelope, None).encode())
    key = root.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not revocation_list_from(envelope).is_signature_valid(key):
        raise refused(envelope.sender, "the list of revoked certificates is not signed by the authority of the sender")


def _words(envelope: Envelope) -> list[str]:
    found = revocation_list_from(envelope)
    return [
        f"{len(found)} certificates of {envelope.sender} count no more, of {found.last_update_utc:%Y-%m-%d %H:%M} UTC:",
        *(f"serial number {one.serial_number:x}, since {one.revocation_date_utc:%Y-%m-%d %H:%M} UTC" for one in found),
    ]


KIND = Kind(TYPE, lambda envelope: FILE, sender_root, _words, _check)
