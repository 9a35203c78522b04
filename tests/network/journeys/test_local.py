"""A real network on this machine: up, looked at, stopped, killed and brought back, taken down."""

from __future__ import annotations

import importlib
import json
import os
import pty
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.services.ledger_place import place_of
from gateway.setup import initialise
from network import hfc
from network.connection import NetworkConnection, load, load_org
from network.declaration import merchants_declaration
from network.declaration.writing import declaration_text
from network.errors import NetworkError
from network.health import observe
from network.journeys.local import LocalNetwork, running_network
from network.runtime.service import Service
from tests.network.journeys.local import command, kill, peer_admin, service_of

pytestmark = pytest.mark.fabric


DECLARATION = declaration_text(merchants_declaration(3))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("network") / "three"
    with running_network(DECLARATION, root):
        yield root
    assert not root.exists()


@pytest.fixture
def network(folder: Path) -> LocalNetwork:
    return LocalNetwork(folder)


def pids(network: LocalNetwork) -> dict[str, int | None]:
    return {service.label: network.runtime.status(service).pid for service in network.services()}


def blocks(network: LocalNetwork, org: str, into: Path) -> list[bytes]:
    """All blocks of the channel as the org's own peer has them."""
    steps = peer_admin(network, org)
    found = []
    for number in range(steps.height(steps.own_peers[0])):
        file = into / f"{org}-{number}.block"
        steps.command(steps.own_peers[0]).run("channel", "fetch", str(number), str(file), "-c", "jifen")
        found.append(file.read_bytes())
    return found


def test_a_network_that_is_up_is_ready(network: LocalNetwork) -> None:
    state = observe(network)
    assert state.ready, state.document()
    assert {one.kind for one in state.services} == {"logs", "ca", "orderer", "chaincode", "peer"}
    assert len({one.height for one in state.services if one.height is not None}) == 1


def test_up_again_changes_nothing(network: LocalNetwork) -> None:
    before = pids(network)
    heights = {one.height for one in observe(network).services}
    network.up(DECLARATION)
    assert pids(network) == before
    assert {one.height for one in observe(network).services} == heights


def test_another_declaration_is_refused_by_what_is_different(network: LocalNetwork) -> None:
    before = pids(network)
    with pytest.raises(NetworkError) as caught:
        network.up(declaration_text(merchants_declaration(2, endorsement_k=1)))
    assert caught.value.code == "DECLARATION_CHANGED"
    assert "endorsement.k: 2 → 1; orgs.lotus is gone" in caught.value.detail
    assert "down" not in caught.value.detail
    own = Path(caught.value.detail.partition("its own, ")[2].partition(";")[0])
    assert own.read_text("utf-8") == DECLARATION
    assert pids(network) == before
    assert observe(network).ready


def test_comments_make_no_other_declaration(network: LocalNetwork) -> None:
    before = pids(network)
    network.up(f"# ours\n{DECLARATION}")
    assert pids(network) == before
    assert network.folder.declaration.read_text("utf-8") == DECLARATION
    assert {org.declaration.read_text("utf-8") for org in network.folder.orgs} == {DECLARATION}


def test_down_without_a_yes_removes_nothing(folder: Path, network: LocalNetwork) -> None:
    before, files = pids(network), set(folder.rglob("*"))
    answer = command(folder, "down")
    assert answer.returncode == 2
    error = json.loads(answer.stderr)["error"]
    assert error["code"] == "CONFIRMATION_MISSING"
    assert "15 running processes" in error["detail"]
    assert "operator, northstar, harbor, lotus" in error["detail"]
    assert "--yes" in error["detail"]
    assert answered_at_a_terminal(folder, "n") == 1
    assert pids(network) == before
    assert {file for file in files if not file.exists() and "data" not in file.parts} == set()


def answered_at_a_terminal(folder: Path, answer: str) -> int:
    """What `down` ends with when somebody types this at its question."""
    ours, its = pty.openpty()
    line = [sys.executable, "-m", "admin.cli", "network", "down", "--folder", str(folder)]
    with subprocess.Popen(line, stdin=its, stderr=subprocess.PIPE, text=True) as process:
        os.write(ours, f"{answer}\n".encode())
        assert process.stderr is not None
        told = process.stderr.read()
    os.close(ours)
    os.close(its)
    assert "Remove it?" in told
    assert "keys" in told
    return process.returncode


