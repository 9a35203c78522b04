"""Every section of the UI, in the order of the navigation. A section's pages may stand in several areas."""

from __future__ import annotations

from types import ModuleType

from gateway.pages.frame.sections import Section
from gateway.pages.member import keys, merging, security, spending, trace, wallet
from gateway.pages.merchant import backoffice, classes, counter, imports, members, settlement
from gateway.pages.merchant import home as merchant_home
from gateway.pages.operator import blocks, consortium
from gateway.pages.public import account, books
from gateway.pages.public import home as public_home

AREAS: tuple[ModuleType, ...] = (
    wallet,
    spending,
    trace,
    keys,
    merging,
    security,
    merchant_home,
    counter,
    members,
    classes,
    imports,
    settlement,
    backoffice,
    consortium,
    blocks,
    account,
    books,
    public_home,
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
