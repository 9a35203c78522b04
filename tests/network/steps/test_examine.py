"""The first block is held against what an organisation itself has received, by Fabric's own program."""

from __future__ import annotations

import pytest

from network.errors import NetworkError
from network.exchange.channel_block import configuration_of
from network.folders import OrgFolder
from network.participant import Participant
from network.steps.examine import Examine, differences
from network.steps.genesis import MakeGenesis
from network.steps.publish import Publish
from tests.network.prepared import identify, post


@pytest.fixture
def told(orgs: list[OrgFolder]) -> list[OrgFolder]:
    """Organisations with a real first block, delivered."""
    post(orgs)
    (orgs[0].outbox / "channel.json").unlink()
    MakeGenesis().take(Participant(orgs[0]))
    post(orgs)
    return orgs


def test_a_good_block_is_examined_once(told: list[OrgFolder]) -> None:
    for org in told:
        one = Participant(org)
        assert not Examine().done(one)
        Examine().take(one)
        assert Examine().done(one)
    assert len({org.network_id for org in told}) == 1
    assert sorted(one.name for one in told[1].root.iterdir() if one.is_dir() and one.name.startswith("tmp")) == []


def test_an_operator_who_changes_an_organisations_root_is_found_out(told: list[OrgFolder]) -> None:
    kept = (told[2].msp / "cacerts/ca.pem").read_bytes()
    identify(told[2])
    Publish().take(Participant(told[2]))
    assert (told[2].msp / "cacerts/ca.pem").read_bytes() != kept
    post(told)
    with pytest.raises(
        NetworkError, match=r"is not what was agreed on: channel/Application/harbor/MSP differs"
    ) as caught:
        Examine().take(Participant(told[1]))
    assert caught.value.code == "FILE_REFUSED"
    assert not told[1].network_id_file.exists()


def test_each_place_that_differs_is_named(told: list[OrgFolder]) -> None:
    _, found = configuration_of((told[0].root / "genesis/channel.block").read_bytes())
    changed = type(found)()
    changed.CopyFrom(found)
    group = changed.channel_group.groups["Application"]
    group.groups["thief"].CopyFrom(group.groups["harbor"])
    del group.groups["northstar"]
    group.policies["Endorsement"].mod_policy = "Thieves"
    assert differences(found.channel_group, changed.channel_group) == [
        "channel/Application/northstar is missing",
        "channel/Application/thief is not agreed on",
        "channel/Application/Endorsement differs",
    ]
