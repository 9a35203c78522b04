"""The channel's first block, as it follows from the declaration and all organisations' definitions."""

from __future__ import annotations

import subprocess
from pathlib import Path

from network.errors import NetworkError
from network.exchange.definition import received_definitions
from network.folders import write
from network.participant import Participant
from network.rendering.channel import PROFILE, ROOT_FILE, TLS_ROOT_FILE, channel_config, msp_config

BLOCK_FILE = "channel.block"


def make_first_block(participant: Participant, home: Path) -> bytes:
    """Makes a first block with configtxgen in the folder `home`. Its configuration follows from what was received; its
    time and nonce are new each time. Raises NetworkError STEP_FAILED, or the errors of definitions that are refused."""
    consortium = participant.consortium
    definitions = received_definitions(participant.folder, consortium, one_declaration=True)
    for one in definitions:
        write(home / one.name / "msp" / ROOT_FILE, one.root)
        write(home / one.name / "msp" / TLS_ROOT_FILE, one.tls_root)
        write(home / one.name / "msp" / "config.yaml", msp_config())
        for node in one.orderers:
            write(home / one.name / f"{node.name}.crt", node.certificate)
    write(home / "configtx.yaml", channel_config(consortium, definitions))
    block = home / BLOCK_FILE
    arguments = ["-configPath", str(home), "-profile", PROFILE, "-channelID", consortium.channel]
    command = [participant.programs.path("configtxgen"), *arguments, "-outputBlock", str(block)]
    answer = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, env={})
    if answer.returncode:
        raise NetworkError("STEP_FAILED", f"configtxgen: {answer.stderr.strip().splitlines()[-1:]}")
    return block.read_bytes()
