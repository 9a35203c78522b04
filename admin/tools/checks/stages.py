"""The stages of a test run: commands, each of which passes or fails."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Stage:
    """One command. `silent` means that it must print nothing on standard output, as `gofmt -l` does.
    `incomplete_status` is the exit status by which it says that what it checked holds, and that it could not check
    everything; the result's name then says so. `after` is a stage that must have passed before this one begins."""

    name: str
    command: list[str]
    folder: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    incomplete_status: int | None = None
    after: Stage | None = None


@dataclass(frozen=True)
class Result:
    """How a stage ended."""

    name: str
    passed: bool
    seconds: float


CHECKS = Stage("checks of the sources", [sys.executable, "-m", "admin.tools.checks.sources"])
PROGRAMS = Stage("Fabric's programs", [sys.executable, "-m", "admin.tools.checks.programs"])
