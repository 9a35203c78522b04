"""Minor units of currencies, in millionths of the unit, as ISO 4217 has them: none, cents, mills, or
ten-thousandths."""

from __future__ import annotations

MINOR_UNITS_MILLIONTHS = (1_000_000, 10_000, 1_000, 100)
"""For 0, 2, 3 and 4 decimal places (yen, yuan, dinar, unidad de fomento)."""


def fault_of_minor_unit(millionths: int) -> str | None:
    """Says why this is the minor unit of no currency, None when it can be one."""
    if millionths in MINOR_UNITS_MILLIONTHS:
        return None
    known = ", ".join(f"{one:,}" for one in MINOR_UNITS_MILLIONTHS)
    return f"{millionths:,} is the minor unit of no currency of ISO 4217; one of {known} (fen and cent: 10,000)"
