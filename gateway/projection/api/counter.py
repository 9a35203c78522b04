"""What a merchant's tills did on a day, from the projection."""

from __future__ import annotations

from pydantic import Field

from gateway.identity.api.common import of_merchant
from gateway.projection.queries.schemas import CounterTotals
from gateway.web.endpoints import Answer, Call, Subject
from gateway.web.reading import CODES, BlockQuery, Day, projection_of

subject = Subject("counter", "Counter: a day's totals")


class TotalsQuery(BlockQuery):
    """Of which day."""

    day: Day | None = Field(default=None, description="A day of the consortium's; today when left out.")


@subject.get(
    "/counter/totals",
    name="getCounterTotals",
    summary="What this merchant's tills accrued, took and gave back on a day",
    query=TotalsQuery,
    answers={200: CounterTotals},
    codes=CODES,
    owner=of_merchant,
)
def get_counter_totals(call: Call[None]) -> Answer:
    """Through this gateway."""
    return Answer(200, projection_of(call).totals.counter(call.gateway.msp_id, call.query.day))
