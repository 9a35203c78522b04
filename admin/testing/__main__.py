"""`scripts/test [--quick] [arguments of pytest]`: the checks of the sources, then all tests in one run of pytest.

--quick leaves out what needs a real Fabric network or a browser. The exit status is 0 when everything passed. The last line of
a run that passed is pytest's own, with its counts; the seconds of each stage stand above it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from admin import errors, output
from admin.testing.stages import BackgroundBuild, Result, check_stages, run, test_stage
from admin.testing.system_packages import provide_postgres


def main() -> int:
    """Runs the stages; the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/test", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out what needs Fabric or a browser")
    parser.add_argument("--tests-only", action="store_true", help="leave out the checks of the sources")
    chosen, arguments = parser.parse_known_args()
    provide_postgres()
    with tempfile.TemporaryDirectory(prefix="jifen-test-") as folder:
        build = None if chosen.quick else BackgroundBuild(Path(folder) / "build.log")
        try:
            results = [] if chosen.tests_only else [run(stage) for stage in check_stages()]
            if build is not None:
                results.append(build.result())
        finally:
            if build is not None:
                build.stop()
    _show(results)
    results.append(run_tests(chosen.quick, arguments))
    failed = [result.name for result in results if not result.passed]
    if failed:
        print(f"FAILED: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def run_tests(quick: bool, arguments: list[str]) -> Result:
    """Pytest, as the last thing that writes when all is well."""
    stage = test_stage(quick, arguments)
    started = time.monotonic()
    done = subprocess.run(stage.command, cwd=stage.folder, check=False)
    return Result(stage.name, done.returncode == 0, time.monotonic() - started)


def _show(results: list[Result]) -> None:
    rows = [(result.name, "passed" if result.passed else "FAILED", f"{result.seconds:.1f}") for result in results]
    if rows:
        output.table("Checks", ("stage", "result", "seconds"), rows, right=("seconds",))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as error:
        told = errors.described(error)
        if told is None:
            raise
        output.error(told[0], told[1])
        sys.exit(told[2])
