"""A merchant's or operator's gateway: make its folder, check it, serve it."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Annotated, Any

import typer

from admin import output
from admin.adapters import Adapter
from admin.errors import BadInput, CheckFailed

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="A merchant's or operator's gateway: make its folder, check it, serve it.",
)

FolderOption = Annotated[
    Path, typer.Option("--folder", "-f", envvar="JIFEN_GATEWAY", help="The gateway's folder.", file_okay=False)
]
FOLDER = Path("run/gateway")


OPTIONS = {
    "org": "org",
    "name": "name",
    "ledger": "ledger.adapter",
    "ledger_folder": "ledger.folder",
    "lanes": "ledger.lanes",
    "replay": "ledger.replay",
    "port": "http.port",
    "key_file": "secrets.key_file",
}
"""Which setting each option of `init` is."""


@app.command()
def init(
    context: typer.Context,
    org: Annotated[str, typer.Option(help="The organisation that the gateway is of.")],
    ledger_folder: Annotated[
        Path,
        typer.Option(
            help="The network's folder, or the org's own in it; with the embedded ledger, the folder of its file."
        ),
    ],
    folder: FolderOption = FOLDER,
    ledger: Annotated[Adapter, typer.Option(help="How it reaches the ledger.")] = Adapter.embedded,
    name: Annotated[str, typer.Option(help="What people are shown; the organisation when left out.")] = "",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where it listens on 127.0.0.1; 0 takes a free one.")
    ] = 8080,
    lanes: Annotated[int, typer.Option(min=1, max=16, help="Batches in flight.")] = 4,
    key_file: Annotated[
        Path | None,
        typer.Option(
            help="Its secret key, relative to the folder; a file in $JIFEN_KEYS or ~/.config/jifen/keys when left out, "
            "apart from the database.",
            dir_okay=False,
        ),
    ] = None,
    replay: Annotated[bool, typer.Option(help="Callers date their transactions, for a replay network.")] = False,
    json: output.JsonOption = False,
) -> None:
    """Make a gateway's folder: settings, a secret key of its own, a migrated database. Safe to repeat.

    Whether there is such an organisation and ledger is checked before anything is written. A store on PostgreSQL is
    named by the setting store.url, best in the environment: JIFEN_GATEWAY_STORE__URL.
    """
    from gateway.setup import initialise, new_key_file

    document = {
        "org": org,
        "name": name,
        "ledger": {
            "adapter": ledger.value,
            "folder": str(ledger_folder.resolve()),
            "lanes": lanes,
            "replay": replay,
        },
        "http": {"port": port},
        "secrets": {"key_file": str(key_file or new_key_file(org))},
    }
    sources = {setting: context.get_parameter_source(option) for option, setting in OPTIONS.items()}
    given = {setting for setting, source in sources.items() if source is not None and source.name == "COMMANDLINE"}
    settings = initialise(folder, document, given)
    shown = {"folder": str(folder), "org": settings.org, "adapter": settings.ledger.adapter}
    _show("Gateway", {**shown, "key_file": str(settings.folder / settings.secrets.key_file)})


@app.command()
def check(folder: FolderOption = FOLDER, json: output.JsonOption = False) -> None:
    """Check settings, store, secrets, identities and ledger. Exit code 1 when one of them fails."""
    from gateway.settings import load_settings
    from gateway.setup import check as check_all

    found = check_all(load_settings(folder))
    if output.json_wanted():
        output.document([vars(one) for one in found])
    else:
        rows = [
            [one.name, "FAILED" if not one.passed else "warning" if one.warning else "ok", one.found] for one in found
        ]
        output.table("Gateway", ["check", "", "found"], rows)
    failed = [one.name for one in found if not one.passed]
    if failed:
        raise CheckFailed("GATEWAY_NOT_READY", ", ".join(failed))


@app.command()
def admin(
    email: Annotated[str, typer.Argument(help="Where the first admin reads letters.")],
    name: Annotated[str, typer.Option(help="Her name.")],
    folder: FolderOption = FOLDER,
    json: output.JsonOption = False,
) -> None:
    """Invite the gateway's first admin, who invites all others. Prints the invitation and its code, once."""
    from gateway.services.gateway import Gateway
    from gateway.services.ledger_place import place_of
    from gateway.settings import load_settings

    if "@" not in unicodedata.normalize("NFKC", email):
        raise BadInput("EMAIL_INVALID", f"{email!r} is no e-mail address, such as ada@example.org")
    settings = load_settings(folder)
    invitation = Gateway(settings, place_of(settings)).people.staff.first_admin(email, name)
    _show("Invitation", vars(invitation))


