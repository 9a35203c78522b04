"""What the tests need of the machine itself and pip cannot bring: PostgreSQL's server, for the tests of the gateway's store."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from admin.errors import EnvironmentMissing

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
    """The folder of PostgreSQL's programs; as root on a Debian-like system they are installed through apt, unless JIFEN_NO_APT is set. No server
    is set up: each test run starts one of its own. Raises EnvironmentMissing."""
    found = postgres_folder()
    if found is not None:
        return found
    if os.geteuid() != 0 or shutil.which("apt-get") is None or os.environ.get("JIFEN_NO_APT"):
        raise EnvironmentMissing("POSTGRESQL_MISSING", "the tests need its server; as root: apt-get install postgresql")
    if not CLUSTER_SETTINGS.exists():
        CLUSTER_SETTINGS.parent.mkdir(parents=True, exist_ok=True)
        CLUSTER_SETTINGS.write_text("create_main_cluster = false\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", "postgresql"],
    ):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise EnvironmentMissing("APT_FAILED", f"{' '.join(command)}: {done.stderr.strip()[-400:]}")
    found = postgres_folder()
    if found is None:
        raise EnvironmentMissing("POSTGRESQL_MISSING", "apt-get installed postgresql, and there is no initdb")
    return found
