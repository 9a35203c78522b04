"""What another site, or a planted cookie, can make a browser do: nothing."""

from __future__ import annotations

from pathlib import Path

import flask
import pytest

from gateway.application import SUBJECTS, create_app
from gateway.services.gateway import Gateway
from tests.gateway.security.conftest import PASSWORD, Browser, settings_of
from tests.scenes.consortium import place

LIN = "lin@example.org"


def code_of(response: object) -> str:
    """The problem's code."""
    document = getattr(response, "json", None)
    return str(document["code"]) if isinstance(document, dict) and "code" in document else ""


def test_a_change_needs_the_pages_token(browser: Browser, app: flask.Flask, tmp_path: Path) -> None:
    browser.register(LIN)
    other = Browser(app, tmp_path / "letters.txt")
    other.register("mei@example.org")
    mine, body = browser.csrf_token, {"name": "x", "locale": "zh"}
    for token in ("", "x", other.csrf_token, mine[:-1], mine.upper(), mine + "0"):
        assert code_of(browser.ask("PUT", "/me", body, X_CSRF_Token=token)) == "CSRF_REFUSED", token
    assert browser.ask("PUT", "/me", body).status_code == 200
    assert browser.ask("GET", "/me", X_CSRF_Token="").status_code == 200, "a question needs none"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "https://localhost"},
        {"Origin": "http://[broken"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_origin_changes_nothing_even_with_the_token(browser: Browser, headers: dict[str, str]) -> None:
    browser.register(LIN)
    assert code_of(browser.ask("PUT", "/me", {"name": "x", "locale": "zh"}, **headers)) == "CSRF_REFUSED"
    # Also without a session: nobody is logged in to an account that she does not know.
    stranger = Browser(browser.app, browser.letters)
    log_in = {"contact": LIN, "password": PASSWORD}
    assert code_of(stranger.ask("POST", "/sessions", log_in, **headers)) == "CSRF_REFUSED"
    assert not stranger.cookie


def test_the_own_origin_is_taken(browser: Browser) -> None:
    browser.register(LIN)
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert browser.ask("PUT", "/me", {"name": "x", "locale": "zh"}, **headers).status_code == 200


def test_a_form_of_another_site_cannot_send_json(browser: Browser) -> None:
    browser.register(LIN)
    client = browser.app.test_client(use_cookies=False)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        headers = {"Cookie": browser.cookie, "X-CSRF-Token": browser.csrf_token, "Content-Type": kind}
        response = client.put("/api/v1/me", data=b'{"name":"x","locale":"zh"}', headers=headers)
        assert response.status_code == 415


def test_a_program_with_a_key_needs_no_page(browser: Browser, gateway: Gateway) -> None:
    browser.join_staff(gateway)
    made = browser.ask("POST", "/api-keys", {"name": "till", "scopes": ["read", "webhooks"]})
    assert made.json is not None
    program = Browser(browser.app, browser.letters, {"Authorization": f"Bearer {made.json['token']}"})
    assert program.ask("GET", "/webhooks").status_code == 200
    both = Browser(browser.app, browser.letters, dict(program.headers), cookie=browser.cookie)
    who = both.ask("GET", "/session").json
    assert who is not None
    assert who["kind"] == "api_key", "a key in the header counts before a cookie"


def test_a_planted_cookie_is_worth_nothing(browser: Browser) -> None:
    browser.register(LIN)
    attacker = browser.cookie
    victim = Browser(browser.app, browser.letters, cookie=attacker)
    victim.csrf_token = browser.csrf_token
    victim.ask("POST", "/sessions", {"contact": LIN, "password": PASSWORD})
    assert victim.cookie != attacker
    who = browser.ask("GET", "/session").json
    assert who is not None
    assert who["kind"] == "anonymous", "the session before the log-in has ended"
    chosen = Browser(browser.app, browser.letters, cookie="jifen_session=chosen-by-the-attacker")
    chosen.ask("POST", "/sessions", {"contact": LIN, "password": PASSWORD})
    assert "chosen" not in chosen.cookie


def test_a_fresh_proof_brings_a_new_token(browser: Browser) -> None:
    browser.register(LIN)
    before = browser.cookie
    assert browser.ask("POST", "/session/proof", {"password": PASSWORD}).status_code == 200
    assert browser.cookie != before
    stolen = Browser(browser.app, browser.letters, cookie=before)
    assert code_of(stolen.ask("GET", "/me")) == "UNAUTHENTICATED"


def test_logged_out_everywhere(browser: Browser) -> None:
    browser.register(LIN)
    second = Browser(browser.app, browser.letters)
    second.ask("POST", "/sessions", {"contact": LIN, "password": PASSWORD})
    listed = browser.ask("GET", "/sessions").json
    assert listed is not None
    assert len(listed["items"]) == 2
    assert browser.ask("DELETE", "/sessions").status_code == 204
    assert code_of(second.ask("GET", "/me")) == "UNAUTHENTICATED"
    old = browser.cookie
    assert browser.ask("DELETE", "/session").status_code == 204
    assert browser.cookie == "jifen_session="
    browser.cookie = old
    assert code_of(browser.ask("GET", "/me")) == "UNAUTHENTICATED"


def test_the_cookie_is_out_of_reach(browser: Browser) -> None:
    begun = browser.ask("POST", "/registrations", {"contact": LIN}).json
    assert begun is not None
    body = {"code": browser.code(LIN), "password": PASSWORD}
    cookie = browser.ask("POST", f"/registrations/{begun['code_id']}/confirm", body).headers["Set-Cookie"]
    parts = {part.strip() for part in cookie.split(";")[1:]}
    assert {"Path=/", "HttpOnly", "SameSite=Lax"} <= parts
    assert "Secure" not in parts, "this gateway is reached over http"
    assert not [part for part in parts if part.startswith("Domain")]


def test_over_https_the_cookie_is_the_hosts_own(tmp_path: Path, ledger_file: Path, store_url: str) -> None:
    settings = settings_of(tmp_path, ledger_file, store_url, public_url="https://shop.example")
    gateway = Gateway(settings, place(ledger_file, "northstar"))
    gateway.start()
    try:
        app = create_app(settings, gateway.place, gateway=gateway)
        browser = Browser(app, tmp_path / "letters.txt", {"Origin": "https://shop.example"})
        browser.register(LIN)
        assert browser.cookie.startswith("__Host-jifen_session=")
        response = browser.ask("POST", "/session/proof", {"password": PASSWORD})
        assert "; Secure" in response.headers["Set-Cookie"]
        assert response.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        wrong = browser.ask("PUT", "/me", {"name": "x", "locale": "zh"}, Origin="http://shop.example")
        assert code_of(wrong) == "CSRF_REFUSED"
    finally:
        gateway.stop()


def test_every_answer_has_the_headers(browser: Browser) -> None:
    for path in ("/session", "/me", "/nothing-here", "/openapi.json"):
        headers = browser.ask("GET", path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert path == "/openapi.json" or headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in headers
        assert "Access-Control-Allow-Origin" not in headers
        assert "Server" not in headers or "Werkzeug" not in headers["Server"]


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nothing_redirects_where_the_caller_says(app: flask.Flask, target: str) -> None:
    client = app.test_client(use_cookies=False)
    asked = 0
    for subject in SUBJECTS:
        for endpoint in subject.endpoints:
            if endpoint.method != "GET" or endpoint.name == "followEvents":
                continue
            path = subject.prefix + endpoint.path.replace("{", "").replace("}", "")
            for name in ("next", "url", "return_to", "redirect_uri"):
                response = client.get(path, query_string={name: target}, headers={"Referer": target})
                assert not 300 <= response.status_code < 400, endpoint.name
                assert "evil.example" not in response.headers.get("Location", "")
                asked += 1
    assert asked > 100
    for path in (f"/{target}", f"//evil.example/{target}", "/api/v1//evil.example"):
        assert not 300 <= client.get(path).status_code < 400
