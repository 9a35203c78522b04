"""The open window 当前结算周期; read by whatever creates an obligation, written when a window is cut or settled."""

from __future__ import annotations

from typing import TypedDict

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Context
from chaincode.spec.kernel.state import View


class WindowOpening(TypedDict):
    """What is known of every window from its beginning."""

    opened_at: int  # Unix seconds
    window_id: int


class Discharge(TypedDict):
    """A merchant's obligations of a window count no more: its default was declared, and others bear them."""

    msp_id: str
    window_id: int


class CurrentWindow(WindowOpening):
    """The open window."""

    discharged: list[Discharge]  # in windows that are not settled
    unsettled: list[int]  # windows before it that are not settled


STORED = CurrentWindow


def current_window(view: View, context: Context) -> Json:
    """The open window. TIME_BEFORE_WINDOW when `now` lies before its opening."""
    found = view.get(keys.CURRENT_WINDOW)
    if context.now < found["opened_at"]:
        raise Refusal(
            "TIME_BEFORE_WINDOW", f"now {context.now}, window {found['window_id']} opened {found['opened_at']}"
        )
    return found
