"""A second person for what moves value over a limit, and for what changes value: asked, confirmed or rejected by
somebody else, carried out once.

What one person moves, in money, is added up over 24 hours, so that many small actions are one large one. Carried out is
the very operation that was asked for, under its own request_id; should the gateway be killed in between, `resume` sends
it again, and the ledger counts it once; after a day the log is asked first, for the ledger forgets.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chaincode.spec.kernel.canonical import encode
from gateway.core.errors import GatewayError
from gateway.identity.models import Person
from gateway.identity.standing import makers_of, names_of, stands
from gateway.ledger.errors import LedgerError, Rejected
from gateway.members.models import LinkedAddress
from gateway.operations.records import DEEDS, VALUED
from gateway.oversight.decision_facts import Fact, facts_of
from gateway.oversight.deeds import deed_of
from gateway.oversight.models import Approval, MoneyAction
from gateway.oversight.settings import ApprovalSettings
from gateway.oversight.valuation import Worths
from gateway.projection.lookups import CarriedOut, Document
from gateway.security.audit import AuditLog
from gateway.security.principals import ApiKeyCaller, Principal, Role, Staff
from gateway.store.base import new_id
from gateway.store.engine import Store
from gateway.submissions.executor import StillPending, Submit

PENDING = "PENDING"
CONFIRMED = "CONFIRMED"
REJECTED = "REJECTED"
EXPIRED = "EXPIRED"
DONE = "DONE"
REFUSED = "REFUSED"
DAY_SECONDS = 86_400
WAITING_KEPT_SECONDS = 1.0
CONFIRMERS: Mapping[str, frozenset[Role]] = dict.fromkeys(
    sorted({*VALUED, *DEEDS}), frozenset({Role.FINANCE, Role.ADMIN})
)
"""Who may be the second person, for each action that can need one."""
SEES_ALL = frozenset({Role.FINANCE, Role.AUDITOR, Role.ADMIN})
"""Who sees every request; the others see their own."""

Rehearse = Callable[[Mapping[str, Any]], object]
"""Asks the ledger what it would say to an operation now. Raises what it would refuse it with: nobody is asked to
confirm what cannot be done."""

_log = structlog.get_logger()


class Approvals:
    """Decides what needs a second person, and keeps what waits for one. `document(key)` reads the ledger's state."""

    def __init__(
        self,
        store: Store,
        audit: AuditLog,
        settings: ApprovalSettings,
        worths: Worths,
        *,
        document: Document = lambda key: None,
        carried_out: CarriedOut = lambda operation: None,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self._store = store
        self._audit = audit
        self._settings = settings
        self._document = document
        self._carried_out = carried_out
        self._worths = worths
        self._clock = clock
        self._waiting: Mapping[str, Collection[str]] = {}
        self._waiting_read_at = -math.inf

    def amount(self, operation: Mapping[str, Any]) -> int | None:
        """What the operation moves, in millionths of the settlement currency; None where that cannot be said."""
        return self._worths.operation(operation)

    def ask(
        self, principal: Principal, operation: Mapping[str, Any], rehearse: Rehearse = lambda operation: None
    ) -> Approval | None:
        """None when the principal may do this alone, which is counted; else the approval that it needs, new or asked
        for before under the same request_id.

        Staff are counted over 24 hours; a program's key is held to the limit with each operation. An approval that was
        rejected or has expired stays so: ask again under another request_id. Raises Rejected REQUEST_ID_REUSED for the
        request_id of another operation that waits, and what `rehearse` raises.
        """
        if "authorization" not in operation:
            self._require_free(operation)
        if not isinstance(principal, Staff | ApiKeyCaller):
            return None
        deed, limit = deed_of(operation, self._document), self._settings.limit_of(operation["op"])
        always = deed is not None and deed in self._settings.second_person
        if not always and limit is None:
            return None
        amount = self.amount(operation)
        if not always and isinstance(principal, ApiKeyCaller) and amount is not None and amount <= (limit or 0):
            return None  # a till asks a hundred times a second: nothing of it is counted
        with self._store.writing() as session:
            waiting = session.scalar(_asked(principal, operation))
            if waiting is not None:
                return waiting
            if not always and limit is not None and self._alone(session, principal, operation, amount, limit):
                return None
        rehearse(operation)
        facts = facts_of(operation, self._document, self._worths)
        with self._store.writing() as session:
            waiting = session.scalar(_asked(principal, operation))
            waiting = waiting or self._open(session, principal, operation, amount, None if always else limit, facts)
        self._changed()
        return waiting

    def _require_free(self, operation: Mapping[str, Any]) -> None:
        """The request_id of what waits is nobody else's: whoever used it up would make the ledger refuse what is
        confirmed."""
        waiting = self._waiting_ids().get(operation["request_id"], frozenset())
        if waiting and body_hash(operation) not in waiting:
            raise Rejected("REQUEST_ID_REUSED", "the request_id is that of an operation that waits for a second person")

    def _waiting_ids(self) -> Mapping[str, Collection[str]]:
        """The request_ids of what waits, with the hashes of what they stand for; read anew when this process changed
        any, and each second: tills ask often."""
        now = time.monotonic()
        if now - self._waiting_read_at >= WAITING_KEPT_SECONDS:
            question = select(Approval.request_id, Approval.body_hash).where(Approval.status.in_([PENDING, CONFIRMED]))
            found: dict[str, set[str]] = {}
            with self._store.reading() as session:
                for request_id, hashed in session.execute(question):
                    found.setdefault(request_id, set()).add(hashed)
            self._waiting, self._waiting_read_at = found, now
        return self._waiting

    def _changed(self) -> None:
        self._waiting_read_at = -math.inf

    def _alone(
        self, session: Session, principal: Principal, operation: Mapping[str, Any], amount: int | None, limit: int
    ) -> bool:
        if amount is None or isinstance(principal, ApiKeyCaller):
            return False
        now = self._clock()
        session.execute(delete(MoneyAction).where(MoneyAction.at <= now - DAY_SECONDS))
        if self._store.dialect == "postgresql":  # one person's sums one after the other
            session.execute(select(func.pg_advisory_xact_lock(func.hashtext(principal.id))))
        name = (principal.id, operation["request_id"], body_hash(operation))
        if session.get(MoneyAction, name) is not None:  # sent again
            return True
        spent = session.scalar(
            select(func.coalesce(func.sum(MoneyAction.amount), 0)).where(
                MoneyAction.actor == principal.id, MoneyAction.action == operation["op"]
            )
        )
        if int(spent or 0) + amount > limit:
            return False
        session.add(
            MoneyAction(
                actor=principal.id,
                request_id=operation["request_id"],
                body_hash=name[2],
                action=operation["op"],
                amount=amount,
                at=now,
            )
        )
        return True

    def _open(
        self,
        session: Session,
        principal: Principal,
        operation: Mapping[str, Any],
        amount: int | None,
        limit: int | None,
        facts: list[Fact],
    ) -> Approval:
        now = self._clock()
        made = Approval(
            approval_id=new_id("apr"),
            action=operation["op"],
            operation={key: operation[key] for key in ("op", "args", "request_id")},
            request_id=operation["request_id"],
            body_hash=body_hash(operation),
            amount=amount,
            limit_amount=limit,
            facts=facts,
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

    def facts(self, row: Approval) -> list[Fact]:
        """What the request comes to: while it waits, as the ledger stands now; afterwards, as it stood when it was
        decided."""
        if row.status == PENDING:
            return facts_of(row.operation, self._document, self._worths)
        return list(row.facts or ())

    def confirm(self, principal: Staff, approval_id: str, submit: Submit) -> Approval:
        """Confirms and carries out; DONE or REFUSED with the receipt. Confirmed again by anybody who may, it goes on
        where it stopped. Raises GatewayError OBJECT_UNKNOWN, SAME_PERSON (also for everybody who was ever shown a
        secret of the key that asked), APPROVAL_ROLE, APPROVAL_ENDED (also when who asked may act no more);
        StillPending, and then `resume` brings it to its end."""
        self._decide(principal, approval_id, CONFIRMED, None)
        return self._carry_out(approval_id, submit)

    def reject(self, principal: Staff, approval_id: str, reason: str | None) -> Approval:
        """Rejects, for a reason that whoever asked is shown. Raises as `confirm`, and REASON_REQUIRED; whoever asked
        may take their own request back so, without one."""
        return self._decide(principal, approval_id, REJECTED, reason)

    def resume(self, submit: Submit) -> int:
        """Carries out what was confirmed and not finished, after a start and now and then; how many. What the ledger
        does not answer yet stays for the next time."""
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

    def get(self, approval_id: str, viewer: Staff | None = None) -> Approval:
        """The approval. Raises GatewayError OBJECT_UNKNOWN, also for one that is not the viewer's to see."""
        with self._store.reading() as session:
            found = session.get(Approval, approval_id)
        if found is None or (viewer is not None and not _sees(viewer, found)):
            raise GatewayError("OBJECT_UNKNOWN", "there is no such approval")
        return found

    def list(
        self,
        *,
        viewer: Staff | None = None,
        status: str | None = None,
        before: tuple[int, str] | None = None,
        limit: int = 50,
    ) -> Sequence[Approval]:
        """Approvals that the viewer may see, newest first, behind (requested_at, approval_id) `before`."""
        question = select(Approval).order_by(Approval.requested_at.desc(), Approval.approval_id.desc()).limit(limit)
        if viewer is not None and not viewer.roles & SEES_ALL:
            question = question.where(Approval.requested_person == viewer.id)
        if status is not None:
            question = question.where(Approval.status == status)
        if before is not None:
            at, last = before
            question = question.where(
                (Approval.requested_at < at) | ((Approval.requested_at == at) & (Approval.approval_id < last))
            )
        with self._store.reading() as session:
            return session.scalars(question).all()

    def names(self, rows: Sequence[Approval]) -> Mapping[str, str]:
        """What people call who asked and who decided, by id."""
        with self._store.reading() as session:
            return names_of(session, (name for row in rows for name in (row.requested_by, row.decided_by) if name))

    def members(self, addresses: Iterable[str]) -> Mapping[str, str]:
        """What people call the members who have these addresses, where this gateway knows."""
        with self._store.reading() as session:
            rows = session.execute(
                select(LinkedAddress.address, Person.name)
                .join(Person, Person.person_id == LinkedAddress.person_id)
                .where(LinkedAddress.address.in_(set(addresses)), Person.name.is_not(None))
            )
            return {str(address): str(name) for address, name in rows}

    def _decide(self, principal: Staff, approval_id: str, status: str, reason: str | None) -> Approval:
        now = self._clock()
        facts = self.facts(self.get(approval_id))
        with self._store.writing() as session:
            row = session.get(Approval, approval_id, with_for_update=True)
            if row is None:
                raise GatewayError("OBJECT_UNKNOWN", "there is no such approval")
            askers = {row.requested_person, *makers_of(session, row.requested_by)}
            own = principal.id in askers
            if own and status != REJECTED:
                raise GatewayError("SAME_PERSON", "somebody else must confirm what you asked for")
            if not own and not principal.roles & CONFIRMERS.get(row.action, frozenset()):
                raise GatewayError("APPROVAL_ROLE", "this is for another role to decide")
            if not own and status == REJECTED and reason is None:
                raise GatewayError("REASON_REQUIRED", "say why, for whoever asked")
            gone = not stands(session, row.requested_by, now)
            if row.status == PENDING and (row.expires_at <= now or (gone and status != REJECTED)):
                row.status = EXPIRED
            elif row.status == PENDING:
                row.status, row.decided_by, row.decided_at, row.reason = status, principal.id, now, reason
                row.facts = facts
                self._audit.append(
                    session,
                    principal,
                    "confirmApproval" if status == CONFIRMED else "rejectApproval",
                    approval_id,
                    request_id=row.request_id,
                    details={"action": row.action, "amount": row.amount},
                )
            known = row.status
        self._changed()
        if known not in (status, DONE, REFUSED) or (known in (DONE, REFUSED) and status == REJECTED):
            raise GatewayError("APPROVAL_ENDED", f"the request is {known}")
        return row

    def _carry_out(self, approval_id: str, submit: Submit) -> Approval:
        row = self.get(approval_id)
        if row.status != CONFIRMED:
            return row
        late = self._clock() - (row.decided_at or 0) > DAY_SECONDS  # long before the ledger forgets it
        receipt = dict((self._carried_out(row.operation) if late else None) or submit(row.operation))
        with self._store.writing() as session:
            row = session.get(Approval, approval_id, with_for_update=True) or row
            if row.status == CONFIRMED:
                row.status = DONE if receipt["code"] == "OK" else REFUSED
                row.receipt = receipt
        self._changed()
        _log.info("approval_carried_out", approval=approval_id, code=receipt["code"])
        return row


def body_hash(operation: Mapping[str, Any]) -> str:
    """SHA-256 of what would be done: op, arguments and request_id, canonical."""
    return hashlib.sha256(encode({key: operation[key] for key in ("op", "args", "request_id")})).hexdigest()


def _asked(principal: Principal, operation: Mapping[str, Any]) -> Select[Approval]:
    return select(Approval).where(Approval.requested_by == principal.id, Approval.body_hash == body_hash(operation))


def _sees(viewer: Staff, row: Approval) -> bool:
    return bool(viewer.roles & SEES_ALL) or viewer.id in (row.requested_by, row.requested_person)
