"""YAML as it stands in rendered files: keys in the order given, a first line that says where the file comes from."""

from __future__ import annotations

from typing import Any

import yaml

from network.declaration.endpoints import Endpoint

HEADER = "# Rendered from consortium.yaml; change that, not this.\n"


def yaml_text(document: Any) -> str:
    """Gives the document as YAML with the header line."""
    return HEADER + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def metrics_provider(metrics: Endpoint | None) -> str:
    """Gives who takes the metrics: Prometheus, from the port that the declaration names for it, else nobody."""
    return "disabled" if metrics is None else "prometheus"


def milliseconds(value: int) -> str:
    """Gives a duration as Fabric reads it."""
    return f"{value}ms"
