"""The way of points: from their issuances, without a gap, with nothing that has no part in it, and just as the spec's lineage says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from chaincode.cases.world import CLASSES, PEOPLE, class_args
from chaincode.spec.kernel.calendar import date_of, day_at, day_number
from chaincode.spec.lineage import Lineage, issued_by
from gateway.core.cursors import encode_cursor
from gateway.core.errors import GatewayError
from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.projection.fold.projector import Projector
from gateway.projection.projection import Projection
from gateway.projection.queries import lot_trace
from gateway.projection.queries.lot_trace import BucketOrigin
from gateway.store.engine import Store
from tests.scenes.chain import ACCOUNTS, ChainWorld

ALICE, BOB, CAROL = (PEOPLE[name].address for name in ("alice", "bob", "carol"))
CLASS = next(iter(CLASSES))


async def project(
    store: Store, open_ledger: Callable[[ChainWorld], EmbeddedLedger], world: ChainWorld
) -> tuple[Projection, Lineage]:
    """A projection of the chain as it is, and the spec's lineage of it."""
    lineage = Lineage()
    async with open_ledger(world) as ledger:
        await Projector(store, ledger).catch_up()
        async for block in ledger.blocks(0, await ledger.height() - 1):
            for transaction in block.transactions:
                for operation in json.loads(transaction.event)["operations"] if transaction.event else ():
                    lineage.take(operation)
    return Projection(store, clock=lambda: world.now), lineage


def send(world: ChainWorld, member: str, to: str, points: int, class_id: str = "round") -> None:
    """A transfer of points that never expire."""
    args = {"class_id": class_id, "recipients": [{"address": to, "points": points}]}
    world.do("Transfer", args, member=member)


def told_parcels(projection: Projection, place: Any) -> list[tuple[str, int]]:
    """A place's parcels, page by page, as the spec gives them."""
    class_id, account, expires, available = place
    named = {"expires_on": date_of(expires), "available_on": date_of(available)}
    found: list[tuple[str, int]] = []
    cursor = None
    while True:
        origin = projection.origins.of_bucket(account, class_id, cursor=cursor, **named)
        check_links(origin)
        for parcel in origin.parcels:
            points = found.pop()[1] if found and found[-1][0] == parcel.issuance_id else 0
            found.append((parcel.issuance_id, points + parcel.points))
        cursor = origin.next
        if cursor is None:
            assert origin.complete
            return found


def check_links(found: lot_trace.Lineage) -> None:
    """Each posting is joined to others as the law says: what went had come to the same place before, what came by a transfer went with the same last day."""
    moves = {(step.operation.cursor, move.posting): move for step in found.steps for move in step.moves}
    order = {step.operation.cursor: place for place, step in enumerate(found.steps)}
    into: Counter[Any] = Counter()
    for link in found.links:
        source, to = (moves[end.cursor, end.posting] for end in (link.source, link.to))
        into[link.to.cursor, link.to.posting] += link.points
        assert source.class_id == to.class_id
        assert 0 < link.points <= min(abs(source.points), abs(to.points))
        assert order[link.source.cursor] <= order[link.to.cursor]
        if to.points < 0:
            assert source.points > 0
            assert (source.account, source.expires_on, source.available_on) == (
                to.account,
                to.expires_on,
                to.available_on,
            )
        else:
            assert source.points < 0
    assert all(points <= abs(moves[name].points) for name, points in into.items())


async def test_every_bucket_of_a_random_chain_is_fed_as_the_spec_says(
    store: Store, open_ledger: Callable[[ChainWorld], EmbeddedLedger], random_chain: ChainWorld
) -> None:
    projection, lineage = await project(store, open_ledger, random_chain)
    assert len(lineage.parcels) > 10
    for place, parcels in lineage.parcels.items():
        assert told_parcels(projection, place) == list(parcels), place


