"""The one table of access: each endpoint by its name, and how far each kind of principal reaches there.

Whoever is not named reaches nothing. OWN is one's own object (a member's account, the merchant's own books for staff), OTHERS this merchant's members and theirs,
ANY everything. The tests of access are made from this table, and a gateway whose endpoints are not the table's does not start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.security.access_rules import Reach, Rule
from gateway.security.principals import Role, Scope

NONE, OWN, OTHERS, ANY = Reach.NONE, Reach.OWN, Reach.OTHERS, Reach.ANY
CASHIER, MARKETING, FINANCE, AUDITOR, ADMIN = Role.CASHIER, Role.MARKETING, Role.FINANCE, Role.AUDITOR, Role.ADMIN
STAFF = tuple(Role)
SCOPES = tuple(Scope)


def everybody() -> Rule:
    """Public."""
    return Rule(ANY, ANY, dict.fromkeys(STAFF, ANY), dict.fromkeys(SCOPES, ANY))


def logged_in() -> Rule:
    """One's own things, for whoever is logged in; no programs."""
    return Rule(member=OWN, roles=dict.fromkeys(STAFF, OWN))


def member() -> Rule:
    """A member's own things, and nobody else's business."""
    return Rule(member=OWN)


def books(*roles: Role, scopes: Iterable[Scope] = ()) -> Rule:
    """The merchant's own: for these roles, for admins, and for these scopes."""
    return Rule(roles=dict.fromkeys((*roles, ADMIN), OWN), scopes=dict.fromkeys(scopes, OWN))


def relayed(*scopes: Scope) -> Rule:
    """What a member signed: sent by herself, by a cashier, or by a program with one of these scopes."""
    return Rule(member=OWN, roles={CASHIER: ANY, ADMIN: ANY}, scopes=dict.fromkeys(scopes, ANY))


def seen(*, at_the_till: bool = True) -> Rule:
    """What accounts hold and did: a member their own, marketing this merchant's members, the others all, as the chain
    shows them to the merchant; cashiers too, but for what is not for the till."""
    return Rule(
        member=OWN,
        roles={CASHIER: ANY if at_the_till else NONE, MARKETING: OTHERS, FINANCE: ANY, AUDITOR: ANY, ADMIN: ANY},
        scopes={Scope.READ: ANY, Scope.COUNTER: ANY},
    )


def reports() -> Rule:
    """Settlement, limits and lists over all accounts."""
    return Rule(roles={FINANCE: ANY, AUDITOR: ANY, ADMIN: ANY}, scopes={Scope.READ: ANY, Scope.FINANCE: ANY})


OPERATIONS: Mapping[str, Rule] = {
    "openConsortium": books(),
    "registerMerchant": books(),
    "joinConsortium": books(),
    "setMerchantStatus": books(),
    "setLimits": books(FINANCE, scopes=[Scope.FINANCE]),
    "refillLimit": books(FINANCE, scopes=[Scope.FINANCE]),
    "defineClass": books(MARKETING, scopes=[Scope.ISSUE]),
    "updateClass": books(MARKETING, scopes=[Scope.ISSUE]),
    "setRate": books(MARKETING, scopes=[Scope.ISSUE]),
    "enrollMember": books(CASHIER, scopes=[Scope.COUNTER]),
    "setMemberStatus": books(),
    "moveHome": relayed(Scope.COUNTER),
    "issue": books(MARKETING, scopes=[Scope.ISSUE]),
    "accrue": books(CASHIER, scopes=[Scope.COUNTER]),
    "reverseIssue": books(FINANCE, scopes=[Scope.FINANCE]),
    "transfer": relayed(Scope.COUNTER, Scope.RELAY),
    "approve": relayed(Scope.COUNTER, Scope.RELAY),
    "transferFrom": relayed(Scope.COUNTER, Scope.RELAY),
    "mergeAccounts": relayed(Scope.COUNTER, Scope.RELAY),
    # Relaying one of these is the merchant's consent to the order, so it takes a till, or a member of this gateway.
    "redeem": relayed(Scope.COUNTER),
    "exchange": relayed(Scope.COUNTER),
    "depositFromWallet": relayed(Scope.COUNTER),
    "refund": books(CASHIER, scopes=[Scope.COUNTER]),
    "hold": relayed(Scope.COUNTER, Scope.RELAY),
    "capture": books(CASHIER, scopes=[Scope.COUNTER]),
    "release": relayed(Scope.COUNTER, Scope.RELAY),
    "expire": books(FINANCE, scopes=[Scope.FINANCE]),
    "importBalances": books(FINANCE, scopes=[Scope.FINANCE]),
    # Here the merchant vouches for the owner of an old card: members go through withdrawLegacyPoints, which asks for their proof.
    "withdrawToWallet": books(scopes=[Scope.FINANCE]),
    "cutWindow": books(FINANCE, scopes=[Scope.FINANCE]),
    "closeWindow": books(FINANCE, scopes=[Scope.FINANCE]),
    "acceptStatement": books(FINANCE, scopes=[Scope.FINANCE]),
    "recordPayment": books(FINANCE, scopes=[Scope.FINANCE]),
    "confirmPayment": books(FINANCE, scopes=[Scope.FINANCE]),
    "sweep": books(FINANCE, scopes=[Scope.FINANCE]),
    # Each line is held to the rule of its own operation.
    "submitBulk": Rule(
        roles=dict.fromkeys((CASHIER, MARKETING, FINANCE, ADMIN), OWN),
        scopes=dict.fromkeys((Scope.COUNTER, Scope.RELAY, Scope.ISSUE, Scope.FINANCE), OWN),
    ),
    "getSubmission": Rule(
        member=OWN, roles=dict.fromkeys(STAFF, ANY), scopes={scope: ANY for scope in SCOPES if scope != Scope.WEBHOOKS}
    ),
}

