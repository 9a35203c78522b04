"""What makes a network ready, by what its processes say."""

from __future__ import annotations

import dataclasses

import pytest

from network.health import NetworkState, ServiceState


def service(name: str, kind: str, height: int | None = None, state: str = "answering") -> ServiceState:
    return ServiceState("north", name, kind, state, 1, (20_001,), height, "")


def network(*services: ServiceState, tip: int = 9, whole: bool = True) -> NetworkState:
    return NetworkState("two", services, tip, whole)


ORDERER, PEER, CHAINCODE = (
    service("orderer0", "orderer", 9),
    service("peer0", "peer", 9),
    service("chaincode", "chaincode"),
)


def test_a_network_is_ready_when_nothing_stands_in_the_way() -> None:
    assert network(ORDERER, PEER, CHAINCODE).ready
    assert network(ORDERER, PEER, CHAINCODE).summary == "ready"


@pytest.mark.parametrize(
    ("services", "tip", "told"),
    [
        ((ORDERER, service("peer0", "peer", 8), CHAINCODE), 9, "north/peer0 has 8 of 9 blocks"),
        ((ORDERER, service("peer0", "peer", 10), CHAINCODE), 9, "peers have 10 blocks and the ordering nodes only 9"),
        ((ORDERER, PEER, service("chaincode", "chaincode", state="running")), 9, "north/chaincode is running"),
        ((service("orderer0", "orderer", state="stopped"), PEER, CHAINCODE), 0, "north/orderer0 is stopped"),
    ],
)
def test_what_stands_in_the_way_is_named(services: tuple[ServiceState, ...], tip: int, told: str) -> None:
    state = network(*services, tip=tip)
    assert (state.ready, state.summary, state.problems) == (False, "not ready", [told])
    assert state.document()["problems"] == [told]


def test_blocks_made_while_it_was_asked_are_no_lag() -> None:
    """The peer was asked after the tip was taken, the ordering node again after the peer."""
    assert network(service("orderer0", "orderer", 12), service("peer0", "peer", 11), tip=9).ready


def test_what_never_came_up_or_stands_still_is_not_ready() -> None:
    assert not network(ORDERER, PEER, whole=False).ready
    assert not network().ready
    stopped = [dataclasses.replace(one, state="stopped", height=None) for one in (ORDERER, PEER, CHAINCODE)]
    assert (network(*stopped).summary, network(*stopped).ready) == ("stopped", False)