@app.command()
def api_key(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[
        list[str], typer.Option(help="What it may do: read, counter, relay, issue, finance, people, webhooks.")
    ],
    requests_per_minute: Annotated[int, typer.Option(min=1, help="How often it may ask.")] = 6000,
    folder: FolderOption = FOLDER,
    json: output.JsonOption = False,
) -> None:
    """Make an API key at the command line. Its token is printed, once; the database keeps a hash."""
    from gateway.security.principals import Role, Scope, Staff
    from gateway.services.gateway import Gateway
    from gateway.services.ledger_place import place_of
    from gateway.settings import load_settings

    try:
        scopes = [Scope(one) for one in scope]
    except ValueError as error:
        raise BadInput("SCOPE_UNKNOWN", str(error)) from None
    settings = load_settings(folder)
    gateway = Gateway(settings, place_of(settings))
    console = Staff("system", "", gateway.clock(), frozenset({Role.ADMIN}))
    made = gateway.people.api_keys.create(console, name=name, scopes=scopes, requests_per_minute=requests_per_minute)
    _show("API key", {"key_id": made.key.key_id, "token": made.token})


@app.command()
def rotate_key(folder: FolderOption = FOLDER, json: output.JsonOption = False) -> None:
    """Seal every secret in the database anew under a new key, the first line of the key file. Safe to break off and to repeat.

    The gateway knows its keys from its start: stop it before, and start it afterwards. The old key may be deleted from the file when this has ended.
    """
    from gateway.settings import load_settings
    from gateway.setup import working_on

    settings = load_settings(folder)
    with working_on(settings):
        _rotate(settings)


def _rotate(settings: Any) -> None:
    from gateway.members.rotation import rotate
    from gateway.services.gateway import Gateway
    from gateway.services.ledger_place import place_of
    from gateway.setup import add_key

    before = Gateway(settings, place_of(settings))
    if not any(kind.left() for kind in before.people.sealed()):
        add_key(settings)
    gateway = Gateway(settings, place_of(settings))
    with output.progress() as shown:
        tasks: dict[str, Any] = {}

        def progress(what: str, done: int, whole: int) -> None:
            if what not in tasks:
                tasks[what] = shown.add_task(what, total=whole)
            shown.update(tasks[what], completed=done, total=whole)

        rows = rotate(gateway.people.sealed(), progress) + gateway.webhooks.endpoints.reseal()
    _show("Key rotation", {"rows": rows, "keys": len(settings.secret_keys())})


@app.command()
def serve(folder: FolderOption = FOLDER, json: output.JsonOption = False) -> None:
    """Serve until SIGTERM or Ctrl-C; what is in flight then is finished, or kept for the next start."""
    from gateway.serving.server import serve as serve_gateway
    from gateway.settings import load_settings
    from gateway.setup import check_servable, working_on

    settings = load_settings(folder)

    def announce(host: str, port: int) -> None:
        shown: dict[str, Any] = {"org": settings.org, "address": f"http://{host}:{port}"}
        if output.json_wanted():
            output.document(shown)
        else:
            address = settings.address(port)
            output.note(f"The gateway of {settings.org} serves at {address}, its API is at /api/v1/docs")

    with working_on(settings):
        check_servable(settings)
        serve_gateway(settings, announce)


def _show(title: str, document: dict[str, Any]) -> None:
    if output.json_wanted():
        output.document(document)
    else:
        output.table(title, ["", ""], list(document.items()))
