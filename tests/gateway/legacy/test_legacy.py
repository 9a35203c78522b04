"""Old cards: the file with its faults by line, the claim by proof, the way to a wallet and back."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from sqlalchemy import select

from chaincode.spec.kernel.authorisation import check_form
from chaincode.spec.operations import OPERATIONS
from gateway.core.errors import GatewayError
from gateway.legacy.claims import CONFIRMED, DONE, WITHDRAWN
from gateway.legacy.files import normal_reference, proof_sha256, read_cards
from gateway.legacy.imports import LegacyFileRefused
from gateway.legacy.models import LegacyCard
from tests.scenes.legacy_cards import CARDS, FINANCE, SALT, SECOND, card_file, confirmed, load
from tests.scenes.people import PeopleScene
from tests.scenes.refusals import refused

HASHED = f"{SALT},{proof_sha256(SALT, '4321')}"
HEADER = "reference,points,expires_on,salt,proof_sha256\n"

TAKEN = {
    "as it is": f"{HEADER}8800 1234 5678,1200,1999-12-31,{HASHED}\n",
    "a mark of the byte order, ends of line of Windows": f"\ufeff{HEADER}880012345678,1200,1999-12-31,{HASHED}\n".replace(
        "\n", "\r\n"
    ),
    "thousands in quotes": f'{HEADER}880012345678,"1,200",1999-12-31,{HASHED}\n',
    "full-width digits": f"{HEADER}８８００１２３４５６７８,１２００,１９９９-１２-３１,{HASHED}\n",
    "Excel's day": f"{HEADER}880012345678,1200,1999/12/31,{HASHED}\n",
    "a day in Chinese": f"{HEADER}880012345678,1200,1999年12月31日,{HASHED}\n",
    "a day with dots": f"{HEADER}880012345678,1200,1999.12.31,{HASHED}\n",
    "Chinese columns": f"卡号,积分,有效期至,盐值,验证哈希\n880012345678,1200,1999-12-31,{HASHED}\n",
    "columns in another order": f"salt,proof_sha256,expires_on,points,reference\n{HASHED},1999-12-31,1200,880012345678\n",
    "blank lines and cells": f"{HEADER.strip()},,\n\n,,,,\n880012345678,1200,1999-12-31,{HASHED},,\n , \n",
}
"""Forms of one file with one card of 1,200 points whose last day is 1999-12-31."""


@pytest.mark.parametrize("form", TAKEN)
def test_a_file_is_read_in_every_form_that_people_have_it_in(form: str) -> None:
    rows, faults = read_cards(TAKEN[form])
    assert faults == []
    assert [(row.reference, row.points, row.expires_on) for row in rows] == [("880012345678", 1200, "1999-12-31")]


REFUSED = {
    "no cards": (HEADER, 1, "no cards", "文件中没有卡"),
    "nothing": ("", 1, "no cards", "文件中没有卡"),
    "a plain proof": ("卡号,积分,有效期至,验证信息\n8800,1,,4321\n", 1, "in plain; hash it first", "验证信息是明文"),
    "a missing column": ("卡号,有效期至,盐值,验证哈希\n", 1, "there is no points", "缺少列：积分"),
    "a column too many": (f"{HEADER.strip()},name\n", 1, "the column name is not known", "列“name”不需要"),
    "a column twice": (f"{HEADER.strip()},points\n", 1, "the column points", "列“points”"),
    "an open quote": (f'{HEADER}\n"880012345678,1,,{HASHED}\n', 3, "opens here and is never closed", "引号没有结束"),
    "points with a fraction": (f"{HEADER}8800,12.5,,{HASHED}\n", 2, "points: expected a whole number", "积分：应为"),
    "a comma in another place": (f'{HEADER}8800,"12,00",,{HASHED}\n', 2, "points: expected", "积分：应为"),
    "a day that there is not": (
        f"{HEADER}8800,1,2027/2/31,{HASHED}\n",
        2,
        "expires_on: expected a day",
        "有效期至：应为日期",
    ),
    "a number that Excel has rounded": (f"{HEADER}6.22203E+15,1,,{HASHED}\n", 2, "reference: expected", "卡号：应为"),
    "three faults": (f"{HEADER}!!,0,soon,{HASHED}\n", 2, "reference: ", "；积分：应为"),
    "a quotation mark alone": ('"', 1, "never closed", "引号没有结束"),
    "no text": ("\x00", 1, "expected the columns", "缺少列"),
    "no proof": (f"{HEADER}8800,1,,,\n", 2, "proof: is missing", "验证信息：缺少"),
    "cells too many": (f"{HEADER}8800,1,,{HASHED},x\n", 2, "expected 5 columns, found 6", "应有 5 列"),
}
"""A file, the line of its fault, and a part of the fault in each language."""


@pytest.mark.parametrize("case", REFUSED)
def test_a_fault_is_told_with_its_line_in_both_languages(case: str) -> None:
    text, line, english, chinese = REFUSED[case]
    rows, faults = read_cards(text)
    assert rows == []
    (fault,) = faults
    assert fault.line == line
    assert english in fault.words[0]
    assert chinese in fault.words[1]


def test_faults_are_named_by_line_and_show_nothing(world: PeopleScene) -> None:
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
    assert [(fault.line, fault.words[0].partition(":")[0].partition(" stands")[0]) for fault in faults] == [
        (3, "the card"),
        (4, "points"),
        (5, "expires_on"),
        (6, "salt"),
        (7, "proof_sha256"),
        (8, "points"),
        (9, "reference"),
    ]
    assert len(rows) == 1
    with pytest.raises(LegacyFileRefused) as found:
        world.people.legacy_imports.load(FINANCE, "north", text, control_count=8, control_total_points=570)
    assert len(found.value.errors("zh")) == 7
    assert "8800" not in str(found.value) + str(found.value.faults)


def test_class_days_and_lines_are_checked_before_anything_is_loaded(world: PeopleScene) -> None:
    """501 good cards and one that is past: it was found by the ledger, after the second person's yes, with 500 cards written."""
    rows = [(f"GOOD{number:06d}", 1, "", "1234") for number in range(501)]
    rows += [("8800 1234 5678", 5, "1990-01-01", "4321"), ("8800 1234 5679", 5, "2026-09-20", "4321")]
    with refused("LEGACY_FILE_INVALID") as found:
        load(world, rows)
    assert found.value.errors("en") == [
        {"pointer": "/lines/503", "detail": "the last day 1990-01-01 is past (today is 2026-09-21)"},
        {"pointer": "/lines/504", "detail": "the last day 2026-09-20 is past (today is 2026-09-21)"},
    ]
    assert found.value.errors("zh")[0]["detail"] == "有效期至 1990-01-01，已经过期（今天是 2026-09-21）"
    load(world, [*rows[:-2], ("8800 1234 5678", 5, "2026-09-21", "4321")])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (None, "there is no class"),
        ({"issuer_msp": "harbor"}, "the class is harbor's"),
        ({"status": "STOPPED"}, "the class is stopped"),
        ({"validity": {"kind": "DATE", "date": "2026-01-31"}}, "the last day 2026-01-31 is past"),
    ],
)
def test_a_class_that_cannot_take_them_is_told_at_load_beside_the_lines(
    change: dict[str, Any] | None, words: str, world: PeopleScene
) -> None:
    if change is None:
        del world.documents["class/north"]
    else:
        world.documents["class/north"] |= change
    with refused("LEGACY_FILE_INVALID") as found:
        load(world, [*CARDS, ("8800 1234 5678", 500, "", "4321"), ("!!", 1, "", "1")])
    told = [one["detail"] for one in found.value.errors("en")]
    assert any(words in one for one in told)
    assert any("reference: expected" in one for one in told)
    assert world.people.legacy_imports.list() == []