@pytest.mark.parametrize("label", ["harbor/peer0", "harbor/chaincode", "operator/orderer0", "lotus/ca"])
def test_a_killed_process_is_seen_and_brought_back(network: LocalNetwork, label: str, tmp_path: Path) -> None:
    before, old = pids(network), blocks(network, "northstar", tmp_path)
    kill(service_of(network, label))
    state = observe(network)
    assert not state.ready
    assert [f"{one.org}/{one.name}" for one in state.services if one.state == "stopped"] == [label]
    network.start()
    assert observe(network).ready
    after = pids(network)
    assert {name for name in after if after[name] != before[name]} == {label}
    assert blocks(network, "harbor", tmp_path)[: len(old)] == old


def test_stop_and_start_keep_the_state(network: LocalNetwork, tmp_path: Path) -> None:
    old = blocks(network, "lotus", tmp_path)
    ended = network.stop()
    assert len(ended) == len(network.services())
    kinds = [service_of(network, label).kind for label in ended]
    assert kinds == sorted(kinds, key=("peer", "chaincode", "logs", "ca", "orderer").index), "who is called ends last"
    assert network.stop() == []
    assert set(pids(network).values()) == {None}
    assert observe(network).summary == "stopped"
    network.start()
    assert observe(network).ready
    new = blocks(network, "lotus", tmp_path)
    assert new[: len(old)] == old
    assert len(new) > len(old)


def test_up_brings_a_stopped_network_back(network: LocalNetwork) -> None:
    network.stop()
    network.up(DECLARATION)
    assert observe(network).ready


def test_a_port_that_was_taken_meanwhile_is_told_before_anything_starts(network: LocalNetwork) -> None:
    network.stop()
    service = service_of(network, "lotus/peer0")
    with socket.create_server(("127.0.0.1", service.ports[0])):
        with pytest.raises(NetworkError) as caught:
            network.start()
        assert caught.value.code == "PORT_TAKEN"
        assert set(pids(network).values()) == {None}
        state = observe(network)
        assert "another program" in next(
            one.detail for one in state.services if (one.org, one.kind) == ("lotus", "peer")
        )
    network.start()
    assert observe(network).ready


def lose(service: Service, data: Path) -> None:
    kill(service)
    shutil.rmtree(data)


def test_a_peer_that_lost_its_data_is_named_and_one_command_brings_it_back(
    network: LocalNetwork, tmp_path: Path
) -> None:
    old = blocks(network, "lotus", tmp_path)
    lose(service_of(network, "lotus/peer0"), network.folder.org("lotus").node("peer0") / "data")
    told = "lotus/peer0 is not in the channel; `jifen network up` brings it back"
    with pytest.raises(NetworkError) as caught:
        network.start()
    assert (caught.value.code, caught.value.detail) == ("NETWORK_NOT_READY", told)
    state = observe(network)
    assert not state.ready
    assert any(told in problem for problem in state.problems), state.problems
    network.up(DECLARATION)
    assert observe(network).ready
    assert blocks(network, "lotus", tmp_path)[: len(old)] == old
    # Every merchant's peer must endorse this one, and see it committed.
    peer_admin(network, "operator").probe_commit()
    lose(service_of(network, "lotus/peer0"), network.folder.org("lotus").node("peer0"))
    network.up(DECLARATION)
    assert blocks(network, "lotus", tmp_path)[: len(old)] == old
    network.stop()
    network.start()
    assert observe(network).ready


def test_ordering_nodes_that_lost_every_block_do_not_begin_anew(network: LocalNetwork, tmp_path: Path) -> None:
    """They would make another chain with the same first block, which no peer could follow."""
    network.stop()
    data = network.folder.org("operator").node("orderer0") / "data"
    data.rename(tmp_path / "backup")
    for command_again in (network.start, lambda: network.up(DECLARATION)):
        with pytest.raises(NetworkError, match=r"the blocks of operator/orderer0 are gone.* from a backup") as caught:
            command_again()
        assert caught.value.code == "NETWORK_NOT_READY"
        assert set(pids(network).values()) == {None}
    (tmp_path / "backup").rename(data)
    network.start()
    assert observe(network).ready


def test_two_commands_at_once_are_refused(network: LocalNetwork) -> None:
    with network.alone(), pytest.raises(NetworkError) as caught:
        LocalNetwork(network.folder.root).stop()
    assert caught.value.code == "NETWORK_BUSY"


