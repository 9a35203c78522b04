"""Fills the marked parts of the documents: what stands between `<!-- made by jifen documents write: NAME -->` and `<!--
end -->`."""

from __future__ import annotations

import re
from pathlib import Path

from admin.errors import BadInput
from admin.tools.reference.examples import EXAMPLES
from admin.tools.reference.gateway import TABLES as GATEWAY_TABLES
from admin.tools.reference.network import TABLES as NETWORK_TABLES
from admin.tools.reference.tables import TABLES

ROOT = Path(__file__).resolve().parents[3]
FILES = ("README.md", "chaincode/README.md", "gateway/API.md", "network/README.md")
MAKERS = {**TABLES, **EXAMPLES, **GATEWAY_TABLES, **NETWORK_TABLES}
_PART = re.compile(r"(<!-- made by jifen documents write: ([a-z0-9_]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(text: str) -> str:
    """The text with every marked part made anew. Raises BadInput DOCUMENT_PART_UNKNOWN for a name that nothing
    makes."""

    def part(found: re.Match[str]) -> str:
        name = found[2]
        make = MAKERS.get(name)
        if make is None:
            raise BadInput("DOCUMENT_PART_UNKNOWN", f"{name}; there are {', '.join(MAKERS)}")
        return f"{found[1]}{make()}\n{found[3]}"

    return _PART.sub(part, text)


def parts(text: str) -> list[str]:
    """The names of the marked parts of a text, in order."""
    return [found[2] for found in _PART.finditer(text)]


def write(root: Path = ROOT) -> list[str]:
    """Makes all parts of all documents anew; gives the files that changed."""
    changed = stale(root)
    for name in changed:
        file = root / name
        file.write_text(filled(file.read_text("utf-8")), "utf-8")
    return changed


def stale(root: Path = ROOT) -> list[str]:
    """The documents that are not what the code makes of them."""
    texts = {name: (root / name).read_text("utf-8") for name in FILES}
    return [name for name, text in texts.items() if filled(text) != text]
