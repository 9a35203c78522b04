"""Holds README.md and chaincode/README.md to the code."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from typer.testing import CliRunner

from admin.commands import documents
from admin.errors import BadInput
from admin.exit_codes import MEANINGS
from admin.tools.reference import examples, filling, tables
from chaincode.spec.kernel import bech32, keys, limits
from chaincode.spec.kernel.canonical import encode
from chaincode.spec.kernel.codes import CODES
from chaincode.spec.kernel.context import Role
from chaincode.spec.operations import OPERATIONS
from chaincode.spec.queries import QUERIES

ROOT = filling.ROOT
RULES = (ROOT / "chaincode" / "README.md").read_text("utf-8")
FRONT = (ROOT / "README.md").read_text("utf-8")
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def test_the_pages_are_what_the_code_makes_of_them() -> None:
    assert filling.stale() == [], "`jifen documents write` makes them anew"


def test_every_part_stands_on_a_page_once() -> None:
    found = [*filling.parts(FRONT), *filling.parts(RULES)]
    assert sorted(found) == sorted([*tables.TABLES, *examples.EXAMPLES])


def copied(to: Path) -> Path:
    for name in filling.FILES:
        (to / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, to / name)
    return to


def test_a_changed_table_is_noticed_and_mended(tmp_path: Path) -> None:
    copied(tmp_path)
    page = tmp_path / "chaincode" / "README.md"
    page.write_text(RULES.replace("fewer spendable", "more spendable"), "utf-8")
    assert page.read_text("utf-8") != RULES
    assert filling.stale(tmp_path) == ["chaincode/README.md"]
    assert filling.write(tmp_path) == ["chaincode/README.md"]
    assert page.read_text("utf-8") == RULES
    assert filling.write(tmp_path) == []


def test_a_part_that_nothing_makes_is_refused() -> None:
    with pytest.raises(BadInput) as refused:
        filling.filled("<!-- made by jifen documents write: prices -->\n<!-- end -->")
    assert refused.value.code == "DOCUMENT_PART_UNKNOWN"
    assert "operations" in refused.value.detail


def test_the_command_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = CliRunner().invoke(documents.app, ["check", "--json"])
    assert (fresh.exit_code, json.loads(fresh.stdout)) == (0, {"stale": []})
    monkeypatch.setattr(filling, "stale", lambda: ["README.md"])
    old = CliRunner().invoke(documents.app, ["check"])
    assert getattr(old.exception, "code", None) == "DOCUMENTS_STALE"


def test_all_names_of_the_rules_are_on_the_page() -> None:
    for name in [*OPERATIONS, *QUERIES, *CODES]:
        assert f"| `{name}` |" in RULES, name
    for name in vars(limits):
        if name.isupper():
            assert f"| `{name}` |" in RULES, name
    for name, operation in OPERATIONS.items():
        for argument in operation.ARGUMENTS:
            assert re.search(rf"\| `{name}` \|.*`{argument}\??` ", RULES), (name, argument)


def test_every_key_is_on_the_page_as_it_is_made() -> None:
    patterns = tables.key_patterns()
    made = {name for name, value in vars(keys).items() if inspect.isfunction(value)}
    assert set(patterns) == made | {"CONSORTIUM", "CURRENT_WINDOW"}
    for name, pattern in patterns.items():
        assert f"| `{pattern}` |" in RULES, pattern
        assert tables.stored_fields(tables.noun_of(name)), pattern
        if name not in made:
            assert getattr(keys, name) == pattern
            continue
        function = getattr(keys, name)
        wanted = {"window_id": 7, "shard": 3}
        given = {
            parameter: wanted.get(parameter, parameter.upper()) for parameter in inspect.signature(function).parameters
        }
        expected = pattern
        for parameter, value in given.items():
            for digits in ("", ", 2 digits", ", 8 digits"):
                padded = str(value).zfill(int(digits[2:3] or 0))
                expected = expected.replace(f"<{parameter}{digits}>", padded)
        assert function(**given) == expected


def test_codes_stand_in_their_order() -> None:
    places = re.findall(r"^\| (\d+) \| `([A-Z0-9_]+)` \|", RULES, re.MULTILINE)
    assert [code for _, code in places] == list(CODES)
    assert [int(place) for place, _ in places] == list(range(1, len(CODES) + 1))
    assert list(CODES)[12] == "ROLE_REQUIRED", "the page says that codes 1 to 13 can meet any operation"


def test_the_glossary_has_a_chinese_word_for_everything() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", RULES.partition("## Glossary")[2], re.MULTILINE)[1:]
    words = [word for word, _, _ in rows if set(word) != {"-"}]
    assert len(words) > 40
    assert words == sorted(words, key=str.casefold)
    for word, chinese, meaning in rows:
        if set(word) != {"-"}:
            assert re.search("[\u4e00-\u9fff]", chinese), word
            assert meaning.strip(), word
    text = RULES.partition("## Glossary")[2]
    for role in Role:
        assert role.value in text, role
    for status in ("ISSUE_STOPPED", "RUN_OFF", "RESERVED", "LAPSED", "SETTLED", "CONFIRMED"):
        assert status in text, status


def test_every_noun_is_in_the_glossary() -> None:
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \| [^|]+ \|$", RULES.partition("## Glossary")[2], re.MULTILINE)
    words = [word for word in rows if re.search("[\u4e00-\u9fff]", word)][1:]
    missing = []
    for name in tables.key_patterns():
        said = re.search("[\u4e00-\u9fff]+", tables.noun_of(name).__doc__ or "")
        assert said is not None, f"nouns/{name.lower()}.py does not say what it is called in Chinese"
        if not any(word in said[0] for word in words):
            missing.append(f"{name}: {said[0]}")
    assert missing == [], "give it a row in the glossary of chaincode/README.md"


def test_the_signature_example_can_be_recomputed() -> None:
    part = RULES.partition("<!-- made by jifen documents write: signature -->")[2].partition("<!-- end -->")[0]
    line = re.findall(r"```json\n(.+)\n```", part)[0]
    facts = dict(re.findall(r"^(\S[^\n]*)\n  (\S+)$", part, re.MULTILINE))
    text = re.search(r"SHA-256 of the text `([^`]+)`", RULES)
    assert text is not None
    number = int(hashlib.sha256(text[1].encode()).hexdigest(), 16) % (P256_ORDER - 1) + 1
    key = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    point = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    assert facts["public key"] == point.hex()
    assert bech32.decode("jf", facts["address"]) == hashlib.sha256(point).digest()[:20]
    assert facts["SHA-256 of the bytes"] == hashlib.sha256(line.encode()).hexdigest()
    raw = bytes.fromhex(facts["signature"])
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key.verify(der, line.encode(), ec.ECDSA(hashes.SHA256()))  # raises when it does not fit
    document = json.loads(line)
    assert line.encode() == encode(document)
    assert list(document) == ["args", "chaincode", "channel", "domain", "network", "op", "request_id", "valid_until"]
    assert document["domain"] == "jifen-operation-1"


def test_the_front_page_tells_the_exit_codes() -> None:
    for code, meaning in MEANINGS.items():
        assert f"| {code.value} | {meaning} |" in FRONT
    assert len(re.findall(r"^\| \d+ \|", FRONT, re.MULTILINE)) == len(MEANINGS)


@pytest.mark.parametrize("page", filling.FILES)
def test_what_a_page_points_at_is_there(page: str) -> None:
    text, folder = (ROOT / page).read_text("utf-8"), (ROOT / page).parent
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (folder / target).exists(), target
    for name in re.findall(
        r"^\| `((?:chaincode|network|gateway|admin|scripts|tests|spec)[a-z/]*)` \|", text, re.MULTILINE
    ):
        assert (folder / name).is_dir(), name


def test_the_commands_on_the_front_page_exist() -> None:
    have = {path.stem.replace("_", "-") for path in (ROOT / "admin" / "commands").glob("*.py") if path.stem[0] != "_"}
    told = {
        word for line in re.findall(r"^jifen ([a-z |-]+?)(?:  |$)", FRONT, re.MULTILINE) for word in [line.split()[0]]
    }
    told |= {"documents"} if "jifen vectors | documents" in FRONT else set()
    assert told == have
    scripts = {path.name for path in (ROOT / "scripts").iterdir() if "." not in path.name}
    assert set(re.findall(r"scripts/([a-z]+)", FRONT)) <= scripts
