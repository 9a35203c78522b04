"""The pages' routes over one gateway."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import flask
import jinja2
from werkzeug.exceptions import NotFound

from gateway.core.errors import GatewayError
from gateway.pages.assets import KEPT, PREFIX, by_address
from gateway.pages.filters import FILTERS
from gateway.pages.language import LANGUAGES, TAGS, mark
from gateway.pages.sections import MEMBER, DeclaredPage, Section
from gateway.pages.visits import LANGUAGE_COOKIE, NOT_OPEN, THEME_COOKIE, THEMES, Site, Visit, own_path
from gateway.services.gateway import Gateway
from gateway.web.endpoints import Endpoint
from gateway.web.problems import problem_of, respond_with

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; media-src 'self' blob:; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Integrity-Policy": "blocked-destinations=(script)",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=()",
    "Vary": "Cookie, Accept-Language",
}
CHOICE_SECONDS = 365 * 86_400
_TURNING = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_MISREAD = re.compile(r"[\x00-\x20\x7f\\]")
"""What browsers leave out of an address, or take for a slash (WHATWG URL)."""
ERRORS = {
    404: mark("There is no such page"),
    403: mark("This is not for you"),
    409: mark("That does not go together"),
    429: mark("Too many requests"),
    503: mark("Unavailable at the moment"),
}
NOT_OPEN_TITLE = mark("The consortium is not open yet")


def pages_blueprint(gateway: Gateway, endpoints: Iterable[Endpoint], sections: tuple[Section, ...]) -> flask.Blueprint:
    """All pages, assets, and the choice of language and theme."""
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("gateway.pages", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=readable,
        extensions=["jinja2.ext.do"],
    )
    templates.filters.update(FILTERS)
    templates.globals.update(languages=LANGUAGES, tags=TAGS, themes=THEMES)
    site = Site(gateway, {one.name: one for one in endpoints}, sections, templates)
    made = flask.Blueprint("pages", __name__)
    made.add_url_rule(f"{PREFIX}/<path:name>", endpoint="asset", view_func=_asset)
    for section in sections:
        for page in section.pages:
            made.add_url_rule(
                page.path, endpoint=page.name, view_func=_route(site, page), methods=["GET"], strict_slashes=False
            )
    made.app_errorhandler(NotFound)(_nowhere(site))
    return made


def _route(site: Site, page: DeclaredPage) -> Callable[..., flask.Response]:
    def handle(**path: str) -> flask.Response:
        flask.g.endpoint = flask.request.environ["jifen.endpoint"] = f"page:{page.name}"
        return _guarded(_visited(site, page, path))

    handle.__name__ = page.name
    return handle


def _visited(site: Site, page: DeclaredPage, path: dict[str, str]) -> flask.Response:
    visit = None
    try:
        visit = Visit(site, page, path)
        site.gateway.guard.spend("page", visit.principal, visit.facts)
        chosen = _choice(visit)
        if chosen is not None:
            return chosen
        if not page.section.is_for(visit):
            return _elsewhere(visit, page)
        return flask.make_response(page.view(visit))
    except Exception as error:
        if visit is None:
            raise
        return _problem(visit, error)


def _nowhere(site: Site) -> Callable[[NotFound], flask.Response]:
    """An address that leads nowhere: a page for people, a problem document for programs."""

    def nowhere(error: NotFound) -> flask.Response:
        request = flask.request
        if request.method != "GET" or "text/html" not in request.headers.get("Accept", ""):
            return respond_with(error)
        try:
            visit = Visit(site, None, {})
            site.gateway.guard.spend("page", visit.principal, visit.facts)
        except GatewayError as refused:  # what an error's handler raises would count as a defect
            return respond_with(refused)
        code = "ROUTE_UNKNOWN"
        return _guarded(visit.render("error.html", 404, title=ERRORS[404], code=code, detail="", trace_id=""))

    return nowhere


def _elsewhere(visit: Visit, page: DeclaredPage) -> flask.Response:
    """Where somebody goes who is not of the page's audience: to sign in, or, signed in as somebody else, nowhere."""
    if visit.is_member or visit.is_staff:
        return visit.render("error.html", 403, title=ERRORS[403], code="FORBIDDEN", detail="", trace_id="")
    query = f"?{flask.request.query_string.decode('latin-1')}" if flask.request.query_string else ""
    door = "/sign-in" if page.section.audience == MEMBER else "/staff/sign-in"
    return _redirected(f"{door}?next={quote(flask.request.path + query, safe='/')}")


def _problem(visit: Visit, error: Exception) -> flask.Response:
    """What went wrong, as a page. A defect is logged as one by `problem_of`."""
    document, seconds = problem_of(error)
    flask.g.problem_code = document["code"]
    visit.failed = True
    for name in ("consortium", "merchants", "classes", "speech"):
        visit.__dict__.pop(name, None)
    title = (
        NOT_OPEN_TITLE if document["code"] == NOT_OPEN else ERRORS.get(document["status"], mark("Something went wrong"))
    )
    response = visit.render(
        "error.html",
        document["status"],
        title=title,
        code=document["code"],
        detail=document["detail"],
        trace_id=document["trace_id"],
    )
    if seconds is not None:
        response.headers["Retry-After"] = str(max(1, round(seconds)))
    return response


def _choice(visit: Visit) -> flask.Response | None:
    """The visitor chose a language or theme by a link: it is remembered, and the page shown under its own address."""
    choices = {
        LANGUAGE_COOKIE: ("language", visit.query.get("language"), LANGUAGES),
        THEME_COOKIE: ("theme", visit.query.get("theme"), THEMES),
    }
    wanted = {cookie: value for cookie, (_, value, known) in choices.items() if value in known}
    if not wanted:
        return None
    rest = {name: value for name, value in visit.query.items() if name not in ("language", "theme")}
    response = _redirected(own_path(flask.request.path) + (f"?{urlencode(rest)}" if rest else ""))
    for cookie, value in wanted.items():
        response.set_cookie(
            cookie,
            str(value),
            max_age=CHOICE_SECONDS,
            secure=visit.gateway.settings.secure,
            httponly=True,
            samesite="Lax",
        )
    return response


def _redirected(address: str) -> flask.Response:
    return flask.make_response(flask.redirect(address, 303))


def _guarded(response: flask.Response) -> flask.Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _asset(name: str) -> flask.Response:
    flask.g.endpoint = "page:asset"
    asset = by_address().get(f"{PREFIX}/{name}")
    if asset is None:
        raise GatewayError("ROUTE_UNKNOWN", "there is no such file, or it is of another version")
    response = flask.Response(asset.data, mimetype=asset.media_type)
    response.headers["Cache-Control"] = KEPT
    return response


def readable(value: Any) -> Any:
    """What a template shows. Marks that turn the direction of writing around, which a name could bring along to change how the numbers beside it read, are shown
    as characters that there are not (Unicode UAX #9)."""
    if not isinstance(value, str) or not _TURNING.search(value):
        return value
    return type(value)(_TURNING.sub("\ufffd", value))


def local_address(text: str | None, otherwise: str) -> str:
    """An address of this site's own that a link named, such as where to go after signing in; anything else is not followed."""
    parts = urlsplit(text or "")
    if (
        not text
        or parts.scheme
        or parts.netloc
        or not text.startswith("/")
        or text.startswith("//")
        or _MISREAD.search(text)
    ):
        return otherwise
    return text
