"""Every subject of the gateway's API, in the order in which they are described."""

from __future__ import annotations

from gateway.web import accounts, counter, health, pictures, projection, webhooks
from gateway.web.endpoints import Subject
from gateway.web.ledger import bulk, events, evidence, operations, queries, submissions
from gateway.web.people.subjects import PEOPLE_SUBJECTS

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
    *PEOPLE_SUBJECTS,
    pictures.subject,
    health.description,
    health.subject,
)
