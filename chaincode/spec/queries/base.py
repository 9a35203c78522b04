"""What a query is: a name, the fields of its argument, and a function from the committed state to an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chaincode.spec.kernel import fields, keys, limits
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.redemptions import redemption_of
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.hold import hold_shown
from chaincode.spec.nouns.proposal import proposal_shown

PAGE: fields.Fields = {
    "after": fields.optional(fields.text(256)),
    "rows": fields.optional(fields.integer(1, limits.PAGE_ROWS_MAX)),
}
"""What asks for a page of a list."""


@dataclass(frozen=True)
class Moment:
    """When a query is asked: Unix seconds, and the consortium's day."""

    now: int
    today: int


@dataclass(frozen=True)
class Query:
    """`answer(view, moment, args)` gives a document or refuses; it changes nothing. `tells` says in words what that is.
    `result` is the document's type: a noun, or types by the names of fields; where it answers `in_pages`, the type of
    each row's document."""

    name: str
    tells: str
    arguments: fields.Fields
    answer: Callable[[View, Moment, Json], Json]
    result: Any
    in_pages: bool = False


Shape = Callable[[Json, str, Moment], Json]
"""What a query shows of a stored document, which it is given with its key, at a moment."""


def as_stored(document: Json, key: str, moment: Moment) -> Json:
    """The document itself."""
    return document


def hold_at(document: Json, key: str, moment: Moment) -> Json:
    """A hold without what is remembered of requests about it."""
    return hold_shown(document)


def redemption_shown(document: Json, key: str, moment: Moment) -> Json:
    """A redemption by the names of its values."""
    return redemption_of(document, key.removeprefix(keys.redemption("")))


def proposal_at(document: Json, key: str, moment: Moment) -> Json:
    """A proposal as it is at the moment."""
    return proposal_shown(document, moment.now)
