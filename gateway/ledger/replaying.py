"""Carrying out a chain's transactions by the rules, to see whether they give what the chain has: by the Python spec
here, or by the Go rules in a process of their own, which are some times as fast."""

from __future__ import annotations

import json
import subprocess
import threading
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Mapping
from typing import IO, Any, Protocol

from chaincode.spec.invoke import invoke
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Transaction
from chaincode.spec.kernel.memory_state import MemoryState
from gateway.ledger.errors import LedgerError
from gateway.ledger.port import BlockTransaction

NO_FORM = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What is raised at a document that no rule wrote. Organisations that agree on one can bring it into the state: it is a
difference then, and not the report's end."""
DIFFERENCES_MAX = 20
"""How many differences are kept, the first ones."""
STATE_ROWS = 5000
"""Keys that the process is asked for at once."""
ENDING_SECONDS_MAX = 30


class Rules(Protocol):
    """What carries out transactions one after the other over a state of its own, which begins empty."""

    def follow(self, subject: Transaction | None, transaction: BlockTransaction, label: str) -> None:
        """Takes in the next valid transaction. `subject` is it as the rules see it; None where it is not to be judged.
        Differences from what the rules make of it are told by `settle`, with `label` before them."""

    def settle(self) -> list[str]:
        """The differences found in all transactions so far, in their order, at most DIFFERENCES_MAX."""

    def state(self) -> dict[str, bytes]:
        """Every key of the state after all transactions so far."""

    def close(self) -> None:
        """Ends what it has started."""


class SpecRules:
    """The Python spec, in this process."""

    def __init__(self) -> None:
        self._state = MemoryState()
        self._found: list[str] = []

    def follow(self, subject: Transaction | None, transaction: BlockTransaction, label: str) -> None:
        """See Rules."""
        written = {write.key: write.value for write in transaction.writes}
        problems = [] if subject is None else self._differences(subject, transaction, written)
        self._state.commit(written)
        self._found += [f"{label}: {problem}" for problem in problems[: DIFFERENCES_MAX - len(self._found)]]

    def _differences(
        self, subject: Transaction, transaction: BlockTransaction, written: Mapping[str, bytes | None]
    ) -> list[str]:
        assert transaction.function is not None
        try:
            response = invoke(self._state, subject, transaction.function, list(transaction.arguments))
        except Refusal as refusal:
            return [f"the rules refuse it: {refusal}"]
        except NO_FORM as error:
            return [f"the rules cannot read the state before it: {named(error)}"]
        found = [
            f"{key} is {shown(written.get(key))}, the rules write {shown(response.writes.get(key))}"
            for key in sorted(set(written) | set(response.writes))
            if key not in written or key not in response.writes or written[key] != response.writes[key]
        ]
        if response.payload != transaction.response:
            found.append("its answer is not that of the rules")
        if response.event != transaction.event:
            found.append("its event is not that of the rules")
        return found

    def settle(self) -> list[str]:
        """See Rules."""
        return self._found

    def state(self) -> dict[str, bytes]:
        """See Rules."""
        return dict(self._state.values)

    def close(self) -> None:
        """See Rules."""


class ReplayEnded(LedgerError):
    """The process of the Go rules ended before its time: `REPLAY_ENDED`."""


class ChaincodeRules:
    """The Go rules, in a `jifen-replay` process. It works on a transaction while this one reads the next: answers are
    taken as they come."""

    def __init__(self, program: str) -> None:
        """Starts the process. `program` is the path of `jifen-replay` (`network.programs.chaincode`)."""
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._asked: deque[str] = deque()
        self._found: list[str] = []
        self._rows: list[Any] | None = None
        self._changed = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, name="replay", daemon=True)
        self._reader.start()

    def follow(self, subject: Transaction | None, transaction: BlockTransaction, label: str) -> None:
        """See Rules."""
        message: dict[str, Any] = {
            "writes": [{"key": write.key, "value": _text(write.value)} for write in transaction.writes]
        }
        if subject is not None:
            message |= {
                "transaction": subject.to_json(),
                "function": transaction.function,
                "arguments": [_text(argument) for argument in transaction.arguments],
                "response": _text(transaction.response),
                "event": _text(transaction.event),
            }
        self._send(message, label)

    def settle(self) -> list[str]:
        """See Rules. Waits until all answers are here. Raises ReplayEnded."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or not self._asked)
            self._must_run()
            return self._found

    def state(self) -> dict[str, bytes]:
        """See Rules. Raises ReplayEnded."""
        found: dict[str, bytes] = {}
        after = ""
        while True:
            self._send({"read_state": STATE_ROWS, "after": after}, "")
            with self._changed:
                self._changed.wait_for(lambda: self._ended or self._rows is not None)
                self._must_run()
                rows, self._rows = self._rows or [], None
            found.update((row["key"], b64decode(row["value"])) for row in rows)
            if len(rows) < STATE_ROWS:
                return found
            after = rows[-1]["key"]

    def close(self) -> None:
        """Ends the process."""
        try:
            _stream(self._process.stdin).close()
        except BrokenPipeError:  # it ended before it took all
            self._process.kill()
        self._process.wait(ENDING_SECONDS_MAX)
        self._reader.join()
        _stream(self._process.stdout).close()

    def _send(self, message: dict[str, Any], label: str) -> None:
        with self._changed:
            self._must_run()
            self._asked.append(label)
        pipe = _stream(self._process.stdin)
        try:
            pipe.write(json.dumps(message).encode("utf-8") + b"\n")
            pipe.flush()
        except BrokenPipeError:
            self._reader.join()
            with self._changed:
                self._must_run()
            raise

    def _read(self) -> None:
        """Takes answers until the process ends, each for the oldest message that has none."""
        for line in _stream(self._process.stdout):
            answer = json.loads(line)
            with self._changed:
                label = self._asked.popleft()
                if "rows" in answer or not label:
                    self._rows = answer.get("rows", [])
                room = DIFFERENCES_MAX - len(self._found)
                self._found += [f"{label}: {problem}" for problem in answer.get("differences", [])[:room]]
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _must_run(self) -> None:
        if self._ended:
            raise ReplayEnded("REPLAY_ENDED", f"the Go rules ended with {self._process.wait(ENDING_SECONDS_MAX)}")


def named(error: Exception) -> str:
    """An error that has no code, in words."""
    return f"{type(error).__name__}: {error}"


def shown(value: bytes | None) -> str:
    """The beginning of a document."""
    return "nothing" if value is None else value.decode("utf-8", "replace")[:200]


def _text(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode("ascii")


def _stream(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
