"""What is true of a network now: each process, whether it runs and answers, how many blocks it has; and from that,
whether the network is ready.

`status` asks once, `up` and `start` ask until it is so: there is one meaning of ready.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from network.connection import load
from network.errors import NetworkError
from network.folders import NetworkFolder
from network.nodes.authority import authority_must_answer
from network.nodes.ordering_node import channel_status
from network.nodes.peer_admin import PeerAdmin
from network.participant import Participant
from network.runtime.service import Runtime, Service

PROGRESS_LIMIT_SECONDS = 120.0
"""How long nothing may come nearer while a network is waited for."""
INTERVAL_SECONDS = 0.2


@dataclass(frozen=True)
class ServiceState:
    """One process. `state` is `stopped`, `starting` (it runs and does not listen), `running` (it listens), `answering`
    (it was asked, and does what it is there for); `height` is its number of blocks, for peers and ordering nodes;
    `detail` says what is wrong. `lasting`: time alone does not mend it. `metrics` is where Prometheus finds its
    metrics, None where the declaration names no port for them."""

    org: str
    name: str
    kind: str
    state: str
    pid: int | None
    ports: tuple[int, ...]
    height: int | None
    detail: str
    lasting: bool = False
    metrics: str | None = None

    @property
    def label(self) -> str:
        """Gives `org/name`."""
        return f"{self.org}/{self.name}"

    def document(self) -> dict[str, Any]:
        """Gives the document for `--json`."""
        return {name: value for name, value in asdict(self).items() if name != "lasting"}


@dataclass(frozen=True)
class NetworkState:
    """All processes. `tip`: how many blocks the ordering nodes had before the peers were asked; `whole`: the network
    came up once."""

    name: str
    services: tuple[ServiceState, ...]
    tip: int
    whole: bool

    @property
    def ready(self) -> bool:
        """Says whether the network does its work: every process answers, every chaincode server through each of its
        org's peers; every peer knows those of the other orgs and has the blocks of the ordering nodes, and these have
        those of the peers."""
        return self.whole and bool(self.services) and not self.problems

    @property
    def problems(self) -> list[str]:
        """Gives what stands between the network and its work, a sentence each."""
        if self._stopped:
            return ["nothing runs; `jifen network start` starts it"]
        found = [
            f"{one.label} is {one.state}{': ' if one.detail else ''}{one.detail}"
            for one in self.services
            if one.state != "answering"
        ]
        found += [
            f"{one.label} has {one.height or 0} of {self.tip} blocks" for one in self.services if self._is_behind(one)
        ]
        ordered, top = self._height("orderer"), self._height("peer")
        if not found and ordered < top and any(one.kind == "orderer" for one in self.services):
            found.append(f"peers have {top} blocks and the ordering nodes only {ordered}")
        return found

    def _height(self, kind: str) -> int:
        return max((one.height or 0 for one in self.services if one.kind == kind), default=0)

    def _is_behind(self, one: ServiceState) -> bool:
        return one.kind == "peer" and one.state == "answering" and (one.height or 0) < self.tip

    @property
    def unsettled(self) -> set[str]:
        """Gives whom to ask again: who does not answer or is behind; the ordering nodes when only they are."""
        found = {one.label for one in self.services if one.state != "answering" or self._is_behind(one)}
        return found or {one.label for one in self.services if one.kind == "orderer"}

    @property
    def summary(self) -> str:
        """Tells it in a few words."""
        if self._stopped:
            return "stopped"
        return "ready" if self.ready else "not ready"

    @property
    def _stopped(self) -> bool:
        return all(one.state == "stopped" for one in self.services)

    def document(self) -> dict[str, Any]:
        """Gives the document for `--json`."""
        services = [one.document() for one in self.services]
        told = {"network": self.name, "state": self.summary, "ready": self.ready}
        return {**told, "problems": self.problems, "services": services}


class Observed(Protocol):
    """What is looked at: a network's folder on this machine, its organisations and what they run."""

    folder: NetworkFolder
    runtime: Runtime

    def participant(self, name: str) -> Participant:
        """Gives one organisation."""

    def services_inside(self) -> list[Service]:
        """Gives the services of those in the network, in the order of starting."""


def observe(network: Observed) -> NetworkState:
    """Asks every process; twice where blocks were made meanwhile. Raises NetworkError NETWORK_NOT_FOUND where no
    network is."""
    state = _ask(network, None)
    return (
        _ask(network, state) if not state.ready and all(one.state == "answering" for one in state.services) else state
    )


def wait_ready(network: Observed) -> None:
    """Returns when the network is ready; asks each process until it does its part. Raises NetworkError PROCESS_ENDED,
    NETWORK_NOT_READY for what waiting does not mend, WAIT_TIMEOUT when nothing comes nearer any more."""
    services = network.services_inside()
    state = _ask(network, None)
    deadline = time.monotonic() + PROGRESS_LIMIT_SECONDS
    while not state.ready:
        _must_be_possible(network.runtime, services, state)
        if time.monotonic() > deadline:
            told = "; ".join(state.problems)
            raise NetworkError("WAIT_TIMEOUT", f"nothing changed for {PROGRESS_LIMIT_SECONDS:g} s: {told}")
        time.sleep(INTERVAL_SECONDS)
        before, state = state, _ask(network, state)
        if state != before:
            deadline = time.monotonic() + PROGRESS_LIMIT_SECONDS


