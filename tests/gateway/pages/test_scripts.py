"""Which script uses which stands in `frame/scripts.py`, and nowhere does a script use another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway import pages
from gateway.pages.frame.scripts import EVERY_PAGE, FLOORS, SCRIPTS, load_order

FOLDER = Path(pages.__path__[0])
COMMENTS = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
SOURCES = {file.name: COMMENTS.sub("", file.read_text("utf-8")) for file in (FOLDER / "static/scripts").glob("*.js")}
"""Each script without its comments."""
MADE = re.compile(r"\bjifen\.(\w+) \??\??= ")
ADDED = re.compile(r"Object\.assign\(jifen\.(\w+), \{([^}]*)\}")
USED = re.compile(r"""(?<!["'`])\bjifen\.(\w+(?:\.\w+)?)""")
TAKEN_APART = re.compile(r"const \{([^{}]*)\} = jifen;")
NAMED = re.compile(r"scripts\.append\('([^']+)'\)")


def makers() -> dict[str, str]:
    """Where each name of `jifen` is made; what a script adds to another's subject is there as `subject.name`."""
    found = {name: script for script in SOURCES for name in MADE.findall(SOURCES[script])}
    for script in SOURCES:
        for subject, names in ADDED.findall(SOURCES[script]):
            found |= {f"{subject}.{name.strip()}": script for name in names.split(",")}
    return found


MAKERS = makers()


def used(script: str) -> set[str]:
    """The other scripts whose names a script uses."""
    names = set(USED.findall(SOURCES[script]))
    names |= {
        part.partition(":")[0].strip() for found in TAKEN_APART.findall(SOURCES[script]) for part in found.split(",")
    }
    return {MAKERS.get(name) or MAKERS[name.partition(".")[0]] for name in names} - {script}


def test_every_script_is_declared() -> None:
    assert set(SCRIPTS) == set(SOURCES)
    assert sum(len(floor) for floor in FLOORS.values()) == len(SCRIPTS)


@pytest.mark.parametrize("script", sorted(SOURCES))
def test_a_script_uses_what_it_declares(script: str) -> None:
    declared = {*SCRIPTS[script].uses, *SCRIPTS[script].late}
    assert declared <= used(script), "declared, and not used"
    assert used(script) <= declared | set(EVERY_PAGE), "used, and not declared"


@pytest.mark.parametrize("script", sorted(SOURCES))
def test_no_arrow_runs_back_up(script: str) -> None:
    """So there are no circles either."""
    order = list(SCRIPTS)
    assert all(order.index(one) < order.index(script) for one in used(script))
    assert not used(script) & set(FLOORS["pages"]), "a page's script is nobody else's"


@pytest.mark.parametrize("script", sorted(FLOORS["pages"]))
def test_what_a_page_loads_comes_after_what_it_uses(script: str) -> None:
    loaded = load_order([script])
    for place, one in enumerate(loaded):
        assert set(SCRIPTS[one].uses) <= set(loaded[:place]), one


def test_pages_name_scripts_of_pages() -> None:
    named = [name for file in FOLDER.rglob("*.html") for name in NAMED.findall(file.read_text("utf-8"))]
    assert set(named) == set(FLOORS["pages"]) | {"contacts.js"}
