"""What a gateway refuses although the ledger would take it."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.core.display_names import fault_of_name
from gateway.ledger.errors import Rejected
from gateway.submissions.normalise import complete
from network.declaration.time_zones import offsets

NOW = 1_795_000_000
SHANGHAI = {"name": "Asia/Shanghai", "offsets": [[0, 28_800]]}


def opening(**changes: Any) -> dict[str, Any]:
    args = {
        "acceptance_days": 7,
        "confirmation_days": 3,
        "currency": {"code": "CNY", "minor_unit_millionths": 10_000},
        "disputes": {"answer_days": 5, "escalation_days": 5, "fee_minor": 0, "inquiry_days": 5, "vote_days": 5},
        "name": "Tea and bread",
        "network_id": "0" * 64,
        "operators": ["chamber"],
        "payment_days": 3,
        "refund_days": 90,
        "time_zone": SHANGHAI,
    }
    return {"op": "OpenConsortium", "args": {**args, **changes}}


@pytest.mark.parametrize("zone", [SHANGHAI, {"name": "Europe/Berlin", "offsets": offsets("Europe/Berlin")}])
@pytest.mark.parametrize("minor", [1_000_000, 10_000, 1_000, 100])
def test_a_zone_with_its_own_table_and_a_known_minor_unit_are_taken(zone: dict[str, Any], minor: int) -> None:
    currency = {"code": "CNY", "minor_unit_millionths": minor}
    complete(opening(time_zone=zone, currency=currency), None, NOW, 60)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"time_zone": {"name": "Asia/Beijing", "offsets": [[0, 28_800]]}}, "time_zone: Asia/Beijing is no time zone of the IANA list, such as Asia/Shanghai"),
        ({"time_zone": {"name": "../passwd", "offsets": [[0, 0]]}}, "time_zone: ../passwd is no time zone of the IANA list"),
        ({"time_zone": {"name": "Asia/Shanghai", "offsets": [[0, 8]]}}, "Asia/Shanghai is 28800 seconds ahead of UTC on 2026-11-18, and the table says 8"),
        ({"time_zone": {"name": "Europe/Berlin", "offsets": [[0, 3_600]]}}, "Europe/Berlin is 7200 seconds ahead of UTC on 2027-03-28"),
        ({"currency": {"code": "CNY", "minor_unit_millionths": 50_000}}, "currency.minor_unit_millionths: expected power of ten 1..1000000"),
        ({"currency": {"code": "CNY", "minor_unit_millionths": 100_000}}, "currency.minor_unit_millionths: 100,000 is the minor unit of no currency"),
        ({"name": " "}, "name: expected a name with at least one letter, digit or sign"),
    ],
)  # fmt: skip
def test_what_there_is_not_in_the_world_is_refused_and_told(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(Rejected, match="INVALID_ARGUMENT") as refused:
        complete(opening(**changes), None, NOW, 60)
    assert told in refused.value.detail


@pytest.mark.parametrize("name", ["北辰书店", "A", "Café 7 & Söhne", "क्‍ष", "👩‍🍳 Bakery"])
def test_names_of_all_scripts_are_names(name: str) -> None:
    assert fault_of_name(name) is None


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        (" ", "at least one letter"),
        ("\u3000\u00a0", "at least one letter"),
        ("\u200b", "at least one letter"),
        ("\u200d", "at least one letter"),
        ("\u202eevil", "U+202E"),
        ("ba\u200bkery", "U+200B"),
        ("two\nlines", "U+000A"),
        (" bakery", "blank"),
        ("bakery\u3000", "blank"),
    ],
)
def test_a_name_that_cannot_be_seen_or_misleads_is_none(name: str, fault: str) -> None:
    assert fault in str(fault_of_name(name))


def test_merchants_and_classes_have_names_that_can_be_seen() -> None:
    with pytest.raises(Rejected, match="name: has the character U\\+202E"):
        complete({"op": "RegisterMerchant", "args": {"msp_id": "inn", "name": "in\u202en"}}, None, NOW, 60)
