"""A window that is closed and accepted, in which northstar owes harbor and lotus, on gateways in this process."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from gateway.settlement.bank.bank_accounts import FILE_NAME
from tests.scenes.bank_payments import ACCOUNTS
from tests.scenes.sites import Served

MERCHANTS = ("northstar", "harbor", "lotus")
ORGS = (*MERCHANTS, "operator")


def owe(sites: Mapping[str, Served]) -> None:
    """Northstar's points are spent at harbor and lotus, window 1 is closed and accepted by all, and every gateway has
    the merchants' bank accounts."""
    _, lin = sites["northstar"].wallet("lin", points=5000)
    sites["harbor"].takes(lin, "northstar", 1203, "B-1")
    sites["lotus"].takes(lin, "northstar", 77, "C-1")
    for op in ("CutWindow", "CloseWindow"):
        sites["operator"].carry_out(op, op, {"window_id": 1})
    level(sites)
    for org in MERCHANTS:
        digest = sites[org].gateway.projection.settlement.statement(1, org).statement["sha256"]
        sites[org].carry_out("AcceptStatement", f"accept-{org}", {"sha256": digest, "window_id": 1})
    level(sites)
    declared = {org: one.model_dump(exclude_none=True) for org, one in ACCOUNTS.items()}
    for site in sites.values():
        path = site.gateway.settings.folder / FILE_NAME
        path.write_text(yaml.safe_dump({"accounts": declared}, allow_unicode=True), "utf-8")


def level(sites: Mapping[str, Served]) -> None:
    """Every gateway is at the newest block."""
    newest = max(site.gateway.runtime.call(site.gateway.ledger.height()) for site in sites.values()) - 1
    for site in sites.values():
        site.gateway.projection.wait_for_block(newest, 30)
