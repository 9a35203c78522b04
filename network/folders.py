"""Where things lie: the folder of a network on one machine, and the folder of one org, which is all that the org
needs."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from network.connection import CONNECTION_FILE, NETWORK_FILE, PROFILE_FILE, SNAPSHOT_FILE
from network.declaration.model import NAME_PATTERN
from network.errors import NetworkError

FORMAT = 1
ORGANISATION_FILE = "organisation.json"
LEFT = "left"
JOINING = "joining"
"""In the marker: who is on its way into the running network, and no part of it for gateways and clients yet."""


def write(file: Path, content: str | bytes, *, private: bool = False) -> None:
    """Writes a file whole or not at all; `private` files are readable by their owner alone. Unchanged ones stay as they
    are."""
    data = content.encode() if isinstance(content, str) else content
    if file.is_file() and file.read_bytes() == data:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if private else 0o644)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
    unfinished.replace(file)


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"


class OrgFolder:
    """The folder of one org. Nothing in it is another org's, except the files in `inbox`, which were made to be passed
    on."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.marker = root / ORGANISATION_FILE
        found: tuple[str, str | None] = _organisation(self.marker) if self.marker.is_file() else (root.name, None)
        self.name, self.host = found
        """Whose folder it is, and which of its hosts this machine is: None where one machine is all of them."""
        self.declaration = root / "consortium.yaml"
        self.ports = root / "ports.json"
        self.network_id_file = root / "network-id"
        self.first_block = root / "known" / "channel.block"
        self.begun_with = root / SNAPSHOT_FILE
        """Which snapshot its peers began with, and who vouched for it; not there where they began with block 0."""
        self.received_snapshot = root / "exchange" / "snapshot"
        self.secrets = root / "secrets"
        self.authority = root / "ca"
        self.msp = root / "msp"
        self.nodes = root / "nodes"
        self.identities = root / "identities"
        self.chaincode = root / "chaincode"
        self.builder = root / "builder"
        self.client = root / "client"
        self.outbox = root / "exchange" / "outbox"
        self.inbox = root / "exchange" / "inbox"
        self.run = root / "run"
        self.logs = root / "logs"
        self.connection = root / CONNECTION_FILE
        self.profile = root / PROFILE_FILE

    def node(self, name: str) -> Path:
        """Gives the folder of a peer or orderer: configuration, msp, tls, data."""
        return self.nodes / name

    def identity_msp(self, name: str) -> Path:
        """Gives the MSP folder of an identity, in the form that the `peer` command reads."""
        return self.identities / name / "msp"

    def identity_tls(self, name: str) -> Path:
        """Gives the folder of the TLS certificate that an identity shows as a client (`client.crt`, `client.key`), in a
        network with mutual TLS."""
        return self.identities / name / "tls"

    @property
    def orderer_administrator(self) -> Path:
        """Gives the folder of the certificate that the org's own ordering nodes take on their admin listeners
        (`client.crt`, `client.key`)."""
        return self.identities / "admin" / "osnadmin"

    def read_ports(self) -> dict[str, int]:
        """Gives the ports of the org's services. Raises NetworkError NETWORK_NOT_READY before the org was prepared."""
        if not self.ports.is_file():
            raise NetworkError("NETWORK_NOT_READY", f"{self.root} has no {self.ports.name}")
        ports: dict[str, int] = json.loads(self.ports.read_text(encoding="utf-8"))
        return ports

    @property
    def network_id(self) -> str:
        """Gives the id of the network that the organisation has examined the first block of; empty before."""
        return self.network_id_file.read_text(encoding="ascii").strip() if self.network_id_file.is_file() else ""

    def declaration_digest(self) -> str:
        """Gives the SHA-256 (hex) of the org's copy of the declaration."""
        return hashlib.sha256(self.declaration.read_bytes()).hexdigest()

    def received(self, sender: str, name: str) -> Path:
        """Gives a file that `sender` published. Raises NetworkError STEP_INPUT_MISSING when it has not arrived."""
        file = self.inbox / sender / name
        if not file.is_file():
            raise NetworkError("STEP_INPUT_MISSING", f"{self.name} has not received {name} from {sender}")
        return file


def _organisation(marker: Path) -> tuple[str, str]:
    """Reads whose folder it is. Raises NetworkError NETWORK_FOLDER_FOREIGN for a marker that is none of ours."""
    try:
        document = json.loads(marker.read_text(encoding="utf-8"))
        name, host = document["org"], document["host"]
        if document["format"] != FORMAT or not all(re.match(NAME_PATTERN, one) for one in (name, host)):
            raise ValueError
    except (ValueError, TypeError, KeyError) as error:
        raise NetworkError("NETWORK_FOLDER_FOREIGN", f"{marker} is none of ours") from error
    return name, host


