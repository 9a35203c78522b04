"""Run random operation sequences through the Python spec and the Go chaincode and compare them byte for byte."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from admin import output
from admin.errors import Differs

app = typer.Typer()


@app.command()
def conformance(
    operations: Annotated[int, typer.Option(min=1, help="How many operations to compare at least.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Where the random sequences begin; the same seed gives the same ones.")] = 1,
    json: output.JsonOption = False,
) -> None:
    """Compare receipts, writes and events of both implementations on random, stateful sequences, and check the invariants.

    A failing sequence is shrunk, and its last call saved as a vector in chaincode/vectors/found. Exit code 5 on a difference.
    """
    from chaincode.conformance.run import Different, run
    from network.programs.chaincode import CONFORMANCE, provide_chaincode

    program = provide_chaincode(output.note, CONFORMANCE)
    started = time.monotonic()
    with output.progress() as shown:
        task = shown.add_task("operations compared", total=operations)
        try:
            tally = run(program, operations, seed, lambda done: shown.update(task, completed=done))
        except Different as different:
            raise Differs("CONFORMANCE_DIFFERS", str(different)) from None
    document = {
        "operations": tally.operations,
        "calls": tally.calls,
        "sequences": tally.sequences,
        "seconds": round(time.monotonic() - started, 1),
        "codes": dict(tally.codes.most_common()),
    }
    if output.json_wanted():
        output.document(document)
    else:
        rows = [[code, count] for code, count in tally.codes.most_common()]
        output.table(
            f"{tally.operations:,} operations in {tally.sequences:,} sequences agree ({document['seconds']} s)",
            ["code", "receipts"],
            rows,
            right=["receipts"],
        )
