"""A window's payments as files for the bank: valid, summed up by us, and byte for byte the same each time."""

from __future__ import annotations

import csv
import io
import re
import uuid
from pathlib import Path
from xml.etree import ElementTree as xml

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from gateway.settlement.bank.amounts import read_amount, to_minor
from gateway.settlement.bank.bank_accounts import BankAccount
from gateway.settlement.bank.bank_csv import COLUMNS, ROWS_MAX, CsvEncoding, write_bank_csv
from gateway.settlement.bank.charsets import TEXT_CHARACTERS_MAX, Charset
from gateway.settlement.bank.identifiers import ID_CHARACTERS_MAX, find_payment_ids
from gateway.settlement.bank.instructions import SettlementTerms, order_payments
from gateway.settlement.bank.pain001 import NAMESPACE, write_pain001
from tests.scenes.bank_payments import (
    ACCOUNTS,
    EXECUTION_DAY,
    SHANGHAI,
    YUAN,
    bank_accounts,
    order,
    payment,
    recorded,
    with_recorded,
)
from tests.scenes.refusals import refused

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "schemas" / "pain.001.001.09.xsd")
CURRENCIES = tuple(
    SettlementTerms("n", code, decimals, SHANGHAI) for code, decimals in (("JPY", 0), ("CNY", 2), ("KWD", 3))
)


def texts(document: bytes, path: str) -> list[str | None]:
    """The texts of the elements at a path."""
    tags = "/".join(f"{{{NAMESPACE}}}{tag}" for tag in path.split("/"))
    return [one.text for one in xml.fromstring(document).findall(f".//{tags}")]


def rows(table: bytes, encoding: str) -> list[list[str]]:
    """The rows of a table file without its header, which is held against COLUMNS."""
    header, *found = csv.reader(io.StringIO(table.decode(encoding), newline=""))
    assert tuple(header) == COLUMNS
    return found


def test_an_order_is_valid_and_says_who_pays_whom() -> None:
    document = write_pain001(order(payment(), payment(payee="lotus", amount=1)))
    SCHEMA.validate(document)
    assert texts(document, "InstdAmt") == ["700.12", "0.01"]
    assert texts(document, "CtrlSum") == ["700.13", "700.13"]
    assert texts(document, "NbOfTxs") == ["2", "2"]
    assert texts(document, "DbtrAcct/Id/Othr/Id") == ["6222020200112233445"]
    assert texts(document, "CdtrAcct/Id/Othr/Id") == ["6217001210009876543"]
    assert texts(document, "CdtrAcct/Id/IBAN") == ["DE89370400440532013000"]
    assert texts(document, "ClrSysMmbId/MmbId") == ["102100099996", "105290071008", "104100000004"]
    assert set(texts(document, "ClrSysMmbId/ClrSysId/Cd")) == {"CNAPS"}
    assert texts(document, "ReqdExctnDt/Dt") == ["2026-03-12"]
    assert texts(document, "GrpHdr/CreDtTm") == ["2026-03-10T00:00:00Z"]


def test_a_second_export_is_the_same_to_the_byte() -> None:
    assert write_pain001(order(payment())) == write_pain001(order(payment()))
    assert write_bank_csv(order(payment())) == write_bank_csv(order(payment()))


def test_after_a_part_payment_there_is_a_new_name_and_the_rest_only() -> None:
    first, rest = order(payment()), order(with_recorded(payment(), recorded(70_000, "part-1")))
    assert rest.total_minor == 12
    assert rest.message_id != first.message_id
    assert rest.instructions[0].end_to_end_id != first.instructions[0].end_to_end_id
    assert rest.instructions[0].uetr != first.instructions[0].uetr


def test_after_a_refusal_the_same_amount_has_a_new_name() -> None:
    first, again = order(payment()), order(with_recorded(payment(), recorded(70_012, "part-1", "REJECTED")))
    assert again.total_minor == first.total_minor
    assert again.instructions[0].end_to_end_id != first.instructions[0].end_to_end_id


def test_names_are_short_and_of_their_form_at_the_largest_amounts() -> None:
    largest = order(
        payment("n" * 64, "h" * 64, 2**53 - 1, 99_999_999), **dict.fromkeys(("n" * 64, "h" * 64), ACCOUNTS["harbor"])
    )
    one = largest.instructions[0]
    for name in (one.end_to_end_id, largest.message_id, largest.payment_information_id):
        assert len(name) <= ID_CHARACTERS_MAX
    assert uuid.UUID(one.uetr).version == 4
    assert [(found.text, found.due_minor) for found in find_payment_ids(f"清算{one.end_to_end_id}。")] == [
        (one.end_to_end_id, 2**53 - 1)
    ]


def test_nothing_is_ordered_where_nothing_is_due() -> None:
    with refused("NOTHING_TO_PAY"):
        order(with_recorded(payment(), recorded(70_012, "whole", "CONFIRMED")))


def test_a_payment_of_which_nothing_is_left_is_not_in_the_order() -> None:
    paid = with_recorded(payment(), recorded(70_012, "whole"))
    assert [one.payee_msp for one in order(payment(payee="lotus"), paid).instructions] == ["lotus"]


@pytest.mark.parametrize(
    ("lacking", "wanted"),
    [
        (None, "declares no account of nobody"),
        (BankAccount(name="N", account="1234", bic="COBADEFFXXX"), "add the bank's 12-digit `cnaps`"),
    ],
)
def test_yuan_need_an_account_with_a_number_of_cnaps(lacking: BankAccount | None, wanted: str) -> None:
    with refused("BANK_ACCOUNT_MISSING") as error:
        order(payment(payee="nobody"), **({"nobody": lacking} if lacking else {}))
    assert wanted in str(error.value)


