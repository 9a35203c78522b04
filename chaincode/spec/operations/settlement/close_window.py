"""CloseWindow: nets a cut window. Writes its matrix, a statement for each merchant that stands in it, and the payments.

For each pair, what was redeemed less what was refunded, plus what disputes moved here or away, and the remainder carried
from the window before, is rounded to minor units half to even, and the rest is carried on. One call nets the next
issuers, whole and in the order of their ids, until it has read POSITIONS_PER_CLOSE positions; while more are left the
window is CLOSING, and whoever closes it calls again with a new request id. With the last one `net` and the payments
follow `netting`.

An issuer's rows stand in `matrix`. A statement names its merchant's rows by their number and `rows_sha256`, a chain:
the SHA-256 of the hash before it, in hex (nothing before the first), followed by the row's canonical JSON, row by row
in the order of issuer and acceptor; so it is made and checked without all rows at once. Its `sha256` is that of its
content's canonical JSON. A merchant without rows has none; one that gets and pays nothing, or has EXITED, has nothing
to accept: its statement stands as ACCEPTED. A window without payments is SETTLED at once. It refuses for no figures:
`lane_gross_max` keeps every sum in range. Requires: an operator.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.exposure import NO_POSITION, outweighing, position_prefix
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.limits import BASIS_POINTS_MAX, POSITIONS_PER_CLOSE
from chaincode.spec.kernel.netting import chained, net_positions, round_half_even
from chaincode.spec.kernel.settling import NETTING, due_payments, known_window, put_statement, settle
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.consortium import require_operator
from chaincode.spec.nouns.fee import basis_points_in
from chaincode.spec.nouns.merchant import PRESENT
from chaincode.spec.nouns.statement import StatementName
from chaincode.spec.nouns.window import EndedWindow

NAME = "CloseWindow"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {"window_id": fields.WINDOW_ID}
RESULT = {"statements": list[StatementName], "window": EndedWindow}
REFUSES = ("NOT_OPERATOR", "UNKNOWN_WINDOW", "WINDOW_NOT_CUT", "WINDOW_OUT_OF_ORDER")
CREATES = ("carry", "netting", "matrix", "statement")


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    window_id = args["window_id"]
    found.reads.add(keys.window(window_id - 1))
    found.writes.update((keys.CURRENT_WINDOW, keys.window(window_id), keys.netting(window_id)))
    found.ranges.update(
        (
            "carry/",
            "fee/",
            "merchant/",
            position_prefix(window_id),
            keys.matrix(window_id, ""),
            keys.statement(window_id, ""),
        )
    )


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.window(args["window_id"]), keys.window(args["window_id"] - 1)]


def apply(view: View, context: Context, args: Json) -> Json:
    require_operator(context)
    window_id = args["window_id"]
    window = known_window(view, window_id)
    if window["status"] not in NETTING:
        raise Refusal("WINDOW_NOT_CUT", f"window {window_id} is {window['status']}")
    before = view.get(keys.window(window_id - 1))
    if before is not None and before["status"] in NETTING:
        raise Refusal("WINDOW_OUT_OF_ORDER", f"window {window_id - 1} is {before['status']}")
    begun = view.get(keys.netting(window_id)) if window["status"] == "CLOSING" else None
    netting = begun or {"gross_minor": 0, "netted_to": "", "tallies": []}
    merchants = [merchant for _, merchant in view.range("merchant/")]
    statements = []
    if _net(view, context, window_id, [merchant["msp_id"] for merchant in merchants], netting):
        present = {merchant["msp_id"] for merchant in merchants if merchant["status"] in PRESENT}
        statements = _close(view, context, window, netting, present)
        if begun is not None:
            view.delete(keys.netting(window_id))
    else:
        window["status"] = "CLOSING"
        view.put(keys.netting(window_id), netting)
    view.put(keys.window(window_id), window)
    return {"statements": statements, "window": window}


def _net(view: View, context: Context, window_id: int, issuers: list[str], netting: Json) -> bool:
    """Nets the next of the issuers and takes their rows into the tallies of those concerned; gives whether all are
    netted."""
    unit = context.consortium["currency"]["minor_unit_millionths"]
    tallies = {tally["msp_id"]: tally for tally in netting["tallies"]}
    read = 0
    for issuer in issuers:
        if issuer <= netting["netted_to"]:
            continue
        if read >= POSITIONS_PER_CLOSE:
            break
        positions = view.range(position_prefix(window_id, issuer))
        read += len(positions)
        netting["netted_to"] = issuer
        rows = _rows(view, window_id, issuer, positions, unit)
        if rows:
            view.put(keys.matrix(window_id, issuer), {"rows": rows})
        for row in rows:
            netting["gross_minor"] += row["owed_minor"]
            for msp_id in (issuer, row["acceptor_msp"]):
                tally = tallies.setdefault(msp_id, {"msp_id": msp_id, "net_minor": 0, "rows": 0, "rows_sha256": ""})
                tally["rows"] += 1
                tally["rows_sha256"] = chained(tally["rows_sha256"], row)
        owed = (((issuer, row["acceptor_msp"]), row["owed_minor"] - row["fee_minor"]) for row in rows)
        for msp_id, change in net_positions(owed).items():
            tallies[msp_id]["net_minor"] += change
    netting["tallies"] = [tallies[msp_id] for msp_id in sorted(tallies)]
    return bool(netting["netted_to"] == (issuers or [""])[-1])


def _rows(view: View, window_id: int, issuer: str, positions: list[tuple[str, Json]], unit: int) -> list[Json]:
    """One row for each acceptor at which the issuer's points were spent or refunded; carries go on in the state."""
    if not positions:
        return []
    sums: dict[str, Json] = {}
    for key, position in positions:
        pair = sums.setdefault(key.split("/")[3], dict(NO_POSITION))
        for name in pair:
            pair[name] += position[name]
    carries = {key.split("/")[2]: carry["millionths"] for key, carry in view.range(keys.carry(issuer, ""))}
    fees = {key.split("/")[2]: fee for key, fee in view.range(keys.fee(issuer, ""))}
    rows = []
    for acceptor in sorted(sums):
        basis_points = basis_points_in(fees.get(acceptor), window_id)
        charged = sums[acceptor]["redeemed_millionths"] - sums[acceptor]["refunded_millionths"]
        carried_in = carries.get(acceptor, 0)
        owed, carried_out = round_half_even(outweighing(sums[acceptor]) + carried_in, unit)
        rows.append(
            {
                **sums[acceptor],
                "acceptor_msp": acceptor,
                "carried_in_millionths": carried_in,
                "carried_out_millionths": carried_out,
                "fee_basis_points": basis_points,
                "fee_minor": round_half_even(charged * basis_points, unit * BASIS_POINTS_MAX)[0],
                "issuer_msp": issuer,
                "owed_minor": owed,
            }
        )
        if carried_out:
            view.put(keys.carry(issuer, acceptor), {"millionths": carried_out})
        elif carried_in:
            view.delete(keys.carry(issuer, acceptor))
    return rows


def _close(view: View, context: Context, window: Json, netting: Json, present: set[str]) -> list[Json]:
    """Ends the netting: payments and statements; gives what names each statement. `present` are the merchants that take
    part."""
    tallies = netting["tallies"]
    statements = []
    for tally in tallies:
        msp_id = tally["msp_id"]
        nothing = {"disputed_minor": 0, "disputes": 0, "disputes_sha256": "", "window_id": window["window_id"]}
        pending = tally["net_minor"] != 0 and msp_id in present
        statements.append(put_statement(view, context, {**tally, **nothing}, pending))
    accept_by = context.now + context.consortium["acceptance_days"] * SECONDS_PER_DAY
    window.update(
        accept_by=accept_by,
        closed_at=context.now,
        gross_minor=netting["gross_minor"],
        net=[{"msp_id": tally["msp_id"], "net_minor": tally["net_minor"]} for tally in tallies],
        pay_by=accept_by + context.consortium["payment_days"] * SECONDS_PER_DAY,
        payments=due_payments({tally["msp_id"]: tally["net_minor"] for tally in tallies}),
        pending_statements=sum(statement["status"] == "PENDING" for statement in statements),
        status="CLOSED",
    )
    if not window["payments"]:
        settle(view, window)
    return statements
