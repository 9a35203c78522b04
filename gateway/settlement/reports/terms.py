"""What every report says of itself, and of the classes in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from chaincode.spec.kernel.netting import round_half_even
from gateway.core.schemas import FixedSchema

WHOLE_BASIS_POINTS = 10_000


class ReportHead(FixedSchema):
    """The money that a report counts in, and the last block that it knows."""

    currency: str
    minor_unit_millionths: int = Field(description="What the smallest coin is worth.")
    block_number: int


class ClassTerms(FixedSchema):
    """A class as reports name it. Points are counted in its smallest units, of which one unit has 10^decimals."""

    class_id: str
    name: str
    issuer_msp: str
    decimals: int
    unit_value_millionths: int


def class_terms(point_class: Mapping[str, Any]) -> ClassTerms:
    """What reports say of a class, from the ledger's document."""
    return ClassTerms(**{name: point_class[name] for name in ClassTerms.model_fields})


def basis_points(part: int, whole: int) -> int | None:
    """`part` of `whole` in hundredths of a percent, half to even; None of nothing."""
    return round_half_even(WHOLE_BASIS_POINTS * part, whole)[0] if whole > 0 else None
