"""Where points came from and where they went: which issuances fed which points, computed from the events alone.

The state does not say this. Within a place, which is a bucket (class, account, last day) or what waits for one day to
join it, points are first in, first out: a convention of account, and a law. A parcel `(issuance_id, points)` is points
of one issuance that lie next to each other; parcels of one issuance that come to lie next to each other are one.

Each event's operations are taken in their order, and of one operation first what became available (it joins its
bucket), then everything that went, then everything that came, each in the order of its postings. What went takes the
first parcels of its place. What came brings

- by Issue, Accrue, ImportBalances and Exchange: a parcel of the operation's own issuance;
- by Transfer, TransferFrom, MergeAccounts, CompleteRebind, WithdrawToWallet and DepositFromWallet: the parcels that the posting took by
  which it left the other account;
- by Refund: parcels that the redemption drew of that class and last day, the last ones first.

`Lineage` keeps the parcels of a whole ledger in memory. `Amounts` keeps of them only how many points they come to,
which is all that must be known to say whether every point came from an issuance: a parcel is never more than what came
with its issuance, and moves whole or in parts that add up to it. Whoever keeps parcels in another way reads what the
postings of one operation are with `read`.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chaincode.spec.kernel.calendar import day_number
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.state import Posting

Day = int | None
Place = tuple[str, str, Day, Day]
"""(class_id, account, last day or None for never, day from which on it is available or None where it is)."""
Parcel = tuple[str, int]
"""(issuance_id, points)."""
PROBLEMS_MAX = 100
"""How many `Amounts` keeps, the first ones."""
MOVING = frozenset(
    {"Transfer", "TransferFrom", "WithdrawToWallet", "DepositFromWallet", "MergeAccounts", "CompleteRebind"}
)
POINTS_PARTS = 6
"""The length of a posting of points; one of a debt is shorter."""


@dataclass(frozen=True, slots=True)
class Issued:
    """Points that came into being."""

    issuance_id: str


@dataclass(frozen=True, slots=True)
class Moved:
    """Points that left another place by the operation's posting number `posting`, counted from 0."""

    posting: int


@dataclass(frozen=True, slots=True)
class Returned:
    """Points of a redemption that came back, of those drawn with this last day."""

    redemption_id: str
    expires_day: Day


Source = Issued | Moved | Returned


@dataclass(frozen=True, slots=True)
class Reading:
    """What an operation's postings are, each by its number."""

    joined: Mapping[int, int]
    """Points that became available: the posting into the bucket, to the one before it, by which they left what was
    pending."""
    came: Mapping[int, Source]
    """Points that came into a place in another way: where from."""
    went: tuple[int, ...]
    """Points that left a place and did not join their bucket."""
    drawn: Mapping[int, Json]
    """Those of them that went into the operation's redemption: the draw as its result tells it."""
    reversed: frozenset[int]
    """Those of them that were clawed back."""


_NOTHING = Reading({}, {}, (), {}, frozenset())


def read(operation: Json) -> Reading:
    """What the postings of an operation, as an event tells it, are. Raises ValueError, LookupError or TypeError where
    they cannot be told, which no rule writes."""
    postings, op, result = operation["postings"], operation["op"], operation["result"]
    if not postings:
        return _NOTHING
    joined = _joined(postings) if len(postings) > 1 else {}
    left = set(joined.values())
    went: list[int] = []
    coming: list[int] = []
    for place, posting in enumerate(postings):
        if len(posting) != POINTS_PARTS:
            continue
        if posting[3] < 0 and place not in left:
            went.append(place)
        elif posting[3] > 0 and place not in joined:
            coming.append(place)
    came: dict[int, Source]
    if not coming:
        came = {}
    elif op in MOVING:
        came = _moved(operation, coming, went)
    elif op == "Refund":
        came = _returned(operation, coming)
    else:
        came = {place: Issued(name) for place, name in zip(coming, issued_by(result), strict=True)}
    drawn = _drawn(operation, went) if "redemption" in result else {}
    clawed = _clawed(operation, went) if op == "ReverseIssue" else frozenset()
    return Reading(joined, came, tuple(went), drawn, clawed)


def place_of(posting: Posting) -> Place:
    """The place that a posting of points changes."""
    return posting[0], posting[1], posting[2], posting[5]


def issued_by(result: Mapping[str, Json]) -> list[str]:
    """The issuances that an operation brought points by, by its result."""
    made = result["issuances"] if "issuances" in result else [result["issuance"]]
    return [issuance["issuance_id"] for issuance in made if issuance and issuance["points"] > issuance["debt_paid"]]


