"""The consortium's configuration is found again by a browser that remembers newer blocks than it."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives import serialization
from fabric_protos.common import common_pb2, configtx_pb2
from fabric_protos.msp import msp_config_pb2
from playwright.sync_api import Page

from gateway.ledger.blocks import header_hash
from tests.browser.proofs import open_page
from tests.browser.test_certificates import signer

pytestmark = pytest.mark.browser
CONFIGURATION = 1
CONFIGURED = """
async ({ headers, block, wanted, number }) => {
  const from = {
    headers: async (first, last) => ({ headers: headers.slice(first, last + 1), height: headers.length }),
    configuration: async () => Uint8Array.from(atob(block), (character) => character.charCodeAt(0)),
  };
  const chain = await jifen.chain.follow("fabric", "points", from, [wanted]);
  const { step, authorities } = await jifen.proof.configured(number, chain, "points", from);
  return { state: step.state, detail: step.detail, names: authorities.map((one) => one.msp), followed: chain.hashes.has(number) };
}
"""


def configuration() -> bytes:
    """The data of a block that names one organisation in each part."""
    root = signer("ca.northstar").certificate.public_bytes(serialization.Encoding.PEM)
    msp = msp_config_pb2.FabricMSPConfig(name="northstar", root_certs=[root])
    described = msp_config_pb2.MSPConfig(config=msp.SerializeToString()).SerializeToString()
    config = configtx_pb2.ConfigEnvelope()
    for part in ("Application", "Orderer"):
        group = config.config.channel_group.groups[part].groups["northstar"]
        group.values["MSP"].value = described
    channel = common_pb2.ChannelHeader(type=common_pb2.CONFIG, channel_id="points").SerializeToString()
    payload = common_pb2.Payload(header=common_pb2.Header(channel_header=channel), data=config.SerializeToString())
    return bytes(common_pb2.Envelope(payload=payload.SerializeToString()).SerializeToString())


def chain_of(data: bytes, height: int) -> list[dict[str, object]]:
    """Headers of so many blocks, the one of CONFIGURATION with this data."""
    found: list[dict[str, object]] = []
    previous = b""
    for number in range(height):
        data_hash = hashlib.sha256(data if number == CONFIGURATION else str(number).encode()).digest()
        found.append({"block_number": number, "previous_hash": previous.hex(), "data_hash": data_hash.hex()})
        previous = header_hash(number, previous, data_hash)
    return found


def test_a_configuration_older_than_what_is_remembered_still_counts(page: Page) -> None:
    data = configuration()
    headers = chain_of(data, 12)
    block = common_pb2.Block()
    block.header.number = CONFIGURATION
    block.header.previous_hash = bytes.fromhex(str(headers[CONFIGURATION]["previous_hash"]))
    block.header.data_hash = hashlib.sha256(data).digest()
    block.data.data.append(data)
    block.metadata.metadata.extend([b""] * 5)
    told = {
        "block": base64.b64encode(block.SerializeToString()).decode(),
        "number": CONFIGURATION,
        "headers": headers[:8],
        "wanted": 5,
    }
    opened = open_page(page)
    first = opened.evaluate(CONFIGURED, told)
    assert (first["state"], first["names"], first["followed"]) == ("holds", ["northstar", "northstar"], True)
    again = opened.evaluate(CONFIGURED, {**told, "headers": headers, "wanted": 10})
    assert not again["followed"], "the browser begins with the newest block that it remembers"
    assert (again["state"], again["names"]) == ("holds", ["northstar", "northstar"]), again
