"""A channel's first configuration made by Fabric's own program, of organisations whose authorities are made here; no
process runs."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from network.channel.configuration import config_in
from network.channel.signatures import sign
from network.declaration import Consortium, merchants_declaration
from network.declaration.writing import declaration_text
from network.exchange import channel_block
from network.exchange.config_signature import ConfigSignature
from network.exchange.config_update import ConfigUpdate
from network.exchange.definition import OrgDefinition, definition_of, received_definitions
from network.exchange.envelope import read_envelope
from network.folders import NetworkFolder, write
from network.participant import Participant
from network.programs.program_sets import provide
from network.rendering.channel import ROOT_FILE, TLS_ROOT_FILE
from network.steps.genesis import MakeGenesis
from network.steps.prepare import Prepare
from network.steps.publish import Publish
from tests.network.prepared import post

NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
YEAR = datetime.timedelta(days=365)
PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Identity:
    """A certificate and its key (PEM)."""

    certificate: bytes
    private_key: bytes


class Authority:
    """A certificate authority."""

    def __init__(self, name: str, until: datetime.datetime = NOW + 10 * YEAR) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = x509.CertificateBuilder(self.name, self.name, self.key.public_key(), x509.random_serial_number())
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        self.certificate = (
            builder.not_valid_before(NOW - YEAR)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        self.pem = self.certificate.public_bytes(PEM)

    def issue(self, name: str, unit: str, until: datetime.datetime = NOW + YEAR) -> Identity:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit), x509.NameAttribute(NameOID.COMMON_NAME, name)]
        )
        certificate = (
            x509.CertificateBuilder(self.name, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(NOW - YEAR)
            .not_valid_after(until)
            .sign(self.key, hashes.SHA256())
        )
        form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        return Identity(certificate.public_bytes(PEM), key.private_bytes(PEM, form, plain))


@cache
def authority(org: str) -> Authority:
    return Authority(f"ca.{org}.example")


@cache
def admin(org: str) -> Identity:
    return authority(org).issue("admin", "admin")


@dataclass(frozen=True)
class Ground:
    """The configuration `config` of a channel, and the definitions of those in it."""

    config: Any
    definitions: list[OrgDefinition]
    translator: str
    channel: str = "jifen"


def settled(folder: Path, consortium: Consortium, newcomers: Collection[str] = ()) -> list[Participant]:
    """All organisations prepared, with identities of authorities that are made here, and published."""
    network = NetworkFolder(folder)
    text = declaration_text(consortium)
    participants = [Participant(network.org(org.name), text, newcomers=newcomers) for org in consortium.orgs]
    taken: set[int] = set()
    for one in participants:
        one.taken_ports = taken
        Prepare().take(one)
        taken |= set(one.folder.read_ports().values())
        write(one.folder.msp / ROOT_FILE, authority(one.name).pem)
        msp = one.folder.identity_msp("admin")
        write(msp / "signcerts/cert.pem", admin(one.name).certificate)
        write(msp / "keystore/key.pem", admin(one.name).private_key, private=True)
        write(one.folder.msp / TLS_ROOT_FILE, authority(f"tls.{one.name}").pem)
        for orderer in one.org.orderers:
            served = authority(f"tls.{one.name}").issue(orderer.name, "client")
            write(one.folder.node(orderer.name) / "tls/server.crt", served.certificate)
        Publish().take(one)
    post(one.folder for one in participants)
    return participants


def make_ground(folder: Path, consortium: Consortium) -> Ground:
    """The channel's first configuration as the steps make it."""
    participants = settled(folder, consortium)
    operator = participants[0]
    MakeGenesis().take(operator)
    block = read_envelope((operator.folder.outbox / channel_block.FILE).read_bytes(), "").payload
    definitions = received_definitions(operator.folder, consortium)
    return Ground(config_in(block), definitions, provide().path("configtxlator"))


def newcomer(name: str, port: int = 20_000) -> OrgDefinition:
    """The definition of a merchant that is not in the channel."""
    consortium = merchants_declaration(2)
    org = consortium.org("harbor").model_copy(update={"name": name, "display_name": name.title()})
    endpoints = org.endpoints({"peer0": port})
    made = definition_of(
        consortium,
        org,
        endpoints,
        root=authority(name).pem.decode(),
        tls_root=authority(f"tls.{name}").pem.decode(),
        orderer_certificates={},
    )
    return replace(made, gateway_org=name)


def signature(update: ConfigUpdate, org: str, identity: Identity | None = None) -> ConfigSignature:
    one = identity or admin(org)
    return sign(update, org, one.certificate, one.private_key)
