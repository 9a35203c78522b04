"""A member's own data, and the little of it that staff see."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from gateway.core.errors import GatewayError
from gateway.identity.api.common import (
    ID_PATTERN,
    code_sent,
    cookie,
    login_origin,
    member_of,
    of_merchant,
    require_fresh,
)
from gateway.identity.api.sessions import LETTER_CODES
from gateway.identity.contacts import contact_of, masked, parse_contact
from gateway.identity.holders import PERSON
from gateway.identity.models import Person
from gateway.identity.schemas import (
    ContactCodesSent,
    ContactProof,
    ContactRequest,
    ErasureRequest,
    MembersPage,
    PersonExport,
    PersonFound,
    PersonSearch,
    PersonShown,
    PersonUpdate,
)
from gateway.members.directory import Order
from gateway.security.guard import Owner
from gateway.web.endpoints import Answer, Call, Subject
from gateway.web.reading import CODES, BlockQuery, filters_of, projection_of

subject = Subject("people", "People: a member's own data")


def to_response(call: Call[Any], row: Person) -> PersonShown:
    """A person as they see themselves."""
    people = call.gateway.people
    return PersonShown(
        person_id=row.person_id,
        email=row.email,
        phone=row.phone,
        name=row.name,
        locale=row.locale,
        has_password=row.password_hash is not None,
        custodial_address=people.custody.address(row.person_id),
        addresses=[one.address for one in people.wallets.addresses(row.person_id)],
        created_at=row.created_at,
    )


def found_response(call: Call[Any], row: Person) -> PersonFound:
    """A person as staff see them."""
    people = call.gateway.people
    return PersonFound(
        person_id=row.person_id,
        name=row.name,
        contact=masked(contact_of(row.email or row.phone or "")),
        addresses=[one.address for one in people.wallets.addresses(row.person_id)],
        custodial_address=people.custody.address(row.person_id),
    )


@subject.get("/me", name="getMe", summary="The caller's own data", answers={200: PersonShown})
def get_me(call: Call[None]) -> Answer:
    """What they can change, and what is linked to them."""
    return Answer(200, to_response(call, call.gateway.people.members.get(member_of(call).person_id)))


@subject.put("/me", name="updateMe", summary="Name and language", body=PersonUpdate, answers={200: PersonShown})
def update_me(call: Call[PersonUpdate]) -> Answer:
    """Contacts are changed by contact-changes."""
    row = call.gateway.people.members.update(member_of(call).person_id, name=call.body.name, locale=call.body.locale)
    return Answer(200, to_response(call, row))


@subject.get(
    "/me/export",
    name="exportMe",
    summary="All that the gateway has about the caller",
    answers={200: PersonExport},
    codes=["LOGIN_TOO_OLD"],
)
def export_me(call: Call[None]) -> Answer:
    """The log-in must be fresh."""
    require_fresh(call)
    document = PersonExport(**call.gateway.people.members.export(member_of(call).person_id))
    return Answer(200, document, {"Content-Disposition": 'attachment; filename="jifen-export.json"'})


@subject.post(
    "/me/erasure",
    name="eraseMe",
    summary="Erases the caller's account and data; the ledger is not touched",
    body=ErasureRequest,
    answers={204: None},
    codes=["LOGIN_TOO_OLD", "CUSTODY_HAS_POINTS"],
)
def erase_me(call: Call[ErasureRequest]) -> Answer:
    """The log-in must be fresh."""
    require_fresh(call)
    member = member_of(call)
    call.gateway.people.members.erase(member, member.person_id, abandon_points=call.body.abandon_points)
    return Answer(204, headers={"Set-Cookie": cookie(call, "", 0)})


@subject.post(
    "/contact-changes",
    name="beginContactChange",
    summary="Asks for another contact: codes are sent to the old one and the new one",
    body=ContactRequest,
    answers={202: ContactCodesSent},
    codes=[*LETTER_CODES, "LOGIN_TOO_OLD"],
)
def begin_contact_change(call: Call[ContactRequest]) -> Answer:
    """The log-in must be fresh."""
    require_fresh(call)
    change = call.gateway.people.contact_change.begin(member_of(call).person_id, call.body.contact, login_origin(call))
    return Answer(202, ContactCodesSent(old=code_sent(change.old), new=code_sent(change.new)))


@subject.post(
    "/contact-changes/confirm",
    name="finishContactChange",
    summary="Changes the contact, with both codes; the other sessions end",
    body=ContactProof,
    answers={204: None},
    codes=["CODE_REFUSED"],
)
def finish_contact_change(call: Call[ContactProof]) -> Answer:
    """The old contact is told."""
    member, body = member_of(call), call.body
    call.gateway.people.contact_change.finish(
        member.person_id, member.session_id, (body.old.code_id, body.old.code), (body.new.code_id, body.new.code)
    )
    return Answer(204)


@subject.post(
    "/people/search",
    name="findPerson",
    summary="A member by the contact that they told at the counter",
    body=PersonSearch,
    answers={200: PersonFound},
    codes=["CONTACT_INVALID", "OBJECT_UNKNOWN"],
    writes=False,
)
def find_person(call: Call[PersonSearch]) -> Answer:
    """Each look stands in the audit log, also one that finds nobody."""
    people = call.gateway.people
    account = people.accounts.find(PERSON, parse_contact(call.body.contact, people.settings.default_region))
    if account is None:
        people.audit.record(call.principal, "findPerson", "nobody", outcome="OBJECT_UNKNOWN")
        raise GatewayError("OBJECT_UNKNOWN", "no member has this contact")
    row = people.members.get(account.holder.id)
    people.audit.record(call.principal, "findPerson", row.person_id)
    return Answer(200, found_response(call, row))


class PeopleQuery(BlockQuery):
    """Which members, in which order, which page."""

    search: str | None = Field(
        default=None,
        pattern=r"^[^\x00-\x1f\x7f]{1,80}$",
        description="Part of a name, or of an address its beginning or its two ends.",
    )
    status: Literal["ACTIVE", "FROZEN", "CLOSED"] | None = None
    order: Order = "joined"
    descending: bool = True
    page: int = Field(default=1, ge=1, le=1_000_000)
    limit: int = Field(default=50, ge=1, le=500, description="Rows a page.")


@subject.get(
    "/people",
    name="listPeople",
    summary="This merchant's members: name, balance, when they joined and last came",
    query=PeopleQuery,
    answers={200: MembersPage},
    codes=CODES,
    owner=of_merchant,
)
def list_people(call: Call[None]) -> Answer:
    """Pages are counted from 1. Each look stands in the audit log."""
    call.gateway.people.audit.record(call.principal, "listPeople", "members", details={"page": call.query.page})
    projection_of(call)  # waits for the block that is asked for
    return Answer(200, call.gateway.directory.members(call.gateway.msp_id, **filters_of(call)))


@subject.get(
    "/people/{person_id}",
    name="getPerson",
    summary="A member as staff see them",
    answers={200: PersonFound},
    owner=lambda call: Owner(person_id=call.path["person_id"]),
    path_patterns={"person_id": ID_PATTERN},
)
def get_person(call: Call[None]) -> Answer:
    """Each look of others than themselves stands in the audit log."""
    row = call.gateway.people.members.get(call.path["person_id"])
    if call.principal.id != row.person_id:
        call.gateway.people.audit.record(call.principal, "getPerson", row.person_id)
    return Answer(200, found_response(call, row))
