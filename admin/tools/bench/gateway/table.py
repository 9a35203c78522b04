"""The bench's runs as a table for people."""

from __future__ import annotations

from typing import Any

from admin import output

KINDS = ("gateway", "load", "peer", "chaincode", "orderer")
COLUMNS = (
    "run", "clients", "operations", "operations/s", "median ms", "p99 ms", "202", "refused", "failed",
    "CPU µs/operation gateway", "load", "peers", "chaincode", "orderer", "cores used",
)  # fmt: skip


def show(document: dict[str, Any]) -> None:
    """All runs; below each mixed one its kinds of request."""
    rows: list[tuple[object, ...]] = []
    for run in document["runs"]:
        cpu = run.get("cpu_microseconds_per_operation", {})
        rows.append(
            (
                run["kind"],
                run.get("clients", 1),
                run["operations"],
                _number(run.get("operations_per_second")),
                *_latency(run.get("latency_seconds")),
                sum(count for name, count in run.get("answers", {}).items() if name.endswith(" 202")),
                sum(run.get("refusals", {}).values()),
                sum(run["failures"].values()),
                *(_number(cpu.get(kind)) for kind in KINDS),
                run.get("cpu_share", ""),
            )
        )
        bare = run.get("latency_seconds_of_the_bare_service")
        if bare is not None:
            rows.append(("  the bare service", 1, run["operations"], "", *_latency(bare), *[""] * 9))
        for kind, figures in run.get("by_kind", {}).items():
            rows.append((f"  {kind}", "", figures["operations"], "", *_latency(figures), *[""] * 9))
    output.table("Gateway", COLUMNS, rows, right=COLUMNS[1:])


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _latency(seconds: dict[str, float] | None) -> tuple[str, str]:
    return ("", "") if seconds is None else (f"{1000 * seconds['median']:.0f}", f"{1000 * seconds['p99']:.0f}")
