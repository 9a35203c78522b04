"""Browsers by the names that people know them by."""

from __future__ import annotations

BROWSERS = (
    ("MicroMessenger/", "WeChat"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""What a browser's own description holds, and its name: the first that is found, since most say that they are others,
too."""
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def device_name(described: str) -> str:
    """Names the browser and system of a User-Agent, `Chrome · Windows`; what names neither stays as it is."""
    found = [next((name for mark, name in marks if mark in described), None) for marks in (BROWSERS, SYSTEMS)]
    return " · ".join(name for name in found if name) or described
