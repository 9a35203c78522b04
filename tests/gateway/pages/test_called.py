"""Everything that pages meet is called something in `gateway/pages/words`: what has no word, or none in a language, is
named here, and so is a word for what there is not."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

import gateway
from chaincode.spec.kernel import fields
from chaincode.spec.operations import OPERATIONS as LEDGER_OPERATIONS
from gateway import pages
from gateway.members.custody import SIGNED_FOR_MEMBER
from gateway.members.key_schemas import LegacyImportShown
from gateway.operations.api.freezing import REASONS
from gateway.oversight import decision_facts
from gateway.oversight.api.approvals import ApprovalQuery
from gateway.pages.frame.language import LANGUAGES, translations
from gateway.pages.operator.merchants import STATUS_CHOICES
from gateway.pages.words.choices import EARN_ROUNDINGS, FREEZING_REASONS, PROPOSAL_KINDS, SIGN_IN_METHODS, VALIDITIES
from gateway.pages.words.facts import FACTS
from gateway.pages.words.operations import HISTORY_NAMES, OPERATIONS
from gateway.pages.words.refusals import MEANINGS, REFUSALS
from gateway.pages.words.roles import ROLES, SCOPES
from gateway.pages.words.statuses import STATUSES
from gateway.security.principals import Role, Scope
from gateway.staff.staff_accounts import ACTIVE, DISABLED, INVITED
from gateway.web.problems import PROBLEMS
from gateway.webhooks.documents import EndpointDocument, MessageDocument

VECTORS = Path(__file__).parents[3] / "chaincode" / "vectors"
SCRIPTS = Path(pages.__path__[0]) / "static" / "scripts"
SOURCES = [file.read_text("utf-8") for file in Path(gateway.__path__[0]).rglob("*.py")]
COLOURS = {"good", "waiting", "bad", "plain"}


def documents(value: Any, key: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects in a vector, each with the ledger's key that it stands under, or the field's name."""
    if isinstance(value, dict):
        yield key, value
        for name, one in value.items():
            yield from documents(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from documents(one, key)


def vectors() -> Iterator[Any]:
    """All vectors."""
    for file in sorted(VECTORS.rglob("*.json")):
        yield json.loads(file.read_text("utf-8"))


PARTS = {"payments": "payment", "remittances": "remittance"}
"""Nouns that stand in lists of other documents, by the field of the list."""


@pytest.fixture(scope="module")
def on_the_ledger() -> dict[str, set[str]]:
    """The statuses of the ledger's nouns, as its vectors have them."""
    found = defaultdict(set)
    for vector in vectors():
        for key, one in documents(vector):
            noun = PARTS.get(key, key.partition("/")[0])
            if isinstance(one.get("status"), str) and ("/" in key or key in PARTS):
                found[noun].add(one["status"])
    return found


def literals(kind: Any) -> set[str]:
    """The texts that a type allows."""
    return {kind} if isinstance(kind, str) else {text for part in get_args(kind) for text in literals(part)}


def allowed(model: type) -> set[str]:
    """The statuses that a model of the API allows."""
    return literals(get_type_hints(model)["status"])


def test_every_operation_has_a_name() -> None:
    assert set(LEDGER_OPERATIONS) - set(OPERATIONS) == set(), "give it a row in words/operations.py"
    assert set(OPERATIONS) - set(LEDGER_OPERATIONS) == set(), "there is no such operation"


def test_every_operation_that_moves_points_is_called_something_in_the_history() -> None:
    moving = set()
    for vector in vectors():
        if not isinstance(vector, dict) or not isinstance(vector.get("expect"), dict):
            continue
        asked = vector.get("argument") if isinstance(vector.get("argument"), dict) else {}
        listed = asked.get("operations") if isinstance(asked.get("operations"), list) else []
        written = vector["expect"].get("writes")
        if len(listed) == 1 and isinstance(written, dict) and any(key.startswith("balance/") for key in written):
            moving.add(listed[0]["op"])
    assert moving >= {"Issue", "Capture"}
    moving -= {"Capture", "Sweep"}  # a payment is a `Redeem` there; what need not be remembered is nobody's any more
    assert moving - set(HISTORY_NAMES) == set(), "say in words/operations.py what a row of the history is (`moved`)"
    assert set(HISTORY_NAMES) - moving == set(), "it moves no points"


def test_every_operation_that_a_member_signs_is_described_before() -> None:
    described = set(
        re.findall(r"^    (\w+): \(\{ args \}", (SCRIPTS / "describing.js").read_text("utf-8"), re.MULTILINE)
    )
    assert SIGNED_FOR_MEMBER - described == set(), "describe it in static/scripts/describing.js"
    assert described - SIGNED_FOR_MEMBER == set(), "no member signs it"


@pytest.mark.parametrize(
    "noun", ["class", "hold", "member", "merchant", "payment", "remittance", "statement", "window"]
)
def test_every_status_of_the_ledgers_nouns_has_a_word(noun: str, on_the_ledger: Mapping[str, set[str]]) -> None:
    there = on_the_ledger[noun] | ({"OPEN"} if noun == "window" else set())  # the open one is a noun of its own
    assert there - set(STATUSES[noun]) == set(), "give it a row in words/statuses.py"
    assert set(STATUSES[noun]) - there == set(), "there is no such status"


def test_every_noun_of_the_ledger_with_a_status_has_words(on_the_ledger: Mapping[str, set[str]]) -> None:
    assert set(on_the_ledger) - set(STATUSES) == set()


@pytest.mark.parametrize(
    ("noun", "statuses"),
    [
        ("approval", allowed(ApprovalQuery)),
        ("import", allowed(LegacyImportShown)),
        ("message", allowed(MessageDocument)),
        ("staff", {ACTIVE, DISABLED, INVITED}),
        ("webhook", allowed(EndpointDocument)),
    ],
)
def test_every_status_of_the_gateways_own_has_a_word(noun: str, statuses: set[str]) -> None:
    assert statuses - set(STATUSES[noun]) == set(), "give it a row in words/statuses.py"
    assert set(STATUSES[noun]) - statuses == set(), "there is no such status"


def test_an_operator_is_told_what_a_merchant_of_each_status_can_become() -> None:
    assert set(STATUS_CHOICES) == set(STATUSES["merchant"]), "operator/merchants.py"
    assert {choice for choices in STATUS_CHOICES.values() for choice in choices} <= set(STATUSES["merchant"])


def test_every_status_has_a_colour() -> None:
    assert {status.kind for statuses in STATUSES.values() for status in statuses.values()} == COLOURS


def test_every_role_and_scope_has_a_name() -> None:
    assert set(Role) - set(ROLES) == set(), "give it a row in words/roles.py"
    assert set(Scope) - set(SCOPES) == set(), "give it a row in words/roles.py"


def test_every_refusal_has_a_meaning() -> None:
    assert set(PROBLEMS) == set(MEANINGS)
    assert set(REFUSALS) - set(PROBLEMS) == set(), "there is no such code"


def named_facts() -> set[str]:
    """The facts that a second person is told: what `_fact` and `_change` are called with."""
    tree = ast.parse(inspect.getsource(decision_facts))
    looped: dict[str, set[str]] = defaultdict(set)
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.Tuple):
            looped[ast.unparse(node.target)] |= {
                str(one.value) for one in node.iter.elts if isinstance(one, ast.Constant)
            }
    found = set(decision_facts.CLASS_KINDS)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("_fact", "_change"):
            first = node.args[0]
            found |= {str(first.value)} if isinstance(first, ast.Constant) else looped[ast.unparse(first)]
    return found


