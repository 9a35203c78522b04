"""The file of old cards that finance loads: one card a line, with what proves its owner, salted and hashed by the old system.

CSV in UTF-8 with the header `reference,points,expires_on,salt,proof_sha256`: the card's number as it is printed, whole points, the last day or nothing, 16 to
64 hex digits of salt, and SHA-256 of `<salt>:<proof>` in hex, where the proof is a PIN, a birth date (YYYYMMDD) or the number of the last receipt, normalised as
`normal_proof` does.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from chaincode.spec.calendar import is_date
from chaincode.spec.limits import INTEGER_MAX

HEADER = ("reference", "points", "expires_on", "salt", "proof_sha256")
ROWS_MAX = 200_000
FAULTS_MAX = 100
_REFERENCE = re.compile(r"[0-9A-Z]{4,40}\Z")
_POINTS = re.compile(r"[1-9][0-9]{0,15}\Z")
_SALT = re.compile(r"[0-9a-f]{16,64}\Z")
_HASH = re.compile(r"[0-9a-f]{64}\Z")


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
    detail: str


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
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        if tuple(next(reader, [])) != HEADER:
            return [], [Fault(1, f"expected the header {','.join(HEADER)}")]
        for columns in reader:
            line = reader.line_num
            if not columns:
                continue
            row, wrong = _row(line, columns)
            first = None if row is None else seen.get(row.reference)
            if row is None:
                faults.append(Fault(line, wrong))
            elif first is not None:
                faults.append(Fault(line, f"the reference stands in line {first} already"))
            else:
                seen[row.reference] = line
                rows.append(row)
            if len(faults) >= FAULTS_MAX:
                break
            if len(rows) > ROWS_MAX:
                faults.append(Fault(line, f"at most {ROWS_MAX} cards a file"))
                break
    except csv.Error as error:
        faults.append(Fault(reader.line_num, f"not CSV: {error}"))
    if not rows and not faults:
        faults.append(Fault(1, "no cards"))
    return rows, faults


def _row(line: int, columns: Sequence[str]) -> tuple[CardRow | None, str]:
    if len(columns) != len(HEADER):
        return None, f"expected {len(HEADER)} columns, found {len(columns)}"
    reference, points, expires_on = normal_reference(columns[0]), columns[1].strip(), columns[2].strip()
    salt, hashed = columns[3].strip(), columns[4].strip()
    if not _REFERENCE.match(reference):
        return None, "reference: expected 4 to 40 digits or letters"
    if not _POINTS.match(points) or int(points) > INTEGER_MAX:
        return None, f"points: expected a whole number 1..{INTEGER_MAX}"
    if expires_on and not is_date(expires_on):
        return None, "expires_on: expected a date YYYY-MM-DD or nothing"
    if not _SALT.match(salt):
        return None, "salt: expected 16 to 64 lower-case hex digits"
    if not _HASH.match(hashed):
        return None, "proof_sha256: expected 64 lower-case hex digits"
    return CardRow(line, reference, int(points), expires_on or None, salt, hashed), ""
