"""Serves one gateway: gunicorn with one worker process and many threads.

One worker, because one scheduler must see all of the gateway's operations; a second gateway of the same organisation
is a second process with other shard numbers (`ledger.first_shard`). The arbiter starts a worker anew when it dies,
and what it had taken with 202 goes on.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

import flask
import structlog
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from gateway.application import create_app
from gateway.core.event_loop import ease_collector
from gateway.core.logs import set_up_logs
from gateway.services.ledger_place import place_of
from gateway.serving.slow_clients import PatientWorker
from gateway.serving.tracing import trace
from gateway.settings import GatewaySettings

log = structlog.get_logger()
HEADER_BYTES_MAX = 16_384
KEEP_ALIVE_SECONDS = 5
HEARTBEAT_SECONDS = 60
FIRST = 1
"""The arbiter's number of the first worker."""


def call_before(number: signal.Signals, action: Callable[[], None]) -> None:
    """Calls `action` at a signal, before what is called now. Gunicorn has no hook for the beginning of a stop."""
    handler = signal.getsignal(number)

    def both(number: int, frame: FrameType | None) -> None:
        action()
        if callable(handler):
            handler(number, frame)

    signal.signal(number, both)
    signal.siginterrupt(number, False)


class PlainLogger(Logger):
    """Gunicorn's own lines go the way of all logs."""

    def setup(self, cfg: Any) -> None:
        """No handlers and levels of its own."""
        for each in (self.error_log, self.access_log):
            each.handlers.clear()
            each.propagate = True


class GatewayServer(BaseApplication):
    """Gunicorn around one gateway. `announce` is called with host and port once it serves, in the first worker's
    process."""

    def __init__(self, settings: GatewaySettings, announce: Callable[[str, int], None]) -> None:
        self.settings = settings
        self._announce = announce
        self._application: flask.Flask | None = None
        self._end_traces: Callable[[], None] = lambda: None
        super().__init__()

    def load_config(self) -> None:
        """Gunicorn's settings."""
        http = self.settings.http
        for name, value in {
            "bind": f"{http.host}:{http.port}",
            "workers": 1,
            "worker_class": PatientWorker,
            "threads": http.threads,
            "worker_connections": 4 * http.threads,
            "graceful_timeout": int(http.graceful_seconds),
            "timeout": HEARTBEAT_SECONDS,
            "keepalive": KEEP_ALIVE_SECONDS,
            "limit_request_line": HEADER_BYTES_MAX // 2,
            "limit_request_field_size": HEADER_BYTES_MAX // 2,
            "limit_request_fields": 64,
            "control_socket_disable": True,
            "logger_class": PlainLogger,
            "proc_name": f"jifen-gateway-{self.settings.org}",
            "post_worker_init": self._start,
            "worker_exit": self._stop,
        }.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, in the worker: threads and connections do not survive a fork."""
        app = create_app(self.settings, place_of(self.settings))
        self._end_traces = trace(app, self.settings)
        self._application = app
        return app

    def _start(self, worker: Any) -> None:
        worker.patience_seconds = self.settings.http.patience_seconds
        if self._application is not None:
            gateway = self._application.extensions["jifen"]
            gateway.start()
            call_before(signal.SIGTERM, gateway.begin_stop)
            ease_collector()
            log.info("worker_started", process=os.getpid())
            if worker.age == FIRST:
                self._announce(*worker.sockets[0].getsockname()[:2])

    def _stop(self, arbiter: Any, worker: Any) -> None:
        if self._application is not None:
            self._application.extensions["jifen"].stop()
            self._end_traces()
            log.info("worker_stopped", process=os.getpid())


def serve(settings: GatewaySettings, announce: Callable[[str, int], None]) -> None:
    """Serves until SIGTERM or SIGINT. What is in flight then is finished, or kept for the next start."""
    set_up_logs(settings.observation.log_level, settings.observation.log_format)
    GatewayServer(settings, announce).run()
