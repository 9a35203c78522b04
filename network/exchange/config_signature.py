"""`config-signature.<change>.json`, one organisation's signature of an update of the channel's configuration."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass

from network.declaration.model import Consortium
from network.exchange.config_update import CHANGE
from network.exchange.definition import sender_root
from network.exchange.envelope import Envelope, refused
from network.exchange.files import Kind
from network.folders import OrgFolder

TYPE = "config-signature"
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class ConfigSignature:
    """An admin's signature of the update whose content has the SHA-256 `update_sha256`. `header`
    (`common.SignatureHeader`) names the admin, and is signed with the update's bytes."""

    change: str
    update_sha256: str
    header: bytes
    signature: bytes

    def to_json(self) -> str:
        """Gives the payload's text."""
        document = {
            "change": self.change,
            "update_sha256": self.update_sha256,
            "signature_header": base64.b64encode(self.header).decode("ascii"),
            "signature": base64.b64encode(self.signature).decode("ascii"),
        }
        return json.dumps(document, indent=2) + "\n"


def file_of(change: str) -> str:
    """Gives the name of the file for a change."""
    return f"{TYPE}.{change}.json"


def config_signature_from(envelope: Envelope) -> ConfigSignature:
    """Reads the payload. Raises NetworkError FILE_REFUSED for another form."""
    try:
        document = json.loads(envelope.text)
        header, signature = (
            base64.b64decode(document[name], validate=True) for name in ("signature_header", "signature")
        )
        change, update = document["change"], document["update_sha256"]
        whole = CHANGE.fullmatch(change) and SHA256.fullmatch(update)
    except (ValueError, TypeError, KeyError) as error:
        raise refused(envelope.sender, f"it holds no signature of an update: {error!r:.120}") from error
    if not whole:
        raise refused(envelope.sender, "it holds no signature of an update: change or hash have another form")
    return ConfigSignature(change, update, header, signature)


def _check(folder: OrgFolder, consortium: Consortium, envelope: Envelope) -> None:
    config_signature_from(envelope)


def _words(envelope: Envelope) -> list[str]:
    one = config_signature_from(envelope)
    return [
        f"the signature of {envelope.sender} for the update “{one.change}” of the channel's configuration",
        f"the update that it is good for has the SHA-256 {one.update_sha256}; the operator checks it when it arrives",
    ]


KIND = Kind(TYPE, lambda envelope: file_of(config_signature_from(envelope).change), sender_root, _words, _check)
