"""The still picture: everything is to be seen, where it belongs, whatever the data are."""

import io
import warnings

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mlp_helpers import plots, still
from mlp_helpers.pictures import Panel, Picture

SIZE = 300, 240
UNIT = {"xlim": (0, 1), "ylim": (0, 1)}
X = np.linspace(0.1, 0.9, 9)
MARKS = {
    "line": lambda panel: panel.line(X, X, "red"),
    "dashed line": lambda panel: panel.line(X, X, "red", dash=True),
    "points": lambda panel: panel.points(X, X, "red"),
    "rings": lambda panel: panel.points(X, X, "red", hollow=True),
    "segments": lambda panel: panel.segments(X, 0.1, X, 0.8, "red", width=2),
    "segments of many colours": lambda panel: panel.segments(X, 0.1, X, 0.8, ["red"] + ["blue"] * 8, width=X * 3),
    "arrows": lambda panel: panel.segments([0.1], 0.1, 0.9, 0.9, "red", width=2, arrow=True),
    "bars": lambda panel: panel.bars(X, 0, X, "red", width=0.05),
    "diverging": lambda panel: panel.heat([[0, 1]]),
    "grey": lambda panel: panel.heat([[0, 1]], "grey"),
    "regions": lambda panel: panel.heat([[0, 1]], "regions"),
    "text": lambda panel: panel.text(0.5, 0.5, "word", "red", size=30),
    "text on a ground": lambda panel: panel.text(0.5, 0.5, "two\nlines", "red", size=30, ground=True, bold=True),
    **{f"marker {m}": lambda panel, m=m: panel.points([0.5], [0.5], "red", marker=m, size=9) for m in "os^DvP*"},
}


def seen(*draw, frame=True, **options):
    """The still of one panel as numbers: (its pixels, (height, width, 3); its box in these pixels)."""
    panel = Panel(**UNIT | options, frame=frame)
    for each in draw:
        each(panel)
    state = Picture([panel], "words", size=SIZE).state()
    pixels = np.asarray(Image.open(io.BytesIO(still.png(state))).convert("RGB")).astype(int)
    return pixels, [round(edge * still.SCALE) for edge in state["panels"][0]["box"]]


@pytest.fixture(scope="module")
def empty():
    return seen()[0]


def changed(pixels, others):
    return np.abs(pixels - others).max(axis=2) > 20


def outside(mask, box, margin=2):
    left, top, width, height = box
    mask = mask.copy()
    mask[top - margin : top + height + margin, left - margin : left + width + margin] = False
    return mask


@pytest.mark.parametrize("name", MARKS)
def test_each_mark_is_seen_inside_the_panel_alone(name, empty):
    pixels, box = seen(MARKS[name])
    mask = changed(pixels, empty)
    assert mask.sum() > 60
    assert not outside(mask, box).any()


@pytest.mark.parametrize("name", MARKS)
def test_each_mark_is_seen_in_a_diagram(name):
    blank = seen(frame=False)[0]
    assert (blank == 255).all(), "white stays white"
    assert changed(seen(MARKS[name], frame=False)[0], blank).sum() > 60


def test_a_picture_has_its_size_and_a_white_ground(empty):
    assert empty.shape == (round(SIZE[1] * still.SCALE), round(SIZE[0] * still.SCALE), 3)
    assert (empty[0] == 255).all() and (empty[-1] == 255).all()


@pytest.mark.parametrize("seed", range(6))
def test_the_ground_stays_white_beside_tints_that_are_nearly_white(seed):
    x, label = np.random.default_rng(seed).uniform(size=(40, 2)), np.arange(40) % 2
    pixels, _ = seen(
        lambda panel: panel.heat(np.add.outer(np.linspace(0, 0.5, 80), np.linspace(0, 0.5, 80))),
        lambda panel: panel.classes(x, label),
        lambda panel: panel.points(*x.T, "red", size=7, hollow=True),
        title="white and two tints", xlabel="x", ylabel="y",
    )  # fmt: skip
    assert (pixels[:3] == 255).all() and (pixels[:, :3] == 255).all()


def test_a_point_lies_where_its_coordinates_say(empty):
    pixels, (left, top, width, height) = seen(lambda panel: panel.points([0.25], [0.75], "red", size=6))
    rows, columns = np.nonzero(changed(pixels, empty))
    assert columns.mean() == pytest.approx(left + 0.25 * width, abs=1.5)
    assert rows.mean() == pytest.approx(top + 0.25 * height, abs=1.5)


def test_a_logarithmic_axis(empty):
    options = {"xlog": True, "xlim": (1, 100)}
    draw = lambda panel: panel.points([-1, 0, 10], [0.5, 0.5, 0.5], "red", size=6)  # noqa: E731
    pixels, (left, _, width, _) = seen(draw, **options)
    _, columns = np.nonzero(changed(pixels, seen(**options)[0]))
    assert columns.mean() == pytest.approx(left + width / 2, abs=1.5)
    assert np.ptp(columns) < 25, "one point alone"


def test_the_first_row_of_a_heat_map_is_the_lowest():
    pixels, (left, top, width, height) = seen(lambda panel: panel.heat([[0, 0.5], [1, 1]]))
    colors = [tuple(int(color[at : at + 2], 16) for at in (1, 3, 5)) for color in plots.THEMES["light"]["diverging"]]
    places = [(0.75, 0.25, colors[0]), (0.75, 0.75, colors[1]), (0.25, 0.25, colors[2])]
    for down, right, color in places:
        found = pixels[round(top + down * height), round(left + right * width)]
        assert np.abs(found - color).max() <= 8


