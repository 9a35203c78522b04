"""The main job: replay real purchases of three merchants on a ledger and print the settlement."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from admin import output
from admin.adapters import Adapter
from admin.demo.purchases import SAMPLE, Encoding, fingerprint, read_purchases
from admin.errors import BadInput, Differs

app = typer.Typer()
MARK = "purchases.sha256"
"""The file of a folder that tells whose purchases its ledger replays."""


@app.command()
def demo(
    ledger: Annotated[
        Adapter, typer.Option(help="embedded: a file; fabric, hfc: a real Fabric network, brought up and taken down.")
    ] = Adapter.embedded,
    purchases: Annotated[
        Path | None, typer.Option(help="CSV with customer, date, units, amount. The CDNOW sample when left out.")
    ] = None,
    encoding: Annotated[
        Encoding, typer.Option(help="How the purchases file is written; gb18030 reads GBK as well.")
    ] = Encoding.utf_8,
    folder: Annotated[
        Path | None,
        typer.Option(help="Keep the ledger here. An interrupted run goes on where it stopped.", file_okay=False),
    ] = None,
    report: Annotated[Path, typer.Option(help="Where the settlement report is written.", file_okay=False)] = Path(
        "run/demo"
    ),
    lanes: Annotated[int, typer.Option(min=1, max=16, help="Transactions in flight for each merchant.")] = 16,
    serve: Annotated[
        bool, typer.Option(help="Then serve the web UI over it, with a log-in for each role, until Ctrl-C.")
    ] = False,
    json: output.JsonOption = False,
) -> None:
    """Replay purchases on a ledger, month by month, settle every window, verify it from every merchant's own peer.

    Without --folder everything the demo made is taken down at its end.
    """
    from admin.demo.setting import limit_for
    from gateway.ledger.adapters.embedded_store import check_file
    from gateway.services.ledger_place import EMBEDDED_FILE

    read = read_purchases(purchases, encoding) if purchases else read_purchases(SAMPLE)
    limit_for(sum(one.points for one in read))
    for place_named in (report, *((folder,) if folder is not None else ())):
        _usable(place_named)
    if folder is not None and ledger is Adapter.embedded:
        check_file(folder / EMBEDDED_FILE)
    mark = fingerprint(read)
    if folder is not None:
        _require_same_purchases(folder, mark, begun=(folder / EMBEDDED_FILE).exists())
    with _place(ledger, folder) as (place, seconds), output.progress() as shown:
        if folder is not None:
            _mark(folder, mark)
        tasks: dict[str, Any] = {}

        def progress(phase: str, done: int, total: int) -> None:
            if phase not in tasks:
                tasks[phase] = shown.add_task(phase, total=total)
            shown.update(tasks[phase], completed=done)

        found = asyncio.run(_run(ledger, place, read, progress, lanes))
        found.document["seconds"].update(seconds)
        shown.stop()
        _tell(found, report)
        if serve:
            _serve(ledger, place, found)


def _usable(folder: Path) -> None:
    """Makes the folder. Raises BadInput FOLDER_UNUSABLE where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput("FOLDER_UNUSABLE", f"{folder}: {error.strerror}") from None


def _require_same_purchases(folder: Path, found: str, *, begun: bool) -> None:
    """Raises BadInput PURCHASES_DIFFERENT when the folder's ledger was made from other purchases, or from nobody knows which."""
    mark = folder / MARK
    known = mark.read_text("utf-8").strip() if mark.is_file() else None
    if known != found and (known is not None or begun):
        raise BadInput(
            "PURCHASES_DIFFERENT",
            f"{folder} has the ledger of {'other purchases' if known else 'purchases that it does not name'}; "
            "give another --folder, or the first file again",
        )


def _mark(folder: Path, found: str) -> None:
    """Marks the folder as that of these purchases: once its ledger is up, since a network is made in an empty folder."""
    written = folder / f"{MARK}.new"
    written.write_text(f"{found}\n", "utf-8")
    os.replace(written, folder / MARK)


def _tell(found: Any, report: Path) -> None:
    """Writes the report and prints the answer. Raises Differs when a check does not hold."""
    from admin.demo.report import write_report
    from admin.demo.run import passed

    document = found.document
    page, workbook = write_report(document, report)
    if output.json_wanted():
        output.document(document)
    else:
        _show(document)
        output.note(f"Settlement report: {page} and {workbook}")
    if not passed(document):
        raise Differs("VERIFICATION_DIFFERS", "; ".join(found.differences))


