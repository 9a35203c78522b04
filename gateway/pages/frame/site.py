"""The pages' routes over one gateway."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import quote, urlencode, urlsplit

import flask
from werkzeug.exceptions import NotFound

from gateway.core.errors import GatewayError
from gateway.pages.frame.assets import KEPT, PREFIX, by_address
from gateway.pages.frame.context import Context
from gateway.pages.frame.environment import page_templates
from gateway.pages.frame.language import LANGUAGES
from gateway.pages.frame.page_view import LANGUAGE_COOKIE, NOT_OPEN, THEME_COOKIE, THEMES, PageView, Site, own_path
from gateway.pages.frame.sections import MEMBER, DeclaredPage, Section
from gateway.pages.words.marking import mark
from gateway.services.gateway import Gateway
from gateway.web.endpoints import Endpoint
from gateway.web.problems import problem_of, respond_with

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Integrity-Policy": "blocked-destinations=(script)",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=()",
    "Vary": "Cookie, Accept-Language",
}
CHOICE_SECONDS = 365 * 86_400
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


class ErrorContext(Context, template="frame/error.html"):
    """Tells what went wrong: a code, and the number by which the log has it (empty: none)."""

    title: str
    code: str
    trace_id: str


def pages_blueprint(gateway: Gateway, endpoints: Iterable[Endpoint], sections: tuple[Section, ...]) -> flask.Blueprint:
    """Makes the routes: all pages, assets, and the choice of language and theme."""
    site = Site(gateway, {one.name: one for one in endpoints}, sections, page_templates())
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
    view = None
    try:
        view = PageView(site, page, path)
        site.gateway.guard.spend("page", view.principal, view.facts)
        chosen = _choice(view)
        if chosen is not None:
            return chosen
        if not page.section.is_for(view):
            return _elsewhere(view, page)
        return flask.make_response(page.answer(view))
    except Exception as error:
        if view is None:
            raise
        return _problem(view, error)


def _nowhere(site: Site) -> Callable[[NotFound], flask.Response]:
    """Answers for an address that leads nowhere: a page for people, a problem document for programs."""

    def nowhere(error: NotFound) -> flask.Response:
        request = flask.request
        if request.method != "GET" or "text/html" not in request.headers.get("Accept", ""):
            return respond_with(error)
        try:
            view = PageView(site, None, {})
            site.gateway.guard.spend("page", view.principal, view.facts)
        except GatewayError as refused:  # what an error's handler raises would count as a defect
            return respond_with(refused)
        return _guarded(view.render(ErrorContext(title=ERRORS[404], code="ROUTE_UNKNOWN", trace_id=""), 404))

    return nowhere


def _elsewhere(view: PageView, page: DeclaredPage) -> flask.Response:
    """Sends somebody who is not of the page's audience to sign in, or, signed in as somebody else, nowhere."""
    if view.is_member or view.is_staff:
        return view.render(ErrorContext(title=ERRORS[403], code="FORBIDDEN", trace_id=""), 403)
    query = f"?{flask.request.query_string.decode('latin-1')}" if flask.request.query_string else ""
    door = "/sign-in" if page.section.audience == MEMBER else "/staff/sign-in"
    return _redirected(f"{door}?next={quote(flask.request.path + query, safe='/')}")


def _problem(view: PageView, error: Exception) -> flask.Response:
    """Shows what went wrong, as a page. A defect is logged as one by `problem_of`."""
    document, seconds = problem_of(error)
    flask.g.problem_code = document["code"]
    view.failed = True
    for name in ("consortium", "merchants", "classes", "speech"):
        view.__dict__.pop(name, None)
    title = (
        NOT_OPEN_TITLE if document["code"] == NOT_OPEN else ERRORS.get(document["status"], mark("Something went wrong"))
    )
    error_page = ErrorContext(title=title, code=document["code"], trace_id=document["trace_id"])
    response = view.render(error_page, document["status"])
    if seconds is not None:
        response.headers["Retry-After"] = str(max(1, round(seconds)))
    return response


def _choice(view: PageView) -> flask.Response | None:
    """Remembers a language or theme that the visitor chose by a link, and shows the page under its own address."""
    choices = {
        LANGUAGE_COOKIE: ("language", view.query.get("language"), LANGUAGES),
        THEME_COOKIE: ("theme", view.query.get("theme"), THEMES),
    }
    wanted = {cookie: value for cookie, (_, value, known) in choices.items() if value in known}
    if not wanted:
        return None
    rest = {name: value for name, value in view.query.items() if name not in ("language", "theme")}
    response = _redirected(own_path(flask.request.path) + (f"?{urlencode(rest)}" if rest else ""))
    for cookie, value in wanted.items():
        response.set_cookie(
            cookie,
            str(value),
            max_age=CHOICE_SECONDS,
            secure=view.gateway.settings.secure,
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


def local_address(text: str | None, otherwise: str) -> str:
    """Returns an address of this site's own that a link named, such as where to go after signing in; anything else is
    not followed."""
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
