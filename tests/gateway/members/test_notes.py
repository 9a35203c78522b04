"""Private notes: with a transfer that was, one for each recipient, for as long as is said, gone with an account; and the enrolment of an own key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest

from chaincode.cases.world import PLACE
from chaincode.signing import MemberKey
from gateway.application import create_app
from gateway.members.notes import Notes
from gateway.members.settings import NoteSettings
from gateway.members.wallets import link_message
from gateway.security.principals import Member
from gateway.services.gateway import Gateway
from gateway.submissions.outcomes import Committed
from tests.gateway.security.conftest import Browser, settings_of
from tests.scenes.consortium import member, new_member, operation, place
from tests.scenes.member_keys import link
from tests.scenes.people import PeopleScene
from tests.scenes.refusals import refused

MEI, BO, EVE = (member(f"notes: {name}") for name in ("mei", "bo", "eve"))
SEALED, OTHER = "A" * 200, "B" * 200


@pytest.fixture
def notes(world: PeopleScene) -> Notes:
    """The notes of a gateway whose ledger has one transfer: Mei's `r-1` to Bo and Eve."""
    sent = {(MEI.address, "r-1"): frozenset({BO.address, EVE.address})}
    made = Notes(
        world.people.store,
        NoteSettings(days=30),
        lambda authoriser, request_id: sent.get((authoriser, request_id), frozenset()),
        clock=world.clock,
    )
    return made


def test_a_note_goes_with_a_transfer_to_its_recipient(notes: Notes) -> None:
    for authoriser, request_id, recipient in (
        (MEI, "r-2", BO),
        (MEI, "r-1", MEI),
        (BO, "r-1", EVE),
    ):
        with refused("NOTE_REFUSED"):
            notes.leave(authoriser.address, request_id, recipient.address, SEALED)
    made = notes.leave(MEI.address, "r-1", BO.address, SEALED)
    assert notes.leave(MEI.address, "r-1", BO.address, SEALED).note_id == made.note_id, "again is the same"
    with refused("NOTE_EXISTS"):
        notes.leave(MEI.address, "r-1", BO.address, OTHER)
    assert notes.leave(MEI.address, "r-1", EVE.address, OTHER).note_id != made.note_id


def test_sender_and_recipient_see_theirs(notes: Notes) -> None:
    notes.leave(MEI.address, "r-1", BO.address, SEALED)
    notes.leave(MEI.address, "r-1", EVE.address, OTHER)
    assert sorted(note.sealed for note in notes.list(MEI.address).notes) == [SEALED, OTHER]
    assert [note.sealed for note in notes.list(BO.address).notes] == [SEALED]
    assert [note.sealed for note in notes.list(EVE.address).notes] == [OTHER]
    assert notes.list(new_member().address).notes == []


def test_they_come_in_pages_newest_first(world: PeopleScene) -> None:
    notes = Notes(world.people.store, NoteSettings(), lambda *_: frozenset({BO.address}), clock=world.clock)
    for number in range(7):
        notes.leave(MEI.address, f"r-{number}", BO.address, SEALED)
        if number % 3:
            world.clock.turn(1)
    found, cursor = [], None
    while True:
        page = notes.list(BO.address, cursor, 3)
        found += page.notes
        cursor = page.next
        if cursor is None:
            break
    assert len({note.note_id for note in found}) == 7
    assert [note.created_at for note in found] == sorted((note.created_at for note in found), reverse=True)
    with refused("CURSOR_INVALID"):
        notes.list(BO.address, "x", 3)


def test_they_end(world: PeopleScene, notes: Notes) -> None:
    made = notes.leave(MEI.address, "r-1", BO.address, SEALED)
    assert made.ends_at == world.clock() + 30 * 86_400
    world.clock.turn(30 * 86_400 - 1)
    notes.purge()
    assert len(notes.list(BO.address).notes) == 1
    world.clock.turn(1)
    assert notes.list(BO.address).notes == [], "also before it is purged"
    world.people.purge()
    with world.people.store.reading() as session:
        assert not notes.of(session, [BO.address])


def test_an_account_takes_its_notes_along(world: PeopleScene, notes: Notes) -> None:
    session, key, other = world.register(), new_member(), new_member()
    person_id = session.session.holder_id
    link(world, session, key)
    sent = frozenset({key.address, other.address, BO.address})
    notes = Notes(world.people.store, NoteSettings(), lambda *_: sent, clock=world.clock)
    notes.leave(MEI.address, "r-1", key.address, SEALED)
    world.clock.turn(1)
    notes.leave(key.address, "r-2", other.address, OTHER)
    notes.leave(MEI.address, "r-3", BO.address, SEALED)
    document = world.people.members.export(person_id)
    assert json.loads(json.dumps(document)) == document
    assert [note["request_id"] for note in document["notes"]] == ["r-1", "r-2"]
    who = Member(person_id, session.session.session_id, world.clock())
    world.people.members.erase(who, person_id, abandon_points=False)
    assert [notes.list(account).notes for account in (key.address, other.address)] == [[], []]
    assert len(notes.list(BO.address).notes) == 1, "others' stay"


# Over HTTP, on the embedded ledger


