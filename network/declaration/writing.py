"""A declaration made by a program, as the text of `consortium.yaml`."""

from __future__ import annotations

from typing import Any

import yaml

from network.declaration.model import Consortium

DURATION_FIELDS = {"proposal_time_window", "timeout"}


def declaration_text(consortium: Consortium) -> str:
    """Gives the text that reads back as the same declaration."""
    document = _plain(consortium.model_dump(exclude_none=True, exclude_defaults=True))
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def _plain(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _plain(one, key) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return f"{value}ms" if name in DURATION_FIELDS else value
