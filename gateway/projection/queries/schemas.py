"""What the projection answers: the forms of its documents, as the API shows them. Times are Unix seconds, days the
consortium's, values millionths."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import Field

from gateway.core.schemas import FixedSchema

Item = TypeVar("Item")


class Listing(FixedSchema, Generic[Item]):
    """One page of a list, as it was at one block."""

    items: list[Item]
    next: str | None = Field(default=None, description="The cursor of the next page; null at the end.")
    block_number: int = Field(description="The block up to which the answer is; -1 before the first.")


class NounListing(FixedSchema):
    """One page of documents as the ledger has them, as it was at one block."""

    items: list[dict[str, Any]]
    next: str | None = Field(default=None, description="The cursor of the next page; null at the end.")
    block_number: int = Field(description="The block up to which the answer is; -1 before the first.")


class ProjectionPosition(FixedSchema):
    """How far the gateway's own tables are."""

    block_number: int = Field(description="The last block in them; -1 before the first.")
    operations: int = Field(description="How many operations there were up to that block.")
    ledger_time: int = Field(description="The time of the last transaction.")
    folded_at: int = Field(description="When that block was taken in, by the gateway's clock.")
    rebuild_until: int | None = Field(description="During a rebuild: the block from which on there are answers again.")


class BucketDocument(FixedSchema):
    """Points with one last day."""

    expires_on: str | None = Field(description="The last day on which they can be spent; null is never.")
    points: int
    held: int = Field(description="The part pinned by holds.")


class PendingDocument(FixedSchema):
    """Points that cannot be spent yet."""

    available_on: str = Field(description="The first day on which they can be spent.")
    expires_on: str | None = Field(description="The last one; null is never.")
    points: int


class AccountBalance(FixedSchema):
    """Points of one class in one account: points = spendable + held + pending + expired."""

    class_id: str
    issuer_msp: str
    points: int
    spendable: int
    held: int
    pending: int = Field(description="Not available yet.")
    expired: int = Field(description="Past their last day, and not booked yet.")
    debt: int = Field(description="Clawed back, and no longer there then: what is earned next pays it first.")
    value_millionths: int = Field(description="The value of what is not expired. A debt takes nothing off.")
    buckets: list[BucketDocument] = Field(description="In the order in which they are drawn.")
    pending_buckets: list[PendingDocument]


class AccountBalances(FixedSchema):
    """All points of one account, on one day."""

    account: str
    day: str
    balances: list[AccountBalance]
    value_millionths: int
    block_number: int


class ChangeDocument(FixedSchema):
    """What an operation changed of one class in one account."""

    account: str
    class_id: str
    points: int
    held: int
    debt: int = Field(description="By how much what the account owes grew (positive) or was paid.")
    counterparties: list[str]


class HistoryEntry(FixedSchema):
    """One line of an account's history."""

    cursor: str = Field(description="The operation's place, `<block>-<transaction>-<operation>`.")
    block_number: int
    transaction_id: str
    at: int
    op: str
    authoriser: str
    submitter_msp: str
    request_id: str
    account: str
    class_id: str
    points: int
    held: int
    debt: int = Field(description="By how much what the account owes grew (positive) or was paid.")
    counterparties: list[str] = Field(description="The other accounts and organisations that it concerns.")
    reference: str | None = Field(description="The order, purchase or reason that it names.")
    redemption_id: str | None
    hold_id: str | None


class OperationDocument(FixedSchema):
    """One accepted operation, whole."""

    cursor: str = Field(description="The operation's place, `<block>-<transaction>-<operation>`.")
    block_number: int
    transaction_id: str
    at: int
    op: str
    authoriser: str
    submitter_msp: str
    request_id: str
    args: dict[str, Any]
    result: dict[str, Any]
    changes: list[ChangeDocument]


class OperationLink(FixedSchema):
    """The operation behind a figure, with the block that proves it."""

    cursor: str
    block_number: int
    transaction_id: str
    at: int
    op: str
    request_id: str


