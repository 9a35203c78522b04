"""The one decision: how far a principal's rule reaches, and how far away the object is."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from gateway.security.guard import Owner
from gateway.security.principals import Anonymous, ApiKeyCaller, Member, Principal, Role, Scope, Staff


class Reach(enum.IntEnum):
    """How far a rule reaches: nowhere, to what is one's own, to this merchant's members and theirs, to anything."""

    NONE = 0
    OWN = 1
    OTHERS = 2
    ANY = 3


@dataclass(frozen=True)
class AccessRule:
    """One row of the table: the reach of each kind of principal. Whoever is not named reaches nothing."""

    anonymous: Reach = Reach.NONE
    member: Reach = Reach.NONE
    roles: Mapping[Role, Reach] = field(default_factory=dict)
    scopes: Mapping[Scope, Reach] = field(default_factory=dict)

    def reach(self, principal: Principal) -> Reach:
        """How far the principal reaches: the furthest of its roles or scopes, and at least as far as nobody known."""
        match principal:
            case Anonymous():
                found = [self.anonymous]
            case Member():
                found = [self.member]
            case Staff():
                found = [self.roles.get(role, Reach.NONE) for role in principal.roles]
            case ApiKeyCaller():
                found = [self.scopes.get(scope, Reach.NONE) for scope in principal.scopes]
        return max([self.anonymous, *found])


NONE, OWN, OTHERS, ANY = Reach.NONE, Reach.OWN, Reach.OTHERS, Reach.ANY
CASHIER, MARKETING, FINANCE, AUDITOR, ADMIN = Role.CASHIER, Role.MARKETING, Role.FINANCE, Role.AUDITOR, Role.ADMIN
STAFF = tuple(Role)
SCOPES = tuple(Scope)


def everybody() -> AccessRule:
    """Public."""
    return AccessRule(ANY, ANY, dict.fromkeys(STAFF, ANY), dict.fromkeys(SCOPES, ANY))


def logged_in() -> AccessRule:
    """One's own things, for whoever is logged in; no programs."""
    return AccessRule(member=OWN, roles=dict.fromkeys(STAFF, OWN))


def member() -> AccessRule:
    """A member's own things, and nobody else's business."""
    return AccessRule(member=OWN)


def books(*roles: Role, scopes: Iterable[Scope] = ()) -> AccessRule:
    """The merchant's own: for these roles, for admins, and for these scopes."""
    return AccessRule(roles=dict.fromkeys((*roles, ADMIN), OWN), scopes=dict.fromkeys(scopes, OWN))


def relayed(*scopes: Scope) -> AccessRule:
    """What a member signed: sent by themselves, by a cashier, or by a program with one of these scopes."""
    return AccessRule(member=OWN, roles={CASHIER: ANY, ADMIN: ANY}, scopes=dict.fromkeys(scopes, ANY))


def seen(*, at_the_till: bool = True) -> AccessRule:
    """What accounts hold and did: a member their own, marketing this merchant's members, the others all, as the chain
    shows them to the merchant; cashiers too, but for what is not for the till."""
    return AccessRule(
        member=OWN,
        roles={CASHIER: ANY if at_the_till else NONE, MARKETING: OTHERS, FINANCE: ANY, AUDITOR: ANY, ADMIN: ANY},
        scopes={Scope.READ: ANY, Scope.COUNTER: ANY},
    )


def reports() -> AccessRule:
    """Settlement, limits and lists over all accounts."""
    return AccessRule(roles={FINANCE: ANY, AUDITOR: ANY, ADMIN: ANY}, scopes={Scope.READ: ANY, Scope.FINANCE: ANY})


class Relations:
    """How far away an object is from a principal.

    `own_msp` is this gateway's merchant. `is_ours(address)` says whether an address is this merchant's member's,
    `knows(person_id)` whether a person (or member of staff) is this gateway's.
    """

    def __init__(self, own_msp: str, is_ours: Callable[[str], bool], knows: Callable[[str], bool]) -> None:
        self._own_msp = own_msp
        self._is_ours = is_ours
        self._knows = knows

    def distance(self, principal: Principal, owner: Owner | None) -> Reach:
        """The reach that is needed: OWN, OTHERS or ANY. No object at all, or nobody's, is as near as one's own."""
        if owner is None or owner == Owner():
            return Reach.OWN
        needed = []
        if owner.address is not None:
            own = isinstance(principal, Member) and owner.address in principal.addresses
            needed.append(Reach.OWN if own else Reach.OTHERS if self._is_ours(owner.address) else Reach.ANY)
        if owner.person_id is not None:
            own = owner.person_id == _person_of(principal)
            needed.append(Reach.OWN if own else Reach.OTHERS if self._knows(owner.person_id) else Reach.ANY)
        if owner.msp_id is not None:
            own = isinstance(principal, Staff | ApiKeyCaller) and owner.msp_id == self._own_msp
            needed.append(Reach.OWN if own else Reach.ANY)
        return max(needed)


def decide(rule: AccessRule, principal: Principal, needed: Reach) -> bool:
    """Whether the principal may, when the object is so far away."""
    return rule.reach(principal) >= needed


def _person_of(principal: Principal) -> str | None:
    match principal:
        case Member():
            return principal.person_id
        case Staff():
            return principal.staff_id
        case ApiKeyCaller():
            return principal.key_id
        case Anonymous():
            return None
