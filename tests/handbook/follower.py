"""Follows a page of the handbook: runs its commands in a folder, and does its steps in real browsers, one for each
person."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import Error as PlaywrightError

from network.errors import NetworkError
from network.runtime.waiting import wait_until
from tests.handbook.guide import steps
from tests.scenes.letters import letters

SECONDS = 60
"""How long a page may take where the ledger is a real network on a busy machine."""
COMMAND_SECONDS = 300
PORTS = re.compile(r"\b80\d\d\b")
SHOWN = {
    "address": "[data-made-address]",
    "code": "[data-hold-code]",
    "rebinding": "section[aria-labelledby=shown] p.mono",
}
"""Where a page shows what is to be noted."""


class Follower:
    """Somebody with an empty folder, a shell, and the browsers of all who take part. Ports of the page that are in use
    are other ones, as the page says."""

    def __init__(
        self,
        browser: Browser,
        folder: Path,
        page: Path,
        *,
        ports: Mapping[str, str] | None = None,
        values: Mapping[str, str] | None = None,
        pass_days: Callable[[str], None] | None = None,
    ) -> None:
        """`ports`: those at which what the page speaks of serves already; `values`: what was noted on an earlier page;
        `pass_days`: lets so many days pass, in words."""
        text = page.read_text("utf-8")
        for port in sorted(set(PORTS.findall(text))):
            text = text.replace(port, (ports or {}).get(port) or str(_free_port()))
        self.steps = list(steps(text))
        self._browser, self._folder = browser, folder
        self._pages: dict[str, Page] = {}
        self._page: Page | None = None
        self._values: dict[str, str] = dict(values or {})
        self._pass_days = pass_days
        self._output: dict[str, str] = {}
        self._terminals: list[subprocess.Popen[bytes]] = []
        self._message_to = ""
        self._form: Locator | None = None

    def follow(self) -> None:
        """Does everything, in order. An error names the step."""
        for step in self.steps:
            try:
                getattr(self, f"_{step.kind}")(*step.words)
            except (AssertionError, PlaywrightError, NetworkError) as error:
                told = str(error).partition("Aria snapshot:")[0]
                shown = "" if self._page is None else self._page.locator("main").inner_text()[:2000]
                where = f"line {step.line + 1} of the page, {step.kind} {step.words}"
                raise AssertionError(f"{where}: {told}\n{shown}") from error

    def leave(self) -> None:
        """Ends the terminals, by their process ids."""
        for process in self._terminals:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        for process in self._terminals:
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    # The shell

    def _file(self, text: str) -> None:
        (self._folder / "consortium.yaml").write_text(text, "utf-8")

    def _run(self, line: str) -> None:
        done = subprocess.run(
            _command(line), cwd=self._folder, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
        )
        assert done.returncode == 0, f"{line}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        self._output[line] = done.stdout

    def _terminal(self, line: str) -> None:
        number = len(self._terminals)
        with (self._folder / f"terminal-{number}.txt").open("wb") as out:
            process = subprocess.Popen(
                _command(line), cwd=self._folder, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )
        self._terminals.append(process)

        def running() -> None:
            assert process.poll() is None, (self._folder / f"terminal-{number}.txt").read_text()[-2000:]

        settings = (self._folder / shlex.split(line)[-1] / "gateway.yaml").read_text("utf-8")
        port = re.search(r"port: (\d+)", settings)
        assert port is not None, settings
        address = f"http://127.0.0.1:{port[1]}/health/ready"
        wait_until(lambda: _answers(address), f"{line} is ready", SECONDS, still_possible=running)

    # What nobody does

    def _later(self, days: str) -> None:
        assert self._pass_days is not None, "nobody lets time pass here"
        self._pass_days(days)

    # What is read elsewhere

    def _who(self, name: str, address: str) -> None:
        self._message_to = f"{name.lower()}@"
        if name not in self._pages:
            context = self._browser.new_context(locale="en-GB", base_url=address)
            self._pages[name] = context.new_page()
            self._pages[name].set_default_timeout(SECONDS * 1000)
        self._page = self._pages[name]

    def _printed(self, command: str, org: str) -> None:
        lines = [line for line in self._output if line.startswith(command) and line.endswith(f"--folder {org}")]
        text = self._output[lines[-1]]
        self._values["$INVITATION"] = re.findall(r"otc_\w+", text)[-1]
        self._values["$CODE"] = re.findall(r"\b\d{8}\b", text)[-1]

    def _message(self, file: str) -> None:
        def newest() -> str:
            return next(
                (text for to, text in reversed(letters(self._folder / file)) if to.startswith(self._message_to)), ""
            )

        wait_until(lambda: bool(newest()), f"a message to {self._message_to} in {file}", SECONDS)
        self._values["$CODE"] = re.findall(r"\b\d{8}\b", newest())[-1]
        for invitation in re.findall(r"otc_\w+", newest()):
            self._values["$INVITATION"] = invitation

    # The browser

    @property
    def page(self) -> Page:
        """That of whoever is at work."""
        assert self._page is not None, "nobody has opened a browser"
        return self._page

    def _filled(self, text: str) -> str:
        return re.sub(r"\$[A-Z]+", lambda found: self._values[found[0]], text)

    def _open(self, path: str) -> None:
        self._form = None
        self.page.goto(self._filled(path))

    def _field(self, label: str, value: str) -> None:
        place = self._labelled(label)
        if place.evaluate("(element) => element.tagName") == "SELECT":
            place.select_option(label=self._filled(value))
        else:
            place.fill(self._filled(value))

    def _labelled(self, label: str) -> Locator:
        """The field that is seen under this label: with these words, or beginning with them; in the form that was
        begun, where it is there too."""
        exact = self.page.get_by_label(label, exact=True).locator("visible=true")
        begun = self.page.get_by_label(re.compile(f"^{re.escape(label)}")).locator("visible=true")
        expect(exact.or_(begun).first).to_be_visible(timeout=SECONDS * 1000)
        found = exact if exact.count() else begun
        if self._form is not None and found.and_(self._form.locator("*")).count():
            found = found.and_(self._form.locator("*"))
        self._form = self.page.locator("form:visible").filter(has=found.first).first
        return found.first

    def _tick(self, label: str) -> None:
        self._labelled(label).check()

    def _press(self, label: str) -> None:
        buttons = self.page.get_by_role("button", name=re.compile(f"^{re.escape(label)}")).locator("visible=true")
        asking = buttons.and_(self.page.locator("dialog[open] button"))
        expect(buttons.first).to_be_visible(timeout=SECONDS * 1000)
        (asking if asking.count() else buttons).first.click()

    def _type(self, *keys: str) -> None:
        for key in keys:
            text = self._filled(key)
            if re.fullmatch(r"F\d+|Enter", text):
                self.page.keyboard.press(text)
            else:
                expect(self.page.locator("input:focus")).to_be_visible()
                self.page.keyboard.type(text)

    def _see(self, text: str) -> None:
        expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible(timeout=SECONDS * 1000)

    def _note(self, what: str, name: str) -> None:
        place = self.page.locator(SHOWN[what])
        expect(place).to_have_text(re.compile(r"\S"), timeout=SECONDS * 1000)
        self._values[name] = (place.text_content() or "").replace(" ", "").strip()


def _command(line: str) -> list[str]:
    program, *arguments = shlex.split(line)
    assert program == "jifen", line
    return [sys.executable, "-m", "admin.cli", *arguments]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(address: str) -> bool:
    with (
        suppress(urllib.error.URLError, ConnectionError, TimeoutError),
        urllib.request.urlopen(address, timeout=5) as answer,
    ):
        return bool(answer.status == 200)
    return False
