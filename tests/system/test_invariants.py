"""Each invariant, broken on purpose in a state that holds them all, is named; and what is not broken is not."""

from __future__ import annotations

import copy
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chaincode.spec.balances import LOT_FIELDS
from chaincode.spec.canonical import encode
from chaincode.spec.invariants import NAMES, Journal, check
from chaincode.spec.limits import INTEGER_MAX
from chaincode.spec.redemptions import DRAW_FIELDS, REDEMPTION_FIELDS

LOT_ID, POINTS, HELD = (LOT_FIELDS.index(name) for name in ("lot_id", "points", "held"))
ACCEPTOR, DRAWS, WINDOW = (REDEMPTION_FIELDS.index(name) for name in ("acceptor_msp", "draws", "window_id"))
ISSUER, DRAWN, REFUNDED, VALUE = (
    DRAW_FIELDS.index(name) for name in ("issuer_msp", "points", "refunded", "value_millionths")
)
Documents = dict[str, Any]
Sound = tuple[Documents, Journal]


@pytest.fixture(scope="module")
def sound(told_story: Path) -> Sound:
    """The documents of a rich state by key, and the journal of all its events."""
    connection = sqlite3.connect(told_story / "ledger.sqlite")
    documents = {key: json.loads(value) for key, value in connection.execute("SELECT key, value FROM state")}
    journal = Journal()
    for (data,) in connection.execute("SELECT data FROM block WHERE number > 0 ORDER BY number"):
        event = json.loads(data)["event"]
        for entry in json.loads(event)["operations"] if event else []:
            journal.post(entry["postings"])
    connection.close()
    return documents, journal


def breaches(documents: Documents, journal: Journal | None) -> dict[str, list[str]]:
    found = check({key: encode(value) for key, value in documents.items()}, journal)
    return {name: texts for name, texts in found.items() if texts}


def one(documents: Documents, prefix: str, **wanted: Any) -> Any:
    """The first document under a prefix that has these values."""
    for key in sorted(documents):
        if key.startswith(prefix) and all(documents[key].get(name) == value for name, value in wanted.items()):
            return documents[key]
    raise AssertionError(f"nothing under {prefix} with {wanted}")


def lot_with_points(documents: Documents) -> Any:
    return next(
        lot
        for key, balance in sorted(documents.items())
        if key.startswith("balance/")
        for lot in balance["lots"]
        if lot[POINTS] > lot[HELD] > 0
    )


def set_in(
    place: Callable[[Documents], Any], name: str | int, change: Callable[[Any], Any]
) -> Callable[[Documents], None]:
    """A break: `change` of one value."""

    def apply(documents: Documents) -> None:
        document = place(documents)
        document[name] = change(document[name])

    return apply


def plus(number: int) -> Callable[[Any], Any]:
    return lambda value: value + number


def reverse_lots(documents: Documents) -> None:
    balance = next(
        value for key, value in sorted(documents.items()) if key.startswith("balance/") and len(value["lots"]) > 1
    )
    balance["lots"].reverse()


def lose_a_redemption(documents: Documents) -> None:
    del documents[min(key for key in documents if key.startswith("redemption/"))]


def lose_a_hold(documents: Documents) -> None:
    del documents[next(key for key in documents if key.startswith("hold/") and documents[key]["status"] == "RESERVED")]


def lose_an_issuance(documents: Documents) -> None:
    lot_id = lot_with_points(documents)[LOT_ID]
    del documents[f"issuance/north/{lot_id}"]


def issue_elsewhere(documents: Documents) -> None:
    flows = copy.deepcopy(one(documents, "supply/north/northstar/"))
    documents["supply/north/harbor/15"] = {name: 1 if name == "issued" else 0 for name in flows}


def in_supply(documents: Documents) -> Any:
    return one(documents, "supply/north/northstar/")


def in_window(documents: Documents) -> Any:
    return one(documents, "window/")


def in_matrix(documents: Documents) -> Any:
    return one(documents, "matrix/")["rows"][0]


def in_statement(documents: Documents) -> Any:
    return one(documents, "statement/")


def in_content(documents: Documents) -> Any:
    return in_statement(documents)["content"]


def half_closed(documents: Documents) -> None:
    in_window(documents)["status"] = "CLOSING"


def past_what_a_window_can_net(documents: Documents) -> None:
    """What two lanes came to by redeeming and refunding in turn, before a lane's sums were bounded."""
    position = in_position(documents)
    position["refunded_millionths"] += INTEGER_MAX - position["redeemed_millionths"]
    position["redeemed_millionths"] = INTEGER_MAX


def in_net(documents: Documents) -> Any:
    return in_window(documents)["net"][0]


def in_payment(documents: Documents) -> Any:
    return in_window(documents)["payments"][0]


def in_redemption(documents: Documents) -> Any:
    return one(documents, "redemption/")


def in_draw(documents: Documents) -> Any:
    return next(
        draw
        for key, redemption in sorted(documents.items())
        if key.startswith("redemption/")
        for draw in redemption[DRAWS]
        if draw[ISSUER] != redemption[ACCEPTOR]
    )


