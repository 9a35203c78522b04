"""Charts and QR codes, drawn on the server as SVG: they need no script, print, and take their colours from the page's
style sheet."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Callable, Sequence

import leather
import segno
from markupsafe import Markup, escape

WIDTH, HEIGHT = 420, 210
TICKS_MAX = 6
leather.theme.background_color = "none"
leather.theme.tick_font_family = leather.theme.legend_font_family = "inherit"
leather.theme.tick_font_size = 13

_SIZE = re.compile(r'^<svg width="(\d+)" height="(\d+)"')


def line_chart(
    days: Sequence[str], values: Sequence[int], label: str, tell: Callable[[int], str], tell_day: Callable[[str], str]
) -> Markup:
    """Draws a quantity over days (`2026-11-22`). `label` is what somebody hears who does not see it; `tell` and
    `tell_day` say the axes' numbers."""
    if not days:
        return Markup()
    # Times, not days: leather cannot tell days apart that lie less than a few weeks from each other.
    times = [datetime.datetime.fromisoformat(day) for day in days]
    first, last = times[0], max(times[-1], times[0] + datetime.timedelta(days=1))
    pairs = list(zip(times, values, strict=True))
    if len(pairs) == 1:
        pairs.append((last, values[0]))
    chart = leather.Chart()
    chart.add_line(pairs)
    chart.add_x_scale(first, last)
    chart.add_y_scale(0, max(1, *values, 1))
    chart.add_x_axis(
        ticks=[first, first + (last - first) / 2, last],
        tick_formatter=lambda time, *_: tell_day(time.date().isoformat()),
    )
    chart.add_y_axis(ticks=_ticks(max(1, *values, 1)), tick_formatter=lambda value, *_: tell(int(value)))
    return _drawn(chart, label)


def column_chart(columns: Sequence[tuple[str, int]], label: str, tell: Callable[[int], str]) -> Markup:
    """Draws a column for each pair of name and quantity."""
    if not columns:
        return Markup()
    chart = leather.Chart()
    chart.add_columns(list(columns))
    top = max(1, *(value for _, value in columns), 1)
    chart.add_y_scale(0, top)
    chart.add_y_axis(ticks=_ticks(top), tick_formatter=lambda value, *_: tell(int(value)))
    return _drawn(chart, label)


def _ticks(top: int) -> list[int]:
    """Returns a few round numbers from 0 to the top."""
    step = 1
    while top / step > TICKS_MAX:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return list(range(0, top + 1, step))


def _drawn(chart: leather.Chart, label: str) -> Markup:
    text = chart.to_svg(width=WIDTH, height=HEIGHT)
    text = _SIZE.sub(r'<svg viewBox="0 0 \1 \2" class="chart" role="img" aria-label="LABEL"', text, count=1)
    return Markup(text.replace('aria-label="LABEL"', f'aria-label="{escape(label)}"', 1))


def qr_picture(text: str, label: str) -> Markup:
    """Draws a QR code (ISO/IEC 18004, level M), dark on white in every theme, since scanners want it so."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", xmldecl=False, nl=False, omitsize=True, border=4, light="#fff", svgclass="qr", lineclass=None
    )
    svg = drawn.getvalue().decode()
    return Markup(svg.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1))
