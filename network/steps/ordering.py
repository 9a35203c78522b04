"""Ordering nodes join the channel, through their admin listener, which takes the certificate of the org's own admin and
no other."""

from __future__ import annotations

from typing import Any

import requests

from network.declaration.model import Consortium, Org
from network.errors import NetworkError
from network.folders import OrgFolder
from network.rendering.channel import TLS_ROOT_FILE
from network.runtime.waiting import wait_until

LIMIT_SECONDS = 30
PARTICIPATION = "participation/v1/channels"


def join_orderers(folder: OrgFolder, consortium: Consortium, org: Org, block: bytes) -> None:
    """Brings every ordering node of the org into the channel with its first block, unless it is in it, and waits until it is
    active. Raises NetworkError STEP_FAILED or WAIT_TIMEOUT."""
    for orderer in org.orderers:
        if channel_status(folder, orderer.name, consortium.channel) is None:
            answer = _request(folder, orderer.name, "POST", "", files={"config-block": block})
            if answer.status_code != 201:
                raise NetworkError("STEP_FAILED", f"{org.name}/{orderer.name} does not join: {answer.text.strip()}")
    for orderer in org.orderers:

        def active(name: str = orderer.name) -> bool:
            known = channel_status(folder, name, consortium.channel)
            return known is not None and known["status"] == "active"

        wait_until(active, f"{org.name}/{orderer.name} is active in the channel", LIMIT_SECONDS)


def channel_status(folder: OrgFolder, orderer: str, channel: str) -> dict[str, Any] | None:
    """What the node says of the channel (`status`, `consensusRelation`, `height`), None when it is not in it."""
    answer = _request(folder, orderer, "GET", f"/{channel}")
    if answer.status_code == 404:
        return None
    if answer.status_code != 200:
        raise NetworkError("STEP_FAILED", f"{folder.name}/{orderer}: {answer.text.strip()}")
    known: dict[str, Any] = answer.json()
    return known


def _request(folder: OrgFolder, orderer: str, method: str, path: str, **more: Any) -> requests.Response:
    own = folder.orderer_administrator
    port = folder.read_ports()[f"{orderer}.admin"]
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.request(
                method,
                f"https://127.0.0.1:{port}/{PARTICIPATION}{path}",
                cert=(str(own / "client.crt"), str(own / "client.key")),
                verify=str(folder.msp / TLS_ROOT_FILE),
                timeout=LIMIT_SECONDS,
                **more,
            )
        except requests.RequestException as error:
            raise NetworkError("STEP_FAILED", f"{folder.name}/{orderer} does not answer: {error}") from error
