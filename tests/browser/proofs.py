"""What a gateway tells a browser that asks for proof, whole and forged; and the browser's answer, from the real scripts on a page of their own."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.peer import transaction_pb2
from playwright.sync_api import Page

from gateway.ledger.adapters.embedded_store import hash_of
from gateway.ledger.port import Ledger
from network.exchange.channel_block import header_hash

SCRIPTS = Path(__file__).resolve().parents[2] / "gateway" / "pages" / "static" / "scripts"
NEEDED = "jifen bytes canonical bech32 signing der protobuf certificates blocks chain checks proof"  # in the order of what needs what
PAGE = "http://127.0.0.1/proof"
CHECK = """
async (told) => {
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const found = (kept, number) => {
    if (!(number in kept)) throw new jifen.proof.EvidenceMissing(String(number));
    return bytes(kept[number]);
  };
  return jifen.proof.check(told.claims, {
    authorities: async () => told.authorities,
    headers: async (first, last) => ({ headers: told.headers.slice(first, last + 1), height: told.headers.length }),
    configuration: async (number) => found(told.configuration, number),
    evidence: async (number) => found(told.evidence, number),
  }, told.links);
}
"""


@dataclass
class Told:
    """All that a gateway tells: who may sign, the headers, blocks by number, and what a page claims."""

    authorities: dict[str, Any]
    headers: list[dict[str, Any]]
    configuration: dict[int, bytes]
    evidence: dict[int, bytes]
    claims: list[dict[str, Any]]

    def copy(self) -> Told:
        """One to be forged."""
        return deepcopy(self)

    @property
    def number(self) -> int:
        """The block of the first claim."""
        return int(self.claims[0]["block_number"])

    def replace(self, number: int, data_hash: bytes) -> None:
        """Gives a block another content in the chain of headers, and links all later headers anew, as somebody would who owns the gateway."""
        self.headers[number]["data_hash"] = data_hash.hex()
        compute = header_hash if self.authorities["kind"] == "fabric" else hash_of
        for before, header in zip(self.headers[number:], self.headers[number + 1 :], strict=False):
            texts = (before["previous_hash"], before["data_hash"])
            header["previous_hash"] = compute(before["block_number"], *map(bytes.fromhex, texts)).hex()


def block_of(told: Told) -> Any:
    """The `common.Block` of the first claim."""
    return common_pb2.Block.FromString(told.evidence[told.number])


def change_block(told: Told, change: Callable[[Any], None], *, sealed: bool = True) -> None:
    """Changes the block of the first claim; `sealed`: the header and the chain are made to fit."""
    block = block_of(told)
    change(block)
    if sealed:
        block.header.data_hash = hashlib.sha256(b"".join(block.data.data)).digest()
        told.replace(told.number, block.header.data_hash)
    told.evidence[told.number] = block.SerializeToString()


def change_call(told: Told, change: Callable[[Any], None]) -> None:
    """Changes the `ChaincodeActionPayload` of the first claim's transaction, and all that covers it but signatures."""

    def inside(block: Any) -> None:
        for place, data in enumerate(block.data.data):
            envelope = common_pb2.Envelope.FromString(data)
            payload = common_pb2.Payload.FromString(envelope.payload)
            header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
            if header.tx_id != told.claims[0]["transaction_id"]:
                continue
            transaction = transaction_pb2.Transaction.FromString(payload.data)
            action = transaction_pb2.ChaincodeActionPayload.FromString(transaction.actions[0].payload)
            change(action)
            transaction.actions[0].payload = action.SerializeToString()
            payload.data = transaction.SerializeToString()
            envelope.payload = payload.SerializeToString()
            block.data.data[place] = envelope.SerializeToString()

    change_block(told, inside)


def flipped(data: bytes, place: int = -1) -> bytes:
    """The bytes with one bit the other way."""
    changed = bytearray(data)
    changed[place] ^= 1
    return bytes(changed)


async def told_of(ledger: Ledger, *operations: tuple[int, str]) -> Told:
    """What a ledger tells about the operations with these request_ids, each named with its block."""
    authorities = await ledger.authorities()
    headers = await ledger.headers(0, await ledger.height() - 1)
    claims, evidence, configuration = [], {}, {}
    for number, request_id in operations:
        evidence[number] = (await ledger.evidence(number)).content
        async for block in ledger.blocks(number, number):
            for transaction in block.transactions:
                entries = json.loads(transaction.event)["operations"] if transaction.event else []
                claims += [
                    claim_of(number, transaction.transaction_id, entry)
                    for entry in entries
                    if entry["request_id"] == request_id
                ]
    if authorities.configuration_block is not None:
        number = authorities.configuration_block
        configuration[number] = (await ledger.evidence(number)).content
    return Told(
        {
            "kind": authorities.kind.value,
            "channel": authorities.place.channel,
            "chaincode": authorities.place.chaincode,
            "network": authorities.place.network,
            "replay": authorities.replay,
        },
        [
            {
                "block_number": header.block_number,
                "previous_hash": header.previous_hash.hex(),
                "data_hash": header.data_hash.hex(),
            }
            for header in headers
        ],
        configuration,
        evidence,
        claims,
    )


def claim_of(number: int, transaction_id: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a page says of an operation."""
    names = ("class_id", "account", "expires_day", "points", "held", "available_day")
    return {
        "cursor": entry["request_id"],
        "block_number": number,
        "transaction_id": transaction_id,
        **{name: entry[name] for name in ("op", "authoriser", "request_id")},
        "postings": [
            {"posting": place, **dict(zip(names, posting, strict=True))}
            for place, posting in enumerate(entry["postings"])
        ],
    }


def open_page(page: Page) -> Page:
    """A page of a secure context with the scripts alone."""
    page.route(PAGE, lambda route: route.fulfill(content_type="text/html", body="<!doctype html><title>proof</title>"))
    page.goto(PAGE)
    for name in NEEDED.split():
        page.add_script_tag(path=SCRIPTS / f"{name}.js")
    return page


def check(page: Page, told: Told, links: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """What the browser finds; with links, of the claims as one way."""

    def texts(blocks: Mapping[int, bytes]) -> dict[str, str]:
        return {str(number): base64.b64encode(content).decode() for number, content in blocks.items()}

    found: dict[str, Any] = page.evaluate(
        CHECK,
        {
            "authorities": told.authorities,
            "headers": told.headers,
            "configuration": texts(told.configuration),
            "evidence": texts(told.evidence),
            "claims": told.claims,
            "links": links,
        },
    )
    return found


def states(found: Mapping[str, Any], place: int = 0) -> dict[str, str]:
    """Each step's state, of the chain and of one claim."""
    steps = [*found["steps"], *(found["results"][place]["steps"] if found["results"] else [])]
    return {step["id"]: step["state"] for step in steps}


def broken(found: Mapping[str, Any], place: int = 0) -> set[str]:
    """The steps that are broken."""
    return {name for name, state in states(found, place).items() if state == "broken"}


def header_bytes(header: Any) -> bytes:
    """The DER that a header's hash is made over."""
    parts = b"\x02\x01" + bytes([header.number])
    for text in (header.previous_hash, header.data_hash):
        parts += b"\x04" + bytes([len(text)]) + text
    return b"\x30" + bytes([len(parts)]) + parts
