"""A person's own data: their profile, all of it as one document, and its erasure. The ledger is not touched: there they
are an address."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gateway.core.errors import GatewayError
from gateway.identity.challenges import Challenges
from gateway.identity.codes import OneTimeCodes
from gateway.identity.holders import PERSON, Holder
from gateway.identity.messages import LOCALES
from gateway.identity.models import OneTimeCode, Passkey, Person
from gateway.identity.passkeys import Passkeys
from gateway.identity.sessions import Sessions
from gateway.identity.throttles import Throttles
from gateway.members.models import CustodialKey, LinkedAddress, WrappedKey
from gateway.members.notes import Notes
from gateway.members.wallets import Wallets
from gateway.security.audit import AuditLog
from gateway.security.principals import Principal
from gateway.store.engine import Store

_CONTACT_THROTTLES = ("login-PERSON", "codes-register", "codes-recover-PERSON", "codes-change")
_PERSON_THROTTLES = ("prove", "claim-person")

_log = structlog.get_logger()


class Belongings(Protocol):
    """What another domain keeps of a person, each in a session that reads or erases the whole of the person."""

    name: str
    """Its name in the export."""

    def export(self, session: Session, person_id: str) -> list[dict[str, Any]]:
        """Gives its rows as JSON documents."""

    def erase(self, session: Session, person_id: str) -> None:
        """Deletes the rows, or takes the person's name from them."""


