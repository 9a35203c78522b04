"""What is wrong with a field of a request and what would be right, in the caller's language; made from what a validator
found.

Validators name keywords and patterns (`not valid under any of the schemas listed in the 'anyOf' keyword`), which say
nothing to whoever filled in a form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chaincode.spec.kernel import fields
from gateway.core.display_names import in_chinese

LANGUAGES = ("en", "zh")

WORDS: Mapping[str, tuple[str, str]] = {
    "required": ("is missing", "缺少此项"),
    "unknown": ("is not known here; leave it out", "没有这一项，请去掉"),
    "type": ("expected {expected}", "应为{expected}"),
    "form": ("expected {expected}", "应为{expected}"),
    "choice": ("expected one of {expected}", "应为以下之一：{expected}"),
    "low": ("expected {expected} or more", "不能小于 {expected}"),
    "high": ("expected {expected} or less", "不能大于 {expected}"),
    "short": ("expected at least {expected} characters", "至少要 {expected} 个字符"),
    "long": ("expected at most {expected} characters", "最多 {expected} 个字符"),
    "few": ("expected at least {expected} entries", "至少要 {expected} 项"),
    "many": ("expected at most {expected} entries", "最多 {expected} 项"),
    "twice": ("expected each entry once", "各项不能重复"),
    "deep": ("at most {expected} levels are taken", "最多 {expected} 层"),
    "properties": ("at most {expected} properties are taken", "最多 {expected} 个字段"),
    "values": ("at most {expected} values in all are taken", "总共最多 {expected} 个值"),
    "said": ("{expected}", "{expected}"),
}
"""The kinds of faults; English and Chinese."""

TYPES: Mapping[str, tuple[str, str]] = {
    "string": ("text", "文字"),
    "integer": ("a whole number", "整数"),
    "number": ("a number", "数字"),
    "boolean": ("true or false", "true 或 false"),
    "array": ("a list", "列表"),
    "object": ("an object", "对象"),
    "null": ("nothing", "空"),
}
FORMS: Mapping[str, tuple[str, str]] = {
    fields.REQUEST_ID.expected: ("1 to 64 characters of A-Z a-z 0-9 . _ -", "1 至 64 个字符：字母、数字、点、下划线或连字符"),
    fields.CLASS_ID.expected: (
        "a class id: 1 to 32 characters of a-z 0-9 -, the first one no hyphen",
        "积分种类编号：1 至 32 个小写字母、数字或连字符，不能以连字符开头",
    ),
    fields.MSP_ID.expected: (
        "an MSP id as the network has it: 1 to 64 letters, digits, dots or hyphens, such as northstar; it begins with none of jf1 and legacy",
        "网络中的 MSP id：1 至 64 个字母、数字、点或连字符，例如 northstar；不能以 jf1 或 legacy 开头",
    ),
    fields.HASH.expected: ("64 digits 0-9 a-f", "64 位小写十六进制数字"),
    fields.PUBLIC_KEY.expected: ("an uncompressed P-256 public key: 04 and 128 digits 0-9 a-f", "未压缩的 P-256 公钥：04 加 128 位小写十六进制数字"),
    fields.SIGNATURE.expected: ("a signature: 128 digits 0-9 a-f", "签名：128 位小写十六进制数字"),
    fields.CURRENCY.expected: ("a currency code of ISO 4217, such as CNY", "ISO 4217 货币代码，例如 CNY"),
    fields.ADDRESS.expected: (
        "an address: jf1 and 38 characters, copied whole; its check characters do not match what is written",
        "会员地址：以 jf1 开头的 41 个字符，请完整复制；现在的内容校验不符",
    ),
    fields.ACCOUNT.expected: (
        "an address (jf1…, copied whole) or legacy: and 64 digits 0-9 a-f",
        "会员地址（jf1…，请完整复制），或 legacy: 加 64 位小写十六进制数字",
    ),
    fields.AUTHORISER.expected: ("an MSP id or an address", "MSP id 或会员地址"),
    fields.DATE.expected: ("a date such as 2026-11-27", "日期，例如 2026-11-27"),
    fields.VALIDITY.expected: (
        "a validity: NEVER, DAYS with days, MONTH_END with months, or DATE with date",
        "有效期：NEVER、DAYS（带 days）、MONTH_END（带 months）或 DATE（带 date）",
    ),
}  # fmt: skip
"""What the rules expect, by the rules' own phrase, in words for people."""

