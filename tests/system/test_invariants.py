"""Each invariant, broken on purpose in a state that holds them all, is named; and what is not broken is not."""

from __future__ import annotations

import copy
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chaincode.spec.invariants import NAMES, Journal, check
from chaincode.spec.kernel.canonical import encode
from chaincode.spec.kernel.limits import INTEGER_MAX, REQUEST_GRACE_SECONDS
from chaincode.spec.kernel.redemptions import DRAW_FIELDS, REDEMPTION_FIELDS
from chaincode.spec.kernel.requests import TX_ID, UNTIL

DAY = 86_400
POINTS, HELD = 1, 2
"""In a stored bucket."""
ACCEPTOR, DRAWS, WINDOW = (REDEMPTION_FIELDS.index(name) for name in ("acceptor_msp", "draws", "window_id"))
ISSUER, DRAWN, REFUNDED, VALUE = (
    DRAW_FIELDS.index(name) for name in ("issuer_msp", "points", "refunded", "value_millionths")
)
Documents = dict[str, Any]
Sound = tuple[Documents, Journal, int]


@pytest.fixture(scope="module")
def sound(told_story: Path) -> Sound:
    """The documents of a rich state by key, the journal of all its events, and the time of the latest."""
    connection = sqlite3.connect(told_story / "ledger.sqlite")
    documents = {key: json.loads(value) for key, value in connection.execute("SELECT key, value FROM state")}
    journal, latest = Journal(), 0
    for (data,) in connection.execute("SELECT data FROM block WHERE number > 0 ORDER BY number"):
        block = json.loads(data)
        event, latest = block["event"], max(latest, block["now"])
        for entry in json.loads(event)["operations"] if event else []:
            journal.post(entry["postings"])
    connection.close()
    return documents, journal, latest


def breaches(documents: Documents, journal: Journal | None, latest: int) -> dict[str, list[str]]:
    found = check({key: encode(value) for key, value in documents.items()}, journal, now=latest)
    return {name: texts for name, texts in found.items() if texts}


def one(documents: Documents, prefix: str, **wanted: Any) -> Any:
    """The first document under a prefix that has these values."""
    for key in sorted(documents):
        if key.startswith(prefix) and all(documents[key].get(name) == value for name, value in wanted.items()):
            return documents[key]
    raise AssertionError(f"nothing under {prefix} with {wanted}")


