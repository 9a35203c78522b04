"""Passwords: argon2id, at the cost that the settings say."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from gateway.core.errors import GatewayError
from gateway.identity.settings import PasswordSettings

CHARACTERS_MAX = 256
AT_ONCE_MAX = min(4, os.cpu_count() or 1)
"""So many are hashed at the same time: each takes the settings' memory and a core, and anybody may ask."""
WAITING_MAX = 8
PLACE_SECONDS_MAX = 2.0
"""So many wait for a place, no longer than this; the others are told at once to come back, so that the threads stay
free for whoever needs no hash."""
COMMON = frozenset(
    [
        "password",
        "password1",
        "password12",
        "password123",
        "passw0rd123",
        "1234567890",
        "12345678901",
        "123456789012",
        "0123456789",
        "0987654321",
        "9876543210",
        "1111111111",
        "0000000000",
        "8888888888",
        "6666666666",
        "1234512345",
        "1122334455",
        "qwertyuiop",
        "qwerty1234",
        "qwerty12345",
        "1q2w3e4r5t",
        "1qaz2wsx3edc",
        "asdfghjkl;",
        "asdfghjkl1",
        "zxcvbnm123",
        "abcdefghij",
        "abc1234567",
        "abcd123456",
        "a123456789",
        "aa12345678",
        "qq123456789",
        "iloveyou12",
        "iloveyou123",
        "woaini1314",
        "woaini520520",
        "5201314520",
        "13145201314",
        "letmein1234",
        "welcome123",
        "welcome1234",
        "admin12345",
        "administrator",
        "changeme123",
        "loyalty123",
        "jifenjifen",
        "jifen12345",
    ]
)
"""What is tried first. (A list of millions would be another service's; the throttle bounds the tries.)"""


class Passwords:
    """Hashes and checks. Safe to use from many threads."""

    def __init__(self, settings: PasswordSettings) -> None:
        self._characters_min = settings.characters_min
        self._places = threading.BoundedSemaphore(AT_ONCE_MAX)
        self._waiting = threading.BoundedSemaphore(WAITING_MAX)
        self._hasher = PasswordHasher(
            time_cost=settings.time_cost,
            memory_cost=settings.memory_kibibytes,
            parallelism=settings.parallelism,
            type=Type.ID,
        )
        # Checked in place of the hash that an unknown account does not have, so that it takes as long.
        self._decoy = self._hasher.hash(secrets.token_urlsafe(32))

    def require(self, password: str, *own_words: str) -> None:
        """Raises GatewayError PASSWORD_WEAK: too short, too long, too common, or one's own address (`own_words`)."""
        folded = password.casefold()
        if len(password) < self._characters_min:
            raise GatewayError("PASSWORD_WEAK", f"at least {self._characters_min} characters")
        if len(password) > CHARACTERS_MAX:
            raise GatewayError("PASSWORD_WEAK", f"at most {CHARACTERS_MAX} characters")
        if folded in COMMON or len(set(folded)) < 4 or folded in {word.casefold() for word in own_words}:
            raise GatewayError("PASSWORD_WEAK", "this one is among the first that anybody tries")

    def hash(self, password: str, *own_words: str) -> str:
        """The hash of a new password. Raises GatewayError PASSWORD_WEAK as `require` does, and BUSY."""
        self.require(password, *own_words)
        return self.renew(password)

    def check(self, stored: str | None, password: str) -> bool:
        """Whether the password is the one that was hashed. Takes as long when there is none. Raises GatewayError BUSY:
        nothing was compared."""
        try:
            with self.place():
                fits = self._hasher.verify(stored or self._decoy, password[: CHARACTERS_MAX + 1])
            return fits and stored is not None
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made at another cost than the settings'."""
        return self._hasher.check_needs_rehash(stored)

    def renew(self, password: str) -> str:
        """The hash of a password that is in use already, at the cost of today; asks no rules of it. Raises GatewayError
        BUSY."""
        with self.place():
            return self._hasher.hash(password)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Holds one of the places for hashing. Raises GatewayError BUSY when none is free in time."""
        if not self._waiting.acquire(blocking=False):
            raise _busy()
        try:
            came = self._places.acquire(timeout=PLACE_SECONDS_MAX)
        finally:
            self._waiting.release()
        if not came:
            raise _busy()
        try:
            yield
        finally:
            self._places.release()


def _busy() -> GatewayError:
    return GatewayError("BUSY", "too many passwords are being checked", retry_after_seconds=2)
