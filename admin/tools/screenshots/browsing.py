"""Debian's Chromium, for pictures and tests alike."""

from __future__ import annotations

from playwright.sync_api import Browser, Playwright

from admin.tools.checks.system_packages import provide_chromium

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-default-browser-check",
)


def launched(playwright: Playwright) -> Browser:
    """A running browser, to be closed by the caller. Raises EnvironmentMissing where there is none."""
    return playwright.chromium.launch(executable_path=str(provide_chromium()), args=list(ARGUMENTS))
