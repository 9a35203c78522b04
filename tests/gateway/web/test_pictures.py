"""Pictures that somebody hostile sends: each is refused with a code of its own, and few are read at once."""

from __future__ import annotations

import io
import struct
import zlib

import flask.testing
import pytest
import segno
from PIL import Image

from gateway.web import pictures

PLACE = "/api/v1/pictures/qr"


def png_of(text: str) -> bytes:
    """A QR code."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="png", scale=4)
    return drawn.getvalue()


def blank(width: int, height: int) -> bytes:
    """A picture of nothing."""
    drawn = io.BytesIO()
    Image.new("L", (width, height)).save(drawn, "PNG")
    return drawn.getvalue()


def broken_beginning() -> bytes:
    """A part whose name is no name, met only when the pixels are read: after a first piece of them that is not the last."""
    png = png_of("x")
    place = png.index(b"IDAT") - 4
    (length,) = struct.unpack(">I", png[place : place + 4])
    content = png[place + 8 : place + 8 + length]

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return png[:place] + part(b"IDAT", content[:9]) + part(b"\xb9\xfe\x89\x15", b"") + part(b"IDAT", content[9:])


def test_a_code_is_read(client: flask.testing.FlaskClient) -> None:
    answer = client.post(PLACE, data=png_of("jifen:x"), content_type="image/png")
    assert answer.json == {"text": "jifen:x"}


def transparent(mode: str) -> bytes:
    """A QR code whose ground is transparent and as black as its modules."""
    modules = Image.open(io.BytesIO(png_of("jifen:x"))).convert("L")
    alpha = modules.point(lambda shade: 255 - shade)
    picture = Image.merge("LA", (Image.new("L", modules.size, 0), alpha)).convert(mode)
    drawn = io.BytesIO()
    picture.save(drawn, "PNG")
    return drawn.getvalue()


def with_a_transparent_colour() -> bytes:
    """The same with a palette, one colour of which is transparent."""
    modules = Image.open(io.BytesIO(png_of("jifen:x"))).convert("1").convert("P")
    modules.putpalette([0, 0, 0] * 256)
    drawn = io.BytesIO()
    modules.save(drawn, "PNG", transparency=255)
    return drawn.getvalue()


@pytest.mark.parametrize(
    "data", [transparent("LA"), transparent("RGBA"), with_a_transparent_colour()], ids=["LA", "RGBA", "palette"]
)
def test_a_transparent_ground_is_white(client: flask.testing.FlaskClient, data: bytes) -> None:
    answer = client.post(PLACE, data=data, content_type="image/png")
    assert answer.json == {"text": "jifen:x"}


@pytest.mark.parametrize(
    "data", [b"", b"no picture", broken_beginning(), blank(70_000, 4), blank(4, 70_000), blank(5_000, 5_000)]
)
def test_a_bad_picture_is_refused(client: flask.testing.FlaskClient, data: bytes) -> None:
    answer = client.post(PLACE, data=data, content_type="image/png")
    assert answer.status_code < 500, answer.data
    assert answer.json["code"] == "PICTURE_UNREADABLE"


def test_few_pictures_are_read_at_once(client: flask.testing.FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "PLACE_SECONDS_MAX", 0.01)
    for _ in range(pictures.READ_AT_ONCE_MAX):
        assert pictures.PLACES.acquire(blocking=False)
    try:
        answer = client.post(PLACE, data=png_of("jifen:x"), content_type="image/png")
    finally:
        for _ in range(pictures.READ_AT_ONCE_MAX):
            pictures.PLACES.release()
    assert (answer.status_code, answer.json["code"]) == (503, "BUSY")
    assert client.post(PLACE, data=png_of("jifen:x"), content_type="image/png").status_code == 200
