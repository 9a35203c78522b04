"""`leave`: organisations that a revised declaration names no more go out of the running network, under its traffic:
out of the chaincode's policy first, then out of the channel; and no door lets them in any more."""

from __future__ import annotations

from network.declaration import Consortium, parse
from network.declaration.policies import majority
from network.declaration.revision import changes, limited_to, told
from network.errors import NetworkError
from network.journeys.dismissal import must_be_refused
from network.journeys.host import Host
from network.journeys.join import IN_CHANNEL, agree
from network.journeys.journey import Journey, steps_after, walk
from network.journeys.readiness import prove_ready
from network.journeys.up import PREPARATION, own_must_agree, prepare
from network.nodes.doors import Trial, visitors_of
from network.nodes.services import services_of
from network.steps.approve import Approve
from network.steps.catch_up import CatchUp
from network.steps.commit import Commit
from network.steps.connect import Connect
from network.steps.join_orderers import JoinOrderers
from network.steps.publish import Publish
from network.steps.step import TakenBy

NAMED_NO_MORE: Journey = (
    Publish(),
    JoinOrderers(),
    CatchUp(),
    Connect("connect_passing", TakenBy.INSIDERS, passing=True),
    Approve(),
    Commit("commit_revised", TakenBy.OPERATOR, ("connect_passing", Approve.name)),
    Connect(awaits=("commit_revised",)),
)
LEAVE: Journey = (*PREPARATION, *NAMED_NO_MORE, *IN_CHANNEL)


def leave(host: Host, declaration: str, source: str) -> list[Trial]:
    """Takes the organisations out of the network that `declaration` names no more, tries each of their identities at
    every door, and ends their services; gives what the identities were told. Their folders stay. Raises
    DeclarationError, NetworkError DECLARATION_CHANGED where the declaration wants more than that, and the errors of the
    steps; run again, it goes on where it ended."""
    consortium = parse(declaration, source)
    with host.alone(existing=True):
        host.nobody_may_be_joining()
        own_must_agree(host, consortium)
        leaving = leavers_of(host, consortium)
        gone = [host.participant(name) for name in leaving]
        participants = prepare(host, consortium, declaration)
        host.provide_programs(participants)
        walk(NAMED_NO_MORE, participants, host.say)
        agree(host, participants)
        visitors = [visitor for one in gone for visitor in visitors_of(one.folder, one.org.msp)]
        trials = must_be_refused(host, visitors, participants)
        host.runtime.stop([service for one in gone for service in services_of(one)])
        host.folder.end_leaving(leaving)
        prove_ready(host)
    return trials


def leavers_of(host: Host, consortium: Consortium) -> list[str]:
    """Gives the organisations to take out. Raises NetworkError DECLARATION_CHANGED where the declaration wants what this
    journey does not bring about, or where those who stay are too few to agree on it."""
    staying = {org.name for org in consortium.orgs}
    present = host.participants()
    leaving = [one for one in present if one.name not in staying]
    if any(one.org.orderers for one in leaving):
        names = ", ".join(one.name for one in leaving if one.org.orderers)
        raise NetworkError("DECLARATION_CHANGED", f"{names}: ordering nodes leave a running network by no step yet")
    rest = [one for one in present if one.name in staying]
    found = [change for one in rest for change in changes(limited_to(one.declared, staying), consortium)]
    refused = [change for change in dict.fromkeys(found) if not steps_after(change, LEAVE)]
    if refused:
        raise NetworkError(
            "DECLARATION_CHANGED",
            f"besides who leaves, the declaration wants what no step brings about: {told(refused)}",
        )
    merchants = [one for one in present if one.org.peers]
    needed = majority(len(merchants))
    if leaving and len(merchants) - len(leaving) < needed:
        raise NetworkError(
            "DECLARATION_CHANGED",
            f"{needed} of {len(merchants)} merchants must approve the chaincode's next definition, and only "
            f"{len(merchants) - len(leaving)} would stay",
        )
    return [one.name for one in leaving]
