"""Random values that the gateway makes for itself once and keeps, sealed: the salt of old cards, the key of one-time
codes, of CSRF tokens …

They must outlive a change of the key-encryption key, so they are not derived from it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import IntegrityError

from gateway.security.cipher import Cipher
from gateway.security.models import StoredSecret
from gateway.store.engine import Store

SECRET_BYTES = 32


class StoredSecrets:
    """The values by name. Made at the first use; two processes that ask at once get the same."""

    def __init__(self, store: Store, cipher: Cipher, *, clock: Callable[[], int] = lambda: int(time.time())) -> None:
        self._store = store
        self._cipher = cipher
        self._clock = clock
        self._known: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> bytes:
        """32 random bytes, always the same for a name. Not to be asked for within a write transaction: the first time
        of all, it writes. Raises CipherError."""
        found = self._known.get(name)
        if found is not None:
            return found
        with self._lock:
            if name not in self._known:
                self._known[name] = self._read(name) or self._make(name)
            return self._known[name]

    def keyed_hash(self, name: str, *parts: str) -> str:
        """HMAC-SHA-256 of the parts under the named value, in hex: what leaks from the database then tells nothing,
        even where the parts are few digits."""
        message = b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in parts)
        return hmac.new(self.get(name), message, hashlib.sha256).hexdigest()

    def _read(self, name: str) -> bytes | None:
        with self._store.reading() as session:
            row = session.get(StoredSecret, name)
            return None if row is None else self._cipher.open_text(row.sealed, _context(name))

    def _make(self, name: str) -> bytes:
        made = secrets.token_bytes(SECRET_BYTES)
        row = StoredSecret(
            name=name,
            key_id=self._cipher.key_id,
            sealed=self._cipher.seal_text(made, _context(name)),
            created_at=self._clock(),
        )
        try:
            with self._store.writing() as session:
                session.add(row)
        except IntegrityError:  # another process was quicker
            found = self._read(name)
            assert found is not None
            return found
        return made


def _context(name: str) -> str:
    return f"kept:{name}"
