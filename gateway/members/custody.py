"""Keys that the gateway keeps for members without a browser: sealed at rest, opened for one signature at a time.

What a custodial key signs: in the member's own session whatever a member may; at a counter Redeem and Hold at this
merchant alone, with a code that the member gives the cashier, so that nobody at the till can spend points of somebody
who is not there. A member who wants a key of their own links it and sends their points there (Transfer); legacy points
go through DepositFromWallet and WithdrawToWallet.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args

import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from chaincode.signing import MemberKey
from chaincode.spec.kernel.authorisation import check_form
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.signatures import SigningPlace
from chaincode.spec.operations import OPERATIONS
from gateway.core.errors import GatewayError
from gateway.identity import codes
from gateway.identity.codes import IssuedCode, OneTimeCodes, Presented
from gateway.identity.holders import PERSON, Holder
from gateway.identity.models import OneTimeCode
from gateway.members.models import CustodialKey
from gateway.members.wallets import CUSTODIAL, Wallets
from gateway.security.cipher import Cipher
from gateway.store.base import new_id
from gateway.store.engine import Store

SCALAR_BYTES = 32
SignedForMember = Literal[
    "Approve",
    "DepositFromWallet",
    "Exchange",
    "Hold",
    "MergeAccounts",
    "MoveHome",
    "ObjectRebind",
    "Redeem",
    "Release",
    "Transfer",
    "TransferFrom",
]
SIGNED_FOR_MEMBER = frozenset(get_args(SignedForMember))
SIGNED_AT_COUNTER = frozenset({"Hold", "Redeem"})
NO_CODE = "otc_none"
"""Names no code, for who has none: refused in the same words as a wrong one."""
ANY_CLASS = "any"
"""Holds the place of the code's classes in what a cashier asks for."""

_log = structlog.get_logger()


