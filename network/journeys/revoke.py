"""`revoke`: a certificate counts no more, at the organisation's authority and, what decides, in the channel."""

from __future__ import annotations

from network.errors import NetworkError
from network.exchange import revocation_list
from network.exchange.post import deliver
from network.journeys.dismissal import must_be_refused
from network.journeys.host import Host
from network.journeys.join import agree
from network.nodes.authority import revoked_certificates
from network.nodes.doors import Trial, Visitor, visitors_of
from network.participant import Participant
from network.steps.enrol import Enrol
from network.steps.sending import send

SIGNER = "admin"


def revoke(host: Host, org: str, identity: str) -> list[Trial]:
    """Revokes the certificate that an identity of an organisation has now, puts the list into the channel, tries the
    certificate at every door, and has a new one made for a new key. Raises NetworkError CA_REFUSED, the errors of the
    channel's steps, or STILL_LET_IN."""
    with host.alone(existing=True):
        participants = host.participants()
        owner = next((one for one in participants if one.name == org), None)
        if owner is None:
            names = ", ".join(one.name for one in participants)
            raise NetworkError("DECLARATION_UNKNOWN_ORG", f"no org {org}; there are {names}")
        host.provide_programs(participants)
        revoked = revoke_here(owner, identity)
        deliver(owner.folder, [one.folder for one in participants])
        agree(host, participants)
        trials = must_be_refused(host, [revoked], participants)
        Enrol().take(owner)
        host.say(f"{org}: {identity} has a new key and certificate; restart what uses them")
    return trials


def revoke_here(owner: Participant, identity: str) -> Visitor:
    """Revokes the certificate at the organisation's authority, puts the list into its outbox, and puts certificate and
    key away, for `Enrol` to make new ones; gives the revoked identity. Raises NetworkError CA_REFUSED."""
    there = visitors_of(owner.folder, owner.org.msp)
    found = [one for one in there if one.name == identity]
    if not found or identity == SIGNER:
        names = ", ".join(one.name for one in there if one.name != SIGNER)
        raise NetworkError("CA_REFUSED", f"{identity}: what can be revoked here is {names}; the admin signs for it")
    content = revoked_certificates(owner, found[0].certificate)
    send(owner, revocation_list.FILE, owner.envelope(revocation_list.TYPE, content))
    home = owner.folder.identity_msp(identity)
    if not home.is_dir():
        home = owner.folder.node(identity) / "msp"
    for file in ("signcerts/cert.pem", "keystore/key.pem"):
        (home / file).unlink()
    return found[0]
