"""Every demo of lessons 2 and 3, its controls swept without a browser: what is drawn and said against the data."""

import re
import time
import warnings
from itertools import product

import numpy as np
import pytest

from mlp_helpers import board, datasets, demos, diagrams, still
from mlp_helpers.demos import networks

SAMPLE = {
    "x": [2, 1], "y": 1, "w1": [[1, 0.5], [-1, 2]], "b1": [1, -2], "w2": [0.5, -1], "b2": 1,
    "z": [2, 1], "h": [4, 1], "y_hat": 2, "loss": 0.5,
    "dy": 1, "grad_w2": [4, 1], "grad_b2": 1, "dh": [0.5, -1], "dz": [2, -2],
    "grad_w1": [[4, -4], [2, -2]], "grad_b1": [2, -2],
}  # fmt: skip
CURVE = datasets.parabola(np.random.default_rng(5))


@pytest.fixture
def boards(monkeypatch):
    """The boards that were shown, newest last. No warning may come up on the way."""
    shown = []
    monkeypatch.setattr(board.Board, "show", lambda self, data, metadata=None: shown.append(self))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield shown


def put(shown, **values):
    """Set controls, and return what the browser would draw: its panels and its words."""
    shown.values = {**shown.values, **values}
    assert not shown.shown["trouble"], shown.shown["trouble"]
    return shown.shown["picture"]["panels"], shown.shown["words"]


def marks(panel, kind, **wanted):
    return [mark for mark in panel["marks"] if mark["kind"] == kind and all(mark[key] == wanted[key] for key in wanted)]


def array(data):
    return np.frombuffer(data, "<f4").astype(float)


def texts(panel):
    return [mark["words"] for mark in marks(panel, "text")]


def linear_forward(x, w1, b1, w2, b2, f1):
    z = x @ w1 + b1
    return z, f1(z), f1(z) @ w2 + b2


def relu_forward(x, w1, b1, w2, b2):
    z = x @ w1 + b1
    h = np.where(z > 0, z, 0.0)
    return z, h, h @ w2 + b2


# The graph


def test_sample_of_the_graph_is_what_a_hand_computes():
    s = {name: np.array(value, dtype=float) for name, value in SAMPLE.items()}
    assert list(s["z"]) == [2 * 1 + 1 * -1 + 1, 2 * 0.5 + 1 * 2 - 2]
    assert list(s["h"]) == [2**2, 1**2]
    assert s["y_hat"] == 4 * 0.5 + 1 * -1 + 1
    assert s["loss"] == (2 - 1) ** 2 / 2

    def loss(**changed):
        v = {**s, **changed}
        return 0.5 * (((v["x"] @ v["w1"] + v["b1"]) ** 2) @ v["w2"] + v["b2"] - v["y"]) ** 2

    for name in ("w1", "b1", "w2", "b2"):
        for at in np.ndindex(s[name].shape):
            up, down = s[name].copy(), s[name].copy()
            up[at] += 1e-6
            down[at] -= 1e-6
            slope = (loss(**{name: up}) - loss(**{name: down})) / 2e-6
            assert slope == pytest.approx(s[f"grad_{name}"][at], abs=1e-5), (name, at)


def test_graph_shows_a_number_from_the_step_on_that_fills_it_in(boards):
    demos.computational_graph(SAMPLE)
    order = [
        (),
        ("z",),
        ("h",),
        ("y_hat",),
        ("loss",),
        ("dy",),
        ("grad_w2", "grad_b2"),
        ("dh",),
        ("dz",),
        ("grad_w1", "grad_b1"),
    ]
    known = ["x", "w1", "b1", "w2", "b2"]
    for step, new in enumerate(order):
        known += new
        (panel,), words = put(boards[0], step=step)
        expected = {"ink": [], "blue": [], "red": []}
        for name in known:
            color = "red" if name[0] == "d" or name.startswith("grad") else "blue" if name[0] in "wb" else "ink"
            expected[color] += [float(value) for value in np.ravel(SAMPLE[name])]
        for color, numbers in expected.items():
            drawn = [mark["words"].removeprefix("b = ").replace("−", "-") for mark in marks(panel, "text", color=color)]
            found = [float(word) for word in drawn if word.lstrip("-").replace(".", "").isdigit()]
            assert sorted(found) == sorted(numbers), (step, color)
        assert words.startswith(f"Step {step} of 9.")
        for name in new:
            numbers = ", ".join(f"{value:g}" for value in np.ravel(SAMPLE[name]).astype(float)).replace("-", "−")
            assert f"{name} = {numbers}." in words


