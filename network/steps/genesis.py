"""The channel's first block: an operator makes it from all organisations' definitions and sends it to all."""

from __future__ import annotations

import subprocess

from network.errors import NetworkError
from network.exchange import channel_block, definition
from network.exchange.definition import received_definitions
from network.folders import write
from network.participant import Participant
from network.rendering.channel import PROFILE, ROOT_FILE, TLS_ROOT_FILE, channel_config, msp_config
from network.steps.step import Step, TakenBy


class MakeGenesis(Step):
    """Puts the first block into the operator's outbox. It is made once: another one would begin another chain."""

    name = "genesis"
    summary = "the first block of the channel is made from all definitions and goes to everybody"
    taken_by = TakenBy.OPERATOR
    told = "first block of the channel"
    needs = (definition.FILE,)
    sends = (channel_block.FILE,)

    def done(self, participant: Participant) -> bool:
        """Says whether the block is there."""
        return (participant.folder.outbox / channel_block.FILE).is_file()

    def take(self, participant: Participant) -> None:
        """Makes the block. Raises NetworkError STEP_FAILED, or the errors of definitions that are refused."""
        folder, consortium = participant.folder, participant.consortium
        home = folder.root / "genesis"
        definitions = received_definitions(folder, consortium)
        for one in definitions:
            write(home / one.name / "msp" / ROOT_FILE, one.root)
            write(home / one.name / "msp" / TLS_ROOT_FILE, one.tls_root)
            write(home / one.name / "msp" / "config.yaml", msp_config())
            for node in one.orderers:
                write(home / one.name / f"{node.name}.crt", node.certificate)
        write(home / "configtx.yaml", channel_config(consortium, definitions))
        unfinished = home / channel_block.FILE
        arguments = ["-configPath", str(home), "-profile", PROFILE, "-channelID", consortium.channel]
        command = [participant.programs.path("configtxgen"), *arguments, "-outputBlock", str(unfinished)]
        answer = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, env={})
        if answer.returncode:
            raise NetworkError("STEP_FAILED", f"configtxgen: {answer.stderr.strip().splitlines()[-1:]}")
        write(folder.outbox / channel_block.FILE, unfinished.read_bytes())
