"""What may be a name that people read: of a person, a merchant, a class, the consortium."""

from __future__ import annotations

import re
import unicodedata

NOTHING_SEEN = "expected a name with at least one letter, digit or sign"
UNSEEN = "has the character {code}, which cannot be seen; leave it out"
BLANK_AROUND = "begins or ends with a blank; leave it out"
_JOINERS = ("\u200c", "\u200d")
"""Zero-width characters that some scripts and pictures need between others (Unicode UAX #31, section 2.3)."""
_SEEN = ("L", "N", "P", "S")
"""General categories of which something can be seen: letters, numbers, punctuation, symbols."""
_REFUSED = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Control characters, marks that turn the direction of writing or take no room, surrogates, ends of line and
paragraph."""


def fault_of_name(text: str) -> str | None:
    """Why `text` is no name, None when it is one: something in it can be seen, it begins and ends with that, and
    nothing in it changes unseen how what stands beside it is read (Unicode UAX #9, UTS #39)."""
    if not any(unicodedata.category(one)[0] in _SEEN for one in text):
        return NOTHING_SEEN
    for one in text:
        if unicodedata.category(one) in _REFUSED and one not in _JOINERS:
            return UNSEEN.format(code=f"U+{ord(one):04X}")
    if text != text.strip() or text[0] in _JOINERS or text[-1] in _JOINERS:
        return BLANK_AROUND
    return None


def in_chinese(fault: str) -> str | None:
    """What `fault_of_name` says, in Chinese; None for another text."""
    if fault == NOTHING_SEEN:
        return "名称至少要有一个能看见的字"
    if fault == BLANK_AROUND:
        return "首尾有空格，请去掉"
    unseen = re.fullmatch(re.escape(UNSEEN).replace(r"\{code\}", r"(U\+[0-9A-F]+)"), fault)
    return f"含有看不见的字符 {unseen[1]}，请去掉" if unseen else None