def test_everything_listens_on_the_loopback_only(network: LocalNetwork) -> None:
    inodes = set()
    for pid in pids(network).values():
        for link in Path(f"/proc/{pid}/fd").iterdir():
            target = os.readlink(link)
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    listening = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text("ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                listening.append(fields[1].partition(":")[0])
    assert len(listening) >= len(pids(network))
    assert set(listening) == {"0100007F"}


def test_private_keys_stay_in_their_orgs_folder(network: LocalNetwork) -> None:
    found: dict[str, set[str]] = {}
    for org in network.folder.orgs:
        for file in org.root.rglob("*"):
            if file.is_file() and file.stat().st_size < 100_000 and b"PRIVATE KEY" in file.read_bytes():
                assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
                assert "exchange" not in file.relative_to(org.root).parts, file
                found.setdefault(file.read_text("utf-8"), set()).add(org.name)
    assert len(found) > 20
    assert all(len(orgs) == 1 for orgs in found.values())


def test_no_enrolment_secret_is_left(network: LocalNetwork) -> None:
    for org in network.folder.orgs:
        secrets = [file.read_bytes() for file in org.secrets.iterdir()]
        assert {file.name for file in org.secrets.iterdir()} == {"registrar", "tls-registrar"}
        assert not any(secret in log.read_bytes() for log in org.logs.iterdir() for secret in secrets)


def test_the_connection_says_what_is_there(folder: Path) -> None:
    connection = load(folder)
    assert list(connection.orgs) == ["operator", "northstar", "harbor", "lotus"]
    assert [org.name for org in connection.merchants] == ["northstar", "harbor", "lotus"]
    assert connection.gateway_peer("operator") == connection.org("northstar").peers[0]
    assert connection.gateway_peer("lotus") == connection.org("lotus").peers[0]
    for org in connection.orgs.values():
        assert {"admin", "gateway"} <= set(org.identities)
        for identity in org.identities.values():
            assert identity.certificate.is_file()
            assert identity.private_key.is_file()
    for node in (*connection.peers, *connection.orderers):
        host, _, port = node.address.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=5):
            assert node.tls_root.is_file()
    with pytest.raises(KeyError, match="no identity cashier"):
        connection.org("harbor").identity("cashier")


def test_an_org_alone_knows_all_it_needs(folder: Path) -> None:
    view = load_org(folder / "orgs" / "harbor")
    assert {org.name for org in view.orgs.values() if org.identities} == {"harbor"}
    everywhere: NetworkConnection = load(folder)
    assert [peer.address for peer in view.peers] == [peer.address for peer in everywhere.peers]
    paths = [node.tls_root for node in (*view.peers, *view.orderers)]
    assert all(path.is_relative_to(folder / "orgs" / "harbor") for path in paths)


@pytest.mark.parametrize(("org", "height_of"), [("harbor", "harbor"), ("operator", "northstar")])
def test_an_orgs_own_folder_is_enough_to_verify_and_to_serve(
    folder: Path, org: str, height_of: str, tmp_path: Path
) -> None:
    own = folder / "orgs" / org
    line = [sys.executable, "-m", "admin.cli", "verify", "--folder", str(own), "--json"]
    answer = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert list(found) == [org]
    assert found[org]["blocks"] == LocalNetwork(folder).peer_height(height_of, "peer0")
    answer = subprocess.run([*line, "--org", "lotus"], capture_output=True, text=True, timeout=120, check=False)
    assert (answer.returncode, json.loads(answer.stderr)["error"]["code"]) == (2, "UNKNOWN_ORG")
    settings = initialise(
        tmp_path / "gateway", {"org": org, "ledger": {"adapter": "fabric", "folder": str(own)}, "http": {"port": 0}}
    )
    place = place_of(settings)
    assert place.msp_id == org


async def test_hfc_reads_the_profile(folder: Path) -> None:
    client = hfc.hfc_client(str(folder / "orgs" / "harbor" / "profile.json"))
    assert set(client.peers) == {f"peer0.{name}.example" for name in ("northstar", "harbor", "lotus")}
    assert client.get_user("harbor", "gateway") is not None
    assert list((folder / "orgs" / "harbor" / "client" / "hfc").iterdir()) == []


async def test_an_ordinary_client_of_hfcs_reads_the_profile_and_asks_a_peer(folder: Path) -> None:
    """As a program of another's does it: nothing of ours but what makes hfc importable here."""
    hfc.prepare()
    org = folder / "orgs" / "harbor"
    client = importlib.import_module("hfc.fabric").Client(net_profile=str(org / "profile.json"))
    requestor = client.get_user("harbor", "gateway")
    client.new_channel("jifen")
    answer = await client.query_info(requestor, "jifen", ["peer0.harbor.example"], decode=True)
    assert answer.height >= 4
    store = org / "client" / "hfc"
    assert stat.S_IMODE(store.stat().st_mode) == 0o700
    assert any("gateway" in file.name for file in store.iterdir())


