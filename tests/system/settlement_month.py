"""A month of three merchants: closed under load, disputed, paid in parts, one of them in default."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from typing import Any

from chaincode.cases.world import deposit
from chaincode.signing import MemberKey
from gateway.ledger.port import Receipt
from gateway.ledger.scheduling.scheduler import Bounds, Scheduler
from tests.system.story import DAY, Story

MERCHANTS = ("harbor", "lotus", "northstar")
YUAN = 1_000_000
POINT = YUAN // 100
COVER, LIMIT = 10_000 * YUAN, 4_000 * YUAN
EVIDENCE = hashlib.sha256(b"a scan of the slip").hexdigest()
MEMBERS = {msp_id: [MemberKey.derived(f"month {msp_id} {number}") for number in range(4)] for msp_id in MERCHANTS}
FEE_MINOR = 200


class Month(Story):
    """The month, chapter by chapter."""

    async def tell(self) -> None:
        """All of it."""
        await self._open()
        await self._trade_and_close()
        await self._dispute()
        await self._pay()
        await self._default()
        await self._go_on()

    async def _open(self) -> None:
        consortium = {
            "acceptance_days": 7,
            "confirmation_days": 3,
            "currency": {"code": "CNY", "minor_unit_millionths": POINT},
            "disputes": {
                "answer_days": 5,
                "escalation_days": 5,
                "fee_minor": FEE_MINOR,
                "inquiry_days": 5,
                "vote_days": 5,
            },
            "name": "一个月",
            "network_id": self.place.network,
            "operators": ["operator"],
            "payment_days": 3,
            "refund_days": 90,
            "time_zone": {"name": "Asia/Shanghai", "offsets": [[0, 28_800]]},
        }
        await self.do("operator", "OpenConsortium", consortium, identity="admin")
        for msp_id in MERCHANTS:
            await self.do("operator", "RegisterMerchant", {"msp_id": msp_id, "name": msp_id}, identity="admin")
            await self.do(msp_id, "JoinConsortium", {}, identity="admin")
            await self.do("operator", "DepositCollateral", deposit(msp_id, COVER))
            limits = [
                {"acceptor_msp": other, "cap_millionths": LIMIT, "cover_millionths": LIMIT, "lanes": 2}
                for other in MERCHANTS
                if other != msp_id
            ]
            await self.do(msp_id, "SetLimits", {"issuer_msp": msp_id, "limits": limits})
            definition = {
                "accepted_by": None,
                "category": "points",
                "class_id": msp_id,
                "decimals": 0,
                "earn_rate": {"amount_minor": 100, "points": 1, "rounding": "STEPS"},
                "enrolled_only": False,
                "name": msp_id,
                "symbol": msp_id[:4].upper(),
                "transferable": True,
                "unit_value_millionths": POINT,
                "validity": {"days": 365, "kind": "DAYS"},
            }
            await self.do(msp_id, "DefineClass", definition)
        for issuer, keys in MEMBERS.items():
            async with Scheduler(self.ledgers[issuer, "gateway"], Bounds(lanes=2)) as scheduler:
                issued = [{"address": key.address, "class_id": issuer, "points": 50_000} for key in keys]
                await self._all(scheduler, [self.operation("Issue", args) for args in issued])

    async def _all(self, scheduler: Scheduler, operations: list[Any]) -> list[Receipt]:
        receipts = await asyncio.gather(*(scheduler.submit(one, timestamp=self.now) for one in operations))
        assert all(receipt.accepted for receipt in receipts), [one.document for one in receipts if not one.accepted]
        return list(receipts)

    def _purchases(self, issuer: str, acceptor: str, amounts: list[int]) -> list[Any]:
        """Redemptions of an issuer's points at an acceptor, each by the next of its members."""
        keys = itertools.cycle(MEMBERS[issuer])
        args = {"acceptor_msp": acceptor, "class_ids": [issuer], "order_ref": "order"}
        return [self.operation("Redeem", {**args, "points": points}, next(keys)) for points in amounts]

    async def _trade_and_close(self) -> None:
        """Northstar owes the harbor 12,000 fen and lotus 3,000, lotus owes the harbor 5,000; the window is cut while
        others are being redeemed, which stand in the one or the other."""
        self.orders: dict[int, str] = {}
        trades = (
            ("northstar", "harbor", [7_000, 3_000, 2_000]),
            ("northstar", "lotus", [1_000] * 3),
            ("lotus", "harbor", [500] * 10),
        )
        for issuer, acceptor, amounts in trades:
            async with Scheduler(self.ledgers[acceptor, "gateway"], Bounds(lanes=2)) as scheduler:
                for receipt in await self._all(scheduler, self._purchases(issuer, acceptor, amounts)):
                    redemption = receipt.result["redemption"]
                    if issuer == "northstar":
                        self.orders[redemption["points"]] = redemption["redemption_id"]
        await self._seen_by_all()
        async with Scheduler(self.ledgers["harbor", "gateway"], Bounds(lanes=2)) as scheduler:
            late = asyncio.create_task(self._all(scheduler, self._purchases("northstar", "harbor", [1] * 40)))
            cut = self.operation("CutWindow", {"window_id": 1})
            await self.ledgers["operator", "gateway"].submit(cut, timestamp=self.now)
            booked = {one.result["redemption"]["window_id"] for one in await late}
        assert booked <= {1, 2}
        await self._seen_by_all()
        await self.do("operator", "CloseWindow", {"window_id": 1})
        window = await self._window(1)
        assert sum(one["net_minor"] for one in window["net"]) == 0
        assert 20_000 <= window["gross_minor"] <= 20_040

    async def _seen_by_all(self) -> None:
        newest = max([await ledger.height() for ledger in self.ledgers.values()]) - 1
        for ledger in self.ledgers.values():
            await ledger.wait_for_block(newest)

    async def _window(self, window_id: int) -> Any:
        return await self.ledgers["operator", "gateway"].evaluate("GetWindow", {"window_id": window_id})

    async def _dispute(self) -> None:
        """One dispute goes up to a vote, which upholds it; one is withdrawn. Then all accept."""
        before = await self._window(1)
        for points in (3_000, 2_000):
            opening = {"evidence_sha256": EVIDENCE, "reason": "NOT_RECEIVED", "redemption_id": self.orders[points]}
            await self.do("northstar", "OpenDispute", opening)
        without = await self._window(1)
        nets = [{one["msp_id"]: one["net_minor"] for one in window["net"]} for window in (before, without)]
        assert nets[1]["northstar"] - nets[0]["northstar"] == nets[0]["harbor"] - nets[1]["harbor"] == 5_000
        about = {"issuer_msp": "northstar", "redemption_id": self.orders[3_000]}
        contest = {**about, "answer": "CONTEST", "evidence_sha256": EVIDENCE}
        await self.do("harbor", "AnswerDispute", contest)
        escalation = {"evidence_sha256": EVIDENCE, "redemption_id": self.orders[3_000]}
        await self.do("northstar", "EscalateDispute", escalation)
        await self.do("harbor", "AnswerDispute", contest)
        upheld = (await self.do("lotus", "VoteDispute", {**about, "vote": "UPHOLD"}))["dispute"]
        assert (upheld["status"], upheld["fee_payer_msp"]) == ("UPHELD", "harbor")
        withdrawn = (await self.do("northstar", "WithdrawDispute", {"redemption_id": self.orders[2_000]}))["dispute"]
        assert (withdrawn["status"], withdrawn["booked_minor"], withdrawn["booked_window"]) == ("WITHDRAWN", 2_000, 2)
        for msp_id in MERCHANTS:
            statement = await self.ledgers[msp_id, "gateway"].evaluate(
                "GetStatement", {"msp_id": msp_id, "window_id": 1}
            )
            if statement["status"] == "PENDING":
                await self.do(msp_id, "AcceptStatement", {"sha256": statement["sha256"], "window_id": 1})

    async def _pay(self) -> None:
        """Northstar pays in two parts; lotus does not pay."""
        payments = {(one["payer_msp"], one["payee_msp"]): one for one in (await self._window(1))["payments"]}
        assert {payer for payer, _ in payments} == {"northstar", "lotus"}
        paid = {"payee_msp": "harbor", "window_id": 1}
        await self.do("northstar", "RecordPayment", {**paid, "amount_minor": 4_000, "reference": "bank 1"})
        answer = {"payer_msp": "northstar", "window_id": 1}
        await self.do("harbor", "ConfirmPayment", {**answer, "reference": "bank 1"})
        await self.do("northstar", "RecordPayment", {**paid, "reference": "bank 2"})
        confirmed = await self.do("harbor", "ConfirmPayment", {**answer, "reference": "bank 2"})
        assert (confirmed["payment"]["status"], confirmed["window_status"]) == ("CONFIRMED", "CLOSED")
        self.unpaid = payments["lotus", "harbor"]["amount_minor"]

    async def _default(self) -> None:
        """The time for paying passes: lotus' cover pays, it enters run-off."""
        self.now += 11 * DAY
        declared = await self.do(
            "harbor", "DeclareDefault", {"msp_id": "lotus", "run_off_until": "2026-05-31", "window_id": 1}
        )
        assert declared["default"]["cover_minor"] == self.unpaid
        assert (declared["merchant"]["status"], declared["default"]["losses"]) == ("RUN_OFF", [])
        paid = {"reference": "out of cover", "window_id": 1}
        await self.do("operator", "RecordPayment", {**paid, "payee_msp": "harbor"})
        settled = await self.do("harbor", "ConfirmPayment", {**paid, "payer_msp": "operator"})
        assert settled["window_status"] == "SETTLED"
        cover = await self.ledgers["lotus", "gateway"].evaluate("GetCover", {"issuer_msp": "lotus"})
        assert cover["drawn_millionths"] == self.unpaid * POINT

    async def _go_on(self) -> None:
        """The next window has what the disputes moved, and the fee; it is settled by those who are left."""
        await self.do("operator", "CutWindow", {"window_id": 2})
        await self.do("operator", "CloseWindow", {"window_id": 2})
        window = await self._window(2)
        net = {one["msp_id"]: one["net_minor"] for one in window["net"]}
        assert -2_040 + FEE_MINOR <= net["northstar"] <= -2_000 + FEE_MINOR
        self.now += 8 * DAY
        (payment,) = window["payments"]
        paid = {"reference": "bank 3", "window_id": 2}
        await self.do("northstar", "RecordPayment", {**paid, "payee_msp": "harbor"})
        settled = await self.do("harbor", "ConfirmPayment", {**paid, "payer_msp": "northstar"})
        assert (settled["window_status"], payment["amount_minor"]) == ("SETTLED", -net["northstar"])
