"""The stages of a test run and how one is run: its output goes through as it comes, its seconds are kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from admin.testing.audit import INCOMPLETE
from network.toolchain.go import go_program

ROOT = Path(__file__).resolve().parents[2]
GO_MODULE = ROOT / "chaincode" / "go"
STATICCHECK_MODULE = ROOT / "network" / "toolchain" / "staticcheck" / "go.mod"
BUILD_PROGRAMS = "from network.toolchain.programs import provide; provide(print)"


@dataclass(frozen=True)
class Stage:
    """One command. `silent` means that it must print nothing on standard output, as `gofmt -l` does. `incomplete_status` is the exit status by which it says that
    what it checked holds, and that it could not check everything; the result's name then says so."""

    name: str
    command: list[str]
    folder: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    incomplete_status: int | None = None


@dataclass(frozen=True)
class Result:
    """How a stage ended."""

    name: str
    passed: bool
    seconds: float


def check_stages() -> list[Stage]:
    """The checks of the sources, quickest first. Raises NetworkError when no Go can be had."""
    tools = Path(sys.executable).parent
    stages = [
        Stage("format", [str(tools / "ruff"), "format", "--check", "."]),
        Stage("lint", [str(tools / "ruff"), "check", "."]),
        Stage("import arrows", [str(tools / "lint-imports"), "--config", "setup.cfg"]),
        Stage("types", [str(tools / "mypy")]),
        Stage("dependencies", [sys.executable, "-m", "admin.testing.audit"], incomplete_status=INCOMPLETE),
    ]
    if GO_MODULE.is_dir():
        go = go_program()
        gofmt = str(Path(go).with_name("gofmt"))
        if not Path(gofmt).exists():
            gofmt = shutil.which("gofmt") or gofmt
        staticcheck = [go, "tool", f"-modfile={STATICCHECK_MODULE}", "staticcheck", "./..."]
        stages += [
            Stage("gofmt", [gofmt, "-l", "."], GO_MODULE, silent=True),
            Stage("go vet", [go, "vet", "./..."], GO_MODULE),
            Stage("staticcheck", staticcheck, GO_MODULE),
            Stage("go test", [go, "test", "-race", "./..."], GO_MODULE, {"CGO_ENABLED": "1"}),
        ]
    return stages


def run(stage: Stage) -> Result:
    """Runs a stage in the foreground."""
    print(f"── {stage.name}", flush=True)
    started = time.monotonic()
    output = subprocess.PIPE if stage.silent else None
    done = subprocess.run(
        stage.command, cwd=stage.folder, env={**os.environ, **stage.environment}, stdout=output, text=True, check=False
    )
    if done.stdout:
        print(done.stdout, end="")
    seconds = time.monotonic() - started
    incomplete = stage.incomplete_status is not None and done.returncode == stage.incomplete_status
    passed = (done.returncode == 0 or incomplete) and not done.stdout
    name = f"{stage.name} (INCOMPLETE, see above)" if incomplete else stage.name
    print(f"── {name}: {'passed' if passed else 'FAILED'} in {seconds:.1f} s", flush=True)
    return Result(name, passed, seconds)


class BackgroundBuild:
    """Builds the programs of Fabric while the checks run; its output is kept for the time when it is waited for."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._started = time.monotonic()
        with log.open("w") as out:
            self._process = subprocess.Popen(
                ["nice", sys.executable, "-c", BUILD_PROGRAMS], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT
            )

    def result(self) -> Result:
        """Waits for the end of the build; tells its output when it failed."""
        print("── Fabric's programs", flush=True)
        passed = self._process.wait() == 0
        seconds = time.monotonic() - self._started
        lines = self._log.read_text().splitlines()
        print("\n".join(lines if not passed else lines[-1:]))
        print(
            f"── Fabric's programs: {'passed' if passed else 'FAILED'}, ready {seconds:.1f} s after the start",
            flush=True,
        )
        return Result("Fabric's programs", passed, seconds)

    def stop(self) -> None:
        """Ends a build that nobody waits for any more."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
