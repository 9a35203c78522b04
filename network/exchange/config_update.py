"""`config-update.<change>.json`, an update of the channel's configuration that the admins of enough organisations are
to sign."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import Any

from network.declaration.model import Consortium
from network.exchange.definition import sender_root
from network.exchange.envelope import Envelope, refused
from network.exchange.files import Kind
from network.folders import OrgFolder

TYPE = "config-update"
CHANGE = re.compile(r"[a-z]+-[A-Za-z0-9.-]{1,120}")


@dataclass(frozen=True)
class Leaf:
    """One difference between two configurations. `path` is where: `Application/groups/ferry`,
    `Application/policies/Readers`. `text` says it whole; `meaning` says it without what follows from other differences,
    such as how many were named before: two updates with the same meanings do the same."""

    path: str
    text: str
    meaning: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"


@dataclass(frozen=True)
class ConfigUpdate:
    """The bytes to sign (`common.ConfigUpdate`) for the change of this name; what they do, leaf by leaf, which who signs
    works out anew from the bytes; `reason` says why it is signed again, empty for the first time."""

    change: str
    content: bytes
    leaves: tuple[Leaf, ...]
    reason: str = ""

    @property
    def sha256(self) -> str:
        """Gives the hash by which signatures name the update."""
        return hashlib.sha256(self.content).hexdigest()

    def to_json(self) -> str:
        """Gives the payload's text."""
        document = {
            "change": self.change,
            "config_update": base64.b64encode(self.content).decode("ascii"),
            "leaves": [asdict(leaf) for leaf in self.leaves],
            "reason": self.reason,
        }
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def file_of(change: str) -> str:
    """Gives the name of the file for a change."""
    return f"{TYPE}.{change}.json"


def config_update_from(envelope: Envelope) -> ConfigUpdate:
    """Reads the payload. Raises NetworkError FILE_REFUSED for another form."""
    try:
        document: dict[str, Any] = json.loads(envelope.text)
        found = ConfigUpdate(
            document["change"],
            base64.b64decode(document["config_update"], validate=True),
            tuple(Leaf(**one) for one in document["leaves"]),
            document["reason"],
        )
        texts = [found.change, found.reason, *(text for leaf in found.leaves for text in asdict(leaf).values())]
    except (ValueError, TypeError, KeyError) as error:
        raise refused(envelope.sender, f"it holds no update of a configuration: {error!r:.120}") from error
    if not all(isinstance(text, str) for text in texts) or not CHANGE.fullmatch(found.change):
        raise refused(
            envelope.sender, "it holds no update of a configuration: change, leaves or reason have another form"
        )
    return found


def _check(folder: OrgFolder, consortium: Consortium, envelope: Envelope) -> None:
    if envelope.sender != consortium.operators[0]:
        raise refused(envelope.sender, f"updates come from {consortium.operators[0]}, the first operator")
    config_update_from(envelope)


def _words(envelope: Envelope) -> list[str]:
    one = config_update_from(envelope)
    lines = [
        f"an update of the channel's configuration, “{one.change}”, for the admins to sign; it says that it does this:"
    ]
    lines += [str(leaf) for leaf in one.leaves]
    lines += [f"to be signed again: {one.reason}"] if one.reason else []
    return [*lines, "`jifen org step` works out from the bytes what they do, and signs nothing else"]


KIND = Kind(TYPE, lambda envelope: file_of(config_update_from(envelope).change), sender_root, _words, _check)
