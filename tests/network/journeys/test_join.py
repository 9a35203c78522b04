"""Organisations join a running network: killed behind each step and gone on with, two at once, and with what no step
brings about refused."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from network.channel.configuration import application, members
from network.channel.policies import in_words
from network.connection import load_org
from network.declaration import Consortium, Orderer, merchants_declaration
from network.declaration.writing import declaration_text
from network.errors import NetworkError
from network.folders import write
from network.health import observe
from network.journeys.join import JOIN
from network.journeys.local import LocalNetwork, running_network
from network.nodes.drift import drift
from tests.network.journeys.local import Killed, command, kill_behind_each_step, peer_admin
from tests.scenes.waiting import eventually

pytestmark = pytest.mark.fabric
NEWCOMERS = ("lotus", "merchant-4")


def declared(merchants: int, endorsement_k: int | None = None) -> Consortium:
    return merchants_declaration(merchants, endorsement_k=endorsement_k).model_copy(update={"name": "growing"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("joining") / "net"
    with running_network(declared(2), root):
        yield root
    assert not root.exists()


def test_a_second_merchant_joins_the_first(tmp_path: Path) -> None:
    """Both must sign then: the definition that names the newcomer is endorsed by its own peer too. With mutual TLS."""

    def alone_or_two(merchants: int) -> str:
        return declaration_text(declared(merchants).model_copy(update={"mutual_tls": True}))

    with running_network(alone_or_two(1), tmp_path / "net"):
        network = LocalNetwork(tmp_path / "net")
        assert network.join(alone_or_two(2)).endorsement_k == 2
        admin = peer_admin(network, "harbor")
        committed = admin.committed_definition(admin.own_peers[0])
        assert committed is not None
        assert committed.endorsement_policy == "OutOf(2, 'northstar.peer', 'harbor.peer')"
        assert observe(network).ready
        assert {trial.refused for trial in network.revoke("harbor", "gateway")} == {True}


def test_only_who_joins_may_be_new(folder: Path) -> None:
    network = LocalNetwork(folder)
    before = {org.name: org.declaration.read_text("utf-8") for org in network.folder.orgs}
    for changed, told in (
        (declared(3).model_copy(update={"channel": "other"}), "channel: jifen → other"),
        (declared(1), "orgs.harbor is gone"),
    ):
        with pytest.raises(NetworkError, match=told) as caught:
            network.join(declaration_text(changed))
        assert caught.value.code == "DECLARATION_CHANGED"
    lotus = declared(3).org("lotus").model_copy(update={"orderers": (Orderer(name="orderer0"),)})
    ordering = declared(3).model_copy(update={"orgs": (*declared(2).orgs, lotus)})
    with pytest.raises(NetworkError, match="lotus: ordering nodes join a running network by no step yet"):
        network.join(declaration_text(ordering))
    with pytest.raises(NetworkError, match=r"orgs.lotus is new\. Who joins, .* come with `jifen network join`"):
        network.up(declaration_text(declared(3)))
    assert {org.name: org.declaration.read_text("utf-8") for org in network.folder.orgs} == before


def test_two_join_at_once_and_killed_behind_each_step(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run is ended behind the first step that it takes and that no run before took, as a kill would end it between
    two steps; the last one comes through."""
    told: list[str] = []
    network = LocalNetwork(folder, told.append)
    text = declaration_text(declared(4))
    killed = kill_behind_each_step(JOIN, monkeypatch)
    for _ in range(len(JOIN) + 1):
        try:
            network.join(text)
            break
        except Killed:
            with pytest.raises(NetworkError, match="lotus, merchant-4 has not joined yet; `jifen network join`"):
                network.up(text)
    must_act = {step.name for step in JOIN} - {"send_first_block", "join_orderers", "catch_up", "commit_revised"}
    assert killed >= must_act - {"answer"}
    assert len([line for line in told if "an update is made anew" in line]) == 1
    assert observe(network).ready
    assert network.folder.joining == []
    must_stand(network)
    network.up(text)
    must_stand(network)


def must_stand(network: LocalNetwork) -> None:
    """Both newcomers are named everywhere, by everybody, and the channel and the chaincode ask for a majority."""
    admin = peer_admin(network, "northstar")
    config = admin.configuration()
    assert members(config) == ["harbor", "lotus", "merchant-4", "northstar", "operator"]
    policies = application(config).policies
    for name in ("Endorsement", "LifecycleEndorsement"):
        assert in_words(policies[name].policy).startswith("3 of northstar.peer, harbor.peer, ")
        assert all(f"{one}.peer" in in_words(policies[name].policy) for one in NEWCOMERS)
    committed = admin.committed_definition(admin.own_peers[0])
    assert committed is not None
    assert committed.sequence == 2
    assert committed.endorsement_policy.startswith("OutOf(3, ")
    for org in network.folder.orgs:
        view = load_org(org.root)
        assert [one.name for one in view.merchants] == ["northstar", "harbor", *NEWCOMERS]
        assert view.endorsement_k == 3


def test_another_k_comes_to_life(folder: Path) -> None:
    network = LocalNetwork(folder)
    text = declaration_text(declared(4, endorsement_k=4))
    with pytest.raises(NetworkError, match=r"endorsement\.k: none → 4"):
        network.up(text)
    assert network.join(text).endorsement_k == 4
    admin = peer_admin(network, "lotus")
    committed = admin.committed_definition(admin.own_peers[0])
    assert committed is not None
    assert (committed.sequence, committed.endorsement_policy[:9]) == (3, "OutOf(4, ")
    status = command(folder, "status")
    assert status.returncode == 0
    assert json.loads(status.stdout)["drift"] == []


def test_drift_is_shown(folder: Path) -> None:
    """The channel and the chaincode say what they said; the declaration of who looks asks for something else."""
    network = LocalNetwork(folder)
    other = network.new_participant(network.folder.org("operator"), declaration_text(declared(4, endorsement_k=3)))
    channel, chaincode = drift(other)
    assert channel.startswith("the channel lacks: policies name operator, northstar, harbor, ")
    assert channel.endswith("3 of 4 endorse")
    assert chaincode.startswith("the chaincode's policy is OutOf(4, ")
    assert "; declared is OutOf(3, " in chaincode


def test_killed_for_real_while_it_enrols(folder: Path) -> None:
    """The slowest step of those of one organisation; what it had begun is gone on with, and nobody else notices."""
    network = LocalNetwork(folder)
    file = folder.parent / "five.yaml"
    write(file, declaration_text(declared(5, endorsement_k=4)))
    line = [sys.executable, "-m", "admin.cli", "network", "join", str(file), "--folder", str(folder), "--json"]
    newcomer = network.folder.org("merchant-5")
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        eventually(
            "the first identity is enrolled",
            lambda: list(newcomer.identities.glob("*/msp/signcerts/cert.pem")),
            seconds=120,
            still_possible=lambda: must_go_on(process),
        )
        process.kill()
    assert not newcomer.connection.is_file()
    assert network.folder.joining == ["merchant-5"]
    assert observe(network).ready, "those who are in the network"
    assert "merchant-5" in network.join(file.read_text("utf-8")).orgs
    assert observe(network).ready
    assert len(members(peer_admin(network, "harbor").configuration())) == 6


def must_go_on(process: subprocess.Popen[bytes]) -> None:
    assert process.poll() is None, process.stderr and process.stderr.read()
