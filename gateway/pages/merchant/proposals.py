"""Proposals: what the merchants decide together, who has voted on it, and what is left to do."""

from __future__ import annotations

import flask

from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from chaincode.spec.kernel.limits import VOTERS_MIN
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import BACK_OFFICE
from gateway.pages.frame.page_view import PageView
from gateway.pages.words.marking import mark
from gateway.security.principals import Role

READERS = (Role.FINANCE, Role.AUDITOR)
VOTING_DAYS = (3, 7, 14, 30)
TAKING_PART = ("ACTIVE", "ISSUE_STOPPED")
CAN_BE_SUSPENDED = (*TAKING_PART, "SUSPENDED", "RUN_OFF")


class ProposalsContext(Context, template="merchant/proposals.html"):
    """`rows`: the proposals, those that wait for this organisation first, then the open ones; `ends`: until when a new
    one may be voted on, by the days that this gives; `suspendable`, `suspended`: whom one can be about."""

    rows: list[Row]
    ends: list[tuple[int, int]]
    suspendable: list[Row]
    suspended: list[Row]
    may_propose: bool
    enough_voters: bool
    may_vote: bool


@BACK_OFFICE.page(
    "/proposals", name="proposals", title=mark("Proposals"), label=mark("Proposals"), roles=READERS, icon="scales"
)
def proposals(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lists proposals with their votes, and lets an admin vote and propose."""
    own, now = view.gateway.msp_id, view.gateway.clock()
    merchants = view.ask_all("listMerchants")
    taking_part = [one for one in merchants if one["status"] in TAKING_PART]
    is_admin = Role.ADMIN in view.roles
    participates = view.is_operator or any(one["msp_id"] == own for one in taking_part)
    return view.render(
        ProposalsContext(
            rows=sorted((_row(one, own) for one in view.ask_all("listProposals")), key=_order),
            ends=[(days, now + days * SECONDS_PER_DAY) for days in VOTING_DAYS],
            suspendable=[one for one in merchants if one["status"] in CAN_BE_SUSPENDED and one["suspended_by"] is None],
            suspended=[one for one in merchants if one["status"] == "SUSPENDED"],
            may_propose=is_admin and participates,
            enough_voters=len(taking_part) >= VOTERS_MIN,
            may_vote=is_admin,
        )
    )


def _row(proposal: Row, own_msp: str) -> Row:
    """The proposal with who is in favour, who against and who is left; `waits` says that this organisation is."""
    voted = {vote["msp_id"]: vote["approve"] for vote in proposal["votes"]}
    left = [msp_id for msp_id in proposal["voters"] if msp_id not in voted]
    return {
        **proposal,
        "in_favour": [msp_id for msp_id, approve in voted.items() if approve],
        "against": [msp_id for msp_id, approve in voted.items() if not approve],
        "left": left,
        "waits": proposal["status"] == "OPEN" and own_msp in left,
    }


def _order(row: Row) -> tuple[bool, bool, int]:
    return not row["waits"], row["status"] != "OPEN", -row["proposed_at"]
