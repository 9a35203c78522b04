"""How far whoever made a webhook reaches now."""

from __future__ import annotations

from sqlalchemy.orm import Session

from gateway.access.table import TABLE
from gateway.identity.models import ApiKey, StaffAccount
from gateway.identity.standing import stands
from gateway.security.access_rules import Reach
from gateway.security.principals import ApiKeyCaller, Role, Scope, Staff


def reach_of(session: Session, maker: str, endpoint: str, now: int) -> Reach:
    """How far the maker reaches at an endpoint of the API now; NONE when it may act no more. An id without an account
    is the command line's: ANY."""
    if not stands(session, maker, now):
        return Reach.NONE
    rule = TABLE[endpoint]
    if maker.startswith("key_"):
        key = session.get_one(ApiKey, maker)
        scopes = frozenset(Scope(scope) for scope in key.scopes)
        return rule.reach(ApiKeyCaller(maker, scopes, key.created_by, key.requests_per_minute))
    account = session.get(StaffAccount, maker)
    if account is None:
        return Reach.ANY
    return rule.reach(Staff(maker, "", 0, frozenset(Role(role) for role in account.roles)))
