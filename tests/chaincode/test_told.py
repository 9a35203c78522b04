"""A chaincode server endorses no operators and no network but those that it was told of, served from the spec as from
Go."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from fabric_protos.common import common_pb2
from fabric_protos.peer import proposal_pb2

from chaincode.cases.world import NETWORK, consortium_args
from chaincode.shim.rules import Rules
from chaincode.spec.kernel.canonical import encode
from gateway.ledger.adapters.embedded_identities import embedded_identity

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


def opened_by(told: tuple[str, ...], network_id: str = NETWORK) -> tuple[Any, dict[str, bytes]]:
    """What a server that was told of some operators and a network answers to the operator's OpenConsortium, and what it
    writes."""
    operation = {"args": consortium_args(), "op": "OpenConsortium", "request_id": "open", "valid_until": NOW + 60}
    stub = Stub(encode({"operations": [operation], "shard": 0}))
    answer = asyncio.run(Rules(told, network_id).invoke(stub))
    return json.loads(answer.payload)[0], stub.writes


def test_what_it_was_told_of_is_endorsed_and_nothing_else() -> None:
    receipt, writes = opened_by(("operator",))
    assert receipt is None
    assert "consortium" in writes
    receipt, writes = opened_by(("harbor",))
    assert (receipt["code"], receipt["detail"]) == ("OPERATORS_DIFFER", "this organisation was told of harbor")
    assert writes == {}
    receipt, writes = opened_by(("operator",), "0" * 64)
    assert (receipt["code"], receipt["detail"]) == ("NETWORK_DIFFERS", f"the channel's first block is {'0' * 64}")
    assert writes == {}


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({}, "JIFEN_OPERATORS is not set"),
        ({"JIFEN_OPERATORS": "operator"}, "JIFEN_NETWORK_ID is not set"),
        (
            {"JIFEN_OPERATORS": "operator", "JIFEN_NETWORK_ID": "F" * 64},
            "JIFEN_NETWORK_ID: expected 64 lower-case hex digits",
        ),
    ],
)
def test_a_server_that_was_not_told_does_not_start(told: dict[str, str], problem: str) -> None:
    names = ("JIFEN_OPERATORS", "JIFEN_NETWORK_ID")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    environment.update(told, CORE_CHAINCODE_ID_NAME="jifen:1")
    line = [sys.executable, "-m", "chaincode.shim"]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.strip()) == (2, f"SETTING: {problem}")
