"""What commands show of a host: progress, processes, logs; of a whole network's as of one organisation's."""

from __future__ import annotations

from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from admin import output
from admin.exit_codes import Exit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from network.journeys.host import Host
    from network.runtime.service import Service


class RuntimeName(StrEnum):
    """What runs the services of a network."""

    process = "process"
    docker = "docker"


@contextmanager
def reporting() -> Iterator[Callable[[str], None]]:
    """Lines as they come, on standard error, below them a sign that it works; nothing with `--json`."""
    if output.json_wanted():
        yield lambda line: None
    else:
        with output.error_console().status("working"):
            yield output.note


def show_status(host: Host) -> None:
    """Shows each process, whether it runs and answers, and how many blocks it has; and where channel and chaincode say
    something else than the declaration. Exit code 4 unless all processes are well."""
    from network.health import observe
    from network.nodes.drift import drift

    state = observe(host)
    participants = host.participants() if state.whole else []
    told = (
        drift(next((one for one in participants if one.name == one.operator), participants[0])) if participants else []
    )
    if output.json_wanted():
        output.document({**state.document(), "drift": told})
    else:
        rows = [
            (
                one.org,
                one.name,
                one.state,
                str(one.pid or ""),
                ", ".join(map(str, one.ports)),
                one.height or "",
                one.detail,
            )
            for one in state.services
        ]
        columns = ("org", "process", "state", "pid", "ports", "blocks", "")
        output.table(f"network {state.name}: {state.summary}", columns, rows, right=("pid", "blocks"))
        for difference in told:
            output.note(difference)
    if not state.ready:
        for problem in [] if output.json_wanted() else state.problems:
            output.note(problem)
        raise typer.Exit(Exit.UNAVAILABLE)


def show_logs(host: Host, process: str | None, lines: int, *, follow: bool) -> None:
    """Shows the last lines of the logs, of all processes or of `process` (org or org/process); with `follow` also what
    comes after them."""
    services = host.services()
    if process is not None:
        services = [service for service in services if process in (service.label, service.org)]
        if not services:
            raise typer.BadParameter(f"no process {process}; `jifen network status` lists them")
    if follow:
        _follow(host, services, lines)
    if output.json_wanted():
        output.document([_log(host, service, lines) for service in services])
        return
    for service in services:
        print(f"==> {service.label} ({service.log_file})")
        print("\n".join(host.runtime.logs(service, lines)))


def show_stopped(stopped: list[str], done: str, kept: Sequence[str] = ()) -> None:
    """Shows what was ended, and what was left where something was removed."""
    if output.json_wanted():
        output.document({done: True, "ended": stopped, **({"kept": list(kept)} if done == "removed" else {})})
        return
    output.note(f"{done}; ended {', '.join(stopped) or 'nothing, nothing ran'}")
    for file in kept:
        output.note(f"left: {file}, which the network did not make")


def _follow(host: Host, services: list[Service], lines: int) -> NoReturn:
    """The last lines, then all that come, each with the process that it is of."""
    from json import dumps

    for label, line in host.runtime.follow(services, lines):
        document = {"process": label, "line": line}
        print(dumps(document, ensure_ascii=False) if output.json_wanted() else f"{label}  {line}", flush=True)
    raise AssertionError("logs are followed until one is interrupted")


def _log(host: Host, service: Service, lines: int) -> dict[str, Any]:
    return {"process": service.label, "file": str(service.log_file), "lines": host.runtime.logs(service, lines)}