def test_graph_rings_exactly_what_is_new(boards):
    demos.computational_graph(SAMPLE)
    places = {**{name: [(diagrams.COLUMNS[name], row) for row in diagrams.ROWS] for name in "zh"},
              **{name: [(diagrams.COLUMNS[name], diagrams.MIDDLE)] for name in "yl"}}  # fmt: skip
    for step, name in enumerate(["", "z", "h", "y", "l", "y", "", "h", "z", ""]):
        (panel,), _ = put(boards[0], step=step)
        rings = {(array(m["x"])[0], array(m["y"])[0]) for m in marks(panel, "points", color="orange", marker="o")}
        assert rings == {tuple(np.float32(place).astype(float)) for place in places.get(name, [])}, step
        boxes = marks(panel, "points", color="orange", marker="s")
        assert len(boxes) == {6: 3, 9: 6}.get(step, 0), step


def test_each_weight_and_its_gradient_stand_on_their_arrow(boards):
    demos.computational_graph(SAMPLE)
    (panel,), _ = put(boards[0], step=9)
    columns, rows = diagrams.COLUMNS, diagrams.ROWS
    arrows = [("w1", (i, j), (columns["x"], rows[i]), (columns["z"], rows[j])) for i in range(2) for j in range(2)]
    arrows += [("w2", j, (columns["h"], rows[j]), (columns["y"], diagrams.MIDDLE)) for j in range(2)]
    for name, index, start, end in arrows:
        (x0, y0), (x1, y1) = start, end
        on_it = [
            mark for mark in marks(panel, "text")
            if x0 + 0.5 < mark["x"] < x1 - 0.5
            and abs(y0 + (y1 - y0) * (mark["x"] - x0) / (x1 - x0) - mark["y"]) < 1e-6
        ]  # fmt: skip
        expected = [("blue", np.array(SAMPLE[name])[index]), ("red", np.array(SAMPLE[f"grad_{name}"])[index])]
        assert [(mark["color"], float(mark["words"].replace("−", "-"))) for mark in on_it] == expected, (name, index)


def test_gradients_travel_against_the_arrows(boards):
    demos.computational_graph(SAMPLE)
    for step in range(10):
        (panel,), _ = put(boards[0], step=step)
        back = [mark for mark in marks(panel, "segments") if array(mark["x1"])[0] < array(mark["x0"])[0]]
        assert len(back) == {5: 1, 7: 2, 8: 2}.get(step, 0)
        assert all(mark["color"] == "red" for mark in back)
        thick = [mark for mark in marks(panel, "segments") if array(mark["width"])[0] > 2]
        assert len(thick) == [0, 4, 2, 2, 1, 1, 2, 2, 2, 4][step]


def test_graph_tells_how_its_numbers_came_about(boards):
    demos.computational_graph(SAMPLE)
    for step, line in {
        1: "z₁ = 2 · 1 + 1 · (−1) + 1 = 2      z₂ = 2 · 0.5 + 1 · 2 + (−2) = 1",
        2: "h₁ = 2² = 4      h₂ = 1² = 1",
        3: "ŷ = 4 · 0.5 + 1 · (−1) + 1 = 2",
        4: "l = ½ (2 − 1)² = 0.5",
        7: "at h₁: 1 · 0.5 = 0.5      at h₂: 1 · (−1) = −1",
        8: "at z₁: 0.5 · 2 · 2 = 2      at z₂: −1 · 2 · 1 = −2",
    }.items():
        assert line in texts(put(boards[0], step=step)[0][0])
    (panel,), _ = put(boards[0], step=9)
    assert any("at 0.5: −2 · 2 = −4" in words and "at −1: 2 · 1 = 2" in words for words in texts(panel))


# Sums of lines


