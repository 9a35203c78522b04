"""Every operation by its name, one module each in the folder of its subject. A module that is there is known; no list
names it. It declares what is in `Operation`; where it is about one balance, redemption or hold
`about(args, authoriser, request_id)`, the key at which it is remembered (`requests`); and where it seldom reads all
that it touches `prefetch(args, context)`, the keys that it is sure to want."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, cast

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.fields import Fields
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View


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

    @property
    def RESULT(self) -> Mapping[str, Any]:
        """The types of its receipt's result, by the names of its fields; nouns are TypedDicts of `nouns`."""

    @property
    def REFUSES(self) -> tuple[str, ...]:
        """The codes that its rule may refuse with, in their order; `COMMON_REFUSALS` come beside them."""

    @property
    def CREATES(self) -> tuple[str, ...]:
        """The nouns of which it may store a document where none was, in the order of `keys`, beside what is remembered
        of the request."""

    def touches(self, args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
        """Declares the keys that it may read and write, beside those of every operation."""

    def apply(self, view: View, context: Context, args: Json) -> Json:
        """Changes the view and gives the result, or refuses."""


COMMON_REFUSALS = (
    "MALFORMED",
    "BATCH_TOO_LARGE",
    "INVALID_ARGUMENT",
    "SIGNATURE_UNEXPECTED",
    "SIGNATURE_REQUIRED",
    "SIGNATURE_INVALID",
    "REQUEST_ID_REUSED",
    "REQUEST_EXPIRED",
    "VALID_UNTIL_TOO_FAR",
    "ROLE_REQUIRED",
    "CONSORTIUM_NOT_OPEN",
)
"""What any operation can be refused with before its rule is asked (`apply`, `authorisation`)."""
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


def prefetch(operation: Operation, args: Json, context: Context) -> list[str]:
    """The keys that the operation's rule is known to want before any state is read; it may want more."""
    own = getattr(operation, "prefetch", None)
    if own is not None:
        return list(own(args, context))
    found, is_member = Footprint(), context.member is not None
    speaker = Speaker(context.msp_id, context.shard, context.authoriser, is_member, context.request_id)
    operation.touches(args, speaker, lambda key: None, found)
    return sorted(found.reads | found.writes)