def test_the_commands_speak_json_and_exit_codes(folder: Path, network: LocalNetwork) -> None:
    status = command(folder, "status")
    assert status.returncode == 0, status.stderr
    assert json.loads(status.stdout)["ready"] is True
    logs = json.loads(command(folder, "logs", "harbor/peer0", "-n", "3").stdout)
    assert [one["process"] for one in logs] == ["harbor/peer0"]
    assert command(folder, "logs", "harbor/peer9").returncode == 2
    network.runtime.stop([service_of(network, "lotus/ca")])
    assert command(folder, "status").returncode == 4
    assert json.loads(command(folder, "start").stdout)["channel"] == "jifen"
    assert command(folder, "status").returncode == 0
    assert json.loads(command(folder, "check").stdout)["ok"] is True


def test_logs_are_followed(folder: Path, network: LocalNetwork) -> None:
    line = [sys.executable, "-m", "admin.cli", "network", "logs", "lotus/logs", "--follow", "--folder", str(folder)]
    with subprocess.Popen([*line, "--json"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        log = service_of(network, "lotus/logs").log_file
        # Written at once, while the command still starts: it is told all the same, and once.
        for word in ("first", "second", "third"):
            with log.open("a") as stream:
                stream.write(f"{word}\n")
        for word in ("first", "second", "third"):
            assert json.loads(process.stdout.readline()) == {"process": "lotus/logs", "line": word}
        process.send_signal(signal.SIGTERM)  # SIGINT may be ignored, as it is where the tests run in the background
    assert process.returncode == 130


def test_without_a_network(tmp_path: Path) -> None:
    for words in ("status", "start", "stop", "down"):
        answer = command(tmp_path / "none", words)
        assert answer.returncode == 4, (words, answer.stderr)
        assert json.loads(answer.stderr)["error"]["code"] == "NETWORK_NOT_FOUND"
        assert ("nothing was removed" in answer.stderr) is (words == "down")
        assert not (tmp_path / "none").exists()


def test_a_folder_that_was_only_begun_is_removed(tmp_path: Path) -> None:
    network = LocalNetwork(tmp_path / "net")
    network.folder.claim(["north", "south"])
    (tmp_path / "net" / "orgs" / "north").mkdir(parents=True)
    (tmp_path / "net" / "orgs" / "north" / "consortium.yaml").write_text("half", encoding="utf-8")
    assert network.services() == []
    assert network.down() == []
    assert not (tmp_path / "net").exists()


def test_a_strangers_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(NetworkError) as caught:
        LocalNetwork(tmp_path).up(DECLARATION)
    assert caught.value.code == "NETWORK_FOLDER_FOREIGN"
    answer = command(tmp_path, "down", "--yes")
    assert (answer.returncode, json.loads(answer.stderr)["error"]["code"]) == (2, "NETWORK_FOLDER_FOREIGN")
    assert "nothing was removed" in answer.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["letters.txt"]


def test_a_taken_port_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        file = tmp_path / "taken.yaml"
        file.write_text(DECLARATION.replace("name: orderer0", f"name: orderer0\n    port: {port}"), encoding="utf-8")
        answer = command(tmp_path / "net", "up", str(file))
    assert answer.returncode == 3
    assert json.loads(answer.stderr)["error"]["code"] == "PORT_TAKEN"
    assert str(port) in answer.stderr


def test_an_up_that_is_broken_off_again_and_again_goes_on(tmp_path: Path) -> None:
    root = tmp_path / "net"
    file = tmp_path / "two.yaml"
    file.write_text(declaration_text(merchants_declaration(2)), encoding="utf-8")
    line = [sys.executable, "-m", "admin.cli", "network", "up", str(file), "--folder", str(root)]
    network = LocalNetwork(root)
    try:
        for moment in ("orgs prepared", "identities enrolled", "in the channel", "definition approved"):
            with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as process:
                assert process.stderr is not None
                assert any(moment in told for told in process.stderr), moment
                process.kill()
        network.up(file.read_text("utf-8"))
        assert observe(network).ready
    finally:
        assert len(network.removal().running) == 11
        if moment == "orgs prepared":
            down_leaves_what_is_not_the_networks(network)
        else:
            assert answered_at_a_terminal(root, "y") == 0
    assert not root.exists()


def down_leaves_what_is_not_the_networks(network: LocalNetwork) -> None:
    root, org = network.folder.root, network.folder.org("harbor").root
    own = [org / "notes.txt", org / "identities" / "admin" / "msp" / "signcerts" / "mine.pem", root / "plan.txt"]
    for file in own:
        file.write_text("mine", encoding="utf-8")
    answer = command(root, "down", "--yes")
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    assert len(told["ended"]) == 11
    assert sorted(told["kept"]) == sorted(map(str, own))
    assert sorted(file for file in root.rglob("*") if file.is_file()) == sorted(own)
    shutil.rmtree(root)
