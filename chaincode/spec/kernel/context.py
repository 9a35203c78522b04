"""Who speaks, when, and where: what a rule knows besides its arguments and the state."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum

from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.signatures import SigningPlace


class Role(StrEnum):
    """Roles of an organisation's certificates (attribute `jifen.role`; a NodeOU admin is `admin`)."""

    ADMIN = "admin"
    GATEWAY = "gateway"
    CASHIER = "cashier"
    MARKETING = "marketing"
    FINANCE = "finance"
    AUDITOR = "auditor"


class Authority(Enum):
    """Who may authorise an operation."""

    ORGANISATION = "organisation"
    MEMBER = "member"
    EITHER = "either"


@dataclass(frozen=True)
class Creator:
    """The submitter, from the transaction's certificate: MSP id, role (`""` for none) and, for a P-256 certificate, the
    public key in hex (`""` for any other)."""

    msp_id: str
    role: str
    public_key: str

    def to_json(self) -> dict[str, Json]:
        """As vectors and the programs of the Go rules have it."""
        return {"msp_id": self.msp_id, "public_key": self.public_key, "role": self.role}


@dataclass(frozen=True)
class Transaction:
    """One Fabric transaction: `now` in Unix seconds is its proposal's timestamp, `shard` the submitting gateway's lane.

    `operators` are those that this organisation's own chaincode server was told of by its declaration; None where there
    is no such server: on an embedded ledger, which nobody else endorses, and in a replay of what was endorsed.

    `network_id` is the hash of the channel's first block, as that server was told it, or as it is on an embedded ledger
    and in a replay; None where nobody knows it. `apply` puts that of the consortium's document in its place once there
    is one, so that all judge signatures alike."""

    channel: str
    chaincode: str
    tx_id: str
    now: int
    creator: Creator
    shard: int = 0
    operators: tuple[str, ...] | None = None
    network_id: str | None = None

    @property
    def place(self) -> SigningPlace:
        """Where a member's signature in this transaction must be good."""
        return SigningPlace(self.channel, self.chaincode, self.network_id or "")

    def to_json(self) -> dict[str, Json]:
        """As the programs of the Go rules (`jifen-conformance`, `jifen-replay`) read it."""
        return {
            "chaincode": self.chaincode,
            "channel": self.channel,
            "creator": self.creator.to_json(),
            "network_id": self.network_id or "",
            "now": self.now,
            "shard": self.shard,
            "tx_id": self.tx_id,
        }


@dataclass(frozen=True)
class Context:
    """One operation in its transaction. `member` is the authorising address, or None where the organisation speaks;
    `authoriser` is the member's address or the organisation's MSP id. `today` is the consortium's day (`calendar`),
    `consortium` its document. `booking_day` is the day that it surely is, however far ahead the submitter dated
    (`DATE_MARGIN_SECONDS`): what lasted until the day before it is booked as expired."""

    transaction: Transaction
    request_id: str
    valid_until: int
    authoriser: str
    member: str | None
    today: int = 0
    booking_day: int = 0
    consortium: Json = field(default=None, compare=False)
    content: str = ""
    """What makes two requests equal (`authorisation.content_of`)."""

    @property
    def now(self) -> int:
        return self.transaction.now

    @property
    def msp_id(self) -> str:
        """The submitting organisation: the authoriser, or the one that relays a member's operation."""
        return self.transaction.creator.msp_id

    @property
    def shard(self) -> int:
        return self.transaction.shard

    @property
    def new_id(self) -> str:
        """The requester, and so the id of the redemption or hold that this operation makes."""
        return f"{self.authoriser}/{self.request_id}"

    @property
    def issuance_prefix(self) -> str:
        """What stands before `.<index>` in the ids of issuances that this operation makes."""
        return self.request_id if self.member is None else self.new_id
