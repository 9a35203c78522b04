"""Settlement at the bank: a window's payments as files, the bank's statements held against the ledger."""

from __future__ import annotations

import base64
import datetime
import os
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin import output
from admin.errors import BadInput

if TYPE_CHECKING:
    from gateway.client.calls import JifenClient

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Settlement at the bank. Each command asks the merchant's gateway, with an API key of scope finance in JIFEN_API_KEY.",
)

KEY = "JIFEN_API_KEY"
MATCHED = "matched"
PREFIX = "bank-"
SHORT = 12
FILES_BYTES_MAX = 29_000_000
"""Of all statements read at once: what the gateway takes as one request."""
UrlOption = Annotated[str, typer.Option("--url", envvar="JIFEN_URL", help="Where the gateway is reached.")]


class OrderFormat(StrEnum):
    """What the bank takes."""

    pain001 = "pain.001"
    csv = "csv"


class OrderCharset(StrEnum):
    """Which characters the bank takes in pain.001."""

    unicode = "unicode"
    latin = "latin"


class TableEncoding(StrEnum):
    """How a table's characters are written."""

    gb18030 = "gb18030"
    utf8 = "utf-8-sig"


@app.command()
def order(
    window: Annotated[int, typer.Argument(min=1, help="The window, whose statements are accepted.")],
    url: UrlOption,
    out: Annotated[Path, typer.Option(help="The folder that the files are written to.", file_okay=False)] = Path(),
    form: Annotated[OrderFormat, typer.Option("--format", help="ISO 20022, or a Chinese bank's table.")] = (
        OrderFormat.pain001
    ),
    charset: Annotated[OrderCharset, typer.Option(help="Names as they are, or in Latin letters.")] = (
        OrderCharset.unicode
    ),
    encoding: Annotated[TableEncoding, typer.Option(help="Of the table.")] = TableEncoding.gb18030,
    execution_day: Annotated[
        datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When the bank is to pay.")
    ] = None,
    attempt: Annotated[
        int, typer.Option(min=1, max=9, help="Counted up where the bank refused the file: it has another name then.")
    ] = 1,
    json: output.JsonOption = False,
) -> None:
    """Write what the merchant has still to pay for a window as files for its bank.

    The files are the same each time, until something was recorded; then they have new names, and what is left. Nothing happens on the ledger.
    """
    asked: dict[str, Any] = {"format": form, "charset": charset, "encoding": encoding, "attempt": attempt}
    if execution_day is not None:
        asked["execution_day"] = execution_day.date().isoformat()
    with _client(url) as client:
        found = client.request("POST", f"/windows/{window}/payment-order", json=asked).json()
    out.mkdir(parents=True, exist_ok=True)
    written = [_write(out, one) for one in found.pop("files")]
    if output.json_wanted():
        output.document({**found, "files": [str(path) for path in written]})
        return
    rows = [
        (one["payee_msp"], one["account_name"], _money(one["amount_minor"], found), one["end_to_end_id"])
        for one in found["payments"]
    ]
    title = f"Window {window}: {_money(found['total_minor'], found)} {found['currency']} on {found['execution_day']}"
    output.table(title, ("payee", "account of", "amount", "end-to-end id"), rows, right=("amount",))
    for path in written:
        output.note(f"written: {path}")


@app.command()
def match(
    files: Annotated[
        list[Path], typer.Argument(help="The bank's statements, camt.053, and reports, pain.002.", dir_okay=False)
    ],
    url: UrlOption,
    send: Annotated[
        list[str] | None,
        typer.Option(help="The ids of operations to send, or how they begin; `matched` for all that match exactly."),
    ] = None,
    tolerance_days: Annotated[int, typer.Option(min=0, max=60, help="For entries without a payment's name.")] = 3,
    tolerance_minor: Annotated[int, typer.Option(min=0, help="The same, in smallest coins.")] = 0,
    json: output.JsonOption = False,
) -> None:
    """Hold the bank's statements (and its reports on orders, pain.002) against the payments on the ledger, and send the operations that are named.

    Without --send nothing is changed. A statement that is read again after its operations were sent proposes nothing.
    """
    from gateway.settlement.bank.pain002 import REASONS

    asked = {
        "files": [base64.b64encode(data).decode() for data in _read(files)],
        "tolerance_days": tolerance_days,
        "tolerance_minor": tolerance_minor,
    }
    with _client(url) as client:
        found = client.request("POST", "/bank-statements", json=asked).json()
        sent = [_sent(client, choice) for choice in _chosen(found["proposals"], send or [])]
    if output.json_wanted():
        output.document({**found, "sent": sent})
        return
    rows = [row for one in found["proposals"] for row in _rows(one, found)]
    columns = ("entry", "day", "other side", "amount", "differs by", "verdict", "operation", "id")
    output.table("Proposals", columns, rows, right=("amount", "differs by"))
    output.note(f"{len(found['statements'])} statements; {found['unrelated']} entries have to do with no payment")
    for reason in dict.fromkeys(one["reason"] for one in found["proposals"]):
        if reason in REASONS:
            output.note(f"{reason}: {REASONS[reason]}")
    if sent:
        output.table("Sent", ("operation", "id", ""), [(one["op"], one["request_id"], one["told"]) for one in sent])


