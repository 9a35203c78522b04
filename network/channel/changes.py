"""The changes that steps make to a channel's configuration. Each is a function of the configuration that it finds, so
that it can be made anew when that has moved; each names the leaves that it may touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fabric_protos.common import configtx_pb2
from fabric_protos.msp import msp_config_pb2

from network.channel.configuration import (
    ANCHOR_PEERS,
    APPLICATION,
    MSP,
    Config,
    application,
    copy_of,
    msp_of,
)
from network.channel.differences import digest
from network.channel.organisation import anchor_addresses, anchor_peers, organisation_group, value
from network.channel.policies import Named, config_policy, named_policy, signature_policy_of
from network.declaration.policies import majority
from network.errors import NetworkError
from network.exchange.definition import OrgDefinition

READERS, WRITERS, ENDORSEMENT, LIFECYCLE = "Readers", "Writers", "Endorsement", "LifecycleEndorsement"
NAMING_POLICIES = (READERS, WRITERS, ENDORSEMENT, LIFECYCLE)
"""The policies of the application group that name organisations one by one."""


class Change(Protocol):
    """A change to the channel's configuration. `name` is its own among all that may be under way; `told` says it in
    words; `leaves` are the paths that it may touch."""

    @property
    def name(self) -> str:
        """Gives its name, of letters that a file's name may have."""

    @property
    def told(self) -> str:
        """Gives the change in a sentence."""

    @property
    def leaves(self) -> frozenset[str]:
        """Gives the paths that it may touch."""

    def made(self, config: Config) -> Config:
        """Gives the configuration with the change; an equal one where it is made already."""


def group_path(msp_id: str) -> str:
    """Gives the path of an organisation."""
    return f"{APPLICATION}/groups/{msp_id}"


def policy_path(name: str) -> str:
    """Gives the path of a policy of the application group."""
    return f"{APPLICATION}/policies/{name}"


@dataclass(frozen=True)
class Naming:
    """Who stands in the policies: `members` read and write, `merchants` endorse, `endorsement_k` of them, a majority
    when None."""

    members: tuple[str, ...]
    merchants: tuple[str, ...]
    endorsement_k: int | None

    @property
    def k(self) -> int:
        """Gives how many endorse."""
        return majority(len(self.merchants)) if self.endorsement_k is None else self.endorsement_k

    def policies(self) -> dict[str, Named]:
        """Gives the policies that follow."""
        anybody = tuple((msp_id, "member") for msp_id in self.members)
        peers = tuple((msp_id, "peer") for msp_id in self.merchants)
        return {
            READERS: Named(1, anybody),
            WRITERS: Named(1, anybody),
            ENDORSEMENT: Named(self.k, peers),
            LIFECYCLE: Named(majority(len(self.merchants)), peers),
        }


def named_now(config: Config, endorsement_k: int | None) -> Naming:
    """Gives who is named now, in the order in which they came."""
    policies = application(config).policies
    readers, lifecycle = (named_policy(policies[name].policy) for name in (READERS, LIFECYCLE))
    if readers is None or lifecycle is None:
        raise NetworkError(
            "CHANNEL_CONFIG_UNREADABLE",
            "the channel's Readers or LifecycleEndorsement name no organisations one by one",
        )
    return Naming(tuple(readers.organisations), tuple(lifecycle.organisations), endorsement_k)


def _name_in_policies(config: Config, naming: Naming) -> None:
    for name, wanted in naming.policies().items():
        held = application(config).policies[name]
        if named_policy(held.policy) != wanted:
            held.policy.CopyFrom(config_policy(signature_policy_of(wanted)))


@dataclass(frozen=True)
class Admit:
    """An organisation comes into the channel, with its anchor peers, and into each policy that names organisations."""

    definition: OrgDefinition
    endorsement_k: int | None

    @property
    def name(self) -> str:
        """Gives its name."""
        return f"admit-{self.definition.name}"

    @property
    def told(self) -> str:
        """Gives the change in a sentence."""
        return f"{self.definition.display_name} ({self.definition.msp_id}) joins the channel"

    @property
    def leaves(self) -> frozenset[str]:
        """Gives the paths that it may touch."""
        return frozenset((group_path(self.definition.msp_id), *map(policy_path, NAMING_POLICIES)))

    def made(self, config: Config) -> Config:
        """Gives the configuration with the organisation."""
        after, msp_id = copy_of(config), self.definition.msp_id
        if msp_id not in application(after).groups:
            application(after).groups[msp_id].CopyFrom(organisation_group(self.definition))
        now = named_now(after, self.endorsement_k)
        members = _with(now.members, msp_id)
        endorsing = _with(now.merchants, msp_id) if self.definition.peers else now.merchants
        _name_in_policies(after, Naming(members, endorsing, self.endorsement_k))
        return after


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return names if name in names else (*names, name)


@dataclass(frozen=True)
class Dismiss:
    """An organisation leaves the channel, and each policy that names it."""

    msp_id: str
    endorsement_k: int | None

    @property
    def name(self) -> str:
        """Gives its name."""
        return f"dismiss-{self.msp_id}"

    @property
    def told(self) -> str:
        """Gives the change in a sentence."""
        return f"{self.msp_id} leaves the channel"

    @property
    def leaves(self) -> frozenset[str]:
        """Gives the paths that it may touch."""
        return frozenset((group_path(self.msp_id), *map(policy_path, NAMING_POLICIES)))

    def made(self, config: Config) -> Config:
        """Gives the configuration without the organisation."""
        after = copy_of(config)
        if self.msp_id in application(after).groups:
            del application(after).groups[self.msp_id]
        now = named_now(after, self.endorsement_k)
        members = tuple(one for one in now.members if one != self.msp_id)
        endorsing = tuple(one for one in now.merchants if one != self.msp_id)
        _name_in_policies(after, Naming(members, endorsing, self.endorsement_k))
        return after


