"""Two implementations on one real network: one merchant runs the Go chaincode, the other the Python spec, and every transaction needs
the endorsement of both, which Fabric compares byte for byte."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio

from chaincode.spec.operations import OPERATIONS
from chaincode.spec.queries import QUERIES
from gateway.ledger.adapters.opening import open_ledger
from gateway.ledger.errors import Rejected
from gateway.ledger.port import Ledger
from gateway.ledger.verification import Replayed, verify
from network.connection import NetworkConnection
from network.declaration import merchants_declaration
from network.errors import NetworkError
from network.folders import OrgFolder
from network.journeys.local import running_network
from network.nodes.peer_command import PeerCommand
from network.programs.program_sets import provide
from tests.system.story import ALICE, BOB, Story

pytestmark = [pytest.mark.fabric, pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="module")]

BOTH = {"northstar", "harbor"}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetworkConnection]:
    """A network in which one merchant endorses in Go and the other in Python."""
    declaration = merchants_declaration(2, endorsement_k=2, replay=True, python_merchants=1)
    assert [org.chaincode.implementation for org in declaration.orgs if org.peers] == ["go", "python"]
    with running_network(declaration, tmp_path_factory.mktemp("two") / "network") as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(network: NetworkConnection) -> AsyncIterator[Story]:
    """The story, told on that network."""
    assert network.endorsement_k == 2
    async with AsyncExitStack() as stack:
        ledgers: dict[tuple[str, str], Ledger] = {}
        for org, identity in itertools.product(("operator", *sorted(BOTH)), ("admin", "gateway")):
            ledger = open_ledger("fabric", network, org, identity_name=identity)
            ledgers[org, identity] = await stack.enter_async_context(ledger)
        told = Story(ledgers)
        await told.tell()
        log = (network.folder / "orgs" / "harbor" / "logs" / "chaincode.log").read_text("utf-8")
        assert " INFO serving on 127.0.0.1:" in log
        assert " DEBUG " not in log
        yield told


async def test_every_operation_was_endorsed_by_both_and_is_valid(story: Story) -> None:
    endorsed: dict[str, set[str]] = {}
    async for block in story.ledgers["harbor", "gateway"].blocks():
        for transaction in block.transactions:
            if transaction.function in OPERATIONS:
                assert transaction.validation_code == "VALID", (transaction.function, transaction.validation_code)
                assert set(transaction.endorser_msp_ids) == BOTH, transaction.function
                endorsed[str(transaction.function)] = set(transaction.endorser_msp_ids)
    without = set(OPERATIONS) - set(endorsed)
    assert not without, f"no case for {sorted(without)}: add them to tests/system/story.py"


async def test_a_batch_is_endorsed_by_both_with_its_refusals(story: Story) -> None:
    ledger = story.ledgers["northstar", "gateway"]
    issue = {"address": ALICE.address, "class_id": "north", "points": 70}
    nothing = {"address": ALICE.address, "class_id": "none", "points": 70}
    much = {"class_id": "north", "recipients": [{"address": BOB.address, "points": 10**9}]}
    some = {"class_id": "north", "recipients": [{"address": BOB.address, "points": 30}]}
    batch = [
        story.operation("Issue", issue),
        story.operation("Issue", nothing),
        story.operation("Transfer", much, ALICE),
        story.operation("Transfer", some, ALICE),
    ]
    batch.append(batch[0])
    result = await ledger.submit_many(batch, shard=3, timestamp=story.now)
    codes = [receipt.code for receipt in result.receipts]
    assert codes == ["OK", "UNKNOWN_CLASS", "INSUFFICIENT_POINTS", "OK", "OK"]
    assert result.receipts[-1].repeated
    assert result.block_number is not None
    (transaction,) = [
        transaction
        async for block in ledger.blocks(result.block_number, result.block_number)
        for transaction in block.transactions
        if transaction.transaction_id == result.transaction_id
    ]
    assert (transaction.function, transaction.validation_code) == ("Apply", "VALID")
    assert set(transaction.endorser_msp_ids) == BOTH


@pytest.mark.parametrize("org", sorted(BOTH))
async def test_a_refusal_is_told_alike(story: Story, org: str) -> None:
    with pytest.raises(Rejected) as refused:
        await story.ledgers[org, "gateway"].submit(story.operation("CutWindow", {"window_id": 9}), timestamp=story.now)
    assert (refused.value.code, refused.value.detail) == ("NOT_OPERATOR", org)


@pytest.mark.parametrize("org", sorted(BOTH))
async def test_the_peer_command_asks_without_an_argument(story: Story, network: NetworkConnection, org: str) -> None:
    peer = PeerCommand(OrgFolder(network.folder / "orgs" / org), org, provide(), network.gateway_peer(org))
    line = ("chaincode", "query", "-C", network.channel, "-n", network.chaincode, "-c")
    for name in ("GetConsortium", "ListMerchants"):
        told = json.loads(peer.run(*line, json.dumps({"Args": [name]})))
        assert told == await story.ledgers[org, "gateway"].evaluate(name, {})
    with pytest.raises(NetworkError, match="INVALID_ARGUMENT: class_id"):
        peer.run(*line, json.dumps({"Args": ["GetClass"]}))


async def test_every_query_is_answered_alike(story: Story) -> None:
    go, python = story.ledgers["northstar", "gateway"], story.ledgers["harbor", "gateway"]
    issue = {"address": ALICE.address, "class_id": "north", "points": 5}
    issuance = (await story.do("northstar", "Issue", issue))["issuance"]
    newest = max(await go.height(), await python.height()) - 1
    rows = (await go.evaluate("ListRedemptions", {"authoriser": ALICE.address}))["rows"]
    holds = (await go.evaluate("ListHolds", {"authoriser": ALICE.address}))["rows"]
    proposals = (await go.evaluate("ListProposals", {}))["rows"]
    known: dict[str, Any] = {
        "about": f"redemption/{ALICE.address}/{rows[0]['key']}",
        "account": ALICE.address,
        "acceptor_msp": "harbor",
        "address": BOB.address,
        "after": None,
        "authoriser": ALICE.address,
        "class_id": "north",
        "from_class_id": "harbor",
        "hold_id": f"{ALICE.address}/{holds[0]['key']}",
        "issuance_id": issuance["issuance_id"],
        "issuer_msp": "northstar",
        "msp_id": "northstar",
        "owner": ALICE.address,
        "proposal_id": proposals[0]["key"],
        "redemption_id": f"{ALICE.address}/{rows[0]['key']}",
        "request_id": rows[0]["key"],
        "rows": 3,
        "shard": 0,
        "spender": BOB.address,
        "status": "SPLIT",
        "to_class_id": "north",
        "window_id": 1,
    }
    for ledger in (go, python):
        await ledger.wait_for_block(newest)
    answers = {}
    for name, query in QUERIES.items():
        arguments = {field: known[field] for field in query.arguments}
        answers[name] = await go.evaluate(name, arguments, timestamp=story.now)
        assert answers[name] == await python.evaluate(name, arguments, timestamp=story.now), name
    assert answers["GetRedemption"]["points"] == 350
    assert len(answers["ListMerchants"]["rows"]) == 3
    told = []
    for ledger in (go, python):
        with pytest.raises(Rejected) as refused:
            await ledger.evaluate("GetClass", {"class_id": "none"}, timestamp=story.now)
        told.append((refused.value.code, refused.value.detail))
    assert told == [("UNKNOWN_CLASS", "none")] * 2


async def test_both_peers_hold_what_the_rules_give(story: Story) -> None:
    replayed = Replayed("jifen", "jifen")
    for org in sorted(BOTH):
        found = await verify(story.ledgers[org, "gateway"], replayed)
        assert found.passed, found.differences
        assert found.transactions >= len(OPERATIONS)
