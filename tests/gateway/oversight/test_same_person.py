"""A gateway relays the merging of accounts as issuer only where it knows them as one person's."""

from __future__ import annotations

from typing import Any, cast

import pytest

from chaincode.cases.world import ALICE, BOB, CAROL, PEOPLE
from chaincode.spec.kernel import keys
from gateway.core.errors import GatewayError
from gateway.oversight.oversight import Oversight
from gateway.security.principals import Member

PERSONS = {ALICE: "per_1", BOB: "per_1", CAROL: "per_2"}


class Linked:
    """Whose each address is."""

    def person_of(self, address: str) -> str | None:
        return PERSONS.get(address)


class Nothing:
    """Asks for no second person, and writes nothing down."""

    def ask(self, *asked: Any) -> None:
        return None


def merge(target: str, *, transferable: bool = False, debt: int = 0, issuer: str = "northstar") -> None:
    documents = {
        keys.point_class("north"): {"issuer_msp": issuer, "transferable": transferable},
        keys.balance("north", ALICE): [[], [], debt, [], 0],
    }
    nothing = cast(Any, Nothing())
    oversight = Oversight(nothing, nothing, cast(Any, Linked()), documents.get, "northstar")
    args = {"class_ids": ["north"], "proof": "0" * 128, "public_key": "04", "target": target}
    operation = {"args": args, "op": "MergeAccounts", "request_id": "r", "valid_until": 1}
    authorization = {"public_key": PEOPLE["alice"].public_key, "signature": "0" * 128}
    oversight.before(cast(Member, None), {**operation, "authorization": authorization})


def test_own_accounts_may_be_merged() -> None:
    merge(BOB)
    merge(BOB, debt=5)


@pytest.mark.parametrize("target", [CAROL, "jf1unknown"])
def test_what_cannot_be_sent_on_is_not_merged_into_another_persons(target: str) -> None:
    with pytest.raises(GatewayError, match="NOT_SAME_PERSON"):
        merge(target)
    with pytest.raises(GatewayError, match="NOT_SAME_PERSON"):
        merge(target, transferable=True, debt=1)


def test_where_the_issuer_vouches_for_nothing_the_ledger_decides() -> None:
    merge(CAROL, transferable=True)
    merge(CAROL, issuer="harbor")
