"""What `consortium.yaml` may say. Every field with its unit, default and range; unknown keys are refused.

Rules that hold between fields (names once, ports once, orgs that exist, k within the number of merchants) stand in
`faults`, which names the field of each fault; `reading` adds the line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from network.declaration.currencies import fault_of_minor_unit
from network.declaration.endpoints import EVERY_ADDRESS, LOOPBACK, Endpoint, is_ip_address, is_loopback
from network.declaration.fabric_versions import BUILT_CA_VERSION, BUILT_IMAGES, BUILT_VERSION, fault_of_version
from network.declaration.policies import majority

NAME_PATTERN = r"^[a-z][a-z0-9-]{0,30}[a-z0-9]$"
HOST_NAME_PATTERN = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
DURATION_UNITS_SECONDS = {"h": 3600, "m": 60, "s": 1}
AUTO: Literal["auto"] = "auto"

Path = tuple[str | int, ...]


def _duration_ms(value: object) -> object:
    """Turns `15m`, `876000h`, `200ms`, `30s` into milliseconds."""
    if not isinstance(value, str):
        raise ValueError("must be a duration such as 200ms, 30s, 15m or 24h")
    if value.endswith("ms") and value[:-2].isdigit():
        return int(value[:-2])
    if value[-1:] in DURATION_UNITS_SECONDS and value[:-1].isdigit():
        return int(value[:-1]) * DURATION_UNITS_SECONDS[value[-1]] * 1000
    raise ValueError("must be a duration such as 200ms, 30s, 15m or 24h")


def _time_zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("must be a time zone of the IANA list, such as Asia/Shanghai")
    ZoneInfo(value)
    return value


def _minor_unit(value: int) -> int:
    fault = fault_of_minor_unit(value)
    if fault is not None:
        raise ValueError(fault)
    return value


def _address(value: str) -> str:
    if not is_ip_address(value) and (not re.fullmatch(HOST_NAME_PATTERN, value) or value[-1].isdigit()):
        raise ValueError("must be an IPv4 address or a host name, such as 203.0.113.7 or peers.harbor.example")
    return value


def _ip_address(value: str) -> str:
    if not is_ip_address(value):
        raise ValueError("must be an IPv4 address of the machine, or 0.0.0.0 for all that it has")
    return value


DurationMs = Annotated[int, BeforeValidator(_duration_ms)]
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
MspId = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9.-]{1,62}$")]
Domain = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$")]
Port = Annotated[int, Field(ge=1024, le=65535)] | Literal["auto"]
Address = Annotated[str, AfterValidator(_address)]
IpAddress = Annotated[str, AfterValidator(_ip_address)]


class Part(BaseModel):
    """Every part of the declaration: unknown keys are refused, values are not changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class CurrencyPart(Part):
    """The settlement currency: ISO 4217 code and the size of its minor unit in millionths of the unit (fen: 10,000)."""

    code: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    minor_unit_millionths: Annotated[int, AfterValidator(_minor_unit)] = 10_000


class Endorsement(Part):
    """`k` of OutOf(k, every merchant org's peer): how many merchants must compute the same result. Left out it is a
    majority of the merchants, and goes on being one as they come and go."""

    k: Annotated[int, Field(ge=1)] | None = None


class Batch(Part):
    """How the ordering service cuts blocks.

    A batch of 500 operations makes a transaction of half a megabyte to a whole one. The preferred size gives one of
    about 250 or more a block of its own, at once: where a few shared a block (4 MiB), a gateway's batches waited for
    the timeout and came back all together, so that gateway and peers took turns at waiting for each other; measured on
    two cores, 4,010 and 4,120 accruals a second with a fifth of the processors idle, and 4,460 and 5,060 with a
    twentieth. The absolute size leaves room for one unusually large transaction, and the count does not bind before the
    bytes do.

    The timeout is what a lone transaction waits: small, as a cashier waits for it, and so does every operation that
    follows another of the same member. `scripts/bench gateway --block-timeout 40,10,5,2` on two cores (other work
    beside it):

    | ms | lone redemption over HTTP, p50 and p99 in ms | 10 and 50 clients, median ms | accruals in batches a second | Node client's single transactions a second |
    |---|---|---|---|---|
    | 40 | 83 and 127; 79 and 105 | 45, 177; 18, 94 | 5,825; 4,252 | 209; 94 |
    | 10 | 42 and 103; 51 and 78 | 35, 157; 27, 113 | 3,870; 4,721 | 203; 118 |
    | 5 | 38 and 86; 42 and 69 | 32, 156; 28, 88 | 5,139; 5,223 | 206; 93 |
    | 2 | 31 and 97; 43 and 200 | 38, 160; 28, 121 | 5,305; 4,658 | 188; 117 |

    (two runs; the second with its load generator's reads among the clients' medians). 5 ms halves a lone redemption's
    time and costs neither saturated batches nor foreign clients more than one run differs from the next; 2 ms gains
    nothing and its p99 is worse.
    """

    timeout: DurationMs = 5
    messages_max: Annotated[int, Field(ge=1, le=100_000)] = 500
    preferred_bytes: Annotated[int, Field(ge=64 << 10, le=64 << 20)] = 256 << 10
    absolute_bytes: Annotated[int, Field(ge=64 << 10, le=90 << 20)] = 32 << 20


