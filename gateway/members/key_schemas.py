"""What is asked and answered about members' keys, the gateway's kept keys, and old cards."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from chaincode.spec.kernel.limits import CLASSES_PER_REDEMPTION_MAX, INTEGER_MAX
from chaincode.spec.kernel.signatures import address_of
from gateway.core.schemas import ApiSchema
from gateway.identity.schemas import Code, Identifier, Seconds
from gateway.members.custody import SignedForMember

PublicKey = Annotated[str, Field(pattern="^04[0-9a-f]{128}$", description="Uncompressed P-256 point, lower-case hex.")]
Signature = Annotated[str, Field(pattern="^[0-9a-f]{128}$", description="r || s, lower-case hex.")]
Address = Annotated[str, Field(pattern="^jf1[a-z0-9]{38}$")]
ClassId = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,31}$")]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Points = Annotated[int, Field(ge=1, le=INTEGER_MAX)]
Base64 = Annotated[
    str, Field(pattern="^[A-Za-z0-9_-]+$", max_length=1024, description="URL-safe base64 without padding.")
]
SALT_BYTES_MIN = 16
IV_BYTES = 12
WRAPPED_BYTES = range(48, 513)


class Challenge(ApiSchema):
    """What the address's key must sign: canonical JSON of `address`, `challenge`, `domain` (`jifen-link-1`), `msp_id`,
    `person_id` and `session_id`."""

    challenge_id: str
    challenge: str
    domain: str
    msp_id: str
    person_id: str
    session_id: str
    expires_at: Seconds


class LinkProof(ApiSchema):
    """The key's signature over the challenge."""

    public_key: PublicKey
    signature: Signature


class AddressShown(ApiSchema):
    """An address of the caller's."""

    address: str
    kind: Literal["OWN", "CUSTODIAL"]
    public_key: str
    linked_at: Seconds


class WrappedKeyDocument(ApiSchema):
    """A private key (PKCS #8), encrypted in the browser under the member's passphrase. The gateway cannot open it."""

    kdf: Literal["PBKDF2-SHA256", "ARGON2ID"]
    salt: Base64
    iterations: int = Field(ge=1, le=20_000_000, description="PBKDF2: at least 600,000. Argon2id: passes.")
    memory_kibibytes: int | None = Field(default=None, ge=19_456, le=4_194_304, description="Argon2id alone.")
    cipher: Literal["AES-256-GCM"]
    iv: Base64
    wrapped: Base64
    public_key: PublicKey
    address: Address

    @model_validator(mode="after")
    def _sound(self) -> WrappedKeyDocument:
        if self.kdf == "PBKDF2-SHA256" and (self.iterations < 600_000 or self.memory_kibibytes is not None):
            raise ValueError("PBKDF2-SHA256: at least 600000 iterations, and no memory")
        if self.kdf == "ARGON2ID" and (self.iterations > 64 or self.memory_kibibytes is None):
            raise ValueError("ARGON2ID: 1 to 64 passes, and its memory")
        if len(_decoded(self.salt)) < SALT_BYTES_MIN or len(_decoded(self.iv)) != IV_BYTES:
            raise ValueError(f"salt: at least {SALT_BYTES_MIN} bytes; iv: {IV_BYTES} bytes")
        if len(_decoded(self.wrapped)) not in WRAPPED_BYTES:
            raise ValueError("wrapped: not of the size of a wrapped key")
        if address_of(self.public_key) != self.address:
            raise ValueError("address: not that of the public key")
        return self


class WrappedKeyShown(ApiSchema):
    """The newest version of a wrapped key."""

    address: str
    version: int
    document: WrappedKeyDocument
    created_at: Seconds


class CustodialKeyShown(ApiSchema):
    """The account whose key the gateway keeps."""

    address: str
    created_at: Seconds


class OwnEnrolment(ApiSchema):
    """A linked address of the caller's own key, and that key's consent: its signature over `jifen-enrolment-1`."""

    address: Address
    consent: Signature


class CounterCodeRequest(ApiSchema):
    """What the code will be good for, at most."""

    points_max: Points
    class_ids: Annotated[list[ClassId], Field(min_length=1, max_length=CLASSES_PER_REDEMPTION_MAX)] = Field(
        description="Of which points: classes are worth different amounts."
    )


