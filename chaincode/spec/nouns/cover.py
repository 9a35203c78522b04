"""Cover 担保额: what an issuer posted for what it comes to owe, and how much of it its slices give out."""

from __future__ import annotations

from chaincode.spec.nouns.fund import Collateral


class Cover(Collateral):
    """An issuer's cover."""

    allocated_millionths: int
    drawn_millionths: int  # what defaults took of it, all together


STORED = Cover
