"""How templates are read, and what all of them know: filters, languages and the words of operations, statuses and
roles."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import jinja2

from gateway.pages.frame.devices import device_name
from gateway.pages.frame.language import LANGUAGES, TAGS, grouped, plain_points, short
from gateway.pages.frame.page_view import THEMES
from gateway.pages.frame.pictures import column_chart, line_chart, qr_picture
from gateway.pages.words.audit import ACTION_NAMES
from gateway.pages.words.choices import (
    CATEGORIES,
    DISPUTE_REASONS,
    DISPUTE_VOTES,
    EARN_ROUNDINGS,
    FREEZING_REASONS,
    PAYMENT_REJECTIONS,
    PROPOSAL_KINDS,
    SIGN_IN_METHODS,
    VALIDITIES,
)
from gateway.pages.words.operations import HISTORY_NAMES, OPERATION_NAMES
from gateway.pages.words.roles import ROLES, SCOPES
from gateway.pages.words.statuses import STATUSES

FILTERS: Mapping[str, Callable[..., Any]] = {
    "device_name": device_name,
    "grouped": grouped,
    "short": short,
    "plain_points": plain_points,
    "qr": qr_picture,
    "line_chart": line_chart,
    "column_chart": column_chart,
}
WORDS: Mapping[str, Any] = {
    "actions": ACTION_NAMES,
    "categories": CATEGORIES,
    "earn_roundings": EARN_ROUNDINGS,
    "freezing_reasons": FREEZING_REASONS,
    "dispute_reasons": DISPUTE_REASONS,
    "dispute_votes": DISPUTE_VOTES,
    "payment_rejections": PAYMENT_REJECTIONS,
    "proposal_kinds": PROPOSAL_KINDS,
    "movements": HISTORY_NAMES,
    "operations": OPERATION_NAMES,
    "roles": ROLES,
    "scopes": SCOPES,
    "sign_in_methods": SIGN_IN_METHODS,
    "statuses": STATUSES,
    "validities": VALIDITIES,
}
"""The tables of words as templates name them: `words.roles`."""
GLOBALS: Mapping[str, Any] = {"languages": LANGUAGES, "tags": TAGS, "themes": THEMES, "words": WORDS}
_TURNING = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def page_templates() -> jinja2.Environment:
    """Reads the templates, named by their place under `gateway/pages`: `member/wallet.html`."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("gateway.pages", ""),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=readable,
        extensions=["jinja2.ext.do"],
    )
    made.filters.update(FILTERS)
    made.globals.update(GLOBALS)
    return made


def readable(value: Any) -> Any:
    """Returns what a template shows. Marks that turn the direction of writing around, which a name could bring along to
    change how the numbers beside it read, are shown as characters that there are not (Unicode UAX #9)."""
    if not isinstance(value, str) or not _TURNING.search(value):
        return value
    return type(value)(_TURNING.sub("\ufffd", value))
