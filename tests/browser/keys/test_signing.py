"""What the browser signs is what the ledger checks; what it says is what it signs."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from chaincode.cases.world import class_args
from chaincode.cases.writing import read
from chaincode.signing import MemberKey
from chaincode.spec.kernel import signatures
from chaincode.spec.kernel.authorisation import check_form
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.terms import terms_hash
from chaincode.spec.operations import OPERATIONS
from gateway.members.custody import SIGNED_FOR_MEMBER
from gateway.members.wallets import link_message
from gateway.operations.api.requests import kebab
from tests.browser.keys.conftest import refusal

pytestmark = pytest.mark.browser

VECTORS = Path(__file__).resolve().parents[3] / "chaincode" / "vectors"
PASSPHRASE = "seven ferries to Gulangyu"
WHERE = signatures.SigningPlace("points-channel", "points", "5e" * 32)
PLACE = asdict(WHERE)
ADDRESS = MemberKey.derived("browser: mei").address
SECOND = MemberKey.derived("browser: bo").address
UNTIL = 1_790_003_600


@pytest.fixture(scope="module")
def key(scripts: Page) -> dict[str, Any]:
    """A key that the browser made."""
    found = scripts.evaluate("(passphrase) => jifen.keys.make(passphrase)", PASSPHRASE)
    assert isinstance(found, dict)
    return found


def message(page: Page, call: str, *arguments: Any) -> bytes:
    """The bytes that a call makes."""
    return bytes.fromhex(page.evaluate(f"(given) => jifen.bytes.hex(jifen.signing.{call}(...given))", list(arguments)))


def vector_operations(op: str) -> list[dict[str, Any]]:
    """The operations of good form among an operation's vectors."""
    found = []
    for path in sorted((VECTORS / kebab(op).replace("-", "_")).glob("*.json")):
        for entry in (entry for _, vector in read(path) for entry in _entries(vector, op)):
            whole = {"op": op, "args": entry["args"], "request_id": "r-1", "valid_until": UNTIL}
            try:
                check_form(whole, OPERATIONS)
            except Refusal:
                continue
            found.append(whole)
    return found


def _entries(document: Any, op: str) -> list[dict[str, Any]]:
    if isinstance(document, dict):
        own = [document] if document.get("op") == op and isinstance(document.get("args"), dict) else []
        return own + [entry for value in document.values() for entry in _entries(value, op)]
    return [entry for value in document for entry in _entries(value, op)] if isinstance(document, list) else []


@pytest.mark.parametrize("op", sorted(SIGNED_FOR_MEMBER))
def test_an_operations_message_is_the_ledgers(scripts: Page, op: str) -> None:
    operations = vector_operations(op)
    assert operations
    for operation in operations:
        assert message(scripts, "operationMessage", operation, PLACE) == signatures.operation_message(operation, WHERE)


def test_the_other_messages_are_the_ledgers(scripts: Page) -> None:
    assert message(scripts, "enrolmentMessage", ADDRESS, "northstar", PLACE) == signatures.enrolment_message(
        ADDRESS, "northstar", WHERE
    )
    asked = {"class_id": "north", "reference_hash": "ab" * 32, "points": 5, "request_id": "w", "valid_until": UNTIL}
    withdrawal: dict[str, Any] = {"address": ADDRESS, **asked}
    assert message(scripts, "withdrawalMessage", withdrawal, PLACE) == signatures.withdrawal_message(
        **withdrawal, place=WHERE
    )
    rebind = {"address": ADDRESS, "home_msp": "northstar", "new_address": SECOND}
    assert message(scripts, "rebindMessage", rebind, PLACE) == signatures.rebind_message(**rebind, place=WHERE)
    merging = {"source": ADDRESS, "target": SECOND, "class_ids": ["b", "a"], "request_id": "m", "valid_until": UNTIL}
    assert message(scripts, "mergeMessage", merging, PLACE) == signatures.merge_message(**merging, place=WHERE)  # type: ignore[arg-type]
    challenge = {
        "challenge": "c",
        "domain": "jifen-link-1",
        "msp_id": "northstar",
        "person_id": "per_1",
        "session_id": "ses_1",
    }
    expected = link_message(ADDRESS, "c", "per_1", "ses_1", "northstar")
    assert message(scripts, "linkMessage", ADDRESS, {**challenge, "challenge_id": "chl_1", "expires_at": 1}) == expected


