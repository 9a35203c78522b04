"""The command itself: help, version, errors and their exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from admin import cli, errors, exit_codes
from gateway.ledger.errors import EndorseFailed, OutcomeUnknown, Rejected
from network.errors import CODES as NETWORK_CODES
from network.errors import NetworkError

ROOT = Path(__file__).resolve().parents[2]


def jifen(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "admin.cli", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_version_as_text_and_as_json() -> None:
    assert jifen("--version").stdout.startswith("jifen 0.")
    told = jifen("--json", "--version")
    assert told.returncode == 0
    assert json.loads(told.stdout)["name"] == "jifen"


def test_the_help_names_every_command_and_every_exit_code_and_imports_no_group() -> None:
    told = jifen("--help")
    assert told.returncode == 0
    text = " ".join(told.stdout.split())
    for file in (ROOT / "admin" / "commands").glob("[a-z]*.py"):
        assert file.stem.replace("_", "-") in text
    for code, meaning in exit_codes.MEANINGS.items():
        assert f"{code.value} {meaning}" in text
    code = "import sys; from admin import cli; sys.argv[1:] = ['--help']; sys.modules['grpc'] = None; cli.main()"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("arguments", [("nothing-of-that-name",), ("--unknown",)])
def test_wrong_usage_is_one_line_and_exit_code_2(arguments: tuple[str, ...]) -> None:
    told = jifen(*arguments)
    assert told.returncode == exit_codes.Exit.USAGE
    assert told.stdout == ""
    assert told.stderr.startswith("USAGE: ")
    assert len(told.stderr.splitlines()) == 1


def test_wrong_usage_as_json() -> None:
    told = jifen("--json", "nothing-of-that-name")
    assert json.loads(told.stderr)["error"]["code"] == "USAGE"


def test_without_arguments_the_help_and_exit_code_2() -> None:
    told = jifen()
    assert told.returncode == exit_codes.Exit.USAGE
    assert "Usage: jifen" in told.stderr + told.stdout


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (errors.BadInput("BAD_DATE", "line 3"), exit_codes.Exit.USAGE),
        (errors.EnvironmentMissing("NO_GO", "none"), exit_codes.Exit.ENVIRONMENT),
        (errors.Unavailable("DOWN", "down"), exit_codes.Exit.UNAVAILABLE),
        (errors.Differs("STATE_DIFFERS", "key"), exit_codes.Exit.DIFFERS),
        (errors.CheckFailed("CHECK", "one"), exit_codes.Exit.FAILED),
        (Rejected("INSUFFICIENT_POINTS", "balance 40, asked 50"), exit_codes.Exit.FAILED),
        (EndorseFailed("LEDGER_UNAVAILABLE", "no peer"), exit_codes.Exit.UNAVAILABLE),
        (OutcomeUnknown("OUTCOME_UNKNOWN", "no block"), exit_codes.Exit.UNAVAILABLE),
        (NetworkError("DECLARATION_SYNTAX", "line 1"), exit_codes.Exit.USAGE),
        (NetworkError("TOOLCHAIN_GO_MISSING", "none"), exit_codes.Exit.ENVIRONMENT),
        (NetworkError("PORT_TAKEN", "7051"), exit_codes.Exit.ENVIRONMENT),
        (NetworkError("NETWORK_NOT_FOUND", "run/"), exit_codes.Exit.UNAVAILABLE),
    ],
)
def test_every_kind_of_error_has_its_exit_code(error: Exception, exit_code: int) -> None:
    told = errors.described(error)
    assert told is not None
    assert told[2] == exit_code
    assert f"{told[0]}: {told[1]}" == str(error)


def test_every_code_of_the_network_has_an_exit_code_of_its_own_kind() -> None:
    for code in NETWORK_CODES:
        told = errors.described(NetworkError(code, "detail"))
        assert told is not None
        assert told[2] != exit_codes.Exit.FAILED, code


def test_an_error_without_a_code_is_not_dressed_up() -> None:
    assert errors.described(ZeroDivisionError("division by zero")) is None


def test_every_command_has_a_summary_and_an_app() -> None:
    for file in cli.COMMANDS_FOLDER.glob("[a-z]*.py"):
        assert cli.summary(file), file.name
        assert jifen(file.stem.replace("_", "-"), "--help").returncode == 0
