"""A recipient by QR code: from a picture, and by a camera that is shown one."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import segno
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from admin.tools.checks.system_packages import provide_chromium
from chaincode.signing import MemberKey
from tests.browser.member.conftest import issue, make_key, sign_in
from tests.scenes.sites import Served

pytestmark = pytest.mark.browser

OTHER = MemberKey.derived("scanning: the recipient").address
ASKED = f"jifen:{OTHER}?class_id=northstar&points=17"


def picture(text: str) -> Image.Image:
    """A photograph of a QR code, 640 by 480."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="png", scale=8, border=6)
    code = Image.open(drawn).convert("RGB")
    code.thumbnail((460, 460))
    found = Image.new("RGB", (640, 480), "#dddddd")
    found.paste(code, (90, 10))
    return found


def film(path: Path, text: str) -> Path:
    """A file that Chromium takes for a camera: single pictures, one behind the other."""
    drawn = io.BytesIO()
    picture(text).save(drawn, "JPEG", quality=95)
    path.write_bytes(drawn.getvalue() * 4)
    return path


def test_a_code_in_a_picture(page: Page, sites: dict[str, Served], member: str, tmp_path: Path) -> None:
    north = sites["northstar"]
    page.goto(f"{north.address}/send")
    for name, text in (("other.png", "https://example.org/"), ("good.png", ASKED)):
        picture(text).save(tmp_path / name)
    Image.new("RGB", (64, 64), "white").save(tmp_path / "none.png")
    (tmp_path / "broken.png").write_bytes(b"no picture at all")
    choose = page.locator("[data-picture]").first
    for name, said in (
        ("none.png", "There is no QR code in the picture that can be read."),
        ("broken.png", "The picture cannot be opened."),
        ("other.png", "This code is not an address."),
    ):
        choose.set_input_files(tmp_path / name)
        expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()
    choose.set_input_files(tmp_path / "good.png")
    expect(page.get_by_label("Address or contact")).to_have_value(OTHER)
    expect(page.get_by_label("Amount")).to_have_value("17")


def test_a_code_before_the_camera(browser: Browser, sites: dict[str, Served], tmp_path: Path) -> None:
    north = sites["northstar"]
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film(tmp_path / 'camera.mjpeg', ASKED)}",
    ]
    seeing = browser.browser_type.launch(executable_path=str(provide_chromium()), args=arguments)
    try:
        context = seeing.new_context(locale="en-GB", permissions=["camera"])
        page = context.new_page()
        sign_in(page, north)
        issue(north, make_key(page, north), 50)
        page.goto(f"{north.address}/send")
        page.get_by_role("button", name="Scan with the camera").click()
        expect(page.get_by_label("Address or contact")).to_have_value(OTHER, timeout=20_000)
        expect(page.get_by_label("Amount")).to_have_value("17")
        expect(page.get_by_role("dialog")).to_have_count(0)
    finally:
        seeing.close()


def test_no_camera_is_told(page: Page, sites: dict[str, Served], member: str) -> None:
    page.goto(f"{sites['northstar'].address}/send")
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.get_by_text("There is no camera here, or it may not be used.")).to_be_visible()
