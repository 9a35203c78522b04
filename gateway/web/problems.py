"""Refusals over HTTP: problem documents (RFC 9457) with the stable codes, and the one table from code to status.

A status outside 2xx means that nothing happened on the ledger.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import flask
import structlog
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge

from chaincode.spec.kernel.codes import CODES as LEDGER_CODES
from gateway.core.errors import CODES as GATEWAY_CODES
from gateway.core.errors import GatewayError, Problem
from gateway.ledger.errors import LedgerError, Rejected
from gateway.ledger.scheduling import Busy
from gateway.legacy.imports import LegacyFileRefused
from gateway.oversight.oversight import ApprovalRequired
from gateway.submissions.service import unavailable
from gateway.web.faults import LANGUAGES, refusal_in_words
from gateway.web.shapes import MalformedRequest

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"
TIMES = re.compile(r"now (?P<now>[0-9]+), window [0-9]+ opened (?P<opened>[0-9]+)")
"""How the rules tell TIME_BEFORE_WINDOW."""

_STATUS_OF_LEDGER_CODES: dict[int, tuple[str, ...]] = {
    400: ("MALFORMED", "SHARD_OUT_OF_RANGE", "UNKNOWN_OPERATION", "UNKNOWN_QUERY", "INVALID_ARGUMENT"),
    403: (
        "SIGNATURE_UNEXPECTED",
        "SIGNATURE_REQUIRED",
        "SIGNATURE_INVALID",
        "ROLE_REQUIRED",
        "NOT_OPERATOR",
        "NOT_PARTICIPANT",
        "NOT_VOTER",
        "NOT_ACCEPTOR",
        "NOT_ISSUER",
        "NOT_HOME_MERCHANT",
        "NOT_HOLD_PARTY",
        "NOT_REBIND_PARTY",
        "NOT_PAYMENT_PARTY",
        "CONSENT_INVALID",
    ),
    404: (
        "NOT_FOUND",
        "UNKNOWN_DISPUTE",
        "UNKNOWN_PROPOSAL",
        "UNKNOWN_MERCHANT",
        "UNKNOWN_CLASS",
        "UNKNOWN_MEMBER",
        "UNKNOWN_REBIND",
        "UNKNOWN_REFERENCE",
        "UNKNOWN_ISSUANCE",
        "UNKNOWN_REDEMPTION",
        "UNKNOWN_HOLD",
        "UNKNOWN_WINDOW",
        "UNKNOWN_STATEMENT",
        "UNKNOWN_PAYMENT",
    ),
    413: ("BATCH_TOO_LARGE",),
}
"""Every other code of the ledger is 409: the request is well formed, and the state of the ledger does not allow it."""


def _problems() -> dict[str, Problem]:
    found = dict(GATEWAY_CODES)
    status_of = {code: status for status, codes in _STATUS_OF_LEDGER_CODES.items() for code in codes}
    for code, meaning in LEDGER_CODES.items():
        found[code] = Problem(status_of.get(code, 409), meaning)
    return found


PROBLEMS: Mapping[str, Problem] = _problems()
"""Every code that a caller can get, the gateway's and the ledger's."""


def problem(code: str, detail: str, **more: Any) -> dict[str, Any]:
    """A problem document. `more` are members of its own, such as `errors`."""
    kind = PROBLEMS[code]
    return {
        "type": f"urn:jifen:problem:{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": code,
        "trace_id": flask.g.get("trace_id", "") if flask.has_request_context() else "",
        **more,
    }


def language_asked_for() -> str:
    """The language of WORDS that the caller would rather read (RFC 9110, Accept-Language); English outside a
    request."""
    if not flask.has_request_context():
        return LANGUAGES[0]
    return flask.request.accept_languages.best_match(LANGUAGES, LANGUAGES[0]) or LANGUAGES[0]


def problem_of(error: BaseException) -> tuple[dict[str, Any], float | None]:
    """The problem document of any error, and the seconds to wait before another try."""
    language = language_asked_for()
    if isinstance(error, MalformedRequest):
        faults = [fault.document(language) for fault in error.faults]
        return problem(error.code, error.told(language), errors=faults), None
    if isinstance(error, LegacyFileRefused):
        return problem(error.code, error.told(language), errors=error.errors(language)), None
    if isinstance(error, ApprovalRequired):
        return problem(error.code, error.detail, approval_id=error.approval.approval_id), None
    if isinstance(error, GatewayError):
        return problem(error.code, error.detail), error.retry_after_seconds
    if isinstance(error, Rejected) and error.code in PROBLEMS:
        return problem(error.code, refusal_in_words(error.detail, language)), _seconds_to_window(error)
    if isinstance(error, Busy):
        return problem("BUSY", error.detail), error.retry_after_seconds
    if isinstance(error, LedgerError):
        told = unavailable(error)
        return problem(told.code, told.detail), told.retry_after_seconds
    if isinstance(error, NotFound):
        return problem("ROUTE_UNKNOWN", "see /api/v1/openapi.json for what there is"), None
    if isinstance(error, MethodNotAllowed):
        return problem("METHOD_NOT_ALLOWED", f"it takes {', '.join(sorted(error.valid_methods or ()))}"), None
    if isinstance(error, RequestEntityTooLarge):
        return problem("REQUEST_TOO_LARGE", "the request is larger than this gateway takes"), None
    if isinstance(error, HTTPException) and error.code is not None and error.code < 500:
        return problem("REQUEST_MALFORMED", error.name), None
    log.error("defect", kind=type(error).__name__, exc_info=error)
    return problem("INTERNAL_ERROR", "it has been logged under the trace id"), None


def whole_seconds(seconds: float) -> int:
    """As Retry-After tells them: whole, and at least one."""
    return max(1, math.ceil(seconds))


def _seconds_to_window(refusal: Rejected) -> float | None:
    """How long a transaction's time lies before the opening of the window: of all refusals by a rule the one that
    waiting mends."""
    found = TIMES.fullmatch(refusal.detail) if refusal.code == "TIME_BEFORE_WINDOW" else None
    return None if found is None else float(max(1, int(found["opened"]) - int(found["now"])))


def respond_with(error: BaseException) -> flask.Response:
    """Flask's answer to an error."""
    document, seconds = problem_of(error)
    response = flask.Response(flask.json.dumps(document, ensure_ascii=False), document["status"], mimetype=MEDIA_TYPE)
    if seconds is not None:
        response.headers["Retry-After"] = str(whole_seconds(seconds))
    if document["status"] == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="jifen"'
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    flask.g.problem_code = document["code"]
    return response
