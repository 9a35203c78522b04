"""A consortium on three hosts, as the handbook tells it: each company's commands on a host of its own, as its own user."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import pytest

from tests.scenes.hosts import NETWORK, Hosts, hosts

PAGE = Path(__file__).parents[2] / "admin" / "handbook" / "several-hosts.md"
COMPANIES = ("chamber", "teahouse", "bakery")
SENDING = re.compile(r"(?P<who>Everybody|The \w+) sends these files to everybody else", re.IGNORECASE)
JIFEN = f'jifen() {{ "{sys.executable}" -m admin.cli "$@"; }}\n'


class Companies:
    """Three companies that follow the page, each on its host."""

    def __init__(self, found: Hosts) -> None:
        self.hosts = found

    def follow(self, page: str) -> None:
        """Does everything, in order; an error names the line."""
        lines = page.replace("203.0.113.", f"{NETWORK}.").splitlines()
        number = 0
        while number < len(lines):
            line = lines[number]
            if line.startswith("```"):
                end = lines.index("```", number + 1)
                self._block(line[3:], "\n".join(lines[number + 1 : end]) + "\n", number + 1)
                number = end
            elif found := SENDING.match(line):
                self._send(COMPANIES if found["who"] == "Everybody" else (found["who"].split()[1],))
            number += 1

    def _block(self, kind: str, text: str, line: int) -> None:
        what, *words = kind.split()
        if what == "yaml":
            for site in self.hosts.sites.values():
                (site.home / "consortium.yaml").write_text(text, "utf-8")
            return
        assert what == "sh", f"line {line}: a block of {kind!r}"
        who, code = words[0], 4 if words[1:] == ["waits"] else 0
        for name in COMPANIES if who == "everybody" else (who,):
            script = f"set -euo pipefail\n{JIFEN}{text.replace('NAME', name)}"
            done = self.hosts.sites[name].run("bash", "-c", script)
            assert done.returncode == code, f"line {line}, {name}: {done.returncode}\n{done.stdout}\n{done.stderr}"

    def _send(self, senders: tuple[str, ...]) -> None:
        for sender in senders:
            for receiver in COMPANIES:
                if receiver != sender:
                    self.hosts.post(sender, receiver)


@pytest.mark.fabric
@pytest.mark.timeout(600)
def test_three_companies_start_a_consortium() -> None:
    with tempfile.TemporaryDirectory(prefix="jifen-hosts-") as home, hosts(Path(home), COMPANIES) as found:
        Companies(found).follow(PAGE.read_text("utf-8"))
        for site in found.sites.values():
            assert site.org_told("status")["ready"]