SAID: Mapping[str, str] = {
    "PBKDF2-SHA256: at least 600000 iterations, and no memory": "PBKDF2-SHA256：至少 600000 次迭代，不填内存",
    "ARGON2ID: 1 to 64 passes, and its memory": "ARGON2ID：1 至 64 轮，并注明内存",
    "salt: at least 16 bytes; iv: 12 bytes": "salt 至少 16 字节；iv 应为 12 字节",
    "wrapped: not of the size of a wrapped key": "wrapped 的长度不是加密私钥的长度",
    "address: not that of the public key": "地址与公钥不符",
    "address, public_key, proof and valid_until go together; none of them for the kept account": "address、public_key、proof 与 valid_until 须同时提供；托管账户都不提供",
    "valid_until and authorization go together": "valid_until 与 authorization 须同时提供",
    "not base64": "不是 base64 编码",
}
"""What the models of requests say beyond forms, in Chinese."""

_PHRASES = {
    form.schema["pattern"]: form.expected
    for form in vars(fields).values()
    if isinstance(form, fields.Form) and form.expected in FORMS and "pattern" in form.schema
}
_REFUSED = re.compile(r"(?P<path>[^\s:]+): expected (?P<expected>.+)", re.DOTALL)


@dataclass(frozen=True)
class Fault:
    """One fault: the field by JSON pointer (RFC 6901), its kind (one of WORDS), and what would be right, in each
    language."""

    pointer: str
    kind: str
    expected: tuple[str, str] = field(default=("", ""))

    def detail(self, language: str) -> str:
        """The fault in a language."""
        place = LANGUAGES.index(language)
        return WORDS[self.kind][place].format(expected=self.expected[place])

    def document(self, language: str) -> dict[str, str]:
        """For the problem document."""
        return {"pointer": self.pointer, "detail": self.detail(language)}


