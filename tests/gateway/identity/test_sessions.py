"""Sessions: how long they last, what their tokens are worth, and the token of a page."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from gateway.core.errors import GatewayError
from gateway.identity.holders import PERSON, Holder
from gateway.identity.models import LoginSession
from gateway.identity.sessions import LoginOrigin
from tests.scenes.people import PASSWORD, PeopleScene, staff_holder

LIN = Holder(PERSON, "per_lin")


def test_only_the_hash_of_the_token_is_stored(world: PeopleScene) -> None:
    made = world.people.sessions.start(LIN, "PASSWORD", LoginOrigin())
    assert len(made.token) >= 43, "256 bits"
    with world.people.store.reading() as session:
        row = session.scalars(select(LoginSession)).one()
        stored = [str(getattr(row, column.key)) for column in LoginSession.__table__.columns]
    assert made.token not in " ".join(stored)
    assert world.people.sessions.find(row_token := made.token) is not None
    assert world.people.sessions.find(row_token + "x") is None
    assert world.people.sessions.find("") is None


def test_idle_and_absolute_end(world: PeopleScene) -> None:
    sessions, settings = world.people.sessions, world.people.settings.sessions
    made = sessions.start(LIN, "PASSWORD", LoginOrigin())
    world.clock.turn(settings.member_idle_seconds - 1)
    assert sessions.find(made.token) is not None
    world.clock.turn(settings.member_idle_seconds)
    assert sessions.find(made.token) is None
    busy = sessions.start(LIN, "PASSWORD", LoginOrigin())
    for _ in range(settings.member_absolute_seconds // (settings.member_idle_seconds // 2) + 1):
        world.clock.turn(settings.member_idle_seconds // 2)
        sessions.find(busy.token)
    assert sessions.find(busy.token) is None
    staff = sessions.start(staff_holder("stf_x"), "PASSWORD", LoginOrigin())
    world.clock.turn(settings.staff_idle_seconds)
    assert sessions.find(staff.token) is None


def test_to_ask_whether_a_session_lasts_is_no_use_of_it(world: PeopleScene) -> None:
    sessions, idle_seconds = world.people.sessions, world.people.settings.sessions.member_idle_seconds
    made = sessions.start(LIN, "PASSWORD", LoginOrigin())
    session_id = made.session.session_id
    world.clock.turn(idle_seconds - 1)
    assert sessions.lasts(session_id)
    world.clock.turn(1)
    assert not sessions.lasts(session_id)
    assert not sessions.lasts("ses_none")


def test_the_last_use_is_written_once_a_minute(world: PeopleScene) -> None:
    sessions = world.people.sessions
    made = sessions.start(LIN, "PASSWORD", LoginOrigin())
    began = world.clock()
    world.clock.turn(59)
    sessions.find(made.token)
    assert sessions.list(LIN)[0].last_used_at == began
    world.clock.turn(1)
    sessions.find(made.token)
    assert sessions.list(LIN)[0].last_used_at == world.clock()


def test_a_log_in_ends_what_the_browser_brought(world: PeopleScene) -> None:
    """Session fixation: a token planted before the log-in is worth nothing after it, and is never taken over."""
    world.register()
    planted = world.people.sessions.start(Holder(PERSON, "per_eve"), "PASSWORD", LoginOrigin())
    mine = world.people.log_in.log_in(PERSON, "lin@example.org", PASSWORD, LoginOrigin(token=planted.token))
    assert mine.token != planted.token
    assert world.people.sessions.find(planted.token) is None
    unknown = world.people.log_in.log_in(PERSON, "lin@example.org", PASSWORD, LoginOrigin(token="chosen-by-somebody"))
    assert world.people.sessions.find("chosen-by-somebody") is None
    assert world.people.sessions.find(unknown.token) is not None


def test_listed_and_ended(world: PeopleScene) -> None:
    sessions = world.people.sessions
    first = sessions.start(LIN, "PASSWORD", LoginOrigin("Firefox\nX-Header: 1", "192.0.2.1"))
    second = sessions.start(LIN, "PASSKEY", LoginOrigin("Safari", "192.0.2.2"))
    sessions.start(Holder(PERSON, "per_mei"), "PASSWORD", LoginOrigin())
    assert {row.device for row in sessions.list(LIN)} == {"Firefox X-Header: 1", "Safari"}
    sessions.end(first.session.session_id)
    assert sessions.find(first.token) is None
    assert sessions.find(second.token) is not None
    third = sessions.start(LIN, "PASSWORD", LoginOrigin())
    sessions.end_others(LIN, but=third.session.session_id)
    assert [row.session_id for row in sessions.list(LIN)] == [third.session.session_id]


def test_a_pages_token_is_its_sessions(world: PeopleScene) -> None:
    sessions = world.people.sessions
    one, other = sessions.start(LIN, "PASSWORD", LoginOrigin()), sessions.start(LIN, "PASSWORD", LoginOrigin())
    assert sessions.csrf_holds(one.token, one.csrf_token)
    assert not sessions.csrf_holds(one.token, other.csrf_token)
    assert not sessions.csrf_holds(one.token, "")
    assert not sessions.csrf_holds(one.token, "\ud800é")
    renewed = sessions.renew(one.session.session_id)
    assert not sessions.csrf_holds(renewed.token, one.csrf_token)


def test_a_fresh_proof_is_fresh_for_a_while(world: PeopleScene) -> None:
    sessions = world.people.sessions
    made = sessions.start(LIN, "PASSWORD", LoginOrigin())
    sessions.require_fresh(made.session.authenticated_at)
    world.clock.turn(world.people.settings.sessions.fresh_seconds + 1)
    with pytest.raises(GatewayError, match=r"^LOGIN_TOO_OLD: "):
        sessions.require_fresh(made.session.authenticated_at)


def test_what_has_ended_is_purged(world: PeopleScene) -> None:
    world.register()
    world.people.registration.begin("mei@example.org", "en", LoginOrigin())
    world.clock.turn(world.people.settings.sessions.member_absolute_seconds + 86_400 * 3)
    world.people.purge()
    with world.people.store.reading() as session:
        for table in ("login_sessions", "one_time_codes", "throttles", "challenges"):
            count = session.connection().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
            assert count == 0, table
