"""The differential run: Hypothesis draws sequences, both implementations run them, every answer is compared, the
invariants are checked."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from chaincode.cases.case import Case
from chaincode.cases.world import CLASSES, World, issue, standard
from chaincode.cases.writing import FOLDER, text_of
from chaincode.conformance.actor import Actor, Call, Step, slipped
from chaincode.conformance.pipe import Pipe
from chaincode.spec.invariants import Journal, check
from chaincode.spec.invoke import invoke
from chaincode.spec.kernel import keys
from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.limits import MEMORY_ENTRIES_MAX
from chaincode.spec.kernel.memory_state import MemoryState

TRANSACTIONS_PER_SEQUENCE = 60
TRANSACTIONS_PER_SEQUENCE_MIN = 20
SEQUENCES_PER_ROUND = 50
CHECK_EVERY = 20

TERMS: dict[str, Json] = {
    "north": {"clawback_days": 120, "debt": True, "waiting_days": 2},
    "harbor": {"grace_days": 7, "validity": {"days": 60, "kind": "DAYS"}},
    "lotus": {"clawback_days": 90, "debt": True, "validity": {"kind": "MONTH_END", "months": 1}},
}
"""What the classes have from the beginning, so that in every sequence points wait, expire, come back late and are
owed."""

REFUND_DAYS = 12
DISPUTES = {"answer_days": 20, "escalation_days": 20, "fee_minor": 7, "inquiry_days": 20, "vote_days": 20}
SECONDS = (0, 0, 0, 0, 1, 60, 900, 39_600, 86_400, 86_400, 3 * 86_400, REFUND_DAYS * 86_400, 40 * 86_400, -30)
"""What may pass between two transactions. Sequences begin at 13:00, so that they come to midnight, and to the margin
behind it, on the last day of a refund, too."""

_NUMBER = st.integers(0, 63)
_KIND = st.integers(0, 127)
_STEP = st.builds(Step, _KIND, _NUMBER, _NUMBER, _NUMBER, st.integers(0, 300), st.integers(0, 191))
_TRANSACTION = st.tuples(st.lists(_STEP, min_size=1, max_size=4), st.sampled_from(SECONDS))
SEQUENCES = st.lists(_TRANSACTION, min_size=TRANSACTIONS_PER_SEQUENCE_MIN, max_size=TRANSACTIONS_PER_SEQUENCE)


class Different(AssertionError):
    """The two implementations differ, or an invariant broke; `vector` tells the call if there is one."""

    def __init__(self, message: str, vector: Json | None) -> None:
        super().__init__(message)
        self.vector = vector


@dataclass
class Tally:
    """What a run did: operations by code, and how many sequences."""

    operations: int = 0
    calls: int = 0
    sequences: int = 0
    codes: Counter[str] = field(default_factory=Counter)


class Reads:
    """A state reader that remembers the keys and ranges read."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state
        self.found: set[str] = set()

    def get(self, key: str) -> bytes | None:
        self.found.add(key)
        return self._state.get(key)

    def get_many(self, keys: list[str]) -> dict[str, bytes | None]:
        self.found.update(keys)
        return self._state.get_many(keys)

    def range(self, start: str, end: str) -> Iterator[tuple[str, bytes]]:
        self.found.add(f"{start}..{end}")
        return self._state.range(start, end)


def spec_answer(world: World, call: Call, tx_id: str) -> tuple[Json, dict[str, bytes | None]]:
    """What the spec makes of a call, in the pipe's form, and the writes."""
    transaction = world.transaction(call.speaker, tx_id=tx_id)
    try:
        reader = Reads(world.state)
        response = invoke(reader, transaction, call.function, call.arguments)
    except Refusal as refusal:
        return {"refusal": {"code": refusal.code, "detail": refusal.detail}}, {}
    return {
        "event": None if response.event is None else response.event.decode("utf-8"),
        "payload": response.payload.decode("utf-8"),
        "reads": sorted(reader.found),
        "writes": {key: None if value is None else value.decode("utf-8") for key, value in response.writes.items()},
    }, response.writes


@cache
def _scene_state() -> World:
    world = standard()
    consortium = {
        **json.loads(world.state.values[keys.CONSORTIUM]),
        "confirmation_days": 1,
        "disputes": DISPUTES,
        "refund_days": REFUND_DAYS,
    }
    world.state.commit({keys.CONSORTIUM: encode(consortium)})
    for class_id, terms in TERMS.items():
        world.do("UpdateClass", {"class_id": class_id, **terms}, CLASSES[class_id][0])
        for name, points in (("alice", 500), ("bob", 300), ("carol", 300)):
            issue(world, class_id, points, name)
    for number in range(MEMORY_ENTRIES_MAX - 2):
        issue(world, "north", number + 1, request_id=f"busy{number}")
    return world


