"""Lessons 2 and 3: the graph with its numbers, lines and hinges that add up, batches, and fits through the epochs."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from mlp_helpers import diagrams, plots
from mlp_helpers.sliders import Choice, Slider, Steps, show


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
