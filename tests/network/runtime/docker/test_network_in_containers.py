"""A real network in containers of a real engine: up, looked at, a container killed, stopped, started, taken down."""

from __future__ import annotations

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import docker
import pytest

from admin.tools.bench.join import Traffic, join_under
from network.connection import load_org
from network.declaration.writing import declaration_text
from network.errors import NetworkError
from network.health import observe
from network.journeys.local import LocalNetwork
from network.nodes.peer_admin import PeerAdmin
from network.runtime.docker.docker_runtime import FOLDER_LABEL, DockerRuntime
from network.runtime.docker.places import gateway, read_places
from network.runtime.service import Service
from tests.scenes.commands import document, jifen
from tests.scenes.contained_network import contained_network, declared
from tests.scenes.waiting import eventually

pytestmark = [pytest.mark.fabric, pytest.mark.timeout(900)]


@pytest.fixture
def network(contained: Path) -> LocalNetwork:
    """The network as the next command finds it: by what its folder remembers."""
    return LocalNetwork(contained)


def inspected(engine: docker.DockerClient, service: Service) -> dict[str, Any]:
    found = engine.api.containers(
        all=True, filters={"label": [f"{FOLDER_LABEL}={service.root}", f"jifen.service={service.name}"]}
    )
    assert len(found) == 1, found
    told: dict[str, Any] = engine.api.inspect_container(found[0]["Id"])
    return told


def service_of(network: LocalNetwork, label: str) -> Service:
    return next(service for service in network.services() if service.label == label)


def test_a_network_in_containers_is_ready_and_commits_what_all_endorsed(network: LocalNetwork) -> None:
    state = observe(network)
    assert state.ready, state.document()
    assert isinstance(network.runtime, DockerRuntime)
    assert {one.kind for one in state.services} == {"ca", "orderer", "chaincode", "peer"}
    before = network.peer_height("harbor", "peer0")
    PeerAdmin(network.participant("operator")).probe_commit()
    eventually(
        "every peer has the block", lambda: network.peer_height("harbor", "peer0"), lambda n: n > before, seconds=30
    )


def test_no_container_can_do_more_than_its_service_needs(engine: docker.DockerClient, network: LocalNetwork) -> None:
    for service in network.services():
        told = inspected(engine, service)
        host = told["HostConfig"]
        assert host["ReadonlyRootfs"], service.label
        assert host["CapDrop"] == ["ALL"]
        assert host["SecurityOpt"] == ["no-new-privileges:true"]
        assert host["Memory"] > 0
        assert host["NanoCpus"] > 0
        assert host["PidsLimit"] > 0
        assert host["RestartPolicy"]["Name"] == "unless-stopped"
        assert told["Config"]["User"].split(":")[0] not in ("", "0", "root")
        status = Path(f"/proc/{told['State']['Pid']}/status").read_text("utf-8")
        values = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert int(values["CapEff"], 16) == 0
        assert values["NoNewPrivs"] == "1"
        assert values["Uid"].split()[0] != "0"


def test_a_container_sees_the_keys_of_its_own_service_alone(engine: docker.DockerClient, network: LocalNetwork) -> None:
    for service in network.services():
        mounts = {mount["Source"]: mount["RW"] for mount in inspected(engine, service)["Mounts"]}
        assert {Path(source).relative_to(service.root).parts[0] for source in mounts} <= {
            "peer": {"nodes", "builder", "chaincode"},
            "orderer": {"nodes"},
            "chaincode": {"chaincode"},
            "ca": {"ca"},
        }[service.kind]
        assert [source for source, writable in mounts.items() if writable] == (
            [] if service.kind == "chaincode" else [str(service.folder)]
        )


def test_ports_are_published_at_an_address_that_no_other_machine_reaches(
    engine: docker.DockerClient, network: LocalNetwork
) -> None:
    for service in network.services():
        own = gateway(read_places(service.root)[service.org])
        bindings = inspected(engine, service)["HostConfig"]["PortBindings"]
        assert {binding["HostIp"] for bound in bindings.values() for binding in bound} == {own}
        assert {endpoint.host for endpoint in service.endpoints} == {own}


