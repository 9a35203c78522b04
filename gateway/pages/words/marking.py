"""Marks texts of the sources for translation, which happens when they are shown."""

from __future__ import annotations

CONTEXT_END = "\4"
"""Between a context and its text, as catalogues of gettext have it."""


def mark(text: str) -> str:
    """Marks a text."""
    return text


def mark_in(context: str, text: str) -> str:
    """Marks a text that one language says otherwise in another context: a window is closed, and so is an account."""
    return f"{context}{CONTEXT_END}{text}"
