"""`down`: all services end, and what the network made is removed, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from network.errors import NetworkError
from network.journeys.host import Host
from network.journeys.journey import Journey, walk
from network.journeys.stop import stop_services
from network.steps.network_files import made_and_kept
from network.steps.remove import Remove

REMOVAL: Journey = (Remove(),)


@dataclass(frozen=True)
class Removal:
    """What `down` ends (`running`), removes (`made`) and leaves (`kept`)."""

    orgs: tuple[str, ...]
    running: tuple[str, ...]
    made: tuple[Path, ...]
    kept: tuple[Path, ...]


def removal(host: Host) -> Removal:
    """Gives what `down` would end, remove and leave. Raises NetworkError NETWORK_NOT_FOUND or NETWORK_FOLDER_FOREIGN
    where no network is: nothing is removed then."""
    _must_be_ours(host)
    made: list[Path] = []
    kept: list[Path] = []
    for folder in (*host.folder.orgs, *host.folder.left):
        of_org = made_and_kept(folder.root)
        made += of_org[0]
        kept += of_org[1]
    own = {host.folder.marker, host.folder.lock, host.folder.proved, host.folder.root / "orgs"}
    if not host.folder.keeps_declaration:
        own.add(host.folder.declaration)
    kept += [one for one in sorted(host.folder.root.iterdir()) if one not in own]
    return Removal(tuple(host.folder.org_names), tuple(host.running()), tuple(made), tuple(kept))


def down(host: Host) -> list[str]:
    """Ends all services and removes what the network made, as `removal` says; gives the labels of those that ran. A
    folder that holds no network is left alone."""
    _must_be_ours(host)
    with host.alone(existing=True):
        stopped = stop_services(host)
        host.runtime.leave([folder.root for folder in (*host.folder.orgs, *host.folder.left)])
        walk(REMOVAL, [host.new_participant(folder) for folder in (*host.folder.orgs, *host.folder.left)])
        orgs = host.folder.root / "orgs"
        if orgs.is_dir() and not any(orgs.iterdir()):
            orgs.rmdir()
        if not host.folder.keeps_declaration:
            host.folder.declaration.unlink(missing_ok=True)
        host.folder.proved.unlink(missing_ok=True)
        host.folder.marker.unlink()
    host.folder.lock.unlink(missing_ok=True)
    if not any(host.folder.root.iterdir()):
        host.folder.root.rmdir()
    return stopped


def _must_be_ours(host: Host) -> None:
    try:
        _ = host.folder.org_names
    except NetworkError as error:
        root = host.folder.root
        if error.code == "NETWORK_NOT_FOUND" and root.is_dir() and any(root.iterdir()):
            raise NetworkError(
                "NETWORK_FOLDER_FOREIGN", f"{root} holds something else than a network; nothing was removed"
            ) from error
        raise NetworkError(error.code, f"{error.detail.partition(';')[0]}; nothing was removed") from error
