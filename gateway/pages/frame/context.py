"""What a template is given, declared beside the page that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, dataclass_transform

Row = dict[str, Any]
"""An object of an answer of the API, or a row of a table made of some."""

CONTEXTS: dict[str, type[Context]] = {}
"""The context of each template that a page shows, by the template's name."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Context:
    """What one template is given, field by field, beside what every template knows (`PageView.render`, `environment`).

    A subclass names its template (`class WalletContext(Context, template="member/wallet.html")`) and is a frozen
    dataclass without further ado. A test holds its fields against the names that the template uses.
    """

    template: ClassVar[str]

    def __init_subclass__(cls, *, template: str) -> None:
        cls.template = template
        assert template not in CONTEXTS, f"{template} has a context already"
        CONTEXTS[template] = dataclass(frozen=True, kw_only=True)(cls)

    def given(self) -> Mapping[str, Any]:
        """Returns the fields by their names."""
        return vars(self)