def test_a_hundred_faults_are_enough(world: PeopleScene) -> None:
    with refused("LEGACY_FILE_INVALID") as found:
        load(world, [(f"PAST{number:06d}", 1, "1990-01-01", "1") for number in range(2000)])
    assert len(found.value.errors("en")) == 100


def test_the_control_total_holds_the_file(world: PeopleScene) -> None:
    for count, total in ((2, 571), (3, 570)):
        with refused("CONTROL_TOTAL_DIFFERENT"):
            world.people.legacy_imports.load(
                FINANCE, "north", card_file(CARDS), control_count=count, control_total_points=total
            )
    load(world, CARDS)
    with refused("LEGACY_FILE_KNOWN"):
        load(world, CARDS)
    with refused("LEGACY_FILE_KNOWN") as found:  # one of its cards again, in another file
        load(world, [("8800 9999 0000", 1, "", "1"), CARDS[0]])
    (told,) = found.value.errors("en")
    assert told == {"pointer": "/lines/3", "detail": "the card stands in line 2 of cards.csv, loaded on 2026-09-21"}
    assert found.value.errors("zh")[0]["detail"] == "此卡已在 2026-09-21 载入的文件“cards.csv”第 2 行"
    with refused("OBJECT_UNKNOWN"):
        world.people.legacy_imports.get("imp_none")


