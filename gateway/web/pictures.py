"""Reads the QR code in a picture, for browsers that cannot do it themselves. The picture is not kept."""

from __future__ import annotations

import io

import zxingcpp
from PIL import Image, UnidentifiedImageError

from gateway.documents import Document
from gateway.errors import GatewayError
from gateway.web.endpoints import Answer, Call, Stream, Subject, read_body

subject = Subject("pictures", "Pictures: what a QR code says")

BYTES_MAX = 6 * 1024 * 1024
PIXELS_MAX = 24_000_000
FORMATS = ("PNG", "JPEG", "WEBP")
QR_CODES = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


class QrText(Document):
    """What the QR code says."""

    text: str


@subject.post(
    "/pictures/qr",
    name="readQrPicture",
    summary="Reads the QR code in a picture",
    body=Stream("image/*", "A PNG, JPEG or WebP picture."),
    answers={200: QrText},
    codes=["PICTURE_UNREADABLE", "QR_NOT_FOUND", "REQUEST_TOO_LARGE"],
    writes=False,
)
def read_qr_picture(call: Call[None]) -> Answer:
    """The first one found."""
    data = read_body(call.request, BYTES_MAX)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > PIXELS_MAX:
                raise GatewayError("PICTURE_UNREADABLE", f"at most {PIXELS_MAX} pixels")
            picture = opened.convert("L")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise GatewayError("PICTURE_UNREADABLE", "send a PNG, JPEG or WebP picture") from None
    found = zxingcpp.read_barcodes(picture, formats=QR_CODES)
    if not found:
        raise GatewayError("QR_NOT_FOUND", "there is no QR code in it that can be read")
    return Answer(200, QrText(text=found[0].text))
