"""From the text of `consortium.yaml` to the model, with every fault named by line and field."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from network.declaration.model import Consortium, faults
from network.errors import DeclarationError, Problem

FieldPath = tuple[str | int, ...]


def read(file: Path) -> Consortium:
    """Reads the declaration in `file`. Raises DeclarationError with all faults found."""
    return parse(read_text(file), str(file))


def read_text(file: Path) -> str:
    """Reads the text of `file`. Raises DeclarationError DECLARATION_UNREADABLE."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem("DECLARATION_UNREADABLE", 1, "", str(error))
        raise DeclarationError(str(file), [problem]) from error


def parse(text: str, source: str = "consortium.yaml") -> Consortium:
    """Reads the declaration in `text`; `source` names it in errors. Raises DeclarationError with all faults found."""
    try:
        return _parsed(text)
    except DeclarationError as error:
        raise DeclarationError(source, error.problems) from error.__cause__


@lru_cache(maxsize=8)
def _parsed(text: str) -> Consortium:
    """Reads a declaration once: every org has the same text, and each question asked of a network reads it again."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        lines: dict[FieldPath, int] = {(): 1}
        problems: list[Problem] = []
        if root is not None:
            _walk(root, (), lines, problems)
        document = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = Problem("DECLARATION_SYNTAX", line, "", error.problem or str(error))
        raise DeclarationError("", [problem]) from error
    except yaml.YAMLError as error:
        raise DeclarationError("", [Problem("DECLARATION_SYNTAX", 1, "", str(error))]) from error
    if problems:
        raise DeclarationError("", problems)
    try:
        consortium = Consortium.model_validate(_tuples(document), strict=True)
    except ValidationError as error:
        found = [_problem(dict(one), lines) for one in error.errors()]
        raise DeclarationError("", sorted(set(found), key=lambda one: one.line)) from error
    found = [Problem(code, _line(path, lines), field_name(path), detail) for code, path, detail in faults(consortium)]
    if found:
        raise DeclarationError("", found)
    return consortium


def field_name(path: FieldPath) -> str:
    """Writes `("orgs", 1, "peers", 0, "port")` as `orgs[1].peers[0].port`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else part)
    return text


def _walk(node: yaml.Node, path: FieldPath, lines: dict[FieldPath, int], problems: list[Problem]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            line = key.start_mark.line + 1
            if inner in lines:
                detail = f"the key stands already on line {lines[inner]}"
                problems.append(Problem("DECLARATION_DUPLICATE_KEY", line, field_name(inner), detail))
            lines[inner] = line
            _walk(value, inner, lines, problems)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[(*path, index)] = value.start_mark.line + 1
            _walk(value, (*path, index), lines, problems)


def _tuples(value: Any) -> Any:
    """YAML's lists as tuples, which the frozen model keeps."""
    if isinstance(value, list):
        return tuple(_tuples(one) for one in value)
    if isinstance(value, dict):
        return {key: _tuples(one) for key, one in value.items()}
    return value


def _problem(error: dict[str, Any], lines: dict[FieldPath, int]) -> Problem:
    path = _declared(tuple(error["loc"]), lines, error["type"])
    if error["type"] == "extra_forbidden":
        return Problem("DECLARATION_UNKNOWN_KEY", _line(path, lines), field_name(path), "no such key")
    if error["type"] == "missing":
        return Problem("DECLARATION_MISSING_KEY", _line(path, lines), field_name(path), "must be there")
    message = str(error["msg"]).removeprefix("Value error, ")
    if path and path[-1] in ("port", "admin_port", "metrics_port", "profile_port"):
        message = "must be auto or a whole number from 1024 to 65535"
    return Problem("DECLARATION_BAD_VALUE", _line(path, lines), field_name(path), message[0].lower() + message[1:])


def _declared(path: FieldPath, lines: dict[FieldPath, int], kind: str) -> FieldPath:
    """Gives the field path without pydantic's own marks of union members (`constrained-int` and the like)."""
    if kind == "missing":
        return path
    while path and path not in lines:
        path = path[:-1]
    return path


def _line(path: FieldPath, lines: dict[FieldPath, int]) -> int:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)
