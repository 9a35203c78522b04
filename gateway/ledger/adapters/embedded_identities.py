"""Identities for the embedded ledger: self-signed certificates in Fabric's form, made on the spot."""

from __future__ import annotations

import datetime
import json

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

from chaincode.spec.kernel.certificates import ROLE_ATTRIBUTE
from gateway.ledger.port import Identity

_ATTRIBUTES = ObjectIdentifier("1.2.3.4.5.6.7.8.1")
_YEARS = 10


def embedded_identity(msp_id: str, role: str, key: ec.EllipticCurvePrivateKey | None = None) -> Identity:
    """A new identity of `msp_id` with `role` (the attribute `jifen.role`; `""` for none), over `key` or a new P-256
    key."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, msp_id),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "client"),
            x509.NameAttribute(NameOID.COMMON_NAME, role or "client"),
        ]
    )
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=5)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=365 * _YEARS))
    )
    if role:
        attributes = json.dumps({"attrs": {ROLE_ATTRIBUTE: role}}).encode()
        builder = builder.add_extension(x509.UnrecognizedExtension(_ATTRIBUTES, attributes), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    return Identity(
        msp_id,
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
