"""What is asked and answered about people: log-in, sessions, profile, passkeys."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from gateway.core.display_names import fault_of_name
from gateway.core.schemas import ApiSchema


def _name(text: str) -> str:
    found = text.strip()
    fault = fault_of_name(found)
    if fault is not None:
        raise ValueError(fault)
    return found


Contact = Annotated[str, Field(min_length=3, max_length=320, description="An e-mail address or a telephone number.")]
Password = Annotated[str, Field(min_length=1, max_length=256)]
Code = Annotated[str, Field(min_length=1, max_length=16, description="The code from the letter.")]
Identifier = Annotated[str, Field(pattern="^[a-z0-9_]{1,40}$")]
Name = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_name)]
"""A name that people read; blanks around it are taken away."""
Locale = Annotated[Literal["zh", "en"], Field(description="The language of letters.")]
Kind = Annotated[Literal["member", "staff"], Field(description="Members and staff have accounts of their own.")]
Seconds = Annotated[int, Field(description="Unix seconds.")]


class RegistrationRequest(ApiSchema):
    """Asks for an account."""

    contact: Contact = Field(examples=["lin@example.org"])
    locale: Locale = "en"


class CodeSent(ApiSchema):
    """A letter is on its way. The answer is the same whether there is an account or not."""

    code_id: str
    expires_at: Seconds


class RegistrationProof(ApiSchema):
    """The code from the letter, and the password of the new account."""

    code: Code
    password: Password
    name: Name | None = None


class LogInRequest(ApiSchema):
    """A contact and its password."""

    contact: Contact
    password: Password


class SessionGiven(ApiSchema):
    """A session; its token is in the cookie. `csrf_token` goes into X-CSRF-Token of every request that changes
    something."""

    session_id: str
    kind: Kind
    holder_id: str = Field(description="The person's or staff account's id.")
    csrf_token: str
    authenticated_at: Seconds
    ends_at: Seconds


class WhoAmI(ApiSchema):
    """Who the gateway takes the caller for."""

    kind: Literal["anonymous", "member", "staff", "api_key"]
    id: str | None = None
    session_id: str | None = None
    roles: list[str] = Field(default=[])
    scopes: list[str] = Field(default=[])
    addresses: list[str] = Field(default=[])
    csrf_token: str | None = Field(default=None, description="For X-CSRF-Token, when the caller has a session.")


class SessionShown(ApiSchema):
    """One of the caller's sessions."""

    session_id: str
    current: bool
    method: str
    device: str
    source: str
    created_at: Seconds
    last_used_at: Seconds
    ends_at: Seconds


class PasswordProof(ApiSchema):
    """The caller's password."""

    password: Password


class PasswordChange(ApiSchema):
    """The new password, and the one before it if there is one."""

    current: Password | None = None
    new: Password


class RecoveryRequest(ApiSchema):
    """Asks for a code to set a new password."""

    kind: Kind = "member"
    contact: Contact
    locale: Locale = "en"


class RecoveryProof(ApiSchema):
    """The code from the letter, and the new password."""

    code: Code
    password: Password


class ContactRequest(ApiSchema):
    """The new e-mail address or telephone number."""

    contact: Contact


class ContactCodesSent(ApiSchema):
    """Two letters are on their way."""

    old: CodeSent
    new: CodeSent


class CodeGiven(ApiSchema):
    """A code from a letter."""

    code_id: Identifier
    code: Code


class ContactProof(ApiSchema):
    """Both codes."""

    old: CodeGiven
    new: CodeGiven


class PersonShown(ApiSchema):
    """A person, as they see themselves."""

    person_id: str
    email: str | None
    phone: str | None
    name: str | None
    locale: str
    has_password: bool
    custodial_address: str | None
    addresses: list[str]
    created_at: Seconds


class PersonUpdate(ApiSchema):
    """Name and language."""

    name: Name | None = None
    locale: Locale


class PersonExport(BaseModel):
    """All that the gateway has about the caller."""

    exported_at: Seconds
    person: dict[str, Any]
    sessions: list[dict[str, Any]]
    passkeys: list[dict[str, Any]]
    addresses: list[dict[str, Any]]
    custodial_address: str | None
    wrapped_keys: list[dict[str, Any]]
    legacy_cards: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    codes_waiting: list[dict[str, Any]]


class ErasureRequest(ApiSchema):
    """Erases the account. The log-in must be fresh."""

    abandon_points: bool = Field(
        default=False, description="Whether points in the account that the gateway keeps may be lost."
    )


class PersonSearch(ApiSchema):
    """A contact that a person told at the counter."""

    contact: Contact


class MemberListed(ApiSchema):
    """A member's account in the merchant's list. `name` is what they are called here, null where nobody is known to
    it."""

    address: str
    name: str | None
    status: str
    joined_on: str
    value_millionths: int = Field(description="The value of all points that are not expired.")
    last_visit_at: int | None = Field(description="When they last earned, spent or got back points at a till here.")


class MembersPage(ApiSchema):
    """One page of the merchant's members."""

    items: list[MemberListed]
    total: int = Field(description="How many there are under these filters.")
    block_number: int = Field(description="The block up to which the answer is; -1 before the first.")


class PersonFound(ApiSchema):
    """A person as staff see them: enough to serve them."""

    person_id: str
    name: str | None
    contact: str = Field(description="Masked.")
    addresses: list[str]
    custodial_address: str | None


class PasskeyCeremony(ApiSchema):
    """What to pass to `navigator.credentials`, as JSON (`parseCreationOptionsFromJSON`,
    `parseRequestOptionsFromJSON`)."""

    challenge_id: str
    options: dict[str, Any]
    expires_at: Seconds


class PasskeyLogInRequest(ApiSchema):
    """Whose passkey it will be."""

    kind: Kind = "member"


class PasskeyCredential(ApiSchema):
    """What the browser gave (`credential.toJSON()`)."""

    challenge_id: Identifier
    credential: dict[str, Any]


class PasskeyLogIn(PasskeyCredential):
    """What the browser gave, for a log-in."""

    kind: Kind = "member"


class PasskeyCreation(PasskeyCredential):
    """What the browser gave, and a name for the new passkey."""

    name: Name


class PasskeyName(ApiSchema):
    """Another name."""

    name: Name


class PasskeyShown(ApiSchema):
    """A passkey."""

    passkey_id: str
    name: str
    created_at: Seconds
    last_used_at: Seconds | None
