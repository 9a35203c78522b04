"""Buckets in balances: what can be spent, in which order it is drawn, how it comes in and goes.

All points of one class, in one account, with one last day are one bucket `[expires_day, points, held]` (None: they
never expire); `held` points are pinned by holds and part of `points`. So a balance is as long as its last days are
many, however often its owner shops, and nobody's gift can fill it. Points that cannot be spent yet wait as
`[available_day, expires_day, points]` and join their bucket when the balance is next looked at on or after that day.
`debt` is what was clawed back and not there any more. In the state a balance is the list `[buckets, pending, debt,
entries, spilled_until]`, the last two of which are what is remembered of requests about it (`requests`); it goes when
nothing is left in it. Draw order: earliest last day, null last; over several classes ties in the order in which the
operation names them.

Which issuance a point in a bucket came from is not kept here: it follows from all events (`lineage`).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from dataclasses import dataclass, field

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.calendar import LAST_DAY, date_of
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Context
from chaincode.spec.kernel.counters import count
from chaincode.spec.kernel.limits import BUCKETS_PER_BALANCE_MAX
from chaincode.spec.kernel.requests import Memory, entry_of
from chaincode.spec.kernel.state import Posting, View, exact

Day = int | None
Bucket = list[Json]
"""[expires_day | None, points, held]."""
Pending = list[Json]
"""[available_day, expires_day | None, points]."""


def day_order(expires: Day) -> int:
    """Sorts last days: never comes after every day."""
    return LAST_DAY + 1 if expires is None else expires


def bucket_order(bucket: Bucket) -> int:
    """Sorts buckets in draw order."""
    return day_order(bucket[0])


def pending_order(entry: Pending) -> tuple[int, int]:
    """Sorts what is pending: first available, first to expire."""
    return entry[0], day_order(entry[1])


Within = Callable[[Day], bool]
"""Which last days are meant."""


def everything(expires: Day) -> bool:
    """Any last day."""
    return True


def is_expired(expires: Day, today: int) -> bool:
    """Whether a last day has passed."""
    return expires is not None and expires < today


@dataclass
class Balance:
    """The points of one class in one account as they stand on the day of loading. Changes reach the view's postings and
    the state with `save`."""

    view: View
    class_id: str
    account: str
    today: int
    buckets: list[Bucket] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    debt: int = 0
    memory: Memory = field(init=False)
    postings: list[Posting] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.memory = Memory(self.view, self.key)

    @property
    def key(self) -> str:
        """Where it is stored."""
        return keys.balance(self.class_id, self.account)

    @classmethod
    def load(cls, view: View, class_id: str, account: str, today: int) -> Balance:
        """The balance, with what became available by `today` in its buckets."""
        found = cls(view, class_id, account, today)
        stored = view.get(found.key)
        if stored is not None:
            found.buckets, found.pending, found.debt, entries, spilled_until = stored
            found.memory = Memory(view, found.key, entries, spilled_until)
            found._join()
        return found

    def _join(self) -> None:
        while self.pending and self.pending[0][0] <= self.today:
            available, expires, points = self.pending.pop(0)
            self.postings.append([self.class_id, self.account, expires, -points, 0, available])
            self.change(expires, points, 0)

    def free(self, bucket: Bucket) -> int:
        """Points of the bucket that can be spent today: neither held nor expired."""
        return 0 if is_expired(bucket[0], self.today) else int(bucket[1] - bucket[2])

    def spendable(self, within: Within = everything) -> int:
        """Points that can be spent today, of the last days that are `within`."""
        return sum(self.free(bucket) for bucket in self.buckets if within(bucket[0]))

    def points(self) -> int:
        """All points, held, pending and expired ones too."""
        return int(sum(bucket[1] for bucket in self.buckets) + sum(entry[2] for entry in self.pending))

    def expired(self, day: int) -> int:
        """Free points whose last day has passed on this day."""
        return sum(points - held for expires, points, held in self.buckets if is_expired(expires, day))

    def change(self, expires: Day, points: int, held: int) -> None:
        """Adds `points` and `held` (either sign) to the bucket of a last day, which is made where there is none and
        goes when it is empty."""
        place = bisect_left(self.buckets, day_order(expires), key=bucket_order)
        if place == len(self.buckets) or self.buckets[place][0] != expires:
            self.buckets.insert(place, [expires, 0, 0])
        bucket = self.buckets[place]
        bucket[1] += points
        bucket[2] += held
        assert 0 <= bucket[2] <= bucket[1], bucket
        if bucket[1] == 0:
            del self.buckets[place]
        self.postings.append([self.class_id, self.account, expires, points, held, None])

    def change_pending(self, available: int, expires: Day, points: int) -> None:
        """Adds `points` (either sign) to what becomes available on a day after today."""
        entry = next((entry for entry in self.pending if entry[:2] == [available, expires]), None)
        if entry is None:
            entry = [available, expires, 0]
            insort(self.pending, entry, key=pending_order)
        entry[2] += points
        assert entry[2] >= 0, entry
        if entry[2] == 0:
            self.pending.remove(entry)
        self.postings.append([self.class_id, self.account, expires, points, 0, available])

    def change_debt(self, points: int) -> None:
        """Adds `points` (either sign) to what the account owes of the class."""
        self.debt += points
        assert self.debt >= 0, self.debt
        self.postings.append([self.class_id, self.account, points])

    def credit(self, available: int, expires: Day, points: int) -> None:
        """Brings in points that can be spent from `available` to `expires`."""
        if available <= self.today:
            self.change(expires, points, 0)
        else:
            self.change_pending(available, expires, points)

    def remember(self, context: Context, issued: Json = None) -> None:
        """Takes the operation, which is about this balance, into its memory."""
        self.memory.add(context, entry_of(context, issued))

    def draw(self, points: int, within: Within = everything) -> list[tuple[Day, int]]:
        """Takes `points` in draw order, of the last days that are `within`: [(last day, points taken)].
        INSUFFICIENT_POINTS when there are fewer."""
        chosen = choose([self], points, within)
        for _, expires, part in chosen:
            self.change(expires, -part, 0)
        return [(expires, part) for _, expires, part in chosen]

    def drop_expired(self, day: int) -> int:
        """Takes what has expired on this day out of its buckets, but for what is held; gives its points."""
        passed = [(expires, points - held) for expires, points, held in self.buckets if is_expired(expires, day)]
        for expires, points in passed:
            if points:
                self.change(expires, -points, 0)
        return int(sum(points for _, points in passed))

    def save(self, context: Context) -> None:
        """Books what has expired, which leaves its buckets (once nobody can have dated ahead: `Context.booking_day`),
        and stores the balance. TOO_MANY_BUCKETS when more are left than a balance may have. OVERFLOW when its points
        all together leave the range: so what is pending finds place in its bucket, and no balance comes to be that
        cannot be read."""
        count(self.view, context, self.class_id, "expired", self.drop_expired(context.booking_day))
        if len(self.buckets) + len(self.pending) > BUCKETS_PER_BALANCE_MAX:
            raise Refusal(
                "TOO_MANY_BUCKETS", f"{self.account} has {BUCKETS_PER_BALANCE_MAX} last days of {self.class_id}"
            )
        exact(self.points())
        exact(self.debt)
        self.view.postings += self.postings
        self.postings = []
        self.memory.prune(context)
        if self.buckets or self.pending or self.debt or not self.memory.is_empty:
            self.view.put(self.key, [self.buckets, self.pending, self.debt, *self.memory.stored])
        else:
            self.view.delete(self.key)


def named(buckets: list[Bucket], pending: list[Pending], debt: int) -> Json:
    """What a stored balance holds, by names and with dates."""
    return {
        "buckets": [
            {"expires_on": date_of(expires), "held": held, "points": points} for expires, points, held in buckets
        ],
        "debt": debt,
        "pending_buckets": [
            {"available_on": date_of(available), "expires_on": date_of(expires), "points": points}
            for available, expires, points in pending
        ],
    }


def check_sufficient(spendable: int, points: int) -> None:
    """Refuses INSUFFICIENT_POINTS when `points` exceed `spendable`."""
    if points > spendable:
        raise Refusal("INSUFFICIENT_POINTS", f"balance {spendable}, asked {points}")


def choose(balances: list[Balance], points: int, within: Within = everything) -> list[tuple[Balance, Day, int]]:
    """Which buckets of `balances` give `points`, in draw order over all of them, of the last days that are `within`:
    [(balance, last day, points)]. Changes nothing. INSUFFICIENT_POINTS when together they have fewer."""
    check_sufficient(sum(balance.spendable(within) for balance in balances), points)
    buckets = [
        (balance, bucket)
        for balance in balances
        for bucket in balance.buckets
        if balance.free(bucket) and within(bucket[0])
    ]
    buckets.sort(key=lambda entry: bucket_order(entry[1]))
    chosen = []
    for balance, bucket in buckets:
        if points == 0:
            break
        part = min(balance.free(bucket), points)
        chosen.append((balance, bucket[0], part))
        points -= part
    return chosen


def move(context: Context, source: Balance, target: Balance, points: int, within: Within = everything) -> None:
    """Moves `points` from the source, which the caller saves, to the target, which is saved here: each draw with its
    last day, one posting out for one in. INSUFFICIENT_POINTS, TOO_MANY_BUCKETS, OVERFLOW."""
    for expires, part in source.draw(points, within):
        target.change(expires, part, 0)
    target.save(context)


def move_all(source: Balance, target: Balance) -> dict[str, int]:
    """Moves all that is not held and has not expired, what is pending and what is owed: one posting out for one in.
    Gives how much of each kind; the caller saves both."""
    points = source.spendable()
    for expires, part in source.draw(points):
        target.change(expires, part, 0)
    pending = [tuple(entry) for entry in source.pending]
    for available, expires, part in pending:
        source.change_pending(available, expires, -part)
        target.change_pending(available, expires, part)
    debt = source.debt
    if debt:
        source.change_debt(-debt)
        target.change_debt(debt)
    return {"debt": debt, "pending": sum(part for _, _, part in pending), "points": points}
