"""The org's own chaincode package. It says how to reach the org's own chaincode server, so package ids differ between orgs;
what the channel agrees on is the definition (name, version, sequence, policy), not the package."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile

from network.declaration.model import Consortium
from network.folders import OrgFolder, write
from network.rendering.builder import PACKAGE_TYPE

VERSION = "1"
DIAL_TIMEOUT = "10s"


def label(consortium: Consortium) -> str:
    """The package's label."""
    return f"{consortium.chaincode}_{VERSION}"


def make_package(folder: OrgFolder, consortium: Consortium) -> str:
    """Writes the package and the full connection file into the org's folder; gives the package id. The same input gives the
    same bytes. The client key for mutual TLS stands only in the connection file, which does not leave the folder."""
    tls, client = folder.chaincode / "tls", folder.chaincode / "client-tls"
    public = {
        "address": f"127.0.0.1:{folder.read_ports()['chaincode']}",
        "dial_timeout": DIAL_TIMEOUT,
        "tls_required": True,
        "root_cert": (tls / "ca.crt").read_text(encoding="ascii"),
    }
    full = {
        **public,
        "client_auth_required": True,
        "client_key": (client / "server.key").read_text(encoding="ascii"),
        "client_cert": (client / "server.crt").read_text(encoding="ascii"),
    }
    name = label(consortium)
    write(folder.chaincode / "connections" / f"{name}.json", json.dumps(full, indent=2), private=True)
    code = _tar_gz({"connection.json": json.dumps(public).encode()})
    metadata = json.dumps({"path": "", "type": PACKAGE_TYPE, "label": name}).encode()
    package = _tar_gz({"metadata.json": metadata, "code.tar.gz": code})
    write(folder.chaincode / f"{name}.tar.gz", package)
    return f"{name}:{hashlib.sha256(package).hexdigest()}"


def _tar_gz(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="") as stream,
        tarfile.open(fileobj=stream, mode="w") as archive,
    ):
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()
