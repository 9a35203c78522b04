"""Keys and certificates, good and bad, as the browser's own verification meets them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


@dataclass
class Signer:
    """A key and the certificate over it."""

    key: Any
    certificate: x509.Certificate

    @property
    def der(self) -> str:
        """In hex."""
        return self.certificate.public_bytes(serialization.Encoding.DER).hex()


def signer(
    name: str,
    by: Signer | None = None,
    *,
    authority: bool = True,
    below: int | None = None,
    key: Any = None,
    key_usage: bool | None = True,
    critical: bool = False,
    hash_algorithm: Any = None,
    number: int = 1,
    units: Sequence[str] = (),
) -> Signer:
    """A new certificate, by itself or by another. `key_usage`: whether it may sign certificates, None to say nothing;
    `units`: its OUs."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    parts = [(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units] + [(NameOID.COMMON_NAME, name)]
    subject = x509.Name([x509.NameAttribute(kind, text) for kind, text in parts])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if by is None else by.certificate.subject)
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(NOW)
        .not_valid_after(NOW + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=below), critical=True)
    )
    if key_usage is not None:
        flags = dict.fromkeys(
            [
                "content_commitment",
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
                "crl_sign",
                "encipher_only",
                "decipher_only",
            ],
            False,
        )
        usage = x509.KeyUsage(digital_signature=True, key_cert_sign=key_usage, **flags)
        builder = builder.add_extension(usage, critical=True)
    if critical:
        unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
        builder = builder.add_extension(unknown, critical=True)
    signing = key if by is None else by.key
    algorithm = None if isinstance(signing, ed25519.Ed25519PrivateKey) else hash_algorithm or hashes.SHA256()
    return Signer(key, builder.sign(signing, algorithm))
