"""All services about people and access, put together over one store. Without Flask."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from chaincode.spec.kernel.signatures import SigningPlace
from gateway.access.api_keys import ApiKeys
from gateway.access.audit import AuditLog
from gateway.access.cipher import Cipher
from gateway.access.kept import KeptSecrets
from gateway.people.accounts import Accounts
from gateway.people.approvals import Approvals, CarriedOut
from gateway.people.challenges import Challenges
from gateway.people.codes import OneTimeCodes
from gateway.people.contact_change import ContactChange
from gateway.people.custody import Custody
from gateway.people.devices import Devices
from gateway.people.legacy import ImportedCards, LegacyClaims
from gateway.people.legacy_imports import LegacyImports
from gateway.people.login import LogIn
from gateway.people.members import Members
from gateway.people.notes import Notes
from gateway.people.oversight import Oversight
from gateway.people.passkeys import Passkeys
from gateway.people.passwords import Passwords
from gateway.people.registration import Registration
from gateway.people.rotation import CustodialKeys, KeptValues, Sealed
from gateway.people.senders import Sender
from gateway.people.sessions import Sessions
from gateway.people.settings import PeopleSettings
from gateway.people.staff import StaffAccounts
from gateway.people.throttles import Throttles
from gateway.people.valuing import Document, Documents, Worths
from gateway.people.wallets import Wallets
from gateway.store.engine import Store


@dataclass(frozen=True)
class Place:
    """Where this gateway is on the ledger: its organisation, and where members' signatures must be good, once the ledger is open."""

    msp_id: str
    signing: Callable[[], SigningPlace]


@dataclass(frozen=True)
class LedgerAnswers:
    """What the services about people ask of the ledger; each may raise GatewayError LEDGER_UNAVAILABLE.

    `points_of(address)`: points of an account, over all classes. `document(key)`: a document of the ledger's state,
    None when there is none; `documents(prefix)`: those whose keys begin so. `recipients_of(authoriser, request_id)`:
    the addresses that a transfer sent points to, none when unknown. `carried_out(operation)`: the receipt of one of this organisation's own that the log holds, or None.
    """

    points_of: Callable[[str], int] = lambda address: 0
    document: Document = lambda key: None
    documents: Documents = lambda prefix: ()
    recipients_of: Callable[[str, str], frozenset[str]] = lambda authoriser, request_id: frozenset()
    carried_out: CarriedOut = lambda operation: None


class People:
    """The services. `audit`, `api_keys`, `approvals` and `document` (the ledger's) are for the rooms beside, too."""

    def __init__(
        self,
        store: Store,
        cipher: Cipher,
        sender: Sender,
        place: Place,
        settings: PeopleSettings,
        answers: LedgerAnswers,
        *,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self.store = store
        self.document = answers.document
        self.cipher = cipher
        self.settings = settings
        self.clock = clock
        self.kept = KeptSecrets(store, cipher, clock=clock)
        self.audit = AuditLog(store, clock=clock)
        self.api_keys = ApiKeys(store, self.audit, clock=clock)
        self.throttles = Throttles(store, self.kept, settings.throttles, clock=clock)
        self.codes = OneTimeCodes(store, self.kept, settings.codes, clock=clock)
        self.challenges = Challenges(store, clock=clock)
        self.devices = Devices(self.kept, clock=clock)
        self.sessions = Sessions(store, self.kept, settings.sessions, self.devices, clock=clock)
        self.accounts = Accounts(store, clock=clock)
        self.passwords = Passwords(settings.passwords)
        self.log_in = LogIn(
            store,
            self.accounts,
            self.passwords,
            self.sessions,
            self.devices,
            self.codes,
            self.throttles,
            sender,
            settings,
        )
        self.registration = Registration(
            store, self.accounts, self.passwords, self.sessions, self.codes, self.log_in, clock=clock
        )
        self.contact_change = ContactChange(self.accounts, self.codes, self.sessions, self.log_in, sender)
        self.passkeys = Passkeys(
            store,
            self.accounts,
            self.challenges,
            self.sessions,
            self.throttles,
            settings.passkeys,
            source_attempts=settings.throttles.source_attempts,
            clock=clock,
        )
        self.wallets = Wallets(store, self.challenges, place.msp_id, clock=clock)
        self.custody = Custody(
            store,
            cipher,
            self.wallets,
            self.codes,
            msp_id=place.msp_id,
            counter_seconds=settings.codes.counter_seconds,
            signing_place=place.signing,
            clock=clock,
        )
        self.cards = ImportedCards(store, self.kept)
        self.legacy_imports = LegacyImports(store, self.cards, self.audit, answers.document, place.msp_id, clock=clock)
        self.legacy_claims = LegacyClaims(store, self.cards, self.throttles, settings.throttles, clock=clock)
        self.staff = StaffAccounts(
            store, self.passwords, self.sessions, self.codes, sender, self.audit, settings.codes, clock=clock
        )
        self.worths = Worths(answers.document, answers.documents)
        self.approvals = Approvals(
            store,
            self.audit,
            settings.approvals,
            self.worths,
            document=answers.document,
            carried_out=answers.carried_out,
            clock=clock,
        )
        self.notes = Notes(store, settings.notes, answers.recipients_of, clock=clock)
        self.oversight = Oversight(self.approvals, self.audit, self.wallets, answers.document, place.msp_id)
        self.members = Members(
            store,
            self.sessions,
            self.passkeys,
            self.wallets,
            self.codes,
            self.challenges,
            self.throttles,
            self.notes,
            self.audit,
            points_of=answers.points_of,
            clock=clock,
        )

    def sealed(self) -> list[Sealed]:
        """What a change of the key-encryption key must seal anew."""
        return [CustodialKeys(self.store, self.cipher, self.clock), KeptValues(self.store, self.cipher)]

    def purge(self) -> None:
        """Deletes what has ended by its time; to be called now and then."""
        self.approvals.expire()
        self.sessions.purge()
        self.codes.purge()
        self.challenges.purge()
        self.throttles.purge()
        self.notes.purge()
