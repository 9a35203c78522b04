"""Identities from the organisation's own certificate authority, TLS certificates from its other one."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from network.declaration.endpoints import certificate_names
from network.declaration.model import Org
from network.folders import OrgFolder, write
from network.nodes import authority
from network.nodes.authority import Authority, Wanted
from network.participant import Participant
from network.rendering.authority import IDENTITY_HOME, NODE_PROFILE
from network.rendering.channel import ROOT_FILE, TLS_ROOT_FILE, msp_config
from network.rendering.orderer import ADMINS_FILE
from network.steps.step import Step, TakenBy

ROLE_ATTRIBUTE = "jifen.role"
ADMINISTRATOR_LIFETIME = datetime.timedelta(days=15 * 365)
"""Of the certificate that the organisation's own ordering nodes take: a listed key, as long as it is listed."""


class Enrol(Step):
    """Has every identity and every TLS certificate of the organisation signed by its authorities, which must run."""

    name = "enrol"
    summary = "every identity and every TLS certificate of the organisation is there, with its private key"
    taken_by = TakenBy.EVERY_ORG
    told = "identities enrolled"
    revises = ("orgs.*.roles+",)

    def done(self, participant: Participant) -> bool:
        """Says whether every certificate, the public MSP folder and the ordering nodes' lists of admins are there."""
        folder, org = participant.folder, participant.org
        files = [folder.msp / file for file in (ROOT_FILE, TLS_ROOT_FILE, "config.yaml")]
        files += [one.certificate for one in wanted_identities(folder, org)]
        files += [one.certificate for one in wanted_tls(folder, org, mutual=participant.consortium.mutual_tls)]
        if not all(file.is_file() for file in files):
            return False
        own = folder.orderer_administrator / "client.crt"
        lists = [folder.node(orderer.name) / "tls" / ADMINS_FILE for orderer in org.orderers]
        return all(own.is_file() and one.is_file() and own.read_bytes() == one.read_bytes() for one in lists)

    def take(self, participant: Participant) -> None:
        """Enrols what has no certificate. Raises NetworkError CA_REFUSED."""
        folder, org = participant.folder, participant.org
        root = (folder.authority / IDENTITY_HOME / "ca-cert.pem").read_bytes()
        tls_root = (folder.authority / "ca-cert.pem").read_bytes()
        _write_public(folder.msp, root, tls_root)
        identities = _missing(wanted_identities(folder, org))
        for one in identities:
            _write_public(one.key.parents[1], root, tls_root)
        _enrol(folder, authority.identity_client(participant), identities)
        certificates = _missing(wanted_tls(folder, org, mutual=participant.consortium.mutual_tls))
        for one in certificates:
            write(one.key.parent / "ca.crt", tls_root)
        _enrol(folder, authority.tls_client(participant), certificates)
        if org.orderers:
            _list_administrator(folder, org)


def wanted_identities(folder: OrgFolder, org: Org) -> list[Wanted]:
    """Gives all identities of the organisation: admin, gateway, its roles, its nodes."""
    users = [("admin", "admin", "")] + [(role, "client", role) for role in ("gateway", *org.roles)]
    found = [(name, kind, role, folder.identity_msp(name)) for name, kind, role in users]
    found += [(f"{name}.{org.dns}", kind, "", folder.node(name) / "msp") for kind, name in _nodes(org)]
    return [
        Wanted(
            name,
            kind,
            ((ROLE_ATTRIBUTE, role),) if role else (),
            msp / "keystore/key.pem",
            msp / "signcerts/cert.pem",
        )
        for name, kind, role, msp in found
    ]


def wanted_tls(folder: OrgFolder, org: Org, *, mutual: bool) -> list[Wanted]:
    """Gives all TLS certificates of the organisation: its nodes', its chaincode server's and the peers' side of it, and
    with `mutual` its clients'."""
    services = [(name, folder.node(name) / "tls") for _, name in _nodes(org)]
    if org.peers:
        services += _chaincode(folder)
    found = [
        Wanted(
            f"{name}.{org.dns}",
            "client",
            (),
            tls / "server.key",
            tls / "server.crt",
            NODE_PROFILE,
            certificate_names(f"{name}.{org.dns}", *_addresses(org, name)),
        )
        for name, tls in services
    ]
    for name in ("admin", "gateway", *org.roles) if mutual else ():
        tls = folder.identity_tls(name)
        found.append(Wanted(name, "client", (), tls / "client.key", tls / "client.crt"))
    return found


def _addresses(org: Org, service: str) -> tuple[str, ...]:
    """Gives the addresses at which a service is reached: a node by others and by the organisation's own admin."""
    host = org.host_of(service)
    return (host.address, host.internal) if service in org.public_services else (host.internal,)


def _nodes(org: Org) -> list[tuple[str, str]]:
    return [("peer", peer.name) for peer in org.peers] + [("orderer", orderer.name) for orderer in org.orderers]


def _chaincode(folder: OrgFolder) -> list[tuple[str, Path]]:
    return [("chaincode", folder.chaincode / "tls"), ("chaincode-client", folder.chaincode / "client-tls")]


def _missing(wanted: Sequence[Wanted]) -> list[Wanted]:
    return [one for one in wanted if not one.certificate.is_file()]


def _enrol(folder: OrgFolder, client: Authority, missing: Sequence[Wanted]) -> None:
    registrar = authority.registrar_of(client) if missing else None
    for one in missing:
        authority.enrol_one(folder.secrets, client, registrar, one)


def _write_public(msp: Path, root: bytes, tls_root: bytes) -> None:
    write(msp / ROOT_FILE, root)
    write(msp / TLS_ROOT_FILE, tls_root)
    write(msp / "config.yaml", msp_config())


def _list_administrator(folder: OrgFolder, org: Org) -> None:
    """Writes the certificate with which the organisation's admin reaches its ordering nodes' admin listeners, signed by
    its own key, into the list that each of them goes by."""
    home = folder.orderer_administrator
    if not (home / "client.crt").is_file():
        key = authority.private_key(home / "client.key")
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"osnadmin.{org.dns}")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + ADMINISTRATOR_LIFETIME)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .sign(key, hashes.SHA256())
        )
        write(home / "client.crt", certificate.public_bytes(serialization.Encoding.PEM))
    for orderer in org.orderers:
        write(folder.node(orderer.name) / "tls" / ADMINS_FILE, (home / "client.crt").read_bytes())
