"""What can be set about second persons."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from chaincode.spec.kernel.limits import INTEGER_MAX
from gateway.core.schemas import FixedSchema
from gateway.operations.record import Deed
from gateway.operations.records import VALUED
from gateway.oversight.valuation import MILLION


class ApprovalSettings(FixedSchema):
    """What staff may do alone. `value_limits`: of each operation, what one person may move within 24 hours, in whole
    units of the settlement currency; over that a second person confirms. 0: each that is worth anything needs one; an
    operation that is left out has no limit. `second_person`: the deeds that need one each time."""

    value_limits: dict[str, Annotated[int, Field(ge=0, le=INTEGER_MAX // MILLION)]] = Field(
        default_factory=lambda: {
            "Issue": 1_000,
            "Accrue": 2_000,
            "WithdrawToWallet": 500,
            "ReverseIssue": 100,
            "Refund": 500,
            "Capture": 5_000,
        }
    )
    second_person: tuple[Deed, ...] = tuple(Deed)
    seconds: int = Field(default=3 * 86_400, ge=600, description="How long a request waits for its second person.")

    @model_validator(mode="after")
    def _known(self) -> ApprovalSettings:
        if unknown := sorted(set(self.value_limits) - set(VALUED)):
            raise ValueError(f"value_limits: {unknown[0]} is none of {', '.join(VALUED)}")
        return self

    def limit_of(self, op: str) -> int | None:
        """The operation's limit in millionths, None where it has none."""
        found = self.value_limits.get(op)
        return None if found is None else found * MILLION
