"""Vectors of the encodings and the arithmetic: canonical JSON, Bech32, dates, rounding, netting, default."""

from __future__ import annotations

from collections.abc import Iterator

from chaincode.spec.kernel import bech32, calendar, netting, waterfall
from chaincode.spec.kernel.canonical import Json, decode, encode
from chaincode.spec.kernel.certificates import role_in
from chaincode.spec.kernel.codes import Refusal

GOOD = {
    "empty_object": "{}",
    "empty_list": "[]",
    "nested_empty": '{"a":[],"b":{},"c":[{}]}',
    "white_space": ' \t\r\n{ "b" : [ 1 , 2 ] , "a" : null } \n',
    "keys_by_code_point": '{"b":1,"a":2,"B":3,"\\u00e9":4,"e\\u0301":5,"\\u0000":6,"":7}',
    "keys_beyond_the_basic_plane": '{"\\ud83d\\ude00":1,"\\uffff":2,"z":3}',
    "chinese": '{"积分":"北辰书店"}',
    "escapes": '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f\\u0080\\u2028\\u2029\\ufeff"',
    "escaped_ascii": '"\\u0041\\u002F"',
    "surrogate_pair": '"\\ud83d\\ude00"',
    "not_normalised": '["\\u00e9","e\\u0301"]',
    "html": '"<&>\'"',
    "literals": "[true,false,null]",
    "largest": "[9007199254740991,-9007199254740991]",
    "zero": "[0,-1,1]",
    "depth_at_limit": "[" * 16 + "]" * 16,
    "brackets_in_a_string": '["' + "[" * 40 + '"]',
    "quote_and_brackets_in_a_string": '["\\"' + "{" * 40 + '"]',
    "lone_text": '"x"',
    "lone_number": "7",
}
BAD = {
    "nothing": ("", "not JSON"),
    "white_space_only": ("  ", "not JSON"),
    "one_past_largest": ("9007199254740992", "integer out of range"),
    "one_past_smallest": ("-9007199254740992", "integer out of range"),
    "very_long_integer": ("1" * 400, "integer out of range"),
    "minus_zero": ("-0", "integer out of range"),
    "leading_zero": ("01", "not JSON"),
    "plus": ("+1", "not JSON"),
    "fraction": ("1.0", "number is not an integer"),
    "exponent": ("1e2", "number is not an integer"),
    "long_fraction": ("1" * 40 + ".5", "number is not an integer"),
    "fraction_without_digits": ("1.", "not JSON"),
    "exponent_without_digits": ("1e", "not JSON"),
    "minus_alone": ("-", "not JSON"),
    "nan": ("NaN", "not JSON"),
    "infinity": ("[-Infinity]", "not JSON"),
    "duplicate_key": ('{"a":1,"a":1}', "duplicate key"),
    "duplicate_key_escaped": ('{"a":1,"\\u0061":2}', "duplicate key"),
    "duplicate_key_inside": ('{"x":[{"a":1,"a":2}]}', "duplicate key"),
    "lone_high_surrogate": ('"\\ud800"', "lone surrogate"),
    "lone_low_surrogate": ('["\\udc00"]', "lone surrogate"),
    "surrogates_in_wrong_order": ('"\\udc00\\ud800"', "lone surrogate"),
    "surrogate_in_a_key": ('{"\\ud800":1}', "lone surrogate"),
    "too_deep": ("[" * 17 + "]" * 17, "nested too deep"),
    "too_deep_and_broken": ("{" * 17, "nested too deep"),
    "control_character": ('"a\nb"', "not JSON"),
    "unfinished_text": ('"abc', "not JSON"),
    "unfinished_escape": ('"\\u12"', "not JSON"),
    "unknown_escape": ('"\\x41"', "not JSON"),
    "single_quotes": ("'a'", "not JSON"),
    "trailing_comma": ("[1,]", "not JSON"),
    "missing_comma": ("[1 2]", "not JSON"),
    "missing_colon": ('{"a" 1}', "not JSON"),
    "key_without_quotes": ("{a:1}", "not JSON"),
    "two_documents": ("1 2", "not JSON"),
    "comment": ("/* */1", "not JSON"),
    "other_white_space": ("\u00a01", "not JSON"),
    "byte_order_mark": ("\ufeff{}", "not JSON"),
    "literal_in_upper_case": ("TRUE", "not JSON"),
}
BAD_BYTES = {"invalid_utf_8": "22ff22", "overlong": "22c0af22", "encoded_surrogate": "22eda08022", "cut_off": "22e7a7"}


