"""The Go rules behind a pipe."""

from __future__ import annotations

import contextlib
import json
import subprocess
from types import TracebackType
from typing import Self

from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.context import Transaction


class Pipe:
    """One `jifen-conformance` process: a state in memory, one JSON line in and one out for each call."""

    def __init__(self, program: str) -> None:
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def reset(self, state: dict[str, bytes]) -> None:
        """Starts over with a state."""
        self._call({"reset": True})
        if state:
            self._call({"state": {key: json.loads(value) for key, value in state.items()}})

    def invoke(self, transaction: Transaction, function: str, arguments: list[bytes]) -> Json:
        """`{payload, writes, event, reads}` as texts, or `{refusal}`. `reads` are the keys read, and ranges as
        `start..end`: on Fabric endorsements must agree in them too. The writes are committed in the process."""
        call = {
            "transaction": transaction.to_json(),
            "function": function,
            "arguments": [argument.decode("utf-8") for argument in arguments],
            "reads": True,
        }
        return self._call(call)

    def _call(self, message: Json) -> Json:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended already; then there is no answer either
            self._process.stdin.write(json.dumps(message, ensure_ascii=False).encode("utf-8") + b"\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the Go rules ended with {self._process.wait()}")
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # what was not taken before the end
            self._process.stdin.close()
        self._process.wait(timeout=30)
        if self._process.stdout is not None:
            self._process.stdout.close()
