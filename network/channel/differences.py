"""What differs between two configurations: leaf by leaf, and in words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from fabric_protos.common import configtx_pb2
from fabric_protos.msp import msp_config_pb2

from network.channel.configuration import ANCHOR_PEERS, MSP, Config
from network.channel.organisation import anchor_addresses, organisation_group
from network.channel.policies import Named, named_policy
from network.channel.policies import in_words as policy_in_words
from network.declaration.policies import majority
from network.exchange.config_update import Leaf
from network.exchange.definition import OrgDefinition

DIGEST_LENGTH = 16


def differences(before: Config, after: Config) -> list[Leaf]:
    """Gives each leaf that differs, sorted by path; versions, which count changes, do not."""
    return sorted(_in_group("", before.channel_group, after.channel_group), key=lambda leaf: leaf.path)


def meaning(leaves: list[Leaf]) -> frozenset[tuple[str, str]]:
    """Gives what the differences mean, to be compared."""
    return frozenset((leaf.path, leaf.meaning) for leaf in leaves)


def _in_group(path: str, before: Any, after: Any) -> Iterator[Leaf]:
    prefix = f"{path}/" if path else ""
    for name in sorted({*before.groups, *after.groups}):
        inner = f"{path}/groups/{name}" if path else name
        if name not in after.groups:
            yield Leaf(inner, f"{name} is taken out", "removed")
        elif name not in before.groups:
            told = _group_in_words(name, after.groups[name])
            yield Leaf(inner, told, told)
        else:
            yield from _in_group(inner, before.groups[name], after.groups[name])
    for name in sorted({*before.values, *after.values}):
        old, new = before.values.get(name), after.values.get(name)
        if _content(old) != _content(new):
            told = _value_in_words(name, old, new, after)
            yield Leaf(f"{prefix}values/{name}", told, told)
    for name in sorted({*before.policies, *after.policies}):
        old, new = before.policies.get(name), after.policies.get(name)
        if _content(old) != _content(new):
            yield _policy_leaf(f"{prefix}policies/{name}", old, new)
    if before.mod_policy != after.mod_policy:
        told = f"who may change it: {before.mod_policy} → {after.mod_policy}"
        yield Leaf(f"{prefix}mod_policy", told, told)


def _content(element: Any) -> tuple[str, bytes] | None:
    """Gives who may change a value or a policy, and what it holds."""
    if element is None:
        return None
    held = element.value if isinstance(element, configtx_pb2.ConfigValue) else element.policy.SerializeToString()
    return element.mod_policy, held


def digest(content: bytes) -> str:
    """Gives the first digits of the SHA-256 of some bytes, to name them in words."""
    return hashlib.sha256(content).hexdigest()[:DIGEST_LENGTH]


def _group_in_words(name: str, group: Any) -> str:
    policies = "; ".join(f"{one}: {policy_in_words(group.policies[one].policy)}" for one in sorted(group.policies))
    described = f", {_msp_in_words(group.values[MSP].value)}" if MSP in group.values else ""
    anchors = anchor_addresses(group)
    found_by = f", found at {', '.join(anchors)}" if anchors else ""
    whole = digest(group.SerializeToString(deterministic=True))
    return f"{name} joins{described}{found_by} ({policies}; content {whole})"


def _msp_in_words(content: bytes) -> str:
    msp = msp_config_pb2.FabricMSPConfig.FromString(msp_config_pb2.MSPConfig.FromString(content).config)
    roots = ", ".join(digest(root) for root in msp.root_certs)
    tls = ", ".join(digest(root) for root in msp.tls_root_certs)
    return f"MSP {msp.name} with root {roots}, TLS root {tls}, {len(msp.revocation_list)} revocation lists"


def _value_in_words(name: str, old: Any, new: Any, group: Any) -> str:
    if new is None:
        return "taken out"
    if name == MSP:
        return f"{_msp_in_words(new.value)} (content {digest(new.value)})"
    if name == "AnchorPeers":
        return f"found at {', '.join(anchor_addresses(group)) or 'nowhere'}"
    return f"another content: {digest(old.value) if old is not None else 'none'} → {digest(new.value)}"


def _policy_leaf(path: str, old: Any, new: Any) -> Leaf:
    before = named_policy(old.policy) if old is not None else None
    after = named_policy(new.policy) if new is not None else None
    if before is None or after is None or old.mod_policy != new.mod_policy:
        told = f"{_shown(old)} → {_shown(new)}"
        return Leaf(path, told, told)
    added = [one for one in after.principals if one not in before.principals]
    removed = [one for one in before.principals if one not in after.principals]
    said = [f"{msp_id}.{role} is named" for msp_id, role in added]
    said += [f"{msp_id}.{role} is named no more" for msp_id, role in removed]
    return Leaf(
        path,
        "; ".join([*said, f"{before.needed} of {len(before.principals)} → {after.needed} of {len(after.principals)}"]),
        "; ".join([*said, _rule(after)]),
    )


def _rule(named: Named) -> str:
    """Tells how many must sign, as what stays true when others join."""
    count = len(named.principals)
    if named.needed == 1:
        return "any one"
    return "a majority" if named.needed == majority(count) else f"{named.needed} of them"


def _shown(held: Any) -> str:
    return "none" if held is None else f"{policy_in_words(held.policy)}, changed by {held.mod_policy}"


def organisations_that_differ(application: Any, definitions: Sequence[OrgDefinition]) -> list[str]:
    """Gives, in words, the organisations in the application group that are described otherwise than by their
    definitions. Which certificates are revoked, and where peers are found, changes without a new definition."""
    told = []
    for one in definitions:
        if one.msp_id not in application.groups:
            continue
        expected, found = organisation_group(one), configtx_pb2.ConfigGroup()
        found.CopyFrom(application.groups[one.msp_id])
        described = msp_config_pb2.MSPConfig.FromString(found.values[MSP].value)
        msp = msp_config_pb2.FabricMSPConfig.FromString(described.config)
        del msp.revocation_list[:]
        described.config = msp.SerializeToString()
        found.values[MSP].value = described.SerializeToString()
        told += [
            f"{one.msp_id}: {leaf}"
            for leaf in _in_group(one.msp_id, expected, found)
            if not leaf.path.endswith(f"values/{ANCHOR_PEERS}")
        ]
    return told
