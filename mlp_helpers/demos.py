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


def regions(runs, grid_x, grid_y, *, start, caption=""):
    """Lesson 4: the probability of class 1 over the plane, epoch by epoch, and the loss with a mark.

    runs : dict name -> (x (N, 2), y (N, 1), frames: (E,) list of grids of probabilities, losses (E,))
    start: the epoch shown first
    """
    last = len(next(iter(runs.values()))[2]) - 1

    def draw(figure, epoch, name):
        x, y, frames, losses = runs[name]
        plane, course = figure.subplots(1, 2, width_ratios=[1.15, 1])
        plots.tidy(plane, f"epoch {epoch}", "$x_1$", "$x_2$")
        plane.pcolormesh(grid_x, grid_y, frames[epoch], cmap=plots.DIVERGING, vmin=0, vmax=1, rasterized=True)
        plane.contour(grid_x, grid_y, frames[epoch], levels=[0.5], colors="black", linewidths=1.5)
        plots.scatter_classes(plane, x, y, size=16)
        plane.set_aspect("equal")
        _loss_course(course, epoch, losses)
        right = np.mean((_nearest(frames[epoch], grid_x, grid_y, x) > 0.5) == (y[:, 0] > 0.5))
        return f"{name} at epoch {epoch}: loss {losses[epoch]:.3f}, about {right:.0%} of the samples on the right side."

    controls = {
        "epoch": Slider("epoch", 0, last, 1, start),
        "name": Choice("data", {name: name for name in runs}, next(iter(runs))),
    }
    show(draw, controls, size=(8.6, 4.0), caption=caption, name="demo-regions")


def _nearest(values, grid_x, grid_y, x):
    """The value of each sample's nearest grid point."""
    columns = np.abs(grid_x[0][None, :] - x[:, :1]).argmin(axis=1)
    rows = np.abs(grid_y[:, 0][None, :] - x[:, 1:]).argmin(axis=1)
    return values[rows, columns]


def threshold(p, y, confusion_matrix, scores, *, names, caption=""):
    """Lesson 4: a threshold over probabilities, the confusion matrix it makes, and its point on the ROC curve.

    p, y : (N, 1) probabilities and targets
    confusion_matrix: (p, y, threshold) -> (2, 2) counts; scores: (matrix) -> accuracy, precision, recall
    names: what class 0 and class 1 are called
    """
    bins = np.linspace(0, 1, 21)
    curve = []
    for cut in np.linspace(-0.01, 1, 102):
        (true_neg, false_pos), (false_neg, true_pos) = confusion_matrix(p, y, cut)
        curve.append((false_pos / max(false_pos + true_neg, 1), true_pos / max(true_pos + false_neg, 1)))

    def draw(figure, cut):
        matrix = np.asarray(confusion_matrix(p, y, cut))
        accuracy, precision, recall = scores(matrix)
        histogram, table, roc = figure.subplots(1, 3, width_ratios=[1.3, 0.9, 1])
        plots.tidy(histogram, f"threshold {cut:.2f}", f"probability of {names[1]}", "birds")
        histogram.hist([p[y < 0.5], p[y > 0.5]], bins, color=plots.CLASSES[:2], label=names, stacked=True)
        histogram.axvline(cut, color=plots.RED, linewidth=2.5)
        histogram.legend(fontsize=9)
        table.imshow(matrix, cmap="Greys", vmin=0, vmax=2 * matrix.max())
        for (row, column), count in np.ndenumerate(matrix):
            color = plots.GREEN if row == column else plots.RED
            table.text(column, row, count, ha="center", va="center", fontsize=18, color=color, weight="bold")
        table.set(xticks=[0, 1], yticks=[0, 1], xticklabels=names, yticklabels=names, xlabel="answer", ylabel="target")
        plots.tidy(roc, f"accuracy {accuracy:.2f}", "share of false alarms", "recall")
        roc.plot(*zip(*curve, strict=True), color=plots.GREY)
        roc.plot(matrix[0, 1] / max(matrix[0].sum(), 1), recall, "o", color=plots.RED, markersize=9)
        table.set_title(f"precision {precision:.2f}, recall {recall:.2f}", fontsize=10)
        return (
            f"At threshold {cut:.2f}: {matrix[1, 1]} {names[1]} found, {matrix[1, 0]} missed, {matrix[0, 1]} false "
            f"alarms; accuracy {accuracy:.2f}, precision {precision:.2f}, recall {recall:.2f}."
        )

    show(
        draw, {"cut": Slider("threshold", 0.0, 1.0, 0.01, 0.5)}, size=(9.6, 3.6), caption=caption, name="demo-threshold"
    )


