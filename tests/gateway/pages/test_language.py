"""Numbers, money and days as each language writes them, and the language that a browser asks for."""

from __future__ import annotations

import pytest

from gateway.pages.frame.language import Speech, grouped, plain_points, preferred, short, typed_points

SHANGHAI = ("Asia/Shanghai", "CNY", ((0, 28_800),))
EN, ZH = Speech("en", *SHANGHAI), Speech("zh", *SHANGHAI)


def test_money_is_rounded_half_to_even_and_a_price_is_not_rounded() -> None:
    assert (ZH.money(1_234_565_000), EN.money(1_234_565_000)) == ("¥1,234.56", "CN¥1,234.56")
    assert ZH.money(1_234_575_000) == "¥1,234.58"
    assert (ZH.price(8_000), ZH.price(12_500), ZH.price(2_000_000)) == ("¥0.008", "¥0.0125", "¥2.00")


def test_amounts_have_the_digits_with_which_they_add_up_and_nothing_has_no_minus() -> None:
    assert [ZH.digits_for(rows) for rows in ([], [10_000, 0], [8_000, 10_000], [-8_000], [1], [1_000_100])] == [
        2, 2, 4, 4, 6, 4,
    ]  # fmt: skip
    assert (ZH.money(-3_900), ZH.money(-3_900, 4), ZH.money(3_900, 4)) == ("¥0.00", "−¥0.0039", "¥0.0039")
    assert (EN.money(0, 4), EN.money(1_234_567_890, 4)) == ("CN¥0.0000", "CN¥1,234.5679")
    assert Speech("en", "UTC", "JPY").money(1_500_000) == "¥2"


def test_a_sum_and_its_parts_have_more_digits_only_where_they_would_not_add_up() -> None:
    for parts, digits in (
        ([408_000, 490_000], 2),
        ([1_640_000, 1_462_500, 104_000], 4),
        ([-136_000, -137_500, -720_000], 4),
        ([4_999, 2], 6),
        ([], 2),
    ):
        assert ZH.digits_of_sum(parts) == digits, parts


def test_points_have_the_digits_of_their_class() -> None:
    assert (EN.points(1234567), EN.points(1234567, 2)) == ("1,234,567", "12,345.67")
    assert (EN.signed(5), EN.signed(-5), EN.signed(0)) == ("+5", "−5", "0")


@pytest.mark.parametrize(
    ("typed", "decimals", "points"),
    [
        ("25", 0, 25),
        ("12.5", 2, 1250),
        ("１２。５０", 2, 1250),
        (" 1,234 ", 0, 1234),
        ("0.07", 2, 7),
        ("12.5", 0, None),
        ("12.345", 2, None),
        ("12,50", 2, None),
        ("-1", 0, None),
        ("", 0, None),
        ("1e3", 0, None),
    ],
)
def test_points_are_taken_as_people_type_them(typed: str, decimals: int, points: int | None) -> None:
    assert typed_points(typed, decimals) == points


def test_points_stand_in_a_field_as_they_are_typed() -> None:
    assert (plain_points(12345, 2), plain_points(5, 2), plain_points(12345, 0)) == ("123.45", "0.05", "12345")


def test_times_are_those_of_the_consortium() -> None:
    assert ZH.day("1998-06-30") == "1998年6月30日"
    assert ZH.time(899_222_400) == "1998年7月1日 00:00:00"
    assert EN.time(None) == EN.day(None) == ""
    assert ZH.moment(899_222_400).isoformat() == "1998-07-01T00:00:00+08:00"
    assert ZH.today(899_222_399).isoformat() == "1998-06-30"


@pytest.mark.parametrize(
    ("name", "offset", "shown", "for_scripts"),
    [
        ("Asia/Beijing", 28_800, "1998年7月1日 08:00:00", "UTC"),
        ("../etc/passwd", 8, "1998年7月1日 00:00:08", "UTC"),
        ("\x00", -86_400, "1998年6月30日 00:00:00", "UTC"),
        ("Asia/Shanghai", 86_400, "1998年7月2日 00:00:00", "Asia/Shanghai"),
    ],
)
def test_whatever_zone_stands_on_the_ledger_times_are_those_of_its_table(
    name: str, offset: int, shown: str, for_scripts: str
) -> None:
    speech = Speech("zh", name, "CNY", ((0, offset),))
    assert speech.time(899_251_200) == shown
    assert speech.script_zone == for_scripts
    assert speech.moment(899_251_200).timestamp() == 899_251_200


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("de-DE,en;q=0.5,zh;q=0.6", "zh"),
        ("fr", "en"),
        ("", "en"),
        ("zh;q=x,en", "en"),
        ("zh;q=0,fr", "en"),
    ],
)
def test_the_language_that_a_browser_prefers(header: str, language: str) -> None:
    assert preferred(header) == language


def test_addresses_are_shown_as_people_compare_them() -> None:
    assert grouped("jf1abcdefgh") == "jf1a bcde fgh"
    assert short("jf1abcdefghijklmnop") == "jf1abcde…klmnop"
