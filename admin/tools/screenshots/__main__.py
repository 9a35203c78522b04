"""`scripts/screenshots [--out FOLDER] [--only NAMES]`: pictures of every page, as whoever it is for: phone and wide,
Chinese and English, light and dark.

It replays the main job on an embedded ledger, serves the UI over it, and takes everything down at the end. The few
pictures that the READMEs show are written to `gateway/pages/screenshots` with `--readme`.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from admin import output
from admin.demo.guests import Guest
from admin.demo.ledgers import embedded_ledgers
from admin.demo.purchases import SAMPLE, read_purchases
from admin.demo.run import run
from admin.demo.serving import Last, Site, served
from admin.tools.screenshots.browsing import launched
from admin.tools.screenshots.catalogue import declared, filled
from gateway.pages.frame.sections import MEMBER, MERCHANT, OPERATOR, PUBLIC, STAFF

README = Path(__file__).resolve().parents[3] / "gateway" / "pages" / "screenshots"
SIZES = {"phone": {"width": 390, "height": 844}, "wide": {"width": 1280, "height": 860}}
LANGUAGES = ("zh", "en")
THEMES = ("light", "dark")
SETTLE_MILLISECONDS = 400
COLOURS = 48
ASK = "(path) => fetch(path).then((answer) => (answer.ok ? answer.json() : null))"
VIEWERS = {
    PUBLIC: ("northstar", None),
    MEMBER: ("northstar", "member"),
    STAFF: ("northstar", "admin"),
    MERCHANT: ("northstar", "admin"),
    OPERATOR: ("operator", "admin"),
}
SHOWN_IN_READMES = ("wallet", "send", "trace-bucket", "counter", "statement", "operator-matrix", "points-class")


def main() -> int:
    """Takes the pictures; the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("run/screenshots"), help="where the pictures go")
    parser.add_argument("--only", default="", help="names of pages, with commas")
    parser.add_argument(
        "--looks", default="", help="such as phone-zh-light,wide-en-dark: only these; all eight when left out"
    )
    parser.add_argument("--readme", action="store_true", help="only those that the READMEs show, into the tree")
    chosen = parser.parse_args()
    wanted = set(filter(None, chosen.only.split(",")))
    with replayed() as site, sync_playwright() as playwright:
        browser = launched(playwright)
        if chosen.readme:
            count = for_readmes(browser, site)
        else:
            count = everything(browser, site, chosen.out, wanted, set(filter(None, chosen.looks.split(","))))
        browser.close()
    output.note(f"{count} pictures")
    return 0


@contextmanager
def replayed() -> Iterator[Site]:
    """The UI over a replayed main job."""
    with tempfile.TemporaryDirectory(prefix="jifen-screens-") as name:
        folder = Path(name)

        async def replay() -> Last:
            async with embedded_ledgers(folder) as ledgers:
                found = await run("embedded", ledgers, read_purchases(SAMPLE), lambda *_: None, 16)
                return Last(found.document["blocks"], found.last_time)

        output.note("replaying the main job")
        last = asyncio.run(replay())
        with served(folder / "gateways", "embedded", folder, last, output.note) as site:
            yield site


def everything(browser: Browser, site: Site, out: Path, wanted: set[str], looks: set[str]) -> int:
    """Every page, every way, unless only some are wanted; into `<out>/<page>-<size>-<language>-<theme>.png`."""
    out.mkdir(parents=True, exist_ok=True)
    count = 0
    for audience in VIEWERS:
        for size, viewport in SIZES.items():
            for language in LANGUAGES:
                for theme in THEMES:
                    if looks and f"{size}-{language}-{theme}" not in looks:
                        continue
                    context = opened(browser, site, audience, language, theme, viewport)
                    for page in declared():
                        if page.section.audience == audience and (not wanted or page.name in wanted):
                            count += taken(
                                context, site, audience, page, out / f"{page.name}-{size}-{language}-{theme}.png"
                            )
                    context.close()
    return count


def for_readmes(browser: Browser, site: Site) -> int:
    """The few that the READMEs show: in each language, members' pages as on a phone."""
    README.mkdir(exist_ok=True)
    count = 0
    for language in LANGUAGES:
        for audience in VIEWERS:
            size = "phone" if audience == MEMBER else "wide"
            context = opened(browser, site, audience, language, "light", SIZES[size])
            for page in declared():
                if page.name in SHOWN_IN_READMES and page.section.audience == audience:
                    count += taken(context, site, audience, page, README / f"{page.name}-{language}.png", whole=False)
            context.close()
    for file in README.glob("*.png"):
        lighten(file)
    return count


def lighten(file: Path) -> None:
    """Fewer colours, which a page of few colours does not miss: these pictures stand in the tree."""
    with Image.open(file) as picture:
        light = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    light.save(file, optimize=True)


def opened(
    browser: Browser, site: Site, audience: str, language: str, theme: str, viewport: dict[str, int]
) -> BrowserContext:
    """A browser of whoever the audience is, signed in."""
    org, role = VIEWERS[audience]
    address = site.addresses[org]
    context = browser.new_context(viewport=viewport, locale="zh-CN")  # type: ignore[arg-type]
    context.add_cookies(
        [
            {"name": "jifen_language", "value": language, "url": address},
            {"name": "jifen_theme", "value": theme, "url": address},
        ]
    )
    if role is not None:
        sign_in(context, address, next(one for one in site.guests if (one.org, one.role) == (org, role)))
    return context


def sign_in(context: BrowserContext, address: str, guest: Guest) -> None:
    """Signs in by the page, as people do."""
    page = context.new_page()
    page.goto(f"{address}{'/sign-in' if guest.role == 'member' else '/staff/sign-in'}")
    page.fill("[name=contact]", guest.contact)
    page.fill("[name=password]", guest.password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.close()


def taken(context: BrowserContext, site: Site, audience: str, page: Any, file: Path, *, whole: bool = True) -> int:
    """One picture; 0 for a page that the demo has nothing to show on, which is told."""
    address = site.addresses[VIEWERS[audience][0]]

    opened_page = context.new_page()

    def ask(path: str) -> Any:
        """By the browser itself, which knows what `localhost` means under every name."""
        if opened_page.url == "about:blank":
            opened_page.goto(f"{address}/help")
        return opened_page.evaluate(ASK, f"/api/v1{path}")

    try:
        path = filled(page, ask)
    except LookupError as error:
        output.note(f"{page.name} is left out: {error}")
        opened_page.close()
        return 0
    opened_page.goto(address + path, wait_until="load")
    opened_page.locator("[data-proof-result] .loading").wait_for(state="detached")
    opened_page.wait_for_timeout(SETTLE_MILLISECONDS)  # what scripts draw
    opened_page.screenshot(path=file, full_page=whole)
    opened_page.close()
    return 1


if __name__ == "__main__":
    output.run(main)
