"""The whole loop: a window's payments go to the bank as files, the banks' statements come back, and after a second
person's word the window settles itself on the ledger."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.security.principals import Role
from gateway.settlement.bank.instructions import PaymentOrder
from tests.gateway.pages.desks import desk, places
from tests.scenes.bank_payments import ACCOUNTS
from tests.scenes.bank_statements import Entry, received, sent, statement
from tests.scenes.owed_window import MERCHANTS, ORGS, level, owe
from tests.scenes.sites import Served

Asking = Callable[..., Any]


class Finance:
    """Two people of a merchant's finance: one asks, the other confirms."""

    def __init__(self, site: Served) -> None:
        self.site = site
        self.ask = signed_in(site, Role.FINANCE)
        self._confirm = signed_in(site, Role.FINANCE)

    def order(self, window_id: int, **form: Any) -> Any:
        """The answer to a payment order."""
        return self.ask("POST", f"/windows/{window_id}/payment-order", form)

    def read(self, *files: bytes, **form: Any) -> Any:
        """What the bank's files come to."""
        told = self.ask(
            "POST", "/bank-statements", {"files": [base64.b64encode(one).decode() for one in files], **form}
        )
        assert "proposals" in told, told
        return told

    def send(self, choice: dict[str, Any]) -> None:
        """Sends a proposed operation, and has it confirmed."""
        path = re.sub(r"(?<!^)(?=[A-Z])", "-", choice["op"]).lower()
        form = {"args": choice["args"], "request_id": choice["request_id"]}
        asked = self.ask("POST", f"/operations/{path}", form)
        assert asked["code"] == "APPROVAL_REQUIRED", asked
        done = self._confirm("POST", f"/approvals/{asked['approval_id']}/confirm")
        assert done["status"] == "DONE", done

    def window(self, window_id: int) -> Any:
        """The window as this merchant's gateway has it."""
        return self.ask("GET", f"/windows/{window_id}")["document"]


def signed_in(site: Served, *roles: Role) -> Asking:
    """The API as somebody new of a merchant's staff has it: a method, a path and a form give the answer's document."""
    client = desk(site, *roles)
    session = client.get("/api/v1/session", headers={"Accept": "application/json"}).get_json()
    headers = {"X-CSRF-Token": session["csrf_token"], "Accept": "application/json", "Origin": "http://localhost"}

    def ask(method: str, path: str, form: Any = None) -> Any:
        return client.open(f"/api/v1{path}", method=method, json=form, headers=headers).get_json()

    return ask


@pytest.fixture
def sites(ledger_template: Path, tmp_path: Path) -> Iterator[dict[str, Served]]:
    """Northstar owes harbor and lotus for a window that is closed, and all have accepted."""
    with places(tmp_path, ledger_template, *ORGS) as found:
        owe(found)
        yield found


def ordered(site: Served) -> PaymentOrder:
    """What a merchant has to pay for the window."""
    return site.gateway.bank.order(1)[0]


def verdicts(told: Any) -> list[str]:
    """The verdicts of what was read."""
    return [one["verdict"] for one in told["proposals"]]


def choices(told: Any) -> Sequence[dict[str, Any]]:
    """The operations that are proposed, one a proposal."""
    return [one["choices"][0] for one in told["proposals"]]


def test_a_window_settles_itself_from_the_banks_files(sites: dict[str, Served]) -> None:
    people = {org: Finance(sites[org]) for org in MERCHANTS}
    order = ordered(sites["northstar"])
    shown = people["northstar"].order(1)
    assert shown == people["northstar"].order(1)
    assert shown["total_minor"] == order.total_minor == sum(one.amount_minor for one in order.instructions)

    # The payer's bank says what it carried out; read twice, recorded once.
    paid = statement(ACCOUNTS["northstar"], sent(order))
    told = people["northstar"].read(paid)
    assert verdicts(told) == ["MATCHED", "MATCHED"]
    for choice in choices(told):
        people["northstar"].send(choice)
    level(sites)
    assert verdicts(people["northstar"].read(paid)) == ["RECORDED", "RECORDED"]
    assert people["northstar"].order(1)["code"] == "NOTHING_TO_PAY"

    # The payees' banks say what came.
    for org in ("harbor", "lotus"):
        assert people[org].window(1)["status"] == "CLOSED"
        came = statement(ACCOUNTS[org], received(order, org))
        told = people[org].read(came)
        assert verdicts(told) == ["MATCHED"]
        people[org].send(choices(told)[0])
        level(sites)
        assert verdicts(people[org].read(came)) == ["RECORDED"]
    assert people["northstar"].window(1)["status"] == "SETTLED"