async def test_every_issuance_of_a_random_chain_went_where_the_spec_says(
    store: Store, open_ledger: Callable[[ChainWorld], EmbeddedLedger], random_chain: ChainWorld
) -> None:
    projection, lineage = await project(store, open_ledger, random_chain)
    went: Counter[str] = Counter()
    made: dict[tuple[str, str], list[int]] = {}  # the places of the operations: a forgotten request's id may come again
    for operation in projection.log.operations(limit=10_000).items:
        if operation.result.keys() & {"issuance", "issuances"}:
            class_id = operation.args.get("to_class_id", operation.args.get("class_id"))
            for name in issued_by(operation.result):
                made.setdefault((class_id, name), []).append(operation.cursor)
    assert made.keys() == lineage.issued.keys()
    for class_id, issuance_id in lineage.issued:
        found = projection.origins.of_issuance(class_id, issuance_id)
        check_links(found)
        newest, *earlier = made[class_id, issuance_id]
        assert found.issued_by.cursor == newest
        if earlier:
            continue
        expected = lineage.whereabouts(class_id, issuance_id)
        held = {
            (class_id, one.account, day_number(one.expires_on), day_number(one.available_on)): one.points
            for one in found.held
        }
        assert found.complete
        assert held == expected.held
        assert {one.redemption_id: one.points for one in found.redeemed} == expected.redeemed
        assert (found.expired, found.reversed) == (expected.expired, expected.reversed)
        everywhere = sum(held.values()) + sum(one.points for one in found.redeemed) + found.expired + found.reversed
        assert found.issuance["points"] == found.debt_paid + everywhere
        went.update(held=len(held), redeemed=len(found.redeemed), expired=found.expired, reversed=found.reversed)
    assert all(went[name] for name in ("held", "redeemed", "expired")), went


async def test_every_redemption_of_a_random_chain_was_fed_as_the_spec_says(
    store: Store, open_ledger: Callable[[ChainWorld], EmbeddedLedger], random_chain: ChainWorld
) -> None:
    projection, lineage = await project(store, open_ledger, random_chain)
    for redemption_id, parts in lineage.redeemed.items():
        found = projection.origins.of_redemption(redemption_id)
        check_links(found)
        assert sum(parcel.points for parcel in found.parcels) == found.points
        fed = Counter({(one.class_id, one.issuance_id): 0 for one in found.parcels})
        for parcel in found.parcels:
            fed[parcel.class_id, parcel.issuance_id] += parcel.points
        for (class_id, _), parcels in parts.items():
            for issuance_id, points in parcels:
                fed[class_id, issuance_id] -= points
        assert min(fed.values()) >= 0, "what has not come back was drawn"


async def test_a_way_is_told_from_the_issuance_on_and_others_are_left_out(
    store: Store, open_ledger: Callable[[ChainWorld], EmbeddedLedger], growing_chain: ChainWorld
) -> None:
    growing_chain.do("DefineClass", class_args("round", validity={"kind": "NEVER"}))
    growing_chain.do("Issue", {"address": ALICE, "class_id": "round", "points": 10})
    growing_chain.do("Issue", {"address": ALICE, "class_id": "round", "points": 5})
    send(growing_chain, "alice", BOB, 6)
    send(growing_chain, "bob", CAROL, 4)
    send(growing_chain, "bob", ALICE, 2)
    send(growing_chain, "alice", CAROL, 5)
    send(growing_chain, "carol", BOB, 1)
    projection, lineage = await project(store, open_ledger, growing_chain)
    found = projection.origins.of_bucket(CAROL, "round")
    check_links(found)
    told = [(step.operation.op, [(move.account, move.points) for move in step.moves]) for step in found.steps]
    assert told == [
        ("Issue", [(ALICE, 10)]),
        ("Issue", [(ALICE, 5)]),
        ("Transfer", [(BOB, 6), (ALICE, -6)]),
        ("Transfer", [(CAROL, 4), (BOB, -4)]),
        ("Transfer", [(CAROL, 5), (ALICE, -5)]),
    ]
    assert [parcel.points for parcel in found.parcels] == [7, 1]
    assert told_parcels(projection, ("round", CAROL, None, None)) == lineage.origins("round", CAROL, None)


