"""One request for a page: who looks, in which language, and what the page may ask of the API for them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import flask
import jinja2

from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.fields import CLASS_ID
from gateway.pages.frame.assets import Asset, assets
from gateway.pages.frame.context import Context
from gateway.pages.frame.language import LANGUAGES, UTC_OFFSETS, Speech, preferred
from gateway.pages.frame.scripts import load_order
from gateway.pages.frame.sections import PUBLIC
from gateway.pages.words.marking import mark_in
from gateway.pages.words.refusals import MEANINGS
from gateway.security.principals import Member, Role, Staff
from gateway.web.endpoints import Call, Endpoint, encode, facts_of, perform
from gateway.web.problems import problem_of

if TYPE_CHECKING:
    from gateway.pages.frame.sections import DeclaredPage, Section
    from gateway.services.gateway import Gateway

LANGUAGE_COOKIE, THEME_COOKIE = "jifen_language", "jifen_theme"
THEMES = ("auto", "light", "dark")
CACHE_SECONDS = 3.0
OPERATOR = mark_in("organisation", "Operator")
NOT_OPEN = "CONSORTIUM_NOT_OPEN"
"""The ledger's code for whatever is asked before the consortium is open."""


class Site:
    """What all page views share: the gateway, its endpoints by name, the sections, the templates."""

    def __init__(
        self,
        gateway: Gateway,
        endpoints: dict[str, Endpoint],
        sections: tuple[Section, ...],
        templates: jinja2.Environment,
    ) -> None:
        self.gateway = gateway
        self.endpoints = endpoints
        self.sections = sections
        self.templates = templates
        self._cached: dict[str, tuple[float, Any]] = {}

    def cached(self, name: str, ask: Callable[[], Any]) -> Any:
        """Returns what is the same for everybody and seldom changes, asked once in CACHE_SECONDS."""
        known = self._cached.get(name)
        if known is None or time.monotonic() - known[0] > CACHE_SECONDS:
            known = self._cached[name] = (time.monotonic(), ask())
        return known[1]

    def last_cached(self, name: str) -> Any:
        """Returns the same as it was known last, None when it never was; nothing is asked."""
        known = self._cached.get(name)
        return None if known is None else known[1]


class ById(dict[str, dict[str, Any]]):
    """Documents of the ledger by id. One that is younger than what is kept, or beyond its bound, is asked for by
    itself: what was made a moment ago is there on the next page."""

    def __init__(self, documents: dict[str, dict[str, Any]], ask: Callable[[str], dict[str, Any] | None]) -> None:
        super().__init__(documents)
        self._ask = ask

    def __missing__(self, name: str) -> dict[str, Any]:
        found = self._ask(name)
        if found is None:
            raise KeyError(name)
        self[name] = found
        return found

    def __contains__(self, name: object) -> bool:
        return self.get(name) is not None

    def get(self, name: Any, default: Any = None) -> Any:
        """Returns the document; `default` when there is none of this id."""
        try:
            return self[name]
        except KeyError:
            return default


