"""A ledger goes on with a network that has changed: so many organisations endorse from then on, and nothing in flight
is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from fabric_protos.common import common_pb2
from fabric_protos.peer import transaction_pb2

from gateway.ledger.adapters.opening import open_ledger, renew
from gateway.ledger.adapters.peer_ledger import PeerLedger
from network.connection import NetworkConnection

pytestmark = pytest.mark.fabric
PROBE = (b"ReadState", b'{"after":"~","rows":1}')


@pytest.mark.parametrize("adapter", ["fabric", "hfc"])
async def test_as_many_endorse_as_the_network_asks_for_now(network: NetworkConnection, adapter: str) -> None:
    async with open_ledger(adapter, network, "northstar") as ledger:
        assert isinstance(ledger, PeerLedger)
        heights = [asyncio.create_task(ledger.height()) for _ in range(8)]
        before = await ledger.endorse(PROBE, None)
        renew(ledger, replace(network, endorsement_k=1), "northstar", "gateway")
        after = await ledger.endorse(PROBE, None)
        assert len({await height for height in heights}) == 1
        assert await ledger.height() >= await heights[0]
        assert [signatures(before, adapter), signatures(after, adapter)] == [2, 1]


def signatures(endorsed: object, adapter: str) -> int:
    """How many organisations endorsed."""
    envelope = endorsed.envelope  # type: ignore[attr-defined]
    if adapter == "hfc":
        return len(envelope[0].responses)
    payload = common_pb2.Payload.FromString(envelope.payload)
    transaction = transaction_pb2.Transaction.FromString(payload.data)
    action = transaction_pb2.ChaincodeActionPayload.FromString(transaction.actions[0].payload).action
    return len(action.endorsements)


async def test_other_own_peers_need_a_restart(network: NetworkConnection) -> None:
    async with open_ledger("fabric", network, "northstar") as ledger:
        with pytest.raises(ValueError, match="own peers are others"):
            renew(ledger, network, "harbor", "gateway")
