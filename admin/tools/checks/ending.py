"""How a run of pytest that is asked to end takes down what its tests brought up."""

from __future__ import annotations

import signal
from types import FrameType


def end_once() -> None:
    """From now on SIGTERM interrupts what is at work, once. Later signals are ignored: pytest's own, which follow when
    its workers do not end at once, would interrupt the taking down."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    for later in (signal.SIGTERM, signal.SIGINT):
        signal.signal(later, signal.SIG_IGN)
    raise KeyboardInterrupt
