"""For all tests: what needs a real network runs last, so that quick failures show first."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from flask import Flask
from werkzeug.routing import Rule

from admin.tools.checks.ending import end_once

if TYPE_CHECKING:
    import docker
    from playwright.sync_api import Browser


def pytest_configure(config: pytest.Config) -> None:
    """Asked to end, a run still takes down the networks, gateways and databases that it brought up. Tests that fail are
    named at once, by the process that hears of all of them."""
    end_once()
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(FailuresAtOnce())


@pytest.fixture(scope="session", autouse=True)
def routes_compiled_once() -> Iterator[None]:
    """An application has some 240 routes, and Werkzeug compiles two functions for each: 0.2 s of processor. They follow from
    what stands here as arguments, so the hundreds of applications of a run share them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "url_rule_class", RuleCompiledOnce)
        yield


class RuleCompiledOnce(Rule):
    """A rule that builds addresses by what was compiled for an equal one before."""

    compiled: ClassVar[dict[tuple[Any, ...], Any]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        of = (tuple(self._trace), tuple((self.defaults or {}).items()), append_unknown)
        if of not in self.compiled:
            self.compiled[of] = super()._compile_builder(append_unknown)
        return self.compiled[of]


class FailuresAtOnce:
    """Names each failure in the moment it is known, since a run takes minutes."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            print(f"\nFAILED {report.nodeid} ({report.when})", file=sys.stderr, flush=True)


@pytest.fixture(scope="session", autouse=True)
def keys_of_gateways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Gateways made here, also by commands, keep their secret keys with the tests' files and not with the user's."""
    os.environ["JIFEN_KEYS"] = str(tmp_path_factory.mktemp("keys"))
    yield
    del os.environ["JIFEN_KEYS"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first, those on real networks after them, then browsers, and containers at the end: first single ones,
    then their network, which runs until all is over; otherwise in their own order. Whatever asks for a container engine
    is marked so."""

    def place(item: pytest.Item) -> list[bool]:
        marked = [item.get_closest_marker(name) is not None for name in ("browser", "fabric")]
        scenes = getattr(item, "fixturenames", ())
        return [*(name in scenes for name in ("contained", "engine")), *marked]

    for item in items:
        if "engine" in getattr(item, "fixturenames", ()):
            item.add_marker("engine")
    items.sort(key=place)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium through Playwright, once for all tests: a process can have one Playwright alone."""
    from playwright.sync_api import sync_playwright

    from admin.tools.screenshots.browsing import launched

    with sync_playwright() as playwright:
        chromium = launched(playwright)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    """A container engine, once for all tests, as images are brought into it; DOCKER_HOST names it meanwhile."""
    from tests.scenes.container_engine import running_engine

    with running_engine() as client:
        yield client


@pytest.fixture(scope="session")
def contained(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a network in its containers, once for all tests that leave it as it is; the last one has a merchant
    join it."""
    from tests.scenes.contained_network import contained_network

    with contained_network(tmp_path_factory.mktemp("contained") / "network") as folder:
        yield folder
