"""One organisation on a host of its own: make its folder, exchange files with the others, take its steps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from admin import output
from admin.exit_codes import Exit
from admin.hosts import RuntimeName, reporting, show_logs, show_status, show_stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from network.journeys.own_host import OwnHost, Progress

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="One organisation on a host of its own. Everything happens in its folder, with the files that others have "
    "sent; every command is safe to repeat.",
)

FolderOption = Annotated[
    Path,
    typer.Option("--folder", "-f", envvar="JIFEN_NETWORK", help="The organisation's own folder.", file_okay=False),
]
FOLDER = Path("run/org")


@app.command()
def init(
    org: Annotated[str, typer.Argument(help="The organisation, by its name in the declaration.")],
    declaration: Annotated[Path, typer.Option("--declaration", help="The consortium.yaml that all agreed on.")],
    host: Annotated[str, typer.Option(help="Which of its declared hosts this is; the first when left out.")] = "",
    runtime: Annotated[
        RuntimeName, typer.Option(help="What runs its services here: native processes, or containers.")
    ] = RuntimeName.process,
    folder: FolderOption = FOLDER,
    json: output.JsonOption = False,
) -> None:
    """Make the organisation's folder on this host, with its copy of the declaration."""
    from admin.errors import BadInput
    from network.declaration import parse, read_text
    from network.folders import OrgFolder, make_organisation
    from network.runtime.choice import chosen_runtime

    text = read_text(declaration)
    consortium = parse(text, str(declaration))
    found = next((one for one in consortium.orgs if one.name == org), None)
    if found is None:
        known = ", ".join(one.name for one in consortium.orgs)
        raise BadInput("UNKNOWN_ORG", f"the declaration has no organisation {org}; it has {known}")
    names = [one.name for one in found.hosts]
    if host and host not in names:
        raise BadInput("UNKNOWN_HOST", f"{org} has no host {host}; it has {', '.join(names)}")
    there = OrgFolder(folder.resolve()).marker.is_file()
    made = make_organisation(folder.resolve(), text, org, host or names[0])
    chosen_runtime(runtime.value, there, made.root).settle({org: made.root})
    _show({"org": org, "host": host or names[0], "folder": str(made.root)}, f"{org} on {host or names[0]}: {made.root}")


@app.command()
def prepare(folder: FolderOption = FOLDER, json: output.JsonOption = False) -> None:
    """Make configuration, authorities, identities and certificates: all that needs nothing of others."""
    from network.journeys.own_host import PREPARATION

    with reporting() as report:
        found = _host(folder, report).take(PREPARATION)
    _show_steps(found)


@app.command()
def publish(folder: FolderOption = FOLDER, json: output.JsonOption = False) -> None:
    """Write the organisation's definition, and list the files that go to the others."""
    from network.journeys.own_host import PREPARATION, PUBLICATION

    with reporting() as report:
        host = _host(folder, report)
        host.take((*PREPARATION, *PUBLICATION))
    _show_outbox(host)


@app.command()
def accept(
    files: Annotated[list[Path], typer.Argument(help="Files that other organisations have sent.")],
    folder: FolderOption = FOLDER,
    json: output.JsonOption = False,
) -> None:
    """Check files of other organisations and take them in, or refuse them with the reason.

    Every file is checked before the first is taken in: when one is refused, none is.
    """
    host = _host(folder)
    accepted = host.accept(files)
    rows = [
        (str(file), one.envelope.type, one.envelope.sender, _how(known=one.known, replaced=one.replaced))
        for file, one in zip(files, accepted, strict=True)
    ]
    if output.json_wanted():
        output.document([dict(zip(("file", "type", "sender", "outcome"), row, strict=True)) for row in rows])
    else:
        output.table("", ("file", "type", "from", ""), rows)


@app.command()
def step(folder: FolderOption = FOLDER, json: output.JsonOption = False) -> None:
    """Take all steps that can be taken now, and say what is waited for. Exit code 4 while something is."""
    with reporting() as report:
        host = _host(folder, report)
        _must_be_agreed(host)
        found = host.take()
    _show_steps(found, host)


@app.command()
def status(folder: FolderOption = FOLDER, json: output.JsonOption = False) -> None:
    """Show how far the organisation is, and the processes of this host. Exit code 4 unless all is well."""
    from network.health import observe

    host = _host(folder)
    found = host.progress()
    if not output.json_wanted():
        _table(found)
        show_status(host)
        return
    state = observe(host)
    output.document({**state.document(), "steps": [vars(one) for one in found]})
    if not state.ready:
        raise typer.Exit(Exit.UNAVAILABLE)


