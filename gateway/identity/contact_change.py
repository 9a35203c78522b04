"""A change of e-mail address or telephone number: confirmed from the old contact and from the new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.core.errors import GatewayError
from gateway.identity import codes
from gateway.identity.accounts import Accounts
from gateway.identity.codes import IssuedCode, OneTimeCodes, Presented
from gateway.identity.contacts import Channel, Contact, contact_of
from gateway.identity.delivery import Sender
from gateway.identity.holders import PERSON, Holder
from gateway.identity.login import LogIn
from gateway.identity.messages import Letter, compose
from gateway.identity.models import OneTimeCode, Person
from gateway.identity.sessions import LoginOrigin, Sessions

_log = structlog.get_logger()


@dataclass(frozen=True)
class Change:
    """A change that waits for its two codes."""

    old: IssuedCode
    new: IssuedCode


class ContactChange:
    """Changes a person's contact."""

    def __init__(
        self,
        accounts: Accounts,
        one_time_codes: OneTimeCodes,
        sessions: Sessions,
        log_in: LogIn,
        sender: Sender,
    ) -> None:
        self._accounts = accounts
        self._codes = one_time_codes
        self._sessions = sessions
        self._log_in = log_in
        self._sender = sender

    def begin(self, person_id: str, contact_text: str, visit: LoginOrigin) -> Change:
        """Sends a code to the old contact (of the same channel, or the only one there is) and one to the new. Whether
        somebody else has the new one is not told. Raises GatewayError CONTACT_INVALID, CHANNEL_UNAVAILABLE, TRY_LATER,
        MESSAGE_NOT_SENT."""
        holder = Holder(PERSON, person_id)
        new = self._log_in.admit(contact_text, visit, "change")
        account = self._accounts.get(holder)
        same = [contact for contact in account.contacts if contact.channel is new.channel]
        old = (same or list(account.contacts))[0]
        known = self._accounts.find(PERSON, new) is not None
        payload = {"value": new.value}
        for_old = self._codes.issue(codes.CHANGE_OLD, old.value, holder=holder, payload=payload)
        for_new = self._codes.issue(codes.CHANGE_NEW, new.value, holder=holder, payload=payload, fits=not known)
        self._log_in.write(Letter.CHANGE_OLD, old, account.locale, for_old)
        self._log_in.write(Letter.REGISTER_KNOWN if known else Letter.CHANGE_NEW, new, account.locale, for_new)
        return Change(for_old, for_new)

    def finish(self, person_id: str, session_id: str, old: tuple[str, str], new: tuple[str, str]) -> None:
        """Makes the change, with both codes as (code_id, code); the person's other sessions end, and the old contact is
        told. Raises GatewayError CODE_REFUSED."""
        holder = Holder(PERSON, person_id)
        before: list[Contact] = []

        def act(session: Session, rows: Sequence[OneTimeCode]) -> None:
            value = rows[0].payload["value"]
            if rows[1].target != value or rows[1].payload["value"] != value:
                raise _refused()
            person = self._accounts.row(session, holder)
            assert isinstance(person, Person)
            contact = contact_of(value)
            if contact.channel is Channel.EMAIL:
                before.extend([contact_of(person.email)] if person.email else [])
                person.email = value
            else:
                before.extend([contact_of(person.phone)] if person.phone else [])
                person.phone = value
            self._sessions.end_all(session, holder, but=session_id)
            self._codes.end(session, holder)  # what was sent to the old contact opens nothing any more

        try:
            self._codes.redeem(
                Presented(codes.CHANGE_OLD, *old), Presented(codes.CHANGE_NEW, *new), holder=holder, act=act
            )
        except IntegrityError:
            raise _refused() from None
        _log.info("contact_changed", person=person_id)
        locale = self._accounts.get(holder).locale
        for contact in before:
            try:
                self._sender.send(compose(Letter.CHANGED, contact, locale))
            except GatewayError as error:
                _log.warning("letter_not_sent", letter=Letter.CHANGED.name, holder=person_id, code=error.code)


def _refused() -> GatewayError:
    return GatewayError("CODE_REFUSED", "the code is wrong, was used, or has ended")
