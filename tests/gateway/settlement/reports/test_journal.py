"""Names in the journal, and what disputes, defaults and corrections come to in it."""

from __future__ import annotations

from gateway.settlement.reports.journal import Book, Names
from gateway.settlement.reports.terms import ClassTerms

TERMS = ClassTerms(class_id="a", name="A", issuer_msp="a", decimals=0, unit_value_millionths=10_000)


def test_names_are_beancounts_and_never_alike() -> None:
    ids = ["points", "p" * 32, "p" * 31 + "q", "ends-", "1st"]
    names = Names.of(ids, ["Org.one", "Org-one", "org-one"])
    assert len(set(names.commodities.values())) == len(ids)
    assert all(len(one) <= 24 and one.startswith("JF.") and one[-1].isalnum() for one in names.commodities.values())
    assert names.commodities["points"] == "JF.POINTS"
    assert len(set(names.merchants.values())) == 3
    assert all(one[0].isupper() and "." not in one for one in names.merchants.values())


def booked(book: Book, op: str, result: dict[str, object], **args: object) -> dict[str, int]:
    """What an operation comes to, by account."""

    class Operation:
        number, at, block_number, transaction_id = 1, 0, 1, "t"

    operation = Operation()
    operation.op, operation.args, operation.result = op, args, result  # type: ignore[attr-defined]
    entry = book.of_operation(operation)
    sums: dict[str, int] = {}
    for one in entry.postings if entry is not None else ():
        sums[one.account] = sums.get(one.account, 0) + one.units
    assert sum(sums.values()) == 0
    return {account: units // 10_000 for account, units in sums.items() if units}


def book_of(msp_id: str) -> Book:
    names = Names.of(["a"], ["a", "b", "c"])
    rows = {
        1: [
            {"issuer_msp": "a", "acceptor_msp": "b", "fee_minor": 0, "owed_minor": 700},
            {"issuer_msp": "b", "acceptor_msp": "a", "fee_minor": 0, "owed_minor": 50},
        ]
    }
    return Book(msp_id, {"a": TERMS}, names, 10_000, rows)


def test_a_close_moves_what_is_netted_once() -> None:
    book, closed = book_of("a"), {"window": {"window_id": 1, "status": "CLOSED"}}
    closing = {"window": {"window_id": 1, "status": "CLOSING"}}
    assert booked(book, "CloseWindow", closing, window_id=1) == {}
    assert booked(book, "CloseWindow", closed, window_id=1) == {
        "Assets:Clearing": -650,
        "Assets:Receivable:B": -50,
        "Liabilities:Payable:B": 700,
    }
    assert booked(book, "CloseWindow", closed, window_id=1) == {}


def payment(*amounts: tuple[int, str]) -> dict[str, object]:
    """A window's payment with what is recorded of it."""
    parts = [{"amount_minor": amount, "status": status} for amount, status in amounts]
    return {"window_id": 1, "payment": {"payer_msp": "a", "payee_msp": "b", "remittances": parts}}


def test_payments_count_once_they_are_confirmed_and_are_corrected() -> None:
    book, payee = book_of("a"), book_of("b")
    first = payment((600, "CONFIRMED"), (50, "PAID"))
    assert booked(book, "ConfirmPayment", first) == {"Assets:Bank": -600, "Assets:Clearing": 600}
    assert booked(payee, "ConfirmPayment", first) == {"Assets:Bank": 600, "Assets:Clearing": -600}
    right = payment((600, "REVERSED"), (500, "CONFIRMED"), (50, "PAID"))
    assert booked(book, "CorrectPayment", right) == {"Assets:Bank": 100, "Assets:Clearing": -100}
    assert booked(book, "CorrectPayment", right) == {}


def dispute(status: str, booked_minor: int | None = None, payer: str | None = None, *, netted: bool = False) -> object:
    """A dispute of a about 100 at b."""
    return {
        "dispute": {
            "issuer_msp": "a",
            "acceptor_msp": "b",
            "redemption_id": "r",
            "window_id": 1,
            "amount_minor": 100,
            "booked_minor": booked_minor,
            "fee_minor": 7,
            "fee_payer_msp": payer,
            "netted": netted,
            "status": status,
        }
    }


def test_a_dispute_leaves_its_account_empty_whoever_wins() -> None:
    for booked_minor, payer in ((0, "b"), (50, None), (100, "a")):
        issuer, acceptor = book_of("a"), book_of("b")
        sums: dict[str, dict[str, int]] = {"a": {}, "b": {}}
        for name, book in (("a", issuer), ("b", acceptor)):
            for result in (dispute("INQUIRY"), dispute("CONTESTED"), dispute("UPHELD", booked_minor, payer)):
                for account, units in booked(book, "ResolveDispute", result).items():  # type: ignore[arg-type]
                    sums[name][account] = sums[name].get(account, 0) + units
        assert sums["a"].get("Liabilities:Disputed:B", 0) == sums["b"].get("Assets:Disputed:A", 0) == 0
        won = 100 - booked_minor
        assert sums["a"].get("Income:Disputes", 0) == -won + (7 if payer == "a" else -7 if payer == "b" else 0)
        assert sums["a"].get("Liabilities:Payable:B", 0) == won - (7 if payer == "a" else 0)
        assert sums["b"].get("Assets:Receivable:A", 0) == -won + (7 if payer == "a" else 0)
        assert sums["b"].get("Income:Disputes", 0) == -sums["a"].get("Income:Disputes", 0)


def test_what_is_disputed_after_the_netting_comes_out_of_what_was_netted() -> None:
    assert booked(book_of("a"), "OpenDispute", dispute("INQUIRY", netted=True)) == {  # type: ignore[arg-type]
        "Assets:Clearing": 100,
        "Liabilities:Disputed:B": -100,
    }
    assert booked(book_of("b"), "OpenDispute", dispute("INQUIRY", netted=True)) == {  # type: ignore[arg-type]
        "Assets:Clearing": -100,
        "Assets:Disputed:A": 100,
    }


def test_a_default_is_booked_by_whoever_bears_it() -> None:
    """A owes 700: its cover 450, the fund 100, of which 20 are its own, the others 112 and 38."""
    result: dict[str, object] = {
        "default": {
            "msp_id": "a",
            "cover_minor": 450,
            "fund": [{"msp_id": "a", "amount_minor": 20}, {"msp_id": "b", "amount_minor": 80}],
            "losses": [{"msp_id": "b", "amount_minor": 38}, {"msp_id": "c", "amount_minor": 112}],
            "haircuts": [],
        }
    }
    assert booked(book_of("a"), "DeclareDefault", result, window_id=1) == {
        "Assets:Clearing": 700,
        "Assets:Cover": -450,
        "Assets:Fund": -20,
        "Liabilities:Defaults": -230,
    }
    assert booked(book_of("b"), "DeclareDefault", result, window_id=1) == {
        "Assets:Clearing": -38,
        "Assets:Fund": -80,
        "Expenses:Defaults": 118,
    }
    assert booked(book_of("c"), "DeclareDefault", result, window_id=1) == {
        "Assets:Clearing": -112,
        "Expenses:Defaults": 112,
    }
