"""What the reports, their lines and bands are called."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.pages.words.marking import mark

REPORT_NAMES: Mapping[str, str] = {
    "matrix": mark("Who owes whom"),
    "statement": mark("Statement"),
    "roll-forward": mark("Liability roll-forward"),
    "ageing": mark("When points expire"),
    "breakage": mark("Points never spent (breakage)"),
    "exposure": mark("Limits, cover and what is unpaid"),
    "journal": mark("Journal for beancount"),
}
FLOW_LINES: Mapping[str, str] = {
    "opening": mark("Opening"),
    "issued": mark("Issued"),
    "redeemed_own": mark("Redeemed at the issuer"),
    "redeemed_elsewhere": mark("Redeemed elsewhere"),
    "expired": mark("Expired"),
    "reversed": mark("Reversed"),
    "restored": mark("Restored by refunds"),
    "indebted": mark("Reversed and no longer there"),
    "repaid": mark("Paid back later"),
    "closing": mark("Closing"),
}
BANDS: Mapping[str, str] = {
    "LAPSED": mark("Last day over, not booked"),
    "DAYS_0_30": mark("0–30 days"),
    "DAYS_31_90": mark("31–90 days"),
    "DAYS_91_180": mark("91–180 days"),
    "DAYS_181_365": mark("181–365 days"),
    "LATER": mark("More than 365 days"),
    "NEVER": mark("Never expires"),
}
CASES = (mark("Estimate"), mark("If least lapses"), mark("If most lapses"))
"""Of breakage: the estimate, its lowest and its highest."""
