"""The names that payments bear at the bank, all derived, so that the same payment bears the same name each time.

`JF-<mark>-<round>-<due>` is a payment's EndToEndId, at most 34 characters of ISO 20022's 35. `mark` stands for network,
window, payer, payee and the payer's statement (80 bits of a SHA-256 in Base32); `round` counts what was recorded before,
`due` is what was left then, in minor units; both in Base36. So after a part payment, or one that was refused, there is a
new name, and no bank takes it for a duplicate.
"""

from __future__ import annotations

import base64
import hashlib
import re
import string
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.settlement.bank.payments import Payment

ID_CHARACTERS_MAX = 35
_ID = re.compile(r"(?<![0-9A-Z])JF-([A-Z2-7]{16})-([0-9A-Z]{1,2})-([0-9A-Z]{1,11})(?![0-9A-Z])")
_DIGITS = string.digits + string.ascii_uppercase


@dataclass(frozen=True)
class PaymentId:
    """A payment's name in its parts: `mark` of the payment, `due_minor` that was asked to be paid under it."""

    text: str
    mark: str
    due_minor: int


def mark_of(network_id: str, payment: Payment) -> str:
    """Returns what marks a payment in all its names."""
    pair = (payment.payer_msp, payment.payee_msp)
    return _hashed("payment", network_id, payment.window_id, *pair, payment.statement_sha256)[:16]


def end_to_end_id(network_id: str, payment: Payment) -> str:
    """Returns the name under which what is left of a payment is to be paid now."""
    rounds, due = _base36(len(payment.remittances)), _base36(payment.due_minor)
    return _short(f"JF-{mark_of(network_id, payment)}-{rounds}-{due}")


def find_payment_ids(text: str) -> list[PaymentId]:
    """Returns the names of payments that stand in a text, each once."""
    found = {match[0]: PaymentId(match[0], match[1], int(match[3], 36)) for match in _ID.finditer(text)}
    return list(found.values())


def message_ids(network_id: str, attempt: int, facts: Iterable[object]) -> tuple[str, str]:
    """Returns the names of a message (MsgId) and of the group of payments in it (PmtInfId), which follow from what it
    orders and from the attempt, whatever the day of execution: a bank that gets it twice refuses the second."""
    hashed = _hashed("message", network_id, attempt, *facts)[:28]
    return _short(f"JFM-{hashed}"), _short(f"JFP-{hashed}")


def uetr(network_id: str, name: str) -> str:
    """Returns a payment's unique end-to-end transaction reference: the form of a UUID of version 4 (RFC 9562), made of
    a hash instead of chance."""
    return str(uuid.UUID(bytes=_digest("uetr", network_id, name)[:16], version=4))


def request_id(op: str, *parts: object) -> str:
    """Returns the request_id of an operation that a bank's file proposes, so that doing it twice does it once."""
    return f"bank-{_hashed('request', op, *parts)[:32].lower()}"


def _digest(*parts: object) -> bytes:
    return hashlib.sha256("\n".join(str(part) for part in ("jifen", *parts)).encode()).digest()


def _hashed(*parts: object) -> str:
    return base64.b32encode(_digest(*parts)).decode().rstrip("=")


def _base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits


def _short(name: str) -> str:
    assert len(name) <= ID_CHARACTERS_MAX, name
    return name
