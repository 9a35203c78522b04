"""Who is paid where is declared in a file, whose every fault is named, and no account's number with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.settlement.bank.bank_accounts import FILE_NAME, is_iban, load_bank_accounts, read_bank_accounts
from tests.scenes.refusals import refused

GOOD = 'accounts:\n  harbor:\n    name: 海港\n    account: "6217 0012 1000 9876 543"\n    cnaps: "105290071008"\n'


def test_a_declared_account_is_found_without_its_spaces() -> None:
    accounts = read_bank_accounts(GOOD.encode())
    assert accounts.require("harbor", cnaps=True).account == "6217001210009876543"
    assert accounts.find("lotus") is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (GOOD.replace("105290071008", "10529007100"), "accounts.harbor.cnaps"),
        (GOOD.replace('    cnaps: "105290071008"\n', ""), "cnaps (12 digits) or bic was expected"),
        (GOOD.replace("海港", '"\\u202e"'), "a name of visible characters was expected"),
        (
            GOOD.replace('"6217 0012 1000 9876 543"', "6217001210009876543"),
            "accounts.harbor.account: Input should be a valid string",
        ),
        (GOOD.replace("6217 0012 1000 9876 543", "DE88370400440532013000"), "its check digits do not hold"),
        (GOOD.replace("6217 0012 1000 9876 543", "6217_0012"), "1 to 34 digits and letters"),
        (GOOD + GOOD.removeprefix("accounts:\n"), "line 6: a key stands twice"),
        (GOOD + GOOD.removeprefix("accounts:\n").replace("harbor", "lotus"), "harbor and lotus have one account"),
        (GOOD + "more: 1\n", "more: Extra inputs are not permitted"),
        ("accounts: [", "line "),
        ("- 1", "Input should be a valid dictionary"),
    ],
)
def test_a_fault_is_named_and_no_number_told(text: str, wanted: str) -> None:
    with refused("BANK_ACCOUNTS_INVALID") as error:
        read_bank_accounts(text.encode())
    assert wanted in str(error.value)
    assert "6217" not in str(error.value)


def test_bytes_that_are_no_text_are_refused() -> None:
    with refused("BANK_ACCOUNTS_INVALID"):
        read_bank_accounts(GOOD.encode("gb18030"))


def test_the_hash_tells_when_an_account_was_changed(tmp_path: Path) -> None:
    with refused("BANK_ACCOUNT_MISSING"):
        load_bank_accounts(tmp_path)
    (tmp_path / FILE_NAME).write_text(GOOD, "utf-8")
    before = load_bank_accounts(tmp_path).sha256
    (tmp_path / FILE_NAME).write_text(GOOD.replace("6217", "6218"), "utf-8")
    assert load_bank_accounts(tmp_path).sha256 != before


@pytest.mark.parametrize(
    ("account", "wanted"),
    [("DE89370400440532013000", True), ("DE88370400440532013000", False), ("6222020200112233445", False)],
)
def test_the_check_digits_of_an_iban(account: str, wanted: bool) -> None:
    assert is_iban(account) is wanted
