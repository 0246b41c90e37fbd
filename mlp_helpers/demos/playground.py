"""Lesson 6: a playground, after that of TensorFlow, on the student's own classes."""

from __future__ import annotations

import textwrap

import numpy as np

from mlp_helpers import datasets, plots
from mlp_helpers.demos.training import Framework, Run, told
from mlp_helpers.pictures import Panel, Picture
from mlp_helpers.sliders import Choice, Press, Slider, Steps, Training, show
from mlp_helpers.trial import is_unwritten

# Each with the scatter at a noise of 1.
DATA = {
    "spiral": (datasets.spiral, 0.3), "two half-moons": (datasets.moons, 0.4), "XOR": (datasets.xor_clouds, 0.9),
    "two clouds": (datasets.clouds, 1.4), "circles": (datasets.circles, 0.5),
}  # fmt: skip
WIDTHS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]
RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
BATCHES = [1, 5, 10, 20, 50, 1000]
LIMITS, CELLS = (-3.0, 3.0), 54
SIZE, SHARES = (860, 390), (320, 240, 300)
THICK, THICKEST, THINNEST = 2.0, 8.0, 0.15  # pixels: of a weight of 1, at most, and what is left out
MOST = 300  # lines between two layers; of more, the thickest
SIGNS = ("orange", "blue")  # of a negative and of a positive weight
WARM_UP = 6  # epochs before the first picture


def playground(linear, mlp, loss, activations, optimizers, train, *, seconds=0.02, steps=0, caption=""):
    """Choose data, network and training, and watch the given classes learn, a few mini-batches from picture to picture.

    linear, mlp, loss: Linear, MLP and CrossEntropy of lesson 6, or others that keep its contract
    activations, optimizers: lists of such classes
    train  : as in lesson 6; it is called with one mini-batch at a time
    seconds: how long to train for one picture at most; an epoch is enough
    steps  : or, if not 0, for how many mini-batches to train
    raises : NotImplementedError, if something is not written yet. All else that goes wrong is told beside the picture
    """
    named = [{made.__name__: made for made in classes} for classes in (activations, optimizers)]
    framework = Framework(linear, mlp, loss, *named, train)
    if stubs := [part.__name__ for part in framework.parts() if is_unwritten(part)]:
        raise NotImplementedError(f"not written yet: {', '.join(stubs)}")
    run = start = panels = None  # the training under way, what it was started for, and its last picture
    clock = -1

    def draw(name, noise, depth, width, activation, optimizer, rate, batch, anew, training):
        nonlocal run, start, panels, clock
        wanted, due = (name, noise, depth, width, activation, anew), training > clock
        first, clock = clock < 0, training
        data = _samples(name, noise)
        if wanted != start:
            run = panels = None
        start = wanted
        sizes = [2, *depth * [WIDTHS[width]], int(data[1].max()) + 1]
        network = f"{depth} hidden layer{'' if depth == 1 else 's'} of {WIDTHS[width]} {activation}"
        how = f"{optimizer}, η = {RATES[rate]:g}, batches of {min(BATCHES[batch], len(data[0]))}"
        words = f"{name}, noise {noise:g}: {network if depth else 'no hidden layer'}; {how}."
        try:
            with np.errstate(all="ignore"):
                if run is None:
                    run = Run(framework, data, sizes, activation)
                run.tune(optimizer, RATES[rate], BATCHES[batch])
                if due and not first:
                    run.advance(seconds, steps)
                for _ in range(WARM_UP * first):
                    run.advance(seconds=np.inf)
                    run.measure()
                panels, result = _panels(run, data, how)
        except Exception as error:
            panels = panels or [_plane(data), _wires([], sizes, how), _course([], [], sizes[-1])]
            trouble = told(error)
            return Picture(panels, f"{words} {trouble}", size=SIZE, widths=SHARES, trouble=trouble)
        return Picture(panels, f"{words} {result}", size=SIZE, widths=SHARES)

    show(draw, _controls(named), caption=caption, name="demo-playground")


def _controls(named):
    activations, optimizers = ({name: name for name in names} for names in named)
    best = "Adam" if "Adam" in optimizers else next(iter(optimizers))
    sizes = [*map(str, BATCHES[:-1]), "all"]
    return {
        "name": Choice("data", {name: name for name in DATA}, "spiral"),
        "noise": Slider("noise", 0, 1, 0.1, 0.5),
        "depth": Slider("hidden layers", 0, 4, 1, 2),
        "width": Steps("units in each", WIDTHS, WIDTHS.index(16)),
        "activation": Choice("activation", activations, next(iter(activations))),
        "optimizer": Choice("optimizer", optimizers, best),
        "rate": Steps("learning rate η", [f"{rate:g}" for rate in RATES], RATES.index(0.01)),
        "batch": Steps("batch size", sizes, BATCHES.index(20)),
        "anew": Press("Start anew"),
        "training": Training("training"),
    }


def _samples(name, noise):
    """(x, target, x_held, target_held): the same ones for the same name, nearer to or farther from their places."""
    make, scale = DATA[name]
    rng = np.random.default_rng(0)
    x, target = make(rng, noise=scale * noise)
    target = np.reshape(target, -1).astype(int)
    return datasets.split(np.random.default_rng(1), x, target)


