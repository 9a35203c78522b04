"""What the load works on: an open consortium, a class, enrolled members with points, and operations made (and signed)
beforehand."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack

from admin.consortium import admit
from chaincode.signing import MemberKey
from chaincode.spec.kernel.limits import OPERATIONS_PER_BATCH_MAX, SHARDS_MAX
from chaincode.spec.kernel.signatures import SigningPlace
from gateway.ledger.adapters.opening import open_ledger
from gateway.ledger.errors import Rejected
from gateway.ledger.port import Json, Ledger
from gateway.ledger.request_ids import new_request_id
from network.connection import NetworkConnection

DAY_SECONDS = 86_400
ISSUER, ACCEPTOR = "northstar", "harbor"
LIMIT_MILLIONTHS = 2 * 10**15
POINTS_EACH = 1_000_000
CLASSES_PER_LANE = 4
"""The Node client has no shards: each of its lanes issues classes of its own, in turn, so that the peers of other
organisations have seen the last use of one before the next."""


class Ground:
    """The world of one bench on a running network: `members` with a million points each, in one bucket, of the class
    `class_id` of ISSUER, which ACCEPTOR takes. That class is for spending; accruals that are measured go to classes of
    their own, see `new_accruals`. Everything carries the bench's own name, so that benches on one network do not
    meet."""

    def __init__(self, network: NetworkConnection, members: int, node_lanes: int = 0) -> None:
        self.network = network
        self.name = f"t{int(time.time()):x}"
        self.valid_until = int(time.time()) + DAY_SECONDS
        self.class_id = self.name
        self.node_classes = [[f"{self.name}-{lane}-{n}" for n in range(CLASSES_PER_LANE)] for lane in range(node_lanes)]
        self.place = SigningPlace(network.channel, network.chaincode, network.network_id)
        self.members = [MemberKey.derived(f"jifen bench {self.name} {n}") for n in range(members)]
        self._new_classes = (f"{self.name}-a{n}" for n in itertools.count())

    async def prepare(self) -> None:
        """Opens the consortium unless it is open, registers the merchants, defines the classes, enrols and funds the
        members."""
        network = self.network
        async with AsyncExitStack() as stack:

            async def opened(org: str, identity: str) -> Ledger:
                return await stack.enter_async_context(open_ledger("fabric", network, org, identity_name=identity))

            operator = await opened(network.operators[0], "admin")
            issuer, acceptor = await opened(ISSUER, "gateway"), await opened(ACCEPTOR, "gateway")
            await _unless(operator, "CONSORTIUM_OPEN", self.request("OpenConsortium", _opening(operator)))
            for ledger in (issuer, acceptor):
                await admit(operator, await opened(ledger.msp_id, "admin"))
            cover = {
                "account": "COVER",
                "amount_millionths": LIMIT_MILLIONTHS,
                "msp_id": issuer.msp_id,
                "reference": "bench",
            }
            await _unless(operator, "OVERFLOW", self.request("DepositCollateral", cover))
            class_ids = [self.class_id, *itertools.chain.from_iterable(self.node_classes)]
            await _all(
                issuer,
                [
                    self.request("SetLimits", _limits(issuer.msp_id, acceptor.msp_id)),
                    *(self.request("DefineClass", _definition(class_id)) for class_id in class_ids),
                ],
            )
            consents = [key.enrolment(issuer.msp_id, self.place) for key in self.members]
            await _all(issuer, [self.request("EnrollMember", consent) for consent in consents])
            await _all(issuer, [self._fund(key, self.class_id) for key in self.members])
            await _caught_up(acceptor, issuer)

    async def fund_node(self) -> None:
        """Points of the Node client's classes for the members whom its lanes let spend."""
        async with open_ledger("fabric", self.network, ISSUER) as issuer:
            lanes = len(self.node_classes)
            grants = [
                self._fund(self.members[(lane + lanes * turn) % len(self.members)], class_id)
                for lane, classes in enumerate(self.node_classes)
                for turn, class_id in enumerate(classes)
            ]
            await _all(issuer, grants)

    def request(self, op: str, args: Json) -> dict[str, Json]:
        """An operation with a request_id of its own, as gateways, clients and pages make them."""
        return {"args": args, "op": op, "request_id": new_request_id(), "valid_until": self.valid_until}

    async def new_accruals(self, count: int) -> Iterator[dict[str, Json]]:
        """Purchases of all members of one new class, then of all of the next. So many of them have each a member and
        class of their own, as the Node client's nearly always have: each is the first that a balance remembers,
        whatever ran before. Then it begins again, with second ones."""
        class_ids = list(itertools.islice(self._new_classes, math.ceil(count / len(self.members))))
        async with (
            open_ledger("fabric", self.network, ISSUER) as issuer,
            open_ledger("fabric", self.network, ACCEPTOR) as acceptor,
        ):
            await _all(issuer, [self.request("DefineClass", _definition(class_id)) for class_id in class_ids])
            await _caught_up(acceptor, issuer)
        return (self.accrue(key, class_id) for class_id in itertools.cycle(class_ids) for key in self.members)

    def accruals(self) -> Iterator[dict[str, Json]]:
        """Purchases of one member after the other, all of the class `class_id`, without end: each balance remembers one
        request more each time round."""
        for key in itertools.cycle(self.members):
            yield self.accrue(key, self.class_id)

    def accrue(self, key: MemberKey, class_id: str) -> dict[str, Json]:
        """A purchase of one unit of currency."""
        return self.request("Accrue", {"address": key.address, "amount_minor": 100, "class_id": class_id})

    def redemptions(self, hot: bool = False, acceptor: str = ACCEPTOR) -> Iterator[dict[str, Json]]:
        """Signed redemptions at `acceptor`, of one member after the other; with `hot` every second one is of the same
        member. They draw on balances of one bucket, or of two where transfers came before."""
        members = itertools.cycle(self.members[1:] if hot else self.members)
        for turn in itertools.count():
            yield self.redeem(self.members[0] if hot and turn % 2 else next(members), self.class_id, acceptor)

    def redeem(self, key: MemberKey, class_id: str, acceptor: str) -> dict[str, Json]:
        """A signed redemption of one point."""
        args = {"acceptor_msp": acceptor, "class_ids": [class_id], "order_ref": "bench", "points": 1}
        return key.authorise(self.request("Redeem", args), self.place)

    def transfers(self) -> Iterator[dict[str, Json]]:
        """Signed transfers, each between two members of whom no other near it moves points. It is always the same two,
        so a sender's balance stays one bucket, and a recipient's holds two."""
        half = len(self.members) // 2
        for turn in itertools.count():
            yield self.transfer(self.members[turn % half], self.members[half + turn % half], self.class_id)

    def transfer(self, sender: MemberKey, recipient: MemberKey, class_id: str) -> dict[str, Json]:
        """A signed transfer of one point."""
        args = {"class_id": class_id, "recipients": [{"address": recipient.address, "points": 1}]}
        return sender.authorise(self.request("Transfer", args), self.place)

    def signed(self) -> Iterator[dict[str, Json]]:
        """Redemptions and transfers, one after the other."""
        redemptions, transfers = self.redemptions(acceptor=ISSUER), self.transfers()
        while True:
            yield next(redemptions)
            yield next(transfers)

    def _fund(self, key: MemberKey, class_id: str) -> dict[str, Json]:
        return self.request("Issue", {"address": key.address, "class_id": class_id, "points": POINTS_EACH})


