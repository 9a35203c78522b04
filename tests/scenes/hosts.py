"""A consortium of several hosts on one machine: each organisation has a Linux network namespace, a user and a folder of
its own, and reaches the others over a bridge.

Nothing of it is seen from outside: the bridge is in a namespace of its own. Needs root, `ip`, `setpriv` and `unshare`.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from network.programs.cache import cache_folder
from tests.scenes.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
FIRST_USER = 64_100
NETWORK = "10.213.7"
ENDING_SECONDS = 30.0
WORK_SECONDS = 90.0
ORDERER_PORT, PEER_PORT = 7050, 7051
EVERY_PROTOCOL = 3
CLONE_NEWNET = 0x40000000
FRAME_BYTES = 1 << 16


def must_be_possible() -> None:
    """Fails, saying what is missing, where namespaces cannot be made: a test of several hosts is not passed over."""
    missing = [program for program in ("ip", "setpriv", "unshare", "mount") if shutil.which(program) is None]
    missing += [] if os.geteuid() == 0 else ["the rights of root"]
    assert not missing, (
        f"several hosts are tested in Linux network namespaces; missing: {', '.join(missing)}. Run this test as root"
    )


@dataclass(frozen=True)
class Site:
    """One organisation's host: its namespace, its address in it, its user, its folder, which that user alone opens."""

    org: str
    namespace: str
    address: str
    user: int
    home: Path
    view: Path

    @property
    def folder(self) -> Path:
        """The organisation's own folder."""
        return self.home / "org"

    @property
    def outbox(self) -> list[Path]:
        """The files that it sends."""
        return sorted((self.folder / "exchange" / "outbox").glob("*.json"))

    def line(self, *command: str | Path) -> list[str]:
        """The command line with which the organisation's user runs a command on its host."""
        enter = ["ip", "netns", "exec", self.namespace, "unshare", "--mount", "sh", "-c"]
        become = [
            *("setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", "--no-new-privs"),
            *("env", "-i", f"PATH={os.environ['PATH']}", f"HOME={self.home}", "LANG=C.UTF-8", f"PYTHONPATH={ROOT}"),
            f"XDG_CACHE_HOME={cache_folder().parent}",
        ]
        return [*enter, _mounts(self.view), "sh", *become, *map(str, command)]

    def run(self, *command: str | Path, limit_seconds: float = 300.0) -> subprocess.CompletedProcess[str]:
        """Runs a command there to its end."""
        return subprocess.run(
            self.line(*command), cwd=self.home, capture_output=True, text=True, timeout=limit_seconds, check=False
        )

    def jifen(self, *arguments: str | Path, limit_seconds: float = 300.0) -> subprocess.CompletedProcess[str]:
        """Runs `jifen` there to its end."""
        return self.run(sys.executable, "-m", "admin.cli", *arguments, limit_seconds=limit_seconds)

    def told(self, *arguments: str | Path, code: int = 0) -> Any:
        """The document of a command of `jifen` that must end with `code`."""
        done = self.jifen(*arguments, "--json")
        told = f"{self.org}: {arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert (done.returncode, bool(done.stdout)) == (code, True), told
        return json.loads(done.stdout)

    @contextmanager
    def working(self, *issuers: str) -> Iterator[Path]:
        """The organisation's customers at work (`tests.scenes.host_work`) while the block lasts, after customers of
        `issuers` have spent a point each: where their work's answer stands afterwards."""
        number = len(list(self.home.glob("work-*.json")))
        place, answer = self.home / f"work-{number}", self.home / f"work-{number}.json"
        line = self.line(sys.executable, "-m", "tests.scenes.host_work", self.folder, self.org, place, *issuers)
        with answer.open("w") as out, (self.home / "work.log").open("w") as log:
            process = subprocess.Popen(line, cwd="/", stdout=out, stderr=log)

        def runs() -> None:
            assert process.poll() is None, (self.home / "work.log").read_text()[-3000:]

        try:
            working = place / "working"
            eventually(f"{self.org} sells", working.exists, seconds=WORK_SECONDS, still_possible=runs)
            yield answer
            runs()
        finally:
            stop = place / "stop"
            if place.is_dir():
                stop.touch()
            process.wait(WORK_SECONDS)
        assert process.returncode == 0, (self.home / "work.log").read_text()[-3000:]

    def org_told(self, command: str, *arguments: str | Path, code: int = 0) -> Any:
        """The document of `jifen org COMMAND` in the organisation's folder."""
        return self.told("org", command, *arguments, "--folder", self.folder, code=code)


