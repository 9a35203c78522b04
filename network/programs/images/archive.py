"""The content of an image as one tar archive: what a container engine imports as a layer of its own."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

FOR_ALL, PROGRAM = 0o644, 0o755
TEMPORARY = 0o1777


class Archive:
    """A tar archive that is being written; everything in it belongs to root."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._folders: set[str] = set()

    def folder(self, name: str, mode: int = PROGRAM) -> None:
        """Adds a folder and those above it, once."""
        above = str(Path(name).parent)
        if above != ".":
            self.folder(above)
        if name not in self._folders:
            self._folders.add(name)
            member = tarfile.TarInfo(name)
            member.type, member.mode = tarfile.DIRTYPE, mode
            self._tar.addfile(member)

    def text(self, name: str, content: str, mode: int = FOR_ALL) -> None:
        """Adds a small file."""
        self.folder(str(Path(name).parent))
        data = content.encode()
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(data), mode
        self._tar.addfile(member, io.BytesIO(data))

    def file(self, name: str, source: Path, mode: int = FOR_ALL) -> None:
        """Adds a file of this machine, with its time: compiled modules of Python name that of their source."""
        self.folder(str(Path(name).parent))
        member = tarfile.TarInfo(name)
        status = source.stat()
        member.size, member.mtime, member.mode = status.st_size, int(status.st_mtime), mode
        with source.open("rb") as stream:
            self._tar.addfile(member, stream)

    def link(self, name: str, target: str) -> None:
        """Adds a symbolic link."""
        self.folder(str(Path(name).parent))
        member = tarfile.TarInfo(name)
        member.type, member.linkname = tarfile.SYMTYPE, target
        self._tar.addfile(member)

    def programs(self, programs: Mapping[str, Path]) -> None:
        """Adds programs by their names to where every image has them."""
        for name, source in programs.items():
            self.file(f"usr/local/bin/{name}", source, PROGRAM)

    def shell(self, busybox: Path, applets: Iterable[str]) -> None:
        """Adds a static busybox and its names: the external builder's scripts and the health check are all that use
        it."""
        self.file("bin/busybox", busybox, PROGRAM)
        for applet in applets:
            self.link(f"bin/{applet}", "busybox")

    def copy(self, source: Path, leave: tuple[str, ...] = ()) -> None:
        """Adds what another archive holds, but for what lies below the folders in `leave`."""
        with tarfile.open(source) as other:
            for member in other:
                member.name = member.name.removeprefix("./")
                if member.name in ("", ".") or member.name.startswith(leave) or member.name in self._folders:
                    continue
                if member.isdir():
                    self._folders.add(member.name)
                self._tar.addfile(member, other.extractfile(member) if member.isreg() else None)
