"""Diagrams: axis, gaps, patterns, the same numbers in the table."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsam_site.ui.charts import Chart, ChartData, ChartKind, Series
from finsam_site.ui.charts_svg import NARROW, WIDE, axis, draw


def data(**overrides: object) -> ChartData:
    values: dict[str, object] = {
        "title": "Fler <män> & kvinnor",
        "unit": "Antal",
        "categories": ["2017", "2018"],
        "series": [Series("Kvinnor", [10, None], "women"), Series("Män", [5, 7], "men")],
    }
    return ChartData(**(values | overrides))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ChartKind)
@pytest.mark.parametrize("frame", [WIDE, NARROW], ids=lambda frame: frame.name)
def test_is_well_formed_and_says_what_it_shows(kind: ChartKind, frame: object) -> None:
    svg = draw(data(), kind, frame)  # type: ignore[arg-type]
    root = ET.fromstring(svg)
    texts = {element.text for element in root.iter() if element.text}
    assert {"Fler <män> & kvinnor", "Antal", "skyddat"} <= texts
    assert "style=" not in svg and "<script" not in svg
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("kind", ChartKind)
def test_the_two_drawings_share_no_id(kind: ChartKind) -> None:
    html = Chart(data(), kind).render()
    ids = [part.split('"')[0] for part in html.split(' id="')[1:]]
    assert len(ids) == len(set(ids))


def test_bars_are_as_long_as_their_values_from_zero() -> None:
    svg = ET.fromstring(draw(data(), ChartKind.BARS, WIDE))
    bars = {
        element.get("class"): float(element.get("width") or 0)
        for element in svg.iter()
        if (element.get("class") or "").startswith("tone-")
    }
    assert bars["tone-women"] / bars["tone-men"] == pytest.approx(10 / 7, rel=0.01)


@pytest.mark.parametrize(
    ("highest", "decimals", "marks"),
    [
        (41, 0, [0, 10, 20, 30, 40, 50]), (0, 0, [0, 1]), (100, 0, [0, 20, 40, 60, 80, 100]), (0.4, 0, [0, 1]),
        (12, 0, [0, 5, 10, 15]), (3, 0, [0, 1, 2, 3]), (12, 1, [0, 2.5, 5, 7.5, 10, 12.5]),
        (110, 0, [0, 25, 50, 75, 100, 125]),
    ],
)  # fmt: skip
def test_axis_begins_at_zero_and_reaches_the_highest_in_steps_as_exact_as_the_values(
    highest: float, decimals: int, marks: list[float]
) -> None:
    assert axis(highest, 5, decimals) == marks


@given(highest=st.floats(0.001, 1e7), steps=st.integers(3, 8), decimals=st.integers(0, 2))
def test_any_axis_reaches_the_highest_in_few_round_steps(highest: float, steps: int, decimals: int) -> None:
    found = axis(highest, steps, decimals)
    assert found[0] == 0 and found[-1] >= highest * 0.999
    assert 2 <= len(found) <= steps + 2
    assert all(float(f"{mark:.{decimals}f}") == pytest.approx(mark) for mark in found)


def test_the_table_has_the_same_numbers() -> None:
    html = Chart(data()).render()
    assert "Visa talen" in html
    table = Chart(data()).table
    assert [[cell.text for cell in cells] for _, _, cells in table.body] == [["10", "5"], ["skyddat", "7"]]


def test_negative_and_crooked_values_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        data(series=[Series("Alla", [-1, 2])])
    with pytest.raises(ValueError, match="2 categories"):
        data(series=[Series("Alla", [1])])
    with pytest.raises(ValueError, match="tone"):
        data(series=[Series("Alla", [1, 2], "pink")])


def test_names_of_tones_in_swedish_are_taken() -> None:
    svg = draw(data(series=[Series("Kvinnor", [1, 2], "kvinnor", earlier=True)]), ChartKind.BARS, WIDE)
    assert 'class="tone-women earlier"' in svg
