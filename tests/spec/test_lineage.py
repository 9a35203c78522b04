"""Which issuances fed which points: the vectors, and what `breaches` finds."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from chaincode.cases import lineage as scenes
from chaincode.cases.world import ALICE, BOB, PEOPLE, class_args, issue, standard
from chaincode.cases.writing import FOLDER
from chaincode.spec.lineage import POINTS_PARTS, PROBLEMS_MAX, Amounts, Issued, Lineage, Moved, read

FILES = sorted((FOLDER / "lineage").glob("*.json"))


def documents(world: scenes.Recorded, noun: str) -> dict[str, Any]:
    """The state's documents of a noun, by the rest of their keys."""
    prefix = f"{noun}/"
    return {
        key.removeprefix(prefix): json.loads(value)
        for key, value in world.state.values.items()
        if key.startswith(prefix)
    }


def breaches(lineage: Lineage | Amounts, world: scenes.Recorded) -> list[str]:
    return lineage.breaches(documents(world, "balance"), documents(world, "supply"))


def followed(world: scenes.Recorded) -> Lineage:
    lineage = Lineage()
    for operation in world.operations:
        lineage.take(operation)
    return lineage


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_vectors(file: Any) -> None:
    vector = json.loads(file.read_text("utf-8"))
    assert scenes.expected(vector["operations"]) == vector["expect"]


@pytest.mark.parametrize("scene", scenes.SCENES, ids=lambda scene: scene.__name__)
def test_the_lineage_is_that_of_the_state(scene: Any) -> None:
    world = scenes.Recorded(standard())
    scene(world)
    assert breaches(followed(world), world) == []


def test_every_point_of_an_issuance_is_somewhere() -> None:
    for scene in scenes.SCENES:
        world = scenes.Recorded(standard())
        scene(world)
        lineage = followed(world)
        for (class_id, issuance_id), points in lineage.issued.items():
            found = lineage.whereabouts(class_id, issuance_id)
            told = sum(found.held.values()) + sum(found.redeemed.values()) + found.expired + found.reversed
            assert told == points, (scene.__name__, issuance_id)


def test_points_that_go_round_at_random_end_in_issuances_that_are_large_enough() -> None:
    chance = random.Random(11)
    world = scenes.Recorded(standard())
    world.do("DefineClass", class_args("round", debt=True, waiting_days=1, validity={"days": 4, "kind": "DAYS"}))
    given: list[tuple[str, str]] = []
    spent: list[str] = []
    for _ in range(300):
        world.later(seconds=chance.choice((0, 3600, 40_000)))
        name, other = chance.sample(("alice", "bob"), 2)
        account = PEOPLE[name].address
        free = sum(bucket[1] for bucket in documents(world, "balance").get(f"round/{account}", [[], [], 0])[0])
        kind = chance.randrange(5)
        if kind == 0 or not given:
            args = {"address": account, "amount_minor": chance.randint(1, 50) * 100, "class_id": "round"}
            made = world.tried("Accrue", args)["issuance"]
            given.append((account, made["issuance_id"]))
        elif kind == 1 and free:
            recipients = [{"address": PEOPLE[other].address, "points": chance.randint(1, free)}]
            world.tried("Transfer", {"class_id": "round", "recipients": recipients}, member=name)
        elif kind == 2 and free:
            args = {"acceptor_msp": "lotus", "class_ids": ["round"], "order_ref": "x", "points": free}
            if made := world.tried("Redeem", args, "lotus", member=name):
                spent.append(made["redemption"]["redemption_id"])
        elif kind == 3 and spent:
            world.tried("Refund", {"points": 1, "redemption_id": chance.choice(spent)}, "lotus")
        elif kind == 4:
            account, issuance_id = chance.choice(given)
            args = {"account": account, "class_id": "round", "issuance_id": issuance_id, "reason": "back"}
            world.tried("ReverseIssue", {**args, "points": chance.randint(1, 5)})
    lineage = followed(world)
    assert breaches(lineage, world) == []
    assert {operation["op"] for operation in world.operations} >= {
        "Accrue",
        "Transfer",
        "Redeem",
        "Refund",
        "ReverseIssue",
    }
    assert lineage.expired.total() > 0 < lineage.reversed.total()