class Limits(Part):
    """How many calls of each kind a peer serves at once; over that it refuses, and the caller retries."""

    endorsements_in_flight: Annotated[int, Field(ge=1)] = 5_000
    gateway_calls_in_flight: Annotated[int, Field(ge=1)] = 5_000
    deliver_streams: Annotated[int, Field(ge=1)] = 5_000


def _fabric_version(value: str) -> str:
    fault = fault_of_version(value)
    if fault is not None:
        raise ValueError(fault)
    return value


class Fabric(Part):
    """Which Fabric the consortium runs. `version` is any 3.1.x from 3.1.1 on, `ca_version` fabric-ca's. `programs` names
    a folder with Fabric's programs of that version (without it set-up builds 3.1.1), for the runtime `process` and for
    images that are built. `images` says where containers come from: `built`, from the programs; or where the official
    images lie, such as `hyperledger` or `registry.example/hyperledger`."""

    version: Annotated[str, AfterValidator(_fabric_version)] = BUILT_VERSION
    ca_version: Annotated[str, Field(pattern=r"^1\.5\.\d{1,3}$")] = BUILT_CA_VERSION
    programs: Annotated[str, Field(pattern=r"^/.+$")] | None = None
    images: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._:/-]*$")] = BUILT_IMAGES


class OrgHost(Part):
    """A machine of an org. `address` is where other orgs reach its peers and ordering nodes there: a host name or an IP
    address. `listen` is the address that these listen at, left out: `address` where that is an IP address, else all
    that the machine has. `internal` is for what only the org itself calls: its authorities, its chaincode server, admin
    listeners, metrics and profiles; an org of several machines names an address here that its other machines reach."""

    name: Name = "main"
    address: Address = LOOPBACK
    listen: IpAddress | None = None
    internal: Address = LOOPBACK

    @property
    def listens_at(self) -> str:
        """Gives the address that peers and ordering nodes listen at."""
        return self.listen or (self.address if is_ip_address(self.address) else EVERY_ADDRESS)

    @property
    def shown_at(self) -> str:
        """Gives the address of this machine at which peers and ordering nodes are found: where they listen, unless
        they listen elsewhere, as in a container, and the machine passes on what comes."""
        return self.listens_at

    @property
    def internal_listens_at(self) -> str:
        """Gives the address that what only the org itself calls listens at."""
        return self.internal

    @property
    def internal_shown_at(self) -> str:
        """Gives the address of this machine at which that is found."""
        return self.internal


class Peer(Part):
    """A peer: its name within the org, the host that it is on (left out: the org's first) and its ports there (`auto`:
    a free one is picked once and kept). With a `metrics_port` it tells Prometheus of itself there, with a
    `profile_port` it serves Go's profiles; each to whoever can reach the port."""

    name: Name
    host: Name | None = None
    port: Port = AUTO
    metrics_port: Port | None = None
    profile_port: Port | None = None


class Orderer(Part):
    """An ordering node; `admin_port` serves channel participation (osnadmin) with mutual TLS, `metrics_port` is as a
    peer's, and so is `host`."""

    name: Name
    host: Name | None = None
    port: Port = AUTO
    admin_port: Port = AUTO
    metrics_port: Port | None = None


class Chaincode(Part):
    """Which implementation of the rules this org runs, and where its chaincode server listens. `program` names a build
    of the org's own (a path on its machine); without it the chaincode is built from this distribution. `host` is as a
    peer's."""

    implementation: Literal["go", "python"] = "go"
    program: Annotated[str, Field(pattern=r"^/.+$")] | None = None
    host: Name | None = None
    port: Port = AUTO


