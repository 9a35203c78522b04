"""What operations really read, write and create lies inside what they declare."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings

from admin.tools.reference.tables import key_patterns
from chaincode.conformance.actor import Actor, Step
from chaincode.conformance.run import SEQUENCES, Reads, scene
from chaincode.spec import erc20
from chaincode.spec.invoke import BATCHES, invoke
from chaincode.spec.kernel import keys
from chaincode.spec.kernel.apply import decode_batch, decode_operation
from chaincode.spec.kernel.authorisation import authenticate, check_form
from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Transaction
from chaincode.spec.kernel.footprint import Footprint, Speaker
from chaincode.spec.kernel.memory_state import MemoryState
from chaincode.spec.kernel.operation import Operation
from chaincode.spec.kernel.redemptions import redemption_of
from chaincode.spec.operations import OPERATIONS, footprint
from tests.spec.calls import call_of, vectors_of

NOUNS = {pattern.partition("/")[0]: name.lower() for name, pattern in key_patterns().items()}
"""The name of each noun, by what its keys begin with."""


def test_every_operation_says_what_it_must_in_a_file_of_its_name() -> None:
    wanted = {name for name in vars(Operation) if not name.startswith("_")}
    for name, module in OPERATIONS.items():
        assert wanted <= set(vars(module)), name
        file = str(vars(module)["__name__"]).rpartition(".")[2]
        assert "".join(word.capitalize() for word in file.split("_")) == name
        assert list(module.CREATES) == [noun for noun in NOUNS.values() if noun in module.CREATES], name


def declared(state: MemoryState, entry: Json, transaction: Transaction, shard: int) -> Footprint | None:
    """The footprint of an entry; None where it is refused before any state is read."""
    try:
        context = authenticate(entry, check_form(entry, OPERATIONS), transaction)
    except Refusal:
        return None

    def look(key: str) -> Json:
        data = state.get(key)
        return None if data is None else json.loads(data)

    speaker = Speaker(context.msp_id, shard, context.authoriser, context.member is not None, context.request_id)
    return footprint(entry["op"], entry["args"], speaker, look)


def in_range(found: Footprint, read: str) -> bool:
    """Whether a range `start..end` is of a declared prefix."""
    start = read.partition("..")[0]
    return any(start.startswith(prefix) for prefix in found.ranges)


def carried_out(state: MemoryState, entry: Json, transaction: Transaction, shard: int) -> bool:
    """Carries out an entry and holds it to its declaration; gives whether it came as far as the state."""
    found = declared(state, entry, transaction, shard)
    reader = Reads(state)
    response = invoke(reader, transaction, "Apply", [encode({"operations": [entry], "shard": shard})])
    if found is None:
        assert not response.writes
        return False
    undeclared = [
        read for read in reader.found if not (in_range(found, read) if ".." in read else found.covers_read(read))
    ]
    assert not undeclared, (entry["op"], undeclared)
    unwritten = [
        key
        for key in response.writes
        if key not in found.writes and not any(key.startswith(prefix) for prefix in found.ranges)
    ]
    assert not unwritten, (entry["op"], unwritten)
    new = [key for key, data in response.writes.items() if data is not None and state.get(key) is None]
    created = {NOUNS[key.partition("/")[0]] for key in new} - {"memory", "receipt"}
    assert created <= set(OPERATIONS[entry["op"]].CREATES), (entry["op"], created)
    state.commit(response.writes)
    return True


def entries_of(transaction: Transaction, function: str, arguments: list[bytes]) -> tuple[int, list[Json]]:
    """Shard and operations of a call; none of a query, and of what is refused whole."""
    try:
        if function in BATCHES and len(arguments) == 1:
            return decode_batch(arguments[0])
        if function in OPERATIONS and len(arguments) == 1:
            return 0, [decode_operation(function, arguments[0])]
        token = erc20.split(function)
        if token is not None and token[1] in erc20.WRITES:
            return 0, [erc20.operation(transaction, *token, [text.decode("utf-8") for text in arguments])]
    except Refusal:
        pass
    return 0, []


def give_classes(state: MemoryState) -> None:
    """Adds the classes of the redemptions in a vector's state: it has only what its operation reads, and a refund's
    footprint follows from more."""
    for key, data in list(state.values.items()):
        for draw in redemption_of(json.loads(data), key)["draws"] if key.startswith("redemption/") else ():
            if state.get(keys.point_class(draw["class_id"])) is None:
                state.commit({keys.point_class(draw["class_id"]): encode({"issuer_msp": draw["issuer_msp"]})})


def test_the_vectors_lie_inside_the_footprint() -> None:
    """Each operation of each vector, carried out by itself after those before it."""
    seen = set()
    for _, vector in vectors_of("*"):
        state, transaction, function, arguments = call_of(vector)
        give_classes(state)
        shard, entries = entries_of(transaction, function, arguments)
        for entry in entries:
            if carried_out(state, entry, transaction, shard):
                seen.add(entry["op"])
    assert seen == set(OPERATIONS)


@settings(max_examples=40, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(SEQUENCES)
def test_reads_and_writes_lie_inside_the_footprint(sequence: list[tuple[list[Step], int]]) -> None:
    world = scene()
    actor = Actor(world)
    checked = 0
    for steps, seconds in sequence:
        world.now += seconds
        call = actor.call(steps)
        transaction = world.transaction(call.speaker)
        if call.function != "Apply":
            continue
        shard, entries = entries_of(transaction, call.function, call.arguments)
        for entry in entries:
            checked += carried_out(world.state, entry, transaction, shard)
    assert checked
