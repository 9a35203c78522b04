"""Measure: the ledger's adapters and the official Node client on one network."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin import output
from admin.errors import BadInput, CheckFailed

if TYPE_CHECKING:
    from admin.bench.ledger import Plan

app = typer.Typer(
    no_args_is_help=True, help="Measure. Every bench ends with a table of its goals; --json prints one document."
)


@app.callback()
def bench() -> None:
    """Measure. Every bench ends with a table of its goals; --json prints one document."""


@app.command()
def ledger(
    folder: Annotated[
        Path | None,
        typer.Option("--folder", "-f", help="A running network; without it one is brought up and taken down again."),
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.5, max=600, help="Length of each run.")] = 8.0,
    in_flight: Annotated[str, typer.Option(help="Numbers of calls in flight, with commas.")] = "1,10,50,200",
    batches_in_flight: Annotated[str, typer.Option(help="Numbers of large transactions in flight.")] = "1,4,8",
    batch: Annotated[int, typer.Option(min=2, max=500, help="Operations of a large transaction.")] = 200,
    adapters: Annotated[str, typer.Option(help="The adapters to measure, with commas.")] = "fabric,hfc",
    without_node: Annotated[bool, typer.Option("--without-node", help="Leave out the Node client.")] = False,
    json: output.JsonOption = False,
) -> None:
    """One operation a transaction, many a transaction, and queries; through the adapters and through the Node client.

    Exit code 1 when a goal is missed; the figures are printed all the same.
    """
    from admin.bench.ledger import Plan
    from gateway.ledger.opening import ADAPTERS

    chosen = tuple(name.strip() for name in adapters.split(","))
    for name in chosen:
        if name not in ADAPTERS:
            raise BadInput("UNKNOWN_ADAPTER", f"{name}; there are {', '.join(ADAPTERS)}")
    plan = Plan(
        in_flight=_numbers("--in-flight", in_flight),
        seconds=seconds,
        batch=batch,
        batches_in_flight=_numbers("--batches-in-flight", batches_in_flight),
        adapters=chosen,
        with_node=not without_node,
    )
    document = _measure(folder, plan)
    if json:
        output.document(document)
    else:
        _show(document)
    missed = [name for name, goal in document["goals"].items() if not goal["met"]]
    if missed:
        raise CheckFailed("GOAL_MISSED", "; ".join(missed))


def _measure(folder: Path | None, plan: Plan) -> dict[str, Any]:
    import asyncio

    from admin.bench.ledger import measure
    from network.connection import load
    from network.declaration.generate import merchants_declaration
    from network.local import running_network

    if folder is not None:
        return asyncio.run(measure(load(folder), plan, output.note))
    with (
        tempfile.TemporaryDirectory(prefix="jifen-bench-") as place,
        running_network(merchants_declaration(2), Path(place) / "network", output.note) as network,
    ):
        return asyncio.run(measure(network, plan, output.note))


def _numbers(option: str, text: str) -> tuple[int, ...]:
    try:
        numbers = tuple(int(part) for part in text.split(","))
    except ValueError:
        raise BadInput("BAD_NUMBER", f"{option} takes whole numbers with commas between them, not {text!r}") from None
    if any(not 1 <= number <= 1000 for number in numbers):
        raise BadInput("BAD_NUMBER", f"{option} takes numbers from 1 to 1000, not {text!r}")
    return numbers


def _show(document: dict[str, Any]) -> None:
    reference = {run["in_flight"]: run["calls_per_second"] for run in document["runs"] if run["client"] == "node"}
    rows = []
    for run in document["runs"]:
        single = run["kind"] == "submit" and run["operations_per_transaction"] == 1
        node = reference.get(run["in_flight"]) if single else None
        cpu = run["cpu_milliseconds_per_call"]
        rows.append(
            (
                run["client"],
                "query" if run["kind"] == "evaluate" else f"{run['operations_per_transaction']} a transaction",
                run["in_flight"],
                f"{run['calls_per_second']:,.1f}",
                f"{run['operations_per_second']:,.0f}",
                f"{run['calls_per_second'] / node:.2f}" if node else "",
                f"{1000 * run['latency_seconds']['median']:.0f}",
                f"{1000 * run['latency_seconds']['p95']:.0f}",
                sum(run["failures"].values()),
                *(f"{cpu.get(kind, 0):.2f}" for kind in ("client", "peer", "chaincode", "orderer")),
            )
        )
    columns = (
        "client", "operations", "in flight", "calls/s", "operations/s", "× node", "median ms", "p95 ms", "failed",
        "CPU ms/call client", "peers", "chaincode", "orderer",
    )  # fmt: skip
    output.table("Ledger", columns, rows, right=columns[2:])
    goals = [
        (name, f"{goal['figure']:,}", f"{goal['goal']:,}", "yes" if goal["met"] else "NO")
        for name, goal in document["goals"].items()
    ]
    output.table("Goals", ("goal", "figure", "wanted", "met"), goals, right=("figure", "wanted"))