def test_a_heat_map_has_no_bands():
    gradient = np.tile(np.linspace(0, 1, 80), (2, 1))
    pixels, (left, top, width, height) = seen(lambda panel: panel.heat(gradient))
    table = still._table("diverging")[:, :3].astype(int)
    row = pixels[top + height // 2, left + 3 : left + width - 3]
    share = (np.arange(len(row)) + 3.5) / width
    wanted = table[np.rint(gradient[0][(share * 80).astype(int)] * 255).astype(int)]
    assert np.abs(row - wanted).max() <= 10
    assert np.abs(row - wanted).mean() <= 3


def test_a_nan_breaks_a_line(empty):
    def gaps(y):
        pixels, (left, top, width, height) = seen(lambda panel: panel.line([0, 0.4, 0.5, 0.6, 1], y, "red", width=3))
        return ~changed(pixels, empty)[top : top + height, left + 5 : left + width - 5].any(axis=0)

    assert not gaps([0.5] * 5).any()
    for broken in (np.nan, np.inf, 1e300):
        assert gaps([0.5, 0.5, broken, 0.5, 0.5]).sum() == pytest.approx(0.2 * gaps([0.5] * 5).size, abs=8)


def test_segments_are_not_joined(empty):
    pixels, (left, _, width, _) = seen(lambda panel: panel.segments([0.2, 0.8], 0.1, [0.2, 0.8], 0.9, "red", width=3))
    columns = np.nonzero(changed(pixels, empty).any(axis=0))[0]
    assert len(columns) < 20
    assert set(np.rint((columns - left) / width * 5)) == {1, 4}


@pytest.mark.parametrize("corner", ["upper left", "upper right", "lower left", "lower right"])
def test_the_legend_is_in_its_corner(corner, empty):
    pixels, (left, top, width, height) = seen(
        lambda panel: panel.line([2], [2], "red", label="dashes", dash=True),
        lambda panel: panel.points([2], [2], "blue", label="dots"),
        lambda panel: panel.bars([2], 2, 3, "green", label="bars"),
        legend=corner,
    )
    rows, columns = np.nonzero(changed(pixels, empty))
    assert (rows.mean() < top + height / 2) == ("upper" in corner)
    assert (columns.mean() < left + width / 2) == ("left" in corner)
    assert rows.min() >= top and rows.max() <= top + height and columns.min() >= left and columns.max() <= left + width


FAR = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([1e3, -1e7, 1e30, 0.5])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(FAR, FAR), min_size=1, max_size=4), st.booleans())
def test_nothing_is_drawn_outside_the_panel(places, log):
    x, y = np.array(places).T
    drawn = [
        lambda panel: panel.line(x, y, "red"),
        lambda panel: panel.points(x, y, "red", size=8),
        lambda panel: panel.points(x, y, "blue", size=8, hollow=True),
        lambda panel: panel.segments(x, y, y, x, "red"),
        lambda panel: panel.bars(x, y, 0.5, "green"),
    ]
    options = {"ylog": True, "ylim": (0.01, 1)} if log else {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pixels, box = seen(*drawn, **options)
    assert not outside(changed(pixels, seen(**options)[0]), box).any()


@settings(max_examples=15, deadline=None)
@given(FAR, FAR)
def test_arrows_and_words_anywhere_do_not_raise(x, y):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        seen(lambda panel: panel.segments([x], y, 0.5, 0.5, "red", arrow=True), lambda panel: panel.text(x, y, "word"))


def test_what_the_reader_has_set_for_figures_changes_nothing(empty):
    own = {"text.usetex": True, "font.family": "serif", "figure.facecolor": "black", "path.sketch": (5, 100, 2)}
    with matplotlib.rc_context(own):
        assert (seen()[0] == empty).all()
        assert matplotlib.rcParams["text.usetex"] is True


def test_dollars_are_no_formula(empty):
    assert changed(seen(title="$5 and x_1 $")[0], empty).any()


def test_pictures_of_one_state_are_the_same_bytes():
    panel = Panel("t", **UNIT)
    MARKS["points"](panel)
    state = Picture([panel], "words", size=SIZE).state()
    assert still.png(state) == still.png(state)


def test_a_figure_keeps_its_gradients():
    grid = np.add.outer(np.linspace(0, 1, 100), np.linspace(0, 1, 100)) / 2
    for map_name in ("viridis", "gray", plots.DIVERGING):
        figure, ax = plots.axes(size=(4, 4))
        figure.set_layout_engine("none")
        ax.set_position([0, 0, 1, 1])
        ax.set_axis_off()
        ax.imshow(grid, cmap=map_name, aspect="auto", interpolation="nearest", origin="lower")
        pixels = np.asarray(Image.open(io.BytesIO(plots.png(figure))).convert("RGB")).astype(int)
        count = len(pixels)
        at = ((np.arange(count) + 0.5) * 100 / count).astype(int)
        wanted = matplotlib.colormaps.get_cmap(map_name)(grid[::-1][at][:, at], bytes=True)[..., :3].astype(int)
        off = np.abs(pixels - wanted).max(axis=2)
        assert np.percentile(off, 98) <= 10 and off.mean() < 4
