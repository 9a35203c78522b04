"""Writes the vectors, and says which codes have none."""

from __future__ import annotations

import json
import re
from pathlib import Path

from chaincode.cases import (
    collateral,
    consortium,
    defaulting,
    disputes,
    doors,
    governance,
    members,
    moving,
    rebinds,
    settlement,
    spending,
)
from chaincode.cases.encodings import encoding_vectors
from chaincode.cases.forms import FORMS, form_cases, forms_document, vectors_in
from chaincode.cases.lineage import lineage_vectors
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import CODES
from chaincode.spec.operations import OPERATIONS

FOLDER = Path(__file__).resolve().parents[1] / "vectors"
LINE_CHARACTERS_MAX = 160
MANY = 256
"""Items of a list from which on several stand on a line."""


def documents() -> dict[str, Json]:
    """Every vector by its path below the folder. Raises AssertionError where the spec does not give what a case
    states."""
    found: dict[str, Json] = {}
    for subject in (
        consortium,
        collateral,
        governance,
        members,
        rebinds,
        moving,
        spending,
        settlement,
        disputes,
        defaulting,
        doors,
    ):
        for case in subject.cases():
            _add(found, case.folder, case.name, case.document())
            if case.name == "plain" and case.function == "Apply":
                _add(found, case.folder, FORMS, forms_document(case, form_cases(case)))
    for folder, name, document in (*encoding_vectors(), *lineage_vectors()):
        _add(found, folder, name, document)
    return found


def _add(found: dict[str, Json], folder: str, name: str, document: Json) -> None:
    path = f"{folder}/{name}.json"
    assert path not in found, path
    found[path] = document


def text_of(document: Json) -> str:
    """A vector as it is stored: short values on one line, so that a person can read a difference."""
    return _text(document, 0) + "\n"


def _text(value: Json, depth: int) -> str:
    flat = json.dumps(value, ensure_ascii=False, sort_keys=False)
    if len(flat) + 2 * depth <= LINE_CHARACTERS_MAX or not isinstance(value, dict | list) or not value:
        return flat
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        rows = [
            f"{inner}{json.dumps(key, ensure_ascii=False)}: {_text(item, depth + 1)}" for key, item in value.items()
        ]
        return "{\n" + ",\n".join(rows) + f"\n{outer}}}"
    texts = [_text(item, depth + 1) for item in value]
    rows = [inner + text for text in texts] if len(texts) <= MANY else _packed(texts, inner)
    return "[\n" + ",\n".join(rows) + f"\n{outer}]"


def _packed(texts: list[str], inner: str) -> list[str]:
    """Items of a long list, as many on a line as have room."""
    rows: list[str] = []
    for text in texts:
        if rows and len(rows[-1]) + len(text) + 2 <= LINE_CHARACTERS_MAX:
            rows[-1] += ", " + text
        else:
            rows.append(inner + text)
    return rows


def read(file: Path) -> list[tuple[str, Json]]:
    """The vectors of a stored file, each with its name; of a `forms.json` all that it stands for."""
    return list(vectors_in(json.loads(file.read_text("utf-8")), file.stem))


def write(folder: Path = FOLDER) -> tuple[int, int]:
    """Writes all vectors; gives how many files there are and how many of them changed. Files that no case makes any
    more are removed, but not those in `found/`, where conformance runs save what they find."""
    wanted = {path: text_of(document) for path, document in documents().items()}
    changed = 0
    for file in folder.glob("*/*.json"):
        name = file.relative_to(folder).as_posix()
        if name not in wanted and not name.startswith("found/"):
            file.unlink()
            changed += 1
    for name, text in wanted.items():
        file = folder / name
        if not file.is_file() or file.read_text("utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
            changed += 1
    return len(wanted), changed


def codes_of(document: Json) -> set[str]:
    """The codes that a vector expects."""
    expected = document.get("expect", {})
    codes = {"OK" if receipt is None else receipt["code"] for receipt in expected.get("receipts", [])}
    if "refusal" in expected:
        codes.add(expected["refusal"]["code"])
    return codes


def missing(folder: Path = FOLDER) -> list[str]:
    """`CODE` of the whole list, and `operation CODE` of what each operation declares, for which there is no vector."""
    by_folder: dict[str, set[str]] = {}
    for file in folder.glob("*/*.json"):
        codes = by_folder.setdefault(file.parent.name, set())
        for _, vector in read(file):
            codes.update(codes_of(vector))
    everything = set().union(*by_folder.values()) if by_folder else set()
    found = [code for code in CODES if code not in everything]
    for name, operation in OPERATIONS.items():
        place = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        have = by_folder.get(place, set())
        wanted = dict.fromkeys(["OK", "INVALID_ARGUMENT", *operation.REFUSES])
        found += [f"{place} {code}" for code in wanted if code not in have]
    return found
