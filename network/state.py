"""What is true of a network now: each process, whether it runs and answers, and how many blocks it has."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from network.connection import load
from network.errors import NetworkError
from network.local import LocalNetwork
from network.runtime import ports
from network.runtime.process import Service


@dataclass(frozen=True)
class ServiceState:
    """One process. `state` is `stopped`, `starting` (it runs and does not listen), `running` (it listens), `answering` (it was
    asked and answered); `height` is its number of blocks, for peers and ordering nodes; `detail` says what is wrong."""

    org: str
    name: str
    kind: str
    state: str
    pid: int | None
    ports: tuple[int, ...]
    height: int | None
    detail: str


@dataclass(frozen=True)
class NetworkState:
    """All processes. `ready` says that all answer, all peers are level with the ordering nodes and the chaincode answers."""

    name: str
    services: tuple[ServiceState, ...]
    ready: bool

    @property
    def summary(self) -> str:
        """In a few words."""
        if self.ready:
            return "ready"
        if all(one.state == "stopped" for one in self.services):
            return "stopped"
        return "not ready"

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        services = [asdict(one) for one in self.services]
        return {"network": self.name, "state": self.summary, "ready": self.ready, "services": services}


def observe(network: LocalNetwork) -> NetworkState:
    """Asks every process. Raises NetworkError NETWORK_NOT_FOUND where no network is."""
    services = network.services()
    try:
        name = load(network.folder.root).name
        whole = True
    except NetworkError as error:
        if error.code != "NETWORK_NOT_READY":
            raise
        name, whole = network.folder.root.name, False
    with ThreadPoolExecutor(max_workers=8) as pool:
        states = tuple(pool.map(lambda service: _observe(network, service, whole), services))
    tip = max((one.height or 0 for one in states if one.kind == "orderer"), default=0)
    level = all((one.height or 0) >= tip for one in states if one.kind == "peer")
    ready = whole and bool(states) and level and all(one.state == "answering" for one in states)
    return NetworkState(name, states, ready)


def _observe(network: LocalNetwork, service: Service, whole: bool) -> ServiceState:
    pid = service.pid()

    def told(state: str, height: int | None = None, detail: str = "") -> ServiceState:
        return ServiceState(service.org, service.name, service.kind, state, pid, service.ports, height, detail)

    if pid is None:
        others = [port for port in service.ports if not ports.is_free(port)]
        return told("stopped", detail=f"port {others[0]} is used by another program" if others else "")
    if not all(ports.listens(port) for port in service.ports):
        return told("starting")
    questions: dict[str, Callable[[], int | None]] = {
        "orderer": lambda: network.orderer_height(service.org, service.name),
        "peer": lambda: network.peer_height(service.org, service.name),
        "chaincode": lambda: network.chaincode_answers(service.org),
        "ca": lambda: network.authority_answers(service.org),
    }
    if not whole and service.kind != "ca":
        return told("running", detail="the network never came wholly up")
    try:
        return told("answering", questions[service.kind]())
    except NetworkError as error:
        return told("running", detail=str(error))
