"""The one table of access: each endpoint by its name, and how far each kind of principal reaches there.

Whoever is not named reaches nothing. OWN is one's own object (a member's account, the merchant's own books for staff),
OTHERS this merchant's members and theirs, ANY everything. The tests of access are made from this table, and a gateway
whose endpoints are not the table's does not start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.operations.records import RECORDS
from gateway.security.access_rules import (
    ADMIN,
    ANY,
    AUDITOR,
    CASHIER,
    FINANCE,
    MARKETING,
    OTHERS,
    OWN,
    SCOPES,
    STAFF,
    AccessRule,
    books,
    everybody,
    logged_in,
    member,
    reports,
    seen,
)
from gateway.security.principals import Scope

OPERATIONS: Mapping[str, AccessRule] = {
    **{record.endpoint: record.access for record in RECORDS.values()},
    # Each line is held to the rule of its own operation.
    "submitBulk": AccessRule(
        roles=dict.fromkeys((CASHIER, MARKETING, FINANCE, ADMIN), OWN),
        scopes=dict.fromkeys((Scope.COUNTER, Scope.RELAY, Scope.ISSUE, Scope.FINANCE), OWN),
    ),
    "getSubmission": AccessRule(
        member=OWN, roles=dict.fromkeys(STAFF, ANY), scopes={scope: ANY for scope in SCOPES if scope != Scope.WEBHOOKS}
    ),
}

QUERIES: Mapping[str, AccessRule] = {
    **dict.fromkeys(
        (
            "getConsortium",
            "getCurrentWindow",
            "getMerchant",
            "getClass",
            "getRate",
            "getSupply",
            "listMerchants",
            "listClasses",
            "listRates",
        ),
        everybody(),
    ),
    **dict.fromkeys(
        (
            "getMember",
            "getRebind",
            "getBalance",
            "getAllowance",
            "getRedemption",
            "listAllowances",
            "listRedemptions",
        ),
        seen(),
    ),
    # Who works at a till alone does not read an open reservation's order here, nor in events or blocks: its member
    # shows it.
    **dict.fromkeys(("getHold", "getReceipt", "listHolds", "followEvents"), seen(at_the_till=False)),
    **dict.fromkeys(
        (
            "getProposal",
            "listProposals",
            "getDispute",
            "listDisputes",
            "getIssuance",
            "getLimit",
            "getSlices",
            "getCover",
            "getFundShare",
            "getAcceptanceFee",
            "listAcceptanceFees",
            "getMatrix",
            "getStatement",
            "getWindow",
            "getPosition",
            "listMembers",
            "listRebinds",
            "listBalances",
            "listLimits",
            "listPositions",
            "listWindows",
            "listMatrix",
            "listStatements",
            "listDefaults",
        ),
        reports(),
    ),
}

PROJECTION: Mapping[str, AccessRule] = {
    **dict.fromkeys(("getProjection", "listClassSupplies", "getClassSupply", "getClassFlows"), everybody()),
    # The chain of hashes and who may sign are for everybody to check; they hold nothing of anybody's.
    **dict.fromkeys(("listHeaders", "getAuthorities", "getConfigurationEvidence"), everybody()),
    **dict.fromkeys(
        (
            "getAccount",
            "listAccountHistory",
            "listAccountMovements",
            "listAccountRedemptions",
            "listAccountHolds",
            "traceBucket",
            "traceMovement",
            "traceRedemption",
            "getRedemptionDetail",
            "getHoldDetail",
            "findReceipt",
        ),
        seen(),
    ),
    "getAccountEvidence": seen(at_the_till=False),
    # By an order's reference, for a refund at the counter.
    **dict.fromkeys(
        ("listAllRedemptions", "listAllHolds"),
        AccessRule(
            roles={CASHIER: ANY, FINANCE: ANY, AUDITOR: ANY, ADMIN: ANY},
            scopes={Scope.READ: ANY, Scope.FINANCE: ANY, Scope.COUNTER: ANY},
        ),
    ),
    "getCounterTotals": books(CASHIER, FINANCE, AUDITOR, scopes=[Scope.COUNTER]),
    **dict.fromkeys(
        (
            "listHistory",
            "traceIssuance",
            "listMemberAccounts",
            "listCutWindows",
            "listAllDisputes",
            "getSettlementWindow",
            "listWindowMatrix",
            "listWindowPositions",
            "listWindowEntries",
            "listWindowStatements",
            "getWindowStatement",
            "getMatrixReport",
            "getStatementReport",
            "getRollForward",
            "getRollForwardByBlocks",
            "getAgeingReport",
            "getBreakageReport",
            "getExposureReport",
            "getJournal",
            "listOperations",
            "getOperation",
            "listBlocks",
            "getEvidence",
        ),
        reports(),
    ),
}

WEBHOOKS: Mapping[str, AccessRule] = dict.fromkeys(
    (
        "createWebhook",
        "listWebhooks",
        "getWebhook",
        "updateWebhook",
        "deleteWebhook",
        "rotateWebhookSecret",
        "testWebhook",
        "replayWebhook",
        "listWebhookMessages",
        "getWebhookMessage",
        "resendWebhookMessage",
        "resendDeadWebhookMessages",
    ),
    # An admin sees to those that programs made too; a program to its own.
    AccessRule(roles={ADMIN: OTHERS}, scopes={Scope.WEBHOOKS: OWN}),
)

DESCRIPTION: Mapping[str, AccessRule] = dict.fromkeys(
    ("getLiveness", "getReadiness", "getMetrics", "getOpenApi", "getApiPage"), everybody()
)

PEOPLE: Mapping[str, AccessRule] = {
    **dict.fromkeys(
        (
            "beginRegistration",
            "finishRegistration",
            "logIn",
            "logInStaff",
            "beginPasskeyLogIn",
            "finishPasskeyLogIn",
            "beginRecovery",
            "finishRecovery",
            "acceptInvitation",
            "getSession",
        ),
        everybody(),
    ),
    **dict.fromkeys(
        (
            "logOut",
            "listSessions",
            "endSession",
            "endOtherSessions",
            "proveByPassword",
            "proveByPasskey",
            "changePassword",
            "beginPasskey",
            "finishPasskey",
            "listPasskeys",
            "renamePasskey",
            "removePasskey",
            "readQrPicture",
        ),
        logged_in(),
    ),
    **dict.fromkeys(
        (
            "getMe",
            "updateMe",
            "exportMe",
            "eraseMe",
            "beginContactChange",
            "finishContactChange",
            "beginLink",
            "finishLink",
            "listMyAddresses",
            "storeWrappedKey",
            "getWrappedKey",
            "createCustodialKey",
            "enrolCustodialKey",
            "enrolOwnKey",
            "leaveNote",
            "listNotes",
            "createCounterCode",
            "signAndSubmit",
            "claimLegacyCard",
            "listLegacyClaims",
            "withdrawLegacyPoints",
            "depositLegacyPoints",
        ),
        member(),
    ),
    # A note is sealed for the key of whoever is sent something; the key says no more than the address, which is made
    # from it.
    "getPublicKey": AccessRule(member=ANY),
    "findPerson": AccessRule(
        roles={CASHIER: OTHERS, ADMIN: OTHERS}, scopes={Scope.PEOPLE: OTHERS, Scope.COUNTER: OTHERS}
    ),
    "getPerson": AccessRule(member=OWN, roles={ADMIN: OTHERS}, scopes={Scope.PEOPLE: OTHERS}),
    "listPeople": books(FINANCE, AUDITOR),
    "signAtCounter": AccessRule(roles={CASHIER: OTHERS, ADMIN: OTHERS}, scopes={Scope.COUNTER: OTHERS}),
    # Both show the merchants' bank accounts, and the entries of this one's own.
    "orderPayments": books(FINANCE, scopes=[Scope.FINANCE]),
    "matchBankStatements": books(FINANCE, scopes=[Scope.FINANCE]),
    "loadLegacyFile": books(FINANCE),
    "listLegacyImports": books(FINANCE, AUDITOR),
    "getLegacyImport": books(FINANCE, AUDITOR),
    "confirmLegacyImport": books(FINANCE),
    "withdrawLegacyImport": books(FINANCE),
    "inviteStaff": books(),
    "listStaff": books(AUDITOR),
    "getStaff": AccessRule(roles={**dict.fromkeys(STAFF, OWN), AUDITOR: OTHERS, ADMIN: OTHERS}),
    "setStaffRoles": AccessRule(roles={ADMIN: OTHERS}),
    "disableStaff": AccessRule(roles={ADMIN: OTHERS}),
    "enableStaff": AccessRule(roles={ADMIN: OTHERS}),
    "eraseStaff": AccessRule(roles={ADMIN: OTHERS}),
    # Who asked takes their own request back; who may decide is said for each action in gateway.oversight.approvals.
    "listApprovals": books(CASHIER, MARKETING, FINANCE, AUDITOR),
    "getApproval": books(CASHIER, MARKETING, FINANCE, AUDITOR),
    "confirmApproval": books(FINANCE),
    "rejectApproval": books(CASHIER, MARKETING, FINANCE),
    "createApiKey": books(),
    "listApiKeys": books(AUDITOR),
    "getApiKey": books(AUDITOR),
    "rotateApiKey": books(),
    "revokeApiKey": books(),
    "listAudit": books(AUDITOR),
    "getAuditHead": books(AUDITOR),
    "verifyAudit": books(AUDITOR),
}

TABLE: Mapping[str, AccessRule] = {**OPERATIONS, **QUERIES, **PROJECTION, **WEBHOOKS, **DESCRIPTION, **PEOPLE}
"""Every endpoint."""


def check_table(endpoints: Iterable[str]) -> None:
    """Raises ValueError, with the names, unless the endpoints are exactly the table's."""
    names = set(endpoints)
    faults = [
        *(f"{name} has no rule" for name in sorted(names - set(TABLE))),
        *(f"{name} is no endpoint" for name in sorted(set(TABLE) - names)),
    ]
    if faults:
        raise ValueError(f"the table of access and the endpoints are not the same: {'; '.join(faults)}")