class Hosts:
    """The hosts of a consortium; files are carried between them by hand."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._view = home / "view"
        self._name = f"jf{os.getpid()}"
        self._hub = f"{self._name}-hub"
        self.sites: dict[str, Site] = {}

    def open(self) -> None:
        """Makes the bridge."""
        self._home.chmod(0o755)
        _ip("netns", "add", self._hub)
        _ip("-n", self._hub, "link", "add", "bridge", "type", "bridge")
        _ip("-n", self._hub, "link", "set", "bridge", "up")
        _make_view(self._view)

    def add(self, org: str) -> Site:
        """Makes a host for an organisation."""
        number = len(self.sites) + 1
        namespace, address, user = f"{self._name}-{number}", f"{NETWORK}.{number}", FIRST_USER + number
        outer, inner = f"{self._name}o{number}", f"{self._name}i{number}"
        _ip("netns", "add", namespace)
        _ip("-n", self._hub, "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", namespace)
        _ip("-n", self._hub, "link", "set", outer, "master", "bridge", "up")
        _ip("-n", namespace, "addr", "add", f"{address}/24", "dev", inner)
        for device in ("lo", inner):
            _ip("-n", namespace, "link", "set", device, "up")
        home = self._home / org
        home.mkdir(mode=0o700)
        os.chown(home, user, user)
        self.sites[org] = Site(org, namespace, address, user, home, self._view)
        return self.sites[org]

    def close(self) -> None:
        """Ends every process in the namespaces, by its id, and removes them."""
        for namespace in [*(site.namespace for site in self.sites.values()), self._hub]:
            _end_all(namespace)
            _ip("netns", "del", namespace)

    def carry(self, *senders: str, to: Sequence[str] = ()) -> None:
        """Carries what organisations send to others, as people do by mail, who take it in; to all when left out."""
        for name in to or self.sites:
            site = self.sites[name]
            post = [file for sender in senders if sender != name for file in self.post(sender, name)]
            if post:
                site.org_told("accept", *post)

    def post(self, sender: str, receiver: str) -> list[Path]:
        """Copies of the files that an organisation sends, on the receiver's host."""
        site, found = self.sites[receiver], []
        place = site.home / "post" / sender
        place.mkdir(parents=True, exist_ok=True)
        for file in self.sites[sender].outbox:
            copy = place / file.name
            copy.write_bytes(file.read_bytes())
            copy.chmod(0o644)
            found.append(copy)
        for folder in (place.parent, place):
            folder.chmod(0o755)
        return found

    @contextmanager
    def cut_off(self, org: str) -> Iterator[None]:
        """Takes an organisation's host off the bridge while the block lasts."""
        device = f"{self._name}o{self.sites[org].namespace.rpartition('-')[2]}"
        _ip("-n", self._hub, "link", "set", device, "down")
        try:
            yield
        finally:
            _ip("-n", self._hub, "link", "set", device, "up")

    def wait_until(self, site: Site, *, ready: bool) -> None:
        """Returns when a host says that all is well there, or that it is not."""

        def code() -> int:
            return site.jifen("org", "status", "--folder", site.folder).returncode

        wanted = 0 if ready else 4
        eventually(f"{site.org} ends with {wanted}", code, lambda found: found == wanted, seconds=WORK_SECONDS)

    @contextmanager
    def overheard(self) -> Iterator[bytearray]:
        """All that passes over the bridge while the block lasts."""
        heard, ended = bytearray(), threading.Event()
        listener = self._listener()

        def listen() -> None:
            while not ended.is_set():
                with contextlib.suppress(TimeoutError):
                    heard.extend(listener.recv(FRAME_BYTES))

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield heard
        finally:
            ended.set()
            thread.join()
            listener.close()

    def _listener(self) -> socket.socket:
        """A socket for all frames on the bridge's ports, opened by a thread that goes into its namespace and ends there."""
        opened: list[socket.socket] = []

        def open_there() -> None:
            with Path(f"/run/netns/{self._hub}").open("rb") as namespace:
                # os.setns came with Python 3.12.
                assert ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) == 0
            one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
            one.settimeout(0.2)
            opened.append(one)

        thread = threading.Thread(target=open_there)
        thread.start()
        thread.join()
        return opened[0]


