"""What the ledger answers, as JSON Schemas: its nouns, each operation's result, each query's answer. A test holds all vectors against them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Any

INTEGER: Json = {"type": "integer"}
TEXT: Json = {"type": "string"}
BOOLEAN: Json = {"type": "boolean"}
DATE: Json = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
FREE: Json = {"type": "object"}


def maybe(schema: Json) -> Json:
    """The schema, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def many(schema: Json) -> Json:
    """A list of it."""
    return {"type": "array", "items": schema}


def one_of(*names: str) -> Json:
    """One of the names."""
    return {"enum": list(names)}


def document(**fields: Json) -> Json:
    """An object with exactly these fields."""
    return {
        "type": "object",
        "properties": dict(sorted(fields.items())),
        "required": sorted(fields),
        "additionalProperties": False,
    }


def noun(name: str) -> Json:
    """A noun, by reference."""
    return {"$ref": f"#/components/schemas/{name}"}


_DRAW_FIELDS: dict[str, Json] = {"class_id": TEXT, "expires_on": maybe(DATE), "points": INTEGER}
_BALANCE_FIELDS: dict[str, Json] = {
    "buckets": many(document(expires_on=maybe(DATE), held=INTEGER, points=INTEGER)),
    "debt": INTEGER,
    "pending_buckets": many(document(available_on=DATE, expires_on=maybe(DATE), points=INTEGER)),
}

