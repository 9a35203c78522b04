"""Passkeys: registered, used to log in, named, removed."""

from __future__ import annotations

from gateway.identity.api.common import (
    ID_PATTERN,
    KINDS,
    login_origin,
    owned_by,
    require_fresh,
    session_answer,
    somebody_of,
)
from gateway.identity.contacts import masked
from gateway.identity.models import Passkey
from gateway.identity.passkeys import Ceremony
from gateway.identity.schemas import (
    PasskeyCeremony,
    PasskeyCreation,
    PasskeyCredential,
    PasskeyLogIn,
    PasskeyLogInRequest,
    PasskeyName,
    PasskeyShown,
    SessionGiven,
)
from gateway.web.endpoints import Answer, Call, Page, Subject

subject = Subject("passkeys", "Passkeys: log-in without a password")

PASSKEY_ID = {"passkey_id": ID_PATTERN}
LOG_IN_CODES = ("PASSKEY_REFUSED", "CHALLENGE_REFUSED", "TRY_LATER")


def to_response(row: Passkey) -> PasskeyShown:
    """A passkey as its holder sees it."""
    return PasskeyShown.model_validate(row)


def ceremony_response(ceremony: Ceremony) -> PasskeyCeremony:
    """A ceremony as the browser needs it."""
    return PasskeyCeremony.model_validate(ceremony)


@subject.post(
    "/passkeys/registration",
    name="beginPasskey",
    summary="Asks for a new passkey",
    answers={200: PasskeyCeremony},
    codes=["LOGIN_TOO_OLD", "PASSKEYS_FULL"],
)
def begin_passkey(call: Call[None]) -> Answer:
    """The log-in must be fresh."""
    require_fresh(call)
    holder, principal = somebody_of(call)
    people = call.gateway.people
    name = masked(people.accounts.get(holder).contacts[0])
    return Answer(200, ceremony_response(people.passkeys.begin_registration(holder, principal.session_id, name)))


@subject.post(
    "/passkeys",
    name="finishPasskey",
    summary="Registers the new passkey",
    body=PasskeyCreation,
    answers={201: PasskeyShown},
    codes=["CHALLENGE_REFUSED", "PASSKEY_REFUSED", "PASSKEYS_FULL"],
)
def finish_passkey(call: Call[PasskeyCreation]) -> Answer:
    """With what the browser gave."""
    holder, principal = somebody_of(call)
    body = call.body
    made = call.gateway.people.passkeys.finish_registration(
        holder, principal.session_id, body.challenge_id, body.credential, body.name
    )
    return Answer(201, to_response(made))


@subject.get("/passkeys", name="listPasskeys", summary="The caller's passkeys", answers={200: Page[PasskeyShown]})
def list_passkeys(call: Call[None]) -> Answer:
    """Oldest first."""
    holder, _ = somebody_of(call)
    return Answer(
        200, Page[PasskeyShown](items=[to_response(row) for row in call.gateway.people.passkeys.list(holder)])
    )


@subject.patch(
    "/passkeys/{passkey_id}",
    name="renamePasskey",
    summary="Gives a passkey another name",
    body=PasskeyName,
    answers={200: PasskeyShown},
    owner=lambda call: owned_by(call.gateway.people.passkeys.owner_of(call.path["passkey_id"])),
    path_patterns=PASSKEY_ID,
)
def rename_passkey(call: Call[PasskeyName]) -> Answer:
    """So that its holder knows which one it is."""
    return Answer(200, to_response(call.gateway.people.passkeys.rename(call.path["passkey_id"], call.body.name)))


@subject.delete(
    "/passkeys/{passkey_id}",
    name="removePasskey",
    summary="Removes a passkey",
    answers={204: None},
    codes=["LAST_CREDENTIAL", "LOGIN_TOO_OLD"],
    owner=lambda call: owned_by(call.gateway.people.passkeys.owner_of(call.path["passkey_id"])),
    path_patterns=PASSKEY_ID,
)
def remove_passkey(call: Call[None]) -> Answer:
    """The log-in must be fresh."""
    require_fresh(call)
    call.gateway.people.passkeys.remove(call.path["passkey_id"])
    return Answer(204)


@subject.post(
    "/passkey-sessions/challenge",
    name="beginPasskeyLogIn",
    summary="Asks for a log-in by passkey",
    body=PasskeyLogInRequest,
    answers={200: PasskeyCeremony},
    codes=["TRY_LATER"],
)
def begin_passkey_log_in(call: Call[PasskeyLogInRequest]) -> Answer:
    """Names no account."""
    return Answer(
        200, ceremony_response(call.gateway.people.passkeys.begin_login(KINDS[call.body.kind], login_origin(call)))
    )


@subject.post(
    "/passkey-sessions",
    name="finishPasskeyLogIn",
    summary="Logs in by passkey",
    body=PasskeyLogIn,
    answers={201: SessionGiven},
    codes=LOG_IN_CODES,
)
def finish_passkey_log_in(call: Call[PasskeyLogIn]) -> Answer:
    """With what the browser gave."""
    body = call.body
    made = call.gateway.people.passkeys.finish_login(
        KINDS[body.kind], body.challenge_id, body.credential, login_origin(call)
    )
    return session_answer(call, made)


@subject.post(
    "/session/passkey-proof",
    name="proveByPasskey",
    summary="Proves who the caller is once more, by passkey",
    body=PasskeyCredential,
    answers={200: SessionGiven},
    codes=LOG_IN_CODES,
)
def prove_by_passkey(call: Call[PasskeyCredential]) -> Answer:
    """With a challenge of beginPasskeyLogIn; the session has a new token then."""
    holder, principal = somebody_of(call)
    made = call.gateway.people.passkeys.prove(
        holder, principal.session_id, call.body.challenge_id, call.body.credential
    )
    return session_answer(call, made, 200)
