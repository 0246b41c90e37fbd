"""Drawings of networks: circles, arrows and the numbers on them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from mlp_helpers import plots


def canvas(size, xlim, ylim):
    """An empty figure to draw on, without axes.

    returns: (figure, axes)
    """
    figure = Figure(figsize=size, layout="constrained")
    ax = figure.subplots()
    blank(ax, xlim, ylim)
    return figure, ax


def blank(ax, xlim, ylim):
    """Turn axes into an empty sheet with equal units both ways."""
    ax.set(xlim=xlim, ylim=ylim, aspect="equal")
    ax.axis("off")


def node(ax, xy, text, *, color="white", radius=0.34, size=12):
    """A circle with a name or a number in it."""
    from matplotlib.patches import Circle

    ax.add_patch(Circle(xy, radius, facecolor=color, edgecolor="black", linewidth=1.2, zorder=3))
    ax.text(*xy, text, ha="center", va="center", fontsize=size, zorder=4)


def arrow(ax, start, end, text="", *, color=plots.GREY, gap=0.36, width=1.4, along=0.5, size=10):
    """An arrow between two nodes, its label on a white ground at the share `along` of its length."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx**2 + dy**2) ** 0.5
    ux, uy = dx / length * gap, dy / length * gap
    ax.annotate(
        "",
        xy=(end[0] - ux, end[1] - uy),
        xytext=(start[0] + ux, start[1] + uy),
        arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": width, "shrinkA": 0, "shrinkB": 0},
        zorder=2,
    )
    if text:
        ground = {"facecolor": "white", "edgecolor": "none", "pad": 1.2}
        ax.text(
            start[0] + along * dx, start[1] + along * dy, text,
            ha="center", va="center", fontsize=size, color=color, bbox=ground, zorder=5,
        )  # fmt: skip


def perceptron():
    """The perceptron: inputs times weights, plus the bias, through the activation."""
    figure, ax = canvas((7.0, 3.0), (-0.6, 6.9), (-0.2, 3.2))
    for height, name, weight in [(2.8, "$x_1$", "$w_1$"), (1.5, "$x_2$", "$w_2$"), (0.2, "1", "$b$")]:
        arrow(ax, (0, height), (2.6, 1.5), weight, color=plots.BLUE, along=0.45, size=12)
        node(ax, (0, height), name, color="white" if name != "1" else "#EEEEEE")
    arrow(ax, (2.6, 1.5), (4.5, 1.5), "$z$", along=0.5, size=12)
    arrow(ax, (4.5, 1.5), (6.4, 1.5), color=plots.GREY)
    node(ax, (2.6, 1.5), "Σ", color="#C4DEF0", size=15)
    node(ax, (4.5, 1.5), "$f$", color="#F9E3B4", size=14)
    node(ax, (6.4, 1.5), r"$\hat y$")
    ax.text(2.6, 0.85, "weighted sum", ha="center", fontsize=10)
    ax.text(4.5, 0.85, "activation", ha="center", fontsize=10)
    ax.text(6.4, 0.85, "output", ha="center", fontsize=10)
    return figure


def layers(names, *, weights=(), size=(7.0, 3.2)):
    """Layers of a network, every node of one joined to every node of the next.

    names  : list of layers, each a list of the names in its circles
    weights: what to write between layers, one name for each gap
    returns: figure
    """
    step, tallest = 2.4, max(len(layer) for layer in names)
    figure, ax = canvas(size, (-0.6, step * (len(names) - 1) + 0.6), (-0.6, tallest - 0.1))
    places = [
        [(column * step, (tallest - 1) / 2 + (len(layer) - 1) / 2 - row) for row in range(len(layer))]
        for column, layer in enumerate(names)
    ]
    for left, right in pairwise(places):
        for start in left:
            for end in right:
                arrow(ax, start, end, width=1.0)
    for column, name in enumerate(weights):
        ax.text((column + 0.5) * step, tallest - 0.45, name, ha="center", fontsize=13, color=plots.BLUE)
    fills = ["white", *["#C4DEF0"] * (len(names) - 2), "#F9E3B4"]
    for layer, spots, fill in zip(names, places, fills, strict=True):
        for name, spot in zip(layer, spots, strict=True):
            node(ax, spot, name, color=fill)
    return figure


# For each step what it has filled in, and what comes next.
GRAPH_STEPS = [
    ("The sample, its target and the parameters are given.", "each z, a weighted sum of the inputs plus a bias"),
    ("Forward: each z is a weighted sum of the inputs plus a bias.", "each h, the activation of its z; here h = z²"),
    ("Forward: each h is the activation of its z; here h = z².", "ŷ, a weighted sum of the h plus a bias"),
    ("Forward: ŷ is a weighted sum of the h plus a bias.", "the loss ½(ŷ − y)²"),
    ("Forward: the loss is ½(ŷ − y)².", "the gradient at ŷ"),
    (
        "Backward: the gradient at ŷ is ŷ − y. (At the loss itself it is 1.)",
        "the gradients of layer 2's weights and bias",
    ),
    ("Backward: a weight of layer 2 gets the gradient at ŷ times the h that fed it.", "the gradient at each h"),
    ("Backward: an h gets the gradient at ŷ times the weight that leads there.", "the gradient at each z"),
    ("Backward: a z gets the gradient at its h times the slope 2z.", "the gradients of layer 1's weights and biases"),
    ("Backward: a weight of layer 1 gets the gradient at its z times the x that fed it.", ""),
]


