"""Which image each service runs from: official by name and version, or built here and imported into the engine."""

from __future__ import annotations

import hashlib
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from network.programs.chaincode import PROGRAM as CHAINCODE_PROGRAM
from network.programs.chaincode import provide_chaincode
from network.programs.images import debian, python_packages
from network.programs.images.archive import PROGRAM, TEMPORARY, Archive
from network.programs.program_sets import Programs, Report, provide, provide_static_authority

BUILT = "built"
"""What a declaration says where images are built here, not pulled."""
REPOSITORY = "jifen"
REVISION = "3"
"""Of what is put into images; counted up when it changes."""
USER = 65532
"""The user of containers where the one who starts them is root: nobody in particular, the same as in the images."""
APPLETS = ("sh", "cat", "cp", "grep", "mkdir", "rm", "sed", "test")
JIFEN = """#!/usr/bin/python{version}
from admin.cli import main

main()
"""
UNUSED_IN_DEBIAN = (
    *("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/lintian", "usr/share/perl5"),
    *("usr/share/debconf", "usr/share/bash-completion", "usr/share/bug", "var/", "usr/bin/dpkg", "usr/bin/debconf"),
    *("usr/sbin/dpkg", "usr/lib/x86_64-linux-gnu/perl", "usr/lib/x86_64-linux-gnu/gconv", "usr/share/dpkg", "bin/tar"),
    *("usr/bin/openssl", "usr/bin/c_rehash", "sbin/", "etc/cron", "etc/logrotate.d", "etc/dpkg", "etc/apt"),
)
"""What comes with Debian's packages and no program in the image uses."""


class Role(Enum):
    """What an image is for."""

    PEER = "peer"
    ORDERER = "orderer"
    AUTHORITY = "fabric-ca-server"
    CHAINCODE = CHAINCODE_PROGRAM
    JIFEN = "jifen"


OFFICIAL = {Role.PEER: "fabric-peer", Role.ORDERER: "fabric-orderer", Role.AUTHORITY: "fabric-ca"}


@dataclass(frozen=True)
class Image:
    """An image by its whole name. `write` makes its content as a tar archive, with `changes` in the words of a
    Dockerfile; None for one that is pulled."""

    name: str
    write: Callable[[Archive], None] | None = None
    changes: tuple[str, ...] = ()

    @contextmanager
    def archive(self) -> Iterator[Path]:
        """Gives the content, as long as it is needed. Only for one that is built."""
        assert self.write is not None, self.name
        with tempfile.TemporaryDirectory(prefix="jifen-image-") as place:
            file = Path(place) / "image.tar"
            with tarfile.open(file, "w") as tar:
                archive = Archive(tar)
                self.write(archive)
                archive.folder("tmp", TEMPORARY)
                archive.text("etc/passwd", f"jifen:x:{USER}:{USER}::/tmp:/bin/sh\n")
                archive.text("etc/group", f"jifen:x:{USER}:\n")
            yield file


class Images:
    """The images of a consortium. `source` is `fabric.images` of its declaration; `programs` are asked for when one is
    built of them."""

    def __init__(
        self,
        source: str,
        version: str,
        ca_version: str,
        programs: Callable[[], Programs],
        report: Report = lambda line: None,
    ) -> None:
        self._source = source
        self._versions = {Role.PEER: version, Role.ORDERER: version, Role.AUTHORITY: ca_version}
        self._programs = programs
        self._report = report

    def image(self, role: Role) -> Image:
        """Gives the image for a role. Raises NetworkError IMAGE_BUILD_FAILED, or with a TOOLCHAIN or CHAINCODE
        code."""
        if role is Role.JIFEN:
            return _jifen()
        if role is Role.CHAINCODE:
            return _static(role, "chaincode", Path(provide_chaincode(self._report)))
        if self._source != BUILT:
            return Image(f"{self._source}/{OFFICIAL[role]}:{self._versions[role]}")
        if role is Role.AUTHORITY:
            return _static(role, OFFICIAL[role], Path(provide_static_authority(self._report)), self._versions[role])
        return _static(role, OFFICIAL[role], Path(self._programs().path(role.value)), self._versions[role])


NO_IMAGES = Images(BUILT, "", "", provide)


def _static(role: Role, name: str, program: Path, version: str = "") -> Image:
    """Gives the image of one static program and a shell."""
    busybox = debian.busybox()
    with program.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    digest.update(busybox.read_bytes() + repr((APPLETS, REVISION)).encode())
    tag = "-".join(part for part in (version, digest.hexdigest()[:12]) if part)

    def write(archive: Archive) -> None:
        archive.shell(busybox, APPLETS)
        archive.programs({role.value: program})

    return Image(f"{REPOSITORY}/{name}:{tag}", write, _changes(f'["{role.value}"]'))


def _jifen() -> Image:
    """Gives the image of Jifen itself: the gateway, the Python chaincode, every command."""
    files = debian.python_files()
    release = debian.suite()
    version = next(f"{major}.{minor}" for (major, minor), name in debian.SUITES.items() if name == release)

    def write(archive: Archive) -> None:
        archive.copy(files, UNUSED_IN_DEBIAN)
        archive.link("usr/bin/python3", f"python{version}")
        for applet in APPLETS:
            archive.link(f"bin/{applet}", "busybox")
        python_packages.add_packages(archive)
        archive.text("usr/local/bin/jifen", JIFEN.format(version=version), PROGRAM)
        archive.text("etc/ssl/certs/ca-certificates.crt", debian.authorities(files))

    paths = f"/{python_packages.PROGRAM}:/{python_packages.PACKAGES}"
    more = (f"ENV PYTHONPATH={paths}", "ENV PYTHONDONTWRITEBYTECODE=1", "ENV LANG=C.UTF-8")
    return Image(
        f"{REPOSITORY}/jifen:{python_packages.content_key()}-{REVISION}", write, (*_changes('["jifen"]'), *more)
    )


def _changes(entrypoint: str) -> tuple[str, ...]:
    return (
        f"ENTRYPOINT {entrypoint}",
        f"USER {USER}:{USER}",
        "ENV PATH=/usr/local/bin:/usr/bin:/bin",
        "ENV HOME=/tmp",
        "WORKDIR /tmp",
    )
