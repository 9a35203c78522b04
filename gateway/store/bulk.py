"""Statements for many rows, compiled once and given to the driver as they are: SQLAlchemy would make a dictionary of
parameters anew for each row, and that costs more than to store it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, CursorResult, Delete, Dialect, Insert, Select, Update
from sqlalchemy.sql.compiler import SQLCompiler

Parameters = Mapping[str, Any]


class Prepared:
    """A statement in the text of one dialect. Its parameters are those of its columns `names`, where it sets any, and
    its own, each by its name."""

    def __init__(
        self, statement: Insert | Update | Delete | Select[Any], dialect: Dialect, names: Sequence[str] = ()
    ) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(names) or None)
        assert isinstance(compiled, SQLCompiler)
        self.text = str(compiled)
        self._positional = compiled.positional
        self._names = list((compiled.positiontup or ()) if compiled.positional else compiled.binds)
        types = {name: compiled.binds[name].type.dialect_impl(dialect) for name in self._names}
        self._processors = {name: types[name].bind_processor(dialect) for name in self._names}

    def one(self, connection: Connection, parameters: Parameters) -> CursorResult[Any]:
        """Carries it out once."""
        bound: Any = []
        for name in self._names:
            process = self._processors[name]
            bound.append(parameters[name] if process is None else process(parameters[name]))
        bound = tuple(bound) if self._positional else dict(zip(self._names, bound, strict=True))
        return connection.exec_driver_sql(self.text, bound)

    def many(self, connection: Connection, rows: Sequence[Parameters]) -> None:
        """Carries it out for each row in turn."""
        if rows:
            connection.exec_driver_sql(self.text, list(self._bound(rows)))

    def _bound(self, rows: Sequence[Parameters]) -> Iterable[Any]:
        """The rows as the driver takes them."""
        columns: list[Iterable[Any]] = []
        for name in self._names:
            process = self._processors[name]
            values = map(itemgetter(name), rows)
            columns.append(values if process is None else map(process, values))
        if self._positional:
            return zip(*columns, strict=True)
        return (dict(zip(self._names, values, strict=True)) for values in zip(*columns, strict=True))
