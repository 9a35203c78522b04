"""The Flask application of a gateway: every subject of its API, and its pages."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Sequence

import flask
import structlog
from werkzeug.middleware.proxy_fix import ProxyFix

from gateway.access.guard import cookie_name
from gateway.access.table import check_table
from gateway.identity.api import passkeys, sessions
from gateway.legacy.api import legacy
from gateway.members.api import members, notes, wallets
from gateway.operations.api import bulk, operations, queries, submissions
from gateway.oversight.api import approvals
from gateway.pages.declared import SECTIONS
from gateway.pages.frame.site import pages_blueprint
from gateway.projection.api import accounts, counter, events, evidence, projection
from gateway.services.gateway import Gateway
from gateway.services.ledger_place import LedgerPlace
from gateway.settings import GatewaySettings
from gateway.settlement.api import bank, reports
from gateway.staff.api import api_keys, audit, staff
from gateway.web import health, pictures, problems
from gateway.web.compression import pack
from gateway.web.endpoints import Subject
from gateway.web.headers import add_security_headers
from gateway.web.metrics import Metrics
from gateway.web.openapi import openapi_document
from gateway.webhooks.api import webhooks

log = structlog.get_logger()
SUBJECTS: tuple[Subject, ...] = (
    operations.subject,
    bulk.subject,
    submissions.subject,
    accounts.subject,
    counter.subject,
    projection.subject,
    evidence.subject,
    events.subject,
    queries.subject,
    webhooks.subject,
    sessions.subject,
    passkeys.subject,
    members.subject,
    wallets.subject,
    notes.subject,
    legacy.subject,
    bank.subject,
    reports.subject,
    staff.subject,
    approvals.subject,
    api_keys.subject,
    audit.subject,
    pictures.subject,
    health.description,
    health.subject,
)
"""Every subject of the API, in the order in which they are described."""
TRACE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")


def create_app(config: GatewaySettings, ledger: LedgerPlace, *, gateway: Gateway | None = None) -> flask.Flask:
    """The application. The gateway behind it stands in `app.extensions["jifen"]`; whoever serves the application starts
    and stops it."""
    gateway = gateway or Gateway(config, ledger)
    app = flask.Flask("gateway", static_folder=None)
    app.url_map.merge_slashes = False  # an address means what it says; nobody is sent elsewhere
    app.config["MAX_CONTENT_LENGTH"] = None  # each endpoint has a bound of its own, and bulk bodies are read in pieces
    app.extensions["jifen"] = gateway
    if config.http.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.http.proxies, x_proto=config.http.proxies)  # type: ignore[method-assign]
    subjects: Sequence[Subject] = SUBJECTS
    check_table(endpoint.name for subject in subjects for endpoint in subject.endpoints)
    metrics = Metrics(gateway)
    app.extensions["jifen.metrics"] = metrics
    app.extensions["jifen.openapi"] = openapi_document(subjects, config)
    for subject in subjects:
        app.register_blueprint(subject.blueprint(gateway))
    endpoints = (endpoint for subject in subjects for endpoint in subject.endpoints)
    app.register_blueprint(pages_blueprint(gateway, endpoints, SECTIONS))
    app.register_error_handler(Exception, problems.respond_with)
    _observe(app, gateway, metrics)
    return app


def _observe(app: flask.Flask, gateway: Gateway, metrics: Metrics) -> None:
    """Gives each request a trace id (the caller's `X-Request-Id` where it has the form of one), logs it, counts it, and
    guards its answer."""

    @app.before_request
    def begin() -> None:
        given = flask.request.headers.get("X-Request-Id", "")
        flask.g.trace_id = given if TRACE_ID.match(given) else secrets.token_hex(8)
        flask.g.began = time.perf_counter()
        structlog.contextvars.bind_contextvars(trace_id=flask.g.trace_id)

    @app.after_request
    def end(response: flask.Response) -> flask.Response:
        response.headers["X-Request-Id"] = flask.g.trace_id
        add_security_headers(response, gateway.settings)
        pack(response, cookie_name(gateway.settings.secure))
        seconds = time.perf_counter() - flask.g.began
        endpoint = flask.g.get("endpoint", "none")
        metrics.answered(endpoint, response.status_code, seconds)
        log.info(
            "request",
            endpoint=endpoint,
            method=flask.request.method,
            status=response.status_code,
            milliseconds=round(1000 * seconds, 1),
            principal=getattr(flask.g.get("principal"), "label", "anonymous"),
            code=flask.g.get("problem_code"),
            request_id=flask.g.get("request_id"),
            transaction_id=flask.g.get("transaction_id"),
        )
        return response

    @app.teardown_request
    def clear(error: BaseException | None) -> None:
        structlog.contextvars.clear_contextvars()
