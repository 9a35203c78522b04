"""The checks of the sources, one after the other, and a table of how each ended."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from admin import output
from admin.tools.checks.audit import INCOMPLETE
from admin.tools.checks.stages import ROOT, Result, Stage
from network.programs.go import go_program

GO_MODULE = ROOT / "chaincode" / "go"
STATICCHECK_MODULE = ROOT / "network" / "programs" / "staticcheck" / "go.mod"


def check_stages() -> list[Stage]:
    """The checks of the sources, quickest first. Raises NetworkError when no Go can be had."""
    tools = Path(sys.executable).parent
    stages = [
        Stage("format", [str(tools / "ruff"), "format", "--check", "."]),
        Stage("lint", [str(tools / "ruff"), "check", "."]),
        Stage("import arrows", [str(tools / "lint-imports"), "--config", "setup.cfg"]),
        Stage("types", [str(tools / "mypy")]),
        Stage("dependencies", [sys.executable, "-m", "admin.tools.checks.audit"], incomplete_status=INCOMPLETE),
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


def main() -> int:
    """Runs every check, also after one that failed; the exit status."""
    results = [run(stage) for stage in check_stages()]
    rows = [(result.name, "passed" if result.passed else "FAILED", f"{result.seconds:.1f}") for result in results]
    output.table("Checks", ("stage", "result", "seconds"), rows, right=("seconds",))
    failed = [result.name for result in results if not result.passed]
    print(f"{', '.join(failed)} FAILED" if failed else "all checks hold", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    output.run(main)
