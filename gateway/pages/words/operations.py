"""What each operation is called. A new operation is one row here, and its translation in `translations/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.pages.words.marking import mark


@dataclass(frozen=True)
class OperationWords:
    """The names of one operation: `name` for staff; `moved` in the history of an account whose points it moves (None
    for one that moves none), and `came` there where it brought points in, where that is called otherwise."""

    name: str
    moved: str | None = None
    came: str | None = None


OPERATIONS: Mapping[str, OperationWords] = {
    "Issue": OperationWords(mark("Issue points"), moved=mark("Given by the merchant")),
    "Accrue": OperationWords(mark("Accrue a purchase"), moved=mark("Earned")),
    "Transfer": OperationWords(mark("Send points"), moved=mark("Sent on"), came=mark("Received")),
    "TransferFrom": OperationWords(
        mark("Send points by permission"), moved=mark("Sent by permission"), came=mark("Received")
    ),
    "CompleteRebind": OperationWords(
        mark("Carry out a change of key"),
        moved=mark("Moved to the key that replaces a lost one"),
        came=mark("Brought over from a lost key"),
    ),
    "MergeAccounts": OperationWords(
        mark("Merge accounts"),
        moved=mark("Moved to another account of one’s own"),
        came=mark("Brought in from another account of one’s own"),
    ),
    "Redeem": OperationWords(mark("Redeem points"), moved=mark("Spent")),
    "Refund": OperationWords(mark("Refund"), moved=mark("Refunded")),
    "Exchange": OperationWords(mark("Exchange points"), moved=mark("Exchanged")),
    "Hold": OperationWords(mark("Reserve points"), moved=mark("Reserved")),
    "Release": OperationWords(mark("End a reservation"), moved=mark("Reservation ended")),
    "Expire": OperationWords(mark("Sweep expired points"), moved=mark("Expired")),
    "ReverseIssue": OperationWords(mark("Take points back"), moved=mark("Taken back by the issuer")),
    "ImportBalances": OperationWords(mark("Take over old balances"), moved=mark("Brought over from the old system")),
    "WithdrawToWallet": OperationWords(mark("Withdraw old points"), moved=mark("Withdrawn from an old card")),
    "DepositFromWallet": OperationWords(
        mark("Put points back onto an old card"), moved=mark("Put back onto an old card")
    ),
    "AcceptStatement": OperationWords(mark("Accept the statement")),
    "AnswerDispute": OperationWords(mark("Answer a dispute")),
    "Approve": OperationWords(mark("Permit another account to send")),
    "Capture": OperationWords(mark("Take a payment in points")),
    "CloseWindow": OperationWords(mark("Close the settlement period")),
    "ConfirmPayment": OperationWords(mark("Confirm a payment")),
    "ConfirmUnanswered": OperationWords(mark("Confirm a payment that nobody answered")),
    "CorrectPayment": OperationWords(mark("Correct a confirmed payment")),
    "ConfirmRebind": OperationWords(mark("Confirm a change of key")),
    "CutWindow": OperationWords(mark("Cut the settlement period")),
    "DeclareDefault": OperationWords(mark("Declare a default")),
    "DepositCollateral": OperationWords(mark("Book collateral paid in")),
    "DefineClass": OperationWords(mark("Define a point class")),
    "EnrollMember": OperationWords(mark("Enrol a member")),
    "EscalateDispute": OperationWords(mark("Insist on a dispute")),
    "JoinConsortium": OperationWords(mark("Join the consortium")),
    "MoveHome": OperationWords(mark("Make this merchant my home")),
    "ObjectRebind": OperationWords(mark("Stop a change of key")),
    "OpenConsortium": OperationWords(mark("Open the consortium")),
    "OpenDispute": OperationWords(mark("Dispute a payment in points")),
    "Propose": OperationWords(mark("Make a proposal")),
    "RebindMember": OperationWords(mark("Ask for a change of key")),
    "RecordPayment": OperationWords(mark("Record a payment")),
    "RejectPayment": OperationWords(mark("Reject a payment")),
    "RetractPayment": OperationWords(mark("Take back a recorded payment")),
    "RefillLimit": OperationWords(mark("Move a limit between lanes")),
    "ReleaseCollateral": OperationWords(mark("Return collateral")),
    "RegisterMerchant": OperationWords(mark("Invite a merchant")),
    "ResolveDispute": OperationWords(mark("End a dispute whose time is over")),
    "SetAcceptanceFee": OperationWords(mark("Agree on an acceptance fee")),
    "SetLimits": OperationWords(mark("Set limits")),
    "SetMemberStatus": OperationWords(mark("Change a member’s status")),
    "SetMerchantStatus": OperationWords(mark("Change a merchant’s status")),
    "SetRate": OperationWords(mark("Set a rate of exchange")),
    "Sweep": OperationWords(mark("Delete what need not be remembered")),
    "UpdateClass": OperationWords(mark("Change a point class")),
    "Vote": OperationWords(mark("Vote on a proposal")),
    "WithdrawCollateral": OperationWords(mark("Ask for collateral to be returned")),
    "VoteDispute": OperationWords(mark("Vote on a dispute")),
    "WithdrawDispute": OperationWords(mark("Withdraw a dispute")),
}
"""Those that move points first, in the order in which the history's filter offers them."""

OPERATION_NAMES: Mapping[str, str] = {op: words.name for op, words in OPERATIONS.items()}
HISTORY_NAMES: Mapping[str, str] = {op: words.moved for op, words in OPERATIONS.items() if words.moved is not None}
"""What a row of the history may be. A payment is a `Redeem`, whether or not it was reserved before."""
