"""What the API says that the ledger answers is what the ledger answers: every result and answer in the vectors is held against its schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from admin.tools.reference.tables import key_patterns, noun_of
from chaincode.spec.kernel.codes import CODES
from chaincode.spec.operations import OPERATIONS
from chaincode.spec.queries import QUERIES
from gateway.application import SUBJECTS
from gateway.operations.api.nouns import ANSWERS, NOUNS, RESULTS, schema_of
from gateway.operations.api.requests import camel
from gateway.web.openapi import codes_of

VECTORS = Path(__file__).resolve().parents[4] / "chaincode" / "vectors"


def _faults(schema: Any, document: Any) -> list[str]:
    validator = jsonschema_rs.Draft202012Validator({**schema, "components": {"schemas": dict(NOUNS)}})
    return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(document)]


def _receipts(document: Any) -> Iterator[Any]:
    """Whatever tells an accepted operation and its result: entries of events, receipts of operations that were called alone."""
    if isinstance(document, dict):
        if {"authoriser", "op", "request_id", "result"} <= set(document):
            yield document
        for value in document.values():
            yield from _receipts(value)
    elif isinstance(document, list):
        for value in document:
            yield from _receipts(value)


def test_every_operation_and_query_has_a_schema() -> None:
    assert set(RESULTS) == set(OPERATIONS)
    assert set(ANSWERS) == set(QUERIES)


def test_results_in_the_vectors_fit_their_schemas() -> None:
    seen = set()
    for path in sorted(VECTORS.glob("*/*.json")):
        for receipt in _receipts(json.loads(path.read_text())):
            seen.add(receipt["op"])
            assert _faults(RESULTS[receipt["op"]], receipt["result"]) == [], path.name
    assert seen == set(OPERATIONS)


@pytest.mark.parametrize("query", sorted(QUERIES))
def test_answers_in_the_vectors_fit_their_schemas(query: str) -> None:
    seen = 0
    for path in sorted((VECTORS / "queries").glob("*.json")):
        vector = json.loads(path.read_text())
        if vector["function"] == query and "answer" in vector["expect"]:
            seen += 1
            assert _faults(ANSWERS[query], vector["expect"]["answer"]) == [], path.name
    assert seen


def test_what_the_vectors_write_is_what_their_nouns_store() -> None:
    nouns = {pattern.partition("/")[0]: noun_of(key) for key, pattern in key_patterns().items()}
    schemas = {name: schema_of(noun.STORED) for name, noun in nouns.items() if not isinstance(noun.STORED, tuple)}
    components = {"components": {"schemas": NOUNS}}
    validators = {
        name: jsonschema_rs.Draft202012Validator({**schema, **components}) for name, schema in schemas.items()
    }
    seen = set()
    for path in sorted(VECTORS.glob("*/*.json")):
        for key, document in _written(json.loads(path.read_text())):
            name = key.partition("/")[0]
            seen.add(name)
            if name in validators:
                faults = [error.message for error in validators[name].iter_errors(document)]
                assert faults == [], (path.name, key)
            else:
                assert len(document) == len(nouns[name].STORED), (path.name, key)
    assert seen == set(nouns)


def _written(document: Any) -> Iterator[tuple[str, Any]]:
    """The documents that a file's vectors write, with their keys."""
    for vector in (document, *document.get("cases", ())) if "transaction" in document else ():
        for key, written in vector.get("expect", {}).get("writes", {}).items():
            if written is not None:
                yield key, written


def test_a_field_too_many_is_a_fault() -> None:
    assert _faults(NOUNS["Allowance"], {"points": 1, "more": 2})


def _refusals(document: Any) -> Iterator[tuple[str, str]]:
    """Operation and code of every receipt that tells a refusal."""
    if isinstance(document, dict):
        if document.get("op") in OPERATIONS and document.get("code") in CODES:
            yield document["op"], document["code"]
        for value in document.values():
            yield from _refusals(value)
    elif isinstance(document, list):
        for value in document:
            yield from _refusals(value)


def test_every_refusal_of_an_operation_is_described_at_its_endpoint() -> None:
    endpoints = {endpoint.name: endpoint for subject in SUBJECTS for endpoint in subject.endpoints}
    found = {pair for file in VECTORS.rglob("*.json") for pair in _refusals(json.loads(file.read_text("utf-8")))}
    assert ("RefillLimit", "CAP_EXCEEDED") in found
    missing = [f"{op}: {code}" for op, code in sorted(found) if code not in codes_of(endpoints[camel(op)])]
    assert missing == []
