"""Each template has a declared context beside its page; it uses nothing that this does not declare, and all that it
does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from unittest.mock import Mock

import pytest
from jinja2 import meta, nodes

from gateway import pages
from gateway.pages.declared import SECTIONS
from gateway.pages.frame.context import CONTEXTS
from gateway.pages.frame.environment import GLOBALS, page_templates
from gateway.pages.frame.page_view import PageView

FOLDER = Path(pages.__path__[0])
TEMPLATES = page_templates()
COMMON = {*GLOBALS, *PageView.common(Mock()), "scripts"}
"""What every template knows; `scripts` is the list that `frame/base.html` makes."""


@cache
def parsed(template: str) -> nodes.Template:
    """The template's tree."""
    return TEMPLATES.parse((FOLDER / template).read_text("utf-8"))


def parts(template: str) -> Iterator[str]:
    """The template, and all others that it extends, includes or imports."""
    yield template
    for other in meta.find_referenced_templates(parsed(template)):
        assert other is not None, f"{template} names another by an expression"
        yield from parts(other)


def made(tree: nodes.Template) -> set[str]:
    """The names that a template gives itself, those of loops and arguments too: an included one sees them."""
    names = {one.name for one in tree.find_all(nodes.Name) if one.ctx in ("store", "param")}
    return (
        names | {one.target for one in tree.find_all(nodes.Import)} | {one.name for one in tree.find_all(nodes.Macro)}
    )


@cache
def looked_up(template: str) -> set[str]:
    """The names that a template and its parts look up in what they are given."""
    return set().union(*(meta.find_undeclared_variables(parsed(one)) for one in parts(template)))


@cache
def wanted(template: str) -> set[str]:
    """Those of them that neither the template nor what includes it gives."""
    tree = parsed(template)
    others = set().union(*(wanted(str(other)) for other in meta.find_referenced_templates(tree)))
    return (meta.find_undeclared_variables(tree) | others) - made(tree) - COMMON


@pytest.mark.parametrize("template", sorted(CONTEXTS))
def test_a_template_uses_what_its_context_declares(template: str) -> None:
    declared = set(CONTEXTS[template].__annotations__)
    assert wanted(template) - declared == set(), "used, and not declared"
    assert declared - looked_up(template) == set(), "declared, and not used"


@pytest.mark.parametrize("template", sorted(CONTEXTS))
def test_a_template_stands_beside_its_page(template: str) -> None:
    assert (FOLDER / template).is_file()
    assert CONTEXTS[template].__module__.split(".")[2] == template.partition("/")[0]


def test_every_template_is_a_page_or_part_of_one() -> None:
    files = {str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*.html")}
    assert files == {part for template in CONTEXTS for part in parts(template)}


def test_every_module_of_an_audience_that_has_a_context_declares_a_page() -> None:
    showing = {page.answer.__module__ for section in SECTIONS for page in section.pages}
    frame = {"gateway.pages.frame.site"}  # shows what went wrong, whatever the page
    assert {context.__module__ for context in CONTEXTS.values()} <= showing | frame
