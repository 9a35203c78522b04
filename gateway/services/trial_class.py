"""The class of no value by which a certification proves that a merchant works: it stands on the ledger from then on."""

from __future__ import annotations

CLASS_ID_LENGTH_MAX = 32


def trial_class_id(msp_id: str) -> str:
    """Names the trial class of a merchant."""
    return f"trial-{msp_id.lower()}"[:CLASS_ID_LENGTH_MAX]
