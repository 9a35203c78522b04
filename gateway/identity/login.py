"""Log-in by password, and what holds a password: its change and its recovery. None of the answers tells whether an
account exists."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session

from gateway.core.errors import GatewayError
from gateway.identity import codes
from gateway.identity.accounts import Account, Accounts
from gateway.identity.codes import IssuedCode, OneTimeCodes, Presented
from gateway.identity.contacts import Contact, parse_contact
from gateway.identity.delivery import Sender
from gateway.identity.devices import Devices
from gateway.identity.holders import Holder
from gateway.identity.messages import Letter, compose
from gateway.identity.models import OneTimeCode
from gateway.identity.passwords import Passwords
from gateway.identity.sessions import LoginOrigin, NewSession, Sessions
from gateway.identity.settings import IdentitySettings
from gateway.identity.throttles import Throttles
from gateway.store.engine import Store

_log = structlog.get_logger()


class LogIn:
    """Log-in, change and recovery of passwords, for members and staff alike."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        passwords: Passwords,
        sessions: Sessions,
        devices: Devices,
        one_time_codes: OneTimeCodes,
        throttles: Throttles,
        sender: Sender,
        settings: IdentitySettings,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._passwords = passwords
        self._sessions = sessions
        self._devices = devices
        self._codes = one_time_codes
        self._throttles = throttles
        self._sender = sender
        self._settings = settings

    def log_in(self, kind: str, contact_text: str, password: str, visit: LoginOrigin) -> NewSession:
        """A new session. Raises GatewayError LOGIN_REFUSED, in the same words and after the same work whether the
        account is unknown, has no password or has another one; TRY_LATER after too many attempts on the account or from
        the source; BUSY, and then nothing was tried. From a device where the account's owner signed in before, attempts
        are counted for that device alone: what strangers try elsewhere does not keep them out."""
        try:
            contact = parse_contact(contact_text, self._settings.default_region)
        except GatewayError:
            contact = None
        account = None if contact is None else self._accounts.find(kind, contact)
        taken = self._count(kind, contact, account, visit)
        try:
            fits = self._passwords.check(None if account is None else account.password_hash, password)
        except GatewayError:
            for attempt in taken:
                self._throttles.give_back(*attempt)
            raise
        if not fits or account is None:
            _log.info("log_in_refused", kind=kind)
            raise _refused()
        for name, who, blocked_until in taken:
            if name == "login-source":
                self._throttles.give_back(name, who, blocked_until)
            else:
                self._throttles.clear(name, who)
        assert account.password_hash is not None
        if self._passwords.outdated(account.password_hash):
            self._accounts.rehash(account.holder, account.password_hash, self._passwords.renew(password))
        _log.info("logged_in", kind=kind, holder=account.holder.id, method="PASSWORD")
        return self._sessions.start(account.holder, "PASSWORD", visit)

    def _count(
        self, kind: str, contact: Contact | None, account: Account | None, visit: LoginOrigin
    ) -> list[tuple[str, str, int]]:
        """Counts an attempt where it counts: (kind, who, until when others wait because of it). Raises GatewayError
        TRY_LATER."""
        limits = self._settings.throttles
        device = None if account is None else self._devices.known(visit.known_devices, account.holder)
        if device is not None:
            return [("login-device", device, self._throttles.take("login-device", device, limits.account_attempts))]
        until = self._throttles.take("login-source", visit.source, limits.source_attempts)
        taken = [("login-source", visit.source, until)]
        if contact is not None:
            name = f"login-{kind}"
            taken.append((name, contact.value, self._throttles.take(name, contact.value, limits.account_attempts)))
        return taken

    def prove(self, holder: Holder, session_id: str, password: str) -> NewSession:
        """Proves the holder again: the session's token is new, and counts as fresh. Raises GatewayError LOGIN_REFUSED,
        TRY_LATER."""
        self.require_password(holder, password)
        return self._sessions.renew(session_id)

    def require_password(self, holder: Holder, password: str) -> Account:
        """The account, if this is its password. Raises GatewayError LOGIN_REFUSED, TRY_LATER, BUSY."""
        blocked_until = self._throttles.take("prove", holder.id, self._settings.throttles.account_attempts)
        account = self._accounts.get(holder)
        try:
            fits = self._passwords.check(account.password_hash, password)
        except GatewayError:
            self._throttles.give_back("prove", holder.id, blocked_until)
            raise
        if not fits:
            raise _refused()
        self._throttles.clear("prove", holder.id)
        return account

    def change_password(
        self, holder: Holder, session_id: str, current: str | None, new: str, authenticated_at: int
    ) -> NewSession:
        """Sets a new password and ends the holder's other sessions. Without a current one (they have none) the log-in
        must be fresh. Raises GatewayError LOGIN_REFUSED, TRY_LATER, LOGIN_TOO_OLD, PASSWORD_WEAK."""
        account = self._accounts.get(holder)
        if account.password_hash is None:
            self._sessions.require_fresh(authenticated_at)
        else:
            self.require_password(holder, current or "")
        hashed = self._passwords.hash(new, *(contact.value for contact in account.contacts))
        with self._store.writing() as session:
            self._accounts.set_password(session, holder, hashed)
            self._sessions.end_all(session, holder, but=session_id)
        self._tell(account, Letter.PASSWORD_CHANGED)
        _log.info("password_changed", holder=holder.id)
        return self._sessions.renew(session_id)

    @property
    def number_hours(self) -> int:
        """How long a letter's number holds: longer than anybody is kept waiting for the next letter."""
        return -(-(self._settings.codes.seconds + self._settings.throttles.wait_seconds_max) // 3600)

    def begin_recovery(self, kind: str, contact_text: str, locale: str, visit: LoginOrigin) -> IssuedCode:
        """Sends a code to the contact if an account has it, else a letter that says that none has. The answer is the
        same. The letter also names a number under which its code is good, known to its reader alone and for longer: who
        is refused a letter, because strangers asked for so many, uses the newest of theirs. Raises GatewayError
        CONTACT_INVALID, CHANNEL_UNAVAILABLE, TRY_LATER, MESSAGE_NOT_SENT."""
        contact = self.admit(contact_text, visit, f"recover-{kind}")
        account = self._accounts.find(kind, contact)
        holder = None if account is None else account.holder
        target = f"{kind}:{contact.value}"
        issued = self._codes.issue(codes.RECOVER, target, holder=holder, fits=holder is not None)
        hours = self.number_hours
        numbered = self._codes.issue_beside(
            codes.RECOVER_BY_NUMBER, target, issued.code, hours * 3600, holder=holder, fits=holder is not None
        )
        self.write(
            Letter.RECOVER if account is not None else Letter.RECOVER_UNKNOWN,
            contact,
            locale if account is None else account.locale,
            issued,
            number=numbered.code_id,
            hours=hours,
        )
        return issued

    def finish_recovery(self, code_id: str, code: str, password: str, visit: LoginOrigin | None = None) -> str:
        """Sets the password and ends all sessions; gives the cookie by which the browser is known when it signs in
        next. Raises GatewayError CODE_REFUSED, PASSWORD_WEAK and BUSY (the code stays good)."""
        self._passwords.require(password)
        by_number = code_id.startswith(codes.NUMBER_PREFIX)
        presented = Presented(codes.RECOVER_BY_NUMBER if by_number else codes.RECOVER, code_id, code)
        (row,) = self._codes.redeem(presented, keep=True)
        assert row.holder_kind is not None
        assert row.holder_id is not None
        holder, contact = Holder(row.holder_kind, row.holder_id), row.target.partition(":")[2]
        hashed = self._passwords.hash(password, contact)

        def act(session: Session, rows: Sequence[OneTimeCode]) -> None:
            self._accounts.set_password(session, holder, hashed)
            self._sessions.end_all(session, holder)
            self._codes.end(session, holder)

        self._codes.redeem(presented, act=act)
        self._throttles.clear(f"login-{holder.kind}", contact)
        self._tell(self._accounts.get(holder), Letter.PASSWORD_CHANGED)
        _log.info("password_recovered", holder=holder.id)
        return self._devices.remember("" if visit is None else visit.known_devices, holder)

    def admit(self, contact_text: str, visit: LoginOrigin, kind: str) -> Contact:
        """The contact, if messages can be sent to it and not too many were. Raises GatewayError CONTACT_INVALID,
        CHANNEL_UNAVAILABLE, TRY_LATER."""
        contact = parse_contact(contact_text, self._settings.default_region)
        if not self._sender.takes(contact.channel):
            raise GatewayError("CHANNEL_UNAVAILABLE", f"this gateway sends nothing by {contact.channel}")
        limits = self._settings.throttles
        self._throttles.take("codes-source", visit.source, limits.codes_per_source)
        self._throttles.take(f"codes-{kind}", contact.value, limits.codes_per_target)
        return contact

    def write(self, letter: Letter, to: Contact, locale: str, issued: IssuedCode, **more: object) -> None:
        """Sends a letter with a code. Raises GatewayError MESSAGE_NOT_SENT."""
        minutes = self._settings.codes.seconds // 60
        self._sender.send(compose(letter, to, locale, code=issued.code, minutes=minutes, **more))

    def _tell(self, account: Account, letter: Letter) -> None:
        """Tells the holder what has happened. It has: a mail server that is away does not undo it, and the log says
        so."""
        for contact in account.contacts:
            if not self._sender.takes(contact.channel):
                continue
            try:
                self._sender.send(compose(letter, contact, account.locale))
            except GatewayError as error:
                _log.warning("letter_not_sent", letter=letter.name, holder=account.holder.id, code=error.code)


def _refused() -> GatewayError:
    return GatewayError("LOGIN_REFUSED", "no account has this contact and this password")
