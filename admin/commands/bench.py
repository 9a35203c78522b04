"""Measure: the ledger's adapters and the official Node client on one network."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from admin import output
from admin.errors import BadInput, CheckFailed
from admin.hosts import RuntimeName
from chaincode.spec.kernel.limits import OPERATIONS_PER_BATCH_MAX

if TYPE_CHECKING:
    from admin.tools.bench.ledger import Plan

Result = TypeVar("Result")
LENGTH_MAX = 10_000_000

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
    from admin.tools.bench.ledger import Plan
    from gateway.ledger.adapters.opening import ADAPTERS

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
    _complain(document)


@app.command()
def throughput(
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder",
            "-f",
            help="A running network of two merchants; without it one is brought up and taken down again.",
        ),
    ] = None,
    parts: Annotated[str, typer.Option(help="What to measure, with commas.")] = "P1,P2,P3,P4,P5,P6,gateways,queue,soak",
    seconds: Annotated[float, typer.Option(min=0.5, max=600, help="Length of each run.")] = 8.0,
    rounds: Annotated[int, typer.Option(min=1, max=20, help="How often runs that are compared take turns.")] = 2,
    callers: Annotated[int, typer.Option(min=1, max=20_000, help="Callers at once.")] = 4000,
    members: Annotated[int, typer.Option(min=100, max=50_000, help="Members whose points move.")] = 10_000,
    lanes: Annotated[int, typer.Option(min=1, max=16, help="Transactions in flight.")] = 4,
    in_flight: Annotated[str, typer.Option(help="The Node client's numbers of calls in flight.")] = "50,200",
    many_orgs: Annotated[int, typer.Option(min=3, max=20, help="Organisations of P5's large network.")] = 10,
    times: Annotated[int, typer.Option(min=2, max=100, help="How many times the sample P6's long file is.")] = 10,
    soak_seconds: Annotated[float, typer.Option(min=6, max=86_400, help="Length of the soak.")] = 300.0,
    without_node: Annotated[bool, typer.Option("--without-node", help="Leave out the Node client.")] = False,
    json: output.JsonOption = False,
) -> None:
    """Single operations from many callers through the scheduler, beside the official Node client on the same network.

    P1 operations of an organisation, P2 signed by members, P3 latency, P4 hot accounts, P5 many organisations, P6 the main job, several gateways
    at once, a full queue and a soak. Exit code 1 when a goal is missed; the figures are printed all the same.
    """
    from admin.tools.bench.throughput.measure import measure
    from admin.tools.bench.throughput.plan import PARTS, Plan

    chosen = tuple(name.strip() for name in parts.split(","))
    for name in chosen:
        if name not in PARTS:
            raise BadInput("UNKNOWN_PART", f"{name}; there are {', '.join(PARTS)}")
    plan = Plan(
        parts=chosen,
        seconds=seconds,
        rounds=rounds,
        callers=callers,
        members=members,
        lanes=lanes,
        node_in_flight=_numbers("--in-flight", in_flight),
        many_orgs=many_orgs,
        times=times,
        soak_seconds=soak_seconds,
    )
    document = _run(measure(plan, output.note, folder, with_node=not without_node))
    if json:
        output.document(document)
    else:
        _show_throughput(document)
    _complain(document)


@app.command()
def gateway(
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder",
            "-f",
            help="A running network of two merchants; without it one is brought up and taken down again.",
        ),
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.5, max=600, help="Length of each run.")] = 6.0,
    clients: Annotated[str, typer.Option(help="Numbers of concurrent HTTP clients, with commas.")] = "1,10,50,200",
    members: Annotated[
        int, typer.Option(min=10, max=50_000, help="Members who are read and whose points move.")
    ] = 1000,
    bulk_lines: Annotated[int, typer.Option(min=0, max=1_000_000, help="Lines of the bulk request.")] = 20_000,
    pairs: Annotated[
        int, typer.Option(min=3, max=10_000, help="Lone redemptions over HTTP and by the bare service.")
    ] = 60,
    block_timeout: Annotated[
        str | None,
        typer.Option(
            help="Milliseconds after which orderers cut a block; several, with commas, are compared, each on a network "
            "of its own. The declaration's when left out."
        ),
    ] = None,
    without_node: Annotated[
        bool, typer.Option("--without-node", help="Leave out the Node client where timeouts are compared.")
    ] = False,
    json: output.JsonOption = False,
) -> None:
    """Many HTTP clients on one gateway: mixed reads and writes, a bulk request, and a lone redemption beside the bare Gateway service.

    Several block timeouts give one table: a lone redemption, HTTP clients, full batches of the scheduler and the Node client's single transactions. Exit code 1 when a goal is missed; the figures are printed all the same.
    """
    from admin.tools.bench.gateway.measure import measure
    from admin.tools.bench.gateway.plan import Plan
    from admin.tools.bench.gateway.table import show

    timeouts = _numbers("--block-timeout", block_timeout) if block_timeout is not None else ()
    if timeouts and folder is not None:
        raise BadInput("OPTIONS_CONFLICT", "--block-timeout is for networks that the bench brings up, not for --folder")
    plan = Plan(_numbers("--clients", clients), seconds, members, bulk_lines, pairs, timeouts)
    if len(timeouts) > 1:
        from admin.tools.bench import node_client
        from admin.tools.bench.gateway import timeouts as comparison

        document = _run(comparison.compare(plan, output.note, None if without_node else node_client.install()))
        show = comparison.show
    else:
        document = _run(measure(plan, output.note, folder))
    if json:
        output.document(document)
    else:
        show(document)
        _show_goals(document)
    _complain(document)


@app.command()
def state(
    accounts: Annotated[int, typer.Option(min=100, max=1_000_000, help="Accounts that shop.")] = 100_000,
    accruals: Annotated[int, typer.Option(min=1_000, max=10_000_000, help="Purchases in all.")] = 1_000_000,
    json: output.JsonOption = False,
) -> None:
    """How large the ledger's state is after so many purchases, and what of it is points and what memory; by the rules alone.

    Exit code 1 when a goal is missed; the figures are printed all the same.
    """
    from admin.tools.bench.state import measure

    document = measure(accounts, accruals, output.note)
    if json:
        output.document(document)
    else:
        names = ("accruals", "keys", "bytes", "bucket_bytes", "memory_bytes", "memory_keys", "receipts")
        rows = [[f"{run[name]:,}" for name in names] for run in document["runs"]]
        output.table("State", [name.replace("_", " ") for name in names], rows)
        _show_goals(document)
    _complain(document)


@app.command()
def replay(
    lengths: Annotated[str, typer.Option(help="Purchases on the chain, with commas.")] = "5000,20000,80000",
    accounts: Annotated[int, typer.Option(min=10, max=1_000_000, help="Accounts that shop.")] = 500,
    batch: Annotated[int, typer.Option(min=1, max=OPERATIONS_PER_BATCH_MAX, help="Purchases of a transaction.")] = 200,
    json: output.JsonOption = False,
) -> None:
    """How quickly a chain is replayed, and in how much memory: by `verify` with the rules in Go and in Python, and by
    `projection rebuild`.

    The chains are embedded ledgers'. Exit code 1 when a goal is missed; the figures are printed all the same.
    """
    from admin.tools.bench.replay import measure

    document = measure(_numbers("--lengths", lengths, LENGTH_MAX), accounts, batch, output.note)
    if json:
        output.document(document)
    else:
        names = ("operations", "operations_per_second", "operations_per_cpu_second", "mebibytes", "go_mebibytes")
        rows = [[run["work"], *(f"{run[name]:,}" for name in names)] for run in document["runs"]]
        output.table("Replay", ["work", *(name.replace("_", " ") for name in names)], rows)
        _show_goals(document)
    _complain(document)


@app.command()
def join(
    callers: Annotated[int, typer.Option(min=1, max=64, help="Callers at once.")] = 8,
    per_second: Annotated[float, typer.Option(min=1, max=1000, help="Operations that they begin a second.")] = 40.0,
    settle_seconds: Annotated[float, typer.Option(min=1, max=600, help="Load before and after.")] = 8.0,
    runtime: Annotated[
        list[RuntimeName] | None,
        typer.Option(help="What runs the services; twice, to measure both. Without it: processes."),
    ] = None,
    json: output.JsonOption = False,
) -> None:
    """A merchant joins a running network of three under a steady load through a gateway, which learns of it as it runs.

    Machine time from APPROVED to ACTIVE, failed operations, retries. Exit code 1 when a goal is missed; the figures are printed all the same.
    """
    from admin.tools.bench.join import Traffic, measure

    runtimes = [one.value for one in runtime or [RuntimeName.process]]
    document = measure(runtimes, Traffic(callers, per_second, settle_seconds), output.note)
    if json:
        output.document(document)
    else:
        names = (
            "seconds",
            "operations",
            "operations_per_second",
            "median_seconds",
            "p99_seconds",
            "longest_gap_seconds",
        )
        rows = [[run["runtime"], run["run"], *(str(run[name]) for name in names)] for run in document["runs"]]
        output.table("Joining", ["runtime", "load", *(name.replace("_", " ") for name in names)], rows)
        _show_goals(document)
    _complain(document)


def _complain(document: dict[str, Any]) -> None:
    missed = [name for name, goal in document["goals"].items() if not goal["met"]]
    if missed:
        raise CheckFailed("GOAL_MISSED", "; ".join(missed))


def _measure(folder: Path | None, plan: Plan) -> dict[str, Any]:
    from admin.tools.bench.ledger import measure
    from network.connection import load
    from network.declaration.generate import merchants_declaration
    from network.journeys.local import running_network

    if folder is not None:
        return _run(measure(load(folder), plan, output.note))
    with (
        tempfile.TemporaryDirectory(prefix="jifen-bench-") as place,
        running_network(merchants_declaration(2), Path(place) / "network", output.note) as network,
    ):
        return _run(measure(network, plan, output.note))


def _numbers(option: str, text: str, most: int = 1000) -> tuple[int, ...]:
    try:
        numbers = tuple(int(part) for part in text.split(","))
    except ValueError:
        raise BadInput("BAD_NUMBER", f"{option} takes whole numbers with commas between them, not {text!r}") from None
    if any(not 1 <= number <= most for number in numbers):
        raise BadInput("BAD_NUMBER", f"{option} takes numbers from 1 to {most}, not {text!r}")
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
    _show_goals(document)


def _show_throughput(document: dict[str, Any]) -> None:
    rows = [
        (
            run["client"],
            run["kind"],
            run["operations"],
            f"{run['operations_per_second']:,.0f}",
            f"{1000 * run['latency_seconds']['median']:.0f}",
            f"{1000 * run['latency_seconds']['p99']:.0f}",
            run["transactions"],
            run.get("invalid_transactions", ""),
            sum(run["failures"].values()),
            *(
                f"{run['cpu_microseconds_per_operation'].get(kind, 0):,.0f}"
                for kind in ("client", "peer", "chaincode", "orderer")
            ),
            run["cpu_share"],
        )
        for run in document["runs"]
        if "cpu_share" in run
    ]
    columns = (
        "client", "operations", "count", "operations/s", "median ms", "p99 ms", "transactions", "invalid", "failed",
        "CPU µs/operation client", "peers", "chaincode", "orderer", "cores used",
    )  # fmt: skip
    output.table("Throughput", columns, rows, right=columns[2:])
    facts = ("client", "kind")
    others = [
        (run["client"], run["kind"], ", ".join(f"{name} {value}" for name, value in run.items() if name not in facts))
        for run in document["runs"]
        if "cpu_share" not in run
    ]
    if others:
        output.table("Other runs", ("client", "run", "figures"), others)
    _show_goals(document)


def _show_goals(document: dict[str, Any]) -> None:
    goals = [
        (name, f"{goal['figure']:,}", f"{goal['goal']:,}", "yes" if goal["met"] else "NO")
        for name, goal in document["goals"].items()
    ]
    output.table("Goals", ("goal", "figure", "wanted", "met"), goals, right=("figure", "wanted"))


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """The measurement's result, in the event loop and with the collector that the gateway has too: the loop takes a twelfth off the client's CPU where each operation is a transaction."""
    import uvloop

    from gateway.core.event_loop import ease_collector

    ease_collector()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
