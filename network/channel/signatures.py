"""Detached signatures of a configuration update: each organisation's admin signs the same bytes, in any order; each
signature is checked when it arrives."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import NameOID
from fabric_protos.common import common_pb2, configtx_pb2
from fabric_protos.msp import identities_pb2
from google.protobuf.message import DecodeError

from network.channel.configuration import Config, msp_of
from network.errors import NetworkError
from network.exchange.config_signature import ConfigSignature
from network.exchange.config_update import ConfigUpdate

NONCE_BYTES = 24
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256: of the two values that verify alike, Fabric takes the lower one alone."""
CLOCK_TOLERANCE = datetime.timedelta(minutes=5)


def sign(update: ConfigUpdate, msp_id: str, certificate: bytes, private_key: bytes) -> ConfigSignature:
    """Signs an update as the identity of this certificate and key (PEM)."""
    header = signature_header(msp_id, certificate)
    return ConfigSignature(update.change, update.sha256, header, signed(private_key, header + update.content))


def signature_header(msp_id: str, certificate: bytes) -> bytes:
    """Gives a `SignatureHeader` of an identity, with a nonce of its own."""
    creator = identities_pb2.SerializedIdentity(mspid=msp_id, id_bytes=certificate).SerializeToString()
    header = common_pb2.SignatureHeader(creator=creator, nonce=secrets.token_bytes(NONCE_BYTES))
    return bytes(header.SerializeToString())


def signed(private_key: bytes, content: bytes) -> bytes:
    """Gives the signature of `content` in the form that Fabric takes."""
    key = serialization.load_pem_private_key(private_key, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    r, s = utils.decode_dss_signature(key.sign(content, ec.ECDSA(hashes.SHA256())))
    return utils.encode_dss_signature(r, min(s, ORDER - s))


def envelope_of(channel: str, config_update: bytes, signatures: Mapping[str, ConfigSignature]) -> bytes:
    """Gives the `Envelope`, not yet signed itself, in which the update goes to an ordering node."""
    update = configtx_pb2.ConfigUpdateEnvelope(
        config_update=config_update,
        signatures=[
            configtx_pb2.ConfigSignature(signature_header=one.header, signature=one.signature)
            for _, one in sorted(signatures.items())
        ],
    )
    header = common_pb2.ChannelHeader(type=common_pb2.CONFIG_UPDATE, channel_id=channel)
    payload = common_pb2.Payload(
        header=common_pb2.Header(channel_header=header.SerializeToString()), data=update.SerializeToString()
    )
    return bytes(common_pb2.Envelope(payload=payload.SerializeToString()).SerializeToString())


def verified_signer(
    config: Config, config_update: bytes, one: ConfigSignature, now: datetime.datetime | None = None
) -> str:
    """Gives the MSP id of the organisation whose admin signed. Raises NetworkError SIGNATURE_REFUSED with the reason:
    another update, an organisation that is not in the channel, a certificate of another authority, no admin's, expired
    or revoked."""
    try:
        creator = common_pb2.SignatureHeader.FromString(one.header).creator
        identity = identities_pb2.SerializedIdentity.FromString(creator)
        certificate = x509.load_pem_x509_certificate(identity.id_bytes)
        msp = msp_of(config, identity.mspid)
    except (ValueError, DecodeError) as error:
        raise NetworkError("SIGNATURE_REFUSED", f"no signature of an identity: {error}") from error
    except KeyError as error:
        raise NetworkError("SIGNATURE_REFUSED", f"{error.args[0]} is not in the channel") from error
    told = f"the signature of {identity.mspid}"
    _must_be_signed(told, certificate, one.signature, one.header + config_update)
    _must_be_an_admin(told, msp, certificate, now or datetime.datetime.now(datetime.UTC))
    return str(identity.mspid)


def _must_be_signed(told: str, certificate: x509.Certificate, signature: bytes, content: bytes) -> None:
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    try:
        key.verify(signature, content, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise NetworkError(
            "SIGNATURE_REFUSED", f"{told} is not one of this update: it was made for another, or the update was edited"
        ) from error


def _must_be_an_admin(told: str, msp: Any, certificate: x509.Certificate, now: datetime.datetime) -> None:
    if not any(_issued(x509.load_pem_x509_certificate(root), certificate) for root in msp.root_certs):
        raise NetworkError("SIGNATURE_REFUSED", f"{told} is by a certificate that its authority did not issue")
    units = [unit.value for unit in certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)]
    if msp.fabric_node_ous.admin_ou_identifier.organizational_unit_identifier not in units:
        raise NetworkError(
            "SIGNATURE_REFUSED", f"{told} is by no admin: its certificate says {', '.join(map(str, units))}"
        )
    if not certificate.not_valid_before_utc - CLOCK_TOLERANCE <= now <= certificate.not_valid_after_utc:
        expired = certificate.not_valid_after_utc
        raise NetworkError(
            "SIGNATURE_REFUSED", f"{told} is by a certificate that is valid until {expired:%Y-%m-%d %H:%M} UTC"
        )
    for content in msp.revocation_list:
        if x509.load_pem_x509_crl(content).get_revoked_certificate_by_serial_number(certificate.serial_number):
            raise NetworkError("SIGNATURE_REFUSED", f"{told} is by a certificate that was revoked")


def _issued(root: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(root)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