def softmax_shares(softmax, cross_entropy, *, caption=""):
    """Lesson 5: three logits and a temperature, their probabilities, and the cross-entropy of the true class C.

    softmax      : softmax(logits) -> probabilities, both (N, C)
    cross_entropy: cross_entropy(logits, target) -> float
    It shows what the formula gives as it stands in textbooks, too, which overflows for large logits.
    """
    names = ["A", "B", "C"]

    def draw(figure, a, b, c, temperature):
        logits = np.array([a, b, c], dtype=float) / temperature
        shares = np.asarray(softmax(logits[None, :]))[0]
        cost = float(cross_entropy(logits[None, :], np.array([2])))
        with np.errstate(over="ignore", invalid="ignore"):
            naive = np.exp(logits) / np.exp(logits).sum()
        left, right = figure.subplots(1, 2, width_ratios=[1, 1.2])
        plots.tidy(left, "logits", "class", "logit over temperature")
        left.bar(names, logits, color=plots.CLASSES[:3])
        left.axhline(0, color="black", linewidth=0.8)
        broken = not np.isfinite(naive).all()
        warning = "; the plain formula gives " + ", ".join(f"{share:.2g}" for share in naive) if broken else ""
        plots.tidy(right, f"cost of the true class C: {cost:.3g}", "class", "")
        right.bar_label(right.bar(names, shares, color=plots.CLASSES[:3]), [f"{share:.1%}" for share in shares])
        right.set(ylim=(0, 1.12), ylabel="probability")
        if broken:
            right.text(0.5, 0.5, warning[2:], transform=right.transAxes, ha="center", color=plots.RED, fontsize=9)
        told = ", ".join(f"{name} {share:.1%}" for name, share in zip(names, shares, strict=True))
        return f"Probabilities {told}; cross-entropy of C {cost:.3g}{warning}."

    controls = {
        "a": Slider("logit of A", -10, 10, 0.5, 1.0),
        "b": Slider("logit of B", -10, 10, 0.5, 0.0),
        "c": Slider("logit of C", -10, 10, 0.5, 2.0),
        "temperature": Choice(
            "temperature T", {"0.01 (overflows)": 0.01, "0.2": 0.2, "0.5": 0.5, "1": 1.0, "2": 2.0, "10": 10.0}, "1"
        ),
    }
    show(draw, controls, size=(8.2, 3.6), caption=caption, name="demo-softmax")


def class_regions(runs, grid_x, grid_y, *, start, caption=""):
    """Lesson 5: the predicted class over the plane, epoch by epoch, and the loss with a mark.

    runs : dict name -> (x (N, 2), target (N,), frames: list of grids of class indices, losses)
    start: the epoch shown first
    """
    last = len(next(iter(runs.values()))[2]) - 1

    def draw(figure, epoch, name):
        x, target, frames, losses = runs[name]
        plane, course = figure.subplots(1, 2, width_ratios=[1.15, 1])
        plots.tidy(plane, f"epoch {epoch}", "$x_1$", "$x_2$")
        plane.pcolormesh(grid_x, grid_y, frames[epoch], cmap=plots.REGIONS, vmin=0, vmax=3, rasterized=True)
        plots.scatter_classes(plane, x, target, size=16)
        plane.set_aspect("equal")
        _loss_course(course, epoch, losses)
        right = np.mean(_nearest(frames[epoch], grid_x, grid_y, x) == target)
        return f"{name} at epoch {epoch}: loss {losses[epoch]:.3f}, about {right:.0%} of the samples in their region."

    controls = {
        "epoch": Slider("epoch", 0, last, 1, start),
        "name": Choice("network", {name: name for name in runs}, next(iter(runs))),
    }
    show(draw, controls, size=(8.6, 4.0), caption=caption, name="demo-spiral")


def _loss_course(ax, epoch, losses):
    """The loss over the epochs, with a mark at one."""
    plots.tidy(ax, f"loss {losses[epoch]:.3f}", "epoch", "loss")
    ax.plot(losses, color=plots.RED)
    ax.plot(epoch, losses[epoch], "o", color=plots.RED)
    ax.set_ylim(0, max(1.0, losses[0]))


