"""`scripts/test` runs the checks and pytest twice, side by side; each counts."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from admin.tools.checks import runs
from admin.tools.checks.stages import Stage
from tests.scenes.waiting import eventually

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

@pytest.mark.long
@pytest.mark.fabric
def test_long():
    assert True
"""
MEETING = """
import pathlib
import time
import pytest

def meet(own, other):
    pathlib.Path(own).touch()
    end = time.monotonic() + 20
    while not pathlib.Path(other).exists():
        assert time.monotonic() < end, "the other run never began"

def test_quick():
    meet("quick", "network")

@pytest.mark.fabric
def test_on_a_network():
    meet("network", "quick")
"""
ENDLESS = """
import pathlib
import time
import pytest

@pytest.fixture
def brought_up(request):
    pathlib.Path(request.node.name).touch()
    yield
    pathlib.Path(request.node.name).unlink()

def test_quick(brought_up):
    time.sleep(60)

@pytest.mark.fabric
def test_on_a_network(brought_up):
    time.sleep(60)
"""
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Pytest starts in a fraction of the time."""
SETTINGS = "[pytest]\nmarkers =\n    fabric: peers\n    browser: a browser\n    long: takes long\n"


def stages(
    folder: Path, *arguments: str, text: str = "", quick: str = "True", network: str = "True", long: bool = False
) -> list[Stage]:
    """The runs over some tests in a folder of their own."""
    (folder / "pytest.ini").write_text(SETTINGS)
    (folder / "test_some.py").write_text(text or TESTS.format(quick=quick, network=network))
    found = runs.test_stages(False, ["-p", "no:cacheprovider", "-p", "xdist.plugin", *arguments], long=long)
    return [Stage(stage.name, stage.command, folder, ALONE) for stage in found]


def test_every_test_runs_once_and_the_last_line_counts_all(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    found = runs.run_stages(stages(tmp_path))
    assert [run.counts for run in found] == [{"passed": 2}, {"passed": 1}]
    assert runs.failures_of(found) == []
    assert capfd.readouterr().out.splitlines()[-1].strip("= ").startswith("3 passed in ")


@pytest.mark.parametrize(
    ("quick", "network", "failed"), [("False", "True", [0]), ("True", "False", [1]), ("False", "False", [0, 1])]
)
def test_a_failure_in_either_run_is_one(tmp_path: Path, quick: str, network: str, failed: list[int]) -> None:
    made = stages(tmp_path, quick=quick, network=network)
    found = runs.run_stages(made)
    assert runs.failures_of(found) == [made[number].name for number in failed]
    assert found[failed[0]].counts["failed"] == 1


def test_a_choice_that_leaves_one_run_empty_is_no_failure_and_one_that_leaves_both_is(tmp_path: Path) -> None:
    found = runs.run_stages(stages(tmp_path, "-k", "quick"))
    assert runs.failures_of(found) == []
    assert runs.failures_of(runs.run_stages(stages(tmp_path, "-k", "nothing"))) == [run.name for run in found]


def test_what_did_not_run_is_counted(tmp_path: Path) -> None:
    (tmp_path / "test_engine.py").write_text(
        "import pytest\n\ndef test_in_a_container():\n    pytest.skip('NO CONTAINER ENGINE CAN RUN HERE: no root')\n"
    )
    found = runs.run_stages(stages(tmp_path))
    assert runs.failures_of(found) == []
    assert runs.not_run(found) == 1
    assert "1 skipped" in runs.total_of(found)


def test_checks_that_hold_do_not_hide_that_no_test_ran_and_checks_that_fail_count(tmp_path: Path) -> None:
    none = stages(tmp_path, "-k", "nothing")
    found = runs.run_stages([Stage("checks", ["true"]), *none])
    assert runs.failures_of(found) == [run.name for run in found[1:]]
    found = runs.run_stages([Stage("checks", ["false"]), *stages(tmp_path)])
    assert runs.failures_of(found) == ["checks"]


def test_a_stage_waits_for_what_must_have_passed_before(tmp_path: Path) -> None:
    there = tmp_path / "there"
    begun = Stage("second", ["test", "-e", str(there)], after=Stage("first", ["touch", str(there)]))
    never = Stage("second", ["touch", str(tmp_path / "never")], after=Stage("first", ["false"]))
    assert runs.failures_of(runs.run_stages([begun])) == []
    assert runs.failures_of(runs.run_stages([never])) == ["second"]
    assert there.exists()
    assert not (tmp_path / "never").exists()


def test_marks_that_the_caller_chooses_are_the_callers(tmp_path: Path) -> None:
    (stage,) = stages(tmp_path, "-m", "browser")
    assert stage.command[:3] == [sys.executable, "-m", "pytest"]
    (found,) = runs.run_stages([stage])
    assert found.counts == {"passed": 1}


def test_quick_leaves_out_the_second_run() -> None:
    assert len(runs.test_stages(True, [], long=False)) == 1
    assert runs.last_stages(True, [], long=False) == []


def test_containers_come_last_and_in_no_other_run() -> None:
    (last,) = runs.last_stages(False, [], long=False)
    assert "engine and not long" in last.command
    assert ["not engine" in " ".join(stage.command) for stage in runs.test_stages(False, [], long=False)][1:] == [True]
    assert runs.last_stages(False, ["-m", "browser"], long=False) == []
    assert runs.last_stages(False, [], long=True) == []


def test_the_long_tier_is_what_is_long_and_nothing_else(tmp_path: Path) -> None:
    (found,) = runs.run_stages(stages(tmp_path, long=True))
    assert found.counts == {"passed": 1}


def test_the_runs_go_side_by_side(tmp_path: Path) -> None:
    found = runs.run_stages(stages(tmp_path, text=MEETING))
    assert [run.counts["passed"] for run in found] == [1, 1]


def test_broken_off_both_runs_take_down_what_they_brought_up(tmp_path: Path) -> None:
    made = stages(tmp_path, text=ENDLESS)
    conftest = "from admin.tools.checks.ending import end_once\n\n\ndef pytest_configure(config):\n    end_once()\n"
    (tmp_path / "conftest.py").write_text(conftest)
    program = f"""
import signal
from pathlib import Path
from admin.tools.checks import runs
from admin.tools.checks.stages import Stage
signal.signal(signal.SIGTERM, signal.default_int_handler)
runs.run_stages([Stage(name, command, Path({str(tmp_path)!r}), {ALONE!r}) for name, command in {[(one.name, one.command) for one in made]!r}])
"""
    process = subprocess.Popen([sys.executable, "-c", program])
    names = ["test_quick", "test_on_a_network"]
    files = [tmp_path / name for name in names]
    try:
        eventually(
            "both runs begin",
            lambda: [file.name for file in files if file.exists()],
            lambda found: found == names,
            seconds=30,
        )
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    finally:
        process.kill()
    assert [file.name for file in files if file.exists()] == []
