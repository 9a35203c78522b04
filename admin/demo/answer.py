"""The run's answer, read from the ledger alone: counts from its events, classes from its supply, windows from its
settlement."""

from __future__ import annotations

import datetime
import json
from collections import Counter

from admin.demo.setting import MERCHANTS, ZONE
from chaincode.spec.kernel.canonical import Json
from gateway.ledger.port import Ledger

COUNTED = {"Redeem": "redemptions", "Refund": "refunds", "Transfer": "transfers", "EnrollMember": "members"}


async def counts(ledger: Ledger, purchases: int) -> Json:
    """How many of each kind the ledger's events tell of."""
    found = Counter(dict.fromkeys(("purchases", "members", "accruals", "redemptions", "refunds", "transfers"), 0))
    found["purchases"] = purchases
    async for block in ledger.blocks():
        for transaction in block.transactions:
            if transaction.valid and transaction.event:
                for entry in json.loads(transaction.event)["operations"]:
                    if entry["op"] in COUNTED:
                        found[COUNTED[entry["op"]]] += 1
                    elif entry["op"] == "Accrue" and entry["result"]["issuance"]:
                        found["accruals"] += 1
    return dict(found)


async def classes(ledger: Ledger) -> Json:
    """Each class's flows and what is outstanding."""
    names = ("issued", "redeemed_own", "redeemed_elsewhere", "expired", "restored", "outstanding")
    found = {}
    for merchant in MERCHANTS:
        supply = await ledger.evaluate("GetSupply", {"class_id": merchant.msp_id})
        found[merchant.msp_id] = {name: supply[name] for name in names}
    return found


async def windows(ledger: Ledger, count: int) -> list[Json]:
    """Each settled window by its month."""
    return [
        _window(await ledger.evaluate("GetWindow", {"window_id": number}), await _rows(ledger, number))
        for number in range(1, count + 1)
    ]


async def _rows(ledger: Ledger, window_id: int) -> list[Json]:
    """A window's matrix, issuer by issuer."""
    page = await ledger.evaluate("ListMatrix", {"window_id": window_id})
    assert page["next"] is None, "more issuers than the sample has"
    return [row for issuer in page["rows"] for row in issuer["document"]["rows"]]


def _window(window: Json, rows: list[Json]) -> Json:
    owed = {f"{row['issuer_msp']}>{row['acceptor_msp']}": row["owed_minor"] for row in rows}
    net = {row["msp_id"]: row["net_minor"] for row in window["net"]}
    names = [merchant.msp_id for merchant in MERCHANTS]
    return {
        "month": datetime.datetime.fromtimestamp(window["cut_at"], ZONE).strftime("%Y-%m"),
        "gross": window["gross_minor"],
        "owed": {f"{i}>{j}": owed.get(f"{i}>{j}", 0) for i in names for j in names if i != j},
        "net": {name: net.get(name, 0) for name in names},
        "payments": [
            {"payer": payment["payer_msp"], "payee": payment["payee_msp"], "amount": payment["amount_minor"]}
            for payment in window["payments"]
        ],
    }
