"""A page with the key scripts alone, under the strict policy that pages have, in a real browser."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

SCRIPTS = Path(__file__).resolve().parents[3] / "gateway" / "pages" / "static" / "scripts"
KEY_SCRIPTS = ("jifen", "bytes", "canonical", "bech32", "keys", "signing", "describing", "notes", "wallet")
POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"


class _Files(SimpleHTTPRequestHandler):
    """The scripts, and a page that loads them."""

    def do_GET(self) -> None:
        if self.path == "/":
            tags = "".join(f'<script defer src="/{name}.js"></script>' for name in KEY_SCRIPTS)
            self._give("text/html", f'<!doctype html><html lang="en"><title>keys</title>{tags}')
        else:
            super().do_GET()

    def _give(self, kind: str, text: str) -> None:
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Where the page is."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files, directory=str(SCRIPTS)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture(scope="module")
def scripts(browser: Browser, origin: str) -> Iterator[Page]:
    """The page, with no fault on its console in all the module's tests."""
    page = browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(origin + "/")
    page.wait_for_function("globalThis.jifen.wallet !== undefined")
    yield page
    page.close()
    assert [fault for fault in faults if "favicon" not in fault and "404" not in fault] == []


def refusal(page: Page, call: str, argument: Any = None) -> str:
    """The code (or kind) of the error that a call rejects with; empty when it does not."""
    wrapped = f"async (given) => {{ try {{ await ({call})(given); return ''; }} catch (error) {{ return error.code || error.name; }} }}"
    return str(page.evaluate(wrapped, argument))
