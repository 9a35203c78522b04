"""What the roles of staff and the scopes of API keys are called."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.pages.words.marking import mark
from gateway.security.principals import Role, Scope

ROLES: Mapping[Role, str] = {
    Role.CASHIER: mark("Cashier"),
    Role.MARKETING: mark("Marketing"),
    Role.FINANCE: mark("Finance"),
    Role.AUDITOR: mark("Auditor"),
    Role.ADMIN: mark("Administrator"),
}
SCOPES: Mapping[Scope, str] = {
    Scope.READ: mark("Ask the ledger"),
    Scope.COUNTER: mark("A till or shop: enrol, accrue, redeem, refund"),
    Scope.RELAY: mark("Hand over what members signed"),
    Scope.ISSUE: mark("Define classes, issue points"),
    Scope.FINANCE: mark("Limits, imports, settlement"),
    Scope.PEOPLE: mark("Members as persons"),
    Scope.WEBHOOKS: mark("Webhooks"),
}
