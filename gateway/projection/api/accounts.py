"""What accounts hold and did, from the projection: balances, history, redemptions, holds, where their points came
from."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from gateway.operations.api.captures import at_the_till, searched, veiled
from gateway.projection.queries.lot_trace import BucketOrigin, MovementOrigin, RedemptionOrigin
from gateway.projection.queries.movements import Movement
from gateway.projection.queries.schemas import (
    AccountBalances,
    HistoryEntry,
    HoldDetail,
    Listing,
    NounListing,
    RedemptionDetail,
)
from gateway.security.guard import Owner
from gateway.web.endpoints import Answer, Call, Subject
from gateway.web.reading import (
    CODES,
    LIST_CODES,
    NAME_PATTERN,
    BlockPageQuery,
    BlockQuery,
    Day,
    Name,
    Reference,
    WindowId,
    account_owner,
    account_part,
    filters_of,
    object_part,
    part,
    projection_of,
)

subject = Subject("accounts", "Accounts: balances, history, redemptions and holds, quickly")

FOR_AN_ORDER = "For one order; dashes, blanks, case and full-width forms do not count."
ACCOUNT = {"account": NAME_PATTERN}
OBJECT = {"authoriser": NAME_PATTERN, "request_id": NAME_PATTERN}


class BalancesQuery(BlockQuery):
    """On which day."""

    day: Day | None = Field(default=None, description="What can be spent on this day; today when left out.")


class AccountHistoryQuery(BlockPageQuery):
    """Which lines of an account's history."""

    class_id: Name | None = None
    op: Name | None = Field(default=None, description="The operation's name, such as Redeem.")


class HistoryQuery(AccountHistoryQuery):
    """Which lines of all accounts' history."""

    submitter_msp: Name | None = Field(default=None, description="Through whose gateway.")


class AccountRedemptionsQuery(BlockPageQuery):
    """Which redemptions of an account."""

    acceptor_msp: Name | None = None
    window_id: WindowId | None = None


class RedemptionsQuery(AccountRedemptionsQuery):
    """Which redemptions."""

    order_ref: Reference | None = Field(default=None, description=FOR_AN_ORDER)


class AccountHoldsQuery(BlockPageQuery):
    """Which holds of an account."""

    acceptor_msp: Name | None = None
    status: Name | None = Field(default=None, description="RESERVED, CAPTURED, RELEASED or LAPSED.")


class HoldsQuery(AccountHoldsQuery):
    """Which holds."""

    order_ref: Reference | None = Field(default=None, description=FOR_AN_ORDER)


class OriginQuery(BlockQuery):
    """Of the points with which last day."""

    expires_on: Day | None = Field(default=None, description="Their last day; left out: those that never expire.")
    available_on: Day | None = Field(default=None, description="Of points that cannot be spent yet: from which day on.")
    cursor: str | None = Field(default=None, max_length=1024, description="`next` of the page before.")


def redemption_owner(call: Call[Any]) -> Owner:
    """A redemption is its member's. Raises GatewayError OBJECT_UNKNOWN."""
    found = projection_of(call).accounts.redemption(object_part(call)).redemption
    return Owner(address=found["member"])


def hold_owner(call: Call[Any]) -> Owner:
    """A hold is its member's. Raises GatewayError OBJECT_UNKNOWN."""
    return Owner(address=projection_of(call).accounts.hold(object_part(call)).hold["member"])


@subject.get(
    "/accounts/{account}",
    name="getAccount",
    summary="All points of an account, by class, with their last days",
    query=BalancesQuery,
    answers={200: AccountBalances},
    codes=CODES,
    owner=account_owner,
    path_patterns=ACCOUNT,
)
def get_account(call: Call[None]) -> Answer:
    """An account that nobody heard of has none."""
    return Answer(200, projection_of(call).accounts.balances(account_part(call), call.query.day))


@subject.get(
    "/accounts/{account}/history",
    name="listAccountHistory",
    summary="What happened to an account, newest first",
    query=AccountHistoryQuery,
    answers={200: Listing[HistoryEntry]},
    codes=LIST_CODES,
    owner=account_owner,
    path_patterns=ACCOUNT,
)
def list_account_history(call: Call[None]) -> Answer:
    """Each line names the transaction and the block that prove it. The order of a reservation is not told to who works
    at a till alone."""
    found = projection_of(call).accounts.history(account=account_part(call), **filters_of(call))
    return Answer(200, _without_open_orders(call, found))


@subject.get(
    "/accounts/{account}/movements",
    name="listAccountMovements",
    summary="An account's history as people read it, newest first: one payment is one row",
    query=AccountHistoryQuery,
    answers={200: Listing[Movement]},
    codes=LIST_CODES,
    owner=account_owner,
    path_patterns=ACCOUNT,
)
def list_account_movements(call: Call[None]) -> Answer:
    """A reservation and what became of it are one row, of all its classes; each class names the last days whose points
    it moved. The order of an open reservation is not told to who works at a till alone."""
    found = projection_of(call).movements.of_account(account_part(call), **filters_of(call))
    return Answer(200, _without_open_orders(call, found))


@subject.get(
    "/accounts/{account}/redemptions",
    name="listAccountRedemptions",
    summary="An account's redemptions, newest first",
    query=AccountRedemptionsQuery,
    answers={200: NounListing},
    codes=LIST_CODES,
    owner=account_owner,
    path_patterns=ACCOUNT,
)
def list_account_redemptions(call: Call[None]) -> Answer:
    """As the ledger has them, or had them before they were `swept`; each with `refundable_until`."""
    return Answer(200, projection_of(call).accounts.redemptions(member=account_part(call), **filters_of(call)))


