"""Reads a page of the handbook as whoever follows it would: commands to run, a file to write, and steps in browsers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

STEP = re.compile(r"- (?P<verb>open|press|tick|type|you see|note the \w+ as|)\s*(?P<rest>.+)")
FIELD = re.compile(r"\*\*(?P<label>.+?)\*\*: `(?P<value>[^`]*)`")
WHO = re.compile(r"(?P<who>\w+), in a browser at (?P<address>http://[\d.]+:\d+)")
MESSAGE = re.compile(r"with the newest message to (?:him|her|them) in `(?P<file>[^`]+)`")
PRINTED = re.compile(r"with what `(?P<command>[^`]+)` printed for the (?P<org>\w+)")
LATER = re.compile(r"(?P<days>Seven) days later:")
Kind = Literal[
    "later",
    "file",
    "run",
    "terminal",
    "who",
    "message",
    "printed",
    "open",
    "press",
    "tick",
    "type",
    "see",
    "note",
    "field",
]


@dataclass(frozen=True)
class Step:
    """One thing to do. `words` are what it is done with: a command, a label and a value, an address."""

    kind: Kind
    words: tuple[str, ...]
    line: int


def steps(text: str) -> Iterator[Step]:
    """All steps of a page, in order. Raises AssertionError at a list item that it does not understand."""
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        line = lines[number]
        if line.startswith("```"):
            end = lines.index("```", number + 1)
            yield from _block(line[3:], lines[number + 1 : end], number)
            number = end
        elif line.startswith("- "):
            yield _item(line, number)
        else:
            yield from _sentence(line, number)
        number += 1


def _block(kind: str, lines: list[str], number: int) -> Iterator[Step]:
    if kind == "yaml":
        yield Step("file", ("\n".join(lines) + "\n",), number)
    elif kind in ("sh", "sh terminal"):
        for line in lines:
            yield Step("run" if kind == "sh" else "terminal", (line,), number)
    else:
        raise AssertionError(f"line {number + 1}: a block of {kind!r}")


def _sentence(line: str, number: int) -> Iterator[Step]:
    found = WHO.match(line)
    if found:
        yield Step("who", (found["who"], found["address"]), number)
    found = LATER.fullmatch(line)
    if found:
        yield Step("later", (found["days"],), number)
    found = MESSAGE.search(line)
    if found:
        yield Step("message", (found["file"],), number)
    found = PRINTED.search(line)
    if found:
        yield Step("printed", (found["command"], found["org"]), number)


def _item(line: str, number: int) -> Step:
    found = FIELD.fullmatch(line[2:])
    if found:
        return Step("field", (found["label"], found["value"]), number)
    found = STEP.fullmatch(line)
    assert found is not None, f"line {number + 1}: {line}"
    quoted = tuple(re.findall(r"`([^`]+)`|\*\*(.+?)\*\*", found["rest"]))
    words = tuple(one or other for one, other in quoted)
    assert words, f"line {number + 1}: {line}"
    verb = found["verb"]
    if verb.startswith("note the "):
        return Step("note", (verb.split()[2], *words), number)
    kinds: dict[str, Kind] = {"open": "open", "press": "press", "tick": "tick", "type": "type", "you see": "see"}
    assert verb in kinds, f"line {number + 1}: {line}"
    return Step(kinds[verb], words, number)
