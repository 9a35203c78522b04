"""A journal as beancount reads it: `bean-check` run as people do, and what stands in its accounts. It is run as a program
of its own, and imported nowhere."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

SECONDS_MAX = 120
READING = """
import json, sys
from beancount import loader
from beancount.core import realization
entries, errors, _ = loader.load_string(sys.stdin.read())
print(json.dumps({
    "errors": [str(error) for error in errors],
    "positions": [
        [account.account, position.units.currency, str(position.units.number)]
        for account in realization.iter_children(realization.realize(entries), leaf_only=False)
        for position in account.balance.get_positions()
    ],
}))
"""


def bean_check(file: Path) -> str:
    """What `bean-check` says of a journal; nothing where it accepts it."""
    command = [str(Path(sys.executable).with_name("bean-check")), "--no-cache", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
    assert (done.returncode == 0) == (done.stdout + done.stderr == ""), done
    return done.stdout + done.stderr


def balances(text: str) -> dict[tuple[str, str], Decimal]:
    """What every account has in the end, by account and commodity, without those that have nothing."""
    command = [sys.executable, "-c", READING]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=SECONDS_MAX, check=True)
    read = json.loads(done.stdout)
    assert read["errors"] == []
    found: dict[tuple[str, str], Decimal] = {}
    for account, currency, number in read["positions"]:
        found[account, currency] = found.get((account, currency), Decimal(0)) + Decimal(number)
    return {name: number for name, number in found.items() if number}
