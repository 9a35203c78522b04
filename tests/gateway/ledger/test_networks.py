"""Two networks whose channel and chaincode are called the same: what is signed for one is good on that one alone."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from chaincode.cases.world import PLACE, class_args, consortium_args
from chaincode.signing import MemberKey
from gateway.ledger.adapters.embedded import EmbeddedHost, EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.ledger.adapters.embedded_store import EmbeddedStore
from gateway.ledger.errors import Rejected
from gateway.ledger.verification import Replayed, verify
from tests.scenes.consortium import NONCE

ALICE, BOB = MemberKey.derived("two networks: alice"), MemberKey.derived("two networks: bob")
CARD = hashlib.sha256(b"a card of the first edition").hexdigest()
DAY_SECONDS = 86_400


class Network:
    """A network of one merchant, at which alice has ten points, and twenty on an old card."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.host = EmbeddedHost(file)
        self.ledgers = {
            name: EmbeddedLedger(self.host, embedded_identity(*name))
            for name in (("operator", "admin"), ("northstar", "admin"), ("northstar", "gateway"))
        }
        self.place = self.host.store.place

    async def do(self, entry: dict[str, Any], msp_id: str = "northstar", role: str = "gateway") -> Any:
        """The receipt of an operation that must be accepted. Raises Rejected."""
        return (await self.ledgers[msp_id, role].submit(entry)).checked()

    async def open(self) -> None:
        """Sets the scene."""
        await self.do(entry("OpenConsortium", consortium_args(network_id=self.place.network)), "operator", "admin")
        await self.do(entry("RegisterMerchant", {"msp_id": "northstar", "name": "北辰书店"}), "operator", "admin")
        await self.do(entry("JoinConsortium", {}), role="admin")
        await self.do(entry("DefineClass", class_args("north")))
        await self.do(entry("Issue", {"address": ALICE.address, "class_id": "north", "points": 10}))
        rows = [{"points": 20, "reference_hash": CARD}]
        await self.do(entry("ImportBalances", {"class_id": "north", "control_total_points": 20, "entries": rows}))

    async def close(self) -> None:
        for ledger in self.ledgers.values():
            await ledger.close()


def entry(op: str, args: dict[str, Any], request_id: str = "") -> dict[str, Any]:
    """An operation that is good for a day."""
    valid_until = int(time.time()) + DAY_SECONDS
    return {"args": args, "op": op, "request_id": request_id or op, "valid_until": valid_until}


async def refused(network: Network, one: dict[str, Any], *speaker: str) -> str:
    """The code with which a network refuses an operation."""
    with pytest.raises(Rejected) as refusal:
        await network.do(one, *speaker)
    return refusal.value.code


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Network, Network]]:
    """Both, open and alike."""
    networks = Network(tmp_path / "own.sqlite"), Network(tmp_path / "other.sqlite")
    with ExitStack() as stack:
        for one in networks:
            stack.callback(lambda one=one: asyncio.run(one.close()))  # type: ignore[misc]
            asyncio.run(one.open())
        yield networks


def test_a_signature_is_good_on_its_own_network_alone(two: tuple[Network, Network]) -> None:
    async def attack() -> None:
        own, other = two
        assert (own.place.channel, own.place.chaincode) == (other.place.channel, other.place.chaincode)
        recipients = [{"address": BOB.address, "points": 4}]
        signed = ALICE.authorise(entry("Transfer", {"class_id": "north", "recipients": recipients}), own.place)
        assert await refused(other, signed) == "SIGNATURE_INVALID"
        await own.do(signed)
        assert await refused(other, signed) == "SIGNATURE_INVALID"
        consent = entry("EnrollMember", ALICE.enrolment("northstar", own.place))
        assert await refused(other, consent) == "CONSENT_INVALID"
        await own.do(consent)
        move = ALICE.authorise(entry("MoveHome", {"home_msp": "northstar"}), own.place)
        assert await refused(other, move) == "SIGNATURE_INVALID"
        asked = entry("WithdrawToWallet", {})
        asked["args"] = ALICE.withdrawal("north", CARD, 20, asked["request_id"], asked["valid_until"], own.place)
        assert await refused(other, asked) == "CONSENT_INVALID"
        await own.do(asked)

    asyncio.run(attack())


def test_no_network_is_opened_as_another(tmp_path: Path) -> None:
    own, other = Network(tmp_path / "own.sqlite"), Network(tmp_path / "other.sqlite")

    async def attack() -> None:
        borrowed = entry("OpenConsortium", consortium_args(network_id=other.place.network))
        assert await refused(own, borrowed, "operator", "admin") == "NETWORK_DIFFERS"
        await own.close()
        await other.close()

    asyncio.run(attack())


def test_a_ledger_is_the_same_network_for_all_time(two: tuple[Network, Network]) -> None:
    own, other = two
    assert own.place != other.place
    again = EmbeddedStore(own.file, own.place.channel, own.place.chaincode)
    try:
        assert again.place == own.place
        (first,) = again.blocks(0, 0)
        assert (first.hash.hex(), first.transactions) == (own.place.network, ())
    finally:
        again.close()


def test_a_replay_holds_a_chain_to_its_own_first_block(two: tuple[Network, Network]) -> None:
    own, _ = two

    async def replayed() -> bool:
        return (await verify(own.ledgers["northstar", "gateway"], Replayed("jifen", "jifen"))).passed

    assert asyncio.run(replayed())


def test_the_vectors_are_signed_for_the_network_of_the_tests_ledger(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "ledger.sqlite", PLACE.channel, PLACE.chaincode, NONCE)
    assert store.place == PLACE
    store.close()
