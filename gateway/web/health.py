"""What operators and their machines ask: is it alive, may it be sent requests, what does it count, what is its API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import flask

from gateway.core.errors import GatewayError
from gateway.core.schemas import ApiSchema
from gateway.web.api_page import api_page
from gateway.web.endpoints import Answer, Call, Stream, Subject

Made = TypeVar("Made")

NOT_READY = (
    "SHUTTING_DOWN",
    "LEDGER_UNAVAILABLE",
    "STORE_UNAVAILABLE",
    "SERVICE_ENDED",
    "CLOCK_OUT_OF_WINDOW",
    "CHAINCODE_UNAVAILABLE",
    "ORDERER_UNAVAILABLE",
    "PROJECTION_BEHIND",
)
subject = Subject("health", "Health: liveness, readiness, metrics", prefix="")
description = Subject("description", "Description: this document")


class Alive(ApiSchema):
    """The process answers."""

    status: str = "alive"


class Ready(ApiSchema):
    """The gateway can take requests."""

    status: str = "ready"
    height: int
    msp_id: str


@subject.get("/health/live", name="getLiveness", summary="Whether the process answers", answers={200: Alive})
def get_liveness(call: Call[None]) -> Answer:
    """Always, while it runs: a restart would not help where this answers."""
    return Answer(200, Alive())


@subject.get(
    "/health/ready",
    name="getReadiness",
    summary="Whether an operation would commit now",
    answers={200: Ready},
    codes=NOT_READY,
)
def get_readiness(call: Call[None]) -> Answer:
    """Asks the database, the endorsers, an orderer and the tables, at most every two seconds; 503 says by its code what
    is in the way."""
    gateway = call.gateway
    if gateway.stopping:
        raise GatewayError("SHUTTING_DOWN", "the gateway is going down", retry_after_seconds=5)
    if not gateway.ledgers:
        raise GatewayError("LEDGER_UNAVAILABLE", "the gateway is starting", retry_after_seconds=1)
    return Answer(200, Ready(height=gateway.runtime.call(gateway.readiness.height()), msp_id=gateway.msp_id))


@subject.get(
    "/metrics",
    name="getMetrics",
    summary="Metrics in Prometheus' text format",
    answers={200: Stream("text/plain", "Prometheus' text format 0.0.4")},
)
def get_metrics(call: Call[None]) -> Answer:
    """For the consortium's own scrapers."""
    text = flask.current_app.extensions["jifen.metrics"].text()
    return Answer(200, stream=[text], media_type="text/plain")


def _once(name: str, make: Callable[[Mapping[str, Any]], Made]) -> Made:
    """What is made of the application's OpenAPI document, once: anybody may ask for it, as often as they like."""
    extensions = flask.current_app.extensions
    if name not in extensions:
        extensions[name] = make(extensions["jifen.openapi"])
    made: Made = extensions[name]
    return made


@description.get(
    "/openapi.json",
    name="getOpenApi",
    summary="The OpenAPI 3.1 document",
    answers={200: Stream("application/vnd.oai.openapi+json", "OpenAPI 3.1")},
)
def get_open_api(call: Call[None]) -> Answer:
    """What this gateway takes and gives."""
    body = _once("jifen.openapi.body", lambda document: flask.json.dumps(document, ensure_ascii=False).encode())
    headers = {"Cache-Control": "public, max-age=300"}
    return Answer(200, stream=[body], media_type="application/vnd.oai.openapi+json", headers=headers)


@description.get(
    "/docs",
    name="getApiPage",
    summary="The API as a page to read",
    answers={200: Stream("text/html", "A page")},
)
def get_api_page(call: Call[None]) -> Answer:
    """Made from the document; no scripts."""
    page, headers = _once("jifen.openapi.page", api_page)
    return Answer(200, stream=[page], media_type="text/html", headers=headers)
