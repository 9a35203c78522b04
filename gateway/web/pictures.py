"""Reads the QR code in a picture, for browsers that cannot do it themselves. The picture is not kept."""

from __future__ import annotations

import io
import threading

import zxingcpp
from PIL import Image, UnidentifiedImageError

from gateway.core.errors import GatewayError
from gateway.core.schemas import ApiSchema
from gateway.web.endpoints import Answer, Call, Stream, Subject, read_body

subject = Subject("pictures", "Pictures: what a QR code says")

BYTES_MAX = 6 * 1024 * 1024
PIXELS_MAX = 24_000_000
SIDE_PIXELS_MAX = 16_384
READ_AT_ONCE_MAX = 2
PLACE_SECONDS_MAX = 1.0
FORMATS = ("PNG", "JPEG", "WEBP")
QR_CODES = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
PLACES = threading.BoundedSemaphore(READ_AT_ONCE_MAX)
"""A picture of a hundred kilobytes may take a second and a hundred megabytes to read: few are read at once, for all
gateways of the process."""


class QrText(ApiSchema):
    """What the QR code says."""

    text: str


@subject.post(
    "/pictures/qr",
    name="readQrPicture",
    summary="Reads the QR code in a picture",
    body=Stream("image/*", "A PNG, JPEG or WebP picture."),
    answers={200: QrText},
    codes=["PICTURE_UNREADABLE", "QR_NOT_FOUND", "REQUEST_TOO_LARGE", "BUSY"],
    writes=False,
)
def read_qr_picture(call: Call[None]) -> Answer:
    """The first one found."""
    data = read_body(call.request, BYTES_MAX)
    if not PLACES.acquire(timeout=PLACE_SECONDS_MAX):
        raise GatewayError("BUSY", "too many pictures are being read", retry_after_seconds=1)
    try:
        text = _qr_text(data)
    finally:
        PLACES.release()
    if text is None:
        raise GatewayError("QR_NOT_FOUND", "there is no QR code in it that can be read")
    return Answer(200, QrText(text=text))


def _on_white(opened: Image.Image) -> Image.Image:
    """In shades of grey, on white where it is transparent: what is seen through has a colour all the same, often
    black."""
    if not opened.has_transparency_data:
        return opened.convert("L")
    inked = opened.convert("LA")
    white = Image.new("L", opened.size, 255)
    white.paste(inked.getchannel("L"), mask=inked.getchannel("A"))
    return white


def _qr_text(data: bytes) -> str | None:
    """What the first QR code says, None without one. Raises GatewayError PICTURE_UNREADABLE."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > PIXELS_MAX or max(opened.size) > SIDE_PIXELS_MAX:
                raise GatewayError(
                    "PICTURE_UNREADABLE", f"at most {PIXELS_MAX} pixels, and {SIDE_PIXELS_MAX} to a side"
                )
            picture = _on_white(opened)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        # Pillow says SyntaxError of parts that it reads only when the picture is taken in.
        raise GatewayError("PICTURE_UNREADABLE", "send a PNG, JPEG or WebP picture") from None
    found = zxingcpp.read_barcodes(picture, formats=QR_CODES)
    return found[0].text if found else None
