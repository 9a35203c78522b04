"""One story in which every kind of operation happens at least once, told to ledgers of an operator and two merchants."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from chaincode.cases.world import deposit
from chaincode.signing import MemberKey
from chaincode.spec.kernel.terms import terms_hash
from gateway.ledger.errors import Rejected
from gateway.ledger.port import Json, Ledger

DAY = 86_400
START = 1_772_341_200
"""2026-03-01 13:00 in Shanghai."""
CARD = hashlib.sha256(b"salt, card 4711").hexdigest()
ALICE, BOB = MemberKey.derived("story alice"), MemberKey.derived("story bob")
LOST, FOUND = MemberKey.derived("story carol"), MemberKey.derived("story carol, the next key")
POSTED = 1_000_000_000_000
CAP = 100_000_000_000


class Story:
    """Tells operations one after the other, each in a transaction of its own and on what all peers have."""

    def __init__(self, ledgers: Mapping[tuple[str, str], Ledger]) -> None:
        self.ledgers = ledgers
        self.place = next(iter(ledgers.values())).place
        self.now = START
        self.told: list[str] = []
        self.order = self.exchange = ""
        self._chapters: tuple[Callable[[], Awaitable[None]], ...] = (
            self._opening,
            self._classes,
            self._points,
            self._spending,
            self._legacy,
            self._settlement,
            self._later,
            self._governance,
            self._lost_key,
            self._default,
        )

    async def tell(self) -> None:
        """All of it."""
        for chapter in self._chapters:
            await chapter()

    def operation(self, op: str, args: Json, member: MemberKey | None = None) -> dict[str, Json]:
        """An operation with a request id of its own, signed by `member` where one is named."""
        self.told.append(op)
        request_id = f"story-{len(self.told)}"
        operation = {"args": args, "op": op, "request_id": request_id, "valid_until": self.now + DAY}
        return operation if member is None else member.authorise(operation, self.place)

    async def do(
        self, org: str, op: str, args: Json, member: MemberKey | None = None, identity: str = "gateway"
    ) -> Any:
        """The result of one operation, which must be accepted; every peer has it afterwards."""
        ledger = self.ledgers[org, identity]
        receipt = await ledger.submit(self.operation(op, args, member), timestamp=self.now)
        assert receipt.accepted, receipt.document
        newest = await ledger.height() - 1
        for other in self.ledgers.values():
            await other.wait_for_block(newest)
        return receipt.result

    async def _opening(self) -> None:
        consortium = {
            "acceptance_days": 7,
            "confirmation_days": 3,
            "currency": {"code": "CNY", "minor_unit_millionths": 10_000},
            "disputes": {"answer_days": 5, "escalation_days": 5, "fee_minor": 3, "inquiry_days": 5, "vote_days": 5},
            "name": "两种实现",
            "network_id": self.place.network,
            "operators": ["operator"],
            "payment_days": 3,
            "refund_days": 90,
            "time_zone": {"name": "Asia/Shanghai", "offsets": [[0, 28_800]]},
        }
        elsewhere = {**consortium, "network_id": "0" * 64}
        asked = {"args": elsewhere, "op": "OpenConsortium", "request_id": "elsewhere", "valid_until": self.now + DAY}
        with pytest.raises(Rejected, match="NETWORK_DIFFERS"):
            await self.ledgers["operator", "admin"].submit(asked, timestamp=self.now)
        await self.do("operator", "OpenConsortium", consortium, identity="admin")
        for msp_id, other in (("northstar", "harbor"), ("harbor", "northstar")):
            merchant = {"msp_id": msp_id, "name": f"{msp_id} 商户"}
            await self.do("operator", "RegisterMerchant", merchant, identity="admin")
            await self.do(msp_id, "JoinConsortium", {}, identity="admin")
            await self.do("operator", "DepositCollateral", deposit(msp_id, POSTED))
            await self.do("operator", "DepositCollateral", deposit(msp_id, CAP, "FUND"))
            limit = {"acceptor_msp": other, "cap_millionths": 4 * CAP, "cover_millionths": 4 * CAP}
            await self.do(msp_id, "SetLimits", {"issuer_msp": msp_id, "limits": [limit]})
        refill = {
            "acceptor_msp": "harbor",
            "cap_millionths": 7_000_000,
            "cover_millionths": 5_000_000,
            "from_shard": 0,
            "issuer_msp": "northstar",
            "to_shard": 1,
        }
        await self.do("harbor", "RefillLimit", refill)
        fee = {"acceptor_msp": "harbor", "basis_points": 150, "issuer_msp": "northstar"}
        for msp_id in ("harbor", "northstar"):
            agreed = await self.do(msp_id, "SetAcceptanceFee", fee)
        assert agreed["acceptance_fee"]["agreed"] == [{"basis_points": 150, "from_window": 2}]
        asked = {"account": "COVER", "amount_millionths": POSTED // 2}
        await self.do("harbor", "WithdrawCollateral", asked)
        answer = {**asked, "approve": True, "msp_id": "harbor", "reference": "bank 2"}
        assert (await self.do("operator", "ReleaseCollateral", answer))["collateral"][
            "posted_millionths"
        ] == POSTED // 2

    async def _classes(self) -> None:
        for class_id, org, value in (("north", "northstar", 10_000), ("harbor", "harbor", 8_000)):
            definition = {
                "accepted_by": None,
                "category": "points",
                "class_id": class_id,
                "decimals": 0,
                "earn_rate": {"amount_minor": 100, "points": 2, "rounding": "STEPS"},
                "enrolled_only": False,
                "name": f"{class_id} 积分",
                "symbol": class_id[:4].upper(),
                "transferable": True,
                "unit_value_millionths": value,
                "validity": {"days": 30, "kind": "DAYS"},
            }
            await self.do(org, "DefineClass", definition)
        await self.do("harbor", "UpdateClass", {"class_id": "harbor", "name": "海港 “points” \\ \u2028"})
        rate = {
            "active": True,
            "denominator": 3,
            "from_class_id": "harbor",
            "numerator": 2,
            "to_class_id": "north",
        }
        await self.do("northstar", "SetRate", rate)

    async def _points(self) -> None:
        for key, home in ((ALICE, "northstar"), (BOB, "harbor")):
            await self.do(home, "EnrollMember", key.enrolment(home, self.place))
        issue = {"address": ALICE.address, "class_id": "north", "points": 500, "reason": "welcome 欢迎"}
        issuance = (await self.do("northstar", "Issue", issue))["issuance"]
        await self.do("harbor", "Issue", {"address": ALICE.address, "class_id": "harbor", "points": 300})
        await self.do("harbor", "Accrue", {"address": BOB.address, "amount_minor": 12_345, "class_id": "harbor"})
        reversal = {
            "account": ALICE.address,
            "class_id": "north",
            "issuance_id": issuance["issuance_id"],
            "points": 5,
            "reason": "returned",
        }
        await self.do("northstar", "ReverseIssue", reversal)
        recipients = [{"address": BOB.address, "points": 40}, {"address": ALICE.address, "points": 1}]
        await self.do("harbor", "Transfer", {"class_id": "north", "recipients": recipients}, ALICE)
        approval = {"class_id": "north", "expected_points": 0, "points": 50, "spender": BOB.address}
        await self.do("northstar", "Approve", approval, ALICE)
        taking = {"class_id": "north", "owner": ALICE.address, "points": 20, "recipient": BOB.address}
        await self.do("northstar", "TransferFrom", taking, BOB)
        for status in ("FROZEN", "ACTIVE"):
            await self.do("harbor", "SetMemberStatus", {"address": BOB.address, "status": status})

    async def _spending(self) -> None:
        both = ["harbor", "north"]
        order = {"acceptor_msp": "harbor", "class_ids": both, "order_ref": "order 1", "points": 350}
        redemption = (await self.do("harbor", "Redeem", order, ALICE))["redemption"]
        await self.do("harbor", "Refund", {"points": 30, "redemption_id": redemption["redemption_id"]})
        self.order = redemption["redemption_id"]
        received = await self.ledgers["northstar", "gateway"].evaluate("GetClass", {"class_id": "north"})
        exchange = {
            "from_class_id": "harbor",
            "points": 50,
            "rate_version": 1,
            "terms_hash": terms_hash(received),
            "to_class_id": "north",
        }
        exchanged = await self.do("northstar", "Exchange", exchange, BOB)
        self.exchange = exchanged["redemption"]["redemption_id"]
        silent = {"evidence_sha256": CARD, "reason": "DUPLICATE", "redemption_id": self.exchange}
        await self.do("harbor", "OpenDispute", silent)
        reservation = {
            "acceptor_msp": "harbor",
            "class_ids": ["north"],
            "expires_at": self.now + 2 * DAY,
            "order_ref": "till",
            "points": 20,
        }
        held = (await self.do("northstar", "Hold", reservation, ALICE))["hold"]
        captured = (await self.do("harbor", "Capture", {"hold_id": held["hold_id"], "points": 12}))["redemption"]
        dispute = {"evidence_sha256": CARD, "reason": "CANCELLED", "redemption_id": captured["redemption_id"]}
        await self.do("northstar", "OpenDispute", dispute)
        withdrawn = await self.do("northstar", "WithdrawDispute", {"redemption_id": captured["redemption_id"]})
        assert (withdrawn["dispute"]["status"], withdrawn["dispute"]["booked_minor"]) == ("WITHDRAWN", 12)
        held = (await self.do("northstar", "Hold", reservation, ALICE))["hold"]
        await self.do("northstar", "Release", {"hold_id": held["hold_id"]}, ALICE)
        held = (await self.do("northstar", "Hold", reservation, ALICE))["hold"]
        await self.do("harbor", "Release", {"hold_id": held["hold_id"]})

    async def _legacy(self) -> None:
        balances = {
            "class_id": "north",
            "control_total_points": 900,
            "entries": [{"points": 900, "reference_hash": CARD}],
        }
        await self.do("northstar", "ImportBalances", balances)
        request_id = f"story-{len(self.told) + 1}"
        await self.do(
            "northstar", "WithdrawToWallet", BOB.withdrawal("north", CARD, 250, request_id, self.now + DAY, self.place)
        )
        deposit = {"class_id": "north", "points": 100, "reference_hash": CARD}
        await self.do("northstar", "DepositFromWallet", deposit, BOB)

    async def _settlement(self) -> None:
        self.now += DAY
        await self.do("operator", "CutWindow", {"window_id": 1})
        closed = await self.do("operator", "CloseWindow", {"window_id": 1})
        statements = {one["msp_id"]: one for one in closed["statements"]}
        for statement in await self._disputes():
            statements[statement["msp_id"]] = statement
        for statement in statements.values():
            assert statement["status"] == "PENDING"
            acceptance = {"sha256": statement["sha256"], "window_id": 1}
            await self.do(statement["msp_id"], "AcceptStatement", acceptance)
        window = await self.ledgers["northstar", "gateway"].evaluate("GetWindow", {"window_id": 1})
        (payment,) = window["payments"]
        payer, payee = payment["payer_msp"], payment["payee_msp"]
        by_payer, by_payee = {"payee_msp": payee, "window_id": 1}, {"payer_msp": payer, "window_id": 1}
        await self.do(payer, "RecordPayment", {**by_payer, "amount_minor": 1, "reference": "typo"})
        await self.do(payer, "RetractPayment", {**by_payer, "reference": "typo"})
        await self.do(payer, "RecordPayment", {**by_payer, "amount_minor": 1, "reference": "lost"})
        await self.do(payee, "RejectPayment", {**by_payee, "reason": "NOT_RECEIVED", "reference": "lost"})
        await self.do(payer, "RecordPayment", {**by_payer, "amount_minor": 1, "reference": "bank 1"})
        await self.do(payee, "ConfirmPayment", {**by_payee, "reference": "bank 1"})
        right = {**by_payer, **by_payee, "amount_minor": 2, "reference": "bank 1"}
        await self.do(payer, "CorrectPayment", right)
        corrected = await self.do(payee, "CorrectPayment", right)
        assert corrected["payment"]["due_minor"] == payment["amount_minor"] - 2
        await self.do(payer, "RecordPayment", {**by_payer, "reference": "bank 2"})
        self.now += 4 * DAY
        silent = {**by_payer, **by_payee, "reference": "bank 2"}
        assert (await self.do("operator", "ConfirmUnanswered", silent))["window_status"] == "SETTLED"

    async def _disputes(self) -> list[Any]:
        """A part of the order is disputed up to a vote, in which the operator takes part, as a merchant; gives the new
        statements."""
        about = {"issuer_msp": "northstar", "redemption_id": self.order}
        opening = {"amount_minor": 5, "evidence_sha256": CARD, "reason": "AMOUNT", "redemption_id": self.order}
        statements = (await self.do("northstar", "OpenDispute", opening))["statements"]
        contest = {**about, "answer": "CONTEST", "evidence_sha256": CARD}
        await self.do("harbor", "AnswerDispute", contest)
        await self.do("northstar", "EscalateDispute", {"evidence_sha256": CARD, "redemption_id": self.order})
        await self.do("operator", "RegisterMerchant", {"msp_id": "operator", "name": "运营商户"}, identity="admin")
        await self.do("operator", "JoinConsortium", {}, identity="admin")
        assert (await self.do("harbor", "AnswerDispute", contest))["dispute"]["voters"] == ["operator"]
        split = (await self.do("operator", "VoteDispute", {**about, "vote": "SPLIT"}))["dispute"]
        assert (split["status"], split["booked_minor"], split["booked_window"]) == ("SPLIT", 3, 2)
        return list(statements)

    async def _later(self) -> None:
        self.now += 40 * DAY
        silent = {"issuer_msp": "harbor", "redemption_id": self.exchange}
        assert (await self.do("operator", "ResolveDispute", silent))["dispute"]["status"] == "UPHELD"
        accounts = [ALICE.address, BOB.address, f"legacy:{CARD}"]
        assert (await self.do("harbor", "Expire", {"accounts": accounts, "class_id": "north"}))["points"] > 0
        receipts = [{"authoriser": "operator", "request_id": f"story-{number}"} for number in (1, 2, 99)]
        balances = [{"account": account, "class_id": "harbor"} for account in accounts]
        assert (await self.do("harbor", "Sweep", {"balances": balances, "receipts": receipts}))["deleted"] > 2
        suspension = {"msp_id": "harbor", "status": "ISSUE_STOPPED"}
        await self.do("operator", "SetMerchantStatus", suspension, identity="admin")
        moved = await self.do("northstar", "MoveHome", {"home_msp": "northstar"}, BOB)
        assert moved["member"]["home_msp"] == "northstar"
        request_id, until = f"story-{len(self.told) + 1}", self.now + DAY
        merging = BOB.merging(ALICE.address, ["north"], request_id, until, self.place)
        merged = await self.do("northstar", "MergeAccounts", merging, ALICE)
        assert merged["target"] == BOB.address

    async def _governance(self) -> None:
        motion = {
            "definition_hash": "ab" * 32,
            "expires_at": self.now + 7 * DAY,
            "kind": "ADMIT",
            "msp_id": "aurora",
            "name": "极光茶室",
            "reason": "a good neighbour",
        }
        proposal = (await self.do("operator", "Propose", motion, identity="admin"))["proposal"]
        vote = {"approve": True, "proposal_id": proposal["proposal_id"]}
        await self.do("harbor", "Vote", vote, identity="admin")
        decided = await self.do("northstar", "Vote", vote, identity="admin")
        assert (decided["proposal"]["status"], decided["merchant"]["status"]) == ("PASSED", "INVITED")

    async def _lost_key(self) -> None:
        pair = {"address": LOST.address, "new_address": FOUND.address}
        asking = FOUND.rebinding(LOST.address, "northstar", self.place)
        await self.do("northstar", "EnrollMember", LOST.enrolment("northstar", self.place))
        await self.do("northstar", "Issue", {"address": LOST.address, "class_id": "north", "points": 25})
        await self.do("northstar", "RebindMember", asking)
        await self.do("harbor", "ObjectRebind", pair, LOST)
        await self.do("northstar", "RebindMember", asking)
        await self.do("harbor", "ConfirmRebind", pair)
        self.now += 8 * DAY
        taken = await self.do("northstar", "CompleteRebind", {**pair, "class_ids": ["harbor", "north"]})
        assert taken["member"]["address"] == FOUND.address
        assert [one["points"] for one in taken["classes"]] == [0, 25]
        another = MemberKey.derived("story bob, another key")
        await self.do("northstar", "RebindMember", another.rebinding(BOB.address, "northstar", self.place))

    async def _default(self) -> None:
        """Northstar does not pay what it owes; its cover does. Then it may go on."""
        spent = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "last", "points": 20}
        await self.do("harbor", "Redeem", spent, FOUND)
        window_id = (await self.ledgers["operator", "gateway"].evaluate("GetCurrentWindow", {}))["window_id"]
        await self.do("operator", "CutWindow", {"window_id": window_id})
        closed = (await self.do("operator", "CloseWindow", {"window_id": window_id}))["window"]
        self.now += 20 * DAY
        declared = await self.do(
            "harbor",
            "DeclareDefault",
            {"msp_id": "northstar", "run_off_until": "2027-01-31", "window_id": window_id},
        )
        assert declared["default"]["cover_minor"] == closed["payments"][0]["amount_minor"] >= 20
        assert declared["merchant"]["status"] == "RUN_OFF"
        paid = {"reference": "out of cover", "window_id": window_id}
        await self.do("operator", "RecordPayment", {**paid, "payee_msp": "harbor"})
        settled = await self.do("harbor", "ConfirmPayment", {**paid, "payer_msp": "operator"})
        assert settled["window_status"] == "SETTLED"
        await self.do("operator", "SetMerchantStatus", {"msp_id": "northstar", "status": "ACTIVE"}, identity="admin")
        limit = {"acceptor_msp": "harbor", "cap_millionths": 4 * CAP, "cover_millionths": 4 * CAP}
        await self.do("northstar", "SetLimits", {"issuer_msp": "northstar", "limits": [limit]})
