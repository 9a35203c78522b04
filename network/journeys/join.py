"""`join`: organisations that a revised declaration names come into the running network, under its traffic."""

from __future__ import annotations

from collections.abc import Sequence

from network.connection import NetworkConnection, load
from network.declaration import Consortium, parse
from network.declaration.revision import changes, limited_to, told
from network.errors import NetworkError
from network.folders import write
from network.journeys.host import Host
from network.journeys.journey import Journey, steps_after, walk
from network.journeys.readiness import prove_ready
from network.journeys.up import PREPARATION, own_must_agree, prepare
from network.nodes.snapshots import SIGNABLE, certificate_of, snapshot_folder
from network.participant import Participant
from network.steps.answer import Answer
from network.steps.approve import Approve, ApproveInForce
from network.steps.authorities import RunAuthorities
from network.steps.catch_up import CatchUp
from network.steps.certify_snapshot import CertifySnapshot, certifiers
from network.steps.commit import Commit
from network.steps.connect import Connect
from network.steps.enrol import Enrol
from network.steps.examine_channel import ExamineChannel
from network.steps.install import Install
from network.steps.join_by_snapshot import JoinBySnapshot
from network.steps.join_orderers import JoinOrderers
from network.steps.join_peers import JoinPeers
from network.steps.package import MakePackage
from network.steps.propose_updates import ProposeUpdates
from network.steps.publish import Publish
from network.steps.receive_first_block import ReceiveFirstBlock
from network.steps.send_first_block import SendFirstBlock
from network.steps.serve import Serve
from network.steps.sign_updates import SignUpdates
from network.steps.step import TakenBy
from network.steps.submit_updates import SubmitUpdates

MSP_READY: Journey = (RunAuthorities(), Enrol(), Publish(), SendFirstBlock(), ReceiveFirstBlock())
IN_CHANNEL: Journey = (ProposeUpdates(), SignUpdates(), SubmitUpdates())
CHAINCODE_READY: Journey = (
    Connect("connect_newcomers", TakenBy.NEWCOMERS),
    MakePackage(),
    Serve(),
    JoinOrderers(),
    ExamineChannel(),
    JoinPeers(),
    CatchUp(),
    Install(),
    ApproveInForce(),
    Answer(),
)
NAMED: Journey = (
    Connect("connect_passing", TakenBy.INSIDERS, passing=True),
    Approve(),
    Commit("commit_named", TakenBy.NEWCOMERS, ("connect_passing", Approve.name)),
    Commit("commit_revised", TakenBy.OPERATOR, ("connect_passing", Approve.name, "commit_named")),
    Connect(awaits=("commit_revised",)),
)
JOIN: Journey = (*PREPARATION, *MSP_READY, *IN_CHANNEL, *CHAINCODE_READY, *NAMED)


def join(host: Host, declaration: str, source: str, *, from_snapshot: bool = False) -> NetworkConnection:
    """Brings the organisations into the network that `declaration` names beyond those in it, and a revised
    `endorsement.k` to life. Their peers fetch all blocks from the first, or begin with a snapshot for which two
    organisations vouch. Raises DeclarationError, NetworkError DECLARATION_CHANGED where the declaration wants more
    than that, and the errors of the steps; run again, it goes on where it ended."""
    consortium = parse(declaration, source)
    with host.alone(existing=True):
        own_must_agree(host, consortium)
        newcomers = newcomers_of(host, consortium)
        host.fixed_ports_must_be_free(consortium)
        host.folder.begin_joining(newcomers)
        host.runtime.settle({org.name: host.folder.org(org.name).root for org in consortium.orgs})
        participants = prepare(host, consortium, declaration)
        host.endpoints_must_be_free()
        host.provide_programs(participants)
        walk(MSP_READY, participants, host.say)
        agree(host, participants)
        journey = (*CHAINCODE_READY, *NAMED)
        if from_snapshot:
            journey = _from_snapshot(host, participants)
        walk(journey, participants, host.say)
        host.folder.end_joining()
        prove_ready(host)
    return load(host.folder.root)


def _from_snapshot(host: Host, participants: Sequence[Participant]) -> Journey:
    """Has the first merchants vouch for a snapshot at the next block, and brings it to who joins; gives the rest of the
    way, on which peers begin with that. Where an interrupted run has a snapshot already, that one is taken."""
    newcomers = [one for one in participants if one.name in one.newcomers and one.org.peers]
    source = next(one for one in participants if one.name == certifiers(one)[0]) if newcomers else None
    if source is None:
        return (*CHAINCODE_READY, *NAMED)
    earlier = [one.folder.received_snapshot for one in newcomers if (one.folder.received_snapshot / SIGNABLE).is_file()]
    channel = source.consortium.channel
    height = certificate_of(earlier[0], channel).height if earlier else host.ordered_height() + 1
    walk((CertifySnapshot(height),), participants, host.say)
    for one in newcomers:
        made = snapshot_folder(source, source.org.peers[0].name, height)
        # The description last: with it the copy is whole.
        for file in sorted(made.iterdir(), key=lambda file: file.name == SIGNABLE):
            write(one.folder.received_snapshot / file.name, file.read_bytes())
    return way_from_snapshot(height)


def way_from_snapshot(height: int) -> Journey:
    """Gives the way of an organisation that is in the channel, on which its peers begin with a snapshot."""
    begin = (CertifySnapshot(height), JoinBySnapshot(height))
    steps = (*CHAINCODE_READY, *NAMED)
    return tuple(one for step in steps for one in (begin if isinstance(step, JoinPeers) else (step,)))


def agree(host: Host, participants: Sequence[Participant]) -> None:
    """Brings the channel's configuration to follow the declaration: proposed, signed and submitted; and once more for
    each update that another one overtook. Raises the errors of the steps."""
    rounds = len(participants)
    for left in reversed(range(rounds)):
        try:
            walk(IN_CHANNEL, participants, host.say)
            return
        except NetworkError as error:
            if error.code != "UPDATE_OUTDATED" or left == 0:
                raise
            host.say(f"an update is made anew, and signed again: {error.detail}")


def newcomers_of(host: Host, consortium: Consortium) -> list[str]:
    """Gives the organisations to bring in. Raises NetworkError DECLARATION_CHANGED where the declaration wants what
    this journey does not bring about."""
    present = [one for one in host.participants() if one.name not in host.folder.joining]
    inside = {one.name for one in present}
    rest = limited_to(consortium, inside)
    ordering = [org.name for org in consortium.orgs if org.name not in inside and org.orderers]
    if ordering:
        raise NetworkError(
            "DECLARATION_CHANGED", f"{', '.join(ordering)}: ordering nodes join a running network by no step yet"
        )
    # An interrupted run has written who joins into the declarations.
    found = [change for one in present for change in changes(limited_to(one.declared, inside), rest)]
    refused = [change for change in dict.fromkeys(found) if not steps_after(change, JOIN)]
    if refused:
        raise NetworkError(
            "DECLARATION_CHANGED",
            f"besides who joins, the declaration wants what no step brings about: {told(refused)}",
        )
    return [org.name for org in consortium.orgs if org.name not in inside]
