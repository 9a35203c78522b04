"""Slow clients occupy no worker thread: a request is given one when it has come whole, and every wait for a client
has an end.

A thread for each connection that has said anything would let a few dozen half-sent requests, from anybody, keep
everybody else out. So the worker's own loop reads ahead, without waiting: the head, and a body of up to
`AHEAD_BYTES_MAX`. What it read is handed on as it came, byte for byte; which request it is, and where it ends, is for
the server's parser alone to say. Longer bodies, and streams of lines, are read by the thread, which gives up on a
client that is silent, or slower than `BYTES_PER_SECOND_MIN`; so does an answer that is not fetched. Nor does the loop
itself wait for a client that was told goodbye and does not hang up.

It rests on undocumented parts of gunicorn's threaded worker, because waitress and granian, tried in its place, do not
hold this (`gateway/DESIGN.md`, decision 19).
"""

from __future__ import annotations

import errno
import re
import selectors
import socket
import struct
import time
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Any, Self

from gunicorn.workers.gthread import TConn, ThreadWorker

AHEAD_BYTES_MAX = 65_536
BYTES_PER_SECOND_MIN = 1024
FAREWELL_SECONDS = 2.0
FAREWELL_BYTES_MAX = 65_536
HEAD_END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.I)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.I)
EXPECTED = re.compile(rb"\A[^\r]* HTTP/1\.1\r\n(?:[^\r]+\r\n)*?expect:[ \t]*100-continue[ \t]*\r\n", re.I)
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LINES = re.compile(rb"\r\ncontent-type:[ \t]*application/x-ndjson", re.I)


def is_whole(data: bytes) -> bool:
    """Whether there is reason to wait no longer for more of a request that begins so."""
    end = data.find(HEAD_END)
    if len(data) > AHEAD_BYTES_MAX:
        return True
    if end < 0:
        return False
    head, body_bytes = data[: end + 2], len(data) - end - len(HEAD_END)
    if LINES.search(head):
        return True
    if CHUNKED.search(head):
        return body_bytes > 0 and data.endswith(HEAD_END)
    length = LENGTH.search(head)
    return length is None or body_bytes >= int(length[1]) or end + int(length[1]) > AHEAD_BYTES_MAX


