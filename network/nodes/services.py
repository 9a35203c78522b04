"""Which services an organisation runs, derived from its folder alone, so that they can be started again at any time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from network.declaration.chaincode_definition import chaincode_definition
from network.participant import Participant
from network.programs.chaincode import DISTRIBUTION, provide_chaincode
from network.rendering.authority import IDENTITY_FILE, SERVER_FILE
from network.rendering.chaincode_package import ChaincodePackage, chaincode_package
from network.rendering.peer import CONNECTION_FOLDER_VARIABLE
from network.runtime.process import log_keeper
from network.runtime.service import Command, Service

LOGGING = {
    "FABRIC_LOGGING_SPEC": "warn",
    "FABRIC_LOGGING_FORMAT": "%{time:2006-01-02T15:04:05.000Z07:00} %{level} [%{module}] %{message}",
}
COLLECTOR_PERCENT = "300"
"""Of GOGC for peers: little of what a block or a batch of 500 operations allocates outlives it, so the heap may grow to
four times what is alive before it is collected. Measured on a machine with other work, two runs of such batches each:
with 100, the default, 464 and 476 µs of CPU an operation in two peers, with 300 377 and 427; a peer under the soak of
`jifen bench throughput` then has 0.95 GB resident."""
KINDS = ("logs", "ca", "orderer", "chaincode", "peer")
"""In the order of starting: what serves before what calls."""


def services_of(participant: Participant) -> list[Service]:
    """Gives all services of the organisation on this machine."""
    found = [authority_service(participant), *orderer_services(participant)]
    if participant.org.peers:
        found.append(chaincode_service(participant))
    found += peer_services(participant)
    logs = [] if participant.runtime.keeps_logs_short else [log_service(participant)]
    return [*logs, *(one for one in found if participant.runs_here(one.name))]


def log_service(participant: Participant) -> Service:
    """Gives what keeps the logs of all others within bounds."""
    logs = str(participant.folder.logs)
    command = Command((sys.executable, "-I", "-S", log_keeper.__file__, logs))
    return _service(participant, "logs", "logs", lambda: command, (), participant.folder.root, ())


def authority_service(participant: Participant) -> Service:
    """Gives the server of the certificate authorities."""
    home = participant.folder.authority

    def command() -> Command:
        program = participant.programs.path("fabric-ca-server")
        return Command((program, "start", "--home", str(home), "--loglevel", "warning"))

    return _service(participant, "ca", "ca", command, ("ca",), home, (SERVER_FILE, IDENTITY_FILE))


def orderer_services(participant: Participant) -> list[Service]:
    """Gives the ordering nodes."""

    def node(name: str) -> Service:
        home = participant.folder.node(name)

        def command() -> Command:
            return Command((participant.programs.path("orderer"),), {"FABRIC_CFG_PATH": str(home), **LOGGING})

        return _service(participant, name, "orderer", command, (name, f"{name}.admin"), home, ("orderer.yaml",))

    return [node(orderer.name) for orderer in participant.org.orderers]


def peer_services(participant: Participant) -> list[Service]:
    """Gives the peers."""

    def node(name: str) -> Service:
        home = participant.folder.node(name)
        environment = {
            "FABRIC_CFG_PATH": str(home),
            # Fabric takes this one path as an absolute one only.
            "CORE_LEDGER_SNAPSHOTS_ROOTDIR": str(home / "data" / "snapshots"),
            CONNECTION_FOLDER_VARIABLE: str(participant.folder.chaincode / "connections"),
            "GOGC": COLLECTOR_PERCENT,
            **LOGGING,
        }

        def command() -> Command:
            return Command((participant.programs.path("peer"), "node", "start"), environment)

        reads = (participant.folder.builder, participant.folder.chaincode / "connections")
        return _service(participant, name, "peer", command, (name,), home, ("core.yaml",), reads)

    return [node(peer.name) for peer in participant.org.peers]


def chaincode_service(participant: Participant) -> Service:
    """Gives the chaincode server, in the implementation that the organisation declared; it is told of the operators
    that the organisation's own declaration names, and of the network by the first block that the organisation
    received."""
    home = participant.folder.chaincode

    def command() -> Command:
        consortium, chaincode, tls = participant.consortium, participant.org.chaincode, home / "tls"
        environment = {
            "CORE_CHAINCODE_ID_NAME": package_of(participant).id,
            "CHAINCODE_SERVER_ADDRESS": str(participant.listeners["chaincode"]),
            "CHAINCODE_TLS_KEY_FILE": str(tls / "server.key"),
            "CHAINCODE_TLS_CERT_FILE": str(tls / "server.crt"),
            "CHAINCODE_CLIENT_CA_FILE": str(tls / "ca.crt"),
            "JIFEN_OPERATORS": ",".join(consortium.org(name).msp for name in consortium.operators),
            "JIFEN_NETWORK_ID": participant.folder.network_id,
        }
        if chaincode.program:
            return Command((chaincode.program,), environment)
        if chaincode.implementation == "python":
            own = {**environment, "PYTHONPATH": str(DISTRIBUTION)}
            return Command((sys.executable, "-m", "chaincode.shim"), own)
        return Command((provide_chaincode(),), environment)

    return _service(participant, "chaincode", "chaincode", command, ("chaincode",), home, ())


def package_of(participant: Participant) -> ChaincodePackage:
    """Gives the organisation's chaincode package. The organisation must be enrolled."""
    tls, client = participant.folder.chaincode / "tls", participant.folder.chaincode / "client-tls"
    return chaincode_package(
        chaincode_definition(participant.consortium).label,
        participant.endpoints["chaincode"],
        (tls / "ca.crt").read_text(encoding="ascii"),
        (client / "server.key").read_text(encoding="ascii"),
        (client / "server.crt").read_text(encoding="ascii"),
    )


def _service(
    participant: Participant,
    name: str,
    kind: str,
    command: Callable[[], Command],
    listeners: tuple[str, ...],
    home: Path,
    configuration: tuple[str, ...],
    reads: tuple[Path, ...] = (),
) -> Service:
    folder, known = participant.folder, participant.shown
    metrics = known.get(f"{name}.metrics")
    listening = tuple(known[listener] for listener in listeners)
    return Service(
        org=participant.name,
        name=name,
        kind=kind,
        command=command,
        root=folder.root,
        folder=home,
        record=folder.run / f"{name}.json",
        log_file=folder.logs / f"{name}.log",
        endpoints=listening if metrics is None else (*listening, metrics),
        metrics_endpoint=metrics,
        configuration=tuple(home / file for file in configuration),
        reads=reads,
        images=participant.images,
    )