class CounterCode(ApiSchema):
    """To be told to the cashier: it pays once, at most `points_max` of these classes, which are worth at most
    `value_max_millionths`."""

    code_id: str
    code: str
    points_max: int
    class_ids: list[str]
    value_max_millionths: int | None = Field(description="Null while the gateway reads the ledger anew.")
    expires_at: Seconds


class MemberOperation(ApiSchema):
    """An operation for the gateway to sign with the caller's kept key. `args` are those of the operation; for
    MergeAccounts they hold the proof of another key of the caller's, which is good for one `valid_until` alone."""

    op: SignedForMember
    args: dict[str, Any]
    valid_until: int | None = Field(default=None, ge=0, le=253_402_300_799)


class CounterOperation(ApiSchema):
    """An operation for the gateway to sign with a member's kept key, and the code that they told. Without `class_ids`
    it is of the code's classes."""

    op: Literal["Hold", "Redeem"]
    args: dict[str, Any]
    code: Code
    code_id: Identifier | None = Field(default=None, description="Need not be told: a member has one code at a time.")


class LegacyClaimRequest(ApiSchema):
    """An old card, and what proves that it is the caller's."""

    reference: str = Field(min_length=4, max_length=64, description="The number on the card.")
    proof: str = Field(
        min_length=1, max_length=64, description="PIN, birth date or last receipt, as the card's merchant asks."
    )


class LegacyPart(ApiSchema):
    """Points on an old card that expire together."""

    points: int
    expires_on: str | None = Field(description="The last day on which they can be withdrawn; null is never.")


class LegacyClaim(ApiSchema):
    """A balance of an old card of the caller's. `points` are those it came with, `points_left` those that the ledger
    still has in `legacy:<reference_hash>`."""

    class_id: str
    reference_hash: str
    points: int
    reference_tail: str | None = Field(description="The last characters of the card's number.")
    points_left: int | None = Field(description="Null while the gateway reads the ledger anew.")
    parts_left: list[LegacyPart] = Field(description="What points_left is made of, what expires first before.")
    expires_on: str | None
    claimed_at: Seconds


class LegacyWithdrawal(ApiSchema):
    """Moves old points to a wallet: to the kept account, or to the address whose key signed `jifen-withdrawal-1`."""

    class_id: ClassId
    reference_hash: Hash
    points: Points
    address: Address | None = None
    public_key: PublicKey | None = None
    proof: Signature | None = None
    valid_until: int | None = Field(default=None, ge=0, le=253_402_300_799, description="Part of what was signed.")

    @model_validator(mode="after")
    def _whole(self) -> LegacyWithdrawal:
        given = [value is not None for value in (self.address, self.public_key, self.proof, self.valid_until)]
        if any(given) and not all(given):
            raise ValueError(
                "address, public_key, proof and valid_until go together; none of them for the kept account"
            )
        return self


class Authorization(ApiSchema):
    """A member's signature."""

    public_key: PublicKey
    signature: Signature


class LegacyDeposit(ApiSchema):
    """Brings points back to an old card: from the kept account, or with the member's own signature over
    DepositFromWallet."""

    class_id: ClassId
    reference_hash: Hash
    points: Points
    valid_until: int | None = Field(default=None, ge=0, le=253_402_300_799, description="Part of what was signed.")
    authorization: Authorization | None = None

    @model_validator(mode="after")
    def _whole(self) -> LegacyDeposit:
        if (self.valid_until is None) != (self.authorization is None):
            raise ValueError("valid_until and authorization go together")
        return self


class LegacyFile(ApiSchema):
    """A file of old cards with its control totals."""

    class_id: ClassId
    control_count: int = Field(ge=1)
    control_total_points: int = Field(ge=1, le=INTEGER_MAX)
    file: str = Field(
        min_length=1,
        description="CSV with the columns reference, points, expires_on, salt, proof_sha256, by these names or in Chinese.",
    )
    file_name: str | None = Field(None, max_length=120, description="What a later refusal of the same cards names.")


class LegacyImportShown(ApiSchema):
    """A file of old cards. DONE: all of it stands on the ledger. WITHDRAWN: only the parts that were written before
    do."""

    import_id: str
    class_id: str
    cards: int
    points: int
    file_name: str | None
    status: Literal["LOADED", "CONFIRMED", "DONE", "WITHDRAWN"]
    parts: int = Field(description="How many operations of the ledger it takes.")
    parts_written: int = Field(description="How many of them can be read by now.")
    created_by: str
    created_by_name: str | None
    created_at: Seconds


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("not base64") from None
