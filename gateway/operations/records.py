"""The record of every operation, by its name."""

from __future__ import annotations

from collections.abc import Mapping

from chaincode.spec.operations import OPERATIONS
from gateway.operations import classes, collateral, consortium, governance, holds, legacy, members, points, settlement
from gateway.operations.record import OVER_A_LIMIT, Deed, OperationRecord

RECORDS: Mapping[str, OperationRecord] = {
    record.op: record
    for subject in (consortium, governance, classes, members, points, holds, legacy, collateral, settlement)
    for record in subject.RECORDS
}
VALUED = tuple(sorted(record.op for record in RECORDS.values() if record.approval == OVER_A_LIMIT))
"""What staff do over and over, and may do alone up to a value a day."""
DEEDS: Mapping[str, Deed] = {
    record.op: record.approval for record in RECORDS.values() if isinstance(record.approval, Deed)
}
"""What a second person confirms each time."""

if missing := sorted(set(OPERATIONS) ^ set(RECORDS)):
    raise ValueError(f"operations and their records are not the same: {', '.join(missing)}")
