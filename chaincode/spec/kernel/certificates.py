"""The submitter from a Fabric certificate: role attribute and public key."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

from chaincode.spec.kernel.canonical import decode
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Creator

ROLE_ATTRIBUTE = "jifen.role"
_ATTRIBUTES = ObjectIdentifier("1.2.3.4.5.6.7.8.1")
"""Where fabric-ca puts a certificate's attributes, as JSON `{"attrs": {...}}`."""


def role_in(attributes: bytes) -> str:
    """The role in the attribute extension's value; empty where it is no document of the ledger's form with `attrs` and,
    in it, a text under `jifen.role`. An organisation's own authority writes it, so whatever it writes must be read
    alike by all."""
    try:
        document = decode(attributes)
    except Refusal:
        return ""
    found = document.get("attrs") if isinstance(document, dict) else None
    role = found.get(ROLE_ATTRIBUTE) if isinstance(found, dict) else None
    return role if isinstance(role, str) else ""


def creator_of(msp_id: str, certificate_pem: bytes) -> Creator:
    """The creator of a transaction. The role is the attribute `jifen.role`, else `admin` for a subject with OU=admin
    (NodeOU), else none; the public key is empty unless it is on P-256."""
    certificate = x509.load_pem_x509_certificate(certificate_pem)
    role = ""
    try:
        extension = certificate.extensions.get_extension_for_oid(_ATTRIBUTES).value
        assert isinstance(extension, x509.UnrecognizedExtension)
        role = role_in(extension.value)
    except x509.ExtensionNotFound:
        role = ""
    units = [
        attribute.value for attribute in certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    ]
    if not role and "admin" in units:
        role = "admin"
    key = certificate.public_key()
    public_key = ""
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        public_key = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint).hex()
    return Creator(msp_id, role, public_key)