def _joined(postings: list[Posting]) -> dict[int, int]:
    found = {}
    for place in range(1, len(postings)):
        left, came = postings[place - 1], postings[place]
        if (
            len(left) == len(came) == POINTS_PARTS
            and left[5] is not None
            and came[5] is None
            and left[3] == -came[3] < 0
            and left[:3] == came[:3]
        ):
            found[place] = place - 1
    return found


def _moved(operation: Json, coming: list[int], went: list[int]) -> dict[int, Source]:
    """The k-th that came is the k-th that went. What expires beside it has another last day, and does not count."""
    postings = operation["postings"]
    found: dict[int, Source] = {}
    going = iter(went)
    for place in coming:
        class_id, account, expires, points, _, available = postings[place]
        for left in going:
            gone = postings[left]
            if [gone[0], gone[2], gone[3], gone[5]] == [class_id, expires, -points, available] and gone[1] != account:
                found[place] = Moved(left)
                break
        else:
            raise ValueError(f"{operation['op']} {operation['request_id']}: what came with posting {place} never went")
    return found


def _returned(operation: Json, coming: list[int]) -> dict[int, Source]:
    """In each class they come in the order in which the result tells them."""
    postings, result = operation["postings"], operation["result"]
    parts: dict[str, deque[Json]] = {}
    for part in result["returned"]:
        parts.setdefault(part["class_id"], deque()).append(part)
    found: dict[int, Source] = {}
    for place in coming:
        part = parts[postings[place][0]].popleft()
        if part["points"] != postings[place][3]:
            raise ValueError(f"Refund {operation['request_id']}: posting {place} is not what the result says")
        found[place] = Returned(result["redemption_id"], day_number(part["drawn_expires_on"]))
    return found


def _drawn(operation: Json, went: list[int]) -> dict[int, Json]:
    """What the draws of a redemption took. A capture takes what a hold pinned; free points of the same bucket may
    expire beside it."""
    postings, redemption = operation["postings"], operation["result"]["redemption"]
    places = {
        (postings[place][0], postings[place][2], -postings[place][3]): place
        for place in went
        if postings[place][1] == redemption["member"] and (operation["op"] != "Capture" or postings[place][4] < 0)
    }
    return {
        places[draw["class_id"], day_number(draw["expires_on"]), draw["points"]]: draw for draw in redemption["draws"]
    }


def _clawed(operation: Json, went: list[int]) -> frozenset[int]:
    """What a claw-back took: never expired points, so of buckets those with the latest last days; what expired beside
    it has earlier ones."""
    postings, result = operation["postings"], operation["result"]
    left = result["points"] - result["debt"]
    found = set()
    for place in sorted(went, key=lambda one: (postings[one][5] is None, _earlier(postings[one][2]))):
        if left == 0:
            break
        found.add(place)
        left += postings[place][3]
    return frozenset(found)


def _earlier(expires: Day) -> float:
    """Sorts the latest last day first."""
    return float("-inf") if expires is None else -expires


@dataclass(frozen=True)
class Whereabouts:
    """Where the points of an issuance are."""

    held: dict[Place, int]
    redeemed: dict[str, int]
    """By redemption: what was drawn and has not come back."""
    expired: int
    reversed: int
    """What was clawed back, in whichever claw-back: first in, first out."""


