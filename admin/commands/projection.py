"""A gateway's projection of the ledger: how far it is, rebuilt from block 0, compared with the chain."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from admin import output
from admin.errors import Differs

if TYPE_CHECKING:
    from gateway.ledger.port import Ledger
    from gateway.projection.chain_comparison import Comparison
    from gateway.store.engine import Store

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="A gateway's projection of the ledger: how far it is, rebuilt from block 0, compared with the chain.",
)

Result = TypeVar("Result")
FOLDER = Path("run/gateway")
FolderOption = Annotated[
    Path, typer.Option("--gateway", "-g", envvar="JIFEN_GATEWAY", help="The gateway's folder.", file_okay=False)
]


@app.command()
def status(folder: FolderOption = FOLDER, json: output.JsonOption = False) -> None:
    """Show up to which block the gateway's tables are, and how many blocks its peer has."""
    from gateway.projection.projection import Projection

    async def work(store: Store, ledger: Ledger) -> dict[str, Any]:
        position = await asyncio.to_thread(Projection(store).position)
        return {**position.model_dump(), "height": await ledger.height()}

    _show("Projection", _with_gateway(folder, work))


@app.command()
def rebuild(folder: FolderOption = FOLDER, json: output.JsonOption = False) -> None:
    """Empty the tables and fold every block anew. Safe while the gateway serves, and to break off: it is finished by whoever folds next.

    Until it is done the gateway answers questions to the projection with PROJECTION_REBUILDING. Webhooks are not sent again.
    """
    from gateway.projection.fold.projector import Projector

    async def work(store: Store, ledger: Ledger) -> dict[str, Any]:
        projector = Projector(store, ledger)
        with output.progress() as shown:
            task = shown.add_task("rebuild", total=None)
            await projector.rebuild(lambda done, total: shown.update(task, completed=done, total=total))
        return {"blocks": await asyncio.to_thread(projector.next_block)}

    _show("Projection rebuilt", _with_gateway(folder, work))


@app.command()
def compare(folder: FolderOption = FOLDER, json: output.JsonOption = False) -> None:
    """Fold what is missing and hold every document and table against the chain. Exit code 5 when anything differs, and the first difference."""
    found = compared(folder)
    document = dataclasses.asdict(found)
    if output.json_wanted():
        output.document(document)
    else:
        rows: list[list[object]] = [
            ["up to block", found.block_number],
            ["keys", found.keys],
            ["same", "yes" if found.passed else "NO"],
        ]
        output.table("Projection and chain", ["", ""], rows)
    if not found.passed:
        raise Differs("PROJECTION_DIFFERS", "; ".join(found.differences))


def compared(folder: Path) -> Comparison:
    """The comparison of a gateway's projection with the chain, with progress."""
    from gateway.projection.chain_comparison import compare as compare_projection

    async def work(store: Store, ledger: Ledger) -> Comparison:
        with output.progress() as shown:
            task = shown.add_task("compare the projection", total=None)
            return await compare_projection(store, ledger, lambda keys: shown.update(task, completed=keys))

    return _with_gateway(folder, work)


def _with_gateway(folder: Path, work: Callable[[Store, Ledger], Awaitable[Result]]) -> Result:
    """What work on a gateway's store and ledger gives. Raises the settings', the store's and the ledger's errors."""
    from gateway.core.event_loop import ease_collector
    from gateway.services.ledger_place import place_of
    from gateway.settings import load_settings
    from gateway.store.engine import Store
    from gateway.store.migrating import check_migrated

    ease_collector()
    settings = load_settings(folder)
    place = place_of(settings)

    async def run(store: Store) -> Result:
        async with place.opener("gateway") as ledger:
            return await work(store, ledger)

    store = Store(settings.store_url)
    try:
        check_migrated(store)
        return asyncio.run(run(store))
    finally:
        store.close()


def _show(title: str, document: dict[str, Any]) -> None:
    if output.json_wanted():
        output.document(document)
    else:
        output.table(title, ["", ""], [[name.replace("_", " "), value] for name, value in document.items()])