def test_an_import_is_carried_out_in_parts_and_once(world: PeopleScene) -> None:
    import_id = load(world, [(f"CARD{number:06d}", 1 + number % 7, "", "1234") for number in range(1203)])
    imports, sent = world.people.legacy_imports, list[dict[str, Any]]()

    def submit(operation: Any) -> dict[str, Any]:
        check_form({**operation, "valid_until": 1_790_000_000}, OPERATIONS)
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


def test_a_refusal_of_the_ledger_is_told(world: PeopleScene) -> None:
    import_id = load(world, CARDS)
    with refused("LEGACY_IMPORT_REFUSED") as found:
        world.people.legacy_imports.carry_out(
            SECOND, import_id, lambda operation: {"code": "CLASS_STOPPED", "detail": "north"}
        )
    assert "CLASS_STOPPED: north" in found.value.detail


def test_a_card_that_nobody_confirmed_cannot_be_claimed(world: PeopleScene) -> None:
    import_id = load(world, CARDS)
    person_id, claims = world.person(), world.people.legacy_claims
    with refused("CLAIM_REFUSED"):
        claims.claim(person_id, "880012345678", "4321", "192.0.2.1")
    with refused("LEGACY_IMPORT_REFUSED"):
        world.people.legacy_imports.carry_out(SECOND, import_id, lambda operation: {"code": "CLASS_STOPPED"})
    with refused("CLAIM_REFUSED"):
        claims.claim(person_id, "880012345678", "4321", "192.0.2.1")
    world.people.legacy_imports.carry_out(SECOND, import_id, lambda operation: {"code": "OK"})
    (claim,) = claims.claim(person_id, "880012345678", "4321", "192.0.2.1")
    assert claim.reference_tail == "5678"


def test_an_import_that_cannot_go_on_is_withdrawn_and_its_cards_come_again(world: PeopleScene) -> None:
    cards = [(f"CARD{number:06d}", 1, "", "1234") for number in range(501)]
    import_id, imports, written = load(world, cards), world.people.legacy_imports, set[str]()

    def submit(operation: Any) -> dict[str, Any]:
        if written:
            return {"code": "EXPIRES_BEFORE_AVAILABLE", "detail": "expires 1990-01-01"}
        written.add(operation["request_id"])
        return {"code": "OK"}

    def state_of(request_id: str) -> Any:
        return "WRITTEN" if request_id in written else "NOT_WRITTEN"

    with refused("LEGACY_IMPORT_REFUSED"):
        imports.carry_out(SECOND, import_id, submit)
    with refused("LEGACY_IMPORT_RUNNING"):
        imports.withdraw(FINANCE, import_id, lambda request_id: "PENDING")
    assert imports.withdraw(FINANCE, import_id, state_of).status == WITHDRAWN
    with refused("LEGACY_IMPORT_ENDED"):
        imports.withdraw(FINANCE, import_id, state_of)
    with refused("LEGACY_IMPORT_ENDED"):
        imports.carry_out(SECOND, import_id, submit)
    with refused("LEGACY_FILE_KNOWN") as found:
        load(world, cards)
    assert len(found.value.errors("en")) == 100, "the 500 that were written stay"
    confirmed(world, cards[-1:])
    person_id, claims = world.person(), world.people.legacy_claims
    for reference in ("CARD000000", "CARD000500"):
        claims.claim(person_id, reference, "1234", "192.0.2.1")
    newest = world.people.audit.rows()
    assert "withdrawLegacyImport" in [row.action for row in newest]


