"""What an organisation runs in containers, as compose and Kubernetes tell it: the same containers that the runtime
`docker` starts, and beside them a gateway, its database, and what watches all of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from network.errors import NetworkError
from network.nodes.services import services_of
from network.participant import Participant
from network.programs.images.catalogue import Image, Role
from network.runtime.docker import places
from network.runtime.docker.containers import LIMITS as SERVICE_LIMITS
from network.runtime.docker.containers import ORG, Container, Limits, Mount, container_of, owner_of
from network.runtime.service import Service

POSTGRES_IMAGE = "postgres:17.6"
PROMETHEUS_IMAGE = "prom/prometheus:v3.5.0"
GRAFANA_IMAGE = "grafana/grafana:12.1.1"
GATEWAY_PORT, POSTGRES_PORT, PROMETHEUS_PORT, GRAFANA_PORT = 8080, 5432, 9090, 3000
GATEWAY_FOLDER, GATEWAY_KEYS = "/gateway", "/keys"
DATABASE = "jifen"
PASSWORD_FILE = "/run/secrets/pgpass"
GATEWAY_READS = ("connection.json", "known", "identities")
"""What a gateway reads of its organisation's folder."""
STORE_URL = f"postgresql://{DATABASE}@postgres:{POSTGRES_PORT}/{DATABASE}"


@dataclass(frozen=True)
class Deployed:
    """A service with its container and the name of its image. `published` is where this machine shows its ports."""

    service: Service
    container: Container
    image: str

    @property
    def name(self) -> str:
        """Gives the name of the service."""
        return self.service.name


@dataclass(frozen=True)
class Project:
    """All that an organisation runs. `network` is the organisation's in the engine, `user` those whose its folder is,
    `address` where this machine shows what is for the organisation itself."""

    participant: Participant
    deployed: tuple[Deployed, ...]
    network: str
    address: str
    user: str
    gateway_image: str

    @property
    def name(self) -> str:
        """Gives the organisation's name."""
        return self.participant.name

    @property
    def root(self) -> Path:
        """Gives the organisation's folder."""
        return self.participant.folder.root

    @property
    def watched(self) -> dict[str, int]:
        """Gives the services that tell Prometheus of themselves, with their ports; the gateway among them."""
        found = {one.name: one.service.metrics_endpoint.port for one in self.deployed if one.service.metrics_endpoint}
        return found | {"gateway": GATEWAY_PORT}


def project_of(participant: Participant) -> Project:
    """Gives an organisation's project. Raises NetworkError RUNTIME_CHANGED for one whose configuration is that of native
    processes, NETWORK_NOT_READY before it is enrolled, and the errors of images that are built."""
    root = participant.folder.root
    if not places.is_placed(root):
        raise NetworkError(
            "RUNTIME_CHANGED",
            f"{root} was made for native processes, which listen where a container cannot; make the network with "
            "`jifen network up --runtime docker`",
        )
    if not participant.folder.connection.is_file():
        raise NetworkError("NETWORK_NOT_READY", f"{participant.name} has no identities yet; `jifen network up` goes on")
    deployed = []
    for service in services_of(participant):
        container = container_of(service)
        deployed.append(Deployed(service, container, participant.images.image(container.role).name))
    network = places.read_places(root)[participant.name]
    return Project(
        participant=participant,
        deployed=tuple(deployed),
        network=network,
        address=participant.org.hosts[0].internal,
        user=":".join(map(str, owner_of(root))),
        gateway_image=participant.images.image(Role.JIFEN).name,
    )


def images_of(participant: Participant) -> list[Image]:
    """Gives the images of an organisation's project that are built or pulled by Jifen, each once."""
    roles = {container_of(service).role for service in services_of(participant)} | {Role.JIFEN}
    return [participant.images.image(role) for role in Role if role in roles]


def gateway_container(project: Project) -> Container:
    """Gives the gateway's container; its folder and its key lie beside the organisation's own."""
    environment = {
        "JIFEN_GATEWAY_HTTP__HOST": "0.0.0.0",
        "JIFEN_GATEWAY_STORE__URL": STORE_URL,
        "PGPASSFILE": PASSWORD_FILE,
        "JIFEN_GATEWAY": GATEWAY_FOLDER,
        "HOME": "/tmp",
    }
    return Container(
        role=Role.JIFEN,
        arguments=("jifen", "gateway", "serve"),
        environment=environment,
        mounts=tuple(Mount(project.root / name, f"{ORG}/{name}", False) for name in GATEWAY_READS),
        folder="/tmp",
        ports=(GATEWAY_PORT,),
        limits=SERVICE_LIMITS["gateway"],
    )


def gateway_preparation(project: Project) -> tuple[str, ...]:
    """Gives the command that makes the gateway's folder, its key and its tables; safe to repeat."""
    places_ = ("--ledger-folder", ORG, "--ledger", "fabric", "--key-file", f"{GATEWAY_KEYS}/gateway.key")
    return ("jifen", "gateway", "init", "--org", project.name, *places_, "--port", str(GATEWAY_PORT))


def limits_of(kind: str) -> Limits:
    """Gives the limits of a kind of service."""
    return SERVICE_LIMITS[kind]