class PatientSocket(socket.socket):
    """A client's connection. Its patience, in seconds, is what a request may make a thread wait, beyond what its
    bytes are worth."""

    def __init__(self, accepted: socket.socket, patience_seconds: float) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, fileno=accepted.detach())
        self._patience_seconds = self._left_seconds = patience_seconds
        self._ahead = b""
        self._encouraged = False
        whole = int(patience_seconds)
        limit = struct.pack("@ll", whole, int((patience_seconds - whole) * 1_000_000))
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self.setsockopt(socket.SOL_SOCKET, option, limit)

    def begin(self) -> Self:
        """A new request: patience is whole again."""
        self._left_seconds = self._patience_seconds
        self._encouraged = False
        return self

    @property
    def has_more(self) -> bool:
        """Whether something was read ahead that nobody took yet."""
        return bool(self._ahead)

    def read_ahead(self) -> bool:
        """Takes what has come, without waiting. Whether a thread should have the connection now: also at its end,
        or when it broke."""
        try:
            data = super().recv(AHEAD_BYTES_MAX)
        except BlockingIOError:
            pass
        except OSError:
            return True
        else:
            self._ahead += data
            if not data:
                return True
        if is_whole(self._ahead):
            return True
        self._encourage()
        return False

    def _encourage(self) -> None:
        """Says once that the body may come, to a client that waits for that (RFC 9110, 10.1.1). The server's parser may
        say it again, which clients pass over."""
        if not self._encouraged and HEAD_END in self._ahead and EXPECTED.match(self._ahead):
            self._encouraged = True
            with suppress(OSError):
                super().send(CONTINUE)

    def put_back(self, data: bytes) -> None:
        """Gives back what was taken of the next request."""
        self._ahead = data + self._ahead

    def drop(self) -> int:
        """Takes what has come, for nobody; how many bytes. 0 at the end, or when it broke."""
        try:
            return len(super().recv(FAREWELL_BYTES_MAX))
        except OSError:
            return 0

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """What was read ahead, then what comes; nothing, as at the end, once patience is over."""
        if self._ahead:
            data, self._ahead = self._ahead[:bufsize], self._ahead[bufsize:]
            return data
        if self._left_seconds <= 0:
            return b""
        began = time.monotonic()
        try:
            data = super().recv(bufsize, flags)
        except BlockingIOError:
            data = b""
        waited = time.monotonic() - began
        earned = self._left_seconds - waited + len(data) / BYTES_PER_SECOND_MIN
        self._left_seconds = min(earned, self._patience_seconds) if data else 0.0
        return data

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Sends everything. Raises BrokenPipeError, as when the client has gone, when nothing of it is taken for the
        length of patience."""
        try:
            super().sendall(data, flags)
        except BlockingIOError as error:
            raise BrokenPipeError(errno.EPIPE, "the client does not take its answer") from error


class PatientConnection(TConn):
    """A connection that says goodbye in the loop."""

    def __init__(self, worker: PatientWorker, accepted: socket.socket, address: Any, listener: Any) -> None:
        super().__init__(worker.cfg, PatientSocket(accepted, worker.patience_seconds), address, listener.getsockname())
        self._worker = worker
        self.drained_bytes = 0
        self.gone_at_seconds = 0.0

    def close(self, graceful: bool = False) -> None:
        """Ends it; gracefully so that the client gets the last of its answer (RFC 9112, 9.6)."""
        if graceful:
            self._worker.say_goodbye(self)
        else:
            super().close()


class PatientWorker(ThreadWorker):
    """Gunicorn's worker with threads, which gives them to whole requests only. `patience_seconds` is set before it
    runs."""

    patience_seconds = 20.0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._leaving: deque[PatientConnection] = deque()

    def accept(self, listener: Any) -> None:
        """Takes a connection, and waits for its request in the loop."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        if self.nr_conns >= self.worker_connections - 1:
            self._make_room()
        self.nr_conns += 1
        self._await_request(PatientConnection(self, client, address, listener))

    def _make_room(self) -> None:
        """Ends the connection that has been silent longest, so that the next one can still come."""
        for silent in (self.pending_conns, self.keepalived_conns):
            if silent:
                self._let_go(silent.popleft())
                return

    def _await_request(self, conn: Any) -> None:
        """Leaves a connection to the loop until its request is whole, or too late."""
        conn.timeout = time.monotonic() + self.patience_seconds
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: Any, client: Any) -> None:
        """More of a request, or the client has gone: then no thread need learn it, behind whose queue the dead
        would take the room of the living."""
        if not conn.sock.read_ahead():
            return
        if conn.sock.has_more:
            super().on_pending_socket_readable(conn, client)
        else:
            self.pending_conns.remove(conn)
            self._let_go(conn)

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """Another request on a connection that was kept, or its end."""
        if not conn.sock.read_ahead():
            self.poller.unregister(client)
            self.keepalived_conns.remove(conn)
            self._await_request(conn)
        elif conn.sock.has_more:
            super().on_client_socket_readable(conn, client)
        else:
            self.keepalived_conns.remove(conn)
            self._let_go(conn)

    def handle(self, conn: Any) -> Any:
        """One request, in a thread."""
        conn.sock.begin()
        return super().handle(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """After a request. What was read ahead of the next one makes the connection readable no more, so it is
        looked at here."""
        if conn.parser is not None:
            conn.sock.put_back(conn.parser.unreader.take_buffered())
        super().finish_request(conn, fs)
        if conn.sock.fileno() >= 0 and conn.sock.has_more and conn in self.keepalived_conns:
            self.on_client_socket_readable(conn, conn.sock)

    def say_goodbye(self, conn: PatientConnection) -> None:
        """Says that nothing more comes, and waits in the loop for the client to hang up."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            conn.close()
            return
        self.nr_conns += 1
        conn.gone_at_seconds = time.monotonic() + FAREWELL_SECONDS
        self._leaving.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_leaving_socket_readable, conn))

    def _on_leaving_socket_readable(self, conn: PatientConnection, client: Any) -> None:
        read_bytes: int = client.drop()
        conn.drained_bytes += read_bytes
        if not read_bytes or conn.drained_bytes > FAREWELL_BYTES_MAX:
            self._leaving.remove(conn)
            self._let_go(conn)

    def _let_go(self, conn: TConn) -> None:
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Ends, each second, the connections whose request does not come, or who do not hang up."""
        super().murder_pending()
        now = time.monotonic()
        while self._leaving and self._leaving[0].gone_at_seconds <= now:
            self._let_go(self._leaving.popleft())
