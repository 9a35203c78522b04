"""The `jifen` command: finds the command groups, turns errors into exit codes.

Each file in `admin/commands` is one command or group: it exports a `typer.Typer()` named `app`, and the first line of
its docstring is its help. A group is imported only when it is called, so that `jifen --help` stays fast.
"""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from admin import errors, output
from admin.exit_codes import MEANINGS, Exit

COMMANDS_FOLDER = Path(__file__).parent / "commands"


def summary(path: Path) -> str:
    """The first line of a module's docstring, without importing the module."""
    return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]


class LazyGroup(TyperGroup):
    """The top command: knows its subcommands by their files, and imports the one that is called."""

    def list_commands(self, context: Any) -> list[str]:
        """The names of the files in `admin/commands`."""
        return sorted(path.stem.replace("_", "-") for path in COMMANDS_FOLDER.glob("*.py") if path.stem[0] != "_")

    def get_command(self, context: Any, name: str) -> Any:
        """The command of this name, imported now; while help is being written, only its name and summary."""
        if name not in self.list_commands(context):
            return None
        module = name.replace("-", "_")
        if getattr(self, "_writing_help", False):
            return TyperCommand(name, help=summary(COMMANDS_FOLDER / f"{module}.py"))
        command = typer.main.get_command(importlib.import_module(f"admin.commands.{module}").app)
        command.name = name
        if not command.help:
            command.help = summary(COMMANDS_FOLDER / f"{module}.py")
        return command

    def format_help(self, context: Any, formatter: Any) -> None:
        """Writes the help without importing any group."""
        self._writing_help = True
        try:
            super().format_help(context, formatter)
        finally:
            self._writing_help = False


def _version(wanted: bool) -> None:
    if wanted:
        number = importlib.metadata.version("jifen")
        if output.json_wanted():
            output.document({"name": "jifen", "version": number})
        else:
            print(f"jifen {number}")
        raise typer.Exit


app = typer.Typer(
    cls=LazyGroup,
    name="jifen",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog="Exit codes: " + "; ".join(f"{code.value} {meaning}" for code, meaning in MEANINGS.items()) + ".",
)


@app.callback()
def jifen(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
    json: output.JsonOption = False,
) -> None:
    """Consortium loyalty points on Hyperledger Fabric."""


def main() -> None:
    """Entry point of the console command: runs it, and ends the process with one of `admin.exit_codes`.

    Errors that have a code are told in one line. Any other exception is a defect of ours and shows its traceback.
    """
    # Asked to end, a command still takes down what it brought up: as by Ctrl-C, which asyncio turns into a cancellation
    # at a point where the program awaits. A script's background starts it with SIGINT ignored, and SIGTERM would be
    # too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        status = app(prog_name="jifen", standalone_mode=False)
        if status == Exit.INTERRUPTED:  # how typer tells of a KeyboardInterrupt
            raise KeyboardInterrupt
        sys.exit(status if isinstance(status, int) else Exit.OK)
    except (KeyboardInterrupt, typer.Abort):
        output.error("INTERRUPTED", "stopped from the keyboard or by a signal")
        sys.exit(Exit.INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away; what is left in the buffer goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.FAILED)
    except Exception as error:
        told = errors.described(error)
        if told is None:
            raise
        code, detail, exit_code = told
        if type(error).__name__ == "NoArgsIsHelpError":
            print(detail, file=sys.stderr)
        else:
            output.error(code, detail)
        sys.exit(exit_code)


if __name__ == "__main__":
    main()
