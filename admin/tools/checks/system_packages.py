"""What the tests need of the machine itself and pip cannot bring: PostgreSQL's server for the gateway's store, Chromium
for its pages, Node for clients of others, a container engine and what images and compose projects need."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from admin.errors import EnvironmentMissing
from network.programs.cache import entry

PROGRAM_FOLDERS = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt/postgresql")
CLUSTER_SETTINGS = Path("/etc/postgresql-common/createcluster.conf")


def postgres_folder() -> Path | None:
    """Where `initdb` and `postgres` are; None when PostgreSQL is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    for parent in PROGRAM_FOLDERS:
        for path in sorted(Path(parent).glob("*/bin/initdb"), reverse=True):
            return path.parent
    return None


def provide_postgres() -> Path:
    """The folder of PostgreSQL's programs, installed where that is possible. No server is set up: each test run starts
    one of its own. Raises EnvironmentMissing."""
    found = postgres_folder()
    if found is not None:
        return found
    if os.geteuid() == 0 and not CLUSTER_SETTINGS.exists():
        CLUSTER_SETTINGS.parent.mkdir(parents=True, exist_ok=True)
        CLUSTER_SETTINGS.write_text("create_main_cluster = false\n")
    install("POSTGRESQL_MISSING", "postgresql")
    found = postgres_folder()
    if found is None:
        raise EnvironmentMissing("POSTGRESQL_MISSING", "apt-get installed postgresql, and there is no initdb")
    return found


def provide_chromium() -> Path:
    """Debian's Chromium without a window (a third of the processor time of the whole one), with a Chinese font,
    installed where that is possible. Raises EnvironmentMissing."""
    found = shutil.which("chromium-headless-shell")
    if found is None:
        install("CHROMIUM_MISSING", "chromium-headless-shell", "fonts-noto-cjk")
        found = shutil.which("chromium-headless-shell")
    if found is None:
        raise EnvironmentMissing(
            "CHROMIUM_MISSING", "apt-get installed chromium-headless-shell, and there is no such program"
        )
    return Path(found)


def provide_node() -> Path:
    """Node's npm, installed where that is possible. Raises EnvironmentMissing."""
    if shutil.which("npm") is None:
        install("NODE_MISSING", "nodejs", "npm")
    found = shutil.which("npm")
    if found is None:
        raise EnvironmentMissing("NODE_MISSING", "apt-get installed nodejs and npm, and there is no npm")
    return Path(found)


ENGINE_PACKAGES = {"dockerd": "docker.io", "docker-compose": "docker-compose", "mmdebstrap": "mmdebstrap"}


def provide_engine() -> Path:
    """Docker's daemon, with what builds images and reads compose projects, installed where that is possible. None is
    started: each test run starts one of its own. Raises EnvironmentMissing."""
    missing = [package for program, package in ENGINE_PACKAGES.items() if shutil.which(program) is None]
    if missing:
        install("ENGINE_MISSING", *missing)
    found = shutil.which("dockerd")
    if found is None:
        raise EnvironmentMissing("ENGINE_MISSING", "apt-get installed docker.io, and there is no dockerd")
    return Path(found)


def provide_promtool() -> Path:
    """Prometheus' own checker of rules, out of Debian's package, which is unpacked and not installed: installed, it
    would set up a server. Raises EnvironmentMissing."""

    def make(folder: Path) -> None:
        for command in (["apt-get", "download", "prometheus"], ["sh", "-c", "dpkg-deb -x prometheus_*.deb content"]):
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode:
                raise EnvironmentMissing("PROMTOOL_MISSING", f"{' '.join(command)}: {done.stderr.strip()[-400:]}")
        shutil.copy(folder / "content" / "usr" / "bin" / "promtool", folder / "promtool")
        shutil.rmtree(folder / "content")

    return entry("promtool", "1", make) / "promtool"


def install(code: str, *packages: str) -> None:
    """Installs packages through apt, as root on a Debian-like system, unless JIFEN_NO_APT is set. Raises
    EnvironmentMissing with `code`, or APT_FAILED."""
    names = " ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None or os.environ.get("JIFEN_NO_APT"):
        raise EnvironmentMissing(code, f"the tests need it; as root: apt-get install {names}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    options = ["-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold"]
    for command in (["apt-get", "update"], ["apt-get", "install", *options, *packages]):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise EnvironmentMissing("APT_FAILED", f"{' '.join(command)}: {done.stderr.strip()[-400:]}")
