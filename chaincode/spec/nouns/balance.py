"""Balance 余额: the points of one class in one account, and what is remembered of requests about it."""

from __future__ import annotations

from typing import TypedDict

from chaincode.spec.nouns import Date

STORED = ("buckets", "pending", "debt", "entries", "spilled_until")


class Bucket(TypedDict):
    """All points with one last day."""

    expires_on: Date | None  # null: never
    held: int  # points, part of `points`
    points: int


class PendingBucket(TypedDict):
    """Points that cannot be spent yet."""

    available_on: Date
    expires_on: Date | None  # null: never
    points: int


class StoredBalance(TypedDict):
    """A stored balance by the names of its values, without what is remembered."""

    buckets: list[Bucket]
    debt: int  # points
    pending_buckets: list[PendingBucket]


class Balance(StoredBalance):
    """A balance as it stands on a day, in points, with its sums: points = spendable + held + pending + expired."""

    account: str
    class_id: str
    expired: int
    held: int
    pending: int
    points: int
    spendable: int


class MovedBalance(TypedDict):
    """What moved of one class from account to account, in points."""

    class_id: str
    debt: int
    pending: int
    points: int
