"""A second person for money-like actions over a limit: asked, confirmed or rejected by somebody else, carried out once.

What one person moves is added up over 24 hours, so that many small actions are one large one. Carried out is the very operation that was asked for, under its own
request_id; should the gateway be killed in between, `resume` sends it again, and the ledger counts it once.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chaincode.spec.canonical import encode
from gateway.access.audit import AuditLog
from gateway.access.principals import ApiKeyCaller, Principal, Role, Staff
from gateway.errors import GatewayError
from gateway.ledger.errors import LedgerError
from gateway.people.settings import ApprovalSettings
from gateway.store.base import new_id
from gateway.store.engine import Store
from gateway.store.models.staff import Approval, MoneyAction

PENDING = "PENDING"
CONFIRMED = "CONFIRMED"
REJECTED = "REJECTED"
EXPIRED = "EXPIRED"
DONE = "DONE"
REFUSED = "REFUSED"
DAY_SECONDS = 86_400
CONFIRMERS: Mapping[str, frozenset[Role]] = {
    "Issue": frozenset({Role.FINANCE, Role.ADMIN}),
    "Accrue": frozenset({Role.FINANCE, Role.ADMIN}),
    "ReverseIssue": frozenset({Role.FINANCE, Role.ADMIN}),
    "WithdrawToWallet": frozenset({Role.FINANCE, Role.ADMIN}),
    "Refund": frozenset({Role.FINANCE, Role.ADMIN}),
    "ImportBalances": frozenset({Role.FINANCE, Role.ADMIN}),
    "SetLimits": frozenset({Role.FINANCE, Role.ADMIN}),
    "RecordPayment": frozenset({Role.FINANCE, Role.ADMIN}),
    "ConfirmPayment": frozenset({Role.FINANCE, Role.ADMIN}),
}
"""Who may be the second person, for each action that can need one."""

Submit = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Carries an operation out and gives its receipt's document; adds `valid_until`. Raises when the outcome is not known."""

_log = structlog.get_logger()


class StillPending(Exception):
    """Raised by a Submit when the operation is on its way and its end is not known."""


