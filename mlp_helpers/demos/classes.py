"""Lessons 4 and 5: regions of the plane through the epochs, thresholds, and softmax."""

from __future__ import annotations

from functools import cache

import numpy as np

from mlp_helpers import plots
from mlp_helpers.pictures import Panel, Picture
from mlp_helpers.sliders import Choice, Slider, Steps, show


def regions(runs, grid_x, grid_y, *, start, caption=""):
    """Lesson 4: the probability of class 1 over the plane, epoch by epoch, and the loss with a mark.

    runs : dict name -> (x (N, 2), y (N, 1), frames: (E,) list of grids of probabilities, losses (E,))
    start: the epoch shown first
    """

    def shade(plane, frame):
        plane.heat(frame)
        return [(frame, 0.5)]

    _scrub(
        runs, grid_x, grid_y, start, shade, lambda frame: frame > 0.5, ["class 0", "class 1"],
        label="data", caption=caption, name="demo-regions",
    )  # fmt: skip


def class_regions(runs, grid_x, grid_y, *, start, caption=""):
    """Lesson 5: the predicted class over the plane, epoch by epoch, and the loss with a mark.

    runs : dict name -> (x (N, 2), target (N,), frames: list of grids of class indices, losses)
    start: the epoch shown first
    """
    target = next(iter(runs.values()))[1]
    classes = range(int(target.max()) + 1)

    def shade(plane, frame):
        plane.heat(frame, "regions")
        # A border lies between two classes, so the last one's is drawn with those of the others.
        return [((frame == index).astype(float), 0.5) for index in classes[:-1]]

    _scrub(
        runs, grid_x, grid_y, start, shade, lambda frame: frame, [f"class {index}" for index in classes],
        label="network", caption=caption, name="demo-spiral",
    )  # fmt: skip


def _scrub(runs, grid_x, grid_y, start, shade, answers, names, *, label, caption, name):
    """Epochs to scrub through: the plane with borders and samples, those on the wrong side ringed, beside the loss.

    shade  : shade(panel, frame) fills the panel and returns pairs (grid, level) whose contours are the borders
    answers: answers(frame) -> (rows, columns), the class that each point of the grid gets
    names  : of the classes
    """
    half_x, half_y = (grid_x[0, 1] - grid_x[0, 0]) / 2, (grid_y[1, 0] - grid_y[0, 0]) / 2
    xlim = grid_x[0, 0] - half_x, grid_x[0, -1] + half_x  # so that a cell of the heat map has its point in the middle
    ylim = grid_y[0, 0] - half_y, grid_y[-1, 0] + half_y
    last = min(len(frames) for _, _, frames, _ in runs.values()) - 1
    guess, tops, nearest = np.log(len(names)), {}, {}
    free = 1 - 0.065 * (len(names) + 2)  # of the height, below the legend
    for key, (x, _, _, losses) in runs.items():
        tops[key] = 1.08 * np.max(losses, initial=max(1.0, guess / free), where=np.isfinite(losses))
        nearest[key] = np.abs(grid_y[:, 0] - x[:, 1:]).argmin(axis=1), np.abs(grid_x[0] - x[:, :1]).argmin(axis=1)

    @cache
    def plane_of(key, epoch):
        x, target, frames, _ = runs[key]
        frame, target = np.asarray(frames[epoch], dtype=float), np.reshape(target, -1)
        wrong = answers(frame)[nearest[key]] != target
        share = f"{100 * np.count_nonzero(~wrong) // len(wrong)} %"  # 100 % is all of them
        title = f"epoch {epoch}: {share} on the right side"
        plane = Panel(title, "x₁", "x₂", xlim=xlim, ylim=ylim, equal=True)
        for grid, level in shade(plane, frame):
            plane.line(*plots.contours(grid_x, grid_y, grid, [level]), "ink", width=1.8)
        plane.classes(x, target, size=4.5)
        plane.classes(x[wrong], target[wrong], size=4.5)  # over those in whose midst they are
        plane.points(*x[wrong].T, "red", size=7.5, hollow=True)
        told = f"about {share} of the samples" if wrong.any() else "all of the samples"
        return plane, f"{told} on the right side of the border" + ", the others ringed in red" * bool(wrong.any())

    def draw(epoch, key):
        plane, told = plane_of(key, epoch)
        losses = runs[key][3]
        course = Panel(
            f"loss {losses[epoch]:.3f}", "epoch", "loss", xlim=(-0.02 * last, 1.02 * last), ylim=(0, tops[key]),
            legend="upper right",
        )  # fmt: skip
        for index, word in enumerate(names):  # in the legend alone, for there is no room in the plane
            course.points([np.nan], [np.nan], plots.CLASS_NAMES[index], marker=plots.MARKERS[index], label=word)
        course.points([np.nan], [np.nan], "red", hollow=True, label="on the wrong side")
        course.line([-last, 2 * last], [guess] * 2, "grey", dash=True, width=1.5, label=f"ln {len(names)}: a guess")
        course.line(range(len(losses)), losses, "faint", width=2)
        course.line(range(epoch + 1), losses[: epoch + 1], "red", width=2)
        course.points([epoch], [losses[epoch]], "red", size=5.5)
        return Picture(
            [plane, course],
            f"{key} at epoch {epoch} of {last}: loss {losses[epoch]:.3f}; {told}.", size=(840, 400), widths=[1.05, 1],
        )  # fmt: skip

    controls = {
        "epoch": Steps("epoch", list(range(last + 1)), start, play=True),
        "key": Choice(label, {key: key for key in runs}, next(iter(runs))),
    }
    show(draw, controls, caption=caption, name=name)


