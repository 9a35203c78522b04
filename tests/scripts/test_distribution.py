"""What is installed without this folder: every file that the packages hold goes along."""

from __future__ import annotations

import configparser
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOR_READERS = ("*.md", "*.png", "ORIGIN*")
"""Not needed to run: guides, and the pictures that they show."""


def test_every_file_of_the_packages_is_packed() -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    patterns = settings["options.package_data"]["*"].split()
    packages = [name.rstrip("*") for name in settings["options.packages.find"]["include"].split()]
    files = [
        file.relative_to(ROOT).as_posix()
        for package in packages
        for file in (ROOT / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and "node_modules" not in file.parts
    ]
    assert any(file.endswith("cdnow_sample.csv") for file in files)
    left_out = [
        file for file in files if not any(fnmatch(Path(file).name, one) for one in ("*.py", *patterns, *FOR_READERS))
    ]
    assert left_out == []
