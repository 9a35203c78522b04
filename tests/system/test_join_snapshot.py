"""A merchant's peer begins with a snapshot for which two others vouch; its ledger verifies from the first block."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.ledger.adapters.early_blocks import must_join
from gateway.ledger.adapters.opening import open_ledger
from gateway.ledger.errors import EvaluateFailed
from network.connection import load
from network.declaration import merchants_declaration
from network.declaration.writing import declaration_text
from network.errors import NetworkError
from network.folders import OrgFolder, write
from network.health import observe
from network.journeys import join
from network.journeys.local import LocalNetwork, running_network
from network.nodes.snapshots import SIGNABLE, certificate_of
from tests.scenes.commands import jifen

pytestmark = pytest.mark.fabric


def declared(merchants: int) -> str:
    made = merchants_declaration(merchants, endorsement_k=None)
    return declaration_text(made.model_copy(update={"name": "snapshots"}))


def told(folder: Path, *command: str) -> Any:
    """What a command says, which must succeed."""
    done = jifen(*command, "--folder", folder, "--json", folder=folder.parent)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two merchants at work, who have agreed to take in a third."""
    root = tmp_path_factory.mktemp("snapshot") / "net"
    with running_network(declared(2), root):
        told(root, "consortium", "open")
        told(root, "consortium", "invite")
        for org in ("northstar", "harbor"):
            told(root, "consortium", "join", org)
        yield root
    assert not root.exists()


def test_a_snapshot_that_came_otherwise_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is changed on its way; then the newcomer begins with nothing, and goes on when the right one comes."""
    network, copied = LocalNetwork(folder), join.write

    def changed(file: Path, content: bytes) -> None:
        copied(file, content + b"x" if file.name == "public_state.data" else content)

    monkeypatch.setattr(join, "write", changed)
    with pytest.raises(NetworkError, match=r"public_state\.data is missing, or was changed"):
        network.join(declared(3), from_snapshot=True)
    monkeypatch.undo()
    lotus = network.folder.org("lotus")
    assert not lotus.begun_with.is_file()
    for file in lotus.received_snapshot.iterdir():
        file.unlink()


def test_one_who_vouches_is_not_enough(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network, copied = LocalNetwork(folder), join.write

    def forged(file: Path, content: bytes) -> None:
        """Another description than the one that was vouched for, whole in itself."""
        copied(file, content)
        if file.name == SIGNABLE:
            _make_another(file.parent)

    monkeypatch.setattr(join, "write", forged)
    with pytest.raises(NetworkError, match="nobody of northstar, harbor vouches for the snapshot") as caught:
        network.join(declared(3), from_snapshot=True)
    assert caught.value.code == "FILE_REFUSED"
    for file in network.folder.org("lotus").received_snapshot.iterdir():
        file.unlink()


def _make_another(snapshot: Path) -> None:
    described = json.loads((snapshot / SIGNABLE).read_text())
    described["last_block_hash"] = "00" * 32
    text = json.dumps(described)
    write(snapshot / SIGNABLE, text)
    additional = snapshot / "_snapshot_additional_metadata.json"
    found = json.loads(additional.read_text())
    found["snapshot_hash"] = hashlib.sha256(text.encode()).hexdigest()
    write(additional, json.dumps(found))
    assert certificate_of(snapshot, "jifen").last_block_hash == "00" * 32


def test_a_peer_that_began_with_a_snapshot_verifies_from_the_first_block(folder: Path) -> None:
    network = LocalNetwork(folder)
    assert "lotus" in network.join(declared(3), from_snapshot=True).orgs
    assert observe(network).ready
    begun = load(folder).org("lotus").begun_with
    assert begun is not None
    assert begun.certified_by == ("northstar", "harbor")
    told(folder, "consortium", "invite", "lotus")
    told(folder, "consortium", "join", "lotus")
    found = told(folder, "verify", "--org", "lotus")["lotus"]
    assert found["differences"] == []
    assert found["blocks"] > begun.height
    assert found["state_keys"] > 0
    assert found["snapshot"]["certified_by"] == ["northstar", "harbor"]
    assert f"behind block {begun.height - 1}, on the word of northstar and harbor" in found["snapshot"]["told"]
    own = OrgFolder(folder / "orgs" / "lotus")
    assert own.begun_with.is_file()


async def test_early_blocks_must_join_up(folder: Path) -> None:
    async with open_ledger("fabric", load(folder), "lotus") as ledger:
        blocks = [block async for block in ledger.block_stream(0, 2)]
    network = load(folder).network_id
    must_join(blocks[0], blocks[1], network)
    with pytest.raises(EvaluateFailed, match="block 2 does not follow the block 1"):
        must_join(blocks[0], blocks[2], network)
    with pytest.raises(EvaluateFailed, match="is not that of the network"):
        must_join(None, blocks[0], "00" * 32)
    blocks[2].data.data[0] += b"x"
    with pytest.raises(EvaluateFailed, match="another content than its header says"):
        must_join(blocks[1], blocks[2], network)
