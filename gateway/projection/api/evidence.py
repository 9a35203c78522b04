"""What lets a browser check the ledger for itself: blocks as they stand, headers, whose authorities may sign, and the
way of points.

A block cannot be proven in parts: its hash covers everything in it. So whoever may prove their own points is shown the
block's other transactions as well; which blocks those are is held as narrow as it can be (see THREATS.md).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Coroutine
from typing import Any, TypeVar

from pydantic import Field

from gateway.core.errors import GatewayError
from gateway.core.schemas import ApiSchema
from gateway.ledger.errors import EvaluateFailed
from gateway.ledger.evidence import HEADERS_MAX, Evidence
from gateway.ledger.port import Block, Ledger
from gateway.projection.api.accounts import OriginQuery
from gateway.projection.api.evidence_schemas import (
    AuthoritiesDocument,
    AuthorityDocument,
    BlocksDocument,
    EvidenceDocument,
    HeaderDocument,
    HeadersDocument,
    outline_of,
)
from gateway.projection.queries.lot_trace import OriginStep
from gateway.submissions.service import unavailable
from gateway.web.endpoints import Answer, Call, Subject
from gateway.web.reading import (
    CODES,
    LIST_CODES,
    NAME_PATTERN,
    Name,
    account_owner,
    account_part,
    projection_of,
)

subject = Subject("evidence", "Evidence: for whoever checks the ledger instead of believing it")

BLOCKS_MAX = 50
BLOCK_NUMBER = {"block_number": {"type": "string", "pattern": "^(0|[1-9][0-9]{0,14})$"}}
_BLOCK_NUMBER = re.compile(r"(0|[1-9][0-9]{0,14})\Z")
Result = TypeVar("Result")


class HeadersQuery(ApiSchema):
    """From which block to which, both included."""

    first: int = Field(ge=0, le=2**53 - 1)
    last: int = Field(ge=0, le=2**53 - 1, description=f"At most {HEADERS_MAX} headers are given.")


class BlocksQuery(ApiSchema):
    """From which block to which, both included; the newest ones when left out."""

    first: int | None = Field(default=None, ge=0, le=2**53 - 1)
    last: int | None = Field(default=None, ge=0, le=2**53 - 1, description=f"At most {BLOCKS_MAX} blocks are given.")


class AccountEvidenceQuery(OriginQuery):
    """As part of the way of which points; without a class, a movement or a redemption, a block that changed the account
    itself."""

    class_id: Name | None = None
    movement: Name | None = Field(default=None, description="Of the points that the operation at this place moved.")
    redemption_id: Name | None = Field(
        default=None, description="Of the points that it took; the account is its member's."
    )


def answer_of(call: Call[Any], question: Coroutine[Any, Any, Result]) -> Result:
    """What the own peer answers. Raises GatewayError OBJECT_UNKNOWN, LEDGER_UNAVAILABLE."""
    try:
        return call.gateway.runtime.call(question)
    except KeyError as error:
        raise GatewayError("OBJECT_UNKNOWN", str(error.args[0])) from None
    except EvaluateFailed as error:
        raise unavailable(error) from None


def block_part(call: Call[Any]) -> int:
    """The block's number in the address. Raises GatewayError OBJECT_UNKNOWN for what is none."""
    value = call.path["block_number"]
    if not _BLOCK_NUMBER.match(value):
        raise GatewayError("OBJECT_UNKNOWN", "no block has this number")
    return int(value)


def _evidence(call: Call[Any], block_number: int) -> Answer:
    found: Evidence = answer_of(call, call.gateway.ledger.evidence(block_number))
    content = base64.b64encode(found.content).decode("ascii")
    return Answer(200, EvidenceDocument(kind=found.kind.value, block_number=found.block_number, content=content))


@subject.get(
    "/ledger/headers",
    name="listHeaders",
    summary="Headers of blocks: the chain of hashes",
    query=HeadersQuery,
    answers={200: HeadersDocument},
)
def list_headers(call: Call[None]) -> Answer:
    """For everybody to see, and to remember."""
    height = answer_of(call, call.gateway.ledger.height())
    found = answer_of(call, call.gateway.ledger.headers(call.query.first, min(call.query.last, height - 1)))
    headers = [
        HeaderDocument(
            block_number=header.block_number,
            previous_hash=header.previous_hash.hex(),
            data_hash=header.data_hash.hex(),
        )
        for header in found
    ]
    return Answer(200, HeadersDocument(headers=headers, height=height))


