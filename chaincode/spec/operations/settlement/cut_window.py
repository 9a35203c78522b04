"""CutWindow: ends the open window and opens the next, exactly here.

Writes the current-window key, which every operation that creates an obligation reads, and the ended window's own
record, which none of them reads: so it commits under any load, and what was simulated before and ordered after it fails
validation and goes into the new window. Requires: an operator.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.exposure import unpaid_windows
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.limits import UNSETTLED_WINDOWS_MAX
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.consortium import require_operator
from chaincode.spec.nouns.current_window import current_window

NAME = "CutWindow"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {"window_id": fields.WINDOW_ID}
RESULT = {"cut_at": int, "window_id": int}
REFUSES = ("NOT_OPERATOR", "TIME_BEFORE_WINDOW", "WINDOW_NOT_OPEN", "TOO_MANY_WINDOWS")
CREATES = ("window",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.update((keys.CURRENT_WINDOW, keys.window(args["window_id"])))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.CURRENT_WINDOW]


def apply(view: View, context: Context, args: Json) -> Json:
    require_operator(context)
    current = current_window(view, context)
    if args["window_id"] != current["window_id"]:
        raise Refusal("WINDOW_NOT_OPEN", f"open is {current['window_id']}, asked {args['window_id']}")
    window_id, unsettled = current["window_id"], unpaid_windows(current)
    if len(unsettled) > UNSETTLED_WINDOWS_MAX:
        raise Refusal("TOO_MANY_WINDOWS", f"{UNSETTLED_WINDOWS_MAX} windows are not settled")
    ended = {"cut_at": context.now, "opened_at": current["opened_at"], "status": "CUT", "window_id": window_id}
    view.put(keys.window(window_id), ended)
    view.put(
        keys.CURRENT_WINDOW, {**current, "opened_at": context.now, "unsettled": unsettled, "window_id": window_id + 1}
    )
    return {"cut_at": context.now, "window_id": window_id}
