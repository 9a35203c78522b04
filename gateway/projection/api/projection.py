"""What the consortium's classes, windows and operations say, from the projection."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from gateway.core.errors import GatewayError
from gateway.operations.api.captures import at_the_till
from gateway.projection.queries.lot_trace import IssuanceTrace
from gateway.projection.queries.schemas import (
    ClassFlows,
    ClassSupply,
    FoundReceipt,
    LedgerDocument,
    Listing,
    MemberDocument,
    OperationDocument,
    PairPosition,
    PairSettled,
    ProjectionPosition,
    StatementDetail,
    StatementRows,
    WindowEntry,
)
from gateway.security.guard import Owner, owner_named
from gateway.web.endpoints import Answer, Call, Subject
from gateway.web.reading import (
    CODES,
    LIST_CODES,
    NAME_PATTERN,
    WINDOW_PATTERN,
    AbbreviatedNames,
    BlockPageQuery,
    BlockQuery,
    Day,
    Name,
    Names,
    filters_of,
    part,
    projection_of,
    window_part,
)

subject = Subject("reports", "Reports: classes, members, windows and operations, each figure with what makes it")

DAY_MIN, DAY_MAX = "1970-01-01", "9999-12-31"
WINDOW = {"window_id": WINDOW_PATTERN}


class FlowsQuery(BlockQuery):
    """From which day to which, both included."""

    first: Day = DAY_MIN
    last: Day = DAY_MAX


class MembersQuery(BlockPageQuery):
    """Which members."""

    home_msp: Name | None = None
    status: Name | None = Field(default=None, description="ACTIVE, FROZEN or CLOSED.")


class IssuanceQuery(BlockQuery):
    """Which issuance."""

    issuance_id: Name


class WindowsQuery(BlockPageQuery):
    """Which windows."""

    unsettled: bool = Field(default=False, description="Only those that are not settled yet.")


class DisputesQuery(BlockPageQuery):
    """Which disputes."""

    msp_id: Name | None = Field(default=None, description="Only those in which it is a party or may vote.")
    ended: bool | None = Field(default=None, description="Only those that have ended, or only those that have not.")


class MatrixQuery(BlockPageQuery):
    """Of which merchants."""

    issuer_msp: Name | None = None
    acceptor_msp: Name | None = None


class EntriesQuery(BlockPageQuery):
    """Of which pair."""

    issuer_msp: Name | None = None
    acceptor_msp: Name | None = None
    msp_id: Name | None = Field(default=None, description="On either side, with another merchant on the other.")
    other_msp: Name | None = Field(default=None, description="On the other side of `msp_id`.")


class OperationsQuery(BlockPageQuery):
    """Which operations. Times are Unix seconds, both included. Of several values of one parameter, any."""

    op: Names | None = None
    authoriser: AbbreviatedNames | None = Field(default=None, description="Whole, or its ends: `jf1qz8p4…k3v9xw`.")
    submitter_msp: Names | None = None
    transaction_id: AbbreviatedNames | None = Field(default=None, description="Whole, or its ends: `b0a7fb24…c6cb8f`.")
    at_from: int | None = Field(default=None, ge=0, le=2**53 - 1)
    at_to: int | None = Field(default=None, ge=0, le=2**53 - 1)


def receipt_owner(call: Call[Any]) -> Owner:
    """Whose operation it is: a member's, or an organisation's."""
    return owner_named(part(call, "authoriser"))


@subject.get(
    "/projection",
    name="getProjection",
    summary="Up to which block the gateway's own tables are",
    answers={200: ProjectionPosition},
)
def get_projection(call: Call[None]) -> Answer:
    """Also during a rebuild."""
    return Answer(200, call.gateway.projection.position())


@subject.get(
    "/classes",
    name="listClassSupplies",
    summary="Every class: what it has issued, redeemed, expired and has outstanding",
    query=BlockQuery,
    answers={200: Listing[ClassSupply]},
    codes=CODES,
)
def list_class_supplies(call: Call[None]) -> Answer:
    """For everybody to see."""
    return Answer(200, projection_of(call).catalogue.classes())


@subject.get(
    "/classes/{class_id}",
    name="getClassSupply",
    summary="One class, with the same",
    query=BlockQuery,
    answers={200: ClassSupply},
    codes=(*CODES, "OBJECT_UNKNOWN"),
    path_patterns={"class_id": NAME_PATTERN},
)
def get_class_supply(call: Call[None]) -> Answer:
    """For everybody to see."""
    return Answer(200, projection_of(call).catalogue.point_class(part(call, "class_id")))


@subject.get(
    "/classes/{class_id}/flows",
    name="getClassFlows",
    summary="A class over time, day by day",
    query=FlowsQuery,
    answers={200: ClassFlows},
    codes=(*CODES, "OBJECT_UNKNOWN"),
    path_patterns={"class_id": NAME_PATTERN},
)
def get_class_flows(call: Call[None]) -> Answer:
    """Only days on which something changed have a row."""
    flows = projection_of(call).catalogue.class_flows
    return Answer(200, flows(part(call, "class_id"), call.query.first, call.query.last))


@subject.get(
    "/issuances/{class_id}",
    name="traceIssuance",
    summary="Where the points of an issuance went: who has them now, which redemptions took them",
    query=IssuanceQuery,
    answers={200: IssuanceTrace},
    codes=(*CODES, "OBJECT_UNKNOWN"),
    path_patterns={"class_id": NAME_PATTERN},
)
def trace_issuance(call: Call[None]) -> Answer:
    """First in, first out."""
    return Answer(200, projection_of(call).origins.of_issuance(part(call, "class_id"), call.query.issuance_id))


@subject.get(
    "/member-accounts",
    name="listMemberAccounts",
    summary="Enrolled accounts, by address only",
    query=MembersQuery,
    answers={200: Listing[MemberDocument]},
    codes=LIST_CODES,
)
def list_member_accounts(call: Call[None]) -> Answer:
    """Of one home merchant, in one status, or all."""
    return Answer(200, projection_of(call).catalogue.members(**filters_of(call)))


@subject.get(
    "/windows",
    name="listCutWindows",
    summary="Settlement windows that were cut, with their payments",
    query=WindowsQuery,
    answers={200: Listing[LedgerDocument]},
    codes=LIST_CODES,
)
def list_cut_windows(call: Call[None]) -> Answer:
    """Newest first, as the ledger has them."""
    return Answer(200, projection_of(call).settlement.windows(**filters_of(call)))


@subject.get(
    "/disputes",
    name="listAllDisputes",
    summary="Disputes between merchants",
    query=DisputesQuery,
    answers={200: Listing[LedgerDocument]},
    codes=LIST_CODES,
)
def list_all_disputes(call: Call[None]) -> Answer:
    """By their redemptions, as the ledger has them."""
    return Answer(200, projection_of(call).settlement.disputes(**filters_of(call)))


@subject.get(
    "/windows/{window_id}",
    name="getSettlementWindow",
    summary="A settlement window",
    query=BlockQuery,
    answers={200: LedgerDocument},
    codes=(*CODES, "OBJECT_UNKNOWN"),
    path_patterns=WINDOW,
)
def get_settlement_window(call: Call[None]) -> Answer:
    """The open one too."""
    return Answer(200, projection_of(call).settlement.window(window_part(call)))


@subject.get(
    "/windows/{window_id}/positions",
    name="listWindowPositions",
    summary="What each issuer came to owe each acceptor in a window",
    query=BlockQuery,
    answers={200: Listing[PairPosition]},
    codes=CODES,
    path_patterns=WINDOW,
)
def list_window_positions(call: Call[None]) -> Answer:
    """Over all lanes."""
    return Answer(200, projection_of(call).settlement.positions(window_part(call)))


@subject.get(
    "/windows/{window_id}/matrix",
    name="listWindowMatrix",
    summary="What each issuer owes each acceptor for a window, once it is netted",
    query=MatrixQuery,
    answers={200: Listing[PairSettled]},
    codes=LIST_CODES,
    path_patterns=WINDOW,
)
def list_window_matrix(call: Call[None]) -> Answer:
    """By issuer and acceptor, in smallest coins, with what rounding carried in and on."""
    return Answer(200, projection_of(call).settlement.matrix(window_part(call), **filters_of(call)))


@subject.get(
    "/windows/{window_id}/entries",
    name="listWindowEntries",
    summary="The redemptions and refunds that make a window's figures",
    query=EntriesQuery,
    answers={200: Listing[WindowEntry]},
    codes=LIST_CODES,
    path_patterns=WINDOW,
)
def list_window_entries(call: Call[None]) -> Answer:
    """Newest first; those of one pair add up to its position."""
    return Answer(200, projection_of(call).settlement.entries(window_part(call), **filters_of(call)))


@subject.get(
    "/windows/{window_id}/statements",
    name="listWindowStatements",
    summary="The statements of a closed window",
    query=BlockQuery,
    answers={200: Listing[StatementDetail]},
    codes=CODES,
    path_patterns=WINDOW,
)
def list_window_statements(call: Call[None]) -> Answer:
    """By merchant."""
    return Answer(200, projection_of(call).settlement.statements(window_part(call)))


@subject.get(
    "/windows/{window_id}/statements/{msp_id}",
    name="getWindowStatement",
    summary="One merchant's statement",
    query=BlockQuery,
    answers={200: StatementRows},
    codes=(*CODES, "OBJECT_UNKNOWN"),
    path_patterns={**WINDOW, "msp_id": NAME_PATTERN},
)
def get_window_statement(call: Call[None]) -> Answer:
    """As the ledger has it, with its SHA-256, and the rows of the matrix that it names."""
    return Answer(200, projection_of(call).settlement.statement(window_part(call), part(call, "msp_id")))


@subject.get(
    "/ledger/operations",
    name="listOperations",
    summary="Operations, newest first",
    query=OperationsQuery,
    answers={200: Listing[OperationDocument]},
    codes=LIST_CODES,
)
def list_operations(call: Call[None]) -> Answer:
    """By name, authoriser, gateway, transaction or time."""
    return Answer(200, projection_of(call).log.operations(**filters_of(call)))


@subject.get(
    "/ledger/operations/{cursor}",
    name="getOperation",
    summary="One operation, by its place on the ledger",
    query=BlockQuery,
    answers={200: OperationDocument},
    codes=(*LIST_CODES, "OBJECT_UNKNOWN"),
    path_patterns={"cursor": {"type": "string", "maxLength": 40}},
)
def get_operation(call: Call[None]) -> Answer:
    """The place is `<block>-<transaction>-<operation>`."""
    return Answer(200, projection_of(call).log.operation(call.path["cursor"]))


@subject.get(
    "/receipts/{authoriser}/{request_id}",
    name="findReceipt",
    summary="Which transaction and block an operation stands in",
    query=BlockQuery,
    answers={200: FoundReceipt},
    codes=(*CODES, "OBJECT_UNKNOWN"),
    owner=receipt_owner,
    path_patterns={"authoriser": NAME_PATTERN, "request_id": NAME_PATTERN},
)
def find_receipt(call: Call[None]) -> Answer:
    """Also after the ledger has forgotten the receipt itself. A reservation's, which names its order, is not for who
    works at a till alone."""
    found = projection_of(call).log.receipt(part(call, "authoriser"), part(call, "request_id"))
    if found.operation.op == "Hold" and at_the_till(call):
        raise GatewayError("OBJECT_UNKNOWN", "a reservation is shown by its member")
    return Answer(200, found)