def in_position(documents: Documents) -> Any:
    return one(documents, "position/")


def in_cover(documents: Documents) -> Any:
    return one(documents, "cover/northstar")


def in_limit(documents: Documents) -> Any:
    return one(documents, "limit/northstar/")


def in_allowance(documents: Documents) -> Any:
    return one(documents, "allowance/")


def in_merchant(documents: Documents) -> Any:
    return one(documents, "merchant/northstar")


def in_member(documents: Documents) -> Any:
    return one(documents, "member/")


BREAKS: list[tuple[str, str, Callable[[Documents], None]]] = [
    ("supply_equals_lots", "a point from nowhere", set_in(lot_with_points, POINTS, plus(1))),
    ("supply_equals_lots", "expired twice", set_in(in_supply, "expired", plus(7))),
    ("supply_equals_lots", "a negative flow", set_in(in_supply, "restored", lambda value: -1)),
    ("held_equals_open_holds", "held for nobody", set_in(lot_with_points, HELD, plus(1))),
    ("held_equals_open_holds", "a hold lost", lose_a_hold),
    ("windows_net_to_zero", "net off by one", set_in(in_net, "net_minor", plus(1))),
    ("windows_net_to_zero", "matrix off by one", set_in(in_matrix, "redeemed_millionths", plus(1))),
    ("windows_net_to_zero", "a statement off by one", set_in(in_content, "net_minor", plus(1))),
    ("windows_net_to_zero", "a statement of another hash", set_in(in_statement, "sha256", lambda value: "0" * 64)),
    ("windows_net_to_zero", "a statement taken back", set_in(in_statement, "status", lambda value: "PENDING")),
    ("windows_net_to_zero", "settled and not paid", set_in(in_payment, "status", lambda value: "DUE")),
    ("windows_net_to_zero", "closing without a trace", half_closed),
    ("windows_net_to_zero", "payment off by one", set_in(in_payment, "amount_minor", plus(1))),
    ("redemptions_stand_in_a_window", "a redemption lost", lose_a_redemption),
    ("redemptions_stand_in_a_window", "in a window to come", set_in(in_redemption, WINDOW, plus(9))),
    ("redemptions_stand_in_a_window", "more drawn than counted", set_in(in_draw, DRAWN, plus(1))),
    ("redemptions_stand_in_a_window", "refunded more than drawn", set_in(in_draw, REFUNDED, plus(10**6))),
    ("redemptions_stand_in_a_window", "a value changed", set_in(in_draw, VALUE, plus(1))),
    ("lots_within_their_origin", "a negative lot", set_in(lot_with_points, POINTS, lambda value: -value)),
    ("lots_within_their_origin", "more than was issued", set_in(lot_with_points, POINTS, plus(10**6))),
    ("lots_within_their_origin", "more held than there is", set_in(lot_with_points, HELD, plus(10**6))),
    ("lots_within_their_origin", "never issued", lose_an_issuance),
    ("lots_within_their_origin", "out of draw order", reverse_lots),
    ("points_only_through_the_issuer", "issued by another", issue_elsewhere),
    ("points_only_through_the_issuer", "counted but not issued", set_in(in_supply, "issued", plus(5))),
    (
        "points_only_through_the_issuer",
        "redeemed in the wrong column",
        set_in(in_supply, "redeemed_elsewhere", plus(5)),
    ),
    ("limits_kept", "cover given out unbooked", set_in(in_limit, "cover_millionths", plus(1))),
    ("limits_kept", "more cover than posted", set_in(in_cover, "posted_millionths", lambda value: 1)),
    ("limits_kept", "an allowance of nothing", set_in(in_allowance, "points", lambda value: 0)),
    ("limits_kept", "a window that cannot be closed", past_what_a_window_can_net),
    ("merchants_joined", "taken in by another's word", set_in(in_merchant, "invited_until", lambda value: 1)),
    ("merchants_joined", "a member of nobody", set_in(in_member, "home_msp", lambda value: "nobody")),
    ("limits_kept", "a negative position", set_in(in_position, "refunded_millionths", lambda value: -1)),
]


def test_all_hold(sound: Sound) -> None:
    assert breaches(*sound) == {}
    assert breaches(sound[0], None) == {}


def test_every_invariant_has_a_break() -> None:
    assert {name for name, _, _ in BREAKS} == set(NAMES)


@pytest.mark.parametrize(("name", "title", "apply"), BREAKS, ids=[title for _, title, _ in BREAKS])
def test_a_break_is_named(sound: Sound, name: str, title: str, apply: Callable[[Documents], None]) -> None:
    documents = copy.deepcopy(sound[0])
    apply(documents)
    assert name in breaches(documents, sound[1])


def test_points_that_moved_without_a_posting_are_found(sound: Sound) -> None:
    documents, journal = copy.deepcopy(sound)
    class_id, account, lot_id = next(place for place, points in sorted(journal.points.items()) if points > 0)
    journal.points[class_id, account, lot_id] -= 1
    found = breaches(documents, journal)
    assert found == {"lots_within_their_origin": ["the postings of all events do not add up to the lots"]}
