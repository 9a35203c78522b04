"""What the facts of a request are called that a second person decides on."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.pages.words.marking import mark

FACTS: Mapping[str, str] = {
    "accepted_by": mark("Taken by"),
    "active": mark("Offered"),
    "amount": mark("Amount"),
    "available_on": mark("Available from"),
    "cap_millionths": mark("Cap"),
    "category": mark("Category"),
    "class_id": mark("Points"),
    "clawback_days": mark("Days in which new points can be taken back"),
    "cover_millionths": mark("Cover"),
    "debt": mark("What was spent already is owed"),
    "decimals": mark("Decimals"),
    "earn_rate": mark("Purchases earn"),
    "enrolled_only": mark("For enrolled members only"),
    "entries": mark("Old cards"),
    "grace_days": mark("Days that refunded points are good for when their last day has passed"),
    "from_class_id": mark("Points given"),
    "from_shard": mark("From lane"),
    "issuer_msp": mark("Issuer"),
    "issuance_id": mark("Issuance number"),
    "member": mark("Member"),
    "msp_id": mark("Merchant"),
    "name": mark("Name"),
    "opened_at": mark("Open since"),
    "order_ref": mark("Order number"),
    "payee_msp": mark("Paid to"),
    "payer_msp": mark("Paid by"),
    "points": mark("Number of points"),
    "posted_cover_millionths": mark("Posted cover"),
    "purchase": mark("Purchase"),
    "purchase_ref": mark("Receipt number"),
    "rate": mark("Given : received"),
    "reason": mark("Reason"),
    "reference": mark("Reference"),
    "status": mark("State"),
    "symbol": mark("Symbol"),
    "to_class_id": mark("Points received"),
    "to_shard": mark("To lane"),
    "transferable": mark("May be passed on"),
    "unit_value_millionths": mark("What one point is worth"),
    "validity": mark("Valid until"),
    "waiting_days": mark("Days until new points can be spent"),
    "window_id": mark("Settlement period"),
    "worth": mark("Worth"),
    "worth_per_point": mark("Received for one point given"),
}
