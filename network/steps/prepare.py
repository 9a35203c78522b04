"""The first step: the org's folder with its copy of the declaration, its ports and all rendered configuration."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from pathlib import Path

from network.declaration import parse, read
from network.declaration.model import Consortium, Org, org_ports
from network.declaration.revision import changes, told
from network.errors import NetworkError
from network.folders import OrgFolder, write
from network.rendering.authority import authority_configs
from network.rendering.builder import SCRIPTS
from network.rendering.channel import msp_config
from network.rendering.orderer import orderer_config
from network.rendering.peer import client_config, peer_config
from network.runtime.process import ports

AUTHORITY_ADMINISTRATOR = "registrar"
AUTHORITY_SECRET = "registrar"
TLS_AUTHORITY_SECRET = "tls-registrar"


def prepare(folder: OrgFolder, declaration: str, taken: Collection[int] = ()) -> Org:
    """Makes the folder of the org named by it. `declaration` is the text of consortium.yaml; `taken` are ports not to pick.
    Raises NetworkError DECLARATION_CHANGED when the folder was made from another declaration."""
    if folder.declaration.is_file() and folder.declaration.read_text(encoding="utf-8") != declaration:
        found = changes(read(folder.declaration), parse(declaration)) or ["its text, not its meaning"]
        raise NetworkError("DECLARATION_CHANGED", not_as_made(folder.root, found, folder.declaration))
    write(folder.declaration, declaration)
    consortium, org = declared(folder)
    if not folder.ports.is_file():
        write(folder.ports, json.dumps(choose_ports(org, taken), indent=2) + "\n")
    render(folder, consortium, org, folder.read_ports())
    return org


def not_as_made(root: Path, found: list[str], kept: Path) -> str:
    """What is told of a declaration that differs from the one that `root` was made from, which lies in `kept`; with
    advice that destroys nothing."""
    return (
        f"{root} was made from another declaration ({told(found)}). Bring it up with its own, {kept}; a network of the "
        "new one gets a folder of its own (--folder)"
    )


def declared(folder: OrgFolder) -> tuple[Consortium, Org]:
    """The org's copy of the declaration, and its own part of it."""
    consortium = read(folder.declaration)
    return consortium, consortium.org(folder.name)


def choose_ports(org: Org, taken: Collection[int]) -> dict[str, int]:
    """A port for each service of the org: the declared one, else a free one that is not in `taken`."""
    chosen: dict[str, int] = {}
    for _, service, port in org_ports(org):
        chosen[service] = port if isinstance(port, int) else ports.pick({*taken, *chosen.values()})
    return chosen


def render(folder: OrgFolder, consortium: Consortium, org: Org, chosen: dict[str, int]) -> None:
    """Writes all configuration of the org that needs nothing from the others."""
    kept = [_kept_secret(folder.secrets / name) for name in (AUTHORITY_SECRET, TLS_AUTHORITY_SECRET)]
    for name, text in authority_configs(org, chosen, AUTHORITY_ADMINISTRATOR, *kept).items():
        write(folder.authority / name, text, private=True)
    write(folder.client / "core.yaml", client_config())
    write(folder.msp / "config.yaml", msp_config())
    for peer in org.peers:
        write(folder.node(peer.name) / "core.yaml", peer_config(consortium, org, peer, chosen))
    for orderer in org.orderers:
        text = orderer_config(consortium, org, orderer, chosen)
        write(folder.node(orderer.name) / "orderer.yaml", text)
    if org.peers:
        for name, script in SCRIPTS.items():
            file = folder.builder / "bin" / name
            write(file, script)
            file.chmod(0o755)


def _kept_secret(file: Path) -> str:
    """The secret in `file`, made when there is none."""
    if not file.is_file():
        write(file, secrets.token_urlsafe(32), private=True)
    return file.read_text(encoding="utf-8")