class LedgerDocument(FixedSchema):
    """One document of the ledger's state as it stands there, and the block that wrote it."""

    document: dict[str, Any]
    written_in_block: int
    block_number: int


class RedemptionDetail(FixedSchema):
    """A redemption, and the operations that made and refunded it."""

    redemption: dict[str, Any] = Field(
        description="As the ledger has it, or had it before it was `swept`; `refundable_until` is the last day on which"
        " it can be refunded, null for an exchange."
    )
    operations: list[OperationLink]
    block_number: int


class HoldDetail(FixedSchema):
    """A hold as the ledger has it, and the operation that made it."""

    hold: dict[str, Any]
    operation: OperationLink
    block_number: int


class ClassSupply(FixedSchema):
    """A class as the ledger has it, with what was issued and went. outstanding = issued - redeemed - expired - reversed
    + restored + indebted - repaid; what is owed to the class's issuer is indebted - repaid."""

    point_class: dict[str, Any]
    issued: int
    redeemed_own: int
    redeemed_elsewhere: int
    expired: int
    reversed: int
    restored: int
    indebted: int
    repaid: int
    outstanding: int
    block_number: int


class ClassFlow(FixedSchema):
    """What came into being and went on one day, and what was outstanding at its end."""

    day: str
    issued: int
    redeemed_own: int
    redeemed_elsewhere: int
    expired: int
    reversed: int
    restored: int
    indebted: int
    repaid: int
    outstanding: int


class ClassFlows(FixedSchema):
    """A class over time, one row for each day on which anything changed."""

    class_id: str
    opening: int = Field(description="Outstanding before the first day.")
    days: list[ClassFlow]
    block_number: int


class ClassTotal(FixedSchema):
    """Points of one class and what they are worth."""

    class_id: str
    points: int
    value_millionths: int


class CounterTotals(FixedSchema):
    """A day at a merchant's counter. An accrual that earned nothing does not count."""

    day: str
    accruals: int
    redemptions: int
    refunds: int
    accrued: list[ClassTotal]
    redeemed: list[ClassTotal]
    refunded: list[ClassTotal]
    block_number: int


class MemberDocument(FixedSchema):
    """An enrolled account, by its address only."""

    address: str
    home_msp: str
    status: str


class PairPosition(FixedSchema):
    """What an issuer came to owe an acceptor in a window, over all lanes; `adjusted_millionths` is what disputes moved
    there, negative: took away."""

    window_id: int
    issuer_msp: str
    acceptor_msp: str
    adjusted_millionths: int
    redeemed_millionths: int
    refunded_millionths: int
    value_millionths: int


class WindowEntry(FixedSchema):
    """One operation's part in a window: what it redeemed (positive) or gave back (negative) of one class."""

    operation: OperationLink
    redemption_id: str
    order_ref: str
    window_id: int
    issuer_msp: str
    acceptor_msp: str
    class_id: str
    points: int
    value_millionths: int


class PairSettled(FixedSchema):
    """What one issuer owes one acceptor for a window: redeemed - refunded + moved by disputes + carried in - carried
    on, in smallest coins; and the fee that the acceptor owes it for accepting, which is taken off when the window is
    netted. What is disputed once it is netted stands in the statements."""

    issuer_msp: str
    acceptor_msp: str
    adjusted_millionths: int
    redeemed_millionths: int
    refunded_millionths: int
    carried_in_millionths: int
    carried_out_millionths: int
    fee_basis_points: int
    fee_minor: int
    owed_minor: int


class StatementDetail(FixedSchema):
    """A merchant's statement as the ledger has it."""

    window_id: int
    msp_id: str
    statement: dict[str, Any]
    block_number: int


class StatementRows(StatementDetail):
    """A merchant's statement as the ledger has it, with the rows of the matrix that it names."""

    owed_to_us: list[PairSettled]
    owed_to_others: list[PairSettled]


class FoundReceipt(FixedSchema):
    """Where an operation stands."""

    operation: OperationDocument
    others: list[OperationLink] = Field(
        description="Older ones with the same request_id, the newest first: about other accounts, or of a time that the ledger has forgotten."
    )
    block_number: int
