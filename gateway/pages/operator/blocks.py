"""Blocks, with their proof."""

from __future__ import annotations

import flask

from gateway.core.errors import GatewayError
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.finding import numbered
from gateway.pages.frame.navigation import CONSORTIUM
from gateway.pages.frame.page_view import PageView
from gateway.pages.operator.readers import READERS
from gateway.pages.words.marking import mark

BLOCKS_PER_PAGE = 25
ROWS = 50


class BlocksContext(Context, template="operator/blocks.html"):
    """`height`: how many blocks there are; `older`: the newest of the next page."""

    rows: list[Row]
    height: int
    older: int | None


class BlockContext(Context, template="operator/block.html"):
    """`operations` and `claims` (what the proof is about) by transaction; `names`: of organisations; `endorsed`:
    whether peers endorse what is on this ledger."""

    block: Row
    height: int
    operations: dict[str, list[Row]]
    claims: dict[str, Row]
    names: dict[str, str]
    endorsed: bool


@CONSORTIUM.page(
    "/operator/blocks",
    name="operator-blocks",
    title=mark("Blocks"),
    label=mark("Blocks"),
    roles=READERS,
    icon="blocks",
)
def blocks(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lists blocks, newest first; a number leads to one."""
    if view.query.get("number"):
        return flask.redirect(f"/operator/blocks/{numbered(view.query['number'].strip())}", 303)
    last = numbered(view.query["last"]) if view.query.get("last") else None
    first = None if last is None else max(0, last - BLOCKS_PER_PAGE + 1)
    found = view.ask("listBlocks", first=first, last=last)
    rows = found["blocks"][:BLOCKS_PER_PAGE]
    older = rows[-1]["block_number"] - 1 if rows and rows[-1]["block_number"] > 0 else None
    return view.render(BlocksContext(rows=rows, height=found["height"], older=older))


@CONSORTIUM.page("/operator/blocks/<number>", name="operator-block", title=mark("Block"), roles=READERS)
def block(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows one block: its place in the chain, its transactions with who endorsed them, and the proof, checked by the
    browser."""
    number = numbered(view.path["number"])
    found = view.ask("listBlocks", first=number, last=number)
    if not found["blocks"] or found["blocks"][0]["block_number"] != number:
        raise GatewayError("OBJECT_UNKNOWN", f"there is no block {number}")
    (one,) = found["blocks"]
    operations = {
        transaction["transaction_id"]: view.ask(
            "listOperations", transaction_id=transaction["transaction_id"], limit=ROWS
        )["items"]
        for transaction in one["transactions"]
        if transaction["operations"]
    }
    return view.render(
        BlockContext(
            block=one,
            height=found["height"],
            operations=operations,
            claims={
                transaction["transaction_id"]: claim_of(listed[0], transaction)
                for transaction in one["transactions"]
                if (listed := operations.get(transaction["transaction_id"]))
            },
            names=view.organisations,
            endorsed=view.is_endorsed,
        )
    )


def claim_of(operation: Row, transaction: Row) -> Row:
    """Returns what the page says of a transaction, by one of its operations, for the browser to hold against the
    ledger."""
    names = ("block_number", "transaction_id", "op", "authoriser", "request_id")
    return {
        **{name: operation[name] for name in names},
        "postings": [],
        "endorser_msps": transaction["endorser_msps"],
    }