def pointer_of(path: Iterable[Any]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def limit(pointer: str, kind: str, value: object) -> Fault:
    """A fault against a figure or another text that is the same in all languages."""
    return Fault(pointer, kind, (str(value), str(value)))


def faults_of_schema(error: Any) -> Iterator[Fault]:
    """The faults in an error of jsonschema_rs: of a choice of forms, those of the one that was meant."""
    path, kind = list(error.instance_path), error.kind
    pointer = pointer_of(path)
    match kind.name:
        case "required":
            yield Fault(pointer_of([*path, kind.property]), "required")
        case "additionalProperties" | "unevaluatedProperties":
            yield from (Fault(pointer_of([*path, name]), "unknown") for name in kind.unexpected)
        case "anyOf" | "oneOf":
            yield from _meant(kind.context, pointer)
        case "type":
            names = [TYPES.get(str(name), (str(name), str(name))) for name in _listed(kind.types)]
            yield Fault(pointer, "type", (" or ".join(one[0] for one in names), "或".join(one[1] for one in names)))
        case "pattern":
            yield _of_pattern(pointer, str(kind.pattern))
        case "enum":
            yield limit(pointer, "choice", ", ".join(map(str, kind.options)))
        case "const":
            yield limit(pointer, "choice", kind.expected_value)
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            yield limit(pointer, "low" if "inimum" in kind.name else "high", kind.limit)
        case "minLength" | "maxLength" | "minItems" | "maxItems":
            names_by = {"minLength": "short", "maxLength": "long", "minItems": "few", "maxItems": "many"}
            yield limit(pointer, names_by[kind.name], kind.limit)
        case "uniqueItems":
            yield Fault(pointer, "twice")
        case _:
            yield Fault(pointer, "said", (error.message[:200], f"内容不正确：{error.message[:200]}"))


def fault_of_model(error: Mapping[str, Any]) -> Fault:
    """The fault in an error of pydantic, whose input is left out: it may be a password."""
    pointer, kind, context = pointer_of(error["loc"]), error["type"], error.get("ctx", {})
    if kind == "missing":
        return Fault(pointer, "required")
    if kind == "extra_forbidden":
        return Fault(pointer, "unknown")
    if kind in ("literal_error", "enum"):
        return limit(pointer, "choice", str(context.get("expected", "")).replace("'", "").replace(" or ", ", "))
    if kind == "string_pattern_mismatch":
        return _of_pattern(pointer, str(context.get("pattern", "")))
    bounds = {
        "string_too_short": ("short", "min_length"),
        "string_too_long": ("long", "max_length"),
        "too_short": ("few", "min_length"),
        "too_long": ("many", "max_length"),
        "greater_than_equal": ("low", "ge"),
        "less_than_equal": ("high", "le"),
    }
    if kind in bounds:
        name, bound = bounds[kind]
        return limit(pointer, name, context.get(bound, ""))
    wanted = {
        "string": "string",
        "int": "integer",
        "float": "number",
        "bool": "boolean",
        "list": "array",
        "tuple": "array",
    }
    expected = wanted.get(kind.partition("_")[0]) or ("object" if kind.startswith(("dict", "model")) else None)
    if expected is not None:
        return Fault(pointer, "type", TYPES[expected])
    said = str(error["msg"]).removeprefix("Value error, ")[:200]
    return Fault(pointer, "said", (said, in_chinese(said) or SAID.get(said) or "内容不正确"))


def refusal_in_words(detail: str, language: str) -> str:
    """A rule's refusal of an argument (`address: expected address`), said so that it helps where we have words for
    it."""
    path, _, said = detail.partition(": ")
    if language == "zh" and in_chinese(said):
        return f"{path}: {in_chinese(said)}"
    found = _REFUSED.fullmatch(detail)
    if found is None or found["expected"] not in FORMS:
        return detail
    words = FORMS[found["expected"]][LANGUAGES.index(language)]
    return f"{found['path']}: {WORDS['form'][LANGUAGES.index(language)].format(expected=words)}"


def _meant(branches: Iterable[Iterable[Any]], pointer: str) -> Iterator[Fault]:
    """The faults of the form that a value comes closest to: not of one that wants nothing there, then of the one whose
    kind it names, then the deepest."""
    found = [[fault for error in branch for fault in faults_of_schema(error)] for branch in branches]
    there = [
        faults
        for faults in found
        if not any(one.expected == TYPES["null"] and one.pointer == pointer for one in faults)
    ]
    named = [faults for faults in there if not any(one.kind == "choice" for one in faults)]
    candidates = named or there
    if not candidates:
        yield Fault(pointer, "said", ("of no form that is taken", "不是可接受的形式"))
        return
    kinds = [one.expected[0] for faults in there for one in faults if one.kind == "choice" and one.pointer != pointer]
    if not named and len(there) > 1 and kinds:
        place = next(one.pointer for faults in there for one in faults if one.kind == "choice")
        yield limit(place, "choice", ", ".join(dict.fromkeys(kinds)))
        return
    yield from min(candidates, key=len)


def _of_pattern(pointer: str, pattern: str) -> Fault:
    phrase = _PHRASES.get(pattern)
    if phrase is not None:
        return Fault(pointer, "form", FORMS[phrase])
    if pattern == fields.NAME.schema["pattern"]:
        return Fault(pointer, "form", ("text without control characters", "不含控制字符的文字"))
    return Fault(pointer, "form", (f"text of the form {pattern}", f"符合 {pattern} 的文字"))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