def test_a_challenge_cannot_be_another_message_in_disguise(scripts: Page) -> None:
    for domain in ("jifen-operation-1", "jifen-link-2", ""):
        call = "([address, challenge]) => jifen.signing.linkMessage(address, challenge)"
        assert refusal(scripts, call, [ADDRESS, {"challenge": "c", "domain": domain}]) == "TypeError"


def test_the_ledger_takes_the_browsers_signature(scripts: Page, key: dict[str, Any]) -> None:
    for op in sorted(SIGNED_FOR_MEMBER):
        operation = vector_operations(op)[0]
        signed = scripts.evaluate(
            "([operation, place, key, words]) => jifen.signing.authorise(operation, place, key, words)",
            [operation, PLACE, key, PASSPHRASE],
        )
        check_form(signed, OPERATIONS)
        authorization = signed.pop("authorization")
        assert signed == operation
        expected = signatures.operation_message(operation, WHERE)
        assert signatures.verify(authorization["public_key"], authorization["signature"], expected)
        changed = signatures.operation_message({**operation, "request_id": "r-2"}, WHERE)
        assert not signatures.verify(authorization["public_key"], authorization["signature"], changed)
        elsewhere = signatures.operation_message(operation, replace(WHERE, network="e5" * 32))
        assert not signatures.verify(authorization["public_key"], authorization["signature"], elsewhere)


def test_a_wrong_passphrase_signs_nothing(scripts: Page, key: dict[str, Any]) -> None:
    call = "([operation, place, key]) => jifen.signing.authorise(operation, place, key, 'not this one at all')"
    assert refusal(scripts, call, [vector_operations("Transfer")[0], PLACE, key]) == "PASSPHRASE_WRONG"


def test_new_operations_have_ids_of_their_own(scripts: Page) -> None:
    found = scripts.evaluate("() => [1, 2].map(() => jifen.signing.operation('Release', {hold_id: 'x/y'}))")
    assert found[0]["request_id"] != found[1]["request_id"]
    for one in found:
        assert len(one["request_id"]) >= 20
        now = scripts.evaluate("() => Math.floor(Date.now() / 1000)")
        assert now + 3500 < one["valid_until"] <= now + 3600


NAMES = {
    "locale": "en",
    "classes": {
        "north": {"name": "North Star points", "symbol": "NORTH", "decimals": 0},
        "fine": {"name": "Fine points", "symbol": "FINE", "decimals": 2},
        "harbor": {"name": "Harbor points", "symbol": "HARB", "decimals": 0},
    },
    "merchants": {"northstar": "North Star Books"},
    "people": {ADDRESS: "Mei"},
}


def grouped(text: str) -> str:
    """In groups of four."""
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def described(page: Page, op: str, args: dict[str, Any], **names: Any) -> dict[str, Any]:
    """What an operation says."""
    operation = {"op": op, "args": args, "request_id": "r", "valid_until": UNTIL}
    found = page.evaluate(
        "([operation, names]) => jifen.signing.describe(operation, names)", [operation, {**NAMES, **names}]
    )
    assert found["lines"][-1]["label"] == "Can be carried out until"
    return {"title": found["title"], "lines": [(line["label"], line["value"]) for line in found["lines"][:-1]]}


