"""`jifen verify` on a ledger that somebody tampered with: it says that, and where."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chaincode.spec.invariants import NAMES
from gateway.ledger.adapters.embedded_store import hash_of
from gateway.ledger.verification import LINEAGE
from tests.scenes.commands import document, jifen

Tampering = Callable[[sqlite3.Connection], None]


def change_state(connection: sqlite3.Connection) -> None:
    """Gives a bucket a point more."""
    rows = connection.execute("SELECT key, value FROM state WHERE key LIKE 'balance/north/jf%'")
    key, value = next(row for row in rows if json.loads(row[1])[0])
    balance = json.loads(value)
    balance[0][0][1] += 1
    text = json.dumps(balance, separators=(",", ":"))
    connection.execute("UPDATE state SET value = ? WHERE key = ?", (text.encode(), key))


def remove_state(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM state WHERE key = 'merchant/harbor'")


def add_state(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO state VALUES ('merchant/stranger', CAST('{}' AS BLOB))")


def change_block(connection: sqlite3.Connection, *, hide: bool = False) -> None:
    """Lets a block tell of another issue than was made, with its hashes made anew to `hide` it."""
    number, previous, data = connection.execute(
        "SELECT number, previous_hash, data FROM block WHERE CAST(data AS TEXT) LIKE '%welcome%' ORDER BY number LIMIT 1"
    ).fetchone()
    changed = data.replace(b"500", b"900")
    assert changed != data
    connection.execute("UPDATE block SET data = ? WHERE number = ?", (changed, number))
    if hide:
        digest = hashlib.sha256(changed).digest()
        connection.execute(
            "UPDATE block SET data_hash = ?, hash = ? WHERE number = ?",
            (digest, hash_of(number, previous, digest), number),
        )


def hide_in_block(connection: sqlite3.Connection) -> None:
    change_block(connection, hide=True)


def remove_block(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM block WHERE number = 9")


def remove_newest_block(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM block WHERE number = (SELECT max(number) FROM block)")


def swap_blocks(connection: sqlite3.Connection) -> None:
    """Lets two blocks change places."""
    for old, new in ((9, -1), (10, 9), (-1, 10)):
        connection.execute("UPDATE block SET number = ? WHERE number = ?", (new, old))


CASES: list[tuple[Tampering, str, str]] = [
    (change_state, "state_equals_replay", "state: balance/north/jf"),
    (remove_state, "state_equals_replay", "state: merchant/harbor is missing"),
    (add_state, "state_equals_replay", "state: merchant/stranger is {}, replay gives nothing"),
    (change_block, "blocks_form_a_chain", "its content has another hash than its header says"),
    (hide_in_block, "blocks_form_a_chain", "does not name the block before it"),
    (remove_block, "blocks_form_a_chain", "block 10: out of order"),
    (remove_newest_block, "state_equals_replay", "state: allowance/north/"),
    (swap_blocks, "blocks_form_a_chain", "block 9: does not name the block before it"),
]


def verified(folder: Path, rules: str = "python") -> tuple[int, dict[str, Any], str]:
    """Exit code, what was found, and the error of `jifen verify`."""
    ended = jifen("verify", "--json", "--folder", folder, "--rules", rules, folder=folder)
    return ended.returncode, json.loads(ended.stdout)["embedded"], ended.stderr


def test_a_sound_ledger(ledger_folder: Path) -> None:
    found = document(jifen("verify", "--json", "--folder", ledger_folder, folder=ledger_folder))["embedded"]
    assert found["differences"] == []
    assert {*NAMES, LINEAGE} < set(found["checks"])
    assert all(found["checks"].values())
    assert found["blocks"] - 1 == found["transactions"] > 40, "block 0 holds none"
    assert found["state_keys"] > 60
    for_people = jifen("verify", "--folder", ledger_folder, folder=ledger_folder)
    assert for_people.returncode == 0
    assert "state equals replay" in for_people.stdout
    assert "NO" not in for_people.stdout


@pytest.mark.parametrize(("tampering", "check", "words"), CASES, ids=[case[0].__name__ for case in CASES])
def test_tampering_is_found_and_named(ledger_folder: Path, tampering: Tampering, check: str, words: str) -> None:
    with sqlite3.connect(ledger_folder / "ledger.sqlite") as connection:
        tampering(connection)
    connection.close()
    code, found, error = verified(ledger_folder)
    assert verified(ledger_folder, "go")[:2] == (code, found)
    assert code == 5
    assert found["checks"][check] is False
    assert any(words in difference for difference in found["differences"]), found["differences"]
    told = json.loads(error.strip().split("\n")[-1])["error"]
    assert told["code"] == "VERIFICATION_DIFFERS"
    assert found["differences"][0] in told["detail"]


def test_a_block_whose_content_was_changed_is_refused_by_the_rules_too(ledger_folder: Path) -> None:
    with sqlite3.connect(ledger_folder / "ledger.sqlite") as connection:
        hide_in_block(connection)
    connection.close()
    for rules in ("python", "go"):
        _, found, _ = verified(ledger_folder, rules)
        assert found["checks"]["replay_gives_every_write"] is False


def test_no_ledger_here(tmp_path: Path) -> None:
    ended = jifen("verify", "--json", "--folder", tmp_path, folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (4, "")
    assert json.loads(ended.stderr)["error"]["code"] == "NETWORK_NOT_FOUND"
