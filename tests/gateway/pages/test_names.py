"""Finance reads who asked for something and who loaded a file by their names, never by `stf_…` ids."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.legacy.models import LegacyImport
from gateway.oversight.decision_facts import facts_of
from gateway.oversight.models import Approval
from gateway.oversight.valuation import Worths
from gateway.security.principals import Role
from tests.gateway.pages.desks import desk, places
from tests.scenes.sites import Served


def asked_and_loaded(north: Served) -> None:
    """Somebody's request, decided by somebody else, and somebody's file of old cards."""
    asking, deciding = (north.staff(Role.MARKETING, name=name).partition("@")[0] for name in ("小林", "老周"))
    operation = {"op": "RefillLimit", "args": {}, "request_id": "r-1"}
    with north.gateway.store.writing() as session:
        session.add(
            Approval(
                approval_id="apr_1",
                action="RefillLimit",
                operation=operation,
                request_id="r-1",
                body_hash="h",
                facts=[],
                status="REJECTED",
                requested_by=asking,
                requested_person=asking,
                requested_at=1,
                expires_at=2,
                decided_by=deciding,
                decided_at=2,
                reason="no",
            )
        )
        session.add(
            LegacyImport(
                import_id="imp_1",
                class_id="northstar",
                rows=1,
                points=5,
                file_hash="f",
                status="LOADED",
                created_by=asking,
                created_at=1,
            )
        )


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.ADMIN])
def test_people_have_names(ledger_template: Path, tmp_path: Path, role: Role) -> None:
    with places(tmp_path, ledger_template, "northstar") as sites:
        asked_and_loaded(sites["northstar"])
        reader = desk(sites["northstar"], role)
        for path, names in (("/merchant/approvals", {"小林", "老周"}), ("/merchant/import", {"小林"})):
            page = reader.get(path).text
            assert {name for name in ("小林", "老周") if name in page} == names
            assert not re.search(r"stf_\w+", page), path


def test_a_move_of_a_limit_between_lanes_is_told_with_both_its_merchants(ledger_template: Path, tmp_path: Path) -> None:
    args = {"issuer_msp": "northstar", "acceptor_msp": "harbor", "from_shard": 0, "to_shard": 1}
    operation = {"op": "RefillLimit", "args": {**args, "cap_millionths": 1_000_000, "cover_millionths": 0}}
    with places(tmp_path, ledger_template, "northstar") as sites:
        north = sites["northstar"]
        asked_and_loaded(north)
        with north.gateway.store.writing() as session:
            row = session.get_one(Approval, "apr_1")
            row.facts = facts_of(operation, lambda key: None, Worths(lambda key: None, lambda prefix: ()))
        page = desk(north, Role.FINANCE).get("/merchant/approvals")
        assert page.status_code == 200
        assert re.search(r"<dt>Issuer</dt><dd>北辰书店</dd>\s*<dt>Acceptor</dt><dd>海港唱片</dd>", page.text)
