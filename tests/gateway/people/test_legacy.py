"""Old cards: the file with its faults by line, the claim by proof, the way to a wallet and back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from chaincode.spec.authorisation import check_form
from gateway.access.principals import Role, Staff
from gateway.errors import GatewayError
from gateway.people.legacy import CONFIRMED, DONE
from gateway.people.legacy_file import normal_reference, proof_sha256, read_cards
from gateway.people.legacy_imports import LegacyFileRefused
from gateway.store.models.people import LegacyCard
from tests.gateway.people.conftest import World

FINANCE = Staff("stf_finance", "ses_1", 0, frozenset({Role.FINANCE}))
SECOND = Staff("stf_second", "ses_2", 0, frozenset({Role.FINANCE}))
SALT = "00112233445566778899aabbccddeeff"


def refused(code: str) -> Any:
    """Expects a GatewayError of this code."""
    return pytest.raises(GatewayError, match=f"^{code}: ")


def card_file(rows: Sequence[tuple[str, int, str, str]]) -> str:
    """A file of (reference, points, expires_on, PIN)."""
    lines = ["reference,points,expires_on,salt,proof_sha256"]
    for reference, points, expires_on, pin in rows:
        lines.append(f"{reference},{points},{expires_on},{SALT},{proof_sha256(SALT, pin)}")
    return "\n".join(lines) + "\n"


def load(world: World, rows: Sequence[tuple[str, int, str, str]], class_id: str = "north") -> str:
    """Loads a file; the import's id."""
    made = world.people.legacy_imports.load(
        FINANCE,
        class_id,
        card_file(rows),
        control_count=len(rows),
        control_total_points=sum(row[1] for row in rows),
    )
    return made.import_id


CARDS = [("8800 1234 5678", 500, "", "4321"), ("8800-1234-5679", 70, "2027-03-31", "1988-08-08")]


def test_faults_are_named_by_line_and_show_nothing(world: World) -> None:
    good = card_file(CARDS).splitlines()
    text = "\n".join(
        [
            good[0],
            good[1],
            good[1].replace("500", "5"),
            good[2].replace(",70,", ",0,"),
            good[2].replace("2027-03-31", "2027-02-31"),
            good[2].replace(SALT, "xyz"),
            good[2][:-1],
            "just,two",
            good[2].replace("8800-1234-5679", "!!"),
        ]
    )
    rows, faults = read_cards(text)
    assert [(fault.line, fault.detail.partition(":")[0].partition(" stands")[0]) for fault in faults] == [
        (3, "the reference"),
        (4, "points"),
        (5, "expires_on"),
        (6, "salt"),
        (7, "proof_sha256"),
        (8, "expected 5 columns, found 2"),
        (9, "reference"),
    ]
    assert len(rows) == 1
    with pytest.raises(LegacyFileRefused) as found:
        world.people.legacy_imports.load(FINANCE, "north", text, control_count=8, control_total_points=570)
    assert len(found.value.faults) == 7
    assert "8800" not in str(found.value) + str(found.value.faults)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "reference,points,expires_on,salt,proof_sha256\n", '"', "\x00"])
def test_what_is_no_file(text: str) -> None:
    rows, faults = read_cards(text)
    assert not rows
    assert len(faults) == 1


def test_the_control_total_holds_the_file(world: World) -> None:
    for count, total in ((2, 571), (3, 570)):
        with refused("CONTROL_TOTAL_DIFFERENT"):
            world.people.legacy_imports.load(
                FINANCE, "north", card_file(CARDS), control_count=count, control_total_points=total
            )
    load(world, CARDS)
    with refused("LEGACY_FILE_KNOWN"):
        load(world, CARDS)
    with refused("LEGACY_FILE_KNOWN"):  # one of its cards again, in another file
        load(world, [("8800 9999 0000", 1, "", "1"), CARDS[0]])
    with refused("OBJECT_UNKNOWN"):
        world.people.legacy_imports.get("imp_none")