async def _unless(ledger: Ledger, code: str, operation: dict[str, Json]) -> None:
    try:
        await ledger.submit(operation)
    except Rejected as refusal:
        if refusal.code != code:
            raise


async def _caught_up(acceptor: Ledger, issuer: Ledger) -> None:
    """A peer that is behind would answer the first load with older states."""
    newest = await issuer.height() - 1
    await acceptor.wait_for_block(newest)


async def _all(ledger: Ledger, operations: list[dict[str, Json]]) -> None:
    """All operations, in transactions as large as may be; Rejected when one is refused."""
    for first in range(0, len(operations), OPERATIONS_PER_BATCH_MAX):
        result = await ledger.submit_many(operations[first : first + OPERATIONS_PER_BATCH_MAX])
        for receipt in result.receipts:
            receipt.checked()


def _opening(operator: Ledger) -> Json:
    return {
        "acceptance_days": 7,
        "confirmation_days": 3,
        "currency": {"code": "CNY", "minor_unit_millionths": 10_000},
        "disputes": {"answer_days": 5, "escalation_days": 5, "fee_minor": 0, "inquiry_days": 5, "vote_days": 5},
        "name": "bench",
        "network_id": operator.place.network,
        "operators": [operator.msp_id],
        "payment_days": 3,
        "refund_days": 90,
        "time_zone": {"name": "Asia/Shanghai", "offsets": [[0, 28_800]]},
    }


def _limits(issuer: str, acceptor: str) -> Json:
    limit = {"cap_millionths": LIMIT_MILLIONTHS, "cover_millionths": LIMIT_MILLIONTHS, "lanes": SHARDS_MAX}
    return {"issuer_msp": issuer, "limits": [{**limit, "acceptor_msp": acceptor}]}


def _definition(class_id: str) -> Json:
    return {
        "category": "bench",
        "class_id": class_id,
        "decimals": 0,
        "earn_rate": {"amount_minor": 100, "points": 1, "rounding": "STEPS"},
        "enrolled_only": True,
        "name": "Bench points",
        "symbol": "BENCH",
        "transferable": True,
        "unit_value_millionths": 10_000,
        "validity": {"days": 365, "kind": "DAYS"},
    }