def make_organisation(root: Path, declaration: str, org: str, host: str) -> OrgFolder:
    """Makes `root` the folder of an organisation on one of its hosts, with its copy of the declaration. Raises
    NetworkError NETWORK_FOLDER_FOREIGN when something else lies in it."""
    marker = root / ORGANISATION_FILE
    if marker.is_file():
        found = _organisation(marker)
        if found != (org, host):
            raise NetworkError("NETWORK_FOLDER_FOREIGN", f"{root} is that of {found[0]} on {found[1]}")
    elif root.is_dir() and any(root.iterdir()):
        raise NetworkError("NETWORK_FOLDER_FOREIGN", f"{root} is no organisation's folder, and is not empty")
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    write(marker, json.dumps({"format": FORMAT, "org": org, "host": host}, indent=2) + "\n")
    folder = OrgFolder(root)
    write(folder.declaration, declaration)
    return folder


class NetworkFolder:
    """The folder of a network on one machine: the declaration, and `orgs/<name>` for each org."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.marker = root / NETWORK_FILE
        self.declaration = root / "consortium.yaml"
        self.lock = root / ".lock"
        self.orgs_folder = root / "orgs"
        self.proved = root / "proved.json"
        """The pids of the processes through which a commit was seen on every peer."""

    def org(self, name: str) -> OrgFolder:
        """Gives the folder of one org."""
        return OrgFolder(self.orgs_folder / name)

    @property
    def org_names(self) -> list[str]:
        """Gives the orgs on this machine, those that are joining last. Raises NetworkError NETWORK_NOT_FOUND where no network is, and
        NETWORK_FOLDER_FOREIGN when the marker is none of ours: what it names is removed by `down`, so no name may lead
        out of the folder."""
        if not self.marker.is_file():
            raise NetworkError("NETWORK_NOT_FOUND", f"{self.root} holds no network; `jifen network up` makes one")
        try:
            document = json.loads(self.marker.read_text(encoding="utf-8"))
        except ValueError as error:
            raise NetworkError("NETWORK_FOLDER_FOREIGN", f"{self.marker} is not JSON") from error
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise NetworkError("NETWORK_FOLDER_FOREIGN", f"{self.marker} has another format")
        names: list[str] = [*document.get("orgs", []), *document.get(JOINING, [])]
        for name in names:
            if not isinstance(name, str) or not re.match(NAME_PATTERN, name) or self.org(name).root.is_symlink():
                raise NetworkError(
                    "NETWORK_FOLDER_FOREIGN", f"{self.marker} names {name!r:.80}, which is no org's folder"
                )
        if self.orgs_folder.is_symlink():
            raise NetworkError("NETWORK_FOLDER_FOREIGN", f"{self.orgs_folder} is a link to elsewhere")
        return names

    @property
    def orgs(self) -> list[OrgFolder]:
        """Gives the folders of the orgs on this machine."""
        return [self.org(name) for name in self.org_names]

    def must_be_free(self) -> None:
        """Raises NetworkError NETWORK_FOLDER_FOREIGN when something else than a network or its declaration lies in the
        folder."""
        if self.marker.is_file() or not self.root.is_dir():
            return
        others = [one.name for one in self.root.iterdir() if one.name not in (self.lock.name, self.declaration.name)]
        if others:
            named = ", ".join(sorted(others)[:3])
            raise NetworkError("NETWORK_FOLDER_FOREIGN", f"{self.root} holds no network, and is not empty ({named})")

    def claim(self, orgs: Iterable[str]) -> None:
        """Makes the folder a network's. Raises NetworkError NETWORK_FOLDER_FOREIGN when something else lies in it. A
        declaration that lies there already is its owner's, and stays when the network is removed."""
        self.must_be_free()
        if self.marker.is_file():
            return
        document = {"format": FORMAT, "orgs": list(orgs), "keeps_declaration": self.declaration.is_file()}
        write(self.marker, _json(document))

    @property
    def joining(self) -> list[str]:
        """Gives the orgs on this machine that are joining the running network."""
        return [name for name in self.org_names if name in self._document.get(JOINING, [])]

    def begin_joining(self, names: Iterable[str]) -> None:
        """Notes that these orgs are joining: their folders are the network's from now on."""
        known, coming = self._document, set(names)
        left = [name for name in known.get(LEFT, []) if name not in coming]
        write(self.marker, _json({**known, JOINING: sorted({*known.get(JOINING, []), *coming}), LEFT: left}))

    def end_joining(self) -> None:
        """Notes that those who were joining are in the network."""
        known, joined = self._document, self.joining
        write(self.marker, _json({**known, "orgs": [*known["orgs"], *joined], JOINING: []}))

    def end_leaving(self, names: Iterable[str]) -> None:
        """Notes that these orgs are in the network no more; their folders stay until it is removed."""
        known, gone = self._document, set(names)
        orgs = [name for name in known["orgs"] if name not in gone]
        write(self.marker, _json({**known, "orgs": orgs, LEFT: sorted({*known.get(LEFT, []), *gone})}))

    @property
    def left(self) -> list[OrgFolder]:
        """Gives the folders of the orgs on this machine that have left the network."""
        return [self.org(name) for name in self._document.get(LEFT, [])]

    @property
    def _document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.marker.read_text(encoding="utf-8"))
        return document

    @property
    def keeps_declaration(self) -> bool:
        """Says whether the declaration lay in the folder before the network did."""
        return self._document.get("keeps_declaration") is True
