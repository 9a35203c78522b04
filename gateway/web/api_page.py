"""Pages that the API itself has."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import Any

import jinja2

_FILES = resources.files("gateway.web").joinpath("templates")


def api_page(document: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    """The OpenAPI document as a page without scripts, and its headers: the one style sheet is allowed by its hash."""
    style = _FILES.joinpath("api.css").read_text("utf-8")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    template = environment.from_string(_FILES.joinpath("api.html.jinja").read_text("utf-8"))
    page = template.render(api=document, style=style, refs=_reference, subjects=_by_subject(document))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return page.encode(), {"Content-Security-Policy": policy}


def _by_subject(document: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], list[dict[str, Any]]]]:
    found: list[tuple[Mapping[str, Any], list[dict[str, Any]]]] = []
    for tag in document["tags"]:
        rows = [
            {"method": method.upper(), "path": path, **operation}
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if tag["name"] in operation["tags"]
        ]
        found.append((tag, rows))
    return found


def _reference(schema: Mapping[str, Any]) -> str:
    """The name of a schema that is given by reference, else its type."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    return str(schema.get("type", ""))
