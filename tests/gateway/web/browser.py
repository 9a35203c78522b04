"""What the web tests share: a guard that lets everybody in, and a client that holds each answer against the OpenAPI document."""

from __future__ import annotations

from typing import Any

import flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.web.guard import Owner, RequestFacts
from gateway.web.openapi import AnswerCheck


class Everybody:
    """Lets everybody do everything: for tests of what endpoints do, not of who may."""

    def identify(self, facts: RequestFacts) -> Any:
        """Nobody in particular."""
        return None

    def spend(self, endpoint: str, principal: Any, facts: RequestFacts) -> None:
        """Costs nothing."""

    def admit(self, endpoint: str, principal: Any, owner: Owner | None) -> None:
        """Comes in."""


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
            check = AnswerCheck(app.extensions["jifen.openapi"])
            faults = check.faults(endpoint, response.status_code, response.mimetype, response.data)
            assert faults == [], faults
        return response
