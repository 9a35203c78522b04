"""Error codes raised by the gateway, stable, with the HTTP status of each.

One table for all of them, so that no handler chooses a status of its own; the ledger's codes have theirs in
`gateway.web.problems`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One kind of refusal: the HTTP status, and a title for people (RFC 9457: it does not change from one occurrence to
    another)."""

    status: int
    title: str


CODES: dict[str, Problem] = {
    # the request
    "REQUEST_MALFORMED": Problem(400, "The request is not of the described form."),
    "REQUEST_TOO_LARGE": Problem(413, "The request's body is too large."),
    "MEDIA_TYPE_UNSUPPORTED": Problem(415, "The request's body is of a type that is not taken here."),
    "NOT_ACCEPTABLE": Problem(
        406,
        "The answer cannot be given in a form that the caller accepts. Nothing is refused with it today; a code is for ever.",
    ),
    "METHOD_NOT_ALLOWED": Problem(405, "The address does not take this method."),
    "ROUTE_UNKNOWN": Problem(404, "There is nothing at this address."),
    "OBJECT_UNKNOWN": Problem(404, "There is no such object, or it is not for the caller to see."),
    "CURSOR_INVALID": Problem(400, "The cursor was not given out by this list."),
    "IDEMPOTENCY_KEY_INVALID": Problem(400, "The Idempotency-Key is not of the form of a request id."),
    "TIMESTAMP_NOT_TAKEN": Problem(400, "Only a replay network lets the caller date a transaction."),
    "PICTURE_UNREADABLE": Problem(422, "The picture cannot be opened."),
    "QR_NOT_FOUND": Problem(422, "There is no QR code in the picture that can be read."),
    # who asks
    "UNAUTHENTICATED": Problem(401, "The caller did not say who it is, or what it said does not hold."),
    "FORBIDDEN": Problem(403, "The caller may not do this."),
    "CSRF_REFUSED": Problem(403, "The request did not come from the gateway's own pages."),
    "RATE_LIMITED": Problem(429, "Too many requests; come back later."),
    # the way to the ledger
    "BUSY": Problem(503, "The queue is full; nothing happened."),
    "DEADLINE_PASSED": Problem(503, "The operation waited for too long and was not sent; nothing happened."),
    "LEDGER_UNAVAILABLE": Problem(503, "The ledger cannot be reached; nothing happened."),
    "STORE_UNAVAILABLE": Problem(503, "The gateway's database does not answer."),
    "CLOCK_OUT_OF_WINDOW": Problem(503, "The gateway's clock lies outside the peers' time window; nothing happened."),
    "TRANSACTION_TOO_LARGE": Problem(413, "The operation is larger than the ordering service takes; nothing happened."),
    "CLOCK_AHEAD": Problem(503, "The gateway's clock runs ahead of the network's; nothing happened."),
    "CHAINCODE_UNAVAILABLE": Problem(503, "A peer does not reach its chaincode server; nothing happened."),
    "ORDERER_UNAVAILABLE": Problem(503, "No orderer takes transactions; nothing happened."),
    "SERVICE_ENDED": Problem(503, "A part of the gateway has ended by an error."),
    "PROJECTION_BEHIND": Problem(503, "The gateway's tables are behind the ledger."),
    "SUBMISSION_UNKNOWN": Problem(404, "No submission has this id."),
    "BLOCK_NOT_REACHED": Problem(503, "The gateway has not seen the wanted block yet."),
    "PROJECTION_REBUILDING": Problem(503, "The projection is being built anew."),
    "PROJECTION_OTHER_CHAIN": Problem(503, "The database is fed from another chain."),
    "ORGANISATION_UNKNOWN": Problem(
        422, "The channel has no organisation, or the consortium no merchant, with this MSP id."
    ),
    "SHUTTING_DOWN": Problem(503, "The gateway is going down; nothing happened."),
    "INTERNAL_ERROR": Problem(500, "The gateway met a defect of its own."),
    # webhooks
    "WEBHOOK_ADDRESS_REFUSED": Problem(422, "The address is not one that webhooks may be sent to."),
    "WEBHOOK_DISABLED": Problem(409, "The webhook endpoint is disabled."),
    "WEBHOOKS_TOO_MANY": Problem(409, "There are as many webhook endpoints as there can be."),
    # people
    "CONTACT_INVALID": Problem(422, "This is not an e-mail address or telephone number."),
    "CHANNEL_UNAVAILABLE": Problem(422, "The gateway sends no messages that way."),
    "MESSAGE_NOT_SENT": Problem(503, "The message could not be sent."),
    "PASSWORD_WEAK": Problem(422, "The password is too easy to guess."),
    "LOGIN_REFUSED": Problem(401, "No account has this contact and this password."),
    "LOGIN_TOO_OLD": Problem(403, "This asks for a fresh proof of who you are."),
    "TRY_LATER": Problem(429, "Too many attempts; come back later."),
    "CODE_REFUSED": Problem(422, "The code is wrong, was used, or has ended."),
    "CHALLENGE_REFUSED": Problem(422, "The challenge is unknown, was used, or has ended."),
    "PASSKEY_REFUSED": Problem(401, "The passkey is not known, or its signature does not hold."),
    "PASSKEYS_FULL": Problem(409, "There are as many passkeys as there can be."),
    "LAST_CREDENTIAL": Problem(409, "Nothing would be left to log in with."),
    "PROOF_INVALID": Problem(422, "The signature does not prove the address."),
    "ADDRESS_LINKED": Problem(409, "The address belongs to another account."),
    "ADDRESSES_FULL": Problem(409, "There are as many addresses or versions as there can be."),
    "CUSTODY_UNKNOWN": Problem(404, "The gateway keeps no key for this person."),
    "CUSTODY_REFUSED": Problem(422, "The kept key does not sign this."),
    "CUSTODY_HAS_POINTS": Problem(409, "The account that the gateway keeps still has points."),
    "NOTE_REFUSED": Problem(422, "The operation sent this recipient nothing, so no note goes with it."),
    "NOTE_EXISTS": Problem(409, "Another note goes with this transfer already."),
    "CLAIM_REFUSED": Problem(422, "No card with this number and proof is free to be claimed."),
    "LEGACY_FILE_INVALID": Problem(422, "The file of old cards has faults."),
    "LEGACY_FILE_KNOWN": Problem(409, "The file, or one of its cards, was loaded before."),
    "LEGACY_IMPORT_ENDED": Problem(409, "The import is done or was withdrawn."),
    "LEGACY_IMPORT_RUNNING": Problem(409, "The import is being written."),
    "LEGACY_IMPORT_REFUSED": Problem(409, "The ledger refused a part of the import."),
    "CONTROL_TOTAL_DIFFERENT": Problem(422, "The file does not add up to what was said."),
    # the bank
    "BANK_ACCOUNT_MISSING": Problem(
        409, "No bank account is declared for a merchant, or not all that a payment needs."
    ),
    "BANK_ACCOUNTS_INVALID": Problem(409, "The file of bank accounts is not of the described form."),
    "BANK_NAME_UNWRITABLE": Problem(422, "A name cannot be written in the characters that were asked for."),
    "NOTHING_TO_PAY": Problem(409, "Nothing is left to be paid."),
    "PAYMENTS_NOT_OPEN": Problem(409, "The window is not closed, or its statements still wait for acceptance."),
    "BANK_FILE_INVALID": Problem(422, "The bank's file cannot be read."),
    "BANK_FILE_INCOMPLETE": Problem(422, "A page of the bank's statement is missing."),
    "BANK_FILE_UNBALANCED": Problem(422, "The bank's statement does not add up."),
    "BANK_FILE_DIFFERENT": Problem(422, "One statement of the bank is there twice, with different contents."),
    # staff
    "STAFF_EXISTS": Problem(409, "There is such a staff account already."),
    "STAFF_ACTIVE": Problem(409, "The staff account is active."),
    "LAST_ADMIN": Problem(409, "There would be no admin left."),
    "SAME_PERSON": Problem(409, "This is for another person to do."),
    "NOT_SAME_PERSON": Problem(409, "The two accounts are not known here as one person's."),
    "APPROVAL_REQUIRED": Problem(409, "A second person must confirm this; nothing happened yet."),
    "APPROVAL_ROLE": Problem(409, "This is for another role to decide."),
    "REASON_REQUIRED": Problem(422, "A reason is needed."),
    "APPROVAL_ENDED": Problem(409, "The request for approval has ended."),
    # access
    "KEY_INVALID": Problem(422, "The API key cannot be made or changed so."),
}


class GatewayError(Exception):
    """`code` is stable and one of `CODES`, `detail` is for people. `retry_after_seconds` where waiting helps."""

    def __init__(self, code: str, detail: str, *, retry_after_seconds: float | None = None) -> None:
        assert code in CODES, code
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds
