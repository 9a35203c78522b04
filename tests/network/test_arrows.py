"""Arrows that the linter's contracts cannot see."""

from __future__ import annotations

import re
from pathlib import Path


def test_nobody_takes_hfc_in_by_its_name_as_text() -> None:
    """What the linter's contract cannot see."""
    root = Path(__file__).parents[2]
    named = re.compile(r"(import_module|__import__)\(f?[\"']hfc\b")
    files = [file for room in ("admin", "chaincode", "gateway", "network") for file in (root / room).rglob("*.py")]
    assert len(files) > 200
    assert [str(file) for file in files if named.search(file.read_text("utf-8"))] == []
