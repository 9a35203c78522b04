"""Messages to people, read back from the file of a gateway's sender."""

from __future__ import annotations

import json
import re
from pathlib import Path


def letters(path: Path) -> list[tuple[str, str]]:
    """(to, subject and text) of each message, oldest first."""
    if not path.exists():
        return []
    found = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [(one["to"], f"{one['subject']}\n\n{one['text']}") for one in found]


def code_to(path: Path, to: str) -> str:
    """The code in the newest message to somebody."""
    text = [text for receiver, text in letters(path) if receiver == to][-1]
    return str(re.findall(r"\b\d{8}\b", text)[-1])
