"""Disputes as a merchant sees them: what waits for it, and one of them from its opening to its end."""

from __future__ import annotations

import flask

from chaincode.spec.kernel.disputing import owed_of
from chaincode.spec.kernel.limits import DATE_MARGIN_SECONDS
from chaincode.spec.kernel.settling import statements_done
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import SETTLEMENT
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.settlement import coin_decimals, minor_unit
from gateway.pages.merchant.settlement import READERS
from gateway.pages.words.marking import mark
from gateway.security.principals import Role

ENDED_SHOWN = 100
DISPUTES_PER_ASKING = 100
TURNS = {"INQUIRY": "acceptor_msp", "CONTESTED": "issuer_msp", "DISPUTED": "acceptor_msp"}
"""Whose turn it is at each stage but the vote."""


class DisputesContext(Context, template="merchant/disputes.html"):
    """`waiting`: those that wait for this merchant; `others`: further ones of it that have not ended; `ended`: the
    newest of those that have, `ended_in_all` of them; `minor`: millionths of a coin."""

    waiting: list[Row]
    others: list[Row]
    ended: list[Row]
    ended_in_all: int
    minor: int


class DisputeContext(Context, template="merchant/dispute.html"):
    """`dispute`: None where there is none; `redemption`: what it is about, None where the ledger has it no more;
    `disputable`: what this merchant owes of it and has not disputed, in coins; `in_time`: whether it still can; `deeds`:
    what it can do now; `minor`: millionths
    of a coin, `decimals`: digits of an amount in coins."""

    dispute: Row | None
    redemption: Row | None
    issuer_msp: str
    disputable: int
    in_time: bool
    deeds: frozenset[str]
    minor: int
    decimals: int


@SETTLEMENT.page(
    "/merchant/disputes",
    name="disputes",
    title=mark("Disputes"),
    label=mark("Disputes"),
    roles=READERS,
    icon="warning",
)
def disputes(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lists this merchant's disputes, and others' on which it votes."""
    waiting = waiting_of(view)
    others = sorted((one for one in _of(view, ended=False) if one not in waiting), key=lambda one: int(one["due_at"]))
    ended = sorted(_of(view, ended=True), key=lambda one: -int(one["closed_at"]))
    return view.render(
        DisputesContext(
            waiting=waiting,
            others=others,
            ended=ended[:ENDED_SHOWN],
            ended_in_all=len(ended),
            minor=minor_unit(view),
        )
    )


@SETTLEMENT.page(
    "/merchant/disputes/<issuer_msp>/<path:redemption_id>", name="dispute", title=mark("Dispute"), roles=READERS
)
def dispute(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows one dispute, with what can be done now; or how to open it."""
    issuer_msp, redemption_id = view.path["issuer_msp"], view.path["redemption_id"]
    found = view.maybe("getDispute", issuer_msp=issuer_msp, redemption_id=redemption_id)
    redemption = view.maybe("getRedemption", redemption_id=redemption_id)
    own = redemption is not None and issuer_msp == view.gateway.msp_id != redemption["acceptor_msp"] and may_act(view)
    return view.render(
        DisputeContext(
            dispute=found,
            redemption=redemption,
            issuer_msp=issuer_msp,
            disputable=owed_of(redemption, issuer_msp) // minor_unit(view) if own and found is None else 0,
            in_time=own and in_time(view, redemption["window_id"]),
            deeds=deeds_of(view, found) if found else frozenset(),
            minor=minor_unit(view),
            decimals=coin_decimals(view),
        )
    )


def waiting_of(view: PageView) -> list[Row]:
    """Returns the disputes in which this merchant has to speak, or votes, or can end what is over; those due first
    before others."""
    waiting = [one for one in _of(view, ended=False) if deeds_of(view, one) - {"withdraw"}]
    return sorted(waiting, key=lambda one: int(one["due_at"]))


def in_time(view: PageView, window_id: int) -> bool:
    """Says whether this merchant can still dispute what it owes in a window: until it accepted its statement."""
    window = view.ask("getWindow", window_id=window_id)
    if window["status"] != "CLOSED":
        return window["status"] in ("OPEN", "CUT")
    statement = view.maybe("getStatement", window_id=window_id, msp_id=view.gateway.msp_id)
    pending = statement is not None and statement["status"] == "PENDING"
    return pending and not statements_done(window, int(view.gateway.clock()))


def may_act(view: PageView) -> bool:
    """Says whether the visitor does something about disputes, and does not only read of them."""
    return bool(view.roles & {Role.FINANCE, Role.ADMIN})


def deeds_of(view: PageView, dispute: Row) -> frozenset[str]:
    """Says what this merchant can do about a dispute now: `answer`, `escalate`, `withdraw`, `vote`, `resolve`."""
    own, now, status = view.gateway.msp_id, view.gateway.clock(), dispute["status"]
    if dispute["closed_at"] is not None or not may_act(view):
        return frozenset()
    if now > dispute["due_at"]:
        over = now > dispute["due_at"] + DATE_MARGIN_SECONDS
        return frozenset({"resolve"} if over and own in (dispute["issuer_msp"], dispute["acceptor_msp"]) else ())
    found = {"withdraw"} if own == dispute["issuer_msp"] else set()
    if status in TURNS and dispute[TURNS[status]] == own:
        found.add("escalate" if status == "CONTESTED" else "answer")
    if status == "VOTING" and own in dispute["voters"] and all(one["msp_id"] != own for one in dispute["votes"]):
        found.add("vote")
    return frozenset(found)


def _of(view: PageView, *, ended: bool) -> list[Row]:
    """Returns the disputes in which this merchant is a party or votes, those that have ended or the others."""
    found = view.each("listAllDisputes", msp_id=view.gateway.msp_id, ended=ended, limit=DISPUTES_PER_ASKING)
    return [one["document"] for one in found]
