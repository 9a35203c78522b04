"""What the gateway keeps secret in its database: AES-256-GCM under keys that are not in the database.

The settings give the keys, newest first: the first one encrypts, the others still decrypt. To change the key: put a new
one on top, serve again, run the rotation (`gateway.members.rotation`), take the old one away. A key's id is a part of
its hash. Each purpose has a key of its own (HKDF, RFC 5869), and the context (purpose, row, address) is authenticated:
what was sealed for one row opens for no other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
KEY_ID_CHARACTERS = 12
NONCE_BYTES = 12
FORMAT = b"\x01"


class CipherError(Exception):
    """`code` is stable. SECRETS_KEY_INVALID (too short), SECRETS_KEY_MISSING (sealed under a key that is not given),
    SEALED_DAMAGED."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Cipher:
    """Seals and opens. `context` is `purpose` or `purpose:row:…`. The keys never show in a text form of this."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """`keys`: newest first, of at least 32 random bytes. Raises CipherError SECRETS_KEY_INVALID."""
        if not keys or any(len(key) < KEY_BYTES for key in keys):
            raise CipherError("SECRETS_KEY_INVALID", f"wanted are keys of at least {KEY_BYTES} bytes")
        self._keys = {_id_of(key): key for key in keys}
        self.key_id = _id_of(keys[0])
        self._derived: dict[tuple[str, str], AESGCM] = {}

    def encrypt(self, plain: bytes, context: str) -> bytes:
        """The sealed form: format, length and text of the key's id, nonce, ciphertext with its tag."""
        header = FORMAT + bytes([len(self.key_id)]) + self.key_id.encode()
        nonce = secrets.token_bytes(NONCE_BYTES)
        return header + nonce + self._of(self.key_id, context).encrypt(nonce, plain, header + context.encode())

    def decrypt(self, sealed: bytes, context: str) -> bytes:
        """What was sealed for this very context. Raises CipherError SECRETS_KEY_MISSING or SEALED_DAMAGED."""
        key_id = key_id_of(sealed)
        if key_id not in self._keys:
            raise CipherError(
                "SECRETS_KEY_MISSING", f"this was sealed under the key {key_id}, which the settings do not give"
            )
        start = 2 + len(key_id)
        nonce, rest = sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
        try:
            return self._of(key_id, context).decrypt(nonce, rest, sealed[:start] + context.encode())
        except (InvalidTag, ValueError):
            raise CipherError("SEALED_DAMAGED", "sealed for another context, or changed since") from None

    def seal_text(self, plain: bytes, context: str) -> str:
        """`encrypt` as URL-safe base64, for a text column."""
        return base64.urlsafe_b64encode(self.encrypt(plain, context)).decode()

    def open_text(self, sealed: str, context: str) -> bytes:
        """`decrypt` of `seal_text`. Raises CipherError."""
        try:
            data = base64.urlsafe_b64decode(sealed)
        except (binascii.Error, ValueError):
            raise CipherError("SEALED_DAMAGED", "not base64") from None
        return self.decrypt(data, context)

    def bound(self, context: str) -> BoundCipher:
        """This cipher for one context, for rooms that know of no other."""
        return BoundCipher(self, context)

    def _of(self, key_id: str, context: str) -> AESGCM:
        purpose = context.split(":", 1)[0]
        found = self._derived.get((key_id, purpose))
        if found is None:
            derivation = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=f"jifen gateway {purpose}".encode())
            found = self._derived[key_id, purpose] = AESGCM(derivation.derive(self._keys[key_id]))
        return found


@dataclass(frozen=True)
class BoundCipher:
    """A cipher for one context."""

    cipher: Cipher
    context: str

    def encrypt(self, plain: bytes) -> bytes:
        """The sealed form of `plain`."""
        return self.cipher.encrypt(plain, self.context)

    def decrypt(self, sealed: bytes) -> bytes:
        """What was sealed. Raises CipherError."""
        return self.cipher.decrypt(sealed, self.context)


def key_id_of(sealed: bytes) -> str:
    """The id of the key under which this was sealed. Raises CipherError SEALED_DAMAGED."""
    if len(sealed) < 2 or sealed[:1] != FORMAT or len(sealed) < 2 + sealed[1] + NONCE_BYTES:
        raise CipherError("SEALED_DAMAGED", "not in the sealed form")
    return sealed[2 : 2 + sealed[1]].decode("ascii", errors="replace")


def _id_of(key: bytes) -> str:
    return hashlib.sha256(b"jifen key id " + key).hexdigest()[:KEY_ID_CHARACTERS]
