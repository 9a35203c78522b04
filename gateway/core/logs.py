"""Structured logs: one JSON object a line (or plain text, for people), through which a request's trace id leads to its
transaction id.

What is secret never reaches a log: values under names that tell of secrets are blotted out here, as the last of several
defences.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import MutableMapping
from typing import IO, Any, Literal

import structlog

SECRET_NAMES = re.compile(
    r"password|passphrase|secret|token|authorization|cookie|private_key|api_key|csrf|code_sent", re.I
)
SECRET_TEXTS = re.compile(
    r"jfk_[A-Za-z0-9]+_[A-Za-z0-9_-]+|whsec_[A-Za-z0-9+/=_-]+|-----BEGIN [A-Z ]*PRIVATE KEY-----.*", re.S
)
BLOT = "[secret]"


def blot(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blots out values under secret names, and texts that look like keys of ours."""
    for name, value in event.items():
        if SECRET_NAMES.search(name) and value is not None:
            event[name] = BLOT
        elif isinstance(value, str):
            event[name] = SECRET_TEXTS.sub(BLOT, value)
    return event


class LineHandler(logging.Handler):
    """Writes each line in one call of the system, and without a lock.

    The standard library's handler holds a lock while it writes. A thread that comes back from writing waits for the
    interpreter, and all others, which have the interpreter, wait for the lock: with 50 requests at once every line cost
    several milliseconds, one after the other.
    """

    def __init__(self, stream: IO[str]) -> None:
        super().__init__()
        self._stream = stream
        try:
            self._descriptor: int | None = stream.fileno()
        except OSError:  # a stream in memory
            self._descriptor = None

    def createLock(self) -> None:
        """None is needed: what threads share here does not change."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        """Writes the record's line. What goes wrong is told as the standard library tells it."""
        try:
            line = f"{self.format(record)}\n"
            if self._descriptor is None:
                self._stream.write(line)
                return
            data = line.encode("utf-8", "backslashreplace")
            while data:
                data = data[os.write(self._descriptor, data) :]
        except Exception:  # noqa: BLE001 - whatever it is, a log's line must not end the request
            self.handleError(record)


def set_up_logs(level: str = "info", form: Literal["json", "text"] = "json") -> None:
    """Sends all logs of the process, structlog's and the standard library's, to standard error in one form."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info,
        blot,
    ]
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = LineHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "asyncio", "hfc", "gunicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
