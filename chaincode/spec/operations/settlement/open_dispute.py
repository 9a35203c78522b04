"""OpenDispute: an issuer does not want to pay for a redemption at another merchant, whole or `amount_minor` of it.

Each issuer may dispute a redemption once, for what its own draws are worth less what was refunded, in whole minor
units, until its statement of the redemption's window is accepted, by it or by silence, which waives that. The disputed
part leaves that window, and the undisputed part goes on (`disputing`). In a window that is netted the rows stay as they
are; the statements of both say so in `disputed_minor`, their number and `disputes_sha256`, a chain as of rows, over
`{"acceptor_msp", "amount_minor", "issuer_msp", "redemption_id"}`. Both are to be accepted anew by the same deadline, and
the payments follow the new net positions; where there is none left, the window is SETTLED, and its statements are
accepted. The stage is INQUIRY, until the acceptor answers. Evidence stays with those who have it; the ledger has its
SHA-256. Requires: both merchants still take part. CAP_EXCEEDED, COVER_EXCEEDED: refunds had offset what is disputed,
and a limit has no room for it without them.
"""

from __future__ import annotations

from chaincode.spec.kernel import exposure, fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.disputing import advance, minor_unit, owed_of, take_out
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker, document_at
from chaincode.spec.kernel.limits import REFUND_SHARD
from chaincode.spec.kernel.netting import chained
from chaincode.spec.kernel.redemptions import redemption_of
from chaincode.spec.kernel.settling import due_payments, known_window, put_statement, settle, statements_done
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.current_window import current_window
from chaincode.spec.nouns.dispute import Dispute, show
from chaincode.spec.nouns.merchant import PRESENT, merchant
from chaincode.spec.nouns.statement import StatementName