def encoding_vectors() -> Iterator[tuple[str, str, Json]]:
    """(folder, name, document)."""
    for name, text in GOOD.items():
        canonical = encode(decode(text.encode("utf-8"))).decode("utf-8")
        yield (
            "canonical",
            name,
            {"description": name.replace("_", " "), "text": text, "expect": {"canonical": canonical}},
        )
    for name, (text, detail) in BAD.items():
        yield "canonical", f"bad_{name}", _refused(name, {"text": text}, text.encode("utf-8"), detail)
    for name, digits in BAD_BYTES.items():
        yield "canonical", f"bad_{name}", _refused(name, {"hex": digits}, bytes.fromhex(digits), "not UTF-8")
    yield from _bech32()
    yield from _calendar()
    yield from _certificates()
    yield from _netting()
    yield from _waterfall()


def _detail(data: bytes) -> str:
    """What decoding says, empty where it takes the document."""
    try:
        decode(data)
    except Refusal as refusal:
        return refusal.detail
    return ""


def _refused(name: str, given: Json, data: bytes, detail: str) -> Json:
    assert _detail(data) == detail, name
    return {
        "description": name.replace("_", " "),
        **given,
        "expect": {"refusal": {"code": "MALFORMED", "detail": detail}},
    }


ROLES = {
    '{"attrs":{"hf.Type":"client","jifen.role":"gateway"}}': "gateway",
    '{"attrs":{"jifen.role":"admin"},"more":[1]}': "admin",
    '{"attrs":{"hf.Type":"client"}}': "",
    '{"attrs":{"jifen.role":""}}': "",
    '{"attrs":{"jifen.role":null}}': "",
    '{"attrs":{"jifen.role":["admin"]}}': "",
    '{"attrs":{"jifen.role":true}}': "",
    '{"attrs":{"jifen.role":"gateway","level":1}}': "gateway",
    '{"attrs":{"jifen.role":"gateway","level":1.5}}': "",
    '{"attrs":{"jifen.role":"cashier","jifen.role":"admin"}}': "",
    '{"attrs":{"jifen.Role":"admin"}}': "",
    '{"Attrs":{"jifen.role":"admin"}}': "",
    '{"attrs":null}': "",
    '{"attrs":[]}': "",
    "{}": "",
    "[]": "",
    "null": "",
    "": "",
    '{"attrs":{"jifen.role":"admin"}} x': "",
    '{"attrs":{"jifen.role":"admin"},"x":NaN}': "",
}
"""What the attribute extension of a certificate may hold, and the role in it."""


def _certificates() -> Iterator[tuple[str, str, Json]]:
    cases: list[Json] = []
    for text, role in ROLES.items():
        assert role_in(text.encode("utf-8")) == role, text
        cases.append({"attributes": text, "role": role})
    yield "certificates", "roles", {"description": "the role in a certificate's attributes", "cases": cases}


def _bech32() -> Iterator[tuple[str, str, Json]]:
    cases = []
    for data in (bytes(20), bytes(range(20)), b"\xff" * 20):
        text = bech32.encode("jf", data)
        assert bech32.decode("jf", text) == data
        cases.append({"hex": data.hex(), "text": text})
    good = cases[1]["text"]
    bad = [
        good[:-1],
        good + "q",
        good.upper(),
        good.replace("jf1", "bc1"),
        good[:10] + good[11] + good[10] + good[12:],
        "jf1",
        "",
    ]
    assert all(bech32.decode("jf", text) is None for text in bad)
    yield "bech32", "addresses", {"description": "20 bytes with the prefix jf", "good": cases, "bad": bad}
    # From BIP-173 itself: valid strings with other prefixes.
    outside = {"a": "a12uel5l", "abcdef": "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"}
    assert all(bech32.decode(prefix, text) is not None for prefix, text in outside.items())
    yield (
        "bech32",
        "bip_173",
        {"description": "valid in BIP-173", "valid": [{"prefix": p, "text": t} for p, t in outside.items()]},
    )


