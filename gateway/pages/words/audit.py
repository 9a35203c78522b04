"""What stands in the audit log, in words: what somebody did, and how it ended."""

from __future__ import annotations

from gateway.pages.frame.language import mark
from gateway.pages.frame.page_view import PageView
from gateway.pages.words.deciding import OPERATION_NAMES
from gateway.web.problems import PROBLEMS

ACTION_NAMES = {
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
OBJECTS = {"members": mark("Members")}
"""What something was done to where it has no number."""
OUTCOMES = {
    "OK": mark("Succeeded"),
    "SENT": mark("Submitted"),
    "DONE": mark("Completed"),
    "PENDING": mark("In progress"),
}


def outcome_told(view: PageView, outcome: str) -> str:
    """How something ended, in words; a code that has none stays as it is."""
    if outcome in OUTCOMES:
        return view.say(OUTCOMES[outcome])
    return view.explain(outcome) if outcome in PROBLEMS else outcome