class Custody:
    """Makes and uses custodial keys. `signing_place` says where signatures must be good."""

    def __init__(
        self,
        store: Store,
        cipher: Cipher,
        wallets: Wallets,
        one_time_codes: OneTimeCodes,
        *,
        msp_id: str,
        counter_seconds: int,
        signing_place: Callable[[], SigningPlace],
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self._store = store
        self._cipher = cipher
        self._wallets = wallets
        self._codes = one_time_codes
        self._msp_id = msp_id
        self._counter_seconds = counter_seconds
        self._signing_place = signing_place
        self._clock = clock

    def create(self, person_id: str) -> CustodialKey:
        """A new key for the person; the one that they have, if they have one. Raises GatewayError ADDRESSES_FULL."""
        found = self._find(person_id)
        if found is not None:
            return found
        made = ec.generate_private_key(ec.SECP256R1())
        key = MemberKey(made)
        custody_id, now = new_id("cus"), self._clock()
        row = CustodialKey(
            custody_id=custody_id,
            person_id=person_id,
            address=key.address,
            key_id=self._cipher.key_id,
            sealed=self._cipher.seal_text(
                made.private_numbers().private_value.to_bytes(SCALAR_BYTES), context(custody_id, key.address)
            ),
            created_at=now,
            sealed_at=now,
        )
        try:
            with self._store.writing() as session:
                session.add(row)
                self._wallets.link(session, person_id, key.address, key.public_key, CUSTODIAL)
        except IntegrityError:  # made twice at the same time
            return self._get(person_id)
        _log.info("custodial_key_made", person=person_id, address=key.address)
        return row

    def address(self, person_id: str) -> str | None:
        """The person's custodial address, if they have one."""
        found = self._find(person_id)
        return None if found is None else found.address

    def sign(self, person_id: str, operation: Mapping[str, Any]) -> dict[str, Any]:
        """The operation with the member's authorization, on their own behalf. Raises GatewayError CUSTODY_UNKNOWN,
        CUSTODY_REFUSED (not a member's operation)."""
        if operation["op"] not in SIGNED_FOR_MEMBER:
            raise GatewayError("CUSTODY_REFUSED", f"{operation['op']} is not signed by a member's key")
        _require_form(operation)
        return self._key(person_id).authorise(operation, self._signing_place())

    def counter_code(self, person_id: str, points_max: int, class_ids: Sequence[str]) -> IssuedCode:
        """A code that the member gives a cashier, for one Redeem or Hold of at most so many points of these classes.
        Raises GatewayError CUSTODY_UNKNOWN."""
        self._get(person_id)
        return self._codes.issue(
            codes.COUNTER,
            person_id,
            holder=Holder(PERSON, person_id),
            payload={"points_max": points_max, "class_ids": sorted(set(class_ids))},
            seconds=self._counter_seconds,
        )

    def sign_at_counter(
        self, person_id: str, operation: Mapping[str, Any], code: str, *, codes_classes: bool = False
    ) -> dict[str, Any]:
        """The operation with the member's authorization, when the code is the one that they have open; with
        `codes_classes` it is of the classes that the code is for. Raises GatewayError CUSTODY_UNKNOWN, CUSTODY_REFUSED
        (another operation, another merchant, other classes or more points than the code is for), CODE_REFUSED."""
        _require_form(operation)
        args = dict(operation["args"])
        if operation["op"] not in SIGNED_AT_COUNTER or args["acceptor_msp"] != self._msp_id:
            raise GatewayError("CUSTODY_REFUSED", "at a counter, Redeem and Hold at this merchant alone")
        key = self._key(person_id)

        def check(rows: Sequence[OneTimeCode]) -> None:
            points_max, class_ids = rows[0].payload["points_max"], rows[0].payload.get("class_ids", [])
            if codes_classes:
                args["class_ids"] = list(class_ids)
            if args["points"] > points_max or not class_ids or not set(args["class_ids"]) <= set(class_ids):
                raise GatewayError(
                    "CUSTODY_REFUSED", f"the code is for at most {points_max} points of {', '.join(class_ids)}"
                )

        holder = Holder(PERSON, person_id)
        code_id = self._codes.open_id(codes.COUNTER, holder) or NO_CODE
        self._codes.redeem(Presented(codes.COUNTER, code_id, code), holder=holder, check=check)
        return key.authorise({**operation, "args": args}, self._signing_place())

    def enrolment(self, person_id: str) -> dict[str, Any]:
        """The arguments of EnrollMember at this merchant, with the member's consent. Raises GatewayError
        CUSTODY_UNKNOWN."""
        return self._key(person_id).enrolment(self._msp_id, self._signing_place())

    def withdrawal(
        self, person_id: str, class_id: str, reference_hash: str, points: int, request_id: str, valid_until: int
    ) -> dict[str, Any]:
        """The arguments of WithdrawToWallet to the custodial address. Raises GatewayError CUSTODY_UNKNOWN."""
        key, place = self._key(person_id), self._signing_place()
        return key.withdrawal(class_id, reference_hash, points, request_id, valid_until, place)

    def _find(self, person_id: str) -> CustodialKey | None:
        with self._store.reading() as session:
            return session.scalar(select(CustodialKey).where(CustodialKey.person_id == person_id))

    def _get(self, person_id: str) -> CustodialKey:
        found = self._find(person_id)
        if found is None:
            raise GatewayError("CUSTODY_UNKNOWN", "the gateway keeps no key for this person")
        return found

    def _key(self, person_id: str) -> MemberKey:
        row = self._get(person_id)
        scalar = self._cipher.open_text(row.sealed, context(row.custody_id, row.address))
        return MemberKey(ec.derive_private_key(int.from_bytes(scalar), ec.SECP256R1()))


def _require_form(operation: Mapping[str, Any]) -> None:
    try:
        check_form(dict(operation), OPERATIONS)
    except Refusal as refusal:
        raise GatewayError("CUSTODY_REFUSED", f"{refusal.code}: {refusal.detail}") from None


def context(custody_id: str, address: str) -> str:
    """What a sealed key is bound to."""
    return f"custody:{custody_id}:{address}"
