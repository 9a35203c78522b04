"""Points of an old system: loaded by finance, claimed by who can prove the card, moved to a wallet and back.

A card's number never reaches the ledger: there it is `reference_hash`, its SHA-256 under a salt that stays in the
gateway. What proves a card is kept as a keyed hash of the old system's salted one, so that a PIN of four digits cannot
be tried out on a stolen database.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway.core.errors import GatewayError
from gateway.identity.settings import ThrottleSettings
from gateway.identity.throttles import Throttles
from gateway.legacy.files import normal_reference, proof_sha256
from gateway.legacy.models import LegacyCard, LegacyImport
from gateway.security.stored_secrets import StoredSecrets
from gateway.store.engine import Store

LOADED = "LOADED"
CONFIRMED = "CONFIRMED"
DONE = "DONE"
WITHDRAWN = "WITHDRAWN"
REFERENCE_TAIL = 4
"""So many of a card's last characters are kept once somebody has proved that it is theirs, so that they know it
again."""

_log = structlog.get_logger()


class ProofChecker(Protocol):
    """Says whether somebody owns an old card. A merchant whose old system can be asked writes one of its own."""

    def cards(self, reference: str, proof: str) -> Sequence[tuple[str, str]]:
        """(class_id, reference_hash) of the card's balances, when the proof holds; nothing when it does not, or there
        is no such card. Takes as long in each case."""


@dataclass(frozen=True)
class Claim:
    """A card that a person has claimed, and the points that it was imported with."""

    class_id: str
    reference_hash: str
    points: int
    expires_on: str | None
    claimed_at: int
    reference_tail: str | None = None


class ImportedCards:
    """The ProofChecker over the files that finance loaded, as far as they stand on the ledger: what a second person has
    not confirmed is nobody's to claim."""

    def __init__(self, store: Store, kept: StoredSecrets) -> None:
        self._store = store
        self._kept = kept

    def reference_hash(self, reference: str) -> str:
        """The card's name on the ledger: SHA-256 of the gateway's salt and the normalised number."""
        return hashlib.sha256(self._kept.get("legacy-salt") + normal_reference(reference).encode()).hexdigest()

    def proof_hash(self, reference_hash: str, hashed: str) -> str:
        """What is kept of the file's proof."""
        return self._kept.keyed_hash("legacy-proofs", reference_hash, hashed)

    def cards(self, reference: str, proof: str) -> Sequence[tuple[str, str]]:
        """As ProofChecker."""
        reference_hash = self.reference_hash(reference)
        with self._store.reading() as session:
            rows = session.scalars(
                select(LegacyCard)
                .join(LegacyImport, LegacyCard.import_id == LegacyImport.import_id)
                .where(LegacyCard.reference_hash == reference_hash, LegacyImport.status.in_((DONE, WITHDRAWN)))
            ).all()
        found = []
        for row in rows or [LegacyCard(class_id="", proof_salt="0" * 16, proof_hash="-")]:
            given = self.proof_hash(reference_hash, proof_sha256(row.proof_salt, proof))
            if secrets.compare_digest(given, row.proof_hash):
                found.append((row.class_id, reference_hash))
        return found


class ClaimedCards:
    """The cards that a person claimed, as `gateway.members.profiles.Belongings`. Erased, they stay claimed, by
    nobody."""

    name = "legacy_cards"

    def export(self, session: Session, person_id: str) -> list[dict[str, Any]]:
        """Gives the cards without their proofs."""
        return [
            {
                "class_id": row.class_id,
                "reference_hash": row.reference_hash,
                "reference_tail": row.reference_tail,
                "points": row.points,
                "expires_on": row.expires_on,
                "claimed_at": row.claimed_at,
            }
            for row in session.scalars(select(LegacyCard).where(LegacyCard.person_id == person_id))
        ]

    def erase(self, session: Session, person_id: str) -> None:
        """Takes the person's name from the cards."""
        session.execute(update(LegacyCard).where(LegacyCard.person_id == person_id).values(person_id=None))


class LegacyClaims:
    """Claims of old cards by members, and the operations on what was claimed."""

    def __init__(
        self,
        store: Store,
        checker: ProofChecker,
        throttles: Throttles,
        settings: ThrottleSettings,
        *,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self._store = store
        self._checker = checker
        self._throttles = throttles
        self._settings = settings
        self._clock = clock

    def claim(self, person_id: str, reference: str, proof: str, source: str) -> Sequence[Claim]:
        """Makes the card's balances the person's. Raises GatewayError CLAIM_REFUSED, in the same words for an unknown
        card, a wrong proof and a card that somebody else claimed; TRY_LATER after too many attempts on the card, by the
        person, or from the source."""
        blocked_until = self._throttles.take("claim-source", source, self._settings.source_attempts)
        for kind, who, free in (
            ("claim-person", person_id, self._settings.account_attempts),
            ("claim-card", normal_reference(reference), self._settings.account_attempts),
        ):
            self._throttles.take(kind, who, free)
        found, now = self._checker.cards(reference, proof), self._clock()
        tail = normal_reference(reference)[-REFERENCE_TAIL:]
        with self._store.writing() as session:
            for class_id, reference_hash in found:
                card = session.get(LegacyCard, (reference_hash, class_id), with_for_update=True)
                if card is not None and card.claimed_at is None:
                    card.person_id, card.claimed_at = person_id, now
                if card is not None and card.person_id == person_id:
                    card.reference_tail = tail
        wanted = set(found)
        claims = [claim for claim in self.list(person_id) if (claim.class_id, claim.reference_hash) in wanted]
        if not claims:
            raise GatewayError("CLAIM_REFUSED", "no card with this number and this proof is free to be claimed")
        self._throttles.clear("claim-person", person_id)
        self._throttles.clear("claim-card", normal_reference(reference))
        self._throttles.give_back("claim-source", source, blocked_until)
        _log.info("legacy_claimed", person=person_id, balances=len(claims))
        return claims

    def list(self, person_id: str) -> Sequence[Claim]:
        """The cards that the person has claimed."""
        with self._store.reading() as session:
            rows = session.scalars(
                select(LegacyCard)
                .where(LegacyCard.person_id == person_id)
                .order_by(LegacyCard.claimed_at, LegacyCard.class_id, LegacyCard.reference_hash)
            ).all()
        return [
            Claim(
                row.class_id,
                row.reference_hash,
                row.points,
                row.expires_on,
                row.claimed_at or 0,
                row.reference_tail,
            )
            for row in rows
        ]

    def withdrawal(self, person_id: str, args: Mapping[str, Any], request_id: str) -> dict[str, Any]:
        """The operation WithdrawToWallet, for arguments that the member's key signed (in their browser, or
        `Custody.withdrawal`). Raises GatewayError OBJECT_UNKNOWN for a card that is not theirs."""
        self._require(person_id, args["class_id"], args["reference_hash"])
        return {"op": "WithdrawToWallet", "args": dict(args), "request_id": request_id}

    def deposit(self, person_id: str, operation: Mapping[str, Any]) -> dict[str, Any]:
        """The member's signed DepositFromWallet, back to a card of theirs. Raises GatewayError OBJECT_UNKNOWN."""
        self._require(person_id, operation["args"]["class_id"], operation["args"]["reference_hash"])
        return {**operation, "op": "DepositFromWallet"}

    def _require(self, person_id: str, class_id: str, reference_hash: str) -> None:
        with self._store.reading() as session:
            row = session.get(LegacyCard, (reference_hash, class_id))
        if row is None or row.person_id != person_id:
            raise GatewayError("OBJECT_UNKNOWN", "there is no such card of yours")
