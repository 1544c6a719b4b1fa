"""Draws `ChartData` as SVG. No style attributes and no script: colours come from the classes of `charts.css`.

Geometry is in pixels of the frame, so that text keeps its size. Text width is guessed from its length; labels have the
air that the guess needs.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from . import formats
from .charts import ChartData, ChartKind, Series

FONT = 15
CHARACTER = 7.4  # pixels of an average character at 15 px
LINE = 19
PATTERNED = {"men": "stripes", "two": "lines", "three": "dots"}
MARKERS = {
    "women": "circle", "men": "square", "total": "triangle", "one": "circle", "two": "square", "three": "triangle",
}  # fmt: skip


@dataclass(frozen=True)
class Frame:
    """The space of a drawing. labels: pixels for the category names at the left of lying bars; 0: they stand above."""

    name: str
    width: int
    labels: int
    ticks: int
    """About how many steps the axis has."""


WIDE = Frame("wide", 720, 210, 5)
NARROW = Frame("narrow", 300, 0, 3)


def draw(data: ChartData, kind: ChartKind, frame: Frame) -> SafeString:
    """The drawing of `data` in `frame`, a whole `<svg>`."""
    body, height = _DRAWERS[kind](data, frame)
    base = _ids(data, frame)
    patterns = "".join(
        _pattern(tone, base) for tone in sorted({one.css for one in data.series} & set(PATTERNED))
    )
    return mark_safe(
        f'<svg class="chart" role="img" aria-labelledby="{base}-t {base}-d" width="{frame.width}" '
        f'height="{height:.0f}" viewBox="0 0 {frame.width} {height:.0f}">'
        f'<title id="{base}-t">{escape(data.title)}</title><desc id="{base}-d">{escape(data.description)}</desc>'
        f"<defs>{patterns}{_pattern('gap', base)}</defs>{body}</svg>"
    )


def _ids(data: ChartData, frame: Frame) -> str:
    """The beginning of every id in this drawing."""
    return f"{data.id}-{frame.name}"


def axis(highest: float, steps: int, decimals: int = 0) -> list[float]:
    """Round marks from zero to at least `highest`, about `steps` steps; with no more decimals than the values have,
    so that nobody reads of two and a half persons."""
    if highest <= 0:
        return [0.0, 1.0]
    raw = max(highest / steps, 10.0**-decimals)
    power = 10.0 ** math.floor(math.log10(raw))
    rounds = [power * factor for factor in (1, 2, 2.5, 5, 10)]
    step = next(one for one in rounds if one >= raw * 0.999 and round(one, decimals) == one)
    return [step * n for n in range(math.ceil(highest / step * 0.9999) + 1)]


def _bars(data: ChartData, frame: Frame) -> tuple[str, float]:
    """Lying bars: a group per category, its name at the left or above, the value at the end of each bar."""
    ids = _ids(data, frame)
    thick, between, apart = (20, 3, 18) if len(data.series) > 1 else (22, 0, 12)
    left = frame.labels
    marks = axis(data.highest, frame.ticks, data.decimals)
    longest = max(
        (len("  ".join(_end_label(data, one, n))) for one in data.series for n in range(len(one.values))),
        default=4,
    )
    right = 12 + longest * CHARACTER
    span = frame.width - left - right
    per_unit = span / marks[-1]
    top = LINE + 12
    y = float(top + 10)
    bars: list[str] = []
    for place, category in enumerate(data.categories):
        lines = textwrap.wrap(category, int((left - 12 if left else frame.width) / CHARACTER)) or [""]
        group = len(data.series) * thick + (len(data.series) - 1) * between
        if left:
            tall = max(group, len(lines) * LINE)
            first = y + tall / 2 - len(lines) * LINE / 2 + LINE * 0.75
            bars += [_text(left - 12, first + n * LINE, line, "end") for n, line in enumerate(lines)]
            bar_y = y + (tall - group) / 2
        else:
            bars += [_text(0, y + 14 + n * LINE, line) for n, line in enumerate(lines)]
            bar_y = y + len(lines) * LINE + 2
            tall = len(lines) * LINE + 2 + group
        for one in data.series:
            bars.append(_lying_bar(data, one, place, ids, (left, bar_y, thick), per_unit))
            bar_y += thick + between
        y += tall + apart
    bottom = y - apart + 10
    grid = "".join(
        _line(
            left + mark * per_unit,
            top,
            left + mark * per_unit,
            bottom,
            "chart-axis" if mark == 0 else "chart-grid",
        )
        + _text(
            left + mark * per_unit,
            bottom + 18,
            _tick(mark),
            "start" if not left and not mark else "middle",
            "chart-tick",
        )
        for mark in marks
    )
    return _text(left, 15, data.unit, css="chart-unit") + grid + "".join(bars), bottom + 26


def _lying_bar(
    data: ChartData, one: Series, place: int, ids: str, box: tuple[float, float, float], per_unit: float
) -> str:
    left, y, thick = box
    value = one.values[place]
    label, name = _end_label(data, one, place)
    base = y + thick / 2 + 5
    if value is None:
        return _rect(left, y, 44, thick, "chart-gap", ids, "gap") + _text(
            left + 52, base, label, css="chart-word", then=name
        )
    length = float(value) * per_unit
    return _rect(left, y, length, thick, _tone(one), ids, one.css) + _text(
        left + length + 7, base, label, css="chart-value", then=name
    )


def _end_label(data: ChartData, one: Series, place: int) -> tuple[str, str]:
    """The value; in the first group with the name of the series too, in place of a legend, else an empty name."""
    value = one.values[place]
    text = one.word(place, data.hidden) if value is None else formats.number(value, data.decimals)
    return text, one.name if place == 0 and len(data.series) > 1 else ""


def _columns(data: ChartData, frame: Frame) -> tuple[str, float]:
    """Standing bars: a group per category with its name under it, the value on top of each where there is room."""
    ids = _ids(data, frame)
    key, key_height = _key(data, frame)
    marks = axis(data.highest, frame.ticks, data.decimals)
    left = 10 + max(len(_tick(mark)) for mark in marks) * CHARACTER
    if _too_narrow(data, (frame.width - left) / max(1, len(data.categories))):
        return _bars(data, frame)
    top, height = 26 + key_height + 14, 250 if frame is WIDE else 190
    slot = (frame.width - left) / max(1, len(data.categories))
    wide = min(56.0, slot * 0.78 / len(data.series))
    values_fit = wide >= CHARACTER * max(4, len(formats.number(data.highest, data.decimals)))
    out = [_text(0, 15, data.unit, css="chart-unit"), key]
    base, per_unit = top + height, height / marks[-1]
    for mark in marks:
        y = base - mark * per_unit
        out.append(_line(left, y, frame.width, y, "chart-axis" if mark == 0 else "chart-grid"))
        out.append(_text(left - 8, y + 5, _tick(mark), "end", "chart-tick"))
    words: list[str] = []
    for place in range(len(data.categories)):
        middle = left + slot * (place + 0.5)
        x = middle - wide * len(data.series) / 2
        for one in data.series:
            value = one.values[place]
            if value is None:
                out.append(_rect(x + 1, base - 44, wide - 2, 44, "chart-gap", ids, "gap"))
                words.append(
                    _text(x + wide / 2, base - 50, one.word(place, data.hidden), "middle", "chart-word")
                )
            else:
                tall = float(value) * per_unit
                out.append(_rect(x + 1, base - tall, wide - 2, tall, _tone(one), ids, one.css))
                if values_fit:
                    label = formats.number(value, data.decimals)
                    out.append(_text(x + wide / 2, base - tall - 6, label, "middle", "chart-value"))
            x += wide
    names, names_height = _names_below(data, left, slot, base)
    return "".join(out + words) + names, base + names_height


def _line_chart(data: ChartData, frame: Frame) -> tuple[str, float]:
    """A line per series, its name at its end; a hidden value is a gap with the word."""
    ids = _ids(data, frame)
    marks = axis(data.highest, frame.ticks, data.decimals)
    left = 10 + max(len(_tick(mark)) for mark in marks) * CHARACTER
    right = 14 + max(len(one.name) for one in data.series) * CHARACTER
    top, height = 38, 250 if frame is WIDE else 190
    base, per_unit = top + height, height / marks[-1]
    inset = 0.35 * (frame.width - left - right) / len(data.categories)
    slot = (frame.width - left - right - inset) / max(1, len(data.categories) - 1)
    out = [_text(0, 15, data.unit, css="chart-unit")]
    for mark in marks:
        y = base - mark * per_unit
        out.append(_line(left, y, frame.width - right, y, "chart-axis" if mark == 0 else "chart-grid"))
        out.append(_text(left - 8, y + 5, _tick(mark), "end", "chart-tick"))
    ends: list[tuple[float, Series]] = []
    words: list[str] = []
    for one in data.series:
        points = [
            None if value is None else (left + inset + slot * place, base - float(value) * per_unit)
            for place, value in enumerate(one.values)
        ]
        out.append(_path(points, one))
        for place, point in enumerate(points):
            if point is None:
                x = left + inset + slot * place
                out.append(_rect(x - 9, base - 44, 18, 44, "chart-gap", ids, "gap"))
                words.append(_text(x, base - 50, one.word(place, data.hidden), "middle", "chart-word"))
            else:
                out.append(_marker(*point, one.css))
        known = [point for point in points if point]
        ends.append((known[-1][1] if known else base, one))
    last = -math.inf
    for y, one in sorted(ends, key=lambda end: end[0]):
        last = max(y, last + LINE - 2)
        out.append(_text(frame.width - right + 12, last + 5, one.name, css="chart-name"))
    names, names_height = _names_below(data, left + inset - slot / 2, slot, base)
    return "".join(out + words) + names, base + names_height


def _key(data: ChartData, frame: Frame) -> tuple[str, float]:
    """Names of the series with their tone, for standing bars, where there is no room at the bars."""
    if len(data.series) < 2:
        return "", 0.0
    ids = _ids(data, frame)
    x, y, out = 0.0, 28.0, []
    for one in data.series:
        need = 24 + len(one.name) * CHARACTER + 20
        if x and x + need > frame.width:
            x, y = 0.0, y + LINE + 4
        out.append(
            _rect(x, y, 16, 16, _tone(one), ids, one.css) + _text(x + 24, y + 13, one.name, css="chart-name")
        )
        x += need
    return "".join(out), y - 28 + LINE + 4


def _too_narrow(data: ChartData, slot: float) -> bool:
    """True when names would have to be left out that nobody can guess; of years and other numbers some may be."""
    longest_word = max((len(word) for name in data.categories for word in name.split()), default=1)
    in_words = any(not name[:1].isdigit() for name in data.categories)
    return in_words and longest_word * CHARACTER + 6 > slot


def _names_below(data: ChartData, left: float, slot: float, base: float) -> tuple[str, float]:
    """The category names under the axis, wrapped; of those that would collide only every so manieth is written."""
    longest_word = max((len(word) for name in data.categories for word in name.split()), default=1)
    every = max(1, math.ceil((longest_word * CHARACTER + 6) / slot)) if slot else 1
    out, most = [], 1
    for place, name in enumerate(data.categories):
        if (len(data.categories) - 1 - place) % every:
            continue
        lines = textwrap.wrap(
            name, max(longest_word, int(slot * every / CHARACTER)), break_long_words=False
        ) or [""]
        most = max(most, len(lines))
        x = left + slot * (place + 0.5)
        out += [_text(x, base + 20 + n * LINE, text, "middle", "chart-name") for n, text in enumerate(lines)]
    return "".join(out), 20 + most * LINE


def _path(points: list[tuple[float, float] | None], one: Series) -> str:
    parts, pen = [], "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        parts.append(f"{pen}{point[0]:.1f} {point[1]:.1f}")
        pen = "L"
    return f'<path class="chart-line tone-{one.css}" d="{"".join(parts)}"/>' if parts else ""


def _marker(x: float, y: float, tone: str) -> str:
    css = f'class="chart-marker tone-{tone}"'
    match MARKERS[tone]:
        case "square":
            return f'<rect {css} x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9"/>'
        case "triangle":
            return (
                f'<path {css} d="M{x - 5.5:.1f} {y + 4:.1f}L{x:.1f} {y - 6:.1f}L{x + 5.5:.1f} {y + 4:.1f}Z"/>'
            )
    return f'<circle {css} cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>'


def _pattern(tone: str, base: str) -> str:
    """The pattern of a tone: a ground and marks on it, both coloured by class."""
    kind = PATTERNED.get(tone, "gap")
    if kind == "dots":
        marks, turn = '<circle class="mark" cx="3.5" cy="3.5" r="1.6"/>', ""
    elif kind == "lines":
        marks, turn = '<rect class="mark" width="7" height="2.5"/>', ""
    else:
        marks, turn = '<rect class="mark" width="3" height="7"/>', ' patternTransform="rotate(45)"'
    return (
        f'<pattern id="{base}-{tone}" class="pattern-{tone}" width="7" height="7" patternUnits="userSpaceOnUse"{turn}>'
        f'<rect class="ground" width="7" height="7"/>{marks}</pattern>'
    )


def _rect(x: float, y: float, width: float, height: float, css: str, ids: str, tone: str) -> str:
    """A bar, filled with its tone's pattern where it has one."""
    fill = f' fill="url(#{ids}-{tone})"' if tone in PATTERNED or tone == "gap" else ""
    return f'<rect class="{css}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}"{fill}/>'


def _line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    return f'<line class="{css}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(
    x: float, y: float, text: str, anchor: str = "start", css: str = "chart-name", then: str = ""
) -> str:
    """Text at a point; `then` follows it in the weight of names, so that "792 2025" is not read as one number."""
    after = f' <tspan class="chart-series" dx="4">{escape(then)}</tspan>' if then else ""
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}{after}</text>'


def _tone(one: Series) -> str:
    """The class of a bar."""
    return f"tone-{one.css}{' earlier' if one.earlier else ''}"


def _tick(mark: float) -> str:
    return formats.number(mark, 0 if mark == int(mark) else 1)


_DRAWERS: dict[ChartKind, Callable[[ChartData, Frame], tuple[str, float]]] = {
    ChartKind.BARS: _bars,
    ChartKind.COLUMNS: _columns,
    ChartKind.LINE: _line_chart,
}
