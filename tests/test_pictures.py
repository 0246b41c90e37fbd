"""Pictures as plain data: whatever they are made of, a browser can be sent it and finds its way in it."""

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from ipywidgets.widgets.widget import _remove_buffers

from mlp_helpers import pictures, plots
from mlp_helpers.pictures import Panel, Picture

ANY = st.floats(allow_nan=True, allow_infinity=True)
COLUMN = arrays(float, st.integers(0, 6), elements=ANY)
GRID = arrays(float, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=ANY)
UNIT = {"xlim": (0, 1), "ylim": (0, 1)}


@st.composite
def limits(draw):
    """(low, high), far enough apart to be told from each other in 32 bits."""
    middle = draw(st.floats(-1e6, 1e6))
    half = draw(st.floats(-4, 25).map(lambda power: 10.0**power)) + 1e-5 * abs(middle)
    return middle - half, middle + half


def sent(picture):
    """What goes to the browser: (the JSON, the buffers). Nothing but bytes may be left out of the JSON."""
    plain, _, buffers = _remove_buffers(picture.state())
    json.dumps(plain, allow_nan=False)
    return plain, buffers


def number(words):
    """The number that a reader reads on an axis."""
    sign, factor, power = re.fullmatch("(−?)(?:([0-9.]+)(?:·|$))?(?:10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?", words).groups()
    power = (power or "⁰").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return float((sign and "-") + (factor or "1") + "e" + power)


# Data.


@pytest.mark.filterwarnings("error")
@given(COLUMN, GRID, ANY)
def test_any_data_can_be_sent(column, grid, place):
    panel = Panel("t", **UNIT)
    panel.line(column, column, "ink", width=np.float32(2), label="a line")
    panel.points(column, column, "blue", size=np.int64(3), hollow=np.bool_(True), label="points")
    panel.segments(column, 0, column, column, "red", width=np.ones(len(column)), label="segments")
    panel.bars(column, column, 0, "green", width=np.float32(0.5), label="bars")
    panel.heat(grid, low=-1.0, high=1.0)
    panel.heat(grid, "regions")
    panel.text(place, place, "words", size=np.float32(12))
    _, buffers = sent(Picture([panel], "words", size=(np.int64(640), np.int64(400))))
    sizes = [4 * len(column)] * (2 + 2 + 5 + 3) + [grid.size] * 2
    assert sorted(map(len, buffers)) == sorted(sizes)
    line = panel.marks[0]
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(np.frombuffer(line["x"], "<f4"), column.astype("<f4"))


@pytest.mark.parametrize("shape", [(3,), (3, 1), (1, 3)])
def test_columns_and_rows_are_taken_as_they_come(shape):
    values = np.arange(3.0).reshape(shape)
    panel = Panel(**UNIT)
    panel.line(values, values, "ink")
    assert panel.marks[0]["x"] == np.arange(3, dtype="<f4").tobytes()


def test_text_nowhere_is_left_out():
    panel = Panel(**UNIT)
    panel.text(np.nan, 0, "a")
    panel.text(0, np.inf, "b")
    panel.text(0, 0, "c")
    assert [mark["words"] for mark in panel.marks] == ["c"]


@pytest.mark.parametrize(
    ("draw", "told"),
    [
        (lambda panel: panel.line([1, 2, 3], [1], "ink"), "3 of x, 1 of y"),
        (lambda panel: panel.points([1], [1, 2], "ink"), "1 of x, 2 of y"),
        (lambda panel: panel.segments([1, 2], 0, 0, 0, ["ink"]), "1 of colors"),
        (lambda panel: panel.bars([1, 2], 0, 1, ["ink"] * 3), "3 of colors"),
        (lambda panel: panel.heat([1.0, 2.0]), r"\(2,\)"),
    ],
)
def test_data_that_do_not_fit_are_refused(draw, told):
    with pytest.raises(ValueError, match=told):
        draw(Panel(**UNIT))


def test_a_picture_needs_words():
    for words in ("", " \n"):
        with pytest.raises(ValueError, match="screen reader"):
            Picture([], words)


# Heat maps.


@pytest.mark.parametrize("colors", ["diverging", "grey"])
@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-3.0, 5.0), (1e-9, 2e-9)])
def test_heat_levels(colors, low, high):
    panel, span = Panel(**UNIT), high - low
    values = [low, high, np.nan, low - span, high + span, low + span / 4, -np.inf, np.inf]
    panel.heat([values], colors, low=low, high=high)
    assert list(panel.marks[0]["levels"]) == [0, 255, 128, 0, 255, 64, 0, 255]
    assert panel.marks[0]["shape"] == [1, 8]


def test_heat_without_a_range_is_no_error():
    panel = Panel(**UNIT)
    panel.heat([[1.0, 2.0]], low=1.0, high=1.0)
    assert list(panel.marks[0]["levels"]) == [128, 255]


def test_the_first_row_of_a_heat_map_comes_first_and_regions_are_classes():
    panel = Panel(**UNIT)
    panel.heat([[0, 1], [2, 3]], "regions")
    assert list(panel.marks[0]["levels"]) == [0, 1, 2, 3]


# Axes.


