"""The calls that vectors make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chaincode.cases import writing
from chaincode.spec.kernel.canonical import encode
from chaincode.spec.kernel.context import Creator, Transaction
from chaincode.spec.kernel.memory_state import MemoryState

ENCODINGS = ("bech32", "calendar", "canonical", "certificates", "lineage", "netting")
"""Folders whose vectors are no transactions."""


def vectors_of(folder: str) -> Iterator[tuple[str, Any]]:
    """The vectors of a folder (`*` for all), each with its name."""
    for file in sorted(writing.FOLDER.glob(f"{folder}/*.json")):
        if file.parent.name not in ENCODINGS:
            yield from ((f"{file.parent.name}/{name}", vector) for name, vector in writing.read(file))


def call_of(vector: Any) -> tuple[MemoryState, Transaction, str, list[bytes]]:
    """State, transaction, function and arguments of a vector."""
    given = vector["transaction"]
    creator = Creator(**given["creator"])
    told = tuple(given["operators"]) if "operators" in given else None
    where = given["channel"], given["chaincode"], given["tx_id"]
    transaction = Transaction(*where, given["now"], creator, given.get("shard", 0), told, given.get("network_id"))
    if "argument" in vector:
        arguments = [encode(vector["argument"])]
    elif "argument_text" in vector:
        arguments = [vector["argument_text"].encode("utf-8")]
    else:
        arguments = [text.encode("utf-8") for text in vector["arguments"]]
    state = MemoryState({key: encode(value) for key, value in vector["state"].items()})
    return state, transaction, vector["function"], arguments
