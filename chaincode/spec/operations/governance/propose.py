"""Propose: an operator or a merchant that takes part proposes to ADMIT, SUSPEND or REINSTATE a merchant; the merchants
Vote until `expires_at` (Unix seconds), the last second in which a vote counts.

Entitled are those that take part when it is made, ACTIVE or ISSUE_STOPPED, without the one that it is about: they, and
how many of them must be in favour (more than half), are fixed with it. Who proposes has not voted yet. `name` and
`definition_hash` belong to ADMIT: the SHA-256 of the newcomer's organisation definition file, so that what was voted on
is what is let into the channel. Requires: an admin. INVALID_ARGUMENT: one of these two is missing, or too many;
PROPOSAL_EXISTS: the same is open; TOO_FEW_VOTERS: fewer than VOTERS_MIN, where the operator decides; then what the
proposal itself would be refused with.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys, limits
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.merchant import require_participant
from chaincode.spec.nouns.proposal import EFFECTS, Proposal, proposal_shown, voters

NAME = "Propose"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN,)
ARGUMENTS = {
    "definition_hash": fields.optional(fields.HASH),
    "expires_at": fields.TIMESTAMP,
    "kind": fields.PROPOSAL_KIND,
    "msp_id": fields.MSP_ID,
    "name": fields.optional(fields.NAME),
    "reason": fields.REASON,
}
RESULT = {"proposal": Proposal}
REFUSES = (
    "INVALID_ARGUMENT",
    "NOT_PARTICIPANT",
    "PROPOSAL_EXISTS",
    "PROPOSAL_TOO_LONG",
    "TOO_FEW_VOTERS",
    "UNKNOWN_MERCHANT",
    "MERCHANT_EXISTS",
    "TOO_MANY_MERCHANTS",
    "STATUS_TRANSITION",
)
CREATES = ("proposal",)


def _subject(args: Json) -> str:
    """What stands before the proposer in the id of a proposal of this kind about this merchant."""
    return f"{args['kind']}/{args['msp_id']}/"


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.update((keys.merchant(speaker.msp_id), keys.merchant(args["msp_id"])))
    found.writes.add(keys.proposal(_subject(args) + speaker.new_id))
    found.ranges.update(("merchant/", keys.proposal(_subject(args))))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.merchant(context.msp_id), keys.merchant(args["msp_id"])]


def apply(view: View, context: Context, args: Json) -> Json:
    for name in ("definition_hash", "name"):
        if (args.get(name) is not None) != (args["kind"] == "ADMIT"):
            raise Refusal("INVALID_ARGUMENT", f"{name}: expected with ADMIT, and only there")
    require_participant(view, context)
    proposal_id = _subject(args) + context.new_id
    for _, found in view.range(keys.proposal(_subject(args))):
        if found["proposal_id"] == proposal_id or proposal_shown(found, context.now)["status"] == "OPEN":
            raise Refusal("PROPOSAL_EXISTS", found["proposal_id"])
    if not context.now < args["expires_at"] <= context.now + limits.PROPOSAL_DAYS_MAX * SECONDS_PER_DAY:
        raise Refusal("PROPOSAL_TOO_LONG", f"now {context.now}, expires_at {args['expires_at']}")
    entitled = voters(view, args["msp_id"])
    if len(entitled) < limits.VOTERS_MIN:
        raise Refusal("TOO_FEW_VOTERS", f"{len(entitled)} entitled, at least {limits.VOTERS_MIN} needed")
    proposal = {
        "decided_at": None,
        "definition_hash": args.get("definition_hash"),
        "expires_at": args["expires_at"],
        "kind": args["kind"],
        "msp_id": args["msp_id"],
        "name": args.get("name"),
        "needed": len(entitled) // 2 + 1,
        "proposal_id": proposal_id,
        "proposed_at": context.now,
        "proposer_msp": context.msp_id,
        "reason": args["reason"],
        "status": "OPEN",
        "voters": entitled,
        "votes": [],
    }
    EFFECTS[args["kind"]](view, context, proposal)
    view.put(keys.proposal(proposal_id), proposal)
    return {"proposal": proposal}
