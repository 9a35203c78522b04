"""What templates call: amounts, days and addresses as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.pages.frame.devices import device_name
from gateway.pages.frame.language import grouped, plain_points, short
from gateway.pages.frame.pictures import column_chart, line_chart, qr_picture

FILTERS: Mapping[str, Callable[..., Any]] = {
    "device_name": device_name,
    "grouped": grouped,
    "short": short,
    "plain_points": plain_points,
    "qr": qr_picture,
    "line_chart": line_chart,
    "column_chart": column_chart,
}
