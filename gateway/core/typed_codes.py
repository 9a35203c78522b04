"""Codes as people type and say them: payment codes, order and receipt numbers, one-time codes."""

from __future__ import annotations

import unicodedata


def plain_code(text: str) -> str:
    """The code that is meant, for comparing: in small letters, full-width forms as ASCII (Unicode NFKC), without dashes
    of any kind, blanks and invisible characters."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in folded if unicodedata.category(one) not in ("Pd", "Cf", "Cc") and not one.isspace())
