"""Tells a rule's refusal from a failure, in what peers say."""

from __future__ import annotations

import re

from chaincode.spec.kernel.codes import CODES
from gateway.ledger.errors import TOO_LARGE, EndorseFailed, EvaluateFailed, Rejected

REFUSAL = re.compile(
    r"(?:^|chaincode response \d+, )([A-Z][A-Z0-9_]*): (.*?)(?:; [A-Za-z0-9.-]+ at [^ ;]+:\d+: .*)?\Z", re.DOTALL
)
"""A refusal as the chaincode words it, without what each peer says of it behind that (`channels.explain`)."""
OTHER_RESULT = "do not match"
"""What is said of an organisation that endorsed, with another result than the one before it."""
PASSING_SAYINGS = (
    OTHER_RESULT,  # a peer has not committed yet what another has
    "no combination of peers",
    "no peers available",
    "connection refused",
    "could not launch chaincode",
    "stream terminated",
    "Unavailable",
)
"""What peers say while one of them lags behind or restarts."""


NO_CHAINCODE = (
    "could not launch chaincode",
    "chaincode stream",
    "failed to invoke chaincode",
    "error creating grpc connection",
)
"""What a peer says that does not reach its chaincode server."""
WRONG_DATE = "incorrect timestamp"
SIZE_SAYINGS = (
    "exceeds maximum allowed",  # an orderer: message payload is 40000000 bytes and exceeds maximum allowed 33554432 bytes
    "message larger than max",  # gRPC, of what is sent as of what is received
)
"""What orderers and connections say of what is too large for them."""


def refusal_in(message: str, *, transaction_id: str | None = None) -> Rejected | None:
    """The refusal in a chaincode's error message, `CODE: detail`; None when it is something else."""
    found = REFUSAL.search(message)
    if found is None or found[1] not in CODES:
        return None
    return Rejected(found[1], found[2], transaction_id=transaction_id)


def is_too_large(message: str) -> bool:
    """Whether the message tells that something was too large: the same will be so again."""
    return any(saying in message for saying in SIZE_SAYINGS)


def is_passing(message: str) -> bool:
    """Whether the message tells of something that is likely to pass by itself."""
    return any(saying in message for saying in PASSING_SAYINGS)


def query_failure(message: str, *, passing: bool) -> Rejected | EvaluateFailed:
    """The error for a query that got no answer: the refusal in the message, or a failure."""
    if WRONG_DATE in message:
        return EvaluateFailed("TIMESTAMP_REFUSED", message)
    code = "LEDGER_UNAVAILABLE" if passing or is_passing(message) else "EVALUATE_FAILED"
    return refusal_in(message) or EvaluateFailed(code, message, passing=code == "LEDGER_UNAVAILABLE")


def endorsement_failure(message: str, *, transaction_id: str | None, passing: bool) -> Rejected | EndorseFailed:
    """The error for a call that was not endorsed: the refusal in the message, or a failure with the code that fits."""
    refusal = refusal_in(message, transaction_id=transaction_id)
    if refusal is not None:
        return refusal
    if WRONG_DATE in message:
        return EndorseFailed("TIMESTAMP_REFUSED", message, transaction_id=transaction_id)
    if is_too_large(message):
        return EndorseFailed(TOO_LARGE, message, transaction_id=transaction_id)
    passing = passing or is_passing(message)
    if OTHER_RESULT in message:
        return EndorseFailed("ENDORSEMENT_MISMATCH", message, transaction_id=transaction_id, passing=passing)
    code = "CHAINCODE_UNAVAILABLE" if any(saying in message for saying in NO_CHAINCODE) else "ENDORSE_FAILED"
    return EndorseFailed(code, message, transaction_id=transaction_id, passing=passing)
