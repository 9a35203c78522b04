"""Every section of the UI, in the order of the navigation. A section's pages may stand in several areas."""

from __future__ import annotations

from types import ModuleType

from gateway.pages import (
    account,
    backoffice,
    classes,
    counter,
    home,
    imports,
    member_keys,
    member_merging,
    member_security,
    member_spending,
    members,
    merchant,
    operator,
    operator_blocks,
    public,
    settlement,
    trace,
    wallet,
)
from gateway.pages.sections import Section

AREAS: tuple[ModuleType, ...] = (
    wallet,
    member_spending,
    trace,
    member_keys,
    member_merging,
    member_security,
    merchant,
    counter,
    members,
    classes,
    imports,
    settlement,
    backoffice,
    operator,
    operator_blocks,
    account,
    public,
    home,
)
SECTIONS: tuple[Section, ...] = tuple(dict.fromkeys(area.section for area in AREAS))
counter.section.arrange("merchant", "counter", "members")
wallet.section.arrange(
    "wallet",
    "send",
    "receive",
    "redeem",
    "history",
    "trace",
    "legacy",
    "notes",
    "contacts",
    "key",
    "security",
)