def tampered(operations: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """The operations with one of them left out, told twice, or telling of other points, in every way."""
    for number, operation in enumerate(operations):
        before, after = operations[:number], operations[number + 1 :]
        yield f"without {number}", before + after
        yield f"{number} twice", [*before, operation, operation, *after]
        for place, posting in enumerate(operation["postings"]):
            if len(posting) != POINTS_PARTS:
                continue
            for change in (1, -1, 1000, -1000):
                changed = copy.deepcopy(operation)
                changed["postings"][place][3] += change
                yield f"posting {place} of {number} by {change}", [*before, changed, *after]


@pytest.mark.parametrize("scene", scenes.SCENES, ids=lambda scene: scene.__name__)
def test_points_alone_tell_of_every_tampering_what_their_parcels_tell(scene: Any) -> None:
    world = scenes.Recorded(standard())
    scene(world)
    for name, operations in [("as it is", world.operations), *tampered(world.operations)]:
        parcels, amounts = Lineage(), Amounts()
        for operation in operations:
            unread = refused(parcels, operation)
            if unread == "KeyError" and operation["op"] == "Refund":  # of a redemption that nothing is known of
                assert refused(amounts, operation) == "", name
                assert any("had not been drawn" in told for told in amounts.problems), name
                break
            assert refused(amounts, operation) == unread, name
            if unread:
                break
        else:
            found = breaches(amounts, world)
            if amounts.problems == parcels.problems:
                held = {place: sum(points for _, points in held) for place, held in parcels.parcels.items() if held}
                assert amounts.points == held, name
                assert found == breaches(parcels, world), name
            else:  # Of a redemption that came again under its id they know only what the newest drew.
                assert any("had not been drawn" in told for told in amounts.problems), name
            assert bool(found) == (moves(operations) != moves(world.operations)), name


def refused(kept: Lineage | Amounts, operation: Any) -> str:
    """The name of the error that an operation is refused with, nothing where it is taken."""
    try:
        kept.take(operation)
    except (LookupError, ValueError) as error:
        return type(error).__name__
    return ""


def moves(operations: list[Any]) -> list[Any]:
    """The postings of those operations that move points."""
    return [
        one["postings"] for one in operations if any(len(row) == POINTS_PARTS and row[3] for row in one["postings"])
    ]


def test_points_alone_take_no_room_when_they_are_gone() -> None:
    world = scenes.Recorded(standard())
    amounts = Amounts()
    for _ in range(20):
        issue(world, "north", 10)
        args = {"acceptor_msp": "lotus", "class_ids": ["north"], "order_ref": "till", "points": 10}
        made = world.do("Redeem", args, "lotus", member="alice")
        for operation in world.operations:
            amounts.take(operation)
        world.operations.clear()
        redemption_id = made["redemption"]["redemption_id"]
        assert list(amounts.redeemed) == [redemption_id]
        amounts.forget(redemption_id)
    assert (amounts.points, amounts.redeemed, amounts.problems) == ({}, {}, [])
    assert breaches(amounts, world) == []
    world.do("Refund", {"points": 10, "redemption_id": redemption_id}, "lotus")
    amounts.take(world.operations[-1])
    assert amounts.problems == [f"{redemption_id}: 10 points came back that had not been drawn"]


def test_a_redemption_that_comes_again_under_its_id_gives_back_what_the_newest_drew() -> None:
    world = scenes.Recorded(standard())
    issue(world, "north", 30)
    args = {"acceptor_msp": "lotus", "class_ids": ["north"], "order_ref": "till", "points": 20}
    redemption_id = world.do("Redeem", args, "lotus", member="alice")["redemption"]["redemption_id"]
    world.do("Redeem", {**args, "points": 5}, "lotus", member="alice")
    world.operations[-1]["result"]["redemption"]["redemption_id"] = redemption_id
    world.do("Refund", {"points": 20, "redemption_id": redemption_id}, "lotus")
    amounts = Amounts()
    for operation in world.operations:
        amounts.take(operation)
    assert amounts.problems == [f"{redemption_id}: 15 points came back that had not been drawn"]


def test_the_first_problems_are_kept() -> None:
    world = scenes.Recorded(standard())
    issue(world, "north", 10)
    issued = world.operations[-1]
    amounts = Amounts()
    for points in range(1, PROBLEMS_MAX + 10):
        amounts.take({**issued, "postings": [[*issued["postings"][0][:3], -points, 0, None]]})
    assert len(amounts.problems) == PROBLEMS_MAX
    assert amounts.problems[0].endswith(": 1 points went that had not come")


def test_points_from_nowhere_are_told() -> None:
    world = scenes.Recorded(standard())
    issue(world, "north", 10)
    issued = world.operations[-1]
    lineage = Lineage()
    lineage.take({**issued, "postings": [[*issued["postings"][0][:3], -4, 0, None]]})
    assert lineage.problems == [f"north {ALICE} 20878: 4 points went that had not come"]
    assert any("10 points, issuances fed 0" in told for told in breaches(lineage, world))


def test_points_that_no_counter_knows_are_told() -> None:
    world = scenes.Recorded(standard())
    issue(world, "north", 10)
    lineage = followed(world)
    state = documents(world, "supply")
    state["north/northstar/00"]["issued"] = 9
    assert lineage.breaches(documents(world, "balance"), state) == ["north: issuances and counters differ by -1"]


def test_a_transfer_is_read_posting_by_posting() -> None:
    world = scenes.Recorded(standard())
    issue(world, "north", 10)
    issued = world.operations[-1]
    assert read(issued).came == {0: Issued(f"{issued['request_id']}.0")}
    world.do("Transfer", {"class_id": "north", "recipients": [{"address": BOB, "points": 4}]}, member="alice")
    reading = read(world.operations[-1])
    (went,) = reading.went
    (came,) = reading.came
    assert reading.came[came] == Moved(went)
    with pytest.raises(ValueError, match="never went"):
        read({**world.operations[-1], "postings": [world.operations[-1]["postings"][came]]})
