"""A window in which harbor takes northstar's points, and its end."""

from __future__ import annotations

import secrets

from chaincode.cases.world import PLACE
from tests.scenes.consortium import operation
from tests.scenes.sites import Served

POINTS = 250


OWED = "CN¥2.50"


def spend_at_harbor(north: Served, harbor: Served) -> str:
    """A member of northstar's pays at harbor with northstar's points; the redemption's id."""
    _, key = north.wallet(f"settling{secrets.token_hex(3)}", points=300)
    args = {"acceptor_msp": "harbor", "class_ids": ["northstar"], "order_ref": "o-1", "points": POINTS}
    redeemed = key.authorise(operation("Redeem", secrets.token_hex(8), args), PLACE)
    receipt = harbor.send(redeemed)
    north.gateway.projection.wait_for_block(receipt.block_number, 30)
    return str(receipt.document["result"]["redemption"]["redemption_id"])


def close(operator: Served, *sites: Served) -> int:
    """Cuts and closes the open window; its number."""
    window_id = len(operator.gateway.projection.settlement.windows().items) + 1
    operator.carry_out("CutWindow", secrets.token_hex(8), {"window_id": window_id})
    receipt = operator.carry_out("CloseWindow", secrets.token_hex(8), {"window_id": window_id})
    for site in sites:
        site.gateway.projection.wait_for_block(receipt.block_number, 30)
    return window_id
