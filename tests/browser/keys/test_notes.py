"""A note is read by the one it was sealed for, bound to its transfer, and by nobody else."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from chaincode.signing import MemberKey
from chaincode.spec.kernel.canonical import encode
from tests.browser.keys.conftest import refusal
from tests.browser.keys.wrapped_key import opened

pytestmark = pytest.mark.browser

PASSPHRASE = "seven ferries to Gulangyu"
SENDER = MemberKey.derived("browser: the sender").address
TEXT = "生日快乐! 🎂 see you at eight"
READ = "([notes, key, words]) => jifen.notes.readAll(notes, key, words)"
SEAL = "([text, publicKey, transfer]) => jifen.notes.seal(text, publicKey, transfer)"


@pytest.fixture(scope="module")
def keys(scripts: Page) -> list[dict[str, Any]]:
    """The recipient's key and a third person's."""
    found = scripts.evaluate("(words) => Promise.all([jifen.keys.make(words), jifen.keys.make(words)])", PASSPHRASE)
    assert isinstance(found, list)
    return found


def transfer(keys: list[dict[str, Any]], **changes: str) -> dict[str, str]:
    """What the note goes with."""
    return {"authoriser": SENDER, "request_id": "r-1", "recipient": keys[0]["address"], **changes}


@pytest.fixture(scope="module")
def note(scripts: Page, keys: list[dict[str, Any]]) -> dict[str, str]:
    """A sealed note, as the gateway gives it."""
    sealed = scripts.evaluate(SEAL, [TEXT, keys[0]["public_key"], transfer(keys)])
    return {**transfer(keys), "sealed": sealed}


def test_sealed_by_one_and_read_by_the_other(scripts: Page, keys: list[dict[str, Any]], note: dict[str, str]) -> None:
    assert scripts.evaluate(READ, [[note], keys[0], PASSPHRASE]) == [TEXT]
    assert TEXT.encode() not in base64.urlsafe_b64decode(note["sealed"] + "==")


def test_another_implementation_reads_it(scripts: Page, keys: list[dict[str, Any]], note: dict[str, str]) -> None:
    sealed = base64.urlsafe_b64decode(note["sealed"] + "=" * (-len(note["sealed"]) % 4))
    version, ephemeral, nonce, box = sealed[0], sealed[1:66], sealed[66:78], sealed[78:]
    other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), ephemeral)
    shared = opened(keys[0], PASSPHRASE).exchange(ec.ECDH(), other)
    salt = ephemeral + bytes.fromhex(keys[0]["public_key"])
    derived = HKDF(hashes.SHA256(), 32, salt, b"jifen-note-1").derive(shared)
    bound = encode({name: note[name] for name in ("authoriser", "recipient", "request_id")})
    assert version == 1
    assert AESGCM(derived).decrypt(nonce, box, bound).decode() == TEXT


def test_not_read_by_a_third(scripts: Page, keys: list[dict[str, Any]], note: dict[str, str]) -> None:
    assert scripts.evaluate(READ, [[note], keys[1], PASSPHRASE]) == [None]


def test_a_wrong_passphrase_is_told(scripts: Page, keys: list[dict[str, Any]], note: dict[str, str]) -> None:
    assert refusal(scripts, READ, [[note], keys[0], "not this one at all"]) == "PASSPHRASE_WRONG"


def test_a_note_at_another_transfer_is_not_read(
    scripts: Page, keys: list[dict[str, Any]], note: dict[str, str]
) -> None:
    changed = [
        {**note, "request_id": "r-2"},
        {**note, "authoriser": MemberKey.derived("another").address},
        {**note, "recipient": keys[1]["address"]},
    ]
    assert scripts.evaluate(READ, [changed, keys[0], PASSPHRASE]) == [None, None, None]


def test_a_changed_note_is_not_read(scripts: Page, keys: list[dict[str, Any]], note: dict[str, str]) -> None:
    sealed = base64.urlsafe_b64decode(note["sealed"] + "=" * (-len(note["sealed"]) % 4))
    changed = [bytes([*sealed[:place], sealed[place] ^ 1, *sealed[place + 1 :]]) for place in range(len(sealed))]
    changed += [sealed[:length] for length in range(0, len(sealed), 7)] + [sealed + b"\0"]
    notes = [{**note, "sealed": base64.urlsafe_b64encode(one).rstrip(b"=").decode()} for one in changed]
    notes += [{**note, "sealed": text} for text in ("", "*", "A", note["sealed"] + "=")]
    assert scripts.evaluate(READ, [notes, keys[0], PASSPHRASE]) == [None] * len(notes)


def test_each_sealing_is_another(scripts: Page, keys: list[dict[str, Any]], note: dict[str, str]) -> None:
    assert scripts.evaluate(SEAL, [TEXT, keys[0]["public_key"], transfer(keys)]) != note["sealed"]


def test_the_gateway_cannot_slip_in_a_key_of_its_own(scripts: Page, keys: list[dict[str, Any]]) -> None:
    assert refusal(scripts, SEAL, [TEXT, keys[1]["public_key"], transfer(keys)]) == "ADDRESS_MISMATCH"


def test_the_longest_note_fits_and_a_longer_one_does_not(scripts: Page, keys: list[dict[str, Any]]) -> None:
    longest = "🎂" * 280
    sealed = scripts.evaluate(SEAL, [longest, keys[0]["public_key"], transfer(keys)])
    assert len(sealed) <= 2048
    assert scripts.evaluate(READ, [[{**transfer(keys), "sealed": sealed}], keys[0], PASSPHRASE]) == [longest]
    assert refusal(scripts, SEAL, [longest + "x", keys[0]["public_key"], transfer(keys)]) == "NOTE_TOO_LONG"


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(texts=st.lists(st.text(st.characters(codec="utf-8"), max_size=280), min_size=1, max_size=8))
def test_any_text_comes_back(scripts: Page, keys: list[dict[str, Any]], texts: list[str]) -> None:
    sealed = [scripts.evaluate(SEAL, [text, keys[0]["public_key"], transfer(keys)]) for text in texts]
    notes = [{**transfer(keys), "sealed": one} for one in sealed]
    assert scripts.evaluate(READ, [notes, keys[0], PASSPHRASE]) == texts
