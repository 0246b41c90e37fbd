"""Lesson 1: a plane cut in two, a line moved by hand, and a walk down the loss surface."""

from __future__ import annotations

import numpy as np

from mlp_helpers import datasets, plots
from mlp_helpers.pictures import Panel, Picture
from mlp_helpers.sliders import Choice, Slider, show

# Each with the output from which on the answer is 1, and with its range.
ACTIVATIONS = {
    "step": (lambda z: (z > 0).astype(float), 0.5, (0, 1)),
    "sigmoid": (lambda z: 0.5 * (1 + np.tanh(z / 2)), 0.5, (0, 1)),
    "tanh": (np.tanh, 0.0, (-1, 1)),
    "ReLU": (lambda z: np.maximum(z, 0.0), 0.5, (0, 1)),
    "identity": (lambda z: z, 0.5, (0, 1)),
}


def perceptron_plane(predict, *, start="or", caption=""):
    """Lesson 1: a perceptron cuts the plane of two inputs in half; whatever is set, XOR keeps a corner wrong.

    predict: predict(x, w, b) -> (N, 1) weighted sums, with w (2, 1) and b (1,)
    start  : the truth table shown first
    """
    limits, count = (-0.6, 1.6), 60
    points = plots.mesh(limits, limits, count)[2]

    def draw(table, activation, w1, w2, b):
        x, y = datasets.logic(table)
        weights, bias = np.array([[float(w1)], [float(w2)]]), np.array([float(b)])
        f, threshold, (low, high) = ACTIVATIONS[activation]
        answer = f(_column(predict(x, weights, bias), x))
        target = np.where(y > 0.5, high, low)
        loss = float(np.mean((answer - target) ** 2) / 2)
        right = ((answer > threshold) == (y > 0.5))[:, 0]
        panel = Panel(
            f"{table.upper()}: {right.sum()} of 4 right, loss {loss:.3f}", "x₁", "x₂",
            xlim=limits, ylim=limits, equal=True, legend="upper right",
        )  # fmt: skip
        panel.heat(f(_column(predict(points, weights, bias), points)).reshape(count, count), low=low, high=high)
        panel.line(*_border(w1, w2, b, f, threshold, limits), "ink", width=2)
        panel.classes(x, y, ["target 0", "target 1"], size=9)
        panel.points(*x[~right].T, "red", size=16, hollow=True)
        wrong = "none is wrong" if right.all() else f"{(~right).sum()} wrong, ringed in red"
        return Picture(
            [panel], f"The line {w1:.1f} x₁ {w2:+.1f} x₂ {b:+.1f} = 0 under {activation} cuts the four corners of {table}: "
            f"{wrong}; loss {loss:.3f}.", size=(540, 430),
        )  # fmt: skip

    controls = {
        "table": Choice("targets", {name.upper(): name for name in ("or", "and", "xor")}, start.upper()),
        "activation": Choice("activation", {name: name for name in ACTIVATIONS}, "step"),
        "w1": Slider("weight w₁", -3, 3, 0.1, 1.5),
        "w2": Slider("weight w₂", -3, 3, 0.1, -1.0),
        "b": Slider("bias b", -3, 3, 0.1, 0.5),
    }
    show(draw, controls, caption=caption, name="demo-plane")


def _border(w1, w2, b, f, threshold, limits):
    """Where the answer changes: the ends of the line w₁ x₁ + w₂ x₂ + b = z, in which f(z) is the threshold."""
    z = np.linspace(-30, 30, 60001)
    b = b - z[np.argmax(f(z) > threshold)]
    low, high = limits
    if abs(w1) >= abs(w2):
        along = np.array([low, high])
        return (-(b + w2 * along) / w1 if w1 else np.full(2, np.nan)), along
    along = np.array([low, high])
    return along, -(b + w1 * along) / w2


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
        panel = Panel(f"ŷ = {w:.2f} x {b:+.2f}     loss = {value:.3f}".replace("-", "−"), xlabel, ylabel, **limits)
        panel.segments(x, y, x, y_hat, "sky", width=0.7)
        panel.points(x, y, "blue", size=3, edge=False, label="penguins")
        panel.line(ends, predict(ends, weights, bias), "red", width=2.5, label="ŷ")
        return Picture([panel], f"A line of slope {w:.2f} and height {b:.2f} through the points; the loss is {value:.3f}.")

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
    """Lesson 1: gradient descent walks over the loss surface, from above and as a curve.

    loss  : loss(p) -> float for parameters p (2,)
    path  : path(start, lr) -> (T+1, 2), every point that was visited
    rates : (start, stop, step, value) of the learning-rate slider
    starts: dict name -> (2,) starting point
    best  : (2,) the lowest point
    """
    grid_x, grid_y, points = plots.mesh(xlim, ylim, 45)
    heights = np.array([loss(point) for point in points]).reshape(grid_x.shape)
    rings = plots.contours(grid_x, grid_y, heights, np.geomspace(heights.min() * 1.02, heights.max(), 14))

    def draw(lr, start):
        walked = np.asarray(path(np.array(start), lr))
        losses = np.array([loss(point) for point in walked[:200]])
        trend, grows = f"it ends at loss {losses[-1]:.3f}", False
        if len(losses) > 1 and not losses[-1] <= losses[-2] * (1 + 1e-9):
            trend, grows = "the loss grows" if not losses[-1] <= losses[0] else "the loss falls at first, and then grows", True
            trend += ": it diverges"
        above = Panel("seen from above", xlabel, ylabel, xlim=xlim, ylim=ylim, legend="lower left")
        above.line(*rings, "grey", width=0.7)
        above.line(*walked.T, "red", width=1.2)
        above.points(*walked.T, "red", size=2.5, edge=False)
        above.points([start[0]], [start[1]], "orange", size=6, label="start")
        above.points([best[0]], [best[1]], "green", marker="*", size=7, label="lowest loss")
        steps = f"{len(walked) - 1} steps" + (", diverging" if grows else "")
        beside = Panel(
            steps, "step", "loss", xlim=(-1, 61), ylim=(heights.min() * 0.7, heights.max() * 30), ylog=True,
        )  # fmt: skip
        beside.line(range(len(losses)), losses, "red", width=1.2)
        beside.points(range(len(losses)), losses, "red", size=2.5, edge=False)
        return Picture(
            [above, beside], f"Gradient descent with learning rate {lr:g} takes {len(walked) - 1} steps; {trend}.",
            size=(800, 380), widths=[1.15, 1],
        )  # fmt: skip

    controls = {
        "lr": Slider("learning rate η", *rates),
        "start": Choice("start", {name: tuple(point) for name, point in starts.items()}, next(iter(starts))),
    }
    show(draw, controls, caption=caption, name="demo-descent")