@contextmanager
def hosts(home: Path, orgs: Sequence[str]) -> Iterator[Hosts]:
    """Hosts for organisations, each with nothing on it; removed at the end with all that runs on them."""
    must_be_possible()
    found = Hosts(home)
    try:
        found.open()
        for org in orgs:
            found.add(org)
        yield found
    finally:
        found.close()


def declaration(sites: dict[str, Site]) -> str:
    """The declaration of an operator with an ordering node and merchants with a peer, each at the address of its
    host."""
    orgs = []
    for name, site in sites.items():
        part: dict[str, Any] = {"name": name, "hosts": [{"address": site.address}]}
        if name == "operator":
            part |= {"orderers": [{"name": "orderer0", "port": ORDERER_PORT}]}
        else:
            part |= {"peers": [{"name": "peer0", "port": PEER_PORT}]}
        orgs.append(part)
    document = {
        "version": 1,
        "name": "four-hosts",
        "time_zone": "Asia/Shanghai",
        "currency": {"code": "CNY"},
        "endorsement": {"k": 2},
        "operators": ["operator"],
        "orgs": orgs,
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def _ip(*arguments: str) -> str:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def _end_all(namespace: str) -> None:
    def pids() -> list[int]:
        listed = subprocess.run(["ip", "netns", "pids", namespace], capture_output=True, text=True, check=False)
        return [int(pid) for pid in listed.stdout.split()]

    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        try:
            eventually(f"what runs in {namespace} ends", pids, lambda found: not found, seconds=ENDING_SECONDS)
            return
        except AssertionError:
            continue
    raise AssertionError(f"processes {pids()} in {namespace} do not end")


NEEDED = (ROOT, Path(sys.prefix), Path(sys.base_prefix), cache_folder())


def _closed() -> dict[Path, list[Path]]:
    """The folders that other users may not enter, with what is needed below each."""
    found: dict[Path, list[Path]] = {}
    for needed in NEEDED:
        ways = [*reversed(needed.resolve().parents), needed.resolve()]
        closed = next((way for way in ways if not way.stat().st_mode & 0o001), None)
        if closed is not None:
            found.setdefault(closed, []).append(needed.resolve())
    return found


def _make_view(view: Path) -> None:
    """Makes what stands, on the hosts, in the place of folders that their users may not enter: ways to what is needed
    (the interpreter, the programs), and nothing else."""
    for closed, needed in _closed().items():
        for one in needed:
            (view / str(closed).lstrip("/") / one.relative_to(closed)).mkdir(parents=True, exist_ok=True)


def _mounts(view: Path) -> str:
    """The shell's line that puts the view in place, in the command's own mount namespace, and goes on with the
    command."""
    lines = []
    for closed, needed in _closed().items():
        place = view / str(closed).lstrip("/")
        lines += [f"mount --bind '{one}' '{place / one.relative_to(closed)}'" for one in needed]
        lines.append(f"mount --rbind '{place}' '{closed}'")
    return "; ".join(["set -e", *lines, 'exec "$@"'])
