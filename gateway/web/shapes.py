"""The form of a document: a pydantic model, or a JSON Schema (2020-12) where the form is the ledger's own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import jsonschema_rs
from pydantic import BaseModel, ValidationError

from gateway.errors import GatewayError

REFERENCE = "#/components/schemas/{model}"
FAULTS_MAX = 50
"""So many faults are told at most: whoever sends more has a program to mend, and each is kept in memory."""
DETAIL_CHARACTERS_MAX = 300
ITEMS_MAX = 100
"""Entries of a list whose schema says no bound; others have the largest bound of the shape."""
PROPERTIES_MAX = 200
DEPTH_MAX = 32
VALUES_MAX = 20_000
"""Values in a whole document, lists and objects included."""


class MalformedRequest(GatewayError):
    """REQUEST_MALFORMED, with the faults by JSON pointer."""

    def __init__(self, faults: list[dict[str, str]]) -> None:
        first = faults[0]
        super().__init__("REQUEST_MALFORMED", f"{first['pointer'] or 'the document'}: {first['detail']}")
        self.faults = faults


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
    """The shape's JSON Schema. `mode` is pydantic's: `validation` for what is taken, `serialization` for what is given."""
    if isinstance(shape, Schema):
        return shape
    document = shape.model_json_schema(ref_template=REFERENCE, mode=mode)  # type: ignore[arg-type]
    definitions = document.pop("$defs", {})
    return Schema(shape.__name__, document, definitions)


def parse(shape: Shape, document: Any) -> Any:
    """The document as the shape's model, or itself where the shape is a schema. Raises MalformedRequest with at most FAULTS_MAX faults; what is larger than
    anything that the shape takes is not looked at, since a validator keeps every fault that it finds."""
    _require_bounded(document, shape.items_max if isinstance(shape, Schema) else _items_max_of(shape))
    if isinstance(shape, Schema):
        faults = [
            {"pointer": _pointer(error.instance_path), "detail": error.message[:DETAIL_CHARACTERS_MAX]}
            for error in itertools.islice(shape.validator.iter_errors(document), FAULTS_MAX)
        ]
        if faults:
            raise MalformedRequest(faults)
        return document
    try:
        return shape.model_validate(document, strict=False)
    except ValidationError as error:
        # The input itself is left out: it may be a password.
        raise MalformedRequest(
            [
                {"pointer": _pointer(fault["loc"]), "detail": fault["msg"][:DETAIL_CHARACTERS_MAX]}
                for fault in error.errors(include_input=False, include_url=False, include_context=False)[:FAULTS_MAX]
            ]
        ) from None


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
    """Raises MalformedRequest for a list of more entries, an object of more properties, or a document of more values than anything here takes."""
    values = 0
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            most, what, parts = PROPERTIES_MAX, "properties", value.items()
        elif isinstance(value, list):
            most, what, parts = items_max, "entries", enumerate(value)  # type: ignore[assignment]
        else:
            continue
        if len(path) > DEPTH_MAX:
            raise MalformedRequest([{"pointer": _pointer(path), "detail": f"at most {DEPTH_MAX} levels are taken"}])
        values += len(value)
        if len(value) > most or values > VALUES_MAX:
            bound = f"at most {most} {what}" if len(value) > most else f"at most {VALUES_MAX} values in all"
            raise MalformedRequest([{"pointer": _pointer(path), "detail": f"{bound} are taken"}])
        waiting += [((*path, name), part) for name, part in parts if isinstance(part, dict | list)]


def _pointer(path: Any) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