def test_sum_of_lines_is_a_straight_line_and_never_beats_the_best(boards):
    x, y = CURVE
    demos.sum_of_lines(linear_forward, x, y)
    design = np.hstack([x, np.ones_like(x)])
    best = np.mean((design @ np.linalg.lstsq(design, y, rcond=None)[0] - y) ** 2) / 2
    for a1, c1, a2, c2 in product([-2, 0.3, 2], [-1, 0.5], [-1.1, 0, 2], [-0.2, 1]):
        (panel,), words = put(boards[0], a1=a1, c1=c1, a2=a2, c2=c2)
        one, two, output = (marks(panel, "line", color=color)[0] for color in ("blue", "orange", "red"))
        grid, one, two, total = array(output["x"]), array(one["y"]), array(two["y"]), array(output["y"])
        assert np.allclose(one + two, total, atol=1e-5)
        assert np.allclose(total, (a1 + a2) * grid + c1 + c2, atol=1e-5)
        loss = np.mean(((a1 + a2) * x + c1 + c2 - y) ** 2) / 2
        assert loss >= best
        assert f"its loss is {loss:.3f}, and that of the best straight line {best:.3f}" in words
        assert panel["title"].startswith(f"loss = {loss:.3f}") and panel["title"].endswith(f"{best:.3f}")


# Batch sizes


def invented_run(size, lr):
    over_all = 3.0 * np.exp(-lr * np.arange(0, 600, size) / 2)
    return over_all * 1.5, over_all


def test_batch_sizes_shows_the_chosen_run_and_where_it_gets_low(boards):
    sizes, rates = [1, 4, 15, 60], [0.02, 0.05, 0.1]
    demos.batch_sizes(invented_run, sizes=sizes, rates=rates)
    for size, lr in product(sizes, rates):
        (panel,), words = put(boards[0], size=str(size), lr=f"{lr:g}")
        batch, over_all = invented_run(size, lr)
        thick = marks(panel, "line", color="red")[0]
        assert np.allclose(array(thick["x"]), size * np.arange(len(over_all)))
        assert np.allclose(array(thick["y"]), over_all)
        assert np.allclose(array(marks(panel, "line", color="sky")[0]["y"]), batch)
        assert [word for word in texts(panel)] == [str(other) for other in sizes if other != size]
        below = [size * index for index, loss in enumerate(over_all) if loss <= 0.1]
        told = f"below 0.1 after {below[0]} samples" if below else "below 0.1 not yet"
        assert told in words and told in panel["title"]
        assert [array(mark["x"])[0] for mark in marks(panel, "points")] == below[:1]
        after = panel["marks"][panel["marks"].index(thick) :]
        assert all(mark in after for mark in marks(panel, "text")), "a line is drawn over the number of another one"
        assert np.diff(sorted(mark["x"] for mark in marks(panel, "text"))).min() > 25, "two numbers at one place"
        assert f"and {over_all[-1]:.3g} at its end" in words


def test_batch_sizes_draws_runs_that_diverge(boards):
    def run(size, lr):
        course = np.array([np.nan] * 20) if size == 16 else np.array([1.0, 1e200, np.inf, np.nan, np.nan])
        return course, course

    demos.batch_sizes(run, sizes=[1, 4, 16], rates=[0.1, 1.0])
    for size, lr in product(["1", "4", "16"], ["0.1", "1"]):
        (panel,), words = put(boards[0], size=size, lr=lr)
        assert "not a number at its end" in words and "below 0.1 not yet" in words
        assert all(np.isfinite([mark["x"], mark["y"]]).all() for mark in marks(panel, "text"))  # JSON knows no NaN
        assert still.png(boards[0].shown["picture"])


# Hinges


def sweep_of_hinges():
    rng = np.random.default_rng(0)
    for units in range(1, 7):
        for _ in range(25):
            corners, weights = rng.integers(-15, 16, size=3) / 10, rng.integers(-20, 21, size=3) / 10
            yield units, corners, weights
        yield units, np.array([1.5, -1.5, 1.2]), np.array([1.0, -1.0, 2.0])
        yield units, np.array([-1.5, 1.5, 0.0]), np.zeros(3)


def values_of(units, corners, weights):
    return (
        {"units": units} | {f"corner{i}": corners[i] for i in range(3)} | {f"weight{i}": weights[i] for i in range(3)}
    )


def hinge_lines(panel):
    return np.array([array(mark["y"]) for mark in marks(panel, "line", dash=True)])


def test_output_is_the_sum_of_the_hinges_and_its_loss_is_told(boards):
    x, y = CURVE
    demos.hinges(relu_forward, x, y)
    for units, corners, weights in sweep_of_hinges():
        (panel, table), words = put(boards[0], **values_of(units, corners, weights))
        lines, total = hinge_lines(panel), marks(panel, "line", color="red")[0]
        grid, total = array(total["x"]), array(total["y"])
        assert len(lines) == units
        assert np.allclose(lines.sum(axis=0), total, atol=1e-5)
        for unit in range(min(units, 3)):
            side = grid - corners[unit] if unit != 1 else corners[unit] - grid
            assert np.allclose(lines[unit], weights[unit] * np.clip(side, 0, None), atol=1e-5)
        # The samples lie between points of the grid, so near a corner the drawn loss is off by a little.
        told = float(re.search(r"loss (\d+\.\d{4})\.", words)[1])
        assert panel["title"] == f"loss = {told:.4f}"
        drawn = np.mean((np.interp(x, grid, total) - y) ** 2) / 2
        assert told == pytest.approx(drawn, rel=1e-2, abs=1e-4)
        assert len([word for word in texts(table) if word.startswith("unit ")]) == units


