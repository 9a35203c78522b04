"""What a bank refused of an order is read, and nothing else is taken for it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import GatewayError
from gateway.settlement.bank.pain002 import REASONS, Refusal, is_report, read_refusals
from tests.scenes.bank_payments import ACCOUNTS
from tests.scenes.bank_statements import report, statement
from tests.scenes.refusals import refused


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_a_refused_payment_is_told_with_its_reason(reason: str) -> None:
    data = report("JFM-1", ("JF-A", reason), ("JF-B", ""))
    assert read_refusals(data) == [Refusal("JFM-1", "JF-A", reason, "as the bank says")]


@pytest.mark.parametrize("version", [3, 12])
def test_a_refused_file_is_told_whole(version: int) -> None:
    assert read_refusals(report("JFM-1", whole="FF01", version=version)) == [Refusal("JFM-1", "", "FF01", "")]


def test_a_refused_group_refuses_each_payment_of_it() -> None:
    data = report("JFM-1", ("JF-A", ""), ("JF-B", ""))
    group = data.replace(b"<TxSts>ACSC</TxSts>", b"").replace(
        b"</OrgnlPmtInfId>", b"</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts>"
    )
    assert [one.end_to_end_id for one in read_refusals(group)] == ["JF-A", "JF-B"]


def test_what_the_bank_took_is_no_refusal() -> None:
    assert read_refusals(report("JFM-1")) == []
    assert read_refusals(report("JFM-1", ("JF-A", ""))) == []


def test_a_statement_is_no_report() -> None:
    data = statement(ACCOUNTS["northstar"], [])
    assert is_report(report("JFM-1"))
    assert not is_report(data)
    with refused("BANK_FILE_INVALID"):
        read_refusals(data)
    with refused("BANK_FILE_INVALID"):
        read_refusals(report("JFM-" + "1" * 40))


def outcome(data: bytes) -> str:
    """READ, or the code of the refusal; anything else is a defect."""
    try:
        read_refusals(data)
    except GatewayError as error:
        return error.code
    return "READ"


@given(seed=st.integers(0, 2**32))
def test_damaged_bytes_are_read_or_refused_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(report("JFM-1", ("JF-A", "AC01")))
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data))
        data[at : at + chance.randint(0, 8)] = chance.randbytes(chance.randint(0, 8))
    assert outcome(bytes(data)) in ("READ", "BANK_FILE_INVALID")
