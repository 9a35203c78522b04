"""Reads a page of the handbook that is files to write, blocks for a shell, and what they print; and does it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

WRITE = re.compile(r"Write into a file `(?P<name>[\w.]+)`:$")
BLOCK_SECONDS = 300
STATE = ".shell"
"""Where what a block leaves behind in the shell, variables and functions, is kept for the next one."""


@dataclass(frozen=True)
class Block:
    """A block of the page: its text, and the file to write it into (empty for one that the shell runs). `printed` is
    what the page says that comes of it; `…` there stands for anything."""

    text: str
    line: int
    file: str = ""
    printed: str = ""


def blocks(page: str) -> Iterator[Block]:
    """All blocks of a page, in order. Raises AssertionError at one that is not understood."""
    lines = page.splitlines()
    last: Block | None = None
    file = ""
    number = 0
    while number < len(lines):
        line = lines[number]
        if not line.startswith("```"):
            found = WRITE.search(line)
            file = found["name"] if found else file
            number += 1
            continue
        end = lines.index("```", number + 1)
        kind, text = line[3:], "\n".join(lines[number + 1 : end]) + "\n"
        if kind == "text":
            assert last is not None, f"line {number + 1}: printed by what?"
            assert not last.file, f"line {number + 1}: a file prints nothing"
            last = Block(last.text, last.line, printed=text)
        else:
            assert (kind == "sh") != bool(file), f"line {number + 1}: a block of {kind!r}, for the file {file!r}"
            if last is not None:
                yield last
            last = Block(text, number + 1, file)
        file, number = "", end + 1
    assert not file, f"no block for the file {file}"
    if last is not None:
        yield last


def do(block: Block, folder: Path, environment: Mapping[str, str]) -> None:
    """Writes the block's file, or runs it in the folder, in a shell that knows what the blocks before have set. Raises
    AssertionError with all that it printed when it fails, or prints something else."""
    if block.file:
        (folder / block.file).write_text(block.text, "utf-8")
        return
    (folder / STATE).touch()
    script = f"set -euo pipefail\nsource {STATE}\n{block.text}\n{{ export -p; declare -f; }} > {STATE}\n"
    with subprocess.Popen(
        ["bash", "-c", script],
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as shell:
        try:
            printed, _ = shell.communicate(timeout=BLOCK_SECONDS)
        except BaseException:
            os.killpg(shell.pid, signal.SIGKILL)
            raise
    told = f"line {block.line}:\n{block.text}ended with {shell.returncode} and printed:\n{printed}"
    assert shell.returncode == 0, told
    assert pattern(block.printed).search(printed), f"{told}instead of:\n{block.printed}"


def pattern(printed: str) -> re.Pattern[str]:
    """What a block may print: the page's lines at the end of whatever else there is. A line `…` stands for any lines."""
    lines = [
        r"(?:.*\n)*" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n"
        for line in printed.splitlines()
    ]
    return re.compile("^" + "".join(lines) + r"\Z", re.MULTILINE) if lines else re.compile("")
