"""A person's data: all of it as one document, and its erasure, which leaves the ledger and the audit log whole."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import inspect

from gateway.core.errors import GatewayError
from gateway.identity.holders import PERSON
from gateway.identity.sessions import LoginOrigin, NewSession
from gateway.security.principals import Member
from tests.scenes.authenticator import Authenticator, add_passkey
from tests.scenes.consortium import new_member
from tests.scenes.legacy_cards import CARDS, confirmed
from tests.scenes.member_keys import link
from tests.scenes.people import PASSWORD, PeopleScene


def full(world: PeopleScene) -> NewSession:
    """A person with something of everything."""
    session, key = world.register(), new_member()
    person_id = session.session.holder_id
    add_passkey(world, session, Authenticator())
    link(world, session, key)
    world.people.wallets.store_wrapped(person_id, key.address, {"wrapped": "of lin"})
    world.people.custody.create(person_id)
    world.people.custody.counter_code(person_id, 10, ["north"])
    confirmed(world, CARDS)
    world.people.legacy_claims.claim(person_id, "880012345678", "4321", "192.0.2.1")
    world.people.wallets.begin_link(person_id, session.session.session_id)
    world.people.log_in.begin_recovery(PERSON, "lin@example.org", "en", LoginOrigin())
    return session


def everything(world: PeopleScene) -> str:
    """All rows of all tables as text."""
    engine = world.people.store.engine
    found = []
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            found += [str(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"')]
    return "\n".join(found)


def test_the_export_holds_what_there_is(world: PeopleScene) -> None:
    session = full(world)
    document = world.people.members.export(session.session.holder_id)
    assert json.loads(json.dumps(document)) == document
    assert document["person"]["email"] == "lin@example.org"
    assert [len(document[name]) for name in ("sessions", "passkeys", "addresses", "wrapped_keys", "legacy_cards")] == [
        1,
        1,
        2,
        1,
        1,
    ]
    text = json.dumps(document)
    assert "argon2" not in text
    assert session.token not in text
    with pytest.raises(GatewayError, match=r"^OBJECT_UNKNOWN: "):
        world.people.members.export("per_none")


def test_the_export_leaves_out_other_people(world: PeopleScene) -> None:
    full(world)
    mei = world.person("mei@example.org")
    document = world.people.members.export(mei)
    assert "lin" not in json.dumps(document).replace("linked", "")
    assert document["addresses"] == []


def test_erased_everywhere_but_in_the_audit_log_by_id(world: PeopleScene) -> None:
    session = full(world)
    person_id = session.session.holder_id
    world.person("mei@example.org")
    who = Member(person_id, session.session.session_id, world.clock())
    world.people.members.erase(who, person_id, abandon_points=False)
    text = everything(world)
    assert "lin@example.org" not in text
    assert "of lin" not in text
    audit = [row for row in world.people.audit.rows() if row.object_id == person_id]
    assert [row.action for row in audit] == ["erasePerson"]
    assert len(re.findall(person_id, text)) == 2, "actor and object of that one row"
    assert world.people.audit.verify().broken is None
    assert world.people.sessions.find(session.token) is None
    with pytest.raises(GatewayError, match=r"^LOGIN_REFUSED: "):
        world.people.log_in.log_in(PERSON, "lin@example.org", PASSWORD, LoginOrigin())
    with pytest.raises(GatewayError, match=r"^CLAIM_REFUSED: "):
        world.people.legacy_claims.claim(world.person("eve@example.org"), "880012345678", "4321", "192.0.2.9")
    assert world.register().session.holder_id != person_id, "and may come again"


def test_points_that_only_the_gateway_could_move_are_not_lost_by_mistake(world: PeopleScene) -> None:
    session = world.register()
    person_id = session.session.holder_id
    world.points[world.people.custody.create(person_id).address] = 40
    who = Member(person_id, session.session.session_id, world.clock())
    with pytest.raises(GatewayError, match=r"^CUSTODY_HAS_POINTS: 40 points"):
        world.people.members.erase(who, person_id, abandon_points=False)
    world.people.members.erase(who, person_id, abandon_points=True)


def test_name_and_language(world: PeopleScene) -> None:
    person_id = world.person()
    row = world.people.members.update(person_id, name="林", locale="zh")
    assert (row.name, row.locale) == ("林", "zh")
    assert world.people.members.update(person_id, name=None, locale="xx").locale == "zh"
