"""The OpenAPI 3.1 document of the API, made from the endpoints' declarations; and answers held against it."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from chaincode.spec.kernel.operation import COMMON_REFUSALS
from gateway.settings import GatewaySettings
from gateway.web.endpoints import JSON_TYPE, Endpoint, Stream, Subject
from gateway.web.problems import MEDIA_TYPE as PROBLEM_TYPE
from gateway.web.problems import PROBLEMS
from gateway.web.shapes import Schema, Shape, schema_of

COMMON_CODES = (
    "REQUEST_MALFORMED",
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "RATE_LIMITED",
    "LEDGER_UNAVAILABLE",
    "CLOCK_OUT_OF_WINDOW",
    "CHAINCODE_UNAVAILABLE",
    "ORDERER_UNAVAILABLE",
    "INTERNAL_ERROR",
    "METHOD_NOT_ALLOWED",
)
BODY_CODES = ("REQUEST_TOO_LARGE", "MEDIA_TYPE_UNSUPPORTED")
WRITE_CODES = ("CSRF_REFUSED", "BUSY", "DEADLINE_PASSED", "SHUTTING_DOWN")
OPERATION_CODES = (
    "TRANSACTION_TOO_LARGE",
    "CLOCK_AHEAD",
    *COMMON_REFUSALS,
    "IDEMPOTENCY_KEY_INVALID",
    "TIMESTAMP_NOT_TAKEN",
)
PART = re.compile(r"\{([a-z_]+)\}")

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "A problem document (RFC 9457). `code` is stable and for programs.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "enum": sorted(PROBLEMS)},
        "trace_id": {"type": "string"},
        "approval_id": {"type": "string", "description": "Where the request waits for its second person."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
                "required": ["pointer", "detail"],
            },
        },
    },
    "required": ["code", "detail", "status", "title", "type"],
}


def codes_of(endpoint: Endpoint) -> list[str]:
    """Every code that the endpoint may refuse with."""
    codes = [*COMMON_CODES, *endpoint.codes]
    if endpoint.body is not None:
        codes += BODY_CODES
    if endpoint.writes:
        codes += WRITE_CODES
    if endpoint.subject in ("operations", "bulk"):
        codes += OPERATION_CODES
    if endpoint.subject == "queries":
        codes += ["CONSORTIUM_NOT_OPEN"]
    if PART.search(endpoint.path):
        codes += ["OBJECT_UNKNOWN", "ROUTE_UNKNOWN"]
    return sorted(set(codes) & set(PROBLEMS))


def openapi_document(subjects: Sequence[Subject], settings: GatewaySettings) -> dict[str, Any]:
    """The whole document."""
    paths, schemas = _described(tuple(subjects))
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": f"Jifen gateway of {settings.name or settings.org}",
            "version": importlib.metadata.version("jifen"),
            "description": "Consortium loyalty points. Points are whole numbers; money is in millionths of the settlement currency; times are "
            "Unix seconds. A status outside 2xx means that nothing happened.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": settings.http.public_url or "/"}],
        "tags": [{"name": subject.name, "description": subject.title} for subject in subjects],
        "security": [{"apiKey": []}, {"session": []}, {}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "apiKey": {"type": "http", "scheme": "bearer", "description": "An API key, as `Bearer jfk_…`."},
                "session": {"type": "apiKey", "in": "cookie", "name": "jifen_session"},
            },
        },
    }


@functools.cache
def _described(subjects: tuple[Subject, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The paths and the schemas: the same for every gateway of a process, and dear to make."""
    schemas: dict[str, Any] = {"Problem": PROBLEM_SCHEMA}
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for subject in subjects:
        for endpoint in subject.endpoints:
            paths[subject.prefix + endpoint.path][endpoint.method.lower()] = _operation(endpoint, schemas)
    return dict(paths), schemas


def _operation(endpoint: Endpoint, schemas: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": endpoint.name,
        "tags": [endpoint.subject],
        "summary": endpoint.summary,
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint, schemas), *endpoint.headers],
        "responses": _responses(endpoint, schemas),
    }
    if endpoint.description or endpoint.view.__doc__:
        made["description"] = endpoint.description or endpoint.view.__doc__
    if endpoint.body is not None:
        made["requestBody"] = {"required": True, "content": _content(endpoint.body, schemas, "validation")}
    return made


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": dict(endpoint.path_patterns.get(name, {"type": "string", "maxLength": 256})),
        }
        for name in PART.findall(endpoint.path)
    ]


def _query_parameters(endpoint: Endpoint, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    schema = schema_of(endpoint.query)
    _add_definitions(schema, schemas)
    required = schema.document.get("required", [])
    found = []
    for name, one in schema.document.get("properties", {}).items():
        parameter = {key: value for key, value in one.items() if key not in ("description", "title", "default")}
        if "anyOf" in parameter:  # a parameter is left out, never null
            parameter["anyOf"] = [each for each in parameter["anyOf"] if each != {"type": "null"}]
            if len(parameter["anyOf"]) == 1:
                parameter = {**parameter.pop("anyOf")[0], **parameter}
        made = {"name": name, "in": "query", "required": name in required, "schema": parameter}
        if "description" in one:
            made["description"] = one["description"]
        found.append(made)
    return found


def _responses(endpoint: Endpoint, schemas: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for status, shape in endpoint.answers.items():
        response: dict[str, Any] = {"description": "Done." if status != 202 else "Taken; the outcome is still to come."}
        if shape is not None:
            response["content"] = _content(shape, schemas, "serialization")
        made[str(status)] = response
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in codes_of(endpoint):
        by_status[PROBLEMS[code].status].append(code)
    for status, codes in sorted(by_status.items()):
        made[str(status)] = {
            "description": "Nothing happened. " + ", ".join(f"`{code}`" for code in codes),
            "content": {
                PROBLEM_TYPE: {
                    "schema": {
                        "allOf": [
                            {"$ref": "#/components/schemas/Problem"},
                            {"properties": {"code": {"enum": codes}, "status": {"const": status}}},
                        ]
                    }
                }
            },
        }
    return made


def _content(shape: Shape | Stream, schemas: dict[str, Any], mode: str) -> dict[str, Any]:
    if isinstance(shape, Stream):
        kind = "object" if shape.media_type.endswith("+json") else "string"
        return {shape.media_type: {"schema": {"type": kind, "description": shape.description}}}
    schema = schema_of(shape, mode=mode)
    _add_definitions(schema, schemas)
    name = schema.name.replace("[", "Of").replace("]", "")
    _put(schemas, name, schema.document)
    return {JSON_TYPE: {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _add_definitions(schema: Schema, schemas: dict[str, Any]) -> None:
    for name, document in schema.definitions.items():
        _put(schemas, name, document)


def _put(schemas: dict[str, Any], name: str, document: Mapping[str, Any]) -> None:
    """Adds a schema; two different ones under one name are a defect."""
    plain = json.loads(json.dumps(document))
    if schemas.setdefault(name, plain) != plain:
        raise ValueError(f"two schemas are called {name}")
