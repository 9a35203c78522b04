"""What a ledger has carried out before: a run that was ended is gone on with.

The ledger itself forgets requests after their time, and the demo's time begins anew with each run, so its log is asked.
"""

from __future__ import annotations

from chaincode.spec.kernel.authorisation import content_hash
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.signatures import address_of
from gateway.ledger.errors import Rejected
from gateway.ledger.port import Ledger, Receipt
from gateway.ledger.repetitions import told_operations


class Done:
    """The receipts of all operations in a ledger's log, by who authorised them and their request_id."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[str, Receipt]] = {}

    @classmethod
    async def of(cls, ledger: Ledger) -> Done:
        """Reads the log. Raises EvaluateFailed where the peer does not answer."""
        done = cls()
        async for block in ledger.blocks():
            for transaction in block.transactions:
                for told, sent in told_operations(transaction) if transaction.valid else ():
                    document = {**told, "code": "OK", "repeated": True, "tx_id": transaction.transaction_id}
                    receipt = Receipt(document, block.number)
                    done._found[told["authoriser"], told["request_id"]] = (content_hash(sent), receipt)
        return done

    def receipt(self, msp_id: str, operation: Json) -> Receipt | None:
        """That of an operation which this organisation sends; None where it is to be carried out yet. Raises Rejected
        REQUEST_ID_REUSED where the log has its request_id for another content."""
        authorization = operation.get("authorization")
        authoriser = address_of(authorization["public_key"]) if authorization else msp_id
        found = self._found.get((authoriser, operation["request_id"]))
        if found is None:
            return None
        content, receipt = found
        if content != content_hash(operation):
            raise Rejected("REQUEST_ID_REUSED", f"{authoriser}/{operation['request_id']}: the ledger holds another run")
        return receipt
