"""Seals everything anew under the newest key: custodial keys, the gateway's own values, and whatever other rooms add.

Row after row, each in the transaction in which it is read, so that it can be stopped at any moment and begun again:
what is left is what still stands under another key.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import func, select

from gateway.members.custody import context
from gateway.members.models import CustodialKey
from gateway.security.cipher import Cipher
from gateway.security.models import StoredSecret
from gateway.store.engine import Store

ROWS_PER_STEP = 100
Progress = Callable[[str, int, int], None]
"""(what, done, all) after each step."""


class Sealed(Protocol):
    """One kind of rows that hold something sealed."""

    @property
    def name(self) -> str:
        """What they are, for people."""

    def left(self) -> int:
        """Number of rows still encrypted under an older key."""

    def step(self) -> int:
        """Seals some of them anew, in one transaction; how many. 0 when none is left."""


@dataclass(frozen=True)
class CustodialKeys:
    """The custodial keys."""

    store: Store
    cipher: Cipher
    clock: Callable[[], int] = lambda: int(time.time())
    name: str = "custodial keys"

    def left(self) -> int:
        """As Sealed."""
        with self.store.reading() as session:
            return session.scalar(select(func.count()).where(CustodialKey.key_id != self.cipher.key_id)) or 0

    def step(self) -> int:
        """As Sealed."""
        with self.store.writing() as session:
            rows = session.scalars(
                select(CustodialKey)
                .where(CustodialKey.key_id != self.cipher.key_id)
                .order_by(CustodialKey.custody_id)
                .limit(ROWS_PER_STEP)
                .with_for_update(skip_locked=True)
            ).all()
            for row in rows:
                bound = context(row.custody_id, row.address)
                row.sealed = self.cipher.seal_text(self.cipher.open_text(row.sealed, bound), bound)
                row.key_id, row.sealed_at = self.cipher.key_id, self.clock()
            return len(rows)


@dataclass(frozen=True)
class StoredValues:
    """The gateway's own values (`gateway.security.stored_secrets`)."""

    store: Store
    cipher: Cipher
    name: str = "the gateway's own values"

    def left(self) -> int:
        """As Sealed."""
        with self.store.reading() as session:
            return session.scalar(select(func.count()).where(StoredSecret.key_id != self.cipher.key_id)) or 0

    def step(self) -> int:
        """As Sealed."""
        with self.store.writing() as session:
            rows = session.scalars(
                select(StoredSecret)
                .where(StoredSecret.key_id != self.cipher.key_id)
                .order_by(StoredSecret.name)
                .limit(ROWS_PER_STEP)
                .with_for_update(skip_locked=True)
            ).all()
            for row in rows:
                bound = f"kept:{row.name}"
                row.sealed = self.cipher.seal_text(self.cipher.open_text(row.sealed, bound), bound)
                row.key_id = self.cipher.key_id
            return len(rows)


def rotate(kinds: Iterable[Sealed], progress: Progress = lambda what, done, whole: None) -> int:
    """Seals everything anew; how many rows. Raises CipherError when an old key is not among the settings' keys."""
    total = 0
    for kind in kinds:
        done, whole = 0, kind.left()
        while step := kind.step():
            done += step
            progress(kind.name, done, max(whole, done))
        total += done
    return total
