"""Every query by its name."""

from __future__ import annotations

from collections.abc import Mapping

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.calendar import day_at
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.fields import check_fields
from chaincode.spec.kernel.state import StateReader, View
from chaincode.spec.queries import documents, limits, lists, points
from chaincode.spec.queries.base import Moment, Query

QUERIES: Mapping[str, Query] = {
    query.name: query for query in (*documents.QUERIES, *points.QUERIES, *limits.QUERIES, *lists.QUERIES)
}


def answer(reader: StateReader, now: int, name: str, args: Json) -> Json:
    """The answer to a query asked at `now`. UNKNOWN_QUERY, INVALID_ARGUMENT, CONSORTIUM_NOT_OPEN, and as the query
    says."""
    query = QUERIES.get(name)
    if query is None:
        raise Refusal("UNKNOWN_QUERY", name)
    check_fields(args, query.arguments, "")
    view = View(reader)
    consortium = view.get(keys.CONSORTIUM)
    if consortium is None and name != "ReadState":
        raise Refusal("CONSORTIUM_NOT_OPEN", "no consortium has been opened")
    today = day_at(now, consortium["time_zone"]) if consortium else 0
    return query.answer(view, Moment(now, today), args)
