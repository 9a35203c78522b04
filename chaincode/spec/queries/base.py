"""What a query is: a name, the fields of its argument, and a function from the committed state to an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chaincode.spec import keys
from chaincode.spec.canonical import Json
from chaincode.spec.fields import Fields
from chaincode.spec.redemptions import redemption_of
from chaincode.spec.state import View


@dataclass(frozen=True)
class Moment:
    """When a query is asked: Unix seconds, and the consortium's day."""

    now: int
    today: int


@dataclass(frozen=True)
class Query:
    """`answer(view, moment, args)` gives a document or refuses; it changes nothing."""

    name: str
    arguments: Fields
    answer: Callable[[View, Moment, Json], Json]


Shape = Callable[[Json, str], Json]
"""What a query shows of a stored document, which it is given with its key."""


def as_stored(document: Json, key: str) -> Json:
    """The document itself."""
    return document


def redemption_shown(document: Json, key: str) -> Json:
    """A redemption by the names of its values."""
    return redemption_of(document, key.removeprefix(keys.redemption("")))
