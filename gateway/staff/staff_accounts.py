"""Staff: invited by an admin, with roles; the last active admin can neither be disabled nor lose the role."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.core.errors import GatewayError
from gateway.identity import codes
from gateway.identity.accounts import ACTIVE
from gateway.identity.codes import IssuedCode, OneTimeCodes, Presented
from gateway.identity.contacts import Channel, contact_of, parse_contact
from gateway.identity.delivery import Sender
from gateway.identity.holders import STAFF, Holder
from gateway.identity.messages import LOCALES, Letter, compose
from gateway.identity.models import OneTimeCode, Passkey, StaffAccount
from gateway.identity.passwords import Passwords
from gateway.identity.sessions import LoginOrigin, NewSession, Sessions
from gateway.identity.settings import CodeSettings
from gateway.identity.standing import holds
from gateway.security.audit import AuditLog
from gateway.security.principals import Principal, Role, Staff
from gateway.store.base import new_id
from gateway.store.engine import Store

INVITED = "INVITED"
DISABLED = "DISABLED"
_CREATOR = "system"

_log = structlog.get_logger()


@dataclass(frozen=True)
class Invitation:
    """An invitation, for whoever brings it to the invited by hand."""

    staff_id: str
    invitation_id: str
    code: str = field(repr=False)
    expires_at: int


class StaffAccounts:
    """Invites, lists and changes staff."""

    def __init__(
        self,
        store: Store,
        passwords: Passwords,
        sessions: Sessions,
        one_time_codes: OneTimeCodes,
        sender: Sender,
        audit: AuditLog,
        settings: CodeSettings,
        *,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._sessions = sessions
        self._codes = one_time_codes
        self._sender = sender
        self._audit = audit
        self._settings = settings
        self._clock = clock

    def first_admin(self, email: str, name: str) -> Invitation:
        """The invitation of the first admin, made at the command line. Raises GatewayError STAFF_EXISTS when there is
        an active admin, CONTACT_INVALID."""
        with self._store.writing() as session:
            if any(Role.ADMIN in row.roles and row.status == ACTIVE for row in session.scalars(select(StaffAccount))):
                raise GatewayError("STAFF_EXISTS", "there is an admin, who can invite others")
            row = self._row(session, email, name, [Role.ADMIN], "en", _CREATOR)
            self._audit.append_system(session, "inviteStaff", row.staff_id, details={"roles": row.roles})
        issued = self._issue(row)
        return Invitation(row.staff_id, issued.code_id, issued.code, issued.expires_at)

    def invite(
        self,
        principal: Principal,
        email: str,
        name: str,
        roles: Sequence[Role],
        locale: str,
        *,
        merchant: str = "",
        site: str = "",
    ) -> StaffAccount:
        """Invites somebody by a letter, which names the merchant and links to the page at `site` (such as
        https://points.example), the invitation's number behind the `#`, which no server and no log gets to see; invited
        again, the letter before is worth nothing. Raises GatewayError CONTACT_INVALID, CHANNEL_UNAVAILABLE,
        STAFF_EXISTS, MESSAGE_NOT_SENT."""
        with self._store.writing() as session:
            row = self._row(session, email, name, roles, locale, principal.id)
            self._audit.append(session, principal, "inviteStaff", row.staff_id, details={"roles": row.roles})
        issued = self._issue(row)
        values = {
            "code": issued.code,
            "invitation": issued.code_id,
            "merchant": merchant,
            "link": f"{site}/staff/invitation#{issued.code_id}",
            "hours": self._settings.invitation_seconds // 3600,
        }
        self._sender.send(compose(Letter.INVITED, contact_of(row.email), row.locale, **values))
        return row

    def accept(self, invitation_id: str, code: str, password: str, visit: LoginOrigin) -> NewSession:
        """Takes an invitation: the account is active, with this password. It is worth nothing when who invited is no
        active admin any more. Raises GatewayError CODE_REFUSED, PASSWORD_WEAK and BUSY (the invitation stays good)."""
        self._passwords.require(password)
        presented = Presented(codes.INVITE, invitation_id, code)
        (known,) = self._codes.redeem(presented, keep=True)
        hashed = self._passwords.hash(password, known.target)
        staff_id = ""

        def act(session: Session, rows: Sequence[OneTimeCode]) -> None:
            nonlocal staff_id
            row = session.get(StaffAccount, rows[0].holder_id)
            inviter = None if row is None else session.get(StaffAccount, row.invited_by)
            if (
                row is None
                or row.status != INVITED
                or (inviter is not None and not holds(inviter.status, inviter.roles))
            ):
                raise GatewayError("CODE_REFUSED", "the code is wrong, was used, or has ended")
            row.status, row.password_hash, staff_id = ACTIVE, hashed, row.staff_id
            who = Staff(row.staff_id, "", self._clock(), frozenset(Role(role) for role in row.roles))
            self._audit.append(session, who, "acceptInvitation", row.staff_id)

        self._codes.redeem(presented, act=act)
        _log.info("staff_joined", staff=staff_id)
        return self._sessions.start(Holder(STAFF, staff_id), "CODE", visit)

    def set_roles(self, principal: Principal, staff_id: str, roles: Sequence[Role]) -> StaffAccount:
        """Gives other roles; the account's sessions end, so that a token never gains power. Nobody changes their own.
        Raises GatewayError OBJECT_UNKNOWN, SAME_PERSON, LAST_ADMIN."""
        return self._change(principal, staff_id, "setStaffRoles", roles=sorted(set(roles)))

    def disable(self, principal: Principal, staff_id: str) -> StaffAccount:
        """Ends the account's sessions and lets it in no more. Raises GatewayError OBJECT_UNKNOWN, SAME_PERSON,
        LAST_ADMIN."""
        return self._change(principal, staff_id, "disableStaff", status=DISABLED)

    def enable(self, principal: Principal, staff_id: str) -> StaffAccount:
        """Lets a disabled account in again. Raises GatewayError OBJECT_UNKNOWN, SAME_PERSON, STAFF_EXISTS (it was never
        disabled)."""
        return self._change(principal, staff_id, "enableStaff", status=ACTIVE)

    def erase(self, principal: Principal, staff_id: str) -> None:
        """Takes name, address, password and passkeys out of a disabled account; its id stays in the audit log. Raises
        GatewayError OBJECT_UNKNOWN, STAFF_ACTIVE."""
        with self._store.writing() as session:
            row = self._find(session, staff_id)
            if row.status == ACTIVE:
                raise GatewayError("STAFF_ACTIVE", "disable the account first")
            self._codes.end(session, Holder(STAFF, staff_id), row.email)
            row.name, row.email, row.password_hash, row.status = "–", f"{staff_id}@erased.invalid", None, DISABLED
            session.execute(delete(Passkey).where(Passkey.holder_kind == STAFF, Passkey.holder_id == staff_id))
            self._audit.append(session, principal, "eraseStaff", staff_id)

    def get(self, staff_id: str) -> StaffAccount:
        """The account. Raises GatewayError OBJECT_UNKNOWN."""
        with self._store.reading() as session:
            return self._find(session, staff_id)

    def list(self) -> Sequence[StaffAccount]:
        """All accounts, oldest first."""
        with self._store.reading() as session:
            return session.scalars(select(StaffAccount).order_by(StaffAccount.created_at, StaffAccount.staff_id)).all()

    def _change(
        self,
        principal: Principal,
        staff_id: str,
        action: str,
        *,
        roles: Sequence[str] | None = None,
        status: str | None = None,
    ) -> StaffAccount:
        if principal.id == staff_id:
            raise GatewayError("SAME_PERSON", "another admin does this")
        with self._store.writing() as session:
            # All rows are locked, so that two admins who disable each other at once do not both succeed.
            everybody = session.scalars(select(StaffAccount).order_by(StaffAccount.staff_id).with_for_update()).all()
            row = next((one for one in everybody if one.staff_id == staff_id), None)
            if row is None:
                raise GatewayError("OBJECT_UNKNOWN", "there is no such account")
            if status == ACTIVE and (row.status != DISABLED or row.password_hash is None):
                raise GatewayError("STAFF_EXISTS", "the account is not a disabled one: invite it")
            row.roles = row.roles if roles is None else list(roles)
            row.status = row.status if status is None else status
            if not any(Role.ADMIN in one.roles and one.status == ACTIVE for one in everybody):
                raise GatewayError("LAST_ADMIN", "there would be no admin left")
            self._sessions.end_all(session, Holder(STAFF, staff_id))
            self._audit.append(session, principal, action, staff_id, details={"roles": row.roles, "status": row.status})
            return row

    def _row(
        self, session: Session, email: str, name: str, roles: Sequence[Role], locale: str, invited_by: str
    ) -> StaffAccount:
        """A new INVITED row, or the one that was invited before and has not come."""
        contact = parse_contact(email, "CN")
        if contact.channel is not Channel.EMAIL:
            raise GatewayError("CONTACT_INVALID", "staff are invited by e-mail")
        row = session.scalar(select(StaffAccount).where(StaffAccount.email == contact.value))
        if row is not None and row.status != INVITED:
            raise GatewayError("STAFF_EXISTS", "an account has this address")
        if row is None:
            row = StaffAccount(staff_id=new_id("stf"), email=contact.value, status=INVITED, created_at=self._clock())
            session.add(row)
        row.name, row.roles, row.invited_by = name, sorted(set(roles)), invited_by
        row.locale = locale if locale in LOCALES else "en"
        try:
            session.flush()
        except IntegrityError:
            raise GatewayError("STAFF_EXISTS", "an account has this address") from None
        return row

    def _issue(self, row: StaffAccount) -> IssuedCode:
        return self._codes.issue(
            codes.INVITE, row.email, holder=Holder(STAFF, row.staff_id), seconds=self._settings.invitation_seconds
        )

    @staticmethod
    def _find(session: Session, staff_id: str) -> StaffAccount:
        row = session.get(StaffAccount, staff_id)
        if row is None:
            raise GatewayError("OBJECT_UNKNOWN", "there is no such account")
        return row
