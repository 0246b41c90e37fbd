"""The demos of lesson 1, moved without a browser: what they show agrees with the mathematics."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from demo_board import mark, marks, moved, numbers, opened, words, xy

from mlp_helpers import datasets, demos

# Each with the weighted sum above which the answer is 1, and its targets; written down independently of the demo.
ACTIVATIONS = {
    "step": (lambda z: 1.0 * (z > 0), 0.0, (0, 1)),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), 0.0, (0, 1)),
    "tanh": (lambda z: (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1), 0.0, (-1, 1)),
    "ReLU": (lambda z: z * (z > 0), 0.5, (0, 1)),
    "identity": (lambda z: z, 0.5, (0, 1)),
}
WEIGHTS = [-3.0, -1.3, -0.2, 0.0, 0.7, 2.0, 3.0]
GRID = list(itertools.product(WEIGHTS, WEIGHTS, [-3.0, -1.1, -0.4, 0.0, 0.6, 2.5]))


def weighted_sum(x, w, b):
    return x @ w + b


def mse(y_hat, y):
    return float(np.sum((y_hat - y) ** 2) / 2 / len(y))


@pytest.fixture
def plane(monkeypatch):
    return opened(monkeypatch, demos.perceptron_plane, weighted_sum)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("table", ["OR", "AND", "XOR"])
def test_what_is_ringed_is_wrong_and_the_loss_is_the_loss(plane, table, activation):
    f, border, (low, high) = ACTIVATIONS[activation]
    x, y = datasets.logic(table.lower())
    best = 0
    for w1, w2, b in GRID:
        (left, right), said, trouble = moved(plane, table=table, activation=activation, w1=w1, w2=w2, b=b)
        z = x @ [w1, w2] + b
        wrong = (z > border) != (y[:, 0] > 0.5)
        clear = np.abs(z - border) > 1e-9  # on the border itself the last digit decides
        ringed = (x[:, None] == xy(mark(left, "points", hollow=True))[None]).all(axis=2).any(axis=1)
        assert (ringed == wrong)[clear].all()
        assert f"{4 - ringed.sum()} of 4 right" in left["title"]
        assert len(xy(mark(right, "points", hollow=True))) == ringed.sum()
        if clear.all():
            expected = np.mean((f(z) - np.where(y[:, 0] > 0.5, high, low)) ** 2) / 2
            assert float(re.search(r"the loss is ([\d.]+)\.", said)[1]) == pytest.approx(expected, abs=6e-4)
            assert float(right["title"].split()[1]) == pytest.approx(expected, abs=6e-4)
        assert not trouble
        best = max(best, 4 - ringed.sum())
    assert best == (3 if table == "XOR" else 4)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_line_lies_where_the_answer_changes(plane, activation):
    f, border, (low, high) = ACTIVATIONS[activation]
    for w1, w2, b in GRID:
        (left, right), said, _ = moved(plane, activation=activation, w1=w1, w2=w2, b=b)
        ends = xy(mark(left, "line"))
        if not w1 and not w2:
            assert not np.isfinite(ends).all(axis=1).any()
            assert "no border" in said
            continue
        assert ends @ [w1, w2] + b == pytest.approx(border, abs=1e-4)
        assert np.ptp(ends, axis=0).max() >= left["xlim"][1] - left["xlim"][0] - 1e-5
        assert (numbers(mark(right, "line", color="ink")["x"]) == border).all()
        # The shade at each place is f there.
        heat = mark(left, "heat")
        rows, columns = heat["shape"]
        step = (left["xlim"][1] - left["xlim"][0]) / columns
        x1 = left["xlim"][0] + step * (np.arange(columns) + 0.5)
        z = w1 * x1 + w2 * x1[:, None] + b
        share = np.clip((f(z) - low) / (high - low), 0, 1)
        levels = np.frombuffer(heat["levels"], np.uint8).reshape(rows, columns)
        far = np.abs(z) > 1e-6
        assert np.abs(levels / 255 - share)[far].max() < 0.004


def test_sticks_lead_from_outputs_to_targets(plane):
    (_, right), _, _ = moved(plane, table="XOR", activation="tanh", w1=1.0, w2=-2.0, b=0.3)
    sticks = mark(right, "segments")
    z = datasets.logic("xor")[0] @ [1.0, -2.0] + 0.3
    assert numbers(sticks["x0"]) == pytest.approx(z, abs=1e-6)
    assert numbers(sticks["y0"]) == pytest.approx(np.tanh(z), abs=1e-6)
    assert numbers(sticks["y1"]).tolist() == [-1, 1, 1, -1]


def test_a_function_that_returns_another_shape_or_raises_is_told_and_the_picture_stays(monkeypatch):
    answers = [weighted_sum]
    board = opened(monkeypatch, demos.perceptron_plane, lambda *args: answers[0](*args))
    before = board.shown["picture"]
    answers[0] = lambda x, w, b: (x @ w + b)[:, 0]
    _, _, trouble = moved(board, w1=0.3)
    assert "shape (4,)" in trouble and "(4, 1)" in trouble
    answers[0] = lambda x, w, b: x @ b
    _, _, trouble = moved(board, w1=0.4)
    assert "ValueError" in trouble
    assert board.shown["picture"] == before
    answers[0] = weighted_sum
    assert moved(board, w1=0.5)[2] == ""


def test_a_line_is_the_student_s_line_and_its_loss(monkeypatch):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 1)), rng.normal(size=(20, 1))
    board = opened(
        monkeypatch, demos.line_through_points, weighted_sum, mse, x, y,
        xlabel="x", ylabel="y", slope=(-1, 1.5, 0.02, 0.0), height=(0, 6, 0.05, 3.0),
    )  # fmt: skip
    for w, b in itertools.product([-1.0, -0.02, 0.0, 0.7, 1.5], [0.0, 0.05, 6.0]):
        (panel,), said, trouble = moved(board, w=w, b=b)
        line = xy(mark(panel, "line"))
        assert line[:, 1] == pytest.approx(w * line[:, 0] + b, abs=1e-5)
        assert line[:, 0] == pytest.approx([x.min(), x.max()])
        expected = np.mean((w * x + b - y) ** 2) / 2
        assert float(re.search(r"loss is ([\d.]+)\.", said)[1]) == pytest.approx(expected, abs=6e-4)
        sticks = mark(panel, "segments")
        assert numbers(sticks["y0"]) == pytest.approx(y[:, 0], abs=1e-6)
        assert numbers(sticks["y1"]) == pytest.approx((w * x + b)[:, 0], abs=1e-5)
        assert not trouble


CURVATURE = np.array([1.0, 4.0])


def bowl(p):
    return float(np.sum(CURVATURE * p**2) / 2 + 0.1)


def walk(start, lr):
    """Gradient descent on the bowl, step by step in closed form."""
    return start * (1 - lr * CURVATURE) ** np.arange(61)[:, None]


@pytest.fixture
def descent(monkeypatch):
    return opened(monkeypatch, demos.descent, bowl, walk, **BOWL)


BOWL = {
    "xlim": (-2, 2), "ylim": (-2, 2), "rates": (0.02, 0.98, 0.02, 0.2), "xlabel": "w", "ylabel": "b", "best": (0, 0),
    "starts": {"right": (1.5, 0.2), "top": (-0.5, 1.8)},
}  # fmt: skip


@pytest.mark.parametrize("start", BOWL["starts"])
def test_a_walk_is_red_exactly_when_it_diverges(descent, start):
    for lr in np.arange(0.02, 0.99, 0.02):
        (above, beside), said, trouble = moved(descent, lr=float(lr), start=start)
        path = walk(np.array(BOWL["starts"][start]), lr)
        diverges = lr > 2 / CURVATURE.max() + 1e-9  # this walk's second coordinate grows by |1 − 4 lr|
        color = "red" if diverges else "blue"
        shown = xy(mark(above, "line", color=color))
        seen = np.isfinite(shown).all(axis=1)
        assert seen[: 5 if diverges else 61].all()
        assert shown[seen] == pytest.approx(path[seen], rel=1e-5, abs=1e-5)
        losses = numbers(mark(beside, "line", color=color)["y"])
        assert losses == pytest.approx([min(bowl(point), 1e30) for point in path], rel=1e-5)
        assert ("diverges" in said) == diverges == ("diverges" in beside["title"])
        outside = (np.abs(path) > 2).any(axis=1)
        notice = f"step {np.argmax(outside)} leaves the picture"
        assert (notice in said and notice in words(above)) if outside.any() else "leaves" not in said + words(above)
        assert not trouble


def test_the_way_out_is_marked_on_the_edge_between_two_points(descent):
    (above, _), _, _ = moved(descent, lr=0.98, start="top")
    place = xy(mark(above, "points", marker="s"))[0]
    path = walk(np.array(BOWL["starts"]["top"]), 0.98)
    inside, outside = path[0], path[1]  # 1.8 times −2.92 is out
    assert np.abs(place).max() == pytest.approx(2, abs=1e-5)
    along = (place - inside) / (outside - inside)
    assert along[0] == pytest.approx(along[1], abs=1e-5) and 0 < along[0] < 1


def test_a_walk_that_overflows_is_told_as_diverging(monkeypatch):
    start = {**BOWL, "starts": {"far": (1.0, 1.0)}}

    def wild(start, lr):
        return np.array([start, start * 1e300, start * np.inf, start * np.nan, start * np.nan])

    board = opened(monkeypatch, demos.descent, bowl, wild, **start)
    (above, _), said, trouble = moved(board, lr=0.2)
    assert "diverges" in said and "step 1 leaves" in said and not trouble
    assert np.isfinite(xy(mark(above, "line", color="red"))).all(axis=1).tolist() == [True, False, False, False, False]


@pytest.mark.parametrize("path", [lambda start, lr: start, lambda start, lr: None, lambda start, lr: np.ones((4, 3))])
def test_a_path_of_another_shape_is_told(monkeypatch, path):
    paths = [walk]
    board = opened(monkeypatch, demos.descent, bowl, lambda *args: paths[0](*args), **BOWL)
    before = board.shown["picture"]
    paths[0] = path
    _, _, trouble = moved(board, lr=0.3)
    assert "ValueError" in trouble and "not (T + 1, 2)" in trouble and board.shown["picture"] == before


def test_a_wrong_first_function_raises_at_once(monkeypatch):
    with pytest.raises(ValueError, match=r"not \(4, 1\)"):
        opened(monkeypatch, demos.perceptron_plane, lambda x, w, b: (x @ w)[:, 0])


def test_each_picture_is_described_in_its_own_words(plane):
    said = {moved(plane, w1=w1)[1] for w1 in WEIGHTS}
    assert len(said) == len(WEIGHTS)
    assert all(len(marks(panel, "heat")) <= 1 for panel in moved(plane, w1=0.1)[0])
