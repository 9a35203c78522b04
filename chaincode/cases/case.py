"""One case: a scene, a call, and what must come of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chaincode.cases.world import Recorder, Speaker, World
from chaincode.spec.invoke import invoke
from chaincode.spec.kernel.apply import receipts_of
from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.codes import Refusal

OK = "OK"


@dataclass(frozen=True)
class Case:
    """`code` is what must come: OK, or the refusal of the (last) operation or of the whole call; `expect` sees the
    result (of the last operation), the answer, or nothing, and must hold."""

    folder: str
    name: str
    description: str
    world: World
    function: str
    arguments: list[str]
    code: str
    speaker: Speaker
    tx_id: str = "f" * 64
    expect: Callable[[Any], bool] | None = None

    def document(self, *, stated: bool = True) -> Json:
        """The vector. An AssertionError where the spec gives something else than was stated by hand, if anything
        was."""
        reader = Recorder(self.world.state)
        transaction = self.world.transaction(self.speaker, tx_id=self.tx_id)
        expected: Json
        try:
            response = invoke(reader, transaction, self.function, [text.encode("utf-8") for text in self.arguments])
        except Refusal as refusal:
            code, shown, result = refusal.code, f"{refusal}", None
            expected = {"refusal": {"code": refusal.code, "detail": refusal.detail}}
        else:
            payload = response.payload.decode("utf-8")
            if ":" in self.function:
                code, shown, result, kind = OK, payload, payload, "answer"
                document: Json = payload
            else:
                document = json.loads(payload)
                kind = "receipts" if self.function == "Apply" else "answer"
                last = document
                if self.function == "Apply":
                    event = None if response.event is None else json.loads(response.event)
                    last = receipts_of(document, event, transaction.tx_id)[-1]
                code = last.get("code", OK) if isinstance(last, dict) else OK
                shown, result = f"{last}", last.get("result", last) if isinstance(last, dict) else last
            expected = {
                kind: document,
                "writes": {key: None if value is None else json.loads(value) for key, value in response.writes.items()},
                "event": None if response.event is None else json.loads(response.event),
            }
        where = f"{self.folder}/{self.name}"
        assert not stated or code == self.code, f"{where}: {shown}, expected {self.code}"
        assert self.expect is None or self.expect(result), f"{where}: {shown}"
        return {
            "description": self.description,
            "transaction": {
                "chaincode": transaction.chaincode,
                "channel": transaction.channel,
                "creator": transaction.creator.to_json(),
                **({} if transaction.network_id is None else {"network_id": transaction.network_id}),
                "now": transaction.now,
                **({} if transaction.operators is None else {"operators": list(transaction.operators)}),
                "tx_id": transaction.tx_id,
            },
            "state": {
                key: json.loads(self.world.state.values[key])
                for key in sorted(reader.read)
                if key in self.world.state.values
            },
            "function": self.function,
            **self._call(),
            "expect": expected,
        }

    def _call(self) -> Json:
        if len(self.arguments) == 1 and ":" not in self.function:
            try:
                value = json.loads(self.arguments[0])
                if encode(value).decode("utf-8") == self.arguments[0]:
                    return {"argument": value}
            except (ValueError, UnicodeEncodeError):
                return {"argument_text": self.arguments[0]}
            return {"argument_text": self.arguments[0]}
        return {"arguments": self.arguments}


class Cases:
    """Collects the cases of one operation's folder."""

    def __init__(self, folder: str, op: str, speaker: str = "northstar", member: str = "") -> None:
        self.folder = folder
        self.op = op
        self.speaker = speaker
        self.member = member
        self.found: list[Case] = []

    def __call__(
        self,
        name: str,
        description: str,
        world: World,
        args: Json,
        code: str = OK,
        *,
        speaker: str | Speaker | None = None,
        member: str | None = None,
        request_id: str = "r1",
        shard: int = 0,
        expect: Callable[[Any], bool] | None = None,
    ) -> None:
        """One operation in an `Apply` of its own."""
        entry = world.entry(self.op, args, member=self.member if member is None else member, request_id=request_id)
        self.batch(name, description, world, [entry], code, speaker=speaker, shard=shard, expect=expect)

    def batch(
        self,
        name: str,
        description: str,
        world: World,
        entries: list[Json],
        code: str = OK,
        *,
        speaker: str | Speaker | None = None,
        shard: int = 0,
        expect: Callable[[Any], bool] | None = None,
    ) -> None:
        """Several operations in one `Apply`; `code` and `expect` are for the last one."""
        argument = encode({"operations": entries, "shard": shard}).decode("utf-8")
        self.call(name, description, world, "Apply", [argument], code, speaker=speaker, expect=expect)

    def call(
        self,
        name: str,
        description: str,
        world: World,
        function: str,
        arguments: list[str],
        code: str = OK,
        *,
        speaker: str | Speaker | None = None,
        expect: Callable[[Any], bool] | None = None,
    ) -> None:
        """Any call by its function name and arguments."""
        who = self.speaker if speaker is None else speaker
        who = Speaker(who) if isinstance(who, str) else who
        case = Case(self.folder, name, description, world.fork(), function, arguments, code, who, expect=expect)
        assert all(case.name != other.name for other in self.found), f"{self.folder}/{name} twice"
        self.found.append(case)