def optimizers(walk, classes, *, caption=""):
    """Lesson 6: the paths of several optimizers down the same long bowl 0.5 x² + 10 y².

    walk   : walk(optimizer_class, lr) -> (T+1, 2), every point that was visited
    classes: the optimizers' classes
    """
    grid_x, grid_y, points = plots.mesh((-5, 5), (-1.6, 1.6), 60)
    heights = (0.5 * points[:, 0] ** 2 + 10 * points[:, 1] ** 2).reshape(grid_x.shape)

    def draw(figure, lr):
        above, beside = figure.subplots(1, 2, width_ratios=[1.3, 1])
        plots.tidy(above, "seen from above", "x", "y")
        above.contour(grid_x, grid_y, heights, levels=np.geomspace(0.1, 40, 12), colors=plots.GREY, linewidths=0.6)
        plots.tidy(beside, "height over the lowest point", "step", "")
        told = []
        for optimizer, color, marker in zip(classes, [plots.BLUE, plots.ORANGE, plots.GREEN], "os^", strict=False):
            with np.errstate(all="ignore"):
                path = np.asarray(walk(optimizer, lr))
                height = 0.5 * path[:, 0] ** 2 + 10 * path[:, 1] ** 2
            name = optimizer.__name__
            options = {"color": color, "marker": marker, "markersize": 3, "linewidth": 1}
            above.plot(path[:, 0], path[:, 1], label=name, **options)
            beside.plot(height, label=name, **options)
            told.append(f"{name} ends at height {height[-1]:.2g}")
        above.plot(0, 0, "*", color=plots.RED, markersize=14)
        above.set(xlim=(-5, 5), ylim=(-1.6, 1.6))
        beside.set(yscale="log", ylim=(1e-6, 1e3))
        beside.legend()
        return f"With learning rate {lr:g}, after {len(path) - 1} steps: " + ", ".join(told) + "."

    rates = [0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.095, 0.12, 0.2, 0.4]
    control = Choice("learning rate η", {f"{rate:g}": rate for rate in rates}, "0.04")
    show(draw, {"lr": control}, size=(9.0, 3.8), caption=caption, name="demo-optimizers")


def playground(build, train, loss, activations, optimizer_classes, *, caption=""):
    """Lesson 6: choose data, network and optimizer; each change trains a new network of the given classes.

    build: build(depth, width, activation, n_classes, rng) -> network; train, loss: as in lesson 6
    activations, optimizer_classes: dict name -> class
    """
    rng = np.random.default_rng(0)
    binary = {"two half-moons": datasets.moons, "XOR": datasets.xor_clouds, "two clouds": datasets.clouds}
    data = {name: make(rng) for name, make in binary.items()}
    data = {"spiral": datasets.spiral(rng)} | {name: (x, y[:, 0].astype(int)) for name, (x, y) in data.items()}
    grid_x, grid_y, points = plots.mesh((-2.7, 2.7), (-2.7, 2.7), 70)

    def draw(figure, name, depth, width, activation, optimizer, lr):
        x, target = data[name]
        rng = np.random.default_rng(1)
        network = build(depth, width, activations[activation], int(target.max()) + 1, rng)
        with np.errstate(all="ignore"):
            stepper = optimizer_classes[optimizer](network, lr)
            losses = np.asarray(train(network, loss(network), stepper, x, target, 60, 20, rng), dtype=float)
            regions, right = network(points).argmax(axis=1), np.mean(network(x).argmax(axis=1) == target)
        plane, course = figure.subplots(1, 2, width_ratios=[1.15, 1])
        plots.tidy(plane, f"{right:.0%} right", "$x_1$", "$x_2$")
        plane.pcolormesh(
            grid_x, grid_y, regions.reshape(grid_x.shape), cmap=plots.REGIONS, vmin=0, vmax=3, rasterized=True
        )
        plots.scatter_classes(plane, x, target, size=16)
        plane.set_aspect("equal")
        plots.tidy(course, f"loss {losses[-1]:.3g} after {len(losses)} epochs", "epoch", "loss")
        course.plot(np.arange(1, len(losses) + 1), losses, color=plots.RED)
        course.set_ylim(0, 1.6)
        size = (
            f"{depth} hidden layer{'' if depth == 1 else 's'} of {width} {activation}" if depth else "no hidden layer"
        )
        return f"{name}: {size}, {optimizer} at {lr:g}: loss {losses[-1]:.3g}, {right:.0%} of the samples right."

    def choice(label, names, start):
        return Choice(label, {str(name): name for name in names}, start)

    controls = {
        "name": choice("data", data, "spiral"),
        "depth": Slider("hidden layers", 0, 4, 1, 2),
        "width": Slider("units in each", 2, 32, 2, 16),
        "activation": choice("activation", activations, "ReLU"),
        "optimizer": choice("optimizer", optimizer_classes, "Adam"),
        "lr": choice("learning rate η", [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0], "0.01"),
    }
    show(draw, controls, size=(8.6, 4.0), caption=caption, name="demo-playground")
