"""Every subject about people, staff and keys, in the order in which they are described."""

from __future__ import annotations

from gateway.web.endpoints import Subject
from gateway.web.people import api_keys, approvals, audit, legacy, members, notes, passkeys, sessions, staff, wallets

PEOPLE_SUBJECTS: tuple[Subject, ...] = (
    sessions.subject,
    passkeys.subject,
    members.subject,
    wallets.subject,
    notes.subject,
    legacy.subject,
    staff.subject,
    approvals.subject,
    api_keys.subject,
    audit.subject,
)
