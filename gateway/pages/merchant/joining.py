"""Joining: each merchant on its way into the consortium, how far it has come, and who has to do what next."""

from __future__ import annotations

from dataclasses import dataclass

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import BACK_OFFICE
from gateway.pages.frame.page_view import PageView
from gateway.pages.merchant.proposals import READERS
from gateway.pages.words.marking import mark
from gateway.services.trial_class import trial_class_id

STAGES = {
    "APPLIED": mark("Applied"),
    "APPROVED": mark("Approved"),
    "IN_CHANNEL": mark("In the channel"),
    "FUNDED": mark("Funded"),
    "CERTIFIED": mark("Certified"),
    "ACTIVE": mark("Takes part"),
}
"""The states of joining in their order, and what they are called."""


@dataclass(frozen=True)
class Applicant:
    """A merchant on its way. `reached`: the states that it has come to; `step`: what comes next, VOTE, CHANNEL, JOIN,
    COVER, LIMITS or CERTIFY; `waits_for`: the MSP ids of who does it; `name`: what commands call it."""

    msp_id: str
    name: str
    title: str
    definition_hash: str | None
    reached: frozenset[str]
    step: str
    waits_for: list[str]


class JoiningContext(Context, template="merchant/joining.html"):
    """`rows`: who is on the way, those that wait for this organisation first; `stages`: the states and their names;
    `own`, `operators`: this organisation, and who operates, as commands call them."""

    rows: list[Applicant]
    stages: dict[str, str]
    own: str
    operators: list[str]


@BACK_OFFICE.page(
    "/joining", name="joining", title=mark("Joining"), label=mark("Joining"), roles=READERS, icon="people"
)
def joining(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lists who is on the way, with what waits for whom."""
    names = view.gateway.place.members()
    operators = view.consortium["operators"] if view.consortium else []
    merchants = {one["msp_id"]: one for one in view.ask_all("listMerchants")}
    proposals = {one["msp_id"]: one for one in view.ask_all("listProposals") if one["kind"] == "ADMIT"}
    rows = [_applied(one) for one in proposals.values() if one["status"] == "OPEN"]
    for msp_id, merchant in merchants.items():
        if is_on_its_way(merchant, view.gateway.clock()):
            rows.append(_approved(view, merchant, proposals.get(msp_id), names, operators))
    own = view.gateway.msp_id
    rows = [one for one in rows if one.step]
    return view.render(
        JoiningContext(
            rows=sorted(rows, key=lambda one: (own not in one.waits_for, one.msp_id)),
            stages=STAGES,
            own=called(names, own),
            operators=[called(names, one) for one in operators],
        )
    )


def called(names: dict[str, str] | None, msp_id: str) -> str:
    """Returns what commands call an organisation: its name in the network, where there is one."""
    return names.get(msp_id, msp_id) if names else msp_id


def is_on_its_way(merchant: Row, now: int) -> bool:
    """Whether the merchant is invited, or has joined and may do all: then it depends on what it has done."""
    return bool(
        merchant["status"] == "ACTIVE" or (merchant["status"] == "INVITED" and merchant["invited_until"] >= now)
    )


def _applied(proposal: Row) -> Applicant:
    """Returns whom the merchants have not decided on yet."""
    voted = {vote["msp_id"] for vote in proposal["votes"]}
    return Applicant(
        msp_id=proposal["msp_id"],
        name=proposal["msp_id"],
        title=proposal["name"],
        definition_hash=proposal["definition_hash"],
        reached=frozenset({"APPLIED"}),
        step="VOTE",
        waits_for=[one for one in proposal["voters"] if one not in voted],
    )


def _approved(
    view: PageView, merchant: Row, proposal: Row | None, names: dict[str, str] | None, operators: list[str]
) -> Applicant:
    """Returns an invited or active merchant; its `step` is empty when nothing is left."""
    msp_id = merchant["msp_id"]
    cover = view.maybe("getCover", issuer_msp=msp_id) or {"posted_millionths": 0}
    has_limits = bool(view.ask_all("listLimits", issuer_msp=msp_id))
    is_certified = view.classes.get(trial_class_id(msp_id), {}).get("issuer_msp") == msp_id
    reached = {"APPLIED", "APPROVED"}
    if names is None or msp_id in names:
        reached.add("IN_CHANNEL")
    if cover["posted_millionths"] and has_limits:
        reached.add("FUNDED")
    if is_certified:
        reached.add("CERTIFIED")
    steps = (
        ("CHANNEL", "IN_CHANNEL" in reached, operators),
        ("JOIN", merchant["status"] == "ACTIVE", [msp_id]),
        ("COVER", cover["posted_millionths"] > 0, operators),
        ("LIMITS", has_limits, [msp_id]),
        ("CERTIFY", is_certified, [msp_id]),
    )
    step, waits_for = next(((name, whom) for name, done, whom in steps if not done), ("", []))
    return Applicant(
        msp_id=msp_id,
        name=called(names, msp_id),
        title=merchant["name"],
        definition_hash=None if proposal is None else proposal["definition_hash"],
        reached=frozenset(reached),
        step=step,
        waits_for=waits_for,
    )