def check_ticks(ticks, low, high):
    places = [at for at, _ in ticks]
    span, step = high - low, np.diff(places).min()
    assert 2 <= len(ticks) <= 8
    assert low - 1e-6 * span <= places[0] and places[-1] <= high + 1e-6 * span
    assert step > 0
    assert len({words for _, words in ticks}) == len(ticks)
    for at, words in ticks:
        assert abs(number(words) - at) <= 0.01 * step, (at, words)
        assert "-" not in words and "e" not in words


@given(limits())
def test_ticks(pair):
    check_ticks(Panel(xlim=pair, ylim=(0, 1)).xticks, *pair)


@given(st.floats(-30, 30), st.floats(0.05, 30))
def test_logarithmic_ticks(power, powers):
    low, high = 10.0**power, 10.0 ** (power + powers)
    ticks = Panel(xlim=(0, 1), ylim=(low, high), ylog=True).yticks
    check_ticks(ticks, low, high)
    if powers > 3:
        assert all(words.startswith(("1", "0.")) for _, words in ticks), "powers of ten"


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0"), (-2.5, "−2.5"), (1e5, "10⁵"), (-1e5, "−10⁵"), (2e-7, "2·10⁻⁷"), (12345, "12345"), (-1.5e9, "−1.5·10⁹")],
)
def test_numbers(value, words):
    assert pictures._number(value) == words
    assert number(words) == pytest.approx(value)


def test_neighbours_far_from_zero_are_told_apart():
    words = [words for _, words in Panel(xlim=(1e6, 1e6 + 1), ylim=(0, 1)).xticks]
    assert words == ["1000000", "1000000.2", "1000000.4", "1000000.6", "1000000.8", "1000001"]


def test_ticks_of_ones_own():
    panel = Panel(xlim=(0, 1), ylim=(0, 1), xticks=[(np.float32(0.5), "half")], yticks=[])
    assert (panel.xticks, panel.yticks) == ([[0.5, "half"]], [])


@pytest.mark.parametrize("pair", [(0, 0), (1, 0), (np.nan, 1), (0, np.inf), (-1e308, 1e308)])
def test_limits_that_leave_no_room_are_refused(pair):
    with pytest.raises(ValueError, match="xlim"):
        Panel(xlim=pair, ylim=(0, 1))
    with pytest.raises(ValueError, match="ylim"):
        Panel(xlim=(0, 1), ylim=pair)


@pytest.mark.parametrize("low", [0, -1])
def test_a_logarithm_of_nothing_is_refused(low):
    with pytest.raises(ValueError, match="logarithmic"):
        Panel(xlim=(low, 1), ylim=(0, 1), xlog=True)


# Layout.


@given(limits(), limits(), st.booleans())
def test_a_unit_is_equally_long_both_ways(xlim, ylim, frame):
    (left, top, width, height) = Panel(xlim=xlim, ylim=ylim, equal=True, frame=frame).state(10, 20, 500, 300)["box"]
    assert width / (xlim[1] - xlim[0]) == pytest.approx(height / (ylim[1] - ylim[0]))
    slack = 1e-6
    assert left >= 10 - slack and top >= 20 - slack
    assert left + width <= 510 + slack and top + height <= 320 + slack


@given(st.lists(st.floats(1, 2.5), min_size=1, max_size=4), st.booleans())
def test_panels_lie_beside_each_other(widths, equal):
    state = Picture([Panel(**UNIT, equal=equal) for _ in widths], "words", size=(860, 300), widths=widths).state()
    edges = np.array([[left, left + width] for left, _, width, _ in (panel["box"] for panel in state["panels"])])
    assert (np.diff(edges.ravel()) > 0).all() and edges.min() >= 0 and edges.max() <= 860
    if not equal and len(widths) > 1:
        room = np.diff(edges, axis=1)[:, 0] + sum(pictures.MARGINS[:2])
        np.testing.assert_allclose(room / room.sum(), np.array(widths) / sum(widths))


def test_a_panel_without_room_is_refused():
    with pytest.raises(ValueError, match="too small"):
        Picture([Panel("t", **UNIT)], "words", size=(70, 300)).state()


def test_a_width_for_each_panel():
    with pytest.raises(ValueError):
        Picture([Panel(**UNIT)], "words", widths=[1, 2]).state()


# Classes.


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_classes(shape):
    panel = Panel(**UNIT)
    panel.classes(np.arange(8.0).reshape(4, 2), np.array([2, 0, 2, 0]).reshape(shape), ["a", "b", "c"])
    looks = [(mark["color"], mark["marker"]) for mark in panel.marks]
    assert looks == [(plots.CLASS_NAMES[index], plots.MARKERS[index]) for index in (0, 2)]
    assert [np.frombuffer(mark["x"], "<f4").tolist() for mark in panel.marks] == [[2, 6], [0, 4]]
    labels = panel.state(0, 0, 100, 100)["labels"]
    assert [label["label"] for label in labels] == ["a", "c"]
    assert not any(isinstance(value, bytes) for label in labels for value in label.values())


def test_every_colour_has_a_look_in_either_theme():
    assert set(plots.THEMES["light"]) == set(plots.THEMES["dark"]) >= set(plots.CLASS_NAMES)
