"""The operator's pages about the ledger itself: blocks with their proof, transactions, operations."""

from __future__ import annotations

from typing import Any

import flask

from gateway.core.errors import GatewayError
from gateway.pages.deciding import OPERATION_NAMES, operation_title
from gateway.pages.finding import by_its_ends, found_ids, found_page, words_of
from gateway.pages.language import mark
from gateway.pages.operator import READERS, numbered, section
from gateway.pages.visits import Visit

BLOCKS_PER_PAGE = 25
ROWS = 50


@section.page(
    "/operator/blocks",
    name="operator-blocks",
    title=mark("Blocks"),
    label=mark("Blocks"),
    roles=READERS,
    icon="blocks",
)
def blocks(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Blocks, newest first; a number leads to one."""
    if visit.query.get("number"):
        return flask.redirect(f"/operator/blocks/{numbered(visit.query['number'].strip())}", 303)
    last = numbered(visit.query["last"]) if visit.query.get("last") else None
    first = None if last is None else max(0, last - BLOCKS_PER_PAGE + 1)
    found = visit.ask("listBlocks", first=first, last=last)
    rows = found["blocks"][:BLOCKS_PER_PAGE]
    older = rows[-1]["block_number"] - 1 if rows and rows[-1]["block_number"] > 0 else None
    return visit.render("operator/blocks.html", rows=rows, height=found["height"], older=older)


@section.page("/operator/blocks/<number>", name="operator-block", title=mark("Block"), roles=READERS)
def block(visit: Visit) -> flask.typing.ResponseReturnValue:
    """One block: its place in the chain, its transactions with who endorsed them, and the proof, checked by the browser."""
    number = numbered(visit.path["number"])
    found = visit.ask("listBlocks", first=number, last=number)
    if not found["blocks"] or found["blocks"][0]["block_number"] != number:
        raise GatewayError("OBJECT_UNKNOWN", f"there is no block {number}")
    (one,) = found["blocks"]
    operations = {
        transaction["transaction_id"]: visit.ask(
            "listOperations", transaction_id=transaction["transaction_id"], limit=ROWS
        )["items"]
        for transaction in one["transactions"]
        if transaction["operations"]
    }
    return visit.render(
        "operator/block.html",
        block=one,
        height=found["height"],
        operations=operations,
        claims={
            transaction["transaction_id"]: claim_of(listed[0], transaction)
            for transaction in one["transactions"]
            if (listed := operations.get(transaction["transaction_id"]))
        },
        names=visit.organisations,
        operation_title=operation_title,
        endorsed=visit.site.kept("ledger-kind", lambda: visit.ask("getAuthorities")["kind"]) == "fabric",
    )


def claim_of(operation: dict[str, Any], transaction: dict[str, Any]) -> dict[str, Any]:
    """What the page says of a transaction, by one of its operations, for the browser to hold against the ledger."""
    names = ("block_number", "transaction_id", "op", "authoriser", "request_id")
    return {
        **{name: operation[name] for name in names},
        "postings": [],
        "endorser_msps": transaction["endorser_msps"],
    }


@section.page(
    "/operator/transactions",
    name="operator-transactions",
    title=mark("Transactions"),
    label=mark("Transactions"),
    roles=READERS,
    icon="history",
)
def transactions(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Operations, newest first, by what they were, who authorised them and through whom they came, as the list shows it."""
    organisations = {msp_id: [name] for msp_id, name in visit.organisations.items()}
    filters = {
        "op": found_ids(visit.query.get("op"), words_of(OPERATION_NAMES)),
        "authoriser": found_ids(visit.query.get("authoriser"), organisations, by_its_ends),
        "submitter_msp": found_ids(visit.query.get("submitter_msp"), organisations),
        "transaction_id": found_ids(visit.query.get("transaction_id"), otherwise=by_its_ends),
    }
    found = found_page(visit, "listOperations", filters, limit=ROWS)
    return visit.render(
        "operator/transactions.html",
        rows=found["items"],
        following=found["next"],
        operation_names=OPERATION_NAMES,
        operation_title=operation_title,
    )
