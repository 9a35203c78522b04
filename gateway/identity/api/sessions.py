"""Registration, log-in, sessions, passwords."""

from __future__ import annotations

from gateway.access.guard import cookie_name
from gateway.identity.api.common import (
    ID_PATTERN,
    KINDS,
    code_sent,
    cookie,
    device_cookie,
    login_origin,
    owned_by,
    session_answer,
    somebody_of,
)
from gateway.identity.holders import PERSON, STAFF
from gateway.identity.schemas import (
    CodeSent,
    LogInRequest,
    PasswordChange,
    PasswordProof,
    RecoveryProof,
    RecoveryRequest,
    RegistrationProof,
    RegistrationRequest,
    SessionGiven,
    SessionShown,
    WhoAmI,
)
from gateway.security.principals import ApiKeyCaller, Member, Staff
from gateway.web.endpoints import Answer, Call, NoQuery, Page, Subject

subject = Subject("sessions", "Sessions: registration, log-in, passwords")

LETTER_CODES = ("CONTACT_INVALID", "CHANNEL_UNAVAILABLE", "TRY_LATER", "MESSAGE_NOT_SENT")
CODE_ID = {"code_id": ID_PATTERN}


@subject.post(
    "/registrations",
    name="beginRegistration",
    summary="Asks for an account: a code is sent to the contact",
    body=RegistrationRequest,
    answers={202: CodeSent},
    codes=LETTER_CODES,
)
def begin_registration(call: Call[RegistrationRequest]) -> Answer:
    """The answer does not tell whether the contact has an account."""
    issued = call.gateway.people.registration.begin(call.body.contact, call.body.locale, login_origin(call))
    return Answer(202, code_sent(issued))


@subject.post(
    "/registrations/{code_id}/confirm",
    name="finishRegistration",
    summary="Makes the account, with the code from the letter",
    body=RegistrationProof,
    answers={201: SessionGiven},
    codes=["CODE_REFUSED", "PASSWORD_WEAK"],
    path_patterns=CODE_ID,
)
def finish_registration(call: Call[RegistrationProof]) -> Answer:
    """Logs in at once."""
    body = call.body
    made = call.gateway.people.registration.finish(
        call.path["code_id"], body.code, body.password, body.name, login_origin(call)
    )
    return session_answer(call, made)


@subject.post(
    "/sessions",
    name="logIn",
    summary="Logs a member in by password",
    body=LogInRequest,
    answers={201: SessionGiven},
    codes=["LOGIN_REFUSED", "TRY_LATER"],
)
def log_in(call: Call[LogInRequest]) -> Answer:
    """The refusal is the same for an unknown contact and a wrong password."""
    made = call.gateway.people.log_in.log_in(PERSON, call.body.contact, call.body.password, login_origin(call))
    return session_answer(call, made)


@subject.post(
    "/staff-sessions",
    name="logInStaff",
    summary="Logs a member of staff in by password",
    body=LogInRequest,
    answers={201: SessionGiven},
    codes=["LOGIN_REFUSED", "TRY_LATER"],
)
def log_in_staff(call: Call[LogInRequest]) -> Answer:
    """As for members."""
    made = call.gateway.people.log_in.log_in(STAFF, call.body.contact, call.body.password, login_origin(call))
    return session_answer(call, made)


@subject.get("/session", name="getSession", summary="Who the gateway takes the caller for", answers={200: WhoAmI})
def get_session(call: Call[None]) -> Answer:
    """With the token that changes need, where there is a session."""
    principal, token = call.principal, call.facts.cookies.get(cookie_name(call.gateway.settings.secure), "")
    csrf = call.gateway.people.sessions.csrf_token
    match principal:
        case Member():
            found = WhoAmI(
                kind="member",
                id=principal.id,
                session_id=principal.session_id,
                addresses=sorted(principal.addresses),
                csrf_token=csrf(token),
            )
        case Staff():
            found = WhoAmI(
                kind="staff",
                id=principal.id,
                session_id=principal.session_id,
                roles=sorted(principal.roles),
                csrf_token=csrf(token),
            )
        case ApiKeyCaller():
            found = WhoAmI(kind="api_key", id=principal.id, scopes=sorted(principal.scopes))
        case _:
            found = WhoAmI(kind="anonymous")
    return Answer(200, found)


