"""Which runtime an organisation's services have: the one that its folder remembers, else native processes."""

from __future__ import annotations

from pathlib import Path

from network.errors import NetworkError
from network.runtime.docker.places import is_placed
from network.runtime.process.process_runtime import ProcessRuntime
from network.runtime.service import Runtime

PROCESS, DOCKER = ProcessRuntime.name, "docker"


def kept_runtime(*roots: Path) -> Runtime:
    """Gives the runtime of the organisations in these folders."""
    return _runtime(DOCKER if any(is_placed(root) for root in roots) else PROCESS)


def chosen_runtime(name: str, made: bool, *roots: Path) -> Runtime:
    """Gives the runtime called `name` for organisations in these folders, which were `made` before or not. Raises
    NetworkError RUNTIME_CHANGED when they have another one."""
    kept = kept_runtime(*roots)
    if made and kept.name != name:
        raise NetworkError(
            "RUNTIME_CHANGED",
            f"the network was made with the runtime {kept.name}, and its certificates name the addresses of that one; a "
            f"network with {name} gets a folder of its own (--folder)",
        )
    return _runtime(name)


def _runtime(name: str) -> Runtime:
    if name == PROCESS:
        return ProcessRuntime()
    # Whoever runs processes need not wait until the engine's SDK is imported.
    from network.runtime.docker.docker_runtime import DockerRuntime

    return DockerRuntime()
