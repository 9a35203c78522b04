"""The first steps on the ledger: open the consortium as its declaration says, invite merchants and join as one, post
cover, grant limits.

Each is done with the organisation's own admin identity, and safe to repeat: what stands already is left as it is.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_random_exponential

from admin.errors import BadInput, CheckFailed
from chaincode.spec.kernel.canonical import encode
from chaincode.spec.kernel.settling import NETTING
from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.ledger.adapters.opening import open_ledger
from gateway.ledger.errors import Rejected
from gateway.ledger.port import Json, Ledger
from gateway.submissions.admission import check_admissible
from network.connection import load
from network.declaration import Consortium, Org, read
from network.declaration.time_zones import offsets

VALID_SECONDS = 3_600
LAGGING_SECONDS_MAX = 15
"""How long a peer that endorses may be behind the one through which a commit was seen."""
MILLION = 1_000_000
DECLARATION_FILE = "consortium.yaml"
EMBEDDED_FILE = "ledger.sqlite"


class FirstSteps:
    """An operator's work on one ledger: a network's folder, or that of an embedded ledger with the declaration beside
    it."""

    def __init__(self, folder: Path, adapter: str, declaration: Path | None = None) -> None:
        """Raises NetworkError for a declaration or network that cannot be read."""
        self.consortium: Consortium = read(declaration or folder / DECLARATION_FILE)
        self._folder, self._adapter = folder, adapter

    def ledger(self, org: Org, identity: str = "admin") -> Ledger:
        """The ledger as the organisation's admin. To be called inside the event loop that uses it. Raises BadInput
        IDENTITY_ELSEWHERE where the organisation's identities are not in the folder: each works from its own."""
        if self._adapter == "embedded":
            self._folder.mkdir(parents=True, exist_ok=True)
            return EmbeddedLedger(self._folder / EMBEDDED_FILE, embedded_identity(org.msp, identity))
        network = load(self._folder)
        if identity not in network.org(org.name).identities:
            here = ", ".join(one.name for one in network.orgs.values() if one.identities)
            raise BadInput(
                "IDENTITY_ELSEWHERE", f"{self._folder} has no {identity} of {org.name}, who does this; it is {here}'s"
            )
        return open_ledger(self._adapter, network, org.name, identity_name=identity)

    def ledger_of_others(self, org: Org) -> Ledger:
        """The ledger as the organisation's admin, as the peers of the first other merchant have it."""
        network = load(self._folder)
        other = next(one for one in network.merchants if one.name != org.name)
        own = replace(network.org(org.name), peers=(), gateway_org=other.name)
        seen = replace(network, orgs={**network.orgs, org.name: own})
        return open_ledger(self._adapter, seen, org.name, identity_name="admin")

    def reader(self) -> Org:
        """An organisation whose identities are in the folder: the operator, where they all are."""
        if self._adapter == "embedded":
            return self.operator
        network = load(self._folder)
        here = [one.name for one in network.orgs.values() if one.identities]
        return self.operator if self.operator.name in here else self.org(here[0])

    def org(self, name: str) -> Org:
        """The declared organisation of this name or MSP id. Raises BadInput UNKNOWN_ORG."""
        for org in self.consortium.orgs:
            if name in (org.name, org.msp):
                return org
        known = ", ".join(org.name for org in self.consortium.orgs)
        raise BadInput("UNKNOWN_ORG", f"the declaration has no organisation {name}; it has {known}")

    @property
    def operator(self) -> Org:
        """The first declared operator."""
        return self.org(self.consortium.operators[0])

    async def open(self) -> tuple[Json, bool]:
        """Opens the consortium; gives what stands on the ledger, and whether it was opened now. Raises CheckFailed
        CONSORTIUM_DIFFERS when another one stands there, Rejected for what the ledger refuses."""
        declared = opening_arguments(self.consortium)
        check_admissible("OpenConsortium", declared, int(time.time()))
        async with self.ledger(self.operator) as ledger:
            wanted = {**declared, "network_id": ledger.place.network}
            known = await consortium_on(ledger)
            opened = known is None
            if opened:
                try:
                    await submit(ledger, "OpenConsortium", wanted)
                except Rejected as refusal:
                    if refusal.code != "CONSORTIUM_OPEN":
                        raise
                    opened = False
                known = await consortium_on(ledger)
        assert known is not None
        differing = [name for name in wanted if known.get(name) != wanted[name]]
        if differing:
            told = "; ".join(
                f"{name}: the ledger has {known.get(name)}, the declaration {wanted[name]}" for name in differing
            )
            raise CheckFailed("CONSORTIUM_DIFFERS", f"the consortium was opened otherwise, and stays so: {told[:1000]}")
        return known, opened

    async def invite(self, names: Sequence[str]) -> dict[str, bool]:
        """Invites declared merchants as the operator, all of them when none is named; for each MSP id whether it was
        invited now: False for one that is invited or takes part."""
        orgs = self._merchants(names)
        done = {}
        async with self.ledger(self.operator) as ledger:
            for org in orgs:
                check_admissible("RegisterMerchant", {"name": org.title}, int(time.time()))
                done[org.msp] = await invite(ledger, org.msp, org.title)
        return done

    async def join(self, name: str) -> bool:
        """Joins as an invited merchant, by its own admin; whether it joined now: False for one that takes part."""
        (org,) = self._merchants([name])
        async with self.ledger(org) as ledger:
            return await join(ledger)

    def _merchants(self, names: Sequence[str]) -> list[Org]:
        orgs = [self.org(name) for name in names] or list(self.consortium.merchants)
        without = [org.name for org in orgs if not org.peers]
        if without:
            raise BadInput("NOT_A_MERCHANT", f"{', '.join(without)}: the declaration gives it no peer")
        return orgs

    async def deposit(self, merchant: str, millionths: int, reference: str, account: str = "COVER") -> Json:
        """Books collateral that a merchant has paid in, as the operator; the same twice is booked once. The account."""
        msp_id = self.org(merchant).msp
        args = {"account": account, "amount_millionths": millionths, "msp_id": msp_id, "reference": reference}
        async with self.ledger(self.operator) as ledger:
            return (await submit(ledger, "DepositCollateral", args, f"deposit-{digest(args)}"))["collateral"]

    async def withdraw(self, merchant: str, millionths: int, account: str = "COVER") -> Json:
        """Asks for collateral to be returned, as the merchant; the account."""
        async with self.ledger(self.org(merchant)) as ledger:
            args = {"account": account, "amount_millionths": millionths}
            return (await submit(ledger, "WithdrawCollateral", args))["collateral"]

    async def release(self, merchant: str, millionths: int, reference: str, account: str, approve: bool) -> Json:
        """Answers a merchant that asked for collateral, as the operator; the account."""
        args = {
            "account": account,
            "amount_millionths": millionths,
            "approve": approve,
            "msp_id": self.org(merchant).msp,
            "reference": reference,
        }
        async with self.ledger(self.operator) as ledger:
            return (await submit(ledger, "ReleaseCollateral", args))["collateral"]

    async def grant(self, issuer: str, acceptor: str, millionths: int) -> Json:
        """Sets what an issuer owes an acceptor and has not paid at most, cap and cover alike."""
        limit = {"acceptor_msp": self.org(acceptor).msp, "cap_millionths": millionths, "cover_millionths": millionths}
        async with self.ledger(self.org(issuer)) as ledger:
            return await submit(ledger, "SetLimits", {"issuer_msp": self.org(issuer).msp, "limits": [limit]})

    async def close_window(self) -> Json:
        """Ends the open window and closes it, so that its statements stand; one that was cut and not closed is closed,
        and no other is cut. Gives the window."""
        async with self.ledger(self.operator) as ledger:
            open_id = (await ledger.evaluate("GetCurrentWindow", {}))["window_id"]
            before = await ledger.evaluate("GetWindow", {"window_id": open_id - 1}) if open_id > 1 else {"status": ""}
            window_id = open_id - 1 if before["status"] in NETTING else open_id
            if window_id == open_id:
                await submit(ledger, "CutWindow", {"window_id": open_id})
            while True:  # a large window is netted in parts
                window = (await _patiently("WINDOW_NOT_CUT", ledger, "CloseWindow", {"window_id": window_id}))["window"]
                if window["status"] not in NETTING:
                    return window

    async def status(self) -> dict[str, Any]:
        """The consortium as the ledger has it, None before it is open, and its merchants."""
        async with self.ledger(self.reader()) as ledger:
            known = await consortium_on(ledger)
            merchants = [] if known is None else await documents(ledger, "ListMerchants")
        return {"consortium": known, "merchants": merchants}


