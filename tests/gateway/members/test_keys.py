"""Addresses proved by their keys, wrapped keys, kept keys, and the change of the key over them."""

from __future__ import annotations

import base64
import secrets
from typing import Any

import pytest
from sqlalchemy import select, update

from chaincode.cases.world import PLACE
from chaincode.spec.kernel.authorisation import check_form
from chaincode.spec.kernel.signatures import enrolment_message, operation_message, verify, withdrawal_message
from chaincode.spec.operations import OPERATIONS
from gateway.members.models import CustodialKey
from gateway.members.rotation import CustodialKeys, StoredValues, rotate
from gateway.members.wallets import link_message
from gateway.security.cipher import Cipher, CipherError
from tests.scenes.consortium import new_member
from tests.scenes.member_keys import link
from tests.scenes.people import PeopleScene
from tests.scenes.refusals import refused


def redeem(points: int = 40, acceptor_msp: str = "northstar") -> dict[str, Any]:
    """An operation Redeem."""
    return {
        "op": "Redeem",
        "args": {"acceptor_msp": acceptor_msp, "class_ids": ["north"], "order_ref": "o 1", "points": points},
        "request_id": secrets.token_hex(8),
        "valid_until": 1_790_003_600,
    }


def test_an_address_is_linked_by_its_key(world: PeopleScene) -> None:
    session, key = world.register(), new_member()
    assert link(world, session, key) == key.address
    assert link(world, session, key) == key.address, "again changes nothing"
    assert [row.address for row in world.people.wallets.addresses(session.session.holder_id)] == [key.address]
    assert world.people.wallets.person_of(key.address) == session.session.holder_id


def test_a_proof_for_another_person_session_gateway_or_key_does_not_hold(world: PeopleScene) -> None:
    lin, eve, key = world.register(), world.register("eve@example.org"), new_member()
    with refused("PROOF_INVALID"):
        link(world, lin, key, msp_id="harbor")
    with refused("PROOF_INVALID"):
        link(world, lin, key, by=new_member())
    wallets = world.people.wallets
    made = wallets.begin_link(lin.session.holder_id, lin.session.session_id)
    signature = key.sign(
        link_message(key.address, made.challenge, lin.session.holder_id, lin.session.session_id, "northstar")
    )
    with refused("CHALLENGE_REFUSED"):
        wallets.finish_link(eve.session.holder_id, eve.session.session_id, made.challenge_id, key.public_key, signature)
    with refused("CHALLENGE_REFUSED"):  # used up by the attempt
        wallets.finish_link(lin.session.holder_id, lin.session.session_id, made.challenge_id, key.public_key, signature)


def test_an_address_belongs_to_one_person(world: PeopleScene) -> None:
    key = new_member()
    link(world, world.register(), key)
    with refused("ADDRESS_LINKED"):
        link(world, world.register("eve@example.org"), key)


def test_wrapped_keys_have_versions(world: PeopleScene) -> None:
    session, key, wallets = world.register(), new_member(), world.people.wallets
    person_id = session.session.holder_id
    with refused("OBJECT_UNKNOWN"):
        wallets.store_wrapped(person_id, key.address, {"wrapped": "1"})
    link(world, session, key)
    assert wallets.store_wrapped(person_id, key.address, {"wrapped": "1"}).version == 1
    assert wallets.store_wrapped(person_id, key.address, {"wrapped": "2"}).version == 2
    assert wallets.wrapped(person_id, key.address).document == {"wrapped": "2"}
    eve = world.person("eve@example.org")
    with refused("OBJECT_UNKNOWN"):
        wallets.wrapped(eve, key.address)
    with refused("OBJECT_UNKNOWN"):
        wallets.store_wrapped(eve, key.address, {})


def test_a_kept_key_signs_what_a_member_may(world: PeopleScene) -> None:
    person_id, custody = world.person(), world.people.custody
    with refused("CUSTODY_UNKNOWN"):
        custody.sign(person_id, redeem())
    made = custody.create(person_id)
    assert custody.create(person_id).address == made.address
    signed = custody.sign(person_id, redeem(acceptor_msp="harbor"))
    check_form(signed, OPERATIONS)
    authorization = signed["authorization"]
    assert verify(authorization["public_key"], authorization["signature"], operation_message(signed, PLACE))
    with refused("CUSTODY_REFUSED"):
        custody.sign(person_id, {**redeem(), "op": "Issue"})
    args = custody.enrolment(person_id)
    assert verify(args["public_key"], args["consent"], enrolment_message(made.address, "northstar", PLACE))
    args = custody.withdrawal(person_id, "north", "ab" * 32, 5, "w-1", 9)
    message = withdrawal_message(made.address, "north", "ab" * 32, 5, "w-1", 9, PLACE)
    assert verify(args["public_key"], args["proof"], message)


