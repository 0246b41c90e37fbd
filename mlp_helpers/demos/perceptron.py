"""Lesson 1: a plane cut in two, a line moved by hand, and a walk down the loss surface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlp_helpers import datasets, plots
from mlp_helpers.pictures import Panel, Picture
from mlp_helpers.sliders import Choice, Slider, show


@dataclass(frozen=True)
class Activation:
    """f, element by element; the answer is 1 where f(z) > cut, which is where z > border.

    targets: what f is to give for 0 and for 1; span: (low, high) of its axis
    """

    f: Callable
    cut: float
    border: float
    targets: tuple
    span: tuple


ACTIVATIONS = {
    "step": Activation(lambda z: (z > 0).astype(float), 0.5, 0.0, (0, 1), (-0.3, 1.3)),
    "sigmoid": Activation(lambda z: 0.5 * (1 + np.tanh(z / 2)), 0.5, 0.0, (0, 1), (-0.3, 1.3)),
    "tanh": Activation(np.tanh, 0.0, 0.0, (-1, 1), (-1.6, 1.6)),
    "ReLU": Activation(lambda z: np.maximum(z, 0.0), 0.5, 0.5, (0, 1), (-1.0, 9.5)),
    "identity": Activation(lambda z: z, 0.5, 0.5, (0, 1), (-9.5, 9.5)),
}


def perceptron_plane(predict, *, start="or", caption=""):
    """Lesson 1: a perceptron cuts the plane of two inputs in half; whatever is set, XOR keeps a corner wrong.

    Beside the plane, each corner sits on the curve of the activation, and a stick leads from its output to its target.

    predict: predict(x, w, b) -> (N, 1) weighted sums, with w (2, 1) and b (1,)
    start  : the truth table shown first
    """
    limits, reach, count = (-0.6, 1.6), (-9.5, 9.5), 120
    inset = (limits[1] - limits[0]) / count / 2  # the heat map's cells have their values in the middle
    points = plots.mesh((limits[0] + inset, limits[1] - inset), (limits[0] + inset, limits[1] - inset), count)[2]
    sums = np.sort(np.append(np.linspace(*reach, 191), [-1e-6, 1e-6]))  # so that a step is upright

    def draw(table, activation, w1, w2, b):
        x, y = datasets.logic(table)
        kind, (low, high) = ACTIVATIONS[activation], ACTIVATIONS[activation].targets
        weights, bias = np.array([[float(w1)], [float(w2)]]), np.array([float(b)])
        z = _column(predict(x, weights, bias), x)
        answer, target = kind.f(z), np.where(y > 0.5, high, low)
        loss = float(np.mean((answer - target) ** 2) / 2)
        right = ((answer > kind.cut) == (y > 0.5))[:, 0]
        names = [f"target {level}".replace("-", "−") for level in (low, high)]

        plane = Panel(
            f"{table.upper()}: {right.sum()} of 4 right", "x₁", "x₂", xlim=limits, ylim=limits, equal=True,
            legend="upper right",
        )  # fmt: skip
        shade = kind.f(_column(predict(points, weights, bias), points))
        plane.heat(shade.reshape(count, count), low=low, high=high)
        plane.line(*_border(w1, w2, b - kind.border, limits), "ink", width=2)
        plane.classes(x, y, names, size=9)
        plane.points(*x[~right].T, "red", size=16, hollow=True)

        curve = Panel(
            f"loss {loss:.3f}", "weighted sum z", f"output: {activation}", xlim=reach, ylim=kind.span,
        )  # fmt: skip
        curve.line([kind.border] * 2, kind.span, "ink", width=2)
        curve.line(sums, kind.f(sums), "grey", width=2)
        curve.segments(z, answer, z, target, "red", width=2)
        curve.classes(np.hstack([z, answer]), y, size=7)
        curve.points(z[~right], answer[~right], "red", size=12, hollow=True)

        cut = f"The border {_sum(w1, w2, b)} = {kind.border:g}" if w1 or w2 else "With both weights 0 no border"
        wrong = "none is wrong" if right.all() else f"{(~right).sum()} wrong, ringed in red: {_corners(x[~right])}"
        return Picture(
            [plane, curve], f"{cut} under {activation} cuts the four corners of {table.upper()}: {wrong}. "
            f"The outputs are {', '.join(f'{value:.2f}' for value in answer[:, 0])}; the loss is {loss:.3f}."
            .replace("-", "−"), size=(840, 420), widths=[1.1, 1],
        )  # fmt: skip

    controls = {
        "table": Choice("targets", {name.upper(): name for name in ("or", "and", "xor")}, start.upper()),
        "activation": Choice("activation", {name: name for name in ACTIVATIONS}, "step"),
        "w1": Slider("weight w₁", -3, 3, 0.1, 1.5),
        "w2": Slider("weight w₂", -3, 3, 0.1, -1.0),
        "b": Slider("bias b", -3, 3, 0.1, 0.5),
    }
    show(draw, controls, caption=caption, name="demo-plane")


def _border(w1, w2, b, limits):
    """The ends of the line w₁ x₁ + w₂ x₂ + b = 0 on the picture's edges or beyond: x₁ (2,), x₂ (2,)."""
    along = np.array(limits)
    if abs(w1) < abs(w2):
        return along, -(b + w1 * along) / w2
    return (-(b + w2 * along) / w1 if w1 else np.full(2, np.nan)), along


