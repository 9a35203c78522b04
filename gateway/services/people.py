"""All services about people and access, put together over one store. Without Flask."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from chaincode.spec.kernel.signatures import SigningPlace
from gateway.identity.accounts import Accounts
from gateway.identity.api_keys import ApiKeys
from gateway.identity.challenges import Challenges
from gateway.identity.codes import OneTimeCodes
from gateway.identity.contact_change import ContactChange
from gateway.identity.delivery import Sender
from gateway.identity.devices import Devices
from gateway.identity.login import LogIn
from gateway.identity.passkeys import Passkeys
from gateway.identity.passwords import Passwords
from gateway.identity.registration import Registration
from gateway.identity.sessions import Sessions
from gateway.identity.throttles import Throttles
from gateway.legacy.claims import ClaimedCards, ImportedCards, LegacyClaims
from gateway.legacy.imports import LegacyImports
from gateway.members.custody import Custody
from gateway.members.notes import Notes
from gateway.members.profiles import Members
from gateway.members.rotation import CustodialKeys, Sealed, StoredValues
from gateway.members.wallets import Wallets
from gateway.oversight.approvals import Approvals
from gateway.oversight.oversight import Oversight
from gateway.oversight.valuation import Worths
from gateway.projection.lookups import LedgerLookups
from gateway.security.audit import AuditLog
from gateway.security.cipher import Cipher
from gateway.security.stored_secrets import StoredSecrets
from gateway.settings import PeopleSettings
from gateway.staff.staff_accounts import StaffAccounts
from gateway.store.engine import Store


@dataclass(frozen=True)
class LedgerMembership:
    """Where this gateway is on the ledger: its organisation, and where members' signatures must be good, once the
    ledger is open."""

    msp_id: str
    signing: Callable[[], SigningPlace]


class People:
    """The services. `audit`, `api_keys`, `approvals` and `document` (the ledger's) are for the rooms beside, too."""

    def __init__(
        self,
        store: Store,
        cipher: Cipher,
        sender: Sender,
        place: LedgerMembership,
        settings: PeopleSettings,
        answers: LedgerLookups,
        *,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self.store = store
        self.document = answers.document
        self.cipher = cipher
        self.settings = settings
        self.clock = clock
        self.kept = StoredSecrets(store, cipher, clock=clock)
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
            belongings=[ClaimedCards()],
            clock=clock,
        )

    def sealed(self) -> list[Sealed]:
        """What a change of the key-encryption key must seal anew."""
        return [CustodialKeys(self.store, self.cipher, self.clock), StoredValues(self.store, self.cipher)]

    def purge(self) -> None:
        """Deletes what has ended by its time; to be called now and then."""
        self.approvals.expire()
        self.sessions.purge()
        self.codes.purge()
        self.challenges.purge()
        self.throttles.purge()
        self.notes.purge()