class Authority(Part):
    """The org's certificate authorities (fabric-ca); `host` and `metrics_port` are as a peer's."""

    host: Name | None = None
    port: Port = AUTO
    metrics_port: Port | None = None


class Org(Part):
    """One org. `roles` are the service identities beside `admin` and `gateway`: one identity of each name, with that
    value of the certificate attribute jifen.role. `gateway_org` names whose peer an org without peers uses."""

    name: Name
    display_name: Annotated[str, Field(min_length=1, max_length=64)] = ""
    msp_id: MspId | None = None
    domain: Domain | None = None
    hosts: Annotated[tuple[OrgHost, ...], Field(min_length=1)] = (OrgHost(),)
    ca: Authority = Authority()
    peers: tuple[Peer, ...] = ()
    orderers: tuple[Orderer, ...] = ()
    chaincode: Chaincode = Chaincode()
    roles: tuple[Literal["cashier", "marketing", "finance", "auditor"], ...] = ()
    gateway_org: Name | None = None

    @property
    def msp(self) -> str:
        """Gives the MSP id: as declared, else the name."""
        return self.msp_id or self.name

    @property
    def dns(self) -> str:
        """Gives the domain: as declared, else one under the reserved top level `example`."""
        return self.domain or f"{self.name}.example"

    @property
    def title(self) -> str:
        """Gives the name for people."""
        return self.display_name or self.name

    @property
    def nodes(self) -> tuple[Peer | Orderer, ...]:
        """Gives its peers and ordering nodes."""
        return (*self.peers, *self.orderers)

    @property
    def public_services(self) -> tuple[str, ...]:
        """Gives the services that other orgs call: peers and ordering nodes."""
        return tuple(node.name for node in self.nodes)

    def host_of(self, service: str) -> OrgHost:
        """Gives the host that a service is on: `peer0` and `peer0.metrics`, `ca`, `chaincode`; of all else (`logs`) the
        first."""
        named: dict[str, str | None] = {"ca": self.ca.host, "chaincode": self.chaincode.host}
        named.update((node.name, node.host) for node in self.nodes)
        wanted = named.get(service.partition(".")[0])
        return next((host for host in self.hosts if host.name == wanted), self.hosts[0])

    def endpoints(self, ports: Mapping[str, int]) -> dict[str, Endpoint]:
        """Gives where each service is reached, by the ports that they have: what other orgs call at the address of its
        host, all else at the internal one."""
        return self._at(ports, lambda host: (host.address, host.internal))

    def listeners(self, ports: Mapping[str, int]) -> dict[str, Endpoint]:
        """Gives where each service listens, by the ports that they have."""
        return self._at(ports, lambda host: (host.listens_at, host.internal_listens_at))

    def shown(self, ports: Mapping[str, int]) -> dict[str, Endpoint]:
        """Gives where each service is found on its machine, by the ports that they have."""
        return self._at(ports, lambda host: (host.shown_at, host.internal_shown_at))

    def _at(self, ports: Mapping[str, int], addresses: Callable[[OrgHost], tuple[str, str]]) -> dict[str, Endpoint]:
        """`addresses` gives of a host where others reach it, and where the org itself does."""
        found = {}
        for service, port in ports.items():
            public, internal = addresses(self.host_of(service))
            found[service] = Endpoint(public if service in self.public_services else internal, port)
        return found


Days = Annotated[int, Field(ge=0, le=90)]


class Disputes(Part):
    """How long each stage of a dispute lasts, in days, before silence counts against who has to speak, and what its
    loser pays the winner, in minor units of the currency."""

    answer_days: Days = 5
    escalation_days: Days = 5
    fee_minor: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0
    inquiry_days: Days = 5
    vote_days: Days = 5


