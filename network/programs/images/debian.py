"""What images take from Debian: a static busybox, and Python with the libraries that it needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from network.errors import NetworkError
from network.programs.cache import entry

SUITES = {(3, 11): "bookworm", (3, 13): "trixie"}
"""The release whose Python runs the modules that are compiled for the one that builds the image."""
PYTHON_PACKAGES = ("ca-certificates", "libgcc-s1", "libstdc++6", "tzdata", "busybox-static")
AUTHORITIES = "usr/share/ca-certificates/mozilla/"
REVISION = "1"
"""Counted up when what is taken changes."""


def suite() -> str:
    """Gives the release of Debian. Raises NetworkError IMAGE_BUILD_FAILED for a Python that none of them has."""
    running = sys.version_info[:2]
    if running not in SUITES:
        known = " and ".join(f"{major}.{minor}" for major, minor in SUITES)
        raise NetworkError(
            "IMAGE_BUILD_FAILED",
            f"Debian has Python {known}, and this is {running[0]}.{running[1]}: the image's own Python could not run "
            "what is installed here",
        )
    return SUITES[running]


def busybox() -> Path:
    """Gives Debian's busybox without shared libraries, fetched once. Raises NetworkError IMAGE_BUILD_FAILED."""

    def make(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as place:
            _run(["apt-get", "download", "busybox-static"], place)
            package = next(Path(place).glob("*.deb"))
            _run(["dpkg-deb", "-x", str(package), "content"], place)
            found = next(path for path in Path(place).glob("content/**/bin/busybox") if path.is_file())
            shutil.copy(found, folder / "busybox")

    return entry("busybox", REVISION, make) / "busybox"


def python_files() -> Path:
    """Gives an archive with Debian's Python, its standard library and what these need. Raises NetworkError
    IMAGE_BUILD_FAILED."""
    release, version = suite(), ".".join(map(str, sys.version_info[:2]))
    packages = (f"python{version}-minimal", f"libpython{version}-stdlib", *PYTHON_PACKAGES)

    return unpacked("python", release, packages)


def unpacked(name: str, release: str, packages: Sequence[str]) -> Path:
    """Gives an archive, called `name`, with the files of packages and of what they need, fetched once; none of their
    scripts has run. Raises NetworkError IMAGE_BUILD_FAILED."""

    def make(folder: Path) -> None:
        command = ["mmdebstrap", "--variant=extract", f"--include={','.join(packages)}", release, f"{name}.tar"]
        _run(command, str(folder))

    return entry(f"debian-{name}", f"{release}-{REVISION}", make) / f"{name}.tar"


def authorities(files: Path) -> str:
    """Gives the certificates of all public authorities in an archive, which a script of their package would put together
    otherwise."""
    with tarfile.open(files) as archive:
        found = [archive.extractfile(member) for member in archive if AUTHORITIES in member.name and member.isreg()]
        return "".join(stream.read().decode("ascii") for stream in found if stream is not None)


def _run(command: list[str], folder: str) -> None:
    if shutil.which(command[0]) is None:
        raise NetworkError(
            "IMAGE_BUILD_FAILED",
            f"images are built from Debian's packages with {command[0]}, which is not there: apt-get install "
            "mmdebstrap, or name images in the declaration (fabric.images)",
        )
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        told = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise NetworkError("IMAGE_BUILD_FAILED", f"{' '.join(command[:2])}: {told}")
