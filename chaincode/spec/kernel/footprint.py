"""Which keys an operation may read and write, known before it runs: what its `touches` declares, and what several have
in common.

A gateway needs them so that no two transactions in flight share a key that either writes. What an operation really
reads and writes lies inside what is declared here; a test holds random operations to it. `look(key)` gives a document
that the caller knows, or None: a refund's keys follow from the redemption, a redemption's from its classes. Without the
document the declaration is what is known. Keys of counters, positions and limits carry the shard of the transaction, so
two lanes never share one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from chaincode.spec.kernel import exposure, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.fields import LEGACY_PREFIX
from chaincode.spec.kernel.limits import REFUND_SHARD

Look = Callable[[str], Json]
"""A document by its key, as it is stored, or None."""


@dataclass(slots=True)
class Footprint:
    """Keys read, keys written (each of which may be read too), and prefixes of ranges read. `needs` are the keys of
    documents that would say more, where `look` did not have them."""

    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    ranges: set[str] = field(default_factory=set)
    needs: set[str] = field(default_factory=set)

    def covers_read(self, key: str) -> bool:
        """Whether reading `key` was declared."""
        return key in self.reads or key in self.writes or any(key.startswith(prefix) for prefix in self.ranges)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who submits (`msp_id`, `shard`), who authorises, and the request's id."""

    msp_id: str
    shard: int
    authoriser: str
    member: bool
    request_id: str

    @property
    def new_id(self) -> str:
        """The id of what the operation creates."""
        return f"{self.authoriser}/{self.request_id}"

    @property
    def issuance_prefix(self) -> str:
        """What stands before `.<index>` in the ids of issuances it makes."""
        return self.new_id if self.member else self.request_id


def document_at(key: str, look: Look, found: Footprint) -> Json:
    found.reads.add(key)
    document = look(key)
    if document is None:
        found.needs.add(key)
    return document


def issuer_at(class_id: str, look: Look, found: Footprint) -> str | None:
    """The issuer of a class, whose merchant record is read."""
    document = document_at(keys.point_class(class_id), look, found)
    if document is None:
        return None
    found.reads.add(keys.merchant(document["issuer_msp"]))
    return str(document["issuer_msp"])


def spending(
    class_ids: Iterable[str], member: str, speaker: Speaker, look: Look, found: Footprint, refunded: int | None = None
) -> None:
    """Points of `class_ids` leave a member's balances for the submitting acceptor in the open window; or come back, in
    the lane `refunded`."""
    found.reads.update((keys.CURRENT_WINDOW, keys.member(member), keys.merchant(speaker.msp_id)))
    current = look(keys.CURRENT_WINDOW)
    if current is None:
        found.needs.add(keys.CURRENT_WINDOW)
    for class_id in class_ids:
        changing(class_id, [member], speaker, found)
        issuer = issuer_at(class_id, look, found)
        if issuer is not None and issuer != speaker.msp_id:
            if refunded is None:
                found.reads.add(keys.limit(issuer, speaker.msp_id, speaker.shard))
            else:
                found.reads.add(keys.limit(speaker.msp_id, issuer, REFUND_SHARD + refunded))
            owing(current, (issuer, speaker.msp_id, speaker.shard if refunded is None else refunded), found)


def owing(current: Json, lane: tuple[str, str, int], found: Footprint) -> None:
    """The position of a lane, issuer, acceptor and shard, in the open window is written, and those in windows that are
    not settled are read."""
    if current is None:
        return
    found.writes.add(keys.position(current["window_id"], *lane))
    found.reads.update(exposure.positions(current, *lane))


def changing(class_id: str, accounts: Iterable[str], speaker: Speaker, found: Footprint) -> None:
    """Balances of a class are written, and with each what has expired in it is booked in the submitter's own lane."""
    found.writes.update(keys.balance(class_id, account) for account in accounts)
    found.writes.add(keys.supply(class_id, speaker.msp_id, speaker.shard))


def ending(hold: Json, speaker: Speaker, found: Footprint) -> None:
    """A hold's points and what it reserved of limits are free again. One that has ended touches nothing more."""
    for amount in hold["amounts"] if hold["status"] == "RESERVED" else ():
        changing(amount["class_id"], [hold["member"]], speaker, found)
        if amount["issuer_msp"] != hold["acceptor_msp"]:
            found.writes.add(keys.limit(amount["issuer_msp"], hold["acceptor_msp"], hold["shard"]))


def issuing(args: Json, speaker: Speaker, found: Footprint, account: str, index: int = 0) -> None:
    """Points of a class of the submitter's come into an account."""
    class_id = args["class_id"]
    found.reads.update((keys.merchant(speaker.msp_id), keys.point_class(class_id)))
    changing(class_id, [account], speaker, found)
    if account.startswith(LEGACY_PREFIX):
        found.writes.add(keys.memory(keys.balance(class_id, account), f"{speaker.new_id}/{index}"))
    if not account.startswith(LEGACY_PREFIX):
        found.reads.add(keys.member(account))


def moving(class_id: str, accounts: Collection[str], speaker: Speaker, found: Footprint) -> None:
    """Points of a class move between accounts."""
    found.reads.add(keys.point_class(class_id))
    changing(class_id, accounts, speaker, found)
    for account in accounts:
        if not account.startswith(LEGACY_PREFIX):
            found.reads.add(keys.member(account))


def mapping(args: Json, address: str, speaker: Speaker, found: Footprint) -> None:
    moving(args["class_id"], (address, LEGACY_PREFIX + args["reference_hash"]), speaker, found)
    found.reads.update((keys.merchant(speaker.msp_id), keys.legacy(args["class_id"], args["reference_hash"])))
