"""Issuance 发放: points that came into being. None is kept: the account's memory has what can be clawed back of it
(`requests`), and events have the rest."""

from __future__ import annotations

from typing import TypedDict

from chaincode.spec.nouns import Date


class NewIssuance(TypedDict):
    """An issuance as its operation tells it."""

    available_on: Date
    debt_paid: int  # points
    expires_on: Date | None  # null: never
    issuance_id: str
    issued_on: Date
    points: int
