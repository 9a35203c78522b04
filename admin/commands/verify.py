"""Verify the ledger from one's own peer: replay every block, compare the state byte for byte, check the invariants."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin import output
from admin.errors import BadInput, Differs

if TYPE_CHECKING:
    from rich.progress import TaskID

    from gateway.ledger.replaying import Rules
    from network.connection import SnapshotConnection

app = typer.Typer()


class Implementation(StrEnum):
    """Of the rules."""

    PYTHON = "python"
    GO = "go"


@app.command()
def verify(
    folder: Annotated[
        Path,
        typer.Option(
            "--folder",
            "-f",
            envvar="JIFEN_NETWORK",
            help="The network's folder, an org's own in it, or an embedded ledger's.",
        ),
    ] = Path("run/network"),
    org: Annotated[
        list[str] | None, typer.Option(help="Verify from this org's peer; each merchant's in turn when left out.")
    ] = None,
    gateway: Annotated[
        list[Path] | None,
        typer.Option(
            help="A gateway's folder: its projection is held against its own peer too. May be given several times."
        ),
    ] = None,
    rules: Annotated[
        Implementation | None,
        typer.Option(
            help="Which implementation carries out the transactions: the Python spec, or Go in a process of its own "
            "(some times as fast). Left out: go for a Fabric network, python for an embedded ledger."
        ),
    ] = None,
    json: output.JsonOption = False,
) -> None:
    """Replay every block of one's own peer through the rules and compare, byte for byte. Exit code 5 when anything differs.

    Checked are the blocks' hash chain, each transaction's writes, answer and event, the peer's whole state, and the invariants; with --gateway
    also every document and table of a gateway's projection, and the hash chain of its audit log.
    """
    found = asyncio.run(_verify(folder, org or [], rules))
    projections = _compare_projections(gateway or [])
    logs = _verify_audit_logs(gateway or [])
    if output.json_wanted():
        output.document({**found, "projections": projections, "audit_logs": logs} if projections else found)
    else:
        names = list(next(iter(found.values()))["checks"])
        rows = [
            [name.replace("_", " "), *("yes" if one["checks"][name] else "NO" for one in found.values())]
            for name in names
        ]
        rows += [
            [name.replace("_", " "), *(one[name] for one in found.values())]
            for name in ("blocks", "transactions", "invalid_transactions", "state_keys")
        ]
        output.table("Verification", ["check", *found], rows)
        for name, one in found.items():
            if "snapshot" in one:
                output.note(
                    f"{name}: {one['snapshot']['told']}" if not one["differences"] else f"{name}: {_unproven(one)}"
                )
        if projections:
            rows = [
                [name, one["block_number"], one["keys"], "NO" if one["differences"] else "yes"]
                for name, one in projections.items()
            ]
            output.table("Projections", ["gateway", "up to block", "keys", "same"], rows)
            rows = [
                [name, one["rows"], one["head"]["hash"][:16], "NO" if one["differences"] else "yes"]
                for name, one in logs.items()
            ]
            output.table("Audit logs", ["gateway", "rows", "head", "whole"], rows)
    results = {**found, **projections}
    differences = [
        f"{name}: {difference}" for name, one in [*results.items(), *logs.items()] for difference in one["differences"]
    ]
    if differences:
        raise Differs("VERIFICATION_DIFFERS", "; ".join(differences))


def _compare_projections(folders: list[Path]) -> dict[str, dict[str, Any]]:
    if not folders:
        return {}
    import dataclasses

    from admin.commands.projection import compared

    return {str(folder): dataclasses.asdict(compared(folder)) for folder in folders}


def _verify_audit_logs(folders: list[Path]) -> dict[str, dict[str, Any]]:
    """The hash chain of each gateway's audit log, from its first row to its head."""
    import dataclasses

    from gateway.security.audit import AuditLog
    from gateway.settings import load_settings
    from gateway.store.engine import Store

    logs = {}
    for folder in folders:
        store = Store(load_settings(folder).store_url)
        try:
            found = AuditLog(store).verify()
        finally:
            store.close()
        broken = [f"audit log: {found.broken}"] if found.broken else []
        logs[str(folder)] = {"rows": found.rows, "head": dataclasses.asdict(found.head), "differences": broken}
    return logs


def _started(wanted: Implementation) -> Rules:
    from gateway.ledger.replaying import ChaincodeRules, SpecRules
    from network.programs.chaincode import REPLAY, provide_chaincode

    if wanted is Implementation.PYTHON:
        return SpecRules()
    return ChaincodeRules(provide_chaincode(output.note, REPLAY))


def _unproven(found: dict[str, Any]) -> str:
    certified = " and ".join(found["snapshot"]["certified_by"])
    return f"everything before block {found['snapshot']['height']} rests on the word of {certified}"


def _rests_on(snapshot: SnapshotConnection) -> dict[str, Any]:
    """On whose word a peer's ledger rests that began with a snapshot, and what was done about it."""
    certified = " and ".join(snapshot.certified_by)
    last = snapshot.height - 1
    told = (
        f"its peer began with a snapshot behind block {last}, on the word of {certified}; blocks 0 to {last} were read from "
        f"another organisation's peer, join up with its own by their hashes, and give the state that the snapshot had"
    )
    return {"snapshot": {"height": snapshot.height, "certified_by": list(snapshot.certified_by), "told": told}}


async def _verify(folder: Path, names: list[str], rules: Implementation | None) -> dict[str, dict[str, Any]]:
    import dataclasses

    from gateway.core.event_loop import ease_collector
    from gateway.ledger.adapters.embedded import EmbeddedLedger
    from gateway.ledger.adapters.embedded_identities import embedded_identity
    from gateway.ledger.port import Ledger
    from gateway.ledger.verification import Replayed
    from gateway.ledger.verification import verify as verify_ledger

    ease_collector()
    ledgers: dict[str, Ledger] = {}
    rests: dict[str, dict[str, Any]] = {}
    channel, chaincode = "jifen", "jifen"
    usual = Implementation.GO
    if (folder / "ledger.sqlite").is_file():
        usual = Implementation.PYTHON
        ledgers["embedded"] = EmbeddedLedger(folder / "ledger.sqlite", embedded_identity("auditor", "auditor"))
    else:
        from gateway.ledger.adapters.opening import open_ledger
        from network.connection import load

        network = load(folder)
        channel, chaincode = network.channel, network.chaincode
        here = [org for org in network.orgs.values() if org.identities]
        known = [org.name for org in here if org.merchant] or [org.name for org in here]
        unknown = [name for name in names if name not in known]
        if unknown:
            raise BadInput("UNKNOWN_ORG", f"{', '.join(unknown)}; known here are {', '.join(known)}")
        rests = {one.name: _rests_on(one.begun_with) for one in here if one.begun_with is not None}
        for name in names or known:
            ledgers[name] = open_ledger("fabric", network, name)
    found = {}
    with ExitStack() as stack:
        shown = stack.enter_context(output.progress())
        started = stack.enter_context(closing(_started(rules or usual)))
        replayed = stack.enter_context(closing(Replayed(channel, chaincode, started)))
        for name, ledger in ledgers.items():
            async with ledger:
                task = shown.add_task(f"verify {name}", total=None)

                def progress(done: int, total: int, task: TaskID = task) -> None:
                    shown.update(task, completed=done, total=total)

                result = await verify_ledger(ledger, replayed, progress)
            found[name] = {**dataclasses.asdict(result), **rests.get(name, {})}
    return found
