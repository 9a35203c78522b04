"""A network with mutual TLS and three ordering nodes: which key opens what, and which does not."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
import requests
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from gateway.ledger.adapters.channels import explain, open_channel
from gateway.ledger.adapters.opening import ADAPTERS, open_ledger
from gateway.ledger.verification import Replayed, verify
from network.connection import IdentityConnection, NetworkConnection, load
from network.declaration import merchants_declaration
from network.errors import NetworkError
from network.folders import OrgFolder, write
from network.health import observe
from network.journeys.local import LocalNetwork, running_network
from network.nodes.peer_command import PeerCommand
from network.programs.program_sets import provide
from network.rendering.channel import ROOT_FILE, TLS_ROOT_FILE, msp_config
from tests.network.journeys.local import command, kill, peer_admin, service_of
from tests.scenes.consortium import run
from tests.scenes.two_merchants import TwoMerchants

pytestmark = pytest.mark.fabric


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetworkConnection]:
    declaration = merchants_declaration(2, orderers=3, mutual_tls=True, metrics=True)
    operator, *merchants = declaration.orgs
    declaration = declaration.model_copy(
        update={"orgs": (operator.model_copy(update={"roles": ("auditor",)}), *merchants)}
    )
    with running_network(declaration, tmp_path_factory.mktemp("tls") / "net") as running:
        yield running


@pytest.fixture
def network(connection: NetworkConnection) -> LocalNetwork:
    return LocalNetwork(connection.folder)


def read(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def issued_by(certificate: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(root)
    except (InvalidSignature, ValueError):
        return False
    return True


def test_identities_and_tls_have_authorities_of_their_own(network: LocalNetwork) -> None:
    """A key for TLS under the identities' root would be an identity: a peer's could endorse, a chaincode server's would
    be a client."""
    seen = set()
    for org in network.folder.orgs:
        root, tls_root = read(org.msp / ROOT_FILE), read(org.msp / TLS_ROOT_FILE)
        seen |= {root.subject.rfc4514_string(), tls_root.subject.rfc4514_string()}
        identities = [*org.identities.glob("*/msp/signcerts/cert.pem"), *org.nodes.glob("*/msp/signcerts/cert.pem")]
        tls = [*org.nodes.glob("*/tls/server.crt"), *org.chaincode.glob("*tls/server.crt")]
        tls += [*org.identities.glob("*/tls/client.crt"), org.authority / "tls-cert.pem"]
        assert len(identities) >= 3
        assert len(tls) >= 3
        for file in identities:
            assert (issued_by(read(file), root), issued_by(read(file), tls_root)) == (True, False), file
        for file in tls:
            assert (issued_by(read(file), root), issued_by(read(file), tls_root)) == (False, True), file
        for msp in [*org.identities.glob("*/msp"), *org.nodes.glob("*/msp")]:
            assert ((msp / ROOT_FILE).read_bytes(), (msp / TLS_ROOT_FILE).read_bytes()) == (
                (org.msp / ROOT_FILE).read_bytes(),
                (org.msp / TLS_ROOT_FILE).read_bytes(),
            )
    assert len(seen) == 2 * len(network.folder.orgs)


@pytest.mark.parametrize("key", ["nodes/peer0/tls/server", "chaincode/tls/server", "chaincode/client-tls/server"])
def test_a_key_for_tls_is_no_identity(
    network: LocalNetwork, connection: NetworkConnection, key: str, tmp_path: Path
) -> None:
    harbor = network.folder.org("harbor")
    stolen = OrgFolder(tmp_path / "harbor")
    msp = stolen.identity_msp("admin")
    write(msp / "keystore/key.pem", (harbor.root / f"{key}.key").read_bytes(), private=True)
    write(msp / "signcerts/cert.pem", (harbor.root / f"{key}.crt").read_bytes())
    # With the TLS root as root of identities `peer` itself would take it: what is asked is whether the network does.
    write(msp / ROOT_FILE, (harbor.msp / TLS_ROOT_FILE).read_bytes())
    write(msp / TLS_ROOT_FILE, (harbor.msp / TLS_ROOT_FILE).read_bytes())
    write(msp / "config.yaml", msp_config())
    write(stolen.client / "core.yaml", (harbor.client / "core.yaml").read_bytes())
    org = connection.org("harbor")
    tls = org.identity("admin").tls
    question = ("chaincode", "query", "-C", "jifen", "-n", "jifen", "-c", '{"Args":["GetConsortium","{}"]}')
    with pytest.raises(NetworkError, match="access denied"):
        PeerCommand(stolen, "harbor", provide(), org.peers[0], tls).run(*question)
    with pytest.raises(NetworkError, match="response: status:"):
        PeerCommand(harbor, "harbor", provide(), org.peers[0], tls).run(*question)


def osnadmin(
    folder: OrgFolder, what: str, certificate: Path, key: Path, *more: str
) -> subprocess.CompletedProcess[str]:
    port = folder.read_ports()["orderer0.admin"]
    files = ("--ca-file", folder.msp / TLS_ROOT_FILE, "--client-cert", certificate, "--client-key", key)
    line = [provide().path("osnadmin"), "channel", what, "-o", f"127.0.0.1:{port}", *map(str, files), *more]
    return subprocess.run(line, capture_output=True, text=True, timeout=30, check=False)


def test_the_admins_certificate_administers_the_ordering_nodes(network: LocalNetwork) -> None:
    folder = network.folder.org("operator")
    own = folder.orderer_administrator
    listed = osnadmin(folder, "list", own / "client.crt", own / "client.key")
    assert listed.stdout.startswith("Status: 200"), listed.stdout
    assert '"jifen"' in listed.stdout


@pytest.mark.parametrize(
    "key",
    [
        "identities/auditor/msp",
        "identities/admin/msp",
        "identities/gateway/tls/client",
        "identities/admin/tls/client",
        "nodes/orderer1/tls/server",
        "nodes/orderer0/msp",
    ],
)
def test_no_other_certificate_administers_an_ordering_node(network: LocalNetwork, key: str) -> None:
    """Each of them is of the ordering organisation itself."""
    folder = network.folder.org("operator")
    place = folder.root / key
    certificate, private = place.with_suffix(".crt"), place.with_suffix(".key")
    if place.is_dir():
        certificate, private = place / "signcerts/cert.pem", place / "keystore/key.pem"
    for what in ("list", "remove"):
        more = ("--channelID", "jifen") if what == "remove" else ()
        answer = osnadmin(folder, what, certificate, private, *more)
        assert answer.returncode == 1, answer.stdout
        assert "tls: " in answer.stdout
        assert "Status" not in answer.stdout
    # osnadmin keeps back a certificate that the node has not named; this one is shown all the same.
    url = f"https://127.0.0.1:{folder.read_ports()['orderer0.admin']}/participation/v1/channels"
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises((requests.exceptions.SSLError, requests.exceptions.ConnectionError)):
            session.get(url, cert=(str(certificate), str(private)), verify=str(folder.msp / TLS_ROOT_FILE), timeout=10)
    assert network.orderer_height("operator", "orderer0") > 0


def call(connection: NetworkConnection, node: Any, identity: IdentityConnection | None) -> str:
    """What becomes of a call of no service at all: `UNIMPLEMENTED` where the connection was let in."""

    async def ask() -> str:
        channel = open_channel(node, identity.tls if identity else None)
        try:
            await channel.unary_unary("/nobody.Nobody/Asks")(b"", timeout=5)
        except grpc.aio.AioRpcError as error:
            return f"{error.code().name}: {explain(error)}"
        finally:
            await channel.close()
        raise AssertionError("a call of no service was answered")

    return run(ask())


def test_nodes_let_in_only_who_shows_a_certificate(connection: NetworkConnection) -> None:
    gateway = connection.org("harbor").identity("gateway")
    for node in (*connection.peers, *connection.orderers):
        assert call(connection, node, gateway).startswith("UNIMPLEMENTED"), node
        assert call(connection, node, None).startswith("UNAVAILABLE"), node


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_both_adapters_show_theirs(connection: NetworkConnection, adapter: str) -> None:
    async def work() -> None:
        who = (("operator", "admin"), ("northstar", "gateway"), ("harbor", "gateway"))
        ledgers = [open_ledger(adapter, connection, org, identity_name=name) for org, name in who]
        try:
            world = TwoMerchants(adapter, *ledgers)
            await world.open(partial(open_ledger, adapter, connection, identity_name="admin"), now=None)
            result = await world.merchant.submit_many([world.issue("pt1q", 1)])
            assert result.receipts[0].code == "BAD_ADDRESS" or not result.receipts[0].accepted
            assert [block.number async for block in ledgers[2].blocks(0, 1)] == [0, 1]
            assert (await verify(ledgers[1], Replayed(connection.channel, connection.chaincode))).passed
        finally:
            await asyncio.gather(*(ledger.close() for ledger in ledgers))

    run(work())


def test_hfcs_client_finds_the_certificates_in_the_profile(connection: NetworkConnection) -> None:
    profile = load(connection.folder).profile("harbor")
    for node in (*profile["peers"].values(), *profile["orderers"].values()):
        assert Path(node["clientCert"]["path"]).is_file()
        assert "harbor" in node["clientKey"]["path"]
    assert json.dumps(profile)


NAMES = {"orderer": "consensus_etcdraft_is_leader", "peer": "ledger_blockchain_height", "ca": "api_request_count"}


def test_metrics_answer_where_the_state_says(network: LocalNetwork) -> None:
    found = {one["name"]: one for one in observe(network).document()["services"] if one["kind"] in NAMES}
    assert {one["kind"] for one in found.values()} == set(NAMES)
    for one in found.values():
        assert one["metrics"].startswith("http://127.0.0.1:")
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(one["metrics"], timeout=10)
        assert answer.status_code == 200
        assert f"\n{NAMES[one['kind']]}" in answer.text, one


def test_an_ordering_node_out_of_the_channel_is_named_and_one_command_brings_it_back(network: LocalNetwork) -> None:
    folder = network.folder.org("operator")
    own = folder.orderer_administrator
    removed = osnadmin(folder, "remove", own / "client.crt", own / "client.key", "--channelID", "jifen")
    assert removed.stdout.startswith("Status: 204"), removed.stdout
    told = "operator/orderer0 is not in the channel; `jifen network up` brings it back"
    started, status = command(network.folder.root, "start"), command(network.folder.root, "status")
    assert (started.returncode, status.returncode) == (4, 4)
    assert json.loads(started.stderr)["error"] == {"code": "NETWORK_NOT_READY", "detail": told}
    assert json.loads(status.stdout)["problems"] == [f"operator/orderer0 is running: {told}"]
    network.up(network.folder.declaration.read_text("utf-8"))
    assert observe(network).ready
    assert command(network.folder.root, "start").returncode == 0


def test_three_ordering_nodes_bear_the_loss_of_one(network: LocalNetwork) -> None:
    kill(service_of(network, "operator/orderer0"))
    peer_admin(network, "operator").probe_commit()
    assert not observe(network).ready
    network.start()
    assert observe(network).ready
