"""CloseWindow: nets a cut window. Writes its matrix, each merchant's statement and the payments.

For each pair, what was redeemed less what was refunded, plus the remainder carried from the window before, is rounded to minor units half
to even, and the rest is carried on. `net_minor` and the payments follow `netting`. A window without positions settles itself. Requires: an
operator. Refuses: NOT_OPERATOR, UNKNOWN_WINDOW (never cut), WINDOW_NOT_CUT, WINDOW_OUT_OF_ORDER, OVERFLOW.
"""

from __future__ import annotations

import hashlib

from chaincode.spec import fields, keys
from chaincode.spec.calendar import SECONDS_PER_DAY
from chaincode.spec.canonical import Json, encode
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Authority, Context, Role
from chaincode.spec.footprint import Footprint, Look, Speaker
from chaincode.spec.netting import Pair, net_positions, payments, round_half_even
from chaincode.spec.nouns import PRESENT, require_operator
from chaincode.spec.settling import save_window
from chaincode.spec.state import View, exact

NAME = "CloseWindow"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {"window_id": fields.WINDOW_ID}


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    window_id = args["window_id"]
    found.writes.update((keys.window(window_id), keys.window(window_id + 1)))
    found.ranges.update((f"position/{window_id:08d}/", "merchant/", "carry/", "window/", f"statement/{window_id:08d}/"))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.window(args["window_id"]), keys.window(args["window_id"] - 1)]


def apply(view: View, context: Context, args: Json) -> Json:
    require_operator(context)
    window_id = args["window_id"]
    window = view.get(keys.window(window_id))
    if window is None:
        raise Refusal("UNKNOWN_WINDOW", str(window_id))
    if window["status"] != "CUT":
        raise Refusal("WINDOW_NOT_CUT", f"window {window_id} is {window['status']}")
    if window_id > 1 and view.get(keys.window(window_id - 1))["status"] == "CUT":
        raise Refusal("WINDOW_OUT_OF_ORDER", f"window {window_id - 1} is CUT")
    matrix = _matrix(view, window_id, context.consortium["currency"]["minor_unit_millionths"])
    net = net_positions(((row["issuer_msp"], row["acceptor_msp"]), row["owed_minor"]) for row in matrix)
    window.update(
        accept_by=context.now + context.consortium["acceptance_days"] * SECONDS_PER_DAY,
        closed_at=context.now,
        gross_minor=exact(sum(row["owed_minor"] for row in matrix)),
        matrix=matrix,
        net=[{"msp_id": msp_id, "net_minor": exact(net[msp_id])} for msp_id in sorted(net)],
        payments=[
            {
                "amount_minor": amount,
                "confirmed_at": None,
                "paid_at": None,
                "payee_msp": payee,
                "payer_msp": payer,
                "reference": None,
                "status": "DUE",
            }
            for payer, payee, amount in payments(net)
        ],
        status="CLOSED",
    )
    statements = _statements(view, window, net) if matrix else []
    window["pending_statements"] = len(statements)
    save_window(view, window, context.now)
    return {"statements": statements, "window": window}


def _matrix(view: View, window_id: int, unit: int) -> list[Json]:
    """One row for each pair with positions in the window, by issuer and acceptor; carries go on in the state."""
    redeemed: dict[Pair, int] = {}
    refunded: dict[Pair, int] = {}
    for key, position in view.range(f"position/{window_id:08d}/"):
        _, _, issuer, acceptor, _ = key.split("/")
        pair = (issuer, acceptor)
        redeemed[pair] = exact(redeemed.get(pair, 0) + position["redeemed_millionths"])
        refunded[pair] = exact(refunded.get(pair, 0) + position["refunded_millionths"])
    matrix = []
    for issuer, acceptor in sorted(redeemed):
        key = keys.carry(issuer, acceptor)
        carried = view.get(key)
        carried_in = carried["millionths"] if carried else 0
        pair = (issuer, acceptor)
        owed, carried_out = round_half_even(exact(redeemed[pair] - refunded[pair] + carried_in), unit)
        matrix.append(
            {
                "acceptor_msp": acceptor,
                "carried_in_millionths": carried_in,
                "carried_out_millionths": carried_out,
                "issuer_msp": issuer,
                "owed_minor": owed,
                "redeemed_millionths": redeemed[pair],
                "refunded_millionths": refunded[pair],
            }
        )
        if carried_out:
            view.put(key, {"millionths": carried_out})
        elif carried_in:
            view.delete(key)
    return matrix


def _statements(view: View, window: Json, net: dict[str, int]) -> list[Json]:
    """Writes a statement for each merchant that takes part or stands in the matrix; gives their MSP ids and SHA-256."""
    present = {merchant["msp_id"] for _, merchant in view.range("merchant/") if merchant["status"] in PRESENT}
    out = []
    for msp_id in sorted(present | set(net)):
        content = {
            "msp_id": msp_id,
            "net_minor": net.get(msp_id, 0),
            "owed_to_others": [row for row in window["matrix"] if row["issuer_msp"] == msp_id],
            "owed_to_us": [row for row in window["matrix"] if row["acceptor_msp"] == msp_id],
            "payments": [
                {name: payment[name] for name in ("amount_minor", "payee_msp", "payer_msp")}
                for payment in window["payments"]
                if msp_id in (payment["payer_msp"], payment["payee_msp"])
            ],
            "window_id": window["window_id"],
        }
        sha256 = hashlib.sha256(encode(content)).hexdigest()
        statement = {"accepted_at": None, "content": content, "sha256": sha256, "status": "PENDING"}
        view.put(keys.statement(window["window_id"], msp_id), statement)
        out.append({"msp_id": msp_id, "sha256": sha256})
    return out
