"""What the projection answers is what the ledger answers; pages are stable; cursors of others are refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from chaincode.cases.world import CLASSES
from chaincode.spec.kernel.calendar import date_of, day_number, day_of
from chaincode.spec.kernel.counters import FLOWS
from gateway.core.errors import GatewayError
from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.errors import Rejected
from gateway.ledger.replaying import ChaincodeRules, SpecRules
from gateway.ledger.verification import Replayed, verify
from gateway.projection.chain_comparison import compare
from gateway.projection.fold.projector import Projector
from gateway.projection.lookups import ledger_lookups
from gateway.projection.projection import Projection
from gateway.store.engine import Store
from network.programs.chaincode import REPLAY, provide_chaincode
from tests.scenes.chain import ACCOUNTS, ChainWorld, everything


async def test_balances_are_those_of_the_ledger(
    projection: Projection, ledger: EmbeddedLedger, random_chain: ChainWorld
) -> None:
    compared = 0
    for account in ACCOUNTS:
        found = projection.accounts.balances(account)
        by_class = {balance.class_id: balance for balance in found.balances}
        for class_id, (issuer, unit_value) in CLASSES.items():
            arguments = {"account": account, "class_id": class_id}
            expected = await ledger.evaluate("GetBalance", arguments, timestamp=random_chain.now)
            if not expected["points"] and not expected["debt"]:
                assert class_id not in by_class
                continue
            compared += 1
            balance = by_class[class_id]
            assert [bucket.model_dump() for bucket in balance.buckets] == expected["buckets"]
            assert [entry.model_dump() for entry in balance.pending_buckets] == expected["pending_buckets"]
            for name in ("points", "spendable", "held", "pending", "expired", "debt"):
                assert getattr(balance, name) == expected[name], (account, class_id, name)
            assert balance.points == balance.spendable + balance.held + balance.pending + balance.expired
            assert balance.issuer_msp == issuer
            lasting = [one for one in balance.buckets if one.expires_on is None or one.expires_on >= found.day]
            valid = sum(one.points for one in lasting) + sum(one.points for one in balance.pending_buckets)
            assert balance.value_millionths == valid * unit_value
        assert found.value_millionths == sum(balance.value_millionths for balance in found.balances)
    assert compared > 3


async def test_balances_of_another_day(
    projection: Projection, ledger: EmbeddedLedger, random_chain: ChainWorld
) -> None:
    later = random_chain.now + 300 * 86_400
    day = day_of(later, {"offsets": [[0, 28_800]]})
    for account in ACCOUNTS:
        for balance in projection.accounts.balances(account, day).balances:
            arguments = {"account": account, "class_id": balance.class_id}
            expected = await ledger.evaluate("GetBalance", arguments, timestamp=later)
            assert (balance.spendable, balance.expired) == (expected["spendable"], expected["expired"])


async def test_redemptions_and_holds_are_those_of_the_ledger(projection: Projection, ledger: EmbeddedLedger) -> None:
    for query, ask in (("ListRedemptions", projection.accounts.redemptions), ("ListHolds", projection.accounts.holds)):
        total = 0
        for account in ACCOUNTS:
            listed = []
            for authoriser in (*ACCOUNTS, "northstar", "harbor", "lotus"):
                answer = await ledger.evaluate(query, {"authoriser": authoriser, "rows": 500})
                listed += [row["document"] for row in answer["rows"] if row["document"]["member"] == account]
            found = [one for one in everything(ask, limit=2, member=account) if not one.pop("swept", False)]
            for one in found:
                one.pop("refundable_until", None)
            assert sorted(map(json.dumps, found)) == sorted(map(json.dumps, listed))
            total += len(found)
        assert total > 1


async def test_supply_and_flows_are_those_of_the_ledger(projection: Projection, ledger: EmbeddedLedger) -> None:
    listed = {supply.point_class["class_id"]: supply for supply in projection.catalogue.classes().items}
    assert set(CLASSES) <= set(listed)
    for class_id, supply in listed.items():
        expected = await ledger.evaluate("GetSupply", {"class_id": class_id})
        flows = projection.catalogue.class_flows(class_id, "1970-01-01", "9999-12-31")
        for name in (*FLOWS, "outstanding"):
            assert getattr(supply, name) == expected[name]
        for name in FLOWS:
            assert sum(getattr(day, name) for day in flows.days) == expected[name]
        assert flows.opening == 0
        if flows.days:
            assert flows.days[-1].outstanding == expected["outstanding"]
            middle = flows.days[len(flows.days) // 2]
            rest = projection.catalogue.class_flows(class_id, middle.day, "9999-12-31")
            assert rest.days == flows.days[len(flows.days) // 2 :]
            assert rest.opening == rest.days[0].outstanding - _change(rest.days[0])


def _change(day: Any) -> int:
    gone = day.redeemed_own + day.redeemed_elsewhere + day.expired + day.reversed
    return int(day.issued + day.restored - gone)


async def test_windows_and_positions_lead_to_their_entries(projection: Projection, ledger: EmbeddedLedger) -> None:
    current = (await ledger.evaluate("GetCurrentWindow", {}))["window_id"]
    pairs = settled = 0
    for window_id in range(1, current + 1):
        window = projection.settlement.window(window_id)
        assert window.document == await ledger.evaluate("GetWindow", {"window_id": window_id})
        for position in projection.settlement.positions(window_id).items:
            arguments = {
                "window_id": window_id,
                "issuer_msp": position.issuer_msp,
                "acceptor_msp": position.acceptor_msp,
            }
            assert position.model_dump() == await ledger.evaluate("GetPosition", arguments)
            entries = everything(
                lambda window_id=window_id, **more: projection.settlement.entries(window_id, **more),
                limit=2,
                issuer_msp=position.issuer_msp,
                acceptor_msp=position.acceptor_msp,
            )
            moved = position.adjusted_millionths
            assert sum(entry.value_millionths for entry in entries) == position.value_millionths - moved
            pairs += 1
        for statement in projection.settlement.statements(window_id).items:
            arguments = {"window_id": window_id, "msp_id": statement.msp_id}
            assert statement.statement == await ledger.evaluate("GetStatement", arguments)
            whole = projection.settlement.statement(window_id, statement.msp_id)
            assert whole.statement == statement.statement
            owing = everything(
                lambda window_id=window_id, **more: projection.settlement.matrix(window_id, **more),
                limit=1,
                issuer_msp=statement.msp_id,
            )
            assert whole.owed_to_others == owing
            assert {row.acceptor_msp for row in whole.owed_to_us} <= {statement.msp_id}
            assert len(owing) + len(whole.owed_to_us) == statement.statement["content"]["rows"]
        rows = everything(lambda window_id=window_id, **more: projection.settlement.matrix(window_id, **more), limit=2)
        listed = await ledger.evaluate("ListMatrix", {"window_id": window_id})
        assert [row.model_dump() for row in rows] == [row for one in listed["rows"] for row in one["document"]["rows"]]
        settled += len(rows)
    assert pairs > 3
    assert settled > 3
    assert len(everything(projection.settlement.windows, limit=3)) == current - 1


async def test_history_adds_up_to_the_balance(projection: Projection) -> None:
    for account in ACCOUNTS:
        entries = everything(projection.accounts.history, account=account)
        points: dict[str, int] = {}
        for entry in entries:
            assert entry.account == account
            points[entry.class_id] = points.get(entry.class_id, 0) + entry.points
        balances = projection.accounts.balances(account).balances
        assert {name: number for name, number in points.items() if number} == {
            balance.class_id: balance.points for balance in balances
        }
        places = [tuple(map(int, entry.cursor.split("-"))) for entry in entries]
        assert places == sorted(places, reverse=True)


async def test_history_by_class_operation_and_organisation(projection: Projection) -> None:
    whole = everything(projection.accounts.history, limit=50)
    for filters in (
        {"class_id": "north"},
        {"op": "Issue"},
        {"submitter_msp": "harbor"},
        {"op": "Redeem", "class_id": "lotus"},
    ):
        found = everything(projection.accounts.history, limit=3, **filters)
        assert found == [row for row in whole if all(getattr(row, name) == value for name, value in filters.items())]
        assert found


async def test_a_transfer_names_the_other_side(projection: Projection) -> None:
    found = everything(projection.accounts.history, op="Transfer")
    assert found
    for entry in found:
        others = [row for row in found if row.cursor == entry.cursor and (row.points > 0) != (entry.points > 0)]
        assert {row.account for row in others} <= set(entry.counterparties)


async def test_a_redemption_leads_to_its_operations(projection: Projection) -> None:
    seen = set()
    newest: set[str] = set()
    for redemption in everything(projection.accounts.redemptions):
        if redemption["redemption_id"] in newest:
            assert redemption["swept"], "its id came again"
            continue
        newest.add(redemption["redemption_id"])
        found = projection.accounts.redemption(redemption["redemption_id"])
        assert found.redemption == redemption
        made, *refunds = [link.op for link in found.operations]
        seen.add(made)
        assert made in ("Redeem", "Capture", "Exchange")
        assert set(refunds) <= {"Refund"}
        assert bool(refunds) == bool(redemption["refunded"])
    assert "Redeem" in seen


async def test_a_redemption_that_was_swept_is_told_as_before(
    store: Store, growing_chain: ChainWorld, open_ledger: Callable[[ChainWorld], EmbeddedLedger]
) -> None:
    """Also when its id comes again: each keeps its own operations, order and refunds, in lists, windows and
    movements; a rebuild tells the same, and the chain is verified."""
    world = growing_chain
    days = json.loads(world.state.values["consortium"])["refund_days"]

    def spend(points: int, order_ref: str) -> str:
        args = {"acceptor_msp": "lotus", "class_ids": ["lotus", "north"], "order_ref": order_ref, "points": points}
        made = world.do("Redeem", args, "lotus", member="alice", request_id="shop")["redemption"]
        return str(made["redemption_id"])

    shop = spend(700, "first")
    for points in (250, 30):
        world.do("Refund", {"points": points, "redemption_id": shop}, "lotus")
    async with open_ledger(world) as ledger:
        projector = Projector(store, ledger)
        await projector.catch_up()
        projection = Projection(store, clock=lambda: world.now)
        stored = await ledger.evaluate("GetRedemption", {"redemption_id": shop})
        (first,) = everything(projection.accounts.redemptions, acceptor_msp="lotus")
        until = date_of(day_number(stored["redeemed_on"]) + days)
        assert first == {**stored, "refundable_until": until, "swept": False}
        assert first["refunded"] == 280
        world.later(days=days + 2).do("Sweep", {"redemptions": [shop]}, "harbor")
        await projector.catch_up()
        with pytest.raises(Rejected, match="UNKNOWN_REDEMPTION"):
            await ledger.evaluate("GetRedemption", {"redemption_id": shop})
        swept = {**first, "swept": True}
        detail = projection.accounts.redemption(shop)
        assert detail.redemption == swept
        assert [one.op for one in detail.operations] == ["Redeem", "Refund", "Refund"]
        assert everything(projection.accounts.redemptions, order_ref="FIRST") == [swept]
        assert projection.origins.of_redemption(shop).points == 700
        assert (await compare(store, ledger)).differences == []

        assert spend(40, "second") == shop
        world.do("Refund", {"points": 15, "redemption_id": shop}, "lotus")
        await projector.catch_up()
        for _ in range(2):
            again, before = everything(projection.accounts.redemptions, acceptor_msp="lotus")
            assert before == swept
            assert (again["order_ref"], again["points"], again["refunded"], again["swept"]) == ("second", 40, 15, False)
            detail = projection.accounts.redemption(shop)
            assert (detail.redemption, [one.op for one in detail.operations]) == (again, ["Redeem", "Refund"])
            assert projection.origins.of_redemption(shop).points == 40
            booked = everything(projection.settlement.entries, window_id=1, acceptor_msp="lotus")
            told = list(dict.fromkeys((one.operation.op, one.order_ref) for one in booked))
            assert told == [("Refund", "second"), ("Redeem", "second"), ("Refund", "first"), ("Redeem", "first")]
            moved = projection.movements.of_account(ACCOUNTS[0], limit=5).items
            assert [(one.op, one.reference) for one in moved] == [*told[:2], told[2], told[2], told[3]]
            assert (await compare(store, ledger)).differences == []
            await projector.rebuild()
        for rules in (SpecRules(), ChaincodeRules(provide_chaincode(program=REPLAY))):
            found = await verify(ledger, Replayed("jifen", "jifen", rules))
            rules.close()
            assert found.differences == []


async def test_operations_and_receipts(projection: Projection) -> None:
    whole = everything(projection.log.operations, limit=100)
    assert len(whole) == projection.position().operations
    for operation in whole[:50]:
        found = projection.log.receipt(operation.authoriser, operation.request_id)
        name = operation.authoriser, operation.request_id
        newest, *others = [one for one in whole if (one.authoriser, one.request_id) == name]
        assert found.operation == newest
        assert [link.cursor for link in found.others] == [one.cursor for one in others]
        assert projection.log.of_request(*name) == [newest, *others]
        assert projection.log.operation(operation.cursor) == operation
    by_harbor = everything(projection.log.operations, submitter_msp="harbor", op="Accrue")
    assert by_harbor == [one for one in whole if (one.submitter_msp, one.op) == ("harbor", "Accrue")]
    times = [one.at for one in whole]
    between = everything(projection.log.operations, at_from=times[40], at_to=times[10])
    assert between == [one for one in whole if times[40] <= one.at <= times[10]]


async def test_the_log_tells_what_was_carried_out(projection: Projection) -> None:
    answers = ledger_lookups(projection, "harbor")
    theirs = everything(projection.log.operations, submitter_msp="harbor", op="Issue")
    assert theirs
    for found in theirs:
        sent = {"op": "Issue", "args": found.args, "request_id": found.request_id}
        receipt = answers.carried_out(sent)
        assert receipt is not None
        assert (receipt["code"], receipt["tx_id"], receipt["result"]) == ("OK", found.transaction_id, found.result)
        assert answers.carried_out({**sent, "args": {**found.args, "points": found.args["points"] + 1}}) is None
    assert answers.carried_out({"op": "Issue", "args": {}, "request_id": "never-heard-of"}) is None


async def test_members_and_documents(projection: Projection, ledger: EmbeddedLedger) -> None:
    answer = await ledger.evaluate("ListMembers", {"rows": 500})
    expected = {row["key"]: row["document"]["home_msp"] for row in answer["rows"]}
    found = everything(projection.catalogue.members, limit=1)
    assert {member.address: member.home_msp for member in found} == expected
    at_harbor = everything(projection.catalogue.members, limit=1, home_msp="harbor")
    assert [member.address for member in at_harbor] == sorted(name for name in expected if expected[name] == "harbor")
    merchants = await ledger.evaluate("ListMerchants", {"rows": 500})
    listed = everything(lambda **page: projection.catalogue.documents("merchant/", **page), limit=2)
    assert [one.document for one in listed] == [row["document"] for row in merchants["rows"]]


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "WyJ4IiwxXQ", "é", "=" * 2000, "W10", "bnVsbA"])
async def test_a_cursor_that_no_list_gave_is_refused(projection: Projection, cursor: str) -> None:
    for ask in (projection.accounts.history, projection.accounts.redemptions, projection.catalogue.members):
        with pytest.raises(GatewayError) as refused:
            ask(cursor=cursor)
        assert refused.value.code == "CURSOR_INVALID"


async def test_a_cursor_belongs_to_its_filters(projection: Projection) -> None:
    cursor = projection.accounts.history(account=ACCOUNTS[0], limit=1).next
    assert cursor is not None
    with pytest.raises(GatewayError) as refused:
        projection.accounts.history(account=ACCOUNTS[1], limit=1, cursor=cursor)
    assert refused.value.code == "CURSOR_INVALID"


async def test_nothing_is_read_during_a_rebuild_and_a_broken_one_is_finished(
    store: Store, projection: Projection, ledger: EmbeddedLedger
) -> None:
    before = projection.position()
    Projector(store, ledger).empty(before.block_number)
    with pytest.raises(GatewayError) as refused:
        projection.accounts.balances(ACCOUNTS[0])
    assert refused.value.code == "PROJECTION_REBUILDING"
    assert projection.position().rebuild_until == before.block_number
    await Projector(store, ledger).catch_up()
    assert projection.position().model_copy(update={"folded_at": 0}) == before.model_copy(update={"folded_at": 0})


async def test_a_block_is_waited_for(store: Store, projection: Projection) -> None:
    block_number = projection.position().block_number
    projection.wait_for_block(block_number, 5)
    with pytest.raises(GatewayError) as refused:
        projection.wait_for_block(block_number + 1, 0.1)
    assert refused.value.code == "BLOCK_NOT_REACHED"
    waiting = asyncio.create_task(asyncio.to_thread(projection.wait_for_block, block_number + 1, 20))
    with store.writing() as session:  # as another process would
        session.execute(text("UPDATE projection_checkpoint SET block_number = block_number + 1"))
    await waiting


async def test_unknown_things_are_told_by_code(projection: Projection) -> None:
    asks: list[Callable[[], Any]] = [
        lambda: projection.accounts.redemption("nobody/nothing"),
        lambda: projection.accounts.hold("nobody/nothing"),
        lambda: projection.catalogue.point_class("nothing"),
        lambda: projection.catalogue.class_flows("nothing", "2026-01-01", "2026-12-31"),
        lambda: projection.origins.of_issuance("north", "nothing.0"),
        lambda: projection.settlement.window(99),
        lambda: projection.settlement.statement(99, "harbor"),
        lambda: projection.log.receipt("harbor", "nothing"),
        lambda: projection.log.operation("99999-0-0"),
    ]
    for ask in asks:
        with pytest.raises(GatewayError) as refused:
            ask()
        assert refused.value.code == "OBJECT_UNKNOWN"
    assert projection.accounts.balances("jf1nobody").balances == []
