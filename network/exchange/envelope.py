"""What every file that passes between organisations is wrapped in: its type, the channel and network that it is for,
the sequence of the channel's configuration that it goes by, who sends it, the SHA-256 of what is in it, and the
signature of the sender's admin over all of that.

A file is checked whenever it is read: one that was changed on its way, is for another network, or was signed by
somebody else than its sender's admin is refused with the reason.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from network.declaration.model import NAME_PATTERN
from network.errors import NetworkError
from network.folders import OrgFolder

FORMAT = 1
BYTES_MAX = 64 << 20
ADMIN_UNIT = "admin"
"""The organisational unit by which an MSP knows its admins."""
PRIVATE_KEY_MARK = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
TEXTS = ("type", "channel", "network_id", "sender", "sha256", "certificate", "signature")

Now = Callable[[], datetime.datetime]


def utc_now() -> datetime.datetime:
    """Gives the time now."""
    return datetime.datetime.now(datetime.UTC)


@dataclass(frozen=True)
class Envelope:
    """A file that passes between organisations. `network_id` is empty before the network has its first block;
    `base_sequence` is the sequence of the channel's configuration that the payload goes by, 0 before there is one.
    `certificate` (PEM) is that of the sender's admin, `signature` its ECDSA signature, in DER, of `signed_bytes`."""

    type: str
    channel: str
    network_id: str
    base_sequence: int
    sender: str
    payload: bytes
    certificate: str = ""
    signature: bytes = b""

    @property
    def sha256(self) -> str:
        """Gives the SHA-256 of the payload in hex."""
        return hashlib.sha256(self.payload).hexdigest()

    @property
    def text(self) -> str:
        """Gives the payload as text. Raises NetworkError FILE_REFUSED when it is none."""
        try:
            return self.payload.decode("utf-8")
        except UnicodeDecodeError as error:
            raise refused(self.sender, f"the payload of a {self.type} is no text") from error

    def signed_bytes(self) -> bytes:
        """Gives what is signed: all but the payload, which stands in it by its hash, as canonical JSON."""
        return json.dumps(self._head(), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    def to_json(self) -> str:
        """Gives the file's text."""
        document = {
            **self._head(),
            "certificate": self.certificate,
            "signature": base64.b64encode(self.signature).decode(),
            **_payload_fields(self.payload),
        }
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"

    def says_the_same(self, other: Envelope) -> bool:
        """Says whether both were made to say the same; signatures differ each time."""
        return self._head() == other._head()

    def _head(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "type": self.type,
            "channel": self.channel,
            "network_id": self.network_id,
            "base_sequence": self.base_sequence,
            "sender": self.sender,
            "sha256": self.sha256,
        }


def seal(folder: OrgFolder, envelope: Envelope) -> Envelope:
    """Gives the envelope with the signature of the organisation's admin, whose key lies in `folder`."""
    msp = folder.identity_msp("admin")
    certificate = (msp / "signcerts/cert.pem").read_text(encoding="ascii")
    key = load_pem_private_key((msp / "keystore/key.pem").read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey), msp
    signature = key.sign(envelope.signed_bytes(), ec.ECDSA(hashes.SHA256()))
    return Envelope(**{**vars(envelope), "certificate": certificate, "signature": signature})


def read_envelope(data: bytes, source: str) -> Envelope:
    """Reads the file `source`: its form, and that its payload is the one that was hashed. Raises NetworkError
    FILE_REFUSED. Who signed it is not looked at: see `verify`."""
    if len(data) > BYTES_MAX:
        raise refused(source, f"it has {len(data)} bytes, {BYTES_MAX} at most were expected")
    if PRIVATE_KEY_MARK.search(data):
        raise refused(
            source,
            "there is a private key in it. A private key never leaves its organisation's folder: whoever made this file should make the identity anew",
        )
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise refused(source, f"it is no file of Jifen's: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT or "sha256" not in document:
        raise refused(source, f"it is no file of Jifen's of format {FORMAT}")
    for name in TEXTS:
        if not isinstance(document.get(name), str):
            raise refused(source, f"{name}: a text was expected")
    sequence = document.get("base_sequence")
    if not isinstance(sequence, int) or isinstance(sequence, bool) or sequence < 0:
        raise refused(source, "base_sequence: a whole number from 0 was expected")
    if not re.match(NAME_PATTERN, document["sender"]):
        raise refused(source, f"sender: {document['sender']!r:.80} is no organisation's name")
    try:
        payload, signature = _payload(document), base64.b64decode(document["signature"], validate=True)
    except (ValueError, binascii.Error) as error:
        raise refused(source, f"payload or signature are not of their form: {error}") from error
    envelope = Envelope(
        document["type"],
        document["channel"],
        document["network_id"],
        sequence,
        document["sender"],
        payload,
        document["certificate"],
        signature,
    )
    if PRIVATE_KEY_MARK.search(payload):
        raise refused(
            source,
            "there is a private key in its payload. A private key never leaves its organisation's folder: whoever made this file should make the identity anew",
        )
    if envelope.sha256 != document["sha256"]:
        raise refused(source, "its content was changed after it was made: the SHA-256 is another one")
    return envelope


def verify(envelope: Envelope, root: str, now: Now = utc_now) -> None:
    """Checks that an admin of the sender signed the file; `root` is the certificate (PEM) of the sender's authority for
    identities. Raises NetworkError FILE_REFUSED."""
    try:
        certificate = x509.load_pem_x509_certificate(envelope.certificate.encode())
        authority = x509.load_pem_x509_certificate(root.encode())
    except ValueError as error:
        raise refused(envelope.sender, f"a certificate cannot be read: {error}") from error
    must_be_valid_now(certificate, envelope.sender, "the certificate of its admin", now)
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise refused(envelope.sender, "its admin's key is no ECDSA key")
    try:
        certificate.verify_directly_issued_by(authority)
        key.verify(envelope.signature, envelope.signed_bytes(), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError, TypeError) as error:
        raise refused(envelope.sender, "the signature is not that of an admin of the sender over this file") from error
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    if ADMIN_UNIT not in [unit.value for unit in units]:
        raise refused(envelope.sender, "it was signed by somebody who is no admin of the sender")


def must_be_valid_now(certificate: x509.Certificate, sender: str, what: str, now: Now = utc_now) -> None:
    """Raises NetworkError FILE_REFUSED when a certificate has expired, or is of a time to come: then the two
    organisations' clocks are apart."""
    present = now()
    if present > certificate.not_valid_after_utc:
        raise refused(
            sender, f"{what} expired on {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC; it must be renewed"
        )
    if present < certificate.not_valid_before_utc:
        raise refused(
            sender,
            f"{what} is valid from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M:%S} UTC on, and here it is "
            f"{present:%Y-%m-%d %H:%M:%S}: one of the two clocks is wrong",
        )


def fingerprint(certificate: str) -> str:
    """Gives the SHA-256 of a certificate (PEM) in groups of four hex digits, as two people compare it by phone."""
    digest = hashlib.sha256(x509.load_pem_x509_certificate(certificate.encode()).public_bytes(Encoding.DER)).hexdigest()
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def refused(source: str, reason: str) -> NetworkError:
    """Gives the error with which a file is refused."""
    return NetworkError("FILE_REFUSED", f"{source}: {reason}")


def _payload_fields(payload: bytes) -> dict[str, str]:
    """Gives the payload as text where it is text, so that a person can read the file."""
    try:
        return {"payload": payload.decode("utf-8")}
    except UnicodeDecodeError:
        return {"payload_base64": base64.b64encode(payload).decode()}


def _payload(document: dict[str, Any]) -> bytes:
    text, encoded = document.get("payload"), document.get("payload_base64")
    if isinstance(text, str) and encoded is None:
        return text.encode()
    if isinstance(encoded, str) and text is None:
        return base64.b64decode(encoded, validate=True)
    raise ValueError("payload or payload_base64 was expected")
