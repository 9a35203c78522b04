"""`scripts/test` runs pytest twice; each run counts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from admin.testing import runs
from admin.testing.stages import Stage

TESTS = """
import pytest

def test_quick():
    assert {quick}

@pytest.mark.browser
def test_in_a_browser():
    assert True

@pytest.mark.fabric
def test_on_a_network():
    assert {network}
"""
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Pytest starts in a fraction of the time."""
SETTINGS = "[pytest]\nmarkers =\n    fabric: peers\n    browser: a browser\n"


def stages(folder: Path, *arguments: str, quick: str = "True", network: str = "True") -> list[Stage]:
    """The runs over two tests in a folder of their own."""
    (folder / "pytest.ini").write_text(SETTINGS)
    (folder / "test_two.py").write_text(TESTS.format(quick=quick, network=network))
    found = runs.test_stages(False, ["-p", "no:cacheprovider", "-p", "xdist.plugin", *arguments])
    return [Stage(stage.name, stage.command, folder, ALONE) for stage in found]


def test_every_test_runs_once_and_the_last_line_counts_all(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    found = runs.run_tests(stages(tmp_path))
    assert [run.counts for run in found] == [{"passed": 2}, {"passed": 1}]
    assert runs.failures_of(found) == []
    assert capfd.readouterr().out.splitlines()[-1].strip("= ").startswith("3 passed in ")


@pytest.mark.parametrize(
    ("quick", "network", "failed"), [("False", "True", [0]), ("True", "False", [1]), ("False", "False", [0, 1])]
)
def test_a_failure_in_either_run_is_one(tmp_path: Path, quick: str, network: str, failed: list[int]) -> None:
    made = stages(tmp_path, quick=quick, network=network)
    found = runs.run_tests(made)
    assert runs.failures_of(found) == [made[number].name for number in failed]
    assert found[failed[0]].counts["failed"] == 1


def test_a_choice_that_leaves_one_run_empty_is_no_failure_and_one_that_leaves_both_is(tmp_path: Path) -> None:
    found = runs.run_tests(stages(tmp_path, "-k", "quick"))
    assert runs.failures_of(found) == []
    assert runs.failures_of(runs.run_tests(stages(tmp_path, "-k", "nothing"))) == [run.name for run in found]


def test_marks_that_the_caller_chooses_are_the_callers(tmp_path: Path) -> None:
    (stage,) = stages(tmp_path, "-m", "browser")
    assert stage.command[:3] == [sys.executable, "-m", "pytest"]
    (found,) = runs.run_tests([stage])
    assert found.counts == {"passed": 1}


def test_quick_leaves_out_the_second_run() -> None:
    assert len(runs.test_stages(True, [])) == 1
