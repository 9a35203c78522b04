"""What may be a name that people read: of a person, a merchant, a class, the consortium."""

from __future__ import annotations

import unicodedata

_JOINERS = ("\u200c", "\u200d")
"""Zero-width characters that some scripts and pictures need between others (Unicode UAX #31, section 2.3)."""
_SEEN = ("L", "N", "P", "S")
"""General categories of which something can be seen: letters, numbers, punctuation, symbols."""
_REFUSED = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Control characters, marks that turn the direction of writing or take no room, surrogates, ends of line and paragraph."""


def fault_of_name(text: str) -> str | None:
    """Why `text` is no name, None when it is one: something in it can be seen, it begins and ends with that, and nothing in it changes unseen how what
    stands beside it is read (Unicode UAX #9, UTS #39)."""
    if not any(unicodedata.category(one)[0] in _SEEN for one in text):
        return "expected a name with at least one letter, digit or sign"
    for one in text:
        if unicodedata.category(one) in _REFUSED and one not in _JOINERS:
            return f"has the character U+{ord(one):04X}, which cannot be seen; leave it out"
    if text != text.strip() or text[0] in _JOINERS or text[-1] in _JOINERS:
        return "begins or ends with a blank; leave it out"
    return None
