"""First steps on the ledger: open the consortium, invite merchants and join, set cover and limits."""

from __future__ import annotations

import asyncio
import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
FundOption = Annotated[bool, typer.Option("--fund", help="The mutual fund instead of the merchant's cover.")]
FOLDER = Path("run/network")
PROPOSAL_COLUMNS = ("proposal", "kind", "merchant", "status", "in favour", "against", "needed", "open until")


class ProposalKind(StrEnum):
    """What merchants decide by vote."""

    ADMIT = "ADMIT"
    SUSPEND = "SUSPEND"
    REINSTATE = "REINSTATE"
    DEFAULT = "DEFAULT"


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise typer.BadParameter("yes or no was expected")
    return text == "yes"


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
def propose(
    kind: Annotated[ProposalKind, typer.Argument(help="What is proposed.")],
    merchant: Annotated[str, typer.Argument(help="The merchant that it is about.")],
    reason: Annotated[str, typer.Option(help="Why, for those who vote.")],
    org: Annotated[str, typer.Option(help="The organisation, as whose admin this is done.")],
    definition: Annotated[
        Path | None,
        typer.Option(help="The newcomer's definition.json, for ADMIT: it is what is voted on.", dir_okay=False),
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="So long votes count.")] = 14,
    folder: FolderOption = FOLDER,
    ledger: LedgerOption = Adapter.fabric,
    declaration: DeclarationOption = None,
    json: output.JsonOption = False,
) -> None:
    """Propose that a merchant is admitted, suspended or reinstated. More than half of the merchants decide by vote."""
    from admin.errors import BadInput
    from admin.governance import propose as proposed

    if (definition is not None) != (kind is ProposalKind.ADMIT):
        raise BadInput("DEFINITION_MISSING", "ADMIT needs --definition with the newcomer's file, and nothing else does")
    steps = _steps(folder, ledger, declaration)
    _show_proposal(asyncio.run(proposed(steps, org, kind.value, merchant, reason, days, definition)))


@app.command()
def vote(
    proposal: Annotated[
        str, typer.Argument(help="The proposal's id, or the merchant that the only open proposal is about.")
    ],
    approve: Annotated[bool, typer.Argument(help="yes or no", parser=_yes_or_no, metavar="yes|no")],
    org: Annotated[str, typer.Option(help="The merchant, as whose admin this is done.")],
    folder: FolderOption = FOLDER,
    ledger: LedgerOption = Adapter.fabric,
    declaration: DeclarationOption = None,
    json: output.JsonOption = False,
) -> None:
    """Vote on a proposal, once. The vote that decides takes effect at once."""
    from admin.governance import vote as voted

    steps = _steps(folder, ledger, declaration)
    _show_proposal(asyncio.run(voted(steps, org, proposal, approve=approve)))


@app.command()
def proposals(
    folder: FolderOption = FOLDER,
    ledger: LedgerOption = Adapter.fabric,
    declaration: DeclarationOption = None,
    json: output.JsonOption = False,
) -> None:
    """Show all proposals with their votes."""
    from admin.governance import proposals as all_of

    steps = _steps(folder, ledger, declaration)

    async def read() -> list[dict[str, Any]]:
        async with steps.ledger(steps.reader()) as opened:
            return await all_of(opened)

    found = asyncio.run(read())
    if output.json_wanted():
        output.document({"proposals": found})
        return
    output.table("Proposals", PROPOSAL_COLUMNS, [_proposal_row(one) for one in found])


@app.command()
def deposit(
    merchant: Annotated[str, typer.Argument(help="The merchant that has paid it in.")],
    amount: Annotated[str, typer.Argument(help="In units of the settlement currency, such as 10000.00.")],
    reference: Annotated[str, typer.Option("--reference", help="Of its payment; a second time it books nothing.")],
    fund: FundOption = False,
    folder: FolderOption = FOLDER,
    ledger: LedgerOption = Adapter.fabric,
    declaration: DeclarationOption = None,
    json: output.JsonOption = False,
) -> None:
    """Book what a merchant has paid in as collateral, as the operator: as its cover, which all limits that it grants add
    up to at most, or as its contribution to the mutual fund."""
    from admin.consortium import amount_millionths

    steps = _steps(folder, ledger, declaration)
    collateral = asyncio.run(steps.deposit(merchant, amount_millionths(amount), reference, _account(fund)))
    _show_collateral(merchant, _account(fund), collateral)


@app.command()
def withdraw(
    merchant: Annotated[str, typer.Argument(help="The merchant that asks, as whom this is done.")],
    amount: Annotated[str, typer.Argument(help="In units of the settlement currency; 0 takes the request back.")],
    fund: FundOption = False,
    folder: FolderOption = FOLDER,
    ledger: LedgerOption = Adapter.fabric,
    declaration: DeclarationOption = None,
    json: output.JsonOption = False,
) -> None:
    """Ask for collateral to be returned, as the merchant; the operator returns it and says so by `release`."""
    from admin.consortium import amount_millionths

    steps = _steps(folder, ledger, declaration)
    collateral = asyncio.run(steps.withdraw(merchant, amount_millionths(amount), _account(fund)))
    _show_collateral(merchant, _account(fund), collateral)


@app.command()
def release(
    merchant: Annotated[str, typer.Argument(help="The merchant that asked.")],
    amount: Annotated[str, typer.Argument(help="What it asked for, in units of the settlement currency.")],
    reference: Annotated[str, typer.Option("--reference", help="Of the payment; with --decline, the reason.")],
    decline: Annotated[bool, typer.Option("--decline", help="Nothing is returned.")] = False,
    fund: FundOption = False,
    folder: FolderOption = FOLDER,
    ledger: LedgerOption = Adapter.fabric,
    declaration: DeclarationOption = None,
    json: output.JsonOption = False,
) -> None:
    """Book that collateral was returned to a merchant that asked for it, as the operator."""
    from admin.consortium import amount_millionths

    steps = _steps(folder, ledger, declaration)
    answer = steps.release(merchant, amount_millionths(amount), reference, _account(fund), not decline)
    _show_collateral(merchant, _account(fund), asyncio.run(answer))


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
    _show_collateral(issuer, "COVER", result["cover"])


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


def _account(fund: bool) -> str:
    return "FUND" if fund else "COVER"


def _show_collateral(merchant: str, account: str, collateral: dict[str, int]) -> None:
    if output.json_wanted():
        output.document({"merchant": merchant, "account": account, "collateral": collateral})
        return
    amounts = {name: Decimal(value).scaleb(-6) for name, value in collateral.items()}
    granted = f", granted in limits {amounts['allocated_millionths']:,.2f}" if account == "COVER" else ""
    asked = f", asked back {amounts['returning_millionths']:,.2f}" if amounts["returning_millionths"] else ""
    kind = "cover" if account == "COVER" else "mutual fund"
    output.note(f"{merchant}: {kind} posted {amounts['posted_millionths']:,.2f}{granted}{asked}")


def _show_proposal(proposal: dict[str, Any]) -> None:
    if output.json_wanted():
        output.document({"proposal": proposal})
    else:
        output.table("", PROPOSAL_COLUMNS, [_proposal_row(proposal)])


def _proposal_row(one: dict[str, Any]) -> tuple[object, ...]:
    in_favour = sum(vote["approve"] for vote in one["votes"])
    until = datetime.datetime.fromtimestamp(one["expires_at"], datetime.UTC)
    against = len(one["votes"]) - in_favour
    shown = (one["proposal_id"], one["kind"], one["msp_id"], one["status"])
    return (*shown, in_favour, against, one["needed"], f"{until:%Y-%m-%d %H:%M} UTC")
