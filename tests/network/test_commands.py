"""The commands that need no process: check and render, their JSON and their exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "network" / "examples" / "three-merchants.yaml"


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "admin.cli", "network", *arguments]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)


def test_without_a_declaration_it_is_the_example(tmp_path: Path) -> None:
    answer = command("check", "--folder", str(tmp_path), "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["orgs"] == ["operator", "northstar", "harbor", "lotus"]


def test_render_writes_what_it_says(tmp_path: Path) -> None:
    answer = command("render", str(tmp_path / "out"), "--folder", str(tmp_path / "net"), "--json")
    assert answer.returncode == 0, answer.stderr
    files = json.loads(answer.stdout)["files"]
    found = [str(file.relative_to(tmp_path / "out")) for file in (tmp_path / "out").rglob("*") if file.is_file()]
    assert sorted(found) == files
    assert "orgs/operator/genesis/configtx.yaml" in files
    assert not (tmp_path / "net").exists()


@pytest.mark.parametrize(
    ("change", "to", "code", "told"),
    [
        ("k: 2", "k: 9", "DECLARATION_BAD_VALUE", "endorsement.k"),
        ("consensus: raft", "consent: raft", "DECLARATION_UNKNOWN_KEY", "consent"),
        ("name: orderer0\n        port: auto", "name: orderer0\n        port: 80", "DECLARATION_BAD_VALUE", "line 46"),
    ],
)
def test_a_bad_declaration_is_bad_input(tmp_path: Path, change: str, to: str, code: str, told: str) -> None:
    text = EXAMPLE.read_text("utf-8")
    assert change in text
    file = tmp_path / "consortium.yaml"
    file.write_text(text.replace(change, to), encoding="utf-8")
    for words in (
        ("check", str(file)),
        ("up", str(file)),
        ("render", str(tmp_path / "out"), "--declaration", str(file)),
    ):
        answer = command(*words, "--folder", str(tmp_path / "net"), "--json")
        assert answer.returncode == 2, words
        assert answer.stdout == ""
        error = json.loads(answer.stderr)["error"]
        assert error["code"] == code
        assert told in error["detail"]
        assert str(file) in error["detail"]
        assert not (tmp_path / "net").exists()
    assert code in command("check", str(file)).stderr


def test_an_absent_declaration_is_bad_input(tmp_path: Path) -> None:
    answer = command("check", str(tmp_path / "none.yaml"))
    assert answer.returncode == 2
    assert answer.stderr.startswith("DECLARATION_UNREADABLE: ")
