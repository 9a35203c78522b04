"""Staff: invitations, roles, the last admin."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

from gateway.core.errors import GatewayError
from gateway.identity.holders import STAFF
from gateway.identity.sessions import LoginOrigin
from gateway.security.principals import Role, Staff
from tests.scenes.people import PASSWORD, PeopleScene
from tests.scenes.refusals import refused

HERE = LoginOrigin("a browser", "192.0.2.1")


def test_the_first_admin_comes_from_the_command_line(world: PeopleScene) -> None:
    invitation = world.people.staff.first_admin("root@example.org", "Root")
    again = world.people.staff.first_admin("root@example.org", "Root")
    with refused("CODE_REFUSED"):
        world.people.staff.accept(invitation.invitation_id, invitation.code, PASSWORD, HERE)
    world.people.staff.accept(again.invitation_id, again.code, PASSWORD, HERE)
    with refused("STAFF_EXISTS"):
        world.people.staff.first_admin("other@example.org", "Other")
    assert invitation.code not in repr(invitation)


def test_invited_with_roles(world: PeopleScene) -> None:
    admin = world.admin()
    cashier = world.staff(admin, "mei@example.org", Role.CASHIER, Role.MARKETING)
    row = world.people.staff.get(cashier.staff_id)
    assert (row.status, row.roles, row.invited_by) == ("ACTIVE", ["cashier", "marketing"], admin.staff_id)
    session = world.people.log_in.log_in(STAFF, "mei@example.org", PASSWORD, HERE)
    assert session.session.holder_id == cashier.staff_id
    with refused("STAFF_EXISTS"):
        world.people.staff.invite(admin, "mei@example.org", "Mei", [Role.ADMIN], "en")
    with refused("CONTACT_INVALID"):
        world.people.staff.invite(admin, "13800138000", "Mei", [Role.ADMIN], "en")
    assert [one.action for one in world.people.audit.rows()][:2] == ["acceptInvitation", "inviteStaff"]


def test_who_has_not_come_cannot_log_in_or_recover(world: PeopleScene) -> None:
    world.people.staff.invite(world.admin(), "mei@example.org", "Mei", [Role.CASHIER], "zh")
    with refused("LOGIN_REFUSED"):
        world.people.log_in.log_in(STAFF, "mei@example.org", PASSWORD, HERE)
    world.people.log_in.begin_recovery(STAFF, "mei@example.org", "en", HERE)
    assert "no account" in world.letters.newest("mei@example.org")


def test_members_and_staff_are_apart(world: PeopleScene) -> None:
    world.admin()
    world.register("root@example.org")
    with refused("LOGIN_REFUSED"):
        world.people.log_in.log_in(STAFF, "lin@example.org", PASSWORD, HERE)
    session = world.people.log_in.log_in(STAFF, "root@example.org", PASSWORD, HERE)
    assert session.session.holder_kind == STAFF


def test_other_roles_end_the_sessions(world: PeopleScene) -> None:
    admin = world.admin()
    mei = world.staff(admin, "mei@example.org", Role.CASHIER)
    session = world.people.log_in.log_in(STAFF, "mei@example.org", PASSWORD, HERE)
    world.people.staff.set_roles(admin, mei.staff_id, [Role.FINANCE])
    assert world.people.sessions.find(session.token) is None
    assert world.people.staff.get(mei.staff_id).roles == ["finance"]
    with refused("SAME_PERSON"):
        world.people.staff.set_roles(admin, admin.staff_id, [Role.ADMIN, Role.FINANCE])


def test_disabled_enabled_erased(world: PeopleScene) -> None:
    admin = world.admin()
    mei = world.staff(admin, "mei@example.org", Role.CASHIER)
    session = world.people.log_in.log_in(STAFF, "mei@example.org", PASSWORD, HERE)
    with refused("STAFF_ACTIVE"):
        world.people.staff.erase(admin, mei.staff_id)
    with refused("STAFF_EXISTS"):
        world.people.staff.enable(admin, mei.staff_id)
    world.people.staff.disable(admin, mei.staff_id)
    assert world.people.sessions.find(session.token) is None
    with refused("LOGIN_REFUSED"):
        world.people.log_in.log_in(STAFF, "mei@example.org", PASSWORD, HERE)
    world.people.staff.enable(admin, mei.staff_id)
    world.people.log_in.log_in(STAFF, "mei@example.org", PASSWORD, HERE)
    world.people.staff.disable(admin, mei.staff_id)
    world.people.staff.erase(admin, mei.staff_id)
    row = world.people.staff.get(mei.staff_id)
    assert (row.name, row.email, row.password_hash) == ("–", f"{mei.staff_id}@erased.invalid", None)
    with refused("STAFF_EXISTS"):
        world.people.staff.enable(admin, mei.staff_id)
    assert world.people.audit.verify().broken is None
    details = " ".join(str(one.details) + one.object_id for one in world.people.audit.rows())
    assert "mei@" not in details


def test_two_admins_who_disable_each_other_at_once(world: PeopleScene) -> None:
    admin = world.admin()
    other = world.staff(admin, "mei@example.org", Role.ADMIN)

    def disable(pair: tuple[Staff, str]) -> str:
        try:
            world.people.staff.disable(*pair)
        except GatewayError as error:
            return error.code
        return "OK"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(disable, [(admin, other.staff_id), (other, admin.staff_id)]))
    assert answers == ["LAST_ADMIN", "OK"]


def test_the_last_admin_keeps_the_role(world: PeopleScene) -> None:
    admin = world.admin()
    outsider = Staff("stf_other", "ses_x", 0, frozenset({Role.ADMIN}))
    with refused("LAST_ADMIN"):
        world.people.staff.set_roles(outsider, admin.staff_id, [Role.CASHIER])
    with refused("LAST_ADMIN"):
        world.people.staff.disable(outsider, admin.staff_id)
    with refused("OBJECT_UNKNOWN"):
        world.people.staff.disable(admin, "stf_none")


def test_an_invitation_ends(world: PeopleScene) -> None:
    admin = world.admin()
    world.people.staff.invite(admin, "mei@example.org", "Mei", [Role.CASHIER], "en")
    text = world.letters.newest("mei@example.org")
    invitation = re.findall(r"otc_\w+", text)[-1]
    with refused("PASSWORD_WEAK"):
        world.people.staff.accept(invitation, world.letters.code("mei@example.org"), "mei@example.org", HERE)
    world.clock.turn(world.people.settings.codes.invitation_seconds)
    with refused("CODE_REFUSED"):
        world.people.staff.accept(invitation, world.letters.code("mei@example.org"), PASSWORD, HERE)