def test_a_transfer_in_words(scripts: Page) -> None:
    one = {"class_id": "north", "recipients": [{"address": ADDRESS, "points": 1234567}]}
    assert described(scripts, "Transfer", one) == {
        "title": "Send points",
        "lines": [
            ("Recipient", f"Mei · {grouped(ADDRESS)}"),
            ("Points", "1,234,567 points of North Star points (north)"),
        ],
    }
    several = {
        "class_id": "fine",
        "recipients": [{"address": ADDRESS, "points": 150}, {"address": SECOND, "points": 5}],
    }
    assert described(scripts, "Transfer", several) == {
        "title": "Send points to 2 accounts",
        "lines": [
            ("Recipient", f"Mei · {grouped(ADDRESS)}"),
            ("Points", "1.50 points of Fine points (fine)"),
            ("Recipient", grouped(SECOND)),
            ("Points", "0.05 points of Fine points (fine)"),
            ("In all", "1.55 points of Fine points (fine)"),
        ],
    }


def test_the_greatest_amount_is_exact(scripts: Page) -> None:
    args = {"class_id": "fine", "recipients": [{"address": SECOND, "points": 2**53 - 1}]}
    assert ("Points", "90,071,992,547,409.91 points of Fine points (fine)") in described(scripts, "Transfer", args)[
        "lines"
    ]
    german = described(scripts, "Transfer", args, locale="de")
    assert ("Points", "90.071.992.547.409,91 points of Fine points (fine)") in german["lines"]


def test_every_other_operation_in_words(scripts: Page) -> None:
    redeem = {"acceptor_msp": "northstar", "class_ids": ["north", "harbor"], "order_ref": "o 1", "points": 40}
    taken = "North Star points (north), Harbor points (harbor)"
    at = "North Star Books (northstar)"
    assert described(scripts, "Redeem", redeem)["lines"] == [
        ("At the merchant", at),
        ("Points", "40 points"),
        ("Taken from", taken),
        ("For the order", "o 1"),
    ]
    hold = described(scripts, "Hold", {**redeem, "expires_at": UNTIL})
    assert hold["lines"][:4] == [
        ("For the merchant", at),
        ("At most", "40 points"),
        ("Taken from", taken),
        ("For the order", "o 1"),
    ]
    assert hold["lines"][4][0] == "Ends by itself"
    assert "2026" in hold["lines"][4][1]
    assert described(scripts, "Release", {"hold_id": f"{ADDRESS}/r"})["lines"][0] == ("Reservation", f"{ADDRESS}/r")
    exchange = {
        "from_class_id": "north",
        "to_class_id": "harbor",
        "points": 7,
        "rate_version": 3,
        "terms_hash": "0" * 64,
    }
    assert described(scripts, "Exchange", exchange)["lines"] == [
        ("Points given", "7 points of North Star points (north)"),
        ("Received", "points of Harbor points (harbor)"),
        ("Terms", f"This page does not know them. Do not sign. {grouped('0' * 64)}"),
        ("At the rate of version", "3"),
    ]
    approve = {"class_id": "north", "spender": SECOND, "points": 9, "expected_points": 4}
    assert described(scripts, "Approve", approve)["lines"] == [
        ("Who may take them", grouped(SECOND)),
        ("At most", "9 points of North Star points (north)"),
        ("Only if the allowance now is", "4 points of North Star points (north)"),
    ]
    assert described(scripts, "Approve", {**approve, "points": 0})["title"] == "End an allowance"
    taking = {"class_id": "north", "owner": ADDRESS, "recipient": SECOND, "points": 2}
    assert described(scripts, "TransferFrom", taking)["lines"] == [
        ("From the account", f"Mei · {grouped(ADDRESS)}"),
        ("Recipient", grouped(SECOND)),
        ("Points", "2 points of North Star points (north)"),
    ]
    assert described(scripts, "MoveHome", {"home_msp": "northstar"})["lines"][0] == ("New home merchant", at)
    deposit = {"class_id": "north", "points": 3, "reference_hash": "ab" * 32}
    assert described(scripts, "DepositFromWallet", deposit)["lines"] == [
        ("Points", "3 points of North Star points (north)"),
        ("Old card", grouped("ab" * 32)),
    ]


