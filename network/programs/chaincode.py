"""The chaincode as a program: the Go module of this distribution, built into the cache when its sources changed."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable
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