class PageView:
    """One request for a page. `path` holds the address's parts, `query` what stands behind the `?` (the first value of
    each name)."""

    def __init__(self, site: Site, page: DeclaredPage | None, path: dict[str, str]) -> None:
        self.site = site
        self.gateway = site.gateway
        self.page = page
        self.path = path
        self.request: flask.Request = flask.request._get_current_object()  # type: ignore[attr-defined]
        """The request itself: a file is still being made when its context is over."""
        self.query = flask.request.args.to_dict()
        self.facts = facts_of(flask.request)
        self.principal = self.gateway.guard.identify(self.facts)
        flask.g.principal = self.principal
        self.failed = False
        """Whether the page could not be made: what is shown instead asks the ledger nothing more."""

    def ask(self, endpoint: str, /, **arguments: Any) -> Any:
        """Returns the answer of the API's GET endpoint of that name (`getAccount`), as plain JSON. Arguments are the
        parts of its address and its parameters, by name; None is left out. Raises GatewayError and LedgerError, as the
        endpoint does."""
        declared = self.site.endpoints[endpoint]
        assert declared.method == "GET", "pages change nothing"
        given = {name: value for name, value in arguments.items() if value is not None}
        path = {name: str(given.pop(name)) for name in list(given) if f"{{{name}}}" in declared.path}
        call = Call[Any](self.gateway, self.principal, self.facts, path, None, None, self.request)
        answer = perform(declared, call, lambda: given, lambda: None)
        return json.loads(encode(answer.document))

    def each(self, endpoint: str, /, **arguments: Any) -> Iterator[Any]:
        """Returns the items of a list that comes in pages, one page in memory: the gateway's `items`, or the documents
        of the ledger's `rows`."""
        while True:
            page = self.ask(endpoint, **arguments)
            ledgers = "rows" in page
            yield from (row["document"] for row in page["rows"]) if ledgers else page["items"]
            if not page["next"]:
                return
            arguments["after" if ledgers else "cursor"] = page["next"]

    def ask_all(self, endpoint: str, /, **arguments: Any) -> list[Any]:
        """Returns all of them, of lists that are short by nature."""
        return list(self.each(endpoint, **arguments))

    def maybe(self, endpoint: str, /, **arguments: Any) -> Any:
        """Returns the same as `ask`; None for what there is not (404)."""
        try:
            return self.ask(endpoint, **arguments)
        except Exception as error:
            if problem_of(error)[0]["status"] == 404:
                return None
            raise

    # Who looks

    @property
    def is_member(self) -> bool:
        """Whether a member is signed in."""
        return isinstance(self.principal, Member)

    @property
    def is_staff(self) -> bool:
        """Whether somebody of the merchant's staff is signed in."""
        return isinstance(self.principal, Staff)

    @property
    def roles(self) -> frozenset[Role]:
        """The staff's roles; none for others."""
        return self.principal.roles if isinstance(self.principal, Staff) else frozenset()

    @property
    def is_merchant(self) -> bool:
        """Whether this gateway's organisation is a merchant of the consortium."""
        return self.gateway.msp_id in self.merchants

    @property
    def home(self) -> str:
        """Where whoever is signed in begins."""
        if self.is_member:
            return "/wallet"
        if not self.is_staff:
            return "/"
        return "/merchant" if self.is_merchant else "/operator" if self.is_operator else "/merchant/approvals"

    @property
    def is_operator(self) -> bool:
        """Whether this gateway's organisation operates the consortium."""
        return self.gateway.msp_id in (self.consortium or {}).get("operators", [])

    @cached_property
    def session(self) -> dict[str, Any]:
        """Who the API takes the visitor for (`getSession`)."""
        found: dict[str, Any] = self.ask("getSession")
        return found

    @property
    def addresses(self) -> list[str]:
        """The member's addresses."""
        return list(self.session.get("addresses", []))

    # What everybody sees

    @cached_property
    def consortium(self) -> dict[str, Any] | None:
        """The consortium, None before it is open."""
        found: dict[str, Any] | None = self._cached("consortium", self._opened)
        return found

    def _opened(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.ask("getConsortium")
        except Exception as error:
            if problem_of(error)[0]["code"] != NOT_OPEN:
                raise
            return None
        return found

    @cached_property
    def merchants(self) -> dict[str, dict[str, Any]]:
        """All merchants, by MSP id."""
        rows = self._cached("merchants", lambda: self.ask_all("listMerchants")) if self.consortium else None
        return {one["msp_id"]: one for one in rows or ()}

    @cached_property
    def classes(self) -> ById:
        """All point classes, by id."""
        rows = self._cached("classes", lambda: self.ask_all("listClasses")) if self.consortium else None
        return ById({one["class_id"]: one for one in rows or ()}, self._class)

    def _class(self, class_id: object) -> dict[str, Any] | None:
        try:
            CLASS_ID.check(class_id, "class_id")
        except Refusal:
            return None
        found: dict[str, Any] | None = None
        if self.consortium and not self.failed:
            found = self.maybe("getClass", class_id=class_id)
        return found

    def _cached(self, name: str, ask: Callable[[], Any]) -> Any:
        return self.site.last_cached(name) if self.failed else self.site.cached(name, ask)

    @cached_property
    def organisations(self) -> dict[str, str]:
        """What people call each merchant, and whoever operates the consortium, by MSP id."""
        operators: list[str] = (self.consortium or {}).get("operators", [])
        called = self.say(OPERATOR)
        alone = len(operators) == 1
        return {
            **{one: called if alone else self.say("%(name)s (%(more)s)", name=called, more=one) for one in operators},
            **{msp_id: str(one["name"]) for msp_id, one in self.merchants.items()},
        }

    def merchant_name(self, msp_id: str) -> str:
        """Says what people call the organisation."""
        return self.organisations.get(msp_id, msp_id)

    def class_name(self, class_id: str) -> str:
        """Says what people call the points."""
        return str(self.classes.get(class_id, {}).get("name", class_id))

    @property
    def has_passkeys(self) -> bool:
        """Whether browsers make passkeys under the name at which this page was asked for; never for a number."""
        host, rp_id = urlsplit(self.request.host_url).hostname or "", self.gateway.settings.passkeys.rp_id
        return host == rp_id or host.endswith(f".{rp_id}")

    @property
    def shows_messages(self) -> bool:
        """Whether this is a demo, whose messages stand on the page `/post-box`."""
        return self.gateway.settings.people.sender.shown

    @property
    def is_endorsed(self) -> bool:
        """Whether peers endorse what is written to the ledger, so that proofs can show who did."""
        return bool(self.site.cached("ledger-kind", lambda: self.ask("getAuthorities")["kind"]) == "fabric")

    # How it is said

    @cached_property
    def language(self) -> str:
        """The chosen one, else the browser's."""
        chosen = self.request.cookies.get(LANGUAGE_COOKIE, "")
        return chosen if chosen in LANGUAGES else preferred(self.request.headers.get("Accept-Language", ""))

    @property
    def theme(self) -> str:
        """`auto`, `light` or `dark`."""
        chosen = self.request.cookies.get(THEME_COOKIE, "auto")
        return chosen if chosen in THEMES else "auto"

    @cached_property
    def speech(self) -> Speech:
        """Words and numbers in the visitor's language, the consortium's time zone and currency."""
        known = self.consortium or {}
        zone, currency = known.get("time_zone", {}), known.get("currency", {})
        offsets = tuple(tuple(row) for row in zone.get("offsets", UTC_OFFSETS))
        return Speech(self.language, zone.get("name", "UTC"), currency.get("code", "CNY"), offsets)

    def say(self, text: str, /, **values: object) -> str:
        """Says a text of the sources in the visitor's language."""
        return self.speech.gettext(text, **values)

    def explain(self, code: str) -> str:
        """Says what a code means, for people who are not programs."""
        return self.say(MEANINGS[code])

    # What is given

    @property
    def navigation(self) -> list[tuple[Section, list[DeclaredPage]]]:
        """The sections and pages of use to the visitor; none for who is not signed in."""
        if not (self.is_member or self.is_staff):
            return []
        found = []
        for section in self.site.sections:
            pages = [page for page in section.pages if page.label and page.is_for(self)]
            if pages and section.audience != PUBLIC:
                found.append((section, pages))
        return found

    def asset(self, name: str) -> Asset:
        """Returns a style, script or picture."""
        return assets()[name]

    def scripts(self, names: list[str]) -> list[str]:
        """Returns the scripts that a page with these of its own loads, the words of its language among them."""
        first, *others = load_order(names)
        return [first, f"words.{self.language}.js", *others]

    def render(self, context: Context, status: int = 200) -> flask.Response:
        """Returns the page that the context's template makes."""
        text = self.site.templates.get_template(context.template).render({**self.common(), **context.given()})
        return flask.Response(text, status, mimetype="text/html")

    def common(self) -> dict[str, Any]:
        """Returns what every template is given: the view, and how texts are said in its language."""
        speech = self.speech
        return {"view": self, "_": self.say, "pgettext": speech.pgettext, "ngettext": speech.ngettext}

    def with_query(self, **changes: str | None) -> str:
        """Returns this page's address with other parameters; None takes one away."""
        wanted = {**self.query, **changes}
        text = urlencode({name: value for name, value in wanted.items() if value is not None})
        return own_path(self.request.path) + (f"?{text}" if text else "")


def own_path(path: str) -> str:
    """Returns the path of an address, as a link that leads nowhere but to this site, whatever stands in it."""
    return "/" + quote(path.lstrip("/"), safe="/")
