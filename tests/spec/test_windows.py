"""Windows close, whatever was done in them and however many merchants there are; and each step of it stays small."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from chaincode.cases.world import ALICE, CAP, DAY, OPERATOR, Speaker, World, deposit, grants, mesh, refill, standard
from chaincode.spec.invariants import check
from chaincode.spec.kernel import keys
from chaincode.spec.kernel.apply import apply_batch
from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.exposure import LANES, lane_gross_max
from chaincode.spec.kernel.limits import INTEGER_MAX, MERCHANTS_MAX, POSITIONS_PER_CLOSE, SHARDS_MAX
from chaincode.spec.kernel.memory_state import MemoryState
from chaincode.spec.kernel.netting import chained
from chaincode.spec.operations import OPERATIONS
from network.rendering.peer import TOTAL_QUERY_LIMIT

MIB = 1024 * 1024


def code_of(
    world: World, op: str, args: Json, msp_id: str, *, member: str = "", shard: int = 0, request_id: str
) -> str:
    """What becomes of one operation, which is committed."""
    entry = world.entry(op, args, member=member, request_id=request_id)
    outcome = apply_batch(world.state, world.transaction(Speaker(msp_id), shard=shard), [entry], OPERATIONS)
    world.state.commit(outcome.writes)
    return str(outcome.receipts[0]["code"])


def fill(world: World, shard: int) -> int:
    """Redeems alice's points and refunds them in turn in one lane, until the lane takes no more; how many redemptions
    that were."""
    spend = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "o", "points": 1_000_000_000}
    for number in range(100):
        name = f"{world.now}-{shard}-{number}"
        code = code_of(world, "Redeem", spend, "harbor", member="alice", shard=shard, request_id=name)
        if code == "WINDOW_FULL":
            return number
        assert code == "OK"
        refund = {"redemption_id": f"{ALICE}/{name}"}
        assert code_of(world, "Refund", refund, "harbor", shard=shard, request_id=f"{name}-back") == "OK"
    raise AssertionError("the lane takes any number")


def test_redeeming_and_refunding_in_turn_never_keeps_a_window_open() -> None:
    """An acceptor and its accomplice make the sums of lanes as large as they can: the window closes, and the next goes
    on."""
    world = standard()
    value = 10_000_000_000_000
    world.do("DepositCollateral", deposit("northstar", INTEGER_MAX - 12 * CAP), OPERATOR)
    granted = grants("northstar", 2 * SHARDS_MAX * value, None, "harbor")
    world.do("SetLimits", {"issuer_msp": "northstar", "limits": granted})
    for shard in range(1, SHARDS_MAX):
        world.do("RefillLimit", refill("northstar", "harbor", shard, value), "harbor")
    world.do("Issue", {"address": ALICE, "class_id": "north", "points": 1_000_000_000})
    assert {fill(world, shard) for shard in range(SHARDS_MAX)} == {lane_gross_max(10_000) // value}
    assert not any(check(world.state.values, now=world.now).values())
    world.later(seconds=1).do("CutWindow", {"window_id": 1}, OPERATOR)
    closed = world.do("CloseWindow", {"window_id": 1}, OPERATOR)
    assert closed["window"]["status"] == "SETTLED"
    assert {one["status"] for one in closed["statements"]} == {"ACCEPTED"}
    assert not any(check(world.state.values, now=world.now).values())
    assert fill(world.later(seconds=1), 0) == lane_gross_max(10_000) // value


def test_the_bound_of_a_lane_keeps_every_sum_of_a_window_in_range() -> None:
    for unit in (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000):
        most = lane_gross_max(unit)
        assert LANES * most <= INTEGER_MAX
        pair = LANES * most // unit + 1  # what is owed, with the carry and the rounding of half a unit each
        assert MERCHANTS_MAX * (MERCHANTS_MAX - 1) * pair <= INTEGER_MAX
    assert lane_gross_max(10_000) // 1_000_000 == 80_846_443, "yuan a pair, lane and window"


@dataclass
class Measured:
    """The largest of what a transaction reads and writes, and how many there were."""

    calls: int = 0
    written: int = 0
    event: int = 0
    ranged: int = 0
    range: int = 0

    def take(self, world: World, op: str, args: Json, msp_id: str) -> Json:
        """The result of an operation that must be accepted, measured."""
        self.calls += 1
        reader = Ranges(world.state)
        entry = world.entry(op, args, request_id=f"{op}-{self.calls}-{world.now}")
        outcome = apply_batch(reader, world.transaction(Speaker(msp_id)), [entry], OPERATIONS)
        assert outcome.receipts[0]["code"] == "OK", outcome.receipts
        world.state.commit(outcome.writes)
        assert outcome.event is not None
        self.written = max(self.written, sum(len(value or b"") for value in outcome.writes.values()))
        self.event = max(self.event, len(outcome.event))
        self.ranged = max(self.ranged, sum(reader.found))
        self.range = max(self.range, *reader.found, 0)
        result: Json = outcome.receipts[0]["result"]
        return result


class Ranges:
    """A state reader that counts the keys of each range."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state
        self.found = [0]

    def get(self, key: str) -> bytes | None:
        return self._state.get(key)

    def get_many(self, keys: list[str]) -> dict[str, bytes | None]:
        return self._state.get_many(keys)

    def range(self, start: str, end: str) -> Iterator[tuple[str, bytes]]:
        self.found.append(0)
        for found in self._state.range(start, end):
            self.found[-1] += 1
            yield found


