"""An organisation leaves a running network, and one identity of another is revoked: refused at every door, while the
others work on and history stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fabric_protos.common import common_pb2

from network.channel.configuration import application, members, msp_of
from network.channel.policies import in_words
from network.connection import load
from network.declaration import merchants_declaration
from network.declaration.writing import declaration_text
from network.errors import NetworkError
from network.health import observe
from network.journeys import dismissal
from network.journeys.dismissal import must_be_refused
from network.journeys.leave import LEAVE
from network.journeys.local import LocalNetwork, running_network
from network.nodes.doors import Trial, Visitor, open_stream, tried, visitors_of
from tests.network.journeys.local import Killed, kill_behind_each_step, peer_admin
from tests.scenes.waiting import eventually

pytestmark = pytest.mark.fabric
DOORS = {"endorse", "evaluate", "deliver", "broadcast", "participation", "gossip"}


def declared(merchants: int) -> str:
    made = merchants_declaration(merchants, endorsement_k=None)
    return declaration_text(made.model_copy(update={"name": "shrinking"}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("leaving") / "net"
    with running_network(declared(3), root):
        yield root
    assert not root.exists()


def visitor(network: LocalNetwork, org: str, name: str) -> Visitor:
    one = network.participant(org)
    return next(found for found in visitors_of(one.folder, one.org.msp) if found.name == name)


def doors(network: LocalNetwork, one: Visitor, insider: str) -> list[Trial]:
    view = network.participant(insider).view()
    return list(tried(one, view, list(view.org(insider).peers)))


def test_a_revoked_certificate_is_refused_and_the_identity_goes_on_with_a_new_one(folder: Path) -> None:
    network = LocalNetwork(folder)
    lost = visitor(network, "harbor", "gateway")
    assert [trial for trial in doors(network, lost, "northstar") if trial.refused] == []
    trials = network.revoke("harbor", "gateway")
    assert {trial.door for trial in trials} == DOORS
    assert {trial.visitor for trial in trials} == {"gateway"}
    assert all(trial.refused for trial in trials)
    new = visitor(network, "harbor", "gateway")
    assert new.certificate != lost.certificate
    assert [trial for trial in doors(network, new, "northstar") if trial.refused] == []
    assert all(trial.refused for trial in doors(network, lost, "northstar"))
    assert len(msp_of(peer_admin(network, "lotus").configuration(), "harbor").revocation_list) == 1
    assert observe(network).ready


@pytest.mark.parametrize(
    ("org", "identity", "told"), [("nobody", "gateway", "no org"), ("harbor", "admin", "the admin signs")]
)
def test_what_cannot_be_revoked_is_told(folder: Path, org: str, identity: str, told: str) -> None:
    with pytest.raises(NetworkError, match=told):
        LocalNetwork(folder).revoke(org, identity)


def test_a_door_that_is_open_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = LocalNetwork(folder)
    monkeypatch.setattr(dismissal, "LIMIT_SECONDS", 0)
    with pytest.raises(NetworkError, match=r"gateway: endorse at peer0\.northstar\.example") as caught:
        must_be_refused(network, [visitor(network, "lotus", "gateway")], [network.participant("northstar")])
    assert caught.value.code == "STILL_LET_IN"


def test_who_leaves_is_named_nowhere_and_refused_everywhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = LocalNetwork(folder)
    with pytest.raises(NetworkError, match="2 of 3 merchants must approve"):
        network.leave(declared(1))
    leaving = visitor(network, "lotus", "admin")
    northstar = peer_admin(network, "northstar")
    spoken_with = northstar.known_peers(northstar.own_peers[0])
    assert visitor(network, "lotus", "peer0").certificate.strip() in [one.strip() for one in spoken_with]
    view = network.participant("lotus").view()
    height = network.peer_height("northstar", "peer0")
    opened = [open_stream(leaving, view, node) for node in (view.orderers[0], view.org("northstar").peers[0])]
    for _, stream in opened:
        assert next(stream).WhichOneof("Type") == "block"
    killed = kill_behind_each_step(LEAVE, monkeypatch)
    trials: list[Trial] = []
    while not trials:
        with suppress(Killed):
            trials = network.leave(declared(2))
    assert killed >= {"connect_passing", "approve", "commit_revised", "propose_updates", "submit_updates"}
    for connection, stream in opened:
        (*blocks, last) = stream
        assert {block.WhichOneof("Type") for block in blocks} == {"block"}
        assert last.status == common_pb2.FORBIDDEN, "a stream that was open is ended"
        connection.close()
    assert {trial.visitor for trial in trials} == {"admin", "gateway", "peer0"}
    assert {trial.door for trial in trials} == DOORS
    assert {trial.node.partition(".")[2] for trial in trials} == {
        "operator.example",
        "northstar.example",
        "harbor.example",
    }
    admin = peer_admin(network, "northstar")
    config = admin.configuration()
    assert members(config) == ["harbor", "northstar", "operator"]
    for policy in ("Readers", "Writers", "Endorsement", "LifecycleEndorsement"):
        assert "lotus" not in in_words(application(config).policies[policy].policy)
    committed = admin.committed_definition(admin.own_peers[0])
    assert committed is not None
    assert (committed.sequence, committed.endorsement_policy) == (2, "OutOf(2, 'northstar.peer', 'harbor.peer')")
    assert list(load(folder).orgs) == ["operator", "northstar", "harbor"]
    assert [one.name for one in network.folder.left] == ["lotus"]
    assert not [service for service in network.services() if service.org == "lotus"]
    assert network.peer_height("northstar", "peer0") > height, "history stays, and goes on"
    assert observe(network).ready
    network.up(declared(2))
    eventually("all is well", lambda: observe(network).ready, seconds=30)
    assert network.leave(declared(2)) == []