class Consortium(Part):
    """The whole declaration.

    With `mutual_tls` peers and ordering nodes take only clients that show a certificate of an org's authority for TLS.
    It is off by default: every call is signed by an identity of an org anyway, and each client of another org would
    need a second key. On, nobody without such a key gets as far as a call.
    """

    version: Literal[1]
    name: Name
    display_name: Annotated[str, Field(max_length=64)] = ""
    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9.-]{0,248}$")] = "jifen"
    chaincode: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")] = "jifen"
    time_zone: Annotated[str, AfterValidator(_time_zone)]
    currency: CurrencyPart
    acceptance_days: Annotated[int, Field(ge=0, le=90)] = 7
    payment_days: Annotated[int, Field(ge=1, le=90)] = 3
    confirmation_days: Annotated[int, Field(ge=1, le=90)] = 3
    refund_days: Annotated[int, Field(ge=1, le=366)] = 90
    disputes: Disputes = Disputes()
    proposal_time_window: DurationMs = 15 * 60 * 1000
    mutual_tls: bool = False
    consensus: Literal["raft"] = "raft"
    fabric: Fabric = Fabric()
    endorsement: Endorsement = Endorsement()
    batch: Batch = Batch()
    limits: Limits = Limits()
    operators: Annotated[tuple[Name, ...], Field(min_length=1)]
    orgs: Annotated[tuple[Org, ...], Field(min_length=1)]

    @property
    def title(self) -> str:
        """Gives the name for people."""
        return self.display_name or self.name

    @property
    def merchants(self) -> tuple[Org, ...]:
        """Gives the orgs with peers, in order."""
        return tuple(org for org in self.orgs if org.peers)

    @property
    def endorsement_k(self) -> int:
        """Gives how many merchants endorse: as declared, else a majority."""
        return majority(len(self.merchants)) if self.endorsement.k is None else self.endorsement.k

    @property
    def replay(self) -> bool:
        """Says whether transactions may carry timestamps of another time (a window over a day)."""
        return self.proposal_time_window > 24 * 3600 * 1000

    def org(self, name: str) -> Org:
        """Gives the org called `name`; KeyError when there is none."""
        for org in self.orgs:
            if org.name == name:
                return org
        raise KeyError(name)

    def gateway_org(self, org: Org) -> str:
        """Gives the org whose peer `org` uses: itself when it has one, else the declared one, else the first
        merchant."""
        return org.name if org.peers else (org.gateway_org or self.merchants[0].name)

    def ports(self) -> Iterator[tuple[Path, str, str, int | str]]:
        """Gives every port there is: field path, org, service (`peer0`, `orderer0.admin`, `ca`, `chaincode`), port or
        `auto`."""
        for index, org in enumerate(self.orgs):
            for path, service, port in org_ports(org):
                yield ("orgs", index, *path), org.name, service, port


def org_ports(org: Org) -> Iterator[tuple[Path, str, int | str]]:
    """Gives the ports of one org: field path within it, service, port or `auto`. A chaincode server for each peer's
    org."""
    yield ("ca", "port"), "ca", org.ca.port
    if org.ca.metrics_port is not None:
        yield ("ca", "metrics_port"), "ca.metrics", org.ca.metrics_port
    for number, peer in enumerate(org.peers):
        yield ("peers", number, "port"), peer.name, peer.port
        if peer.metrics_port is not None:
            yield ("peers", number, "metrics_port"), f"{peer.name}.metrics", peer.metrics_port
        if peer.profile_port is not None:
            yield ("peers", number, "profile_port"), f"{peer.name}.profile", peer.profile_port
    for number, orderer in enumerate(org.orderers):
        yield ("orderers", number, "port"), orderer.name, orderer.port
        yield ("orderers", number, "admin_port"), f"{orderer.name}.admin", orderer.admin_port
        if orderer.metrics_port is not None:
            yield ("orderers", number, "metrics_port"), f"{orderer.name}.metrics", orderer.metrics_port
    if org.peers:
        yield ("chaincode", "port"), "chaincode", org.chaincode.port


def faults(consortium: Consortium) -> Iterator[tuple[str, Path, str]]:
    """Gives the faults between fields: code, field path, what is wrong."""
    yield from _names(consortium)
    yield from _ports(consortium)
    yield from _references(consortium)
    yield from _hosts(consortium)
    fabric = consortium.fabric
    if fabric.version != BUILT_VERSION and fabric.programs is None and fabric.images == BUILT_IMAGES:
        text = f"set-up builds {BUILT_VERSION} alone; name a folder with the programs of {fabric.version} "
        yield "DECLARATION_BAD_VALUE", ("fabric", "version"), text + "(fabric.programs), or where its images lie"