def _panels(run, data, how):
    """The three panels, and in words what there is to see on them."""
    share = run.measure()
    x, _, x_held, _ = data
    cell = (LIMITS[1] - LIMITS[0]) / CELLS / 2  # the colour of a cell is that of its middle
    inside = LIMITS[0] + cell, LIMITS[1] - cell
    logits = run.logits(plots.mesh(inside, inside, CELLS)[2])
    right, held = round(share * len(x_held)), len(x_held)
    weights = run.weights
    course = _course(run.history, run.changes, run.sizes[-1], verdict := run.stuck())
    panels = [
        _plane(data, logits.argmax(axis=1).reshape(CELLS, CELLS), f"{right} of {held} held out are right"),
        _wires(weights, run.sizes, how), course,
    ]  # fmt: skip
    epochs, of_train, of_held = run.history[-1]
    flat = np.concatenate([w.ravel() for w in weights])
    largest = flat[np.argmax(np.abs(flat))]
    words = (
        f"After {epochs:.1f} epochs the loss is {of_train:.3g} on the {len(x)} training samples and {of_held:.3g} on "
        f"the {held} held out, of which {right} are right. {np.sum(flat > 0)} weights are positive, in blue, and "
        f"{np.sum(flat < 0)} negative, in orange; the thickest line is {_signed(largest)}."
    )
    if verdict:
        words += f" It does not learn: the loss was {run.history[0][1]:.3g} at the start. {verdict}"
    return panels, words


def _signed(value):
    return f"{value:.2f}".replace("-", "−")


def _plane(data, regions=None, title="not trained"):
    x, target, x_held, target_held = data
    panel = Panel(title, "x₁", "x₂", xlim=LIMITS, ylim=LIMITS, equal=True)
    if regions is not None:
        panel.heat(regions, "regions")
    panel.classes(x, target, size=3.2)
    for index in np.unique(target_held):
        held = x_held[target_held == index]
        panel.points(*held.T, plots.CLASS_NAMES[index], marker=plots.MARKERS[index], size=3, hollow=True)
    panel.text(0, LIMITS[0], "hollow: held out, not trained on", "grey", size=12, up=-54)
    return panel


def _wires(weights, sizes, how):
    """The network as units and lines; a line is as thick as its weight is large. One unit of its axes is a pixel."""
    wide, high = SHARES[1], SIZE[1]
    panel = Panel("", xlim=(0, wide), ylim=(0, high), frame=False)
    across = np.linspace(34, wide - 24, len(sizes))
    gaps = [min(40.0, 280 / count) for count in sizes]
    places = [200 + gap * ((count - 1) / 2 - np.arange(count)) for gap, count in zip(gaps, sizes, strict=True)]
    for layer, w in enumerate(weights):
        thick = np.minimum(THICK * np.abs(np.nan_to_num(w)), THICKEST).ravel()
        seen = thick > THINNEST
        if thick.size > MOST:
            seen &= thick >= np.partition(thick, -MOST)[-MOST]
        below, above = (ends.ravel()[seen] for ends in np.meshgrid(places[layer], places[layer + 1], indexing="ij"))
        if seen.any():
            colors = [SIGNS[int(sign)] for sign in (w > 0).ravel()[seen]]
            panel.segments(across[layer], below, across[layer + 1], above, colors, width=thick[seen])
    for at, heights, gap in zip(across[:-1], places, gaps, strict=False):
        panel.points(np.full(len(heights), at), heights, "grey", size=min(gap / 2.6, 7))
    for index, height in enumerate(places[-1]):
        panel.points([across[-1]], [height], plots.CLASS_NAMES[index], marker=plots.MARKERS[index], size=7)
    for word, height in zip(("x₁", "x₂"), places[0], strict=True):
        panel.text(across[0] - 10, height, word, align="right")
    panel.text(wide / 2, high - 18, "weights: " + " – ".join(map(str, sizes)), size=15)
    panel.text(wide / 2, high - 38, how, "grey", size=12)
    panel.text(wide / 2 - 6, 20, "positive: blue", "blue", align="right", bold=True)
    panel.text(wide / 2 + 6, 20, "negative: orange", "orange", align="left", bold=True)
    return panel


def _course(history, changes, n_classes, verdict=""):
    """The loss through the epochs, with a dashed line where the reader changed how it is trained."""
    epochs, losses, held = np.array(history or [(0, np.nan, np.nan)], dtype=float).T
    guess = float(np.log(n_classes))
    highest = 1.27 * np.max(np.nan_to_num([*losses, *held, guess]))  # with room for the legend
    ends = (scale * 10**power for power in range(1, 9) for scale in (1, 2, 5))
    end = next((end for end in ends if end >= epochs[-1]), epochs[-1])
    title = f"epoch {epochs[-1]:.0f}: loss {losses[-1]:.3g}" if history else "loss"
    panel = Panel(
        f"epoch {epochs[-1]:.0f}: it does not learn" if verdict else title, "epoch", "loss", xlim=(0, end),
        ylim=(0, np.ceil(2 * min(highest, 4)) / 2), legend="upper right",
    )  # fmt: skip
    panel.segments(changes, 0, changes, 9, "grey", width=1)
    panel.line([0, end], [guess, guess], "grey", width=1, dash=True, label="guessing")
    panel.line(epochs, held, "purple", label="held out")
    panel.line(epochs, losses, "red", label="training")
    if verdict:
        told_of = f"The loss was {losses[0]:.3g} at the start and is {losses[-1]:.3g} now. {verdict}"
        lines = textwrap.fill(told_of, 32).split("\n")
        panel.text(end / 2, 0, "\n".join(lines), size=12, ground=True, up=7.5 * len(lines) + 6)
    return panel
