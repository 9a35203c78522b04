"""Which rooms the tests' own modules may import."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROOMS = sorted(folder.name for folder in TESTS.iterdir() if any(folder.glob("**/*.py")))
OF_THE_DEMO = {"admin", "system"}
"""The rooms in which the demo itself is tested."""
PATCHING = ("setattr", "getattr", "delattr", "object")
"""Functions that take a name as a text; `object` is mock's `patch.object`."""


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


def private(name: str) -> bool:
    """Whether a name, or the last part of a dotted one, is somebody's own."""
    last = name.rpartition(".")[2]
    return last.startswith("_") and not last.startswith("__") and last != "_"


def reached_into(tree: ast.AST) -> Iterator[str]:
    """Every private name that is read, set, patched or imported of another object, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and private(node.attr):
            if ast.unparse(node.value) not in ("self", "cls", "super()"):
                yield f"{node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.lineno}: {alias.name}" for alias in node.names if private(alias.name))
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in PATCHING:
            texts = [one.value for one in node.args[:2] if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            yield from (f"{node.lineno}: {text}" for text in texts if private(text))


@pytest.mark.parametrize("room", [*ROOMS, "."])
def test_tests_do_as_others_do(room: str) -> None:
    """What is private is an object's own business: a test uses what is public, or something public is missing."""
    files = (TESTS / room).rglob("*.py") if room != "." else TESTS.glob("*.py")
    found = {file: [*reached_into(ast.parse(file.read_text("utf-8")))] for file in files}
    assert {str(file.relative_to(TESTS)): names for file, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("one._count", 1),
        ("one._count = 2", 1),
        ("one.other._count.size", 1),
        ("from somewhere import _count", 1),
        ("monkeypatch.setattr(one, '_count', 2)", 1),
        ("monkeypatch.setattr('somewhere.one._count', 2)", 1),
        ("getattr(one, '_count')", 1),
        ("self._count, cls._count, super()._count, one.__class__, one.count", 0),
        ("monkeypatch.setattr(one, 'count', '_')", 0),
    ],
)
def test_what_is_reached_into_is_seen(code: str, count: int) -> None:
    assert len([*reached_into(ast.parse(code))]) == count


def test_every_scene_is_in_the_readme() -> None:
    """Each once in the table, but waiting, which has a section of its own."""
    told = re.findall(r"^\|.*`scenes\.(\w+)`", (TESTS / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted([*told, "waiting"]) == sorted(file.stem for file in (TESTS / "scenes").glob("*.py"))


def test_there_is_something_to_look_at() -> None:
    assert {"admin", "browser", "chaincode", "gateway", "network", "scenes", "spec", "system"} <= {*ROOMS}
    assert sum(len(list(imported(room))) for room in ROOMS) > 1000
