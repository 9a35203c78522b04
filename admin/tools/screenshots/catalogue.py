"""Every declared page with an address that shows something: what stands in `<…>` is asked of the running gateway's
API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from gateway.pages.declared import SECTIONS
from gateway.pages.frame.sections import DeclaredPage

Ask = Callable[[str], Any]
"""Asks the API, as whoever looks at the page: `/queries/list-classes` gives the JSON document; None for what is refused
or not there."""

FILES = frozenset(
    {
        "history-file",
        "import-template-csv",
        "import-template-xlsx",
        "reports-csv",
        "reports-xlsx",
        "statement-csv",
        "statement-xlsx",
    }
)
"""Pages that are no pages but files to save."""


def declared() -> list[DeclaredPage]:
    """All pages."""
    return [page for section in SECTIONS for page in section.pages if page.name not in FILES]


def filled(page: DeclaredPage, ask: Ask) -> str:
    """The page's address, with its parts."""
    if "<" not in page.path:
        return page.path
    if page.name not in PARTS:
        raise LookupError(f"{page.path}: say in admin/tools/screenshots/catalogue.py what stands in its parts")
    path = page.path
    parts = dict(PARTS[page.name](ask))
    query = {name: value for name, value in parts.pop("?", {}).items() if value is not None}
    for name, value in parts.items():
        path = path.replace(f"<path:{name}>", str(value)).replace(f"<int:{name}>", str(value))
        path = path.replace(f"<{name}>", str(value))
    assert "<" not in path, path
    return f"{path}?{urlencode(query)}" if query else path


def _class(ask: Ask) -> dict[str, Any]:
    return {"class_id": ask("/queries/list-classes")["rows"][0]["document"]["class_id"]}


def _own_class(ask: Ask) -> dict[str, Any]:
    for one in ask("/counter/totals")["accrued"]:
        return {"class_id": one["class_id"]}
    return _class(ask)


def _bucket(ask: Ask) -> dict[str, Any]:
    for address in ask("/session")["addresses"]:
        for balance in ask(f"/accounts/{address}")["balances"]:
            for bucket in balance["buckets"]:
                return {"class_id": balance["class_id"], "?": {"expires_on": bucket["expires_on"]}}
    raise LookupError("the member has no points")


def _payment(ask: Ask) -> dict[str, Any]:
    for address in ask("/session")["addresses"]:
        for one in ask(f"/accounts/{address}/redemptions?limit=1")["items"]:
            return {"redemption_id": one["redemption_id"]}
    raise LookupError("the member has not paid with points")


def _movement(ask: Ask) -> dict[str, Any]:
    for address in ask("/session")["addresses"]:
        for one in ask(f"/accounts/{address}/movements?limit=10")["items"]:
            if any(part["points"] for part in one["parts"]):
                return {"cursor": one["cursor"]}
    raise LookupError("nothing moved")


def _issuance(ask: Ask) -> dict[str, Any]:
    for member in ask("/people?limit=1")["items"]:
        home = ask(f"/queries/get-member?address={member['address']}")["home_msp"]
        for op in ("Accrue", "Issue"):
            for one in ask(f"/history?op={op}&submitter_msp={home}&limit=1")["items"]:
                return {"class_id": one["class_id"], "?": {"issuance_id": f"{one['request_id']}.0"}}
    raise LookupError("nobody was given anything")


def _member(ask: Ask) -> dict[str, Any]:
    for one in ask("/member-accounts?limit=1")["items"]:
        return {"address": one["address"]}
    raise LookupError("nobody is enrolled")


def _webhook(ask: Ask) -> dict[str, Any]:
    for one in ask("/webhooks")["items"]:
        return {"endpoint_id": one["id"]}
    raise LookupError("there is no webhook")


def _message(ask: Ask) -> dict[str, Any]:
    found = _webhook(ask)
    for one in ask(f"/webhooks/{found['endpoint_id']}/messages")["items"]:
        return {**found, "message_id": one["id"]}
    raise LookupError("there is no message")


def _merchant(ask: Ask) -> dict[str, Any]:
    return {"msp_id": ask("/queries/list-merchants")["rows"][0]["document"]["msp_id"]}


def _window(ask: Ask) -> dict[str, Any]:
    current = ask("/queries/get-current-window")["window_id"]
    return {"window_id": max(1, current - 1)}


def _receipt(ask: Ask) -> dict[str, Any]:
    for one in ask("/redemptions?limit=1")["items"]:
        return {"redemption_id": one["redemption_id"]}
    raise LookupError("nobody paid with points")


def _dispute(ask: Ask) -> dict[str, Any]:
    for one in ask("/queries/list-disputes")["rows"]:
        return {name: one["document"][name] for name in ("issuer_msp", "redemption_id")}
    for one in ask("/redemptions?limit=1")["items"]:
        return {"issuer_msp": one["acceptor_msp"], "redemption_id": one["redemption_id"]}
    raise LookupError("nobody paid with points")


def _block(ask: Ask) -> dict[str, Any]:
    return {"number": ask("/projection")["block_number"]}


PARTS: Mapping[str, Callable[[Ask], dict[str, Any]]] = {
    "class": _own_class,
    "dispute": _dispute,
    "issuance": _issuance,
    "member": _member,
    "operator-block": _block,
    "operator-merchant": _merchant,
    "operator-window": _window,
    "points-class": _class,
    "receipt": _receipt,
    "statement": _window,
    "trace-bucket": _bucket,
    "trace-movement": _movement,
    "trace-payment": _payment,
    "webhook": _webhook,
    "webhook-message": _message,
}
