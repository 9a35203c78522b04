"""A merchant's way into a running consortium beyond its network: approved before, then funded, certified, active.

Each state is seen on the ledger, and nothing is done twice.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from admin.consortium import FirstSteps, consortium_on
from admin.errors import CheckFailed
from admin.governance import merchant_status, must_be_admitted
from chaincode.signing import MemberKey
from gateway.application import create_app
from gateway.client.calls import JifenClient
from gateway.client.problems import Problem
from gateway.core.event_loop import EventLoop
from gateway.core.logs import set_up_logs
from gateway.security.principals import Role, Scope, Staff
from gateway.services.gateway import Gateway
from gateway.services.ledger_place import place_of
from gateway.services.trial_class import trial_class_id
from gateway.setup import initialise
from network.declaration import Org
from network.folders import OrgFolder

GONE = ("", "INVITED", "SUSPENDED", "EXITED")
"""Statuses of a merchant whose peers nobody needs any more."""
TRIAL_POINTS = 2


@dataclass(frozen=True)
class Proof:
    """One operation of a certification: where it stands on the ledger."""

    operation: str
    transaction_id: str
    block_number: int | None


async def must_be_approved(steps: FirstSteps, newcomers: Sequence[Org], folders: Sequence[OrgFolder]) -> bool:
    """As `governance.must_be_admitted`, as the operator sees it."""
    async with steps.ledger(steps.operator) as ledger:
        return await must_be_admitted(ledger, newcomers, folders)


async def must_have_gone(steps: FirstSteps, leavers: Sequence[Org]) -> None:
    """Raises CheckFailed NOT_EXITED for a merchant that still takes part: what it owes and what its members hold would
    have no peer any more. A suspended one can be taken out; its debts stay on the ledger."""
    async with steps.ledger(steps.operator) as ledger:
        if await consortium_on(ledger) is None:
            return
        present = [org for org in leavers if org.peers and await merchant_status(ledger, org.msp) not in GONE]
    if present:
        names = ", ".join(org.name for org in present)
        raise CheckFailed("NOT_EXITED", f"{names}: an operator sets it to EXITED, or SUSPENDED, on the ledger first")


async def fund(steps: FirstSteps, org: Org, cover_millionths: int, limit_millionths: int) -> None:
    """Joins as the merchant, has the operator book its cover, and grants each active merchant a limit. With 0
    neither is set."""
    await steps.join(org.name)
    if cover_millionths:
        await steps.deposit(org.name, cover_millionths, "joining")
    if limit_millionths:
        others = [one["msp_id"] for one in (await steps.status())["merchants"] if one["status"] == "ACTIVE"]
        for acceptor in (one for one in others if one != org.msp):
            await steps.grant(org.name, acceptor, limit_millionths)


def certify(steps: FirstSteps, org: Org, folder: Path) -> dict[str, Any]:
    """A run of real operations through the merchant's own gateway, each seen by another organisation's peer: a class of
    no value, a member, points issued and redeemed. The gateway is made for the run. For a process of its own: gRPC wants
    one event loop in a process, and here it is the gateway's. Raises the gateway's problems, and CheckFailed
    NOT_CERTIFIED where the others do not see what it did."""
    member = MemberKey(ec.generate_private_key(ec.SECP256R1()))
    class_id = trial_class_id(org.msp)
    with _gateway_of(org, folder, replay=steps.consortium.replay) as gateway:
        proofs = _operations(gateway.client, org.msp, member, class_id)
        newest = max(proof.block_number or 0 for proof in proofs)
        seen = gateway.loop.call(_spendable(steps, org, member.address, class_id, newest))
    if seen != TRIAL_POINTS - 1:
        raise CheckFailed("NOT_CERTIFIED", f"another merchant's peer sees {seen} points of {class_id}, not 1")
    return {"merchant": org.msp, "class_id": class_id, "operations": [asdict(proof) for proof in proofs]}


async def _spendable(steps: FirstSteps, org: Org, account: str, class_id: str, block_number: int) -> int:
    """What another merchant's peer has of an account, once it has the block."""
    async with steps.ledger_of_others(org) as ledger:
        await ledger.wait_for_block(block_number)
        balance = await ledger.evaluate("GetBalance", {"account": account, "class_id": class_id})
    return int(balance["spendable"])


@dataclass(frozen=True)
class OwnGateway:
    """A gateway that lives in this process: a client of its API, and the event loop that it works in."""

    client: JifenClient
    loop: EventLoop


@contextmanager
def _gateway_of(org: Org, folder: Path, *, replay: bool) -> Iterator[OwnGateway]:
    """A gateway of the organisation with its whole API, as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="jifen-certify-") as place:
        document = {
            "org": org.name,
            "ledger": {"adapter": "fabric", "folder": str(folder.resolve()), "replay": replay},
            "secrets": {"key_file": "secret.key"},
            "people": {"approvals": {"value_limits": {}, "second_person": []}},
        }
        settings = initialise(Path(place), document)
        set_up_logs("error")
        gateway = Gateway(settings, place_of(settings))
        app = create_app(settings, gateway.place, gateway=gateway)
        console = Staff("system", "", gateway.clock(), frozenset({Role.ADMIN}))
        key = gateway.people.api_keys.create(console, name="certification", scopes=list(Scope), requests_per_minute=600)
        gateway.start()
        try:
            with JifenClient("http://gateway", api_key=key.token, transport=httpx.WSGITransport(app=app)) as client:
                yield OwnGateway(client, gateway.runtime)
        finally:
            gateway.stop()


def _operations(client: JifenClient, msp_id: str, member: MemberKey, class_id: str) -> list[Proof]:
    proofs: list[Proof] = []

    def done(operation: str, receipt: dict[str, Any]) -> None:
        proofs.append(Proof(operation, receipt["tx_id"], receipt["block_number"]))

    if not _class_exists(client, class_id):
        done("DefineClass", client.submit("DefineClass", _trial_class(class_id)))
    done("EnrollMember", client.enroll(member, msp_id))
    issue = {"address": member.address, "class_id": class_id, "points": TRIAL_POINTS}
    done("Issue", client.submit("Issue", issue))
    done("Redeem", client.redeem(member, acceptor_msp=msp_id, class_ids=[class_id], points=1, order_ref="trial"))
    return proofs


def _class_exists(client: JifenClient, class_id: str) -> bool:
    try:
        client.query("GetClass", class_id=class_id)
    except Problem as problem:
        if problem.code != "UNKNOWN_CLASS":
            raise
        return False
    return True


def _trial_class(class_id: str) -> dict[str, Any]:
    """A class of no value, so that nobody comes to owe anything."""
    return {
        "category": "trial",
        "class_id": class_id,
        "decimals": 0,
        "earn_rate": {"amount_minor": 1, "points": 0, "rounding": "DOWN"},
        "enrolled_only": True,
        "name": "Trial",
        "symbol": "TRIAL",
        "transferable": False,
        "unit_value_millionths": 0,
        "validity": {"days": 1, "kind": "DAYS"},
    }
