"""Registration by e-mail and telephone, log-in, recovery and changes; none of them tells who exists."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from argon2 import PasswordHasher

from gateway.core.errors import GatewayError
from gateway.identity.holders import PERSON
from gateway.identity.models import Person
from gateway.identity.sessions import LoginOrigin
from gateway.identity.settings import PasswordSettings
from tests.scenes.people import PASSWORD, SETTINGS, PeopleScene, holder
from tests.scenes.refusals import refused

HERE = LoginOrigin("a browser", "192.0.2.1")


def test_by_email_and_by_telephone(world: PeopleScene) -> None:
    by_mail = world.register(" Lin@Example.ORG ", "lin@example.org")
    by_phone = world.register("138 0013 8000", "+8613800138000")
    people = world.people
    assert people.members.get(by_mail.session.holder_id).email == "lin@example.org"
    assert people.members.get(by_phone.session.holder_id).phone == "+8613800138000"
    assert (
        people.log_in.log_in(PERSON, "LIN@example.org", PASSWORD, HERE).session.holder_id == by_mail.session.holder_id
    )
    found = people.log_in.log_in(PERSON, "+86 138-0013-8000", PASSWORD, HERE)
    assert found.session.holder_id == by_phone.session.holder_id


@pytest.mark.parametrize(
    "text", ["", "@", "lin@", "a b@example.org", "12", "+86 1", "x" * 400, "lin@example.org\r\nBcc: eve@example.org"]
)
def test_what_is_no_contact(world: PeopleScene, text: str) -> None:
    with refused("CONTACT_INVALID"):
        world.people.registration.begin(text, "en", HERE)


def test_a_known_contact_gets_the_same_answer_and_another_letter(world: PeopleScene) -> None:
    world.register()
    known = world.people.registration.begin("lin@example.org", "en", HERE)
    new = world.people.registration.begin("mei@example.org", "en", HERE)
    assert known.expires_at == new.expires_at
    assert len(known.code_id) == len(new.code_id)
    assert "has an account" in world.letters.newest("lin@example.org")
    assert "registration code" in world.letters.newest("mei@example.org")
    with refused("CODE_REFUSED"):
        world.people.registration.finish(known.code_id, known.code, PASSWORD, None, HERE)


def test_a_code_is_good_once_and_for_a_while_and_for_a_few_attempts(world: PeopleScene) -> None:
    people = world.people
    issued = people.registration.begin("lin@example.org", "en", HERE)
    wrong = "00000000" if issued.code != "00000000" else "11111111"
    for _ in range(people.settings.codes.attempts_max):
        with refused("CODE_REFUSED"):
            people.registration.finish(issued.code_id, wrong, PASSWORD, None, HERE)
    with refused("CODE_REFUSED"):
        people.registration.finish(issued.code_id, issued.code, PASSWORD, None, HERE)
    late = people.registration.begin("lin@example.org", "en", HERE)
    world.clock.turn(people.settings.codes.seconds)
    with refused("CODE_REFUSED"):
        people.registration.finish(late.code_id, late.code, PASSWORD, None, HERE)
    again = people.registration.begin("lin@example.org", "en", HERE)
    with refused("PASSWORD_WEAK"):
        people.registration.finish(again.code_id, again.code, "short", None, HERE)
    with refused("PASSWORD_WEAK"):
        people.registration.finish(again.code_id, again.code, "LIN@example.org", None, HERE)
    people.registration.finish(again.code_id, again.code, PASSWORD, None, HERE)
    with refused("CODE_REFUSED"):
        people.registration.finish(again.code_id, again.code, PASSWORD, None, HERE)


def test_one_code_taken_by_many_at_once_makes_one_account(world: PeopleScene) -> None:
    issued = world.people.registration.begin("lin@example.org", "en", HERE)
    begin = threading.Barrier(6)

    def finish(_: int) -> str:
        begin.wait(10)
        try:
            world.people.registration.finish(issued.code_id, issued.code, PASSWORD, None, HERE)
        except GatewayError as error:
            return error.code
        return "OK"

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(finish, range(6)))
    assert answers == ["CODE_REFUSED"] * 5 + ["OK"]


def test_letters_are_bounded_by_receiver_and_by_source(world: PeopleScene) -> None:
    registration, limits = world.people.registration, world.people.settings.throttles
    for _ in range(limits.codes_per_target):
        registration.begin("lin@example.org", "en", LoginOrigin(source="192.0.2.7"))
    with refused("TRY_LATER") as found:
        registration.begin("lin@example.org", "en", LoginOrigin(source="192.0.2.8"))
    assert found.value.retry_after_seconds == limits.wait_seconds
    world.clock.turn(limits.wait_seconds)
    registration.begin("lin@example.org", "en", LoginOrigin(source="192.0.2.8"))
    for number in range(limits.codes_per_source):
        registration.begin(f"somebody{number}@example.org", "en", LoginOrigin(source="192.0.2.9"))
    with refused("TRY_LATER"):
        registration.begin("anybody@example.org", "en", LoginOrigin(source="192.0.2.9"))


def test_log_in_refuses_in_the_same_words(world: PeopleScene) -> None:
    world.register()
    texts = set()
    for contact, password in (
        ("lin@example.org", "another password"),
        ("mei@example.org", PASSWORD),
        ("no contact at all", PASSWORD),
    ):
        with refused("LOGIN_REFUSED") as found:
            world.people.log_in.log_in(PERSON, contact, password, HERE)
        texts.add(str(found.value))
    assert len(texts) == 1


def test_log_in_does_the_same_work_for_an_unknown_account(world: PeopleScene, monkeypatch: pytest.MonkeyPatch) -> None:
    world.register()
    hashes: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: Any, stored: str, password: str) -> bool:
        hashes.append(stored.rsplit("$", 2)[0])
        return verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for contact in ("lin@example.org", "mei@example.org", "no contact at all"):
        with refused("LOGIN_REFUSED"):
            world.people.log_in.log_in(PERSON, contact, "another password", HERE)
    assert len(hashes) == 3
    assert len(set(hashes)) == 1, "the same algorithm at the same cost"


def test_log_in_is_throttled_for_the_account(world: PeopleScene) -> None:
    world.register()
    limits = world.people.settings.throttles
    for number in range(limits.account_attempts):
        with refused("LOGIN_REFUSED"):
            world.people.log_in.log_in(PERSON, "lin@example.org", "wrong", LoginOrigin(source=f"192.0.2.{number}"))
    waits = []
    for _ in range(3):
        with refused("TRY_LATER") as found:
            world.people.log_in.log_in(PERSON, "lin@example.org", PASSWORD, HERE)
        waits.append(found.value.retry_after_seconds)
        world.clock.turn(int(found.value.retry_after_seconds or 0))
        with refused("LOGIN_REFUSED"):
            world.people.log_in.log_in(PERSON, "lin@example.org", "wrong", HERE)
    assert waits == [limits.wait_seconds, 2 * limits.wait_seconds, 4 * limits.wait_seconds]
    world.clock.turn(limits.wait_seconds_max)
    world.people.log_in.log_in(PERSON, "lin@example.org", PASSWORD, HERE)
    with refused("LOGIN_REFUSED"):  # a good log-in forgets the attempts
        world.people.log_in.log_in(PERSON, "lin@example.org", "wrong", HERE)


def test_log_in_is_throttled_for_an_account_that_does_not_exist_too(world: PeopleScene) -> None:
    for _ in range(world.people.settings.throttles.account_attempts):
        with refused("LOGIN_REFUSED"):
            world.people.log_in.log_in(PERSON, "mei@example.org", "wrong", HERE)
    with refused("TRY_LATER"):
        world.people.log_in.log_in(PERSON, "mei@example.org", "wrong", HERE)


def test_log_in_is_throttled_for_the_source(world: PeopleScene) -> None:
    for number in range(world.people.settings.throttles.source_attempts):
        with refused("LOGIN_REFUSED"):
            world.people.log_in.log_in(PERSON, f"somebody{number}@example.org", "wrong", HERE)
    with refused("TRY_LATER"):
        world.people.log_in.log_in(PERSON, "anybody@example.org", "wrong", HERE)
    with refused("LOGIN_REFUSED"):
        world.people.log_in.log_in(PERSON, "anybody@example.org", "wrong", LoginOrigin(source="198.51.100.1"))


def test_attempts_at_once_are_not_free(world: PeopleScene) -> None:
    world.register()

    def attempt(number: int) -> str:
        try:
            world.people.log_in.log_in(PERSON, "lin@example.org", f"wrong {number}", HERE)
        except GatewayError as error:
            return error.code
        return "OK"

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(attempt, range(24)))
    assert answers.count("LOGIN_REFUSED") == world.people.settings.throttles.account_attempts
    assert answers.count("TRY_LATER") == 24 - world.people.settings.throttles.account_attempts


def test_a_password_is_hashed_anew_when_the_cost_changes(world: PeopleScene) -> None:
    person_id = world.person()
    with world.people.store.reading() as session:
        before = session.get_one(Person, person_id).password_hash or ""
    assert before.startswith("$argon2id$")
    world.restart(SETTINGS.model_copy(update={"passwords": PasswordSettings(time_cost=2, memory_kibibytes=128)}))
    world.people.log_in.log_in(PERSON, "lin@example.org", PASSWORD, HERE)
    with world.people.store.reading() as session:
        after = session.get_one(Person, person_id).password_hash or ""
    assert "m=128,t=2" in after
    assert "m=64,t=1" in before
    world.people.log_in.log_in(PERSON, "lin@example.org", PASSWORD, HERE)


def test_recovery_sets_a_password_and_ends_all_sessions(world: PeopleScene) -> None:
    first = world.register()
    people = world.people
    issued = people.log_in.begin_recovery(PERSON, "lin@example.org", "en", HERE)
    unknown = people.log_in.begin_recovery(PERSON, "mei@example.org", "en", HERE)
    assert issued.expires_at == unknown.expires_at
    assert "no account" in world.letters.newest("mei@example.org")
    with refused("CODE_REFUSED"):
        people.log_in.finish_recovery(unknown.code_id, unknown.code, "a new long password")
    code = world.letters.code("lin@example.org")
    people.log_in.finish_recovery(issued.code_id, code, "a new long password")
    assert people.sessions.find(first.token) is None
    assert "was changed" in world.letters.newest("lin@example.org")
    with refused("LOGIN_REFUSED"):
        people.log_in.log_in(PERSON, "lin@example.org", PASSWORD, HERE)
    people.log_in.log_in(PERSON, "lin@example.org", "a new long password", HERE)


def test_a_change_of_password_ends_the_other_sessions(world: PeopleScene) -> None:
    first = world.register()
    people, person = world.people, holder(first.session.holder_id)
    second = people.log_in.log_in(PERSON, "lin@example.org", PASSWORD, HERE)
    with refused("LOGIN_REFUSED"):
        people.log_in.change_password(person, second.session.session_id, "wrong", "a new long password", 0)
    renewed = people.log_in.change_password(person, second.session.session_id, PASSWORD, "a new long password", 0)
    assert people.sessions.find(first.token) is None
    assert people.sessions.find(second.token) is None, "the token is new"
    assert people.sessions.find(renewed.token) is not None
    people.log_in.log_in(PERSON, "lin@example.org", "a new long password", HERE)


def test_a_contact_is_changed_with_both_codes(world: PeopleScene) -> None:
    session = world.register()
    people, person_id = world.people, session.session.holder_id
    other = people.log_in.log_in(PERSON, "lin@example.org", PASSWORD, HERE)
    change = people.contact_change.begin(person_id, "lin@new.example", HERE)
    old = (change.old.code_id, world.letters.code("lin@example.org"))
    new = (change.new.code_id, world.letters.code("lin@new.example"))
    with refused("CODE_REFUSED"):
        people.contact_change.finish(person_id, session.session.session_id, old, (new[0], "00000001"))
    with refused("CODE_REFUSED"):
        people.contact_change.finish(world.person("eve@example.org"), session.session.session_id, old, new)
    people.contact_change.finish(person_id, session.session.session_id, old, new)
    assert people.members.get(person_id).email == "lin@new.example"
    assert people.sessions.find(other.token) is None
    assert people.sessions.find(session.token) is not None
    assert "was changed" in world.letters.newest("lin@example.org")


def test_a_contact_of_somebody_else_is_not_told_and_not_taken(world: PeopleScene) -> None:
    world.person("mei@example.org")
    session = world.register()
    people, person_id = world.people, session.session.holder_id
    change = people.contact_change.begin(person_id, "mei@example.org", HERE)
    assert "has an account" in world.letters.newest("mei@example.org")
    with refused("CODE_REFUSED"):
        people.contact_change.finish(
            person_id,
            session.session.session_id,
            (change.old.code_id, change.old.code),
            (change.new.code_id, change.new.code),
        )
    assert people.members.get(person_id).email == "lin@example.org"


def test_codes_of_two_changes_do_not_mix(world: PeopleScene) -> None:
    session = world.register()
    people, person_id = world.people, session.session.holder_id
    first = people.contact_change.begin(person_id, "a@example.org", HERE)
    second = people.contact_change.begin(person_id, "b@example.org", HERE)
    with refused("CODE_REFUSED"):
        people.contact_change.finish(
            person_id,
            session.session.session_id,
            (second.old.code_id, second.old.code),
            (first.new.code_id, first.new.code),
        )


def test_a_telephone_number_beside_the_address(world: PeopleScene) -> None:
    session = world.register()
    people, person_id = world.people, session.session.holder_id
    change = people.contact_change.begin(person_id, "13800138000", HERE)
    people.contact_change.finish(
        person_id,
        session.session.session_id,
        (change.old.code_id, world.letters.code("lin@example.org")),
        (change.new.code_id, world.letters.code("+8613800138000")),
    )
    person = people.members.get(person_id)
    assert (person.email, person.phone) == ("lin@example.org", "+8613800138000")
