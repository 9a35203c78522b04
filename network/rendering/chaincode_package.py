"""An organisation's own chaincode package. It says how to reach the organisation's own chaincode server, so package ids
differ between organisations; what the channel agrees on is the definition, not the package."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass

from network.declaration.endpoints import Endpoint
from network.rendering.builder import PACKAGE_TYPE

DIAL_TIMEOUT = "10s"


@dataclass(frozen=True)
class ChaincodePackage:
    """`content` is the package as a peer installs it. `connection` is the full connection file, with the client key for
    mutual TLS, which does not leave the organisation's folder."""

    label: str
    content: bytes
    connection: str

    @property
    def id(self) -> str:
        """Gives the package id, as peers compute it."""
        return f"{self.label}:{hashlib.sha256(self.content).hexdigest()}"


def chaincode_package(
    label: str, server: Endpoint, root: str, client_key: str, client_certificate: str
) -> ChaincodePackage:
    """Gives the package for the chaincode server at `server`, verified by `root`; keys and certificates are PEM. The
    same input gives the same bytes."""
    public = {"address": str(server), "dial_timeout": DIAL_TIMEOUT, "tls_required": True, "root_cert": root}
    full = {**public, "client_auth_required": True, "client_key": client_key, "client_cert": client_certificate}
    code = _tar_gz({"connection.json": json.dumps(public).encode()})
    metadata = json.dumps({"path": "", "type": PACKAGE_TYPE, "label": label}).encode()
    content = _tar_gz({"metadata.json": metadata, "code.tar.gz": code})
    return ChaincodePackage(label, content, json.dumps(full, indent=2))


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
