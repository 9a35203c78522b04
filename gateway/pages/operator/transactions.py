"""Operations on the ledger, found by what the list shows of them."""

from __future__ import annotations

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.finding import by_its_ends, found_ids, found_page, words_of
from gateway.pages.frame.navigation import CONSORTIUM
from gateway.pages.frame.page_view import PageView
from gateway.pages.operator.readers import READERS
from gateway.pages.words.marking import mark
from gateway.pages.words.operations import OPERATION_NAMES

ROWS = 50


class TransactionsContext(Context, template="operator/transactions.html"):
    """`rows`: operations; `following`: the cursor of the next page."""

    rows: list[Row]
    following: str | None


@CONSORTIUM.page(
    "/operator/transactions",
    name="operator-transactions",
    title=mark("Transactions"),
    label=mark("Transactions"),
    roles=READERS,
    icon="history",
)
def transactions(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lists operations, newest first, by what they were, who authorised them and through whom they came, as the list
    shows it."""
    organisations = {msp_id: [name] for msp_id, name in view.organisations.items()}
    filters = {
        "op": found_ids(view.query.get("op"), words_of(OPERATION_NAMES)),
        "authoriser": found_ids(view.query.get("authoriser"), organisations, by_its_ends),
        "submitter_msp": found_ids(view.query.get("submitter_msp"), organisations),
        "transaction_id": found_ids(view.query.get("transaction_id"), otherwise=by_its_ends),
    }
    found = found_page(view, "listOperations", filters, limit=ROWS)
    return view.render(TransactionsContext(rows=found["items"], following=found["next"]))
