"""Payments between merchants: none waits for another's, and neither side can make one impossible to finish."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chaincode.cases.world import ALICE, DAY, OPERATOR, World, standard
from chaincode.spec.invariants import check
from chaincode.spec.kernel import keys
from chaincode.spec.kernel.limits import (
    ACCEPTANCE_DAYS_MAX,
    CONFIRMATION_DAYS_MAX,
    PAYMENT_DAYS_MAX,
    REMITTANCES_PER_PAYMENT_MAX,
    UNSETTLED_WINDOWS_MAX,
)
from chaincode.spec.kernel.settling import overdue

PAYER, PAYEE = "northstar", "harbor"
BY_PAYER: dict[str, Any] = {"payee_msp": PAYEE, "window_id": 1}
BY_PAYEE: dict[str, Any] = {"payer_msp": PAYER, "window_id": 1}


@pytest.fixture
def world() -> World:
    """northstar owes harbor 1.00 in window 1; everybody's silence has accepted the statements."""
    world = standard()
    return owing(world, 1)


def owing(world: World, window_id: int, points: int = 100) -> World:
    """A further window in which northstar comes to owe harbor so many fen."""
    world.do("Issue", {"address": ALICE, "class_id": "north", "points": points})
    spend = {"acceptor_msp": PAYEE, "class_ids": ["north"], "order_ref": "o", "points": points}
    world.do("Redeem", spend, PAYEE, member="alice")
    world.later(seconds=1).do("CutWindow", {"window_id": window_id}, OPERATOR)
    world.do("CloseWindow", {"window_id": window_id}, OPERATOR)
    return world.later(seconds=7 * DAY + 1)


def window_of(world: World, window_id: int = 1) -> Any:
    """A window as it stands."""
    return json.loads(world.state.values[keys.window(window_id)])


def finish(world: World) -> Any:
    """The window's status when the payer has recorded all that is due, and the payee confirmed it."""
    world.do("RecordPayment", {**BY_PAYER, "reference": "rest"}, PAYER)
    result = world.do("ConfirmPayment", {**BY_PAYEE, "reference": "rest"}, PAYEE)
    assert check(world.state.values, now=world.now)["windows_net_to_zero"] == []
    return result["window_status"]


def test_one_unpaid_fen_stops_nobody(world: World) -> None:
    world.do("RecordPayment", {**BY_PAYER, "amount_minor": 99, "reference": "bank 1"}, PAYER)
    world.do("ConfirmPayment", {**BY_PAYEE, "reference": "bank 1"}, PAYEE)
    for window_id in range(2, 6):
        owing(world, window_id)
        world.do("RecordPayment", {**BY_PAYER, "reference": "bank 1", "window_id": window_id}, PAYER)
        confirmed = {**BY_PAYEE, "reference": "bank 1", "window_id": window_id}
        assert world.do("ConfirmPayment", confirmed, PAYEE)["window_status"] == "SETTLED"
    assert json.loads(world.state.values[keys.CURRENT_WINDOW])["unsettled"] == [1]
    assert window_of(world)["payments"][0]["due_minor"] == 1
    assert finish(world) == "SETTLED"


def test_a_payee_that_rejects_for_ever_fills_no_list(world: World) -> None:
    for number in range(3 * REMITTANCES_PER_PAYMENT_MAX):
        reference = f"bank {number}"
        world.do("RecordPayment", {**BY_PAYER, "reference": reference}, PAYER)
        rejection = {**BY_PAYEE, "reason": "NOT_RECEIVED", "reference": reference}
        payment = world.do("RejectPayment", rejection, PAYEE)["payment"]
        assert payment["due_minor"] == 100
        assert len(payment["remittances"]) <= REMITTANCES_PER_PAYMENT_MAX
    assert payment["remittances"][-1]["reference"] == reference
    assert finish(world) == "SETTLED"


def test_a_payer_that_pays_in_crumbs_can_end_it(world: World) -> None:
    for number in range(REMITTANCES_PER_PAYMENT_MAX - 1):
        reference = f"crumb {number}"
        world.do("RecordPayment", {**BY_PAYER, "amount_minor": 1, "reference": reference}, PAYER)
        world.do("ConfirmPayment", {**BY_PAYEE, "reference": reference}, PAYEE)
    assert finish(world) == "SETTLED"


def test_what_was_confirmed_wrongly_is_put_right_and_paid(world: World) -> None:
    world.do("RecordPayment", {**BY_PAYER, "amount_minor": 60, "reference": "of another deal"}, PAYER)
    world.do("ConfirmPayment", {**BY_PAYEE, "reference": "of another deal"}, PAYEE)
    nothing = {**BY_PAYER, **BY_PAYEE, "amount_minor": 0, "reference": "of another deal"}
    world.do("CorrectPayment", nothing, PAYEE)
    assert world.do("CorrectPayment", nothing, PAYER)["payment"]["due_minor"] == 100
    assert finish(world) == "SETTLED"


def test_what_is_due_is_overdue_after_its_day_and_no_more_when_it_is_recorded(world: World) -> None:
    window = window_of(world)
    assert window["pay_by"] == window["closed_at"] + (7 + 5) * DAY
    assert overdue(window, window["pay_by"]) == []
    assert [one["due_minor"] for one in overdue(window, window["pay_by"] + 1)] == [100]
    world.do("RecordPayment", {**BY_PAYER, "amount_minor": 99, "reference": "bank 1"}, PAYER)
    assert [one["due_minor"] for one in overdue(window_of(world), window["pay_by"] + 1)] == [1]
    world.do("RecordPayment", {**BY_PAYER, "reference": "bank 2"}, PAYER)
    assert overdue(window_of(world), window["pay_by"] + 1) == []
    world.do("RejectPayment", {**BY_PAYEE, "reason": "RETURNED", "reference": "bank 1"}, PAYEE)
    assert [one["due_minor"] for one in overdue(window_of(world), window["pay_by"] + 1)] == [99]


def test_daily_windows_have_room_for_all_days_that_can_be_declared() -> None:
    assert ACCEPTANCE_DAYS_MAX + PAYMENT_DAYS_MAX + CONFIRMATION_DAYS_MAX < UNSETTLED_WINDOWS_MAX
