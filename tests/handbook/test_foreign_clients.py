"""The handbook's page on foreign clients: each of its blocks is run on one real network, and prints what the page says."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from network.journeys.local import LocalNetwork
from network.programs.go import go_program
from network.programs.program_sets import provide
from tests.handbook.guide import steps
from tests.handbook.reader import Block, blocks, do, pattern

PROJECT = Path(__file__).parents[2]
HANDBOOK = PROJECT / "admin" / "handbook"
PAGE = (HANDBOOK / "foreign-clients.md").read_text("utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where the first two sections of the first day lead to, taken down whatever happened."""
    begin, _, _ = (HANDBOOK / "first-day.md").read_text("utf-8").partition("## 3.")
    try:
        for step in steps(begin):
            if step.kind == "file":
                (tmp_path / "consortium.yaml").write_text(step.words[0], "utf-8")
            else:
                line = [sys.executable, "-m", "admin.cli", *shlex.split(step.words[0])[1:]]
                done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
                assert done.returncode == 0, f"{step.words[0]}\n{done.stderr}"
        yield tmp_path
    finally:
        network = LocalNetwork(tmp_path / "network")
        if network.folder.marker.is_file():
            network.down()


@pytest.fixture
def environment() -> dict[str, str]:
    """What the page says that a reader needs."""
    programs = [Path(sys.executable).parent, Path(go_program()).parent, provide().fabric]
    path = os.pathsep.join([*map(str, programs), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "JIFEN": str(PROJECT)}


@pytest.mark.fabric
@pytest.mark.timeout(600)
def test_every_client_of_the_page_does_what_the_page_says(folder: Path, environment: dict[str, str]) -> None:
    for block in blocks(PAGE):
        do(block, folder, environment)


def test_no_block_is_passed_over() -> None:
    found = list(blocks(PAGE))
    fences = PAGE.count("\n```") // 2
    assert len(found) + sum(bool(block.printed) for block in found) == fences
    assert {block.file for block in found if block.file} == {
        "member.py",
        "issue.mjs",
        "main.go",
        "ask.py",
        "register.py",
    }


def test_programs_of_the_page_are_short() -> None:
    lines = {block.file: block.text.count("\n") for block in blocks(PAGE) if block.file}
    assert lines["issue.mjs"] <= 40
    assert lines["main.go"] <= 60
    assert all(len(line) <= 120 for block in blocks(PAGE) if block.file for line in block.text.splitlines())


@pytest.mark.parametrize(
    "page",
    [
        "```python\nprint()\n```",
        "```text\n1\n```",
        "Write into a file `a.py`:\n",
        "Write into a file `a`:\n```sh\n1\n```",
    ],
)
def test_a_block_that_is_not_understood_is_an_error(page: str) -> None:
    with pytest.raises(AssertionError):
        list(blocks(page))


def test_what_is_printed_is_compared(tmp_path: Path) -> None:
    environment = dict(os.environ)
    do(Block("f() { echo $1 $A; }; export A=1\n", 1), tmp_path, environment)
    do(Block("f x; f y\n", 2, printed="x 1\ny …\n"), tmp_path, environment)
    for text, printed in (
        ("f x\n", "y 1\n"),
        ("f x; f y\n", "x 1\n"),
        ("f x; false; f x\n", "x 1\n"),
        ("f x\n", "x …1\n1\n"),
    ):
        with pytest.raises(AssertionError, match="line 3"):
            do(Block(text, 3, printed=printed), tmp_path, environment)
    assert pattern("").search("anything")
