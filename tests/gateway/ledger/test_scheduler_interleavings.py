"""Thousands of interleavings over a few hot keys, with delays, failures and lost answers: as if the operations had run one after the other.

Each example draws operations of a few members and when they arrive, one or two gateways with one to four lanes, and for each transaction how long its
stages take and what goes wrong with it. Afterwards: every caller got one final answer; what the callers were told is what stands on the ledger; nothing
stands there twice; and the state is, byte for byte, that of a serial run in the order of the commits.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaincode.cases.world import CAP, DAY, PLACE, World, person, sliced, standard
from chaincode.spec.invariants import check
from chaincode.spec.kernel.apply import apply_batch
from chaincode.spec.kernel.limits import REFUND_SHARD
from chaincode.spec.kernel.memory_state import MemoryState
from chaincode.spec.operations import OPERATIONS
from gateway.ledger.errors import CommitFailed, EndorseFailed, LedgerError, OutcomeUnknown, Rejected
from gateway.ledger.port import Operation, Receipt, TransactionResult
from gateway.ledger.scheduling import Bounds, Scheduler
from tests.gateway.ledger.virtual_time import run
from tests.scenes.optimistic import ENDORSE_SECONDS, Channel, OptimisticLedger

MEMBERS = [person(number) for number in range(4)]
POINTS_EACH = 12
GATEWAYS = ("northstar", "harbor")
FATES = ("fine", "fine", "fine", "not endorsed", "mismatch", "conflict", "lost", "lost but committed", "committed late")


@dataclass(frozen=True)
class Wish:
    """What a caller wants: `kind` of operation by the member `a`, to `b`; through `gateway`, after `wait` milliseconds."""

    kind: str
    a: int
    b: int
    points: int
    gateway: int
    wait: int


@dataclass(frozen=True)
class Trouble:
    """What becomes of a transaction: milliseconds before it reaches the ledger, and its fate."""

    milliseconds: int
    fate: str


members = st.integers(0, len(MEMBERS) - 1)
wishes = st.lists(
    st.builds(
        Wish,
        kind=st.sampled_from(("gift", "transfer", "transfer", "redeem", "redeem", "refund")),
        a=members,
        b=members,
        points=st.integers(1, 9),
        gateway=st.integers(0, 1),
        wait=st.integers(0, 40),
    ),
    min_size=2,
    max_size=24,
)
troubles = st.lists(
    st.builds(Trouble, milliseconds=st.integers(0, 60), fate=st.sampled_from(FATES)), min_size=1, max_size=20
)


class TroubledLedger(OptimisticLedger):
    """Transactions take as long and go as wrong as was drawn, each in its turn; when the list is at its end, all is well."""

    def __init__(self, channel: Channel, msp_id: str, drawn: list[Trouble]) -> None:
        super().__init__(channel, msp_id)
        self._drawn = drawn
        self.late: set[asyncio.Task[Any]] = set()

    async def submit_many(
        self, operations: Sequence[Operation], *, shard: int = 0, timestamp: int | None = None
    ) -> TransactionResult:
        trouble = self._drawn.pop() if self._drawn else Trouble(0, "fine")
        await asyncio.sleep(trouble.milliseconds / 1000)
        match trouble.fate:
            case "not endorsed":
                raise EndorseFailed("LEDGER_UNAVAILABLE", "", passing=True)
            case "mismatch":
                raise EndorseFailed("ENDORSEMENT_MISMATCH", "", passing=True)
            case "conflict":
                raise CommitFailed("MVCC_READ_CONFLICT", "", transaction_id="x", block_number=0)
            case "lost":
                raise OutcomeUnknown("OUTCOME_UNKNOWN", "", transaction_id="x", passing=True)
            case "lost but committed":
                await super().submit_many(operations, shard=shard, timestamp=timestamp)
                raise OutcomeUnknown("OUTCOME_UNKNOWN", "", transaction_id="x", passing=True)
            case "committed late":
                self.late.add(asyncio.create_task(self._some_time(operations, shard, trouble.milliseconds / 100)))
                await asyncio.sleep(ENDORSE_SECONDS)
                raise OutcomeUnknown("OUTCOME_UNKNOWN", "", transaction_id="x", passing=True)
        return await super().submit_many(operations, shard=shard, timestamp=timestamp)

    async def _some_time(self, operations: Sequence[Operation], shard: int, seconds: float) -> None:
        """It is endorsed now and lies with the orderers, though its sender gives it up."""
        slow = OptimisticLedger(self.channel, self.msp_id)
        slow.order_seconds = seconds
        try:
            await slow.submit_many(operations, shard=shard)
        except CommitFailed:
            return


def beginning() -> World:
    world = standard()
    for number, key in enumerate(MEMBERS):
        args = {"address": key.address, "class_id": "north", "points": POINTS_EACH}
        world.do("Issue", args, "northstar", request_id=f"first{number}")
    for shard in range(4):
        for acceptor in ("harbor", "lotus"):
            sliced(world, CAP, shard=shard, acceptor=acceptor)
            sliced(world, CAP, shard=REFUND_SHARD + shard, issuer=acceptor, acceptor="northstar")
    return world


BEGINNING = beginning()


def operation(wish: Wish, number: int, redeemed: list[tuple[str, int]]) -> dict[str, Any]:
    """The wish as an operation. A refund is of a redemption that was wished before at the same gateway, or of none."""
    a, b, request_id = MEMBERS[wish.a], MEMBERS[wish.b], f"w{number}"
    entry: dict[str, Any] = {"request_id": request_id, "valid_until": BEGINNING.now + DAY}
    match wish.kind:
        case "gift":
            class_id = "north" if GATEWAYS[wish.gateway] == "northstar" else "harbor"
            return {**entry, "op": "Issue", "args": {"address": a.address, "class_id": class_id, "points": wish.points}}
        case "transfer":
            args = {"class_id": "north", "recipients": [{"address": b.address, "points": wish.points}]}
            return a.authorise({**entry, "op": "Transfer", "args": args}, PLACE)
        case "redeem":
            redeemed.append((f"{a.address}/{request_id}", wish.gateway))
            where = GATEWAYS[wish.gateway]
            args = {"acceptor_msp": where, "class_ids": ["north"], "order_ref": "o", "points": wish.points}
            return a.authorise({**entry, "op": "Redeem", "args": args}, PLACE)
    own = [redemption_id for redemption_id, gateway in redeemed if gateway == wish.gateway]
    redemption_id = own[wish.b % len(own)] if own else f"{a.address}/none"
    return {**entry, "op": "Refund", "args": {"redemption_id": redemption_id}}


@dataclass
class CallersAnswers:
    """What each caller was told at last, and the ledger."""

    operations: dict[str, dict[str, Any]]
    answers: dict[str, list[Receipt | LedgerError]]
    channel: Channel


async def play(wanted: list[Wish], drawn: list[Trouble], gateways: int, lanes: int) -> CallersAnswers:
    """All callers, from the first arrival to the last answer and the last late commit."""
    channel = Channel(MemoryState(BEGINNING.state.values), BEGINNING.now)
    ledgers = [TroubledLedger(channel, GATEWAYS[number], drawn) for number in range(gateways)]
    # Each has a chance of its own, so that an example can be run again.
    schedulers = [
        Scheduler(ledger, Bounds(lanes=lanes), chance=random.Random(number)) for number, ledger in enumerate(ledgers)
    ]
    redeemed: list[tuple[str, int]] = []
    told = CallersAnswers({}, {}, channel)

    async def call(entry: dict[str, Any], wish: Wish, after: float) -> None:
        await asyncio.sleep(after)
        answers = told.answers.setdefault(entry["request_id"], [])
        try:
            answers.append(await schedulers[wish.gateway].submit(entry))
        except LedgerError as error:
            answers.append(error)

    calls, now = [], 0.0
    for number, wish in enumerate(wanted):
        wish = Wish(wish.kind, wish.a, wish.b, wish.points, wish.gateway % gateways, wish.wait)
        entry = operation(wish, number, redeemed)
        told.operations[entry["request_id"]] = entry
        now += wish.wait / 1000
        calls.append(call(entry, wish, now))
    await asyncio.gather(*calls)
    for scheduler in schedulers:
        await scheduler.close()
    for ledger in ledgers:
        await asyncio.gather(*ledger.late)
    return told


def serial(told: CallersAnswers) -> tuple[MemoryState, dict[str, Any]]:
    """The committed operations one after the other, each in a transaction of its own: the state, and the receipts."""
    state, receipts = MemoryState(BEGINNING.state.values), {}
    for transaction, request_ids in told.channel.log:
        for request_id in request_ids:
            assert request_id not in receipts, "carried out twice"
            outcome = apply_batch(state, transaction, [told.operations[request_id]], OPERATIONS)
            receipts[request_id] = outcome.receipts[0]
            state.commit(outcome.writes)
    return state, receipts


def hold_it_against_a_serial_run(wanted: list[Wish], drawn: list[Trouble], gateways: int, lanes: int) -> None:
    told = run(play(wanted, list(drawn), gateways, lanes))
    state, receipts = serial(told)
    assert state.values == told.channel.state.values, "the state of a serial run in the order of the commits"
    assert set(told.answers) == set(told.operations)
    for request_id, answers in told.answers.items():
        (answer,) = answers
        if isinstance(answer, Receipt):
            document = {
                name: value for name, value in answer.document.items() if name not in ("repeated", "valid_until")
            }
            assert document == receipts[request_id], "what the caller was told is what stands there"
        else:
            assert isinstance(answer, Rejected), f"{request_id}: {answer!r}"
            assert request_id not in receipts, "a refused operation left no trace"
    assert not [name for name, found in check(state.values, now=told.channel.now).items() if found]


drawn_at_random = given(wanted=wishes, drawn=troubles, gateways=st.integers(1, 2), lanes=st.integers(1, 4))
examples = partial(
    settings, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)


@examples(max_examples=300)
@drawn_at_random
def test_as_if_one_after_the_other(wanted: list[Wish], drawn: list[Trouble], gateways: int, lanes: int) -> None:
    hold_it_against_a_serial_run(wanted, drawn, gateways, lanes)


@pytest.mark.long
@examples(max_examples=10_000)
@drawn_at_random
def test_many_as_if_one_after_the_other(wanted: list[Wish], drawn: list[Trouble], gateways: int, lanes: int) -> None:
    hold_it_against_a_serial_run(wanted, drawn, gateways, lanes)