def _sum(w1, w2, b):
    terms = f"{w1:.1f} x₁ {w2:+.1f} x₂ {b:+.1f}"
    return terms.replace(" +", " + ").replace(" -", " − ").replace("-", "−")


def _corners(x):
    return ", ".join(f"({first:g}, {second:g})" for first, second in x)


def line_through_points(predict, loss, x, y, *, xlabel, ylabel, slope, height, caption=""):
    """Lesson 1: a line moved by its weight and bias, each sample's error drawn as a stick, the loss in the title.

    predict: predict(x, w, b) -> (N, 1), with w (1, 1) and b (1,)
    loss   : loss(y_hat, y) -> float
    x, y   : (N, 1) samples and targets
    slope, height: (start, stop, step, value) of the weight's and of the bias's slider
    """
    ends = np.array([[x.min()], [x.max()]])
    limits = {"xlim": (x.min() - 0.1, x.max() + 0.1), "ylim": (y.min() - 0.5, y.max() + 0.5)}

    def draw(w, b):
        weights, bias = np.array([[float(w)]]), np.array([float(b)])
        y_hat = _column(predict(x, weights, bias), x)
        value = float(loss(y_hat, y))
        formula = f"ŷ = {w:.2f} x {'−' if b < 0 else '+'} {abs(b):.2f}".replace("-", "−")
        panel = Panel(f"{formula}     loss = {value:.3f}", xlabel, ylabel, **limits)
        panel.segments(x, y, x, y_hat, "sky", width=0.7)
        panel.points(x, y, "blue", size=3, edge=False, label="penguins")
        panel.line(ends, _column(predict(ends, weights, bias), ends), "red", width=2.5, label="ŷ")
        words = f"A line of slope {w:.2f} and height {b:.2f} through the points; the loss is {value:.3f}."
        return Picture([panel], words.replace("-", "−"))

    controls = {"w": Slider("weight w", *slope), "b": Slider("bias b", *height)}
    show(draw, controls, caption=caption, name="demo-line")


def _column(result, x):
    """What a student's function returned for the samples x, which must be one number for each: (N, 1).

    raises: ValueError, for a flat result would be broadcast and shown as nonsense
    """
    if np.shape(result) != (len(x), 1):
        raise ValueError(f"the result for {len(x)} samples has shape {np.shape(result)}, not ({len(x)}, 1)")
    return np.asarray(result)