@subject.delete("/session", name="logOut", summary="Ends the caller's session", answers={204: None})
def log_out(call: Call[None]) -> Answer:
    """The cookie is taken back too."""
    _, principal = somebody_of(call)
    call.gateway.people.sessions.end(principal.session_id)
    return Answer(204, headers={"Set-Cookie": cookie(call, "", 0)})


@subject.get(
    "/sessions", name="listSessions", summary="The caller's sessions", query=NoQuery, answers={200: Page[SessionShown]}
)
def list_sessions(call: Call[None]) -> Answer:
    """The one used last first."""
    holder, principal = somebody_of(call)
    items = [
        SessionShown(
            session_id=row.session_id,
            current=row.session_id == principal.session_id,
            method=row.method,
            device=row.device,
            source=row.source,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            ends_at=row.ends_at,
        )
        for row in call.gateway.people.sessions.list(holder)
    ]
    return Answer(200, Page[SessionShown](items=items))


@subject.delete("/sessions", name="endOtherSessions", summary="Ends all sessions but this one", answers={204: None})
def end_other_sessions(call: Call[None]) -> Answer:
    """For when a device was lost."""
    holder, principal = somebody_of(call)
    call.gateway.people.sessions.end_others(holder, but=principal.session_id)
    return Answer(204)


@subject.delete(
    "/sessions/{session_id}",
    name="endSession",
    summary="Ends one session",
    answers={204: None},
    owner=lambda call: owned_by(call.gateway.people.sessions.owner_of(call.path["session_id"])),
    path_patterns={"session_id": ID_PATTERN},
)
def end_session(call: Call[None]) -> Answer:
    """From the next request on."""
    call.gateway.people.sessions.end(call.path["session_id"])
    return Answer(204)


@subject.post(
    "/session/proof",
    name="proveByPassword",
    summary="Proves who the caller is once more, for grave changes",
    body=PasswordProof,
    answers={200: SessionGiven},
    codes=["LOGIN_REFUSED", "TRY_LATER"],
)
def prove_by_password(call: Call[PasswordProof]) -> Answer:
    """The session has a new token then."""
    holder, principal = somebody_of(call)
    made = call.gateway.people.log_in.prove(holder, principal.session_id, call.body.password)
    return session_answer(call, made, 200)


@subject.put(
    "/password",
    name="changePassword",
    summary="Sets another password; the other sessions end",
    body=PasswordChange,
    answers={200: SessionGiven},
    codes=["LOGIN_REFUSED", "TRY_LATER", "LOGIN_TOO_OLD", "PASSWORD_WEAK"],
)
def change_password(call: Call[PasswordChange]) -> Answer:
    """The session has a new token then."""
    holder, principal = somebody_of(call)
    made = call.gateway.people.log_in.change_password(
        holder, principal.session_id, call.body.current, call.body.new, principal.authenticated_at
    )
    return session_answer(call, made, 200)


@subject.post(
    "/recoveries",
    name="beginRecovery",
    summary="Asks for a code to set a new password",
    body=RecoveryRequest,
    answers={202: CodeSent},
    codes=LETTER_CODES,
)
def begin_recovery(call: Call[RecoveryRequest]) -> Answer:
    """The answer does not tell whether the contact has an account."""
    body = call.body
    issued = call.gateway.people.log_in.begin_recovery(KINDS[body.kind], body.contact, body.locale, login_origin(call))
    return Answer(202, code_sent(issued))


@subject.post(
    "/recoveries/{code_id}/confirm",
    name="finishRecovery",
    summary="Sets the password, with the code from the letter; all sessions end",
    body=RecoveryProof,
    answers={204: None},
    codes=["CODE_REFUSED", "PASSWORD_WEAK"],
    path_patterns=CODE_ID,
)
def finish_recovery(call: Call[RecoveryProof]) -> Answer:
    """Nobody is logged in by it. Also with the number in the letter in place of `code_id`, which is good for longer;
    the browser is a known device then."""
    known = call.gateway.people.log_in.finish_recovery(
        call.path["code_id"], call.body.code, call.body.password, login_origin(call)
    )
    return Answer(204, cookies=[device_cookie(call, known)])
