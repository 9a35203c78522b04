"""The chaincode as a program: the Go module of this distribution, built into the cache when its sources changed."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Sequence
from pathlib import Path

from network.errors import NetworkError
from network.programs.cache import entry
from network.programs.go import build

PROGRAM = "jifen-chaincode"
CONFORMANCE = "jifen-conformance"
"""The rules behind a pipe, to be compared with the spec."""
REPLAY = "jifen-replay"
"""The rules behind a pipe, to hold a chain against."""
PROGRAMS = (PROGRAM, CONFORMANCE, REPLAY)
DISTRIBUTION = Path(__file__).resolve().parents[2]
MODULE = DISTRIBUTION / "chaincode" / "go"
PYTHON_PROGRAM = sorted(file for room in ("spec", "shim") for file in (DISTRIBUTION / "chaincode" / room).rglob("*.py"))
"""The files of the specification as a chaincode server."""
LINKER_FLAGS = "-s -w"


def provide_chaincode(report: Callable[[str], None] = lambda line: None, program: str = PROGRAM) -> str:
    """Gives the path of the chaincode program, or of another of its module. Raises NetworkError
    CHAINCODE_BUILD_FAILED."""

    def make(folder: Path) -> None:
        report("building the chaincode")
        try:
            build(
                MODULE,
                [f"./cmd/{name}" for name in PROGRAMS],
                folder,
                cgo=False,
                linker_flags=LINKER_FLAGS,
                report=report,
            )
        except NetworkError as error:
            if error.code != "TOOLCHAIN_BUILD_FAILED":
                raise
            raise NetworkError("CHAINCODE_BUILD_FAILED", error.detail) from error

    return str(entry("chaincode", _key(), make) / program)


def sha256_of(files: Sequence[Path]) -> str:
    """Gives the SHA-256 (hex) of a program: of its file, or of the names and contents of its files. Raises NetworkError
    CHAINCODE_BUILD_FAILED when one cannot be read."""
    try:
        if len(files) == 1:
            return hashlib.sha256(files[0].read_bytes()).hexdigest()
        digest = hashlib.sha256()
        for file in files:
            digest.update(f"{file.relative_to(DISTRIBUTION)}\0".encode() + file.read_bytes())
    except OSError as error:
        raise NetworkError("CHAINCODE_BUILD_FAILED", f"the chaincode's program cannot be read: {error}") from error
    return digest.hexdigest()


def _key() -> str:
    sources = sorted(
        file
        for file in MODULE.rglob("*")
        if file.is_file()
        and (file.suffix == ".go" or file.name in ("go.mod", "go.sum"))
        and not file.name.endswith("_test.go")
    )
    if not sources:
        raise NetworkError("CHAINCODE_BUILD_FAILED", f"{MODULE} has no Go sources")
    digest = hashlib.sha256(repr((LINKER_FLAGS, PROGRAMS, platform.system(), platform.machine())).encode())
    for file in sources:
        digest.update(f"{file.relative_to(MODULE)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
