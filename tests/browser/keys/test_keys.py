"""A key that the browser made: wrapped as the gateway asks for, opened by its passphrase alone, brought back from a backup."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from playwright.sync_api import Page

from chaincode.signing import MemberKey
from chaincode.spec.kernel.signatures import address_of
from gateway.members.key_schemas import WrappedKeyDocument
from tests.browser.keys.conftest import refusal
from tests.browser.keys.wrapped_key import opened

pytestmark = pytest.mark.browser

PASSPHRASE = "seven ferries to Gulangyu"
OTHER = "three lamps on the Bund wall"


@pytest.fixture(scope="module")
def made(scripts: Page) -> dict[str, Any]:
    """A key that the browser made."""
    found = scripts.evaluate("(passphrase) => jifen.keys.make(passphrase)", PASSPHRASE)
    assert isinstance(found, dict)
    return found


def test_it_is_wrapped_as_the_gateway_asks_for(made: dict[str, Any]) -> None:
    WrappedKeyDocument.model_validate(made)
    assert made["iterations"] >= 600_000
    assert made["address"] == address_of(made["public_key"])


def test_another_implementation_opens_it_with_the_passphrase_alone(made: dict[str, Any]) -> None:
    key = MemberKey(opened(made, PASSPHRASE))
    assert (key.public_key, key.address) == (made["public_key"], made["address"])
    with pytest.raises(InvalidTag):
        opened(made, OTHER)


def test_each_key_and_each_wrapping_is_another(scripts: Page, made: dict[str, Any]) -> None:
    second = scripts.evaluate("(passphrase) => jifen.keys.make(passphrase)", PASSPHRASE)
    for name in ("address", "iv", "public_key", "salt", "wrapped"):
        assert second[name] != made[name], name


def test_an_opened_key_signs_and_cannot_be_taken_out(scripts: Page, made: dict[str, Any]) -> None:
    found = scripts.evaluate(
        "async ([key, words]) => { const open = await jifen.keys.openToSign(key, words); return [open.extractable, open.usages]; }",
        [made, PASSPHRASE],
    )
    assert found == [False, ["sign"]]
    call = "async ([key, words]) => crypto.subtle.exportKey('pkcs8', await jifen.keys.openToSign(key, words))"
    assert refusal(scripts, call, [made, PASSPHRASE]) not in ("", "PASSPHRASE_WRONG")
    agree = "async ([key, words]) => { const open = await jifen.keys.openToAgree(key, words); return [open.extractable, open.usages]; }"
    assert scripts.evaluate(agree, [made, PASSPHRASE]) == [False, ["deriveBits"]]


def test_a_wrong_passphrase_and_a_changed_key_are_refused(scripts: Page, made: dict[str, Any]) -> None:
    call = "([key, words]) => jifen.keys.prove(key, words)"
    assert refusal(scripts, call, [made, PASSPHRASE]) == ""
    assert refusal(scripts, call, [made, PASSPHRASE + " "]) == "PASSPHRASE_WRONG"
    place = 20
    changed = made["wrapped"][:place] + ("A" if made["wrapped"][place] != "A" else "B") + made["wrapped"][place + 1 :]
    assert refusal(scripts, call, [{**made, "wrapped": changed}, PASSPHRASE]) == "PASSPHRASE_WRONG"
    other = MemberKey.derived("another").public_key
    assert refusal(scripts, call, [{**made, "public_key": other}, PASSPHRASE]) == "KEY_MISMATCH"


def test_the_same_passphrase_typed_another_way_opens_it(scripts: Page) -> None:
    key = scripts.evaluate("(words) => jifen.keys.make(words)", "Cafe\u0301 am Meer 1911")
    assert refusal(scripts, "([key, words]) => jifen.keys.prove(key, words)", [key, "Caf\u00e9 am Meer 1911"]) == ""


def test_another_passphrase_for_the_same_key(scripts: Page, made: dict[str, Any]) -> None:
    call = "([key, words, next]) => jifen.keys.rewrap(key, words, next)"
    again = scripts.evaluate(call, [made, PASSPHRASE, OTHER])
    assert again["address"] == made["address"]
    assert {again[name] == made[name] for name in ("iv", "salt", "wrapped")} == {False}
    assert MemberKey(opened(again, OTHER)).address == made["address"]
    with pytest.raises(InvalidTag):
        opened(again, PASSPHRASE)
    assert refusal(scripts, call, [made, OTHER, PASSPHRASE]) == "PASSPHRASE_WRONG"
    assert refusal(scripts, call, [made, PASSPHRASE, "short"]) == "PASSPHRASE_WEAK"


@pytest.mark.parametrize(
    ("passphrase", "good"),
    [
        ("", False),
        ("elevenchars", False),
        ("twelve chars", True),
        ("一二三四五", False),
        ("海上升明月天涯", True),
        ("aaaaaaaaaaaaaaaa", False),
        ("abababababab", False),
        ("123456789012", False),
        ("abcdefghijklm", False),
        ("zyxwvutsrqpon", False),
        ("my jifen phrase", False),
        ("lin@example.org 1", False),
        (PASSPHRASE, True),
    ],
)
def test_what_a_passphrase_must_be(scripts: Page, passphrase: str, good: bool) -> None:
    found = scripts.evaluate("(words) => jifen.keys.strength(words, ['lin@example.org', 'Lin'])", passphrase)
    assert found["good"] is good, found
    assert found["words"]
    assert (found["share"] == 1) is good or not good


def test_a_weak_passphrase_makes_no_key(scripts: Page) -> None:
    assert refusal(scripts, "() => jifen.keys.make('123456789012')") == "PASSPHRASE_WEAK"


def test_a_backup_brings_the_key_back(scripts: Page, made: dict[str, Any]) -> None:
    text = scripts.evaluate("(key) => jifen.keys.backup(key)", made)
    assert json.loads(text) == {"format": "jifen-key-backup", "version": 1, "address": made["address"], "key": made}
    assert scripts.evaluate("(text) => jifen.keys.readBackup(text)", text) == made


def test_a_backup_says_no_more_than_the_gateway_knows(scripts: Page, made: dict[str, Any]) -> None:
    shown = {**made, "memory_kibibytes": None, "note": "mine"}
    text = scripts.evaluate("(key) => jifen.keys.backup(key)", shown)
    assert json.loads(text)["key"] == made


def damaged(made: dict[str, Any]) -> list[tuple[str, str]]:
    """Files that are no good backups, each with its code."""
    good = {"format": "jifen-key-backup", "version": 1, "address": made["address"], "key": made}
    other = MemberKey.derived("another")
    return [
        ("", "BACKUP_MALFORMED"),
        ("null", "BACKUP_MALFORMED"),
        ("[]", "BACKUP_MALFORMED"),
        ("x" * 20_000, "BACKUP_MALFORMED"),
        (json.dumps({**good, "format": "other"}), "BACKUP_MALFORMED"),
        (json.dumps({**good, "version": 2}), "BACKUP_MALFORMED"),
        (json.dumps({**good, "key": None}), "BACKUP_MALFORMED"),
        (json.dumps({**good, "key": {**made, "iterations": 1000}}), "BACKUP_MALFORMED"),
        (json.dumps({**good, "key": {**made, "iterations": 10**9}}), "BACKUP_MALFORMED"),
        (json.dumps({**good, "key": {**made, "iterations": "600000"}}), "BACKUP_MALFORMED"),
        (json.dumps({**good, "key": {**made, "kdf": "NONE"}}), "BACKUP_MALFORMED"),
        (json.dumps({**good, "key": {**made, "wrapped": made["wrapped"][:8]}}), "BACKUP_MALFORMED"),
        (json.dumps({**good, "key": {**made, "iv": "*" * 16}}), "BACKUP_MALFORMED"),
        (json.dumps({**good, "key": {**made, "public_key": "04" + "0" * 126}}), "BACKUP_MALFORMED"),
        (json.dumps({**good, "address": other.address}), "ADDRESS_MISMATCH"),
        (json.dumps({**good, "key": {**made, "public_key": other.public_key}}), "ADDRESS_MISMATCH"),
    ]


def test_a_damaged_backup_is_refused(scripts: Page, made: dict[str, Any]) -> None:
    for text, code in damaged(made):
        assert refusal(scripts, "(text) => jifen.keys.readBackup(text)", text) == code, text[:200]


def test_a_backup_with_anothers_key_inside_is_found_out(scripts: Page, made: dict[str, Any]) -> None:
    other = scripts.evaluate("(passphrase) => jifen.keys.make(passphrase)", PASSPHRASE)
    swapped = {**made, **{name: other[name] for name in ("iv", "salt", "wrapped")}}
    text = json.dumps({"format": "jifen-key-backup", "version": 1, "address": made["address"], "key": swapped})
    call = "async ([text, words]) => jifen.keys.prove(await jifen.keys.readBackup(text), words)"
    assert refusal(scripts, call, [text, PASSPHRASE]) == "KEY_MISMATCH"
