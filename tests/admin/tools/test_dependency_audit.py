"""The audit of dependencies: each of its checks can fail, and what the project pins passes those that need no
network."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from admin.tools.checks import audit
from admin.tools.checks.sources import run
from admin.tools.checks.stages import Stage

HASH = "--hash=sha256:" + "0" * 64


def test_the_lock_is_pinned_by_hash() -> None:
    versions, faults = audit.pinned(audit.LOCK.read_text("utf-8"))
    assert len(versions) > 100
    assert faults == []
    assert audit.pre_releases(versions) == []


def test_what_is_not_pinned_is_named() -> None:
    text = (
        f"# a lock\ngood==1.0 \\\n    {HASH}\nbare==2.0\nloose>=3 \\\n    {HASH}\nshort==4 \\\n    --hash=sha256:00\n"
    )
    versions, faults = audit.pinned(text)
    assert set(versions) >= {"good"}
    assert faults == ["bare: no SHA-256", "loose: not pinned to one version", "short: no SHA-256"]
    elsewhere, _ = audit.pinned(f"good==1.0 ; sys_platform == 'none' \\\n    {HASH}\n")
    assert elsewhere == {}


def test_a_pre_release_needs_a_reason() -> None:
    assert audit.pre_releases({"x": "1.0", "y": "2.0b1", "z": "1.dev3"}) == [
        "y 2.0b1: a pre-release without a reason",
        "z 1.dev3: a pre-release without a reason",
    ]


def test_what_is_installed_otherwise_is_named() -> None:
    installed = {"x": "1", "y": "2", "jifen": "0"}
    assert audit.differences({"x": "1", "y": "3"}, installed, own=["jifen"]) == ["y: 2 is installed, 3 is pinned"]
    assert audit.differences({"y": "2"}, installed, own=["jifen"]) == ["x 1: installed and not in the lock"]


@pytest.mark.parametrize("licence", ["", "Proprietary", "AGPL-3.0", "GPL-3.0-only", "BUSL-1.1", "MIT AND AGPL-3.0"])
def test_a_licence_that_is_not_on_the_list(licence: str) -> None:
    assert len(audit.licences({"x": licence})) == 1


@pytest.mark.parametrize(
    "licence", ["MIT", "Apache-2.0 OR BSD-3-Clause", "License :: OSI Approved :: BSD License", "LGPL-3.0", "MPL 2.0"]
)
def test_a_licence_that_is(licence: str) -> None:
    assert audit.licences({"x": licence}) == []


def test_the_licences_of_what_is_installed() -> None:
    found = {
        str(canonicalize_name(one.metadata["Name"])): audit.licence_of(one)
        for one in importlib.metadata.distributions()
    }
    found.pop("jifen", None)
    assert audit.licences(found) == []


def answer(monkeypatch: pytest.MonkeyPatch, output: str, error: str = "") -> None:
    """What pip-audit says."""

    def done(command: Any, **rest: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, output, error)

    monkeypatch.setattr("admin.tools.checks.audit.subprocess.run", done)


def test_a_known_hole_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    hole = {"id": "PYSEC-1", "fix_versions": ["2.1"]}
    skipped = {"name": "y", "skip_reason": "not found"}
    document = {"dependencies": [{"name": "x", "version": "2.0", "vulns": [hole]}, skipped]}
    answer(monkeypatch, json.dumps(document))
    assert audit.vulnerabilities() == (["x 2.0: PYSEC-1, mended in 2.1", "y: not found"], None)


def test_a_service_that_is_away_is_never_a_silent_pass(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch, "", "Traceback\nConnectionError: api.osv.dev")
    assert audit.main() == audit.INCOMPLETE
    assert "NOT checked: ConnectionError: api.osv.dev" in capsys.readouterr().out


def test_a_stage_that_is_incomplete_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    found = run(Stage("audit", ["sh", "-c", "exit 3"], incomplete_status=3))
    assert (found.name, found.passed) == ("audit (INCOMPLETE, see above)", True)
    assert not run(Stage("audit", ["sh", "-c", "exit 3"])).passed
    assert not run(Stage("audit", ["sh", "-c", "exit 1"], incomplete_status=3)).passed
