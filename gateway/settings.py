"""The gateway's settings: from `gateway.yaml` in its folder, and over that from the environment.

`JIFEN_GATEWAY_HTTP__PORT=8081` sets `http.port`. An error names the key: `SETTINGS_INVALID: http.port: Input should be
…`. Secrets never show in the settings' text form.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import Field, SecretStr, ValidationError

from gateway.core.settings import Section, SettingsError
from gateway.identity.settings import IdentitySettings, PasskeySettings
from gateway.members.settings import NoteSettings
from gateway.oversight.settings import ApprovalSettings
from gateway.webhooks.settings import WebhookSettings

FILE_NAME = "gateway.yaml"
PREFIX = "JIFEN_GATEWAY_"
DELIMITER = "__"
SECRET_BYTES_MIN = 32
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class LedgerSettings(Section):
    """The way to the ledger."""

    adapter: Literal["embedded", "fabric", "hfc"] = "embedded"
    folder: Path = Field(description="The network's folder; for the embedded ledger, the folder of its file.")
    lanes: int = Field(default=4, ge=1, le=16, description="Batches in flight, each with a shard number of its own.")
    first_shard: int = Field(default=0, ge=0, le=15, description="The lanes' first shard number.")
    queued_max: int = Field(default=20_000, ge=1, description="Operations that may wait; past it callers get BUSY.")
    patience_seconds: float = Field(
        default=120, gt=0, description="How long a batch is tried again while peers are away."
    )
    replay: bool = Field(default=False, description="Whether callers date their transactions, as a replay does.")
    clock_behind_seconds: int = Field(
        default=0,
        ge=0,
        description="With `replay`: the gateway lives so long ago, as the ledger that was replayed does.",
    )
    valid_seconds: int = Field(
        default=3600,
        ge=60,
        le=604_800,
        description="How long an operation that the organisation authorises may be sent.",
    )


class HttpSettings(Section):
    """The web server."""

    host: str = Field(default="127.0.0.1", description="The address it listens at.")
    port: int = Field(default=8080, ge=0, le=65535, description="0 takes a free one.")
    public_url: str = Field(
        default="", description="Where people and programs reach it; cookies are Secure when it is https."
    )
    threads: int = Field(default=64, ge=4, le=1024, description="Requests served at once.")
    streams_max: int = Field(
        default=24, ge=1, description="Of the threads, how many may hold an open stream of events."
    )
    commit_wait_seconds: float = Field(
        default=5.0, ge=0, le=60, description="How long an answer waits for the commit before it is 202."
    )
    waiting_max: int = Field(
        default=48, ge=1, description="Of the threads, how many may wait for commits; the others answer 202."
    )
    body_bytes_max: int = Field(default=1_048_576, ge=1024, description="The largest body that is one document.")
    bulk_bytes_max: int = Field(default=1_073_741_824, ge=1024, description="The largest body of the bulk endpoint.")
    bulk_in_flight: int = Field(default=2_000, ge=1, description="Lines of one bulk request on their way at once.")
    proxies: int = Field(
        default=0, ge=0, le=4, description="Trusted proxies in front, whose X-Forwarded headers count."
    )
    patience_seconds: float = Field(
        default=20.0, ge=1, le=300, description="How long a client may be silent within a request, or leave its answer."
    )
    graceful_seconds: float = Field(default=30.0, gt=0, description="How long a stop waits for what is in flight.")
    validate_answers: bool = Field(
        default=False, description="Check each answer against the OpenAPI document, for tests."
    )


class StoreSettings(Section):
    """The database."""

    url: SecretStr = Field(
        default=SecretStr(""),
        description="sqlite:///… or postgresql://…; gateway.db in the gateway's folder when empty.",
    )


class SecretSettings(Section):
    """The key that everything secret at rest is encrypted under. Kept apart from the database."""

    key: SecretStr = Field(default=SecretStr(""), description="64 hex digits or more; `key_file` when empty.")
    key_file: Path = Field(
        default=Path("secret.key"),
        description="One key a line, newest first; relative to the folder. `init` names a file apart from the database.",
    )


class PeopleSettings(IdentitySettings):
    """Everything about people."""

    approvals: ApprovalSettings = ApprovalSettings()
    notes: NoteSettings = NoteSettings()


class RateSettings(Section):
    """How often callers may ask; an API key has a rate of its own."""

    session_per_minute: int = Field(default=600, ge=1)
    anonymous_per_minute: int = Field(default=120, ge=1)


class ObservationSettings(Section):
    """What operators see."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "text"] = "json"
    traces_endpoint: str = Field(default="", description="An OTLP address over HTTP; no traces when empty.")


