"""What the merchants decide together, from an organisation's own folder: proposals, votes, and whether a newcomer was
admitted with the very definition that it sent."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from admin.consortium import FirstSteps, consortium_on, documents, submit
from admin.errors import BadInput, CheckFailed
from gateway.ledger.errors import Rejected
from gateway.ledger.port import Json, Ledger
from network.declaration import Org
from network.exchange import definition
from network.exchange.envelope import read_envelope
from network.folders import OrgFolder

SECONDS_PER_DAY = 86_400
ADMITTED = ("INVITED", "ACTIVE")
"""Statuses of a merchant whom the consortium has agreed to take in."""


async def propose(
    steps: FirstSteps, org: str, kind: str, subject: str, reason: str, days: int, definition_file: Path | None
) -> Json:
    """Proposes as an organisation's admin; gives the proposal. `subject` is a declared organisation or an MSP id; ADMIT
    needs its definition's file. Raises NetworkError FILE_REFUSED for a file that is none, Rejected for what the ledger
    refuses."""
    args: Json = {
        "expires_at": int(time.time()) + days * SECONDS_PER_DAY,
        "kind": kind,
        "msp_id": subject,
        "reason": reason,
    }
    if definition_file is not None:
        envelope, told = definition.read_definition(definition_file)
        args |= {"definition_hash": envelope.sha256, "msp_id": told.msp_id, "name": told.display_name}
    async with steps.ledger(steps.org(org)) as ledger:
        proposal: Json = (await submit(ledger, "Propose", args))["proposal"]
        return proposal


async def vote(steps: FirstSteps, org: str, about: str, *, approve: bool) -> Json:
    """Votes as a merchant's admin; gives the proposal as it stands then. `about` is the proposal's id, or the merchant
    that the only open one is about. Raises BadInput PROPOSAL_AMBIGUOUS, Rejected."""
    async with steps.ledger(steps.org(org)) as ledger:
        proposal_id = about if "/" in about else await _open_about(ledger, about)
        result = await submit(ledger, "Vote", {"approve": approve, "proposal_id": proposal_id})
        proposal: Json = result["proposal"]
        return proposal


async def _open_about(ledger: Ledger, msp_id: str) -> str:
    found = [one for one in await proposals(ledger) if (one["msp_id"], one["status"]) == (msp_id, "OPEN")]
    if len(found) != 1:
        named = ", ".join(one["proposal_id"] for one in found) or "none"
        raise BadInput("PROPOSAL_AMBIGUOUS", f"one open proposal about {msp_id} was expected; there is {named}")
    return str(found[0]["proposal_id"])


async def proposals(ledger: Ledger) -> list[Json]:
    """Gives all proposals that the ledger has, the newest last."""
    return sorted(await documents(ledger, "ListProposals"), key=lambda one: int(one["proposed_at"]))


async def must_be_admitted(ledger: Ledger, newcomers: Sequence[Org], folders: Sequence[OrgFolder]) -> bool:
    """Raises CheckFailed NOT_APPROVED for a merchant that the consortium has not agreed to take in, or that sent
    another definition than the one that was voted on; it lies in the inbox of each folder that has received it. False
    where no consortium is open yet: then the network alone is joined."""
    if await consortium_on(ledger) is None:
        return False
    passed = {
        one["msp_id"]: one for one in await proposals(ledger) if (one["kind"], one["status"]) == ("ADMIT", "PASSED")
    }
    for org in newcomers:
        if not org.peers:
            continue
        if await merchant_status(ledger, org.msp) not in ADMITTED:
            raise CheckFailed(
                "NOT_APPROVED",
                f"{org.name}: the consortium has not agreed to take it in; `jifen consortium propose ADMIT {org.name}`, "
                "or `jifen consortium invite` where the operator decides alone",
            )
        wanted = passed.get(org.msp, {}).get("definition_hash")
        for folder in folders:
            file = folder.inbox / org.name / definition.FILE
            found = read_envelope(file.read_bytes(), str(file)).sha256 if file.is_file() else wanted
            if wanted is not None and found != wanted:
                raise CheckFailed(
                    "NOT_APPROVED",
                    f"{org.name}: the merchants voted on the definition {wanted}, and {folder.name} has received {found}",
                )
    return True


async def merchant_status(ledger: Ledger, msp_id: str) -> str:
    """Gives the status of a merchant, empty for one that never was."""
    try:
        status: str = (await ledger.evaluate("GetMerchant", {"msp_id": msp_id}))["status"]
    except Rejected as refusal:
        if refusal.code != "UNKNOWN_MERCHANT":
            raise
        return ""
    return status
