"""A consortium on several hosts, as the handbook tells it: each company's commands on a host of its own, as its own user;
from nothing, over a merchant that joins, a certificate that is revoked and a merchant that is suspended, to its leave."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenes.hosts import NETWORK, Hosts, hosts

HANDBOOK = Path(__file__).parents[2] / "admin" / "handbook"
COMPANIES = ("chamber", "teahouse", "bakery")
SENDING = re.compile(r"(?P<who>Everybody|The \w+) sends these files to everybody else", re.IGNORECASE)
COPYING = re.compile(r"gets the same `(?P<from>[\w.-]+)` as its\s+`(?P<to>[\w.-]+)`")
JIFEN = f'jifen() {{ "{sys.executable}" -m admin.cli "$@"; }}\n'


class Companies:
    """Companies that follow pages, each on its host."""

    def __init__(self, found: Hosts) -> None:
        self.hosts = found

    def follow(self, page: str) -> None:
        """Does everything on a page, in order; an error names the line."""
        text = (HANDBOOK / page).read_text("utf-8").replace("203.0.113.", f"{NETWORK}.")
        lines = text.splitlines()
        number = 0
        while number < len(lines):
            line = lines[number]
            if line.startswith("```"):
                end = lines.index("```", number + 1)
                self._block(line[3:], "\n".join(lines[number + 1 : end]) + "\n", f"{page}, line {number + 1}")
                number = end
            elif found := SENDING.match(line):
                who = found["who"].lower().split()
                self._send(tuple(self.hosts.sites) if who == ["everybody"] else (who[1],))
            if found := COPYING.search(f"{line} {lines[number + 1] if number + 1 < len(lines) else ''}"):
                inn = self.hosts.sites.get("inn") or self.hosts.add("inn")
                text = (self.hosts.sites["chamber"].home / found["from"]).read_text("utf-8")
                (inn.home / found["to"]).write_text(text, "utf-8")
            number += 1

    def _block(self, kind: str, text: str, where: str) -> None:
        what, *words = kind.split()
        if what == "yaml":
            who, name = words or ("everybody", "consortium.yaml")
            for site in self._named(who, where):
                (self.hosts.sites[site].home / name).write_text(text, "utf-8")
            return
        assert what == "sh", f"{where}: a block of {kind!r}"
        code = 4 if words[-1] == "waits" else 0
        for name in self._named(" ".join(word for word in words if word != "waits"), where):
            script = f"set -euo pipefail\n{JIFEN}{text.replace('NAME', name)}"
            done = self.hosts.sites[name].run("bash", "-c", script)
            assert done.returncode == code, f"{where}, {name}: {done.returncode}\n{done.stdout}\n{done.stderr}"

    def _named(self, who: str, where: str) -> list[str]:
        everybody = list(self.hosts.sites)
        named = {"everybody": everybody, "everybody else": everybody[1:], **{name: [name] for name in everybody}}
        assert who in named, f"{where}: who is {who!r}?"
        return named[who]

    def _send(self, senders: tuple[str, ...]) -> None:
        for sender in senders:
            for receiver in self.hosts.sites:
                if receiver != sender:
                    self.hosts.post(sender, receiver)


@pytest.fixture(scope="module")
def companies() -> Iterator[Companies]:
    with tempfile.TemporaryDirectory(prefix="jifen-hosts-") as home, hosts(Path(home), COMPANIES) as found:
        yield Companies(found)


@pytest.mark.fabric
@pytest.mark.timeout(900)
def test_companies_follow_the_handbook_on_their_hosts(companies: Companies) -> None:
    companies.follow("several-hosts.md")
    companies.hosts.add("inn")
    with companies.hosts.sites["teahouse"].working() as answer:
        companies.follow("joining.md")
    assert json.loads(answer.read_text())["failed"] == 0
    for site in companies.hosts.sites.values():
        assert site.org_told("status")["ready"]
    companies.follow("revoking.md")
    companies.follow("suspending.md")
    merchants = companies.hosts.sites["chamber"].told(
        "consortium", "status", "--folder", companies.hosts.sites["chamber"].folder
    )
    assert {one["msp_id"]: one["status"] for one in merchants["merchants"]}["inn"] == "SUSPENDED"
    companies.follow("leaving.md")
