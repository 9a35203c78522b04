"""How an endpoint is declared: one function, with what it takes, gives and refuses. Routes, checks and the OpenAPI
document follow from it.

For each request, in this order: who asks (`Guard.identify`), how often (`Guard.spend`), whether such a caller may ask
at all (`Guard.admit`), the form of parameters and body, whose object it is (`owner`), whether the caller may with this
one, and then the view.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import flask
from pydantic import BaseModel, Field

from gateway.core.errors import GatewayError
from gateway.core.schemas import ApiSchema
from gateway.security.guard import Owner, RequestFacts
from gateway.security.principals import Anonymous
from gateway.web.shapes import DEPTH_MAX, Schema, Shape, parse

if TYPE_CHECKING:
    from gateway.services.gateway import Gateway

Body = TypeVar("Body")
Item = TypeVar("Item")
JSON_TYPE = "application/json"
INTEGER = re.compile(r"-?[0-9]{1,16}\Z")
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
GZIP = b"\x1f\x8b"
CAPITAL_ADDRESS = re.compile(r"JF1[A-Z0-9]{38}")
PREFIX = "/api/v1"
ANONYMOUS_BYTES_MAX = 16_384
"""A log-in has a few hundred bytes, one by passkey a few thousand."""


class Page(ApiSchema, Generic[Item]):
    """One page of a list. `next` is the `cursor` of the next page, null at the end."""

    items: list[Item]
    next: str | None = Field(default=None, description="The cursor of the next page; null at the end.")


class PageQuery(ApiSchema):
    """Which page of a list."""

    cursor: str | None = Field(default=None, max_length=512, description="`next` of the page before.")
    limit: int = Field(default=50, ge=1, le=500, description="Rows a page.")


class NoQuery(ApiSchema):
    """No parameters."""


@dataclass(frozen=True)
class Call(Generic[Body]):
    """One admitted request. `path` holds the address's parts, `query` the parsed parameters, `body` the parsed body
    (None without one)."""

    gateway: Gateway
    principal: Any
    facts: RequestFacts
    path: Mapping[str, str]
    query: Any
    body: Body
    request: flask.Request


@dataclass(frozen=True)
class Answer:
    """What a view gives: a status, a document (a model, or plain JSON; None for 204), or an iterator of bytes with its
    media type; `cookies` are Set-Cookie headers."""

    status: int = 200
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: Iterable[bytes] | None = None
    media_type: str = JSON_TYPE
    cookies: Sequence[str] = ()


@dataclass(frozen=True)
class Stream:
    """An answer or body that is not one JSON document: its media type and what is in it, for people."""

    media_type: str
    description: str


View = Callable[[Call[Any]], Answer]


@dataclass(frozen=True)
class Endpoint:
    """One endpoint as it is declared. `path` is OpenAPI's, without the prefix: `/accounts/{address}`."""

    name: str
    method: str
    path: str
    summary: str
    subject: str
    view: View
    body: Shape | Stream | None
    query: Shape
    answers: Mapping[int, Shape | Stream | None]
    codes: tuple[str, ...]
    owner: Callable[[Call[Any]], Owner | None] | None
    description: str
    path_patterns: Mapping[str, Mapping[str, Any]]
    headers: tuple[Mapping[str, Any], ...]
    body_bytes_max: int | None
    writes: bool


