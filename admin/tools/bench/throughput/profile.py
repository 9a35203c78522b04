"""What limits: the functions that used most of a peer's CPU time during a run, and of this process's, as a few lines of
text."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import threading
import traceback
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Self

from network.errors import NetworkError
from network.folders import NetworkFolder
from network.programs.go import go_program

LINES = 12
SAMPLE_SECONDS = 0.01
CLEAR_OF_THE_ENDS_SECONDS = 1.0
GRACE_SECONDS = 30.0


async def peer_functions(folder: Path, org: str, seconds: float) -> list[str]:
    """`share function` of the peer's functions by the time in them and below, over so many seconds from now. One line
    with the reason where there is no profile: the peer serves none, or there is no Go to read it with."""
    port = NetworkFolder(folder).org(org).read_ports().get("peer0.profile")
    if port is None:
        return ["no profile: the network was not declared with profile_port"]
    address = f"http://127.0.0.1:{port}/debug/pprof/profile?seconds={max(int(seconds - CLEAR_OF_THE_ENDS_SECONDS), 1)}"
    return await asyncio.to_thread(_read, address, seconds + GRACE_SECONDS)


def _read(address: str, limit_seconds: float) -> list[str]:
    try:
        # The address is the bench's own peer on this machine; a proxy of the environment has no business there.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(address, timeout=limit_seconds) as answer:
            data = answer.read()
        with tempfile.NamedTemporaryFile(suffix=".pb.gz") as file:
            file.write(data)
            file.flush()
            command = [go_program(), "tool", "pprof", "-top", "-cum", "-nodecount=60", file.name]
            done = subprocess.run(command, capture_output=True, text=True, timeout=limit_seconds, check=True)
    except (OSError, urllib.error.URLError, subprocess.SubprocessError, NetworkError) as problem:
        return [f"no profile: {problem}"]
    return functions_of(done.stdout)


def functions_of(text: str) -> list[str]:
    """Of pprof's table by cumulative time the lines that say most: not the chain of callers that only hand on."""
    found = []
    for line in text.splitlines():
        parts = line.split()
        if len(parts) < 6 or not parts[4].endswith("%"):
            continue
        name = parts[5].rpartition("/")[2]
        if any(word in name for word in PASSING_ON) or name.startswith("runtime.goexit"):
            continue
        found.append(f"{parts[4]} {name}")
    return found[:LINES]


PASSING_ON = (
    ".func",
    "Server).Serve",
    "serveStreams",
    "handleStream",
    "processUnaryRPC",
    "Handler",
    "chainUnary",
    "Interceptor",
    "unmarshalPointer",
)


class Sampler:
    """Looks a hundred times a second where this process's event loop is: `with Sampler() as sampler: ...;
    sampler.functions()`."""

    def __init__(self) -> None:
        self._main = threading.get_ident()
        self._done = threading.Event()
        self._seen: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._watch, name="sampler", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            frame = sys._current_frames().get(self._main)
            if frame is not None:
                entry = traceback.extract_stack(frame, limit=1)[-1]
                self._seen[f"{Path(entry.filename).stem}.{entry.name}"] += 1

    def functions(self) -> list[str]:
        """`share module.function`, by how often the loop was seen there."""
        total = max(self._seen.total(), 1)
        return [f"{100 * count / total:.0f}% {name}" for name, count in self._seen.most_common(LINES)]
