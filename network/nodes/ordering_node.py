"""What an ordering node is asked through its admin listener, which takes the certificate of its organisation's own
admin and no other."""

from __future__ import annotations

from typing import Any

import requests

from network.errors import NetworkError
from network.participant import Participant
from network.rendering.channel import TLS_ROOT_FILE

LIMIT_SECONDS = 30
PARTICIPATION = "/participation/v1/channels"


def join_channel(participant: Participant, orderer: str, block: bytes) -> None:
    """Brings the node into the channel that begins with `block`. Raises NetworkError STEP_FAILED."""
    answer = _request(participant, orderer, "POST", "", files={"config-block": block})
    if answer.status_code != 201:
        raise NetworkError("STEP_FAILED", f"{participant.name}/{orderer} does not join: {answer.text.strip()}")


def channel_status(participant: Participant, orderer: str) -> dict[str, Any] | None:
    """Gives what the node says of the channel (`status`, `consensusRelation`, `height`), None when it is not in it.
    Raises NetworkError STEP_FAILED when it does not say."""
    answer = _request(participant, orderer, "GET", f"/{participant.consortium.channel}")
    if answer.status_code == 404:
        return None
    if answer.status_code != 200:
        raise NetworkError("STEP_FAILED", f"{participant.name}/{orderer}: {answer.text.strip()}")
    known: dict[str, Any] = answer.json()
    return known


def is_active(participant: Participant, orderer: str) -> bool:
    """Says whether the node is in the channel and serves it."""
    known = channel_status(participant, orderer)
    return known is not None and known["status"] == "active"


def _request(participant: Participant, orderer: str, method: str, path: str, **more: Any) -> requests.Response:
    own = participant.folder.orderer_administrator
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.request(
                method,
                participant.endpoints[f"{orderer}.admin"].url(PARTICIPATION + path),
                cert=(str(own / "client.crt"), str(own / "client.key")),
                verify=str(participant.folder.msp / TLS_ROOT_FILE),
                timeout=LIMIT_SECONDS,
                **more,
            )
        except requests.RequestException as error:
            raise NetworkError("STEP_FAILED", f"{participant.name}/{orderer} does not answer: {error}") from error
