"""What an operation declares, and what follows from it before it runs.

An operation is a module with the names of `Operation`. Beside them it may have `about(args, authoriser, request_id)`,
the key of the balance, redemption or hold that it is about, where it is remembered (`requests`); `prefetch(args,
context)`, the keys that it is sure to want, where it seldom reads all that it touches; and `OPENS`, true of the one
that comes before there is a consortium.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

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


Operations = Mapping[str, Operation]
"""Operations by their names."""

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


def place_of(operation: Operation, args: Json, authoriser: str, request_id: str) -> str:
    """The key at which the operation is remembered: that of the balance, redemption or hold that it is about, or of its
    own receipt."""
    about = getattr(operation, "about", None)
    return keys.receipt(authoriser, request_id) if about is None else str(about(args, authoriser, request_id))


def opens(operation: Operation) -> bool:
    """Whether the operation comes before there is a consortium."""
    return bool(getattr(operation, "OPENS", False))


def footprint_of(operation: Operation, args: Json, speaker: Speaker, look: Look) -> Footprint:
    """The footprint of a well-formed operation."""
    found = Footprint()
    found.reads.add(keys.CONSORTIUM)
    place = place_of(operation, args, speaker.authoriser, speaker.request_id)
    found.writes.add(place)
    if hasattr(operation, "about"):
        found.writes.add(keys.memory(place, speaker.new_id))
    operation.touches(args, speaker, look, found)
    return found


def wanted_keys(operation: Operation, args: Json, context: Context) -> list[str]:
    """The keys that the operation's rule is known to want before any state is read; it may want more."""
    own = getattr(operation, "prefetch", None)
    if own is not None:
        return list(own(args, context))
    found, is_member = Footprint(), context.member is not None
    speaker = Speaker(context.msp_id, context.shard, context.authoriser, is_member, context.request_id)
    operation.touches(args, speaker, lambda key: None, found)
    return sorted(found.reads | found.writes)
