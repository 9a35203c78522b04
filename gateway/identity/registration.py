"""Registration: a code to the contact, then the account. It does not tell who has an account already: the answer is the
same, the letter is another."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from sqlalchemy.exc import IntegrityError

from gateway.core.errors import GatewayError
from gateway.identity import codes
from gateway.identity.accounts import Accounts
from gateway.identity.codes import IssuedCode, OneTimeCodes, Presented
from gateway.identity.contacts import Channel, contact_of
from gateway.identity.holders import PERSON, Holder
from gateway.identity.login import LogIn
from gateway.identity.messages import LOCALES, Letter
from gateway.identity.models import Person
from gateway.identity.passwords import Passwords
from gateway.identity.sessions import LoginOrigin, NewSession, Sessions
from gateway.store.base import new_id
from gateway.store.engine import Store

_log = structlog.get_logger()


class Registration:
    """Makes accounts of members."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        passwords: Passwords,
        sessions: Sessions,
        one_time_codes: OneTimeCodes,
        log_in: LogIn,
        *,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._passwords = passwords
        self._sessions = sessions
        self._codes = one_time_codes
        self._log_in = log_in
        self._clock = clock

    def begin(self, contact_text: str, locale: str, visit: LoginOrigin) -> IssuedCode:
        """Sends a code to the contact, or, where it has an account, a letter that says so. The letter also names a
        number under which its code is good, as that of a recovery does (`LogIn.begin_recovery`). Raises GatewayError
        CONTACT_INVALID, CHANNEL_UNAVAILABLE, TRY_LATER, MESSAGE_NOT_SENT."""
        contact = self._log_in.admit(contact_text, visit, "register")
        known = self._accounts.find(PERSON, contact) is not None
        locale = locale if locale in LOCALES else "en"
        payload = {"locale": locale}
        issued = self._codes.issue(codes.REGISTER, contact.value, payload=payload, fits=not known)
        hours = self._log_in.number_hours
        numbered = self._codes.issue_beside(
            codes.REGISTER_BY_NUMBER, contact.value, issued.code, hours * 3600, payload=payload, fits=not known
        )
        letter = Letter.REGISTER_KNOWN if known else Letter.REGISTER
        self._log_in.write(letter, contact, locale, issued, number=numbered.code_id, hours=hours)
        return issued

    def finish(self, code_id: str, code: str, password: str, name: str | None, visit: LoginOrigin) -> NewSession:
        """The account, and a session of it. Raises GatewayError CODE_REFUSED, PASSWORD_WEAK and BUSY (the code stays
        good)."""
        self._passwords.require(password)
        by_number = code_id.startswith(codes.NUMBER_PREFIX)
        presented = Presented(codes.REGISTER_BY_NUMBER if by_number else codes.REGISTER, code_id, code)
        (row,) = self._codes.redeem(presented, keep=True)
        contact = contact_of(row.target)
        person = Person(
            person_id=new_id("per"),
            email=contact.value if contact.channel is Channel.EMAIL else None,
            phone=contact.value if contact.channel is Channel.PHONE else None,
            name=name,
            locale=row.payload["locale"],
            password_hash=self._passwords.hash(password, row.target),
            password_changed_at=self._clock(),
            created_at=self._clock(),
        )
        try:
            self._codes.redeem(presented, act=lambda session, rows: session.add(person))
        except IntegrityError:  # registered twice at the same time
            raise GatewayError("CODE_REFUSED", "the code is wrong, was used, or has ended") from None
        _log.info("person_registered", person=person.person_id, channel=contact.channel)
        return self._sessions.start(Holder(PERSON, person.person_id), "CODE", visit)
