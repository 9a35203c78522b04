"""Which files in an org's folder the network made, by where they lie: what `down` removes. Whatever else lies there is
its owner's, and stays."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

MSP = ("cacerts/ca.pem", "tlscacerts/*.pem", "config.yaml", "keystore/key.pem", "signcerts/cert.pem")
TLS = ("ca.crt", "server.crt", "server.key", "client.crt", "client.key", "admins.crt")
AUTHORITY = (
    "fabric-ca-server-config.yaml",
    "fabric-ca-config.yaml",
    "fabric-ca-server.db*",
    "Issuer*PublicKey",
    "ca-cert.pem",
    "tls-cert.pem",
    "msp/keystore/*",
    "registrar/key.pem",
    "registrar/cert.pem",
)
PATTERNS = (
    *(
        "consortium.yaml",
        "ports.json",
        "network-id",
        "organisation.json",
        "runtime.json",
        "connection.json",
        "profile.json",
        "client/core.yaml",
        "client/hfc/user.*",
    ),
    *("secrets/registrar", "secrets/tls-registrar", "secrets/enrol-*"),
    *(f"{home}/{name}" for home in ("ca", "ca/identity") for name in AUTHORITY),
    *(f"{home}/{name}" for home in ("msp", "identities/*/msp", "nodes/*/msp", "genesis/*/msp") for name in MSP),
    *(
        f"{home}/{name}"
        for home in (
            "identities/*/tls",
            "identities/admin/osnadmin",
            "nodes/*/tls",
            "chaincode/tls",
            "chaincode/client-tls",
        )
        for name in TLS
    ),
    *("nodes/*/core.yaml", "nodes/*/orderer.yaml", "nodes/*/data/**"),
    *(
        "chaincode/*.tar.gz",
        "chaincode/connections/*.json",
        "builder/bin/detect",
        "builder/bin/build",
        "builder/bin/release",
    ),
    *("genesis/configtx.yaml", "genesis/channel.block", "genesis/*/*.crt"),
    *(f"exchange/{place}/{name}" for place in ("outbox", "inbox/*") for name in ("*.json", "channel.block")),
    *(
        "exchange/snapshot/*",
        "known/snapshot.json",
        "known/channel.block",
        "known/*/ca.pem",
        "known/*/tlsca.pem",
        "run/*.json",
        "logs/*.log",
        "logs/*.log.*",
    ),
)
"""`*` stands for part of a name, `**` for whatever lies below: only in `data`, which is the peers' and ordering nodes'
own."""
UNFINISHED = r"(?:.*/)?\.[^/]+\.\d+"
"""A file that was being written when its program was ended."""


def _expression(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")


MADE = re.compile("|".join([*map(_expression, PATTERNS), UNFINISHED]))


def made_and_kept(root: Path) -> tuple[list[Path], list[Path]]:
    """Gives the files in an organisation's folder: those that the network made, and the others. A link, and what it
    leads to, is nobody's but its owner's."""
    made: list[Path] = []
    kept: list[Path] = []
    for file in _files(root):
        ours = not file.is_symlink() and MADE.fullmatch(file.relative_to(root).as_posix())
        (made if ours else kept).append(file)
    return made, kept


def remove_empty(root: Path) -> None:
    """Removes the folder and those in it that hold nothing any more. One that cannot be removed, as something is
    mounted on it, stays."""
    for place, _, _ in os.walk(root, topdown=False):
        try:
            os.rmdir(place)
        except OSError:
            continue


def _files(root: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(root):
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        yield from (Path(place) / name for name in (*names, *links))
