"""The two implementations agree on random sequences; and a run in which they did not would say so, shrink the sequence
and keep it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chaincode.cases.world import Speaker, mesh
from chaincode.conformance import run as conformance
from chaincode.conformance.actor import Actor, Call, Step
from chaincode.conformance.pipe import Pipe
from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.codes import CODES
from chaincode.spec.kernel.context import Transaction
from chaincode.spec.operations import OPERATIONS
from network.programs.chaincode import CONFORMANCE, provide_chaincode


@pytest.fixture(scope="module")
def program() -> str:
    """The Go rules behind a pipe, compiled."""
    return str(provide_chaincode(lambda line: None, CONFORMANCE))


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("operations", "codes_min"), [(5_000, 40), pytest.param(100_000, 50, marks=pytest.mark.long)])
def test_random_operations_agree(program: str, operations: int, codes_min: int) -> None:
    """So many codes are reached by random sequences; the vectors hold them all."""
    told: list[int] = []
    tally = conformance.run(program, operations, 1, told.append)
    assert tally.operations >= operations
    assert told[-1] == operations
    assert sum(tally.codes.values()) == tally.operations
    assert set(tally.codes) <= {"OK", *CODES}
    assert tally.codes["OK"] > operations // 4
    assert len(tally.codes) >= codes_min, sorted(set(CODES) - set(tally.codes))


@pytest.mark.parametrize(("issuers", "lanes"), [(40, 1), (4, 16)])
def test_a_window_closed_in_parts_agrees(program: str, issuers: int, lanes: int) -> None:
    """In what is read and written by every step, up to the last statement."""
    world = mesh(issuers, lanes)
    statuses = []
    with Pipe(program) as pipe:
        pipe.reset(world.state.values)
        while statuses[-1:] != ["CLOSED"]:
            entry = world.entry("CloseWindow", {"window_id": 1}, request_id=f"part-{len(statuses)}")
            call = Call(Speaker("operator"), "CloseWindow", [encode(entry)])
            tx_id = f"{len(statuses):064x}"
            expected, writes = conformance.spec_answer(world, call, tx_id)
            assert pipe.invoke(world.transaction(call.speaker, tx_id=tx_id), call.function, call.arguments) == expected
            world.state.commit(writes)
            statuses.append(json.loads(expected["payload"])["result"]["window"]["status"])
    assert statuses == ["CLOSING", "CLOSING", "CLOSED"]


def test_random_sequences_draw_every_operation() -> None:
    """But the one that opens the consortium: every sequence begins behind it."""
    actor = Actor(conformance.scene())
    calls = [actor.call([Step(kind, a=2, b=1, c=0, points=10, odd=14)]) for kind in range(128)]
    drawn = {entry["op"] for call in calls for entry in json.loads(call.arguments[0])["operations"]}
    assert {*OPERATIONS} - drawn == {"OpenConsortium"}, "draw it in chaincode/conformance/actor.py"


class Altered(Pipe):
    """A pipe that answers wrongly, as a defect in one implementation would."""

    def invoke(self, transaction: Transaction, function: str, arguments: list[bytes]) -> Json:
        """As the pipe, but of every class one point more is issued."""
        answer = super().invoke(transaction, function, arguments)
        for key, value in (answer.get("writes") or {}).items():
            if key.startswith("supply/") and value is not None:
                document = json.loads(value)
                document["issued"] += 1
                answer["writes"][key] = json.dumps(document, separators=(",", ":"))
        return answer


@pytest.mark.timeout(300)
@pytest.mark.parametrize("operations", [1, pytest.param(2_000, marks=pytest.mark.long)])
def test_a_difference_is_told_shrunk_and_kept(
    program: str, operations: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conformance, "Pipe", Altered)
    monkeypatch.setattr(conformance, "FOLDER", tmp_path)
    with pytest.raises(conformance.Different) as found:
        conformance.run(program, operations, 1, lambda done: None)
    assert "supply/" in str(found.value)
    (file,) = (tmp_path / "found").iterdir()
    vector = json.loads(file.read_text("utf-8"))
    assert vector == found.value.vector
    assert "supply/" in json.dumps(vector)
    call = vector["argument"]
    entries = call["operations"] if vector["function"] == "Apply" else [call]
    assert len(entries) == 1, "the sequence was not shrunk"


@pytest.mark.timeout(300)
def test_a_broken_invariant_is_told(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        conformance, "check", lambda state, journal, now: {"supply_equals_buckets": ["1 point too many"]}
    )
    monkeypatch.setattr(conformance, "FOLDER", tmp_path)
    with pytest.raises(conformance.Different, match=r"supply_equals_buckets.*1 point too many"):
        conformance.run(program, 1, 1, lambda done: None)


def test_a_process_that_ends_is_an_error_and_no_agreement() -> None:
    with pytest.raises(RuntimeError, match="ended with"), Pipe("true") as pipe:
        pipe.reset({})