def _calendar() -> Iterator[tuple[str, str, Json]]:
    zone = {"name": "x", "offsets": [[0, 28_800], [515_527_200, 32_400], [527_014_800, 28_800]]}
    moments = [0, 57_599, 57_600, 515_527_199, 515_527_200, 515_545_200, 527_014_799, 527_014_800, 253_402_300_799]
    days = [{"date": calendar.day_of(now, zone), "now": now} for now in moments]
    yield "calendar", "days", {"description": "the day of a second", "time_zone": zone, "cases": days}
    expiries = [
        {
            "expires_on": calendar.date_of(calendar.expiry(calendar.day_number(issued_on), validity)),
            "issued_on": issued_on,
            "validity": validity,
        }
        for issued_on in ("2024-01-31", "2024-02-29", "2026-12-31", "9999-12-30")
        for validity in (
            {"kind": "NEVER"},
            {"days": 0, "kind": "DAYS"},
            {"days": 365, "kind": "DAYS"},
            {"days": 36_500, "kind": "DAYS"},
            {"kind": "MONTH_END", "months": 0},
            {"kind": "MONTH_END", "months": 1},
            {"kind": "MONTH_END", "months": 13},
            {"kind": "MONTH_END", "months": 1200},
            {"date": "2026-06-30", "kind": "DATE"},
        )
    ]
    yield "calendar", "expiries", {"description": "the last day of points", "cases": expiries}


def _netting() -> Iterator[tuple[str, str, Json]]:
    values = [0, 4_999, 5_000, 5_001, 15_000, 25_000, -4_999, -5_000, -5_001, -15_000, -25_000, 9_007_199_254_740_991]
    rounded = [
        {"carried": carried, "unit": 10_000, "value": value, "whole": whole}
        for value in values
        for whole, carried in [netting.round_half_even(value, 10_000)]
    ]
    yield "netting", "rounding", {"description": "half to even, with the exact remainder", "cases": rounded}
    matrices = {
        "design": {"A>B": 1000, "B>C": 700, "C>A": 500, "A>C": 200},
        "ties": {"A>B": 100, "C>D": 100},
        "circle": {"A>B": 5, "B>C": 5, "C>A": 5},
        "refunds": {"A>B": -7, "B>C": 3},
        "one_to_many": {"A>B": 3, "A>C": 3, "A>D": 4},
        "ring": {"A>B": 500, "B>C": 500, "C>D": 500, "D>A": 500},
        "five": {"A>B": 900, "B>C": 800, "C>D": 700, "D>E": 600, "E>A": 500, "A>C": 50, "D>B": 120},
    }
    cases: list[Json] = []
    for name, owed in matrices.items():
        net = netting.net_positions((tuple(pair.split(">")), amount) for pair, amount in owed.items())  # type: ignore[misc]
        paid = [{"amount": amount, "payee": payee, "payer": payer} for payer, payee, amount in netting.payments(net)]
        cases.append({"name": name, "net": net, "owed": owed, "payments": paid})
    by_name = {case["name"]: case for case in cases}
    assert by_name["design"]["net"] == {"A": -700, "B": 300, "C": 400}
    assert by_name["ring"]["payments"] == []
    assert by_name["five"]["net"] == {"A": -450, "B": 220, "C": 150, "D": -20, "E": 100}
    five = [(paid["payer"], paid["payee"], paid["amount"]) for paid in by_name["five"]["payments"]]
    assert five == [("A", "B", 220), ("A", "C", 150), ("A", "E", 80), ("D", "E", 20)]
    yield "netting", "payments", {"description": "largest debtor pays largest creditor, ties by name", "cases": cases}


