"""First steps on the ledger: open the consortium, invite merchants and join, set cover and limits."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from admin import output
from admin.adapters import Adapter

if TYPE_CHECKING:
    from admin.consortium import FirstSteps

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="First steps on the ledger. Each uses an organisation's own admin identity and is safe to repeat.",
)

FolderOption = Annotated[
    Path,
    typer.Option(
        "--folder", "-f", envvar="JIFEN_NETWORK", help="The network's folder, or an embedded ledger's.", file_okay=False
    ),
]
LedgerOption = Annotated[Adapter, typer.Option("--ledger", help="The way to the ledger.")]
DeclarationOption = Annotated[
    Path | None, typer.Option("--declaration", help="The consortium.yaml; the folder's own when left out.")
]
FOLDER = Path("run/network")


@app.command("open")
def open_consortium(
    folder: FolderOption = FOLDER,
    ledger: LedgerOption = Adapter.fabric,
    declaration: DeclarationOption = None,
    json: output.JsonOption = False,
) -> None:
    """Open the consortium: its name, operators, currency and time zone, as the declaration says.

    The table of the time zone's offsets is taken from the IANA database. Where the same consortium is open already,
    nothing is changed.
    """
    known, opened = asyncio.run(_steps(folder, ledger, declaration).open())
    if output.json_wanted():
        output.document({"consortium": known, "opened": opened})
        return
    zone = known["time_zone"]["name"]
    word = "open now" if opened else "open already"
    output.note(
        f"{known['name']} is {word}: operators {', '.join(known['operators'])}, {known['currency']['code']}, {zone}"
    )


@app.command()
def invite(
    org: Annotated[list[str] | None, typer.Argument(help="Declared merchants; all of them when left out.")] = None,
    folder: FolderOption = FOLDER,
    ledger: LedgerOption = Adapter.fabric,
    declaration: DeclarationOption = None,
    json: output.JsonOption = False,
) -> None:
    """Invite declared merchants, as the operator. One that is invited or takes part is left as it is."""
    done = asyncio.run(_steps(folder, ledger, declaration).invite(org or []))
    if output.json_wanted():
        output.document({"invited": done})
        return
    rows = [(msp_id, "invited" if new else "was invited before") for msp_id, new in done.items()]
    output.table("Merchants", ("merchant", ""), rows)


@app.command()
def join(
    org: Annotated[str, typer.Argument(help="The invited merchant, as whose admin this is done.")],
    folder: FolderOption = FOLDER,
    ledger: LedgerOption = Adapter.fabric,
    declaration: DeclarationOption = None,
    json: output.JsonOption = False,
) -> None:
    """Join the consortium, as an invited merchant: from then on it takes part."""
    joined = asyncio.run(_steps(folder, ledger, declaration).join(org))
    if output.json_wanted():
        output.document({"merchant": org, "joined": joined})
        return
    output.note(f"{org} {'takes part now' if joined else 'took part before'}")


@app.command()
def certify(
    org: Annotated[str, typer.Argument(help="The merchant, which takes part.")],
    folder: FolderOption = FOLDER,
    json: output.JsonOption = False,
) -> None:
    """Carry out real operations through a gateway of the merchant's own, and see them on another organisation's peer.

    A class of no value, a member, points issued and redeemed. The last step of `jifen network join`, by itself.
    """
    from admin.joining import certify

    steps = _steps(folder, Adapter.fabric, None)
    document = certify(steps, steps.org(org), folder)
    if output.json_wanted():
        output.document(document)
        return
    rows = [(one["operation"], one["block_number"], one["transaction_id"]) for one in document["operations"]]
    output.table(f"{org} is certified", ("operation", "block", "transaction"), rows, right=("block",))


@app.command()
def cover(
    issuer: Annotated[str, typer.Argument(help="The merchant that has posted it.")],
    amount: Annotated[str, typer.Argument(help="In units of the settlement currency, such as 10000.00.")],
    folder: FolderOption = FOLDER,
    ledger: LedgerOption = Adapter.fabric,
    declaration: DeclarationOption = None,
    json: output.JsonOption = False,
) -> None:
    """Set the cover that an issuer has posted, as the operator. Limits that it grants add up to no more."""
    from admin.consortium import amount_millionths

    result = asyncio.run(_steps(folder, ledger, declaration).post_cover(issuer, amount_millionths(amount)))
    _show_cover(issuer, result["cover"])


@app.command()
def limit(
    issuer: Annotated[str, typer.Argument(help="The merchant that comes to owe, as whom this is done.")],
    acceptor: Annotated[str, typer.Argument(help="The merchant that accepts its points.")],
    amount: Annotated[
        str, typer.Argument(help="At most so much owed and not paid, in units of the settlement currency.")
    ],
    folder: FolderOption = FOLDER,
    ledger: LedgerOption = Adapter.fabric,
    declaration: DeclarationOption = None,
    json: output.JsonOption = False,
) -> None:
    """Set how much an issuer's points may be redeemed for at an acceptor, as the issuer."""
    from admin.consortium import amount_millionths

    result = asyncio.run(_steps(folder, ledger, declaration).grant(issuer, acceptor, amount_millionths(amount)))
    _show_cover(issuer, result["cover"])


@app.command()
def close_window(
    folder: FolderOption = FOLDER,
    ledger: LedgerOption = Adapter.fabric,
    declaration: DeclarationOption = None,
    json: output.JsonOption = False,
) -> None:
    """End the open settlement window and close it, as the operator: its statements then wait for the merchants; with nothing to pay it is
    settled."""
    window = asyncio.run(_steps(folder, ledger, declaration).close_window())
    if output.json_wanted():
        output.document(window)
        return
    then = ": nothing is to be paid" if window["status"] == "SETTLED" else "; its statements wait for the merchants"
    output.note(f"window {window['window_id']} is {window['status']}{then}")


@app.command()
def status(
    folder: FolderOption = FOLDER,
    ledger: LedgerOption = Adapter.fabric,
    declaration: DeclarationOption = None,
    json: output.JsonOption = False,
) -> None:
    """Show the consortium and its merchants as the ledger has them."""
    found = asyncio.run(_steps(folder, ledger, declaration).status())
    if output.json_wanted():
        output.document(found)
        return
    known = found["consortium"]
    if known is None:
        output.note("The consortium is not open yet; `jifen consortium open` opens it")
        return
    rows = [(one["msp_id"], one["name"], one["status"]) for one in found["merchants"]]
    output.table(f"{known['name']}, operators {', '.join(known['operators'])}", ("merchant", "name", "status"), rows)


def _steps(folder: Path, ledger: Adapter, declaration: Path | None) -> FirstSteps:
    from admin.consortium import FirstSteps

    return FirstSteps(folder, ledger.value, declaration)


def _show_cover(issuer: str, cover: dict[str, int]) -> None:
    if output.json_wanted():
        output.document({"issuer": issuer, "cover": cover})
        return
    posted, allocated = (Decimal(cover[f"{name}_millionths"]).scaleb(-6) for name in ("posted", "allocated"))
    output.note(f"{issuer}: cover posted {posted:,.2f}, granted in limits {allocated:,.2f}")
