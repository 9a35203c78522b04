"""What the endpoints over the projection share: their parameters, and the answer at a block that is new enough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from chaincode.spec.kernel import fields
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.limits import INTEGER_MAX
from gateway.core.errors import GatewayError
from gateway.core.schemas import ApiSchema
from gateway.projection.projection import Projection
from gateway.security.guard import Owner
from gateway.web.endpoints import Call, PageQuery

Name = Annotated[str, Field(pattern=r"^[!-~]{1,160}$")]
"""An id of the ledger's: printable, without spaces."""
Abbreviated = Annotated[str, Field(pattern=r"^[!-~]{1,160}(…[!-~]{0,160})?$")]
"""An id, or its two ends as lists show them: `b0a7fb24…c6cb8f`; the second may be left out."""
Reference = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,128}$")]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
WindowId = Annotated[int, Field(ge=1, le=99_999_999)]
AtLeast = Annotated[
    int | None,
    Field(
        ge=0,
        le=INTEGER_MAX,
        description="Answer only when the gateway has taken in this block: `block_number` of a receipt, to read one's own write.",
    ),
]
CODES = ("PROJECTION_REBUILDING", "BLOCK_NOT_REACHED")
LIST_CODES = (*CODES, "CURSOR_INVALID")
NAME_PATTERN: dict[str, Any] = {"type": "string", "pattern": "^[!-~]{1,160}$"}
WINDOW_PATTERN: dict[str, Any] = {"type": "string", "pattern": "^[1-9][0-9]{0,7}$"}
LOOK_SECONDS = 0.25
"""Enough to see whether a block is there."""
_NAME = re.compile(r"[!-~]{1,160}\Z")
_WINDOW = re.compile(r"[1-9][0-9]{0,7}\Z")


def one_or_more(value: Any) -> Any:
    """A parameter that may be given several times, as a list."""
    return [value] if isinstance(value, str) else value


NAMES_MAX = 1000
Names = Annotated[list[Name], BeforeValidator(one_or_more), Field(min_length=1, max_length=NAMES_MAX)]
AbbreviatedNames = Annotated[list[Abbreviated], BeforeValidator(one_or_more), Field(min_length=1, max_length=NAMES_MAX)]


class BlockQuery(ApiSchema):
    """At which block at least."""

    at_least_block: AtLeast = None


class BlockPageQuery(PageQuery):
    """Which page of a list, at which block at least."""

    at_least_block: AtLeast = None


def projection_of(call: Call[Any]) -> Projection:
    """The projection, at the block that the caller wants or behind it. Raises GatewayError BLOCK_NOT_REACHED."""
    projection = call.gateway.projection
    wanted = call.query.at_least_block
    if wanted is not None:
        with block_patience(call) as seconds:
            projection.wait_for_block(wanted, seconds)
    return projection


@contextmanager
def block_patience(call: Call[Any]) -> Iterator[float]:
    """How many seconds a request may wait for a block: hardly any when many wait already, so that there are threads
    left for others."""
    places = call.gateway.block_places
    if not places.acquire(blocking=False):
        yield LOOK_SECONDS
        return
    try:
        yield max(LOOK_SECONDS, call.gateway.settings.http.commit_wait_seconds)
    finally:
        places.release()


def filters_of(call: Call[Any]) -> dict[str, Any]:
    """The list's parameters as its service takes them."""
    return {name: value for name, value in call.query.model_dump().items() if name != "at_least_block"}


def part(call: Call[Any], name: str) -> str:
    """A part of the address. Raises GatewayError OBJECT_UNKNOWN for what can be nothing's name."""
    value = call.path[name]
    if not _NAME.match(value):
        raise GatewayError("OBJECT_UNKNOWN", f"nothing has this {name}")
    return value


def object_part(call: Call[Any]) -> str:
    """The id `<authoriser>/<request id>` of a redemption or hold, which stands in the address as two parts."""
    return f"{part(call, 'authoriser')}/{part(call, 'request_id')}"


def account_part(call: Call[Any]) -> str:
    """The account in the address. Raises GatewayError REQUEST_MALFORMED for a mistyped one."""
    value = call.path["account"]
    try:
        fields.ACCOUNT.check(value, "account")
    except Refusal as refusal:
        raise GatewayError("REQUEST_MALFORMED", refusal.detail) from None
    return value


def window_part(call: Call[Any]) -> int:
    """The window in the address. Raises GatewayError OBJECT_UNKNOWN for what is no number."""
    value = call.path["window_id"]
    if not _WINDOW.match(value):
        raise GatewayError("OBJECT_UNKNOWN", "no window has this number")
    return int(value)


def account_owner(call: Call[Any]) -> Owner:
    """The account in the address is whose it is."""
    return Owner(address=account_part(call))