def _client(url: str) -> JifenClient:
    from gateway.client.calls import JifenClient

    key = os.environ.get(KEY)
    if not key:
        raise BadInput("API_KEY_MISSING", f"set {KEY} to an API key of scope finance (`jifen gateway api-key`)")
    return JifenClient(url, api_key=key)


def _write(folder: Path, file: dict[str, Any]) -> Path:
    """Writes a file that its owner alone may read; its name comes from outside, and leads nowhere else."""
    path = folder / Path(file["name"]).name
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(base64.b64decode(file["content"], validate=True))
    return path


def _read(files: list[Path]) -> list[bytes]:
    """The files' bytes. Raises BadInput FILE_UNREADABLE."""
    found, size = [], 0
    for path in files:
        try:
            size += path.stat().st_size
            if size > FILES_BYTES_MAX:
                raise BadInput("FILE_UNREADABLE", f"{path}: more than {FILES_BYTES_MAX} bytes in all; name fewer files")
            found.append(path.read_bytes())
        except OSError as error:
            raise BadInput("FILE_UNREADABLE", f"{path}: {error.strerror}") from None
    return found


def _chosen(proposals: list[dict[str, Any]], send: list[str]) -> list[dict[str, Any]]:
    """The operations that are to be sent. Raises BadInput OPERATION_UNKNOWN for an id that none or several have."""
    choices = {choice["request_id"]: choice for one in proposals for choice in one["choices"]}
    chosen: dict[str, dict[str, Any]] = {}
    for wanted in send:
        if wanted == MATCHED:
            found = [choice for one in proposals if one["verdict"] == "MATCHED" for choice in one["choices"]]
        else:
            begins = PREFIX + wanted.removeprefix(PREFIX)
            found = [choice for request_id, choice in choices.items() if request_id.startswith(begins)]
            if len(found) != 1:
                raise BadInput("OPERATION_UNKNOWN", f"{wanted}: {len(found)} of the proposed operations have this id")
        chosen |= {choice["request_id"]: choice for choice in found}
    return list(chosen.values())


def _sent(client: JifenClient, choice: dict[str, Any]) -> dict[str, Any]:
    """Sends an operation; what came of it, where a second person must confirm, too."""
    from gateway.client.problems import Problem

    told = {"op": choice["op"], "request_id": choice["request_id"]}
    try:
        receipt = client.submit(choice["op"], choice["args"], request_id=choice["request_id"])
    except Problem as problem:
        if problem.code != "APPROVAL_REQUIRED":
            return {**told, "code": problem.code, "told": f"refused: {problem}"}
        approval = problem.document.get("approval_id")
        return {**told, "code": problem.code, "told": f"waits for a second person: {approval}"}
    return {**told, "code": "OK", "told": f"in block {receipt['block_number']}"}


def _rows(proposal: dict[str, Any], found: dict[str, Any]) -> list[tuple[object, ...]]:
    """A line for the entry, and one for each further operation to choose from."""
    payment = proposal["payment"]
    amount = proposal["amount_minor"]
    entry = (
        proposal["entry"] or (f"window {payment['window_id']}" if payment else ""),
        proposal["booked_on"] or "",
        proposal["counterparty_name"] or (payment["payer_msp"] if payment else ""),
        "" if amount is None else _money(amount, found),
        _money(proposal["difference_minor"], found) if proposal["difference_minor"] else "",
        " ".join(filter(None, (proposal["verdict"], proposal["reason"]))),
    )
    told = [(_told(choice), choice["request_id"].removeprefix(PREFIX)[:SHORT]) for choice in proposal["choices"]]
    first, *more = told or [("", "")]
    return [(*entry, *first), *(("",) * len(entry) + one for one in more)]


def _told(choice: dict[str, Any]) -> str:
    reason = choice["args"].get("reason")
    return f"{choice['op']} {reason}" if reason else str(choice["op"])


def _money(minor: int, found: dict[str, Any]) -> str:
    return f"{Decimal(minor).scaleb(-found['decimals']):,}"
