"""What the views about people share."""

from __future__ import annotations

from typing import Any, TypeVar

from gateway.access.guard import cookie_name, device_cookie_name, header_of
from gateway.core.errors import GatewayError
from gateway.identity import devices
from gateway.identity.codes import IssuedCode
from gateway.identity.holders import PERSON, STAFF, Holder
from gateway.identity.schemas import CodeSent, SessionGiven
from gateway.identity.sessions import LoginOrigin, NewSession
from gateway.security.guard import Owner
from gateway.security.principals import Member, Staff
from gateway.web.endpoints import Answer, Call

Somebody = Member | Staff
KINDS = {"member": PERSON, "staff": STAFF}
ID_PATTERN = {"type": "string", "pattern": "^[a-z]{3}_[a-z0-9]{1,36}$"}
ADDRESS_PATTERN = {"type": "string", "pattern": "^jf1[a-z0-9]{38}$"}
_Principal = TypeVar("_Principal")


def login_origin(call: Call[Any]) -> LoginOrigin:
    """Where the request comes from."""
    secure = call.gateway.settings.secure
    token = call.facts.cookies.get(cookie_name(secure))
    known = call.facts.cookies.get(device_cookie_name(secure), "")
    return LoginOrigin(header_of(call.facts, "User-Agent") or "", call.facts.source, token or None, known)


def member_of(call: Call[Any]) -> Member:
    """The member who asks. The table lets nobody else come here."""
    if not isinstance(call.principal, Member):
        raise GatewayError("FORBIDDEN", "this is for members")
    return call.principal


def staff_of(call: Call[Any]) -> Staff:
    """The member of staff who asks. The table lets nobody else come here."""
    if not isinstance(call.principal, Staff):
        raise GatewayError("FORBIDDEN", "this is for staff")
    return call.principal


def somebody_of(call: Call[Any]) -> tuple[Holder, Somebody]:
    """Whoever is logged in, and as a holder."""
    principal = call.principal
    if isinstance(principal, Member):
        return Holder(PERSON, principal.person_id), principal
    return Holder(STAFF, staff_of(call).staff_id), staff_of(call)


def require_fresh(call: Call[Any]) -> None:
    """Raises GatewayError LOGIN_TOO_OLD unless whoever asks proved who they are a short while ago. Programs have no
    log-in to be fresh."""
    if isinstance(call.principal, Member | Staff):
        call.gateway.people.sessions.require_fresh(call.principal.authenticated_at)


def owned_by(holder: Holder) -> Owner:
    """A holder as an owner."""
    return Owner(person_id=holder.id)


def of_merchant(call: Call[Any]) -> Owner:
    """The merchant's own."""
    return Owner(msp_id=call.gateway.msp_id)


def code_sent(issued: IssuedCode) -> CodeSent:
    """A code as its asker sees it: not at all."""
    return CodeSent(code_id=issued.code_id, expires_at=issued.expires_at)


def session_answer(call: Call[Any], made: NewSession, status: int = 201) -> Answer:
    """A session with its cookie."""
    row = made.session
    document = SessionGiven(
        session_id=row.session_id,
        kind="staff" if row.holder_kind == STAFF else "member",
        holder_id=row.holder_id,
        csrf_token=made.csrf_token,
        authenticated_at=row.authenticated_at,
        ends_at=row.ends_at,
    )
    cookies = [cookie(call, made.token, row.ends_at - call.gateway.clock())]
    if made.known_devices is not None:
        cookies.append(device_cookie(call, made.known_devices))
    return Answer(status, document, cookies=cookies)


def cookie(call: Call[Any], token: str, seconds: int) -> str:
    """The session's cookie; without a token it is taken back."""
    return _cookie(call, cookie_name(call.gateway.settings.secure), token, seconds)


def device_cookie(call: Call[Any], known_devices: str) -> str:
    """The cookie by which a browser is known where somebody signed in before."""
    return _cookie(call, device_cookie_name(call.gateway.settings.secure), known_devices, devices.SECONDS)


def _cookie(call: Call[Any], name: str, value: str, seconds: int) -> str:
    """A cookie out of scripts' reach, sent along to this host alone, not with what other sites begin."""
    secure = call.gateway.settings.secure
    parts = [f"{name}={value}", "Path=/", f"Max-Age={max(0, seconds)}", "HttpOnly", "SameSite=Lax"]
    return "; ".join([*parts, "Secure"] if secure else parts)
