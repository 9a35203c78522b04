"""What can be set about logging in: passwords, sessions, codes, passkeys, and who brings messages."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator

from gateway.core.schemas import FixedSchema


class PasswordSettings(FixedSchema):
    """The cost of argon2id (RFC 9106). A password hashed at another cost is hashed anew at the next log-in."""

    time_cost: int = Field(default=3, ge=1, le=32)
    memory_kibibytes: int = Field(default=65_536, ge=8, le=4_194_304)
    parallelism: int = Field(default=1, ge=1, le=16)
    characters_min: int = Field(default=10, ge=8, le=64)


class SessionSettings(FixedSchema):
    """How long a log-in lasts."""

    member_idle_seconds: int = Field(default=14 * 86_400, ge=60)
    member_absolute_seconds: int = Field(default=90 * 86_400, ge=60)
    staff_idle_seconds: int = Field(default=30 * 60, ge=60)
    staff_absolute_seconds: int = Field(default=12 * 3600, ge=60)
    fresh_seconds: int = Field(
        default=10 * 60, ge=30, description="How long a log-in counts as fresh for grave changes."
    )


class CodeSettings(FixedSchema):
    """One-time codes."""

    seconds: int = Field(default=15 * 60, ge=60, le=86_400)
    counter_seconds: int = Field(default=180, ge=30, le=3600)
    invitation_seconds: int = Field(default=3 * 86_400, ge=600)
    attempts_max: int = Field(default=5, ge=1, le=20)


class ThrottleSettings(FixedSchema):
    """After so many free attempts each further one waits, twice as long each time."""

    account_attempts: int = Field(default=5, ge=1)
    source_attempts: int = Field(default=50, ge=1)
    wait_seconds: int = Field(default=30, ge=1)
    wait_seconds_max: int = Field(default=3600, ge=1)
    forget_seconds: int = Field(default=86_400, ge=60)
    codes_per_target: int = Field(default=3, ge=1)
    codes_per_source: int = Field(default=20, ge=1)


class PasskeySettings(FixedSchema):
    """The relying party of WebAuthn: the site's name, and the origins from which its pages come. What is left out
    follows from the address under which people reach the gateway."""

    rp_id: str = Field(default="", description="The site's name, or a domain above it; the address's when empty.")
    rp_name: str = "Jifen"
    origins: tuple[str, ...] = Field(
        default=(), description="Where its pages come from; the gateway's address when empty."
    )
    seconds: int = Field(default=300, ge=30, le=3600)
    per_holder_max: int = Field(default=10, ge=1, le=100)


class SmtpSettings(FixedSchema):
    """A mail server. `security`: `starttls`, `tls` from the first byte, or `none`, which is for a server on this
    machine alone."""

    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65_535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretStr | None = None
    sender: str = Field(min_length=3, description="The From address.")
    timeout_seconds: float = Field(default=15, gt=0, le=120)
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _whole(self) -> SmtpSettings:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password go together")
        if self.security == "none" and self.host not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("security none is for a mail server on this machine")
        return self


class SenderSettings(FixedSchema):
    """Who brings messages to people. `file` and `console` bring them to nobody: they write them to a file that its
    owner alone can read, or to standard output, for a trial. With `smtp` there are none to telephones."""

    kind: Literal["file", "console", "smtp"] = "file"
    file: Path | None = Field(
        default=None, description="Where `file` writes; `messages.jsonl` in the gateway's folder when left out."
    )
    shown: bool = Field(
        default=False,
        description="Whether the page `/post-box` shows the messages of `file` to whoever opens it: for a demo alone.",
    )
    smtp: SmtpSettings | None = None

    @model_validator(mode="after")
    def _whole(self) -> SenderSettings:
        if self.kind == "smtp" and self.smtp is None:
            raise ValueError("kind smtp needs smtp")
        if self.kind != "file" and (self.file is not None or self.shown):
            raise ValueError("file and shown go with kind file")
        return self


class IdentitySettings(FixedSchema):
    """How people log in and are written to."""

    default_region: str = Field(
        default="CN", pattern="^[A-Z]{2}$", description="Where a telephone number without + is from."
    )
    passwords: PasswordSettings = PasswordSettings()
    sessions: SessionSettings = SessionSettings()
    codes: CodeSettings = CodeSettings()
    throttles: ThrottleSettings = ThrottleSettings()
    passkeys: PasskeySettings = PasskeySettings()
    sender: SenderSettings = SenderSettings()
