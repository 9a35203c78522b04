"""What follows from the declaration alone: folder, ports, configuration."""

from __future__ import annotations

from network.folders import OrgFolder
from network.participant import Participant
from network.steps.prepare import Prepare


def test_ports_are_picked_once_and_differ(orgs: list[OrgFolder]) -> None:
    before = [org.read_ports() for org in orgs]
    for org in orgs:
        assert Prepare().done(Participant(org))
        Prepare().take(Participant(org))
    assert [org.read_ports() for org in orgs] == before
    assert {"ca", "chaincode", "peer0"} == set(before[1])
    assert {"ca", "orderer0", "orderer0.admin"} == set(before[0])
