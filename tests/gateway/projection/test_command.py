"""`jifen projection` and `jifen verify --gateway` on a gateway's folder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gateway.setup import initialise
from gateway.store.engine import Store
from tests.scenes.chain import grow, standard_chain


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """An embedded ledger's folder and that of a gateway on it."""
    ledger, gateway = tmp_path / "ledger", tmp_path / "gateway"
    ledger.mkdir()
    world = standard_chain(ledger / "ledger.sqlite")
    grow(world, 60, seed=2)
    world.store.close()
    initialise(gateway, {"org": "northstar", "ledger": {"adapter": "embedded", "folder": str(ledger)}})
    return ledger, gateway


def jifen(*arguments: str, code: int = 0) -> dict[str, Any]:
    """What the command answers with --json."""
    done = subprocess.run(
        [sys.executable, "-m", "admin.cli", *arguments, "--json"],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_status_rebuild_compare_and_verify(folders: tuple[Path, Path]) -> None:
    ledger, gateway = folders
    where = ("--gateway", str(gateway))
    before = jifen("projection", "status", *where)
    assert before["block_number"] == -1
    height = before["height"]
    assert jifen("projection", "rebuild", *where) == {"blocks": height}
    assert jifen("projection", "status", *where)["block_number"] == height - 1
    same = jifen("projection", "compare", *where)
    assert (same["block_number"], same["differences"]) == (height - 1, [])
    verified = jifen("verify", "--folder", str(ledger), *where)
    assert verified["projections"][str(gateway)]["keys"] == same["keys"]
    store = Store(f"sqlite:///{gateway / 'gateway.db'}")
    with store.writing() as session:
        session.execute(text("UPDATE projection_documents SET value = '{}' WHERE key = 'merchant/harbor'"))
    store.close()
    wrong = jifen("verify", "--folder", str(ledger), *where, code=5)
    assert wrong["projections"][str(gateway)]["differences"][0].startswith("merchant/harbor")
    assert jifen("projection", "compare", *where, code=5)["differences"]
    jifen("projection", "rebuild", *where)
    assert jifen("projection", "compare", *where)["differences"] == []
