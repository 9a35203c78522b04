"""Which processes an org runs, derived from its folder alone, so that they can be started again at any time."""

from __future__ import annotations

import sys

from network.declaration.model import Consortium, Org
from network.folders import OrgFolder
from network.programs.chaincode import DISTRIBUTION, provide_chaincode
from network.programs.program_sets import Programs
from network.rendering.peer import CONNECTION_FOLDER_VARIABLE
from network.runtime.process import log_keeper
from network.runtime.process.service import Service

LOGGING = {
    "FABRIC_LOGGING_SPEC": "warn",
    "FABRIC_LOGGING_FORMAT": "%{time:2006-01-02T15:04:05.000Z07:00} %{level} [%{module}] %{message}",
}
COLLECTOR_PERCENT = "300"
"""Of GOGC for peers: little of what a block or a batch of 500 operations allocates outlives it, so the heap may grow to four times what is alive before it is
collected. Measured on a machine with other work, two runs of such batches each: with 100, the default, 464 and 476 µs of CPU an operation in two peers, with 300 377 and 427;
a peer under the soak of `jifen bench throughput` then has 0.95 GB resident."""
KINDS = ("logs", "ca", "orderer", "chaincode", "peer")
"""In the order of starting: what serves before what calls."""


def log_service(folder: OrgFolder) -> Service:
    """What keeps the logs of all others within bounds."""
    arguments = (sys.executable, "-I", "-S", log_keeper.__file__, str(folder.logs))
    return _service(folder, "logs", "logs", arguments, (), "", {})


def authority_service(folder: OrgFolder, programs: Programs) -> Service:
    """The certificate authority."""
    arguments = (programs.path("fabric-ca-server"), "start", "--home", str(folder.authority), "--loglevel", "warning")
    return _service(folder, "ca", "ca", arguments, (folder.read_ports()["ca"],), folder.authority, {})


def orderer_services(folder: OrgFolder, org: Org, programs: Programs) -> list[Service]:
    """The ordering nodes."""
    ports = folder.read_ports()
    return [
        _service(
            folder,
            orderer.name,
            "orderer",
            (programs.path("orderer"),),
            (ports[orderer.name], ports[f"{orderer.name}.admin"]),
            folder.node(orderer.name),
            {"FABRIC_CFG_PATH": str(folder.node(orderer.name)), **LOGGING},
        )
        for orderer in org.orderers
    ]


def peer_services(folder: OrgFolder, org: Org, programs: Programs) -> list[Service]:
    """The peers."""
    ports = folder.read_ports()
    return [
        _service(
            folder,
            peer.name,
            "peer",
            (programs.path("peer"), "node", "start"),
            (ports[peer.name],),
            folder.node(peer.name),
            {
                "FABRIC_CFG_PATH": str(folder.node(peer.name)),
                # Fabric takes this one path as an absolute one only.
                "CORE_LEDGER_SNAPSHOTS_ROOTDIR": str(folder.node(peer.name) / "data" / "snapshots"),
                CONNECTION_FOLDER_VARIABLE: str(folder.chaincode / "connections"),
                "GOGC": COLLECTOR_PERCENT,
                **LOGGING,
            },
        )
        for peer in org.peers
    ]


def chaincode_service(
    folder: OrgFolder, consortium: Consortium, org: Org, package_id: str, network_id: str, *, build: bool = True
) -> Service:
    """The chaincode server, in the implementation that the org declared; it is told of the operators that the org's own
    declaration names, and of the network by the first block that the org received. Without `build` only to look at or to
    end it."""
    port = folder.read_ports()["chaincode"]
    tls = folder.chaincode / "tls"
    environment = {
        "CORE_CHAINCODE_ID_NAME": package_id,
        "CHAINCODE_SERVER_ADDRESS": f"127.0.0.1:{port}",
        "CHAINCODE_TLS_KEY_FILE": str(tls / "server.key"),
        "CHAINCODE_TLS_CERT_FILE": str(tls / "server.crt"),
        "CHAINCODE_CLIENT_CA_FILE": str(tls / "ca.crt"),
        "JIFEN_OPERATORS": ",".join(consortium.org(name).msp for name in consortium.operators),
        "JIFEN_NETWORK_ID": network_id,
    }
    if org.chaincode.program:
        arguments: tuple[str, ...] = (org.chaincode.program,)
    elif org.chaincode.implementation == "python":
        arguments = (sys.executable, "-m", "chaincode.shim")
        environment["PYTHONPATH"] = str(DISTRIBUTION)
    else:
        arguments = (provide_chaincode() if build else "",)
    return _service(folder, "chaincode", "chaincode", arguments, (port,), folder.chaincode, environment)


def _service(
    folder: OrgFolder,
    name: str,
    kind: str,
    arguments: tuple[str, ...],
    ports: tuple[int, ...],
    home: object,
    environment: dict[str, str],
) -> Service:
    metrics_port = folder.read_ports().get(f"{name}.metrics")
    return Service(
        org=folder.name,
        name=name,
        kind=kind,
        arguments=arguments,
        folder=folder.root / str(home),
        pid_file=folder.run / f"{name}.json",
        log_file=folder.logs / f"{name}.log",
        ports=ports if metrics_port is None else (*ports, metrics_port),
        environment=environment,
        metrics_port=metrics_port,
    )
