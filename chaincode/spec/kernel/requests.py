"""What is remembered of requests, so that none is carried out twice: beside what they are about, and no longer than it
matters.

What was lately done about a balance, a redemption or a hold stands in its own document, so the state grows with
accounts and with what is open, never with how much has happened. An entry is `[requester, content, until, tx_id,
issued]`: `<authoriser>/<request_id>`; what makes two requests equal; until when it is remembered, `valid_until` plus
`REQUEST_GRACE_SECONDS`; the transaction that carried it out; and for points that were issued, and can still be clawed
back, `[points, available_day, expires_day, last clawback day]`, else None. Of an entry that is kept for what it issued
alone, the middle is blank.

A document has `MEMORY_ENTRIES_MAX` entries in line. A further one gets a key of its own, and the document keeps until
when there may be such: so an operation reads and writes one small key more, whatever the day brought. Operations that
are about none of these keep a receipt each, under a key of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.context import Context
from chaincode.spec.kernel.limits import MEMORY_ENTRIES_MAX, REQUEST_GRACE_SECONDS
from chaincode.spec.kernel.state import View

Entry = list[Json]
REQUESTER, CONTENT, UNTIL, TX_ID, ISSUED = range(5)
POINTS, AVAILABLE, EXPIRES, LAST_DAY = range(4)
"""What stands in an entry's `issued`."""


def remembered_until(context: Context) -> int:
    """The last second at which a request is remembered: whoever has no answer may sign the same request anew with a
    later `valid_until`, as long as the first is still valid, and both signatures must have passed before its memory
    goes."""
    return context.valid_until + REQUEST_GRACE_SECONDS


def clawable(entry: Entry, today: int) -> bool:
    """Whether points of the entry can still be clawed back."""
    issued = entry[ISSUED]
    return issued is not None and issued[POINTS] > 0 and issued[LAST_DAY] >= today


def end_of(entry: Entry) -> int:
    """A second after which the entry lives no more, in any time zone."""
    return int(max(entry[UNTIL], (entry[ISSUED][LAST_DAY] + 2) * SECONDS_PER_DAY if entry[ISSUED] else 0))


def living(entry: Entry, now: int, today: int) -> Entry | None:
    """What is kept of an entry: itself, what it issued alone, or nothing."""
    requester, content, until, tx_id, issued = entry
    issued = issued if clawable(entry, today) else None
    if content and now <= until:
        return [requester, content, until, tx_id, issued]
    return None if issued is None else [requester, "", 0, "", issued]


@dataclass
class Memory:
    """The memory in the document at `place`. `own` is the requester that made the document, whose entry lives as long
    as it."""

    view: View
    place: str
    entries: list[Entry] = field(default_factory=list)
    spilled_until: int = 0
    own: str = ""

    def find(self, requester: str, now: int) -> Entry | None:
        """The entry of a requester, in line or under its own key, or None."""
        for entry in self.entries:
            if entry[REQUESTER] == requester:
                return entry
        if self.spilled_until < now:
            return None
        stored = self.view.get(keys.memory(self.place, requester))
        return None if stored is None else [requester, *stored]

    def add(self, context: Context, entry: Entry) -> None:
        """Takes in a new entry. What is left of an older request of the same name goes: it would hide the new one. What
        that issued can still be clawed back, unless the new one issues too."""
        self.prune(context)
        left = self.find(entry[REQUESTER], context.now)
        if left is not None:
            if entry[ISSUED] is None and clawable(left, context.today):
                entry = [*entry[:ISSUED], left[ISSUED]]
            self._forget(left)
        if len(self.entries) < MEMORY_ENTRIES_MAX:
            self.entries.append(entry)
        else:
            self.view.put(keys.memory(self.place, entry[REQUESTER]), entry[1:])
            self.spilled_until = max(self.spilled_until, end_of(entry))

    def _forget(self, entry: Entry) -> None:
        if entry in self.entries:
            self.entries.remove(entry)
        else:
            self.view.delete(keys.memory(self.place, entry[REQUESTER]))

    def replace(self, entry: Entry) -> None:
        """Stores a found entry that was changed."""
        if entry not in self.entries:
            self.view.put(keys.memory(self.place, entry[REQUESTER]), entry[1:])

    def prune(self, context: Context) -> None:
        """Forgets what lives no more."""
        kept = (
            entry if entry[REQUESTER] == self.own else living(entry, context.now, context.today)
            for entry in self.entries
        )
        self.entries = [entry for entry in kept if entry is not None]
        if self.spilled_until < context.now:
            self.spilled_until = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is remembered, here or under keys of its own."""
        return not self.entries and not self.spilled_until

    @property
    def stored(self) -> Json:
        """As it stands in a document."""
        return [self.entries, self.spilled_until]


def entry_of(context: Context, issued: Json = None) -> Entry:
    """The entry of the operation that is carried out."""
    return [context.new_id, context.content, remembered_until(context), context.transaction.tx_id, issued]


def memory_at(view: View, place: str) -> Memory:
    """The memory in a balance's, a redemption's or a hold's document; an empty one where there is no document."""
    document = view.get(place)
    noun, _, name = place.partition("/")
    if document is None:
        return Memory(view, place)
    if noun == "balance":
        _, _, _, entries, spilled_until = document
        return Memory(view, place, entries, spilled_until)
    if noun == "redemption":
        entries, spilled_until = document[REDEMPTION_MEMORY]
    else:
        entries, spilled_until = document["memory"]
    return Memory(view, place, entries, spilled_until, own=name)


REDEMPTION_MEMORY = 4
"""The place of the memory in a redemption's list (`redemptions`)."""


def recall(view: View, place: str, context: Context) -> Entry | None:
    """What is remembered of the same requester's request about the same: an entry, or None. A request that made a
    document is remembered as long as it stands."""
    if place.startswith("receipt/"):
        stored = view.get(place)
        return None if stored is None else [context.new_id, *stored, None]
    memory = memory_at(view, place)
    entry = memory.find(context.new_id, context.now)
    if entry is None or (entry[REQUESTER] != memory.own and entry[UNTIL] < context.now):
        return None
    return entry


def keep_receipt(view: View, context: Context) -> None:
    """Remembers an operation that is about no balance, redemption or hold."""
    view.put(keys.receipt(context.authoriser, context.request_id), entry_of(context)[CONTENT:ISSUED])


def ended(entries: Iterable[Entry], now: int) -> bool:
    """Whether none of the entries is remembered any longer."""
    return all(entry[UNTIL] < now for entry in entries)