def test_a_killed_container_comes_back_by_itself(engine: docker.DockerClient, network: LocalNetwork) -> None:
    victim = service_of(network, "harbor/peer0")
    before = inspected(engine, victim)
    os.kill(before["State"]["Pid"], signal.SIGKILL)
    eventually("it runs again", lambda: inspected(engine, victim)["RestartCount"], seconds=30)
    eventually("the network is ready", lambda: observe(network), lambda state: state.ready, seconds=120)
    assert inspected(engine, victim)["Id"] == before["Id"]
    PeerAdmin(network.participant("operator")).probe_commit()


def test_up_again_changes_nothing(engine: docker.DockerClient, network: LocalNetwork) -> None:
    before = {service.label: inspected(engine, service)["State"]["Pid"] for service in network.services()}
    network.up(declaration_text(declared(2)))
    assert {service.label: inspected(engine, service)["State"]["Pid"] for service in network.services()} == before


def test_a_network_in_containers_is_not_taken_for_one_of_processes(network: LocalNetwork) -> None:
    with pytest.raises(NetworkError, match="RUNTIME_CHANGED"):
        network.with_runtime("process")
    assert network.with_runtime("docker").name == "docker"


def test_the_commands_stop_and_start_it_and_leave_nothing_in_the_engine(
    engine: docker.DockerClient, network: LocalNetwork
) -> None:
    root = network.folder.root
    place = ("--folder", str(root), "--json")
    height = network.peer_height("northstar", "peer0")
    stopped = document(jifen("network", "stop", *place, folder=root))
    assert len(stopped["ended"]) == len(network.services())
    assert engine.containers.list(all=True) == []
    assert {one.name for one in engine.networks.list()} <= {"bridge", "host", "none"}
    assert jifen("network", "status", *place, folder=root).returncode == 4
    logs = json.loads(jifen("network", "logs", "northstar/peer0", *place, folder=root).stdout)
    assert logs[0]["lines"] == service_of(network, "northstar/peer0").log_file.read_text("utf-8").splitlines()[-20:]
    document(jifen("network", "start", *place, folder=root))
    assert observe(network).ready
    assert network.peer_height("northstar", "peer0") >= height


def test_a_merchant_joins_it_under_traffic_and_is_certified(engine: docker.DockerClient, network: LocalNetwork) -> None:
    root = network.folder.root
    with ThreadPoolExecutor(max_workers=1) as thread:  # the tests' own event loop stays as it is
        runs = thread.submit(join_under, Traffic(2, 8, 1), root, declared(3), lambda line: None, members=20).result()
    _, joining, after = runs
    assert joining["failed_operations"] == {}
    assert joining["operations"] > 10
    assert joining["told"][-1].endswith("lotus: certified")
    assert after["transactions_that_the_newcomer_endorsed"], runs
    assert observe(network).ready
    networks = read_places(network.folder.org("northstar").root)
    assert set(networks) == {"operator", "northstar", "harbor", "lotus"}
    assert len({one.name for one in engine.networks.list()} - {"bridge", "host", "none"}) == len(networks)


@pytest.mark.long
def test_one_begins_with_a_snapshot_a_certificate_is_revoked_and_who_leaves_is_refused(
    engine: docker.DockerClient, tmp_path: Path
) -> None:
    """Python's chaincode answers there, too."""
    with contained_network(tmp_path / "network", python_merchants=1) as root:
        network = LocalNetwork(root)
        network.join(declaration_text(declared(3, python_merchants=2)), from_snapshot=True)
        assert load_org(root / "orgs" / "lotus").org("lotus").begun_with is not None
        assert {trial.refused for trial in network.revoke("lotus", "gateway")} == {True}
        assert {trial.refused for trial in network.leave(declaration_text(declared(2, python_merchants=1)))} == {True}
        assert observe(network).ready
        assert not [one for one in engine.containers.list(all=True) if one.labels["jifen.org"] == "lotus"]
