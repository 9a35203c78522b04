"""A chaincode server endorses no operators but those that it was told of, served from the spec as from Go."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.peer import proposal_pb2

from admin.vectors.world import consortium_args
from chaincode.shim.rules import Rules
from chaincode.spec.canonical import encode
from gateway.ledger.embedded_identities import embedded_identity

NOW = 1_772_341_200


class Stub:
    """A transaction on an empty state, as the shim hands it over."""

    def __init__(self, batch: bytes) -> None:
        self.cc_input = SimpleNamespace(args=[b"Apply", batch])
        self.writes: dict[str, bytes] = {}
        extension = proposal_pb2.ChaincodeHeaderExtension()
        extension.chaincode_id.name = "jifen"
        channel = common_pb2.ChannelHeader(extension=extension.SerializeToString())
        header = common_pb2.Header(channel_header=channel.SerializeToString())
        self.proposal = SimpleNamespace(header=header.SerializeToString())

    def get_creator(self) -> dict[str, Any]:
        return {"mspid": "operator", "idBytes": embedded_identity("operator", "admin").certificate_pem}

    def get_channel_id(self) -> str:
        return "jifen"

    def get_txid(self) -> str:
        return "f" * 64

    def get_tx_timestamp(self) -> SimpleNamespace:
        return SimpleNamespace(seconds=NOW)

    async def get_state(self, key: str) -> bytes:
        return b""

    async def put_state(self, key: str, value: bytes) -> None:
        self.writes[key] = value

    def set_event(self, name: str, payload: bytes) -> None:
        assert (name, payload) != ("", b"")


def opened_by(told: tuple[str, ...]) -> tuple[Any, dict[str, bytes]]:
    """What a server that was told of some operators answers to the operator's OpenConsortium, and what it writes."""
    operation = {"args": consortium_args(), "op": "OpenConsortium", "request_id": "open", "valid_until": NOW + 60}
    stub = Stub(encode({"operations": [operation], "shard": 0}))
    answer = asyncio.run(Rules(told).invoke(stub))
    return json.loads(answer.payload)[0], stub.writes


def test_operators_that_it_was_told_of_are_endorsed_and_no_others() -> None:
    receipt, writes = opened_by(("operator",))
    assert receipt is None
    assert "consortium" in writes
    receipt, writes = opened_by(("harbor",))
    assert (receipt["code"], receipt["detail"]) == ("OPERATORS_DIFFER", "this organisation was told of harbor")
    assert writes == {}


def test_a_server_that_was_told_of_none_does_not_start() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "JIFEN_OPERATORS"}
    environment["CORE_CHAINCODE_ID_NAME"] = "jifen:1"
    line = [sys.executable, "-m", "chaincode.shim"]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.strip()) == (2, "SETTING: JIFEN_OPERATORS is not set")
