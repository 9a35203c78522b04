"""Structured logs: one JSON object a line (or plain text, for people), through which a request's trace id leads to its transaction id.

What is secret never reaches a log: values under names that tell of secrets are blotted out here, as the last of several defences.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

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
    handler = logging.StreamHandler(sys.stderr)
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
