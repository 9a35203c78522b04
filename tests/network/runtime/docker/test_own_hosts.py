"""Three organisations that each work from a folder of their own, in containers, and reach each other at a declared
address: nothing of one is in another's folder but what was sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import docker
import psutil
import pytest

from network.folders import make_organisation
from network.health import observe
from network.journeys.own_host import PREPARATION, PUBLICATION, OwnHost
from network.runtime.choice import chosen_runtime
from network.runtime.process import ports
from tests.scenes.waiting import eventually

pytestmark = [pytest.mark.fabric, pytest.mark.long, pytest.mark.timeout(600)]

ORGS = ("chamber", "teahouse", "bakery")
DECLARATION = """
version: 1
name: old-town
time_zone: Asia/Shanghai
currency: {{code: CNY}}
endorsement: {{k: 2}}
operators: [chamber]
orgs:
  - {{name: chamber, gateway_org: teahouse, hosts: [{host}], orderers: [{{name: orderer0, port: {chamber}}}]}}
  - {{name: teahouse, hosts: [{host}], peers: [{{name: peer0, port: {teahouse}}}]}}
  - {{name: bakery, hosts: [{host}], peers: [{{name: peer0, port: {bakery}}}]}}
"""


def own_address() -> str:
    """An address of this machine that containers reach, too."""
    found = [
        one.address
        for addresses in psutil.net_if_addrs().values()
        for one in addresses
        if one.family.name == "AF_INET" and not one.address.startswith("127.")
    ]
    assert found, "this machine has no address but the loopback interface's"
    return found[0]


@pytest.fixture
def hosts(engine: docker.DockerClient, tmp_path: Path) -> Iterator[dict[str, OwnHost]]:
    address, picked = own_address(), dict[str, int]()
    for org in ORGS:
        picked[org] = ports.pick(address, picked.values())
    text = DECLARATION.format(host=f"{{address: {address}}}", **picked)
    made = {org: make_organisation(tmp_path / f"of-{org}", text, org, "main") for org in ORGS}
    for org, folder in made.items():
        chosen_runtime("docker", False, folder.root).settle({org: folder.root})
    found = {org: OwnHost(folder.root) for org, folder in made.items()}
    yield found
    for host in found.values():
        host.stop()


def test_each_takes_its_own_steps_in_containers_until_all_have_what_they_need(
    engine: docker.DockerClient, hosts: dict[str, OwnHost]
) -> None:
    for host in hosts.values():
        host.take((*PREPARATION, *PUBLICATION))

    def round_of_post_and_steps() -> list[str]:
        """Everybody takes in what the others have sent, and goes on; the states that they end in."""
        for org, host in hosts.items():
            host.accept([file for other, one in hosts.items() if other != org for file in one.outbox()])
        return [host.take()[-1].state for host in hosts.values()]

    eventually(
        "all have taken all steps",
        round_of_post_and_steps,
        lambda states: {*states} <= {"done", "taken"},
        seconds=180,
    )
    for host in hosts.values():
        eventually("it is ready", lambda host=host: observe(host).problems, lambda found: not found, seconds=60)  # type: ignore[misc]
    assert len(engine.containers.list()) == 8
    assert len({one.name for one in engine.networks.list()} - {"bridge", "host", "none"}) == len(ORGS)