def held_bucket(documents: Documents) -> Any:
    return next(
        bucket
        for key, balance in sorted(documents.items())
        if key.startswith("balance/")
        for bucket in balance[0]
        if bucket[POINTS] > bucket[HELD] > 0
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


def disorder_buckets(documents: Documents) -> None:
    bucket = held_bucket(documents)
    balance = next(value for key, value in documents.items() if key.startswith("balance/") and bucket in value[0])
    bucket[POINTS] -= 1
    balance[0].append([bucket[0] - 1, 1, 0])


def owe_for_nothing(documents: Documents) -> None:
    documents[next(key for key in sorted(documents) if key.startswith("balance/"))][2] += 5


def remember_twice(documents: Documents) -> None:
    entries = next(value[3] for key, value in sorted(documents.items()) if key.startswith("balance/") and value[3])
    entries.append(entries[0])


def remember_elsewhere(documents: Documents) -> None:
    """A memory under a key of its own, of which the balance says nothing."""
    key, balance = next(
        (key, value) for key, value in sorted(documents.items()) if key.startswith("balance/") and value[3]
    )
    entry = balance[3][0]
    documents[f"memory/{key}/northstar/other"] = [*entry[1:UNTIL], 10**12, *entry[TX_ID:]]


def lose_a_redemption(documents: Documents) -> None:
    del documents[min(key for key in documents if key.startswith("redemption/"))]


def lose_a_hold(documents: Documents) -> None:
    del documents[next(key for key in documents if key.startswith("hold/") and documents[key]["status"] == "RESERVED")]


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


def in_remittance(documents: Documents) -> Any:
    return in_payment(documents)["remittances"][-1]


def record_twice(documents: Documents) -> None:
    recorded = in_payment(documents)["remittances"]
    recorded[-2]["reference"] = recorded[-1]["reference"]


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


def in_netted(documents: Documents) -> Any:
    return one(documents, "position/00000001/northstar/harbor/")


def in_dispute(documents: Documents) -> Any:
    return one(documents, "dispute/", status="SPLIT")


def lose_the_disputed(documents: Documents) -> None:
    del documents[f"redemption/{in_dispute(documents)['redemption_id']}"]


VOTE = {"msp_id": "nobody", "vote": "SPLIT", "voted_at": 0}


def in_cover(documents: Documents) -> Any:
    return one(documents, "cover/northstar")


def in_limit(documents: Documents) -> Any:
    return one(documents, "limit/northstar/")


def in_allowance(documents: Documents) -> Any:
    return one(documents, "allowance/")


def in_merchant(documents: Documents) -> Any:
    return one(documents, "merchant/northstar")


def in_member(documents: Documents) -> Any:
    return one(documents, "member/", successor=None)


def in_proposal(documents: Documents) -> Any:
    return one(documents, "proposal/")


def propose_twice(documents: Documents) -> None:
    proposal = in_proposal(documents)
    other = {**proposal, "proposal_id": proposal["proposal_id"] + "-b", "decided_at": proposal["decided_at"] + DAY}
    documents[f"proposal/{proposal['proposal_id']}"] = {**proposal, "decided_at": other["decided_at"]}
    documents[f"proposal/{other['proposal_id']}"] = other


BREAKS: list[tuple[str, str, Callable[[Documents], None]]] = [
    ("supply_equals_buckets", "a point from nowhere", set_in(held_bucket, POINTS, plus(1))),
    ("supply_equals_buckets", "expired twice", set_in(in_supply, "expired", plus(7))),
    ("supply_equals_buckets", "a negative flow", set_in(in_supply, "restored", lambda value: -1)),
    ("held_equals_open_holds", "held for nobody", set_in(held_bucket, HELD, plus(1))),
    ("held_equals_open_holds", "a hold lost", lose_a_hold),
    ("windows_net_to_zero", "net off by one", set_in(in_net, "net_minor", plus(1))),
    ("windows_net_to_zero", "matrix off by one", set_in(in_matrix, "redeemed_millionths", plus(1))),
    ("windows_net_to_zero", "a statement off by one", set_in(in_content, "net_minor", plus(1))),
    ("windows_net_to_zero", "a statement of another hash", set_in(in_statement, "sha256", lambda value: "0" * 64)),
    ("windows_net_to_zero", "a statement taken back", set_in(in_statement, "status", lambda value: "PENDING")),
    ("windows_net_to_zero", "settled and not paid", set_in(in_payment, "status", lambda value: "DUE")),
    ("windows_net_to_zero", "closing without a trace", half_closed),
    ("windows_net_to_zero", "due off by one", set_in(in_payment, "due_minor", plus(1))),
    ("windows_net_to_zero", "a part of it off by one", set_in(in_remittance, "amount_minor", plus(-1))),
    ("windows_net_to_zero", "a part of it not confirmed", set_in(in_remittance, "status", lambda value: "PAID")),
    ("windows_net_to_zero", "a part of it ended and counted", set_in(in_remittance, "ended_at", lambda value: 1)),
    ("windows_net_to_zero", "a reference twice", record_twice),
    ("windows_net_to_zero", "payment off by one", set_in(in_payment, "amount_minor", plus(1))),
    ("redemptions_stand_in_a_window", "a redemption lost", lose_a_redemption),
    ("redemptions_stand_in_a_window", "in a window to come", set_in(in_redemption, WINDOW, plus(9))),
    ("redemptions_stand_in_a_window", "more drawn than counted", set_in(in_draw, DRAWN, plus(1))),
    ("redemptions_stand_in_a_window", "refunded more than drawn", set_in(in_draw, REFUNDED, plus(10**6))),
    ("redemptions_stand_in_a_window", "a value changed", set_in(in_draw, VALUE, plus(1))),
    ("supply_equals_buckets", "a debt of nobody", owe_for_nothing),
    ("postings_add_up_to_balances", "a negative bucket", set_in(held_bucket, POINTS, lambda value: -value)),
    ("postings_add_up_to_balances", "more than was issued", set_in(held_bucket, POINTS, plus(10**6))),
    ("postings_add_up_to_balances", "more held than there is", set_in(held_bucket, HELD, plus(10**6))),
    ("postings_add_up_to_balances", "out of draw order", disorder_buckets),
    ("points_only_through_the_issuer", "issued by another", issue_elsewhere),
    ("supply_equals_buckets", "counted but not issued", set_in(in_supply, "issued", plus(5))),
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
    ("merchants_joined", "suspended by vote and active", set_in(in_merchant, "suspended_by", lambda value: "a vote")),
    ("merchants_joined", "active and leaving", set_in(in_merchant, "run_off_until", lambda value: "2026-04-01")),
    ("proposals_decided_by_votes", "passed without votes", set_in(in_proposal, "votes", lambda value: [])),
    ("proposals_decided_by_votes", "by too few", set_in(in_proposal, "needed", lambda value: 1)),
    ("proposals_decided_by_votes", "voted twice", set_in(in_proposal, "votes", lambda value: [value[0], value[0]])),
    ("proposals_decided_by_votes", "the same open twice", propose_twice),
    ("disputes_move_whole_amounts", "more disputed than moved", set_in(in_dispute, "amount_minor", plus(1))),
    ("disputes_move_whole_amounts", "booked twice", set_in(in_dispute, "booked_minor", plus(1))),
    ("disputes_move_whole_amounts", "booked elsewhere", set_in(in_dispute, "booked_window", plus(-1))),
    ("disputes_move_whole_amounts", "ended and open", set_in(in_dispute, "status", lambda value: "DISPUTED")),
    ("disputes_move_whole_amounts", "a vote of nobody", set_in(in_dispute, "votes", lambda value: [VOTE])),
    ("disputes_move_whole_amounts", "of a redemption lost", lose_the_disputed),
    ("held_equals_open_holds", "nothing reserved for it", set_in(in_dispute, "status", lambda value: "DISPUTED")),
    ("windows_net_to_zero", "disputed and not stated", set_in(in_content, "disputed_minor", plus(1))),
    ("windows_net_to_zero", "moved by nobody", set_in(in_netted, "adjusted_millionths", plus(-1))),
    ("limits_kept", "more disputed than redeemed", set_in(in_position, "adjusted_millionths", lambda v: -(10**12))),
    ("successors_enrolled", "two accounts of one", set_in(in_member, "successor", lambda value: "jf1")),
    ("memory_in_place", "a request remembered twice", remember_twice),
    ("memory_in_place", "a memory that nobody looks for", remember_elsewhere),
    ("limits_kept", "a negative position", set_in(in_position, "refunded_millionths", lambda value: -1)),
]


def test_all_hold(sound: Sound) -> None:
    assert breaches(*sound) == {}
    assert breaches(sound[0], None, sound[2]) == {}


def test_every_invariant_has_a_break() -> None:
    assert {name for name, _, _ in BREAKS} == set(NAMES)


@pytest.mark.parametrize(("name", "title", "apply"), BREAKS, ids=[title for _, title, _ in BREAKS])
def test_a_break_is_named(sound: Sound, name: str, title: str, apply: Callable[[Documents], None]) -> None:
    documents = copy.deepcopy(sound[0])
    apply(documents)
    assert name in breaches(documents, *sound[1:])


def test_what_may_have_been_swept_is_no_breach(sound: Sound) -> None:
    """When all refund days are over and all requests forgotten, a redemption that is gone was swept; none stands that
    nobody counted, and positions are still what was redeemed."""
    documents, journal, latest = copy.deepcopy(sound)
    lose_a_redemption(documents)
    name = "redemptions_stand_in_a_window"
    days = documents["consortium"]["refund_days"]
    assert days * DAY > REQUEST_GRACE_SECONDS
    opened_at = documents["window/00000001"]["opened_at"]
    assert breaches(documents, journal, opened_at + days * DAY)[name]
    long_after = latest + (days + 2) * DAY
    assert breaches(documents, journal, long_after) == {}
    for part, field, change in (
        (in_draw, DRAWN, plus(10**6)),
        (in_draw, REFUNDED, plus(10**6)),
        (in_draw, VALUE, plus(10**12)),
        (in_position, "redeemed_millionths", plus(1)),
        (in_position, "refunded_millionths", plus(1)),
    ):
        broken = copy.deepcopy(documents)
        set_in(part, field, change)(broken)
        assert breaches(broken, journal, long_after)[name]


def test_points_that_moved_without_a_posting_are_found(sound: Sound) -> None:
    documents, journal, latest = copy.deepcopy(sound)
    place = next(place for place, points in sorted(journal.points.items(), key=str) if points > 0)
    journal.points[place] -= 1
    found = breaches(documents, journal, latest)
    assert found == {"postings_add_up_to_balances": ["the postings of all events do not add up to the buckets"]}
