"""`up`: from nothing, or from wherever the network stands, to a network that commits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from network.connection import NetworkConnection, load
from network.declaration import Consortium, parse
from network.declaration.revision import Change, changes, told
from network.errors import DeclarationError, NetworkError
from network.folders import write
from network.journeys.host import Host
from network.journeys.journey import Journey, steps_after, walk
from network.journeys.readiness import prove_ready
from network.participant import Participant
from network.steps.approve import Approve
from network.steps.authorities import RunAuthorities
from network.steps.catch_up import CatchUp
from network.steps.commit import Commit
from network.steps.connect import Connect
from network.steps.enrol import Enrol
from network.steps.examine import Examine
from network.steps.genesis import MakeGenesis
from network.steps.install import Install
from network.steps.join_orderers import JoinOrderers
from network.steps.join_peers import JoinPeers
from network.steps.package import MakePackage
from network.steps.prepare import Prepare
from network.steps.publish import Publish
from network.steps.serve import Serve

PREPARATION: Journey = (Prepare(),)
"""Before anything is looked at: what follows from the declaration alone."""
AFTER_PREPARATION: Journey = (
    RunAuthorities(),
    Enrol(),
    Publish(),
    MakeGenesis(),
    Examine(),
    Connect(),
    MakePackage(),
    Serve(),
    JoinOrderers(),
    JoinPeers(),
    Install(),
    CatchUp(),
    Approve(),
    Commit(),
)
UP: Journey = (*PREPARATION, *AFTER_PREPARATION)


def up(host: Host, declaration: str, source: str) -> NetworkConnection:
    """Brings the network up until every peer has seen the chaincode's commit and every chaincode server answers.
    `declaration` is the text of consortium.yaml, `source` names it in errors. Raises DeclarationError, NetworkError
    DECLARATION_CHANGED where the network cannot follow a revised declaration, and the errors of the steps."""
    consortium = parse(declaration, source)
    host.folder.must_be_free()
    with host.alone():
        host.nobody_may_be_joining()
        host.fixed_ports_must_be_free(consortium)
        declaration = _declaration_to_follow(host, consortium, declaration)
        host.folder.claim(org.name for org in consortium.orgs)
        host.runtime.settle({org.name: host.folder.org(org.name).root for org in consortium.orgs})
        participants = prepare(host, consortium, declaration)
        host.blocks_must_be_there(participants)
        host.endpoints_must_be_free()
        host.provide_programs(participants)
        walk(AFTER_PREPARATION, participants, host.say)
        prove_ready(host)
    return load(host.folder.root)


def prepare(host: Host, consortium: Consortium, declaration: str) -> list[Participant]:
    """Prepares one organisation after the other, as no two may pick the same port."""
    if not (host.folder.declaration.is_file() and host.folder.keeps_declaration):
        write(host.folder.declaration, declaration)
    participants = []
    taken = {port for _, _, _, port in consortium.ports() if isinstance(port, int)}
    for org in consortium.orgs:
        participant = host.new_participant(host.folder.org(org.name), declaration, taken)
        walk(PREPARATION, [participant])
        taken |= set(participant.folder.read_ports().values())
        participants.append(participant)
    host.say(f"{len(participants)} orgs prepared")
    return participants


def _declaration_to_follow(host: Host, consortium: Consortium, declaration: str) -> str:
    """Gives the text that the network goes by from now on: the one that it has where that means the same as
    `declaration`, which differs in comments then. Raises NetworkError DECLARATION_CHANGED when the folder holds another
    one that somebody wrote there to be used, or when no step can bring a change about."""
    own_must_agree(host, consortium)
    made = host.folder.marker.is_file()
    copies = [folder.declaration for folder in (host.folder.orgs if made else ()) if folder.declaration.is_file()]
    texts = {file.read_text(encoding="utf-8") for file in copies}
    found = [change for file in copies for change in _changes(file, consortium)]
    if not found:
        return texts.pop() if len(texts) == 1 else declaration
    _must_be_followed(host.folder.root, found, copies[0])
    for change in dict.fromkeys(found):
        host.say(f"declaration revised: {change} ({', '.join(steps_after(change, UP))})")
    return declaration


def own_must_agree(host: Host, consortium: Consortium) -> None:
    """Raises NetworkError DECLARATION_CHANGED when the folder holds another declaration that somebody wrote there to be
    used."""
    own = host.folder.declaration
    if own.is_file() and (not host.folder.marker.is_file() or host.folder.keeps_declaration):
        found = _changes(own, consortium)
        if found:
            raise NetworkError(
                "DECLARATION_CHANGED", f"{own} is another declaration ({told(found)}); use it, or another folder"
            )


def _changes(kept: Path, consortium: Consortium) -> list[Change]:
    try:
        return changes(parse(kept.read_text(encoding="utf-8"), str(kept)), consortium)
    except DeclarationError as error:
        return [Change("", f"it has faults: {error.problems[0]}")]


def _must_be_followed(root: Path, found: Sequence[Change], kept: Path) -> None:
    """Raises NetworkError DECLARATION_CHANGED for changes that no step can bring about, with advice that destroys
    nothing."""
    refused = list(dict.fromkeys(change for change in found if not steps_after(change, UP)))
    if refused:
        raise NetworkError(
            "DECLARATION_CHANGED",
            f"{root} was made from another declaration, and no step brings this about in a network that stands: "
            f"{told(refused)}. Who joins, and another endorsement.k, come with `jifen network join`. Bring it up with its own, {kept}; a network of the new one gets a folder of its own "
            "(--folder)",
        )