class Subject:
    """A subject of the API: its endpoints, and the blueprint they make."""

    def __init__(self, name: str, title: str, *, prefix: str = PREFIX) -> None:
        self.name = name
        self.title = title
        self.prefix = prefix
        self.endpoints: list[Endpoint] = []

    def get(self, path: str, **declaration: Any) -> Callable[[View], View]:
        """Declares a GET endpoint, see `endpoint`."""
        return self.endpoint("GET", path, **declaration)

    def post(self, path: str, **declaration: Any) -> Callable[[View], View]:
        """Declares a POST endpoint, see `endpoint`."""
        return self.endpoint("POST", path, **declaration)

    def put(self, path: str, **declaration: Any) -> Callable[[View], View]:
        """Declares a PUT endpoint, see `endpoint`."""
        return self.endpoint("PUT", path, **declaration)

    def patch(self, path: str, **declaration: Any) -> Callable[[View], View]:
        """Declares a PATCH endpoint, see `endpoint`."""
        return self.endpoint("PATCH", path, **declaration)

    def delete(self, path: str, **declaration: Any) -> Callable[[View], View]:
        """Declares a DELETE endpoint, see `endpoint`."""
        return self.endpoint("DELETE", path, **declaration)

    def endpoint(
        self,
        method: str,
        path: str,
        *,
        name: str,
        summary: str,
        answers: Mapping[int, Shape | Stream | None],
        body: Shape | Stream | None = None,
        query: Shape = NoQuery,
        codes: Iterable[str] = (),
        owner: Callable[[Call[Any]], Owner | None] | None = None,
        description: str = "",
        path_patterns: Mapping[str, Mapping[str, Any]] | None = None,
        headers: Sequence[Mapping[str, Any]] = (),
        body_bytes_max: int | None = None,
        writes: bool | None = None,
    ) -> Callable[[View], View]:
        """Declares an endpoint.

        `name` is OpenAPI's operationId and the endpoint's row in `gateway.access.table`. `answers` maps success
        statuses to shapes (None: no body). `codes` are the refusals of its own, beside those of every endpoint. `owner`
        says whose object it is. `path_patterns` are the JSON Schemas of parts of the address, `headers` OpenAPI's
        header parameters. `writes`: whether it changes anything; what is not GET does, unless said otherwise.
        """

        def declare(view: View) -> View:
            self.endpoints.append(
                Endpoint(
                    name=name,
                    method=method,
                    path=path,
                    summary=summary,
                    subject=self.name,
                    view=view,
                    body=body,
                    query=query,
                    answers=answers,
                    codes=tuple(codes),
                    owner=owner,
                    description=description,
                    path_patterns=path_patterns or {},
                    headers=tuple(headers),
                    body_bytes_max=body_bytes_max,
                    writes=method != "GET" if writes is None else writes,
                )
            )
            return view

        return declare

    def blueprint(self, gateway: Gateway) -> flask.Blueprint:
        """The subject's routes, over one gateway."""
        made = flask.Blueprint(self.name, __name__, url_prefix=self.prefix or None)
        for endpoint in self.endpoints:
            rule = endpoint.path.replace("{", "<").replace("}", ">")
            made.add_url_rule(
                rule, endpoint=endpoint.name, view_func=_route(endpoint, gateway), methods=[endpoint.method]
            )
        return made


def facts_of(request: flask.Request) -> RequestFacts:
    """What is known of a request before anybody is asked who sent it."""
    return RequestFacts(
        request.method, request.path, dict(request.headers), request.cookies, request.remote_addr or "unknown"
    )


def _route(endpoint: Endpoint, gateway: Gateway) -> Callable[..., flask.Response]:
    def handle(**path: str) -> flask.Response:
        request = flask.request
        facts = facts_of(request)
        flask.g.endpoint = request.environ["jifen.endpoint"] = endpoint.name
        principal = gateway.guard.identify(facts)
        flask.g.principal = principal
        gateway.guard.spend(endpoint.name, principal, facts)
        asked = Call[Any](gateway, principal, facts, in_lower_case(path), None, None, request)
        return respond(
            perform(
                endpoint,
                asked,
                lambda: _query_of(request, endpoint.query),
                lambda: _body_of(endpoint, request, _bytes_max(endpoint, principal, gateway)),
            )
        )

    handle.__name__ = endpoint.name
    return handle


def perform(
    endpoint: Endpoint, asked: Call[Any], query: Callable[[], Mapping[str, Any]], body: Callable[[], Any]
) -> Answer:
    """The endpoint's answer to a caller who is known: asks whether they may, reads the parameters and the body, and
    calls the view. Raises MalformedRequest, the guard's refusals and the view's own."""
    guard = asked.gateway.guard
    guard.admit(endpoint.name, asked.principal, None)  # before anything tells whether an object exists
    call = replace(asked, query=parse(endpoint.query, query()), body=body())
    owner = endpoint.owner(call) if endpoint.owner is not None else None
    guard.admit(endpoint.name, call.principal, owner)
    return endpoint.view(call)


def _query_of(request: flask.Request, shape: Shape) -> dict[str, Any]:
    """The parameters behind the `?`. Under a schema, whole numbers and true and false become what they say; a model
    reads texts itself."""
    properties = shape.document["properties"] if isinstance(shape, Schema) else {}
    found: dict[str, Any] = {}
    for name, values in request.args.lists():
        value: Any = values[0] if len(values) == 1 else values
        kinds = kinds_of(properties.get(name, {}))
        if isinstance(value, str) and "integer" in kinds and INTEGER.match(value):
            value = int(value)
        elif "boolean" in kinds and value in ("true", "false"):
            value = value == "true"
        found[name] = in_lower_case(value)
    return found


