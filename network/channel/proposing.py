"""An update is proposed for a change; and proposed again, with the reason, when the channel's configuration has moved
meanwhile, as long as it means the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from network.channel.changes import Change
from network.channel.configuration import Config
from network.channel.differences import differences, meaning
from network.channel.signatures import verified_signer
from network.channel.update import applied, computed_update, shortages, update_of
from network.errors import NetworkError
from network.exchange.config_signature import ConfigSignature
from network.exchange.config_update import ConfigUpdate


def propose(change: Change, config: Config, channel: str, translator: str) -> ConfigUpdate:
    """Gives the update that makes the change. Raises NetworkError STEP_FAILED where it is made already."""
    after = change.made(config)
    update = computed_update(translator, channel, config, after)
    return ConfigUpdate(change.name, update, tuple(differences(config, after)))


def stands(file: ConfigUpdate, config: Config, channel: str) -> str:
    """Says what has moved since the update was made, empty where it can still be applied."""
    try:
        applied(config, update_of(channel, file.content))
    except NetworkError as error:
        if error.code != "UPDATE_OUTDATED":
            raise
        return error.detail
    return ""


def propose_again(earlier: ConfigUpdate, change: Change, config: Config, channel: str, translator: str) -> ConfigUpdate:
    """Gives the update made anew on a configuration that has moved, with the reason to sign again. Raises NetworkError
    UPDATE_REFUSED where it would mean something else now than what was signed."""
    made = propose(change, config, channel, translator)
    before, now = meaning(list(earlier.leaves)), meaning(list(made.leaves))
    if before != now:
        told = [f"no more {path}: {text}" for path, text in sorted(before - now)]
        told += [f"now {path}: {text}" for path, text in sorted(now - before)]
        raise NetworkError(
            "UPDATE_REFUSED", f"“{change.told}” means something else since the channel has moved: {'; '.join(told)}"
        )
    return replace(made, reason=stands(earlier, config, channel))


def counted(
    file: ConfigUpdate, config: Config, channel: str, received: Mapping[str, ConfigSignature]
) -> dict[str, ConfigSignature]:
    """Gives the signatures of the update by the MSP id of who signed, each checked; those of an earlier one are left
    out. `received` are the files by their senders. Raises NetworkError SIGNATURE_REFUSED for one that is no good,
    SIGNATURES_MISSING with who can still sign where they are too few."""
    good: dict[str, ConfigSignature] = {}
    for sender, one in sorted(received.items()):
        if one.update_sha256 != file.sha256:
            continue
        signer = verified_signer(config, file.content, one)
        if signer in good:
            raise NetworkError("SIGNATURE_REFUSED", f"the file of {sender} holds a second signature of {signer}")
        good[signer] = one
    lacking = shortages(config, update_of(channel, file.content), set(good))
    if lacking:
        raise NetworkError("SIGNATURES_MISSING", f"{file.change}: {'; '.join(map(str, lacking))}")
    return good
