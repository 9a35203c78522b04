"""`scripts/test [--quick | --long] [arguments of pytest]`: the checks of the sources and the tests in two runs of
pytest, all side by side.

What needs no real Fabric network runs three tests at a time; beside it the rest, one by one. --quick leaves out what
needs Fabric or a browser. --long runs, instead of all these tests, those that are long by nature: kill storms, long
random sequences, large stores. The exit status is 0 when everything passed. Where no container engine can run, the tests
that need one are skipped, counted, and said to be missing at the end. The last line has the counts of all runs,
as pytest tells its own; a table has the seconds of each check, and each run lists its slowest tests.
"""

from __future__ import annotations

import argparse
import signal
import sys

from admin import output
from admin.tools.checks.runs import failures_of, last_stages, not_run, run_stages, test_stages, total_line
from admin.tools.checks.stages import CHECKS
from admin.tools.checks.system_packages import provide_chromium, provide_node, provide_postgres


def main() -> int:
    """Runs the stages; the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/test", description=__doc__)
    tiers = parser.add_mutually_exclusive_group()
    tiers.add_argument("--quick", action="store_true", help="leave out what needs Fabric or a browser")
    tiers.add_argument("--long", action="store_true", help="only the tests that are long by nature")
    parser.add_argument("--tests-only", action="store_true", help="leave out the checks of the sources")
    chosen, arguments = parser.parse_known_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    provide_postgres()
    if not chosen.quick:
        provide_chromium()
        provide_node()
    checks = [] if chosen.tests_only else [CHECKS]
    runs = run_stages([*checks, *test_stages(chosen.quick, arguments, long=chosen.long)])
    last = last_stages(chosen.quick, arguments, long=chosen.long)
    if last:
        runs += run_stages(last)
        print(total_line(runs), flush=True)
    failed = failures_of(runs)
    left_out = not_run(runs)
    if left_out:
        print(f"INCOMPLETE: {left_out} tests did not run; SKIPPED above says why", file=sys.stderr)
    if failed:
        print(f"FAILED: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    output.run(main)
