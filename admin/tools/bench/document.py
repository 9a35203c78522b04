"""The form of every bench's answer: `{"machine", "goals": {name: {"figure", "goal", "met"}}, "runs"}`."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from typing import Any

import psutil

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Goal:
    """A figure and what it should at least be (at most, where `at_most`)."""

    figure: float
    goal: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Whether it is."""
        return self.figure <= self.goal if self.at_most else self.figure >= self.goal

    def document(self) -> dict[str, Any]:
        """The goal as it stands in the answer."""
        return {"figure": round(self.figure, 3), "goal": self.goal, "met": self.met}


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "cores": os.cpu_count(),
        "memory_mebibytes": psutil.virtual_memory().total // MEBIBYTE,
        "processor": platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def answer(goals: dict[str, Goal], runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole document."""
    return {
        "machine": machine(),
        "goals": {name: goal.document() for name, goal in goals.items()},
        "runs": runs,
    }
