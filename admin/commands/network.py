"""The Fabric network: bring it up, look at it, stop and start it, take it down."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin import output
from admin.exit_codes import Exit
from admin.hosts import RuntimeName, reporting, show_logs, show_status, show_stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from network.connection import NetworkConnection
    from network.journeys.down import Removal
    from network.journeys.local import LocalNetwork
    from network.journeys.own_host import OwnHost
    from network.nodes.doors import Trial

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="The Fabric network: bring it up, look at it, stop and start it, take it down. "
    "Every command is safe to repeat.",
)

FolderOption = Annotated[
    Path,
    typer.Option("--folder", "-f", envvar="JIFEN_NETWORK", help="The network's folder.", file_okay=False),
]
DeclarationArgument = Annotated[
    Path | None,
    typer.Argument(help="The consortium.yaml. Without it the folder's own, else the example of three merchants."),
]
FOLDER = Path("run/network")


@app.command()
def up(
    declaration: DeclarationArgument = None,
    folder: FolderOption = FOLDER,
    runtime: Annotated[
        RuntimeName | None,
        typer.Option(
            help="What runs its services: native processes, or containers of this machine's engine. Chosen once: the "
            "network's folder remembers it. Without it: as it was, at first processes."
        ),
    ] = None,
    json: output.JsonOption = False,
) -> None:
    """Bring the network up, from nothing or from wherever it stands.

    Done when every peer has seen the chaincode's commit, has all blocks, and its chaincode server answers. The first time it
    builds Fabric's programs (minutes), afterwards it takes seconds.
    """
    text, source = _declaration(declaration, folder)
    with reporting() as report:
        connection = _network(folder, report, runtime).up(text, source)
    _show_connection(connection)


@app.command()
def join(
    declaration: DeclarationArgument = None,
    cover: Annotated[str, typer.Option(help="Cover that each newcomer has posted, in the settlement currency.")] = "0",
    limit: Annotated[str, typer.Option(help="Limit that each newcomer grants every active merchant.")] = "0",
    from_snapshot: Annotated[
        bool, typer.Option("--from-snapshot", help="Peers begin with a snapshot for which two organisations vouch.")
    ] = False,
    folder: FolderOption = FOLDER,
    json: output.JsonOption = False,
) -> None:
    """Bring the organisations into the running network that the declaration names besides those in it, under its traffic.

    Where a consortium is open it must have agreed to take them in. Then keys, channel, peers, chaincode, in this order: no policy
    names a newcomer before its chaincode answers. At last each joins the consortium, is funded, and certified by operations through a
    gateway of its own. Interrupted, it goes on when it is run again. A revised endorsement.k comes to life, too.
    """
    text, source = _declaration(declaration, folder)
    with reporting() as report:
        connection, certificates = asyncio.run(_joined(folder, text, source, (cover, limit), from_snapshot, report))
    if output.json_wanted():
        output.document({"network": connection.name, "orgs": list(connection.orgs), "certificates": certificates})
        return
    _show_connection(connection)
    for one in certificates:
        proofs = ", ".join(f"{proof['operation']} in block {proof['block_number']}" for proof in one["operations"])
        output.note(f"{one['merchant']} is certified: {proofs}")


async def _joined(
    folder: Path,
    text: str,
    source: str,
    amounts: tuple[str, str],
    from_snapshot: bool,
    report: Callable[[str], None],
) -> tuple[NetworkConnection, list[dict[str, Any]]]:
    from admin.consortium import FirstSteps, amount_millionths
    from admin.gateways import jifen
    from admin.joining import fund, must_be_approved
    from network.folders import NetworkFolder

    cover, limit = map(amount_millionths, amounts)
    network = _network(folder, report)
    newcomers = network.newcomers(text, source)
    is_open = await must_be_approved(FirstSteps(folder, "fabric"), newcomers, NetworkFolder(folder).orgs)
    connection = network.join(text, source, from_snapshot=from_snapshot)
    certificates: list[dict[str, Any]] = []
    for org in (one for one in newcomers if is_open and one.peers):
        steps = FirstSteps(folder, "fabric")
        await fund(steps, org, cover, limit)
        network.say(f"{org.name}: active on the ledger, cover {amounts[0]}, limits {amounts[1]}")
        certificates.append(jifen("consortium", "certify", org.name, "--folder", str(folder)))
        network.say(f"{org.name}: certified")
    return connection, certificates


@app.command()
def leave(
    declaration: DeclarationArgument = None, folder: FolderOption = FOLDER, json: output.JsonOption = False
) -> None:
    """Take the organisations out of the running network that the declaration names no more, under its traffic.

    Out of the chaincode's policy first, then out of the channel; then each of their identities is tried at every door of the others'
    nodes, and must be refused. What they did stays on the ledger. Where a consortium is open they must have exited, or be suspended.
    """
    from admin.consortium import FirstSteps
    from admin.joining import must_have_gone

    text, source = _declaration(declaration, folder)
    with reporting() as report:
        network = _network(folder, report)
        leavers = network.leavers(text, source)
        steps = FirstSteps(folder, "fabric")
        asyncio.run(must_have_gone(steps, [steps.org(name) for name in leavers]))
        trials = network.leave(text, source)
    _show_trials(", ".join(leavers) or "nobody", trials)


@app.command()
def revoke(
    org: Annotated[str, typer.Argument(help="The organisation.")],
    identity: Annotated[str, typer.Argument(help="Its identity, such as gateway, a role, or a node.")],
    folder: FolderOption = FOLDER,
    json: output.JsonOption = False,
) -> None:
    """Revoke the certificate that an identity has now, in the channel too, see it refused at every door, and have a new one
    made for a new key."""
    with reporting() as report:
        trials = _network(folder, report).revoke(org, identity)
    _show_trials(f"{identity} of {org}", trials)


def _show_trials(who: str, trials: Sequence[Trial]) -> None:
    if output.json_wanted():
        output.document({"refused": who, "trials": [asdict(trial) for trial in trials]})
        return
    rows = [(one.visitor, one.door, one.node, one.told[:80]) for one in trials]
    output.table(f"{who}: refused everywhere", ("identity", "door", "node", "it was told"), rows)


@app.command()
def start(folder: FolderOption = FOLDER, json: output.JsonOption = False) -> None:
    """Start what does not run, and wait until every peer has all blocks and every chaincode server answers."""
    with reporting() as report:
        connection = _host(folder, report).start()
    _show_connection(connection)


@app.command()
def stop(folder: FolderOption = FOLDER, json: output.JsonOption = False) -> None:
    """End all processes of the network; its state stays."""
    stopped = _host(folder).stop()
    show_stopped(stopped, "stopped")


@app.command()
def down(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    folder: FolderOption = FOLDER,
    json: output.JsonOption = False,
) -> None:
    """End all processes of the network and remove what it made, and nothing else: ledger, authorities and keys of all
    its orgs. Asks first."""
    network = _network(folder)
    going = network.removal()
    if not yes:
        _must_be_meant(network, going)
    stopped = network.down()
    show_stopped(stopped, "removed", [str(file) for file in going.kept])


@app.command()
def status(folder: FolderOption = FOLDER, json: output.JsonOption = False) -> None:
    """Show each process, whether it runs and answers, and how many blocks it has. Exit code 4 unless all is well."""
    show_status(_host(folder))


@app.command()
def logs(
    process: Annotated[str | None, typer.Argument(help="org/process, such as harbor/peer0; all without it.")] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines.")] = 20,
    follow: Annotated[
        bool,
        typer.Option("--follow", help="Go on with what is written, until interrupted; with --json, a document a line."),
    ] = False,
    folder: FolderOption = FOLDER,
    json: output.JsonOption = False,
) -> None:
    """Show the last lines of the logs, and with --follow what comes after them."""
    show_logs(_host(folder), process, lines, follow=follow)


@app.command()
def check(
    declaration: DeclarationArgument = None, folder: FolderOption = FOLDER, json: output.JsonOption = False
) -> None:
    """Check a declaration: its form, its names, and that the ports it fixes are free; say what its choices mean. Changes nothing."""
    from network.declaration import choices, parse

    text, source = _declaration(declaration, folder)
    consortium = parse(text, source)
    _network(folder).fixed_ports_must_be_free(consortium)
    found = list(choices(consortium))
    if output.json_wanted():
        output.document(
            {"declaration": source, "ok": True, "orgs": [org.name for org in consortium.orgs], "choices": found}
        )
    else:
        output.note(f"{source}: good; orgs {', '.join(org.name for org in consortium.orgs)}")
        for choice in found:
            output.note(choice)


@app.command()
def images(
    save: Annotated[
        Path | None,
        typer.Option(
            help="Also write each image to this folder, for `docker load` on another machine.", file_okay=False
        ),
    ] = None,
    folder: FolderOption = FOLDER,
    json: output.JsonOption = False,
) -> None:
    """Bring the images that a network's containers come from into this machine's engine, built or pulled."""
    from network.deployment.project import images_of
    from network.runtime.docker.engine import Engine

    engine, names = Engine(), []
    with reporting() as report:
        found = {one.name: one for org in _host(folder, report).participants() for one in images_of(org)}
        for image in found.values():
            engine.provide(image)
            names.append(image.name)
            if save is not None:
                engine.save(image, save)
    if output.json_wanted():
        output.document({"images": names})
    else:
        output.note("\n".join(names))


@app.command()
def render(
    into: Annotated[Path, typer.Argument(help="The folder to write to.", file_okay=False)],
    declaration: Annotated[Path | None, typer.Option("--declaration", help="The consortium.yaml.")] = None,
    compose: Annotated[
        bool,
        typer.Option("--compose", help="Instead, of a network in containers: a `docker compose` project for each org."),
    ] = False,
    kubernetes: Annotated[
        bool, typer.Option("--kubernetes", help="Instead, of a network in containers: Kubernetes objects for each org.")
    ] = False,
    folder: FolderOption = FOLDER,
    json: output.JsonOption = False,
) -> None:
    """Write the configuration that follows from a declaration, to read or to compare; no keys, no processes.

    With --compose or --kubernetes: what runs each org without Jifen, in INTO/<org>. INTO may be the network's own
    folder `orgs`.
    """
    from network.declaration import parse
    from network.rendering.preview import preview

    if compose or kubernetes:
        _render_projects(into, folder, compose=compose, kubernetes=kubernetes)
        return
    text, source = _declaration(declaration, folder)
    files = preview(parse(text, source))
    for name, content in files.items():
        file = into / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    if output.json_wanted():
        output.document({"folder": str(into), "files": sorted(files)})
    else:
        output.note(f"{len(files)} files in {into}")


def _render_projects(into: Path, folder: Path, *, compose: bool, kubernetes: bool) -> None:
    from network.deployment.project import project_of
    from network.deployment.writing import write_compose, write_kubernetes

    files: list[str] = []
    with reporting() as report:
        for participant in _host(folder, report).participants():
            project, place = project_of(participant), into / participant.name
            written = write_compose(project, place) if compose else []
            written += write_kubernetes(project, place) if kubernetes else []
            files += [f"{participant.name}/{name}" for name in written]
    if output.json_wanted():
        output.document({"folder": str(into), "files": sorted(files)})
    else:
        output.note(f"{len(files)} files in {into}")


def _network(
    folder: Path, report: Callable[[str], None] = lambda line: None, runtime: RuntimeName | None = None
) -> LocalNetwork:
    """The network in the folder. Raises NetworkError RUNTIME_CHANGED when it has another runtime than is asked for."""
    from network.journeys.local import LocalNetwork

    network = LocalNetwork(folder, report)
    return network if runtime is None else LocalNetwork(folder, report, network.with_runtime(runtime.value))


def _host(folder: Path, report: Callable[[str], None] = lambda line: None) -> LocalNetwork | OwnHost:
    """The network on this machine, or the one organisation whose own folder this is."""
    from network.folders import OrgFolder
    from network.journeys.own_host import OwnHost

    return OwnHost(folder, report) if OrgFolder(folder).marker.is_file() else _network(folder, report)


def _declaration(declaration: Path | None, folder: Path) -> tuple[str, str]:
    """The text to go by, and its name for errors."""
    from network.declaration import read_text

    kept = folder / "consortium.yaml"
    example = Path(str(resources.files("network"))) / "examples" / "three-merchants.yaml"
    file = declaration or (kept if kept.is_file() else example)
    return read_text(file), str(file)


def _show_connection(connection: NetworkConnection) -> None:
    orgs: list[dict[str, Any]] = [
        {
            "org": org.name,
            "name": org.display_name,
            "msp_id": org.msp_id,
            "peers": [peer.address for peer in org.peers],
            "orderers": [orderer.address for orderer in org.orderers],
            "chaincode": org.chaincode_implementation,
            "identities": list(org.identities),
        }
        for org in connection.orgs.values()
    ]
    if output.json_wanted():
        summary = {"network": connection.name, "folder": str(connection.folder), "channel": connection.channel}
        output.document({**summary, "endorsement_k": connection.endorsement_k, "orgs": orgs})
        return
    rows = [
        (one["org"], one["name"], " ".join([*one["peers"], *one["orderers"]]), one["chaincode"], len(one["identities"]))
        for one in orgs
    ]
    title = f"network {connection.name} is up; channel {connection.channel}, {connection.endorsement_k} orgs endorse"
    output.table(title, ("org", "name", "peers and orderers", "chaincode", "identities"), rows, right=("identities",))


def _must_be_meant(network: LocalNetwork, going: Removal) -> None:
    """Says what goes and asks. Raises NetworkError CONFIRMATION_MISSING where nobody can be asked, Exit when the answer
    is no."""
    from network.errors import NetworkError

    what = (
        f"the network in {network.folder.root}: {len(going.running)} running processes, {len(going.made)} files of "
        f"{', '.join(going.orgs)}, their ledger, certificate authorities and keys among them; nothing brings them back"
    )
    if output.json_wanted() or not sys.stdin.isatty():
        raise NetworkError("CONFIRMATION_MISSING", f"nothing was removed. With --yes goes {what}")
    output.note(f"This removes {what}.")
    for file in going.kept:
        output.note(f"It leaves {file}, which the network did not make.")
    if not typer.confirm("Remove it?", err=True):
        output.note("nothing was removed")
        raise typer.Exit(Exit.FAILED)