def _waterfall() -> Iterator[tuple[str, str, Json]]:
    thousand = {"B": 1000, "C": 3000}
    given: dict[str, tuple[Json, Json]] = {
        "losses_by_limits": (
            {"owed": {"B": 500, "C": 200}, "cover": 450, "fund": 100, "limits": thousand},
            {"losses": {"B": 38, "C": 112}, "payments": [["/COVER", "B", 450], ["/FUND", "C", 88], ["/FUND", "B", 12]]},
        ),
        "ties_by_name": (
            {"owed": {"B": 100}, "limits": {"D": 700, "C": 700, "B": 700}},
            {"losses": {"B": 34, "C": 33, "D": 33}, "payments": [["C", "B", 33], ["D", "B", 33]]},
        ),
        "cover_is_enough": (
            {"owed": {"B": 30, "C": 20}, "cover": 90, "fund": 10, "limits": thousand},
            {"cover": 50, "fund": 0, "losses": {}},
        ),
        "set_off_first": (
            {"owed": {"B": 100}, "claims": {"C": 60, "D": 30}, "cover": 90, "limits": {"B": 1, "C": 1, "D": 1}},
            {"set_off": {"C": 60, "D": 30}, "cover": 10, "losses": {}},
        ),
        "creditor_fails": (
            {"owed": {"B": 10}, "claims": {"C": 60, "B": 30}, "cover": 90, "limits": {"B": 1, "C": 1}},
            {"set_off": {"B": 3, "C": 7}, "cover": 0, "payments": [["C", "B", 7]]},
        ),
        "second_default": (
            {"owed": {"B": 38, "D": 20}, "cover": 8, "limits": {"B": 30, "D": 20}},
            {"losses": {"B": 30, "D": 20}, "haircuts": {}},
        ),
        "caps_reached": (
            {"owed": {"B": 200, "C": 100}, "limits": {"B": 100, "C": 50}},
            {"losses": {"B": 100, "C": 50}, "haircuts": {"B": 100, "C": 50}, "payments": []},
        ),
        "one_cap_reached": (
            {"owed": {"B": 90}, "limits": {"B": 1, "C": 1, "D": 1}, "caps": {"B": 10, "C": 100, "D": 100}},
            {"losses": {"B": 10, "C": 40, "D": 40}, "haircuts": {}},
        ),
        "one_cap_leads_to_another": (
            {"owed": {"B": 90}, "limits": {"B": 1, "C": 1, "D": 1}, "caps": {"B": 10, "C": 35, "D": 100}},
            {"losses": {"B": 10, "C": 35, "D": 45}, "haircuts": {}},
        ),
        "nobody_granted_anything": (
            {"owed": {"B": 2, "C": 1}, "cover": 1, "limits": {"B": 0}},
            {"cover": 1, "losses": {}, "haircuts": {"B": 1, "C": 1}},
        ),
        "nothing_owed": ({"owed": {}, "claims": {"B": 5}, "cover": 9, "fund": 9, "limits": thousand}, {"set_off": {}}),
        "largest": (
            {"owed": {"B": 2**53 - 1}, "limits": {"B": 2**53 - 1, "C": 2**53 - 1, "D": 2**53 - 2}},
            {"haircuts": {}},
        ),
    }
    cases = []
    for name, (case, expected) in given.items():
        full = {"claims": {}, "cover": 0, "fund": 0, "caps": case["limits"], **case}
        found = waterfall.waterfall(**full)
        shown = {**vars(found), "payments": [list(payment) for payment in found.payments]}
        assert {key: shown[key] for key in expected} == expected, (name, shown)
        cases.append({"expect": shown, "name": name, **full})
    yield (
        "netting",
        "waterfall",
        {"description": "who bears what a defaulter owes, as far as each goes", "cases": cases},
    )
