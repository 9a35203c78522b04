"""The forms of arguments. Each form says in one phrase what it expects; the same phrase stands in every refusal:
`INVALID_ARGUMENT: recipients[2].points: expected integer 0..9007199254740991`.

Fields of an object are checked in the order of their names: first the lowest unknown name (`<path>: unknown field`),
then each declared one. A missing required field is refused like one of the wrong form; an optional one may be missing
or null.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chaincode.spec.kernel import limits
from chaincode.spec.kernel.calendar import is_date
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal, shown
from chaincode.spec.kernel.signatures import is_address

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_CLASS_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}\Z")
_MSP_ID = re.compile(r"(?!jf1|legacy)[A-Za-z0-9][A-Za-z0-9.-]{0,63}\Z")
_HEX_64 = re.compile(r"[0-9a-f]{64}\Z")
_PUBLIC_KEY = re.compile(r"04[0-9a-f]{128}\Z")
_SIGNATURE = re.compile(r"[0-9a-f]{128}\Z")
_PLACE = re.compile(r"(balance|hold|redemption)/[A-Za-z0-9./:_-]{1,200}\Z")
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_CONTROL = re.compile("[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Form:
    """One form: `expected` is its phrase, `check(value, path)` refuses INVALID_ARGUMENT, `optional` allows null.
    `schema` says the same as a JSON Schema (2020-12) to those outside, as far as one can: a checksum stays with
    `check`."""

    expected: str
    check: Callable[[Json, str], None]
    optional: bool = False
    schema: Json = field(default_factory=dict, hash=False)


Fields = Mapping[str, Form]


def refuse(path: str, expected: str) -> Refusal:
    """The refusal of the value at `path`."""
    return Refusal("INVALID_ARGUMENT", f"{path}: expected {expected}")


def _form(expected: str, accepts: Callable[[Json], bool], schema: Json) -> Form:
    def check(value: Json, path: str) -> None:
        if not accepts(value):
            raise refuse(path, expected)

    return Form(expected, check, schema=schema)


def _pattern(expected: str, pattern: re.Pattern[str]) -> Form:
    schema = {"type": "string", "pattern": "^" + pattern.pattern.replace(r"\Z", "$")}
    return _form(expected, lambda value: isinstance(value, str) and pattern.match(value) is not None, schema)


def integer(low: int, high: int) -> Form:
    """A whole number from `low` to `high`, both allowed. true and false are none."""
    return _form(
        f"integer {low}..{high}",
        lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high,
        {"type": "integer", "minimum": low, "maximum": high},
    )


def text(characters: int) -> Form:
    """1 to `characters` characters (code points), none of them a control character (U+0000..U+001F, U+007F)."""
    return _form(
        f"text of 1..{characters} characters",
        lambda value: isinstance(value, str) and 1 <= len(value) <= characters and not _CONTROL.search(value),
        {"type": "string", "minLength": 1, "maxLength": characters, "pattern": r"^[^\x00-\x1f\x7f]*$"},
    )


def choice(*names: str) -> Form:
    """One of `names`."""
    return _form(
        "one of " + ", ".join(names), lambda value: isinstance(value, str) and value in names, {"enum": list(names)}
    )


def array(item: Form, low: int, high: int) -> Form:
    """A list of `low` to `high` items of one form."""
    expected = f"list of {low}..{high} items"

    def check(value: Json, path: str) -> None:
        if not isinstance(value, list) or not low <= len(value) <= high:
            raise refuse(path, expected)
        for place, entry in enumerate(value):
            item.check(entry, f"{path}[{place}]")

    return Form(expected, check, schema={"type": "array", "items": item.schema, "minItems": low, "maxItems": high})


def unique(form: Form) -> Form:
    """A list of texts in which none stands twice."""
    expected = "each item once"

    def check(value: Json, path: str) -> None:
        form.check(value, path)
        if len(set(value)) != len(value):
            raise refuse(path, expected)

    return Form(form.expected, check, schema={**form.schema, "uniqueItems": True})


def record(fields: Fields) -> Form:
    """An object with these fields and no others."""

    def check(value: Json, path: str) -> None:
        check_fields(value, fields, path)

    return Form("object", check, schema=schema_of(fields))


def optional(form: Form) -> Form:
    """The form, or null, or nothing."""
    return Form(form.expected, form.check, optional=True, schema={"anyOf": [form.schema, {"type": "null"}]})


def schema_of(fields: Fields) -> Json:
    """The JSON Schema of an object with these fields and no others."""
    return {
        "type": "object",
        "properties": {name: form.schema for name, form in sorted(fields.items())},
        "required": sorted(name for name, form in fields.items() if not form.optional),
        "additionalProperties": False,
    }


def check_fields(value: Json, fields: Fields, path: str) -> None:
    """Refuses INVALID_ARGUMENT where `value` is not an object with `fields`; `path` names it, empty for the
    arguments."""
    if not isinstance(value, dict):
        raise refuse(path or "args", "object")
    prefix = path + "." if path else ""
    for name in sorted(value):
        if name not in fields:
            raise Refusal("INVALID_ARGUMENT", f"{prefix}{shown(name)}: unknown field")
    for name in sorted(fields):
        form = fields[name]
        found = value.get(name)
        if found is None and form.optional:
            continue
        form.check(found, prefix + name)


def _is_account(value: Json) -> bool:
    if not isinstance(value, str):
        return False
    if value.startswith(LEGACY_PREFIX):
        return _HEX_64.match(value[len(LEGACY_PREFIX) :]) is not None
    return is_address(value)


def _is_validity(value: Json) -> bool:
    if not isinstance(value, dict):
        return False
    kind = value.get("kind")
    days, months, date = value.get("days"), value.get("months"), value.get("date")
    if kind == "NEVER":
        return set(value) == {"kind"}
    if kind == "DAYS":
        return set(value) == {"kind", "days"} and _is_count(days, limits.VALIDITY_DAYS_MAX)
    if kind == "MONTH_END":
        return set(value) == {"kind", "months"} and _is_count(months, limits.VALIDITY_MONTHS_MAX)
    if kind == "DATE":
        return set(value) == {"kind", "date"} and isinstance(date, str) and is_date(date)
    return False


def _is_count(value: Json, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= high


def _is_offsets(value: Json) -> bool:
    if not isinstance(value, list) or not 1 <= len(value) <= limits.TIME_ZONE_OFFSETS_MAX:
        return False
    previous = -limits.TIMESTAMP_MAX - 1
    for row in value:
        if not isinstance(row, list) or len(row) != 2:
            return False
        for number in row:
            if not isinstance(number, int) or isinstance(number, bool):
                return False
        if not previous < row[0] <= limits.TIMESTAMP_MAX or abs(row[1]) > 86_400:
            return False
        previous = row[0]
    return True


LEGACY_PREFIX = "legacy:"
"""Custody accounts of legacy points: `legacy:` and the salted SHA-256 of the legacy reference in hex."""

_MINOR_UNITS = tuple(10**places for places in range(len(str(limits.MINOR_UNIT_MILLIONTHS_MAX))))
_ADDRESS_PATTERN = "jf1[02-9ac-hj-np-z]{38}"
_DATE_SCHEMA = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_INTEGER_SCHEMA = {"type": "integer", "minimum": -limits.TIMESTAMP_MAX - 1, "maximum": limits.TIMESTAMP_MAX}


def _text_schema(pattern: str) -> Json:
    return {"type": "string", "pattern": f"^{pattern}$"}


def _validity_schema(kind: str, fields: Json) -> Json:
    properties = {"kind": {"const": kind}, **fields}
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


_VALIDITY_SCHEMA = {
    "oneOf": [
        _validity_schema("NEVER", {}),
        _validity_schema("DAYS", {"days": integer(0, limits.VALIDITY_DAYS_MAX).schema}),
        _validity_schema("MONTH_END", {"months": integer(0, limits.VALIDITY_MONTHS_MAX).schema}),
        _validity_schema("DATE", {"date": _DATE_SCHEMA}),
    ]
}
_OFFSETS_SCHEMA = {
    "type": "array",
    "minItems": 1,
    "maxItems": limits.TIME_ZONE_OFFSETS_MAX,
    "items": {"type": "array", "items": _INTEGER_SCHEMA, "minItems": 2, "maxItems": 2},
}

REQUEST_ID = _pattern("request id of 1..64 characters A-Za-z0-9._-", _REQUEST_ID)
CLASS_ID = _pattern("class id of 1..32 characters a-z0-9-", _CLASS_ID)
MSP_ID = _pattern("MSP id of 1..64 characters A-Za-z0-9.-", _MSP_ID)
HASH = _pattern("64 lower-case hex digits", _HEX_64)
PUBLIC_KEY = _pattern("uncompressed P-256 public key in lower-case hex", _PUBLIC_KEY)
SIGNATURE = _pattern("64-byte signature in lower-case hex", _SIGNATURE)
CURRENCY = _pattern("currency code of 3 letters A-Z", _CURRENCY)
ADDRESS = _form("address", lambda value: isinstance(value, str) and is_address(value), _text_schema(_ADDRESS_PATTERN))
ACCOUNT = _form("account", _is_account, _text_schema(f"({_ADDRESS_PATTERN}|legacy:[0-9a-f]{{64}})"))
AUTHORISER = _form(
    "MSP id or address",
    lambda value: isinstance(value, str) and (bool(_MSP_ID.match(value)) or is_address(value)),
    _text_schema("[A-Za-z0-9][A-Za-z0-9.-]{0,63}"),
)
DATE = _form("date YYYY-MM-DD", lambda value: isinstance(value, str) and is_date(value), _DATE_SCHEMA)
BOOLEAN = _form("true or false", lambda value: isinstance(value, bool), {"type": "boolean"})
VALIDITY = _form(
    "validity NEVER, DAYS with days, MONTH_END with months or DATE with date", _is_validity, _VALIDITY_SCHEMA
)
OFFSETS = _form("rising list of [from_seconds, offset_seconds]", _is_offsets, _OFFSETS_SCHEMA)
EARN_RATE = record(
    {
        "amount_minor": integer(1, limits.EARN_AMOUNT_MINOR_MAX),
        "points": integer(0, limits.EARN_POINTS_MAX),
        "rounding": choice("STEPS", "DOWN", "HALF_UP"),
    }
)
"""How many points a purchase earns (`issuing.points_earned`)."""
MINOR_UNIT = _form(
    f"power of ten 1..{limits.MINOR_UNIT_MILLIONTHS_MAX}",
    lambda value: isinstance(value, int) and not isinstance(value, bool) and value in _MINOR_UNITS,
    {"enum": list(_MINOR_UNITS)},
)
POINTS = integer(0, limits.INTEGER_MAX)
POSITIVE_POINTS = integer(1, limits.INTEGER_MAX)
MILLIONTHS = integer(0, limits.INTEGER_MAX)
POSITIVE_MILLIONTHS = integer(1, limits.INTEGER_MAX)
BASIS_POINTS = integer(0, limits.BASIS_POINTS_MAX)
COLLATERAL_ACCOUNT = choice("COVER", "FUND")
POSITIVE_MINOR = integer(1, limits.INTEGER_MAX)
TIMESTAMP = integer(0, limits.TIMESTAMP_MAX)
EPOCH = integer(0, limits.INTEGER_MAX)
"""The last day or month of points, as ERC-7818 counts them (`epochs`)."""
WINDOW_ID = integer(1, 99_999_999)
SLICE = integer(0, limits.SLICES_MAX - 1)
"""The shard of a slice of a limit (`exposure`)."""
NAME = text(limits.NAME_CHARACTERS_MAX)
SYMBOL = text(limits.SYMBOL_CHARACTERS_MAX)
REFERENCE = text(limits.REFERENCE_CHARACTERS_MAX)
REASON = text(limits.REASON_CHARACTERS_MAX)


def _is_object_id(value: Json) -> bool:
    """`<authoriser>/<request_id>`: the id of a redemption or hold."""
    if not isinstance(value, str) or value.count("/") != 1:
        return False
    authoriser, request_id = value.split("/")
    return (bool(_MSP_ID.match(authoriser)) or is_address(authoriser)) and bool(_REQUEST_ID.match(request_id))


def _is_issuance_id(value: Json) -> bool:
    """`<request_id>.<index>`, with `<address>/` before it where a member made it."""
    if not isinstance(value, str):
        return False
    address, slash, rest = value.rpartition("/")
    if slash and not is_address(address):
        return False
    request_id, _, index = rest.rpartition(".")
    return bool(_REQUEST_ID.match(request_id)) and bool(re.match(r"(0|[1-9][0-9]{0,2})\Z", index))


def _is_proposal_id(value: Json) -> bool:
    """`<kind>/<msp_id>/<proposer>/<request_id>`."""
    if not isinstance(value, str) or value.count("/") != 3:
        return False
    kind, msp_id, proposer_msp, request_id = value.split("/")
    named = _MSP_ID.match(msp_id) and _MSP_ID.match(proposer_msp) and _REQUEST_ID.match(request_id)
    return kind in PROPOSAL_KINDS and bool(named)


PROPOSAL_KINDS = ("ADMIT", "SUSPEND", "REINSTATE", "DEFAULT")
"""What merchants vote on."""
PROPOSAL_KIND = choice(*PROPOSAL_KINDS)
PROPOSAL_ID = _form(
    "id <kind>/<msp id>/<proposer>/<request id>",
    _is_proposal_id,
    _text_schema("[A-Z]{1,16}/[A-Za-z0-9][A-Za-z0-9.-]{0,63}/[A-Za-z0-9][A-Za-z0-9.-]{0,63}/[A-Za-z0-9._-]{1,64}"),
)
OBJECT_ID = _form(
    "id <authoriser>/<request id>",
    _is_object_id,
    _text_schema("[A-Za-z0-9][A-Za-z0-9.-]{0,63}/[A-Za-z0-9._-]{1,64}"),
)
DISPUTE_STAGES = ("INQUIRY", "CONTESTED", "DISPUTED", "VOTING")
"""In their order."""
DISPUTE_ENDS = ("UPHELD", "REJECTED", "SPLIT", "WITHDRAWN")
DISPUTE_STATUS = choice(*DISPUTE_STAGES, *DISPUTE_ENDS)
DISPUTE_REASON = choice("FRAUD", "NOT_RECEIVED", "DUPLICATE", "AMOUNT", "CANCELLED", "EXPIRED")
"""Why an issuer does not want to pay: the member's key was not the member's; the goods never came; paid twice; more was
taken than agreed; the order was cancelled; the points had expired."""
DISPUTE_ANSWER = choice("CONCEDE", "CONTEST")
DISPUTE_VOTE = choice("UPHOLD", "REJECT", "SPLIT")
PLACE = _pattern("key of a balance, hold or redemption", _PLACE)
ISSUANCE_ID = _form(
    "issuance id <request id>.<index>",
    _is_issuance_id,
    _text_schema(rf"({_ADDRESS_PATTERN}/)?[A-Za-z0-9._-]{{1,64}}\.(0|[1-9][0-9]{{0,2}})"),
)
