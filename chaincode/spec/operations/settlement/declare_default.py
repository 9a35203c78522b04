"""DeclareDefault: what a merchant owes in a closed window and has not recorded as paid is borne by others, as
`kernel.waterfall` shares it: what others owe it in any closed window comes first, then its cover, the mutual fund, the
survivors by the limits that it granted them, and last whoever it owes.

Its own payments of the window end with what stands recorded of them; those of whoever owed it are smaller by the set-off;
new ones take their place, payable within `payment_days` from now. What comes out of cover and fund is paid by the
custodian, the first of the consortium's operators, which keeps them; the fund gives the defaulter's own contribution
first, then the others' in proportion. What the merchant owed in the window counts no more (`discharged`), no limit of
its has room for new debts (its cover is what is used, and no more), and nothing it asked back is returned. It is in
RUN_OFF from then on, to the announced day, unless it was before. The window's entries stand as they are: nothing is
unwound.

A window's default can be declared when its time for paying is over (`pay_by`); or once every statement is accepted,
when the merchants voted for it (a proposal of kind DEFAULT). Requires: an operator, or a merchant that takes part.
DEFAULT_TOO_SOON: neither; NOTHING_DUE: nothing is due;
DEFAULT_CONTESTED: all that is late was recorded as paid and rejected, which the merchants decide by vote. INVALID_ARGUMENT: `run_off_until` of a merchant in RUN_OFF, or none
of another.
"""

from __future__ import annotations

from collections import Counter

from chaincode.spec.kernel import exposure, fields, footprint, keys
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.collateral import account_of, put_account
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.settling import (
    closed_window,
    fresh_payment,
    overdue,
    payment_of,
    settle_if_paid,
    statements_done,
    work_out,
)
from chaincode.spec.kernel.state import View
from chaincode.spec.kernel.waterfall import COVER, FUND, Waterfall, apportion, waterfall
from chaincode.spec.nouns.default import Default
from chaincode.spec.nouns.merchant import PRESENT, Merchant, require_announced, require_participant

NAME = "DeclareDefault"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "msp_id": fields.MSP_ID,
    "run_off_until": fields.optional(fields.DATE),
    "window_id": fields.WINDOW_ID,
}
RESULT = {"default": Default, "merchant": Merchant, "window_status": str}
REFUSES = (
    "INVALID_ARGUMENT",
    "NOT_PARTICIPANT",
    "UNKNOWN_MERCHANT",
    "RUN_OFF_DAY_OUT_OF_RANGE",
    "UNKNOWN_WINDOW",
    "WINDOW_NOT_CLOSED",
    "STATEMENTS_PENDING",
    "NOTHING_DUE",
    "DEFAULT_TOO_SOON",
    "DEFAULT_CONTESTED",
)
CREATES = ("default",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    msp_id, window_id = args["msp_id"], args["window_id"]
    found.reads.add(keys.merchant(speaker.msp_id))
    found.writes.update((keys.CURRENT_WINDOW, keys.merchant(msp_id), keys.cover(msp_id)))
    found.writes.update((keys.window(window_id), keys.default(window_id, msp_id, speaker.new_id)))
    found.ranges.update(("merchant/", "fund/", f"limit/{msp_id}/"))
    current = footprint.document_at(keys.CURRENT_WINDOW, look, found)
    for unpaid in exposure.unpaid_windows(current) if current else ():
        found.writes.add(keys.window(unpaid))
        found.ranges.add(exposure.position_prefix(unpaid))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.CURRENT_WINDOW, keys.merchant(context.msp_id), keys.merchant(args["msp_id"])]


def apply(view: View, context: Context, args: Json) -> Json:
    msp_id, until = args["msp_id"], args.get("run_off_until")
    merchant = view.get(keys.merchant(msp_id))
    leaves = merchant is not None and merchant["status"] in ("RUN_OFF", "EXITED")
    if merchant is not None and leaves != (until is None):
        raise Refusal("INVALID_ARGUMENT", "run_off_until: expected unless the merchant is in RUN_OFF already")
    require_participant(view, context)
    if merchant is None:
        raise Refusal("UNKNOWN_MERCHANT", msp_id)
    if not leaves:
        require_announced(context, None, until)
    window = closed_window(view, args["window_id"])
    _require_in_default(context, window, merchant)
    closed = _closed_windows(view, context, window)
    found = _shared(view, context, window, closed, msp_id)
    default = _booked(view, context, window, closed, msp_id, found)
    if not leaves:
        merchant.update(run_off_until=until, status="RUN_OFF")
        view.put(keys.merchant(msp_id), merchant)
    view.put(keys.default(window["window_id"], msp_id, context.new_id), default)
    changed = {window["window_id"], *(one["window_id"] for one in default["set_off"])}
    for one in closed:
        if one["window_id"] in changed:
            settle_if_paid(view, one)
    return {"default": default, "merchant": merchant, "window_status": window["status"]}


