"""A container engine of the tests' own: its own socket, data and records, ended by its own process id. Where none can
run, the tests that need it say so and count as not run, which `scripts/test` tells at its end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import pytest
import requests
from docker.errors import DockerException

from admin.errors import EnvironmentMissing
from admin.tools.checks.system_packages import provide_engine
from network.runtime.docker.engine import ADDRESS_VARIABLE
from tests.scenes.waiting import eventually

START_SECONDS_MAX = 60
DRIVERS = ("overlay2", "vfs")
"""The quick one, and the one that works everywhere."""
LEFT_ALONE = ("--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false")
"""This machine's packet filter stays as it is: ports are published by programs of the engine."""
NO_ENGINE = "NO CONTAINER ENGINE CAN RUN HERE"


@contextmanager
def running_engine() -> Iterator[docker.DockerClient]:
    """The engine's client; while it runs, DOCKER_HOST names it. Nothing may be left in it at the end."""
    if os.geteuid() != 0:
        pytest.skip(f"{NO_ENGINE}: dockerd needs root")
    try:
        program = provide_engine()
    except EnvironmentMissing as error:
        pytest.skip(f"{NO_ENGINE}: {error}")
    # A socket's path may have 107 characters; those of pytest's folders are longer.
    with tempfile.TemporaryDirectory(prefix="jifen-engine-") as place, pytest.MonkeyPatch.context() as patch:
        folder = Path(place)
        address = f"unix://{folder}/docker.sock"
        patch.setenv(ADDRESS_VARIABLE, address)
        said = []
        for driver in DRIVERS:
            with _process(program, folder, address, driver) as process:
                client = _client(address, process)
                if client is not None:
                    yield client
                    assert [one.name for one in client.containers.list(all=True)] == []
                    assert {one.name for one in client.networks.list()} <= {"bridge", "host", "none"}
                    assert client.volumes.list() == []
                    client.close()
                    return
            said.append(f"{driver}: {(folder / 'log').read_text('utf-8').strip().splitlines()[-1:]}")
        pytest.skip(f"{NO_ENGINE}: {'; '.join(said)}")


def _client(address: str, process: subprocess.Popen[bytes]) -> docker.DockerClient | None:
    """The client of the engine when it answers, None when it has ended instead."""

    def connected() -> docker.DockerClient | None:
        try:
            return docker.DockerClient(address, timeout=120)
        except (DockerException, requests.RequestException):
            return None

    def found() -> tuple[docker.DockerClient | None, bool]:
        return connected(), process.poll() is not None

    return eventually("the engine answers, or ends", found, any, seconds=START_SECONDS_MAX)[0]


@contextmanager
def _process(program: Path, folder: Path, address: str, driver: str) -> Iterator[subprocess.Popen[bytes]]:
    places = ["--data-root", str(folder / "data"), "--exec-root", str(folder / "exec")]
    command = [str(program), "--host", address, *places, "--pidfile", str(folder / "pid")]
    command += ["--storage-driver", driver, "--bridge", "none", "--log-level", "error", *LEFT_ALONE]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=60)
    shutil.rmtree(folder / "data", ignore_errors=True)
