"""Lists, in pages: `{"after", "rows"}` asks, `{"rows", "next"}` answers. `next` is the `after` of the next page, null
at the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from chaincode.spec.kernel import fields, keys, limits
from chaincode.spec.kernel.balances import named
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.exposure import position_prefix
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.allowance import Allowance
from chaincode.spec.nouns.balance import StoredBalance
from chaincode.spec.nouns.default import Default
from chaincode.spec.nouns.dispute import Dispute
from chaincode.spec.nouns.fee import AcceptanceFee
from chaincode.spec.nouns.hold import HoldRecord
from chaincode.spec.nouns.matrix import Matrix
from chaincode.spec.nouns.member import Member
from chaincode.spec.nouns.merchant import Merchant
from chaincode.spec.nouns.point_class import PointClass
from chaincode.spec.nouns.position import Position
from chaincode.spec.nouns.proposal import Proposal
from chaincode.spec.nouns.rate import Rate
from chaincode.spec.nouns.rebind import Rebind
from chaincode.spec.nouns.redemption import Redemption
from chaincode.spec.nouns.statement import Statement
from chaincode.spec.nouns.window import EndedWindow
from chaincode.spec.queries.base import PAGE, Moment, Query, Shape, as_stored, hold_at, proposal_at, redemption_shown


def _list(
    name: str,
    tells: str,
    result: Any,
    prefix: Callable[[Json], str],
    arguments: fields.Fields | None = None,
    shape: Shape = as_stored,
    keeps: Callable[[Json, Json], bool] = lambda document, args: True,
) -> Query:
    """A list of the documents under a prefix, each in its `shape`, with what stands behind the prefix in its key as
    `key`. A page is of so many documents; of these it has those that it `keeps` by the arguments."""

    def answer(view: View, moment: Moment, args: Json) -> Json:
        start = prefix(args)
        after = args.get("after")
        rows = args.get("rows") or limits.PAGE_ROWS_DEFAULT
        found, more = view.page(start, None if after is None else start + after, rows)
        return {
            "next": found[-1][0][len(start) :] if more else None,
            "rows": [
                {"document": shape(document, key, moment), "key": key[len(start) :]}
                for key, document in ((key, json.loads(data)) for key, data in found)
                if keeps(document, args)
            ],
        }

    return Query(name, tells, {**PAGE, **(arguments or {})}, answer, result, in_pages=True)


def _read_state(view: View, moment: Moment, args: Json) -> Json:
    """Every state key with its exact bytes as text, for verification."""
    found, more = view.page("", args.get("after"), args.get("rows") or limits.PAGE_ROWS_DEFAULT)
    return {"next": found[-1][0] if more else None, "rows": [[key, data.decode("utf-8")] for key, data in found]}


def _is_asked_for(dispute: Json, args: Json) -> bool:
    parties = (dispute["issuer_msp"], dispute["acceptor_msp"])
    return (args.get("msp_id") or parties[0]) in parties and args.get("status") in (None, dispute["status"])


_CLASS: fields.Fields = {"class_id": fields.CLASS_ID}
_AUTHORISER: fields.Fields = {"authoriser": fields.AUTHORISER}

QUERIES = (
    _list("ListMerchants", "merchants", Merchant, lambda args: "merchant/"),
    _list("ListProposals", "proposals", Proposal, lambda args: keys.proposal(""), shape=proposal_at),
    _list("ListClasses", "point classes", PointClass, lambda args: "class/"),
    _list("ListMembers", "members", Member, lambda args: "member/"),
    _list("ListRebinds", "rebinds that are asked for", Rebind, lambda args: keys.rebind("")),
    _list(
        "ListBalances",
        "balances of a class",
        StoredBalance,
        lambda args: f"balance/{args['class_id']}/",
        _CLASS,
        lambda balance, key, moment: named(*balance[:3]),
    ),
    _list(
        "ListAllowances",
        "an owner's allowances",
        Allowance,
        lambda args: f"allowance/{args['class_id']}/{args['owner']}/",
        {**_CLASS, "owner": fields.ADDRESS},
    ),
    _list(
        "ListRedemptions",
        "an authoriser's redemptions",
        Redemption,
        lambda args: f"redemption/{args['authoriser']}/",
        _AUTHORISER,
        redemption_shown,
    ),
    _list(
        "ListHolds",
        "an authoriser's holds",
        HoldRecord,
        lambda args: f"hold/{args['authoriser']}/",
        _AUTHORISER,
        hold_at,
    ),
    _list(
        "ListDisputes",
        "disputes, by the redemption; of a merchant on either side, or of a status, those among so many of all",
        Dispute,
        lambda args: "dispute/",
        {"msp_id": fields.optional(fields.MSP_ID), "status": fields.optional(fields.DISPUTE_STATUS)},
        keeps=_is_asked_for,
    ),
    _list("ListRates", "rates", Rate, lambda args: "rate/"),
    _list(
        "ListPositions",
        "positions of a window, lane by lane",
        Position,
        lambda args: position_prefix(args["window_id"]),
        {"window_id": fields.WINDOW_ID},
    ),
    _list("ListWindows", "windows that were cut", EndedWindow, lambda args: "window/"),
    _list(
        "ListMatrix",
        "a window's matrix, issuer by issuer",
        Matrix,
        lambda args: keys.matrix(args["window_id"], ""),
        {"window_id": fields.WINDOW_ID},
    ),
    _list(
        "ListStatements",
        "statements of a window",
        Statement,
        lambda args: keys.statement(args["window_id"], ""),
        {"window_id": fields.WINDOW_ID},
    ),
    _list(
        "ListAcceptanceFees",
        "an issuer's acceptance fees",
        AcceptanceFee,
        lambda args: keys.fee(args["issuer_msp"], ""),
        {"issuer_msp": fields.MSP_ID},
    ),
    _list(
        "ListDefaults",
        "defaults that were declared in a window",
        Default,
        lambda args: f"default/{args['window_id']:08d}/",
        {"window_id": fields.WINDOW_ID},
    ),
    Query(
        "ReadState",
        "every key with its exact bytes as text, for verification",
        PAGE,
        _read_state,
        {"next": str | None, "rows": list[list[str]]},
    ),
)
