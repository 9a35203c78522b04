"""Staff accounts."""

from __future__ import annotations

from chaincode.spec.kernel import keys
from gateway.identity.api.common import ID_PATTERN, login_origin, of_merchant, require_fresh, session_answer
from gateway.identity.models import StaffAccount
from gateway.identity.schemas import SessionGiven
from gateway.security.guard import Owner
from gateway.staff.schemas import InvitationProof, RolesGiven, StaffInvitation, StaffShown
from gateway.web.endpoints import Answer, Call, Page, Subject

subject = Subject("staff", "Staff: accounts and roles")

STAFF_ID = {"staff_id": ID_PATTERN}
CHANGE_CODES = ("SAME_PERSON", "LAST_ADMIN", "LOGIN_TOO_OLD")


def to_response(row: StaffAccount) -> StaffShown:
    """An account as admins see it."""
    return StaffShown.model_validate(row)


def account_of(call: Call[object]) -> Owner:
    """Whose account it is."""
    return Owner(person_id=call.path["staff_id"])


@subject.post(
    "/staff",
    name="inviteStaff",
    summary="Invites a member of staff by a letter",
    body=StaffInvitation,
    answers={201: StaffShown},
    codes=["STAFF_EXISTS", "CONTACT_INVALID", "MESSAGE_NOT_SENT", "LOGIN_TOO_OLD"],
    owner=of_merchant,
)
def invite_staff(call: Call[StaffInvitation]) -> Answer:
    """The log-in must be fresh. Invited again, the letter before is worth nothing."""
    require_fresh(call)
    body = call.body
    gateway = call.gateway
    known = gateway.people.document(keys.merchant(gateway.msp_id))
    row = gateway.people.staff.invite(
        call.principal,
        body.email,
        body.name,
        body.roles,
        body.locale,
        merchant=known["name"] if known else gateway.msp_id,
        site=(gateway.settings.http.public_url or call.request.host_url).rstrip("/"),
    )
    return Answer(201, to_response(row))


@subject.post(
    "/staff-invitations/{code_id}/accept",
    name="acceptInvitation",
    summary="Takes an invitation",
    body=InvitationProof,
    answers={201: SessionGiven},
    codes=["CODE_REFUSED", "PASSWORD_WEAK"],
    path_patterns={"code_id": ID_PATTERN},
)
def accept_invitation(call: Call[InvitationProof]) -> Answer:
    """Logs in at once."""
    made = call.gateway.people.staff.accept(
        call.path["code_id"], call.body.code, call.body.password, login_origin(call)
    )
    return session_answer(call, made)


@subject.get(
    "/staff", name="listStaff", summary="All staff accounts", answers={200: Page[StaffShown]}, owner=of_merchant
)
def list_staff(call: Call[None]) -> Answer:
    """Oldest first."""
    return Answer(200, Page[StaffShown](items=[to_response(row) for row in call.gateway.people.staff.list()]))


@subject.get(
    "/staff/{staff_id}",
    name="getStaff",
    summary="A staff account",
    answers={200: StaffShown},
    owner=account_of,
    path_patterns=STAFF_ID,
)
def get_staff(call: Call[None]) -> Answer:
    """One's own, or any for admins and auditors."""
    return Answer(200, to_response(call.gateway.people.staff.get(call.path["staff_id"])))


@subject.put(
    "/staff/{staff_id}/roles",
    name="setStaffRoles",
    summary="Gives an account other roles; its sessions end",
    body=RolesGiven,
    answers={200: StaffShown},
    codes=CHANGE_CODES,
    owner=account_of,
    path_patterns=STAFF_ID,
)
def set_staff_roles(call: Call[RolesGiven]) -> Answer:
    """The log-in must be fresh; nobody changes their own."""
    require_fresh(call)
    return Answer(
        200, to_response(call.gateway.people.staff.set_roles(call.principal, call.path["staff_id"], call.body.roles))
    )


@subject.post(
    "/staff/{staff_id}/disable",
    name="disableStaff",
    summary="Lets an account in no more",
    answers={200: StaffShown},
    codes=CHANGE_CODES,
    owner=account_of,
    path_patterns=STAFF_ID,
)
def disable_staff(call: Call[None]) -> Answer:
    """Its sessions end at once."""
    require_fresh(call)
    return Answer(200, to_response(call.gateway.people.staff.disable(call.principal, call.path["staff_id"])))


@subject.post(
    "/staff/{staff_id}/enable",
    name="enableStaff",
    summary="Lets a disabled account in again",
    answers={200: StaffShown},
    codes=[*CHANGE_CODES, "STAFF_EXISTS"],
    owner=account_of,
    path_patterns=STAFF_ID,
)
def enable_staff(call: Call[None]) -> Answer:
    """With the password that it had."""
    require_fresh(call)
    return Answer(200, to_response(call.gateway.people.staff.enable(call.principal, call.path["staff_id"])))


@subject.delete(
    "/staff/{staff_id}",
    name="eraseStaff",
    summary="Takes name, address and passkeys out of a disabled account",
    answers={204: None},
    codes=["STAFF_ACTIVE", "LOGIN_TOO_OLD"],
    owner=account_of,
    path_patterns=STAFF_ID,
)
def erase_staff(call: Call[None]) -> Answer:
    """Its id stays in the audit log."""
    require_fresh(call)
    call.gateway.people.staff.erase(call.principal, call.path["staff_id"])
    return Answer(204)
