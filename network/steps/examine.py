"""Every organisation holds the first block against the declaration and the definitions before it takes part."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from network.errors import NetworkError
from network.exchange import channel_block, definition
from network.exchange.channel_block import configuration_of, network_id_of, received_block
from network.folders import write
from network.nodes.first_block import make_first_block
from network.participant import Participant
from network.steps.step import Step, TakenBy


class Examine(Step):
    """Makes the configuration that follows from what the organisation itself has received, and compares it with that of
    the first block: an operator who put another root certificate, policy or organisation into it is found out. From
    then on the organisation takes no file of another network."""

    name = "examine"
    summary = "the first block says what follows from the declaration and the definitions, and nothing else"
    taken_by = TakenBy.EVERY_ORG
    needs = (definition.FILE, channel_block.FILE)

    def done(self, participant: Participant) -> bool:
        """Says whether a block was examined."""
        return participant.folder.first_block.is_file() and bool(participant.folder.network_id)

    def take(self, participant: Participant) -> None:
        """Compares. Raises NetworkError FILE_REFUSED naming what differs, or the errors of definitions."""
        block = received_block(participant.folder, participant.consortium)
        home = Path(tempfile.mkdtemp(dir=participant.folder.root))
        try:
            _, expected = configuration_of(make_first_block(participant, home))
        finally:
            shutil.rmtree(home)
        _, found = configuration_of(block)
        if found != expected:
            told = ", ".join(differences(expected.channel_group, found.channel_group)) or "its sequence"
            operator = participant.operator
            raise NetworkError("FILE_REFUSED", f"the first block from {operator} is not what was agreed on: {told}")
        write(participant.folder.first_block, block)
        write(participant.folder.network_id_file, network_id_of(block) + "\n")


def differences(expected: object, found: object, path: str = "channel") -> list[str]:
    """Gives the places at which two groups of a channel's configuration (`common.ConfigGroup`) differ."""
    places = []
    for kind in ("groups", "values", "policies"):
        ours, theirs = getattr(expected, kind), getattr(found, kind)
        for name in sorted({*ours, *theirs}):
            place = f"{path}/{name}"
            if name not in ours or name not in theirs:
                places.append(f"{place} is {'missing' if name in ours else 'not agreed on'}")
            elif kind == "groups":
                places += differences(ours[name], theirs[name], place)
            elif ours[name] != theirs[name]:
                places.append(f"{place} differs")
    return places
