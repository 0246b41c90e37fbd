"""The slider demos of the lessons. Each runs the functions it is given, or replays arrays; none has a gradient.

A demo keeps its state in its own arguments, so re-running another cell never breaks it.
"""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from mlp_helpers import datasets, diagrams, plots
from mlp_helpers.sliders import Choice, Slider, Steps, show


def _column(result, x):
    """What a student's function returned for the samples x, which must be one number for each: (N, 1).

    raises: ValueError, for a flat result would be broadcast and shown as nonsense
    """
    if np.shape(result) != (len(x), 1):
        raise ValueError(f"the result for {len(x)} samples has shape {np.shape(result)}, not ({len(x)}, 1)")
    return np.asarray(result)


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


def computational_graph(sample, *, caption=""):
    """Lesson 2: one sample's numbers flow through a 2-2-1 network, forward and then backward, step by step.

    sample: dict of arrays and floats to replay: x, w1, b1, z, h, w2, b2, y_hat, y, loss, and then
            dy, grad_w2, grad_b2, dh, dz, grad_w1, grad_b1
    """

    def draw(figure, step):
        return diagrams.two_layer_graph(figure, sample, step)

    last = len(diagrams.GRAPH_STEPS) - 1
    show(draw, {"step": Slider("step", 0, last, 1, 0)}, size=(9.4, 4.4), caption=caption, name="demo-graph")


def sum_of_lines(forward, x, y, *, caption=""):
    """Lesson 2: however its weights are set, a two-layer network without an activation draws a straight line.

    forward: forward(x, w1, b1, w2, b2, f1) -> z, h, y_hat
    x, y   : (N, 1) samples and targets to fit
    """
    grid = np.linspace(-1.2, 1.2, 50)[:, None]

    def draw(figure, a1, c1, a2, c2):
        first, bias = np.array([[a1, a2]]), np.array([c1, c2])
        second, last_bias = np.array([[1.0], [1.0]]), np.zeros(1)
        _, units, curve = forward(grid, first, bias, second, last_bias, lambda z: z)
        error = forward(x, first, bias, second, last_bias, lambda z: z)[2] - y
        loss = float(np.mean(error**2)) / 2
        ax = figure.subplots()
        plots.tidy(ax, f"loss = {loss:.3f}", "x", "y")
        ax.scatter(x, y, s=14, color=plots.GREY, label="samples")
        for unit, color in enumerate([plots.BLUE, plots.ORANGE]):
            ax.plot(grid, units[:, unit], "--", color=color, label=f"hidden unit {unit + 1}")
        ax.plot(grid, curve, color=plots.RED, linewidth=2.5, label="output: their sum")
        ax.set_ylim(-1.6, 2.1)
        ax.legend(loc="upper center", ncols=2, fontsize=9)
        slope, height = a1 + a2, c1 + c2
        line = f"a straight line of slope {slope:.1f} and height {height:.1f}"
        return f"Two dashed lines and their sum, {line}; loss {loss:.3f}."

    controls = {
        "a1": Slider("unit 1: slope", -2, 2, 0.1, 1.0),
        "c1": Slider("unit 1: height", -1, 1, 0.1, 0.5),
        "a2": Slider("unit 2: slope", -2, 2, 0.1, -0.5),
        "c2": Slider("unit 2: height", -1, 1, 0.1, 0.2),
    }
    show(draw, controls, caption=caption, name="demo-lines")


