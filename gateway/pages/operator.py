"""The operator's pages: the network's health, merchants and their cover, windows, who owes whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any
from unicodedata import normalize

import flask
from cryptography import x509

from gateway.core.errors import GatewayError
from gateway.ledger.errors import LedgerError
from gateway.pages.language import mark
from gateway.pages.public import MERCHANT_STATUSES
from gateway.pages.sections import OPERATOR, Section
from gateway.pages.visits import Visit
from gateway.security.principals import Role

section = Section("operator", mark("Consortium"), OPERATOR)

READERS = (Role.FINANCE, Role.AUDITOR)
WINDOW_STATUSES = {
    "OPEN": (mark("Open"), "good"),
    "CUT": (mark("Cut"), "waiting"),
    "CLOSING": (mark("Being closed"), "waiting"),
    "CLOSED": (mark("Closed"), "waiting"),
    "SETTLED": (mark("Settled"), "good"),
}
PAYMENT_STATUSES = {
    "DUE": (mark("Due"), "waiting"),
    "PAID": (mark("Paid"), "waiting"),
    "CONFIRMED": (mark("Confirmed"), "good"),
    "DEFAULTED": (mark("Defaulted"), "bad"),
}
STATEMENT_STATUSES = {"PENDING": (mark("Not accepted yet"), "waiting"), "ACCEPTED": (mark("Accepted"), "good")}
STATUS_CHOICES = {
    "INVITED": (),
    "ACTIVE": ("ISSUE_STOPPED", "SUSPENDED", "RUN_OFF"),
    "ISSUE_STOPPED": ("ACTIVE", "SUSPENDED", "RUN_OFF"),
    "SUSPENDED": ("ACTIVE", "ISSUE_STOPPED", "RUN_OFF"),
    "RUN_OFF": ("ACTIVE", "ISSUE_STOPPED", "SUSPENDED", "EXITED"),
    "EXITED": (),
}
"""What an operator may make of a merchant in a status; an invitation is withdrawn by a button of its own."""
HEAT_STEPS = 5
WINDOWS_PER_PAGE = 50
ENTRIES_PER_PAGE = 50
CERTIFICATE_DAYS_LOW = 60
DAY_SECONDS = 86_400
NUMBER_DIGITS_MAX = 15


@section.page(
    "/operator",
    name="operator",
    title=mark("Health of the network"),
    label=mark("Health"),
    roles=READERS,
    icon="grid",
)
def health(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Whether the own peer answers, how far the tables are, what the last blocks held, and whose certificates end soon."""
    problem = ""
    try:
        visit.ask("getReadiness")
    except (GatewayError, LedgerError) as error:
        problem = visit.explain(error.code)
    blocks = visit.ask("listBlocks")
    authorities = visit.ask("getAuthorities")
    transactions = [one for block in blocks["blocks"] for one in block["transactions"]]
    return visit.render(
        "operator/health.html",
        problem=problem,
        height=blocks["height"],
        position=visit.ask("getProjection"),
        window=visit.ask("getCurrentWindow"),
        newest=max((one["at"] for one in transactions), default=None),
        seen=len(transactions),
        invalid=Counter(one["validation_code"] for one in transactions if one["validation_code"] != "VALID"),
        broken=[block["block_number"] for block in blocks["blocks"] if not block["intact"]],
        merchants=activity(visit, transactions),
        authorities=authorities,
        certificates=certificates(visit, authorities),
        statuses=MERCHANT_STATUSES,
    )


