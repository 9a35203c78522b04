"""Pages as those see them who sign in: gateways of the three merchants' consortium without a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from html.parser import HTMLParser
from pathlib import Path

import flask.testing

from gateway.application import create_app
from gateway.security.principals import Role
from gateway.services.gateway import Gateway
from gateway.settings import settings_from
from gateway.store.engine import Store
from gateway.store.migrating import migrate
from tests.scenes.consortium import place
from tests.scenes.sites import QUICK_PASSWORDS, Served

ADDRESS = "http://localhost"


@contextmanager
def places(folder: Path, ledger: Path, *orgs: str) -> Iterator[dict[str, Served]]:
    """A gateway of each organisation on a copy of a ledger."""
    file = folder / "ledger" / "ledger.sqlite"
    file.parent.mkdir()
    shutil.copy(ledger, file)
    with ExitStack() as stack:
        yield {org: stack.enter_context(_running(folder / org, file, org)) for org in orgs}


@contextmanager
def _running(folder: Path, ledger: Path, org: str) -> Iterator[Served]:
    folder.mkdir()
    settings = settings_from(
        {
            "folder": folder,
            "org": org,
            "ledger": {"folder": str(ledger.parent)},
            "store": {"url": f"sqlite:///{folder}/gateway.db"},
            "secrets": {"key": "ab" * 32},
            "people": {"passwords": QUICK_PASSWORDS, "sender": {"file": str(folder / "letters.txt")}},
            "rates": {"session_per_minute": 100_000, "anonymous_per_minute": 100_000},
        }
    )
    store = Store(settings.store_url)
    migrate(store)
    store.close()
    gateway = Gateway(settings, place(ledger, org))
    gateway.start()
    try:
        yield Served(org, ADDRESS, gateway)
    finally:
        gateway.stop()


def visitor(site: Served, email: str, language: str = "en") -> flask.testing.FlaskClient:
    """A client with the session of whoever has that e-mail address."""
    client = create_app(site.gateway.settings, site.gateway.place, gateway=site.gateway).test_client()
    client.set_cookie("jifen_session", site.cookie(email)["value"])
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    return client


def desk(site: Served, *roles: Role, language: str = "en") -> flask.testing.FlaskClient:
    """A client of somebody new of the site's staff."""
    return visitor(site, site.staff(*roles), language)


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[list[list[str]]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "table":
            self.found.append([])
        elif tag == "tr":
            self.found[-1].append([])
        elif tag in ("td", "th"):
            self.found[-1][-1].append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1][-1][-1] += data


def tables(html: str) -> list[list[list[str]]]:
    """The tables of a page: rows of cells, as their texts."""
    parser = _Tables()
    parser.feed(html)
    return [[[" ".join(cell.split()) for cell in row] for row in table] for table in parser.found]
