"""Who owes whom, as a heat map."""

from __future__ import annotations

from collections.abc import Iterable

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import CONSORTIUM
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.settlement import chosen_window
from gateway.pages.operator.readers import READERS
from gateway.pages.words.marking import mark

HEAT_STEPS = 5


class MatrixContext(Context, template="operator/matrix.html"):
    """`owed` and `heat` by issuer and acceptor; what each of `names` `owes` and `gets` in all; `chosen`: the window,
    `current` the open one."""

    owed: dict[tuple[str, str], int]
    heat: dict[tuple[str, str], int]
    names: list[str]
    owes: dict[str, int]
    gets: dict[str, int]
    digits: int
    chosen: int
    current: int


@CONSORTIUM.page(
    "/operator/matrix",
    name="operator-matrix",
    title=mark("Who owes whom"),
    label=mark("Who owes whom"),
    roles=READERS,
    icon="scales",
)
def matrix(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows what each issuer came to owe each acceptor in a window, as a heat map."""
    current = int(view.ask("getCurrentWindow")["window_id"])
    chosen = chosen_window(view, current)
    positions = view.ask("listWindowPositions", window_id=chosen)["items"]
    if not positions and chosen == current > 1 and "window" not in view.query:
        chosen = current - 1  # the newest in which anything is owed says more than an empty one
        positions = view.ask("listWindowPositions", window_id=chosen)["items"]
    owed = {(one["issuer_msp"], one["acceptor_msp"]): one["value_millionths"] for one in positions}
    names = sorted({msp_id for pair in owed for msp_id in pair} | joined(view.merchants.values()))
    top = max([*owed.values(), 1])
    return view.render(
        MatrixContext(
            owed=owed,
            heat={pair: heat(value, top) for pair, value in owed.items()},
            names=names,
            owes={name: sum(owed.get((name, other), 0) for other in names) for name in names},
            gets={name: sum(owed.get((other, name), 0) for other in names) for name in names},
            digits=view.speech.digits_for(owed.values()),
            chosen=chosen,
            current=current,
        )
    )


def joined(merchants: Iterable[Row]) -> set[str]:
    """Returns the MSP ids of those that joined, whatever became of them."""
    return {one["msp_id"] for one in merchants if one["invited_until"] is None}


def heat(value: int, top: int) -> int:
    """Tells how deep a colour a value has among values up to `top`: 0 for nothing, else 1 to HEAT_STEPS."""
    return 0 if value <= 0 else -(-value * HEAT_STEPS // top)
