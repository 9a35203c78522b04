"""What `down` removes and what it leaves; and what no command takes for a network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from network.declaration.writing import declaration_text
from network.errors import NetworkError
from network.folders import NetworkFolder, write
from network.journeys.local import LocalNetwork
from tests.network.prepared import DECLARATION


@pytest.mark.parametrize("names", [["../../valuable"], ["/valuable"], [".."], [""], [5], ["linked"]])
def test_down_removes_nothing_outside_its_folder(tmp_path: Path, names: list[object]) -> None:
    kept = tmp_path / "valuable" / "kept.txt"
    write(kept, "kept\n")
    folder = tmp_path / "net"
    (folder / "orgs").mkdir(parents=True)
    (folder / "orgs" / "linked").symlink_to(kept.parent)
    write(folder / "network.json", json.dumps({"format": 1, "orgs": names}))
    with pytest.raises(NetworkError) as caught:
        LocalNetwork(folder).down()
    assert caught.value.code == "NETWORK_FOLDER_FOREIGN"
    assert kept.is_file()


def test_down_follows_no_link_in_the_place_of_the_orgs(tmp_path: Path) -> None:
    kept = tmp_path / "valuable" / "harbor" / "kept.txt"
    write(kept, "kept\n")
    folder = tmp_path / "net"
    write(folder / "network.json", json.dumps({"format": 1, "orgs": ["harbor"]}))
    (folder / "orgs").symlink_to(kept.parent.parent)
    with pytest.raises(NetworkError) as caught:
        LocalNetwork(folder).down()
    assert caught.value.code == "NETWORK_FOLDER_FOREIGN"
    assert kept.is_file()


@pytest.mark.parametrize("text", ["", "5", "{"])
def test_a_marker_that_is_none_is_told_as_such(tmp_path: Path, text: str) -> None:
    write(tmp_path / "network.json", text)
    with pytest.raises(NetworkError) as caught:
        LocalNetwork(tmp_path).stop()
    assert caught.value.code == "NETWORK_FOLDER_FOREIGN"


def test_down_leaves_the_declaration_that_its_owner_wrote(tmp_path: Path) -> None:
    for written, folder in ((True, NetworkFolder(tmp_path / "own")), (False, NetworkFolder(tmp_path / "made"))):
        if written:
            write(folder.declaration, "# by hand\n")
        for _ in range(2):
            folder.claim(["harbor"])
            write(folder.declaration, "# by hand\n")
        LocalNetwork(folder.root).down()
        assert folder.declaration.is_file() is written
        assert not folder.marker.exists()


def test_up_writes_over_no_other_declaration(tmp_path: Path) -> None:
    write(tmp_path / "consortium.yaml", "# by hand\n")
    with pytest.raises(NetworkError, match="is another declaration") as caught:
        LocalNetwork(tmp_path).up(declaration_text(DECLARATION))
    assert caught.value.code == "DECLARATION_CHANGED"
    assert (tmp_path / "consortium.yaml").read_text("utf-8") == "# by hand\n"