@dataclass
class Lineage:
    """The parcels of a ledger."""

    parcels: dict[Place, deque[Parcel]] = field(default_factory=dict)
    redeemed: dict[str, dict[tuple[str, Day], list[Parcel]]] = field(default_factory=dict)
    """By redemption, class and last day: what was drawn and has not come back. An id may come again once the
    redemption was swept: it is the newest that counts."""
    redeemed_before: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    """By the id of such redemptions, class and issuance: what those before the newest drew, and has not come back."""
    issued: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By class and issuance: the points that came with it."""
    expired: Counter[tuple[str, str]] = field(default_factory=Counter)
    reversed: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    """Postings that took points which were not there."""

    def take(self, operation: Json) -> None:
        """Takes in the next operation of an event. Raises as `read` does."""
        postings, reading = operation["postings"], read(operation)
        for place, left in reading.joined.items():
            self._bring(postings[place], self._take(postings[left]))
        taken = {place: self._take(postings[place]) for place in reading.went}
        if reading.drawn:
            redemption_id = operation["result"]["redemption"]["redemption_id"]
            self._leave(redemption_id)
            self.redeemed[redemption_id] = {
                (postings[place][0], postings[place][2]): parcels
                for place, parcels in taken.items()
                if place in reading.drawn
            }
        moved = {source.posting for source in reading.came.values() if isinstance(source, Moved)}
        for place in taken.keys() - reading.drawn.keys() - moved:
            gone = self.reversed if place in reading.reversed else self.expired
            for issuance_id, points in taken[place]:
                gone[postings[place][0], issuance_id] += points
        for place, source in reading.came.items():
            class_id, _, _, points, *_ = postings[place]
            if isinstance(source, Issued):
                self.issued[class_id, source.issuance_id] += points
                self._bring(postings[place], [(source.issuance_id, points)])
            elif isinstance(source, Moved):
                self._bring(postings[place], taken[source.posting])
            else:
                drawn = self.redeemed[source.redemption_id][class_id, source.expires_day]
                self._bring(postings[place], self._last(drawn, points, source.redemption_id))

    def _leave(self, redemption_id: str) -> None:
        """What an earlier redemption of this id drew comes back no more."""
        for (class_id, _), parcels in self.redeemed.get(redemption_id, {}).items():
            before = self.redeemed_before.setdefault(redemption_id, Counter())
            for issuance_id, points in parcels:
                before[class_id, issuance_id] += points

    def _take(self, posting: Posting) -> list[Parcel]:
        """The first parcels of the place, as many points as the posting says."""
        place, left = place_of(posting), -posting[3]
        parcels = self.parcels.get(place, deque())
        taken: list[Parcel] = []
        while left and parcels:
            issuance_id, points = parcels.popleft()
            part = min(points, left)
            if part < points:
                parcels.appendleft((issuance_id, points - part))
            taken.append((issuance_id, part))
            left -= part
        if not parcels:
            self.parcels.pop(place, None)
        if left:
            self.problems.append(f"{shown(place)}: {left} points went that had not come")
        return taken

    def _last(self, drawn: list[Parcel], points: int, redemption_id: str) -> list[Parcel]:
        """The last parcels of a draw, the last one first; they leave it."""
        taken: list[Parcel] = []
        while points and drawn:
            issuance_id, there = drawn.pop()
            part = min(there, points)
            if part < there:
                drawn.append((issuance_id, there - part))
            taken.append((issuance_id, part))
            points -= part
        if points:
            self.problems.append(f"{redemption_id}: {points} points came back that had not been drawn")
        return taken

    def _bring(self, posting: Posting, parcels: Iterable[Parcel]) -> None:
        held = self.parcels.setdefault(place_of(posting), deque())
        for issuance_id, points in parcels:
            if held and held[-1][0] == issuance_id:
                points += held.pop()[1]
            held.append((issuance_id, points))

    def origins(self, class_id: str, account: str, expires: Day, available: Day = None) -> list[Parcel]:
        """The issuances of the points that are at a place now, in the order in which they will go."""
        return list(self.parcels.get((class_id, account, expires, available), ()))

    def drawn(self, redemption_id: str) -> dict[tuple[str, Day], list[Parcel]]:
        """The issuances that fed a redemption, the newest of its id, by class and last day; without what has come
        back."""
        return {draw: list(parcels) for draw, parcels in self.redeemed.get(redemption_id, {}).items() if parcels}

    def whereabouts(self, class_id: str, issuance_id: str) -> Whereabouts:
        """Where the points of an issuance are, and how they went."""
        held: Counter[Place] = Counter()
        redeemed: Counter[str] = Counter()
        for place, parcels in self.parcels.items():
            held[place] += sum(points for name, points in parcels if (place[0], name) == (class_id, issuance_id))
        for redemption_id, parts in self.redeemed.items():
            for (drawn_class, _), drawn in parts.items():
                redeemed[redemption_id] += sum(n for name, n in drawn if (drawn_class, name) == (class_id, issuance_id))
        name = class_id, issuance_id
        redeemed.update({redemption_id: before[name] for redemption_id, before in self.redeemed_before.items()})
        return Whereabouts(dict(+held), dict(+redeemed), self.expired[name], self.reversed[name])

    def breaches(self, balances: Mapping[str, Json], supplies: Mapping[str, Json]) -> list[str]:
        """Where the lineage does not end in issuances that are large enough: `balances` are the state's documents by
        `<class_id>/<account>`, `supplies` its flow counters by `<class_id>/<msp_id>/<shard>`."""
        sums = {place: sum(points for _, points in parcels) for place, parcels in self.parcels.items() if parcels}
        issued: Counter[str] = Counter()
        for (class_id, _), points in self.issued.items():
            issued[class_id] += points
        return self.problems + _unaccounted(sums, issued, balances, supplies)


class Amounts:
    """The parcels of a ledger by their points alone, in memory that what there is now takes: places that hold points
    and redemptions that can be refunded."""

    def __init__(self) -> None:
        self.points: dict[Place, int] = {}
        """What came and has not gone; without places that are empty."""
        self.redeemed: dict[str, dict[tuple[str, Day], int]] = {}
        """By redemption, class and last day: what was drawn and has not come back."""
        self.issued: Counter[str] = Counter()
        """By class: the points that came with issuances."""
        self.problems: list[str] = []
        """The first postings that took points which were not there."""

    def take(self, operation: Json) -> None:
        """Takes in the next operation of an event. Raises as `read` does."""
        postings, reading = operation["postings"], read(operation)
        for place, left in reading.joined.items():
            self._bring(postings[place], self._take(postings[left]))
        taken = {place: self._take(postings[place]) for place in reading.went}
        if reading.drawn:
            # One that was swept may come again under its id: what comes back is then of the newest.
            self.redeemed[operation["result"]["redemption"]["redemption_id"]] = {
                (postings[place][0], postings[place][2]): taken[place] for place in reading.drawn
            }
        for place, source in reading.came.items():
            if isinstance(source, Issued):
                self.issued[postings[place][0]] += postings[place][3]
                self._bring(postings[place], postings[place][3])
            elif isinstance(source, Moved):
                self._bring(postings[place], taken[source.posting])
            else:
                self._bring(postings[place], self._return(postings[place], source))

    def forget(self, redemption_id: str) -> None:
        """A redemption that the ledger has deleted: what it drew is gone for good, and nothing of it can come back."""
        self.redeemed.pop(redemption_id, None)

    def _take(self, posting: Posting) -> int:
        """How many points of the posting there were to go."""
        place = place_of(posting)
        wanted: int = -posting[3]
        there = self.points.get(place, 0)
        if wanted < there:
            self.points[place] = there - wanted
            return wanted
        self.points.pop(place, None)
        if wanted > there:
            self._tell(f"{shown(place)}: {wanted - there} points went that had not come")
        return there

    def _return(self, posting: Posting, source: Returned) -> int:
        """How many points of the posting had been drawn and not come back."""
        drawn, draw = self.redeemed.get(source.redemption_id, {}), (posting[0], source.expires_day)
        wanted: int = posting[3]
        there = drawn.get(draw, 0)
        if wanted > there:
            self._tell(f"{source.redemption_id}: {wanted - there} points came back that had not been drawn")
        if there:
            drawn[draw] = max(there - wanted, 0)
        return min(there, wanted)

    def _bring(self, posting: Posting, points: int) -> None:
        if points:
            place = place_of(posting)
            self.points[place] = self.points.get(place, 0) + points

    def _tell(self, problem: str) -> None:
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(problem)

    def breaches(self, balances: Mapping[str, Json], supplies: Mapping[str, Json]) -> list[str]:
        """As `Lineage.breaches`."""
        return self.problems + _unaccounted(self.points, self.issued, balances, supplies)


def _unaccounted(
    points: Mapping[Place, int], issued: Mapping[str, int], balances: Mapping[str, Json], supplies: Mapping[str, Json]
) -> list[str]:
    """Where a state says something else than what issuances fed: `points` are those of each place, `issued` those that
    came with all issuances of a class."""
    found = []
    rest = dict(points)
    for name, (buckets, pending, *_) in balances.items():
        class_id, account = name.split("/", 1)
        there = {(class_id, account, expires, None): points for expires, points, _ in buckets}
        there.update({(class_id, account, expires, day): points for day, expires, points in pending})
        for place, told in there.items():
            if (known := rest.pop(place, 0)) != told:
                found.append(f"{shown(place)}: {told} points, issuances fed {known}")
    found += [f"{shown(place)}: no points, issuances fed {known}" for place, known in sorted(rest.items(), key=str)]
    made: Counter[str] = Counter()
    for name, flows in supplies.items():
        made[name.split("/")[0]] += flows["issued"] - flows["repaid"]
    for class_id, known in issued.items():
        made[class_id] -= known
    return found + [f"{class_id}: issuances and counters differ by {more}" for class_id, more in made.items() if more]


def shown(place: Place) -> str:
    """A place, for people."""
    class_id, account, expires, available = place
    until = "never" if expires is None else expires
    return f"{class_id} {account} {until}" + ("" if available is None else f" from {available}")
