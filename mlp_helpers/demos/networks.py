"""Lessons 2 and 3: the graph with its numbers, lines and hinges that add up, batches, and fits through the epochs."""

from __future__ import annotations

import numpy as np

from mlp_helpers import diagrams
from mlp_helpers.pictures import Panel, Picture
from mlp_helpers.sliders import Choice, Slider, Steps, show


def computational_graph(sample, *, caption=""):
    """Lesson 2: one sample's numbers flow through a 2-2-1 network, forward and then backward, step by step.

    sample: dict of arrays and floats to replay: x, w1, b1, z, h, w2, b2, y_hat, y, loss, and then
            dy, grad_w2, grad_b2, dh, dz, grad_w1, grad_b1
    """

    def draw(step):
        return diagrams.two_layer_graph(sample, step)

    controls = {"step": Steps("step", list(range(len(diagrams.GRAPH_STEPS))), 0)}
    show(draw, controls, caption=caption, name="demo-graph")


def sum_of_lines(forward, x, y, *, caption=""):
    """Lesson 2: however its weights are set, a two-layer network without an activation draws a straight line.

    forward: forward(x, w1, b1, w2, b2, f1) -> z, h, y_hat
    x, y   : (N, 1) samples and targets to fit
    """
    grid = np.linspace(-1.2, 1.2, 50)[:, None]
    best = _loss(np.polyval(np.polyfit(x[:, 0], y[:, 0], 1), x), y)
    second, last_bias = np.array([[1.0], [1.0]]), np.zeros(1)

    def draw(a1, c1, a2, c2):
        network = np.array([[a1, a2]]), np.array([c1, c2]), second, last_bias, lambda z: z
        _, units, curve = _checked(forward(grid, *network), len(grid), 2)
        loss = _loss(_checked(forward(x, *network), len(x), 2)[2], y)
        panel = Panel(
            f"loss = {loss:.3f}     best straight line: {best:.3f}", "x", "y",
            xlim=(-1.2, 1.2), ylim=(-1.6, 2.1), legend="lower left",
        )  # fmt: skip
        panel.points(x, y, "grey", size=3, edge=False, label="samples")
        for unit, color in enumerate(["blue", "orange"]):
            panel.line(grid, units[:, unit], color, dash=True, label=f"hidden unit {unit + 1}")
        panel.line(grid, curve, "red", width=3, label="output: their sum")
        slope, height = (f"{round(sum(pair), 1) + 0:.1f}".replace("-", "−") for pair in ((a1, a2), (c1, c2)))
        line = f"a straight line of slope {slope} and height {height}"
        return Picture(
            [panel], f"Two dashed lines and their sum, {line}; its loss is {loss:.3f}, and that of the best straight "
            f"line {best:.3f}.", size=(620, 420),
        )  # fmt: skip

    controls = {
        "a1": Slider("unit 1: slope", -2, 2, 0.1, 1.0),
        "c1": Slider("unit 1: height", -1, 1, 0.1, 0.5),
        "a2": Slider("unit 2: slope", -2, 2, 0.1, -0.5),
        "c2": Slider("unit 2: height", -1, 1, 0.1, 0.2),
    }
    show(draw, controls, caption=caption, name="demo-lines")


LOW_LOSS = 0.1  # by which the batch sizes are compared


