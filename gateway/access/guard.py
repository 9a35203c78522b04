"""The guard before every endpoint: who asks, how often, and whether it may, by the one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from sqlalchemy import select

from gateway.access.rate import RateLimiter
from gateway.core.errors import GatewayError
from gateway.identity.accounts import ACTIVE
from gateway.identity.api_keys import ApiKeys
from gateway.identity.holders import STAFF
from gateway.identity.models import ApiKey, LoginSession, Person, StaffAccount
from gateway.identity.sessions import Sessions
from gateway.members.models import LinkedAddress
from gateway.security.access_rules import AccessRule, Reach, Relations, decide
from gateway.security.guard import Owner, RequestFacts
from gateway.security.principals import Anonymous, Member, Principal, Role, Staff
from gateway.store.engine import Store

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "X-CSRF-Token"


def cookie_name(secure: bool) -> str:
    """The session cookie's name. Over https the browser itself sees to it that it came from this very host
    (`__Host-`)."""
    return "__Host-jifen_session" if secure else "jifen_session"


def device_cookie_name(secure: bool) -> str:
    """The name of the cookie by which a browser is known where somebody signed in before."""
    return "__Host-jifen_devices" if secure else "jifen_devices"


def header_of(facts: RequestFacts, name: str) -> str | None:
    """A request's header, in whatever case its name came."""
    wanted = name.lower()
    return next((value for key, value in facts.headers.items() if key.lower() == wanted), None)


class AccessGuard:
    """The Guard of `gateway.security.guard`.

    `is_our_member(address)` says whether this merchant enrolled the address. `public_url` is where people reach the
    gateway; when it is empty, the host that a request names counts as the gateway's own, over http.
    """

    def __init__(
        self,
        store: Store,
        api_keys: ApiKeys,
        sessions: Sessions,
        rates: RateLimiter,
        table: Mapping[str, AccessRule],
        *,
        msp_id: str,
        is_our_member: Callable[[str], bool],
        public_url: str = "",
    ) -> None:
        self._store = store
        self._api_keys = api_keys
        self._sessions = sessions
        self._rates = rates
        self._table = table
        self._is_our_member = is_our_member
        self._relations = Relations(msp_id, self._is_ours, self._knows)
        self._origin = _origin_of(public_url)
        self._cookie = cookie_name(public_url.startswith("https://"))

    def identify(self, facts: RequestFacts) -> Principal:
        """As `gateway.security.guard.Guard`. A key in the header counts before a cookie, and an old cookie is
        nobody."""
        unsafe = facts.method not in SAFE_METHODS
        authorization = header_of(facts, "Authorization")
        if authorization is not None:
            scheme, _, token = authorization.partition(" ")
            try:
                if scheme.lower() != "bearer":
                    raise GatewayError("UNAUTHENTICATED", "send an API key as `Authorization: Bearer jfk_…`")
                return self._api_keys.recognise(token.strip(), facts.source)
            except GatewayError:
                self._rates.spend(Anonymous(facts.source))
                raise
        if unsafe:
            self._require_own_page(facts)
        token = facts.cookies.get(self._cookie, "")
        session = self._sessions.find(token) if token else None
        principal = None if session is None else self._principal(session, facts.source)
        if principal is None:
            return Anonymous(facts.source)
        if unsafe and not self._sessions.csrf_holds(token, header_of(facts, CSRF_HEADER) or ""):
            raise GatewayError("CSRF_REFUSED", f"send the session's own {CSRF_HEADER}")
        return principal

    def spend(self, endpoint: str, principal: Principal, facts: RequestFacts) -> None:
        """As `gateway.security.guard.Guard`."""
        self._rates.spend(principal)

    def admit(self, endpoint: str, principal: Principal, owner: Owner | None) -> None:
        """As `gateway.security.guard.Guard`. Of people's own things it is not told whether they exist."""
        rule = self._table[endpoint]
        if rule.reach(principal) >= Reach.ANY or decide(rule, principal, self._relations.distance(principal, owner)):
            return
        if isinstance(principal, Anonymous):
            raise GatewayError("UNAUTHENTICATED", "say who you are: by an API key, or by logging in")
        if owner is not None and owner.person_id is not None and rule.reach(principal) > Reach.NONE:
            raise GatewayError("OBJECT_UNKNOWN", "there is no such object, or it is not yours")
        raise GatewayError("FORBIDDEN", f"{endpoint} is not for you, or not for what is not yours")

    def _principal(self, session: LoginSession, source: str) -> Principal | None:
        with self._store.reading() as reading:
            if session.holder_kind == STAFF:
                staff = reading.get(StaffAccount, session.holder_id)
                if staff is None or staff.status != ACTIVE:
                    return None
                roles = frozenset(Role(role) for role in staff.roles)
                return Staff(staff.staff_id, session.session_id, session.authenticated_at, roles, source)
            addresses = reading.scalars(
                select(LinkedAddress.address).where(LinkedAddress.person_id == session.holder_id)
            ).all()
        return Member(session.holder_id, session.session_id, session.authenticated_at, frozenset(addresses), source)

    def _require_own_page(self, facts: RequestFacts) -> None:
        """What a browser says of where a request comes from must be the gateway itself; programs say nothing."""
        site = header_of(facts, "Sec-Fetch-Site") or "none"
        origin = header_of(facts, "Origin")
        if site not in ("same-origin", "none"):
            raise GatewayError("CSRF_REFUSED", "the request comes from another site")
        if origin is None:
            return
        own = self._origin or _origin_of(f"http://{header_of(facts, 'Host') or ''}")
        if not own or _origin_of(origin) != own:
            raise GatewayError("CSRF_REFUSED", "the request comes from another origin")

    def _is_ours(self, address: str) -> bool:
        with self._store.reading() as reading:
            if reading.get(LinkedAddress, address) is not None:
                return True
        return self._is_our_member(address)

    def _knows(self, holder_id: str) -> bool:
        kinds = {"stf": StaffAccount, "key": ApiKey}
        with self._store.reading() as reading:
            return reading.get(kinds.get(holder_id[:3], Person), holder_id) is not None


def _origin_of(url: str) -> str:
    """Scheme, host and port, with the port that the scheme implies; empty for what is no address of the web."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    return f"{parts.scheme}://{parts.hostname}:{port}"
