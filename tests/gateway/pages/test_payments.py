"""A payment on the statement's page: its parts, its deadlines, and the step that is each side's to take."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.security.principals import Role
from tests.gateway.pages.desks import desk, places
from tests.scenes.sites import Served

ORGS = ("northstar", "harbor", "operator")
PAYER, PAYEE = "harbor", "northstar"
"""harbor's points were spent at northstar."""
BY_PAYER: dict[str, Any] = {"payee_msp": PAYEE, "window_id": 1}
BY_PAYEE: dict[str, Any] = {"payer_msp": PAYER, "window_id": 1}
RIGHT: dict[str, Any] = {**BY_PAYER, **BY_PAYEE, "amount_minor": 40, "reference": "bank-2"}


class Scene:
    """The sites, and operations told by their own numbers."""

    def __init__(self, sites: dict[str, Served]) -> None:
        self.sites = sites
        self._count = 0

    def do(self, msp_id: str, op: str, args: dict[str, Any]) -> Any:
        """An operation that is accepted; every gateway knows of it."""
        self._count += 1
        receipt = self.sites[msp_id].carry_out(op, f"pay-{self._count}", args)
        for site in self.sites.values():
            site.gateway.projection.wait_for_block(receipt.block_number, 30)
        return receipt.result

    def page(self, msp_id: str, path: str = "/merchant/settlement/1", language: str = "en") -> str:
        """What finance reads there."""
        return desk(self.sites[msp_id], Role.FINANCE, language=language).get(path).text

    def forms(self, msp_id: str) -> list[str]:
        """The operations that finance can ask for on the statement's page, in their order."""
        return re.findall(r'data-api="POST /api/v1/operations/([a-z-]+)"', self.page(msp_id))


@pytest.fixture
def scene(ledger_template: Path, tmp_path: Path) -> Iterator[Scene]:
    """A closed window with accepted statements: harbor owes northstar 1.60."""
    with places(tmp_path, ledger_template, *ORGS) as sites:
        made = Scene(sites)
        _, ann = sites["harbor"].wallet("ann", points=5000)
        sites["northstar"].takes(ann, "harbor", 200, "A-1001")
        made.do("operator", "CutWindow", {"window_id": 1})
        closed = made.do("operator", "CloseWindow", {"window_id": 1})
        for named in closed["statements"]:
            made.do(named["msp_id"], "AcceptStatement", {"sha256": named["sha256"], "window_id": 1})
        yield made


def test_what_is_left_is_offered_to_be_paid(scene: Scene) -> None:
    assert scene.forms(PAYEE) == []
    assert scene.forms(PAYER) == ["record-payment"]
    assert 'value="1.60"' in scene.page(PAYER)
    scene.do(PAYER, "RecordPayment", {**BY_PAYER, "amount_minor": 100, "reference": "bank-1"})
    page = scene.page(PAYER)
    assert 'value="0.60"' in page
    assert scene.forms(PAYER) == ["retract-payment", "record-payment"]
    assert scene.forms(PAYEE) == ["confirm-payment", "reject-payment"]
    assert "no answer by then counts as confirmation" in scene.page(PAYEE)
    scene.do(PAYEE, "RejectPayment", {**BY_PAYEE, "reason": "WRONG_AMOUNT", "reference": "bank-1"})
    assert scene.forms(PAYEE) == []
    assert 'value="1.60"' in scene.page(PAYER)
    assert "Another amount came" in scene.page(PAYER)
    assert "到账金额不符" in scene.page(PAYER, language="zh")


def test_a_correction_is_the_other_sides_to_agree_to(scene: Scene) -> None:
    for reference in ("bank-1", "bank-2"):
        scene.do(PAYER, "RecordPayment", {**BY_PAYER, "amount_minor": 50, "reference": reference})
        scene.do(PAYEE, "ConfirmPayment", {**BY_PAYEE, "reference": reference})
    assert scene.forms(PAYEE) == ["correct-payment"] * 2
    scene.do(PAYEE, "CorrectPayment", RIGHT)
    assert "Agree to the correction" in scene.page(PAYER)
    assert "Agree to the correction" not in scene.page(PAYEE)
    assert "Withdraw the correction" in scene.page(PAYEE)
    assert "A correction of a payment of window 1 is asked for" in scene.page(PAYER, "/merchant")
    scene.do(PAYER, "CorrectPayment", RIGHT)
    page = scene.page(PAYER)
    assert "corrected by both" in page
    assert 'value="0.70"' in page
    assert "A correction of a payment" not in scene.page(PAYER, "/merchant")


def test_what_is_late_is_told_to_both_sides_and_the_operator(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.do(PAYER, "RecordPayment", {**BY_PAYER, "amount_minor": 159, "reference": "bank-1"})
    assert "Overdue" not in scene.page(PAYER)
    window = json.loads(json.dumps(scene.sites[PAYER].gateway.projection.settlement.window(1).document))
    for site in scene.sites.values():
        monkeypatch.setattr(site.gateway, "clock", lambda: float(window["pay_by"] + 1))
    assert scene.forms(PAYER) == ["confirm-unanswered", "retract-payment", "record-payment"]
    assert scene.forms(PAYEE)[0] == "confirm-unanswered"
    assert "Overdue" in scene.page(PAYER)
    home = scene.page(PAYER, "/merchant")
    assert "A payment of window 1 is overdue" in home
    assert "A payment of window 1 was not answered in time" in home
    operator = desk(scene.sites["operator"], Role.FINANCE)
    assert "Overdue" in operator.get("/operator/windows/1").text
    assert "owes 北辰书店 CN¥0.01" in operator.get("/operator/windows").text


def test_nothing_of_a_settled_window_is_offered(scene: Scene) -> None:
    scene.do(PAYER, "RecordPayment", {**BY_PAYER, "reference": "bank-1"})
    scene.do(PAYEE, "ConfirmPayment", {**BY_PAYEE, "reference": "bank-1"})
    for side in (PAYER, PAYEE):
        assert scene.forms(side) == []
        assert "Confirmed on" in scene.page(side)
