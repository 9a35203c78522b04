"""Traces of requests reach a real receiver of OTLP over HTTP, where the settings name one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.scenes.gateways import running


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """A receiver's address, and what it got."""
    found: list[ExportTraceServiceRequest] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.append(ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces", found
    server.shutdown()


def test_each_request_is_a_span_of_the_gateways_own_name(
    receiver: tuple[str, list[ExportTraceServiceRequest]], tmp_path: Path
) -> None:
    address, found = receiver
    with running(tmp_path, {"JIFEN_GATEWAY_OBSERVATION__TRACES_ENDPOINT": address}) as served:
        path = "/api/v1/queries/get-class?class_id=northstar"
        answer = httpx.get(
            served.address + path, headers={"Authorization": f"Bearer {served.api_key}"}, trust_env=False
        )
        assert answer.status_code == 200
        assert httpx.get(f"{served.address}/health/live", trust_env=False).status_code == 200
    resources = [one for request in found for one in request.resource_spans]
    names = {
        attribute.value.string_value
        for one in resources
        for attribute in one.resource.attributes
        if attribute.key == "service.namespace"
    }
    spans = [span.name for one in resources for scope in one.scope_spans for span in scope.spans]
    assert names == {"northstar"}
    assert spans == ["GET /api/v1/queries/get-class"]
    assert served.api_key.encode() not in b"".join(request.SerializeToString() for request in found)
