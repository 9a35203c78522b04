"""The names of metrics in an expression of Prometheus."""

from __future__ import annotations

import re

WORDS = {
    *("sum", "count", "max", "min", "by", "on", "and", "or", "rate", "time", "group_right", "histogram_quantile", "le"),
    *("job", "status", "channel", "what", "validation_code"),
}
"""Functions, operators and labels."""


def metric_names(expression: str) -> set[str]:
    bare = re.sub(r'"[^"]*"', "", re.sub(r"\[[^]]*\]", "", expression))
    return {name for name in re.findall(r"[a-zA-Z_][a-zA-Z0-9_]*", bare) if name not in WORDS}