def test_dead_units_are_named_exactly_where_they_are_off_for_all_samples(boards):
    x, y = CURVE
    demos.hinges(relu_forward, x, y)
    seen = set()
    for units, corners, weights in sweep_of_hinges():
        (panel, table), words = put(boards[0], **values_of(units, corners, weights))
        all_corners = [*corners, *networks.OWN_CORNERS][:units]
        on = [int(np.sum(x > corner if unit % 2 == 0 else x < corner)) for unit, corner in enumerate(all_corners)]
        dead = [unit + 1 for unit in range(units) if on[unit] == 0]
        seen.update(dead)
        assert words.endswith(
            f"Dead, for it is off for all samples: unit {', '.join(map(str, dead))}." if dead else "No unit is dead."
        )
        for unit, count in enumerate(on, start=1):
            said = f"unit {unit}: on for {count} of 60" if count else f"unit {unit} is dead: off for all 60"
            assert said in texts(table)
        assert len(marks(panel, "points", hollow=True)) == len(dead)
        assert len([mark for mark in marks(panel, "line", dash=True) if mark["color"] == "grey"]) == len(dead)
    assert seen == {1, 2, 3}


def test_weight_of_a_dead_unit_changes_no_loss(boards):
    demos.hinges(relu_forward, *CURVE)
    titles = {put(boards[0], corner0=1.5, weight0=weight)[0][0]["title"] for weight in (-2, 0, 2)}
    assert len(titles) == 1


def test_more_units_never_fit_worse_and_take_the_best_weights(boards):
    x, y = CURVE
    demos.hinges(relu_forward, x, y)
    for _, corners, weights in list(sweep_of_hinges())[:25]:
        losses = []
        for units in range(3, 7):
            (panel, _), _ = put(boards[0], **values_of(units, corners, weights))
            losses.append(float(panel["title"].split("= ")[1]))
        by_hand = sum(
            w * np.clip(x - c if i != 1 else c - x, 0, None)
            for i, (c, w) in enumerate(zip(corners, weights, strict=True))
        )
        own = np.hstack([np.clip(c - x if i != 1 else x - c, 0, None) for i, c in enumerate(networks.OWN_CORNERS)])
        best = np.linalg.lstsq(own, y - by_hand, rcond=None)[0]
        assert losses == sorted(losses, reverse=True)
        assert losses[-1] == pytest.approx(np.mean((by_hand + own @ best - y) ** 2) / 2, abs=6e-5)


def test_sliders_of_missing_units_rest(boards):
    demos.hinges(relu_forward, *CURVE)
    first, _ = put(boards[0], units=1)
    second, _ = put(boards[0], units=1, corner1=-1.0, weight2=2.0)
    assert first == second


def test_wrong_shapes_are_told_and_not_drawn(boards):
    def flat(x, w1, b1, w2, b2):
        z, h, y_hat = relu_forward(x, w1, b1, w2, b2)
        return z, h, y_hat[:, 0]

    with pytest.raises(ValueError, match=r"y_hat has shape \(60,\), not \(60, 1\)"):
        demos.hinges(flat, *CURVE)
    with pytest.raises(ValueError, match="y_hat has shape"):
        demos.sum_of_lines(lambda x, *rest: flat(x, *rest[:-1]), *CURVE)


# Fits through the epochs

GRID = np.linspace(10, 50, 40)[:, None]
X, Y = datasets.cubic(np.random.default_rng(9), n=30)


def recorded(count=51, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, 40)), {
        "training": rng.uniform(0.1, 5, count),
        "validation": rng.uniform(0.1, 5, count),
    }


