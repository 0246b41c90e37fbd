"""The demos of lessons 4 and 5, moved without a browser: what they show agrees with the mathematics."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from demo_board import mark, marks, moved, numbers, opened, words, xy
from scipy.special import log_softmax
from scipy.special import softmax as reference
from sklearn.metrics import accuracy_score, precision_score, recall_score, roc_curve
from sklearn.metrics import confusion_matrix as counted

from mlp_helpers import demos, plots


def confusion_matrix(p, y, threshold):
    said, true = p > threshold, y > 0.5
    return np.array([[np.sum(~said & ~true), np.sum(said & ~true)], [np.sum(~said & true), np.sum(said & true)]])


def scores(matrix):
    (true_neg, false_pos), (false_neg, true_pos) = matrix
    called, are = true_pos + false_pos, true_pos + false_neg
    return (true_neg + true_pos) / matrix.sum(), true_pos / called if called else 0.0, true_pos / are if are else 0.0


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def cross_entropy(logits, target):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(target)), target])


# Thresholds.

RNG = np.random.default_rng(3)
Y = (RNG.uniform(size=(90, 1)) < 0.35).astype(float)
P = 1 / (1 + np.exp(-(2 * Y - 1 + 1.5 * RNG.normal(size=(90, 1)))))


@pytest.fixture
def threshold(monkeypatch):
    return opened(monkeypatch, demos.threshold, P, Y, confusion_matrix, scores, names=("Adelie", "Chinstrap"))


def test_counts_scores_and_rates_equal_scikit_learns(threshold):
    for cut in np.round(np.arange(0, 1.001, 0.01), 2):
        (histogram, table, roc), said, trouble = moved(threshold, cut=float(cut))
        answers = (cut < P).astype(int).ravel()
        expected = counted(Y.ravel(), answers, labels=[0, 1])
        cells = [entry["words"].split() for entry in marks(table, "text") if entry["words"][0] in "✓✗"]
        assert [int(count) for _, count in cells] == expected.ravel().tolist()
        assert [sign for sign, _ in cells] == ["✓", "✗", "✗", "✓"]
        assert sum(int(count) for _, count in cells) == 90
        assert f"accuracy {accuracy_score(Y, answers):.2f}" in words(table) and "accuracy" in said
        assert f"recall {recall_score(Y, answers):.2f}" in words(table)
        precision = f"{precision_score(Y, answers):.2f}" if answers.any() else "–"
        assert f"precision {precision}" in words(table) and f"precision {precision}" in said
        assert (numbers(mark(histogram, "line", color="red")["x"]) == np.float32(cut)).all()

        point, curve = xy(mark(roc, "points"))[0], xy(mark(roc, "line", dash=False))
        assert point == pytest.approx([expected[0, 1] / expected[0].sum(), expected[1, 1] / expected[1].sum()])
        assert (curve == point).all(axis=1).any()
        assert not trouble


def test_the_curve_is_scikit_learns(threshold):
    (_, _, roc), _, _ = moved(threshold, cut=0.5)
    false_positive, recall, _ = roc_curve(Y.ravel(), P.ravel(), drop_intermediate=False)
    curve = xy(mark(roc, "line", dash=False))
    assert curve[::-1][1:] == pytest.approx(np.column_stack([false_positive, recall]), abs=1e-6)
    assert (np.diff(curve, axis=0) <= 0).all()


def test_each_bird_is_in_one_bar(threshold):
    (histogram, _, _), _, _ = moved(threshold, cut=0.3)
    above, below = marks(histogram, "bars")
    assert numbers(above["high"]).sum() == np.sum(Y < 0.5) and numbers(below["low"]).sum() == -np.sum(Y > 0.5)
    assert numbers(above["high"])[0] == np.sum((P < 0.05) & (Y < 0.5))


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (lambda p, y, cut: np.zeros(4), "shape (4,)"),
        (lambda p, y, cut: None, "shape ()"),
        (lambda p, y, cut: p.nothing, "AttributeError"),
    ],
)
def test_a_wrong_confusion_matrix_is_told_and_the_picture_stays(monkeypatch, broken, told):
    used = [confusion_matrix]
    names = ("Adelie", "Chinstrap")
    board = opened(monkeypatch, demos.threshold, P, Y, lambda *args: used[0](*args), scores, names=names)
    before = board.shown["picture"]
    used[0] = broken
    assert told in moved(board, cut=0.2)[2]
    assert board.shown["picture"] == before


def test_wrong_scores_are_told(monkeypatch):
    used = [scores]
    names = ("Adelie", "Chinstrap")
    board = opened(monkeypatch, demos.threshold, P, Y, confusion_matrix, lambda m: used[0](m), names=names)
    used[0] = lambda matrix: 0.5
    assert "three numbers" in moved(board, cut=0.2)[2]
    used[0] = lambda matrix: (0.123, 0.456, 0.789)
    assert "accuracy 0.12" in moved(board, cut=0.3)[1], "the demo shows what the student's function returns"


# Softmax.

TEMPERATURES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]


@pytest.fixture
def shares(monkeypatch):
    return opened(monkeypatch, demos.softmax_shares, softmax, cross_entropy)


def test_bars_are_softmax_and_overflow_is_told_exactly_when_the_plain_formula_breaks(shares):
    broken = 0
    for *abc, index in itertools.product(
        [-10, -7.5, 0, 7, 7.5, 10], [-10, -8, 0.5, 10], [-10, -1.5, 2, 9.5], range(10)
    ):
        values = dict(zip("abc", map(float, abc), strict=True))
        (scaled, plain, yours), said, trouble = moved(shares, **values, temperature=index)
        logits = np.array(abc) / TEMPERATURES[index]
        bars = numbers(mark(yours, "bars")["high"])
        assert bars == pytest.approx(reference(logits), abs=1e-6)
        assert bars.sum() == pytest.approx(1, abs=1e-6)
        assert numbers(mark(scaled, "bars")["high"]) == pytest.approx(logits, rel=1e-6)
        assert (np.abs(logits) < scaled["ylim"][1]).all()
        for entry in marks(scaled, "text", size=12.0):
            powers = entry["words"].startswith("exp") and "is" not in entry["words"]
            assert not powers or max(map(len, entry["words"].split("\n"))) <= 8, "as wide as the room for a bar"
        cost = re.search(r"cross-entropy of C is ([-\d.e+]+)", said)[1].rstrip(".")
        assert float(cost) == pytest.approx(-log_softmax(logits)[2], rel=1e-3, abs=1e-9)

        with np.errstate(all="ignore"):
            naive = np.exp(logits) / np.exp(logits).sum()
        breaks = not np.isfinite(naive).all()
        broken += breaks
        red = [entry["words"] for entry in marks(plain, "text", color="red")]
        assert ("breaks" in said) == breaks == any("is nan" in entry for entry in red)
        assert sum(entry == "nan" for entry in red) == np.isnan(naive).sum()
        assert ("rounds C to 0" in said) == (not breaks and naive[2] == 0)
        assert bool(red) == (breaks or naive[2] == 0)
        finite = np.isfinite(naive)
        assert numbers(mark(plain, "bars")["high"])[finite] == pytest.approx(naive[finite], abs=1e-6)
        assert not trouble
    assert broken > 20


def test_a_plain_softmax_of_the_students_is_shown_to_break(monkeypatch):
    def naive(logits):
        return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)

    board = opened(monkeypatch, demos.softmax_shares, naive, cross_entropy)
    (_, _, yours), _, trouble = moved(board, a=10.0, b=0.0, c=0.0, temperature=0)
    assert "A nan" in trouble and "nan" in words(yours)
    assert moved(board, temperature=6)[2] == ""


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (lambda logits: softmax(logits)[0], "shape (3,)"),
        (lambda logits: softmax(logits.T).T, "add up to 3"),
        (lambda logits: logits.nothing, "AttributeError"),
    ],
)
def test_a_wrong_softmax_is_told(monkeypatch, broken, told):
    used = [softmax]
    board = opened(monkeypatch, demos.softmax_shares, lambda logits: used[0](logits), cross_entropy)
    before = board.shown["picture"]
    used[0] = broken
    assert told in moved(board, a=2.0)[2]
    if "add up" not in told:
        assert board.shown["picture"] == before
    used[0] = softmax
    assert moved(board, a=3.0)[2] == ""


# Regions through the epochs.

GRID_X, GRID_Y, POINTS = plots.mesh((-2, 2), (-1, 1), 41)
X = RNG.uniform(-1, 1, size=(60, 2)) * [2, 1]
LINES = np.linspace(-1.5, 1.5, 7)  # where the border stands in each epoch
LABELS = (X[:, 0] > 0.3).astype(float)
LOSSES = [2.5, 1.0, 0.9, np.inf, 0.4, np.nan, 0.1]


@pytest.fixture
def regions(monkeypatch):
    frames = [1 / (1 + np.exp(-3 * (GRID_X - line))) for line in LINES]
    runs = {"a": (X, LABELS[:, None], frames, LOSSES), "b": (X, 1 - LABELS[:, None], frames, LOSSES[::-1])}
    return opened(monkeypatch, demos.regions, runs, GRID_X, GRID_Y, start=6)


@pytest.mark.parametrize("run", ["a", "b"])
def test_the_border_is_where_the_probability_is_one_half(regions, run):
    labels = LABELS if run == "a" else 1 - LABELS
    losses = LOSSES if run == "a" else LOSSES[::-1]
    for epoch, line in enumerate(LINES):
        (plane, course), said, trouble = moved(regions, epoch=epoch, key=run)
        border = xy(mark(plane, "line"))
        border = border[np.isfinite(border).all(axis=1)]
        assert border[:, 0] == pytest.approx(line, abs=0.01) and np.ptp(border[:, 1]) == pytest.approx(2)
        wrong = (X[:, 0] > line) != (labels > 0.5)
        clear = np.abs(X[:, 0] - line) > 0.06  # a sample counts by its nearest point of the grid
        ringed = (np.abs(X[:, None] - xy(mark(plane, "points", hollow=True))[None]).max(axis=2) < 1e-5).any(axis=1)
        assert (ringed == wrong)[clear].all()
        assert f"epoch {epoch}: {100 * np.sum(~ringed) // len(X)} %" in plane["title"]
        assert ("all of the samples" in said) == (" 100 %" in plane["title"]) == (not ringed.any())
        assert ("ringed in red" in said) == ringed.any()
        over = np.vstack([xy(points) for points in marks(plane, "points", hollow=False)])[len(X) :]
        assert sorted(map(tuple, over)) == sorted(map(tuple, X[ringed].astype("f4"))), "the ringed ones are on top"
        assert f"loss {losses[epoch]:.3f}" in said and f"loss {losses[epoch]:.3f}" == course["title"]
        mine = [xy(points) for points in marks(course, "points", color="red", hollow=False)]
        assert np.array_equal(mine[-1], np.array([[epoch, losses[epoch]]], dtype="<f4"), equal_nan=True)
        assert course["ylim"][1] > 2.5 and np.isfinite(course["ylim"][1])
        assert not trouble


def test_the_heat_map_has_its_points_in_the_middle_of_its_cells(regions):
    plane = moved(regions, epoch=2, key="a")[0][0]
    heat = mark(plane, "heat")
    rows, columns = heat["shape"]
    width, height = (plane["xlim"][1] - plane["xlim"][0]) / columns, (plane["ylim"][1] - plane["ylim"][0]) / rows
    assert plane["xlim"][0] + width / 2 == pytest.approx(-2) and plane["ylim"][0] + height / 2 == pytest.approx(-1)
    levels = np.frombuffer(heat["levels"], np.uint8).reshape(rows, columns) / 255
    assert np.abs(levels - 1 / (1 + np.exp(-3 * (GRID_X - LINES[2])))).max() < 0.003


def test_classes_have_borders_between_each_two(monkeypatch):
    target = (X[:, 0] > -0.5).astype(int) + (X[:, 0] > 0.8)
    frames = [(GRID_X > -0.5).astype(int) + (0.8 + shift < GRID_X) for shift in (1.5, 0.5, 0.0)]
    runs = {"one": (X, target, frames, [1.2, 0.5, 0.2])}
    board = opened(monkeypatch, demos.class_regions, runs, GRID_X, GRID_Y, start=2)
    for epoch, second in enumerate([2.3, 1.3, 0.8]):
        (plane, course), said, trouble = moved(board, epoch=epoch)
        lines = np.vstack([xy(line) for line in marks(plane, "line")])
        places = lines[np.isfinite(lines).all(axis=1), 0]
        for place in [-0.5, second] if second < 2 else [-0.5]:
            assert np.abs(places - place).min() < 0.06
        assert (np.abs(places[:, None] - [-0.5, second]).min(axis=1) < 0.11).all()
        wrong = ((X[:, 0] > 0.8) & (X[:, 0] < second)).sum()
        assert abs(len(xy(mark(plane, "points", hollow=True))) - wrong) <= 4
        assert f"{course['title']};" in said and not trouble
    assert "ln 3" in str(course["labels"])
    legend = 6 + 18 * len(course["labels"]) + 6  # pixels from the top
    guess = course["box"][3] * (1 - np.log(3) / course["ylim"][1])
    assert guess > legend + 2, "the legend covers the line that it explains"


def test_an_epoch_is_drawn_quickly_enough_to_play(regions):
    """Each picture is made of arrays that are there already: a second look makes no new contour."""
    first = moved(regions, epoch=3)[0][0]
    moved(regions, epoch=4)
    again = moved(regions, epoch=3)[0][0]
    assert again["marks"] is first["marks"]
