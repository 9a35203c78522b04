"""Neither the private key nor the passphrase leaves the page: all traffic, all storage of the browser, the gateway's files and log are looked through.

The private key is known to the test alone: it opens the backup file with the passphrase by another implementation.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.sync_api import Page, expect

from chaincode.cases.world import PLACE
from chaincode.signing import MemberKey
from tests.browser.keys.wrapped_key import opened
from tests.browser.member.conftest import carry_out, issue, sign_in
from tests.browser.member.leaks import STORAGE, Tap, forms_of, leaks, spellings
from tests.scenes.sites import Served

pytestmark = pytest.mark.browser

PASSPHRASE = "sieben Fähren nach 鼓浪屿"
NEXT = "drei Laternen am 外滩 bei Nacht"


def test_neither_key_nor_passphrase_leaves_the_page(
    page: Page, sites: dict[str, Served], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    north = sites["northstar"]
    sign_in(page, north)
    tap = Tap(page)
    page.goto(f"{north.address}/key")
    page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    page.get_by_label("The same again").fill(PASSPHRASE)
    page.get_by_label("I know: if I forget").check()
    page.get_by_role("button", name="Make my key").click()
    expect(page.get_by_role("heading", name="Your key is made")).to_be_visible()
    stored = [page.evaluate(STORAGE)]
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the backup file").click()
    saved.value.save_as(tmp_path / "backup.json")
    backup = json.loads((tmp_path / "backup.json").read_text("utf-8"))
    address = backup["address"]
    issue(north, address, 100)
    other = MemberKey.derived(f"secrets {secrets.token_hex(8)}")
    carry_out(north, "EnrollMember", dict(other.enrolment("northstar", PLACE)))
    page.goto(f"{north.address}/send?to={other.address}")
    page.get_by_label("Amount").fill("5")
    page.get_by_label("Private note").fill("a word for you alone 4711")
    page.get_by_role("button", name="Look it over").click()
    page.get_by_label("Passphrase of your key").fill(PASSPHRASE)
    page.get_by_role("button", name="Sign and send").click()
    expect(page.get_by_text(re.compile("Sent. It stands in block"))).to_be_visible()
    stored.append(page.evaluate(STORAGE))
    page.goto(f"{north.address}/key")
    page.get_by_text("Change the passphrase").first.click()
    page.get_by_label("Passphrase until now").fill(PASSPHRASE)
    page.get_by_label("New passphrase").fill(NEXT)
    page.get_by_label("The new one again").fill(NEXT)
    page.get_by_role("button", name="Change the passphrase").click()
    expect(page.get_by_text("From now on the new passphrase opens your key.")).to_be_visible()
    stored.append(page.evaluate(STORAGE))

    key = opened(backup["key"], PASSPHRASE)
    assert MemberKey(key).address == address
    scalar = key.private_numbers().private_value.to_bytes(32)
    needles = forms_of(scalar) | spellings(PASSPHRASE) | spellings(NEXT)
    needles |= forms_of(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    note = {b"a word for you alone 4711"}

    log = capfd.readouterr()
    files = [(str(path), path.read_bytes()) for path in north.gateway.settings.folder.rglob("*") if path.is_file()]
    ledger = [
        (str(path), path.read_bytes()) for path in (tmp_path.parent.parent).rglob("ledger.sqlite*") if path.is_file()
    ]
    gateways = [*files, *ledger, ("log", (log.out + log.err).encode())]
    browsers = [(f"storage {number}", text.encode()) for number, text in enumerate(stored)]
    cookies = [("cookies", json.dumps(page.context.cookies()).encode())]
    assert leaks([*tap.heard, *gateways, *browsers, *cookies], needles) == []
    assert leaks([*tap.heard, *gateways], note) == []

    # The same look finds what does leave, and finds the key in every disguise: so it would find the others too.
    for before in range(4):
        for disguise in (base64.b64encode, base64.urlsafe_b64encode):
            assert leaks([("a disguise", disguise(b"x" * before + scalar + b"xyz"))], needles)
    wrapped, public = backup["key"]["wrapped"].encode(), backup["key"]["public_key"].encode()
    for known, place in (
        (wrapped, f"PUT {north.address}/api/v1/wallet/keys/{address}"),
        (public, f"POST {north.address}/api/v1/operations/transfer"),
    ):
        assert place in leaks(tap.heard, {known})
    assert any(name.endswith((".db", ".db-wal")) for name in leaks(gateways, {wrapped}))
    assert len(tap.heard) > 60
    assert len(ledger) >= 1


def test_the_pages_that_sign_load_nothing_foreign_and_every_script_with_integrity(
    page: Page, sites: dict[str, Served]
) -> None:
    north = sites["northstar"]
    sign_in(page, north)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/key", "/send", "/redeem", "/legacy", "/notes", "/security", "/contacts", "/merge"):
        answer = page.goto(north.address + path)
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        scripts = page.locator("script")
        for script in scripts.all():
            assert (script.get_attribute("integrity") or "").startswith("sha384-"), path
            assert (script.text_content() or "").strip() == "", "no inline script"
        assert scripts.count() >= 5
        assert page.locator("[style], [onclick], [onsubmit]").count() == 0
    assert [url for url in asked if not url.startswith(north.address + "/")] == []
