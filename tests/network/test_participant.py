"""An organisation at work: the programs that it may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from network.declaration import merchants_declaration
from network.declaration.writing import declaration_text
from network.errors import NetworkError
from network.folders import OrgFolder
from network.participant import Participant


def test_images_alone_do_not_make_processes_of_another_version(tmp_path: Path) -> None:
    text = "fabric: {version: 3.1.5, images: hyperledger}\n" + declaration_text(merchants_declaration(2))
    with pytest.raises(NetworkError, match=r"fabric\.images serves containers alone") as caught:
        _ = Participant(OrgFolder(tmp_path / "northstar"), text).programs
    assert caught.value.code == "TOOLCHAIN_PROGRAM_BROKEN"
