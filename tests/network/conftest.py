"""`--update` writes the golden files anew instead of comparing with them; `orgs` are prepared organisations."""

from __future__ import annotations

from pathlib import Path

import pytest

from network.declaration.writing import declaration_text
from network.exchange import channel_block
from network.folders import NetworkFolder, OrgFolder, write
from network.participant import Participant
from network.steps.prepare import Prepare
from network.steps.publish import Publish
from network.steps.sending import send
from tests.network.prepared import DECLARATION, first_block, identify, tls_certificate


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the golden files of tests/network anew")


@pytest.fixture
def orgs(tmp_path: Path) -> list[OrgFolder]:
    """All orgs prepared and published, with certificates of their own, and placeholders where only their bytes matter."""
    folder = NetworkFolder(tmp_path / "net")
    folder.claim(org.name for org in DECLARATION.orgs)
    found = []
    for org in DECLARATION.orgs:
        one = folder.org(org.name)
        Prepare().take(Participant(one, declaration_text(DECLARATION)))
        identify(one)
        for orderer in org.orderers:
            write(one.node(orderer.name) / "tls/server.crt", tls_certificate(one))
        for name in ("tls", "client-tls"):
            for file in ("ca.crt", "server.crt", "server.key"):
                write(one.chaincode / name / file, f"{org.name} {name} {file}\n")
        Publish().take(Participant(one))
        found.append(one)
    block = first_block()
    operator, network_id = Participant(found[0]), channel_block.network_id_of(block)
    send(operator, channel_block.FILE, operator.envelope(channel_block.TYPE, block, network_id=network_id))
    return found
