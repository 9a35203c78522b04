"""Log-in by password, and what holds a password: its change and its recovery. None of the answers tells whether an account exists."""

from __future__ import annotations

import structlog

from gateway.errors import GatewayError
from gateway.people import codes
from gateway.people.accounts import Account, Accounts
from gateway.people.codes import IssuedCode, OneTimeCodes, Presented
from gateway.people.contacts import Contact, parse_contact
from gateway.people.holders import Holder
from gateway.people.letters import Letter, compose
from gateway.people.passwords import Passwords
from gateway.people.senders import Sender
from gateway.people.sessions import NewSession, Sessions, Visit
from gateway.people.settings import PeopleSettings
from gateway.people.throttles import Throttles
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
        one_time_codes: OneTimeCodes,
        throttles: Throttles,
        sender: Sender,
        settings: PeopleSettings,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._passwords = passwords
        self._sessions = sessions
        self._codes = one_time_codes
        self._throttles = throttles
        self._sender = sender
        self._settings = settings

    def log_in(self, kind: str, contact_text: str, password: str, visit: Visit) -> NewSession:
        """A new session. Raises GatewayError LOGIN_REFUSED, in the same words and after the same work whether the account is unknown, has no password or has
        another one; TRY_LATER after too many attempts on the account or from the source."""
        limits = self._settings.throttles
        blocked_until = self._throttles.take("login-source", visit.source, limits.source_attempts)
        try:
            contact = parse_contact(contact_text, self._settings.default_region)
        except GatewayError:
            self._passwords.check(None, password)
            raise _refused() from None
        self._throttles.take(f"login-{kind}", contact.value, limits.account_attempts)
        account = self._accounts.find(kind, contact)
        if not self._passwords.check(None if account is None else account.password_hash, password) or account is None:
            _log.info("log_in_refused", kind=kind)
            raise _refused()
        self._throttles.clear(f"login-{kind}", contact.value)
        self._throttles.give_back("login-source", visit.source, blocked_until)
        assert account.password_hash is not None
        if self._passwords.outdated(account.password_hash):
            self._accounts.rehash(account.holder, account.password_hash, self._passwords.renew(password))
        _log.info("logged_in", kind=kind, holder=account.holder.id, method="PASSWORD")
        return self._sessions.start(account.holder, "PASSWORD", visit)

    def prove(self, holder: Holder, session_id: str, password: str) -> NewSession:
        """Proves the holder again: the session's token is new, and counts as fresh. Raises GatewayError LOGIN_REFUSED, TRY_LATER."""
        self.require_password(holder, password)
        return self._sessions.renew(session_id)

    def require_password(self, holder: Holder, password: str) -> Account:
        """The account, if this is its password. Raises GatewayError LOGIN_REFUSED, TRY_LATER."""
        self._throttles.take("prove", holder.id, self._settings.throttles.account_attempts)
        account = self._accounts.get(holder)
        if not self._passwords.check(account.password_hash, password):
            raise _refused()
        self._throttles.clear("prove", holder.id)
        return account

    def change_password(
        self, holder: Holder, session_id: str, current: str | None, new: str, authenticated_at: int
    ) -> NewSession:
        """Sets a new password and ends the holder's other sessions. Without a current one (she has none) the log-in must be fresh. Raises GatewayError
        LOGIN_REFUSED, TRY_LATER, LOGIN_TOO_OLD, PASSWORD_WEAK."""
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

    def begin_recovery(self, kind: str, contact_text: str, locale: str, visit: Visit) -> IssuedCode:
        """Sends a code to the contact if an account has it, else a letter that says that none has. The answer is the same. Raises GatewayError
        CONTACT_INVALID, CHANNEL_UNAVAILABLE, TRY_LATER, MESSAGE_NOT_SENT."""
        contact = self.admit(contact_text, visit, f"recover-{kind}")
        account = self._accounts.find(kind, contact)
        known = account is not None
        issued = self._codes.issue(
            codes.RECOVER,
            f"{kind}:{contact.value}",
            holder=None if account is None else account.holder,
            fits=known,
        )
        self.write(
            Letter.RECOVER if known else Letter.RECOVER_UNKNOWN,
            contact,
            locale if account is None else account.locale,
            issued,
        )
        return issued

    def finish_recovery(self, code_id: str, code: str, password: str) -> None:
        """Sets the password and ends all sessions. Raises GatewayError CODE_REFUSED, PASSWORD_WEAK (the code stays good)."""
        self._passwords.require(password)
        (row,) = self._codes.redeem(
            Presented(codes.RECOVER, code_id, code),
            check=lambda rows: self._passwords.require(password, rows[0].target.partition(":")[2]),
        )
        assert row.holder_kind is not None
        assert row.holder_id is not None
        holder = Holder(row.holder_kind, row.holder_id)
        hashed = self._passwords.hash(password)
        with self._store.writing() as session:
            self._accounts.set_password(session, holder, hashed)
            self._sessions.end_all(session, holder)
        self._throttles.clear(f"login-{holder.kind}", row.target.partition(":")[2])
        self._tell(self._accounts.get(holder), Letter.PASSWORD_CHANGED)
        _log.info("password_recovered", holder=holder.id)

    def admit(self, contact_text: str, visit: Visit, kind: str) -> Contact:
        """The contact, if messages can be sent to it and not too many were. Raises GatewayError CONTACT_INVALID, CHANNEL_UNAVAILABLE, TRY_LATER."""
        contact = parse_contact(contact_text, self._settings.default_region)
        if not self._sender.takes(contact.channel):
            raise GatewayError("CHANNEL_UNAVAILABLE", f"this gateway sends nothing by {contact.channel}")
        limits = self._settings.throttles
        self._throttles.take("codes-source", visit.source, limits.codes_per_source)
        self._throttles.take(f"codes-{kind}", contact.value, limits.codes_per_target)
        return contact

    def write(self, letter: Letter, to: Contact, locale: str, issued: IssuedCode) -> None:
        """Sends a letter with a code. Raises GatewayError MESSAGE_NOT_SENT."""
        minutes = self._settings.codes.seconds // 60
        self._sender.send(compose(letter, to, locale, code=issued.code, minutes=minutes))

    def _tell(self, account: Account, letter: Letter) -> None:
        """Tells the holder what has happened. It has: a mail server that is away does not undo it, and the log says so."""
        for contact in account.contacts:
            if not self._sender.takes(contact.channel):
                continue
            try:
                self._sender.send(compose(letter, contact, account.locale))
            except GatewayError as error:
                _log.warning("letter_not_sent", letter=letter.name, holder=account.holder.id, code=error.code)


def _refused() -> GatewayError:
    return GatewayError("LOGIN_REFUSED", "no account has this contact and this password")
