"""Every subject of the gateway's API, in the order in which they are described."""

from __future__ import annotations

from gateway.web import health
from gateway.web.endpoints import Subject
from gateway.web.ledger import bulk, events, operations, queries, submissions

SUBJECTS: tuple[Subject, ...] = (
    operations.subject,
    bulk.subject,
    submissions.subject,
    queries.subject,
    events.subject,
    health.description,
    health.subject,
)
