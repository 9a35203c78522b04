"""Devices from which somebody signed in before, so that strangers' attempts at the password do not keep its owner out
(OWASP's device cookies).

A cookie has an entry for each account that signed in there: a random name of the device, its end, and a keyed hash over
both and the account, which nobody else can make. It lets nobody in: it only says that attempts from there are counted
for that device alone.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable

from gateway.identity.holders import Holder
from gateway.security.stored_secrets import StoredSecrets

SECONDS = 365 * 86_400
ENTRIES_MAX = 8
"""Accounts of one browser, the newest; a till has several."""
_ENTRY = re.compile(r"([0-9a-f]{16})\.([0-9]{1,12})\.([0-9a-f]{64})\Z")


class Devices:
    """Makes and knows the entries."""

    def __init__(self, kept: StoredSecrets, *, clock: Callable[[], int] = lambda: int(time.time())) -> None:
        self._kept = kept
        self._clock = clock

    def known(self, cookie: str, holder: Holder) -> str | None:
        """The device's name, when the holder signed in there before."""
        for entry in _entries(cookie):
            name, end, mark = entry.split(".")
            if int(end) > self._clock() and secrets.compare_digest(mark, self._mark(holder, name, end)):
                return name
        return None

    def remember(self, cookie: str, holder: Holder) -> str:
        """The cookie with an entry for the holder that lasts a year from now; the device keeps its name."""
        end = str(self._clock() + SECONDS)
        name = self.known(cookie, holder) or secrets.token_hex(8)
        others = [entry for entry in _entries(cookie) if not entry.startswith(f"{name}.")]
        return "|".join([*others, f"{name}.{end}.{self._mark(holder, name, end)}"][-ENTRIES_MAX:])

    def _mark(self, holder: Holder, name: str, end: str) -> str:
        return self._kept.keyed_hash("devices", holder.kind, holder.id, name, end)


def _entries(cookie: str) -> list[str]:
    return [entry for entry in cookie.split("|")[:ENTRIES_MAX] if _ENTRY.match(entry)]
