"""`jifen settlement`: files for the bank, and its statements read back, over HTTP with an API key."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.security.principals import Role, Scope, Staff
from tests.scenes.bank_payments import ACCOUNTS
from tests.scenes.bank_statements import sent, statement
from tests.scenes.commands import document, jifen
from tests.scenes.consortium import open_consortium
from tests.scenes.owed_window import ORGS, level, owe
from tests.scenes.sites import Served, consortium

ADMIN = Staff("stf_admin", "ses_1", 0, frozenset({Role.ADMIN}))


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Served]]:
    """Northstar owes two others for a closed window."""
    folder = tmp_path_factory.mktemp("settlement")
    ledger = folder / "template.sqlite"
    open_consortium(ledger)
    with consortium(folder, ledger, *ORGS) as found:
        owe(found)
        yield found


@pytest.fixture
def run(sites: dict[str, Served], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`jifen settlement` for northstar's finance."""
    keys = sites["northstar"].gateway.people.api_keys
    made = keys.create(ADMIN, name="bank", scopes=[Scope.FINANCE], requests_per_minute=600)
    monkeypatch.setenv("JIFEN_API_KEY", made.token)

    def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return jifen("settlement", *arguments, "--url", sites["northstar"].address, folder=tmp_path)

    return command


def test_what_is_ordered_comes_back_and_is_recorded_by_two_people(
    sites: dict[str, Served], run: Any, tmp_path: Path
) -> None:
    first = document(run("order", "1", "--out", tmp_path / "a", "--json"))
    second = document(run("order", "1", "--out", tmp_path / "b", "--json"))
    assert [Path(one).read_bytes() for one in first["files"]] == [Path(one).read_bytes() for one in second["files"]]
    assert Path(first["files"][0]).stat().st_mode & 0o077 == 0

    bank = tmp_path / "statement.xml"
    bank.write_bytes(statement(ACCOUNTS["northstar"], sent(sites["northstar"].gateway.bank.order(1)[0])))
    told = document(run("match", bank, "--json"))
    assert [one["verdict"] for one in told["proposals"]] == ["MATCHED", "MATCHED"]
    assert told["sent"] == []
    one = told["proposals"][0]["choices"][0]["request_id"]
    waiting = document(run("match", bank, "--send", one[:20], "--json"))
    assert [(found["request_id"], found["code"]) for found in waiting["sent"]] == [(one, "APPROVAL_REQUIRED")]
    shown = run("match", bank, "--send", "matched")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.count("waits for a second person") == 2
    level(sites)
    assert document(run("match", bank, "--json"))["proposals"][0]["verdict"] == "MATCHED"


def test_a_table_for_people_names_payee_and_sum(run: Any, tmp_path: Path) -> None:
    done = run("order", "1", "--format", "csv", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Lotus Tea Ltd" in done.stdout
    assert list(tmp_path.glob("JFM-*-window-1.csv"))


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (("order", "99"), "OBJECT_UNKNOWN", 1),
        (("match", "nowhere.xml"), "FILE_UNREADABLE", 2),
        (("match", "other.xml"), "BANK_FILE_INVALID", 1),
    ],
)
def test_a_refusal_has_its_code_and_status(
    run: Any, tmp_path: Path, arguments: tuple[str, ...], code: str, status: int
) -> None:
    (tmp_path / "other.xml").write_text("<a/>")
    done = run(*arguments, "--json")
    assert (json.loads(done.stderr)["error"]["code"], done.returncode) == (code, status)


def test_an_unknown_operation_is_not_sent(sites: dict[str, Served], run: Any, tmp_path: Path) -> None:
    bank = tmp_path / "statement.xml"
    bank.write_bytes(statement(ACCOUNTS["northstar"], sent(sites["northstar"].gateway.bank.order(1)[0])))
    done = run("match", bank, "--send", "bank-")
    assert done.returncode == 2
    assert done.stderr.startswith("OPERATION_UNKNOWN: bank-: 2 of the proposed operations")


def test_the_key_comes_from_the_environment_alone(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JIFEN_API_KEY")
    done = run("order", "1")
    assert (done.returncode, done.stderr.partition(":")[0]) == (2, "API_KEY_MISSING")