@pytest.fixture
def app(store_url: str, ledger_file: Path, tmp_path: Path) -> Iterator[flask.Flask]:
    """northstar's gateway, started."""
    gateway = Gateway(settings_of(tmp_path, ledger_file, store_url), place(ledger_file, "northstar"))
    gateway.start()
    yield create_app(gateway.settings, gateway.place, gateway=gateway)
    gateway.stop()


def joined(app: flask.Flask, tmp_path: Path, contact: str, key: MemberKey) -> Browser:
    """Somebody who registered, and whose key is linked."""
    browser = Browser(app, tmp_path / "letters.txt")
    browser.register(contact)
    challenge = browser.ask("POST", "/wallet/links").json
    assert challenge is not None
    message = link_message(
        key.address, challenge["challenge"], challenge["person_id"], challenge["session_id"], challenge["msp_id"]
    )
    proof = {"public_key": key.public_key, "signature": key.sign(message)}
    assert browser.ask("POST", f"/wallet/links/{challenge['challenge_id']}", proof).status_code == 201
    return browser


def enrol(browser: Browser, key: MemberKey, **changes: str) -> Any:
    """The answer to an enrolment of an own key."""
    consent = key.enrolment("northstar", PLACE)["consent"]
    return browser.ask("POST", "/wallet/enrolments", {"address": key.address, "consent": consent, **changes})


def test_an_own_key_is_enrolled_with_its_consent(app: flask.Flask, tmp_path: Path) -> None:
    mei = joined(app, tmp_path, "mei@example.org", MEI)
    elsewhere = MEI.enrolment("harbor", PLACE)["consent"]
    assert enrol(mei, MEI, consent=elsewhere).json["code"] == "CONSENT_INVALID"
    assert enrol(mei, BO).json["code"] == "FORBIDDEN", "not her address"
    done = enrol(mei, MEI)
    assert done.status_code == 201, done.json
    assert done.json["result"]["member"]["home_msp"] == "northstar"
    assert enrol(mei, MEI).json["repeated"] is True, "the same consent again is the same request"
    found = mei.ask("GET", f"/accounts/{MEI.address}/public-key").json
    assert found == {"address": MEI.address, "public_key": MEI.public_key}
    assert mei.ask("GET", f"/accounts/{BO.address}/public-key").json["code"] == "UNKNOWN_MEMBER"  # type: ignore[index]


def test_a_kept_key_is_not_enrolled_this_way(app: flask.Flask, tmp_path: Path) -> None:
    browser = Browser(app, tmp_path / "letters.txt")
    browser.register("lin@example.org")
    made = browser.ask("POST", "/custody").json
    assert made is not None
    answer = browser.ask("POST", "/wallet/enrolments", {"address": made["address"], "consent": "0" * 128})
    assert answer.json is not None
    assert answer.json["code"] == "OBJECT_UNKNOWN"


def test_a_note_with_a_real_transfer(app: flask.Flask, tmp_path: Path) -> None:
    mei = joined(app, tmp_path, "mei@example.org", MEI)
    bo = joined(app, tmp_path, "bo@example.org", BO)
    eve = joined(app, tmp_path, "eve@example.org", EVE)
    assert {enrol(mei, MEI).status_code, enrol(bo, BO).status_code} == {201}
    issue = operation("Issue", "i-1", {"address": MEI.address, "class_id": "northstar", "points": 5})
    assert isinstance(app.extensions["jifen"].submissions.carry_out(issue, wait_seconds=30), Committed)

    def transfer(request_id: str, points: int) -> dict[str, Any]:
        recipients = [{"address": BO.address, "points": points}]
        sent = MEI.authorise(
            operation("Transfer", request_id, {"class_id": "northstar", "recipients": recipients}), PLACE
        )
        return {name: sent[name] for name in ("args", "authorization", "request_id", "valid_until")}

    body = transfer("r-1", 5)
    note = {"authoriser": MEI.address, "request_id": "r-1", "recipient": BO.address, "sealed": SEALED}
    early = mei.ask("POST", "/notes", note).json
    assert early is not None
    assert early["code"] == "NOTE_REFUSED"
    receipt = mei.ask("POST", "/operations/transfer", body).json
    assert receipt is not None
    assert receipt["code"] == "OK", receipt
    path = f"/notes?at_least_block={receipt['block_number']}"
    assert eve.ask("POST", path, note).status_code == 403
    left = mei.ask("POST", path, note)
    assert left.status_code == 201, left.json
    for browser, key in ((mei, MEI), (bo, BO)):
        found = browser.ask("GET", f"/notes?account={key.address}").json
        assert found is not None
        assert [one["sealed"] for one in found["items"]] == [SEALED]
    assert eve.ask("GET", f"/notes?account={BO.address}").status_code == 403
    for wrong in ({"sealed": "A" * 125}, {"sealed": "A" * 2049}, {"sealed": "A+" * 100}, {"recipient": "jf1x"}):
        assert mei.ask("POST", path, {**note, **wrong}).status_code == 400, wrong
    exported = bo.ask("GET", "/me/export").json
    assert exported is not None
    assert [one["sealed"] for one in exported["notes"]] == [SEALED]
    empty = mei.ask("POST", "/operations/transfer", transfer("r-0", 0)).json
    assert empty is not None
    refused = mei.ask("POST", f"/notes?at_least_block={empty['block_number']}", {**note, "request_id": "r-0"}).json
    assert refused is not None
    assert refused["code"] == "NOTE_REFUSED", "a transfer of nothing is no reason to write to somebody"
