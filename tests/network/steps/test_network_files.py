"""What `down` takes for the network's own, and what it leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from network.folders import write
from network.steps.network_files import made_and_kept, remove_empty


@pytest.mark.parametrize(
    "name",
    [
        "ca/identity/msp/keystore/0a1b_sk",
        "nodes/peer0/data/ledgersData/chains/chains/jifen/blockfile_000000",
        "identities/gateway/msp/signcerts/cert.pem",
        "logs/peer0.log.2",
        "run/.peer0.json.4711",
    ],
)
def test_what_the_network_made_is_its_own(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, "made")
    assert made_and_kept(tmp_path) == ([tmp_path / name], [])


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        "nodes/peer0/notes.txt",
        "ca/notes.txt",
        "secrets/mine",
        "identities/gateway/msp/signcerts/mine.pem",
        "logs/old/peer0.log",
        "data/x",
    ],
)
def test_what_it_did_not_make_is_left(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, "mine")
    assert made_and_kept(tmp_path) == ([], [tmp_path / name])
    remove_empty(tmp_path)
    assert (tmp_path / name).is_file()


def test_a_link_is_left_and_not_followed(tmp_path: Path) -> None:
    """A peer's data may lie on another disk."""
    write(tmp_path / "disk" / "ledgersData" / "blocks", "blocks")
    org = tmp_path / "harbor"
    write(org / "nodes" / "peer0" / "core.yaml", "made")
    (org / "nodes" / "peer0" / "data").symlink_to(tmp_path / "disk")
    made, kept = made_and_kept(org)
    assert made == [org / "nodes" / "peer0" / "core.yaml"]
    assert kept == [org / "nodes" / "peer0" / "data"]
