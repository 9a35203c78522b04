"""What is to be done on the ledger for each purchase, and in which order members must wait for each other."""

from __future__ import annotations

import datetime
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from admin.demo.purchases import Purchase
from admin.demo.setting import CLASS_IDS, MERCHANTS, member_key, noon, request
from admin.demo.wallets import Draw, Wallet
from chaincode.signing import MemberKey
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.signatures import SigningPlace

REDEMPTION_STEP_POINTS = 100
REFUND_EVERY = 50
TRANSFER_EVERY = 10
TRANSFER_POINTS = 20


@dataclass
class Person:
    """A customer: their key, their wallet, how often they have bought."""

    number: int
    key: MemberKey
    wallet: Wallet
    purchases: int = 0
    block: int = -1
    """The newest block that touched their points."""

    @property
    def home_msp(self) -> str:
        """The merchant that enrols them: their number modulo the number of merchants."""
        return MERCHANTS[self.number % len(MERCHANTS)].msp_id


@dataclass
class Job:
    """Operations that one organisation submits on one day and that belong together. `people` are those whose points it
    may touch; a job begins when all earlier ones of theirs have been committed. `draws` is what the redemption must
    draw."""

    msp_id: str
    day: datetime.date
    people: list[Person]
    purchase: Purchase | None = None
    place: int = 0
    sender: Person | None = None
    recipient: Person | None = None
    draws: list[Draw] = field(default_factory=list)

    def plan(self, place: SigningPlace) -> list[Json]:
        """The operations, signed for this place, and the wallets as they will be after them."""
        if self.purchase is None:
            person = self.people[0]
            now = noon(self.day)
            return [request("EnrollMember", f"enroll-{person.number}", person.key.enrolment(self.msp_id, place), now)]
        return list(_purchase_operations(self, self.people[0], self.purchase, place))


def _purchase_operations(job: Job, person: Person, purchase: Purchase, place: SigningPlace) -> Iterator[Json]:
    day, now, name = job.day, noon(job.day), f"purchase-{job.place:06d}"
    points = person.wallet.spendable(day, CLASS_IDS)
    points -= points % REDEMPTION_STEP_POINTS
    if points:
        job.draws = person.wallet.redeem(points, day)
        args = {"acceptor_msp": job.msp_id, "class_ids": CLASS_IDS, "order_ref": name, "points": points}
        yield person.key.authorise(request("Redeem", f"{name}-redeem", args, now), place)
        if job.place % REFUND_EVERY == REFUND_EVERY - 1:
            person.wallet.refund(job.draws, day)
            redemption_id = f"{person.key.address}/{name}-redeem"
            yield request("Refund", f"{name}-refund", {"redemption_id": redemption_id}, now)
    earned = purchase.points
    if earned:
        request_id = f"{name}-accrue"
        person.wallet.accrue(job.msp_id, earned, day)
        accrual = {
            "address": person.key.address,
            "amount_minor": purchase.amount_minor,
            "class_id": job.msp_id,
            "purchase_ref": name,
        }
        yield request("Accrue", request_id, accrual, now)
    if job.recipient is not None and person.wallet.spendable(day, [job.msp_id]) >= TRANSFER_POINTS:
        person.wallet.send(job.recipient.wallet, job.msp_id, TRANSFER_POINTS, day)
        recipients = [{"address": job.recipient.key.address, "points": TRANSFER_POINTS}]
        transfer = {"class_id": job.msp_id, "recipients": recipients}
        yield person.key.authorise(request("Transfer", f"{name}-transfer", transfer, now), place)


def months_of_jobs(purchases: list[Purchase], people: dict[int, Person]) -> Iterator[tuple[datetime.date, list[Job]]]:
    """(last calendar day, jobs in order) of each month that has purchases. `people` is filled as they appear."""
    month: list[Job] = []
    previous: Person | None = None
    for place, purchase in enumerate(purchases):
        if month and (month[-1].day.year, month[-1].day.month) != (purchase.day.year, purchase.day.month):
            yield last_day(month[-1].day), month
            month = []
        person = people.get(purchase.number)
        if person is None:
            key = member_key(purchase.number)
            person = people[purchase.number] = Person(purchase.number, key, Wallet(key.address))
            month.append(Job(person.home_msp, purchase.day, [person]))
        shop = MERCHANTS[(purchase.number + person.purchases) % len(MERCHANTS)].msp_id
        person.purchases += 1
        job = Job(shop, purchase.day, [person], purchase, place)
        if place % TRANSFER_EVERY == TRANSFER_EVERY - 1 and previous is not None and previous is not person:
            job.recipient = previous
            job.people.append(previous)
        month.append(job)
        previous = person
    if month:
        yield last_day(month[-1].day), month


def last_day(day: datetime.date) -> datetime.date:
    """The last calendar day of the month of `day`."""
    first_of_next = (day.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)
    return first_of_next - datetime.timedelta(days=1)


class Turns:
    """Lets a job begin when the earlier jobs of all its people are done."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._queues: dict[int, deque[Job]] = defaultdict(deque)
        self._waiting = 0
        jobs = list(jobs)
        for job in jobs:
            for person in job.people:
                self._queues[person.number].append(job)
        self._first = [job for job in jobs if self._may_begin(job)]

    def first(self) -> list[Job]:
        """The jobs that need not wait for any."""
        return self._first

    def done(self, job: Job) -> list[Job]:
        """Takes a finished job out; gives those that may begin now."""
        found = []
        for person in job.people:
            queue = self._queues[person.number]
            assert queue.popleft() is job
        for person in job.people:
            queue = self._queues[person.number]
            if queue and self._may_begin(queue[0]) and queue[0] not in found:
                found.append(queue[0])
        return found

    def _may_begin(self, job: Job) -> bool:
        return all(self._queues[person.number][0] is job for person in job.people)