def test_both_signatures_of_a_merging_say_whence_and_whither(scripts: Page) -> None:
    merging = {"source": ADDRESS, "target": SECOND, "class_ids": ["north", "harbor"]}
    args = {"class_ids": merging["class_ids"], "target": SECOND, "public_key": "04", "proof": "00"}
    operation = described(scripts, "MergeAccounts", args, source=ADDRESS)
    assert operation["lines"][:3] == [
        ("From the account", f"Mei · {grouped(ADDRESS)}"),
        ("Into the account", grouped(SECOND)),
        ("Points", "North Star points (north), Harbor points (harbor)"),
    ]
    assert operation["lines"][3][1].startswith("All that there is of these then moves")
    call = "([merging, names]) => jifen.signing.describeMerging(merging, names)"
    proof = scripts.evaluate(call, [{**merging, "request_id": "r", "valid_until": UNTIL}, NAMES])
    assert [(line["label"], line["value"]) for line in proof["lines"][:-1]] == operation["lines"]
    assert proof["lines"][-1]["label"] == "Can be carried out until"
    assert (operation["title"], proof["title"]) == (
        "Move all points into another account of yours",
        "Take in the points of another account of yours",
    )


def test_an_exchange_says_what_comes_back_and_on_which_terms(scripts: Page) -> None:
    harbor = {**class_args("harbor"), "accepted_by": ["northstar"], "transferable": False}
    found = scripts.evaluate("(one) => jifen.signing.termsHash(one)", harbor)
    assert found == terms_hash(harbor)
    exchange = {"from_class_id": "north", "to_class_id": "harbor", "points": 7, "rate_version": 3, "terms_hash": found}
    names = {"rates": {"north/harbor": {"version": 3, "numerator": 4, "denominator": 5}}, "terms": {found: harbor}}
    assert described(scripts, "Exchange", exchange, **names)["lines"] == [
        ("Points given", "7 points of North Star points (north)"),
        ("Received", "5 points of Harbor points (harbor)"),
        ("Valid until", "365 days after the issue"),
        ("May be passed on", "no"),
        ("Taken by", "North Star Books (northstar)"),
        ("For enrolled members only", "no"),
        ("At the rate of version", "3"),
    ]
    stale = {"rates": {"north/harbor": {"version": 2, "numerator": 4, "denominator": 5}}}
    assert described(scripts, "Exchange", exchange, **stale)["lines"][1:3] == [
        ("Received", "points of Harbor points (harbor)"),
        ("Terms", f"This page does not know them. Do not sign. {grouped(found)}"),
    ]


def test_what_points_are_worth_stands_in_the_words(scripts: Page) -> None:
    classes = {
        "north": {"name": "North", "decimals": 0, "unit_value_millionths": 10_000},
        "harbor": {"name": "Harbor", "decimals": 0, "unit_value_millionths": 8_000},
        "dear": {"name": "Dear", "decimals": 0, "unit_value_millionths": 9_007_199_254},
    }
    draws = [["north", 5, "2026-01-31"], ["harbor", 30, "2026-01-31"], ["harbor", 2, "2026-02-28"], ["north", 100, "~"]]
    names = {"classes": classes, "currency": "CNY", "draws": draws}
    hold = {"acceptor_msp": "x", "class_ids": ["harbor", "north"], "expires_at": UNTIL, "order_ref": "o", "points": 50}
    assert described(scripts, "Hold", hold, **names)["lines"][2:5] == [
        ("Worth", "CN¥0.44"),
        ("Of these", "32 points of Harbor (harbor) · CN¥0.26"),
        ("Of these", "18 points of North (north) · CN¥0.18"),
    ]
    few = {**hold, "points": 20}
    assert described(scripts, "Hold", few, **names)["lines"][2] == ("Worth", "CN¥0.16"), "ties as the classes are named"
    few["class_ids"] = ["north", "harbor"]
    assert described(scripts, "Hold", few, **names)["lines"][2] == ("Worth", "CN¥0.17")
    apart = {
        **names,
        "classes": {**classes, "lotus": {"name": "Lotus", "decimals": 0, "unit_value_millionths": 12_500}},
    }
    apart["draws"] = [["harbor", 17, "~"], ["lotus", 11, "~"], ["north", 72, "~"]]
    several = {**hold, "class_ids": ["harbor", "lotus", "north"], "points": 100}
    told = [value.rpartition("CN¥")[2] for _, value in described(scripts, "Hold", several, **apart)["lines"][2:6]]
    assert told == ["0.9935", "0.1360", "0.1375", "0.7200"]  # 0.99 is not 0.14 and 0.14 and 0.72
    one = {**hold, "class_ids": ["north"], "points": 7}
    assert described(scripts, "Hold", one, **names)["lines"][2] == ("Worth", "CN¥0.07")
    sent = {"class_id": "dear", "recipients": [{"address": ADDRESS, "points": 1_000_000}]}
    assert ("Worth", "CN¥9,007,199,254.00") in described(scripts, "Transfer", sent, **names)["lines"]
    for silent in ({**hold, "points": 138}, {**hold, "class_ids": ["harbor", "other"], "points": 33}):
        assert all(label != "Worth" for label, _ in described(scripts, "Hold", silent, **names)["lines"])


