"""What the values are called that a field lets people choose from."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.pages.words.marking import mark

EARN_ROUNDINGS: Mapping[str, str] = {
    "STEPS": mark("for each whole one of these amounts"),
    "DOWN": mark("in proportion, rounded down"),
    "HALF_UP": mark("in proportion, rounded to the nearest"),
}
VALIDITIES: Mapping[str, str] = {
    "NEVER": mark("Never expires"),
    "DAYS": mark("so many days after they were issued"),
    "MONTH_END": mark("at the end of a month"),
    "DATE": mark("on a fixed day"),
}
CATEGORIES = (mark("Purchases"), mark("Gifts"), mark("Campaigns"), mark("Service"))
"""What a class's category may be, among others."""
FREEZING_REASONS: Mapping[str, str] = {
    "ASKED_BY_MEMBER": mark("The member asked for it"),
    "KEY_LOST": mark("Device or passphrase lost"),
    "SUSPECTED_MISUSE": mark("Suspected misuse"),
    "AUTHORITY": mark("Ordered by an authority"),
    "OTHER": mark("Another reason"),
}
COLLATERAL_ACCOUNTS: Mapping[str, str] = {"COVER": mark("Cover"), "FUND": mark("Mutual fund")}
"""What a merchant posts collateral to."""

PAYMENT_REJECTIONS: Mapping[str, str] = {
    "NOT_RECEIVED": mark("The money did not come"),
    "WRONG_AMOUNT": mark("Another amount came"),
    "WRONG_REFERENCE": mark("It came with another reference"),
    "DUPLICATE": mark("It is recorded twice"),
    "RETURNED": mark("The bank returned it"),
}
PROPOSAL_KINDS: Mapping[str, str] = {
    "ADMIT": mark("Let a merchant in"),
    "SUSPEND": mark("Suspend a merchant"),
    "REINSTATE": mark("Reinstate a merchant"),
    "DEFAULT": mark("Declare a merchant in default"),
}
DISPUTE_REASONS: Mapping[str, str] = {
    "FRAUD": mark("Somebody else used the member’s key"),
    "NOT_RECEIVED": mark("The goods never came"),
    "DUPLICATE": mark("Taken twice"),
    "AMOUNT": mark("More was taken than agreed"),
    "CANCELLED": mark("The order was cancelled"),
    "EXPIRED": mark("The points had expired"),
}
DISPUTE_VOTES: Mapping[str, str] = {
    "UPHOLD": mark("The issuer is right"),
    "REJECT": mark("The acceptor is right"),
    "SPLIT": mark("Half each"),
}
SIGN_IN_METHODS: Mapping[str, str] = {
    "PASSWORD": mark("password"),
    "PASSKEY": mark("passkey"),
    "CODE": mark("code"),
    "INVITATION": mark("invitation"),
}