def scene() -> World:
    """Where every sequence begins: three merchants, and points for three people, one of whose balances has little room
    to remember more."""
    return _scene_state().fork()


def run_sequence(pipe: Pipe, sequence: list[tuple[list[Step], int]], tally: Tally) -> None:
    """Runs one sequence through both. Raises Different at the first difference."""
    world = scene()
    pipe.reset(world.state.values)
    actor, journal, latest = Actor(world), Journal(), world.now
    # What the scene was set with is taken as posted.
    for key, value in world.state.range("balance/", "balance0"):
        _, class_id, account = key.split("/")
        buckets, pending, debt, *_ = json.loads(value)
        journal.post([class_id, account, expires, points, held, None] for expires, points, held in buckets)
        journal.post([class_id, account, expires, points, 0, available] for available, expires, points in pending)
        journal.post([[class_id, account, debt]])
    for number, (steps, seconds) in enumerate(sequence):
        world.now = max(world.now + seconds, 0)
        latest = max(latest, world.now)
        call = slipped(actor.call(steps), steps[0])
        tx_id = hashlib.sha256(str(number).encode()).hexdigest()
        expected, writes = spec_answer(world, call, tx_id)
        found = pipe.invoke(world.transaction(call.speaker, tx_id=tx_id), call.function, call.arguments)
        if found != expected:
            raise Different(f"spec {expected}\nGo   {found}", _vector(world, call, tx_id))
        _count(tally, expected, call)
        world.state.commit(writes)
        if expected.get("event"):
            for entry in json.loads(expected["event"])["operations"]:
                journal.post(entry["postings"])
        if number % CHECK_EVERY == CHECK_EVERY - 1 or number == len(sequence) - 1:
            breaches = {name: told for name, told in check(world.state.values, journal, now=latest).items() if told}
            if breaches:
                raise Different(f"invariants broke: {breaches}", _vector(world, call, tx_id))
    tally.sequences += 1


def _count(tally: Tally, expected: Json, call: Call) -> None:
    tally.calls += 1
    if "refusal" in expected:
        tally.operations += 1
        tally.codes[expected["refusal"]["code"]] += 1
        return
    payload = json.loads(expected["payload"]) if call.function == "Apply" else [{"code": "OK"}]
    tally.operations += len(payload)
    tally.codes.update("OK" if receipt is None else receipt["code"] for receipt in payload)


def _vector(world: World, call: Call, tx_id: str) -> Json:
    """The call as a vector with what the spec gives, to be judged and kept."""
    case = Case(
        folder="found",
        name="found",
        description="A sequence on which the implementations differed.",
        world=World(),
        function=call.function,
        arguments=[argument.decode("utf-8") for argument in call.arguments],
        code="",
        speaker=call.speaker,
        tx_id=tx_id,
    )
    case.world.state, case.world.now = MemoryState(world.state.values), world.now
    return case.document(stated=False)


def run(program: str, operations: int, first_seed: int, progress: Callable[[int], None]) -> Tally:
    """Runs sequences until at least `operations` operations have been compared. On a difference Hypothesis shrinks the
    sequence, the failing call is saved in `chaincode/vectors/found`, and Different is raised."""
    tally = Tally()
    with Pipe(program) as pipe:
        number = 0
        while tally.operations < operations:
            number += 1
            property_ = _property(pipe, tally, operations, progress)
            try:
                seed(first_seed + number)(property_)()
            except Different as different:
                if different.vector is not None:
                    _save(different.vector)
                raise
    return tally


def _property(pipe: Pipe, tally: Tally, operations: int, progress: Callable[[int], None]) -> Callable[[], None]:
    """One round of sequences as a Hypothesis property. Once one has failed, all are run, however many there were: it is
    being shrunk."""
    failed = False

    @settings(
        max_examples=SEQUENCES_PER_ROUND,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(SEQUENCES)
    def differential(sequence: list[tuple[list[Step], int]]) -> None:
        nonlocal failed
        if failed or tally.operations < operations:
            try:
                run_sequence(pipe, sequence, tally)
            except Different:
                failed = True
                raise
            progress(min(tally.operations, operations))

    return differential


def _save(vector: Json) -> Path:
    text = text_of(vector)
    file = FOLDER / "found" / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file