def descent(loss, path, *, xlim, ylim, rates, starts, xlabel, ylabel, best, caption=""):
    """Lesson 1: gradient descent walks over the loss surface, from above and as a curve; red where it diverges.

    loss  : loss(p) -> float for parameters p (2,)
    path  : path(start, lr) -> (T+1, 2), every point that was visited
    rates : (start, stop, step, value) of the learning-rate slider
    starts: dict name -> (2,) starting point
    best  : (2,) the lowest point
    """
    grid_x, grid_y, points = plots.mesh(xlim, ylim, 61)
    heights = np.array([loss(point) for point in points]).reshape(grid_x.shape)
    rings = plots.contours(grid_x, grid_y, heights, np.geomspace(heights.min() * 1.02, heights.max(), 14))
    bottom, lowest, highest = float(loss(np.asarray(best))), heights.min() * 0.7, heights.max() * 30
    far = 100 * min(xlim[1] - xlim[0], ylim[1] - ylim[0])
    notice = (xlim[0] + xlim[1]) / 2, ylim[1] - 0.06 * (ylim[1] - ylim[0])

    def draw(lr, start):
        with np.errstate(all="ignore"):  # a walk that diverges may overflow
            walked = _walk(path(np.array(start), lr))
            losses = np.array([loss(point) for point in walked], dtype=float)
            grows = len(losses) > 1 and not losses[-1] <= losses[-2] * (1 + 1e-9)
            out = _way_out(walked, xlim, ylim)
            # Pixels have limits: where a walk is far out, its steps would be drawn in a wrong direction.
            near = np.where(np.abs(walked - best).max(axis=1, keepdims=True) < far, walked, np.nan)
        color = "red" if grows else "blue"
        steps = f"{len(walked) - 1} steps"

        above = Panel("seen from above", xlabel, ylabel, xlim=xlim, ylim=ylim, legend="lower left")
        above.line(*rings, "grey", width=0.7)
        above.line(*near.T, color, width=1.5)
        above.points(*near.T, color, size=2.5, edge=False)
        above.points([start[0]], [start[1]], "orange", size=6, label="start")
        above.points([best[0]], [best[1]], "green", marker="*", size=7, label="lowest loss")
        if out:
            step, place = out
            above.points([place[0]], [place[1]], "red", marker="s", size=8, hollow=True)
            above.text(*notice, f"step {step} leaves the picture", "red", bold=True, ground=True)
        beside = Panel(
            f"{steps}: it diverges" if grows else steps, "step", "loss",
            xlim=(-1, 61), ylim=(lowest, highest), ylog=True,
        )  # fmt: skip
        beside.line([-1, 61], [bottom] * 2, "green", width=1.5, dash=True)
        drawn = np.minimum(losses, 1e30)  # the largest numbers do not fit a picture's floats
        beside.line(range(len(losses)), drawn, color, width=1.5)
        beside.points(range(len(losses)), drawn, color, size=2.5, edge=False)

        trend = f"it ends at loss {losses[-1]:.3g}"
        if grows:
            trend = "the loss falls at first, and then grows" if losses[-1] <= losses[0] else "the loss grows"
            trend += ": it diverges"
        left = f", and step {out[0]} leaves the picture" if out else ""
        return Picture(
            [above, beside],
            f"Gradient descent from ({start[0]:g}, {start[1]:g}) with learning rate {lr:g} takes {steps}; "
            f"{trend}{left}.",
            size=(840, 400), widths=[1.15, 1],
        )  # fmt: skip

    controls = {
        "lr": Slider("learning rate η", *rates),
        "start": Choice("start", {name: tuple(point) for name, point in starts.items()}, next(iter(starts))),
    }
    show(draw, controls, caption=caption, name="demo-descent")


def _walk(path):
    """What a student's descent returned, which must be a list of points: (T + 1, 2)."""
    path = np.asarray(path, dtype=float)
    if path.ndim != 2 or path.shape[1] != 2 or not len(path):
        raise ValueError(f"the path has shape {path.shape}, not (T + 1, 2) with one row for each point visited")
    return path


def _way_out(walked, xlim, ylim):
    """The first step that ends outside the limits, and where it crosses them: (step, (x, y)); None if there is none."""
    low, high = np.transpose([xlim, ylim])
    outside = ~((walked >= low) & (walked <= high)).all(axis=1)
    if outside[0] or not outside.any():
        return None
    step = int(np.argmax(outside))
    here, move = walked[step - 1], walked[step] - walked[step - 1]
    room = np.where(move > 0, high - here, np.where(move < 0, here - low, np.inf))
    share = np.min(np.nan_to_num(room / np.abs(move), nan=np.inf, posinf=np.inf))
    place = here + min(share, 1.0) * move
    return step, tuple(np.where(np.isfinite(place), place, here))
