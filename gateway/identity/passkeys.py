"""Passkeys (WebAuthn, level 3): registration and log-in. A passkey alone opens an account, so the authenticator must
have verified its user.

Log-in names no account beforehand: the browser offers the passkeys that it has for this site, so nothing tells who
exists.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
import webauthn
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from gateway.core.errors import GatewayError
from gateway.identity import challenges
from gateway.identity.accounts import ACTIVE, Accounts
from gateway.identity.challenges import Challenges
from gateway.identity.holders import Holder
from gateway.identity.models import Passkey, StaffAccount
from gateway.identity.sessions import LoginOrigin, NewSession, Sessions
from gateway.identity.settings import PasskeySettings
from gateway.identity.throttles import Throttles
from gateway.store.base import new_id
from gateway.store.engine import Store

_CREDENTIAL_ID = re.compile(r"[A-Za-z0-9_=-]{1,2048}\Z")
_log = structlog.get_logger()


@dataclass(frozen=True)
class Ceremony:
    """What the browser is asked: `options` is the argument of `navigator.credentials`, as JSON."""

    challenge_id: str
    options: Mapping[str, Any]
    expires_at: int


class Passkeys:
    """Registers passkeys, logs in by them, lists, names and removes them."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        one_time_challenges: Challenges,
        sessions: Sessions,
        throttles: Throttles,
        settings: PasskeySettings,
        *,
        source_attempts: int,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._challenges = one_time_challenges
        self._sessions = sessions
        self._throttles = throttles
        self._settings = settings
        self._source_attempts = source_attempts
        self._clock = clock

    def begin_registration(self, holder: Holder, session_id: str, user_name: str) -> Ceremony:
        """Options for a new passkey. `user_name` is what the browser shows. Raises GatewayError PASSKEYS_FULL."""
        known = self.list(holder)
        if len(known) >= self._settings.per_holder_max:
            raise GatewayError("PASSKEYS_FULL", f"at most {self._settings.per_holder_max} passkeys")
        made = self._challenges.new(
            challenges.PASSKEY_NEW, self._settings.seconds, holder=holder, session_id=session_id
        )
        options = webauthn.generate_registration_options(
            rp_id=self._settings.rp_id,
            rp_name=self._settings.rp_name,
            user_name=user_name,
            user_id=_handle(holder),
            challenge=base64url_to_bytes(made.challenge),
            timeout=self._settings.seconds * 1000,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential_id)) for key in known
            ],
        )
        return Ceremony(made.challenge_id, json.loads(webauthn.options_to_json(options)), made.expires_at)

    def finish_registration(
        self, holder: Holder, session_id: str, challenge_id: str, credential: Mapping[str, Any], name: str
    ) -> Passkey:
        """The new passkey. Raises GatewayError CHALLENGE_REFUSED, PASSKEY_REFUSED, PASSKEYS_FULL."""
        made = self._challenges.take(challenge_id, challenges.PASSKEY_NEW, holder=holder, session_id=session_id)
        try:
            verified = webauthn.verify_registration_response(
                credential=dict(credential),
                expected_challenge=base64url_to_bytes(made.challenge),
                expected_rp_id=self._settings.rp_id,
                expected_origin=list(self._settings.origins),
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise _refused(error) from None
        passkey = Passkey(
            passkey_id=new_id("pky"),
            credential_id=bytes_to_base64url(verified.credential_id),
            holder_kind=holder.kind,
            holder_id=holder.id,
            public_key=bytes_to_base64url(verified.credential_public_key),
            sign_count=verified.sign_count,
            name=name,
            created_at=self._clock(),
        )
        try:
            with self._store.writing() as session:
                held = select(func.count()).where(Passkey.holder_kind == holder.kind, Passkey.holder_id == holder.id)
                if (session.scalar(held) or 0) >= self._settings.per_holder_max:
                    raise GatewayError("PASSKEYS_FULL", f"at most {self._settings.per_holder_max} passkeys")
                session.add(passkey)
        except IntegrityError:
            raise GatewayError("PASSKEY_REFUSED", "the passkey is registered already") from None
        _log.info("passkey_added", holder=holder.id, passkey=passkey.passkey_id)
        return passkey

    def begin_login(self, kind: str, visit: LoginOrigin) -> Ceremony:
        """Options for a log-in by any passkey of this site. Raises GatewayError TRY_LATER."""
        made = self._challenges.new(challenges.PASSKEY_LOGIN, self._settings.seconds, payload={"kind": kind})
        options = webauthn.generate_authentication_options(
            rp_id=self._settings.rp_id,
            challenge=base64url_to_bytes(made.challenge),
            timeout=self._settings.seconds * 1000,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return Ceremony(made.challenge_id, json.loads(webauthn.options_to_json(options)), made.expires_at)

    def finish_login(
        self, kind: str, challenge_id: str, credential: Mapping[str, Any], visit: LoginOrigin
    ) -> NewSession:
        """A new session. Raises GatewayError CHALLENGE_REFUSED, PASSKEY_REFUSED (in the same words for an unknown
        passkey and a wrong signature), TRY_LATER."""
        blocked_until = self._throttles.take("passkey-source", visit.source, self._source_attempts)
        holder = self._verify(kind, challenge_id, credential)
        self._throttles.give_back("passkey-source", visit.source, blocked_until)
        _log.info("logged_in", kind=kind, holder=holder.id, method="PASSKEY")
        return self._sessions.start(holder, "PASSKEY", visit)

    def prove(self, holder: Holder, session_id: str, challenge_id: str, credential: Mapping[str, Any]) -> NewSession:
        """Proves the holder of a session again; its token is new. Raises as `finish_login`."""
        if self._verify(holder.kind, challenge_id, credential) != holder:
            raise GatewayError("PASSKEY_REFUSED", "the passkey is not one of this account")
        return self._sessions.renew(session_id)

    def _verify(self, kind: str, challenge_id: str, credential: Mapping[str, Any]) -> Holder:
        made = self._challenges.take(challenge_id, challenges.PASSKEY_LOGIN)
        credential_id = str(credential.get("rawId") or credential.get("id") or "")
        if not _CREDENTIAL_ID.match(credential_id):
            raise _refused(None)
        with self._store.reading() as session:
            passkey = session.scalar(select(Passkey).where(Passkey.credential_id == credential_id.rstrip("=")))
        if passkey is None or passkey.holder_kind != kind or made.payload["kind"] != kind:
            raise _refused(None)
        holder = Holder(passkey.holder_kind, passkey.holder_id)
        try:
            verified = webauthn.verify_authentication_response(
                credential=dict(credential),
                expected_challenge=base64url_to_bytes(made.challenge),
                expected_rp_id=self._settings.rp_id,
                expected_origin=list(self._settings.origins),
                credential_public_key=base64url_to_bytes(passkey.public_key),
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise _refused(error) from None
        with self._store.writing() as session:
            row = session.get(Passkey, passkey.passkey_id, with_for_update=True)
            # A copy of the authenticator would use the count that this one has used meanwhile.
            if row is None or (row.sign_count and verified.new_sign_count <= row.sign_count):
                raise _refused(None)
            account = self._accounts.row(session, holder)
            if isinstance(account, StaffAccount) and account.status != ACTIVE:
                raise _refused(None)
            row.sign_count, row.last_used_at = verified.new_sign_count, self._clock()
        return holder

    def list(self, holder: Holder) -> Sequence[Passkey]:
        """The holder's passkeys, oldest first."""
        with self._store.reading() as session:
            return session.scalars(
                select(Passkey)
                .where(Passkey.holder_kind == holder.kind, Passkey.holder_id == holder.id)
                .order_by(Passkey.created_at, Passkey.passkey_id)
            ).all()

    def owner_of(self, passkey_id: str) -> Holder:
        """Whose passkey it is. Raises GatewayError OBJECT_UNKNOWN."""
        with self._store.reading() as session:
            row = session.get(Passkey, passkey_id)
        if row is None:
            raise GatewayError("OBJECT_UNKNOWN", "there is no such passkey")
        return Holder(row.holder_kind, row.holder_id)

    def rename(self, passkey_id: str, name: str) -> Passkey:
        """The passkey under another name. Raises GatewayError OBJECT_UNKNOWN."""
        with self._store.writing() as session:
            row = session.get(Passkey, passkey_id)
            if row is None:
                raise GatewayError("OBJECT_UNKNOWN", "there is no such passkey")
            row.name = name
            return row

    def remove(self, passkey_id: str) -> None:
        """Removes it. Raises GatewayError OBJECT_UNKNOWN; LAST_CREDENTIAL when nothing would be left to log in with."""
        with self._store.writing() as session:
            row = session.get(Passkey, passkey_id)
            if row is None:
                raise GatewayError("OBJECT_UNKNOWN", "there is no such passkey")
            holder = Holder(row.holder_kind, row.holder_id)
            account = self._accounts.row(session, holder)
            held = select(func.count()).where(Passkey.holder_kind == holder.kind, Passkey.holder_id == holder.id)
            if account.password_hash is None and session.scalar(held) == 1:
                raise GatewayError("LAST_CREDENTIAL", "set a password first: nothing else would be left to log in with")
            session.delete(row)
        _log.info("passkey_removed", holder=holder.id, passkey=passkey_id)


def _handle(holder: Holder) -> bytes:
    return f"{holder.kind}:{holder.id}".encode()


def _refused(error: Exception | None) -> GatewayError:
    if error is not None:
        _log.info("passkey_refused", reason=type(error).__name__)
    return GatewayError("PASSKEY_REFUSED", "the passkey is not known here, or its signature does not hold")
