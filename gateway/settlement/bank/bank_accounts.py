"""Who is paid where: the merchants' bank accounts, declared in a file of the gateway's, `bank_accounts.yaml`.

    accounts:
      northstar:
        name: 北极星书店有限公司
        account: "6222020200112233445"
        cnaps: "102100099996"
      harbor:
        name: Harbor Coffee GmbH
        account: DE89370400440532013000
        bic: COBADEFFXXX

They are not on the ledger, since a payer must hold them for true by other means than the word of a network: they are
agreed between the merchants, and the file is kept by whoever keeps the gateway's folder. Every answer that was made
with it names its SHA-256.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from gateway.core.errors import GatewayError

FILE_NAME = "bank_accounts.yaml"
FILE_BYTES_MAX = 1_000_000
_IBAN_FORM = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}\Z")
_ACCOUNT = re.compile(r"[A-Z0-9][A-Z0-9/.-]{0,33}\Z")
_BIC = r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$"


class BankAccount(BaseModel):
    """One merchant's account. `cnaps` is its bank's twelve-digit number in China's CNAPS (联行号), `bic` that of
    ISO 9362; one of them at least."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Annotated[str, Field(min_length=1, max_length=400)]
    account: str
    cnaps: Annotated[str, Field(pattern=r"^[0-9]{12}$")] | None = None
    bic: Annotated[str, Field(pattern=_BIC)] | None = None

    @field_validator("name")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        value = " ".join(unicodedata.normalize("NFC", value).split())
        if not value or any(unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co", "Cn") for one in value):
            raise ValueError("a name of visible characters was expected")
        return value

    @field_validator("account")
    @classmethod
    def _known_account(cls, value: str) -> str:
        value = normal_account(value)
        if not _ACCOUNT.match(value):
            raise ValueError("an account number of 1 to 34 digits and letters was expected")
        if _IBAN_FORM.match(value) and not is_iban(value):
            raise ValueError("this looks like an IBAN, and its check digits do not hold")
        return value

    @model_validator(mode="after")
    def _known_bank(self) -> BankAccount:
        if self.cnaps is None and self.bic is None:
            raise ValueError("cnaps (12 digits) or bic was expected")
        return self

    @property
    def has_iban(self) -> bool:
        """Whether the account's number is an IBAN."""
        return is_iban(self.account)


class _Loader(yaml.SafeLoader):
    """YAML in which no key stands twice: of two accounts of one merchant the last one would be taken silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Constructs a mapping. Raises ConstructorError where a key stands twice."""
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, "a key stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    accounts: dict[str, BankAccount]


class BankAccounts:
    """The declared accounts by MSP id, and the SHA-256 of the file that declares them."""

    def __init__(self, accounts: dict[str, BankAccount], sha256: str) -> None:
        self.sha256 = sha256
        self._accounts = accounts

    def find(self, msp_id: str) -> BankAccount | None:
        """Returns a merchant's account, None where none is declared."""
        return self._accounts.get(msp_id)

    def suffices(self, msp_id: str, *, cnaps: bool) -> bool:
        """Says whether `require` would give a merchant's account."""
        found = self.find(msp_id)
        return found is not None and not (cnaps and found.cnaps is None)

    def require(self, msp_id: str, *, cnaps: bool) -> BankAccount:
        """Returns a merchant's account. Raises GatewayError BANK_ACCOUNT_MISSING where none is declared, or where a
        CNAPS number is needed and is not."""
        found = self.find(msp_id)
        if found is None:
            raise GatewayError("BANK_ACCOUNT_MISSING", f"{FILE_NAME} declares no account of {msp_id}; add it there")
        if cnaps and found.cnaps is None:
            raise GatewayError(
                "BANK_ACCOUNT_MISSING", f"accounts.{msp_id}: yuan are paid by CNAPS; add the bank's 12-digit `cnaps`"
            )
        return found


def load_bank_accounts(folder: Path) -> BankAccounts:
    """Reads the accounts that are declared in a gateway's folder. Raises GatewayError BANK_ACCOUNTS_INVALID, which
    names the wrong key and never an account's number, or BANK_ACCOUNT_MISSING where there is no file."""
    path = folder / FILE_NAME
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        raise GatewayError("BANK_ACCOUNT_MISSING", f"{FILE_NAME} is not in the gateway's folder; write it") from None
    except OSError as error:
        raise GatewayError("BANK_ACCOUNTS_INVALID", f"{FILE_NAME}: {error.strerror}") from None
    if len(data) > FILE_BYTES_MAX:
        raise GatewayError("BANK_ACCOUNTS_INVALID", f"{FILE_NAME}: larger than {FILE_BYTES_MAX} bytes")
    return read_bank_accounts(data)


def read_bank_accounts(data: bytes) -> BankAccounts:
    """Reads the file's content. Raises GatewayError BANK_ACCOUNTS_INVALID."""
    try:
        document = yaml.load(data.decode("utf-8-sig"), _Loader)
        accounts = _File.model_validate(document).accounts
    except UnicodeDecodeError:
        raise GatewayError("BANK_ACCOUNTS_INVALID", f"{FILE_NAME}: not UTF-8") from None
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or "not YAML"
        where = f"line {mark.line + 1}: " if mark is not None else ""
        raise GatewayError("BANK_ACCOUNTS_INVALID", f"{FILE_NAME}: {where}{problem}") from None
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
        key = ".".join(str(part) for part in fault["loc"])
        raise GatewayError("BANK_ACCOUNTS_INVALID", f"{FILE_NAME}: {key}: {fault['msg']}") from None
    shared = _shared(accounts)
    if shared is not None:
        raise GatewayError("BANK_ACCOUNTS_INVALID", f"{FILE_NAME}: {' and '.join(shared)} have one account")
    return BankAccounts(accounts, hashlib.sha256(data).hexdigest())


def _shared(accounts: dict[str, BankAccount]) -> tuple[str, str] | None:
    """Two merchants that are paid into one account: mistyped, and a credit could not be told apart."""
    seen: dict[tuple[str, str | None, str | None], str] = {}
    for msp_id, one in accounts.items():
        first = seen.setdefault((one.account, one.cnaps, one.bic), msp_id)
        if first != msp_id:
            return first, msp_id
    return None


def normal_account(text: str) -> str:
    """Returns an account's number without spaces, in capitals."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def is_iban(account: str) -> bool:
    """Says whether an account's number is an IBAN whose check digits hold (ISO 13616: MOD 97-10)."""
    if not _IBAN_FORM.match(account):
        return False
    return int("".join(str(int(one, 36)) for one in account[4:] + account[:4])) % 97 == 1