class Approvals:
    """Decides what needs a second person, and keeps what waits for one.

    `redemption_points(redemption_id)` is what a Refund without `points` gives back, `payment_minor(window_id, payer_msp, payee_msp)` a payment's amount;
    None where it is not known, which needs a second person.
    """

    def __init__(
        self,
        store: Store,
        audit: AuditLog,
        settings: ApprovalSettings,
        *,
        redemption_points: Callable[[str], int | None] = lambda redemption_id: None,
        payment_minor: Callable[[Mapping[str, Any]], int | None] = lambda operation: None,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self._store = store
        self._audit = audit
        self._settings = settings
        self._redemption_points = redemption_points
        self._payment_minor = payment_minor
        self._clock = clock

    def amount(self, operation: Mapping[str, Any]) -> int | None:
        """What the operation moves, in the unit of its limit; None where that cannot be said."""
        args = operation["args"]
        match operation["op"]:
            case "Issue" | "ReverseIssue" | "WithdrawToWallet":
                return int(args["points"])
            case "Accrue":
                return int(args["amount_minor"])
            case "Refund":
                points = args.get("points")
                return int(points) if points is not None else self._redemption_points(args["redemption_id"])
            case "ImportBalances":
                return int(args["control_total_points"])
            case "SetLimits":
                slices = args.get("slices") or []
                return max(
                    [int(args.get("posted_cover_millionths") or 0), sum(int(part["cap_millionths"]) for part in slices)]
                )
            case "RecordPayment" | "ConfirmPayment":
                return self._payment_minor(operation)
        return 0

    def ask(self, principal: Principal, operation: Mapping[str, Any]) -> Approval | None:
        """None when the principal may do this alone, which is counted; else the approval that it needs, new or asked for before under the same request_id.

        Staff are counted over 24 hours; a program's key is held to the limit with each operation. An approval that was rejected or has expired stays so: ask
        again under another request_id.
        """
        limit = self._settings.limits.get(operation["op"])
        if limit is None or not isinstance(principal, Staff | ApiKeyCaller):
            return None
        amount = self.amount(operation)
        if isinstance(principal, ApiKeyCaller) and amount is not None and amount <= limit:
            return None  # a till asks a hundred times a second: nothing of it is counted
        with self._store.writing() as session:
            waiting = session.scalar(
                select(Approval).where(
                    Approval.requested_by == principal.id, Approval.body_hash == body_hash(operation)
                )
            )
            if waiting is not None:
                return waiting
            if amount is not None and self._alone(session, principal, operation, amount, limit):
                return None
            return self._open(session, principal, operation, amount or 0, limit)

    def _alone(
        self, session: Session, principal: Principal, operation: Mapping[str, Any], amount: int, limit: int
    ) -> bool:
        if isinstance(principal, ApiKeyCaller):
            return amount <= limit
        now = self._clock()
        session.execute(delete(MoneyAction).where(MoneyAction.at <= now - DAY_SECONDS))
        if self._store.dialect == "postgresql":  # one person's sums one after the other
            session.execute(select(func.pg_advisory_xact_lock(func.hashtext(principal.id))))
        known = session.get(MoneyAction, (principal.id, operation["request_id"]))
        if known is not None and (known.action, known.amount) == (operation["op"], amount):
            return True
        spent = session.scalar(
            select(func.coalesce(func.sum(MoneyAction.amount), 0)).where(
                MoneyAction.actor == principal.id, MoneyAction.action == operation["op"]
            )
        )
        if int(spent or 0) + amount > limit or known is not None:
            return False
        session.add(
            MoneyAction(
                actor=principal.id,
                request_id=operation["request_id"],
                action=operation["op"],
                amount=amount,
                at=now,
            )
        )
        return True

    def _open(
        self, session: Session, principal: Principal, operation: Mapping[str, Any], amount: int, limit: int
    ) -> Approval:
        now = self._clock()
        made = Approval(
            approval_id=new_id("apr"),
            action=operation["op"],
            operation={key: operation[key] for key in ("op", "args", "request_id")},
            body_hash=body_hash(operation),
            amount=amount,
            limit_amount=limit,
            status=PENDING,
            requested_by=principal.id,
            requested_person=principal.created_by if isinstance(principal, ApiKeyCaller) else principal.id,
            requested_at=now,
            expires_at=now + self._settings.seconds,
        )
        session.add(made)
        try:
            session.flush()
        except IntegrityError:  # asked twice at the same time
            raise GatewayError("TRY_LATER", "asked for at this very moment", retry_after_seconds=1) from None
        self._audit.append(
            session,
            principal,
            "requestApproval",
            made.approval_id,
            request_id=operation["request_id"],
            details={"action": made.action, "amount": amount},
        )
        return made

    def confirm(self, principal: Staff, approval_id: str, submit: Submit) -> Approval:
        """Confirms and carries out; DONE or REFUSED with the receipt. Confirmed again by anybody who may, it goes on where it stopped. Raises GatewayError OBJECT_UNKNOWN,
        SAME_PERSON, APPROVAL_ROLE, APPROVAL_ENDED; StillPending, and then `resume` brings it to its end."""
        self._decide(principal, approval_id, CONFIRMED, None)
        return self._carry_out(approval_id, submit)

    def reject(self, principal: Staff, approval_id: str, reason: str | None) -> Approval:
        """Rejects. Raises as `confirm`; whoever asked may take her own request back so."""
        return self._decide(principal, approval_id, REJECTED, reason)

    def resume(self, submit: Submit) -> int:
        """Carries out what was confirmed and not finished, after a start and now and then; how many. What the ledger does not answer yet stays for the next time."""
        with self._store.reading() as session:
            waiting = session.scalars(select(Approval.approval_id).where(Approval.status == CONFIRMED)).all()
        done = 0
        for approval_id in waiting:
            try:
                self._carry_out(approval_id, submit)
                done += 1
            except (GatewayError, LedgerError, StillPending) as error:
                _log.warning("approval_waits", approval=approval_id, reason=type(error).__name__)
        return done

    def expire(self) -> None:
        """Ends the requests that nobody answered in time."""
        with self._store.writing() as session:
            session.execute(
                update(Approval)
                .where(Approval.status == PENDING, Approval.expires_at <= self._clock())
                .values(status=EXPIRED)
            )

    def get(self, approval_id: str) -> Approval:
        """The approval. Raises GatewayError OBJECT_UNKNOWN."""
        with self._store.reading() as session:
            found = session.get(Approval, approval_id)
        if found is None:
            raise GatewayError("OBJECT_UNKNOWN", "there is no such approval")
        return found

    def list(
        self, *, status: str | None = None, before: tuple[int, str] | None = None, limit: int = 50
    ) -> Sequence[Approval]:
        """Approvals, newest first, behind (requested_at, approval_id) `before`."""
        question = select(Approval).order_by(Approval.requested_at.desc(), Approval.approval_id.desc()).limit(limit)
        if status is not None:
            question = question.where(Approval.status == status)
        if before is not None:
            at, last = before
            question = question.where(
                (Approval.requested_at < at) | ((Approval.requested_at == at) & (Approval.approval_id < last))
            )
        with self._store.reading() as session:
            return session.scalars(question).all()

    def _decide(self, principal: Staff, approval_id: str, status: str, reason: str | None) -> Approval:
        now = self._clock()
        with self._store.writing() as session:
            row = session.get(Approval, approval_id, with_for_update=True)
            if row is None:
                raise GatewayError("OBJECT_UNKNOWN", "there is no such approval")
            own = principal.id in (row.requested_by, row.requested_person)
            if own and status != REJECTED:
                raise GatewayError("SAME_PERSON", "somebody else must confirm what you asked for")
            if not own and not principal.roles & CONFIRMERS.get(row.action, frozenset()):
                raise GatewayError("APPROVAL_ROLE", "this is for another role to decide")
            if row.status == PENDING and row.expires_at <= now:
                row.status = EXPIRED
            elif row.status == PENDING:
                row.status, row.decided_by, row.decided_at, row.reason = status, principal.id, now, reason
                self._audit.append(
                    session,
                    principal,
                    "confirmApproval" if status == CONFIRMED else "rejectApproval",
                    approval_id,
                    request_id=row.operation["request_id"],
                    details={"action": row.action, "amount": row.amount},
                )
            known = row.status
        if known not in (status, DONE, REFUSED) or (known in (DONE, REFUSED) and status == REJECTED):
            raise GatewayError("APPROVAL_ENDED", f"the request is {known}")
        return row

    def _carry_out(self, approval_id: str, submit: Submit) -> Approval:
        row = self.get(approval_id)
        if row.status != CONFIRMED:
            return row
        receipt = dict(submit(row.operation))
        with self._store.writing() as session:
            row = session.get(Approval, approval_id, with_for_update=True) or row
            if row.status == CONFIRMED:
                row.status = DONE if receipt["code"] == "OK" else REFUSED
                row.receipt = receipt
        _log.info("approval_carried_out", approval=approval_id, code=receipt["code"])
        return row


def body_hash(operation: Mapping[str, Any]) -> str:
    """SHA-256 of what would be done: op, arguments and request_id, canonical."""
    return hashlib.sha256(encode({key: operation[key] for key in ("op", "args", "request_id")})).hexdigest()