@app.command()
def start(folder: FolderOption = FOLDER, json: output.JsonOption = False) -> None:
    """Start the services of this host that do not run."""
    with reporting() as report:
        host = _host(folder, report)
        host.start()
    running = host.running()
    _show({"running": running}, f"running: {', '.join(running)}")


@app.command()
def stop(folder: FolderOption = FOLDER, json: output.JsonOption = False) -> None:
    """End the services of this host; their state stays."""
    show_stopped(_host(folder).stop(), "stopped")


@app.command()
def logs(
    process: Annotated[str | None, typer.Argument(help="org/process, such as harbor/peer0; all without it.")] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what is written, until interrupted.")] = False,
    folder: FolderOption = FOLDER,
    json: output.JsonOption = False,
) -> None:
    """Show the last lines of the logs, and with --follow what comes after them."""
    show_logs(_host(folder), process, lines, follow=follow)


@app.command()
def revise(
    declaration: Annotated[Path, typer.Argument(help="The revised consortium.yaml.", dir_okay=False)],
    folder: FolderOption = FOLDER,
    json: output.JsonOption = False,
) -> None:
    """Take a revised declaration, as the first operator, and put it among the files for the others."""
    from network.declaration import read_text

    host = _host(folder)
    found = host.revise(read_text(declaration), str(declaration))
    if output.json_wanted():
        output.document({"changes": found, "outbox": [str(file) for file in host.outbox()]})
        return
    output.note(f"revised: {'; '.join(found) or 'nothing'}")
    _show_outbox(host)


@app.command()
def revoke(
    identity: Annotated[str, typer.Argument(help="Whose certificate: gateway, a role, or a node, such as peer0.")],
    folder: FolderOption = FOLDER,
    json: output.JsonOption = False,
) -> None:
    """Revoke a certificate of one's own, and put the list among the files for the others: the channel is to have it.

    `jifen org step` makes a new certificate for a new key; restart what uses it.
    """
    host = _host(folder)
    host.revoke(identity)
    _show_outbox(host)


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(help="A file that an organisation has sent.", dir_okay=False, exists=True)],
    folder: FolderOption = FOLDER,
    json: output.JsonOption = False,
) -> None:
    """Say in words what a file is, from whom, for what, and what is in it; with the organisation's folder, also what a
    revised declaration changes. Changes nothing."""
    from network.exchange.kinds import explain as in_words
    from network.folders import OrgFolder

    data = file.read_bytes()
    has_folder = OrgFolder(folder).marker.is_file()
    lines = _host(folder).explain(data, str(file)) if has_folder else in_words(data, str(file))
    if output.json_wanted():
        output.document({"file": str(file), "lines": lines})
    else:
        print("\n".join(lines))


def _host(folder: Path, report: Callable[[str], None] = lambda line: None) -> OwnHost:
    from network.journeys.own_host import OwnHost

    return OwnHost(folder, report)


def _must_be_agreed(host: OwnHost) -> None:
    """Raises CheckFailed NOT_APPROVED for a newcomer that the consortium has not agreed to take in, or that sent another
    definition than the one that was voted on: nothing is signed for it."""
    newcomers = [name for name in host.who_joins() if name != host.own.name]
    if newcomers:
        import asyncio

        from admin.consortium import FirstSteps
        from admin.governance import must_be_admitted

        steps = FirstSteps(host.own.root, "fabric")

        async def look() -> None:
            async with steps.ledger(steps.reader()) as ledger:
                await must_be_admitted(ledger, [steps.org(name) for name in newcomers], [host.own])

        asyncio.run(look())


def _show(document: dict[str, object], line: str) -> None:
    if output.json_wanted():
        output.document(document)
    else:
        output.note(line)


def _show_steps(found: Sequence[Progress], host: OwnHost | None = None) -> None:
    """Shows steps and, at the end, the files to send. Exit code 4 when one waits."""
    if output.json_wanted():
        sent = {} if host is None else {"outbox": [str(file) for file in host.outbox()]}
        output.document({"steps": [vars(one) for one in found], **sent})
    else:
        _table(found)
        if host is not None:
            _show_outbox(host)
    if any(one.state == "waiting" for one in found):
        raise typer.Exit(Exit.UNAVAILABLE)


def _table(found: Sequence[Progress]) -> None:
    output.table("", ("step", "state", "waits for"), [(one.step, one.state, ", ".join(one.waits_for)) for one in found])


def _show_outbox(host: OwnHost) -> None:
    files = [str(file) for file in host.outbox()]
    if output.json_wanted():
        output.document({"outbox": files})
        return
    output.note("Send these to every other organisation, which takes them in with `jifen org accept`:")
    for file in files:
        print(file)


def _how(*, known: bool, replaced: bool) -> str:
    if known:
        return "had come before"
    return "taken in, in place of an earlier one" if replaced else "taken in"
