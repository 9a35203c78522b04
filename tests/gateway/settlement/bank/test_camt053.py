"""Statements are read exactly, or refused whole; whatever the bytes are."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import GatewayError
from gateway.settlement.bank.amounts import amount_text, read_amount, to_minor
from gateway.settlement.bank.camt053 import FILES_MAX, read_statements
from gateway.settlement.bank.xml_reading import BYTES_MAX, DEPTH_MAX, TEXT_CHARACTERS_MAX
from tests.scenes.bank_payments import ACCOUNTS
from tests.scenes.bank_statements import Entry, StatementFile, statement
from tests.scenes.refusals import refused

NORTH = ACCOUNTS["northstar"]
WHOLE = statement(NORTH, [Entry(False, 70_012, "JF-E2E", ACCOUNTS["harbor"], reference="S1", text="清算")])
VERSIONS = (2, 4, 8, 12)

entries = st.lists(
    st.builds(
        Entry,
        credit=st.booleans(),
        amount_minor=st.integers(1, 10**13),
        status=st.sampled_from(("BOOK", "PDNG", "INFO")),
        reversal=st.booleans(),
    ),
    max_size=8,
)


def read(*files: bytes) -> object:
    """Reads statements of northstar's account in yuan."""
    return read_statements(files, NORTH.account, "CNY", 2)


def outcome(data: bytes) -> str:
    """READ, or the code of the refusal; anything else than a refusal is a defect."""
    try:
        read(data)
    except GatewayError as error:
        return error.code
    return "READ"


@given(entries=entries, opening=st.integers(-(10**13), 10**13), version=st.sampled_from(VERSIONS))
def test_what_was_booked_is_read_to_the_coin(entries: list[Entry], opening: int, version: int) -> None:
    file = StatementFile(NORTH, tuple(entries), opening_minor=opening, version=version)
    (found,) = read_statements([file.write()], NORTH.account, "CNY", 2).statements
    assert [(one.amount_minor, one.credit, one.reversal) for one in found.items] == [
        (one.amount_minor, one.credit, one.reversal) for one in entries
    ]
    booked = sum(one.amount_minor if one.credit else -one.amount_minor for one in found.items if one.booked)
    assert found.closing - found.opening == booked * 1_000


@given(entries=entries, wrong=st.integers(-100, 100).filter(bool))
def test_a_statement_that_does_not_add_up_is_refused(entries: list[Entry], wrong: int) -> None:
    right = 500 + sum(one.signed for one in entries if one.status == "BOOK")
    with refused("BANK_FILE_UNBALANCED"):
        read(StatementFile(NORTH, tuple(entries), opening_minor=500, closing_minor=right + wrong).write())


@given(seed=st.integers(0, 2**32))
def test_damaged_bytes_are_read_or_refused_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(WHOLE)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data))
        data[at : at + chance.randint(0, 8)] = chance.randbytes(chance.randint(0, 8))
    assert outcome(bytes(data)).startswith(("READ", "BANK_FILE_"))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    with refused("BANK_FILE_INVALID"):
        read(data)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"<" + b"a" * BYTES_MAX, "larger than"),
        (b"<a>" * (DEPTH_MAX + 1), "within another"),
        (WHOLE.replace(b"UTF-8", b"GB18030"), "the encoding is not read"),
        (WHOLE.replace(b"<CdtDbtInd>DBIT", b"<CdtDbtInd>NEITHER"), "not CRDT or DBIT"),
        (WHOLE.replace(b">700.12<", b">-700.12<"), "no amount"),
        (WHOLE.replace(b">700.12<", b">700,12<"), "no amount"),
        (WHOLE.replace(b">700.12<", b">NaN<"), "no amount"),
        (WHOLE.replace(b">700.12<", b">" + b"9" * 19 + b"<"), "more digits than an amount has"),
        (WHOLE.replace(b"700.12", b"700.125").replace(b"999299.88", b"999299.875"), "more than 2 decimals"),
        (WHOLE.replace(b"<Dt>2026-03-10", b"<Dt>2026-02-30"), "no date"),
        (WHOLE.replace(b"<Id>STMT-1</Id>", b""), "a statement without an Id of 1 to 35"),
        (WHOLE.replace(b'Ccy="CNY">700.12', b'Ccy="USD">700.12'), "the account is in CNY"),
    ],
)
def test_a_refusal_says_what_is_wrong(data: bytes, wanted: str) -> None:
    with refused("BANK_FILE_INVALID") as error:
        read(data)
    assert wanted in str(error.value)


def test_many_elements_are_refused() -> None:
    with refused("BANK_FILE_INVALID"):
        read(b"<a>" + b"<b/>" * 600_000 + b"</a>")


def test_texts_of_the_bank_are_visible_characters() -> None:
    data = WHOLE.decode().replace("清算", "a\u202eb\x9b31m" + "c" * 9_000).encode()
    (item,) = read_statements([data], NORTH.account, "CNY", 2).statements[0].items
    assert item.text.strip() == "ab31m" + "c" * (TEXT_CHARACTERS_MAX - 5)


@pytest.mark.parametrize("number", [0, FILES_MAX + 1])
def test_the_number_of_files_is_bounded(number: int) -> None:
    with refused("BANK_FILE_INVALID"):
        read(*[WHOLE] * number)


@pytest.mark.parametrize("page", ["0", "123456", "9" * 5_000, "٣", ""])
def test_a_page_has_a_number(page: str) -> None:
    data = StatementFile(NORTH, (), page=(1, True)).write().decode()
    with refused("BANK_FILE_INVALID"):
        read(data.replace("<PgNb>1<", f"<PgNb>{page}<").encode())


@given(minor=st.integers(0, 2**53), decimals=st.sampled_from((0, 2, 3, 4)))
def test_an_amount_is_written_and_read_back(minor: int, decimals: int) -> None:
    assert to_minor(read_amount(amount_text(minor, decimals)), decimals) == minor


@pytest.mark.parametrize("text", ["", ".", "-1", "1,000", "¥5", "1e3", "0x1", "１", "1 000", "inf"])
def test_what_is_no_amount_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        read_amount(text)
