"""Traces of requests in OpenTelemetry's form, where the extra `tracing` is installed and `observation.traces_endpoint` is set."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from typing import Any

import flask

from gateway.core.settings import SettingsError
from gateway.settings import GatewaySettings


def trace(app: flask.Flask, settings: GatewaySettings) -> Callable[[], None]:
    """Sends a span for each request to the OTLP address that the settings name; without one it does nothing. Gives what sends the rest when the
    application ends. Raises SettingsError when the packages are not there."""
    endpoint = settings.observation.traces_endpoint
    if not endpoint:
        return lambda: None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.flask import FlaskInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise SettingsError(
            "SETTINGS_INVALID", "observation.traces_endpoint: needs the extra `tracing` (pip install 'jifen[tracing]')"
        ) from None
    resource = Resource.create(
        {
            "service.name": "jifen-gateway",
            "service.namespace": settings.org,
            "service.version": importlib.metadata.version("jifen"),
        }
    )
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    instrumentor: Any = FlaskInstrumentor()
    instrumentor.instrument_app(app, tracer_provider=provider, excluded_urls="health/.*,metrics")
    return provider.shutdown
