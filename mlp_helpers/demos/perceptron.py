"""Lesson 1: a line, a plane cut in two, and a walk down the loss surface."""

from __future__ import annotations

import numpy as np

from mlp_helpers import datasets, plots
from mlp_helpers.sliders import Choice, Slider, show


def line_through_points(predict, loss, x, y, *, xlabel, ylabel, slope, height, caption=""):
    """Lesson 1: a line moved by its weight and bias, each sample's error drawn as a stick, the loss in the title.

    predict: predict(x, w, b) -> (N, 1), with w (1, 1) and b (1,)
    loss   : loss(y_hat, y) -> float
    x, y   : (N, 1) samples and targets
    slope, height: (start, stop, step, value) of the weight's and of the bias's slider
    """

    def draw(figure, w, b):
        weights, bias = np.array([[float(w)]]), np.array([float(b)])
        y_hat = _column(predict(x, weights, bias), x)
        value = float(loss(y_hat, y))
        ax = figure.subplots()
        plots.tidy(ax, f"ŷ = {w:.2f} x + {b:.2f}     loss = {value:.3f}", xlabel, ylabel)
        ax.vlines(x[:, 0], y[:, 0], y_hat[:, 0], color=plots.SKY, linewidth=0.7, zorder=1)
        ax.scatter(x, y, s=14, color=plots.BLUE, zorder=2, label="penguins")
        ends = np.array([[x.min()], [x.max()]])
        ax.plot(ends, predict(ends, weights, bias), color=plots.RED, linewidth=2.5, label="ŷ")
        ax.set_ylim(y.min() - 0.5, y.max() + 0.5)
        ax.legend(loc="upper left")
        return f"A line of slope {w:.2f} and height {b:.2f} through the points; the loss is {value:.3f}."

    show(draw, {"w": Slider("weight w", *slope), "b": Slider("bias b", *height)}, caption=caption, name="demo-line")


def _column(result, x):
    """What a student's function returned for the samples x, which must be one number for each: (N, 1).

    raises: ValueError, for a flat result would be broadcast and shown as nonsense
    """
    if np.shape(result) != (len(x), 1):
        raise ValueError(f"the result for {len(x)} samples has shape {np.shape(result)}, not ({len(x)}, 1)")
    return np.asarray(result)


def perceptron_plane(predict, *, start="or", caption=""):
    """Lesson 1: a perceptron with a step at 0 cuts the plane of two inputs in half.

    predict: predict(x, w, b) -> (N, 1) weighted sums, with w (2, 1) and b (1,)
    start  : the truth table shown first
    """
    grid_x, grid_y, points = plots.mesh((-0.6, 1.6), (-0.6, 1.6))

    def draw(figure, table, w1, w2, b):
        x, y = datasets.logic(table)
        weights, bias = np.array([[float(w1)], [float(w2)]]), np.array([float(b)])
        right = (_column(predict(x, weights, bias), x) > 0) == (y > 0.5)
        ax = figure.subplots()
        plots.tidy(ax, f"{table.upper()}: {right.sum()} of 4 right", "$x_1$", "$x_2$")
        side = (predict(points, weights, bias) > 0).reshape(grid_x.shape)
        ax.pcolormesh(grid_x, grid_y, side, cmap=plots.DIVERGING, vmin=0, vmax=1, rasterized=True)
        plots.scatter_classes(ax, x, y, ["target 0", "target 1"], size=130)
        ax.scatter(*x[~right[:, 0]].T, s=420, facecolor="none", edgecolor=plots.RED, linewidth=2.5, zorder=4)
        ax.legend(loc="upper right", fontsize=9)
        ax.set_aspect("equal")
        wrong = "none is wrong" if right.all() else f"{(~right).sum()} wrong, ringed in red"
        return f"The line {w1:.1f} x₁ {w2:+.1f} x₂ {b:+.1f} = 0 cuts the four corners of {table}: {wrong}."

    controls = {
        "table": Choice("targets", {name.upper(): name for name in ("or", "and", "xor")}, start.upper()),
        "w1": Slider("weight w₁", -3, 3, 0.1, 1.5),
        "w2": Slider("weight w₂", -3, 3, 0.1, -1.0),
        "b": Slider("bias b", -3, 3, 0.1, 0.5),
    }
    show(draw, controls, size=(5.6, 4.4), caption=caption, name="demo-plane")


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
    levels = np.geomspace(heights.min() * 1.02, heights.max(), 14)

    def draw(figure, lr, start):
        walked = np.asarray(path(np.array(start), lr))
        losses = np.array([loss(point) for point in walked[:200]])
        above, beside = figure.subplots(1, 2, width_ratios=[1.15, 1])
        plots.tidy(above, "seen from above", xlabel, ylabel)
        above.contour(grid_x, grid_y, heights, levels=levels, colors=plots.GREY, linewidths=0.7)
        above.plot(walked[:, 0], walked[:, 1], ".-", color=plots.RED, linewidth=1.2, markersize=5)
        above.plot(*start, "o", color=plots.ORANGE, markersize=9, label="start")
        above.plot(*best, "*", color=plots.GREEN, markersize=14, label="lowest loss")
        above.set(xlim=xlim, ylim=ylim)
        above.legend(loc="lower left", fontsize=9)
        beside.plot(losses, ".-", color=plots.RED)
        beside.set(yscale="log", xlim=(-1, 61), ylim=(heights.min() * 0.7, heights.max() * 30))
        trend = f"it ends at loss {losses[-1]:.3f}"
        if len(losses) > 1 and not losses[-1] <= losses[-2] * (1 + 1e-9):
            trend = "the loss grows" if not losses[-1] <= losses[0] else "the loss falls at first, and then grows"
            trend += ": it diverges"
        plots.tidy(beside, f"{len(walked) - 1} steps" + (", diverging" if "grows" in trend else ""), "step", "loss")
        return f"Gradient descent with learning rate {lr:g} takes {len(walked) - 1} steps; {trend}."

    controls = {
        "lr": Slider("learning rate η", *rates),
        "start": Choice("start", {name: tuple(point) for name, point in starts.items()}, next(iter(starts))),
    }
    show(draw, controls, size=(8.4, 3.9), caption=caption, name="demo-descent")
