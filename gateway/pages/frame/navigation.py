"""Every section of the UI, and the order of the navigation: the sections as they stand here, the pages as each names
them."""

from __future__ import annotations

from gateway.pages.frame.sections import MEMBER, MERCHANT, OPERATOR, PUBLIC, STAFF, Section
from gateway.pages.words.marking import mark

WALLET = Section(
    "member",
    mark("Wallet"),
    MEMBER,
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
SHOP = Section("counter", mark("Shop"), MERCHANT, "merchant", "counter", "members")
POINTS = Section("points", mark("Points"), MERCHANT, "classes", "import")
SETTLEMENT = Section("settlement", mark("Settlement"), MERCHANT, "settlement", "bank", "limits")
BACK_OFFICE = Section(
    "backoffice",
    mark("Back office"),
    STAFF,
    "approvals",
    "proposals",
    "joining",
    "rebinds",
    "staff",
    "keys",
    "webhooks",
    "audit",
)
CONSORTIUM = Section(
    "operator",
    mark("Consortium"),
    OPERATOR,
    "operator",
    "operator-merchants",
    "operator-windows",
    "operator-matrix",
    "operator-blocks",
    "operator-transactions",
)
ACCOUNT = Section("account", mark("Account"), PUBLIC)
BOOKS = Section("public", mark("Open books"), PUBLIC)
START = Section("home", mark("Jifen"), PUBLIC)

SECTIONS = (WALLET, SHOP, POINTS, SETTLEMENT, BACK_OFFICE, CONSORTIUM, ACCOUNT, BOOKS, START)