def test_an_import_is_carried_out_in_parts_and_once(world: World) -> None:
    import_id = load(world, [(f"CARD{number:06d}", 1 + number % 7, "", "1234") for number in range(1203)])
    imports, sent = world.people.legacy_imports, list[dict[str, Any]]()

    def submit(operation: Any) -> dict[str, Any]:
        check_form({**operation, "valid_until": 1_790_000_000})
        sent.append(dict(operation))
        if len(sent) == 2:
            raise ConnectionError("the network is away")
        return {"code": "OK"}

    with refused("SAME_PERSON"):
        imports.carry_out(FINANCE, import_id, submit)
    with pytest.raises(ConnectionError):
        imports.carry_out(SECOND, import_id, submit)
    assert imports.get(import_id).status == CONFIRMED
    assert imports.carry_out(FINANCE, import_id, submit).status == DONE
    entries = {part["request_id"]: part["args"] for part in sent}
    assert [len(args["entries"]) for args in entries.values()] == [500, 500, 203]
    assert sum(args["control_total_points"] for args in entries.values()) == imports.get(import_id).points
    assert world.people.audit.verify().broken is None
    assert [row.action for row in world.people.audit.rows()] == ["confirmLegacyImport", "loadLegacyFile"]


def test_a_refusal_of_the_ledger_is_told(world: World) -> None:
    import_id = load(world, CARDS)
    with refused("LEGACY_IMPORT_REFUSED") as found:
        world.people.legacy_imports.carry_out(
            SECOND, import_id, lambda operation: {"code": "CLASS_STOPPED", "detail": "north"}
        )
    assert "CLASS_STOPPED: north" in found.value.detail


def test_a_card_is_claimed_with_its_proof(world: World) -> None:
    load(world, CARDS)
    load(world, [("880012345678", 9, "", "4321")], "books")
    person_id, claims = world.person(), world.people.legacy_claims
    found = claims.claim(person_id, " ８８００-1234 5678", "4321", "192.0.2.1")
    assert {(claim.class_id, claim.points) for claim in found} == {("north", 500), ("books", 9)}
    assert claims.claim(person_id, "880012345678", "4321", "192.0.2.1") == found, "again changes nothing"
    claims.claim(person_id, "8800-1234-5679", "1988/08/08", "192.0.2.1")
    assert len(claims.list(person_id)) == 3


def test_all_refusals_of_a_claim_are_the_same(world: World) -> None:
    load(world, CARDS)
    claims = world.people.legacy_claims
    claims.claim(world.person(), "880012345678", "4321", "192.0.2.1")
    texts = set()
    for number, (reference, proof) in enumerate(
        (("880012345678", "4321"), ("8800 1234 5679", "0000"), ("9999 9999 9999", "4321"))
    ):
        with refused("CLAIM_REFUSED") as found:
            claims.claim(world.person(f"eve{number}@example.org"), reference, proof, "192.0.2.2")
        texts.add(str(found.value))
    assert len(texts) == 1


def test_a_pin_cannot_be_tried_out(world: World) -> None:
    load(world, CARDS)
    claims, limits = world.people.legacy_claims, world.people.settings.throttles
    answers = []
    for number in range(limits.account_attempts + 2):  # another person and source each time
        with pytest.raises(GatewayError) as found:
            claims.claim(f"per_{number}", "880012345678", f"{number:04d}", f"192.0.2.{number}")
        answers.append(found.value.code)
    assert answers == ["CLAIM_REFUSED"] * limits.account_attempts + ["TRY_LATER"] * 2


def test_what_is_stored_does_not_tell_the_proof(world: World) -> None:
    load(world, CARDS)
    with world.people.store.reading() as session:
        for row in session.scalars(select(LegacyCard)):
            tried = {proof_sha256(row.proof_salt, f"{pin:04d}") for pin in range(10_000)}
            assert row.proof_hash not in tried
            assert "8800" not in row.reference_hash or len(row.reference_hash) == 64
            assert row.reference_hash != secrets.token_hex(32)
    assert normal_reference("8800 1234-5678") == "880012345678"


def test_withdrawn_to_a_kept_key_and_brought_back(world: World) -> None:
    load(world, CARDS)
    person_id, people = world.person(), world.people
    (claim,) = people.legacy_claims.claim(person_id, "880012345678", "4321", "192.0.2.1")
    people.custody.create(person_id)
    args = people.custody.withdrawal(person_id, claim.class_id, claim.reference_hash, 100, "w-1")
    operation = people.legacy_claims.withdrawal(person_id, args, "w-1")
    check_form({**operation, "valid_until": 1})
    back = people.custody.sign(
        person_id,
        {
            "op": "DepositFromWallet",
            "args": {"class_id": "north", "points": 10, "reference_hash": claim.reference_hash},
            "request_id": "d-1",
            "valid_until": 1,
        },
    )
    check_form(people.legacy_claims.deposit(person_id, back))
    eve = world.person("eve@example.org")
    with refused("OBJECT_UNKNOWN"):
        people.legacy_claims.withdrawal(eve, args, "w-2")
    with refused("OBJECT_UNKNOWN"):
        people.legacy_claims.deposit(eve, back)