async def test_a_refund_comes_back_from_its_draw_the_last_first(
    store: Store, open_ledger: Callable[[ChainWorld], EmbeddedLedger], growing_chain: ChainWorld
) -> None:
    growing_chain.do("DefineClass", class_args("round", validity={"kind": "NEVER"}))
    made = [
        growing_chain.do("Issue", {"address": ALICE, "class_id": "round", "points": points})["issuance"]["issuance_id"]
        for points in (10, 20, 30)
    ]
    spend = {"acceptor_msp": "lotus", "class_ids": ["round"], "order_ref": "x", "points": 60}
    redemption_id = growing_chain.do("Redeem", spend, "lotus", member="alice")["redemption"]["redemption_id"]
    growing_chain.do("Refund", {"points": 35, "redemption_id": redemption_id}, "lotus")
    growing_chain.do("Refund", {"points": 20, "redemption_id": redemption_id}, "lotus")
    args = {"class_id": "round", "recipients": [{"address": BOB, "points": 45}]}
    growing_chain.do("Transfer", args, member="alice")
    projection, lineage = await project(store, open_ledger, growing_chain)
    place = ("round", BOB, None, None)
    assert told_parcels(projection, place) == [(made[2], 30), (made[1], 15)] == lineage.origins(*place)
    found = projection.origins.of_issuance("round", made[0])
    assert [one.points for one in found.redeemed] == [5]
    assert [one.points for one in found.held] == [5]


async def test_a_debt_that_was_paid_came_nowhere(
    store: Store, open_ledger: Callable[[ChainWorld], EmbeddedLedger], growing_chain: ChainWorld
) -> None:
    growing_chain.do("DefineClass", class_args("owed", debt=True))
    given = growing_chain.do("Issue", {"address": ALICE, "class_id": "owed", "points": 50})["issuance"]
    args = {"class_id": "owed", "recipients": [{"address": BOB, "points": 50}]}
    growing_chain.do("Transfer", args, member="alice")
    back = {"account": ALICE, "class_id": "owed", "points": 30, "reason": "returned"}
    growing_chain.do("ReverseIssue", {**back, "issuance_id": given["issuance_id"]})
    paid = growing_chain.do("Accrue", {"address": ALICE, "amount_minor": 2_000, "class_id": "owed"})["issuance"]
    projection, _ = await project(store, open_ledger, growing_chain)
    (balance,) = [one for one in projection.accounts.balances(ALICE).balances if one.class_id == "owed"]
    assert (balance.points, balance.debt, balance.buckets) == (0, 10, [])
    found = projection.origins.of_issuance("owed", paid["issuance_id"])
    assert (found.debt_paid, found.held, found.steps) == (20, [], [])
    newest = projection.movements.of_account(ALICE).items
    assert [part.debt for row in newest[:2] for part in row.parts] == [-20, 30]
    growing_chain.do("Issue", {"address": ALICE, "class_id": "owed", "points": 30})
    growing_chain.do("ReverseIssue", {**back, "issuance_id": given["issuance_id"], "points": 5})
    projection, lineage = await project(store, open_ledger, growing_chain)
    assert lineage.reversed.total() == 5


async def test_what_one_operation_moved_leads_to_its_issuances(
    store: Store, open_ledger: Callable[[ChainWorld], EmbeddedLedger], growing_chain: ChainWorld
) -> None:
    growing_chain.do("DefineClass", class_args("round", validity={"kind": "NEVER"}))
    for points in (10, 5):
        growing_chain.do("Issue", {"address": ALICE, "class_id": "round", "points": points})
    send(growing_chain, "alice", BOB, 12)
    send(growing_chain, "bob", ALICE, 11)
    projection, _ = await project(store, open_ledger, growing_chain)
    back, sent, *given = projection.movements.of_account(ALICE, class_id="round").items
    found = projection.origins.of_movement(ALICE, sent.cursor)
    check_links(found)
    assert (found.went, found.points, [parcel.points for parcel in found.parcels]) == (True, 12, [10, 2])
    found = projection.origins.of_movement(ALICE, back.cursor)
    check_links(found)
    assert (found.went, found.points, [parcel.points for parcel in found.parcels]) == (False, 11, [10, 1])
    assert [step.operation.op for step in found.steps] == ["Issue", "Issue", "Transfer", "Transfer"]
    found = projection.origins.of_movement(ALICE, given[-1].cursor)
    assert (found.points, len(found.steps)) == (10, 1)
    for account, cursor in ((CAROL, sent.cursor), (ALICE, "99-0-0")):
        with pytest.raises(GatewayError) as refused:
            projection.origins.of_movement(account, cursor)
        assert refused.value.code == "OBJECT_UNKNOWN"


