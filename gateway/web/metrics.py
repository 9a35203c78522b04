"""Prometheus metrics of one gateway."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable

from cryptography import x509
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.ledger.errors import LedgerError
from gateway.services.gateway import Gateway

HEIGHT_SECONDS = 2.0
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The gateway's registry: requests by endpoint and status, the scheduler's counts, kept operations, webhooks,
    blocks, and the process itself."""

    def __init__(self, gateway: Gateway) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "jifen_http_requests", "Requests answered.", ("endpoint", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "jifen_http_request_seconds",
            "Seconds to the answer.",
            ("endpoint",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.registry.register(_Scheduler(gateway))
        self.registry.register(_Surroundings(gateway))
        ProcessCollector(registry=self.registry)

    def answered(self, endpoint: str, status: int, seconds: float) -> None:
        """Counts one answer."""
        self._requests.labels(endpoint, str(status)).inc()
        self._seconds.labels(endpoint).observe(seconds)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)


class _Surroundings(Collector):
    """What the gateway stands on and that may come to an end: certificates, and the disk that its folder is on."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def collect(self) -> Iterable[Metric]:
        """The metrics now. A certificate is read each time: it may have been renewed."""
        ends = GaugeMetricFamily(
            "jifen_certificate_not_after_seconds", "When a certificate ends, in Unix seconds.", labels=["name"]
        )
        for name, file in self._gateway.place.certificates.items():
            # One that is not there, or is none, is told by what needs it.
            with contextlib.suppress(OSError, ValueError):
                certificate = x509.load_pem_x509_certificate(file.read_bytes())
                ends.add_metric([name], certificate.not_valid_after_utc.timestamp())
        yield ends
        disk = shutil.disk_usage(self._gateway.settings.folder)
        yield GaugeMetricFamily("jifen_disk_bytes", "Size of the disk of the gateway's folder.", value=disk.total)
        yield GaugeMetricFamily("jifen_disk_free_bytes", "What of it is free.", value=disk.free)


class _Scheduler(Collector):
    """What the scheduler counts, read when it is asked for."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def _height(self) -> int | None:
        """The own peer's height, None when it does not answer at once: a scrape must not wait for it."""
        gateway = self._gateway
        try:
            return gateway.runtime.call(gateway.ledger.height(), HEIGHT_SECONDS) if gateway.ledgers else None
        except (LedgerError, TimeoutError):
            return None

    def collect(self) -> Iterable[Metric]:
        """The metrics now."""
        scheduler = self._gateway.scheduler
        if scheduler is not None:
            counts = CounterMetricFamily("jifen_scheduler", "What the scheduler counted.", labels=["what"])
            for name, number in sorted(scheduler.counts.items()):
                counts.add_metric([name], number)
            yield counts
            yield GaugeMetricFamily("jifen_scheduler_queued", "Operations that wait.", value=scheduler.queued)
            yield GaugeMetricFamily("jifen_scheduler_in_flight", "Batches on their way.", value=scheduler.in_flight)
        position = self._gateway.projection.position()
        height = self._height()
        yield GaugeMetricFamily("jifen_ledger_reachable", "Whether the own peer answers.", value=height is not None)
        if height is not None:
            yield GaugeMetricFamily("jifen_ledger_height", "Blocks on the own peer.", value=height)
            lag = max(0, height - 1 - position.block_number)
            yield GaugeMetricFamily("jifen_projection_lag_blocks", "Blocks that are not in the tables.", value=lag)
        yield GaugeMetricFamily("jifen_projection_block", "The projection's newest block.", value=position.block_number)
        yield GaugeMetricFamily(
            "jifen_projection_folded_at_seconds", "When it was taken in, in Unix seconds.", value=position.folded_at
        )
        pending, age = self._gateway.submissions.keeping.pending()
        yield GaugeMetricFamily("jifen_submissions_pending", "Kept operations without an end.", value=pending)
        yield GaugeMetricFamily("jifen_submissions_oldest_pending_seconds", "Age of the oldest of them.", value=age)
        waiting, age = self._gateway.webhooks.messages.backlog()
        yield GaugeMetricFamily("jifen_webhook_messages_pending", "Messages not delivered yet.", value=waiting)
        yield GaugeMetricFamily("jifen_webhook_oldest_pending_seconds", "Age of the oldest of them.", value=age)
        yield GaugeMetricFamily(
            "jifen_services_failed", "Services that ended.", value=len(self._gateway.runtime.failed)
        )
