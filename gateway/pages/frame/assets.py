"""Styles, scripts and pictures: served under a name with their hash, so that they may be kept for ever, and named in
pages with their integrity (W3C SRI)."""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

from gateway.pages.frame.language import LANGUAGES, script_words, translations
from gateway.pages.words.refusals import MEANINGS

PREFIX = "/static"
KEPT = "public, max-age=31536000, immutable"
_STATIC = resources.files("gateway.pages").joinpath("static")
_FOLDERS = ("scripts", "styles", "pictures")


@dataclass(frozen=True)
class Asset:
    """One file: its content, media type, address and integrity."""

    name: str
    data: bytes
    media_type: str

    @cached_property
    def digest(self) -> bytes:
        """SHA-384 of the content."""
        return hashlib.sha384(self.data).digest()

    @cached_property
    def integrity(self) -> str:
        """For the attribute of that name."""
        return "sha384-" + base64.b64encode(self.digest).decode()

    @cached_property
    def address(self) -> str:
        """Where it is served."""
        stem, _, ending = self.name.rpartition(".")
        return f"{PREFIX}/{stem}.{self.digest.hex()[:16]}.{ending}"


@cache
def assets() -> Mapping[str, Asset]:
    """Reads all of them, by name: `scripts/forms.js`."""
    found = {}
    for folder in _FOLDERS:
        for file in _STATIC.joinpath(folder).iterdir():
            name = f"{folder}/{file.name}"
            found[name] = Asset(name, file.read_bytes(), mimetypes.guess_type(name)[0] or "application/octet-stream")
    for language in LANGUAGES:
        name = f"scripts/words.{language}.js"
        say = translations(language).gettext
        refusals = {code: say(text) for code, text in MEANINGS.items()}
        words = (json.dumps(known, ensure_ascii=False, sort_keys=True) for known in (script_words(language), refusals))
        found[name] = Asset(name, f"jifen.learn({', '.join(words)});\n".encode(), "text/javascript")
    return found


@cache
def by_address() -> Mapping[str, Asset]:
    """Returns all of them, by address."""
    return {asset.address: asset for asset in assets().values()}
