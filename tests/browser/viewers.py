"""Contexts of whoever looks at pages: their cookie, language and theme, and what the API tells them."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserContext


def asking(context: BrowserContext, address: str) -> Any:
    """Asks the API as the context's somebody."""

    def ask(path: str) -> Any:
        answer = context.request.get(f"{address}/api/v1{path}")
        return answer.json() if answer.ok else None

    return ask


def open_as(context: BrowserContext, place: tuple[str, dict[str, str] | None], language: str, theme: str) -> None:
    """Makes the context somebody's, with a language and a theme."""
    address, cookie = place
    context.clear_cookies()
    cookies: list[Any] = [
        {"name": "jifen_language", "value": language, "url": address},
        {"name": "jifen_theme", "value": theme, "url": address},
    ]
    context.add_cookies(cookies + ([cookie] if cookie else []))
