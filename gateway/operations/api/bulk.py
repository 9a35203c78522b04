"""Tens of thousands of operations in one request: one JSON document a line, in and out."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from typing import IO, Any

import flask

from chaincode.spec.kernel.authorisation import check_form
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.operations import OPERATIONS
from gateway.core.errors import GatewayError
from gateway.ledger.errors import LedgerError, Rejected
from gateway.operations.api.captures import require_shown
from gateway.operations.api.freezing import SAID, required_reason
from gateway.operations.api.operations import owner_of
from gateway.operations.api.requests import HEADERS, RUN_QUERY, camel, timestamp_of
from gateway.submissions.bulk import Line, LineOutcome
from gateway.submissions.normalise import complete
from gateway.submissions.outcomes import receipt_document
from gateway.web.endpoints import Answer, Call, Stream, Subject, decode, in_lower_case
from gateway.web.problems import problem_of, whole_seconds

subject = Subject("bulk", "Bulk: many operations in one request")

MEDIA_TYPE = "application/x-ndjson"
LINE_BYTES_MAX = 262_144
PIECE_BYTES = 65_536
SPOOL_BYTES = 1_048_576
BLANKS = b"\xef\xbb\xbf \t\r\n"
"""What may stand before the first document: a byte order mark and white space."""


class BodyLines:
    """The lines of a request's body, read in pieces. Raises GatewayError REQUEST_TOO_LARGE past `bytes_max`; a line
    that is too long is told in its place, and skipped."""

    def __init__(self, stream: IO[bytes], bytes_max: int) -> None:
        self._stream = stream
        self._left = bytes_max

    def __iter__(self) -> Iterator[bytes | None]:
        """Each line without its end; None for one that is too long."""
        rest, too_long = b"", False
        while piece := self._stream.read(PIECE_BYTES):
            self._left -= len(piece)
            if self._left < 0:
                raise GatewayError("REQUEST_TOO_LARGE", "the body is larger than bulk requests may be")
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole:
                yield None if too_long or len(line) > LINE_BYTES_MAX else line
                too_long = False
            if len(rest) > LINE_BYTES_MAX:
                rest, too_long = b"", True
        if rest or too_long:
            yield None if too_long else rest


def read_lines(call: Call[Any], timestamp: int | None) -> Iterator[Line]:
    """The operations of the body, each checked for its form and for whether the caller may; empty lines are passed
    over."""
    number = 0
    try:
        for data in BodyLines(call.request.stream, call.gateway.settings.http.bulk_bytes_max):
            if data is not None and not data.strip():
                continue
            if number == 0 and data is not None and data.lstrip(BLANKS).startswith(b"["):
                raise GatewayError("REQUEST_MALFORMED", "one operation a line (NDJSON), not a JSON array of them")
            number += 1
            yield _line(call, number, data, timestamp)
    except GatewayError as error:
        yield Line(number + 1, None, error)


def _line(call: Call[Any], number: int, data: bytes | None, timestamp: int | None) -> Line:
    try:
        if data is None:
            raise GatewayError("REQUEST_TOO_LARGE", f"a line may have {LINE_BYTES_MAX} bytes")
        entry = in_lower_case(decode(data))
        name = entry.get("op") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(name, str) or name not in OPERATIONS:
            raise Rejected("UNKNOWN_OPERATION", str(name)[:64])
        if not isinstance(entry.get("request_id"), str):
            raise Rejected("INVALID_ARGUMENT", "request_id: each line brings its own")
        shown = entry.pop("order_ref", None) if name == "Capture" else None
        said = entry.pop(SAID, None) if name == "SetMemberStatus" else None
        now = call.gateway.clock() if timestamp is None else timestamp
        operation = complete(entry, None, now, call.gateway.settings.ledger.valid_seconds)
        check_form(operation, OPERATIONS)
        owner = owner_of(Call(**{**vars(call), "body": operation}), name, OPERATIONS[name].AUTHORITY)
        call.gateway.guard.admit(camel(name), call.principal, owner)
        require_shown(call, operation, shown if isinstance(shown, str) else None)
        reason = required_reason(call, operation, said)
        call.gateway.submissions.admit(operation)
        if not call.query.get("dry_run", False):
            submissions = call.gateway.submissions
            call.gateway.people.oversight.before(
                call.principal, operation, lambda one: submissions.dry_run(one, timestamp=timestamp), reason
            )
        return Line(number, operation)
    except Refusal as refusal:
        return Line(number, None, Rejected(refusal.code, refusal.detail))
    except (GatewayError, LedgerError) as error:
        return Line(number, None, error)


def render(outcome: LineOutcome) -> bytes:
    """A line of the answer."""
    made: dict[str, Any] = {"line": outcome.line.number}
    if outcome.line.operation is not None:
        made["request_id"] = outcome.line.operation["request_id"]
    receipt = outcome.receipt
    if receipt is not None and receipt.accepted:
        made |= {"status": 201, "receipt": receipt_document(receipt)}
    else:
        told, seconds = problem_of(outcome.problem or receipt.refusal)  # type: ignore[union-attr, arg-type]
        made |= {"status": told["status"], "problem": told}
        if seconds is not None:
            made["retry_after_seconds"] = whole_seconds(seconds)
        if outcome.unknown:
            made |= {"status": 202, "outcome": "UNKNOWN"}
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def code_of(outcome: LineOutcome) -> str:
    """How a line ended, for the audit log."""
    if outcome.receipt is not None:
        return outcome.receipt.code
    return "PENDING" if outcome.unknown else str(getattr(outcome.problem, "code", "INTERNAL_ERROR"))


@subject.post(
    "/bulk/operations",
    name="submitBulk",
    summary="Many operations, one a line",
    description="Each line of the body is an operation `{op, args, request_id, valid_until?, authorization?}`; each line of the answer, in the same "
    "order, is `{line, request_id, status, receipt}` or `{line, request_id?, status, problem, retry_after_seconds?}`. Lines that touch the same account are carried out in "
    "their order; one that is refused does not keep the others. A line with `outcome` UNKNOWN is to be sent again with the same request_id.",
    body=Stream(MEDIA_TYPE, "One operation a line."),
    query=RUN_QUERY,
    headers=HEADERS[1:2],
    answers={200: Stream(MEDIA_TYPE, "One outcome a line, in the order of the lines.")},
)
def submit_bulk(call: Call[None]) -> Answer:
    """The answer begins when the last line has been read, so a caller may send everything first."""
    if call.request.mimetype != MEDIA_TYPE:
        raise GatewayError("MEDIA_TYPE_UNSUPPORTED", f"send {MEDIA_TYPE}")
    timestamp = timestamp_of(call)
    dry_run = call.query.get("dry_run", False)
    spool = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - closed by the answer
    try:
        read_all = False

        def lines() -> Iterator[Line]:
            nonlocal read_all
            yield from read_lines(call, timestamp)
            read_all = True

        def told(outcome: LineOutcome) -> bytes:
            if outcome.line.operation is not None and not dry_run:
                call.gateway.people.oversight.after(call.principal, outcome.line.operation, code_of(outcome))
            return render(outcome)

        outcomes = call.gateway.bulk.carry_out(lines(), timestamp=timestamp, dry_run=dry_run)
        for outcome in outcomes:
            spool.write(told(outcome))
            if read_all:
                break
    except BaseException:
        spool.close()
        raise

    def answer() -> Iterator[bytes]:
        with spool:
            spool.seek(0)
            while piece := spool.read(PIECE_BYTES):
                yield piece
            for outcome in outcomes:
                yield told(outcome)

    flask.g.request_id = "bulk"
    return Answer(200, stream=flask.stream_with_context(answer()), media_type=MEDIA_TYPE)
