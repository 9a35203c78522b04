"""The first step: the organisation's folder with its copy of the declaration, its ports and all rendered
configuration."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from network.declaration.model import AUTO, Org, org_ports
from network.folders import write
from network.nodes.authority import IDENTITY_SECRET, TLS_SECRET
from network.participant import Participant
from network.rendering.authority import authority_configs
from network.rendering.builder import SCRIPTS
from network.rendering.channel import msp_config
from network.rendering.orderer import orderer_config
from network.rendering.peer import client_config, peer_config
from network.runtime.process import ports
from network.steps.step import Step, TakenBy

SECRETS = (IDENTITY_SECRET, TLS_SECRET)
EXECUTABLE, FOR_ALL, FOR_OWNER = 0o755, 0o644, 0o600


@dataclass(frozen=True)
class Rendered:
    """A file to write: its text and its mode."""

    text: str
    mode: int = FOR_ALL


class Prepare(Step):
    """Makes the organisation's folder, or brings it up to date with the declaration."""

    name = "prepare"
    summary = "the organisation's folder holds the declaration, its ports and all configuration that follows from them"
    taken_by = TakenBy.EVERY_ORG
    revises = (
        "display_name",
        "proposal_time_window",
        "limits.*",
        "orgs.*.ca.port",
        "orgs.*.ca.metrics_port",
        "orgs.*.peers.*.metrics_port",
        "orgs.*.peers.*.profile_port",
        "orgs.*.orderers.*.admin_port",
        "orgs.*.orderers.*.metrics_port",
    )

    def done(self, participant: Participant) -> bool:
        """Says whether every file is there as it follows from the declaration."""
        folder = participant.folder
        if not folder.ports.is_file() or not all((folder.secrets / name).is_file() for name in SECRETS):
            return False
        kept = folder.read_ports()
        wanted = {service: port for _, service, port in org_ports(participant.org)}
        if wanted.keys() != kept.keys() or any(port not in (AUTO, kept[name]) for name, port in wanted.items()):
            return False
        return all(_stands(file, one) for file, one in _files(participant, kept).items())

    def take(self, participant: Participant) -> None:
        """Writes what is missing or differs; picks a port for each service that has none yet."""
        folder = participant.folder
        for name in SECRETS:
            if not (folder.secrets / name).is_file():
                write(folder.secrets / name, secrets.token_urlsafe(32), private=True)
        kept = folder.read_ports() if folder.ports.is_file() else {}
        chosen = choose_ports(participant.org, kept, participant.taken_ports)
        for file, one in _files(participant, chosen).items():
            write(file, one.text, private=one.mode == FOR_OWNER)
            if one.mode == EXECUTABLE:
                file.chmod(EXECUTABLE)


def choose_ports(org: Org, kept: Mapping[str, int], taken: Collection[int]) -> dict[str, int]:
    """Gives a port for each service of the organisation: the declared one, else the one that it has, else a free one
    that is not in `taken`."""
    chosen: dict[str, int] = {}
    for _, service, port in org_ports(org):
        if isinstance(port, int):
            chosen[service] = port
        elif service in kept:
            chosen[service] = kept[service]
        else:
            listener = org.listeners({service: 0})[service]
            chosen[service] = ports.pick(listener.host, {*taken, *kept.values(), *chosen.values()})
    return chosen


def _stands(file: Path, one: Rendered) -> bool:
    return (
        file.is_file()
        and file.read_bytes() == one.text.encode()
        and (one.mode != EXECUTABLE or bool(file.stat().st_mode & 0o100))
    )


def _files(participant: Participant, chosen: Mapping[str, int]) -> dict[Path, Rendered]:
    """Gives everything that needs nothing from the others, by the files that it stands in. The declaration comes last:
    where an interrupted run has not written it, it is still known that the rest may be of an earlier one."""
    folder, consortium, org = participant.folder, participant.consortium, participant.org
    endpoints, listeners = org.endpoints(chosen), org.listeners(chosen)
    files: dict[Path, Rendered] = {
        folder.ports: Rendered(json.dumps(chosen, indent=2) + "\n"),
        folder.client / "core.yaml": Rendered(client_config()),
        folder.msp / "config.yaml": Rendered(msp_config()),
    }
    kept = [(folder.secrets / name).read_text(encoding="utf-8") for name in SECRETS]
    for name, text in authority_configs(org, endpoints, listeners, *kept).items():
        files[folder.authority / name] = Rendered(text, FOR_OWNER)
    for peer in org.peers:
        text = peer_config(consortium, org, peer, endpoints, listeners)
        files[folder.node(peer.name) / "core.yaml"] = Rendered(text)
    for orderer in org.orderers:
        text = orderer_config(consortium, org, orderer, listeners)
        files[folder.node(orderer.name) / "orderer.yaml"] = Rendered(text)
    if org.peers:
        for name, script in SCRIPTS.items():
            files[folder.builder / "bin" / name] = Rendered(script, EXECUTABLE)
    files[folder.declaration] = Rendered(participant.text)
    return files
