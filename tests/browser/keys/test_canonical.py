"""The browser's canonical JSON and addresses are the rules' own, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from chaincode.cases.writing import read
from chaincode.signing import MemberKey
from chaincode.spec.kernel import bech32, canonical
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.limits import INTEGER_MAX
from chaincode.spec.kernel.signatures import address_of, is_address
from tests.browser.keys.conftest import refusal

pytestmark = pytest.mark.browser

VECTORS = Path(__file__).resolve().parents[3] / "chaincode" / "vectors"
TEXTS = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from(list('\x00\x08\x0c\x1f\x7f\x80"\\/\u2028\u2029\ud7ff\ue000\uffff\U00010000\U0001f600ab')),
    ),
    max_size=12,
)
NEIGHBOURS = st.text(st.sampled_from("a\ud7ff\ue000\uffff\U00010000\U0001f600"), max_size=3)
"""Names whose order by code point is not that by UTF-16 units."""
DOCUMENTS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-INTEGER_MAX, INTEGER_MAX), TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.dictionaries(st.one_of(TEXTS, NEIGHBOURS), inner, max_size=6)
    ),
    max_leaves=25,
)
BY_BATCH = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


def texts(page: Page, documents: list[Any]) -> list[str]:
    """Canonical texts, of documents that come as JSON so that each name is the document's own."""
    written = [json.dumps(document, ensure_ascii=True) for document in documents]
    found = page.evaluate("(all) => all.map((one) => jifen.canonical.text(JSON.parse(one)))", written)
    assert isinstance(found, list)
    return found


@BY_BATCH
@given(documents=st.lists(DOCUMENTS, min_size=20, max_size=40))
def test_made_up_documents(scripts: Page, documents: list[Any]) -> None:
    assert texts(scripts, documents) == [canonical.encode(document).decode() for document in documents]


def test_the_vectors_documents(scripts: Page) -> None:
    good, names = [], []
    for path in sorted((VECTORS / "canonical").glob("*.json")):
        vector = json.loads(path.read_text("utf-8"))
        if isinstance(vector.get("text"), str) and "refusal" not in vector["expect"]:
            good.append(canonical.decode(vector["text"].encode()))
            names.append(path.name)
    assert len(good) > 15
    found = texts(scripts, good)
    for name, document, text in zip(names, good, found, strict=True):
        assert text == canonical.encode(document).decode(), name


def test_every_operation_of_the_vectors(scripts: Page) -> None:
    operations = [
        entry
        for op in ("transfer", "redeem", "hold", "release", "exchange", "approve", "transfer_from")
        for path in sorted((VECTORS / op).glob("*.json"))
        for _, vector in read(path)
        for entry in _operations(vector)
    ]
    assert len(operations) > 100
    assert texts(scripts, operations) == [canonical.encode(entry).decode() for entry in operations]


def _operations(document: Any) -> list[Any]:
    if isinstance(document, dict):
        own = [document] if "op" in document and "args" in document and _is_whole(document) else []
        return own + [entry for value in document.values() for entry in _operations(value)]
    if isinstance(document, list):
        return [entry for value in document for entry in _operations(value)]
    return []


def _is_whole(document: Any) -> bool:
    """Whether the document is one that can be canonical at all: some vectors hold numbers out of range on purpose."""
    try:
        canonical.decode(json.dumps(document).encode())
    except Refusal:
        return False
    return True


@pytest.mark.parametrize(
    "value",
    [
        *["1.5", "2 ** 53", "-(2 ** 53)", "-0", "NaN", "Infinity", "undefined", "{a: undefined}", "10n", "() => 1"],
        *["'\\ud800'", "'a\\udc00b'", "{'\\ud800': 1}", "new Map()", "new Date()", "Symbol()"],
    ],
)
def test_what_cannot_be_signed_is_refused(scripts: Page, value: str) -> None:
    assert refusal(scripts, f"() => jifen.canonical.encode({value})") == "TypeError"


def test_addresses(scripts: Page) -> None:
    vector = json.loads((VECTORS / "bech32" / "addresses.json").read_text("utf-8"))
    for one in vector["good"]:
        assert scripts.evaluate("(one) => jifen.bech32.encode('jf', jifen.bytes.fromHex(one.hex))", one) == one["text"]
        assert scripts.evaluate("(one) => jifen.bech32.isAddress(one.text)", one) is True
        assert scripts.evaluate("(one) => jifen.bytes.hex(jifen.bech32.decode('jf', one.text))", one) == one["hex"]
    for text in vector["bad"]:
        assert scripts.evaluate("(text) => jifen.bech32.isAddress(text)", text) is False, text
    for one in json.loads((VECTORS / "bech32" / "bip_173.json").read_text("utf-8"))["valid"]:
        again = "(one) => jifen.bech32.encode(one.prefix, jifen.bech32.decode(one.prefix, one.text))"
        assert scripts.evaluate(again, one) == one["text"]
    keys = [MemberKey.derived(f"browser {number}").public_key for number in range(50)]
    found = scripts.evaluate("(keys) => Promise.all(keys.map(jifen.bech32.addressOf))", keys)
    assert found == [address_of(key) for key in keys]


@BY_BATCH
@given(data=st.lists(st.binary(min_size=0, max_size=40), min_size=10, max_size=30), noise=st.data())
def test_made_up_addresses(scripts: Page, data: list[bytes], noise: st.DataObject) -> None:
    good = [bech32.encode("jf", one) for one in data]
    changed = [
        text[:place] + noise.draw(st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7lBIO1 b")) + text[place + 1 :]
        for text in good
        for place in [noise.draw(st.integers(0, len(text) - 1))]
    ]
    assert (
        scripts.evaluate(
            "(all) => all.map((one) => jifen.bech32.encode('jf', jifen.bytes.fromHex(one)))",
            [one.hex() for one in data],
        )
        == good
    )
    found = scripts.evaluate("(all) => all.map((one) => jifen.bech32.isAddress(one))", [*good, *changed])
    assert found == [is_address(one) for one in [*good, *changed]]


@BY_BATCH
@given(data=st.lists(st.binary(max_size=70), min_size=10, max_size=30))
def test_bytes_written_and_read(scripts: Page, data: list[bytes]) -> None:
    back = "(all) => all.map((one) => { const bytes = jifen.bytes.fromHex(one); return jifen.bytes.hex(jifen.bytes.fromBase64url(jifen.bytes.base64url(bytes))); })"
    assert scripts.evaluate(back, [one.hex() for one in data]) == [one.hex() for one in data]


def test_what_is_no_hex_and_no_base64url_is_refused(scripts: Page) -> None:
    for text in ("0", "0G", "AB", " 00"):
        assert refusal(scripts, "(text) => jifen.bytes.fromHex(text)", text) == "TypeError", text
    for text in ("A", "AA==", "A+/A", "AB", "A A"):
        assert refusal(scripts, "(text) => jifen.bytes.fromBase64url(text)", text) == "TypeError", text
