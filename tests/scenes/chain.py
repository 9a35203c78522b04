"""Random chains on the embedded ledger: the conformance actor's transactions, one block each, the same for the same
seed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from chaincode.cases.world import (
    CAP,
    CLASSES,
    DAY,
    MERCHANTS,
    OPERATOR,
    PEOPLE,
    PLACE,
    Speaker,
    World,
    class_args,
    consortium_args,
    deposit,
    grants,
    refill,
)
from chaincode.conformance.actor import Actor, Step
from chaincode.spec.kernel.canonical import encode
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.limits import REFUND_SHARD
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.ledger.adapters.embedded_store import EmbeddedStore
from gateway.ledger.port import Identity
from tests.scenes.consortium import NONCE

ACCOUNTS = [person.address for person in PEOPLE.values()]
STEP_SECONDS = (0, 0, 0, 0, 0, 0, 1, 60, 3600, DAY, DAY, 40 * DAY, -30)


class ChainWorld(World):
    """A world whose transactions are blocks of an embedded ledger's file."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.store = EmbeddedStore(file, PLACE.channel, PLACE.chaincode, NONCE)
        self._identities: dict[Speaker, Identity] = {}

    def invoke(self, speaker: Speaker, function: str, arguments: list[bytes]) -> Any:
        """One transaction; a refusal leaves no block."""
        committed = self.store.invoke(self._identity(speaker), self.now, function, arguments)
        self.state.commit(committed.response.writes)
        return committed

    def carry_out(self, speaker: Speaker, entry: Any, shard: int) -> Any:
        """The result of an entry that must be accepted, in a block of its own."""
        committed = self.invoke(speaker, "Apply", [encode({"operations": [entry], "shard": shard})])
        assert json.loads(committed.response.payload) == [None], committed
        return json.loads(committed.response.event)["operations"][0]["result"]

    def _identity(self, speaker: Speaker) -> Identity:
        if speaker not in self._identities:
            key = None
            if speaker.public_key:
                key = next(person.private_key for person in PEOPLE.values() if person.public_key == speaker.public_key)
            assert key is None or isinstance(key, ec.EllipticCurvePrivateKey)
            self._identities[speaker] = embedded_identity(speaker.msp_id, speaker.role, key)
        return self._identities[speaker]


def standard_chain(file: Path) -> ChainWorld:
    """Three merchants with a class and limits each; alice, bob and carol have 500 points of each class; alice and bob
    are enrolled."""
    world = ChainWorld(file)
    admin, operator = Speaker("operator", "admin"), Speaker("operator")
    world.do("OpenConsortium", consortium_args(refund_days=30), admin)
    for msp_id, name in MERCHANTS.items():
        world.do("RegisterMerchant", {"msp_id": msp_id, "name": name}, admin)
        world.do("JoinConsortium", {}, Speaker(msp_id, "admin"))
        world.do("DepositCollateral", deposit(msp_id, 12 * CAP), operator)
        world.do("SetLimits", {"issuer_msp": msp_id, "limits": grants(msp_id)}, msp_id)
    for issuer in MERCHANTS:
        for acceptor in MERCHANTS:
            if acceptor != issuer:
                world.do("RefillLimit", refill(issuer, acceptor, 1), acceptor)
                world.do("RefillLimit", refill(issuer, acceptor, REFUND_SHARD), issuer)
    for class_id, (issuer, unit_value) in CLASSES.items():
        world.do("DefineClass", class_args(class_id, unit_value), issuer)
    for name, home in (("alice", "northstar"), ("bob", "harbor")):
        world.do("EnrollMember", PEOPLE[name].enrolment(home, PLACE), home)
    for name in ("alice", "bob", "carol"):
        for class_id in CLASSES:
            issue(world, class_id, 500, name)
    return world


def issue(world: ChainWorld, class_id: str, points: int, name: str = "alice") -> Any:
    """Issues points of a class to a person."""
    args = {"address": PEOPLE[name].address, "class_id": class_id, "points": points}
    return world.do("Issue", args, CLASSES[class_id][0])


def settle(world: ChainWorld) -> None:
    """A window in which each merchant takes points of both others, closed."""
    for class_id, (issuer, _) in CLASSES.items():
        issue(world, class_id, 20)
        for acceptor in MERCHANTS:
            if acceptor != issuer:
                spend = {"acceptor_msp": acceptor, "class_ids": [class_id], "order_ref": "till", "points": 10}
                world.do("Redeem", spend, acceptor, member="alice")
    window = {"window_id": json.loads(world.state.values["current_window"])["window_id"]}
    world.do("CutWindow", window, OPERATOR)
    world.do("CloseWindow", window, OPERATOR)


def grow(world: ChainWorld, transactions: int, seed: int) -> None:
    """Adds so many random transactions, of one to four operations, accepted or not."""
    chance = random.Random(seed)
    actor = Actor(world, numbered_from=seed * 1_000_000)
    for _ in range(transactions):
        steps = [
            Step(
                chance.randrange(128),
                *(chance.randrange(64) for _ in range(3)),
                chance.randrange(301),
                chance.randrange(192),
            )
            for _ in range(chance.randint(1, 4))
        ]
        world.now = max(world.now + chance.choice(STEP_SECONDS), 0)
        call = actor.call(steps)
        try:
            world.invoke(call.speaker, call.function, call.arguments)
        except Refusal:
            continue  # no block, as on Fabric


def everything(ask: Callable[..., Any], limit: int = 7, **filters: Any) -> list[Any]:
    """All items of a list, page by page."""
    items, cursor = [], None
    while True:
        found = ask(cursor=cursor, limit=limit, **filters)
        assert len(found.items) > 0 or found.next is None
        items += found.items
        cursor = found.next
        if cursor is None:
            return items
