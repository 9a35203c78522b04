"""E-mail addresses and telephone numbers, in one form each."""

from __future__ import annotations

import enum
import unicodedata
from dataclasses import dataclass, field

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from gateway.core.errors import GatewayError

INPUT_CHARACTERS_MAX = 320
EXPECTED_NUMBER = "a mobile number such as 138 1234 5678, or with its country, +86 138 1234 5678"
MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
"""Where the two cannot be told apart, as in North America, a number counts as a mobile one."""


class Channel(enum.StrEnum):
    """How a message reaches somebody."""

    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True)
class Contact:
    """One address of one channel: `value` is normalised, the e-mail address in lower case, the number in E.164. It
    never shows in a text form."""

    channel: Channel
    value: str = field(repr=False)


def parse_contact(text: str, region: str) -> Contact:
    """The contact that `text` is; with an @ an e-mail address, else the number of a mobile telephone of `region` (or
    with its + and country), which alone takes messages. Full-width signs and digits, as Chinese input methods write
    them, are taken. No name server is asked. Raises GatewayError CONTACT_INVALID."""
    text = unicodedata.normalize("NFKC", text).replace("。", ".").strip()
    if not 3 <= len(text) <= INPUT_CHARACTERS_MAX:
        raise GatewayError("CONTACT_INVALID", "not an e-mail address or telephone number")
    if "@" in text:
        try:
            found = validate_email(text, check_deliverability=False)
        except EmailNotValidError:
            raise GatewayError("CONTACT_INVALID", "not an e-mail address") from None
        # Mail hosts that tell upper from lower case in the local part are not met; people who write theirs both ways
        # are.
        return Contact(Channel.EMAIL, found.normalized.lower())
    if any(character.isalpha() for character in text):
        raise GatewayError("CONTACT_INVALID", f"not a telephone number: {EXPECTED_NUMBER}")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise GatewayError("CONTACT_INVALID", f"not a telephone number: {EXPECTED_NUMBER}") from None
    if not phonenumbers.is_valid_number(number):
        raise GatewayError("CONTACT_INVALID", f"not a telephone number: {EXPECTED_NUMBER}")
    if phonenumbers.number_type(number) not in MOBILE:
        raise GatewayError("CONTACT_INVALID", f"not the number of a mobile telephone: {EXPECTED_NUMBER}")
    return Contact(Channel.PHONE, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def contact_of(value: str) -> Contact:
    """A normalised value, read back from the database."""
    return Contact(Channel.EMAIL if "@" in value else Channel.PHONE, value)


def masked(contact: Contact) -> str:
    """Enough to recognise one's own, too little to learn another's: `l…@example.org`, `…5678`."""
    if contact.channel is Channel.EMAIL:
        local, _, domain = contact.value.partition("@")
        return f"{local[:1]}…@{domain}"
    return f"…{contact.value[-4:]}"
