"""Files that pass between organisations: each wrong one is refused with its reason, and nothing is written then."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from network.errors import NetworkError
from network.exchange import channel_block, definition
from network.exchange.channel_block import network_id_of, received_block
from network.exchange.definition import received_definitions
from network.exchange.envelope import read_envelope, seal, utc_now, verify
from network.exchange.kinds import Accepted, accept, explain
from network.folders import OrgFolder, write
from network.participant import Participant
from tests.network.prepared import DECLARATION, first_block, identify, post

Change = Callable[[dict[str, Any]], Any]


def take_in(org: OrgFolder, data: bytes) -> Accepted:
    return accept(org, DECLARATION, {"post.json": data})[0]


def definition_of(org: OrgFolder) -> bytes:
    return (org.outbox / definition.FILE).read_bytes()


def block_from(org: OrgFolder, block: bytes, **more: Any) -> bytes:
    """The file of a block that an organisation signs."""
    one = Participant(org)
    envelope = one.envelope(channel_block.TYPE, block, **(more or {"network_id": network_id_of(block)}))
    return seal(org, envelope).to_json().encode()


def refusal(org: OrgFolder, data: bytes) -> str:
    """Why a file is refused; nothing must have been written."""
    before = sorted(org.root.rglob("*"))
    with pytest.raises(NetworkError) as caught:
        take_in(org, data)
    assert sorted(org.root.rglob("*")) == before
    return str(caught.value)


def test_a_file_is_taken_in_once(orgs: list[OrgFolder]) -> None:
    first = take_in(orgs[1], definition_of(orgs[0]))
    again = take_in(orgs[1], definition_of(orgs[0]))
    assert (first.known, again.known, again.replaced) == (False, True, False)
    assert first.file == orgs[1].inbox / "operator" / "definition.json"
    stamp = first.file.stat().st_mtime_ns
    sealed_again = seal(orgs[0], read_envelope(definition_of(orgs[0]), "")).to_json().encode()
    assert take_in(orgs[1], sealed_again).known, "signed once more, it says the same"
    assert first.file.stat().st_mtime_ns == stamp


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda one: one.update(payload=one["payload"].replace("operator", "operater")), "FILE_REFUSED: post.json: its content was changed after it was made"),
        (lambda one: one.update(channel="other"), "it is for channel 'other'; ours is jifen"),
        (lambda one: one.update(sender="harbor"), "name is 'operator'|signature is not that of an admin"),
        (lambda one: one.update(base_sequence=7), "signature is not that of an admin of the sender over this file"),
        (lambda one: one.update(base_sequence=-1), "base_sequence: a whole number"),
        (lambda one: one.update(base_sequence=True), "base_sequence: a whole number"),
        (lambda one: one.update(signature="bm8="), "signature is not that of an admin"),
        (lambda one: one.update(signature="!"), "not of their form"),
        (lambda one: one.update(certificate="x"), "a certificate cannot be read"),
        (lambda one: one.update(type="invoice"), "'invoice' is no type of file; there are declaration"),
        (lambda one: one.update(format=9), "no file of Jifen's of format 1"),
        (lambda one: one.update(sender="../../x"), "is no organisation's name"),
        (lambda one: one.pop("channel"), "channel: a text was expected"),
        (lambda one: one.pop("payload"), "payload or payload_base64 was expected"),
        (lambda one: one.update(note="-----BEGIN PRIVATE KEY-----"), "there is a private key in it"),
    ],
)  # fmt: skip
def test_a_file_that_was_changed_is_refused(orgs: list[OrgFolder], change: Change, reason: str) -> None:
    document = json.loads(definition_of(orgs[0]))
    change(document)
    assert re.search(reason, refusal(orgs[1], json.dumps(document).encode()))


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b"x" * 70_000_000])
def test_what_is_no_file_is_refused(orgs: list[OrgFolder], data: bytes) -> None:
    assert refusal(orgs[1], data).startswith("FILE_REFUSED: post.json: ")


def test_a_definition_with_a_private_key_in_it_is_refused(orgs: list[OrgFolder]) -> None:
    key = (orgs[0].identity_msp("admin") / "keystore/key.pem").read_text("ascii")
    document = json.loads(read_envelope(definition_of(orgs[0]), "").text)
    one = Participant(orgs[0])
    told = json.dumps({**document, "root": document["root"] + key}).replace("\\n", "\n")
    hidden = seal(orgs[0], one.envelope(definition.TYPE, told.encode(), network_id="")).to_json()
    assert "there is a private key in" in refusal(orgs[1], hidden.encode())


def test_an_expired_certificate_and_a_clock_that_is_apart_are_told(orgs: list[OrgFolder]) -> None:
    document = json.loads(read_envelope(definition_of(orgs[2]), "").text)
    for days, reason in ((-400, "the certificate of its admin expired on"), (0.01, "one of the two clocks is wrong")):
        identify(orgs[2], valid_from=datetime.timedelta(days=days))
        told = {**document, "root": (orgs[2].msp / "cacerts/ca.pem").read_text("ascii")}
        data = seal(orgs[2], Participant(orgs[2]).envelope(definition.TYPE, json.dumps(told).encode(), network_id=""))
        assert reason in refusal(orgs[1], data.to_json().encode())


def test_a_certificate_that_has_expired_within_is_named(orgs: list[OrgFolder]) -> None:
    document = json.loads(read_envelope(definition_of(orgs[0]), "").text)
    document["orderers"][0]["certificate"] = document["root"].replace("M", "N", 3)
    data = seal(orgs[0], Participant(orgs[0]).envelope(definition.TYPE, json.dumps(document).encode(), network_id=""))
    assert "the TLS certificate of orderer0 cannot be read" in refusal(orgs[1], data.to_json().encode())


def test_only_an_admin_signs(orgs: list[OrgFolder]) -> None:
    identify(orgs[2], unit="client")
    document = json.loads(read_envelope(definition_of(orgs[2]), "").text)
    told = {**document, "root": (orgs[2].msp / "cacerts/ca.pem").read_text("ascii")}
    data = seal(orgs[2], Participant(orgs[2]).envelope(definition.TYPE, json.dumps(told).encode(), network_id=""))
    assert "signed by somebody who is no admin of the sender" in refusal(orgs[1], data.to_json().encode())


def test_a_first_block_comes_from_the_operator_after_its_definition(orgs: list[OrgFolder]) -> None:
    block = (orgs[0].outbox / channel_block.FILE).read_bytes()
    assert "has not received definition.json from operator" in refusal(orgs[1], block)
    take_in(orgs[1], definition_of(orgs[0]))
    take_in(orgs[1], definition_of(orgs[2]))
    take_in(orgs[1], block)
    assert received_block(orgs[1], DECLARATION) == first_block()
    assert "comes from operator, the first operator" in refusal(orgs[1], block_from(orgs[2], first_block()))


def test_files_that_come_together_are_taken_in_all_or_none(orgs: list[OrgFolder]) -> None:
    block = (orgs[0].outbox / channel_block.FILE).read_bytes()
    files = {"block": block, "mine": definition_of(orgs[0]), "changed": definition_of(orgs[2]).replace(b"1", b"2", 1)}
    with pytest.raises(NetworkError, match="changed: "):
        accept(orgs[1], DECLARATION, files)
    assert not orgs[1].inbox.exists()
    del files["changed"]
    assert [one.file.name for one in accept(orgs[1], DECLARATION, files)] == ["channel.json", "definition.json"]


@pytest.mark.parametrize(
    ("block", "more", "reason"),
    [
        (first_block(channel="other"), {}, "block 0 of channel other, not the first of jifen"),
        (first_block(number=3), {}, "block 3 of channel jifen"),
        (first_block(), {"network_id": "0" * 64}, "not the one that begins with this block"),
        (first_block()[:40], {"network_id": "1" * 64}, "no block with a channel's configuration"),
    ],
)
def test_another_block_is_refused(orgs: list[OrgFolder], block: bytes, more: dict[str, Any], reason: str) -> None:
    take_in(orgs[1], definition_of(orgs[0]))
    assert reason in refusal(orgs[1], block_from(orgs[0], block, **more))


def test_a_file_of_another_network_is_refused(orgs: list[OrgFolder]) -> None:
    take_in(orgs[1], definition_of(orgs[0]))
    write(orgs[1].network_id_file, "f" * 64 + "\n")
    assert f"; ours is {'f' * 64}" in refusal(orgs[1], (orgs[0].outbox / channel_block.FILE).read_bytes())


def test_a_file_that_was_changed_in_the_inbox_is_refused_when_it_is_read(orgs: list[OrgFolder]) -> None:
    post(orgs)
    file = orgs[1].inbox / "operator" / definition.FILE
    file.write_bytes(definition_of(orgs[2]))
    with pytest.raises(NetworkError, match="it says that it comes from harbor"):
        received_definitions(orgs[1], DECLARATION)


def test_files_are_explained_in_words(orgs: list[OrgFolder]) -> None:
    told = "\n".join(explain(definition_of(orgs[1]), "post.json"))
    assert "definition from northstar, for channel jifen of a network that has no first block yet" in told
    assert re.search(r"root certificate for identities: SHA-256 ([0-9a-f]{4} ){15}[0-9a-f]{4}\n", told)
    assert re.search(r"peer peer0\.northstar\.example at 127\.0\.0\.1:\d+", told)
    told = "\n".join(explain((orgs[0].outbox / channel_block.FILE).read_bytes(), "post.json"))
    assert network_id_of(first_block()) in told


def test_the_time_of_the_check_decides(orgs: list[OrgFolder]) -> None:
    envelope = read_envelope(definition_of(orgs[1]), "")
    root = (orgs[1].msp / "cacerts/ca.pem").read_text("ascii")
    verify(envelope, root)
    with pytest.raises(NetworkError, match="expired on"):
        verify(envelope, root, lambda: utc_now() + datetime.timedelta(days=366))
