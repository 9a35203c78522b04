"""A real HTTP server that takes webhooks, and answers as a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The webhook-id."""
        return self.headers["webhook-id"]

    @property
    def payload(self) -> Any:
        """The body's document."""
        return json.loads(self.body)

    @property
    def accounts(self) -> list[str]:
        """The accounts it is about."""
        return [change["account"] for change in self.payload["data"].get("changes", ())]

    @property
    def place(self) -> tuple[int, ...]:
        """Where it stands on the ledger."""
        return tuple(int(part) for part in self.payload["data"]["cursor"].split("-"))


Behaviour = Callable[[BaseHTTPRequestHandler, Received], None]


def answer(status: int, **headers: str) -> Behaviour:
    """Answers with a status."""

    def behave(handler: BaseHTTPRequestHandler, received: Received) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return behave


@dataclass
class Receiver:
    """What came in so far, in the order of arrival. `behaviour` may be changed at any time."""

    port: int = 0
    requests: list[Received] = field(default_factory=list)
    behaviour: Behaviour = field(default_factory=lambda: answer(204))
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        """Where it listens."""
        return f"http://{host}:{self.port}{path}"

    def wait(self, enough: Callable[[list[Received]], bool], seconds: float = 60.0) -> list[Received]:
        """The requests, as soon as there are enough."""
        with self.arrived:
            came = self.arrived.wait_for(lambda: enough(self.requests), seconds)
            assert came, f"{len(self.requests)} requests came within {seconds:g} s"
            return list(self.requests)

    def wait_count(self, count: int, seconds: float = 60.0) -> list[Received]:
        """The requests, as soon as there are so many."""
        return self.wait(lambda requests: len(requests) >= count, seconds)

    def once_each(self) -> list[Received]:
        """The requests without those whose id came before."""
        return list({request.id: request for request in reversed(self.requests)}.values())[::-1]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            body = self.rfile.read(size)
            if len(body) < size:  # the sender was killed in the middle: that is no request
                self.close_connection = True
                return
            received = Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            with receiver.arrived:
                receiver.requests.append(received)
                receiver.arrived.notify_all()
            receiver.behaviour(self, received)

        def log_message(self, format: str, *args: Any) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            return  # a sender that gave up is what some tests are about

    server = Server(("127.0.0.1", 0), Handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