QUERIES: Mapping[str, Rule] = {
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
            "getBalance",
            "getAllowance",
            "getRedemption",
            "listAllowances",
            "listRedemptions",
        ),
        seen(),
    ),
    # Who works at a till alone does not read an open reservation's order here, nor in events or blocks: its member shows it.
    **dict.fromkeys(("getHold", "getReceipt", "listHolds", "followEvents"), seen(at_the_till=False)),
    **dict.fromkeys(
        (
            "getIssuance",
            "getLimit",
            "getSlices",
            "getCover",
            "getMatrix",
            "getStatement",
            "getWindow",
            "getPosition",
            "listMembers",
            "listBalances",
            "listLimits",
            "listPositions",
            "listWindows",
            "listMatrix",
            "listStatements",
        ),
        reports(),
    ),
}

PROJECTION: Mapping[str, Rule] = {
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
        Rule(
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
            "getSettlementWindow",
            "listWindowMatrix",
            "listWindowPositions",
            "listWindowEntries",
            "listWindowStatements",
            "getWindowStatement",
            "listOperations",
            "getOperation",
            "listBlocks",
            "getEvidence",
        ),
        reports(),
    ),
}

WEBHOOKS: Mapping[str, Rule] = dict.fromkeys(
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
    Rule(roles={ADMIN: OTHERS}, scopes={Scope.WEBHOOKS: OWN}),
)

DESCRIPTION: Mapping[str, Rule] = dict.fromkeys(
    ("getLiveness", "getReadiness", "getMetrics", "getOpenApi", "getApiPage"), everybody()
)

PEOPLE: Mapping[str, Rule] = {
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
    # A note is sealed for the key of whoever is sent something; the key says no more than the address, which is made from it.
    "getPublicKey": Rule(member=ANY),
    "findPerson": Rule(roles={CASHIER: OTHERS, ADMIN: OTHERS}, scopes={Scope.PEOPLE: OTHERS, Scope.COUNTER: OTHERS}),
    "getPerson": Rule(member=OWN, roles={ADMIN: OTHERS}, scopes={Scope.PEOPLE: OTHERS}),
    "listPeople": books(FINANCE, AUDITOR),
    "signAtCounter": Rule(roles={CASHIER: OTHERS, ADMIN: OTHERS}, scopes={Scope.COUNTER: OTHERS}),
    "loadLegacyFile": books(FINANCE),
    "listLegacyImports": books(FINANCE, AUDITOR),
    "getLegacyImport": books(FINANCE, AUDITOR),
    "confirmLegacyImport": books(FINANCE),
    "withdrawLegacyImport": books(FINANCE),
    "inviteStaff": books(),
    "listStaff": books(AUDITOR),
    "getStaff": Rule(roles={**dict.fromkeys(STAFF, OWN), AUDITOR: OTHERS, ADMIN: OTHERS}),
    "setStaffRoles": Rule(roles={ADMIN: OTHERS}),
    "disableStaff": Rule(roles={ADMIN: OTHERS}),
    "enableStaff": Rule(roles={ADMIN: OTHERS}),
    "eraseStaff": Rule(roles={ADMIN: OTHERS}),
    # Who asked takes her own request back; who may decide is said for each action in gateway.oversight.approvals.
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

TABLE: Mapping[str, Rule] = {**OPERATIONS, **QUERIES, **PROJECTION, **WEBHOOKS, **DESCRIPTION, **PEOPLE}
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