def opening_arguments(consortium: Consortium) -> dict[str, Any]:
    """The arguments of OpenConsortium that follow from a declaration, all but the network's id; the time zone as a
    table, from the IANA database."""
    return {
        "acceptance_days": consortium.acceptance_days,
        "confirmation_days": consortium.confirmation_days,
        "currency": {
            "code": consortium.currency.code,
            "minor_unit_millionths": consortium.currency.minor_unit_millionths,
        },
        "disputes": consortium.disputes.model_dump(),
        "name": consortium.title,
        "operators": sorted(consortium.org(name).msp for name in consortium.operators),
        "payment_days": consortium.payment_days,
        "refund_days": consortium.refund_days,
        "time_zone": {"name": consortium.time_zone, "offsets": offsets(consortium.time_zone)},
    }


def amount_millionths(text: str) -> int:
    """Millionths of an amount such as `500` or `1234.50`. Raises BadInput BAD_AMOUNT."""
    try:
        value = Decimal(text)
        millionths = int(value * MILLION)
        good = value.is_finite() and 0 <= millionths <= 2**53 - 1 and millionths == value * MILLION
    except (ArithmeticError, ValueError):
        good = False
    if not good:
        raise BadInput("BAD_AMOUNT", f"{text[:40]} is no amount such as 500 or 1234.50")
    return millionths


