"""The browser's reading of certificates: chains that hold are accepted, whatever is wrong with one is refused, and made-up bytes do no harm."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from fabric_protos.msp import identities_pb2
from playwright.sync_api import Browser, Page

from chaincode.spec.kernel.signatures import address_of
from tests.browser.certificates import Signer, signer
from tests.browser.proofs import open_page

pytestmark = pytest.mark.browser
CHAIN = """
async ({ leaf, roots, intermediates }) => {
  const parse = (hex) => jifen.certificates.parse(jifen.bytes.fromHex(hex));
  try {
    const found = await jifen.certificates.chain(parse(leaf), roots.map(parse), intermediates.map(parse));
    return found === null ? "no way" : found.map((one) => one.name).join(" < ");
  } catch (error) {
    if (error instanceof TypeError) return "unreadable";
    throw error;
  }
}
"""
FUZZ = """
async (made) => {
  const outcomes = { read: 0, refused: 0 };
  for (const hex of made) {
    for (const reader of [jifen.certificates.parse, jifen.protobuf.read, (bytes) => jifen.der.rawSignature(bytes, 32)]) {
      try {
        reader(jifen.bytes.fromHex(hex));
        outcomes.read += 1;
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        outcomes.refused += 1;
      }
    }
  }
  return outcomes;
}
"""
VERIFY = """
async ({ certificate, signature, message }) => {
  const { fromHex } = jifen.bytes;
  return jifen.certificates.verify(jifen.certificates.parse(fromHex(certificate)), fromHex(signature), fromHex(message));
}
"""


@pytest.fixture(scope="module")
def scripts(browser: Browser) -> Iterator[Page]:
    """The scripts on a page of their own."""
    page = browser.new_page()
    yield open_page(page)
    page.close()


def way(page: Page, leaf: Signer, roots: list[Signer], intermediates: list[Signer] | None = None) -> str:
    """The names from the leaf to the root that the browser finds."""
    given = {"leaf": leaf.der, "roots": [one.der for one in roots]}
    return str(page.evaluate(CHAIN, {**given, "intermediates": [one.der for one in intermediates or []]}))


def test_chains_that_hold_are_accepted(scripts: Page) -> None:
    root = signer("root")
    between = signer("between", root, below=0)
    assert way(scripts, signer("leaf", root, authority=False), [root]) == "leaf < root"
    leaf = signer("leaf", between, authority=False, key_usage=None)
    assert way(scripts, leaf, [signer("another"), root], [signer("odd"), between]) == "leaf < between < root"
    large = signer("large", key=ec.generate_private_key(ec.SECP384R1()), hash_algorithm=hashes.SHA384())
    assert (
        way(scripts, signer("leaf", large, authority=False, hash_algorithm=hashes.SHA384()), [large]) == "leaf < large"
    )
    same = signer("root", number=2)
    assert way(scripts, signer("leaf", root, authority=False), [same, root]) == "leaf < root"


def test_what_is_wrong_with_one_is_enough(scripts: Page) -> None:
    root = signer("root")
    assert way(scripts, signer("leaf", signer("root"), authority=False), [root]) == "no way", (
        "the same name, another key"
    )
    plain = signer("between", root, authority=False)
    assert way(scripts, signer("leaf", plain, authority=False), [root], [plain]) == "no way", "no authority"
    other = signer("between", root, key_usage=False)
    assert way(scripts, signer("leaf", other, authority=False), [root], [other]) == "no way", (
        "may not sign certificates"
    )
    only = signer("only", below=0)
    between = signer("between", only)
    assert way(scripts, signer("leaf", between, authority=False), [only], [between]) == "no way", "too far below"
    alone = signer("between", signer("elsewhere"))
    assert way(scripts, signer("leaf", alone, authority=False), [root], [alone]) == "no way", "leads nowhere"
    assert way(scripts, signer("leaf", root, authority=False), [], [root]) == "no way", "nobody trusts this root"
    assert way(scripts, signer("leaf", root, authority=False, critical=True), [root]) == "unreadable"
    weak = signer("leaf", root, authority=False, hash_algorithm=hashes.SHA512())
    assert way(scripts, weak, [root]) == "no way", "a hash that is not known here"


@pytest.mark.parametrize("kind", ["rsa", "ed25519", "p521"])
def test_keys_of_other_kinds_are_told(scripts: Page, kind: str) -> None:
    key = {
        "rsa": lambda: rsa.generate_private_key(65_537, 2048),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    }[kind]()
    root = signer("root", key=key)
    assert way(scripts, signer("leaf", root, authority=False), [root]) == "unreadable"


def test_signatures_agree_with_pythons(scripts: Page) -> None:
    """Also where r or s is short or has its highest bit set, which DER writes in other lengths."""
    signed = signer("signer")
    lengths = set()
    for number in range(150):
        message = number.to_bytes(4, "big")
        signature = signed.key.sign(message, ec.ECDSA(hashes.SHA256()))
        lengths.add(len(signature))
        given = {"certificate": signed.der, "signature": signature.hex(), "message": message.hex()}
        assert scripts.evaluate(VERIFY, given)
        assert not scripts.evaluate(VERIFY, {**given, "message": (number + 1).to_bytes(4, "big").hex()})
    assert len(lengths) > 1


def test_made_up_bytes_are_read_or_refused_and_nothing_else(scripts: Page) -> None:
    chance = random.Random(7)
    whole = bytes.fromhex(signer("root").der)
    made = [whole[:length] for length in range(len(whole))]
    for _ in range(1500):
        changed = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        made.append(bytes(changed))
        made.append(chance.randbytes(chance.randint(0, 60)))
    outcomes = scripts.evaluate(FUZZ, [one.hex() for one in made])
    assert outcomes["read"] + outcomes["refused"] == 3 * len(made)
    assert outcomes["refused"] > len(made)


MEMBER = """
async ({ claim, creator }) => {
  const place = { channel: "jifen", chaincode: "jifen", network: "" };
  return (await jifen.checks.member(claim, [], place, { creator: jifen.bytes.fromHex(creator) })).state;
}
"""


def test_a_member_may_be_a_client_of_her_own(scripts: Page) -> None:
    """With a certificate over her own key: then the transaction's signature is hers. Another's certificate is not."""
    root = signer("root")
    own = signer("member", root, authority=False)
    point = own.key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    claim = {"authoriser": address_of(point.hex()), "request_id": "r", "op": "Transfer"}
    for one, expected in ((own, "holds"), (signer("other", root, authority=False), "broken")):
        pem = one.certificate.public_bytes(serialization.Encoding.PEM)
        creator = identities_pb2.SerializedIdentity(mspid="northstar", id_bytes=pem).SerializeToString()
        assert scripts.evaluate(MEMBER, {"claim": claim, "creator": creator.hex()}) == expected
    merchants = {**claim, "authoriser": "northstar"}
    assert scripts.evaluate(MEMBER, {"claim": merchants, "creator": creator.hex()}) == "not there"