async def test_what_may_be_spent_by_now_is_in_its_bucket(
    store: Store,
    open_ledger: Callable[[ChainWorld], EmbeddedLedger],
    growing_chain: ChainWorld,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lot_trace, "STEPS_MAX", 2)
    growing_chain.do("DefineClass", class_args("slow", waiting_days=2, validity={"kind": "NEVER"}))
    today = date_of(day_at(growing_chain.now, {"offsets": [[0, 28_800]]}))
    for points, more in ((5, {"available_on": today}), (7, {}), (9, {})):
        growing_chain.do("Issue", {"address": ALICE, "class_id": "slow", "points": points, **more})
    projection, lineage = await project(store, open_ledger, growing_chain)
    place = ("slow", ALICE, None, None)
    assert told_parcels(projection, place) == lineage.origins(*place)
    (waiting,) = [place for place in lineage.parcels if place[0] == "slow" and place[3] is not None]
    assert told_parcels(projection, waiting) == lineage.origins(*waiting)
    growing_chain.later(days=2)
    assert [points for _, points in told_parcels(projection, place)] == [5, 7, 9], "nobody has touched them"
    second = projection.origins.of_bucket(ALICE, "slow", cursor=projection.origins.of_bucket(ALICE, "slow").next)
    send(growing_chain, "alice", BOB, 5, "slow")
    projection, lineage = await project(store, open_ledger, growing_chain)
    assert told_parcels(projection, place) == lineage.origins(*place)
    again = projection.origins.of_bucket(
        ALICE, "slow", cursor=encode_cursor("origin", {"account": ALICE, "class_id": "slow"}, 12)
    )
    assert again.parcels == second.parcels, "a cursor holds over it"


async def test_a_long_way_is_told_in_parts(
    store: Store,
    open_ledger: Callable[[ChainWorld], EmbeddedLedger],
    growing_chain: ChainWorld,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lot_trace, "STEPS_MAX", 5)
    growing_chain.do("DefineClass", class_args("round", validity={"kind": "NEVER"}))
    for _ in range(7):
        growing_chain.do("Issue", {"address": ALICE, "class_id": "round", "points": 3})
    projection, lineage = await project(store, open_ledger, growing_chain)
    place = ("round", ALICE, None, None)
    first: BucketOrigin = projection.origins.of_bucket(ALICE, "round")
    assert (len(first.steps), first.complete, sum(one.points for one in first.parcels)) == (5, False, 15)
    assert told_parcels(projection, place) == lineage.origins(*place)
    with pytest.raises(GatewayError) as refused:
        projection.origins.of_bucket(BOB, "round", cursor=first.next)
    assert refused.value.code in ("CURSOR_INVALID", "OBJECT_UNKNOWN")


async def test_points_that_were_passed_on_too_often_are_not_told_by_halves(
    store: Store,
    open_ledger: Callable[[ChainWorld], EmbeddedLedger],
    growing_chain: ChainWorld,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lot_trace, "STEPS_MAX", 5)
    growing_chain.do("DefineClass", class_args("round", validity={"kind": "NEVER"}))
    growing_chain.do("Issue", {"address": ALICE, "class_id": "round", "points": 10})
    for _ in range(3):
        send(growing_chain, "alice", BOB, 10)
        send(growing_chain, "bob", ALICE, 10)
    projection, _ = await project(store, open_ledger, growing_chain)
    found = projection.origins.of_bucket(ALICE, "round")
    assert (found.complete, found.steps, found.parcels, found.links, found.next) == (False, [], [], [], None)


async def test_what_nobody_has_or_made_is_unknown(projection: Projection) -> None:
    for ask in (
        lambda: projection.origins.of_bucket(CAROL, CLASS, expires_on="2001-01-01"),
        lambda: projection.origins.of_redemption("nobody/nothing"),
        lambda: projection.origins.of_issuance(CLASS, "nothing.0"),
    ):
        with pytest.raises(GatewayError) as refused:
            ask()
        assert refused.value.code == "OBJECT_UNKNOWN"
    with pytest.raises(GatewayError) as refused:
        projection.origins.of_bucket(CAROL, CLASS, expires_on="2001-13-01")
    assert refused.value.code == "REQUEST_MALFORMED"


async def test_a_block_is_known_by_whom_it_changed(projection: Projection, random_chain: ChainWorld) -> None:
    assert not projection.origins.has_operations(0), "the genesis block holds the network's configuration"
    assert projection.origins.has_operations(1)
    number = next(item.block_number for item in projection.accounts.history(account=ACCOUNTS[0], limit=1).items)
    assert projection.origins.touches(ACCOUNTS[0], number)
    assert not projection.origins.touches(ACCOUNTS[0], 0)
