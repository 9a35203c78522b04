"""Ids that the gateway gives to requests: the ledger takes them, nobody else has them, and the later is the greater."""

from __future__ import annotations

import pytest

from chaincode.spec.kernel import fields
from gateway.ledger import request_ids
from gateway.ledger.request_ids import new_request_id


def test_the_ledger_takes_them_and_no_two_are_the_same() -> None:
    made = {new_request_id() for _ in range(1000)}
    assert len(made) == 1000
    for one in made:
        fields.REQUEST_ID.check(one, "request_id")


def test_the_later_is_the_greater(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for milliseconds in (0, 1, 1_795_000_000_000, 1_795_000_000_001, 2**48 - 1):
        monkeypatch.setattr(request_ids.time, "time_ns", lambda now=milliseconds: now * 1_000_000)
        made.append(new_request_id())
    assert made == sorted(made)
    assert {len(one) for one in made} == {32}
