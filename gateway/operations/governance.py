"""What the gateway adds to the operations by which merchants decide together."""

from __future__ import annotations

from gateway.operations.record import Deed, OperationRecord
from gateway.security.access_rules import books

RECORDS = (
    OperationRecord("Propose", books(), event="proposal.made", approval=Deed.MERCHANTS),
    OperationRecord("Vote", books(), event="proposal.voted", approval=Deed.MERCHANTS),
)
