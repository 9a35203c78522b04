"""Policies of a channel: those that name organisations one by one, and who must sign for a change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from fabric_protos.common import policies_pb2
from fabric_protos.msp import msp_principal_pb2
from fabric_protos.peer import policy_pb2

from network.declaration.policies import majority

ROLES = {"member": 0, "admin": 1, "client": 2, "peer": 3, "orderer": 4}
ROLE_NAMES = {number: name for name, number in ROLES.items()}
IMPLICIT_RULES = {0: "ANY", 1: "ALL", 2: "MAJORITY"}
ABSOLUTE = "/"


@dataclass(frozen=True)
class Named:
    """A policy `OutOf(needed, …)` over a role of organisations: `principals` are pairs of MSP id and role."""

    needed: int
    principals: tuple[tuple[str, str], ...]

    @property
    def organisations(self) -> list[str]:
        """Gives the MSP ids, in order."""
        return list(dict.fromkeys(msp_id for msp_id, _ in self.principals))


def signature_policy(needed: int, msp_ids: Sequence[str], role: str) -> Any:
    """Gives `OutOf(needed, 'A.role', 'B.role')` as a `SignaturePolicyEnvelope`: as Fabric makes it of that text."""
    return signature_policy_of(Named(needed, tuple((msp_id, role) for msp_id in msp_ids)))


def signature_policy_of(named: Named) -> Any:
    """Gives the `SignaturePolicyEnvelope` that says the same."""
    rules = [policies_pb2.SignaturePolicy(signed_by=place) for place in range(len(named.principals))]
    return policies_pb2.SignaturePolicyEnvelope(
        version=0,
        rule=policies_pb2.SignaturePolicy(n_out_of=policies_pb2.SignaturePolicy.NOutOf(n=named.needed, rules=rules)),
        identities=[_principal(msp_id, role) for msp_id, role in named.principals],
    )


def _principal(msp_id: str, role: str) -> Any:
    wanted = msp_principal_pb2.MSPRole(msp_identifier=msp_id, role=ROLES[role])
    return msp_principal_pb2.MSPPrincipal(
        principal_classification=msp_principal_pb2.MSPPrincipal.ROLE, principal=wanted.SerializeToString()
    )


def named_in(envelope: Any) -> Named | None:
    """Reads a policy of this form; None for one of another, whose rules are nested or that names no roles."""
    rule = envelope.rule
    if rule.WhichOneof("Type") != "n_out_of":
        return None
    places = [one.signed_by for one in rule.n_out_of.rules if one.WhichOneof("Type") == "signed_by"]
    if places != list(range(len(envelope.identities))) or len(places) != len(rule.n_out_of.rules):
        return None
    principals = [_role_of(one) for one in envelope.identities]
    if not all(principals):
        return None
    return Named(rule.n_out_of.n, tuple(one for one in principals if one))


def _role_of(principal: Any) -> tuple[str, str] | None:
    if principal.principal_classification != msp_principal_pb2.MSPPrincipal.ROLE:
        return None
    role = msp_principal_pb2.MSPRole.FromString(principal.principal)
    return role.msp_identifier, ROLE_NAMES[role.role]


def endorsement_in(application_policy: bytes) -> Named | None:
    """Reads the endorsement policy of a chaincode's definition, an `ApplicationPolicy`; None for one of another form."""
    return named_in(policy_pb2.ApplicationPolicy.FromString(application_policy).signature_policy)


def config_policy(envelope: Any) -> Any:
    """Gives the policy as a channel's configuration holds it."""
    return policies_pb2.Policy(type=policies_pb2.Policy.SIGNATURE, value=envelope.SerializeToString())


def named_policy(policy: Any) -> Named | None:
    """Reads a `Policy` of a configuration; None where it is no explicit one over roles."""
    if policy.type != policies_pb2.Policy.SIGNATURE:
        return None
    return named_in(policies_pb2.SignaturePolicyEnvelope.FromString(policy.value))


def in_words(policy: Any) -> str:
    """Tells a policy of a configuration."""
    if policy.type == policies_pb2.Policy.IMPLICIT_META:
        implicit = policies_pb2.ImplicitMetaPolicy.FromString(policy.value)
        return f"{IMPLICIT_RULES[implicit.rule]} {implicit.sub_policy}"
    named = named_policy(policy)
    if named is None:
        return "a policy of another form"
    return f"{named.needed} of {', '.join(f'{msp_id}.{role}' for msp_id, role in named.principals)}"


@dataclass(frozen=True)
class Shortage:
    """What a change still lacks under one policy: `needed` more signatures of the admins of `able`, which have not
    signed."""

    policy: str
    needed: int
    able: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.policy} needs {self.needed} more of {', '.join(self.able)}"


def shortage(root: Any, path: Sequence[str], name: str, signers: Collection[str]) -> Shortage | None:
    """Says what the policy `name` of the group at `path` lacks when the admins of `signers` (MSP ids) have signed; None
    when it is satisfied. `root` is the channel's group; a name that begins with `/` is given from there on."""
    if name.startswith(ABSOLUTE):
        parts = name.strip(ABSOLUTE).split(ABSOLUTE)
        path, name = parts[1:-1], parts[-1]
    group = root
    for part in path:
        group = group.groups[part]
    lacking, able = _lacking(group, name, frozenset(signers))
    if lacking == 0:
        return None
    return Shortage(ABSOLUTE.join(("", "Channel", *path, name)), lacking, tuple(able))


def _lacking(group: Any, name: str, signers: frozenset[str]) -> tuple[int, list[str]]:
    """Gives how many more must sign, and who could. An implicit policy counts the groups below."""
    policy = group.policies[name].policy
    if policy.type == policies_pb2.Policy.IMPLICIT_META:
        implicit = policies_pb2.ImplicitMetaPolicy.FromString(policy.value)
        below = [_lacking(sub, implicit.sub_policy, signers) for sub in group.groups.values()]
        needed = {0: min(1, len(below)), 1: len(below), 2: majority(len(below))}[implicit.rule]
        missing = sorted((one for one in below if one[0]), key=lambda one: one[0])
        short = max(0, needed - (len(below) - len(missing)))
        return sum(one[0] for one in missing[:short]), sorted({able for one in missing for able in one[1]})
    named = named_policy(policy)
    if named is None:
        return 1, []
    # An admin is a member of its organisation; none of the other roles.
    fitting = [msp_id for msp_id, role in named.principals if role in ("admin", "member")]
    have = [msp_id for msp_id in fitting if msp_id in signers]
    return max(0, named.needed - len(have)), sorted(set(fitting) - signers)