def test_every_fact_has_a_name() -> None:
    assert named_facts() - set(FACTS) == set(), "give it a row in words/facts.py"
    assert set(FACTS) - named_facts() == set(), "nobody is told it"


def test_every_choice_has_a_name() -> None:
    assert set(EARN_ROUNDINGS) == set(fields.EARN_RATE.schema["properties"]["rounding"]["enum"])
    kinds = {one["properties"]["kind"]["const"] for one in fields.VALIDITY.schema["oneOf"]}
    assert set(VALIDITIES) == kinds
    assert tuple(PROPOSAL_KINDS) == fields.PROPOSAL_KINDS
    assert set(FREEZING_REASONS) == set(REASONS)
    given = {method for source in SOURCES for method in re.findall(r'sessions\.start\([^"\n]*"(\w+)"', source)}
    assert given >= {"PASSWORD", "PASSKEY"}
    assert given - set(SIGN_IN_METHODS) == set()


def texts() -> Iterable[str]:
    """What things are called."""
    for words in OPERATIONS.values():
        yield from (text for text in (words.name, words.moved, words.came) if text is not None)
    yield from (status.text for statuses in STATUSES.values() for status in statuses.values())
    for table in (ROLES, SCOPES, FACTS, EARN_ROUNDINGS, VALIDITIES, FREEZING_REASONS, SIGN_IN_METHODS):
        yield from table.values()


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_word_is_translated(language: str) -> None:
    known = translations(language)
    assert sorted({text for text in texts() if known.gettext(text) == text}) == []