def _require_in_default(context: Context, window: Json, merchant: Json) -> None:
    """STATEMENTS_PENDING, NOTHING_DUE, DEFAULT_TOO_SOON."""
    msp_id, window_id = merchant["msp_id"], window["window_id"]
    if not statements_done(window, context.now):
        raise Refusal("STATEMENTS_PENDING", f"{window['pending_statements']} of window {window_id}")
    if not any(payment["payer_msp"] == msp_id and payment["due_minor"] for payment in window["payments"]):
        raise Refusal("NOTHING_DUE", f"{msp_id} in window {window_id}")
    if (merchant["suspended_by"] or "").startswith("DEFAULT/"):
        return
    late = [payment for payment in overdue(window, context.now) if payment["payer_msp"] == msp_id]
    if not late:
        raise Refusal("DEFAULT_TOO_SOON", f"{msp_id} can pay until {window['pay_by']}")
    if all(_contested(payment) for payment in late):
        raise Refusal("DEFAULT_CONTESTED", f"{msp_id} says that it paid, in window {window_id}")


def _contested(payment: Json) -> bool:
    """Whether the payer says that it paid what is due, and the payee that it did not: by rejecting, neither a payee makes
    its payer default, nor does the clock say who is right."""
    return any(remittance["status"] == "REJECTED" for remittance in payment["remittances"])


def _closed_windows(view: View, context: Context, window: Json) -> list[Json]:
    """The closed windows whose payments are fixed, `window` itself among them."""
    unsettled = view.get(keys.CURRENT_WINDOW)["unsettled"]
    others = (view.get(keys.window(window_id)) for window_id in unsettled if window_id != window["window_id"])
    return [window, *(other for other in others if other["status"] == "CLOSED" and statements_done(other, context.now))]


def _claims(closed: list[Json], msp_id: str) -> list[Json]:
    """Payments that are due to the defaulter, each with its window."""
    return [
        {"payment": payment, "window": window}
        for window in closed
        for payment in window["payments"]
        if payment["payee_msp"] == msp_id and payment["due_minor"]
    ]


