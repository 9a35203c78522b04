"""`--update` writes the golden files anew instead of comparing with them; `orgs` are prepared organisations."""

from __future__ import annotations

from pathlib import Path

import pytest

from network.declaration.writing import declaration_text
from network.exchange import channel_block
from network.folders import NetworkFolder, OrgFolder, write
from network.participant import Participant
from network.rendering.channel import ROOT_FILE, TLS_ROOT_FILE
from network.steps.prepare import Prepare
from network.steps.publish import Publish
from tests.network.prepared import DECLARATION, FIRST_BLOCK


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the golden files of tests/network anew")


@pytest.fixture
def orgs(tmp_path: Path) -> list[OrgFolder]:
    """All orgs prepared and published, with placeholder certificates where only their bytes matter."""
    folder = NetworkFolder(tmp_path / "net")
    folder.claim(org.name for org in DECLARATION.orgs)
    found = []
    for org in DECLARATION.orgs:
        one = folder.org(org.name)
        Prepare().take(Participant(one, declaration_text(DECLARATION)))
        write(one.msp / ROOT_FILE, f"root of {org.name}\n")
        write(one.msp / TLS_ROOT_FILE, f"TLS root of {org.name}\n")
        for orderer in org.orderers:
            write(one.node(orderer.name) / "tls/server.crt", "certificate\n")
        for name in ("tls", "client-tls"):
            for file in ("ca.crt", "server.crt", "server.key"):
                write(one.chaincode / name / file, f"{org.name} {name} {file}\n")
        Publish().take(Participant(one))
        found.append(one)
    write(found[0].outbox / channel_block.FILE, FIRST_BLOCK.SerializeToString())
    return found
