"""The form of a document: a pydantic model, or a JSON Schema (2020-12) where the form is the ledger's own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import jsonschema_rs
from pydantic import BaseModel, ValidationError

from gateway.core.errors import GatewayError
from gateway.web.faults import Fault, fault_of_model, faults_of_schema, limit, pointer_of

REFERENCE = "#/components/schemas/{model}"
FAULTS_MAX = 50
"""So many faults are told at most: whoever sends more has a program to mend, and each is kept in memory."""
ITEMS_MAX = 100
"""Entries of a list whose schema says no bound; others have the largest bound of the shape."""
PROPERTIES_MAX = 200
DEPTH_MAX = 32
VALUES_MAX = 20_000
"""Values in a whole document, lists and objects included."""


class MalformedRequest(GatewayError):
    """REQUEST_MALFORMED, with the faults by JSON pointer."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("REQUEST_MALFORMED", self.told("en"))

    def told(self, language: str) -> str:
        """The first fault, in a language."""
        first = self.faults[0]
        return f"{first.pointer or {'en': 'the document', 'zh': '请求内容'}[language]}: {first.detail(language)}"


@dataclass(frozen=True)
class Schema:
    """A named JSON Schema. `definitions` are schemas that it refers to as `#/components/schemas/<name>`."""

    name: str
    document: Mapping[str, Any]
    definitions: Mapping[str, Any]

    def reference(self) -> dict[str, Any]:
        """The schema, by reference."""
        return {"$ref": REFERENCE.format(model=self.name)}

    @cached_property
    def validator(self) -> jsonschema_rs.Draft202012Validator:
        """A validator of whole documents."""
        return jsonschema_rs.Draft202012Validator(
            {**self.reference(), "components": {"schemas": {**self.definitions, self.name: self.document}}}
        )

    @cached_property
    def items_max(self) -> int:
        """Entries of the longest list that it takes."""
        return max([ITEMS_MAX, *_bounds(self.document), *_bounds(self.definitions)])


Shape = type[BaseModel] | Schema


def schema_of(shape: Shape, *, mode: str = "validation") -> Schema:
    """The shape's JSON Schema. `mode` is pydantic's: `validation` for what is taken, `serialization` for what is
    given."""
    if isinstance(shape, Schema):
        return shape
    document = shape.model_json_schema(ref_template=REFERENCE, mode=mode)  # type: ignore[arg-type]
    definitions = document.pop("$defs", {})
    return Schema(shape.__name__, document, definitions)


def parse(shape: Shape, document: Any) -> Any:
    """The document as the shape's model, or itself where the shape is a schema. Raises MalformedRequest with at most
    FAULTS_MAX faults; what is larger than anything that the shape takes is not looked at, since a validator keeps every
    fault that it finds."""
    _require_bounded(document, shape.items_max if isinstance(shape, Schema) else _items_max_of(shape))
    if isinstance(shape, Schema):
        errors = itertools.islice(shape.validator.iter_errors(document), FAULTS_MAX)
        faults = [fault for error in errors for fault in faults_of_schema(error)][:FAULTS_MAX]
        if faults:
            raise MalformedRequest(faults)
        return document
    try:
        return shape.model_validate(document, strict=False)
    except ValidationError as error:
        # The input itself is left out: it may be a password.
        found = error.errors(include_input=False, include_url=False)[:FAULTS_MAX]
        raise MalformedRequest([fault_of_model(one) for one in found]) from None


@cache
def _items_max_of(model: type[BaseModel]) -> int:
    return schema_of(model).items_max


def _bounds(schema: Any) -> Iterator[int]:
    """Every `maxItems` in a schema."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("maxItems"), int):
            yield schema["maxItems"]
        for part in schema.values():
            yield from _bounds(part)
    elif isinstance(schema, list | tuple):
        for part in schema:
            yield from _bounds(part)


def _require_bounded(document: Any, items_max: int) -> None:
    """Raises MalformedRequest for a list of more entries, an object of more properties, or a document of more values
    than anything here takes."""
    values = 0
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            most, kind, parts = PROPERTIES_MAX, "properties", value.items()
        elif isinstance(value, list):
            most, kind, parts = items_max, "many", enumerate(value)  # type: ignore[assignment]
        else:
            continue
        if len(path) > DEPTH_MAX:
            raise MalformedRequest([limit(pointer_of(path), "deep", DEPTH_MAX)])
        values += len(value)
        if len(value) > most or values > VALUES_MAX:
            found = (kind, most) if len(value) > most else ("values", VALUES_MAX)
            raise MalformedRequest([limit(pointer_of(path), *found)])
        waiting += [((*path, name), part) for name, part in parts if isinstance(part, dict | list)]
