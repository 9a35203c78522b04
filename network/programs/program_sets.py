"""Fabric's and fabric-ca's programs in the pinned versions: from PATH when they are there, else built into the
cache."""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Programs:
    """Where the programs lie."""

    fabric: Path
    fabric_ca: Path

    def path(self, program: str) -> str:
        """Gives the path of a program by name."""
        folder = self.fabric_ca if program in FABRIC_CA.programs else self.fabric
        return str(folder / program)


def provide(report: Report = lambda line: None) -> Programs:
    """Gives the programs, found or built. `report` gets a line now and then while it builds (about three minutes on two
    cores, beyond the downloads). Raises NetworkError with a TOOLCHAIN code."""
    return Programs(fabric=_provide(FABRIC, report), fabric_ca=_provide(FABRIC_CA, report))


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

    def make(folder: Path) -> None:
        report(f"building {wanted.source} {wanted.version}")
        packages = [f"{wanted.source}/cmd/{program}" for program in wanted.programs]
        build(module_folder(wanted), packages, folder, cgo=wanted.cgo, linker_flags=wanted.linker_flags, report=report)
        if not has_version(str(folder / wanted.probe), wanted.version):
            raise NetworkError("TOOLCHAIN_PROGRAM_BROKEN", f"the built {wanted.probe} does not say {wanted.version}")

    return entry(wanted.name, cache_key(wanted), make)
