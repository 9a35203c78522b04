"""E-mail addresses and mobile numbers as people write them, and what is none."""

from __future__ import annotations

import pytest

from gateway.core.errors import GatewayError
from gateway.identity.contacts import parse_contact


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Lin@Example.org", "lin@example.org"),
        ("lin＠example。org", "lin@example.org"),
        ("ｌｉｎ@example.org", "lin@example.org"),
        ("13812345678", "+8613812345678"),
        ("１３８ １２３４ ５６７８", "+8613812345678"),
        ("＋８６ 138-1234-5678", "+8613812345678"),
        ("+1 415 555 2671", "+14155552671"),
        ("+44 7911 123456", "+447911123456"),
    ],
)
def test_contacts_are_taken_as_they_are_typed(text: str, value: str) -> None:
    assert parse_contact(text, "CN").value == value


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("010 6552 9988", "not the number of a mobile telephone"),
        ("400 820 1234", "not the number of a mobile telephone"),
        ("+44 20 7946 0958", "not the number of a mobile telephone"),
        ("1-800-FLOWERS", "not a telephone number"),
        ("+1 800 FLOWERS", "not a telephone number"),
        ("notanemail", "not a telephone number"),
        ("12345", "not a telephone number"),
        ("lin@", "not an e-mail address"),
    ],
)
def test_what_takes_no_messages_is_told_with_what_would(text: str, told: str) -> None:
    with pytest.raises(GatewayError, match=f"CONTACT_INVALID: {told}"):
        parse_contact(text, "CN")