def threshold(p, y, confusion_matrix, scores, *, names, caption=""):
    """Lesson 4: a threshold over probabilities, the confusion matrix it makes, and its point on the ROC curve.

    p, y : (N, 1) probabilities and targets
    confusion_matrix: (p, y, threshold) -> (2, 2) counts; scores: (matrix) -> accuracy, precision, recall
    names: what class 0 and class 1 are called
    """
    edges = np.linspace(0, 1, 21)
    below, above = np.histogram(p[y < 0.5], edges)[0], np.histogram(p[y > 0.5], edges)[0]
    middles, high = (edges[:-1] + edges[1:]) / 2, 1.15 * max(below.max(), above.max(), 1)
    step = max(round(high / 4 / 5) * 5, 1)
    ticks = [(at, abs(at)) for at in range(-step * int(high / step), int(high) + 1, step)]
    # The answers change where the threshold passes a probability that was given, and nowhere else.
    cuts = np.concatenate([[-0.01], np.unique(p), [1.01]])
    curve = np.array([_rates(_matrix(confusion_matrix(p, y, cut))) for cut in cuts])

    def draw(cut):
        matrix = _matrix(confusion_matrix(p, y, cut))
        three = np.asarray(scores(matrix), dtype=float)
        if three.shape != (3,):
            raise ValueError("accuracy, precision and recall must be three numbers")
        accuracy, precision, recall = three
        rate = _rates(matrix)
        called = f"{precision:.2f}" if matrix[:, 1].sum() else "–"

        # The quarters of this panel are the cells of the matrix beside it.
        counts = Panel(
            f"threshold {cut:.2f}", f"probability of {names[1]}", "birds", xlim=(-0.02, 1.02), ylim=(-high, high),
            yticks=ticks, legend="lower right",
        )  # fmt: skip
        counts.bars(middles, 0, below, "blue", width=0.045, label=names[0])
        counts.bars(middles, -above, 0, "orange", width=0.045, label=names[1])
        counts.line([-1, 2], [0, 0], "ink", width=1)
        counts.line([cut] * 2, [-high, high], "red", width=2.5)
        for (row, column), (color, sign) in SIGNS.items():
            if 0.05 <= cut <= 0.95:
                place = cut + (column - 0.5) * 0.09, (-0.57 if row else 0.93) * high  # over the bars, and the legend
                counts.text(*place, sign, color, size=15, bold=True, ground=True)

        roc = Panel("ROC curve", "false positive rate", "recall", xlim=(-0.04, 1.04), ylim=(-0.04, 1.04))
        roc.line([0, 1], [0, 1], "grey", dash=True, width=1)
        roc.line(*curve.T, "blue", width=2)
        roc.points([rate[0]], [rate[1]], "red", size=6)

        (spared, alarms), (missed, found) = matrix
        told = f"accuracy {accuracy:.2f}\nprecision {called}\nrecall {recall:.2f}"
        return Picture(
            [counts, _table(matrix, names, told), roc],
            f"At threshold {cut:.2f}: {names[1]} found {found}, missed {missed}; {names[0]} recognised "
            f"{spared}, false alarms {alarms}; accuracy {accuracy:.2f}, precision {called}, recall {recall:.2f}, "
            f"false positive rate {rate[0]:.2f}.", size=(860, 360), widths=[1.2, 0.8, 1],
        )  # fmt: skip

    show(draw, {"cut": Slider("threshold", 0.0, 1.0, 0.01, 0.5)}, caption=caption, name="demo-threshold")