def batch_sizes(run, *, sizes, rates, caption=""):
    """Lesson 2: the loss against the number of samples used, for a batch size and a learning rate.

    run  : run(batch_size, lr) -> the loss of each batch before its update, and of all samples: both (updates,)
    sizes: list of batch sizes; rates: list of learning rates
    """
    runs = {(size, lr): run(size, lr) for size in sizes for lr in rates}

    def draw(figure, size, lr):
        ax = figure.subplots()
        plots.tidy(ax, f"batches of {size}, learning rate {lr:g}", "samples used", "loss")
        for other in sizes:
            batch, over_all = runs[other, lr]
            used = other * np.arange(len(batch))
            if other == size:
                ax.plot(used, batch, color=plots.SKY, linewidth=0.8, label="of the batch")
                ax.plot(used, over_all, color=plots.RED, linewidth=2.5, zorder=3, label="of all samples")
            else:
                ax.plot(used, over_all, color="#BBBBBB", linewidth=1.2)
                at = len(used) // 8
                ax.annotate(f"{other}", (used[at], over_all[at]), fontsize=10, color=plots.GREY, weight="bold")
        ax.set(yscale="log", ylim=(1e-3, 20))
        ax.legend(loc="upper right")
        middle, end = (runs[size, lr][1][share] for share in (len(runs[size, lr][1]) // 4, -1))
        return (
            f"With batches of {size} and learning rate {lr:g} the loss of all samples is {middle:.3f} after a quarter "
            f"of the training and {end:.3f} at its end."
        )

    controls = {
        "size": Choice("batch size", {str(size): size for size in sizes}, str(sizes[1])),
        "lr": Choice("learning rate η", {f"{rate:g}": rate for rate in rates}, f"{rates[-1]:g}"),
    }
    show(draw, controls, caption=caption, name="demo-batches")


def hinges(forward, x, y, *, caption=""):
    """Lesson 3: three ReLU units, each a hinge with a corner and an output weight, and their sum.

    forward: forward(x, w1, b1, w2, b2) -> z, h, y_hat
    x, y   : (N, 1) samples and targets to fit
    """
    grid = np.linspace(-1.2, 1.2, 241)[:, None]
    facing = np.array([[1.0, -1.0, 1.0]])

    def draw(figure, **values):
        corners = np.array([values[f"corner{unit}"] for unit in range(3)])
        weights = np.array([[values[f"weight{unit}"]] for unit in range(3)])
        network = facing, -corners * facing[0], weights, np.zeros(1)
        _, units, curve = forward(grid, *network)
        loss = float(np.mean((forward(x, *network)[2] - y) ** 2)) / 2
        ax = figure.subplots()
        plots.tidy(ax, f"loss = {loss:.4f}", "x", "y")
        ax.scatter(x, y, s=14, color=plots.GREY, label="samples")
        for unit, color in enumerate([plots.BLUE, plots.ORANGE, plots.GREEN]):
            ax.plot(grid, weights[unit] * units[:, unit : unit + 1], "--", color=color, label=f"unit {unit + 1}")
        ax.plot(grid, curve, color=plots.RED, linewidth=2.5, label="output")
        ax.set_ylim(-1.2, 1.9)
        ax.legend(loc="upper center", ncols=5, fontsize=8)
        places = ", ".join(f"{corner:.1f}" for corner in corners)
        return (
            f"Three dashed hinges with corners at {places} and their sum, a chain of straight pieces; loss {loss:.4f}."
        )

    controls = {}
    for unit, (corner, weight) in enumerate([(0.5, 0.5), (0.5, 0.5), (-0.5, -0.5)]):
        controls[f"corner{unit}"] = Slider(f"unit {unit + 1}: corner", -1, 1, 0.1, corner)
        controls[f"weight{unit}"] = Slider(f"unit {unit + 1}: output weight", -2, 2, 0.1, weight)
    show(draw, controls, caption=caption, name="demo-hinges")


def replay(x, y, grid, runs, *, label, steps, start, choice="", xlabel="x", others=None, caption=""):
    """Lesson 3: recorded fits, one at a time under a slider, and the losses with a mark at the one shown.

    x, y : (N, 1) samples and targets; grid: (G, 1) where the fits are drawn
    runs : dict name -> (curves (S, G), dict name -> losses (S,)); with more than one, `choice` labels their menu
    label, steps: what the slider counts, and its S values
    start : index of the step shown first
    others: (x, y) of samples that had no part in the fit
    """
    steps = list(steps)
    low, high = float(y.min()) - 2, float(y.max()) + 2

    first = next(iter(runs))

    def draw(figure, index, run=first):
        curves, losses = runs[run]
        fit, course = figure.subplots(1, 2, width_ratios=[1.25, 1])
        shown = f"{label} {steps[index]}" if label == "epoch" else f"{steps[index]} {label}"
        plots.tidy(fit, shown, xlabel, "y")
        fit.scatter(x, y, s=14, color=plots.BLUE if others else plots.GREY, label="training")
        if others:
            fit.scatter(*others, s=16, color=plots.ORANGE, marker="s", label="validation")
            fit.legend(loc="upper left", fontsize=8)
        fit.plot(grid, curves[index], color=plots.RED, linewidth=2.5)
        fit.set_ylim(low, high)
        plots.tidy(course, "", label, "loss")
        for (name, values), color in zip(losses.items(), [plots.BLUE, plots.ORANGE], strict=False):
            course.plot(steps, values, color=color, label=name)
            course.plot(steps[index], values[index], "o", color=color)
        course.set_yscale("log")
        course.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        course.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        course.yaxis.set_minor_formatter(NullFormatter())
        if steps[0] > 0 and steps[-1] / steps[0] > 50:
            course.set_xscale("log")
        course.legend()
        told = ", ".join(f"{name} loss {values[index]:.3g}" for name, values in losses.items())
        return f"The fit at {shown}{f' with {run} {choice}' if choice else ''}: {told}."

    controls = {"index": Steps(label, steps, start)}
    if len(runs) > 1:
        controls["run"] = Choice(choice, {name: name for name in runs}, first)
    show(draw, controls, size=(8.6, 3.8), caption=caption, name="demo-replay")
