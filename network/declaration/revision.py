"""What is different between two declarations, in words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from network.declaration.model import Consortium

TOLD_MAX = 8


@dataclass(frozen=True)
class Change:
    """One difference in meaning. `field` is where, with parts by their names: `orgs.harbor.peers.peer0.metrics_port`;
    it ends in `+` where a list got more and lost nothing. `text` is the difference in words."""

    field: str
    text: str

    def __str__(self) -> str:
        return self.text

    def concerns(self, fields: str) -> bool:
        """Says whether the field is one of `fields`, in which `*` stands for one part of a name."""
        return re.fullmatch(re.escape(fields).replace(r"\*", "[^.]+"), self.field) is not None


def changes(before: Consortium, after: Consortium) -> list[Change]:
    """Gives each difference in meaning, such as `endorsement.k: 2 → 3` or `orgs.ferry is new`; none when only comments,
    order of keys or the like differ."""
    return list(_differences("", before.model_dump(), after.model_dump()))


def limited_to(consortium: Consortium, names: Collection[str]) -> Consortium:
    """Gives the declaration with the organisations of these names alone."""
    return consortium.model_copy(update={"orgs": tuple(org for org in consortium.orgs if org.name in names)})


def told(found: Sequence[Change]) -> str:
    """Gives the first few of them in one line."""
    more = len(found) - TOLD_MAX
    return "; ".join([*map(str, found[:TOLD_MAX]), *([f"and {more} more"] if more > 0 else [])])


def _differences(path: str, before: Any, after: Any) -> Iterator[Change]:
    before, after = _by_name(before), _by_name(after)
    if before == after:
        return
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        yield Change(path + ("+" if _extends(before, after) else ""), f"{path}: {_shown(before)} → {_shown(after)}")
        return
    for name in (*before, *(name for name in after if name not in before)):
        inner = f"{path}.{name}" if path else str(name)
        if name not in after:
            yield Change(inner, f"{inner} is gone")
        elif name not in before:
            yield Change(inner, f"{inner} is new")
        else:
            yield from _differences(inner, before[name], after[name])
    if list(before) != list(after) and set(before) == set(after):
        yield Change(path, f"{path}: in another order")


def _extends(before: Any, after: Any) -> bool:
    """Says whether a list of plain values got more of them and lost none. An empty one is a mapping here."""
    return isinstance(after, tuple) and set(after) > set(before)


def _by_name(value: Any) -> Any:
    """Gives a list of parts that have names as a mapping, in its order."""
    if isinstance(value, tuple) and value and all(isinstance(one, dict) and "name" in one for one in value):
        return {one["name"]: one for one in value}
    return {} if value == () else value


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else "none" if value in (None, "", {}) else str(value)
