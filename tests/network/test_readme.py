"""The README names every command, every code with its exit code, and every setting of the declaration."""

from __future__ import annotations

import typing
from pathlib import Path

import pytest

from admin.commands.network import app
from network.declaration.model import Consortium, Part
from network.errors import CODES, NetworkError

README = (Path(__file__).parents[2] / "network" / "README.md").read_text("utf-8")


def settings(part: type[Part], prefix: str = "") -> list[str]:
    """Every leaf of the declaration, written as in the README."""
    found = []
    for name, field in part.model_fields.items():
        inner = [one for one in (field.annotation, *typing.get_args(field.annotation)) if isinstance(one, type)]
        parts = [one for one in inner if issubclass(one, Part)]
        many = typing.get_origin(field.annotation) is tuple
        if parts:
            found += settings(parts[0], f"{prefix}{name}{'[]' if many else ''}.")
        else:
            found.append(prefix + name)
    return found


@pytest.mark.parametrize("setting", settings(Consortium))
def test_every_setting_is_named(setting: str) -> None:
    assert f"`{setting}`" in README


def test_the_settings_are_really_walked() -> None:
    assert {"version", "batch.timeout", "orgs[].peers[].port"} <= set(settings(Consortium))


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_named(code: str) -> None:
    assert f"| `{code}` | {NetworkError(code, '').exit_code} | {CODES[code]} |" in README


def test_every_command_is_named() -> None:
    names = [command.callback.__name__ for command in app.registered_commands if command.callback]
    assert len(names) == 12
    assert all(f"jifen network {name}" in README for name in names)