def test_an_import_that_nobody_confirmed_is_withdrawn_whole(world: PeopleScene) -> None:
    import_id = load(world, CARDS)
    world.people.legacy_imports.withdraw(FINANCE, import_id, lambda request_id: "WRITTEN")
    load(world, CARDS)


def test_what_is_being_written_is_not_withdrawn(world: PeopleScene) -> None:
    import_id, imports = load(world, CARDS), world.people.legacy_imports

    def submit(operation: Any) -> dict[str, Any]:
        with refused("LEGACY_IMPORT_RUNNING"):
            imports.withdraw(FINANCE, import_id, lambda request_id: "NOT_WRITTEN")
        return {"code": "OK"}

    assert imports.carry_out(SECOND, import_id, submit).status == DONE


def test_a_card_is_claimed_with_its_proof(world: PeopleScene) -> None:
    world.documents["class/books"] = {**world.documents["class/north"], "class_id": "books"}
    confirmed(world, CARDS)
    confirmed(world, [("880012345678", 9, "", "4321")], "books")
    person_id, claims = world.person(), world.people.legacy_claims
    found = claims.claim(person_id, " ８８００-1234 5678", "4321", "192.0.2.1")
    assert {(claim.class_id, claim.points) for claim in found} == {("north", 500), ("books", 9)}
    assert claims.claim(person_id, "880012345678", "4321", "192.0.2.1") == found, "again changes nothing"
    claims.claim(person_id, "8800-1234-5679", "1988/08/08", "192.0.2.1")
    assert len(claims.list(person_id)) == 3


def test_all_refusals_of_a_claim_are_the_same(world: PeopleScene) -> None:
    confirmed(world, CARDS)
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


def test_a_pin_cannot_be_tried_out(world: PeopleScene) -> None:
    confirmed(world, CARDS)
    claims, limits = world.people.legacy_claims, world.people.settings.throttles
    answers = []
    for number in range(limits.account_attempts + 2):  # another person and source each time
        with pytest.raises(GatewayError) as found:
            claims.claim(f"per_{number}", "880012345678", f"{number:04d}", f"192.0.2.{number}")
        answers.append(found.value.code)
    assert answers == ["CLAIM_REFUSED"] * limits.account_attempts + ["TRY_LATER"] * 2


def test_what_is_stored_does_not_tell_the_proof(world: PeopleScene) -> None:
    confirmed(world, CARDS)
    with world.people.store.reading() as session:
        for row in session.scalars(select(LegacyCard)):
            tried = {proof_sha256(row.proof_salt, f"{pin:04d}") for pin in range(10_000)}
            assert row.proof_hash not in tried
            assert "8800" not in row.reference_hash or len(row.reference_hash) == 64
            assert row.reference_hash != secrets.token_hex(32)
    assert normal_reference("8800 1234-5678") == "880012345678"


def test_withdrawn_to_a_kept_key_and_brought_back(world: PeopleScene) -> None:
    confirmed(world, CARDS)
    person_id, people = world.person(), world.people
    (claim,) = people.legacy_claims.claim(person_id, "880012345678", "4321", "192.0.2.1")
    people.custody.create(person_id)
    args = people.custody.withdrawal(person_id, claim.class_id, claim.reference_hash, 100, "w-1", 1)
    operation = people.legacy_claims.withdrawal(person_id, args, "w-1")
    check_form({**operation, "valid_until": 1}, OPERATIONS)
    back = people.custody.sign(
        person_id,
        {
            "op": "DepositFromWallet",
            "args": {"class_id": "north", "points": 10, "reference_hash": claim.reference_hash},
            "request_id": "d-1",
            "valid_until": 1,
        },
    )
    check_form(people.legacy_claims.deposit(person_id, back), OPERATIONS)
    eve = world.person("eve@example.org")
    with refused("OBJECT_UNKNOWN"):
        people.legacy_claims.withdrawal(eve, args, "w-2")
    with refused("OBJECT_UNKNOWN"):
        people.legacy_claims.deposit(eve, back)
