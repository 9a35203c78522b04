"""Applies an example of something that is added to a copy of the tree.

An example is a folder that mirrors the tree. A file stands there whole where it is new; `<file>.edit` says what is
inserted into one that is there: after a line `@@ before: <line>` or `@@ after: <line>`, which names a line of the file,
the lines that stand before or behind it from then on.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.handbook.checklists import ROOT

EDIT = ".edit"
_MARK = re.compile(r"^@@ (before|after): (.*)\n", re.MULTILINE)


class Example:
    """An example, in its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files = {
            file.relative_to(folder).as_posix().removesuffix(EDIT): file
            for file in sorted(folder.rglob("*"))
            if file.is_file() and "__pycache__" not in file.parts
        }
        """Each by the path of what it adds or changes."""

    def put_into(self, tree: Path) -> None:
        """Makes all of it part of a tree."""
        for path, file in self.files.items():
            target = tree / path
            if file.suffix != EDIT:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)
                continue
            text = target.read_text("utf-8")
            for where, line, lines in _insertions(file):
                assert f"\n{text}".count(f"\n{line}\n") == 1, f"{file}: {line!r} is not one line of {path}"
                ahead, behind = f"\n{text}".split(f"\n{line}\n")
                whole = f"{lines}{line}\n" if where == "before" else f"{line}\n{lines}"
                text = f"{ahead}\n{whole}{behind}".removeprefix("\n")
            write(target, text)

    def take_out(self, tree: Path, path: str) -> None:
        """Makes one file of it what it was before, but for what was derived since."""
        target = tree / path
        if self.files[path].suffix != EDIT:
            target.unlink()
            return
        text = target.read_text("utf-8")
        for _, _, lines in _insertions(self.files[path]):
            assert text.count(lines) == 1
            text = text.replace(lines, "")
        write(target, text)


def _insertions(file: Path) -> list[tuple[str, str, str]]:
    """(before or after, the line named, the lines inserted) of an edit."""
    _, *parts = _MARK.split(file.read_text("utf-8"))
    return list(zip(parts[::3], parts[1::3], parts[2::3], strict=True))


def write(target: Path, text: str) -> None:
    """Writes a file anew; another tree that shares it keeps its own."""
    target.unlink()
    target.write_text(text, "utf-8")


def copy_tree(to: Path) -> None:
    """Copies every file of the project, committed or not yet."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def linked_tree(tree: Path, to: Path) -> Path:
    """A second tree of the same files, which takes no room of its own."""
    return Path(shutil.copytree(tree, to, copy_function=os.link))
