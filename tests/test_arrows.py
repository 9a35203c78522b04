"""Which rooms the tests' own modules may import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROOMS = sorted(folder.name for folder in TESTS.iterdir() if any(folder.glob("**/*.py")))
OF_THE_DEMO = {"admin", "system"}
"""The rooms in which the demo itself is tested."""


def imported(room: str) -> Iterator[tuple[str, str]]:
    """(file, module or name in a module) of every import in a room."""
    for file in sorted((TESTS / room).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            where = str(file.relative_to(TESTS))
            if isinstance(node, ast.ImportFrom):
                yield from ((where, f"{node.module}.{alias.name}") for alias in node.names)
            elif isinstance(node, ast.Import):
                yield from ((where, alias.name) for alias in node.names)


@pytest.mark.parametrize("room", sorted({*ROOMS} - OF_THE_DEMO))
def test_nothing_but_its_own_tests_needs_the_demo(room: str) -> None:
    assert [found for found in imported(room) if found[1].startswith("admin.demo")] == []


@pytest.mark.parametrize("room", ROOMS)
def test_what_rooms_share_stands_in_scenes(room: str) -> None:
    others = [found for found in imported(room) if found[1].startswith("tests.")]
    assert [found for found in others if found[1].split(".")[1] not in (room, "scenes")] == []


@pytest.mark.parametrize("room", ROOMS)
def test_what_tests_share_stands_in_no_test(room: str) -> None:
    """A module of tests is imported by nobody: what two of them need stands in a scene or a module beside them."""
    parts = {found: found[1].split(".") for found in imported(room) if found[1].startswith("tests.")}
    assert [found for found, names in parts.items() if any(name.startswith("test_") for name in names)] == []


def test_there_is_something_to_look_at() -> None:
    assert {"admin", "browser", "chaincode", "gateway", "network", "scenes", "spec", "system"} <= {*ROOMS}
    assert sum(len(list(imported(room))) for room in ROOMS) > 1000
