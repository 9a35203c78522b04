"""The channel's first block: an operator makes it from all orgs' definitions and sends it to all."""

from __future__ import annotations

import subprocess

from network.declaration.model import Consortium
from network.errors import NetworkError
from network.exchange.channel_block import network_id_of
from network.folders import OrgFolder, write
from network.programs.program_sets import Programs
from network.rendering.channel import PROFILE, ROOT_FILE, TLS_ROOT_FILE, channel_config, msp_config
from network.steps.publish import received_definitions

BLOCK_FILE = "channel.block"


def make_genesis(folder: OrgFolder, consortium: Consortium, programs: Programs) -> None:
    """Writes the first block into the operator's outbox, unless it is there. Raises NetworkError STEP_FAILED."""
    block = folder.outbox / BLOCK_FILE
    if block.is_file():
        return
    home = folder.root / "genesis"
    definitions = received_definitions(folder, consortium)
    for one in definitions:
        write(home / one.name / "msp" / ROOT_FILE, one.root)
        write(home / one.name / "msp" / TLS_ROOT_FILE, one.tls_root)
        write(home / one.name / "msp" / "config.yaml", msp_config())
        for node in one.orderers:
            write(home / one.name / f"{node.name}.crt", node.certificate)
    write(home / "configtx.yaml", channel_config(consortium, definitions))
    unfinished = home / BLOCK_FILE
    arguments = ["-configPath", str(home), "-profile", PROFILE, "-channelID", consortium.channel]
    command = [programs.path("configtxgen"), *arguments, "-outputBlock", str(unfinished)]
    answer = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, env={})
    if answer.returncode:
        raise NetworkError("STEP_FAILED", f"configtxgen: {answer.stderr.strip().splitlines()[-1:]}")
    write(block, unfinished.read_bytes())


def network_id(folder: OrgFolder, consortium: Consortium) -> str:
    """The network's id, from the first block that the operator sent to this org. Raises NetworkError STEP_INPUT_MISSING."""
    return network_id_of(folder.received(consortium.operators[0], BLOCK_FILE).read_bytes())
