"""Members' keys: addresses, the bytes that are signed, and their check.

A public key is the 65 bytes of an uncompressed P-256 point (SEC 1, section 2.3.3) as 130 lower-case hex digits; a
signature is ECDSA with SHA-256 as the 64 bytes r || s (IEEE P1363, what WebCrypto makes) as 128 lower-case hex digits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from chaincode.spec.kernel import bech32
from chaincode.spec.kernel.canonical import Json, encode

ADDRESS_PREFIX = "jf"
ADDRESS_BYTES = 20
_ECDSA = ec.ECDSA(hashes.SHA256())


@lru_cache(maxsize=65_536)
def address_of(public_key: str) -> str:
    """The address of a public key (hex): Bech32 with prefix `jf` of the first 20 bytes of its SHA-256."""
    return bech32.encode(ADDRESS_PREFIX, hashlib.sha256(bytes.fromhex(public_key)).digest()[:ADDRESS_BYTES])


@lru_cache(maxsize=65_536)
def is_address(text: str) -> bool:
    """Whether `text` is a well-formed address."""
    data = bech32.decode(ADDRESS_PREFIX, text)
    return data is not None and len(data) == ADDRESS_BYTES


@lru_cache(maxsize=4096)
def _load(public_key: str) -> ec.EllipticCurvePublicKey | None:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(public_key))
    except ValueError:
        return None


def verify(public_key: str, signature: str, message: bytes) -> bool:
    """Whether `signature` over `message` is by `public_key`; a point off the curve or a zero r or s is False."""
    key = _load(public_key)
    raw = bytes.fromhex(signature)
    r, s = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
    if key is None or not r or not s:
        return False
    try:
        key.verify(encode_dss_signature(r, s), message, _ECDSA)
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True)
class SigningPlace:
    """Where a signature is good, and nowhere else: a channel, a chaincode on it, and the network, by the hash of the
    channel's first block in hex. (On another network both names may be the same.)"""

    channel: str
    chaincode: str
    network: str


def operation_message(operation: Json, place: SigningPlace) -> bytes:
    """What a member signs to authorise `operation`: canonical JSON of its op, args, request_id and valid_until with the
    place it is for."""
    return encode(
        {
            "args": operation["args"],
            "chaincode": place.chaincode,
            "channel": place.channel,
            "domain": "jifen-operation-1",
            "network": place.network,
            "op": operation["op"],
            "request_id": operation["request_id"],
            "valid_until": operation["valid_until"],
        }
    )


def enrolment_message(address: str, home_msp: str, place: SigningPlace) -> bytes:
    """What a member signs to agree that `home_msp` enrols their address."""
    return encode(
        {
            "address": address,
            "chaincode": place.chaincode,
            "channel": place.channel,
            "domain": "jifen-enrolment-1",
            "home_msp": home_msp,
            "network": place.network,
        }
    )


def withdrawal_message(
    address: str,
    class_id: str,
    reference_hash: str,
    points: int,
    request_id: str,
    valid_until: int,
    place: SigningPlace,
) -> bytes:
    """What the owner of `address` signs to prove that it is theirs when legacy points are withdrawn to it, by the request
    of this id, until then."""
    return encode(
        {
            "address": address,
            "chaincode": place.chaincode,
            "channel": place.channel,
            "class_id": class_id,
            "domain": "jifen-withdrawal-1",
            "network": place.network,
            "points": points,
            "reference_hash": reference_hash,
            "request_id": request_id,
            "valid_until": valid_until,
        }
    )


def merge_message(
    source: str,
    target: str,
    class_ids: Sequence[str],
    request_id: str,
    valid_until: int,
    place: SigningPlace,
) -> bytes:
    """What the owner of `target` signs to agree that the points of these classes come into it from their other account,
    by the request of this id, until then."""
    return encode(
        {
            "chaincode": place.chaincode,
            "channel": place.channel,
            "class_ids": list(class_ids),
            "domain": "jifen-merge-1",
            "network": place.network,
            "request_id": request_id,
            "source": source,
            "target": target,
            "valid_until": valid_until,
        }
    )


def rebind_message(address: str, new_address: str, home_msp: str, place: SigningPlace) -> bytes:
    """What the owner of `new_address` signs to agree that `home_msp` enrols it in the place of `address`, whose key is
    lost, with all that this has and owes."""
    return encode(
        {
            "address": address,
            "chaincode": place.chaincode,
            "channel": place.channel,
            "domain": "jifen-rebind-1",
            "home_msp": home_msp,
            "network": place.network,
            "new_address": new_address,
        }
    )
