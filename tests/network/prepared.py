"""A consortium of two merchants whose organisations are prepared and have published, without any process."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fabric_protos.common import common_pb2, configtx_pb2

from network.declaration import merchants_declaration
from network.exchange.post import deliver
from network.folders import OrgFolder, write
from network.rendering.channel import ROOT_FILE, TLS_ROOT_FILE

DECLARATION = merchants_declaration(2)
LIFETIME = datetime.timedelta(days=365)


def first_block(channel: str = DECLARATION.channel, number: int = 0) -> bytes:
    """A block of the form of a channel's first, with a configuration that says nothing."""
    header = common_pb2.ChannelHeader(type=common_pb2.CONFIG, channel_id=channel)
    payload = common_pb2.Payload(
        header=common_pb2.Header(channel_header=header.SerializeToString()),
        data=configtx_pb2.ConfigEnvelope(
            config=configtx_pb2.Config(
                channel_group=configtx_pb2.ConfigGroup(groups={"Application": configtx_pb2.ConfigGroup()})
            )
        ).SerializeToString(),
    )
    envelope = common_pb2.Envelope(payload=payload.SerializeToString())
    return common_pb2.Block(
        header=common_pb2.BlockHeader(number=number, data_hash=bytes(range(32))),
        data=common_pb2.BlockData(data=[envelope.SerializeToString()]),
    ).SerializeToString()


def post(orgs: Iterable[OrgFolder]) -> None:
    """Brings what each has sent to all."""
    orgs = list(orgs)
    for org in orgs:
        deliver(org, orgs)


def identify(folder: OrgFolder, *, unit: str = "admin", valid_from: datetime.timedelta = datetime.timedelta()) -> None:
    """Gives an organisation roots and an admin, as its authorities would. `unit` is the organisational unit in the
    admin's certificate, `valid_from` when all of them begin, counted from now."""
    root_key, root = _certificate(f"ca.{folder.name}", valid_from=valid_from)
    write(folder.msp / ROOT_FILE, _pem(root))
    write(folder.msp / TLS_ROOT_FILE, _pem(_certificate(f"tlsca.{folder.name}", valid_from=valid_from)[1]))
    key, certificate = _certificate("admin", unit, root, root_key, valid_from)
    msp = folder.identity_msp("admin")
    write(msp / "signcerts/cert.pem", _pem(certificate))
    form = serialization.PrivateFormat.PKCS8
    text = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    write(msp / "keystore/key.pem", text, private=True)


def tls_certificate(folder: OrgFolder, valid_from: datetime.timedelta = datetime.timedelta()) -> bytes:
    """A certificate of its own, for a node."""
    return _pem(_certificate(f"node.{folder.name}", valid_from=valid_from)[1])


def _certificate(
    name: str,
    unit: str = "",
    issuer: x509.Certificate | None = None,
    issuer_key: ec.EllipticCurvePrivateKey | None = None,
    valid_from: datetime.timedelta = datetime.timedelta(),
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    names += [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)] if unit else []
    subject, start = x509.Name(names), datetime.datetime.now(datetime.UTC) + valid_from
    builder = x509.CertificateBuilder(
        issuer.subject if issuer else subject, subject, key.public_key(), x509.random_serial_number()
    )
    built = builder.not_valid_before(start - datetime.timedelta(minutes=5)).not_valid_after(start + LIFETIME)
    return key, built.sign(issuer_key or key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
