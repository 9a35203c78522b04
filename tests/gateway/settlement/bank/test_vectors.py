"""Every vector: what a bank's files come to, held against payments on the ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import xmlschema

from gateway.core.errors import GatewayError
from gateway.settlement.bank.bank_accounts import load_bank_accounts
from gateway.settlement.bank.matching import Matching, Proposal, Tolerance
from gateway.settlement.bank.payments import payments_of
from gateway.settlement.bank.reading import read_bank_files
from tests.scenes.bank_payments import YUAN

FOLDER = Path(__file__).parent / "vectors"
CASES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
SCHEMAS = {
    path.stem: xmlschema.XMLSchema(path)
    for path in (FOLDER.parent / "schemas").glob("*.xsd")
    if "pain.001" not in path.stem
}
HOSTILE = ("billion-laughs", "external-entity", "not-xml", "of-another-message", "without-closing-balance")
"""Cases whose files no schema takes, and which are refused."""


def read(case: str, name: str) -> Any:
    """A document of a case."""
    return json.loads((FOLDER / case / name).read_text("utf-8"))


def outcome(case: str) -> dict[str, Any]:
    """What a case's files come to, in the form of `expected.json`."""
    ledger = read(case, "ledger.json")
    accounts = load_bank_accounts(FOLDER)
    files = [path.read_bytes() for path in sorted((FOLDER / case).glob("*.xml"))]
    own = ledger["own_msp"]
    window = ledger["window"]
    payments = payments_of(window, {one["payer_msp"]: "ab" * 32 for one in window["payments"]})
    tolerance = Tolerance(**ledger.get("tolerance", {}))
    try:
        found = read_bank_files(files, own, YUAN, payments, accounts, tolerance)
    except GatewayError as error:
        return {"refused": error.code, "detail": error.detail}
    repeated = found.reading.repeated
    return told(found.matching) | ({"repeated": list(repeated)} if repeated else {})


def told(found: Matching) -> dict[str, Any]:
    """Proposals as `expected.json` has them."""
    return {"proposals": [proposal_told(one) for one in found.proposals], "unrelated": found.unrelated}


def proposal_told(one: Proposal) -> dict[str, Any]:
    """One proposal, without request ids, which are held by a test of their own."""
    return {
        "verdict": one.verdict,
        "entry": one.item.place if one.item else None,
        "amount_minor": one.item.amount_minor if one.item else None,
        "pair": [one.payment.payer_msp, one.payment.payee_msp] if one.payment else None,
        "expected_minor": one.expected_minor,
        "difference_minor": one.difference_minor,
        **({"reason": one.refusal.reason, "message": one.refusal.message_id} if one.refusal else {}),
        "choices": [{"op": choice.op, **choice.args} for choice in one.choices],
    }


@pytest.mark.parametrize("case", CASES)
def test_files_come_to_what_is_expected(case: str) -> None:
    assert outcome(case) == read(case, "expected.json")


@pytest.mark.parametrize("case", sorted(set(CASES) - set(HOSTILE)))
def test_files_are_of_the_banks_schema(case: str) -> None:
    for path in (FOLDER / case).glob("*.xml"):
        text = path.read_text("utf-8")
        (schema,) = [
            schema for message, schema in SCHEMAS.items() if f'"urn:iso:std:iso:20022:tech:xsd:{message}"' in text
        ]
        schema.validate(text)
