"""The spec against the vectors. The Go chaincode runs the same files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chaincode.cases import writing
from chaincode.spec.invoke import Response, invoke
from chaincode.spec.kernel import bech32, calendar, netting
from chaincode.spec.kernel.canonical import decode, encode
from chaincode.spec.kernel.certificates import role_in
from chaincode.spec.kernel.codes import CODES, Refusal
from chaincode.spec.kernel.operation import COMMON_REFUSALS
from chaincode.spec.operations import OPERATIONS
from tests.spec.calls import ENCODINGS, call_of, vectors_of

FOLDER = writing.FOLDER
FILES = sorted(FOLDER.glob("*/*.json"))


def read(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


@pytest.mark.parametrize("folder", sorted({file.parent.name for file in FILES} - set(ENCODINGS)))
def test_rules(folder: str) -> None:
    for name, vector in vectors_of(folder):
        expected = vector["expect"]
        state, transaction, function, arguments = call_of(vector)
        response: Response | None
        try:
            response = invoke(state, transaction, function, arguments)
        except Refusal as refusal:
            response = None
            found = {"refusal": {"code": refusal.code, "detail": refusal.detail}}
        if response is None:
            assert found == expected, name
            continue
        answer = expected["receipts"] if "receipts" in expected else expected.get("answer")
        assert answer is not None, name
        payload = answer.encode("utf-8") if ":" in function else encode(answer)
        assert response.payload == payload, name
        writes = {key: None if value is None else encode(value) for key, value in expected["writes"].items()}
        assert response.writes == writes, name
        event = None if expected["event"] is None else encode(expected["event"])
        assert response.event == event, name


def test_canonical() -> None:
    for file in sorted((FOLDER / "canonical").glob("*.json")):
        vector = read(file)
        data = bytes.fromhex(vector["hex"]) if "hex" in vector else vector["text"].encode("utf-8")
        try:
            found: Any = {"canonical": encode(decode(data)).decode("utf-8")}
        except Refusal as refusal:
            found = {"refusal": {"code": refusal.code, "detail": refusal.detail}}
        assert found == vector["expect"], file.name


def test_bech32() -> None:
    vector = read(FOLDER / "bech32" / "addresses.json")
    for case in vector["good"]:
        assert bech32.encode("jf", bytes.fromhex(case["hex"])) == case["text"]
        assert bech32.decode("jf", case["text"]) == bytes.fromhex(case["hex"])
    for text in vector["bad"]:
        assert bech32.decode("jf", text) is None, text
    for case in read(FOLDER / "bech32" / "bip_173.json")["valid"]:
        assert bech32.decode(case["prefix"], case["text"]) is not None, case


def test_calendar() -> None:
    days = read(FOLDER / "calendar" / "days.json")
    for case in days["cases"]:
        assert calendar.day_of(case["now"], days["time_zone"]) == case["date"], case
    for case in read(FOLDER / "calendar" / "expiries.json")["cases"]:
        expires = calendar.expiry(calendar.day_number(case["issued_on"]), case["validity"])
        assert calendar.date_of(expires) == case["expires_on"], case


def test_certificates() -> None:
    for case in read(FOLDER / "certificates" / "roles.json")["cases"]:
        assert role_in(case["attributes"].encode("utf-8")) == case["role"], case


def test_netting() -> None:
    for case in read(FOLDER / "netting" / "rounding.json")["cases"]:
        assert netting.round_half_even(case["value"], case["unit"]) == (case["whole"], case["carried"]), case
    for case in read(FOLDER / "netting" / "payments.json")["cases"]:
        pairs = []
        for pair, amount in case["owed"].items():
            issuer, _, acceptor = pair.partition(">")
            pairs.append(((issuer, acceptor), amount))
        net = netting.net_positions(pairs)
        assert net == case["net"]
        paid = [{"amount": a, "payee": payee, "payer": payer} for payer, payee, a in netting.payments(net)]
        assert paid == case["payments"], case["name"]


def test_the_vectors_are_those_of_the_cases() -> None:
    wanted = {path: writing.text_of(document) for path, document in writing.documents().items()}
    stored = {
        file.relative_to(FOLDER).as_posix(): file.read_text("utf-8") for file in FILES if file.parent.name != "found"
    }
    assert sorted(wanted) == sorted(stored)
    assert [path for path in wanted if wanted[path] != stored[path]] == []


def test_every_code_has_a_vector() -> None:
    assert writing.missing() == []


def test_operations_refuse_what_they_declare() -> None:
    for name, operation in OPERATIONS.items():
        assert list(operation.REFUSES) == [code for code in CODES if code in operation.REFUSES], name
    found = {pair for _, vector in vectors_of("*") for pair in refusals_in(vector)}
    assert {code for _, code in found} >= set(COMMON_REFUSALS) - {"MALFORMED", "BATCH_TOO_LARGE"}
    undeclared = [pair for pair in found if pair[1] not in (*COMMON_REFUSALS, *OPERATIONS[pair[0]].REFUSES)]
    assert undeclared == []


def refusals_in(vector: Any) -> Iterator[tuple[str, str]]:
    """Operation and code of what a vector refuses: in a batch, or of an operation that is invoked alone."""
    for receipt in vector["expect"].get("receipts", ()):
        if receipt is not None and receipt["code"] != "OK" and receipt["op"] in OPERATIONS:
            yield receipt["op"], receipt["code"]
    if vector["function"] in OPERATIONS and "refusal" in vector["expect"]:
        yield vector["function"], vector["expect"]["refusal"]["code"]
