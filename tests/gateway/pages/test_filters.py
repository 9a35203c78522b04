"""Filters take what their lists show, in either language, and none of them ends in an error's page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import gateway
from gateway.operations.api.nouns import RESULTS
from gateway.pages.declared import SECTIONS
from gateway.pages.frame.finding import found_ids
from gateway.pages.frame.language import Speech, short
from gateway.pages.words.audit import ACTION_NAMES
from gateway.pages.words.operations import OPERATION_NAMES
from gateway.security.principals import Role, Staff
from tests.gateway.pages.desks import desk, places, tables, visitor
from tests.scenes.sites import Served

ORGS = ("northstar", "operator")


@pytest.fixture(scope="module")
def sites(ledger_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Served]]:
    """A member of northstar's who paid there; what staff and a program did stands in the audit log."""
    with places(tmp_path_factory.mktemp("places"), ledger_template, *ORGS) as found:
        north = found["northstar"]
        _, key = north.wallet("lin", points=500)
        north.takes(key, "northstar", 100, "A-1")
        newest = north.gateway.projection.position().block_number
        found["operator"].gateway.projection.wait_for_block(newest, 30)
        for name in ("小林", "Ada Byron"):
            email = north.staff(Role.CASHIER, name=name)
            who = Staff(email.partition("@")[0], "ses_1", 0, frozenset({Role.CASHIER}))
            north.gateway.people.audit.record(who, "Accrue", f"p-{name}")
            north.gateway.people.audit.record(who, "findPerson", f"f-{name}")
        with north.gateway.store.writing() as session:
            north.gateway.people.audit.append_system(session, "listPeople", "members")
            north.gateway.people.audit.append_system(session, "createApiKey", "till")
        yield found


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("filters", "objects"),
    [
        ({"actor": "小林"}, ["f-小林", "p-小林"]),
        ({"actor": "byron"}, ["f-Ada Byron", "p-Ada Byron"]),
        ({"actor": "ＡＤＡ  byron", "action": "消费积分发放"}, ["p-Ada Byron"]),
        ({"action": "Accrue a purchase"}, ["p-Ada Byron", "p-小林"]),
        ({"action": "accrue"}, ["p-Ada Byron", "p-小林"]),
        ({"action": "findPerson", "actor": "小林"}, ["f-小林"]),
        ({"actor": "谁也不是"}, []),
        ({"action": "没有这样的操作 %_"}, []),
    ],
)
def test_the_audit_log_is_found_by_names_and_words(
    sites: dict[str, Served], language: str, filters: dict[str, str], objects: list[str]
) -> None:
    answer = desk(sites["northstar"], Role.AUDITOR, language=language).get("/merchant/audit", query_string=filters)
    assert answer.status_code == 200
    found = [row[4] for table in tables(answer.text) for row in table[1:]]
    assert [one for one in found if one[:2] in ("p-", "f-")] == objects


def test_what_the_audit_log_shows_finds_its_row(sites: dict[str, Served]) -> None:
    auditor = desk(sites["northstar"], Role.AUDITOR, language="zh")
    for row in tables(auditor.get("/merchant/audit").text)[0][1:]:
        for name, shown in (("actor", row[2]), ("action", row[3])):
            (found,) = tables(auditor.get("/merchant/audit", query_string={name: shown}).text)
            assert row[0] in [one[0] for one in found[1:]], (name, shown)
    (typed, *_) = tables(auditor.get("/merchant/audit", query_string={"actor": "命令行"}).text)
    assert [row[2:5] for row in typed[1:]] == [["命令行", "新建 API 密钥", "till"], ["命令行", "查看会员列表", "会员"]]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_the_list_of_transactions_shows_finds_its_row(sites: dict[str, Served], language: str) -> None:
    reader = desk(sites["operator"], Role.AUDITOR, language=language)
    (listed,) = tables(reader.get("/operator/transactions").text)
    assert len({row[1] for row in listed[1:]}) > 4
    for row in listed[1:]:
        for name, place in (("op", 1), ("authoriser", 2), ("submitter_msp", 3), ("transaction_id", 5)):
            (found,) = tables(reader.get("/operator/transactions", query_string={name: row[place]}).text)
            assert row in found, (name, row[place])
            assert {one[place] for one in found[1:]} == {row[place]}
    operators = {"en": "Operator", "zh": "联盟运营方"}
    assert operators[language] in {row[2] for row in listed[1:]}
    assert operators[language] in {row[3] for row in listed[1:]}


def test_a_block_says_its_operations_in_words(sites: dict[str, Served]) -> None:
    reader = desk(sites["operator"], Role.AUDITOR, language="zh")
    (listed,) = tables(reader.get("/operator/transactions", query_string={"op": "核销"}).text)
    (block,) = tables(reader.get(f"/operator/blocks/{listed[1][4]}").text)
    assert "核销" in {row[0] for row in block[1:]}