class Members:
    """Reads, exports and erases persons. `points_of(address)` is what an account holds, over all classes; it may raise,
    and then nothing is erased."""

    def __init__(
        self,
        store: Store,
        sessions: Sessions,
        passkeys: Passkeys,
        wallets: Wallets,
        one_time_codes: OneTimeCodes,
        one_time_challenges: Challenges,
        throttles: Throttles,
        notes: Notes,
        audit: AuditLog,
        *,
        points_of: Callable[[str], int],
        belongings: Sequence[Belongings] = (),
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._passkeys = passkeys
        self._wallets = wallets
        self._codes = one_time_codes
        self._challenges = one_time_challenges
        self._throttles = throttles
        self._notes = notes
        self._audit = audit
        self._points_of = points_of
        self._belongings = belongings
        self._clock = clock

    def get(self, person_id: str) -> Person:
        """The person. Raises GatewayError OBJECT_UNKNOWN."""
        with self._store.reading() as session:
            found = session.get(Person, person_id)
        if found is None:
            raise GatewayError("OBJECT_UNKNOWN", "there is no such person")
        return found

    def update(self, person_id: str, *, name: str | None, locale: str) -> Person:
        """Another name and language. Raises GatewayError OBJECT_UNKNOWN."""
        with self._store.writing() as session:
            row = session.get(Person, person_id)
            if row is None:
                raise GatewayError("OBJECT_UNKNOWN", "there is no such person")
            row.name, row.locale = name, locale if locale in LOCALES else row.locale
            return row

    def export(self, person_id: str) -> dict[str, Any]:
        """All that the gateway has about the person, as one JSON document (hashes of passwords and tokens, and sealed
        keys, are not about them and stay out). What their addresses did stands on the ledger. Raises GatewayError
        OBJECT_UNKNOWN."""
        holder, person = Holder(PERSON, person_id), self.get(person_id)
        with self._store.reading() as session:
            belongings = {one.name: one.export(session, person_id) for one in self._belongings}
            custodial = session.scalar(select(CustodialKey.address).where(CustodialKey.person_id == person_id))
            waiting = session.scalars(
                select(OneTimeCode).where(OneTimeCode.holder_kind == PERSON, OneTimeCode.holder_id == person_id)
            ).all()
            notes = self._notes.of(session, self._addresses(session, person_id))
        return {
            "exported_at": self._clock(),
            "person": {
                "person_id": person.person_id,
                "email": person.email,
                "phone": person.phone,
                "name": person.name,
                "locale": person.locale,
                "has_password": person.password_hash is not None,
                "password_changed_at": person.password_changed_at,
                "created_at": person.created_at,
            },
            "sessions": [
                {
                    "session_id": row.session_id,
                    "method": row.method,
                    "device": row.device,
                    "source": row.source,
                    "created_at": row.created_at,
                    "last_used_at": row.last_used_at,
                    "ends_at": row.ends_at,
                }
                for row in self._sessions.list(holder)
            ],
            "passkeys": [
                {
                    "passkey_id": row.passkey_id,
                    "name": row.name,
                    "created_at": row.created_at,
                    "last_used_at": row.last_used_at,
                }
                for row in self._passkeys.list(holder)
            ],
            "addresses": [
                {
                    "address": row.address,
                    "kind": row.kind,
                    "public_key": row.public_key,
                    "linked_at": row.linked_at,
                }
                for row in self._wallets.addresses(person_id)
            ],
            "custodial_address": custodial,
            "wrapped_keys": [
                {
                    "address": row.address,
                    "version": row.version,
                    "document": row.document,
                    "created_at": row.created_at,
                }
                for row in self._wallets.versions(person_id)
            ],
            **belongings,
            "notes": [
                {
                    "note_id": row.note_id,
                    "authoriser": row.authoriser,
                    "request_id": row.request_id,
                    "recipient": row.recipient,
                    "sealed": row.sealed,
                    "created_at": row.created_at,
                    "ends_at": row.ends_at,
                }
                for row in notes
            ],
            "codes_waiting": [
                {"purpose": row.purpose, "created_at": row.created_at, "expires_at": row.expires_at} for row in waiting
            ],
        }

    def erase(self, principal: Principal, person_id: str, *, abandon_points: bool) -> None:
        """Deletes everything about the person; on the ledger and in the audit log nothing changes, and neither has
        their data. Cards that they claimed stay claimed, by nobody. Raises GatewayError OBJECT_UNKNOWN;
        CUSTODY_HAS_POINTS unless they abandon what only the gateway's key could move."""
        holder, person = Holder(PERSON, person_id), self.get(person_id)
        if not abandon_points:
            with self._store.reading() as session:
                address = session.scalar(select(CustodialKey.address).where(CustodialKey.person_id == person_id))
            if address is not None and (points := self._points_of(address)):
                raise GatewayError(
                    "CUSTODY_HAS_POINTS", f"{points} points would be lost; send them first, or abandon them"
                )
        contacts = [value for value in (person.email, person.phone) if value is not None]
        throttled = self._throttles.keys(
            [
                *((kind, value) for kind in _CONTACT_THROTTLES for value in contacts),
                *((kind, person_id) for kind in _PERSON_THROTTLES),
            ]
        )
        with self._store.writing() as session:
            self._sessions.end_all(session, holder)
            self._codes.end(session, holder, *contacts, *(f"PERSON:{value}" for value in contacts), person_id)
            self._challenges.end(session, holder)
            self._throttles.forget(session, throttled)
            self._notes.end(session, self._addresses(session, person_id))
            session.execute(delete(Passkey).where(Passkey.holder_kind == PERSON, Passkey.holder_id == person_id))
            session.execute(delete(WrappedKey).where(WrappedKey.person_id == person_id))
            session.execute(delete(CustodialKey).where(CustodialKey.person_id == person_id))
            session.execute(delete(LinkedAddress).where(LinkedAddress.person_id == person_id))
            for one in self._belongings:
                one.erase(session, person_id)
            session.execute(delete(Person).where(Person.person_id == person_id))
            self._audit.append(session, principal, "erasePerson", person_id)
        _log.info("person_erased", person=person_id)

    def _addresses(self, session: Session, person_id: str) -> list[str]:
        return list(session.scalars(select(LinkedAddress.address).where(LinkedAddress.person_id == person_id)).all())
