"""The operator's pages about the ledger itself: blocks with their proof, transactions, operations."""

from __future__ import annotations

from typing import Any

import flask

from gateway.errors import GatewayError
from gateway.pages.frame.finding import by_its_ends, found_ids, found_page, words_of
from gateway.pages.frame.language import mark
from gateway.pages.frame.page_view import PageView
from gateway.pages.operator.consortium import READERS, numbered, section
from gateway.pages.words.deciding import OPERATION_NAMES, operation_title

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
def blocks(view: PageView) -> flask.typing.ResponseReturnValue:
    """Blocks, newest first; a number leads to one."""
    if view.query.get("number"):
        return flask.redirect(f"/operator/blocks/{numbered(view.query['number'].strip())}", 303)
    last = numbered(view.query["last"]) if view.query.get("last") else None
    first = None if last is None else max(0, last - BLOCKS_PER_PAGE + 1)
    found = view.ask("listBlocks", first=first, last=last)
    rows = found["blocks"][:BLOCKS_PER_PAGE]
    older = rows[-1]["block_number"] - 1 if rows and rows[-1]["block_number"] > 0 else None
    return view.render("operator/blocks.html", rows=rows, height=found["height"], older=older)


@section.page("/operator/blocks/<number>", name="operator-block", title=mark("Block"), roles=READERS)
def block(view: PageView) -> flask.typing.ResponseReturnValue:
    """One block: its place in the chain, its transactions with who endorsed them, and the proof, checked by the browser."""
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
        "operator/block.html",
        block=one,
        height=found["height"],
        operations=operations,
        claims={
            transaction["transaction_id"]: claim_of(listed[0], transaction)
            for transaction in one["transactions"]
            if (listed := operations.get(transaction["transaction_id"]))
        },
        names=view.organisations,
        operation_title=operation_title,
        endorsed=view.site.kept("ledger-kind", lambda: view.ask("getAuthorities")["kind"]) == "fabric",
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
def transactions(view: PageView) -> flask.typing.ResponseReturnValue:
    """Operations, newest first, by what they were, who authorised them and through whom they came, as the list shows it."""
    organisations = {msp_id: [name] for msp_id, name in view.organisations.items()}
    filters = {
        "op": found_ids(view.query.get("op"), words_of(OPERATION_NAMES)),
        "authoriser": found_ids(view.query.get("authoriser"), organisations, by_its_ends),
        "submitter_msp": found_ids(view.query.get("submitter_msp"), organisations),
        "transaction_id": found_ids(view.query.get("transaction_id"), otherwise=by_its_ends),
    }
    found = found_page(view, "listOperations", filters, limit=ROWS)
    return view.render(
        "operator/transactions.html",
        rows=found["items"],
        following=found["next"],
        operation_names=OPERATION_NAMES,
        operation_title=operation_title,
    )
