"""How names and texts are written in a file for the bank."""

from __future__ import annotations

import enum
import re

from anyascii import anyascii

from gateway.core.errors import GatewayError

TEXT_CHARACTERS_MAX = 140
"""Of a name or a line of remittance information (Max140Text)."""
_OUTSIDE_LATIN = re.compile(r"[^A-Za-z0-9/?:().,'+ -]")


class Charset(enum.StrEnum):
    """Which characters a bank takes."""

    UNICODE = "unicode"
    """All; names as they are."""
    LATIN = "latin"
    """Those of the SEPA guidelines (EPC217-08): Latin letters, digits, `/ - ? : ( ) . , ' +` and the space."""


def write_text(text: str, charset: Charset, what: str) -> str:
    """Returns a name or text in a charset, at most TEXT_CHARACTERS_MAX long; a longer one is cut at a character, and
    dots at its end mark that. Raises GatewayError BANK_NAME_UNWRITABLE, naming `what`, where no letter or digit would
    be left."""
    mark = "…"
    if charset == Charset.LATIN:
        mark = "..."
        text = " ".join(_OUTSIDE_LATIN.sub(" ", anyascii(text)).split())
        if not any(one.isalnum() for one in text):
            raise GatewayError(
                "BANK_NAME_UNWRITABLE", f"{what} has no Latin form; use the charset {Charset.UNICODE}, or name it anew"
            )
    if len(text) <= TEXT_CHARACTERS_MAX:
        return text
    return text[: TEXT_CHARACTERS_MAX - len(mark)] + mark
