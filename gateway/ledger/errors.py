"""What can go wrong between a caller and the ledger: one error for each stage of a transaction.

| error          | what is on the ledger                 | what the caller should do                                        |
|----------------|---------------------------------------|------------------------------------------------------------------|
| Rejected       | nothing: a rule said no               | tell the user `code` and `detail`; repeating a lasting one gives the same |
| EndorseFailed  | nothing: it was never sent to order   | repeat with the same request_id, later if it persists            |
| SubmitFailed   | nothing: the orderers refused it      | repeat with the same request_id, later if it persists            |
| CommitFailed   | nothing: every peer marked it invalid | repeat with the same request_id; `code` says why                 |
| OutcomeUnknown | not known                             | ask `receipt(request_id)`, or repeat with the same request_id    |
| EvaluateFailed | nothing: it was a question            | repeat                                                           |

A lost answer is therefore never taken for a failure. Repeating is safe because a request_id is carried out once.
"""

from __future__ import annotations

TOO_LARGE = "TRANSACTION_TOO_LARGE"
"""The code of a transaction, or of what is answered to it, that exceeds what orderers or the connections carry."""


class LedgerError(Exception):
    """`code` is stable and for programs, `detail` for people; as text `CODE: detail`.

    `passing` says that the cause is likely to pass by itself: a peer that restarts, or lags behind the others.
    """

    def __init__(self, code: str, detail: str, *, transaction_id: str | None = None, passing: bool = False) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.transaction_id = transaction_id
        self.passing = passing


class Rejected(LedgerError):
    """A rule of the ledger refused the operation or the query; `code` is one of `chaincode.spec.kernel.codes.CODES`.

    `passing` when another organisation's peer endorsed what one refused: one of the two lags behind, or goes by other
    rules."""


class EvaluateFailed(LedgerError):
    """A query got no answer. Codes: LEDGER_UNAVAILABLE, EVALUATE_FAILED, TIMESTAMP_REFUSED."""


class EndorseFailed(LedgerError):
    """Too few peers signed the transaction, so it was never ordered.

    Codes: LEDGER_UNAVAILABLE, ENDORSE_FAILED, CHAINCODE_UNAVAILABLE, ENDORSEMENT_MISMATCH (the peers computed different
    results, as happens while one lags behind), TIMESTAMP_REFUSED (the timestamp lies outside the peers' time window),
    TRANSACTION_TOO_LARGE.
    """


class SubmitFailed(LedgerError):
    """The ordering service said no, so the transaction is in no block. Codes: SUBMIT_FAILED; TRANSACTION_TOO_LARGE;
    ORDERER_UNAVAILABLE where it was only asked whether it is there."""


class CommitFailed(LedgerError):
    """The transaction is in a block and marked invalid: it changed nothing.

    `code` is Fabric's validation code, such as MVCC_READ_CONFLICT; `block_number` is where it stands.
    """

    def __init__(self, code: str, detail: str, *, transaction_id: str, block_number: int) -> None:
        super().__init__(code, detail, transaction_id=transaction_id)
        self.block_number = block_number


class OutcomeUnknown(LedgerError):
    """The transaction was sent, and its outcome was not seen in time. Codes: OUTCOME_UNKNOWN."""
