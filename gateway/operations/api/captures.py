"""A reservation is taken with the code that its member shows: staff name the order that it was made for, and who works
at a till alone is not told it before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.core.errors import GatewayError
from gateway.core.typed_codes import plain_code
from gateway.operations.api.queries import evaluate
from gateway.projection.queries.schemas import NounListing
from gateway.security.principals import Role, Staff
from gateway.web.endpoints import Call

SHOWN = "order_ref"
SEES = frozenset({Role.FINANCE, Role.AUDITOR, Role.ADMIN})


def require_shown(call: Call[Any], operation: Mapping[str, Any], shown: str | None) -> None:
    """Raises GatewayError CODE_REFUSED unless staff who capture a hold name its order; TRY_LATER after too many wrong
    ones; Rejected UNKNOWN_HOLD. Programs know the orders that they take: they are held to the limit with each."""
    if operation["op"] != "Capture" or not isinstance(call.principal, Staff):
        return
    throttles, limits = call.gateway.people.throttles, call.gateway.people.settings.throttles
    blocked_until = throttles.take("capture", call.principal.id, limits.account_attempts)
    hold = evaluate(call, "GetHold", {"hold_id": operation["args"]["hold_id"]})
    if shown is None or plain_code(shown) != plain_code(hold[SHOWN]):
        raise GatewayError("CODE_REFUSED", f"{SHOWN}: expected the order number that the member shows")
    # Only what was taken now is given back: a reservation of one's own would else make room for guesses at others'.
    throttles.give_back("capture", call.principal.id, blocked_until)


def searched(call: Call[Any], search: Callable[[], NounListing]) -> NounListing:
    """The reservations found by an order that the caller names. Of who works at a till alone, what finds nothing is
    counted: orders are not found by trying. Raises GatewayError TRY_LATER after too many."""
    if not at_the_till(call):
        return search()
    throttles, limits = call.gateway.people.throttles, call.gateway.people.settings.throttles
    blocked_until = throttles.take("search", call.principal.id, limits.source_attempts)
    found = search()
    if found.items:
        throttles.give_back("search", call.principal.id, blocked_until)
    return found


def at_the_till(call: Call[Any]) -> bool:
    """Whether the caller is staff who work at a till alone."""
    return isinstance(call.principal, Staff) and not call.principal.roles & SEES


def veiled(call: Call[Any], hold: Mapping[str, Any], asked: str | None = None) -> dict[str, Any]:
    """A hold as the caller may see it: who works at a till alone learns the order of an open one from its member
    (`asked`), not from here."""
    if (
        hold["status"] != "RESERVED"
        or not at_the_till(call)
        or (asked is not None and plain_code(asked) == plain_code(hold[SHOWN]))
    ):
        return dict(hold)
    return {**hold, SHOWN: None}
