"""What every code means to people: in words of their own for those that they meet, by its title in
`gateway.web.problems` for the others."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.pages.words.marking import mark
from gateway.web.problems import PROBLEMS

REFUSALS: Mapping[str, str] = {
    "ADDRESS_LINKED": mark("This address already belongs to another account here."),
    "ALLOWANCE_EXCEEDED": mark("That is more than was allowed."),
    "APPROVAL_ENDED": mark("This has already been decided."),
    "APPROVAL_REQUIRED": mark("This needs a second person."),
    "APPROVAL_ROLE": mark("Somebody else must confirm this, in the right role."),
    "BUSY": mark("There is too much to do at the moment. Nothing happened; try again shortly."),
    "CAP_EXCEEDED": mark("The limit between the two merchants is used up. Nothing was taken."),
    "CHALLENGE_REFUSED": mark("That took too long. Please begin again."),
    "CLAIM_REFUSED": mark("The card number and its proof do not go together."),
    "CLASS_NOT_TRANSFERABLE": mark("These points cannot be sent on."),
    "CODE_REFUSED": mark("The code is wrong or has run out."),
    "CONTACT_INVALID": mark("That is neither an e-mail address nor a telephone number."),
    "CONTROL_TOTAL_DIFFERENT": mark("The total is not the one the file names. Nothing was taken in."),
    "CSRF_REFUSED": mark("This page is too old. Load it again."),
    "FORBIDDEN": mark("Your role does not include this."),
    "INSUFFICIENT_POINTS": mark("There are not enough points."),
    "LEDGER_UNAVAILABLE": mark("The ledger cannot be reached at the moment. Nothing happened."),
    "LEGACY_FILE_INVALID": mark("The file has faults. Nothing was taken in."),
    "LOGIN_REFUSED": mark("The name or the password is wrong."),
    "LOGIN_TOO_OLD": mark("For this we ask for your password once more."),
    "MEMBER_EXISTS": mark("This address is enrolled already."),
    "MEMBER_NOT_ACTIVE": mark("This account is frozen at the moment."),
    "MERCHANT_NOT_ACTIVE": mark("This merchant is not taking part at the moment."),
    "MESSAGE_NOT_SENT": mark("The message with the code could not be sent."),
    "NOT_ACCEPTOR": mark("This merchant does not take these points."),
    "NOT_ENROLLED": mark("This address is not a member's, and these points are for members."),
    "NOT_REFUNDABLE": mark("This payment cannot be given back, or no longer."),
    "OBJECT_UNKNOWN": mark("There is no such thing, or it is not yours."),
    "PASSKEY_REFUSED": mark("The passkey was not taken."),
    "PASSWORD_WEAK": mark("That password is too easy to guess. Take a longer one."),
    "PICTURE_UNREADABLE": mark("The picture cannot be opened."),
    "PROJECTION_REBUILDING": mark("The figures are being computed anew. Look again in a moment."),
    "PROOF_INVALID": mark("The signature is not that of this key."),
    "QR_NOT_FOUND": mark("There is no QR code in the picture that can be read."),
    "RATE_LIMITED": mark("That was too often. Wait a moment."),
    "REASON_REQUIRED": mark("Please give a reason."),
    "ROUTE_UNKNOWN": mark("The address leads nowhere. Perhaps a letter is missing."),
    "SIGNATURE_INVALID": mark("The signature does not hold, so nothing was done."),
    "LIMIT_IN_USE": mark("The cover would be less than what is in use."),
    "TOO_MANY_BUCKETS": mark("The account has too many different last days."),
    "TRY_LATER": mark("Too many attempts. Wait a little."),
    "UNAUTHENTICATED": mark("Please sign in."),
    "UNKNOWN_CLASS": mark("There are no points of this name."),
    "UNKNOWN_ISSUANCE": mark("These points cannot be taken back, or no more."),
    "UNKNOWN_HOLD": mark("There is no such reservation."),
    "UNKNOWN_MEMBER": mark("No member has this address."),
    "UNKNOWN_REDEMPTION": mark("There is no such payment."),
}

MEANINGS: Mapping[str, str] = {code: REFUSALS.get(code, kind.title) for code, kind in PROBLEMS.items()}
"""What every code of the gateway's and the ledger's means, to be translated."""
