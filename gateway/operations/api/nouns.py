"""What the ledger answers, as JSON Schemas, from the types that the rules declare: each operation's `RESULT`, each
query's `result`. A test holds all vectors against them."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from chaincode.spec.operations import OPERATIONS
from chaincode.spec.queries import QUERIES

Json = Any

INTEGER: Json = {"type": "integer"}
TEXT: Json = {"type": "string"}
BOOLEAN: Json = {"type": "boolean"}
NULL: Json = {"type": "null"}
PLAIN: Mapping[Any, Json] = {bool: BOOLEAN, int: INTEGER, str: TEXT, NoneType: NULL, Any: {}}

NOUNS: dict[str, Json] = {}
"""The TypedDicts by their names, which are their names in the OpenAPI document; filled as schemas refer to them."""


def maybe(schema: Json) -> Json:
    """The schema, or null."""
    return {"anyOf": [schema, NULL]}


def document(fields: Mapping[str, Json]) -> Json:
    """An object with exactly these fields."""
    return {
        "type": "object",
        "properties": dict(sorted(fields.items())),
        "required": sorted(fields),
        "additionalProperties": False,
    }


def schema_of(kind: Any) -> Json:
    """The schema of a type, or of an object with these types by the names of its fields. TypedDicts come by
    reference."""
    if isinstance(kind, Mapping):
        return document({name: schema_of(part) for name, part in kind.items()})
    if is_typeddict(kind):
        if kind.__name__ not in NOUNS:
            NOUNS[kind.__name__] = schema_of(get_type_hints(kind, include_extras=True))
        return {"$ref": f"#/components/schemas/{kind.__name__}"}
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return parts[1].schema
    if origin is Literal:
        return {"enum": list(parts)}
    if origin in (Union, UnionType):
        return {"anyOf": [schema_of(part) for part in parts]}
    if origin is list:
        return {"type": "array", "items": schema_of(parts[0])}
    return {"type": "object"} if origin is dict else PLAIN[kind]


def listed(kind: Any) -> Json:
    """A page of the ledger's own lists."""
    row = document({"document": schema_of(kind), "key": TEXT})
    return document({"next": maybe(TEXT), "rows": {"type": "array", "items": row}})


RESULTS: Mapping[str, Json] = {name: schema_of(operation.RESULT) for name, operation in OPERATIONS.items()}
"""The `result` of each operation's receipt."""
ANSWERS: Mapping[str, Json] = {
    name: listed(query.result) if query.in_pages else schema_of(query.result) for name, query in QUERIES.items()
}
"""What each query answers."""
