"""The file of old cards that finance loads: one card a line, with what proves its owner, salted and hashed before it is
sent.

CSV with the columns of COLUMNS in any order, in English or Chinese: the card's number as it is printed, whole points,
the last day or nothing, 16 to 64 hex digits of salt, and SHA-256 of `<salt>:<proof>` in hex, where the proof is a PIN,
a birth date (YYYYMMDD) or the number of the last receipt, normalised as `normal_proof` does. A plain proof is refused:
the page hashes the column PROOF in the browser.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chaincode.spec.kernel.limits import INTEGER_MAX

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "reference": ("卡号", "会员卡号", "旧卡号"),
    "points": ("积分", "积分余额", "余额"),
    "expires_on": ("有效期至", "有效期", "到期日"),
    "salt": ("盐值",),
    "proof_sha256": ("验证哈希",),
}
"""Each column with its other names."""
PROOF: Mapping[str, tuple[str, ...]] = {"proof": ("验证信息", "密码")}
"""The column of a template, which is hashed before it is sent."""
TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "en": ("reference", "points", "expires_on", "proof"),
    "zh": ("卡号", "积分", "有效期至", "验证信息"),
}
"""The header of the file that people fill in, by language."""
ROWS_MAX = 200_000
FAULTS_MAX = 100
Words = tuple[str, str]
"""English and Chinese."""
_NAMES = {other: name for name, others in {**COLUMNS, **PROOF}.items() for other in (name, *others)}
_REFERENCE = re.compile(r"[0-9A-Z]{4,40}\Z")
_POINTS = re.compile(r"[1-9]([0-9]{0,15}|[0-9]{0,2}(,[0-9]{3})+)\Z")
_DAY = re.compile(r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日)\Z")
_SALT = re.compile(r"[0-9a-f]{16,64}\Z")
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_WRONG: Mapping[str, Words] = {
    "reference": ("reference: expected 4 to 40 digits or letters", "卡号：应为 4 至 40 位数字或字母"),
    "points": (f"points: expected a whole number 1..{INTEGER_MAX}", f"积分：应为 1 至 {INTEGER_MAX} 的整数"),
    "expires_on": (
        "expires_on: expected a day such as 2027-03-31, or nothing",
        "有效期至：应为日期，例如 2027-03-31，或留空",
    ),
    "proof": ("proof: is missing", "验证信息：缺少"),
    "salt": ("salt: expected 16 to 64 lower-case hex digits", "盐值：应为 16 至 64 位小写十六进制数字"),
    "proof_sha256": (
        "proof_sha256: expected 64 lower-case hex digits",
        "验证哈希：应为 64 位小写十六进制数字",
    ),
}


@dataclass(frozen=True)
class CardRow:
    """One line of the file."""

    line: int
    reference: str
    points: int
    expires_on: str | None
    salt: str
    proof_sha256: str


@dataclass(frozen=True)
class Fault:
    """What is wrong with one line. The text never shows the card's number or its proof."""

    line: int
    words: Words