def batch_sizes(run, *, sizes, rates, caption=""):
    """Lesson 2: the loss against the number of samples used, for a batch size and a learning rate.

    run  : run(batch_size, lr) -> the loss of each batch before its update, and of all samples: both (updates,)
    sizes: list of batch sizes; rates: list of learning rates
    """
    runs = {
        (size, lr): tuple(np.asarray(losses, dtype=float) for losses in run(size, lr)) for size in sizes for lr in rates
    }
    used = {key: key[0] * np.arange(len(over_all)) for key, (_, over_all) in runs.items()}
    first = {key: _first_below(over_all, LOW_LOSS) for key, (_, over_all) in runs.items()}
    most = max(after[-1] for after in used.values())

    def draw(size, lr):
        key = size, lr
        batch, over_all = runs[key]
        when = f"after {used[key][first[key]]} samples" if first[key] is not None else "not yet"
        panel = Panel(
            f"batches of {size}, learning rate {lr:g}: loss below {LOW_LOSS:g} {when}", "samples used", "loss",
            xlim=(-0.01 * most, 1.01 * most), ylim=(1e-3, 20), ylog=True, legend="upper right",
        )  # fmt: skip
        panel.line([0, most], [LOW_LOSS, LOW_LOSS], "grey", width=1, dash=True)
        panel.line(used[key], batch, "sky", width=1, label="of the batch")
        for other in sizes:
            if other != size:
                panel.line(used[other, lr], runs[other, lr][1], "grey", width=0.6)
        panel.line(used[key], over_all, "red", width=3, label="of all samples")
        panel.line([], [], "grey", label="other batch sizes")
        # Small batches get their number later, beside that of no other.
        for other, share in zip(sizes, np.geomspace(0.6, 0.1, len(sizes)), strict=True):
            at = int(share * len(used[other, lr]))
            x, y = used[other, lr][at], runs[other, lr][1][at]
            if other != size and np.isfinite(y):
                panel.text(x, y, other, "grey", size=12, bold=True, ground=True)
        if first[key] is not None:
            panel.points([used[key][first[key]]], [over_all[first[key]]], "red", size=5)
        middle, end = over_all[len(over_all) // 4], over_all[-1]
        return Picture(
            [panel], f"With batches of {size} and learning rate {lr:g} the loss of all samples is {_said(middle)} "
            f"after a quarter of the training and {_said(end)} at its end; below {LOW_LOSS:g} {when}.", size=(640, 420),
        )  # fmt: skip

    controls = {
        "size": Choice("batch size", {str(size): size for size in sizes}, str(sizes[1])),
        "lr": Choice("learning rate η", {f"{rate:g}": rate for rate in rates}, f"{rates[-1]:g}"),
    }
    show(draw, controls, caption=caption, name="demo-batches")


# Units 1, 3 and 5 are on to the right of their corners, the others to the left.
FACING = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
BY_HAND = 3  # units with sliders of their own
OWN_CORNERS = np.array([0.2, -0.2, -0.7])  # of those without
UNIT_COLORS = ["blue", "orange", "green", "purple", "sky", "ink"]


def hinges(forward, x, y, *, caption=""):
    """Lesson 3: up to six ReLU units, each a hinge with a corner and an output weight, and their sum.

    The reader sets three of them. Further ones stand at corners of their own, with the output weights that bring the
    loss lowest (least squares on what the reader's leave over). A unit that is off for all samples is said to be dead.

    forward: forward(x, w1, b1, w2, b2) -> z, h, y_hat
    x, y   : (N, 1) samples and targets to fit
    """
    limit, count = 1.6, len(x)
    grid = np.linspace(-limit, limit, 321)[:, None]
    bends = np.maximum(0, (x - OWN_CORNERS) * FACING[BY_HAND:])
    solvers = [np.linalg.pinv(bends[:, :own]) for own in range(len(OWN_CORNERS) + 1)]

    def draw(units, **values):
        corners = np.array([values[f"corner{unit}"] for unit in range(BY_HAND)] + [*OWN_CORNERS])[:units]
        weights = np.array([values[f"weight{unit}"] for unit in range(BY_HAND)])[:units, None]
        facing = FACING[None, :units]
        first = facing, -corners * facing[0]
        if units > BY_HAND:
            set_by_hand = _checked(
                forward(x, *(part[..., :BY_HAND] for part in first), weights, np.zeros(1)), count, BY_HAND
            )
            weights = np.vstack([weights, solvers[units - BY_HAND] @ (y - set_by_hand[2])])
        _, h, y_hat = _checked(forward(x, *first, weights, np.zeros(1)), count, units)
        _, shape, curve = _checked(forward(grid, *first, weights, np.zeros(1)), len(grid), units)
        on, loss = np.count_nonzero(h, axis=0), _loss(y_hat, y)
        panel = Panel(f"loss = {loss:.4f}", "x", "y", xlim=(-limit, limit), ylim=(-1.2, 1.9))
        panel.points(x, y, "grey", size=3, edge=False)
        for unit in range(units):
            color = UNIT_COLORS[unit] if on[unit] else "grey"
            panel.line(grid, weights[unit] * shape[:, unit], color, width=2 if on[unit] else 1.2, dash=True)
        panel.line(grid, curve, "red", width=3)
        for unit in range(units):
            dead = {} if on[unit] else {"hollow": True}
            panel.points([corners[unit]], [0], UNIT_COLORS[unit] if on[unit] else "grey", size=5, **dead)
        for at in np.unique(corners.round(6)):
            there = np.flatnonzero(np.isclose(corners, at)) + 1
            panel.text(at, 0, ", ".join(map(str, there)), size=12, bold=True, up=-16)
        table = _table_of_units(corners, weights[:, 0], on, count)
        dead = [str(unit + 1) for unit in range(units) if not on[unit]]
        named = f" Dead, for it is off for all samples: unit {', '.join(dead)}." if dead else " No unit is dead."
        hinge = "One dashed hinge with its corner" if units == 1 else f"{units} dashed hinges with their corners"
        return Picture(
            [panel, table], (
                f"{hinge} at {', '.join(f'{corner:.1f}' for corner in corners)}, output weights "
                f"{', '.join(f'{weight:.2f}' for weight in weights[:, 0])}, and the output, a chain of straight "
                f"pieces; loss {loss:.4f}.{named}"
            ).replace("-", "−"), size=(840, 410), widths=[2.15, 1],
        )  # fmt: skip

    controls = {"units": Slider("number of units", 1, len(FACING), 1, BY_HAND)}
    for unit, (corner, weight) in enumerate([(0.5, 0.5), (0.5, 0.5), (-0.5, -0.5)]):
        controls[f"corner{unit}"] = Slider(f"unit {unit + 1}: corner", -1.5, 1.5, 0.1, corner)
        controls[f"weight{unit}"] = Slider(f"unit {unit + 1}: output weight", -2, 2, 0.1, weight)
    show(draw, controls, caption=caption, name="demo-hinges")


def _table_of_units(corners, weights, on, count):
    """The legend of `hinges`, with what each unit stands at and for how many of the samples it is on."""
    panel = Panel(xlim=(0, 10), ylim=(0, 20), frame=False)
    panel.points([0.7], [18.9], "grey", size=4.5, edge=False)
    panel.text(1.8, 18.9, "samples", align="left")
    panel.line([0.1, 1.3], [17.7, 17.7], "red", width=3)
    panel.text(1.8, 17.7, "output: the sum of all", align="left")
    for unit, (corner, weight) in enumerate(zip(corners, weights, strict=True)):
        y, alive = 15.9 - 2.6 * unit, on[unit] > 0
        side = "right" if FACING[unit] > 0 else "left"
        panel.line([0.1, 1.3], [y, y], UNIT_COLORS[unit] if alive else "grey", width=2, dash=True)
        said = f": on for {on[unit]} of {count}" if alive else f" is dead: off for all {count}"
        panel.text(1.8, y, f"unit {unit + 1}{said}", "ink" if alive else "red", bold=not alive, align="left")
        setting = (
            f"corner {corner:.1f}, on to the {side}" if unit < BY_HAND else f"corner {corner:.1f}, weight {weight:.2f}"
        )
        panel.text(1.8, y - 1.1, setting.replace("-", "−"), "grey", size=12, align="left")
    return panel


def replay(
    x, y, grid, runs, *, label, steps, start, choice="", xlabel="x", others=None, remarks=None, play=False, caption="",
):  # fmt: skip
    """Lesson 3: recorded fits, one at a time under a slider, and the losses with a mark at the one shown.

    x, y : (N, 1) samples and targets; grid: (G, 1) where the fits are drawn
    runs : dict name -> (curves (S, G), dict name -> losses (S,)); with more than one, `choice` labels their menu
    label, steps: what the slider counts, and its S values
    start : index of the step shown first
    others: (x, y) of samples that had no part in the fit
    remarks: dict name -> S remarks, one for each step of that run
    play  : whether a button plays the steps
    """
    steps, first = np.asarray(steps).tolist(), next(iter(runs))
    low, high = float(y.min()) - 2, float(y.max()) + 2
    runs = {
        name: (np.asarray(curves), {kind: np.asarray(losses, dtype=float) for kind, losses in recorded.items()})
        for name, (curves, recorded) in runs.items()
    }
    course_limits = _span([losses for _, recorded in runs.values() for losses in recorded.values()])
    wide = steps[0] > 0 and steps[-1] / steps[0] > 50
    pad = 0.02 * (steps[-1] - steps[0])
    along = (steps[0] / 1.15, steps[-1] * 1.15) if wide else (steps[0] - pad, steps[-1] + pad)
    ticks = [(step, step) for step in steps] if len(steps) <= 10 else None

    def draw(index, run=first):
        curves, recorded = runs[run]
        counted = label.removesuffix("s") if steps[index] == 1 else label
        shown = f"{label} {steps[index]}" if label == "epoch" else f"{steps[index]} {counted}"
        remark = remarks[run][index] if remarks else ""
        fit = Panel(
            f"{shown}: {remark}" if remark else shown,
            xlabel,
            "y",
            xlim=(grid[0, 0], grid[-1, 0]),
            ylim=(low, high),
            legend="lower right",
        )
        fit.points(x, y, "blue", size=3.5, edge=False, label="training" if others else "samples")
        if others:
            fit.points(*others, "orange", marker="s", size=3.5, edge=False, label="validation")
        fit.line(grid, curves[index], "red", width=3, label="fit")
        losses = {name: _said(values[index]) for name, values in recorded.items()}
        course = Panel(
            "loss: " + ", ".join(f"{name} {loss}" for name, loss in losses.items()), label, "loss",
            xlim=along, ylim=course_limits, xlog=wide, ylog=True, xticks=ticks, legend="upper right",
        )  # fmt: skip
        course.line([steps[index]] * 2, course_limits, "grey", width=1)
        for (name, values), color in zip(recorded.items(), ["blue", "orange"], strict=False):
            course.line(steps, values, color, label=name)
            course.points([steps[index]], [values[index]], color, size=6)
        told = ", ".join(f"{name} loss {loss}" for name, loss in losses.items())
        broken = "" if np.isfinite(curves[index]).all() else " The fit has left the numbers and cannot be drawn."
        of_run = f" with {run} {choice}" if choice else ""
        at, more = "at" if label == "epoch" else "with", f"; {remark}" if remark else ""
        words = f"The fit {at} {shown}{of_run}: {told}{more}.{broken}"
        return Picture([fit, course], words, size=(840, 390), widths=[1.2, 1])

    controls = {"index": Steps(label, steps, start, play=play)}
    if len(runs) > 1:
        controls["run"] = Choice(choice, {name: name for name in runs}, first)
    show(draw, controls, caption=caption, name="demo-replay")


def _checked(results, count, units):
    """What a student's forward returned for `count` samples and `units` hidden units: (z, h, y_hat).

    raises: ValueError, for arrays of other shapes would be broadcast and shown as nonsense
    """
    z, h, y_hat = map(np.asarray, results)
    for name, array, shape in (("h", h, (count, units)), ("y_hat", y_hat, (count, 1))):
        if array.shape != shape:
            raise ValueError(f"forward's {name} has shape {array.shape}, not {shape}")
    return z, h, y_hat


def _loss(y_hat, y):
    return float(np.mean((y_hat - y) ** 2)) / 2


def _said(value):
    return f"{value:.3g}" if np.isfinite(value) else "not a number"


def _first_below(losses, bound):
    """The index of the first loss that is at most `bound`, or None."""
    below = np.flatnonzero(losses <= bound)
    return int(below[0]) if len(below) else None


def _span(courses):
    """Limits for losses on a logarithmic axis: all of them, but at most eight powers of ten above the lowest."""
    losses = np.concatenate(courses)
    losses = losses[(losses > 0) & np.isfinite(losses)]
    if not len(losses):
        return 0.1, 10.0
    return float(losses.min()) / 1.3, float(min(losses.max(), losses.min() * 1e8)) * 1.3
