"""What an operation's postings say: which buckets changed and by what, and what changed for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chaincode.spec.lineage import POINTS_PARTS, Issued, Moved, read
from gateway.ledger.port import Json
from gateway.projection.fold.operations import Change
from gateway.projection.fold.rows import BucketPlace, Row
from gateway.projection.models import NEVER

ISSUED, MOVED, JOINED, RETURNED = "ISSUED", "MOVED", "JOINED", "RETURNED"
DRAWN, EXPIRED, REVERSED, HELD = "DRAWN", "EXPIRED", "REVERSED", "HELD"


def posting_rows(number: int, entry: Json) -> list[tuple[BucketPlace, Row]]:
    """The rows of an operation's postings of points, each with its bucket. ValueError, LookupError, TypeError for what
    no rule writes."""
    postings = entry["postings"]
    if not postings:
        return []
    reading = read(entry)
    left = {source.posting for source in reading.came.values() if isinstance(source, Moved)}
    joined = set(reading.joined.values())
    found = []
    for place, posting in enumerate(postings):
        if len(posting) != POINTS_PARTS:
            continue
        class_id, account, expires, points, held, available = posting
        kind, source_place, issuance_id = HELD, None, None
        if points > 0:
            if place in reading.joined:
                kind, source_place = JOINED, reading.joined[place]
            else:
                source = reading.came[place]
                if isinstance(source, Issued):
                    kind, issuance_id = ISSUED, source.issuance_id
                elif isinstance(source, Moved):
                    kind, source_place = MOVED, source.posting
                else:
                    kind = RETURNED
        elif points < 0:
            if place in joined:
                kind = JOINED
            elif place in left:
                kind = MOVED
            elif place in reading.drawn:
                kind = DRAWN
            else:
                kind = REVERSED if place in reading.reversed else EXPIRED
        row = {
            "operation_number": number,
            "place": place,
            "kind": kind,
            "points": points,
            "held": held,
            "source_place": source_place,
            "issuance_id": issuance_id,
        }
        found.append(((account, class_id, NEVER if expires is None else expires, available or 0), row))
    return found


def changes_of(entry: Json) -> tuple[Change, ...]:
    """What an operation changed, by account and class. Where points went from some accounts to others, those are each
    other's counterparties; so is whoever authorised it, and the merchant where points were spent or held."""
    points: dict[tuple[str, str], int] = {}
    held: dict[tuple[str, str], int] = {}
    debts: dict[tuple[str, str], int] = {}
    for class_id, account, *changed in entry["postings"]:
        name = (account, class_id)
        if len(changed) == 1:
            points.setdefault(name, 0)
            debts[name] = debts.get(name, 0) + changed[0]
            continue
        points[name] = points.get(name, 0) + changed[1]
        held[name] = held.get(name, 0) + changed[2]
    sides: dict[tuple[str, bool], list[str]] = {}
    for (account, class_id), change in points.items():
        if change:
            sides.setdefault((class_id, change > 0), []).append(account)
    common = [entry["authoriser"], *_merchants(entry["result"])]
    return tuple(
        Change(
            account,
            class_id,
            change,
            held.get((account, class_id), 0),
            debts.get((account, class_id), 0),
            _others(account, common, sides.get((class_id, change < 0), ()) if change else ()),
        )
        for (account, class_id), change in points.items()
    )


def _merchants(result: Mapping[str, Json]) -> list[str]:
    return [result[noun]["acceptor_msp"] for noun in ("redemption", "hold") if noun in result]


def _others(account: str, common: Iterable[str], accounts: Iterable[str]) -> tuple[str, ...]:
    found = dict.fromkeys([*common, *accounts])
    found.pop(account, None)
    return tuple(found)
