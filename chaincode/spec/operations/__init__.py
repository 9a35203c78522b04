"""Every operation by its name, one module each in the folder of its subject: `NAME`, `AUTHORITY`, `ROLES`, `ARGUMENTS`,
`touches(…)`, `prefetch(args, context)`, where it is about one balance, redemption or hold `about(args, authoriser, request_id)`, the key at which it is remembered (`requests`), and `apply(view, context, args)`, which gives the receipt's result or refuses. A module
that is there is known; no list names it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Protocol, cast

from chaincode.spec import keys
from chaincode.spec.canonical import Json
from chaincode.spec.context import Authority, Context, Role
from chaincode.spec.fields import Fields
from chaincode.spec.footprint import Footprint, Look, Speaker
from chaincode.spec.state import View


class Operation(Protocol):
    """What each operation's module has."""

    @property
    def NAME(self) -> str:
        """The operation's name on the wire."""

    @property
    def AUTHORITY(self) -> Authority:
        """Who may authorise it."""

    @property
    def ROLES(self) -> tuple[Role, ...]:
        """Roles that may authorise it, or, for a member's operation, relay it; none named: anyone may relay."""

    @property
    def ARGUMENTS(self) -> Fields:
        """The form of its arguments."""

    def touches(self, args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
        """Declares the keys that it may read and write, beside those of every operation."""

    def prefetch(self, args: Json, context: Context) -> list[str]:
        """Keys that the rule is known to want; it may want more."""

    def apply(self, view: View, context: Context, args: Json) -> Json:
        """Changes the view and gives the result, or refuses."""


SUBJECTS = ("consortium", "classes", "members", "points", "holds", "legacy", "settlement")
"""The folders, in the order in which lists show them."""


def _modules(subject: str) -> Iterator[Operation]:
    folder = importlib.import_module(f"{__name__}.{subject}")
    for found in pkgutil.iter_modules(folder.__path__):
        yield cast(Operation, importlib.import_module(f"{folder.__name__}.{found.name}"))


OPERATIONS: Mapping[str, Operation] = {module.NAME: module for subject in SUBJECTS for module in _modules(subject)}


def footprint(op: str, args: Json, speaker: Speaker, look: Look) -> Footprint:
    """The footprint of a well-formed operation."""
    found = Footprint()
    found.reads.add(keys.CONSORTIUM)
    operation = OPERATIONS[op]
    about = getattr(operation, "about", None)
    if about is None:
        found.writes.add(keys.receipt(speaker.authoriser, speaker.request_id))
    else:
        place = about(args, speaker.authoriser, speaker.request_id)
        found.writes.update((place, keys.memory(place, speaker.new_id)))
    operation.touches(args, speaker, look, found)
    return found