@subject.get(
    "/ledger/authorities",
    name="getAuthorities",
    summary="Whose certificate authorities vouch for peers and orderers",
    answers={200: AuthoritiesDocument},
)
def get_authorities(call: Call[None]) -> Answer:
    """From the channel's own configuration."""
    found = answer_of(call, call.gateway.ledger.authorities())
    organisations = [
        AuthorityDocument(
            msp_id=one.msp_id,
            part=one.part,
            root_certificates=[pem.decode("ascii") for pem in one.root_certificates_pem],
            intermediate_certificates=[pem.decode("ascii") for pem in one.intermediate_certificates_pem],
        )
        for one in found.organisations
    ]
    return Answer(
        200,
        AuthoritiesDocument(
            kind=found.kind.value,
            channel=found.place.channel,
            chaincode=found.place.chaincode,
            network=found.place.network,
            configuration_block=found.configuration_block,
            replay=found.replay,
            organisations=organisations,
        ),
    )


async def holds_calls(ledger: Ledger, number: int) -> bool:
    """Whether a block holds calls of the chaincode, be they of transactions that did not count: those too say what
    somebody asked for."""
    return any(
        [one.function is not None async for block in ledger.blocks(number, number) for one in block.transactions]
    )


@subject.get(
    "/ledger/configuration/{block_number}",
    name="getConfigurationEvidence",
    summary="A block of configuration as it stands, which names the organisations' authorities",
    answers={200: EvidenceDocument},
    codes=(*CODES, "OBJECT_UNKNOWN"),
    path_patterns=BLOCK_NUMBER,
)
def get_configuration_evidence(call: Call[None]) -> Answer:
    """For everybody to see: such a block holds no operation, and so nothing of anybody's."""
    number = block_part(call)
    projection = call.gateway.projection
    if (
        number > projection.position().block_number
        or projection.origins.has_operations(number)
        or answer_of(call, holds_calls(call.gateway.ledger, number))
    ):
        raise GatewayError("OBJECT_UNKNOWN", f"block {number} holds no configuration")
    return _evidence(call, number)


@subject.get(
    "/ledger/blocks",
    name="listBlocks",
    summary="Blocks and their transactions in outline, newest first",
    query=BlocksQuery,
    answers={200: BlocksDocument},
)
def list_blocks(call: Call[None]) -> Answer:
    """Invalid transactions and configuration too."""
    ledger = call.gateway.ledger
    height = answer_of(call, ledger.height())
    last = height - 1 if call.query.last is None else min(call.query.last, height - 1)
    first = max(0, last - BLOCKS_MAX + 1, call.query.first or 0)

    async def read() -> list[Block]:
        return [block async for block in ledger.blocks(first, last)] if first <= last else []

    blocks = [outline_of(block) for block in reversed(answer_of(call, read()))]
    return Answer(200, BlocksDocument(blocks=blocks, height=height))


@subject.get(
    "/ledger/blocks/{block_number}/evidence",
    name="getEvidence",
    summary="A block as it stands, for whoever checks it",
    answers={200: EvidenceDocument},
    codes=["OBJECT_UNKNOWN"],
    path_patterns=BLOCK_NUMBER,
)
def get_evidence(call: Call[None]) -> Answer:
    """Any block."""
    return _evidence(call, block_part(call))


@subject.get(
    "/accounts/{account}/blocks/{block_number}/evidence",
    name="getAccountEvidence",
    summary="A block as it stands, as far as it proves points of the account",
    query=AccountEvidenceQuery,
    answers={200: EvidenceDocument},
    codes=(*LIST_CODES, "OBJECT_UNKNOWN"),
    owner=account_owner,
    path_patterns={"account": NAME_PATTERN, **BLOCK_NUMBER},
)
def get_account_evidence(call: Call[None]) -> Answer:
    """A block in which the account was changed, or which stands in the way of its points."""
    account, number = account_part(call), block_part(call)
    origins = projection_of(call).origins
    if not origins.touches(account, number):
        steps = _way(call, account)
        if all(step.operation.block_number != number for step in steps):
            raise GatewayError("OBJECT_UNKNOWN", f"block {number} has no part in these points' way")
    return _evidence(call, number)


def _way(call: Call[Any], account: str) -> list[OriginStep]:
    """The steps of the way that is asked about. Raises GatewayError OBJECT_UNKNOWN where there is none of the
    account's."""
    projection, query = projection_of(call), call.query
    if query.redemption_id is not None:
        member = projection.accounts.redemption(query.redemption_id).redemption["member"]
        if member != account:
            raise GatewayError("OBJECT_UNKNOWN", "this account has no such redemption")
        return projection.origins.of_redemption(query.redemption_id).steps
    if query.movement is not None:
        return projection.origins.of_movement(account, query.movement).steps
    if query.class_id is None:
        raise GatewayError("OBJECT_UNKNOWN", "the block did not change this account")
    named = {name: getattr(query, name) for name in ("expires_on", "available_on", "cursor")}
    return projection.origins.of_bucket(account, query.class_id, **named).steps