def test_scrubber_shows_the_fit_and_the_losses_of_its_epoch(boards):
    runs = {"standardised": recorded(), "raw": recorded(seed=1)}
    remarks = {name: [f"{name} {index} off" for index in range(51)] for name in runs}
    demos.replay(
        X, Y, GRID, runs, label="epoch", steps=np.arange(51), start=50, choice="inputs", remarks=remarks, play=True
    )
    assert boards[0].controls[0]["kind"] == "player" and boards[0].controls[0]["words"][50] == "50"
    assert boards[0].shown["words"].startswith("The fit at epoch 50 with standardised inputs")
    for index, (name, (curves, losses)) in product([0, 1, 25, 50], runs.items()):
        (fit, course), words = put(boards[0], index=index, run=name)
        assert np.allclose(array(marks(fit, "line")[0]["y"]), curves[index], atol=1e-6)
        assert fit["title"] == f"epoch {index}: {name} {index} off"
        dots = {mark["color"]: mark for mark in marks(course, "points")}
        for kind, color in (("training", "blue"), ("validation", "orange")):
            assert array(dots[color]["x"])[0] == index
            assert array(dots[color]["y"])[0] == pytest.approx(losses[kind][index])
            assert np.allclose(array(marks(course, "line", color=color)[0]["y"]), losses[kind])
            assert (
                f"{kind} loss {losses[kind][index]:.3g}" in words
                and f"{kind} {losses[kind][index]:.3g}" in course["title"]
            )
            assert course["ylim"][0] <= losses[kind].min() and losses[kind].max() <= course["ylim"][1]
        assert f"epoch {index} with {name} inputs" in words and f"{name} {index} off" in words


def test_sizes_stand_on_a_logarithmic_axis_with_their_own_numbers(boards):
    sizes = [1, 2, 4, 6, 10, 20, 50, 100]
    run = recorded(len(sizes))
    demos.replay(X, Y, GRID, {"": run}, label="hidden units", steps=sizes, start=2, others=(X[:5], Y[:5]))
    assert [control["kind"] for control in boards[0].controls] == ["range"]
    for index, size in enumerate(sizes):
        (fit, course), words = put(boards[0], index=index)
        assert course["xlog"] and [word for _, word in course["xticks"]] == list(map(str, sizes))
        told = f"{size} hidden unit{'' if size == 1 else 's'}"
        assert fit["title"] == told and words.startswith(f"The fit with {told}: training")
        assert array(marks(course, "points")[0]["x"])[0] == size
        assert np.allclose(array(marks(fit, "points", color="orange")[0]["x"]), X[:5, 0])


def test_runs_that_diverge_are_drawn(boards):
    curves, _ = recorded(6)
    curves[2] *= 1e200
    curves[3, ::2], curves[4], curves[5] = np.inf, -np.inf, np.nan
    training = np.array([2.0, 1e3, 1e300, np.inf, np.nan, np.nan])
    runs = {
        "standardised": (np.abs(curves[:1]).repeat(6, 0), {"training": np.full(6, 0.5)}),
        "raw": (curves, {"training": training}),
    }
    demos.replay(X, Y, GRID, runs, label="epoch", steps=range(6), start=0, choice="inputs")
    for index in range(6):
        (_, course), words = put(boards[0], index=index, run="raw")
        assert ("not a number" in words) == (index >= 3)
        assert ("cannot be drawn" in words) == (index >= 3)
        assert 0 < course["ylim"][0] < 0.5 and np.isfinite(course["ylim"][1]) and course["ylim"][1] < 1e9
        assert still.png(boards[0].shown["picture"])


def test_run_without_a_single_finite_loss_is_drawn(boards):
    runs = {"": (np.full((3, 40), np.nan), {"training": np.full(3, np.nan)})}
    demos.replay(X, Y, GRID, runs, label="epoch", steps=range(3), start=0)
    assert "training loss not a number" in put(boards[0], index=2)[1]


def test_pictures_come_fast(boards):
    demos.computational_graph(SAMPLE)
    demos.sum_of_lines(linear_forward, *CURVE)
    demos.batch_sizes(invented_run, sizes=[1, 4, 15, 60], rates=[0.02, 0.1])
    demos.hinges(relu_forward, *CURVE)
    demos.replay(
        X, Y, GRID, {"a": recorded(201), "b": recorded(201)}, label="epoch", steps=range(201), start=0, choice="run"
    )
    for shown in boards:
        controls, follow = shown._followed
        values = {key: control.read(control.first) for key, control in controls.items()}
        spans = []
        for _ in range(30):
            begun = time.perf_counter()
            follow(**values)
            spans.append(time.perf_counter() - begun)
        assert min(spans) < 0.004, shown.controls
