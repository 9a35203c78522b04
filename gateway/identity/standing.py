"""Whether who made a credential, a webhook or a request may still act: what a person made ends with the person's own
right to make it.

Staff accounts are never deleted (an erased one is DISABLED), so that an id without an account is the command line's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.identity.models import ApiKey, ApiKeySecret, StaffAccount
from gateway.security.principals import Role

ACTIVE = "ACTIVE"


def holds(status: str | None, roles: Collection[str] | None) -> bool:
    """Whether an account of this status and these roles still stands behind what only admins make; None, None: no
    account."""
    return status is None or (status == ACTIVE and Role.ADMIN in (roles or ()))


def stands(session: Session, maker: str, now: int) -> bool:
    """Whether the maker, a member of staff or an API key, may still act."""
    if not maker.startswith("key_"):
        account = session.get(StaffAccount, maker)
        return account is None or account.status == ACTIVE
    key = session.get(ApiKey, maker)
    if key is None or key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return False
    holders = session.execute(
        select(StaffAccount.status, StaffAccount.roles)
        .select_from(ApiKeySecret)
        .outerjoin(StaffAccount, StaffAccount.staff_id == ApiKeySecret.held_by)
        .where(ApiKeySecret.key_id == maker, ApiKeySecret.expires_at.is_(None) | (ApiKeySecret.expires_at > now))
    )
    return any(holds(status, roles) for status, roles in holders)


def makers_of(session: Session, asker: str) -> set[str]:
    """Who can have asked in the asker's name: themself; of an API key whoever made it, and everybody who was ever shown
    a secret of it."""
    key = session.get(ApiKey, asker)
    if key is None:
        return {asker}
    held = session.scalars(select(ApiKeySecret.held_by).where(ApiKeySecret.key_id == asker))
    return {asker, key.created_by, *held}


def names_of(session: Session, makers: Iterable[str]) -> Mapping[str, str]:
    """What people call them, by id: staff by their name, a program by its key's."""
    wanted = set(makers)
    staff = session.execute(select(StaffAccount.staff_id, StaffAccount.name).where(StaffAccount.staff_id.in_(wanted)))
    programs = session.execute(select(ApiKey.key_id, ApiKey.name).where(ApiKey.key_id.in_(wanted)))
    return {str(maker): str(name) for maker, name in (*staff, *programs)}