def test_a_part_that_the_bank_carried_out_leaves_the_rest_under_a_new_name(sites: dict[str, Served]) -> None:
    finance = Finance(sites["northstar"])
    order = ordered(sites["northstar"])
    first = order.instructions[0]
    part = Entry(False, first.amount_minor - 5, first.end_to_end_id, first.payee)
    told = finance.read(statement(ACCOUNTS["northstar"], [part]))
    assert verdicts(told) == ["DIFFERENT"]
    finance.send(choices(told)[0])
    level(sites)
    rest = ordered(sites["northstar"])
    assert [one.amount_minor for one in rest.instructions] == [5, order.instructions[1].amount_minor]
    assert rest.message_id != order.message_id
    # The first order, carried out once more in spite of that, is seen as what it is.
    late = Entry(False, first.amount_minor, first.end_to_end_id, first.payee)
    assert verdicts(finance.read(statement(ACCOUNTS["northstar"], [late]))) == ["DIFFERENT"]


def test_what_was_recorded_and_did_not_come_is_refused_and_due_again(sites: dict[str, Served]) -> None:
    payer, payee = Finance(sites["northstar"]), Finance(sites["harbor"])
    order = ordered(sites["northstar"])
    for choice in choices(payer.read(statement(ACCOUNTS["northstar"], sent(order)))):
        payer.send(choice)
    level(sites)
    came = received(order, "harbor")
    back = [Entry(False, one.amount_minor, one.end_to_end_id, one.other, reversal=True) for one in came]
    told = payee.read(statement(ACCOUNTS["harbor"], [*came, *back]))
    assert verdicts(told) == ["REVERSED", "REVERSED"]
    payee.send(told["proposals"][1]["choices"][0])
    level(sites)
    again = ordered(sites["northstar"])
    assert [one.payee_msp for one in again.instructions] == ["harbor"]
    assert again.instructions[0].end_to_end_id != came[0].end_to_end_id
    assert verdicts(payer.read(statement(ACCOUNTS["northstar"], sent(order))))[0] == "REFUSED"


@pytest.mark.parametrize("form", [{"format": "csv", "encoding": "utf-8-sig"}, {"charset": "latin"}])
def test_files_come_as_they_are_asked_for(sites: dict[str, Served], form: dict[str, str]) -> None:
    shown = Finance(sites["northstar"]).order(1, **form)
    content = base64.b64decode(shown["files"][0]["content"])
    assert shown["files"][0]["name"].endswith(".csv" if "format" in form else ".xml")
    assert content.startswith("\ufeff账号".encode() if "format" in form else b"<?xml")


def test_refusals_are_told_by_their_codes(sites: dict[str, Served]) -> None:
    finance = Finance(sites["northstar"])
    assert finance.order(2)["code"] == "PAYMENTS_NOT_OPEN"
    assert finance.order(99)["code"] == "OBJECT_UNKNOWN"
    assert finance.ask("POST", "/bank-statements", {"files": ["!"]})["code"] == "BANK_FILE_INVALID"
    (sites["northstar"].gateway.settings.folder / "bank_accounts.yaml").unlink()
    assert finance.order(1)["code"] == "BANK_ACCOUNT_MISSING"


def test_nobody_but_finance_and_admins_reads_the_bank(sites: dict[str, Served]) -> None:
    asked = signed_in(sites["northstar"], Role.CASHIER, Role.MARKETING, Role.AUDITOR)
    assert asked("POST", "/windows/1/payment-order", {})["code"] == "FORBIDDEN"
    assert asked("POST", "/bank-statements", {"files": [secrets.token_hex(2)]})["code"] == "FORBIDDEN"
