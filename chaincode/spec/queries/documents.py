"""Questions that give one document, most of them as it is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.exposure import NO_POSITION, outweighing, position_prefix
from chaincode.spec.kernel.requests import CONTENT, TX_ID, UNTIL, memory_at
from chaincode.spec.kernel.settling import known_window
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.consortium import Consortium
from chaincode.spec.nouns.cover import Cover
from chaincode.spec.nouns.current_window import CurrentWindow
from chaincode.spec.nouns.dispute import Dispute
from chaincode.spec.nouns.fee import AcceptanceFee
from chaincode.spec.nouns.fund import Collateral
from chaincode.spec.nouns.hold import HoldRecord
from chaincode.spec.nouns.matrix import Matrix
from chaincode.spec.nouns.member import Member
from chaincode.spec.nouns.merchant import Merchant
from chaincode.spec.nouns.point_class import PointClass
from chaincode.spec.nouns.proposal import Proposal
from chaincode.spec.nouns.rate import Rate
from chaincode.spec.nouns.rebind import Rebind
from chaincode.spec.nouns.receipt import LedgerReceipt
from chaincode.spec.nouns.redemption import Redemption
from chaincode.spec.nouns.statement import Statement
from chaincode.spec.nouns.window import EndedWindow, OpenWindow
from chaincode.spec.queries.base import Moment, Query, Shape, as_stored, hold_at, proposal_at, redemption_shown


def _document(
    name: str,
    tells: str,
    arguments: fields.Fields,
    key: Callable[[Json], str],
    code: str,
    result: Any,
    shape: Shape = as_stored,
) -> Query:
    """A query for the document at `key(args)`, in its `shape`; `code`, with the arguments in the order of their names,
    where there is none."""

    def answer(view: View, moment: Moment, args: Json) -> Json:
        place = key(args)
        found = view.get(place)
        if found is None:
            raise Refusal(code, " ".join(str(args[field]) for field in sorted(args)) or name)
        return shape(found, place, moment)

    return Query(name, tells, arguments, answer, result)


def _receipt(view: View, moment: Moment, args: Json) -> Json:
    """Which transaction carried out a request, and until when that is remembered: about a balance, redemption or hold,
    by its key, or (without) about none of these."""
    about = args.get("about")
    requester = f"{args['authoriser']}/{args['request_id']}"
    found: Json = None
    if about is None:
        stored = view.get(keys.receipt(args["authoriser"], args["request_id"]))
        found = None if stored is None else [requester, *stored]
    elif about.partition("/")[0] in ("balance", "hold", "redemption"):
        found = memory_at(view, about).find(requester, moment.now)
    if found is None or not found[CONTENT]:
        raise Refusal("NOT_FOUND", requester)
    return {**args, "about": about, "tx_id": found[TX_ID], "until": found[UNTIL]}


def _window(view: View, moment: Moment, args: Json) -> Json:
    return known_window(view, args["window_id"])


def _position(view: View, moment: Moment, args: Json) -> Json:
    sums = dict(NO_POSITION)
    for _, position in view.range(position_prefix(args["window_id"], args["issuer_msp"], args["acceptor_msp"])):
        for name in sums:
            sums[name] += position[name]
    return {**args, **sums, "value_millionths": outweighing(sums)}


QUERIES = (
    _document("GetConsortium", "the consortium", {}, lambda args: keys.CONSORTIUM, "CONSORTIUM_NOT_OPEN", Consortium),
    _document(
        "GetCurrentWindow",
        "number and opening of the open window",
        {},
        lambda args: keys.CURRENT_WINDOW,
        "UNKNOWN_WINDOW",
        CurrentWindow,
    ),
    _document(
        "GetMerchant",
        "the merchant",
        {"msp_id": fields.MSP_ID},
        lambda args: keys.merchant(args["msp_id"]),
        "UNKNOWN_MERCHANT",
        Merchant,
    ),
    _document(
        "GetProposal",
        "the proposal with its votes",
        {"proposal_id": fields.PROPOSAL_ID},
        lambda args: keys.proposal(args["proposal_id"]),
        "UNKNOWN_PROPOSAL",
        Proposal,
        proposal_at,
    ),
    _document(
        "GetClass",
        "the point class",
        {"class_id": fields.CLASS_ID},
        lambda args: keys.point_class(args["class_id"]),
        "UNKNOWN_CLASS",
        PointClass,
    ),
    _document(
        "GetMember",
        "the member",
        {"address": fields.ADDRESS},
        lambda args: keys.member(args["address"]),
        "UNKNOWN_MEMBER",
        Member,
    ),
    _document(
        "GetRebind",
        "the rebind of a member that is asked for",
        {"address": fields.ADDRESS},
        lambda args: keys.rebind(args["address"]),
        "UNKNOWN_REBIND",
        Rebind,
    ),
    _document(
        "GetRate",
        "the newest version of the rate",
        {"from_class_id": fields.CLASS_ID, "to_class_id": fields.CLASS_ID},
        lambda args: keys.rate(args["from_class_id"], args["to_class_id"]),
        "NO_RATE",
        Rate,
    ),
    _document(
        "GetCover",
        "cover posted and given out",
        {"issuer_msp": fields.MSP_ID},
        lambda args: keys.cover(args["issuer_msp"]),
        "NOT_FOUND",
        Cover,
    ),
    _document(
        "GetAcceptanceFee",
        "what an acceptor pays an issuer for accepting its points: agreed, and asked for",
        {"acceptor_msp": fields.MSP_ID, "issuer_msp": fields.MSP_ID},
        lambda args: keys.fee(args["issuer_msp"], args["acceptor_msp"]),
        "NOT_FOUND",
        AcceptanceFee,
    ),
    _document(
        "GetFundShare",
        "what a merchant contributed to the mutual fund",
        {"msp_id": fields.MSP_ID},
        lambda args: keys.fund(args["msp_id"]),
        "NOT_FOUND",
        Collateral,
    ),
    _document(
        "GetRedemption",
        "the redemption with its draws and what was refunded",
        {"redemption_id": fields.OBJECT_ID},
        lambda args: keys.redemption(args["redemption_id"]),
        "UNKNOWN_REDEMPTION",
        Redemption,
        redemption_shown,
    ),
    _document(
        "GetDispute",
        "an issuer's dispute of a redemption, with what was shown and voted",
        {"issuer_msp": fields.MSP_ID, "redemption_id": fields.OBJECT_ID},
        lambda args: keys.dispute(args["redemption_id"], args["issuer_msp"]),
        "UNKNOWN_DISPUTE",
        Dispute,
    ),
    _document(
        "GetHold",
        "the hold with its pins",
        {"hold_id": fields.OBJECT_ID},
        lambda args: keys.hold(args["hold_id"]),
        "UNKNOWN_HOLD",
        HoldRecord,
        hold_at,
    ),
    _document(
        "GetMatrix",
        "an issuer's rows of a window's matrix, as far as it is netted",
        {"issuer_msp": fields.MSP_ID, "window_id": fields.WINDOW_ID},
        lambda args: keys.matrix(args["window_id"], args["issuer_msp"]),
        "NOT_FOUND",
        Matrix,
    ),
    _document(
        "GetStatement",
        "the statement and its state",
        {"msp_id": fields.MSP_ID, "window_id": fields.WINDOW_ID},
        lambda args: keys.statement(args["window_id"], args["msp_id"]),
        "UNKNOWN_STATEMENT",
        Statement,
    ),
    Query(
        "GetReceipt",
        "which transaction carried out a request, and until when that is remembered",
        {"about": fields.optional(fields.PLACE), "authoriser": fields.AUTHORISER, "request_id": fields.REQUEST_ID},
        _receipt,
        LedgerReceipt,
    ),
    Query(
        "GetWindow",
        "the window; the open one too, with status OPEN",
        {"window_id": fields.WINDOW_ID},
        _window,
        EndedWindow | OpenWindow,
    ),
    Query(
        "GetPosition",
        "redeemed, refunded, moved by disputes, and value of a pair, over all lanes",
        {"acceptor_msp": fields.MSP_ID, "issuer_msp": fields.MSP_ID, "window_id": fields.WINDOW_ID},
        _position,
        {
            "acceptor_msp": str,
            "adjusted_millionths": int,
            "issuer_msp": str,
            "redeemed_millionths": int,
            "refunded_millionths": int,
            "value_millionths": int,
            "window_id": int,
        },
    ),
)