NOUNS: Mapping[str, Json] = {
    "Consortium": document(
        acceptance_days=INTEGER,
        currency=document(code=TEXT, minor_unit_millionths=INTEGER),
        name=TEXT,
        network_id=TEXT,
        operators=many(TEXT),
        time_zone=document(name=TEXT, offsets=many(many(INTEGER))),
    ),
    "CurrentWindow": document(opened_at=INTEGER, window_id=INTEGER),
    "Merchant": document(invited_until=maybe(INTEGER), msp_id=TEXT, name=TEXT, registered_at=INTEGER, status=TEXT),
    "PointClass": document(
        accepted_by=maybe(many(TEXT)),
        category=TEXT,
        class_id=TEXT,
        clawback_days=INTEGER,
        debt=BOOLEAN,
        decimals=INTEGER,
        earn_rate=document(amount_minor=INTEGER, points=INTEGER, rounding=TEXT),
        enrolled_only=BOOLEAN,
        grace_days=INTEGER,
        issuer_msp=TEXT,
        name=TEXT,
        status=TEXT,
        symbol=TEXT,
        transferable=BOOLEAN,
        unit_value_millionths=INTEGER,
        validity=FREE,
        waiting_days=INTEGER,
    ),
    "Rate": document(
        active=BOOLEAN,
        denominator=INTEGER,
        from_class_id=TEXT,
        numerator=INTEGER,
        to_class_id=TEXT,
        version=INTEGER,
    ),
    "Member": document(address=TEXT, enrolled_on=DATE, home_msp=TEXT, public_key=TEXT, status=TEXT),
    "NewIssuance": document(
        available_on=DATE,
        debt_paid=INTEGER,
        expires_on=maybe(DATE),
        issuance_id=TEXT,
        issued_on=DATE,
        points=INTEGER,
    ),
    "Balance": document(
        **_BALANCE_FIELDS,
        account=TEXT,
        class_id=TEXT,
        expired=INTEGER,
        held=INTEGER,
        pending=INTEGER,
        points=INTEGER,
        spendable=INTEGER,
    ),
    "StoredBalance": document(**_BALANCE_FIELDS),
    "Draw": document(**_DRAW_FIELDS, issuer_msp=TEXT, refunded=INTEGER, value_millionths=INTEGER),
    "Redemption": document(
        acceptor_msp=TEXT,
        draws=many(noun("Draw")),
        kind=TEXT,
        member=TEXT,
        order_ref=TEXT,
        points=INTEGER,
        redeemed_on=DATE,
        redemption_id=TEXT,
        refunded=INTEGER,
        value_millionths=INTEGER,
        window_id=INTEGER,
    ),
    "Pin": document(**_DRAW_FIELDS),
    "HoldAmount": document(
        captured_points=INTEGER, class_id=TEXT, issuer_msp=TEXT, points=INTEGER, value_millionths=INTEGER
    ),
    "HoldRecord": document(
        acceptor_msp=TEXT,
        amounts=many(noun("HoldAmount")),
        captured_points=INTEGER,
        expires_at=INTEGER,
        hold_id=TEXT,
        member=TEXT,
        order_ref=TEXT,
        pins=many(noun("Pin")),
        points=INTEGER,
        redemption_id=maybe(TEXT),
        shard=INTEGER,
        status=TEXT,
    ),
    "Payment": document(
        amount_minor=INTEGER,
        confirmed_at=maybe(INTEGER),
        paid_at=maybe(INTEGER),
        payee_msp=TEXT,
        payer_msp=TEXT,
        reference=maybe(TEXT),
        status=TEXT,
    ),
    "Pair": document(
        acceptor_msp=TEXT,
        carried_in_millionths=INTEGER,
        carried_out_millionths=INTEGER,
        issuer_msp=TEXT,
        owed_minor=INTEGER,
        redeemed_millionths=INTEGER,
        refunded_millionths=INTEGER,
    ),
    "Window": document(
        accept_by=maybe(INTEGER),
        closed_at=maybe(INTEGER),
        cut_at=maybe(INTEGER),
        gross_minor=maybe(INTEGER),
        net=maybe(many(document(msp_id=TEXT, net_minor=INTEGER))),
        opened_at=INTEGER,
        payments=maybe(many(noun("Payment"))),
        pays_after=maybe(INTEGER),
        pending_statements=INTEGER,
        status=TEXT,
        window_id=INTEGER,
    ),
    "UnnettedWindow": document(
        cut_at=INTEGER, opened_at=INTEGER, status={"enum": ["CUT", "CLOSING"]}, window_id=INTEGER
    ),
    "EndedWindow": {"anyOf": [noun("Window"), noun("UnnettedWindow")]},
    "Matrix": document(rows=many(noun("Pair"))),
    "OpenWindow": document(opened_at=INTEGER, status={"const": "OPEN"}, window_id=INTEGER),
    "Statement": document(accepted_at=maybe(INTEGER), content=FREE, sha256=TEXT, status=TEXT),
    "Cover": document(allocated_millionths=INTEGER, posted_millionths=INTEGER),
    "Limit": document(cap_millionths=INTEGER, cover_millionths=INTEGER, reserved_millionths=INTEGER),
    "Supply": document(
        class_id=TEXT,
        expired=INTEGER,
        indebted=INTEGER,
        issued=INTEGER,
        outstanding=INTEGER,
        redeemed_elsewhere=INTEGER,
        redeemed_own=INTEGER,
        repaid=INTEGER,
        restored=INTEGER,
        reversed=INTEGER,
    ),
    "Position": document(redeemed_millionths=INTEGER, refunded_millionths=INTEGER),
    "Allowance": document(points=INTEGER),
    "LedgerReceipt": document(about=maybe(TEXT), authoriser=TEXT, request_id=TEXT, tx_id=TEXT, until=INTEGER),
}
"""The nouns by their names in the OpenAPI document."""