def close(world: World) -> tuple[Json, Measured]:
    """The last result of as many CloseWindow as it takes, and what was measured."""
    measured = Measured()
    while True:
        result = measured.take(world, "CloseWindow", {"window_id": 1}, "operator")
        if result["window"]["status"] != "CLOSING":
            return result, measured
        assert result["statements"] == []
        assert measured.calls < 1_000


def test_a_full_mesh_closes_in_small_steps() -> None:
    world = mesh(MERCHANTS_MAX, 1)
    closed, measured = close(world)
    assert measured.calls == 15
    assert measured.written < 2 * MIB
    assert measured.event < MIB // 4
    assert measured.range <= MERCHANTS_MAX < TOTAL_QUERY_LIMIT
    assert not any(key.startswith("netting/") for key in world.state.values)
    acceptance = Measured()
    for statement in closed["statements"]:
        assert statement["status"] == "PENDING"
        args = {"sha256": statement["sha256"], "window_id": 1}
        acceptance.take(world, "AcceptStatement", args, statement["msp_id"])
    assert acceptance.written < MIB // 8
    assert acceptance.event < 2_048
    assert check(world.state.values, now=world.now)["windows_net_to_zero"] == []
    payment = closed["window"]["payments"][0]
    args = {"payee_msp": payment["payee_msp"], "reference": "bank", "window_id": 1}
    assert acceptance.take(world, "RecordPayment", args, payment["payer_msp"])["payment"]["status"] == "PAID"


def test_a_statement_is_checked_row_by_row() -> None:
    """Its merchant needs one issuer's rows at a time to compute the hash that it accepts."""
    world = mesh(5, 2)
    closed, _ = close(world)
    for named in closed["statements"]:
        chain, rows, net = "", 0, 0
        for _, data in world.state.range(keys.matrix(1, ""), keys.matrix(1, "~")):
            for row in json.loads(data)["rows"]:
                if named["msp_id"] in (row["issuer_msp"], row["acceptor_msp"]):
                    chain, rows = chained(chain, row), rows + 1
                    net += row["owed_minor"] if row["acceptor_msp"] == named["msp_id"] else -row["owed_minor"]
        content = {
            "disputed_minor": 0,
            "disputes": 0,
            "disputes_sha256": "",
            "msp_id": named["msp_id"],
            "net_minor": net,
            "rows": rows,
            "rows_sha256": chain,
            "window_id": 1,
        }
        assert hashlib.sha256(encode(content)).hexdigest() == named["sha256"]


def test_all_lanes_of_an_issuer_are_read_whole_and_no_more_than_a_peer_gives() -> None:
    world = mesh(5, LANES)
    closed, measured = close(world)
    assert closed["window"]["status"] == "CLOSED"
    assert measured.calls == 3
    assert measured.range == (MERCHANTS_MAX - 1) * LANES < TOTAL_QUERY_LIMIT
    whole = POSITIONS_PER_CLOSE - 1 + (MERCHANTS_MAX - 1) * LANES  # positions; beside them merchants and carries
    assert measured.ranged <= whole + MERCHANTS_MAX + 2 * (MERCHANTS_MAX - 1)


def test_no_window_waits_for_another_to_be_paid() -> None:
    world = standard()
    statuses = []
    for window_id in (1, 2, 3):
        if window_id != 2:
            world.do("Issue", {"address": ALICE, "class_id": "north", "points": 100})
            spend = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "o", "points": 100}
            world.do("Redeem", spend, "harbor", member="alice")
        world.later(days=1).do("CutWindow", {"window_id": window_id}, OPERATOR)
        statuses.append(world.do("CloseWindow", {"window_id": window_id}, OPERATOR)["window"]["status"])
    assert statuses == ["CLOSED", "SETTLED", "CLOSED"]
    world.later(seconds=8 * DAY)
    paid = {"payee_msp": "harbor", "reference": "bank"}
    for window_id in (3, 1):
        world.do("RecordPayment", {**paid, "window_id": window_id}, "northstar")
        confirmed = {"payer_msp": "northstar", "reference": "bank", "window_id": window_id}
        assert world.do("ConfirmPayment", confirmed, "harbor")["window_status"] == "SETTLED"
