"""Members' keys, linked to their accounts."""

from __future__ import annotations

from chaincode.signing import MemberKey
from gateway.identity.sessions import NewSession
from gateway.members.wallets import link_message
from tests.scenes.people import PeopleScene


def link(
    world: PeopleScene, session: NewSession, key: MemberKey, *, msp_id: str = "northstar", by: MemberKey | None = None
) -> str:
    """Links the key's address; the address."""
    wallets, person_id, session_id = world.people.wallets, session.session.holder_id, session.session.session_id
    made = wallets.begin_link(person_id, session_id)
    message = link_message(key.address, made.challenge, person_id, session_id, msp_id)
    signature = (by or key).sign(message)
    return wallets.finish_link(person_id, session_id, made.challenge_id, key.public_key, signature).address
