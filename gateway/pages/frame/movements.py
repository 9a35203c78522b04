"""Rows of an account's history as people read them: what it was, with which shop, how many points, and what they are
worth. `movements.html` shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.pages.frame.context import Row
from gateway.pages.frame.page_view import PageView
from gateway.pages.words.operations import OPERATIONS

PAYMENT = "Redeem"


def shown_movement(view: PageView, row: Mapping[str, Any]) -> Row:
    """Returns the row with its words: `name`, `amount` (None where its classes count in different units), `value`
    (millionths, with a sign, shown with `digits`) and the same of each part; `partners`, with whom it was; `open` where
    the points are only reserved."""
    parts = [_part(view, part, row["op"]) for part in row["parts"]]
    decimals = {view.classes[part["class_id"]]["decimals"] for part in parts}
    alike = decimals.pop() if len(decimals) == 1 else None
    points = sum(part["shown"] for part in parts)
    exchanged = len({part["shown"] > 0 for part in parts}) > 1  # one kind went and another came: no sum says that
    reserved = row["op"] == "Hold"
    told = view.speech.points if reserved else view.speech.signed
    return {
        **row,
        "name": operation_name(view, row["op"], points),
        "partners": partners(row),
        "amount": None if alike is None or exchanged else told(points, alike),
        "came": points > 0 and not reserved,
        "value": 0 if exchanged else sum(part["value"] for part in parts),
        "digits": view.speech.digits_of_sum(part["value"] for part in parts),
        "open": reserved,
        "untaken": view.speech.points(row["reserved_points"], alike or 0) if row["op"] == "Release" else None,
        "parts": parts,
    }


def _part(view: PageView, part: Mapping[str, Any], op: str) -> Row:
    """Returns a part with its words; what a class's point is worth never changes, so that the value of any is exact."""
    found = view.classes[part["class_id"]]
    reserved = op == "Hold"
    points = part["held"] if reserved else part["points"]
    told = view.speech.points if reserved else view.speech.signed
    given = part["value_millionths"]
    return {
        **part,
        "shown": points,
        "amount": told(points, found["decimals"]),
        "value": points * found["unit_value_millionths"] if given is None else given,
        "owed": _owed(view, part["debt"], found["decimals"]),
        "buckets": [
            {**one, "amount": view.speech.points(abs(one["points"]), found["decimals"])} for one in part["buckets"]
        ],
    }


def _owed(view: PageView, debt: int, decimals: int) -> str | None:
    """Says what became of what the account owes."""
    if not debt:
        return None
    points = view.speech.points(abs(debt), decimals)
    return (
        view.say("%(points)s owed since", points=points)
        if debt > 0
        else view.say("%(points)s paid what was owed", points=points)
    )


def operation_name(view: PageView, op: str, points: int) -> str:
    """Says what a row was, from the account's side."""
    words = OPERATIONS.get(PAYMENT if op == "Capture" else op)
    if words is None:
        return op
    return view.say((words.came if points > 0 else None) or words.moved or words.name)


def partners(row: Mapping[str, Any]) -> list[str]:
    """Returns with whom it was: the shop alone where points were spent, else everybody whom it concerns."""
    return [row["merchant"]] if row["merchant"] else list(row["counterparties"])
