"""Lists, in pages: `{"after", "rows"}` asks, `{"rows", "next"}` answers. `next` is the `after` of the next page, null at the end."""

from __future__ import annotations

import json
from collections.abc import Callable

from chaincode.spec import fields, keys, limits
from chaincode.spec.balances import named
from chaincode.spec.canonical import Json
from chaincode.spec.counters import position_prefix
from chaincode.spec.queries.base import Moment, Query, Shape, as_stored, redemption_shown
from chaincode.spec.state import View

PAGE: fields.Fields = {
    "after": fields.optional(fields.text(256)),
    "rows": fields.optional(fields.integer(1, limits.PAGE_ROWS_MAX)),
}


def _list(
    name: str,
    prefix: Callable[[Json], str],
    arguments: fields.Fields | None = None,
    shape: Shape = as_stored,
) -> Query:
    """A list of the documents under a prefix, each in its `shape`, with what stands behind the prefix in its key as `key`."""

    def answer(view: View, moment: Moment, args: Json) -> Json:
        start = prefix(args)
        after = args.get("after")
        rows = args.get("rows") or limits.PAGE_ROWS_DEFAULT
        found, more = view.page(start, None if after is None else start + after, rows)
        return {
            "next": found[-1][0][len(start) :] if more else None,
            "rows": [{"document": shape(json.loads(data), key), "key": key[len(start) :]} for key, data in found],
        }

    return Query(name, {**PAGE, **(arguments or {})}, answer)


def _read_state(view: View, moment: Moment, args: Json) -> Json:
    """Every state key with its exact bytes as text, for verification."""
    found, more = view.page("", args.get("after"), args.get("rows") or limits.PAGE_ROWS_DEFAULT)
    return {"next": found[-1][0] if more else None, "rows": [[key, data.decode("utf-8")] for key, data in found]}


_CLASS: fields.Fields = {"class_id": fields.CLASS_ID}
_AUTHORISER: fields.Fields = {"authoriser": fields.AUTHORISER}

QUERIES = (
    _list("ListMerchants", lambda args: "merchant/"),
    _list("ListClasses", lambda args: "class/"),
    _list("ListMembers", lambda args: "member/"),
    _list(
        "ListBalances",
        lambda args: f"balance/{args['class_id']}/",
        _CLASS,
        lambda balance, key: named(*balance),
    ),
    _list(
        "ListAllowances",
        lambda args: f"allowance/{args['class_id']}/{args['owner']}/",
        {**_CLASS, "owner": fields.ADDRESS},
    ),
    _list(
        "ListRedemptions",
        lambda args: f"redemption/{args['authoriser']}/",
        _AUTHORISER,
        redemption_shown,
    ),
    _list("ListHolds", lambda args: f"hold/{args['authoriser']}/", _AUTHORISER),
    _list("ListRates", lambda args: "rate/"),
    _list("ListLimits", lambda args: f"limit/{args['issuer_msp']}/", {"issuer_msp": fields.MSP_ID}),
    _list("ListPositions", lambda args: position_prefix(args["window_id"]), {"window_id": fields.WINDOW_ID}),
    _list("ListWindows", lambda args: "window/"),
    _list("ListMatrix", lambda args: keys.matrix(args["window_id"], ""), {"window_id": fields.WINDOW_ID}),
    _list("ListStatements", lambda args: keys.statement(args["window_id"], ""), {"window_id": fields.WINDOW_ID}),
    Query("ReadState", PAGE, _read_state),
)