@subject.get(
    "/accounts/{account}/holds",
    name="listAccountHolds",
    summary="An account's holds, newest first",
    query=AccountHoldsQuery,
    answers={200: NounListing},
    codes=LIST_CODES,
    owner=account_owner,
    path_patterns=ACCOUNT,
)
def list_account_holds(call: Call[None]) -> Answer:
    """As the ledger has them. Of an open one the order is not told to who works at a till alone: its member shows
    it."""
    return Answer(200, _veiled(call, projection_of(call).accounts.holds(member=account_part(call), **filters_of(call))))


@subject.get(
    "/accounts/{account}/origins/{class_id}",
    name="traceBucket",
    summary="Which issuances fed an account's points with one last day, and each step on their way",
    query=OriginQuery,
    answers={200: BucketOrigin},
    codes=(*LIST_CODES, "OBJECT_UNKNOWN"),
    owner=account_owner,
    path_patterns={**ACCOUNT, "class_id": NAME_PATTERN},
)
def trace_bucket(call: Call[None]) -> Answer:
    """First in, first out; only what happened before they came."""
    of_bucket = projection_of(call).origins.of_bucket
    return Answer(200, of_bucket(account_part(call), part(call, "class_id"), **filters_of(call)))


@subject.get(
    "/accounts/{account}/movements/{cursor}/origin",
    name="traceMovement",
    summary="Which issuances fed the points that an operation took from an account or brought to it, and each step on their way",
    query=BlockQuery,
    answers={200: MovementOrigin},
    codes=(*LIST_CODES, "OBJECT_UNKNOWN"),
    owner=account_owner,
    path_patterns={**ACCOUNT, "cursor": NAME_PATTERN},
)
def trace_movement(call: Call[None]) -> Answer:
    """First in, first out. The operation's place is `cursor` in the account's history."""
    return Answer(200, projection_of(call).origins.of_movement(account_part(call), part(call, "cursor")))


@subject.get(
    "/history",
    name="listHistory",
    summary="What happened to accounts, newest first",
    query=HistoryQuery,
    answers={200: Listing[HistoryEntry]},
    codes=LIST_CODES,
)
def list_history(call: Call[None]) -> Answer:
    """Of one class, by one operation, through one merchant's gateway, or all."""
    return Answer(200, projection_of(call).accounts.history(**filters_of(call)))


@subject.get(
    "/redemptions",
    name="listAllRedemptions",
    summary="Redemptions, newest first",
    query=RedemptionsQuery,
    answers={200: NounListing},
    codes=LIST_CODES,
)
def list_all_redemptions(call: Call[None]) -> Answer:
    """At one acceptor, for one order, in one window, or all. As the ledger has them, or had them before they were
    `swept`; each with `refundable_until`."""
    return Answer(200, projection_of(call).accounts.redemptions(**filters_of(call)))


@subject.get(
    "/redemptions/{authoriser}/{request_id}",
    name="getRedemptionDetail",
    summary="A redemption, and the operations that made and refunded it",
    query=BlockQuery,
    answers={200: RedemptionDetail},
    codes=(*CODES, "OBJECT_UNKNOWN"),
    owner=redemption_owner,
    path_patterns=OBJECT,
)
def get_redemption_detail(call: Call[None]) -> Answer:
    """Its id is `<authoriser>/<request id>` of the operation that made it; where that came again after a sweep, the
    newest."""
    return Answer(200, projection_of(call).accounts.redemption(object_part(call)))


@subject.get(
    "/redemptions/{authoriser}/{request_id}/origin",
    name="traceRedemption",
    summary="Which issuances fed a redemption, and each step on their way",
    query=BlockQuery,
    answers={200: RedemptionOrigin},
    codes=(*CODES, "OBJECT_UNKNOWN"),
    owner=redemption_owner,
    path_patterns=OBJECT,
)
def trace_redemption(call: Call[None]) -> Answer:
    """First in, first out."""
    return Answer(200, projection_of(call).origins.of_redemption(object_part(call)))


@subject.get(
    "/holds",
    name="listAllHolds",
    summary="Holds, newest first",
    query=HoldsQuery,
    answers={200: NounListing},
    codes=(*LIST_CODES, "TRY_LATER"),
)
def list_all_holds(call: Call[None]) -> Answer:
    """At one acceptor, in one status, for one order, or all. Of an open one the order is not told to who works at a
    till alone, unless they ask by it."""

    def search() -> NounListing:
        return projection_of(call).accounts.holds(**filters_of(call))

    return Answer(200, _veiled(call, search()) if call.query.order_ref is None else searched(call, search))


def _without_open_orders(
    call: Call[Any], found: Listing[HistoryEntry] | Listing[Movement]
) -> Listing[HistoryEntry] | Listing[Movement]:
    """The list as the caller may see it: who works at a till alone learns an open order from its member."""
    if not at_the_till(call):
        return found
    lines = [one.model_copy(update={"reference": None}) if one.op == "Hold" else one for one in found.items]
    return found.model_copy(update={"items": lines})


def _veiled(call: Call[Any], page: NounListing) -> NounListing:
    return page.model_copy(update={"items": [veiled(call, one) for one in page.items]})


@subject.get(
    "/holds/{authoriser}/{request_id}",
    name="getHoldDetail",
    summary="A hold, and the operation that made it",
    query=BlockQuery,
    answers={200: HoldDetail},
    codes=(*CODES, "OBJECT_UNKNOWN"),
    owner=hold_owner,
    path_patterns=OBJECT,
)
def get_hold_detail(call: Call[None]) -> Answer:
    """Its id is `<authoriser>/<request id>` of the operation that made it."""
    found = projection_of(call).accounts.hold(object_part(call))
    return Answer(200, found.model_copy(update={"hold": veiled(call, found.hold)}))