NAME = "OpenDispute"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "amount_minor": fields.optional(fields.POSITIVE_MINOR),
    "evidence_sha256": fields.HASH,
    "reason": fields.DISPUTE_REASON,
    "redemption_id": fields.OBJECT_ID,
}
RESULT = {"dispute": Dispute, "statements": list[StatementName]}
REFUSES = (
    "TIME_BEFORE_WINDOW",
    "DISPUTE_EXISTS",
    "WINDOW_CLOSING",
    "DISPUTE_TOO_LATE",
    "UNKNOWN_MERCHANT",
    "MERCHANT_NOT_ACTIVE",
    "NOT_ISSUER",
    "UNKNOWN_REDEMPTION",
    "DISPUTE_EXCEEDS_REDEMPTION",
    "CAP_EXCEEDED",
    "COVER_EXCEEDED",
    "WINDOW_FULL",
    "OVERFLOW",
)
CREATES = ("dispute",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    issuer_msp = speaker.msp_id
    found.reads.update((keys.merchant(issuer_msp), keys.redemption(args["redemption_id"])))
    found.writes.update((keys.CURRENT_WINDOW, keys.dispute(args["redemption_id"], issuer_msp)))
    current = document_at(keys.CURRENT_WINDOW, look, found)
    document = document_at(keys.redemption(args["redemption_id"]), look, found)
    if document is None:
        return
    redemption = redemption_of(document, args["redemption_id"])
    lane = (issuer_msp, redemption["acceptor_msp"], redemption["shard"])
    refunds = (redemption["acceptor_msp"], issuer_msp, REFUND_SHARD + redemption["shard"])
    window_id = redemption["window_id"]
    found.reads.update((keys.merchant(redemption["acceptor_msp"]), keys.limit(*refunds)))
    found.writes.update((keys.limit(*lane), keys.position(window_id, *lane), keys.window(window_id)))
    if current is not None:
        found.reads.update(exposure.positions(current, *lane))
    if current is None or current["window_id"] != window_id:
        window = document_at(keys.window(window_id), look, found) or {}
        found.reads.add(keys.statement(window_id, issuer_msp))
        found.writes.update(keys.statement(window_id, one["msp_id"]) for one in window.get("net", ()))


def prefetch(args: Json, context: Context) -> list[str]:
    return [
        keys.CURRENT_WINDOW,
        keys.merchant(context.msp_id),
        keys.redemption(args["redemption_id"]),
        keys.dispute(args["redemption_id"], context.msp_id),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    window = current_window(view, context)
    redemption_id, issuer_msp = args["redemption_id"], context.msp_id
    redemption = redemption_of(view.get(keys.redemption(redemption_id)), redemption_id)
    if redemption is None:
        raise Refusal("UNKNOWN_REDEMPTION", redemption_id)
    key, acceptor_msp = keys.dispute(redemption_id, issuer_msp), redemption["acceptor_msp"]
    if view.get(key) is not None:
        raise Refusal("DISPUTE_EXISTS", f"{issuer_msp} {redemption_id}")
    own = known_window(view, redemption["window_id"])
    _require_in_time(view, context, own)
    for msp_id in (issuer_msp, acceptor_msp):
        merchant(view, msp_id, PRESENT)
    if issuer_msp == acceptor_msp or all(draw["issuer_msp"] != issuer_msp for draw in redemption["draws"]):
        raise Refusal("NOT_ISSUER", f"{issuer_msp} owes {acceptor_msp} nothing of {redemption_id}")
    left = owed_of(redemption, issuer_msp) // minor_unit(context)
    amount = left if args.get("amount_minor") is None else args["amount_minor"]
    if amount > left or left == 0:
        raise Refusal("DISPUTE_EXCEEDS_REDEMPTION", f"owed {left}, asked {amount}")
    dispute = {
        "acceptor_msp": acceptor_msp,
        "amount_minor": amount,
        "booked_minor": None,
        "booked_window": None,
        "closed_at": None,
        "due_at": None,
        "evidence": [],
        "fee_minor": context.consortium["disputes"]["fee_minor"],
        "fee_payer_msp": None,
        "issuer_msp": issuer_msp,
        "netted": own["status"] == "CLOSED",
        "opened_at": context.now,
        "reason": args["reason"],
        "redemption_id": redemption_id,
        "shard": redemption["shard"],
        "status": "INQUIRY",
        "voters": [],
        "votes": [],
        "window_id": redemption["window_id"],
    }
    take_out(view, context, window, dispute)
    advance(view, context, window, dispute, "INQUIRY")
    show(dispute, context, args["evidence_sha256"])
    view.put(key, dispute)
    return {"dispute": dispute, "statements": _restate(view, context, own, dispute) if dispute["netted"] else []}


def _require_in_time(view: View, context: Context, window: Json) -> None:
    """WINDOW_CLOSING, DISPUTE_TOO_LATE."""
    window_id, status = window["window_id"], window["status"]
    if status == "CLOSING":
        raise Refusal("WINDOW_CLOSING", f"window {window_id}")
    if status == "SETTLED" or (status == "CLOSED" and statements_done(window, context.now)):
        raise Refusal("DISPUTE_TOO_LATE", f"window {window_id} is {status}, its statements are accepted")
    statement = view.get(keys.statement(window_id, context.msp_id)) if status == "CLOSED" else None
    if statement is not None and statement["status"] == "ACCEPTED":
        raise Refusal("DISPUTE_TOO_LATE", f"window {window_id}: {context.msp_id} accepted its statement")


def _restate(view: View, context: Context, window: Json, dispute: Json) -> list[Json]:
    """States anew what a netted window comes to; gives what names each statement that is another now."""
    sides = {dispute["issuer_msp"]: dispute["amount_minor"], dispute["acceptor_msp"]: -dispute["amount_minor"]}
    entry = {name: dispute[name] for name in ("acceptor_msp", "amount_minor", "issuer_msp", "redemption_id")}
    for one in window["net"]:
        one["net_minor"] += sides.get(one["msp_id"], 0)
    window["payments"] = due_payments({one["msp_id"]: one["net_minor"] for one in window["net"]})
    pending = bool(window["payments"])
    named = []
    for one in window["net"]:
        msp_id = one["msp_id"]
        if msp_id not in sides and pending:
            continue
        statement = view.get(keys.statement(window["window_id"], msp_id))
        was_pending, content = statement["status"] == "PENDING", statement["content"]
        if msp_id in sides:
            content["disputed_minor"] += sides[msp_id]
            content["disputes"] += 1
            content["disputes_sha256"] = chained(content["disputes_sha256"], entry)
            content["net_minor"] = one["net_minor"]
        elif not was_pending:
            continue
        named.append(put_statement(view, context, content, pending))
        window["pending_statements"] += pending - was_pending
    if not pending:
        settle(view, window)
    view.put(keys.window(window["window_id"]), window)
    return named