class GatewaySettings(Section):
    """All settings of one gateway. `folder` is where its file, its key and, by default, its database lie."""

    folder: Path = Field(exclude=True)
    org: str = Field(min_length=1, description="The organisation that this gateway is of.")
    name: str = Field(default="", description="What people are shown; the organisation when empty.")
    neighbours: dict[str, str] = Field(
        default={}, description="Where other organisations' gateways are reached, by MSP id; the tour leads there."
    )
    ledger: LedgerSettings
    http: HttpSettings = HttpSettings()
    store: StoreSettings = StoreSettings()
    secrets: SecretSettings = SecretSettings()
    webhooks: WebhookSettings = WebhookSettings()
    people: PeopleSettings = PeopleSettings()
    rates: RateSettings = RateSettings()
    observation: ObservationSettings = ObservationSettings()

    @property
    def store_url(self) -> str:
        """The database's address. It may hold a password: not for logs."""
        return self.store.url.get_secret_value() or f"sqlite:///{self.folder / 'gateway.db'}"

    def address(self, port: int | None = None) -> str:
        """Where people reach it: `http.public_url`, else this machine under a name, because browsers make no passkeys
        for a number. `port` is the one that it listens at, where that is known better than here."""
        host = "localhost" if self.http.host in LOOPBACK else self.http.host
        return self.http.public_url.rstrip("/") or f"http://{host}:{self.http.port if port is None else port}"

    @property
    def passkeys(self) -> PasskeySettings:
        """`people.passkeys`, with what follows from the address."""
        given = self.people.passkeys
        parts = urlsplit(self.address())
        filled = {
            "rp_id": given.rp_id or parts.hostname or "",
            "origins": given.origins or (f"{parts.scheme}://{parts.netloc}",),
        }
        return given.model_copy(update=filled)

    @property
    def secure(self) -> bool:
        """Whether people reach it over https."""
        return self.http.public_url.startswith("https://")

    def secret_keys(self) -> list[bytes]:
        """The keys for secrets at rest, newest first. Raises SettingsError."""
        given = self.secrets.key.get_secret_value()
        if given:
            texts, where = [given], "secrets.key"
        else:
            path, where = self.folder / self.secrets.key_file, "secrets.key_file"
            try:
                if path.stat().st_mode & 0o077:
                    raise SettingsError("SETTINGS_INVALID", f"{where}: others may read the key file (chmod 600)")
                texts = path.read_text().split()
            except OSError as error:
                raise SettingsError("SETTINGS_MISSING", f"{where}: {error.strerror}") from None
        try:
            keys = [bytes.fromhex(text) for text in texts]
        except ValueError:
            raise SettingsError("SETTINGS_INVALID", f"{where}: not hex digits") from None
        if not keys or any(len(key) < SECRET_BYTES_MIN for key in keys):
            raise SettingsError("SETTINGS_INVALID", f"{where}: wants at least {SECRET_BYTES_MIN} bytes")
        return keys


def load_settings(folder: Path, environment: Mapping[str, str] = os.environ) -> GatewaySettings:
    """The settings of the gateway in `folder`. Raises SettingsError."""
    path = folder / FILE_NAME
    try:
        read = yaml.safe_load(path.read_text("utf-8")) or {}
    except FileNotFoundError:
        raise SettingsError("SETTINGS_MISSING", f"{path} is not there; `jifen gateway init` makes one") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError("SETTINGS_INVALID", f"{path.name}: {str(error).splitlines()[0]}") from None
    if not isinstance(read, dict):
        raise SettingsError("SETTINGS_INVALID", f"{path.name}: not a mapping")
    return settings_from({**_merged(read, _overrides(environment)), "folder": folder.resolve()})


def settings_from(document: Mapping[str, Any]) -> GatewaySettings:
    """The settings that a mapping says. Raises SettingsError, naming the first wrong key."""
    try:
        return GatewaySettings.model_validate(document)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
        key = ".".join(str(part) for part in fault["loc"])
        raise SettingsError("SETTINGS_INVALID", f"{key}: {fault['msg']}") from None


# By hand and not by pydantic-settings: that passes over a variable whose section it does not know (`HTPP__PORT`), and a
# setting that was misspelt is then silently the default.
def _overrides(environment: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in sorted(environment):
        if not name.startswith(PREFIX):
            continue
        parts = name[len(PREFIX) :].lower().split(DELIMITER)
        place = found
        for part in parts[:-1]:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise SettingsError("SETTINGS_INVALID", f"{name}: {part} is a value already")
        place[parts[-1]] = _value(environment[name], name)
    return found


def _value(text: str, name: str) -> Any:
    """A variable's value: JSON where it is a list or an object, else the text itself."""
    if text[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except ValueError:
        raise SettingsError("SETTINGS_INVALID", f"{name}: not a JSON document") from None


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(below)
    for key, value in above.items():
        under = found.get(key)
        found[key] = _merged(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return found
