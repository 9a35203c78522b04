"""Private notes with transfers, and the public keys that they are sealed for."""

from __future__ import annotations

from pydantic import Field

from gateway.core.schemas import ApiSchema
from gateway.identity.api.common import ADDRESS_PATTERN
from gateway.members.key_schemas import Address, PublicKey
from gateway.members.models import Note
from gateway.members.note_schemas import NoteRequest, NoteShown
from gateway.operations.api.queries import evaluate
from gateway.security.guard import Owner
from gateway.web.endpoints import Answer, Call, Page, PageQuery, Subject
from gateway.web.reading import CODES, BlockQuery, projection_of

subject = Subject("notes", "Notes: sealed by the sender's browser for the recipient of a transfer")


class NotesQuery(PageQuery):
    """Whose notes."""

    account: Address = Field(description="One of the caller's addresses.")


class PublicKeyShown(ApiSchema):
    """The key of an enrolled account. Hold it against the address, which is made from it."""

    address: Address
    public_key: PublicKey


def note_shown(row: Note) -> NoteShown:
    """A note as its sender and its recipient see it."""
    return NoteShown.model_validate(row)


@subject.post(
    "/notes",
    name="leaveNote",
    summary="Leaves a sealed note for a recipient of a transfer of the caller's",
    body=NoteRequest,
    query=BlockQuery,
    answers={201: NoteShown},
    codes=(*CODES, "NOTE_REFUSED", "NOTE_EXISTS"),
    owner=lambda call: Owner(address=call.body.authoriser),
)
def leave_note(call: Call[NoteRequest]) -> Answer:
    """The transfer must be on the ledger; one note for each of its recipients. Sent again it is the same note."""
    projection_of(call)  # waits for the transfer's block
    body = call.body
    row = call.gateway.people.notes.leave(body.authoriser, body.request_id, body.recipient, body.sealed)
    return Answer(201, note_shown(row))


@subject.get(
    "/notes",
    name="listNotes",
    summary="The notes that one of the caller's addresses sent or was sent",
    query=NotesQuery,
    answers={200: Page[NoteShown]},
    codes=["CURSOR_INVALID"],
    owner=lambda call: Owner(address=call.query.account),
)
def list_notes(call: Call[None]) -> Answer:
    """Newest first. The recipient's key alone reads them."""
    found = call.gateway.people.notes.list(call.query.account, call.query.cursor, call.query.limit)
    return Answer(200, Page[NoteShown](items=[note_shown(row) for row in found.notes], next=found.next))


@subject.get(
    "/accounts/{address}/public-key",
    name="getPublicKey",
    summary="The public key of an enrolled account",
    answers={200: PublicKeyShown},
    codes=["UNKNOWN_MEMBER", "INVALID_ARGUMENT"],
    path_patterns={"address": ADDRESS_PATTERN},
)
def get_public_key(call: Call[None]) -> Answer:
    """As it stands on the ledger, to seal a note for. It tells nothing else of the account."""
    member = evaluate(call, "GetMember", {"address": call.path["address"]})
    return Answer(200, PublicKeyShown(address=member["address"], public_key=member["public_key"]))