RESULTS: Mapping[str, Json] = {
    "OpenConsortium": document(window_id=INTEGER),
    "RegisterMerchant": document(merchant=noun("Merchant")),
    "JoinConsortium": document(merchant=noun("Merchant")),
    "SetMerchantStatus": document(merchant=noun("Merchant")),
    "SetLimits": document(cover=noun("Cover")),
    "RefillLimit": document(**{"from": noun("Limit"), "to": noun("Limit")}),
    "DefineClass": {"type": "object", "properties": {"class": noun("PointClass")}, "required": ["class"]},
    "UpdateClass": {"type": "object", "properties": {"class": noun("PointClass")}, "required": ["class"]},
    "SetRate": document(rate=noun("Rate")),
    "EnrollMember": document(member=noun("Member")),
    "SetMemberStatus": document(member=noun("Member")),
    "MoveHome": document(member=noun("Member")),
    "Issue": document(issuance=noun("NewIssuance")),
    "Accrue": document(issuance=maybe(noun("NewIssuance"))),
    "ReverseIssue": document(class_id=TEXT, debt=INTEGER, issuance_id=TEXT, points=INTEGER),
    "Transfer": document(points=INTEGER),
    "Approve": document(points=INTEGER, previous_points=INTEGER),
    "TransferFrom": document(allowance_points=INTEGER, points=INTEGER),
    "MergeAccounts": document(
        classes=many(document(class_id=TEXT, debt=INTEGER, pending=INTEGER, points=INTEGER)), target=TEXT
    ),
    "Redeem": document(redemption=noun("Redemption")),
    "Refund": document(
        member=TEXT,
        points=INTEGER,
        redemption_id=TEXT,
        returned=many(
            document(
                class_id=TEXT,
                drawn_expires_on=maybe(DATE),
                expires_on=maybe(DATE),
                points=INTEGER,
                value_millionths=INTEGER,
            )
        ),
        value_millionths=INTEGER,
        window_id=INTEGER,
    ),
    "Exchange": document(issuance=noun("NewIssuance"), redemption=noun("Redemption")),
    "Hold": document(hold=noun("HoldRecord")),
    "Capture": document(hold_id=TEXT, redemption=noun("Redemption")),
    "Release": document(hold_id=TEXT, points=INTEGER, status=TEXT),
    "Expire": document(class_id=TEXT, points=INTEGER, swept=many(document(account=TEXT, points=INTEGER))),
    "ImportBalances": document(class_id=TEXT, issuances=many(noun("NewIssuance")), points=INTEGER),
    "WithdrawToWallet": document(address=TEXT, points=INTEGER, reference_hash=TEXT),
    "DepositFromWallet": document(address=TEXT, points=INTEGER, reference_hash=TEXT),
    "CutWindow": document(cut_at=INTEGER, window_id=INTEGER),
    "CloseWindow": document(
        statements=many(document(msp_id=TEXT, sha256=TEXT, status=TEXT)), window=noun("EndedWindow")
    ),
    "AcceptStatement": document(msp_id=TEXT, window_id=INTEGER, window_status=TEXT),
    "RecordPayment": document(payment=noun("Payment"), window_id=INTEGER),
    "ConfirmPayment": document(payment=noun("Payment"), window_id=INTEGER, window_status=TEXT),
    "Sweep": document(deleted=INTEGER),
}
"""The `result` of each operation's receipt."""


def listed(name: str) -> Json:
    """A page of the ledger's own lists."""
    return document(next=maybe(TEXT), rows=many(document(document=noun(name), key=TEXT)))


ANSWERS: Mapping[str, Json] = {
    "GetConsortium": noun("Consortium"),
    "GetCurrentWindow": noun("CurrentWindow"),
    "GetMerchant": noun("Merchant"),
    "GetClass": noun("PointClass"),
    "GetMember": noun("Member"),
    "GetRate": noun("Rate"),
    "GetLimit": noun("Limit"),
    "GetCover": noun("Cover"),
    "GetRedemption": noun("Redemption"),
    "GetHold": noun("HoldRecord"),
    "GetMatrix": noun("Matrix"),
    "GetStatement": noun("Statement"),
    "GetReceipt": noun("LedgerReceipt"),
    "GetWindow": {"anyOf": [noun("EndedWindow"), noun("OpenWindow")]},
    "GetPosition": document(
        acceptor_msp=TEXT,
        issuer_msp=TEXT,
        redeemed_millionths=INTEGER,
        refunded_millionths=INTEGER,
        value_millionths=INTEGER,
        window_id=INTEGER,
    ),
    "GetBalance": noun("Balance"),
    "GetSupply": noun("Supply"),
    "GetAllowance": document(class_id=TEXT, owner=TEXT, points=INTEGER, spender=TEXT),
    "GetIssuance": document(
        account=TEXT,
        available_on=DATE,
        class_id=TEXT,
        clawback_until=DATE,
        expires_on=maybe(DATE),
        issuance_id=TEXT,
        points=INTEGER,
    ),
    "ListMerchants": listed("Merchant"),
    "ListClasses": listed("PointClass"),
    "ListMembers": listed("Member"),
    "ListBalances": listed("StoredBalance"),
    "ListRedemptions": listed("Redemption"),
    "ListHolds": listed("HoldRecord"),
    "ListRates": listed("Rate"),
    "ListLimits": listed("Limit"),
    "ListPositions": listed("Position"),
    "ListMatrix": listed("Matrix"),
    "ListAllowances": listed("Allowance"),
    "ListStatements": listed("Statement"),
    "ListWindows": listed("EndedWindow"),
    "ReadState": document(next=maybe(TEXT), rows=many(many(TEXT))),
}
"""What each query answers."""
