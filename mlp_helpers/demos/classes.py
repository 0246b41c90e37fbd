"""Lessons 4 and 5: regions of the plane through the epochs, thresholds, and softmax."""

from __future__ import annotations

import numpy as np

from mlp_helpers import plots
from mlp_helpers.sliders import Choice, Slider, show


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
        plane.set(xlim=(grid_x.min(), grid_x.max()), ylim=(grid_y.min(), grid_y.max()))
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
        table.imshow(matrix, cmap="Greys", vmin=0, vmax=5 * matrix.max())
        for (row, column), count in np.ndenumerate(matrix):
            color = plots.GREEN if row == column else plots.RED
            table.text(column, row, count, ha="center", va="center", fontsize=18, color=color, weight="bold")
        table.set(xticks=[0, 1], yticks=[0, 1], xticklabels=names, yticklabels=names, xlabel="answer", ylabel="target")
        plots.tidy(roc, "ROC curve", "false positive rate", "recall")
        roc.plot(*zip(*curve, strict=True), color=plots.GREY)
        roc.plot(matrix[0, 1] / max(matrix[0].sum(), 1), recall, "o", color=plots.RED, markersize=9)
        called = f"{precision:.2f}" if matrix[:, 1].sum() else "–"
        table.set_title(f"accuracy {accuracy:.2f}\nprecision {called}, recall {recall:.2f}", fontsize=10)
        return (
            f"At threshold {cut:.2f}: {matrix[1, 1]} {names[1]} found, {matrix[1, 0]} missed, false alarms: "
            f"{matrix[0, 1]}; accuracy {accuracy:.2f}, precision {precision:.2f}, recall {recall:.2f}."
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
        plots.tidy(left, f"logits / {temperature:g}", "class", "")
        left.bar(names, logits, color=plots.CLASSES[:3])
        left.axhline(0, color="black", linewidth=0.8)
        broken = not np.isfinite(naive).all()
        warning = "; the plain formula gives " + ", ".join(f"{share:.3g}" for share in naive) if broken else ""
        plots.tidy(right, f"cost of the true class C: {cost:.3g}", "class", "")
        right.bar_label(right.bar(names, shares, color=plots.CLASSES[:3]), [f"{share:.1%}" for share in shares])
        right.set(ylim=(0, 1.12), ylabel="probability")
        if broken:
            right.set_xlabel(warning[2:], color=plots.RED)
        told = ", ".join(f"{name} {share:.1%}" for name, share in zip(names, shares, strict=True))
        return f"Probabilities {told}; cross-entropy of C {cost:.3g}{warning}."

    controls = {
        "a": Slider("logit of A", -10, 10, 0.5, 1.0),
        "b": Slider("logit of B", -10, 10, 0.5, 0.0),
        "c": Slider("logit of C", -10, 10, 0.5, 2.0),
        "temperature": Choice(
            "temperature T", {"0.01": 0.01, "0.2": 0.2, "0.5": 0.5, "1": 1.0, "2": 2.0, "10": 10.0}, "1"
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
    ax.set_ylim(0, 1.05 * max(1.0, losses[0]))


def _nearest(values, grid_x, grid_y, x):
    """The value of each sample's nearest grid point."""
    columns = np.abs(grid_x[0][None, :] - x[:, :1]).argmin(axis=1)
    rows = np.abs(grid_y[:, 0][None, :] - x[:, 1:]).argmin(axis=1)
    return values[rows, columns]
