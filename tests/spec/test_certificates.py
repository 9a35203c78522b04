"""The submitter from her certificate: role attribute, NodeOU, and keys of other kinds."""

from __future__ import annotations

import datetime
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier

from chaincode.spec.kernel.certificates import creator_of
from chaincode.spec.kernel.context import Role
from chaincode.spec.kernel.signatures import address_of, is_address

ATTRIBUTES = ObjectIdentifier("1.2.3.4.5.6.7.8.1")
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def certificate(key: Key, attributes: dict[str, str] | None = None, units: tuple[str, ...] = ("client",)) -> bytes:
    """A self-signed certificate in the form of fabric-ca's."""
    name = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units]
        + [x509.NameAttribute(NameOID.COMMON_NAME, "someone")]
    )
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=1))
    )
    if attributes is not None:
        value = json.dumps({"attrs": attributes}).encode()
        builder = builder.add_extension(x509.UnrecognizedExtension(ATTRIBUTES, value), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


P256 = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_the_attribute_is_the_role(role: str) -> None:
    found = creator_of("harbor", certificate(P256, {"hf.Type": "client", "jifen.role": role}))
    assert (found.msp_id, found.role) == ("harbor", role)


@pytest.mark.parametrize(
    ("attributes", "units", "role"),
    [
        (None, ("client",), ""),
        ({}, ("client",), ""),
        ({"other.role": "admin"}, ("client",), ""),
        (None, ("admin",), "admin"),
        ({}, ("admin",), "admin"),
        (None, ("shop", "admin"), "admin"),
        (None, ("administrator", "Admin"), ""),
        ({"jifen.role": "cashier"}, ("admin",), "cashier"),
        (None, ("peer",), ""),
        (None, (), ""),
    ],
)
def test_a_node_ou_admin_is_admin_unless_the_attribute_says_otherwise(
    attributes: dict[str, str] | None, units: tuple[str, ...], role: str
) -> None:
    assert creator_of("harbor", certificate(P256, attributes, units)).role == role


def test_a_p256_key_opens_an_account() -> None:
    found = creator_of("harbor", certificate(P256))
    point = P256.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    assert found.public_key == point.hex()
    assert is_address(address_of(found.public_key))


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP256K1()),
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
    ],
    ids=["P-384", "secp256k1", "RSA"],
)
def test_a_key_of_another_kind_opens_none_but_has_its_role(key: Key) -> None:
    found = creator_of("harbor", certificate(key, {"jifen.role": "auditor"}))
    assert (found.role, found.public_key) == ("auditor", "")
