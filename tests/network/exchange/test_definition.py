"""What organisations send to each other is written, read and checked, without any process of Fabric."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from network.connection import load, load_org
from network.declaration.writing import declaration_text
from network.errors import NetworkError
from network.exchange import channel_block
from network.exchange.channel_block import network_id_of, received_block
from network.exchange.definition import definition_from_json, received_definitions
from network.exchange.envelope import Envelope, read_envelope
from network.folders import OrgFolder, write
from network.participant import Participant
from network.steps.connect import Connect
from network.steps.publish import Publish
from network.steps.sending import send
from tests.network.prepared import DECLARATION, post


def sent(org: OrgFolder) -> Envelope:
    return read_envelope((org.outbox / "definition.json").read_bytes(), org.name)


def say(org: OrgFolder, text: str) -> None:
    """What an organisation says of itself, signed by its admin like any other."""
    one = Participant(org)
    send(one, "definition.json", one.envelope("definition", text.encode()))


def test_nothing_is_known_before_the_post_came(orgs: list[OrgFolder]) -> None:
    with pytest.raises(NetworkError, match=r"has not received definition\.json from operator") as caught:
        received_definitions(orgs[1], DECLARATION)
    assert caught.value.code == "STEP_INPUT_MISSING"
    with pytest.raises(NetworkError) as caught:
        orgs[1].received("operator", channel_block.FILE)
    assert caught.value.code == "STEP_INPUT_MISSING"


def test_after_the_post_every_org_knows_the_same(orgs: list[OrgFolder], tmp_path: Path) -> None:
    post(orgs)
    known = [received_definitions(org, DECLARATION) for org in orgs]
    assert known[0] == known[1] == known[2]
    assert [one.name for one in known[0]] == ["operator", "northstar", "harbor"]
    for org in orgs:
        write(org.network_id_file, network_id_of(received_block(org, DECLARATION)) + "\n")
        Connect().take(Participant(org))
        assert Connect().done(Participant(org))
    views = [load_org(org.root) for org in orgs]
    assert len({tuple(peer.address for peer in view.peers) for view in views}) == 1
    assert load_org(orgs[2].root).org("northstar").identities == {}
    assert load(tmp_path / "net").org("harbor").identities["gateway"].role == "gateway"
    assert views[0].org("operator").gateway_org == "northstar"
    hashed = hashlib.sha256(bytes.fromhex("302702010004000420") + bytes(range(32))).hexdigest()
    assert {view.network_id for view in views} == {hashed}, (
        "number 0, nothing before it, the hash of its content, in DER"
    )


def test_an_org_with_another_declaration_is_found_out(orgs: list[OrgFolder]) -> None:
    write(orgs[2].declaration, declaration_text(DECLARATION) + "\n# and a word more\n")
    Publish().take(Participant(orgs[2]))
    post(orgs)
    assert len(received_definitions(orgs[0], DECLARATION)) == 3, "in a network that stands, it may"
    with pytest.raises(NetworkError, match="harbor works by a declaration that differs") as caught:
        received_definitions(orgs[0], DECLARATION, one_declaration=True)
    assert caught.value.code == "DECLARATION_CHANGED"


def test_a_definition_of_another_format_is_refused(orgs: list[OrgFolder]) -> None:
    text = sent(orgs[0]).text
    assert definition_from_json(text).name == "operator"
    with pytest.raises(ValueError, match="format 2"):
        definition_from_json(text.replace('"format": 2', '"format": 1'))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "northstar"),
        ("name", "../../northstar"),
        ("msp_id", "northstar"),
        ("domain", "northstar.example"),
        ("gateway_org", "northstar"),
        ("chaincode_implementation", "python"),
        ("peers", []),
        ("orderers", [{"name": "../../x", "address": "127.0.0.1:1", "tls_name": "x", "certificate": "c"}]),
        ("peers", [{"name": "peer0", "address": "127.0.0.1", "tls_name": "peer0.harbor.example"}]),
        ("peers", [{"name": "peer0", "address": "127.0.0.1:1", "tls_name": "peer0.harbor.example", "more": ""}]),
        ("peers", 5),
        ("root", None),
        ("tls_root", None),
    ],
)
def test_an_org_speaks_for_itself_alone(orgs: list[OrgFolder], field: str, value: object) -> None:
    """harbor says that it is northstar: with its own root certificate in northstar's place it could sign as northstar."""
    document = json.loads(sent(orgs[2]).text)
    say(orgs[2], json.dumps({**document, field: value}))
    post(orgs)
    with pytest.raises(NetworkError, match="from harbor: ") as caught:
        received_definitions(orgs[0], DECLARATION)
    assert caught.value.code == "DEFINITION_REFUSED"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}', '{"format": 1, "peers": [], "orderers": []}'])
def test_a_definition_that_is_none_is_refused(orgs: list[OrgFolder], text: str) -> None:
    say(orgs[2], text)
    post(orgs)
    with pytest.raises(NetworkError) as caught:
        received_definitions(orgs[0], DECLARATION)
    assert caught.value.code == "DEFINITION_REFUSED"
