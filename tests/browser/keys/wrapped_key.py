"""A member's wrapped key, opened by another implementation than the browser's."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def opened(document: dict[str, Any], passphrase: str) -> ec.EllipticCurvePrivateKey:
    """The private key, unwrapped by another implementation. Raises InvalidTag."""
    under = hashlib.pbkdf2_hmac(
        "sha256", passphrase.encode(), decoded(document["salt"]), document["iterations"], dklen=32
    )
    plain = AESGCM(under).decrypt(decoded(document["iv"]), decoded(document["wrapped"]), None)
    key = serialization.load_der_private_key(plain, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def decoded(text: str) -> bytes:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