def activity(visit: Visit, transactions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each merchant: when a transaction last came through its gateway, and when its peer last endorsed one."""
    sent: dict[str, int] = defaultdict(int)
    endorsed: dict[str, int] = defaultdict(int)
    for one in transactions:
        sent[one["submitter_msp"]] = max(sent[one["submitter_msp"]], one["at"])
        for msp_id in one["endorser_msps"]:
            endorsed[msp_id] = max(endorsed[msp_id], one["at"])
    return [
        {**merchant, "sent_at": sent.get(msp_id), "endorsed_at": endorsed.get(msp_id)}
        for msp_id, merchant in visit.merchants.items()
    ]


def certificates(visit: Visit, authorities: dict[str, Any]) -> list[dict[str, Any]]:
    """The organisations' authorities, those whose certificate ends first before the others."""
    found = []
    for one in authorities["organisations"]:
        for pem in (*one["root_certificates"], *one["intermediate_certificates"]):
            until = int(x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc.timestamp())
            days = (until - visit.gateway.clock()) // DAY_SECONDS
            state = "bad" if days < 0 else "waiting" if days < CERTIFICATE_DAYS_LOW else "good"
            found.append({"msp_id": one["msp_id"], "part": one["part"], "until": until, "days": days, "state": state})
    return sorted(found, key=lambda one: (one["until"], one["msp_id"]))


@section.page(
    "/operator/merchants",
    name="operator-merchants",
    title=mark("Merchants"),
    label=mark("Merchants"),
    roles=READERS,
    icon="counter",
)
def merchants(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Who takes part, in which status, with how much cover; a new one is invited here."""
    found = visit.ask_all("listMerchants")  # as they are now, for whoever has just changed one
    rows = [{**one, "cover": visit.maybe("getCover", issuer_msp=one["msp_id"])} for one in found]
    return visit.render(
        "operator/merchants.html",
        rows=rows,
        statuses=MERCHANT_STATUSES,
        now=visit.gateway.clock(),
        may_change=Role.ADMIN in visit.roles,
    )


@section.page("/operator/merchants/<msp_id>", name="operator-merchant", title=mark("Merchant"), roles=READERS)
def merchant(visit: Visit) -> flask.typing.ResponseReturnValue:
    """One merchant: status, cover, and the limits that it grants to each of the others."""
    msp_id = visit.path["msp_id"]
    found = visit.ask("getMerchant", msp_id=msp_id)
    cover = visit.maybe("getCover", issuer_msp=msp_id) or {"posted_millionths": 0, "allocated_millionths": 0}
    limits = limits_of(visit, msp_id)
    return visit.render(
        "operator/merchant.html",
        merchant=found,
        cover=cover,
        limits=limits,
        digits=visit.speech.digits_for([*cover.values(), *(one[name] for one in limits for name in LIMIT_FIGURES)]),
        classes=[one for one in visit.classes.values() if one["issuer_msp"] == msp_id],
        statuses=MERCHANT_STATUSES,
        choices=STATUS_CHOICES[found["status"]],
        now=visit.gateway.clock(),
        may_change=Role.ADMIN in visit.roles,
        may_cover=found["invited_until"] is None and bool(visit.roles & {Role.ADMIN, Role.FINANCE}),
    )


LIMIT_FIGURES = ("cap_millionths", "cover_millionths", "used_millionths", "room_millionths")


def limits_of(visit: Visit, issuer_msp: str) -> list[dict[str, Any]]:
    """What an issuer grants each acceptor, how much of it is in use and how much is left, in millionths."""
    return [with_use(one) for one in visit.ask_all("listLimits", issuer_msp=issuer_msp)]


def limit_between(visit: Visit, issuer_msp: str, acceptor_msp: str) -> dict[str, Any] | None:
    """The same for one acceptor; None where nothing was granted."""
    found = visit.maybe("getLimit", issuer_msp=issuer_msp, acceptor_msp=acceptor_msp)
    return None if found is None else with_use(found)


def with_use(limit: dict[str, Any]) -> dict[str, Any]:
    """A limit with what is in use of it."""
    return {**limit, "used_millionths": limit["owed_millionths"] + limit["reserved_millionths"]}


@section.page(
    "/operator/windows",
    name="operator-windows",
    title=mark("Settlement windows"),
    label=mark("Windows"),
    roles=READERS,
    icon="window",
)
def windows(visit: Visit) -> flask.typing.ResponseReturnValue:
    """The open window, and those before it, newest first; cut and closed from here."""
    current = visit.ask("getCurrentWindow")
    newest = int(current["window_id"]) - 1
    last = min(whole_number(visit.query.get("last")) or newest, newest)
    first = max(1, last - WINDOWS_PER_PAGE + 1)
    # Of the ledger itself, for whoever has just cut or closed one: its numbers have no gaps.
    found = visit.ask("listWindows", after=f"{first - 1:08d}", rows=WINDOWS_PER_PAGE)["rows"] if last else []
    return visit.render(
        "operator/windows.html",
        current=current,
        rows=[row["document"] for row in reversed(found) if int(row["key"]) <= last],
        older=first - 1,
        newer=min(last + WINDOWS_PER_PAGE, newest) if last < newest else 0,
        statuses=WINDOW_STATUSES,
        minor=minor_unit(visit),
        may_change=bool(visit.roles & {Role.ADMIN, Role.FINANCE}),
    )


@section.page("/operator/windows/<window_id>", name="operator-window", title=mark("Settlement window"), roles=READERS)
def window(visit: Visit) -> flask.typing.ResponseReturnValue:
    """One window: who accepted its statement, which payments are due and made; and what makes the figure of a pair."""
    window_id = numbered(visit.path["window_id"])
    found = visit.ask("getWindow", window_id=window_id)
    return visit.render(
        "operator/window.html",
        window=found,
        statements=visit.ask("listWindowStatements", window_id=window_id)["items"],
        pair=pair_of(visit, found),
        statuses=WINDOW_STATUSES,
        payment_statuses=PAYMENT_STATUSES,
        statement_statuses=STATEMENT_STATUSES,
        minor=minor_unit(visit),
    )


def pair_of(visit: Visit, window: dict[str, Any]) -> dict[str, Any] | None:
    """The pair that the query names, with its figures (None before the window is closed), a page of its entries, and the
    digits that both need; None where it names none."""
    issuer, acceptor = visit.query.get("issuer"), visit.query.get("acceptor")
    if issuer not in visit.merchants or acceptor not in visit.merchants:
        return None
    entries = visit.ask(
        "listWindowEntries",
        window_id=window["window_id"],
        issuer_msp=issuer,
        acceptor_msp=acceptor,
        limit=ENTRIES_PER_PAGE,
        cursor=visit.query.get("cursor"),
    )
    known = visit.ask(
        "listWindowMatrix", window_id=window["window_id"], issuer_msp=issuer, acceptor_msp=acceptor, limit=1
    )["items"]
    amounts = [value for one in known for name, value in one.items() if name.endswith("_millionths")]
    amounts += [one["value_millionths"] for one in entries["items"]]
    return {
        "issuer_msp": issuer,
        "acceptor_msp": acceptor,
        "figures": known[0] if known else None,
        "entries": entries["items"],
        "following": entries["next"],
        "digits": visit.speech.digits_for(amounts),
    }


def numbered(text: str) -> int:
    """The number in an address. Raises GatewayError OBJECT_UNKNOWN for what is none."""
    found = whole_number(text)
    if found is None:
        raise GatewayError("OBJECT_UNKNOWN", "nothing has this number")
    return found


def whole_number(text: str | None) -> int | None:
    """What somebody wrote, where it is a whole number; full-width digits too."""
    text = normalize("NFKC", text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX else None


def window_asked(visit: Visit, current: int) -> int:
    """The window that the query names, the open one where it names none that there is."""
    wanted = whole_number(visit.query.get("window"))
    return wanted if wanted is not None and 1 <= wanted <= current else current


def minor_unit(visit: Visit) -> int:
    """Millionths of the currency's smallest coin."""
    return int((visit.consortium or {}).get("currency", {}).get("minor_unit_millionths", 1))


@section.page(
    "/operator/matrix",
    name="operator-matrix",
    title=mark("Who owes whom"),
    label=mark("Who owes whom"),
    roles=READERS,
    icon="scales",
)
def matrix(visit: Visit) -> flask.typing.ResponseReturnValue:
    """What each issuer came to owe each acceptor in a window, as a heat map."""
    current = int(visit.ask("getCurrentWindow")["window_id"])
    chosen = window_asked(visit, current)
    positions = visit.ask("listWindowPositions", window_id=chosen)["items"]
    if not positions and chosen == current > 1 and "window" not in visit.query:
        chosen = current - 1  # the newest in which anything is owed says more than an empty one
        positions = visit.ask("listWindowPositions", window_id=chosen)["items"]
    owed = {(one["issuer_msp"], one["acceptor_msp"]): one["value_millionths"] for one in positions}
    names = sorted({msp_id for pair in owed for msp_id in pair} | joined(visit.merchants.values()))
    top = max([*owed.values(), 1])
    return visit.render(
        "operator/matrix.html",
        owed=owed,
        heat={pair: heat(value, top) for pair, value in owed.items()},
        names=names,
        owes={name: sum(owed.get((name, other), 0) for other in names) for name in names},
        gets={name: sum(owed.get((other, name), 0) for other in names) for name in names},
        digits=visit.speech.digits_for(owed.values()),
        chosen=chosen,
        current=current,
    )


def joined(merchants: Iterable[dict[str, Any]]) -> set[str]:
    """The MSP ids of those that joined, whatever became of them."""
    return {one["msp_id"] for one in merchants if one["invited_until"] is None}


def heat(value: int, top: int) -> int:
    """How deep a colour a value has among values up to `top`: 0 for nothing, else 1 to HEAT_STEPS."""
    return 0 if value <= 0 else -(-value * HEAT_STEPS // top)
