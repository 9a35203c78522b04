"""The form of a document: a pydantic model, or a JSON Schema (2020-12) where the form is the ledger's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jsonschema_rs
from pydantic import BaseModel, ValidationError

from gateway.errors import GatewayError

REFERENCE = "#/components/schemas/{model}"


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


Shape = type[BaseModel] | Schema


def schema_of(shape: Shape, *, mode: str = "validation") -> Schema:
    """The shape's JSON Schema. `mode` is pydantic's: `validation` for what is taken, `serialization` for what is given."""
    if isinstance(shape, Schema):
        return shape
    document = shape.model_json_schema(ref_template=REFERENCE, mode=mode)  # type: ignore[arg-type]
    definitions = document.pop("$defs", {})
    return Schema(shape.__name__, document, definitions)


def parse(shape: Shape, document: Any) -> Any:
    """The document as the shape's model, or itself where the shape is a schema. Raises MalformedRequest."""
    if isinstance(shape, Schema):
        faults = [
            {"pointer": _pointer(error.instance_path), "detail": error.message}
            for error in shape.validator.iter_errors(document)
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
                {"pointer": _pointer(fault["loc"]), "detail": fault["msg"]}
                for fault in error.errors(include_input=False, include_url=False, include_context=False)
            ]
        ) from None


def _pointer(path: Any) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
