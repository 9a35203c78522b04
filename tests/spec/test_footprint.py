"""What operations really read and write lies inside what was declared beforehand."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings

from admin.conformance.actor import Actor, Step
from admin.conformance.run import SEQUENCES, Reads, scene
from chaincode.spec.authorisation import authenticate, check_form
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.footprint import Footprint, Speaker
from chaincode.spec.invoke import invoke
from chaincode.spec.memory import MemoryState
from chaincode.spec.operations import OPERATIONS, Operation, footprint


def test_every_operation_says_what_it_must_in_a_file_of_its_name() -> None:
    wanted = {name for name in vars(Operation) if not name.startswith("_")}
    for name, module in OPERATIONS.items():
        assert wanted <= set(vars(module)), name
        file = str(vars(module)["__name__"]).rpartition(".")[2]
        assert "".join(word.capitalize() for word in file.split("_")) == name


def declared(state: MemoryState, entry: Json, transaction: Any, shard: int) -> Footprint | None:
    """The footprint of an entry; None where it is refused before any state is read."""
    try:
        context = authenticate(entry, check_form(entry), transaction)
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
        batch = json.loads(call.arguments[0])
        if batch["shard"] > 15:
            continue
        for entry in batch["operations"]:
            found = declared(world.state, entry, transaction, batch["shard"])
            reader = Reads(world.state)
            argument = json.dumps({"operations": [entry], "shard": batch["shard"]}).encode()
            response = invoke(reader, transaction, "Apply", [argument])
            if found is not None:
                undeclared = [
                    read
                    for read in reader.found
                    if not (in_range(found, read) if ".." in read else found.covers_read(read))
                ]
                assert not undeclared, (entry["op"], undeclared)
                unwritten = [
                    key
                    for key in response.writes
                    if key not in found.writes and not any(key.startswith(prefix) for prefix in found.ranges)
                ]
                assert not unwritten, (entry["op"], unwritten)
                checked += 1
            world.state.commit(response.writes)
    assert checked
