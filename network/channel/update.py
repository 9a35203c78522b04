"""A configuration update: the difference between two configurations as ordering nodes take it, and what it does to the
configuration that stands."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from fabric_protos.common import configtx_pb2
from google.protobuf.message import DecodeError

from network.channel.changes import Change
from network.channel.configuration import Config, copy_of
from network.channel.differences import differences
from network.channel.policies import Shortage, shortage
from network.errors import NetworkError
from network.exchange.config_update import Leaf


def computed_update(translator: str, channel: str, before: Config, after: Config) -> bytes:
    """Gives the `ConfigUpdate` from one configuration to another, by the program configtxlator. Raises NetworkError
    STEP_FAILED, also where both are the same."""
    with tempfile.TemporaryDirectory(prefix="jifen-update-") as place:
        files = {name: Path(place) / f"{name}.pb" for name in ("original", "updated", "output")}
        files["original"].write_bytes(before.SerializeToString())
        files["updated"].write_bytes(after.SerializeToString())
        flags = [f"--{name}={file}" for name, file in files.items()]
        command = [translator, "compute_update", f"--channel_id={channel}", *flags]
        answer = subprocess.run(command, capture_output=True, text=True, check=False, env={})
        if answer.returncode:
            raise NetworkError("STEP_FAILED", f"configtxlator: {answer.stderr.strip()[-300:]}")
        return files["output"].read_bytes()


def update_of(channel: str, config_update: bytes) -> Any:
    """Reads a `ConfigUpdate`. Raises NetworkError UPDATE_REFUSED for one that is none, or of another channel."""
    try:
        update = configtx_pb2.ConfigUpdate.FromString(config_update)
    except DecodeError as error:
        raise NetworkError("UPDATE_REFUSED", f"no configuration update: {error}") from error
    if update.channel_id != channel:
        raise NetworkError("UPDATE_REFUSED", f"it is an update of channel {update.channel_id!r:.80}, not of {channel}")
    return update


def applied(config: Config, update: Any) -> Config:
    """Gives the configuration that the update makes of this one. Raises NetworkError UPDATE_OUTDATED where it was made
    for another, with what has moved."""
    _must_be_read_as_now("Channel", config.channel_group, update.read_set)
    after = copy_of(config)
    after.channel_group.CopyFrom(_applied("Channel", config.channel_group, update.write_set))
    return after


def _must_be_read_as_now(path: str, now: Any, read: Any) -> None:
    _must_have_version(path, now, read.version)
    for kind in ("groups", "values", "policies"):
        for name, one in getattr(read, kind).items():
            held = getattr(now, kind).get(name)
            _must_have_version(f"{path}/{kind}/{name}", held, one.version)
            if kind == "groups":
                _must_be_read_as_now(f"{path}/{kind}/{name}", held, one)


def _must_have_version(path: str, held: Any, version: int) -> None:
    if held is None or held.version != version:
        now = "gone" if held is None else f"at version {held.version}"
        raise NetworkError("UPDATE_OUTDATED", f"the update was made when {path} was at version {version}; it is {now}")


def _applied(path: str, now: Any, written: Any) -> Any:
    """Applies a group of the write set: one with its version as it stands is only a way to what is below it; one with
    the next version has the members that are written, and no others."""
    result = configtx_pb2.ConfigGroup()
    if written.version == now.version:
        result.CopyFrom(now)
    else:
        _must_be_next(path, now, written)
        result.version, result.mod_policy = written.version, written.mod_policy
    for kind in ("groups", "values", "policies"):
        for name, one in getattr(written, kind).items():
            inner, held = f"{path}/{kind}/{name}", getattr(now, kind).get(name)
            if held is None:
                if written.version == now.version or one.version != 0:
                    raise NetworkError("UPDATE_OUTDATED", f"the update changes {inner}, which is not there")
                getattr(result, kind)[name].CopyFrom(one)
            elif kind == "groups":
                result.groups[name].CopyFrom(_applied(inner, held, one))
            elif one.version == held.version:
                getattr(result, kind)[name].CopyFrom(held)
            else:
                _must_be_next(inner, held, one)
                getattr(result, kind)[name].CopyFrom(one)
    return result


def _must_be_next(path: str, now: Any, written: Any) -> None:
    if written.version != now.version + 1:
        raise NetworkError(
            "UPDATE_OUTDATED",
            f"the update makes version {written.version} of {path}, which is at version {now.version}",
        )


def checked_leaves(change: Change, config: Config, update: Any) -> list[Leaf]:
    """Gives what the update does to the configuration that stands, leaf by leaf. Raises NetworkError UPDATE_REFUSED
    where it touches leaves beyond those of the change, or does something else than the change would; UPDATE_OUTDATED."""
    found = differences(config, applied(config, update))
    beyond = [leaf for leaf in found if leaf.path not in change.leaves]
    if beyond:
        raise NetworkError(
            "UPDATE_REFUSED",
            f"“{change.told}” may touch {', '.join(sorted(change.leaves))}; the update also touches "
            + "; ".join(map(str, beyond)),
        )
    expected = differences(config, change.made(config))
    if found != expected:
        mine, its = set(expected), set(found)
        told = [f"it has not {leaf}" for leaf in expected if leaf in mine - its]
        told += [f"it has {leaf}" for leaf in found if leaf in its - mine]
        raise NetworkError("UPDATE_REFUSED", f"the update is not what “{change.told}” means here: {'; '.join(told)}")
    return found


def shortages(config: Config, update: Any, signers: set[str]) -> list[Shortage]:
    """Gives what the signatures of these organisations' admins lack, policy by policy; none when ordering nodes will
    take the update."""
    root = config.channel_group
    needed = dict.fromkeys(_policies_asked((), root, update.write_set))
    found = [shortage(root, path, name, signers) for path, name in needed]
    return [one for one in found if one is not None]


def _policies_asked(path: tuple[str, ...], now: Any, written: Any) -> list[tuple[tuple[str, ...], str]]:
    """Gives the policies, by the path of their group, that govern what is written with another version."""
    asked = [(path, now.mod_policy)] if written.version != now.version else []
    for kind in ("values", "policies"):
        for name, one in getattr(written, kind).items():
            held = getattr(now, kind).get(name)
            if held is not None and held.version != one.version:
                asked.append((path, held.mod_policy))
    for name, one in written.groups.items():
        if name in now.groups:
            asked += _policies_asked((*path, name), now.groups[name], one)
    return asked