@dataclass(frozen=True)
class Anchor:
    """An organisation's peers are found at these addresses. Its own admin's signature is enough."""

    msp_id: str
    addresses: tuple[str, ...]

    @property
    def name(self) -> str:
        """Gives its name."""
        return f"anchor-{self.msp_id}"

    @property
    def told(self) -> str:
        """Gives the change in a sentence."""
        return f"the peers of {self.msp_id} are found at {', '.join(self.addresses)}"

    @property
    def leaves(self) -> frozenset[str]:
        """Gives the paths that it may touch."""
        return frozenset({f"{group_path(self.msp_id)}/values/{ANCHOR_PEERS}"})

    def made(self, config: Config) -> Config:
        """Gives the configuration with these anchor peers."""
        after = copy_of(config)
        group = application(after).groups[self.msp_id]
        if anchor_addresses(group) != list(self.addresses):
            _set(group, ANCHOR_PEERS, anchor_peers(list(self.addresses)))
        return after


@dataclass(frozen=True)
class Revoke:
    """A certificate revocation list (PEM) of an organisation's own authority stands in its MSP."""

    msp_id: str
    revocation_list: bytes

    @property
    def name(self) -> str:
        """Gives its name."""
        return f"revoke-{self.msp_id}-{digest(self.revocation_list)}"

    @property
    def told(self) -> str:
        """Gives the change in a sentence."""
        return f"certificates of {self.msp_id} are revoked (list {digest(self.revocation_list)})"

    @property
    def leaves(self) -> frozenset[str]:
        """Gives the paths that it may touch."""
        return frozenset({f"{group_path(self.msp_id)}/values/{MSP}"})

    def made(self, config: Config) -> Config:
        """Gives the configuration with the list in place of earlier ones, which it holds too."""
        after = copy_of(config)
        msp = msp_of(after, self.msp_id)
        if list(msp.revocation_list) != [self.revocation_list]:
            del msp.revocation_list[:]
            msp.revocation_list.append(self.revocation_list)
            described = msp_config_pb2.MSPConfig(type=0, config=msp.SerializeToString())
            _set(application(after).groups[self.msp_id], MSP, described)
        return after


@dataclass(frozen=True)
class Name:
    """The policies that name organisations name these, and no others: a repair of what has drifted, or another
    `endorsement.k`."""

    naming: Naming

    @property
    def name(self) -> str:
        """Gives its name."""
        return "name-policies"

    @property
    def told(self) -> str:
        """Gives the change in a sentence."""
        return (
            f"policies name {', '.join(self.naming.members)}; {self.naming.k} of {len(self.naming.merchants)} endorse"
        )

    @property
    def leaves(self) -> frozenset[str]:
        """Gives the paths that it may touch."""
        return frozenset(map(policy_path, NAMING_POLICIES))

    def made(self, config: Config) -> Config:
        """Gives the configuration with these policies."""
        after = copy_of(config)
        _name_in_policies(after, self.naming)
        return after


def _set(group: Any, name: str, message: Any) -> None:
    held = (
        value(message)
        if name not in group.values
        else configtx_pb2.ConfigValue(
            value=message.SerializeToString(),
            mod_policy=group.values[name].mod_policy,
            version=group.values[name].version,
        )
    )
    group.values[name].CopyFrom(held)


def wanted(
    config: Config, definitions: Sequence[OrgDefinition], endorsement_k: int | None, revocations: dict[str, bytes]
) -> list[Change]:
    """Gives the changes by which the channel comes to hold these organisations and no others, in order: who leaves,
    who joins, where peers are found, what is revoked, who is named."""
    declared = {one.msp_id: one for one in definitions}
    present = set(application(config).groups)
    found: list[Change] = [Dismiss(msp_id, endorsement_k) for msp_id in sorted(present - declared.keys())]
    found += [Admit(one, endorsement_k) for one in definitions if one.msp_id not in present]
    for one in definitions:
        if one.msp_id in present:
            addresses = tuple(peer.address for peer in one.peers)
            if addresses and anchor_addresses(application(config).groups[one.msp_id]) != list(addresses):
                found.append(Anchor(one.msp_id, addresses))
            known = list(msp_of(config, one.msp_id).revocation_list)
            if one.msp_id in revocations and known != [revocations[one.msp_id]]:
                found.append(Revoke(one.msp_id, revocations[one.msp_id]))
    if not any(isinstance(one, Admit | Dismiss) for one in found) and (
        drift := drifted(config, definitions, endorsement_k)
    ):
        found.append(drift)
    return found


def drifted(config: Config, definitions: Sequence[OrgDefinition], endorsement_k: int | None) -> Name | None:
    """Gives the repair of policies that name others than the organisations in the channel, or ask for another number of
    them; None where they are as they should be."""
    present = application(config).groups
    order = {msp_id: place for place, msp_id in enumerate(named_now(config, None).members)}
    here = sorted(
        (one for one in definitions if one.msp_id in present), key=lambda one: order.get(one.msp_id, len(order))
    )
    naming = Naming(tuple(one.msp_id for one in here), tuple(one.msp_id for one in here if one.peers), endorsement_k)
    policies = application(config).policies
    held = {name: named_policy(policies[name].policy) for name in NAMING_POLICIES}
    same = all(_same(held[name], policy) for name, policy in naming.policies().items())
    return None if same else Name(naming)


def _same(held: Named | None, wanted_policy: Named) -> bool:
    """Says whether two policies ask for the same, whatever the order in which they name organisations."""
    return (
        held is not None
        and held.needed == wanted_policy.needed
        and sorted(held.principals) == sorted(wanted_policy.principals)
    )
