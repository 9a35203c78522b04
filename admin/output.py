"""What the commands show: tables and progress for people, one JSON document for programs.

With `--json` standard output is one document and nothing else; progress and errors always go to standard error.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from admin import errors

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

WIDTH_OF_FILES = 200
"""Columns of a table that does not go to a terminal."""

_state = {"json": False}


def _remember(wanted: bool) -> bool:
    _state["json"] = _state["json"] or wanted
    return wanted


JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document instead of tables.", callback=_remember)
]
"""The option that every command takes."""


def json_wanted() -> bool:
    """Whether `--json` stands anywhere on the command line; also before the options have been read."""
    return _state["json"] or "--json" in sys.argv[1:]


@cache
def console() -> Console:
    """Where tables go; into a file or a pipe they are as wide as they need."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES)


@cache
def error_console() -> Console:
    """Where progress, notes and errors go."""
    from rich.console import Console

    return Console(stderr=True)


def document(value: Any) -> None:
    """Prints one JSON document to standard output, keys as given, text readable."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
    sys.stdout.flush()


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[str] = ()) -> None:
    """Prints a table to standard output; the columns named in `right` hold numbers and stand flush right."""
    from rich.markup import escape
    from rich.table import Table

    shown = Table(title=title or None, title_justify="left")
    for column in columns:
        shown.add_column(column, justify="right" if column in right else "left")
    for row in rows:
        shown.add_row(*(escape(f"{cell:,}" if type(cell) is int else str(cell)) for cell in row))
    console().print(shown)


def note(text: str) -> None:
    """A line for people, on standard error."""
    error_console().print(text, highlight=False, markup=False)


def error(code: str, detail: str) -> None:
    """`CODE: detail` on standard error, or the same as JSON when `--json` was asked for."""
    if json_wanted():
        line = json.dumps({"error": {"code": code, "detail": detail}}, ensure_ascii=False)
    else:
        line = f"{code}: {detail}"
    print(line, file=sys.stderr, flush=True)


@contextmanager
def progress() -> Iterator[Progress]:
    """A progress display on standard error: description, bar, count, time taken."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=error_console()) as shown:
        yield shown


def run(main: Callable[[], int]) -> NoReturn:
    """Ends the process with the status of a module's `main`; an error that has a code is told in one line, with its own
    status."""
    try:
        sys.exit(main())
    except Exception as problem:
        told = errors.described(problem)
        if told is None:
            raise
        error(told[0], told[1])
        sys.exit(told[2])
