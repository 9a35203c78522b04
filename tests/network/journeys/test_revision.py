"""A network follows a revised declaration as far as its steps reach, and refuses what no step can bring about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from network.connection import load
from network.declaration import Peer, merchants_declaration
from network.declaration.writing import declaration_text
from network.errors import NetworkError
from network.folders import write
from network.health import observe
from network.journeys.local import LocalNetwork, running_network
from network.steps.prepare import Prepare

MADE = merchants_declaration(2)
HARBOR = MADE.org("harbor").model_copy(update={"display_name": "Harbor", "roles": ("cashier",)})
DECLARATION = MADE.model_copy(update={"orgs": (*MADE.orgs[:-1], HARBOR)})
TEXT = declaration_text(DECLARATION)


def pids(network: LocalNetwork) -> dict[str, int | None]:
    return {service.label: network.runtime.status(service).pid for service in network.services()}


def revised(**harbor: object) -> str:
    """The declaration with harbor's part changed."""
    own = HARBOR.model_copy(update=harbor)
    return declaration_text(DECLARATION.model_copy(update={"orgs": (*MADE.orgs[:-1], own)}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("revision") / "net"
    with running_network(TEXT, root):
        yield root


@pytest.mark.fabric
def test_what_steps_can_bring_about_is_followed(folder: Path) -> None:
    told: list[str] = []
    network = LocalNetwork(folder, told.append)
    before = pids(network)
    peer = HARBOR.peers[0].model_copy(update={"metrics_port": "auto"})
    text = revised(display_name="Harbor Records", peers=(peer,), roles=("cashier", "auditor"))
    # As a run leaves it that is interrupted after the first organisation.
    Prepare().take(network.new_participant(network.folder.org("operator"), text))
    connection = network.up(text)
    after = pids(network)
    assert {label for label in after if after[label] != before[label]} == {"harbor/peer0"}
    assert observe(network).ready
    assert connection.org("harbor").display_name == "Harbor Records"
    assert connection.org("harbor").identity("auditor").certificate.is_file()
    assert load(folder / "orgs" / "northstar").org("harbor").display_name == "Harbor Records"
    assert {org.declaration.read_text("utf-8") for org in network.folder.orgs} == {text}
    assert network.folder.declaration.read_text("utf-8") == text
    metrics = next(service.metrics for service in network.services() if service.label == "harbor/peer0")
    assert metrics is not None
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(metrics, timeout=10).status_code == 200
    lines = "\n".join(told)
    assert "orgs.harbor.display_name: Harbor → Harbor Records (publish, connect)" in lines
    assert "orgs.harbor.roles: cashier → cashier, auditor (enrol, connect)" in lines
    network.up(text)
    assert pids(network) == after


@pytest.mark.fabric
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"roles": ()}, "orgs.harbor.roles: cashier"),
        ({"peers": (*HARBOR.peers, Peer(name="peer1"))}, "orgs.harbor.peers.peer1 is new"),
        ({"domain": "harbor.test", "display_name": "Another"}, "orgs.harbor.domain: none → harbor.test"),
    ],
)
def test_what_no_step_can_bring_about_is_refused_by_name(folder: Path, change: dict[str, object], told: str) -> None:
    network = LocalNetwork(folder)
    before, kept = pids(network), network.folder.org("harbor").declaration.read_text("utf-8")
    with pytest.raises(NetworkError) as caught:
        network.up(revised(**change))
    assert caught.value.code == "DECLARATION_CHANGED"
    assert told in caught.value.detail
    assert "display_name" not in caught.value.detail, "that alone would be followed"
    assert network.folder.org("harbor").declaration.read_text("utf-8") == kept
    assert pids(network) == before


def test_an_owners_declaration_in_the_folder_is_not_written_over(tmp_path: Path) -> None:
    network = LocalNetwork(tmp_path)
    write(network.folder.declaration, TEXT)
    network.folder.claim(org.name for org in DECLARATION.orgs)
    Prepare().take(network.new_participant(network.folder.org("harbor"), TEXT))
    with pytest.raises(NetworkError, match="is another declaration") as caught:
        network.up(revised(display_name="Harbor Records"))
    assert caught.value.code == "DECLARATION_CHANGED"
    for follow in (network.join, network.leave):
        with pytest.raises(NetworkError, match="is another declaration"):
            follow(revised(display_name="Harbor Records"))
    assert network.folder.declaration.read_text("utf-8") == TEXT


def test_a_port_that_another_service_of_the_network_has_is_refused(tmp_path: Path) -> None:
    network = LocalNetwork(tmp_path)
    network.folder.claim(org.name for org in DECLARATION.orgs)
    folder = network.folder.org("harbor")
    Prepare().take(network.new_participant(folder, TEXT))
    port = folder.read_ports()["peer0"]
    peer = HARBOR.peers[0].model_copy(update={"metrics_port": port})
    with pytest.raises(
        NetworkError, match=f"harbor/peer0.metrics needs port {port}, which is that of harbor/peer0"
    ) as caught:
        network.up(revised(peers=(peer,)))
    assert caught.value.code == "PORT_TAKEN"
    assert folder.declaration.read_text("utf-8") == TEXT


def test_an_organisation_whose_preparation_was_interrupted_is_none_yet(tmp_path: Path) -> None:
    network = LocalNetwork(tmp_path / "net")
    network.folder.claim(org.name for org in DECLARATION.orgs)
    folder = network.folder.org("harbor")
    Prepare().take(network.new_participant(folder, TEXT))
    folder.declaration.unlink()
    assert network.services() == []
    assert not Prepare().done(network.new_participant(folder, TEXT))
    assert network.down() == []
    assert not network.folder.root.exists()
