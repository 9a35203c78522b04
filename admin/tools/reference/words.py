"""What the pages say, and whether it is said in every language: gettext's extraction over templates, scripts and
views."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from gateway.pages.words.marking import CONTEXT_END, mark_in
from gateway.pages.words.refusals import MEANINGS

PAGES = Path(__file__).resolve().parents[3] / "gateway" / "pages"
PYTHON = {"mark": None, "mark_in": ((1, "c"), 2), "say": None, "gettext": None, "ngettext": (1, 2)}
TEMPLATE = {"_": None, "pgettext": ((1, "c"), 2), "ngettext": (1, 2)}
SCRIPT = {"jifen.word": None, "jifen.words": (1, 2)}
Text = str | tuple[str, ...]


def used() -> dict[Text, list[str]]:
    """Each text, with the files that say it."""
    found: dict[Text, list[str]] = {}
    for path, method, keywords, options in _sources():
        with path.open("rb") as file:
            for _, message, _, context in extract(method, file, keywords=keywords, options=options):
                if message and message != ("",):
                    text = mark_in(context, str(message)) if context else message
                    found.setdefault(text, []).append(str(path.relative_to(PAGES)))
    for code, text in MEANINGS.items():
        found.setdefault(text, []).append(code)
    return found


def _sources() -> Iterator[tuple[Path, str, dict[str, tuple[int | tuple[int, str], ...] | None], dict[str, str]]]:
    for path in sorted(PAGES.rglob("*.py")):
        yield path, "python", PYTHON, {}  # type: ignore[misc]
    for path in sorted(PAGES.rglob("*.html")):
        yield path, "jinja2.ext.babel_extract", TEMPLATE, {"extensions": "jinja2.ext.do", "silent": "false"}  # type: ignore[misc]
    for path in sorted((PAGES / "static" / "scripts").glob("*.js")):
        yield path, "javascript", SCRIPT, {}  # type: ignore[misc]


def known(language: str) -> dict[str, tuple[Text, str]]:
    """Each translated text by its (first) English form: its translation, and the file that has it."""
    found: dict[str, tuple[Text, str]] = {}
    for path in sorted((PAGES / "translations" / language).glob("*.po")):
        for message in read_po(io.BytesIO(path.read_bytes()), locale=language):
            if message.id and not message.fuzzy:
                name = _name(message)
                string = message.string if isinstance(message.string, str) else tuple(message.string or ())
                found[name] = (string, path.name)
    return found


def twice(language: str) -> list[str]:
    """Texts that two files translate."""
    seen: dict[str, str] = {}
    found = []
    for path in sorted((PAGES / "translations" / language).glob("*.po")):
        for message in read_po(io.BytesIO(path.read_bytes()), locale=language):
            if message.id:
                name = _name(message)
                if name in seen:
                    found.append(f"{name!r}: {seen[name]} and {path.name}")
                seen[name] = path.name
    return found


def _name(message: Message) -> str:
    """A text by its first English form, with its context."""
    text = message.id if isinstance(message.id, str) else message.id[0]
    return mark_in(message.context, text) if message.context else text


def missing(language: str) -> dict[Text, list[str]]:
    """What is said and not translated."""
    have = known(language)
    return {
        text: places
        for text, places in used().items()
        if not _whole(have.get(text if isinstance(text, str) else text[0], ("", ""))[0])
    }


def unused(language: str) -> list[str]:
    """What is translated and never said."""
    said = {text if isinstance(text, str) else text[0] for text in used()}
    return [f"{name!r} in {file}" for name, (_, file) in known(language).items() if name not in said]


def _whole(text: Text) -> bool:
    return bool(text) and (isinstance(text, str) or all(text))


def as_po(texts: Iterable[Text]) -> str:
    """The texts as entries to be filled in."""
    catalogue = Catalog()
    for text in texts:
        if isinstance(text, str):
            context, _, plain = text.rpartition(CONTEXT_END)
            catalogue.add(plain, context=context or None)
        else:
            catalogue.add(text)
    out = io.BytesIO()
    write_po(out, catalogue, omit_header=True, no_location=True)
    return out.getvalue().decode()
