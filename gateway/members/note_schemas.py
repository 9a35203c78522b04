"""What is asked and answered about private notes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.core.schemas import ApiSchema
from gateway.identity.schemas import Seconds
from gateway.members.key_schemas import Address

SEALED_CHARACTERS = (126, 2048)
"""The least: 94 bytes of an empty note (version, key, nonce, tag) in base64."""

RequestId = Annotated[str, Field(pattern="^[A-Za-z0-9._-]{1,64}$")]
Sealed = Annotated[
    str,
    Field(
        pattern="^[A-Za-z0-9_-]+$",
        min_length=SEALED_CHARACTERS[0],
        max_length=SEALED_CHARACTERS[1],
        description="URL-safe base64 of version 1, ephemeral P-256 point, nonce, and ciphertext with its tag: ECDH, HKDF-SHA-256 with info `jifen-note-1`, AES-256-GCM "
        "with the canonical JSON of authoriser, recipient and request_id as additional data.",
    ),
]


class NoteRequest(ApiSchema):
    """A note for one recipient of a transfer that is on the ledger."""

    authoriser: Address = Field(description="The address that signed the transfer.")
    request_id: RequestId = Field(description="The transfer's request_id.")
    recipient: Address
    sealed: Sealed


class NoteShown(ApiSchema):
    """A note as it was sealed. It is deleted at `ends_at`, or before with its sender's or its recipient's account
    here."""

    note_id: str
    authoriser: str
    request_id: str
    recipient: str
    sealed: str
    created_at: Seconds
    ends_at: Seconds