async def consortium_on(ledger: Ledger) -> Json | None:
    """The consortium of a ledger, None before it is open."""
    try:
        return await ledger.evaluate("GetConsortium", {})
    except Rejected as refusal:
        if refusal.code != "CONSORTIUM_NOT_OPEN":
            raise
        return None


async def documents(ledger: Ledger, query: str) -> list[Json]:
    """All documents of a query that lists them, page by page."""
    found: list[Json] = []
    after: str | None = None
    while True:
        page = await ledger.evaluate(query, {} if after is None else {"after": after})
        found += [row["document"] for row in page["rows"]]
        after = page["next"]
        if after is None:
            return found


async def invite(operator: Ledger, msp_id: str, name: str) -> bool:
    """Invites a merchant as an operator's admin; whether it was invited now: False for one that is invited or takes
    part."""
    return await unless("MERCHANT_EXISTS", submit(operator, "RegisterMerchant", {"msp_id": msp_id, "name": name}))


async def join(newcomer: Ledger) -> bool:
    """Joins as an invited merchant's admin; whether it joined now: False for one that takes part."""
    return await unless("MERCHANT_EXISTS", submit(newcomer, "JoinConsortium", {}))


async def admit(operator: Ledger, newcomer: Ledger, name: str = "") -> None:
    """Invites a merchant and joins as its admin, as far as that was not done: for set-ups that speak for both. The
    newcomer's peer has it then."""
    await invite(operator, newcomer.msp_id, name or newcomer.msp_id)
    await newcomer.wait_for_block(await operator.height() - 1)
    await join(newcomer)


def digest(args: Json) -> str:
    """Names a request by what it asks, so that the same asked again is the same request."""
    return hashlib.sha256(encode(args)).hexdigest()[:40]


async def submit(ledger: Ledger, op: str, args: Json, request_id: str = "") -> Json:
    """Carries out one operation, under an id of its own when none is given; its result. Raises the ledger's errors."""
    valid_until = int(time.time()) + VALID_SECONDS
    request_id = request_id or f"cli-{int(time.time())}-{secrets.token_hex(8)}"
    receipt = await ledger.submit({"args": args, "op": op, "request_id": request_id, "valid_until": valid_until})
    return receipt.document["result"]


async def _patiently(code: str, ledger: Ledger, op: str, args: Json) -> Json:
    """As `submit`; refused with `code`, it is tried again for some seconds: what was committed a moment ago may not
    have come to the peers that endorse."""
    async for attempt in AsyncRetrying(
        retry=retry_if_exception(lambda error: isinstance(error, Rejected) and error.code == code),
        stop=stop_after_delay(LAGGING_SECONDS_MAX),
        wait=wait_random_exponential(0.1, max=1),
        reraise=True,
    ):
        with attempt:
            return await submit(ledger, op, args)


async def unless(code: str, work: Any) -> bool:
    """Whether the work was done; False when the ledger refused it with `code`, since it stands already."""
    try:
        await work
    except Rejected as refusal:
        if refusal.code != code:
            raise
        return False
    return True