def _ports(consortium: Consortium) -> Iterator[tuple[str, Path, str]]:
    """One port is one service's on each machine; what is called from another machine has a port that is known there."""
    seen: dict[tuple[str, int], str] = {}
    for path, name, service, port in consortium.ports():
        org = consortium.org(name)
        machine = org.host_of(service).address
        if isinstance(port, int):
            if (machine, port) in seen:
                text = f"port {port} is already that of {seen[machine, port]}"
                yield "DECLARATION_DUPLICATE_PORT", path, text
            seen.setdefault((machine, port), f"{name}.{service}")
        elif service in org.public_services and not is_loopback(machine):
            text = f"a port must be named that other machines are let through to {service} at {machine}"
            yield "DECLARATION_BAD_VALUE", path, text


def _hosts(consortium: Consortium) -> Iterator[tuple[str, Path, str]]:
    for index, org in enumerate(consortium.orgs):
        names = [host.name for host in org.hosts]
        for number, name in enumerate(names):
            if name in names[:number]:
                path = ("orgs", index, "hosts", number, "name")
                yield "DECLARATION_DUPLICATE_NAME", path, f"{name} is already a host of org {org.name}"
        parts: list[tuple[Path, Any]] = [(("ca",), org.ca), (("chaincode",), org.chaincode)]
        parts += [(("peers", number), peer) for number, peer in enumerate(org.peers)]
        parts += [(("orderers", number), node) for number, node in enumerate(org.orderers)]
        for place, part in parts:
            if part.host is not None and part.host not in names:
                text = f"org {org.name} has no host {part.host}; it has {', '.join(names)}"
                yield "DECLARATION_BAD_VALUE", ("orgs", index, *place, "host"), text


def _names(consortium: Consortium) -> Iterator[tuple[str, Path, str]]:
    for field in ("name", "msp", "dns"):
        seen: set[str] = set()
        for index, org in enumerate(consortium.orgs):
            value = getattr(org, field)
            if value in seen:
                key = {"name": "name", "msp": "msp_id", "dns": "domain"}[field]
                yield "DECLARATION_DUPLICATE_NAME", ("orgs", index, key), f"{value} is already that of another org"
            seen.add(value)
    for index, org in enumerate(consortium.orgs):
        nodes: set[str] = {"ca", "chaincode", "logs", "admin", "gateway", *org.roles}
        for kind in ("peers", "orderers"):
            for number, node in enumerate(getattr(org, kind)):
                if node.name in nodes:
                    path = ("orgs", index, kind, number, "name")
                    yield "DECLARATION_DUPLICATE_NAME", path, f"{node.name} is already used in org {org.name}"
                nodes.add(node.name)


def _references(consortium: Consortium) -> Iterator[tuple[str, Path, str]]:
    names = [org.name for org in consortium.orgs]
    merchants = [org.name for org in consortium.merchants]
    for number, name in enumerate(consortium.operators):
        if name not in names:
            yield "DECLARATION_UNKNOWN_ORG", ("operators", number), f"no org {name}; there are {', '.join(names)}"
    for index, org in enumerate(consortium.orgs):
        if org.gateway_org and org.gateway_org not in merchants:
            text = f"{org.gateway_org} is no org with a peer; there are {', '.join(merchants) or 'none'}"
            yield "DECLARATION_UNKNOWN_ORG", ("orgs", index, "gateway_org"), text
    if not merchants:
        yield "DECLARATION_BAD_VALUE", ("orgs",), "at least one org needs a peer"
    if (consortium.endorsement.k or 0) > len(merchants):
        text = f"k is {consortium.endorsement.k} and only {len(merchants)} orgs have peers"
        yield "DECLARATION_BAD_VALUE", ("endorsement", "k"), text
    if not any(org.orderers for org in consortium.orgs):
        yield "DECLARATION_BAD_VALUE", ("orgs",), "at least one org needs an orderer"
    if consortium.batch.absolute_bytes < consortium.batch.preferred_bytes:
        yield "DECLARATION_BAD_VALUE", ("batch", "absolute_bytes"), "must not be below preferred_bytes"


def choices(consortium: Consortium) -> Iterator[str]:
    """Gives, a sentence each, what a declaration chooses that its owner should know the price of."""
    k, count = consortium.endorsement_k, len(consortium.merchants)
    if k < majority(count):
        yield (
            f"endorsement.k is {k} of {count} merchants: any {k} of them, acting together, can write whatever state they "
            f"like. Left out, k is a majority ({majority(count)} now), kept as merchants come and go"
        )