def _shared(view: View, context: Context, window: Json, closed: list[Json], msp_id: str) -> Waterfall:
    unit = context.consortium["currency"]["minor_unit_millionths"]
    owed = {
        payment["payee_msp"]: payment["due_minor"]
        for payment in window["payments"]
        if payment["payer_msp"] == msp_id and payment["due_minor"]
    }
    claims: Counter[str] = Counter()
    for claim in _claims(closed, msp_id):
        claims[claim["payment"]["payer_msp"]] += claim["payment"]["due_minor"]
    present = {found["msp_id"] for _, found in view.range("merchant/") if found["status"] in PRESENT}
    discharged = {one["msp_id"] for one in view.get(keys.CURRENT_WINDOW)["discharged"]}
    caps: Counter[str] = Counter()
    for key, slice_ in view.range(f"limit/{msp_id}/"):
        acceptor = key.split("/")[2]
        if acceptor in present - discharged:
            caps[acceptor] += slice_["cap_millionths"]
    limits = {acceptor: millionths // unit for acceptor, millionths in caps.items()}
    cover = account_of(view, "COVER", msp_id)["posted_millionths"] // unit
    fund = sum(_fund_shares(view, unit).values())
    return waterfall(owed, claims, cover, fund, limits, limits)


def _fund_shares(view: View, unit: int) -> dict[str, int]:
    """What each merchant contributed to the fund, in whole minor units."""
    return {key.split("/")[1]: share["posted_millionths"] // unit for key, share in view.range("fund/")}


def _booked(view: View, context: Context, window: Json, closed: list[Json], msp_id: str, found: Waterfall) -> Json:
    """Books what the waterfall found; gives the default as it is stored."""
    unit = context.consortium["currency"]["minor_unit_millionths"]
    owed = []
    for payment in window["payments"]:
        if payment["payer_msp"] == msp_id and payment["due_minor"]:
            owed.append({"amount_minor": payment["due_minor"], "msp_id": payment["payee_msp"]})
            payment["amount_minor"] -= payment["due_minor"]
            work_out(payment)
    set_off = _set_off(closed, msp_id, found)
    payments = _new_payments(context.consortium["operators"][0], found)
    for new in payments:
        payment = payment_of(window, new["payer_msp"], new["payee_msp"])
        if payment is None:
            window["payments"].append(fresh_payment(**new))
        else:
            payment["amount_minor"] += new["amount_minor"]
            work_out(payment)
    window["pay_by"] = context.now + context.consortium["payment_days"] * SECONDS_PER_DAY
    fund = _draw_fund(view, unit, msp_id, found.fund)
    _discharge(view, msp_id, window["window_id"])
    _draw_cover(view, msp_id, found.cover * unit)
    return {
        "cover_minor": found.cover,
        "declared_at": context.now,
        "declared_by": context.msp_id,
        "default_id": context.new_id,
        "fund": _shares(fund),
        "haircuts": _shares(found.haircuts),
        "losses": _shares(found.losses),
        "msp_id": msp_id,
        "owed": owed,
        "payments": payments,
        "set_off": set_off,
        "window_id": window["window_id"],
    }


def _shares(amounts: dict[str, int]) -> list[Json]:
    return [{"amount_minor": amounts[msp_id], "msp_id": msp_id} for msp_id in sorted(amounts)]


def _set_off(closed: list[Json], msp_id: str, found: Waterfall) -> list[Json]:
    """Makes what others pay the defaulter smaller, the oldest window's first."""
    left, made = dict(found.set_off), []
    for claim in sorted(_claims(closed, msp_id), key=lambda claim: int(claim["window"]["window_id"])):
        payment, payer = claim["payment"], claim["payment"]["payer_msp"]
        amount = min(left.get(payer, 0), payment["due_minor"])
        if amount:
            left[payer] -= amount
            payment["amount_minor"] -= amount
            work_out(payment)
            made.append({"amount_minor": amount, "msp_id": payer, "window_id": claim["window"]["window_id"]})
    return made


def _new_payments(custodian: str, found: Waterfall) -> list[Json]:
    """The payments of the waterfall, those out of cover and fund the custodian's; what it would pay itself needs none."""
    sums: dict[tuple[str, str], int] = {}
    for payer, payee, amount in found.payments:
        pair = (custodian if payer in (COVER, FUND) else payer, payee)
        sums[pair] = sums.get(pair, 0) + amount
    return [
        {"amount_minor": amount, "payee_msp": payee, "payer_msp": payer}
        for (payer, payee), amount in sums.items()
        if payer != payee
    ]


def _draw_fund(view: View, unit: int, msp_id: str, amount: int) -> dict[str, int]:
    """Takes so much out of the fund, in minor units: the defaulter's own contribution first."""
    shares = _fund_shares(view, unit)
    own = min(shares.pop(msp_id, 0), amount)
    drawn = {**apportion(amount - own, shares, shares), **({msp_id: own} if own else {})}
    for contributor in sorted(drawn):
        share = account_of(view, "FUND", contributor)
        share["posted_millionths"] -= drawn[contributor] * unit
        share["returning_millionths"] = min(share["returning_millionths"], share["posted_millionths"])
        put_account(view, "FUND", contributor, share)
    return drawn


def _discharge(view: View, msp_id: str, window_id: int) -> None:
    """What the merchant owes in the window counts no more."""
    current = view.get(keys.CURRENT_WINDOW)
    entry = {"msp_id": msp_id, "window_id": window_id}
    if entry not in current["discharged"]:
        current["discharged"].append(entry)
        view.put(keys.CURRENT_WINDOW, current)


def _draw_cover(view: View, msp_id: str, millionths: int) -> None:
    """Takes so much of the merchant's cover, and leaves no room for new debts in any slice of its limits."""
    cover = account_of(view, "COVER", msp_id)
    cover["posted_millionths"] -= millionths
    cover["drawn_millionths"] += millionths
    cover["returning_millionths"] = 0
    current = view.get(keys.CURRENT_WINDOW)
    for key, slice_ in view.range(f"limit/{msp_id}/"):
        _, _, acceptor, shard = key.split("/")
        use = exposure.used(view, current, msp_id, acceptor, int(shard))
        if slice_["cover_millionths"] > use:
            cover["allocated_millionths"] -= slice_["cover_millionths"] - use
            exposure.put_slice(view, msp_id, acceptor, int(shard), {**slice_, "cover_millionths": use})
    put_account(view, "COVER", msp_id, cover)
