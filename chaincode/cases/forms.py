"""Cases that follow from the forms of arguments alone: each field missing, of the wrong type, at its limit and one past
it; each operation by a role that may not.

They stand in one file an operation, `<operation>/forms.json`: the base case, and for each case what it changes in it
and what must come. `vectors_in` reads them as the whole vectors that they stand for."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from chaincode.cases.case import OK, Case
from chaincode.cases.world import PEOPLE, PLACE, Speaker, person
from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.context import Authority
from chaincode.spec.kernel.fields import Form
from chaincode.spec.operations import OPERATIONS

_INTEGER = re.compile(r"integer (-?\d+)\.\.(\d+)")
_TEXT = re.compile(r"text of 1\.\.(\d+) characters")
_PATTERN = re.compile(r".* of 1\.\.(\d+) characters .*")
_LIST = re.compile(r"list of (\d+)\.\.(\d+) items")
LONG_LISTS = {"operators", "accepted_by", "limits", "entries", "receipts"}
"""Lists whose items can be made by number; the limits of the others stand in cases by hand."""


FORMS = "forms"
"""The name of the file."""


@dataclass(frozen=True)
class FormCase:
    """A derived case and its difference from the base: `{"set": {name: value}}`, `{"remove": name}` or `{"role":
    role}`."""

    case: Case
    difference: Json


def forms_document(plain: Case, derived: Iterable[FormCase]) -> Json:
    """The document of `forms.json` for a plain case and those derived from it."""
    base = json.loads(plain.arguments[0])
    (entry,) = base["operations"]
    signed = entry.pop("authorization", None)
    state: dict[str, Json] = {}
    rows = []
    for one in derived:
        vector = one.case.document()
        state |= vector["state"]
        row = {"name": one.case.name, **one.difference}
        if signed:
            (changed,) = json.loads(one.case.arguments[0])["operations"]
            row["signature"] = changed["authorization"]["signature"]
        rows.append({**row, "expect": vector["expect"]})
    return {
        "description": "Each case changes one thing in the base operation.",
        "transaction": plain.document()["transaction"],
        "state": dict(sorted(state.items())),
        "function": plain.function,
        "shard": base["shard"],
        "base": entry | ({"public_key": signed["public_key"]} if signed else {}),
        "cases": rows,
    }


def vectors_in(document: Json, name: str) -> Iterator[tuple[str, Json]]:
    """The whole vectors of a file's document, each with its name: the document itself, or one for each case of a
    `forms.json`."""
    if name != FORMS:
        yield name, document
        return
    for row in document["cases"]:
        base, creator = dict(document["base"]), document["transaction"]["creator"]
        public_key = base.pop("public_key", None)
        kept = {field: value for field, value in base["args"].items() if field != row.get("remove")}
        entry = {**base, "args": kept | row.get("set", {})}
        if public_key:
            entry["authorization"] = {"public_key": public_key, "signature": row["signature"]}
        yield (
            f"{name}:{row['name']}",
            {
                "description": row["name"],
                "transaction": {
                    **document["transaction"],
                    "creator": {**creator, "role": row.get("role", creator["role"])},
                },
                "state": document["state"],
                "function": document["function"],
                "argument": {"operations": [entry], "shard": document["shard"]},
                "expect": row["expect"],
            },
        )


def form_cases(plain: Case) -> Iterator[FormCase]:
    """The cases that follow from a plain one (whose operation is the only one of its batch)."""
    entry = json.loads(plain.arguments[0])["operations"][0]
    operation = OPERATIONS[entry["op"]]
    if operation.ROLES and operation.AUTHORITY is not Authority.EITHER:
        auditor = Speaker(plain.speaker.msp_id, "auditor", plain.speaker.public_key)
        refused = replace(plain, name="role", speaker=auditor, code="ROLE_REQUIRED", expect=None)
        yield FormCase(refused, {"role": auditor.role})
    for name in sorted(operation.ARGUMENTS):
        form = operation.ARGUMENTS[name]
        for label, value, code in _variants(name, form, entry["args"].get(name)):
            args = copy.deepcopy(entry["args"])
            if label == "missing":
                args.pop(name, None)
            else:
                args[name] = value
            difference = {"remove": name} if label == "missing" else {"set": {name: value}}
            yield FormCase(_changed(plain, entry, args, f"{name}_{label}", code), difference)


def _variants(name: str, form: Form, good: Json) -> Iterator[tuple[str, Json, str | None]]:
    """(label, value, code); the code is None where what comes of it is not for the form to say."""
    if not form.optional:
        yield "missing", None, "INVALID_ARGUMENT"
    yield "wrong_type", {"x": 1} if not isinstance(good, dict) else [], "INVALID_ARGUMENT"
    if found := _INTEGER.fullmatch(form.expected):
        low, high = int(found[1]), int(found[2])
        yield "below_limit", low - 1, "INVALID_ARGUMENT"
        yield "at_low_limit", low, None
        yield "at_limit", high, None
        if high < 2**53 - 1:
            yield "past_limit", high + 1, "INVALID_ARGUMENT"
        yield "boolean", True, "INVALID_ARGUMENT"
        yield "text", "1", "INVALID_ARGUMENT"
    elif found := _TEXT.fullmatch(form.expected):
        yield "empty", "", "INVALID_ARGUMENT"
        yield "at_limit", "积" * int(found[1]), None
        yield "past_limit", "积" * (int(found[1]) + 1), "INVALID_ARGUMENT"
        yield "control_character", "a\u007fb", "INVALID_ARGUMENT"
        yield "line_break", "a\nb", "INVALID_ARGUMENT"
    elif found := _PATTERN.fullmatch(form.expected):
        yield "empty", "", "INVALID_ARGUMENT"
        yield "at_limit", "a" * int(found[1]), None
        yield "past_limit", "a" * (int(found[1]) + 1), "INVALID_ARGUMENT"
        yield "line_break_at_end", "a\n", "INVALID_ARGUMENT"
        yield "slash", "a/b", "INVALID_ARGUMENT"
    elif found := _LIST.fullmatch(form.expected):
        low, high = int(found[1]), int(found[2])
        if low:
            yield "empty", [], "INVALID_ARGUMENT"
        if name in LONG_LISTS:
            yield "at_limit", [_item(name, number) for number in range(high)], None
            yield "past_limit", [_item(name, number) for number in range(high + 1)], "INVALID_ARGUMENT"
        yield "wrong_item", [7], "INVALID_ARGUMENT"
        if isinstance(good, list) and good and isinstance(good[0], dict):
            for field in sorted(good[0]):
                yield f"item_without_{field}", [{k: v for k, v in good[0].items() if k != field}], "INVALID_ARGUMENT"
            yield "item_with_further_field", [{**good[0], "x": 1}], "INVALID_ARGUMENT"
            yield (
                "second_item_wrong",
                [good[0], {**good[0], "points": -1, "shard": -1, "request_id": ""}],
                "INVALID_ARGUMENT",
            )
    elif form.expected == "true or false":
        yield "number", 1, "INVALID_ARGUMENT"
        yield "text", "true", "INVALID_ARGUMENT"
    elif form.expected == "date YYYY-MM-DD":
        for label, value in (
            ("no_such_day", "2026-02-29"),
            ("before_1970", "1969-12-31"),
            ("short", "2026-2-1"),
            ("time", "2026-02-01T00:00:00"),
        ):
            yield label, value, "INVALID_ARGUMENT"
        yield "leap_day", "2028-02-29", None
        yield "first_day", "1970-01-01", None
        yield "last_day", "9999-12-31", None
    elif form.expected == "64 lower-case hex digits":
        yield "upper_case", "A" * 64, "INVALID_ARGUMENT"
        yield "short", "a" * 63, "INVALID_ARGUMENT"
    elif form.expected.startswith("one of "):
        yield "unknown", "OTHER", "INVALID_ARGUMENT"
    elif form.expected.startswith("id "):
        for label, value in (
            ("without_slash", "abc"),
            ("two_slashes", "a/b/c"),
            ("no_authoriser", "/r"),
            ("no_request", "harbor/"),
        ):
            yield label, value, "INVALID_ARGUMENT"
    elif form.expected.startswith("issuance id"):
        for label, value in (
            ("without_index", "gift"),
            ("index_with_zero", "gift.01"),
            ("index_too_long", "gift.1000"),
            ("not_an_address", "bob/gift.0"),
        ):
            yield label, value, "INVALID_ARGUMENT"


def _item(name: str, number: int) -> Json:
    if name == "limits":
        return {"acceptor_msp": f"m{number:03}", "cap_millionths": 1, "cover_millionths": 1}
    if name == "entries":
        return {"points": 1, "reference_hash": f"{number:064x}"}
    if name == "receipts":
        return {"authoriser": person(number % 7).address, "request_id": f"r{number}"}
    return f"m{number:03}"


def _changed(plain: Case, entry: Json, args: Json, name: str, code: str | None) -> Case:
    changed = {"args": args, "op": entry["op"], "request_id": entry["request_id"], "valid_until": entry["valid_until"]}
    if "authorization" in entry:
        public_key = entry["authorization"]["public_key"]
        changed = next(key for key in PEOPLE.values() if key.public_key == public_key).authorise(changed, PLACE)
    batch = json.loads(plain.arguments[0])
    argument = encode({"operations": [changed], "shard": batch["shard"]}).decode("utf-8")
    case = replace(plain, name=name, arguments=[argument], code=code or OK, expect=None)
    return case if code else replace(case, code=_whatever_comes(case))


def _whatever_comes(case: Case) -> str:
    """The code that the spec gives: at a limit the form allows the value, and the rule goes on from there."""
    from chaincode.spec.invoke import invoke

    transaction = case.world.transaction(case.speaker, tx_id=case.tx_id)
    payload = invoke(case.world.state, transaction, case.function, [case.arguments[0].encode("utf-8")]).payload
    last = json.loads(payload)[-1]
    code = OK if last is None else str(last["code"])
    of_the_rule = (
        "expected at least one",
        "expected another",
        "expected with ADMIT",
        "expected with RUN_OFF",
        "args: expected 1..",
    )
    assert code != "INVALID_ARGUMENT" or any(words in payload.decode() for words in of_the_rule), (
        case.folder,
        case.name,
    )
    return code
