"""What the web tests share: a guard that lets everybody in, and a client that holds each answer against the OpenAPI
document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import flask
import jsonschema_rs
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.security.guard import Owner, RequestFacts


class Everybody:
    """Lets everybody do everything: for tests of what endpoints do, not of who may."""

    def identify(self, facts: RequestFacts) -> Any:
        """Nobody in particular."""
        return None

    def spend(self, endpoint: str, principal: Any, facts: RequestFacts) -> None:
        """Costs nothing."""

    def admit(self, endpoint: str, principal: Any, owner: Owner | None) -> None:
        """Comes in."""


class AnswerCheck:
    """Holds answers against the OpenAPI document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._validators: dict[tuple[str, str, str], jsonschema_rs.Draft202012Validator] = {}
        self._operations = {
            operation["operationId"]: operation for path in document["paths"].values() for operation in path.values()
        }

    def faults(self, endpoint: str, status: int, media_type: str, body: bytes) -> list[str]:
        """What is wrong with an answer; nothing when it is as described."""
        operation = self._operations.get(endpoint)
        if operation is None:
            return [f"no endpoint {endpoint}"]
        response = operation["responses"].get(str(status))
        if response is None:
            return [f"{endpoint}: status {status} is not described: {body[:300]!r}"]
        content = response.get("content")
        if content is None:
            return [] if not body else [f"{endpoint} {status}: a body where none is described"]
        if media_type not in content:
            return [f"{endpoint} {status}: {media_type} is not described"]
        if not media_type.endswith("json"):
            return []
        key = (endpoint, str(status), media_type)
        if key not in self._validators:
            schema = {**content[media_type]["schema"], "components": self._document["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(schema)
        errors = self._validators[key].iter_errors(json.loads(body))
        return [f"{endpoint} {status}: {error.instance_path}: {error.message}" for error in errors]


class JsonClient(FlaskClient):
    """Flask's test client; an answer that is not as described fails the test."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """The answer, checked."""
        response = super().open(*args, **kwargs)
        if response.is_streamed:
            return response
        endpoint = response.request.environ.get("jifen.endpoint")
        if endpoint is not None:
            app: flask.Flask = self.application
            check = app.extensions.get("answers")
            if check is None:
                check = app.extensions["answers"] = AnswerCheck(app.extensions["jifen.openapi"])
            faults = check.faults(endpoint, response.status_code, response.mimetype or "", response.data)
            assert faults == [], faults
        return response
