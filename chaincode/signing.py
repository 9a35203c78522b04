"""A member's key at work: the address it opens, and the signatures that operations need."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.signatures import (
    SigningPlace,
    address_of,
    enrolment_message,
    merge_message,
    operation_message,
    rebind_message,
    withdrawal_message,
)

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of the base point of P-256 (FIPS 186-4, D.1.2.3)."""
_ECDSA = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)


class MemberKey:
    """A P-256 key of a member's own. Signatures are deterministic (RFC 6979), and good in the place that each is made
    for."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        self.public_key = point.hex()
        self.address = address_of(self.public_key)

    @classmethod
    def derived(cls, secret: str) -> MemberKey:
        """The key that follows from a text: SHA-256 of it modulo (n - 1), plus 1. For demos and tests: whoever knows
        the text has the key."""
        number = int.from_bytes(hashlib.sha256(secret.encode("utf-8")).digest()) % (P256_ORDER - 1) + 1
        return cls(ec.derive_private_key(number, ec.SECP256R1()))

    @property
    def private_key(self) -> ec.EllipticCurvePrivateKey:
        """The key itself."""
        return self._key

    def sign(self, message: bytes) -> str:
        """The signature over `message`, r || s in hex."""
        r, s = decode_dss_signature(self._key.sign(message, _ECDSA))
        return (r.to_bytes(32) + s.to_bytes(32)).hex()

    def authorise(self, operation: Mapping[str, Json], place: SigningPlace) -> dict[str, Json]:
        """The operation with this member's `authorization`."""
        signature = self.sign(operation_message(operation, place))
        return {**operation, "authorization": {"public_key": self.public_key, "signature": signature}}

    def enrolment(self, home_msp: str, place: SigningPlace) -> dict[str, Json]:
        """The arguments of EnrollMember, with this member's consent to `home_msp`."""
        consent = self.sign(enrolment_message(self.address, home_msp, place))
        return {"address": self.address, "consent": consent, "public_key": self.public_key}

    def withdrawal(
        self, class_id: str, reference_hash: str, points: int, request_id: str, valid_until: int, place: SigningPlace
    ) -> dict[str, Json]:
        """The arguments of WithdrawToWallet, with this member's proof for the request of this id and end."""
        message = withdrawal_message(self.address, class_id, reference_hash, points, request_id, valid_until, place)
        proof = self.sign(message)
        return {
            "address": self.address,
            "class_id": class_id,
            "points": points,
            "proof": proof,
            "public_key": self.public_key,
            "reference_hash": reference_hash,
        }

    def merging(
        self, source: str, class_ids: Sequence[str], request_id: str, valid_until: int, place: SigningPlace
    ) -> dict[str, Json]:
        """The arguments of MergeAccounts into this member's account, with the proof for the request of this id and end;
        `source` authorises it."""
        message = merge_message(source, self.address, class_ids, request_id, valid_until, place)
        return {
            "class_ids": list(class_ids),
            "proof": self.sign(message),
            "public_key": self.public_key,
            "target": self.address,
        }

    def rebinding(self, address: str, home_msp: str, place: SigningPlace) -> dict[str, Json]:
        """The arguments of RebindMember of a lost account to this key, with its consent to `home_msp`."""
        consent = self.sign(rebind_message(address, self.address, home_msp, place))
        return {"address": address, "consent": consent, "public_key": self.public_key}
