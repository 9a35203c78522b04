"""AcceptStatement: a merchant accepts its statement of a closed window, named by its hash. No answer by the deadline
counts as acceptance; a statement by which nothing is to be paid or got, or of a merchant that had left, was accepted
when it was made.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.settling import closed_window
from chaincode.spec.kernel.state import View

NAME = "AcceptStatement"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {"sha256": fields.HASH, "window_id": fields.WINDOW_ID}
RESULT = {"msp_id": str, "window_id": int, "window_status": str}
REFUSES = ("UNKNOWN_WINDOW", "WINDOW_NOT_CLOSED", "UNKNOWN_STATEMENT", "STATEMENT_MISMATCH", "STATEMENT_ACCEPTED")
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.CURRENT_WINDOW)
    found.writes.update((keys.window(args["window_id"]), keys.statement(args["window_id"], speaker.msp_id)))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.window(args["window_id"]), keys.statement(args["window_id"], context.msp_id)]


def apply(view: View, context: Context, args: Json) -> Json:
    window = closed_window(view, args["window_id"])
    key = keys.statement(args["window_id"], context.msp_id)
    statement = view.get(key)
    if statement is None:
        raise Refusal("UNKNOWN_STATEMENT", f"window {args['window_id']}, {context.msp_id}")
    if statement["sha256"] != args["sha256"]:
        raise Refusal("STATEMENT_MISMATCH", f"statement is {statement['sha256']}")
    if statement["status"] != "PENDING":
        raise Refusal("STATEMENT_ACCEPTED", f"window {args['window_id']}, {context.msp_id}")
    statement.update(accepted_at=context.now, status="ACCEPTED")
    view.put(key, statement)
    window["pending_statements"] -= 1
    view.put(keys.window(args["window_id"]), window)
    return {"msp_id": context.msp_id, "window_id": window["window_id"], "window_status": window["status"]}
