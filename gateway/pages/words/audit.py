"""What the entries of the audit log are called: what somebody did, to what, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.pages.words.marking import mark
from gateway.pages.words.operations import OPERATION_NAMES

ACTION_NAMES: Mapping[str, str] = {
    **OPERATION_NAMES,
    "acceptInvitation": mark("Accept an invitation"),
    "confirmApproval": mark("Confirm a request"),
    "confirmLegacyImport": mark("Confirm a file of old cards"),
    "createApiKey": mark("Create an API key"),
    "createWebhook": mark("Create a webhook"),
    "deleteWebhook": mark("Delete a webhook"),
    "disableStaff": mark("Disable a staff account"),
    "enableStaff": mark("Enable a staff account"),
    "erasePerson": mark("Erase a member’s data"),
    "eraseStaff": mark("Erase a staff account"),
    "findPerson": mark("Search for a member"),
    "getPerson": mark("Look at a member"),
    "inviteStaff": mark("Invite staff"),
    "listPeople": mark("Look at the list of members"),
    "loadLegacyFile": mark("Load a file of old cards"),
    "orderPayments": mark("Order payments of the bank"),
    "rejectApproval": mark("Reject a request"),
    "replayWebhook": mark("Replay a webhook"),
    "requestApproval": mark("Ask for a second person"),
    "resendDeadWebhookMessages": mark("Send failed webhook messages again"),
    "resendWebhookMessage": mark("Send a webhook message again"),
    "revokeApiKey": mark("Revoke an API key"),
    "rotateApiKey": mark("Rotate an API key"),
    "rotateWebhookSecret": mark("Rotate a webhook’s secret"),
    "setStaffRoles": mark("Change roles of staff"),
    "testWebhook": mark("Test a webhook"),
    "updateWebhook": mark("Change a webhook"),
    "withdrawLegacyImport": mark("Withdraw a file of old cards"),
}
COMMAND_LINE = mark("Command line")
"""Who acted where no account of staff and no key did."""
OBJECTS: Mapping[str, str] = {"members": mark("Members")}
"""What something was done to where it has no number."""
OUTCOMES: Mapping[str, str] = {
    "OK": mark("Succeeded"),
    "SENT": mark("Submitted"),
    "DONE": mark("Completed"),
    "PENDING": mark("In progress"),
}