@pytest.mark.parametrize(
    ("filters", "ops"),
    [
        ({"op": "核销"}, ["核销"]),
        ({"op": "Redeem"}, ["核销"]),
        ({"authoriser": "北辰书店", "op": "入会"}, ["会员入会"]),
        ({"op": "没有"}, []),
        ({"transaction_id": "不是编号"}, []),
        ({"transaction_id": "zzzz"}, []),
    ],
)
def test_transactions_are_found_by_words(sites: dict[str, Served], filters: dict[str, str], ops: list[str]) -> None:
    reader = desk(sites["operator"], Role.AUDITOR, language="zh")
    answer = reader.get("/operator/transactions", query_string=filters)
    assert answer.status_code == 200
    assert [row[1] for table in tables(answer.text) for row in table[1:]] == ops


def test_a_transaction_is_found_by_its_ends_over_the_api(sites: dict[str, Served]) -> None:
    reader = desk(sites["operator"], Role.AUDITOR)
    (one,) = reader.get("/api/v1/ledger/operations?limit=1").json["items"]  # type: ignore[index]
    for written in (short(one["transaction_id"]), one["transaction_id"][:10] + "…", one["transaction_id"]):
        found = reader.get("/api/v1/ledger/operations", query_string={"transaction_id": written}).json
        assert [row["cursor"] for row in found["items"]] == [one["cursor"]]  # type: ignore[index]
    both = reader.get("/api/v1/ledger/operations?op=Redeem&op=Accrue").json
    assert {row["op"] for row in both["items"]} == {"Redeem", "Accrue"}  # type: ignore[index]
    assert reader.get("/api/v1/ledger/operations?transaction_id=a%20b").status_code == 400


def test_every_operation_has_a_name_in_words() -> None:
    assert set(OPERATION_NAMES) == set(RESULTS)
    for text in OPERATION_NAMES.values():
        assert Speech("zh").gettext(text) != text


FILTERS = ("actor", "action", "op", "authoriser", "submitter_msp", "transaction_id", "status", "class_id", "search")
MORE = ("window", "last", "number", "direction", "other", "span", "points", "sort", "page")


@pytest.mark.parametrize("written", ["核销", "＊%_\\'\"", "x" * 300, "-1"])
def test_no_filter_ends_in_an_error(sites: dict[str, Served], written: str) -> None:
    north, operator = sites["northstar"], sites["operator"]
    email, _ = north.wallet(f"m{len(written)}{ord(written[0])}", points=5)
    readers = {
        "member": visitor(north, email),
        "operator": desk(operator, *Role),
        "merchant": desk(north, *Role),
    }
    paths = [page.path for section in SECTIONS for page in section.pages if "<" not in page.path]
    for path in paths:
        for reader in readers.values():
            plain = reader.get(path)
            if plain.status_code != 200:
                continue
            asked = dict.fromkeys((*FILTERS, *MORE), written)
            answer = reader.get(path, query_string=asked)
            assert answer.status_code in (200, 303) or path == "/operator/blocks", (path, written)
            assert b"REQUEST_MALFORMED" not in answer.data, (path, written)


def test_names_are_found_whole_before_they_are_found_in_part() -> None:
    choices = {"stf_1": ["Ann"], "stf_2": ["Anna"]}
    assert found_ids("ann", choices) == ["stf_1"]
    assert found_ids("nna", choices) == ["stf_2"]
    assert found_ids("STF_2", choices) == ["stf_2"]
    assert found_ids(" ", choices) is None
    assert found_ids("per_x", choices) == ["per_x"]
    assert found_ids("没有", choices) == []


def test_the_audit_log_speaks_in_words(sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    who = Staff("stf_x", "ses_1", 0, frozenset({Role.ADMIN}))
    for action, outcome in (("Accrue", "SENT"), ("Accrue", "OK"), ("DefineClass", "PENDING"), ("findPerson", "DONE")):
        north.gateway.people.audit.record(who, action, "words", outcome=outcome)
    north.gateway.people.audit.record(who, "findPerson", "words", outcome="OBJECT_UNKNOWN")
    (table,) = tables(desk(north, Role.AUDITOR, language="zh").get("/merchant/audit").text)
    said = [(row[3], row[5]) for row in table[1:] if row[4] == "words"]
    assert said[1:] == [
        ("查询会员", "完成"),
        ("新建积分种类", "处理中"),
        ("消费积分发放", "成功"),
        ("消费积分发放", "已提交"),
    ]
    assert said[0][0] == "查询会员"
    assert said[0][1] != "OBJECT_UNKNOWN"


def test_every_action_that_is_noted_has_a_name() -> None:
    sources = "\n".join(file.read_text("utf-8") for file in Path(gateway.__path__[0]).rglob("*.py"))
    noted = re.findall(r'(?:audit\.(?:append|record|append_system)\(|_noted\()[^"\[{)]*"(\w+)"', sources)
    assert {"createWebhook", "findPerson", "createApiKey", "confirmLegacyImport"} <= set(noted)
    assert set(noted) <= set(ACTION_NAMES)
    for text in ACTION_NAMES.values():
        assert Speech("zh").gettext(text) != text
