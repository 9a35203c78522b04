"""A day's totals of a merchant's tills over HTTP."""

from __future__ import annotations

from flask.testing import FlaskClient

from chaincode.spec.kernel.calendar import day_of
from gateway.projection.queries.totals import seconds_of
from tests.scenes.http_operations import API, ask, earn, enroll, redeem

SHIFTED = {"offsets": [[0, 3600], [1_000_000, 7200], [2_000_000, 3600]]}


def test_a_day_adds_up(client: FlaskClient) -> None:
    before = ask(client, "/counter/totals")
    assert before["accruals"] == before["redemptions"] == before["refunds"] == 0
    ann = enroll(client, "ann")
    earn(client, ann.address, 50, "a-1")
    earn(client, ann.address, 7, "a-2")
    redemption = redeem(client, ann, 20, "till-1")["result"]["redemption"]
    answer = client.post(
        f"{API}/operations/refund", json={"args": {"redemption_id": redemption["redemption_id"], "points": 5}}
    )
    assert answer.status_code == 201, answer.data
    assert answer.json is not None
    found = ask(client, "/counter/totals", at_least_block=answer.json["block_number"])
    assert (found["accruals"], found["redemptions"], found["refunds"]) == (2, 1, 1)
    for name, points in (("accrued", 57), ("redeemed", 20), ("refunded", 5)):
        assert found[name] == [{"class_id": "northstar", "points": points, "value_millionths": points * 10_000}], name
    assert ask(client, "/counter/totals", day=found["day"]) == found
    other = ask(client, "/counter/totals", day="2001-02-03")
    assert (other["accruals"], other["accrued"]) == (0, [])
    assert ask(client, "/counter/totals", 400, day="2001-02-30")["code"] == "REQUEST_MALFORMED"


def test_a_day_has_its_seconds_and_no_others() -> None:
    for number in range(5, 40):
        day = day_of(number * 86_400 + 43_200, SHIFTED)
        first, last = seconds_of(day, SHIFTED)
        assert day_of(first, SHIFTED) == day_of(last, SHIFTED) == day
        assert day_of(first - 1, SHIFTED) < day < day_of(last + 1, SHIFTED)


def test_a_purchase_that_earned_nothing_does_not_count(client: FlaskClient) -> None:
    ann = enroll(client, "ann")
    earn(client, ann.address, 50, "a-1")
    block = earn(client, ann.address, 0, "a-2")["block_number"]
    found = ask(client, "/counter/totals", at_least_block=block)
    assert (found["accruals"], [one["points"] for one in found["accrued"]]) == (1, [50])
