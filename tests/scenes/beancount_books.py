"""A journal as beancount reads it: `bean-check` run as people do, and what stands in its accounts."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

from beancount import loader
from beancount.core import realization

CHECK_SECONDS_MAX = 120


def bean_check(file: Path) -> str:
    """What `bean-check` says of a journal; nothing where it accepts it."""
    command = [str(Path(sys.executable).with_name("bean-check")), "--no-cache", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=CHECK_SECONDS_MAX, check=False)
    assert (done.returncode == 0) == (done.stdout + done.stderr == ""), done
    return done.stdout + done.stderr


def balances(text: str) -> dict[tuple[str, str], Decimal]:
    """What every account has in the end, by account and commodity, without those that have nothing."""
    entries, errors, _ = loader.load_string(text)
    assert errors == []
    found: dict[tuple[str, str], Decimal] = {}
    for account in realization.iter_children(realization.realize(entries), leaf_only=False):
        for position in account.balance.get_positions():
            name = (account.account, position.units.currency)
            found[name] = found.get(name, Decimal(0)) + position.units.number
    return {name: number for name, number in found.items() if number}
