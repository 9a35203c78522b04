"""Holds the documents to the code."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

from admin.exit_codes import MEANINGS

ROOT = Path(__file__).resolve().parents[2]


def dependencies() -> set[str]:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    extras = setup["options.extras_require"]
    lines = "\n".join([setup["options"]["install_requires"], extras["dev"], extras["tracing"]])
    return {
        re.split(r"[ =<>\[]", line.strip())[0]
        for line in lines.splitlines()
        if line.strip() and line.strip()[0] != "#" and not line.strip().startswith("jifen[")
    }


def test_every_dependency_is_explained_and_locked() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text()
    lock = (ROOT / "scripts" / "environment.lock").read_text().lower()
    for name in dependencies():
        assert name in table or name.startswith("types-"), name
        assert f"\n{name.lower()}==" in "\n" + lock, name


def test_the_exit_codes_are_told_as_they_are() -> None:
    text = " ".join((ROOT / "CONTRIBUTING.md").read_text().split())
    for code in MEANINGS:
        assert re.search(rf"\b{code.value} ", text), code


def test_the_lock_names_no_host_and_hashes_everything() -> None:
    lock = (ROOT / "scripts" / "environment.lock").read_text()
    assert "://" not in lock
    entries = re.split(r"\n(?=[a-z])", lock)
    assert len(entries) > 50
    for entry in entries:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]
