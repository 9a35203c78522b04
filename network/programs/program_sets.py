"""Fabric's and fabric-ca's programs in the pinned versions: from PATH when they are there, else built into the
cache."""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path

from network.errors import NetworkError
from network.programs.cache import entry
from network.programs.go import build

Report = Callable[[str], None]


@dataclass(frozen=True)
class ProgramSet:
    """Programs built together from one Go module. `probe` is the one whose `version` tells the version of all."""

    name: str
    version: str
    source: str
    programs: tuple[str, ...]
    probe: str
    cgo: bool
    linker_flags: str
    tags: str = field(default="", repr=False)
    """Go's build tags. Not among what `cache_key` tells sets apart by: the linker's flags differ where these do."""


FABRIC = ProgramSet(
    name="fabric",
    version="v3.1.1",
    source="github.com/hyperledger/fabric",
    programs=("peer", "orderer", "configtxgen", "configtxlator", "cryptogen", "osnadmin", "discover", "ledgerutil"),
    probe="peer",
    cgo=False,
    linker_flags="-s -w -X github.com/hyperledger/fabric/common/metadata.Version=v3.1.1"
    " -X github.com/hyperledger/fabric/common/metadata.CommitSHA=435a7f1a780a",
)
FABRIC_CA = ProgramSet(
    name="fabric_ca",
    version="v1.5.21",
    source="github.com/hyperledger/fabric-ca",
    programs=("fabric-ca-server", "fabric-ca-client"),
    probe="fabric-ca-server",
    cgo=True,
    linker_flags="-s -w -X github.com/hyperledger/fabric-ca/lib/metadata.Version=v1.5.21",
)

STATIC_FABRIC_CA = replace(
    FABRIC_CA,
    programs=("fabric-ca-server",),
    linker_flags=f"{FABRIC_CA.linker_flags} -linkmode external -extldflags -static",
    # Without these the C library's resolver would load its own shared parts at run time.
    tags="netgo,osusergo,sqlite_omit_load_extension",
)
"""The server alone, for an image that has no C library."""


@dataclass(frozen=True)
class Programs:
    """Where the programs lie."""

    fabric: Path
    fabric_ca: Path

    def path(self, program: str) -> str:
        """Gives the path of a program by name."""
        folder = self.fabric_ca if program in FABRIC_CA.programs else self.fabric
        return str(folder / program)


def provide(report: Report = lambda line: None, folder: str | None = None, version: str = "") -> Programs:
    """Gives the programs, found or built; with `folder` Fabric's from there, which must be of `version` (such as 3.1.5).
    `report` gets a line now and then while it builds (about three minutes on two cores, beyond the downloads). Raises
    NetworkError with a TOOLCHAIN code."""
    fabric = _provide(FABRIC, report) if folder is None else _declared(Path(folder), f"v{version}")
    return Programs(fabric=fabric, fabric_ca=_provide(FABRIC_CA, report))


def provide_static_authority(report: Report = lambda line: None) -> str:
    """Gives the path of a fabric-ca-server that needs no shared library. Raises NetworkError with a TOOLCHAIN code."""
    return str(_build(STATIC_FABRIC_CA, report) / STATIC_FABRIC_CA.probe)


def _declared(folder: Path, version: str) -> Path:
    missing = [program for program in FABRIC.programs if not (folder / program).is_file()]
    if missing:
        raise NetworkError("TOOLCHAIN_PROGRAM_BROKEN", f"{folder} (fabric.programs) has no {', '.join(missing)}")
    if not has_version(str(folder / FABRIC.probe), version):
        raise NetworkError(
            "TOOLCHAIN_PROGRAM_BROKEN", f"{folder / FABRIC.probe} is not of {version}, as the declaration says"
        )
    return folder


def module_folder(wanted: ProgramSet) -> Path:
    """Gives the Go module of ours that pins the set."""
    return Path(str(resources.files("network.programs"))) / wanted.name


def cache_key(wanted: ProgramSet) -> str:
    """Gives 16 hex digits over everything that decides what is built: pins, programs, flags, machine."""
    module = module_folder(wanted)
    digest = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        digest.update((module / name).read_bytes())
    digest.update(repr((wanted, platform.system(), platform.machine())).encode())
    return digest.hexdigest()[:16]


def has_version(program: str, version: str) -> bool:
    """Says whether `program version` names `version` (with or without its v)."""
    try:
        answer = subprocess.run([program, "version"], capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return False
    words = answer.stdout.split()
    return version in words or version.removeprefix("v") in words


def _provide(wanted: ProgramSet, report: Report) -> Path:
    on_path = shutil.which(wanted.probe)
    if on_path and has_version(on_path, wanted.version):
        folder = Path(on_path).parent
        if all((folder / program).is_file() for program in wanted.programs):
            return folder
    return _build(wanted, report)


def _build(wanted: ProgramSet, report: Report) -> Path:
    def make(folder: Path) -> None:
        report(f"building {wanted.source} {wanted.version}")
        packages = [f"{wanted.source}/cmd/{program}" for program in wanted.programs]
        build(
            module_folder(wanted),
            packages,
            folder,
            cgo=wanted.cgo,
            linker_flags=wanted.linker_flags,
            tags=wanted.tags,
            report=report,
        )
        if not has_version(str(folder / wanted.probe), wanted.version):
            raise NetworkError("TOOLCHAIN_PROGRAM_BROKEN", f"the built {wanted.probe} does not say {wanted.version}")

    return entry(wanted.name, cache_key(wanted), make)
