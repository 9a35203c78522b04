"""The demo's log-ins: staff of every role, and a member whose key is one of the replay's. For demos: the keys follow
from numbers that everybody knows."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from admin.demo.setting import OPERATOR, member_key
from admin.errors import Unavailable
from chaincode.signing import MemberKey
from chaincode.spec.kernel.calendar import day_number
from gateway.client.wrapped_keys import wrapped_key
from gateway.identity.models import Person, StaffAccount
from gateway.members.models import LinkedAddress, WrappedKey
from gateway.members.wallets import OWN
from gateway.projection.models import ProjectedBucket
from gateway.security.principals import Role
from gateway.services.gateway import Gateway
from gateway.store.base import new_id

CUSTOMERS_MAX = 30_000


@dataclass(frozen=True)
class Guest:
    """One log-in: at whose gateway, as what, with what. `passphrase` opens a member's key."""

    org: str
    role: str
    contact: str
    password: str
    passphrase: str | None = None


def seat_staff(gateway: Gateway, password: str) -> list[Guest]:
    """An account of each role at the gateway; the operator's has an administrator and an auditor."""
    roles = (Role.ADMIN, Role.AUDITOR) if gateway.msp_id == OPERATOR else tuple(Role)
    guests = [Guest(gateway.msp_id, role.value, f"{role.value}@{gateway.msp_id}.example", password) for role in roles]
    hashed = gateway.people.passwords.hash(password)
    with gateway.store.writing() as session:
        for guest in guests:
            session.add(
                StaffAccount(
                    staff_id=new_id("stf"),
                    name=guest.role.title(),
                    email=guest.contact,
                    locale="zh",
                    roles=[guest.role],
                    status="ACTIVE",
                    password_hash=hashed,
                    created_at=gateway.clock(),
                )
            )
    return guests


def richest(gateway: Gateway, day: str, seated: Sequence[str] = ()) -> MemberKey:
    """The key of the customer, other than those of the addresses `seated`, who has points of the most classes that can
    still be spent on `day`, and the most of them. Raises Unavailable."""
    bucket = ProjectedBucket
    wanted = (
        select(bucket.account)
        .where(bucket.expires_day >= day_number(day), bucket.points > 0, bucket.account.not_in(seated))
        .group_by(bucket.account)
        .order_by(func.count(func.distinct(bucket.class_id)).desc(), func.sum(bucket.points).desc(), bucket.account)
        .limit(1)
    )
    with gateway.store.reading() as session:
        address = session.scalar(wanted)
    for number in range(1, CUSTOMERS_MAX):
        key = member_key(number)
        if key.address == address:
            return key
    raise Unavailable("GATEWAY_NOT_STARTED", "no customer of the replay has points")


def seat_member(gateway: Gateway, key: MemberKey, guest: Guest, name: str = "林小雨") -> None:
    """A member's account with this key, wrapped as their browser would have."""
    person_id, now = new_id("per"), gateway.clock()
    with gateway.store.writing() as session:
        session.add(
            Person(
                person_id=person_id,
                name=name,
                email=guest.contact,
                locale="zh",
                created_at=now,
                password_hash=gateway.people.passwords.hash(guest.password),
            )
        )
        session.flush()
        session.add(
            LinkedAddress(address=key.address, person_id=person_id, public_key=key.public_key, kind=OWN, linked_at=now)
        )
        session.flush()
        session.add(
            WrappedKey(
                address=key.address,
                version=1,
                person_id=person_id,
                document=wrapped_key(key, str(guest.passphrase)),
                created_at=now,
            )
        )


def new_password() -> str:
    """A password for the demo's log-ins, another one each time."""
    return "-".join(secrets.token_hex(2) for _ in range(3))
