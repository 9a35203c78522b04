"""What people write into a filter, as the ids that it names: what a list shows of a thing finds it, in any language;
and the numbers that they write."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any
from unicodedata import normalize

from gateway.core.errors import GatewayError
from gateway.pages.frame.language import LANGUAGES, translations
from gateway.pages.frame.page_view import PageView

ID = re.compile(r"[!-~]{1,160}\Z")
ENDS = re.compile(r"[!-~]{1,160}…[!-~]{0,160}\Z")
FOUND_MAX = 1000
NUMBER_DIGITS_MAX = 15


def words_of(names: Mapping[str, str]) -> dict[str, list[str]]:
    """Returns what each id is called, from its text in the sources: in every language."""
    return {one: [translations(language).gettext(text) for language in LANGUAGES] for one, text in names.items()}


def exact(written: str) -> str | None:
    """Returns an id as it is written; None for what is none."""
    return written if ID.match(written) else None


def by_its_ends(written: str) -> str | None:
    """Returns an id as lists show it, `b0a7fb24…c6cb8f`, or its beginning, as the API takes it; None for what is
    none's."""
    text = written.replace("...", "…")
    text = text if "…" in text else f"{text}…"
    return text if ENDS.match(text) else None


def found_ids(
    wanted: str | None,
    choices: Mapping[str, Iterable[str]] = MappingProxyType({}),
    otherwise: Callable[[str], str | None] = exact,
) -> list[str] | None:
    """Returns the ids whose names, or which themselves, are what somebody wrote, else those that have it in them, else
    what it is `otherwise`. [] for what can be nothing's name, None where nothing was written."""
    text, written = _plain(wanted or ""), (wanted or "").strip()
    if not text:
        return None
    names = {one: [_plain(name) for name in (one, *called)] for one, called in choices.items()}
    whole = [one for one, called in names.items() if text in called]
    found = whole or [one for one, called in names.items() if any(text in name for name in called)]
    return found[:FOUND_MAX] or [one for one in (otherwise(written),) if one is not None]


def found_page(view: PageView, endpoint: str, filters: Mapping[str, list[str] | None], **more: Any) -> dict[str, Any]:
    """Returns a page of a list under such filters: an empty one where one of them names nothing."""
    if any(ids == [] for ids in filters.values()):
        return {"items": [], "next": None}
    found: dict[str, Any] = view.ask(endpoint, cursor=view.query.get("cursor"), **filters, **more)
    return found


def numbered(text: str) -> int:
    """Returns the number in an address. Raises GatewayError OBJECT_UNKNOWN for what is none."""
    found = whole_number(text)
    if found is None:
        raise GatewayError("OBJECT_UNKNOWN", "nothing has this number")
    return found


def whole_number(text: str | None) -> int | None:
    """Returns what somebody wrote, where it is a whole number; full-width digits too."""
    text = normalize("NFKC", text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX else None


def _plain(text: str) -> str:
    """Leaves out what people do not see a difference in: case, width, blanks."""
    return " ".join(normalize("NFKC", text).casefold().split())