def test_at_a_counter_only_with_the_members_code(world: PeopleScene) -> None:
    person_id, custody = world.person(), world.people.custody
    custody.create(person_id)
    issued = custody.counter_code(person_id, 50, ["north"])
    for operation, code in (
        (redeem(51), "CUSTODY_REFUSED"),
        (redeem(acceptor_msp="harbor"), "CUSTODY_REFUSED"),
        ({**redeem(), "op": "Transfer"}, "CUSTODY_REFUSED"),
        ({**redeem(), "args": {**redeem()["args"], "class_ids": ["gold"]}}, "CUSTODY_REFUSED"),
        ({**redeem(), "args": {**redeem()["args"], "class_ids": ["gold", "north"]}}, "CUSTODY_REFUSED"),
        ({**redeem(), "args": {"acceptor_msp": "northstar"}}, "CUSTODY_REFUSED"),
    ):
        with refused(code):
            custody.sign_at_counter(person_id, operation, issued.code)
    with refused("CODE_REFUSED"):
        custody.sign_at_counter(person_id, redeem(), "00000000")
    mei = world.person("mei@example.org")
    custody.create(mei)
    with refused("CODE_REFUSED"):
        custody.sign_at_counter(mei, redeem(), issued.code)
    typed = f"{issued.code[:4]} {issued.code[4:]}".translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)})
    check_form(custody.sign_at_counter(person_id, redeem(50), typed), OPERATIONS)
    with refused("CODE_REFUSED"):
        custody.sign_at_counter(person_id, redeem(), issued.code)
    late = custody.counter_code(person_id, 50, ["north"])
    world.clock.turn(world.people.settings.codes.counter_seconds)
    with refused("CODE_REFUSED"):
        custody.sign_at_counter(person_id, redeem(), late.code)


def test_a_kept_key_is_sealed_for_its_row(world: PeopleScene) -> None:
    lin, mei, custody = world.person(), world.person("mei@example.org"), world.people.custody
    custody.create(lin)
    custody.create(mei)
    with world.people.store.writing() as session:
        rows = {row.person_id: row for row in session.scalars(select(CustodialKey))}
        swapped = rows[lin].sealed
        session.execute(update(CustodialKey).where(CustodialKey.person_id == mei).values(sealed=swapped))
    with pytest.raises(CipherError, match=r"^SEALED_DAMAGED"):
        custody.sign(mei, redeem())


def test_the_change_of_the_key_over_the_keys(world: PeopleScene) -> None:
    store, old, new = world.people.store, b"k" * 32, b"n" * 40
    addresses = {}
    for number in range(7):
        person_id = world.person(f"somebody{number}@example.org")
        addresses[person_id] = world.people.custody.create(person_id).address
    both = Cipher([new, old])
    progress: list[tuple[str, int, int]] = []
    kinds = [CustodialKeys(store, both), StoredValues(store, both)]
    assert rotate(kinds, lambda *step: progress.append(step)) == 7 + 4
    assert progress[0] == ("custodial keys", 7, 7)
    assert rotate(kinds) == 0
    world.restart(cipher=Cipher([new]))
    for person_id in addresses:
        check_form(world.people.custody.sign(person_id, redeem()), OPERATIONS)
    with pytest.raises(CipherError, match=r"^SECRETS_KEY_MISSING"):
        rotate([CustodialKeys(store, Cipher([b"x" * 32]))])


def test_a_broken_rotation_goes_on(world: PeopleScene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.members.rotation.ROWS_PER_STEP", 2)
    for number in range(5):
        world.people.custody.create(world.person(f"somebody{number}@example.org"))
    keys = CustodialKeys(world.people.store, Cipher([b"n" * 32, b"k" * 32]))

    def stop(what: str, done: int, whole: int) -> None:
        if done >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate([keys], stop)
    assert keys.left() == 3
    assert rotate([keys]) == 3


def test_the_cipher() -> None:
    cipher = Cipher([b"a" * 32])
    sealed = cipher.encrypt(b"plain", "custody:1:x")
    assert cipher.decrypt(sealed, "custody:1:x") == b"plain"
    assert cipher.encrypt(b"plain", "custody:1:x") != sealed
    assert b"plain" not in sealed
    for other in ("custody:2:x", "kept:1:x", ""):
        with pytest.raises(CipherError, match=r"^SEALED_DAMAGED"):
            cipher.decrypt(sealed, other)
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(CipherError):
            cipher.decrypt(changed, "custody:1:x")
    for cut in range(len(sealed)):
        with pytest.raises(CipherError):
            cipher.decrypt(sealed[:cut], "custody:1:x")
    with pytest.raises(CipherError, match=r"^SECRETS_KEY_MISSING"):
        Cipher([b"b" * 32]).decrypt(sealed, "custody:1:x")
    for keys in ([], [b"short"], [b"a" * 32, b""]):
        with pytest.raises(CipherError, match=r"^SECRETS_KEY_INVALID"):
            Cipher(keys)
    bound = cipher.bound("webhooks")
    assert bound.decrypt(bound.encrypt(b"x")) == b"x"
    with pytest.raises(CipherError):
        cipher.open_text("no base64 ü", "x")
    text = cipher.seal_text(b"y", "c")
    assert cipher.open_text(text, "c") == b"y"
    assert base64.urlsafe_b64decode(text)
    assert "a" * 32 not in repr(cipher) + repr(bound)
