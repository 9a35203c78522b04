"""The second person: who needs one, who may be one, and that the action is carried out once."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gateway.ledger.errors import Rejected
from gateway.operations.api.requests import kebab
from gateway.operations.record import Deed
from gateway.operations.records import DEEDS, VALUED
from gateway.oversight.approvals import CONFIRMERS, DONE, EXPIRED, PENDING, REFUSED, REJECTED, Approvals
from gateway.oversight.decision_facts import facts_of
from gateway.oversight.settings import ApprovalSettings
from gateway.oversight.valuation import Worths
from gateway.security.audit import AuditLog
from gateway.security.principals import Anonymous, ApiKeyCaller, Member, Role, Scope, Staff
from gateway.store.engine import Store
from tests.scenes.people import PeopleScene
from tests.scenes.refusals import refused

MARKETING = Staff("stf_marketing", "ses_1", 0, frozenset({Role.MARKETING}))
FINANCE = Staff("stf_finance", "ses_2", 0, frozenset({Role.FINANCE}))
CASHIER = Staff("stf_cashier", "ses_3", 0, frozenset({Role.CASHIER, Role.AUDITOR}))
ADMIN = Staff("stf_admin", "ses_4", 0, frozenset({Role.ADMIN}))
KEY = ApiKeyCaller("key_1", frozenset({Scope.ISSUE}), FINANCE.staff_id, 600)
VECTORS = Path(__file__).parents[3] / "chaincode" / "vectors"
MILLION = 1_000_000
LIMIT = 100_000
"""Points worth 1,000.00, which is what one person may issue in a day."""


def rate_of(points: int) -> dict[str, Any]:
    """So many points for each whole 1.00."""
    return {"amount_minor": 100, "points": points, "rounding": "STEPS"}


def issue(request_id: str, points: int) -> dict[str, Any]:
    """An operation Issue."""
    args = {"address": "jf1dwm6h8gsd5pccd5q6pnsrtlc5ek4uh6hpshc50", "class_id": "north", "points": points}
    return {"op": "Issue", "args": args, "request_id": request_id, "valid_until": 1_790_003_600}


class Ledger:
    """Counts what is carried out, once a request_id, as the ledger does."""

    def __init__(self, code: str = "OK") -> None:
        self.code = code
        self.calls = 0
        self.done: dict[str, Mapping[str, Any]] = {}

    def submit(self, operation: Mapping[str, Any]) -> Mapping[str, Any]:
        """The receipt."""
        self.calls += 1
        self.done.setdefault(operation["request_id"], operation)
        return {"code": self.code, "request_id": operation["request_id"], "detail": "x"}


def accrual(request_id: str, amount_minor: int) -> dict[str, Any]:
    """An operation Accrue."""
    args = {"address": "jf1dwm6h8gsd5pccd5q6pnsrtlc5ek4uh6hpshc50", "amount_minor": amount_minor, "class_id": "north"}
    return {"op": "Accrue", "args": args, "request_id": request_id, "valid_until": 1_790_003_600}


def test_a_cashier_does_not_accrue_without_end(world: PeopleScene) -> None:
    approvals, limit = world.people.approvals, 20_000_000  # minor units of purchases that earn points worth 2,000.00
    assert approvals.ask(CASHIER, accrual("a", limit)) is None
    assert approvals.ask(CASHIER, accrual("b", 100)) is not None, "what one person accrues is added up"
    assert approvals.ask(KEY, accrual("c", limit)) is None
    assert approvals.ask(KEY, accrual("d", limit)) is None, "a program is held to the limit with each purchase"
    assert approvals.ask(KEY, accrual("e", limit + 100)) is not None


def test_under_the_limit_alone_and_over_it_not(world: PeopleScene) -> None:
    approvals = world.people.approvals
    assert approvals.ask(MARKETING, issue("a", LIMIT)) is None
    waiting = approvals.ask(MARKETING, issue("b", 1))
    assert waiting is not None
    assert (waiting.status, waiting.amount, waiting.limit_amount) == (PENDING, 10_000, 1_000 * MILLION)
    assert approvals.ask(MARKETING, issue("a", LIMIT)) is None, "sent again it is not counted again"
    assert approvals.ask(FINANCE, issue("b", 1)) is None, "each person has a limit of her own"
    world.clock.turn(86_400)
    assert approvals.ask(MARKETING, issue("c", LIMIT)) is None


def test_many_small_actions_at_once_are_a_large_one(world: PeopleScene) -> None:
    begin = threading.Barrier(8)

    def ask(number: int) -> bool:
        begin.wait(10)
        return world.people.approvals.ask(MARKETING, issue(f"r{number}", LIMIT // 4)) is None

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert answers.count(True) == 4


def test_many_contents_under_one_request_id_are_added_up(world: PeopleScene) -> None:
    """A ledger that has forgotten a request, or another place of it, takes its id for another content."""
    approvals = world.people.approvals
    for number in (0, -1, -2, -3):
        assert approvals.ask(MARKETING, issue("a", LIMIT // 4 + number)) is None
    assert approvals.ask(MARKETING, issue("a", LIMIT // 4)) is None, "sent again it is not counted again"
    assert approvals.ask(MARKETING, issue("a", LIMIT // 4 - 4)) is not None


def test_what_needs_nobody(world: PeopleScene) -> None:
    approvals = world.people.approvals
    assert approvals.ask(MARKETING, {**issue("a", 10**9), "op": "Expire"}) is None
    assert approvals.ask(Member("per_1", "ses", 0), issue("a", 10**9)) is None
    assert approvals.ask(Anonymous(), issue("a", 10**9)) is None


@pytest.mark.parametrize(
    ("op", "args", "amount"),
    [
        ("Issue", {"class_id": "north", "points": 7}, 70_000),
        ("Issue", {"class_id": "unheard-of", "points": 7}, None),
        ("ReverseIssue", {"class_id": "north", "points": 7}, 70_000),
        ("Accrue", {"class_id": "north", "amount_minor": 1_299}, 120_000),
        ("Refund", {"redemption_id": "x/1", "points": 7}, 7 * 30_000),
        ("Refund", {"redemption_id": "x/1"}, 8 * 30_000 + 12 * 10_000),
        ("Refund", {"redemption_id": "x/2"}, None),
        ("Capture", {"hold_id": "x/3", "points": 4}, 40_000),
        ("Capture", {"hold_id": "x/4"}, None),
        ("ImportBalances", {"class_id": "north", "control_total_points": 12, "entries": []}, 120_000),
        ("SetLimits", {"posted_cover_millionths": 5, "limits": [{"cap_millionths": 3}, {"cap_millionths": 4}]}, 7),
        ("SetLimits", {"posted_cover_millionths": 50}, 50),
        ("RecordPayment", {"window_id": 1, "payee_msp": "harbor"}, 12_345 * 10_000),
        ("RecordPayment", {"window_id": 2, "payee_msp": "harbor"}, None),
        ("RecordPayment", {"window_id": 1, "payee_msp": "harbor", "amount_minor": 45}, 45 * 10_000),
        ("ConfirmPayment", {"window_id": 1, "payer_msp": "northstar", "reference": "bank-0"}, 55 * 10_000),
        ("RejectPayment", {"window_id": 1, "payer_msp": "northstar", "reference": "bank-0"}, 55 * 10_000),
        ("RetractPayment", {"window_id": 1, "payee_msp": "harbor", "reference": "bank-0"}, 55 * 10_000),
        ("CorrectPayment", {"window_id": 1, "amount_minor": 0, "reference": "bank-0"}, 55 * 10_000),
        ("CorrectPayment", {"window_id": 1, "amount_minor": 56, "reference": "bank-0"}, 56 * 10_000),
        ("Issue", {"class_id": "swapped", "points": 2}, 2 * 5 * 10_000),
        ("Issue", {"class_id": "north", "points": 2**53 - 1}, 2**53 - 1),
    ],
)
def test_what_an_operation_moves_in_money(
    world: PeopleScene, op: str, args: dict[str, Any], amount: int | None
) -> None:
    north = world.documents["class/north"]
    world.documents |= {
        "class/swapped": {**north, "class_id": "swapped", "unit_value_millionths": 0},
        "rate/swapped/north": {
            "from_class_id": "swapped",
            "to_class_id": "north",
            "numerator": 5,
            "denominator": 1,
            "active": True,
        },
        "redemption/x/1": [
            "northstar",
            [
                ["north", None, "northstar", 20, 8, 200_000],
                ["harbor", None, "harbor", 8, 0, 240_000],
            ],
            "PURCHASE",
            "jf1",
            [[], 0],
            "order 1",
            "2026-01-01",
            8,
            0,
            1,
        ],
        "hold/x/3": {"amounts": [{"class_id": "north", "points": 9}], "points": 9},
        "window/00000001": {"payments": [PAYMENT]},
    }
    operation = {"op": op, "args": args, "request_id": "r"}
    assert world.people.approvals.amount(operation) == amount
    if amount is None:
        assert world.people.approvals.ask(FINANCE, operation) is not None


PAYMENT: dict[str, Any] = {
    "payer_msp": "northstar",
    "payee_msp": "harbor",
    "amount_minor": 12_400,
    "due_minor": 12_345,
    "remittances": [
        {"amount_minor": 99, "reference": "bank-0", "ended_at": 1},
        {"amount_minor": 55, "reference": "bank-0", "ended_at": None},
    ],
}
"""A payment of a window as far as it matters here: something recorded, after something that was rejected."""
DEFINITIONS: list[tuple[str, dict[str, Any]]] = [
    ("DefineClass", {"class_id": "gold", "name": "Gold", "unit_value_millionths": 10**12}),
    ("UpdateClass", {"class_id": "north", "earn_rate": rate_of(1_000_000)}),
    ("UpdateClass", {"class_id": "north", "transferable": False}),
    ("UpdateClass", {"class_id": "unheard-of", "all_accept": True}),
    ("UpdateClass", {"class_id": "north", "accepted_by": ["harbor"]}),
    ("UpdateClass", {"class_id": "unheard-of", "status": "ACTIVE"}),
    (
        "SetRate",
        {"from_class_id": "x", "to_class_id": "north", "numerator": 10**9, "denominator": 1, "active": True},
    ),
    (
        "SetLimits",
        {
            "issuer_msp": "northstar",
            "limits": [{"acceptor_msp": "harbor", "cap_millionths": 0, "cover_millionths": 0}],
        },
    ),
    (
        "RefillLimit",
        {
            "acceptor_msp": "northstar",
            "cap_millionths": 0,
            "cover_millionths": 0,
            "from_shard": 0,
            "issuer_msp": "harbor",
            "to_shard": 1,
        },
    ),
    ("SetMerchantStatus", {"msp_id": "harbor", "status": "EXITED"}),
    ("RegisterMerchant", {"msp_id": "new", "name": "New"}),
    ("Propose", {"kind": "SUSPEND", "msp_id": "harbor", "reason": "x", "expires_at": 1}),
    ("Vote", {"approve": True, "proposal_id": "SUSPEND/harbor/operator/r"}),
    ("CutWindow", {"window_id": 1}),
    ("RecordPayment", {"window_id": 1, "payee_msp": "harbor", "reference": "x"}),
    ("ConfirmPayment", {"window_id": 1, "payer_msp": "harbor"}),
    ("RejectPayment", {"window_id": 1, "payer_msp": "harbor", "reason": "NOT_RECEIVED", "reference": "x"}),
    ("RetractPayment", {"window_id": 1, "payee_msp": "harbor", "reference": "x"}),
    (
        "CorrectPayment",
        {"window_id": 1, "payee_msp": "harbor", "payer_msp": "northstar", "amount_minor": 1, "reference": "x"},
    ),
    ("ImportBalances", {"class_id": "north", "control_total_points": 1, "entries": []}),
]


@pytest.mark.parametrize("who", [ADMIN, KEY], ids=["an admin", "a program"])
@pytest.mark.parametrize(("op", "args"), DEFINITIONS)
def test_what_changes_value_needs_a_second_person_each_time(
    world: PeopleScene, who: Staff | ApiKeyCaller, op: str, args: dict[str, Any]
) -> None:
    waiting = world.people.approvals.ask(who, {"op": op, "args": args, "request_id": "r"})
    assert waiting is not None
    assert waiting.limit_amount is None


@pytest.mark.parametrize(
    ("op", "args"),
    [
        ("UpdateClass", {"class_id": "north", "name": "Northern points", "category": "shop"}),
        ("UpdateClass", {"class_id": "north", "status": "STOPPED"}),
        ("UpdateClass", {"class_id": "north", "earn_rate": rate_of(1), "all_accept": True, "name": "As it was"}),
        ("SetRate", {"from_class_id": "x", "to_class_id": "north", "numerator": 1, "denominator": 1, "active": False}),
    ],
)
def test_another_name_and_a_brake_do_not_wait(world: PeopleScene, op: str, args: dict[str, Any]) -> None:
    assert world.people.approvals.ask(MARKETING, {"op": op, "args": args, "request_id": "r"}) is None


@pytest.mark.parametrize("op", sorted((*DEEDS, *VALUED)))
def test_a_second_person_is_told_what_every_operation_is_about(op: str) -> None:
    files = sorted((VECTORS / kebab(op).replace("-", "_")).glob("*.json"))
    vectors = [json.loads(file.read_text("utf-8")) for file in files if file.stem != "forms"]
    accepted = next(one for one in vectors if one["expect"].get("receipts") == [None])
    operation, state = accepted["argument"]["operations"][0], accepted["state"]
    worths = Worths(state.get, lambda prefix: [one for key, one in state.items() if key.startswith(prefix)])
    assert facts_of(operation, state.get, worths), f"{op}: say what is decided in oversight/decision_facts.py"


def test_a_payment_is_told_with_its_amount_and_limits_before_and_after(world: PeopleScene) -> None:
    approvals = world.people.approvals
    world.documents |= {
        "window/00000001": {"payments": [PAYMENT]},
        "limit/northstar/harbor/00": {"cap_millionths": 70, "cover_millionths": 5},
        "limit/northstar/harbor/01": {"cap_millionths": 30, "cover_millionths": 5},
    }
    payment = {"window_id": 1, "payee_msp": "harbor", "reference": "bank-1"}
    limits = [{"acceptor_msp": "harbor", "cap_millionths": 0, "cover_millionths": 10}]

    def told(op: str, args: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
        waiting = approvals.ask(ADMIN, {"op": op, "args": args, "request_id": op})
        assert waiting is not None
        return {fact["name"]: (fact.get("before"), fact["value"]) for fact in approvals.facts(waiting)}

    assert told("RecordPayment", payment) == {
        "window_id": (None, 1),
        "payee_msp": (None, "harbor"),
        "amount": (None, 123_450_000),
        "reference": (None, "bank-1"),
    }
    corrected = {**payment, "payer_msp": "northstar", "amount_minor": 50, "reference": "bank-0"}
    assert told("CorrectPayment", {**corrected, "right_reference": "bank-2"}) == {
        "window_id": (None, 1),
        "payer_msp": (None, "northstar"),
        "payee_msp": (None, "harbor"),
        "amount": (550_000, 500_000),
        "reference": ("bank-0", "bank-2"),
    }
    assert told("SetLimits", {"issuer_msp": "northstar", "limits": limits}) == {
        "issuer_msp": (None, "northstar"),
        "cap_millionths": (100, 0),
        "cover_millionths": (10, 10),
    }


def test_what_was_decided_stays_told_as_it_was(world: PeopleScene) -> None:
    approvals = world.people.approvals
    waiting = approvals.ask(
        MARKETING, {"op": "UpdateClass", "args": {"class_id": "north", "earn_rate": rate_of(7)}, "request_id": "r"}
    )
    assert waiting is not None
    world.documents["class/north"]["earn_rate"] = rate_of(2)
    assert approvals.facts(waiting)[-1]["before"] == rate_of(2), "while it waits, as it stands now"
    done = approvals.confirm(FINANCE, waiting.approval_id, Ledger().submit)
    world.documents["class/north"]["earn_rate"] = rate_of(7)
    assert approvals.facts(done)[-1] == {
        "name": "earn_rate",
        "kind": "earn_rate",
        "value": rate_of(7),
        "before": rate_of(2),
        "changes": True,
    }


def test_a_merchant_may_have_only_some_deeds_confirmed(store: Store) -> None:
    settings = ApprovalSettings(second_person=(Deed.PAYMENTS,))
    approvals = Approvals(store, AuditLog(store), settings, Worths(lambda key: None, lambda prefix: ()))
    by_op = {op: approvals.ask(ADMIN, {"op": op, "args": args, "request_id": op}) for op, args in DEFINITIONS}
    assert {op for op, waiting in by_op.items() if waiting is not None} == {
        "RecordPayment",
        "ConfirmPayment",
        "RejectPayment",
        "RetractPayment",
        "CorrectPayment",
    }


def test_a_limit_for_what_has_no_value_is_no_setting() -> None:
    with pytest.raises(ValueError, match="value_limits: SetLimits"):
        ApprovalSettings(value_limits={"SetLimits": 5})


def test_nobody_is_asked_to_confirm_what_the_ledger_would_refuse(world: PeopleScene) -> None:
    def rehearse(operation: Mapping[str, Any]) -> None:
        raise Rejected("UNKNOWN_REDEMPTION", "x/1")

    refund = {"op": "Refund", "args": {"redemption_id": "x/1"}, "request_id": "r"}
    for _ in range(2):
        with pytest.raises(Rejected, match="UNKNOWN_REDEMPTION"):
            world.people.approvals.ask(CASHIER, refund, rehearse)
    assert world.people.approvals.list() == []


def test_the_request_id_of_what_waits_is_nobody_elses(world: PeopleScene) -> None:
    approvals, ledger = world.people.approvals, Ledger()
    waiting = approvals.ask(MARKETING, issue("a", LIMIT + 1))
    assert waiting is not None
    for who in (CASHIER, KEY, FINANCE):
        with pytest.raises(Rejected, match="REQUEST_ID_REUSED"):
            approvals.ask(who, accrual("a", 0))
    approvals.confirm(FINANCE, waiting.approval_id, ledger.submit)
    assert ledger.done["a"]["op"] == "Issue"
    rejected = approvals.ask(MARKETING, issue("b", LIMIT + 1))
    assert rejected is not None
    approvals.reject(FINANCE, rejected.approval_id, "no")
    assert approvals.ask(CASHIER, accrual("b", 0)) is None, "what does not wait any more holds no id"


def test_who_sees_which_requests(world: PeopleScene) -> None:
    approvals = world.people.approvals
    mine, other = approvals.ask(CASHIER, accrual("a", 10**12)), approvals.ask(MARKETING, issue("b", LIMIT + 1))
    assert mine is not None
    assert other is not None
    cashier = Staff(CASHIER.staff_id, "ses", 0, frozenset({Role.CASHIER}))
    assert [row.approval_id for row in approvals.list(viewer=cashier)] == [mine.approval_id]
    assert len(approvals.list(viewer=FINANCE)) == len(approvals.list(viewer=CASHIER)) == 2
    with refused("OBJECT_UNKNOWN"):
        approvals.get(other.approval_id, cashier)


def test_a_keys_operations_are_held_to_the_limit_one_by_one(world: PeopleScene) -> None:
    approvals = world.people.approvals
    for number in range(3):
        assert approvals.ask(KEY, issue(f"k{number}", LIMIT)) is None
    waiting = approvals.ask(KEY, issue("big", LIMIT + 1))
    assert waiting is not None
    with refused("SAME_PERSON"):  # the key is finance's own
        approvals.confirm(FINANCE, waiting.approval_id, Ledger().submit)


def test_confirmed_by_another_person_with_the_role_and_carried_out_once(world: PeopleScene) -> None:
    approvals, ledger = world.people.approvals, Ledger()
    waiting = approvals.ask(MARKETING, issue("a", LIMIT + 1))
    assert waiting is not None
    with refused("SAME_PERSON"):
        approvals.confirm(MARKETING, waiting.approval_id, ledger.submit)
    with refused("APPROVAL_ROLE"):
        approvals.confirm(CASHIER, waiting.approval_id, ledger.submit)
    with refused("OBJECT_UNKNOWN"):
        approvals.confirm(FINANCE, "apr_none", ledger.submit)
    assert ledger.calls == 0
    done = approvals.confirm(FINANCE, waiting.approval_id, ledger.submit)
    assert (done.status, done.decided_by, (done.receipt or {})["code"]) == (DONE, FINANCE.staff_id, "OK")
    assert ledger.done["a"] == {key: issue("a", LIMIT + 1)[key] for key in ("op", "args", "request_id")}
    assert approvals.confirm(FINANCE, waiting.approval_id, ledger.submit).status == DONE
    assert ledger.calls == 1
    with refused("APPROVAL_ENDED"):
        approvals.reject(FINANCE, waiting.approval_id, "too late")
    again = approvals.ask(MARKETING, issue("a", LIMIT + 1))
    assert again is not None
    assert again.approval_id == waiting.approval_id
    assert [row.action for row in world.people.audit.rows()] == ["confirmApproval", "requestApproval"]


def test_two_who_confirm_at_once(world: PeopleScene) -> None:
    approvals, ledger = world.people.approvals, Ledger()
    waiting = approvals.ask(MARKETING, issue("a", LIMIT + 1))
    assert waiting is not None
    second = Staff("stf_second", "ses_9", 0, frozenset({Role.ADMIN}))
    with ThreadPoolExecutor(2) as pool:
        found = list(
            pool.map(lambda who: approvals.confirm(who, waiting.approval_id, ledger.submit), [FINANCE, second])
        )
    assert {one.status for one in found} == {DONE}
    assert len(ledger.done) == 1
    assert [row.action for row in world.people.audit.rows()].count("confirmApproval") == 1


def test_a_break_between_confirmation_and_carrying_out(world: PeopleScene) -> None:
    approvals, ledger = world.people.approvals, Ledger()
    waiting = approvals.ask(MARKETING, issue("a", LIMIT + 1))
    assert waiting is not None

    def lost(operation: Mapping[str, Any]) -> Mapping[str, Any]:
        ledger.submit(operation)
        raise ConnectionError("the answer was lost")

    with pytest.raises(ConnectionError):
        approvals.confirm(FINANCE, waiting.approval_id, lost)
    assert approvals.resume(ledger.submit) == 1
    assert approvals.resume(ledger.submit) == 0
    assert approvals.get(waiting.approval_id).status == DONE
    assert (ledger.calls, len(ledger.done)) == (2, 1)


@pytest.mark.parametrize("known", [True, False])
def test_what_the_ledger_has_forgotten_is_not_carried_out_again(world: PeopleScene, store: Store, known: bool) -> None:
    ledger = Ledger()
    log = {"code": "OK", "request_id": "a"}
    settings = ApprovalSettings(value_limits={"Issue": 1})
    services = (store, AuditLog(store), settings, world.people.worths)
    approvals = Approvals(
        *services,
        carried_out=lambda operation: log if known and operation["request_id"] == "a" else None,
        clock=world.clock,
    )
    waiting = approvals.ask(MARKETING, issue("a", LIMIT + 1))
    assert waiting is not None

    def lost(operation: Mapping[str, Any]) -> Mapping[str, Any]:
        raise ConnectionError("the answer was lost")

    with pytest.raises(ConnectionError):
        approvals.confirm(FINANCE, waiting.approval_id, lost)
    world.clock.turn(9 * 86_400)
    assert approvals.resume(ledger.submit) == 1
    assert approvals.get(waiting.approval_id).status == DONE
    assert ledger.calls == (0 if known else 1), "the log has it"


def test_rejected_taken_back_expired_refused(world: PeopleScene) -> None:
    approvals, ledger = world.people.approvals, Ledger("CLASS_STOPPED")
    ids = []
    for name in "abcd":
        waiting = approvals.ask(MARKETING, issue(name, LIMIT + 1))
        assert waiting is not None
        ids.append(waiting.approval_id)
    with refused("REASON_REQUIRED"):
        approvals.reject(FINANCE, ids[0], None)
    assert approvals.reject(FINANCE, ids[0], "too much").reason == "too much"
    assert approvals.reject(MARKETING, ids[1], None).status == REJECTED
    with refused("APPROVAL_ENDED"):
        approvals.confirm(FINANCE, ids[0], ledger.submit)
    assert approvals.confirm(FINANCE, ids[2], ledger.submit).status == REFUSED
    world.clock.turn(world.people.settings.approvals.seconds)
    with refused("APPROVAL_ENDED"):
        approvals.confirm(FINANCE, ids[3], ledger.submit)
    assert approvals.get(ids[3]).status == EXPIRED
    assert {row.approval_id for row in approvals.list()} == set(ids)
    first = approvals.list(limit=2)
    rest = approvals.list(before=(first[-1].requested_at, first[-1].approval_id))
    assert {row.approval_id for row in [*first, *rest]} == set(ids)
    assert [row.approval_id for row in approvals.list(status=EXPIRED)] == [ids[3]]


def test_everything_that_can_wait_has_somebody_who_can_confirm() -> None:
    assert {*VALUED, *DEEDS} == set(CONFIRMERS)
    assert all(CONFIRMERS.values())
