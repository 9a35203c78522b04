"""Updates of the channel's configuration are proposed, signed by who wants the same, counted and submitted once; without
any process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from network.channel.changes import Admit
from network.channel.configuration import application, copy_of, members
from network.channel.differences import differences
from network.channel.update import applied, computed_update, update_of
from network.declaration import Consortium, merchants_declaration
from network.errors import NetworkError
from network.exchange import config_update
from network.exchange.config_update import ConfigUpdate, config_update_from
from network.exchange.definition import OrgDefinition, received_definitions
from network.exchange.envelope import read_envelope
from network.exchange.post import deliver
from network.nodes.peer_admin import PeerAdmin
from network.participant import Participant
from network.steps.propose_updates import ProposeUpdates
from network.steps.sending import send
from network.steps.sign_updates import SignUpdates
from network.steps.step import Step
from network.steps.submit_updates import SubmitUpdates
from tests.network.channel.ground import Ground, make_ground, settled

pytestmark = pytest.mark.fabric
NEWCOMER = "merchant-4"
FILE = config_update.file_of(f"admit-{NEWCOMER}")


def declared(merchants: int) -> Consortium:
    return merchants_declaration(merchants, endorsement_k=None).model_copy(update={"name": "updates"})


class Channel:
    """A channel of three merchants as ordering nodes have it, which takes whatever is submitted; a fourth is declared."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ground: Ground = make_ground(folder, declared(3))
        self.config: Any = self.ground.config
        self.orgs = {one.name: one for one in settled(folder, declared(4), {NEWCOMER})}
        self.submitted = 0
        monkeypatch.setattr(PeerAdmin, "configuration", lambda admin: self.config)
        monkeypatch.setattr(PeerAdmin, "update_configuration", lambda admin, envelope: self.take())

    def take(self) -> None:
        update = update_of("jifen", self.proposed().content)
        self.config = applied(self.config, update)
        self.config.sequence += 1
        self.submitted += 1

    def proposed(self) -> ConfigUpdate:
        file = self.orgs["operator"].folder.outbox / FILE
        return config_update_from(read_envelope(file.read_bytes(), ""))

    def walk(self, step: Step, *names: str) -> None:
        for name in names:
            one = self.orgs[name]
            if not step.done(one):
                step.take(one)
            deliver(one.folder, [other.folder for other in self.orgs.values()])

    def propose(self, update: ConfigUpdate) -> None:
        """Sends an update as the operator, whatever is in it."""
        operator: Participant = self.orgs["operator"]
        send(operator, FILE, operator.envelope(config_update.TYPE, update.to_json().encode()))
        deliver(operator.folder, [other.folder for other in self.orgs.values()])


@pytest.fixture
def channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Channel:
    return Channel(tmp_path / "net", monkeypatch)


def test_an_update_goes_its_way_once(channel: Channel) -> None:
    channel.walk(ProposeUpdates(), "operator")
    channel.walk(SignUpdates(), "operator", "northstar")
    with pytest.raises(NetworkError, match="/Channel/Application/Admins needs 1 more of harbor, lotus") as caught:
        channel.walk(SubmitUpdates(), "operator")
    assert (caught.value.code, channel.submitted) == ("SIGNATURES_MISSING", 0)
    channel.walk(SignUpdates(), "harbor")
    signed = {file: file.read_bytes() for file in channel.orgs["harbor"].folder.outbox.glob("config-signature.*")}
    channel.walk(SignUpdates(), "harbor")
    assert {file: file.read_bytes() for file in signed} == signed, "it is not signed again"
    channel.walk(SubmitUpdates(), "operator")
    channel.walk(SubmitUpdates(), "operator")
    assert channel.submitted == 1
    assert NEWCOMER in members(channel.config)
    channel.walk(ProposeUpdates(), "operator")
    assert list(channel.orgs["operator"].folder.outbox.glob("config-update.*")) == [], "nothing is left to agree on"


def test_nobody_signs_what_does_more_than_it_may(channel: Channel) -> None:
    channel.walk(ProposeUpdates(), "operator")
    honest = channel.proposed()
    change = Admit(next(one for one in _definitions(channel) if one.name == NEWCOMER), None)
    more = change.made(channel.config)
    application(more).policies["Admins"].policy.CopyFrom(application(more).policies["Writers"].policy)
    content = computed_update(channel.ground.translator, "jifen", channel.config, more)
    told = (
        ("also touches Application/policies/Admins", replace(honest, content=content)),
        ("says something else than its bytes", replace(honest, leaves=honest.leaves[1:])),
        ("is not what", replace(honest, content=_less(channel, change))),
    )
    for reason, forged in told:
        channel.propose(forged)
        with pytest.raises(NetworkError, match=reason) as caught:
            channel.walk(SignUpdates(), "northstar")
        assert caught.value.code == "UPDATE_REFUSED"
        assert list(channel.orgs["northstar"].folder.outbox.glob("config-signature.*")) == []


def _definitions(channel: Channel) -> list[OrgDefinition]:
    return received_definitions(channel.orgs["operator"].folder, declared(4))


def _less(channel: Channel, change: Admit) -> bytes:
    """The newcomer comes in, and no policy names it."""
    less = copy_of(channel.config)
    application(less).groups[NEWCOMER].CopyFrom(application(change.made(channel.config)).groups[NEWCOMER])
    assert len(differences(channel.config, less)) == 1
    return computed_update(channel.ground.translator, "jifen", channel.config, less)
