"""The gateway's settings: each fault names its key, the environment counts over the file, secrets never show."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gateway.core.settings import SettingsError
from gateway.settings import GatewaySettings, load_settings
from gateway.setup import initialise

DOCUMENT = {"org": "northstar", "ledger": {"folder": "ledger"}}


def written(folder: Path, document: object) -> Path:
    """A gateway's folder with this file."""
    (folder / "gateway.yaml").write_text(yaml.safe_dump(document) if not isinstance(document, str) else document)
    return folder


def code_and_detail(folder: Path, environment: dict[str, str] | None = None) -> str:
    """What the settings are refused with."""
    with pytest.raises(SettingsError) as refused:
        load_settings(folder, environment or {})
    return str(refused.value)


@pytest.mark.parametrize(
    ("document", "wanted"),
    [
        ({}, "SETTINGS_INVALID: org:"),
        ({"org": "a"}, "SETTINGS_INVALID: ledger:"),
        ({**DOCUMENT, "http": {"port": "many"}}, "SETTINGS_INVALID: http.port:"),
        ({**DOCUMENT, "http": {"prot": 1}}, "SETTINGS_INVALID: http.prot:"),
        ({**DOCUMENT, "ledger": {"folder": "x", "lanes": 17}}, "SETTINGS_INVALID: ledger.lanes:"),
        ({**DOCUMENT, "people": {"codes": {"seconds": 1}}}, "SETTINGS_INVALID: people.codes.seconds:"),
        ([], "SETTINGS_INVALID: "),
        ("a: [", "SETTINGS_INVALID: gateway.yaml:"),
    ],
)
def test_a_fault_names_its_key(tmp_path: Path, document: object, wanted: str) -> None:
    assert code_and_detail(written(tmp_path, document)).startswith(wanted)


def test_without_a_file_it_says_how_to_make_one(tmp_path: Path) -> None:
    assert "jifen gateway init" in code_and_detail(tmp_path)


def test_the_environment_counts_over_the_file(tmp_path: Path) -> None:
    written(tmp_path, {**DOCUMENT, "http": {"port": 1, "threads": 8}})
    environment = {
        "JIFEN_GATEWAY_HTTP__PORT": "8081",
        "JIFEN_GATEWAY_STORE__URL": "postgresql://a:geheim@h/x",
        "JIFEN_GATEWAY_PEOPLE__APPROVALS__VALUE_LIMITS": '{"Issue": 5}',
        "OTHER": "x",
    }
    settings = load_settings(tmp_path, environment)
    assert (settings.http.port, settings.http.threads) == (8081, 8)
    assert settings.people.approvals.value_limits == {"Issue": 5}
    assert settings.store_url == "postgresql://a:geheim@h/x"
    assert "geheim" not in repr(settings) + str(settings.model_dump())


def test_a_wrong_variable_is_refused_without_its_value(tmp_path: Path) -> None:
    written(tmp_path, DOCUMENT)
    told = code_and_detail(tmp_path, {"JIFEN_GATEWAY_SECRETS__KEI": "geheim"})
    assert told.startswith("SETTINGS_INVALID: secrets.kei:")
    assert "geheim" not in told
    assert "JIFEN_GATEWAY_HTTP" in code_and_detail(tmp_path, {"JIFEN_GATEWAY_HTTP": "{1"})


def made(folder: Path) -> GatewaySettings:
    """A gateway's folder, made."""
    return initialise(folder, DOCUMENT)


def test_a_gateways_folder_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "gateway"
    first = made(folder)
    key = (folder / "secret.key").read_text()
    for name in ("secret.key", "gateway.yaml"):
        assert (folder / name).stat().st_mode & 0o077 == 0
    second = made(folder)
    assert (folder / "secret.key").read_text() == key
    assert first.secret_keys() == second.secret_keys()
    assert len(first.secret_keys()[0]) == 32


@pytest.mark.parametrize("text", ["", "zz", "ab" * 31, "ab" * 32 + "\nxy"])
def test_a_weak_or_broken_key_is_refused(tmp_path: Path, text: str) -> None:
    settings = made(tmp_path / "gateway")
    (settings.folder / "secret.key").write_text(text)
    with pytest.raises(SettingsError) as refused:
        settings.secret_keys()
    assert "secrets.key_file" in str(refused.value)


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    settings = made(tmp_path / "gateway")
    (settings.folder / "secret.key").chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        settings.secret_keys()


def test_a_document_that_cannot_be_settings_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        initialise(tmp_path / "gateway", {"org": "x"})
    assert not (tmp_path / "gateway").exists()