def normal_reference(text: str) -> str:
    """A card's number without spaces and hyphens, in capitals, full-width letters made plain."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()


def normal_proof(text: str) -> str:
    """A PIN, date or receipt number, in the same way, without dots and slashes."""
    return re.sub(r"[\s./-]", "", unicodedata.normalize("NFKC", text)).upper()


def proof_sha256(salt: str, proof: str) -> str:
    """What the file holds of a proof."""
    return hashlib.sha256(f"{salt}:{normal_proof(proof)}".encode()).hexdigest()


def read_cards(text: str) -> tuple[Sequence[CardRow], Sequence[Fault]]:
    """The rows and the faults by line, at most FAULTS_MAX of them. Never raises."""
    rows: list[CardRow] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for found in _lines(text):
        first = seen.get(found.reference) if isinstance(found, CardRow) else None
        if isinstance(found, Fault):
            faults.append(found)
        elif first is not None:
            words = (f"the card stands in line {first} already", f"此卡与第 {first} 行重复")
            faults.append(Fault(found.line, words))
        else:
            seen[found.reference] = found.line
            rows.append(found)
        if len(rows) > ROWS_MAX:
            faults.append(Fault(found.line, (f"at most {ROWS_MAX} cards a file", f"一个文件最多 {ROWS_MAX} 张卡")))
        if len(rows) > ROWS_MAX or len(faults) >= FAULTS_MAX:
            break
    if not rows and not faults:
        faults.append(Fault(1, ("no cards", "文件中没有卡")))
    return rows, faults


def _lines(text: str) -> Iterator[CardRow | Fault]:
    """Each line that is not blank, read or with its fault."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    columns: list[str] | None = None
    begins = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Fault(begins, _broken(error))
            return
        if cells is None:
            return
        line, begins = begins, reader.line_num + 1
        while cells and not cells[-1].strip():
            cells.pop()
        if columns is None:
            columns = [_NAMES.get(unicodedata.normalize("NFKC", cell).strip().lower(), cell) for cell in cells]
            words = _wrong_header(columns)
            if words is not None:
                yield Fault(line, words)
                return
        elif cells:
            yield _row(line, columns, cells)


def _broken(error: csv.Error) -> Words:
    if "end of data" in str(error):
        return "a quotation mark opens here and is never closed", "此处的引号没有结束"
    return f"not CSV: {error}", "不是正确的 CSV"


def _wrong_header(columns: Sequence[str]) -> Words | None:
    if "proof" in columns:
        return (
            "the proof stands here in plain; hash it first (salt, proof_sha256), as the page does by itself",
            "验证信息是明文；请先生成盐值与验证哈希（页面会自动处理）",
        )
    missing = [name for name in COLUMNS if name not in columns]
    if missing:
        return (
            f"expected the columns {', '.join(COLUMNS)}; there is no {', '.join(missing)}",
            f"缺少列：{'、'.join(COLUMNS[name][0] for name in missing)}",
        )
    others = [name for name in columns if name not in COLUMNS or columns.count(name) > 1]
    if others:
        told = others[0][:40]
        return f"the column {told} is not known here, or stands twice", f"列“{told}”不需要或重复出现"
    return None


def _row(line: int, columns: Sequence[str], cells: Sequence[str]) -> CardRow | Fault:
    if len(cells) > len(columns):
        words = (
            f"expected {len(columns)} columns, found {len(cells)}",
            f"应有 {len(columns)} 列，实际 {len(cells)} 列",
        )
        return Fault(line, words)
    padded = [*cells, *[""] * (len(columns) - len(cells))]
    of = {name: unicodedata.normalize("NFKC", cell).strip() for name, cell in zip(columns, padded, strict=True)}
    reference, points, day = normal_reference(of["reference"]), of["points"], day_of(of["expires_on"])
    proven = bool(of["salt"] or of["proof_sha256"])
    value = int(points.replace(",", "")) if _POINTS.match(points) else 0
    right = {
        "reference": _REFERENCE.match(reference) is not None,
        "points": 1 <= value <= INTEGER_MAX,
        "expires_on": day is not None or not of["expires_on"],
        "proof": proven,
        "salt": not proven or _SALT.match(of["salt"]) is not None,
        "proof_sha256": not proven or _HASH.match(of["proof_sha256"]) is not None,
    }
    wrong = [_WRONG[name] for name, holds in right.items() if not holds]
    if wrong:
        return Fault(line, ("; ".join(words[0] for words in wrong), "；".join(words[1] for words in wrong)))
    return CardRow(line, reference, value, day, of["salt"], of["proof_sha256"])


def day_of(text: str) -> str | None:
    """A day as spreadsheets write it (2027-03-31, 2027/3/31, 2027.3.31, 2027年3月31日) as YYYY-MM-DD; None for anything
    else."""
    found = _DAY.match(text)
    if found is None:
        return None
    year, month, day = found[1], found[3] or found[5], found[4] or found[6]
    try:
        return datetime.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