PROVEN = ("proof", "public_key")
"""What another key of the member's signed, and that key, whose address stands in the words: nothing for people to read."""


def test_every_argument_is_in_the_words(scripts: Page) -> None:
    for op in sorted(SIGNED_FOR_MEMBER):
        for operation in vector_operations(op):
            found = described(scripts, op, operation["args"], classes={}, merchants={}, people={})
            words = json.dumps(found, ensure_ascii=False).replace(" ", "").replace(",", "")
            told = {name: value for name, value in operation["args"].items() if name not in PROVEN}
            for value in _leaves(told):
                if isinstance(value, str) and value.isprintable():
                    assert json.dumps(value, ensure_ascii=False)[1:-1].replace(" ", "").replace(",", "") in words, (
                        op,
                        value,
                    )
                elif isinstance(value, int) and value < 1_000_000_000:
                    assert str(value) in words, (op, value)


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in _leaves(one)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in _leaves(one)]
    return [value]


def test_unknown_classes_and_mixed_decimals_are_told_in_smallest_units(scripts: Page) -> None:
    redeem = {"acceptor_msp": "x", "class_ids": ["north", "fine"], "order_ref": "o", "points": 40}
    assert ("Points", "40 smallest units") in described(scripts, "Redeem", redeem)["lines"]
    unknown = {"class_id": "new", "recipients": [{"address": SECOND, "points": 5}]}
    assert ("Points", "5 smallest units of the class new") in described(scripts, "Transfer", unknown)["lines"]


def test_an_order_cannot_hide_what_it_is(scripts: Page) -> None:
    redeem = {"acceptor_msp": "x", "class_ids": ["north"], "order_ref": "a\u202egnp.exe\u2066\u200bb", "points": 1}
    assert ("For the order", "a\\u{202e}gnp.exe\\u{2066}\\u{200b}b") in described(scripts, "Redeem", redeem)["lines"]
    named = described(
        scripts,
        "Transfer",
        {"class_id": "north", "recipients": [{"address": ADDRESS, "points": 1}]},
        people={ADDRESS: "M\u202eei"},
    )
    assert named["lines"][0] == ("Recipient", f"M\\u{{202e}}ei · {grouped(ADDRESS)}")


def test_what_is_told_of_old_cards_and_enrolments_hides_nothing_either(scripts: Page) -> None:
    names = {
        "locale": "en",
        "classes": {"north": {"name": "A\u202eB", "decimals": 1}},
        "merchants": {"harbor": "H\u200barbor"},
    }
    call = "([names]) => [jifen.signing.pointsOf(15, 'north', names), jifen.signing.merchant('harbor', names)]"
    assert scripts.evaluate(call, [names]) == ["1.5 points of A\\u{202e}B (north)", "H\\u{200b}arbor (harbor)"]


def test_what_a_member_does_not_sign_has_no_words(scripts: Page) -> None:
    for op in ("Issue", "toString", "constructor"):
        call = "(op) => jifen.signing.describe({op, args: {}, request_id: 'r', valid_until: 1}, {locale: 'en'})"
        assert refusal(scripts, call, op) == "TypeError"