def two_layer_graph(figure, sample, step):
    """Draw the computational graph of a 2-2-1 network with one sample's numbers, as far as `step` has come.

    sample : see demos.computational_graph
    step   : index into GRAPH_STEPS
    returns: what there is to see, in words
    """
    ax = figure.subplots()
    blank(ax, (-0.9, 11.4), (-2.2, 4.3))
    values = {name: np.asarray(value, dtype=float).ravel() for name, value in sample.items()}
    columns = {"x": 0.0, "z": 3.2, "h": 5.4, "y": 8.4, "l": 10.7}
    rows = [2.6, 0.0]

    def put(xy, name, value, shown, gradient, gradient_shown, color):
        text = f"{name}\n{value:g}" if shown else name
        node(ax, xy, text, color=color, radius=0.52, size=10)
        if gradient_shown:
            ax.text(xy[0], xy[1] - 0.82, f"{gradient:g}", color=plots.RED, ha="center", fontsize=11, weight="bold")

    def link(start, end, weight, gradient, shown, along):
        arrow(ax, start, end, color=plots.BLUE, gap=0.55)
        pair((start[0] + along * (end[0] - start[0]), start[1] + along * (end[1] - start[1])), weight, gradient, shown)

    def pair(xy, value, gradient, shown, name=""):
        """A parameter in blue and, once it is known, its gradient in red below."""
        ground = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
        ax.text(*xy, f"{name}{value:g}", ha="center", va="center", fontsize=10, color=plots.BLUE, bbox=ground, zorder=5)
        if shown:
            ax.text(xy[0], xy[1] - 0.3, f"{gradient:g}", ha="center", va="center", fontsize=11, color=plots.RED,
                    weight="bold", bbox=ground, zorder=6)  # fmt: skip

    for i in range(2):
        for j in range(2):
            ends = (columns["x"], rows[i]), (columns["z"], rows[j])
            link(*ends, values["w1"][2 * i + j], values["grad_w1"][2 * i + j], step >= 9, 0.36)
    for j in range(2):
        arrow(ax, (columns["z"], rows[j]), (columns["h"], rows[j]), gap=0.55)
        ends = (columns["h"], rows[j]), (columns["y"], 1.3)
        link(*ends, values["w2"][j], values["grad_w2"][j], step >= 6, 0.45)
    arrow(ax, (columns["y"], 1.3), (columns["l"], 1.3), gap=0.55)
    for j, row in enumerate(rows):
        put((columns["x"], row), f"$x_{j + 1}$", values["x"][j], True, 0, False, "white")
        put((columns["z"], row), f"$z_{j + 1}$", values["z"][j], step >= 1, values["dz"][j], step >= 8, "#C4DEF0")
        put((columns["h"], row), f"$h_{j + 1}$", values["h"][j], step >= 2, values["dh"][j], step >= 7, "#C4DEF0")
        pair((columns["z"] + 0.1, row + 1.05), values["b1"][j], values["grad_b1"][j], step >= 9, "b = ")
    put((columns["y"], 1.3), r"$\hat y$", values["y_hat"][0], step >= 3, values["dy"][0], step >= 5, "#F9E3B4")
    put((columns["l"], 1.3), "$l$", values["loss"][0], step >= 4, 1, step >= 5, "white")
    pair((columns["y"], 2.35), values["b2"][0], values["grad_b2"][0], step >= 6, "b = ")
    ax.text(columns["l"], 1.98, f"target {values['y'][0]:g}", ha="center", fontsize=10)
    done, following = GRAPH_STEPS[step]
    ax.text(-0.6, -1.5, done, fontsize=12)
    ax.text(-0.6, -1.95, f"Next: {following}." if following else "", fontsize=11, color=plots.GREY)
    ax.text(-0.6, 4.0, "black: values    blue: parameters    red: gradients", fontsize=9, color=plots.GREY)
    upcoming = f" Next: {following}." if following else ""
    return f"Step {step} of {len(GRAPH_STEPS) - 1}. {done} {_numbers(values, step)}{upcoming}"


def _numbers(values, step):
    """The numbers that this step adds, in words."""
    new = {1: ["z"], 2: ["h"], 3: ["y_hat"], 4: ["loss"], 5: ["dy"], 6: ["grad_w2", "grad_b2"], 7: ["dh"], 8: ["dz"]}
    names = new.get(step, ["grad_w1", "grad_b1"] if step == 9 else ["x", "w1", "b1", "w2", "b2", "y"])
    return " ".join(f"{name} = {', '.join(f'{value:g}' for value in values[name])}." for name in names)
