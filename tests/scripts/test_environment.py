"""The set-up: what it trusts, what it tells, and that it is quick when nothing is to do."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import time
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """scripts/environment.py, working on a folder of its own."""
    spec = importlib.util.spec_from_file_location("environment", ROOT / "scripts" / "environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    files = []
    for name in ("environment.lock", "setup.cfg"):
        source = ROOT / ("scripts/environment.lock" if name == "environment.lock" else name)
        files.append(tmp_path / name)
        files[-1].write_bytes(source.read_bytes())
    venv = tmp_path / ".venv"
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "ENVIRONMENT", venv)
    monkeypatch.setattr(module, "COMPLETE", venv / ".complete")
    monkeypatch.setattr(module, "LOCK_FILE", files[0])
    monkeypatch.setattr(module, "KEYED_FILES", tuple(files))
    return module


def whole(environment: ModuleType) -> None:
    """An environment that looks whole."""
    (environment.ENVIRONMENT / "bin").mkdir(parents=True)
    (environment.ENVIRONMENT / "bin" / "jifen").touch()
    environment.COMPLETE.write_text(environment.environment_key() + "\n")


def test_only_a_whole_environment_of_the_same_key_is_trusted(environment: ModuleType) -> None:
    assert not environment.stands(environment.environment_key())
    whole(environment)
    assert environment.stands(environment.environment_key())
    environment.LOCK_FILE.write_text(environment.LOCK_FILE.read_text() + "# one more line\n")
    assert not environment.stands(environment.environment_key())


def test_an_environment_without_its_last_file_is_not_trusted(environment: ModuleType) -> None:
    whole(environment)
    environment.COMPLETE.unlink()
    assert not environment.stands(environment.environment_key())


def test_an_interrupted_set_up_leaves_nothing_that_is_trusted(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole(environment)
    (environment.ENVIRONMENT / "leftover").touch()

    def run(what: str, command: list[str], code: str) -> None:
        if what == "installing the locked packages":
            environment.fail(code, f"{what} failed")
        (environment.ENVIRONMENT / "bin").mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(environment, "run", run)
    with pytest.raises(SystemExit) as ended:
        environment.make("a new key")
    assert ended.value.code == environment.EXIT_ENVIRONMENT_MISSING
    assert capsys.readouterr().err.startswith("PACKAGES_UNREACHABLE: ")
    assert not environment.COMPLETE.exists()
    assert not (environment.ENVIRONMENT / "leftover").exists()
    assert not environment.stands("a new key")


def test_the_first_packages_come_from_the_lock_with_their_hashes(environment: ModuleType) -> None:
    lines = environment.locked_lines(environment.FIRST_PACKAGES)
    assert lines.startswith("setuptools==")
    assert "\nuv==" in lines
    assert lines.count("--hash=sha256:") > 2
    with pytest.raises(SystemExit):
        environment.locked_lines(("no-such-package",))


def test_with_nothing_to_do_it_is_quick_and_silent() -> None:
    subprocess.run([ROOT / "scripts" / "setup"], check=True, capture_output=True, timeout=300)
    started = time.monotonic()
    done = subprocess.run([ROOT / "scripts" / "setup"], check=True, capture_output=True, text=True, timeout=60)
    assert time.monotonic() - started < 5
    assert (done.stdout, done.stderr) == ("", "")


def test_without_a_python_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "dirname").symlink_to("/usr/bin/dirname")
    done = subprocess.run(
        ["/bin/sh", ROOT / "scripts" / "setup"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr.startswith("PYTHON_MISSING: ")


@pytest.mark.parametrize("name", ["setup", "demo", "test", "bench", "conformance", "format"])
def test_scripts_can_be_run_and_hand_over(name: str) -> None:
    script = ROOT / "scripts" / name
    assert os.access(script, os.X_OK)
    assert len(script.read_text().splitlines()) < 20
