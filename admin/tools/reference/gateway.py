"""Tables about the gateway that follow from its code: settings, statuses of codes, endpoints and who may use them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from enum import Enum
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

from admin.tools.reference.tables import markdown
from gateway.access.table import TABLE
from gateway.application import SUBJECTS
from gateway.security.access_rules import Reach
from gateway.security.principals import Role, Scope
from gateway.settings import GatewaySettings
from gateway.web.problems import PROBLEMS

REACHES = {Reach.NONE: "", Reach.OWN: "own", Reach.OTHERS: "members", Reach.ANY: "any"}


def settings() -> str:
    """Every setting, its default, and what it is."""
    rows = [(f"`{name}`", _shown(default), description) for name, default, description in _settings(GatewaySettings)]
    return markdown(("setting", "default", "what it is"), rows)


def _settings(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any, str]]:
    for name, field in model.model_fields.items():
        if field.exclude:
            continue
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _settings(kind, f"{prefix}{name}.")
        else:
            default = field.get_default(call_default_factory=True) if not field.is_required() else PydanticUndefined
            yield f"{prefix}{name}", default, (field.description or "").rstrip(".")


def _shown(default: Any) -> str:
    if default is PydanticUndefined:
        return "*to be given*"
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default in ("", None):
        return ""
    if isinstance(default, Enum):
        default = default.value
    if isinstance(default, dict):
        return ", ".join(f"{name} {value}" for name, value in default.items())
    if isinstance(default, tuple):
        return ", ".join(str(one) for one in default)
    return f"`{default}`"


def statuses() -> str:
    """The codes by HTTP status."""
    codes: dict[int, list[str]] = defaultdict(list)
    for code, problem in sorted(PROBLEMS.items()):
        codes[problem.status].append(f"`{code}`")
    return markdown(("status", "codes"), [(str(status), ", ".join(codes[status])) for status in sorted(codes)])


def endpoints() -> str:
    """Every endpoint, and how far each kind of caller reaches."""
    rows = []
    for subject in SUBJECTS:
        for endpoint in subject.endpoints:
            rule = TABLE[endpoint.name]
            roles = ", ".join(
                f"{role.value} {REACHES[rule.roles[role]]}" for role in Role if rule.roles.get(role, Reach.NONE)
            )
            scopes = ", ".join(
                f"{scope.value} {REACHES[rule.scopes[scope]]}" for scope in Scope if rule.scopes.get(scope, Reach.NONE)
            )
            rows.append(
                (
                    f"`{endpoint.method} {subject.prefix}{endpoint.path}`",
                    f"`{endpoint.name}`",
                    REACHES[rule.anonymous],
                    REACHES[rule.member],
                    roles,
                    scopes,
                )
            )
    return markdown(("endpoint", "name", "anybody", "member", "staff", "API key's scope"), rows)


TABLES = {"settings": settings, "statuses": statuses, "endpoints": endpoints}
"""The tables by the names of their marks."""
