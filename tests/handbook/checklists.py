"""The checklists of CONTRIBUTING, as data: what is touched by hand to add something, and what names what was forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "CONTRIBUTING.md"
NOBODY = "no check"
"""What stands in the place of a check where none can tell."""

_HEADING = re.compile(r"^### (.+)$", re.MULTILINE)
_ITEM = re.compile(r"^\d+\. (.+(?:\n {2,}.+)*)", re.MULTILINE)
_LINE = re.compile(rf"`([^`]+)`.*?Forgotten:\s+(?:`([^`]+)`|{NOBODY})", re.DOTALL)
_PLACEHOLDER = re.compile(r"<\w+>")


@dataclass(frozen=True)
class Line:
    """One line of a checklist: the pattern of a file, as `spec/nouns/<noun>.py`, and the check that tells that it was
    forgotten: a test, `go test` of a package, or NOBODY."""

    pattern: str
    check: str

    def fits(self, path: str, names: Mapping[str, str]) -> bool:
        """Whether the pattern is one of `path`, where its placeholders stand for these names, or any name."""
        pattern = self.pattern
        for name, value in names.items():
            pattern = pattern.replace(f"<{name}>", value)
        return re.fullmatch("[^/]+".join(map(re.escape, _PLACEHOLDER.split(pattern))), path) is not None

    @property
    def glob(self) -> str:
        """The pattern with `*` for each placeholder."""
        return _PLACEHOLDER.sub("*", self.pattern)


def checklists() -> dict[str, list[Line]]:
    """The lines of each checklist by its heading, as `An operation`."""
    section = PAGE.read_text("utf-8").partition("\n## Adding to the house\n")[2].partition("\n## ")[0]
    _, *parts = _HEADING.split(section)
    return {name: list(_lines(text)) for name, text in zip(parts[::2], parts[1::2], strict=True)}


def _lines(text: str) -> Iterator[Line]:
    for item in _ITEM.findall(text):
        found = _LINE.search(item)
        assert found is not None, f"neither a file nor what tells that it was forgotten: {item}"
        yield Line(found[1], found[2] or NOBODY)


def codes_in(page: Path) -> list[str]:
    """What stands in single backticks on a page."""
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", page.read_text("utf-8"))
