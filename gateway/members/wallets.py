"""A person's addresses, and their key as their browser wrapped it. The gateway never sees the key.

An address becomes theirs by a signature of its key over a challenge that was made for this person and this session, and
that is good once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chaincode.spec.kernel.canonical import encode
from chaincode.spec.kernel.signatures import address_of, verify
from gateway.core.errors import GatewayError
from gateway.identity import challenges
from gateway.identity.challenges import Challenges
from gateway.identity.holders import PERSON, Holder
from gateway.identity.models import Challenge
from gateway.members.models import LinkedAddress, WrappedKey
from gateway.store.engine import Store

OWN = "OWN"
CUSTODIAL = "CUSTODIAL"
DOMAIN = "jifen-link-1"
CHALLENGE_SECONDS = 300
ADDRESSES_MAX = 20
VERSIONS_MAX = 1000

_log = structlog.get_logger()


def link_message(address: str, challenge: str, person_id: str, session_id: str, msp_id: str) -> bytes:
    """What the address's key signs to show that it is this person's."""
    return encode(
        {
            "address": address,
            "challenge": challenge,
            "domain": DOMAIN,
            "msp_id": msp_id,
            "person_id": person_id,
            "session_id": session_id,
        }
    )


class Wallets:
    """Links addresses to persons and keeps wrapped keys."""

    def __init__(
        self,
        store: Store,
        one_time_challenges: Challenges,
        msp_id: str,
        *,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self._store = store
        self._challenges = one_time_challenges
        self._msp_id = msp_id
        self._clock = clock

    def begin_link(self, person_id: str, session_id: str) -> Challenge:
        """A challenge for the key of an address."""
        return self._challenges.new(
            challenges.ADDRESS, CHALLENGE_SECONDS, holder=Holder(PERSON, person_id), session_id=session_id
        )

    def finish_link(
        self, person_id: str, session_id: str, challenge_id: str, public_key: str, signature: str
    ) -> LinkedAddress:
        """The address, linked. Linking one's own again changes nothing. Raises GatewayError CHALLENGE_REFUSED,
        PROOF_INVALID, ADDRESS_LINKED (to somebody else), ADDRESSES_FULL."""
        made = self._challenges.take(
            challenge_id, challenges.ADDRESS, holder=Holder(PERSON, person_id), session_id=session_id
        )
        address = address_of(public_key)
        if not verify(
            public_key, signature, link_message(address, made.challenge, person_id, session_id, self._msp_id)
        ):
            raise GatewayError("PROOF_INVALID", "the signature is not the key's over this challenge")
        try:
            with self._store.writing() as session:
                return self.link(session, person_id, address, public_key, OWN)
        except IntegrityError:
            raise GatewayError("ADDRESS_LINKED", "the address belongs to another account") from None

    def link(self, session: Session, person_id: str, address: str, public_key: str, kind: str) -> LinkedAddress:
        """Links an address that has been proved, in the caller's transaction. Raises as `finish_link`."""
        found = session.get(LinkedAddress, address)
        if found is not None:
            if found.person_id != person_id:
                raise GatewayError("ADDRESS_LINKED", "the address belongs to another account")
            return found
        held = session.scalar(select(func.count()).where(LinkedAddress.person_id == person_id))
        if (held or 0) >= ADDRESSES_MAX:
            raise GatewayError("ADDRESSES_FULL", f"at most {ADDRESSES_MAX} addresses")
        made = LinkedAddress(
            address=address, person_id=person_id, public_key=public_key, kind=kind, linked_at=self._clock()
        )
        session.add(made)
        session.flush()
        _log.info("address_linked", person=person_id, address=address, kind=kind)
        return made

    def addresses(self, person_id: str) -> Sequence[LinkedAddress]:
        """The person's addresses, oldest first."""
        with self._store.reading() as session:
            return session.scalars(
                select(LinkedAddress)
                .where(LinkedAddress.person_id == person_id)
                .order_by(LinkedAddress.linked_at, LinkedAddress.address)
            ).all()

    def own(self, person_id: str, address: str) -> LinkedAddress:
        """The person's address with a key of their own. Raises GatewayError OBJECT_UNKNOWN."""
        with self._store.reading() as session:
            found = session.get(LinkedAddress, address)
        if found is None or found.person_id != person_id or found.kind != OWN:
            raise GatewayError("OBJECT_UNKNOWN", "link the address first")
        return found

    def person_of(self, address: str) -> str | None:
        """Whose address it is here, if anybody's."""
        with self._store.reading() as session:
            found = session.get(LinkedAddress, address)
            return None if found is None else found.person_id

    def store_wrapped(self, person_id: str, address: str, document: Mapping[str, Any]) -> WrappedKey:
        """Keeps a key's wrapped form as a new version. `document` was checked by
        `gateway.identity.schemas.WrappedKeyDocument`. Raises GatewayError OBJECT_UNKNOWN for an address that is not
        this person's own, ADDRESSES_FULL for too many versions."""
        with self._store.writing() as session:
            linked = session.get(LinkedAddress, address, with_for_update=True)
            if linked is None or linked.person_id != person_id or linked.kind != OWN:
                raise GatewayError("OBJECT_UNKNOWN", "link the address first")
            version = session.scalar(select(func.max(WrappedKey.version)).where(WrappedKey.address == address)) or 0
            if version >= VERSIONS_MAX:
                raise GatewayError("ADDRESSES_FULL", f"at most {VERSIONS_MAX} versions of a key")
            made = WrappedKey(
                address=address,
                version=version + 1,
                person_id=person_id,
                document=dict(document),
                created_at=self._clock(),
            )
            session.add(made)
            return made

    def wrapped(self, person_id: str, address: str) -> WrappedKey:
        """The newest wrapped form. Raises GatewayError OBJECT_UNKNOWN."""
        with self._store.reading() as session:
            found = session.scalar(
                select(WrappedKey)
                .where(WrappedKey.address == address, WrappedKey.person_id == person_id)
                .order_by(WrappedKey.version.desc())
                .limit(1)
            )
        if found is None:
            raise GatewayError("OBJECT_UNKNOWN", "no wrapped key is stored for this address")
        return found

    def versions(self, person_id: str) -> Sequence[WrappedKey]:
        """All versions of all the person's keys, oldest first."""
        with self._store.reading() as session:
            return session.scalars(
                select(WrappedKey)
                .where(WrappedKey.person_id == person_id)
                .order_by(WrappedKey.address, WrappedKey.version)
            ).all()
