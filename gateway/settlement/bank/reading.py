"""Whatever a bank sends, read and held against the payments: statements (camt.053) and reports on orders (pain.002)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.settlement.bank.bank_accounts import BankAccounts
from gateway.settlement.bank.camt053 import Reading, read_statements
from gateway.settlement.bank.instructions import YUAN, SettlementTerms
from gateway.settlement.bank.matching import Matching, Tolerance, match, match_refusals
from gateway.settlement.bank.pain002 import Refusal, is_report, read_refusals
from gateway.settlement.bank.payments import Payment


@dataclass(frozen=True)
class BankFiles:
    """What a bank's files have, and what that comes to. `reports`: how many of them are reports on orders."""

    reading: Reading
    reports: int
    matching: Matching


def read_bank_files(
    files: Sequence[bytes],
    own_msp: str,
    terms: SettlementTerms,
    payments: Sequence[Payment],
    accounts: BankAccounts,
    tolerance: Tolerance,
) -> BankFiles:
    """Reads statements of a merchant's account and reports on its orders, and holds them against its payments. Raises
    GatewayError BANK_ACCOUNT_MISSING, and as `read_statements` and `read_refusals`."""
    own = accounts.require(own_msp, cnaps=terms.currency == YUAN)
    reports = [data for data in files if is_report(data)]
    statements = [data for data in files if not is_report(data)]
    reading = Reading((), (), 0)
    if statements or not reports:
        reading = read_statements(statements, own.account, terms.currency, terms.decimals)
    refused = match_refusals(own_msp, terms, payments, accounts, _refusals(reports))
    matched = match(own_msp, terms, payments, accounts, reading.statements, tolerance)
    return BankFiles(reading, len(reports), Matching((*refused, *matched.proposals), matched.unrelated))


def _refusals(reports: Iterable[bytes]) -> list[Refusal]:
    """What reports say, once each: the same report may be there twice."""
    return list(dict.fromkeys(refusal for data in reports for refusal in read_refusals(data)))