def _ask(network: Observed, before: NetworkState | None) -> NetworkState:
    """Gives the state now: of all processes, or of those that were unsettled before, the others as they were."""
    services = network.services_inside()
    name, whole = _name(network)
    known = {} if before is None else {one.label: one for one in before.services if one.label not in before.unsettled}
    tip = 0 if before is None else before.tip
    # The ordering nodes first: the blocks that they have now are what a peer asked afterwards must have.
    for orderers in (True, False):
        asked = [one for one in services if one.label not in known and (one.kind == "orderer") is orderers]
        with ThreadPoolExecutor(max_workers=8) as pool:
            known |= {one.label: one for one in pool.map(lambda service: _observe(network, service, whole), asked)}
        if orderers and before is None:
            tip = max((one.height or 0 for one in known.values()), default=0)
    return NetworkState(name, tuple(known[service.label] for service in services), tip, whole)


def _must_be_possible(runtime: Runtime, services: Iterable[Service], state: NetworkState) -> None:
    for service in services:
        runtime.must_run(service)
    lasting = [one.detail for one in state.services if one.lasting]
    if lasting:
        raise NetworkError("NETWORK_NOT_READY", "; ".join(lasting))


def _name(network: Observed) -> tuple[str, bool]:
    """Gives the network's name, and whether it came up once."""
    try:
        return load(network.folder.root).name, True
    except NetworkError as error:
        if error.code != "NETWORK_NOT_READY":
            raise
        return network.folder.root.name, False


def _observe(network: Observed, service: Service, whole: bool) -> ServiceState:
    status = network.runtime.status(service)

    def told(state: str, height: int | None = None, detail: str = "", *, lasting: bool = False) -> ServiceState:
        own = (service.org, service.name, service.kind, state, status.pid, service.ports)
        return ServiceState(*own, height, detail, lasting, service.metrics)

    if not status.running:
        others = [endpoint.port for endpoint in status.taken]
        return told("stopped", detail=f"port {others[0]} is used by another program" if others else "")
    if not status.listening:
        return told("starting")
    participant = network.participant(service.org)
    questions: dict[str, Callable[[], int | None]] = {
        "orderer": lambda: orderer_height(participant, service.name),
        "peer": lambda: peer_height(participant, service.name),
        "chaincode": lambda: _chaincode_must_answer(participant),
        "ca": lambda: _authority_must_answer(participant),
        "logs": lambda: None,
    }
    if not whole and service.kind not in ("ca", "logs"):
        return told("running", detail="the network never came wholly up")
    try:
        height = questions[service.kind]()
        if service.kind == "peer" and not _knows_others(participant, service.name):
            return told("running", height, "it does not know the other orgs' peers yet")
        return told("answering", height)
    except NetworkError as error:
        return told("running", detail=error.detail, lasting=error.code == "NETWORK_NOT_READY")


def orderer_height(participant: Participant, orderer: str) -> int:
    """Gives the number of blocks an ordering node has. Raises NetworkError when it does not answer."""
    known = channel_status(participant, orderer)
    if known is None:
        raise NetworkError("NETWORK_NOT_READY", _brought_back(f"{participant.name}/{orderer}"))
    return int(known["height"])


def peer_height(participant: Participant, peer: str) -> int:
    """Gives the number of blocks a peer has. Raises NetworkError when it does not answer."""
    admin = PeerAdmin(participant)
    try:
        return admin.height(admin.own_peer(peer))
    except NetworkError as error:
        if error.code != "NETWORK_NOT_READY":
            raise
        raise NetworkError("NETWORK_NOT_READY", _brought_back(f"{participant.name}/{peer}")) from error


def _knows_others(participant: Participant, peer: str) -> bool:
    """Says whether a peer knows enough of the other organisations' peers to have a transaction endorsed."""
    admin = PeerAdmin(participant)
    return admin.knows_endorsers(admin.own_peer(peer))


def _chaincode_must_answer(participant: Participant) -> None:
    """Asks the organisation's chaincode through each of its peers. Raises NetworkError when one does not reach it."""
    admin = PeerAdmin(participant)
    silent = [peer.name for peer in admin.own_peers if not admin.chaincode_answers(peer)]
    if silent:
        raise NetworkError("STEP_FAILED", f"{', '.join(silent)} does not get an answer of the chaincode")


def _authority_must_answer(participant: Participant) -> None:
    """Asks the organisation's certificate authority who it is. Raises NetworkError when it does not answer."""
    authority_must_answer(participant.endpoints["ca"], participant.folder.authority / "ca-cert.pem")


def _brought_back(label: str) -> str:
    return f"{label} is not in the channel; `jifen network up` brings it back"