def kinds_of(schema: Mapping[str, Any]) -> set[str]:
    """The JSON types that a schema takes, as far as it says so at its top."""
    kinds = {schema["type"]} if isinstance(schema.get("type"), str) else set()
    for one in schema.get("anyOf", ()):
        kinds |= kinds_of(one)
    return kinds


def _body_of(endpoint: Endpoint, request: flask.Request, bytes_max: int) -> Any:
    """The parsed body. A stream is left to the view, in pieces as it wants them."""
    if endpoint.body is None or isinstance(endpoint.body, Stream):
        return None
    if request.mimetype != JSON_TYPE:
        raise GatewayError("MEDIA_TYPE_UNSUPPORTED", f"send {JSON_TYPE}")
    return parse(endpoint.body, in_lower_case(decode(read_body(request, bytes_max))))


def _bytes_max(endpoint: Endpoint, principal: Any, gateway: Gateway) -> int:
    """How large a body may be: small while nobody knows who sends it."""
    bytes_max = endpoint.body_bytes_max or gateway.settings.http.body_bytes_max
    return min(bytes_max, ANONYMOUS_BYTES_MAX) if isinstance(principal, Anonymous) else bytes_max


def read_body(request: flask.Request, bytes_max: int) -> bytes:
    """The whole body. Raises GatewayError REQUEST_TOO_LARGE, as soon as that is known."""
    if request.content_length is not None and request.content_length > bytes_max:
        raise GatewayError("REQUEST_TOO_LARGE", f"at most {bytes_max} bytes")
    data = request.stream.read(bytes_max + 1)
    if len(data) > bytes_max:
        raise GatewayError("REQUEST_TOO_LARGE", f"at most {bytes_max} bytes")
    return bytes(data)


def in_lower_case(value: Any, levels: int = DEPTH_MAX) -> Any:
    """A document with its addresses in lower case. Bech32 may be written in capitals throughout (BIP-173), as scanners
    of QR codes give it; the ledger knows one form. What a member signed stays as it was signed."""
    if isinstance(value, str):
        return value.lower() if CAPITAL_ADDRESS.fullmatch(value) else value
    if levels and isinstance(value, list):
        return [in_lower_case(one, levels - 1) for one in value]
    if levels and isinstance(value, dict) and value.get("authorization") is None:
        return {name: in_lower_case(one, levels - 1) for name, one in value.items()}
    return value


def decode(data: bytes) -> Any:
    """A JSON document. Raises GatewayError REQUEST_MALFORMED; what the ledger could not hold (a name twice, NaN, a
    number without end, half a surrogate pair) is no document either."""
    if data.startswith(GZIP):
        raise GatewayError("REQUEST_MALFORMED", "the body is compressed (gzip); send it as it is, in UTF-8")
    try:
        document = json.loads(
            data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_refuse_constant, parse_float=_finite
        )
        if SURROGATE.search(data):  # whole pairs can be written down as UTF-8, halves cannot
            json.dumps(document, ensure_ascii=False).encode("utf-8")
        return document
    except UnicodeDecodeError as error:
        detail = f"the body is not UTF-8: the byte at {error.start} begins no character"
        raise GatewayError("REQUEST_MALFORMED", detail) from None
    except json.JSONDecodeError as error:
        detail = f"the body is not a JSON document: {error.msg}, line {error.lineno}, column {error.colno}"
        raise GatewayError("REQUEST_MALFORMED", detail) from None
    except (ValueError, RecursionError) as error:
        raise GatewayError("REQUEST_MALFORMED", f"the body is not a JSON document: {error}"[:200]) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number is too large")
    return number


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def respond(answer: Answer) -> flask.Response:
    """The answer as Flask's."""
    if answer.stream is not None:
        response = flask.Response(answer.stream, answer.status, mimetype=answer.media_type)
    elif answer.document is None:
        response = flask.Response(status=answer.status)
    else:
        response = flask.Response(encode(answer.document), answer.status, mimetype=answer.media_type)
    response.headers.update(dict(answer.headers))
    for cookie in answer.cookies:
        response.headers.add("Set-Cookie", cookie)
    return response


def encode(document: Any) -> bytes:
    """A model, or plain JSON, as UTF-8."""
    if isinstance(document, BaseModel):
        return document.model_dump_json(by_alias=True).encode()
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
