"""What members and staff have in common: a contact to log in with, and a password."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.core.errors import GatewayError
from gateway.identity.contacts import Channel, Contact, contact_of
from gateway.identity.holders import PERSON, STAFF, Holder
from gateway.identity.models import Person, StaffAccount
from gateway.store.engine import Store

ACTIVE = "ACTIVE"


@dataclass(frozen=True)
class Account:
    """An account as log-in and recovery see it."""

    holder: Holder
    locale: str
    contacts: tuple[Contact, ...]
    password_hash: str | None = field(repr=False)


class Accounts:
    """Finds accounts, and sets their passwords."""

    def __init__(self, store: Store, *, clock: Callable[[], int] = lambda: int(time.time())) -> None:
        self._store = store
        self._clock = clock

    def find(self, kind: str, contact: Contact) -> Account | None:
        """The account of this kind with this contact; of staff only one that is ACTIVE."""
        with self._store.reading() as session:
            if kind == STAFF:
                staff = session.scalar(select(StaffAccount).where(StaffAccount.email == contact.value))
                return None if staff is None or staff.status != ACTIVE else _of_staff(staff)
            column = Person.email if contact.channel is Channel.EMAIL else Person.phone
            person = session.scalar(select(Person).where(column == contact.value))
            return None if person is None else _of_person(person)

    def get(self, holder: Holder) -> Account:
        """The account. Raises GatewayError OBJECT_UNKNOWN."""
        with self._store.reading() as session:
            return _of(self.row(session, holder))

    def row(self, session: Session, holder: Holder) -> Person | StaffAccount:
        """The account's row in the caller's transaction. Raises GatewayError OBJECT_UNKNOWN."""
        found = session.get(Person if holder.kind == PERSON else StaffAccount, holder.id)
        if found is None:
            raise GatewayError("OBJECT_UNKNOWN", "there is no such account")
        assert isinstance(found, Person | StaffAccount)
        return found

    def set_password(self, session: Session, holder: Holder, password_hash: str) -> None:
        """A new password, in the caller's transaction. Raises GatewayError OBJECT_UNKNOWN."""
        row = self.row(session, holder)
        row.password_hash = password_hash
        if isinstance(row, Person):
            row.password_changed_at = self._clock()

    def rehash(self, holder: Holder, before: str, password_hash: str) -> None:
        """The same password at another cost, unless it was changed meanwhile."""
        with self._store.writing() as session:
            row = self.row(session, holder)
            if row.password_hash == before:
                row.password_hash = password_hash


def _of(row: Person | StaffAccount) -> Account:
    return _of_person(row) if isinstance(row, Person) else _of_staff(row)


def _of_person(row: Person) -> Account:
    contacts = tuple(contact_of(value) for value in (row.email, row.phone) if value is not None)
    return Account(Holder(PERSON, row.person_id), row.locale, contacts, row.password_hash)


def _of_staff(row: StaffAccount) -> Account:
    return Account(Holder(STAFF, row.staff_id), row.locale, (contact_of(row.email),), row.password_hash)