def test_a_long_name_is_cut_at_a_character_and_marked() -> None:
    long = BankAccount(name="𠮷野" * 100, account="6217001210009876543", cnaps="105290071008")
    document = write_pain001(order(payment(), harbor=long))
    SCHEMA.validate(document)
    name = texts(document, "Cdtr/Nm")[0]
    assert name is not None
    assert len(name) == TEXT_CHARACTERS_MAX
    assert name == ("𠮷野" * 100)[: TEXT_CHARACTERS_MAX - 1] + "…"


def test_names_in_latin_letters() -> None:
    accented = BankAccount(name="Café Zürich & Söhne", account="6217001210009876543", cnaps="105290071008")
    document = write_pain001(order(payment(), harbor=accented), Charset.LATIN)
    SCHEMA.validate(document)
    assert texts(document, "Cdtr/Nm") == ["Cafe Zurich Sohne"]
    assert texts(document, "Dbtr/Nm") == ["BeiJiXingShuDianYouXianGongSi"]
    assert document.isascii()


def test_a_name_without_latin_letters_is_refused() -> None:
    signs = BankAccount(name="★★★", account="6217001210009876543", cnaps="105290071008")
    with refused("BANK_NAME_UNWRITABLE") as error:
        write_pain001(order(payment(), harbor=signs), Charset.LATIN)
    assert "the name of harbor's account" in str(error.value)
    SCHEMA.validate(write_pain001(order(payment(), harbor=signs)))


@pytest.mark.parametrize("encoding", list(CsvEncoding))
def test_a_bank_reads_the_table_file(encoding: CsvEncoding) -> None:
    made = order(payment(), payment(payee="lotus", amount=5))
    ((name, table),) = write_bank_csv(made, encoding)
    assert name == f"{made.message_id}-window-7.csv"
    assert table.startswith(b"\xef\xbb\xbf") == (encoding == CsvEncoding.UTF8)
    first, second = rows(table, encoding)
    assert first[:4] == ["6217001210009876543", "海港咖啡(上海)有限公司", "105290071008", "700.12"]
    assert second[3] == "0.05"
    assert find_payment_ids(first[4])[0].text == made.instructions[0].end_to_end_id


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+86", "-1", "@SUM(A1)"])
def test_no_cell_is_a_formula(name: str) -> None:
    sly = BankAccount(name=name, account="6217001210009876543", cnaps="105290071008")
    ((_, table),) = write_bank_csv(order(payment(), harbor=sly), CsvEncoding.UTF8)
    assert rows(table, CsvEncoding.UTF8)[0][1] == f"'{name}"


def test_a_large_order_is_split_into_numbered_files() -> None:
    payees = {
        f"shop{number:05}": BankAccount(name=f"店{number}", account=f"62{number:08}", cnaps="105290071008")
        for number in range(ROWS_MAX + 1)
    }
    made = order(*(payment(payee=payee, amount=number + 1) for number, payee in enumerate(payees)), **payees)
    files = write_bank_csv(made)
    assert [re.sub(r".*-window-7-", "", name) for name, _ in files] == ["1-of-2.csv", "2-of-2.csv"]
    assert [len(rows(table, "gb18030")) for _, table in files] == [ROWS_MAX, 1]
    amounts = [to_minor(read_amount(row[3]), 2) for _, table in files for row in rows(table, "gb18030")]
    assert sum(amounts) == made.total_minor


names = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=200)


@given(
    amounts=st.lists(st.integers(1, 2**53 - 1), min_size=1, max_size=5),
    terms=st.sampled_from(CURRENCIES),
    name=names,
)
def test_files_are_valid_and_come_to_what_is_due(amounts: list[int], terms: SettlementTerms, name: str) -> None:
    payees = {
        f"shop{number}": BankAccount(name=name, account=f"62{number:08}", cnaps="105290071008") for number in range(5)
    }
    made = order(
        *(payment(payee=f"shop{number}", amount=amount) for number, amount in enumerate(amounts)), terms=terms, **payees
    )
    assert made.total_minor == sum(amounts)
    document = write_pain001(made)
    SCHEMA.validate(document)
    written = [to_minor(read_amount(text or ""), terms.decimals) for text in texts(document, "InstdAmt")]
    assert written == amounts
    ((_, table),) = write_bank_csv(made)
    assert [to_minor(read_amount(row[3]), terms.decimals) for row in rows(table, "gb18030")] == amounts
    assert all(
        re.fullmatch(r"[0-9]+" + (rf"\.[0-9]{{{terms.decimals}}}" if terms.decimals else ""), row[3])
        for row in rows(table, "gb18030")
    )


def test_another_attempt_or_account_gives_the_message_a_new_name_and_payments_keep_theirs() -> None:
    moved = BankAccount(name="海港咖啡(上海)有限公司", account="6217009999", cnaps="105290071008")
    accounts = [bank_accounts(), bank_accounts(), bank_accounts(harbor=moved)]
    first, again, corrected = (
        order_payments(YUAN, [payment()], "northstar", known, EXECUTION_DAY, attempt)
        for known, attempt in zip(accounts, (1, 2, 1), strict=True)
    )
    assert len({one.message_id for one in (first, again, corrected)}) == 3
    assert len({one.payment_information_id for one in (first, again, corrected)}) == 3
    assert len({one.instructions[0].end_to_end_id for one in (first, again, corrected)}) == 1