def _matrix(matrix):
    """What a student's confusion matrix must be: (2, 2) counts, as int."""
    if np.shape(matrix) != (2, 2):
        raise ValueError(f"the confusion matrix has shape {np.shape(matrix)}, not (2, 2)")
    return np.asarray(matrix).astype(int)


def _rates(matrix):
    """The false positive rate and the recall; a share of nothing is 0."""
    return tuple(row[1] / row.sum() if row.sum() else 0.0 for row in matrix)


# Of the four cells of a confusion matrix: rows are targets, columns answers.
SIGNS = {(0, 0): ("green", "✓"), (0, 1): ("red", "✗"), (1, 0): ("red", "✗"), (1, 1): ("green", "✓")}


def _table(matrix, names, told):
    """The confusion matrix: right counts green with a tick, wrong ones red with a cross. told: the lines below it"""
    table = Panel(xlim=(0, 229), ylim=(0, 360), xticks=[], yticks=[], frame=False)  # in pixels
    table.text(151, 342, "answer", size=15)
    table.text(6, 308, "target", size=15, align="left")
    for index, name in enumerate(names):
        table.text(114 + 75 * index, 308, name, size=12)
        table.text(72, 256 - 75 * index, name, size=12, align="right")
    for (row, column), (color, sign) in SIGNS.items():
        x, y = 114 + 75 * column, 256 - 75 * row
        table.bars([x], [y - 35], [y + 35], color, width=70)
        table.bars([x], [y - 32], [y + 32], "ground", width=64)
        table.text(x, y, f"{sign} {matrix[row, column]}", color, size=20, bold=True)
    table.text(151, 92, told, size=15)
    return table


TEMPERATURES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]
# Beyond these, the exponential is infinite, or is rounded to 0.
LARGEST, SMALLEST = np.log(np.finfo(float).max), np.log(np.nextafter(0.0, 1.0)) - np.log(2)


