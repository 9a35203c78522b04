"""What the views want of whoever knows people and keys: who asks, whether it may, and whether it asks too often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from chaincode.spec.kernel.signatures import ADDRESS_PREFIX

ADDRESS_BEGINNING = f"{ADDRESS_PREFIX}1"


@dataclass(frozen=True)
class RequestFacts:
    """What is known of a request before anybody is asked who sent it. `source` is the sender's network address."""

    method: str
    path: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    source: str


@dataclass(frozen=True)
class Owner:
    """Whose object an endpoint would touch: an account on the ledger, a person of this gateway, or a merchant. All
    None: nobody's."""

    address: str | None = None
    person_id: str | None = None
    msp_id: str | None = None


def owner_named(name: str) -> Owner:
    """Whose object it is that belongs to `name`, as the ledger says it: a member's account by its address, else a
    merchant by its MSP id."""
    return Owner(address=name) if name.startswith(ADDRESS_BEGINNING) else Owner(msp_id=name)


class Guard(Protocol):
    """Decides over every request, by the one table of `gateway.access.table`."""

    def identify(self, facts: RequestFacts) -> Any:
        """The principal: by API key (`Authorization: Bearer`), by session cookie, or anonymous. Raises GatewayError
        UNAUTHENTICATED for credentials that do not hold, CSRF_REFUSED for a cookie's unsafe request without its
        token."""

    def spend(self, endpoint: str, principal: Any, facts: RequestFacts) -> None:
        """Counts the request. Raises GatewayError RATE_LIMITED with the time to come back."""

    def admit(self, endpoint: str, principal: Any, owner: Owner | None) -> None:
        """Raises GatewayError UNAUTHENTICATED (nobody said who asks) or FORBIDDEN. `owner` is None for endpoints
        without an object."""
