"""A service as a container: its image, what it is called with, what it sees of the organisation's folder, and what it may
use. The same for this machine's engine, for compose and for Kubernetes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from network.programs.images.catalogue import USER, Role
from network.runtime.service import Service

ORG = "/org"
"""Where the organisation's folder is in every container; of it, only what the service needs is there."""
TEMPORARY = "/tmp"
TEMPORARY_BYTES = 64 << 20
LOG_BYTES_MAX, LOG_FILES_MAX = "16m", "5"
"""As native processes' logs: 80 MiB for each service."""
HEALTH_INTERVAL_SECONDS, HEALTH_RETRIES = 10, 3
STOP_SECONDS = 20
LISTENING_STATE = "0A"


@dataclass(frozen=True)
class Limits:
    """What a container may use: memory in bytes, processors, processes and threads."""

    memory_bytes: int
    processors: float
    processes: int


LIMITS = {
    "ca": Limits(512 << 20, 1.0, 256),
    "orderer": Limits(2 << 30, 1.0, 1024),
    "chaincode": Limits(1 << 30, 2.0, 512),
    "peer": Limits(4 << 30, 2.0, 2048),
    "gateway": Limits(2 << 30, 2.0, 1024),
    "postgres": Limits(1 << 30, 2.0, 256),
    "prometheus": Limits(1 << 30, 1.0, 256),
    "grafana": Limits(512 << 20, 1.0, 256),
}
"""A peer under the soak of `jifen bench throughput` has 0.95 GB resident; the others far less. The limits are what keeps
one of them from taking the machine, not what they need."""


@dataclass(frozen=True)
class Mount:
    """A file or folder of the organisation, and where the container has it."""

    source: Path
    target: str
    writable: bool


@dataclass(frozen=True)
class Container:
    """A service's container. `arguments` begin with the program; `ports` are those that it listens on."""

    role: Role
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    mounts: tuple[Mount, ...]
    folder: str
    ports: tuple[int, ...]
    limits: Limits

    @property
    def health_check(self) -> list[str]:
        """Gives the command that ends well while it listens on all its ports. It asks the kernel: a connection that says
        nothing would leave a TLS error in the service's log each time."""
        wanted = " ".join(f"{port:04X}" for port in self.ports)
        look = f'grep -qE ":$p 0+:0000 {LISTENING_STATE}" /proc/net/tcp /proc/net/tcp6'
        return ["/bin/sh", "-c", f"for p in {wanted}; do {look} || exit 1; done"]


def container_of(service: Service) -> Container:
    """Gives the container of a service. Asks for its command: it must be ready to start."""
    command, root = service.command(), str(service.root)
    program, *arguments = command.arguments
    role = _role(service.kind, program)
    mounts = [_mount(service, service.folder, writable=service.kind != "chaincode")]
    mounts += [_mount(service, folder, writable=False) for folder in service.reads]
    environment = {name: value.replace(root, ORG) for name, value in command.environment.items()}
    if role is Role.JIFEN:
        called = "python3"
        environment.pop("PYTHONPATH", None)
    elif Path(program).name == role.value:
        called = role.value
    else:  # a build of the organisation's own
        called = program
        mounts.append(Mount(Path(program), program, writable=False))
    return Container(
        role=role,
        arguments=(called, *(argument.replace(root, ORG) for argument in arguments)),
        environment={"HOME": TEMPORARY, **environment},
        mounts=tuple(mounts),
        folder=str(service.folder).replace(root, ORG),
        ports=service.ports,
        limits=LIMITS[service.kind],
    )


def owner_of(folder: Path) -> tuple[int, int]:
    """Gives the user and group that containers run as: those whose the folder is, and nobody in particular where that is
    root."""
    status = folder.stat()
    return (status.st_uid, status.st_gid) if status.st_uid else (USER, USER)


def give(container: Container, owner: tuple[int, int]) -> None:
    """Gives what the container sees of the organisation's folder to its user, where it is root's."""
    for mount in container.mounts:
        if mount.target.startswith(ORG):
            give_tree(mount.source, owner)


def give_tree(top: Path, owner: tuple[int, int]) -> None:
    """Gives what is in `top`, and is root's, to a user. Only root can, and only for root is it needed."""
    if os.geteuid() != 0:
        return
    for place, _, names in os.walk(top):
        for path in (place, *(os.path.join(place, name) for name in names)):
            if os.lstat(path).st_uid == 0:
                os.lchown(path, *owner)


def _role(kind: str, program: str) -> Role:
    if kind == "chaincode":
        return Role.JIFEN if Path(program).name.startswith("python") else Role.CHAINCODE
    return {"ca": Role.AUTHORITY, "orderer": Role.ORDERER, "peer": Role.PEER}[kind]


def _mount(service: Service, source: Path, *, writable: bool) -> Mount:
    return Mount(source, f"{ORG}/{source.relative_to(service.root).as_posix()}", writable)