def _serve(ledger: Adapter, place: Path, found: Any) -> None:
    """Serves the UI until the process is asked to end."""
    import signal
    import threading

    from admin.demo.serving import Last, served

    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    last = Last(found.document["blocks"], found.last_time)
    with served(place / "gateways", ledger.value, place, last, output.note) as site:
        if output.json_wanted():
            output.document({"addresses": site.addresses, "guests": [vars(guest) for guest in site.guests]})
        else:
            output.table("The web UI", ["organisation", "address"], [list(one) for one in site.addresses.items()])
            rows = [[one.org, one.role, one.contact, one.password, one.passphrase or ""] for one in site.guests]
            output.table("Log-ins", ["at", "as", "name", "password", "passphrase of the key"], rows)
            output.note(
                f"Begin at {next(iter(site.addresses.values()))}/tour; Ctrl-C ends it and takes everything down."
            )
        ended.wait()


@contextmanager
def _place(ledger: Adapter, folder: Path | None) -> Iterator[tuple[Path, dict[str, float]]]:
    """The folder in which the ledger lives, and the seconds it took to bring it up. Taken down at the end unless it was named."""
    root = folder if folder is not None else Path(tempfile.mkdtemp(prefix="jifen-demo-"))
    try:
        if ledger is Adapter.embedded:
            yield root, {}
        else:
            with _network(root, keep=folder is not None) as seconds:
                yield root, seconds
    finally:
        if folder is None:
            shutil.rmtree(root, ignore_errors=True)


@contextmanager
def _network(folder: Path, *, keep: bool) -> Iterator[dict[str, float]]:
    from admin.demo.ledgers import declaration_text
    from network.journeys.local import LocalNetwork

    network = LocalNetwork(folder, output.note)
    try:
        started = time.monotonic()
        network.up(declaration_text())
        yield {"network_up": round(time.monotonic() - started, 2)}
    finally:
        if network.folder.marker.is_file():
            if keep:
                network.stop()
            else:
                network.down()


async def _run(ledger: Adapter, place: Path, purchases: Any, progress: Any, lanes: int) -> Any:
    from admin.demo.ledgers import embedded_ledgers, network_ledgers
    from admin.demo.run import run

    opened = embedded_ledgers(place) if ledger is Adapter.embedded else network_ledgers(ledger.value, place)
    async with opened as ledgers:
        return await run(ledger.value, ledgers, purchases, progress, lanes)


def _show(document: Any) -> None:
    from admin.demo.report import FLOWS, NAMES, money

    flows = list(FLOWS)
    output.table(
        "Points",
        ["merchant", *(name.replace("_", " ") for name in flows)],
        [[class_id, *(row[name] for name in flows)] for class_id, row in document["classes"].items()],
        right=[name.replace("_", " ") for name in flows],
    )
    nets = [f"net {name}" for name in NAMES]
    output.table(
        "Settlement (CNY; + receives)",
        ["month", "gross", *nets, "payments"],
        [
            [
                window["month"],
                money(window["gross"]),
                *(money(window["net"][name]) for name in NAMES),
                ", ".join(
                    f"{entry['payer']} → {entry['payee']} {money(entry['amount'])}" for entry in window["payments"]
                ),
            ]
            for window in document["windows"]
        ],
        right=["gross", *nets],
    )
    counts = document["counts"]
    output.table("Counts", list(counts), [list(counts.values())], right=list(counts))
    names = (
        "ledger",
        "operations",
        "transactions",
        "blocks",
        "retries",
        "invalid_transactions",
        "operations_per_second",
    )
    rows = [[name.replace("_", " "), document[name]] for name in names]
    rows += [[f"{phase} (seconds)", seconds] for phase, seconds in document["seconds"].items()]
    output.table("Run", ["", "figure"], rows, right=["figure"])
    output.table(
        "Checks, from each merchant's own peer",
        ["check", *document["checks"]],
        [
            [name.replace("_", " "), *("yes" if checks[name] else "NO" for checks in document["checks"].values())]
            for name in next(iter(document["checks"].values()))
        ],
    )
