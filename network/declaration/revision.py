"""What is different between two declarations, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from network.declaration.model import Consortium

TOLD_MAX = 8


def changes(before: Consortium, after: Consortium) -> list[str]:
    """A line for each difference in meaning, such as `endorsement.k: 2 → 3` or `orgs.ferry is new`; none when only
    comments, order of keys or the like differ."""
    return list(_differences("", before.model_dump(), after.model_dump()))


def told(found: list[str]) -> str:
    """The first few of them in one line."""
    more = len(found) - TOLD_MAX
    return "; ".join([*found[:TOLD_MAX], *([f"and {more} more"] if more > 0 else [])])


def _differences(path: str, before: Any, after: Any) -> Iterator[str]:
    before, after = _by_name(before), _by_name(after)
    if before == after:
        return
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        yield f"{path}: {_shown(before)} → {_shown(after)}"
        return
    for name in (*before, *(name for name in after if name not in before)):
        inner = f"{path}.{name}" if path else str(name)
        if name not in after:
            yield f"{inner} is gone"
        elif name not in before:
            yield f"{inner} is new"
        else:
            yield from _differences(inner, before[name], after[name])
    if list(before) != list(after) and set(before) == set(after):
        yield f"{path}: in another order"


def _by_name(value: Any) -> Any:
    """A list of parts that have names as a mapping, in its order."""
    if isinstance(value, tuple) and value and all(isinstance(one, dict) and "name" in one for one in value):
        return {one["name"]: one for one in value}
    return {} if value == () else value


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else "none" if value in (None, "", {}) else str(value)
