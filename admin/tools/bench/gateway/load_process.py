"""The load generator, in a process of its own: `python -m admin.tools.bench.gateway.load_process`.

Takes one line of JSON on standard input, `{host, port, clients, seconds, requests: [[kind, text], …]}`, says `ready`
once every client is connected, begins at the next line, and prints one JSON document: seconds, its own CPU seconds,
latencies by kind, statuses, refusals, failures, and where the end of what was answered with 202 can be asked for.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import uvloop

from admin.tools.bench.gateway.connection import Connection, Reply

REFUSED_FROM = 400
ACCEPTED = 202


class Load:
    """Clients that ask one request after the other until the time is over or none is left."""

    def __init__(self, host: str, port: int, clients: int, seconds: float, requests: list[tuple[str, bytes]]) -> None:
        self._connections = [Connection(host, port) for _ in range(clients)]
        self._seconds = seconds
        self._source: Iterator[tuple[str, bytes]] = iter(requests)
        self.latencies_seconds: dict[str, list[float]] = defaultdict(list)
        self.statuses: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.pending: list[str] = []
        self.seconds = 0.0

    async def connect(self) -> None:
        """Opens every client's connection."""
        for connection in self._connections:
            await connection.open()

    async def run(self) -> None:
        """The whole load. Whatever is in flight when the time is over is waited for."""
        started = time.monotonic()
        await asyncio.gather(*(self._client(one, started + self._seconds) for one in self._connections))
        self.seconds = time.monotonic() - started

    async def _client(self, connection: Connection, end: float) -> None:
        for kind, request in self._source:
            begun = time.monotonic()
            try:
                reply = await connection.ask(request)
            except (OSError, EOFError) as error:
                self.failures[f"{kind} {type(error).__name__}"] += 1
            else:
                self._note(kind, reply, time.monotonic() - begun)
            if time.monotonic() >= end:
                break
        await connection.close()

    def _note(self, kind: str, reply: Reply, seconds: float) -> None:
        self.statuses[f"{kind} {reply.status}"] += 1
        if reply.status >= REFUSED_FROM:
            self.refusals[f"{kind} {reply.status} {reply.document().get('code')}"] += 1
            return
        if reply.status == ACCEPTED:
            self.pending.append(reply.document()["href"])
        self.latencies_seconds[kind].append(seconds)

    def document(self) -> dict[str, Any]:
        """What is told to whoever started the process."""
        return {
            "seconds": self.seconds,
            "latencies_seconds": self.latencies_seconds,
            "statuses": self.statuses,
            "refusals": self.refusals,
            "failures": self.failures,
            "pending": self.pending,
            "connections": sum(one.opened for one in self._connections),
        }


async def main(job: dict[str, Any]) -> dict[str, Any]:
    """The whole life of the process."""
    requests = [(kind, text.encode()) for kind, text in job["requests"]]
    load = Load(job["host"], job["port"], job["clients"], job["seconds"], requests)
    await load.connect()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    gc.freeze()  # what was made beforehand is not gone through again and again
    cpu = time.process_time()
    await load.run()
    return {**load.document(), "cpu_seconds": time.process_time() - cpu}


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(main(json.loads(sys.stdin.readline())))))
