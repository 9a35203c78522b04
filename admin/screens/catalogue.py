"""Every declared page with an address that shows something: what stands in `<…>` is asked of the running gateway's API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.pages.areas import SECTIONS
from gateway.pages.sections import MEMBER, OPERATOR, PUBLIC, STAFF, DeclaredPage

Ask = Callable[[str], Any]
"""Asks the API, as whoever looks at the page: `/queries/list-classes` gives the JSON document; None for what is refused or not there."""

VIEWERS = {PUBLIC: "anybody", MEMBER: "member", STAFF: "admin", OPERATOR: "operator"}
FILES = frozenset({"history-file"})
"""Pages that are no pages but files to save."""


@dataclass(frozen=True)
class Shown:
    """A page to look at: its name, its address, and who looks: anybody, member, admin (of the merchant), operator."""

    name: str
    path: str
    viewer: str


def declared() -> list[DeclaredPage]:
    """All pages."""
    return [page for section in SECTIONS for page in section.pages if page.name not in FILES]


def shown(asks: Mapping[str, Ask]) -> list[Shown]:
    """All pages with their addresses; `asks` is one for each viewer. Raises LookupError for a page whose address nobody knows how to fill in."""
    return [
        Shown(page.name, filled(page, asks[VIEWERS[page.section.audience]]), VIEWERS[page.section.audience])
        for page in declared()
    ]


def filled(page: DeclaredPage, ask: Ask) -> str:
    """The page's address, with its parts."""
    if "<" not in page.path:
        return page.path
    if page.name not in PARTS:
        raise LookupError(f"{page.path}: say in admin/screens/catalogue.py what stands in its parts")
    path = page.path
    for name, value in PARTS[page.name](ask).items():
        path = path.replace(f"<path:{name}>", str(value)).replace(f"<int:{name}>", str(value))
        path = path.replace(f"<{name}>", str(value))
    assert "<" not in path, path
    return path


def _class(ask: Ask) -> dict[str, Any]:
    return {"class_id": ask("/queries/list-classes")["rows"][0]["document"]["class_id"]}


def _lot(ask: Ask) -> dict[str, Any]:
    for address in ask("/session")["addresses"]:
        for balance in ask(f"/accounts/{address}")["balances"]:
            for lot in balance["lots"]:
                return {"class_id": balance["class_id"], "lot_id": lot["lot_id"]}
    raise LookupError("the member has no points")


def _webhook(ask: Ask) -> dict[str, Any]:
    for one in ask("/webhooks")["items"]:
        return {"endpoint_id": one["id"]}
    raise LookupError("there is no webhook")


def _message(ask: Ask) -> dict[str, Any]:
    found = _webhook(ask)
    for one in ask(f"/webhooks/{found['endpoint_id']}/messages")["items"]:
        return {**found, "message_id": one["id"]}
    raise LookupError("there is no message")


PARTS: Mapping[str, Callable[[Ask], dict[str, Any]]] = {"public-class": _class, "trace-lot": _lot, "webhook": _webhook, "webhook-message": _message}
