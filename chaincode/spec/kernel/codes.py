"""Refusal codes: public, for ever, and in their order.

When several codes apply to one operation, the one that stands first in this list is given. An operation's rule makes
its checks in this order, so that two implementations agree; OVERFLOW alone is given where the number arises. On the
wire a refusal is `CODE: detail`.
"""

from __future__ import annotations

CODES: dict[str, str] = {
    # the document
    "MALFORMED": "The argument is not a JSON document in the ledger's form.",
    "BATCH_TOO_LARGE": "The batch has too many bytes or operations.",
    "SHARD_OUT_OF_RANGE": "The shard number is not one of the ledger's.",
    "UNKNOWN_OPERATION": "No operation has this name.",
    "UNKNOWN_QUERY": "No query has this name.",
    "INVALID_ARGUMENT": "A field is missing, unknown or not of its form; the detail names it.",
    # who speaks
    "SIGNATURE_UNEXPECTED": "The operation is authorised by an organisation, not by a member's signature.",
    "SIGNATURE_REQUIRED": "The operation needs the member's signature.",
    "SIGNATURE_INVALID": (
        "The signature does not fit the key and the operation's bytes, channel, chaincode and network."
    ),
    "REQUEST_ID_REUSED": "This authoriser used the request_id before, about the same, for another content.",
    "REQUEST_EXPIRED": "The operation's valid_until has passed.",
    "VALID_UNTIL_TOO_FAR": "The operation's valid_until lies too far ahead.",
    "ROLE_REQUIRED": "The certificate's role may not do this.",
    # the consortium
    "CONSORTIUM_NOT_OPEN": "The consortium has not been opened yet.",
    "CONSORTIUM_OPEN": "The consortium was opened before.",
    "NOT_OPERATOR": "Only an operator of the consortium may do this.",
    "OPERATORS_DIFFER": "The operators are not those that this organisation's chaincode server was told of.",
    "NETWORK_DIFFERS": "The network id is not the hash of the channel's first block.",
    "NOT_PARTICIPANT": "Only an operator, or a merchant that takes part, may do this.",
    "TIME_BEFORE_WINDOW": "The transaction's time lies before the opening of the current window.",
    "NOT_FOUND": "Nothing is stored under this name.",
    # disputes
    "UNKNOWN_DISPUTE": "The issuer has not disputed this redemption.",
    "DISPUTE_EXISTS": "The issuer has disputed this redemption before; each is disputed once.",
    "DISPUTE_STAGE": "The dispute's stage does not allow this.",
    "DISPUTE_STAGE_OVER": "The time of the dispute's stage is over.",
    "DISPUTE_STAGE_NOT_OVER": "The time of the dispute's stage is not over yet.",
    "WINDOW_CLOSING": "The redemption's window is being netted; it can be disputed once that is done.",
    "DISPUTE_TOO_LATE": (
        "The issuer's statement of the redemption's window is accepted, by it or by silence, or the window is settled."
    ),
    # governance
    "UNKNOWN_PROPOSAL": "No proposal has this id.",
    "PROPOSAL_EXISTS": "The same is proposed about this merchant already, and open.",
    "PROPOSAL_TOO_LONG": "The proposal would end in the past or too far ahead.",
    "PROPOSAL_NOT_OPEN": "The proposal is decided, or its time is over.",
    "TOO_FEW_VOTERS": "Too few merchants are entitled to vote on this for a vote to decide it.",
    "NOT_VOTER": "The organisation is not entitled to vote on this.",
    "ALREADY_VOTED": "The merchant has voted on this; a vote is not changed.",
    # merchants
    "NOT_ACCEPTOR": "Only the accepting merchant may submit or do this.",
    "NOT_FEE_PARTY": "Only the issuer and the acceptor have a say in their fee.",
    "UNKNOWN_MERCHANT": "The organisation is not a registered merchant.",
    "MERCHANT_EXISTS": "The merchant is invited or takes part already.",
    "TOO_MANY_MERCHANTS": "The consortium has as many merchants as it can have.",
    "MERCHANT_NOT_ACTIVE": "The merchant's status does not allow this.",
    "STATUS_TRANSITION": "The status cannot change so.",
    "INVITATION_LAPSED": "The invitation's time is over.",
    "RUN_OFF_DAY_OUT_OF_RANGE": (
        "The last day of the run-off is too near or too far ahead, or before the one that was announced."
    ),
    "RUN_OFF_NOT_OVER": "The last day of the merchant's run-off has not passed.",
    "MERCHANT_NOT_SETTLED": "What the merchant owes and is owed is not all netted and paid.",
    # classes and rates
    "UNKNOWN_CLASS": "No point class has this id.",
    "CLASS_EXISTS": "A point class with this id is defined already.",
    "NOT_ISSUER": "Only the issuer of the class may do this.",
    "CLASS_STOPPED": "The class is stopped: no new points of it.",
    "CLASS_NOT_TRANSFERABLE": "Points of the class cannot be sent.",
    "NOT_ACCEPTED": "The acceptor does not take points of the class.",
    "ISSUER_NOT_HONOURED": "The issuer's status does not allow its points to be spent, or no longer.",
    "NO_EARN_RATE": "The class has no rate by which purchases earn points.",
    "NO_RATE": "There is no exchange rate in force between the two classes.",
    "RATE_CHANGED": "The exchange rate has another version now.",
    "TERMS_CHANGED": "The terms of the points received are others now.",
    # members
    "UNKNOWN_MEMBER": "No member is enrolled with this address.",
    "MEMBER_EXISTS": "The member is enrolled already.",
    "ADDRESS_MISMATCH": "The address is not that of the public key.",
    "CONSENT_INVALID": "The member's key did not sign this consent.",
    "NOT_HOME_MERCHANT": "Only the member's home merchant may do this.",
    "NOT_ENROLLED": "The class is for enrolled members, and the account is not one.",
    "MEMBER_NOT_ACTIVE": "The member's status does not allow this.",
    "UNKNOWN_REBIND": "No rebind of this account to that one is asked for.",
    "REBIND_EXISTS": "Another rebind of the member is asked for already.",
    "REBIND_LAPSED": "The rebind's time is over; it must be asked for anew.",
    "NOT_REBIND_PARTY": "The organisation or account has no say in this rebind.",
    "REBIND_CONFIRMED": "The rebind is confirmed already.",
    "REBIND_TOO_SOON": "The rebind is not confirmed yet, or the days in which its old key may object are not over.",
    # mapping of legacy points
    "CONTROL_TOTAL_MISMATCH": "The entries do not add up to the control total.",
    "REFERENCE_USED": "The legacy reference was imported before.",
    "UNKNOWN_REFERENCE": "The legacy reference was never imported.",
    # points
    "UNKNOWN_ISSUANCE": "No points that were issued to the account with this id can be clawed back (any more).",
    "REVERSAL_EXCEEDS_ISSUE": "More would be clawed back than is left of what was issued.",
    "ALLOWANCE_CHANGED": "The allowance is not the expected one.",
    "ALLOWANCE_EXCEEDED": "The allowance is less than the points asked.",
    "EPOCH_EXPIRED": "The points of this epoch have expired.",
    "INSUFFICIENT_POINTS": "The account has fewer spendable points than asked.",
    "AMOUNT_TOO_SMALL": "The exchange would give less than one point.",
    "EXPIRES_BEFORE_AVAILABLE": "The points would expire before they could be spent.",
    "TOO_MANY_BUCKETS": "The balance or redemption would have too many last days.",
    # redemptions and holds
    "UNKNOWN_REDEMPTION": "No redemption has this id.",
    "NOT_REFUNDABLE": "An exchange cannot be refunded, nor anything once the consortium's refund days are over.",
    "REFUND_EXCEEDS_REDEMPTION": "More would be refunded than is left of the redemption.",
    "DISPUTE_EXCEEDS_REDEMPTION": "More would be disputed than the issuer owes of the redemption.",
    "REDEMPTION_DISPUTED": "More would be refunded than is left of the redemption beside what is disputed.",
    "UNKNOWN_HOLD": "No hold has this id.",
    "HOLD_TOO_LONG": "The hold would end in the past or too far ahead.",
    "HOLD_NOT_RESERVED": "The hold has ended already.",
    "HOLD_LAPSED": "The hold's time is over.",
    "NOT_HOLD_PARTY": "Only the member or the acceptor of the hold may release it before it lapses.",
    "CAPTURE_EXCEEDS_HOLD": "More would be captured than is held.",
    # limits of exposure
    "LIMIT_IN_USE": "The cover would be less than what is owed and not paid, and reserved by holds and disputes.",
    "CAP_EXCEEDED": "The issuer's bilateral cap for the acceptor would be exceeded.",
    "COVER_EXCEEDED": "The issuer's posted cover would be exceeded.",
    "WINDOW_FULL": (
        "The lane's figures for this issuer would grow too large for one settlement window; "
        "another lane or the next window takes it."
    ),
    # collateral
    "COLLATERAL_MISMATCH": "The merchant asked for another amount to be returned.",
    "COLLATERAL_IN_USE": "Less of the collateral is free.",
    # settlement
    "UNKNOWN_WINDOW": "No window has this number.",
    "WINDOW_NOT_OPEN": "The window is not the open one.",
    "TOO_MANY_WINDOWS": "Too many windows are not settled; no other can be cut before one of them is.",
    "WINDOW_NOT_CUT": "The window is not in the state CUT or CLOSING.",
    "WINDOW_NOT_CLOSED": "The window is not in the state CLOSED.",
    "WINDOW_SETTLED": "The window is settled: nothing in it is corrected any more.",
    "WINDOW_OUT_OF_ORDER": "An earlier window must be done first.",
    "UNKNOWN_STATEMENT": "The merchant has no statement in this window.",
    "STATEMENT_MISMATCH": "The hash is not that of the statement.",
    "STATEMENT_ACCEPTED": "The statement is accepted already.",
    "STATEMENTS_PENDING": "Statements of the window are still to be accepted.",
    "UNKNOWN_PAYMENT": "The window has no payment between these merchants.",
    "NOT_PAYMENT_PARTY": "Only the payer and the payee have a say in this.",
    "PAYMENT_NOT_DUE": "The payment is not in the state DUE.",
    "PAYMENT_NOT_PAID": "Nothing that is recorded of the payment is in the state PAID.",
    "PAYMENT_NOT_CONFIRMED": "Nothing that is recorded of the payment with this reference is in the state CONFIRMED.",
    "PAYMENT_REFERENCE_MISMATCH": "The payment was recorded with another reference.",
    "TOO_MANY_REMITTANCES": "As many parts of the payment are recorded as can be.",
    "PAYMENT_REFERENCE_USED": "The reference stands recorded of this payment already.",
    "PAYMENT_EXCEEDS_DUE": "More would be recorded than is due.",
    "CONFIRMATION_TOO_SOON": "The payee's time to answer is not over.",
    "CORRECTION_EMPTY": "It stands so already, and no correction is asked for that this could take back.",
    "NOTHING_DUE": "Nothing of what the merchant owes in the window is due.",
    "DEFAULT_TOO_SOON": "The merchant's time for paying is not over, and the merchants have not voted for it.",
    "DEFAULT_CONTESTED": "The merchant says that it paid, and the payee that it did not: the merchants decide by vote.",
    # arithmetic
    "OVERFLOW": "A number would leave the range that every reader keeps exact.",
}

SHOWN_CHARACTERS_MAX = 64


def shown(text: str) -> str:
    """A caller's own word given back in a refusal or receipt: at most `SHOWN_CHARACTERS_MAX` characters of it."""
    return text[:SHOWN_CHARACTERS_MAX]


class Refusal(Exception):
    """An operation or query is refused: `code` from `CODES`, `detail` for people. Never an accident."""

    def __init__(self, code: str, detail: str) -> None:
        assert code in CODES, code
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
