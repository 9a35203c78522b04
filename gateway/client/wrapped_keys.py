"""A member's key under their passphrase, as a browser keeps it at the gateway: for apps that make members' keys."""

from __future__ import annotations

import base64
import secrets

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from chaincode.signing import MemberKey

ITERATIONS = 600_000


def wrapped_key(key: MemberKey, passphrase: str) -> dict[str, object]:
    """The key under the passphrase, in the form of `gateway.members.key_schemas.WrappedKeyDocument`."""
    salt, iv = secrets.token_bytes(16), secrets.token_bytes(12)
    under = PBKDF2HMAC(hashes.SHA256(), 32, salt, ITERATIONS).derive(passphrase.encode())
    plain = key.private_key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "kdf": "PBKDF2-SHA256",
        "salt": _base64(salt),
        "iterations": ITERATIONS,
        "cipher": "AES-256-GCM",
        "iv": _base64(iv),
        "wrapped": _base64(AESGCM(under).encrypt(iv, plain, None)),
        "public_key": key.public_key,
        "address": key.address,
    }


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
