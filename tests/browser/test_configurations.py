"""The consortium's configuration is found again by a browser that remembers newer blocks than it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fabric_protos.common import common_pb2, configtx_pb2
from fabric_protos.msp import identities_pb2, msp_config_pb2
from playwright.sync_api import Page

from network.exchange.channel_block import header_hash
from tests.browser.certificates import Signer, signer
from tests.browser.proofs import header_bytes, open_page

pytestmark = pytest.mark.browser
CONFIGURATION = 1
CONFIGURED = """
async ({ headers, blocks, wanted, number }) => {
  const from = {
    headers: async (first, last) => ({ headers: headers.slice(first, last + 1), height: headers.length }),
    configuration: async (asked) => Uint8Array.from(atob(blocks[asked]), (character) => character.charCodeAt(0)),
  };
  const chain = await jifen.chain.follow("fabric", "points", from, [wanted]);
  const { step, authorities } = await jifen.proof.configured(number, chain, "points", from);
  return { state: step.state, detail: step.detail, names: authorities.map((one) => one.msp), followed: chain.hashes.has(number) };
}
"""


def configuration(authority: Signer | None = None, *, units: bool = False) -> bytes:
    """The data of a block that names one organisation in each part; with `units` it tells its nodes and clients apart
    by their certificates."""
    root = (authority or signer("ca.northstar")).certificate.public_bytes(serialization.Encoding.PEM)
    msp = msp_config_pb2.FabricMSPConfig(name="northstar", root_certs=[root])
    if units:
        msp.fabric_node_ous.enable = True
        for kind in ("client", "peer", "admin", "orderer"):
            getattr(msp.fabric_node_ous, f"{kind}_ou_identifier").organizational_unit_identifier = kind
    described = msp_config_pb2.MSPConfig(config=msp.SerializeToString()).SerializeToString()
    config = configtx_pb2.ConfigEnvelope()
    for part in ("Application", "Orderer"):
        group = config.config.channel_group.groups[part].groups["northstar"]
        group.values["MSP"].value = described
    channel = common_pb2.ChannelHeader(type=common_pb2.CONFIG, channel_id="points").SerializeToString()
    payload = common_pb2.Payload(header=common_pb2.Header(channel_header=channel), data=config.SerializeToString())
    return bytes(common_pb2.Envelope(payload=payload.SerializeToString()).SerializeToString())


def chain_of(configurations: Mapping[int, bytes], height: int) -> list[dict[str, object]]:
    """Headers of so many blocks, some of them with this data."""
    found: list[dict[str, object]] = []
    previous = b""
    for number in range(height):
        data_hash = hashlib.sha256(configurations.get(number, str(number).encode())).digest()
        found.append({"block_number": number, "previous_hash": previous.hex(), "data_hash": data_hash.hex()})
        previous = header_hash(number, previous, data_hash)
    return found


def test_a_configuration_older_than_what_is_remembered_still_counts(page: Page) -> None:
    data = configuration()
    headers = chain_of({CONFIGURATION: data}, 12)
    block = common_pb2.Block()
    block.header.number = CONFIGURATION
    block.header.previous_hash = bytes.fromhex(str(headers[CONFIGURATION]["previous_hash"]))
    block.header.data_hash = hashlib.sha256(data).digest()
    block.data.data.append(data)
    block.metadata.metadata.extend([b""] * 5)
    told = {
        "blocks": {str(CONFIGURATION): base64.b64encode(block.SerializeToString()).decode()},
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


def sealed(data: bytes, headers: list[dict[str, object]], number: int, orderer: Signer) -> str:
    """The block of configuration with a seal, in Base64."""
    block = common_pb2.Block()
    block.header.number = number
    block.header.previous_hash = bytes.fromhex(str(headers[number]["previous_hash"]))
    block.header.data_hash = hashlib.sha256(data).digest()
    block.data.data.append(data)
    pem = orderer.certificate.public_bytes(serialization.Encoding.PEM)
    creator = identities_pb2.SerializedIdentity(mspid="northstar", id_bytes=pem).SerializeToString()
    value, header = b"\x0a\x02\x08\x03", common_pb2.SignatureHeader(creator=creator, nonce=b"n").SerializeToString()
    signed = value + header + header_bytes(block.header)
    signature = orderer.key.sign(signed, ec.ECDSA(hashes.SHA256()))
    seal = common_pb2.Metadata(
        value=value, signatures=[common_pb2.MetadataSignature(signature_header=header, signature=signature)]
    )
    block.metadata.metadata.extend([seal.SerializeToString(), b"", b"", b"", b""])
    return base64.b64encode(block.SerializeToString()).decode()


@pytest.mark.parametrize(("honest", "state"), [(True, "holds"), (False, "broken")])
def test_a_newer_configuration_must_be_sealed_by_the_orderers_of_the_one_before(
    page: Page, honest: bool, state: str
) -> None:
    """Who owns a gateway could else go on from a true chain with authorities of her own, and seal everything herself."""
    root, forger = signer("ca.northstar"), signer("ca.northstar")
    first, second = configuration(root), configuration(root if honest else forger)
    headers = chain_of({1: first, 3: second}, 8)
    blocks = {
        "1": sealed(first, headers, 1, signer("orderer", root, authority=False)),
        "3": sealed(second, headers, 3, signer("orderer", root if honest else forger, authority=False)),
    }
    opened = open_page(page)
    told = {"blocks": blocks, "headers": headers, "wanted": 5}
    assert opened.evaluate(CONFIGURED, {**told, "number": 1})["state"] == "holds"
    assert opened.evaluate(CONFIGURED, {**told, "number": 3})["state"] == state
    assert opened.evaluate("jifen.chain.configuration('points').number") == (3 if honest else 1)
    assert opened.evaluate(CONFIGURED, {**told, "number": 1})["state"] == "holds", "what was before stays good"


@pytest.mark.parametrize(
    ("units", "state"),
    [
        (["orderer"], "holds"),
        (["orderer", "loyalty"], "holds"),
        (["client"], "broken"),
        (["peer"], "broken"),
        ([], "broken"),
        (["client", "orderer"], "broken"),
    ],
)
def test_only_a_certificate_of_an_ordering_node_seals(page: Page, units: list[str], state: str) -> None:
    """An organisation's authority signs its clients' certificates too; and one that names two kinds is of none, as
    peers read it."""
    root = signer("ca.northstar")
    first = configuration(root, units=True)
    headers = chain_of({1: first, 3: first}, 8)
    orderer = signer("orderer", root, authority=False, units=["orderer"])
    blocks = {
        "1": sealed(first, headers, 1, orderer),
        "3": sealed(first, headers, 3, signer("somebody", root, authority=False, units=units)),
    }
    opened = open_page(page)
    told = {"blocks": blocks, "headers": headers, "wanted": 5}
    assert opened.evaluate(CONFIGURED, {**told, "number": 1})["state"] == "holds"
    assert opened.evaluate(CONFIGURED, {**told, "number": 3})["state"] == state