def softmax_shares(softmax, cross_entropy, *, caption=""):
    """Lesson 5: three logits and a temperature, their probabilities, and the cross-entropy of the true class C.

    softmax      : softmax(logits) -> probabilities, both (N, C)
    cross_entropy: cross_entropy(logits, target) -> float
    It shows what the formula gives as it stands in textbooks, too, which overflows for large logits.
    """

    def draw(a, b, c, temperature):
        temperature = TEMPERATURES[temperature]
        logits = np.array([a, b, c], dtype=float) / temperature
        with np.errstate(all="ignore"):  # infinities and NaN are what there is to see
            shares = np.asarray(softmax(logits[None, :]), dtype=float)
            cost = float(cross_entropy(logits[None, :], np.array([2])))
            powers = np.exp(logits)
            naive = powers / powers.sum()
            naive_cost = float(-np.log(naive[2]))
        if shares.shape != (1, 3):
            raise ValueError(f"the probabilities for logits (1, 3) have shape {shares.shape}, not (1, 3)")
        shares = shares[0]

        reach = 13 * max(1.0, 1 / temperature)
        scaled = Panel("logits" if temperature == 1 else f"logits / {temperature:g}", "class", "z / T",
                       xlim=(-0.6, 2.6), ylim=(-reach, reach), xticks=CLASS_TICKS)  # fmt: skip
        scaled.bars(range(3), 0, logits, CLASS_COLORS)
        scaled.line([-1, 3], [0, 0], "ink", width=1)
        for limit, words in [(LARGEST, "exp is inf above 710"), (SMALLEST, "exp is 0 below −745")]:
            if abs(limit) < reach:
                scaled.line([-1, 3], [limit] * 2, "red", dash=True, width=1.5)
                scaled.text(1, np.sign(limit) * 0.93 * reach, words, "red", size=12)
        for place, (logit, power) in enumerate(zip(logits, powers, strict=True)):
            seen, told = 0 < power < np.inf, f"exp {power:.2g}".replace("-", "−")
            far = 9 if len(told) <= 8 else 16  # a longer one takes two lines, for the next bar has one too
            scaled.text(place, logit, told if far == 9 else told.replace(" ", "\n"), "ink" if seen else "red", size=12,
                        up=far if logit >= 0 else -far, bold=not seen, ground=True)  # fmt: skip

        plain, warning = _shares("plain formula", naive, naive_cost), ""
        if not np.isfinite(naive).all():
            reason = "0 / 0" if not powers.any() else "inf / inf"
            plain.text(1, 0.65, f"{reason} is nan", "red", size=15, bold=True)
            warning = f"; the plain formula breaks: {_told(naive)}, for {reason} is nan"
        elif not np.isfinite(naive_cost):
            plain.text(1, 0.65, "p of C is rounded to 0", "red", size=13, bold=True, ground=True)
            warning = "; the plain formula rounds C to 0, and −ln 0 is inf"
        return Picture(
            [scaled, plain, _shares("your softmax", shares, cost)],
            f"At temperature {temperature:g} the probabilities are {_told(shares)}; "
            f"the cross-entropy of C is {cost:.4g}"
            f"{warning}.", size=(860, 380), widths=[1.15, 1, 1], trouble=_not_one(shares),
        )  # fmt: skip

    controls = {
        "a": Slider("logit of A", -10, 10, 0.5, 1.0),
        "b": Slider("logit of B", -10, 10, 0.5, 0.0),
        "c": Slider("logit of C (true)", -10, 10, 0.5, 2.0),
        "temperature": Steps("temperature T", [f"{value:g}" for value in TEMPERATURES], TEMPERATURES.index(1.0)),
    }
    show(draw, controls, caption=caption, name="demo-softmax")


CLASS_NAMES, CLASS_COLORS = ["A", "B", "C"], plots.CLASS_NAMES[:3]
CLASS_TICKS = [(0, "A"), (1, "B"), (2, "C, true")]


def _shares(title, shares, cost):
    """Three probabilities as bars; what is not a finite number is written in red, and so is such a cost."""
    panel = Panel(title, "class", "probability", xlim=(-0.6, 2.6), ylim=(0, 1.3), xticks=CLASS_TICKS,
                  yticks=[(0, "0"), (0.5, "0.5"), (1, "1")])  # fmt: skip
    panel.bars(range(3), 0, shares, CLASS_COLORS)
    for place, share in enumerate(shares):
        seen = np.isfinite(share)
        panel.text(place, np.clip(share, 0, 1) if seen else 0, _percent(share), "ink" if seen else "red",
                   size=13 if seen else 20, bold=not seen, up=10 if seen else 16)  # fmt: skip
    good = np.isfinite(cost)
    words = f"−ln p of C = {cost:.4g}".replace("-", "−")
    panel.text(1, 1.2, words, "ink" if good else "red", bold=not good, size=14)
    return panel


def _percent(share):
    if not np.isfinite(share) or share == 0:
        return f"{share:g}".replace("-", "−")
    return (f"{share:.1%}".replace("%", " %") if abs(share) >= 5e-4 else f"{share:.0e}").replace("-", "−")


def _told(shares):
    return ", ".join(f"{name} {_percent(share)}" for name, share in zip(CLASS_NAMES, shares, strict=True))


def _not_one(shares):
    """What to say about probabilities that do not add up to 1."""
    total = shares.sum()
    if not np.isfinite(total):
        question = "For which logits does an exponential become infinite, or all of them 0?"
        return f"Your softmax gives {_told(shares)}. {question}"
    if abs(total - 1) > 1e-6:
        return f"Your softmax gives probabilities that add up to {total:.3g}, not to 1."
    return ""
