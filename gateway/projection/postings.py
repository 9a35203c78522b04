"""What an operation's postings say: which lots merged, and what changed for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.ledger.port import Json
from gateway.projection.operations import Change


def merges(postings: list[Json]) -> dict[int, str]:
    """Places of postings that merge two lots, to the other lot: in one account one lot's points go out and another's come in
    (`chaincode.spec.invariants.Journal`)."""
    found: dict[int, str] = {}
    previous: int | None = None
    for place, posting in enumerate(postings):
        before = None if previous is None else postings[previous]
        if (
            previous is not None
            and before is not None
            and before[:2] == posting[:2]
            and before[2] != posting[2]
            and before[3] == -posting[3]
            and posting[3] > 0
        ):
            found[previous], found[place] = posting[2], before[2]
            previous = None
        else:
            previous = place
    return found


def changes_of(entry: Json) -> tuple[Change, ...]:
    """What an operation changed, by account and class. Where points went from some accounts to others, those are each other's
    counterparties; so is whoever authorised it, and the merchant where points were spent or held."""
    points: dict[tuple[str, str], int] = {}
    held: dict[tuple[str, str], int] = {}
    for class_id, account, _, change, pinned, *_ in entry["postings"]:
        name = (account, class_id)
        points[name] = points.get(name, 0) + change
        held[name] = held.get(name, 0) + pinned
    givers: dict[str, list[str]] = {class_id: [] for _, class_id in points}
    takers: dict[str, list[str]] = {class_id: [] for _, class_id in points}
    for (account, class_id), change in points.items():
        if change:
            (givers if change < 0 else takers)[class_id].append(account)
    common = [entry["authoriser"], *_merchants(entry["result"])]
    return tuple(
        Change(
            account,
            class_id,
            change,
            held[account, class_id],
            _others(account, common, (takers if change < 0 else givers)[class_id] if change else ()),
        )
        for (account, class_id), change in points.items()
    )


def _merchants(result: Mapping[str, Json]) -> list[str]:
    return [result[noun]["acceptor_msp"] for noun in ("redemption", "hold") if noun in result]


def _others(account: str, common: Iterable[str], accounts: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys([*common, *accounts]) if name != account)
