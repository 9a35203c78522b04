"""Passkeys, with a real authenticator in software: registered, used, refused, copied, removed."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.identity.holders import PERSON, STAFF
from gateway.identity.sessions import LoginOrigin, NewSession
from tests.scenes.authenticator import USER_PRESENT, Authenticator, add_passkey
from tests.scenes.people import PeopleScene, holder
from tests.scenes.refusals import refused

HERE = LoginOrigin("a browser", "192.0.2.1")


def log_in(world: PeopleScene, authenticator: Authenticator, kind: str = PERSON) -> NewSession:
    """Logs in by the authenticator."""
    ceremony = world.people.passkeys.begin_login(kind, HERE)
    return world.people.passkeys.finish_login(kind, ceremony.challenge_id, authenticator.get(ceremony.options), HERE)


def test_registered_and_used(world: PeopleScene) -> None:
    session, phone, key = world.register(), Authenticator(), Authenticator()
    add_passkey(world, session, phone, "Phone")
    add_passkey(world, session, key, "Key")
    found = log_in(world, phone)
    assert found.session.holder_id == session.session.holder_id
    assert found.session.method == "PASSKEY"
    assert log_in(world, key).session.holder_id == session.session.holder_id
    listed = world.people.passkeys.list(holder(session.session.holder_id))
    assert sorted(row.name for row in listed) == ["Key", "Phone"]
    assert all(row.last_used_at == world.clock() and row.sign_count == 1 for row in listed)


def test_log_in_tells_nobody_which_passkeys_there_are(world: PeopleScene) -> None:
    add_passkey(world, world.register(), Authenticator())
    assert not world.people.passkeys.begin_login(PERSON, HERE).options.get("allowCredentials")


@pytest.mark.parametrize("fault", ["key", "origin", "unverified", "unknown", "kind", "rp"])
def test_what_does_not_hold(world: PeopleScene, fault: str) -> None:
    authenticator = Authenticator()
    add_passkey(world, world.register(), authenticator)
    kind = STAFF if fault == "kind" else PERSON
    ceremony = world.people.passkeys.begin_login(kind, HERE)
    options = dict(ceremony.options)
    if fault == "key":
        authenticator.key = Authenticator().key
    elif fault == "origin":
        authenticator.origin = "https://evil.example"
    elif fault == "unverified":
        authenticator.flags = USER_PRESENT
    elif fault == "unknown":
        authenticator = Authenticator(user_handle=authenticator.user_handle)
    elif fault == "rp":
        options["rpId"] = "evil.example"
    with refused("PASSKEY_REFUSED"):
        world.people.passkeys.finish_login(kind, ceremony.challenge_id, authenticator.get(options), HERE)


@pytest.mark.parametrize("credential", [{}, {"id": "x"}, {"id": 1, "rawId": None}, {"rawId": "AA", "response": []}])
def test_what_is_no_credential(world: PeopleScene, credential: dict[str, Any]) -> None:
    session = world.register()
    passkeys, person = world.people.passkeys, holder(session.session.holder_id)
    ceremony = passkeys.begin_login(PERSON, HERE)
    with refused("PASSKEY_REFUSED"):
        passkeys.finish_login(PERSON, ceremony.challenge_id, credential, HERE)
    begun = passkeys.begin_registration(person, session.session.session_id, "lin")
    with refused("PASSKEY_REFUSED"):
        passkeys.finish_registration(person, session.session.session_id, begun.challenge_id, credential, "x")


def test_a_challenge_is_good_once_and_for_a_while(world: PeopleScene) -> None:
    authenticator, passkeys = Authenticator(), world.people.passkeys
    add_passkey(world, world.register(), authenticator)
    ceremony = passkeys.begin_login(PERSON, HERE)
    credential = authenticator.get(ceremony.options)
    passkeys.finish_login(PERSON, ceremony.challenge_id, credential, HERE)
    with refused("CHALLENGE_REFUSED"):
        passkeys.finish_login(PERSON, ceremony.challenge_id, credential, HERE)
    late = passkeys.begin_login(PERSON, HERE)
    world.clock.turn(world.people.settings.passkeys.seconds)
    with refused("CHALLENGE_REFUSED"):
        passkeys.finish_login(PERSON, late.challenge_id, authenticator.get(late.options), HERE)


def test_a_copied_authenticator_is_noticed(world: PeopleScene) -> None:
    authenticator = Authenticator()
    add_passkey(world, world.register(), authenticator)
    log_in(world, authenticator)
    log_in(world, authenticator)
    authenticator.count = 0
    with refused("PASSKEY_REFUSED"):
        log_in(world, authenticator)


def test_a_registration_is_for_its_session_alone(world: PeopleScene) -> None:
    lin, eve = world.register(), world.register("eve@example.org")
    passkeys = world.people.passkeys
    ceremony = passkeys.begin_registration(holder(lin.session.holder_id), lin.session.session_id, "lin")
    credential = Authenticator().create(ceremony.options)
    with refused("CHALLENGE_REFUSED"):
        passkeys.finish_registration(
            holder(eve.session.holder_id), eve.session.session_id, ceremony.challenge_id, credential, "x"
        )


def test_the_same_passkey_is_not_registered_twice(world: PeopleScene) -> None:
    authenticator = Authenticator()
    add_passkey(world, world.register(), authenticator)
    with refused("PASSKEY_REFUSED"):
        add_passkey(world, world.register("eve@example.org"), authenticator)


def test_renamed_and_removed(world: PeopleScene) -> None:
    session, authenticator = world.register(), Authenticator()
    passkey_id = add_passkey(world, session, authenticator)
    assert world.people.passkeys.rename(passkey_id, "Old phone").name == "Old phone"
    world.people.passkeys.remove(passkey_id)
    with refused("PASSKEY_REFUSED"):
        log_in(world, authenticator)
    with refused("OBJECT_UNKNOWN"):
        world.people.passkeys.remove(passkey_id)


def test_a_passkey_proves_its_holder_again(world: PeopleScene) -> None:
    session, authenticator = world.register(), Authenticator()
    add_passkey(world, session, authenticator)
    world.clock.turn(3600)
    ceremony = world.people.passkeys.begin_login(PERSON, HERE)
    renewed = world.people.passkeys.prove(
        holder(session.session.holder_id),
        session.session.session_id,
        ceremony.challenge_id,
        authenticator.get(ceremony.options),
    )
    assert world.people.sessions.find(session.token) is None
    found = world.people.sessions.find(renewed.token)
    assert found is not None
    assert found.authenticated_at == world.clock()
