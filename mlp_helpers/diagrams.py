"""Drawings of networks: circles, arrows and the numbers on them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from mlp_helpers import plots
from mlp_helpers.pictures import Panel, Picture


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

# What each of these steps fills in, and between which columns of the graph it works.
GRAPH_NEW = [
    (), ("z",), ("h",), ("y_hat",), ("loss",),
    ("dy",), ("grad_w2", "grad_b2"), ("dh",), ("dz",), ("grad_w1", "grad_b1"),
]  # fmt: skip
GRAPH_LINKS = ["", "xz", "zh", "hy", "yl", "yl", "hy", "hy", "zh", "xz"]
GIVEN = ("x", "w1", "b1", "w2", "b2", "y")

COLUMNS = {"x": 0.0, "z": 3.3, "h": 5.6, "y": 8.6, "l": 10.8}
ROWS, MIDDLE = (2.65, 0.0), 1.325
RADIUS, RING = 27.0, 32.0  # pixels
SHEET = (-0.7, 11.6), (-2.35, 4.3)
PIXELS = 70.0  # for one unit of the sheet


def two_layer_graph(sample, step):
    """The computational graph of a 2-2-1 network with one sample's numbers, as far as `step` has come.

    sample : see demos.computational_graph
    step   : index into GRAPH_STEPS
    returns: pictures.Picture; what the step has filled in has a ring around it
    """
    values = {name: np.asarray(value, dtype=float).ravel() for name, value in sample.items()}
    known = {*GIVEN, *(name for names in GRAPH_NEW[: step + 1] for name in names)}
    panel = Panel(xlim=SHEET[0], ylim=SHEET[1], equal=True, frame=False)
    _links(panel, step)
    _nodes(panel, values, known, GRAPH_NEW[step])
    _parameters(panel, values, known, GRAPH_NEW[step])
    for at, words, color in ((-0.6, "values", "ink"), (0.35, "parameters", "blue"), (1.75, "gradients", "red")):
        panel.text(at, 4.05, words, color, align="left")
    done, following = GRAPH_STEPS[step]
    following = following and f"Next: {following}."
    panel.text(-0.6, -1.2, done, size=15, bold=True, align="left")
    panel.text(-0.6, -1.62, _worked(values, step), align="left")
    panel.text(-0.6, -2.0, following, "grey", align="left")
    words = f"Step {step} of {len(GRAPH_STEPS) - 1}. {done} {_numbers(values, step)} {following}".strip()
    size = tuple(round(PIXELS * (high - low)) for low, high in SHEET)
    return Picture([panel], words, size=size)


def _links(panel, step):
    """The arrows. Those along which this step works are thick; where it goes backward, they are red and turned."""
    ends = {
        "xz": [((COLUMNS["x"], start), (COLUMNS["z"], end)) for start in ROWS for end in ROWS],
        "zh": [((COLUMNS["z"], row), (COLUMNS["h"], row)) for row in ROWS],
        "hy": [((COLUMNS["h"], row), (COLUMNS["y"], MIDDLE)) for row in ROWS],
        "yl": [((COLUMNS["y"], MIDDLE), (COLUMNS["l"], MIDDLE))],
    }
    gap = (RING + 3) / PIXELS
    for kind, links in ends.items():
        color, width, turned = ("blue" if kind in ("xz", "hy") else "grey"), 1.4, False
        if kind == GRAPH_LINKS[step]:
            # A parameter's gradient is made where it stands; only a value's travels against the arrow.
            turned = GRAPH_NEW[step][0].startswith("d")
            color, width = "red" if turned else "blue" if step > 5 or kind in ("xz", "hy") else "ink", 3.0
        for start, end in links:
            start, end = np.array(start), np.array(end)
            short = gap * (end - start) / np.hypot(*(end - start))
            tail, head = (end - short, start + short) if turned else (start + short, end - short)
            panel.segments(*[[at] for at in (*tail, *head)], color, width=width, arrow=True)


def _nodes(panel, values, known, new):
    """The circles with their names and values, and below each its gradient; a ring around what is new."""
    nodes = [
        (name, gradient, index, f"{letter}{'₁₂'[index]}", (COLUMNS[name], row))
        for name, gradient, letter in (("x", "", "x"), ("z", "dz", "z"), ("h", "dh", "h"))
        for index, row in enumerate(ROWS)
    ]
    nodes += [("y_hat", "dy", 0, "ŷ", (COLUMNS["y"], MIDDLE)), ("loss", "", 0, "l", (COLUMNS["l"], MIDDLE))]
    for name, gradient, index, letter, (x, y) in nodes:
        if name in new or gradient in new:
            panel.points([x], [y], "orange", size=RING, hollow=True)
        panel.points([x], [y], "faint", size=RADIUS, edge=False)
        panel.points([x], [y], {"x": "grey", "loss": "grey", "y_hat": "ink"}.get(name, "sky"), size=RADIUS, hollow=True)
        panel.text(x, y, letter, size=15, up=10 if name in known else 0)
        if name in known:
            panel.text(x, y, _short(values[name][index]), size=14, up=-9, bold=name in new)
        if gradient in known:
            panel.text(x, y, _short(values[gradient][index]), "red", size=15, up=-46, bold=True, ground=True)
    panel.text(COLUMNS["l"], MIDDLE, f"target y = {_short(values['y'][0])}", up=46)


def _parameters(panel, values, known, new):
    """Each weight and bias in blue and, once it is known, its gradient in red below; a box's ring for what is new."""
    parameters = [
        ("w1", 2 * i + j, "", _along((COLUMNS["x"], ROWS[i]), (COLUMNS["z"], ROWS[j]), 0.58 if i == j else 0.27))
        for i in (0, 1)
        for j in (0, 1)
    ]
    parameters += [("w2", j, "", _along((COLUMNS["h"], ROWS[j]), (COLUMNS["y"], MIDDLE), 0.46)) for j in (0, 1)]
    parameters += [("b1", j, "b = ", (COLUMNS["z"], ROWS[j] + 0.95)) for j in (0, 1)]
    parameters += [("b2", 0, "b = ", (COLUMNS["y"], MIDDLE + 0.95))]
    for name, index, letter, (x, y) in parameters:
        gradient = f"grad_{name}"
        if gradient in new:
            panel.points([x], [y - 0.13], "orange", marker="s", size=30, hollow=True)
            panel.points([x], [y - 0.13], "ground", marker="s", size=28.5, edge=False)
        panel.text(x, y, f"{letter}{_short(values[name][index])}", "blue", size=14, ground=gradient not in new)
        if gradient in known:
            panel.text(x, y, _short(values[gradient][index]), "red", size=15, up=-19, bold=True, ground=True)


def _along(start, end, share):
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _short(value):
    return f"{value:.4g}".replace("-", "−")


def _worked(values, step):
    """This step's numbers with what they are made of, in one line."""
    both = (("₁", 0), ("₂", 1))
    number = {name: [_short(value) for value in array] for name, array in values.items()}

    def factor(text):
        return f"({text})" if text.startswith("−") else text

    def product(first, second):
        return f"{first} · {factor(second)}"

    x, h, w1, w2 = (number[name] for name in ("x", "h", "w1", "w2"))
    dy, dh, dz = number["dy"][0], number["dh"], number["dz"]
    if step == 1:
        bias = [factor(each) for each in number["b1"]]
        made = [
            f"z{low} = {product(x[0], w1[j])} + {product(x[1], w1[2 + j])} + {bias[j]} = {number['z'][j]}"
            for low, j in both
        ]
    elif step == 2:
        made = [f"h{low} = {factor(number['z'][j])}² = {h[j]}" for low, j in both]
    elif step == 3:
        made = [
            f"ŷ = {product(h[0], w2[0])} + {product(h[1], w2[1])} + {factor(number['b2'][0])} = {number['y_hat'][0]}"
        ]
    elif step == 4:
        made = [f"l = ½ ({number['y_hat'][0]} − {factor(number['y'][0])})² = {number['loss'][0]}"]
    elif step == 5:
        made = [f"at ŷ: {number['y_hat'][0]} − {factor(number['y'][0])} = {dy}"]
    elif step == 6:
        made = [f"at the weight {w2[j]}: {product(dy, h[j])} = {number['grad_w2'][j]}" for j in (0, 1)]
        made += [f"at the bias: {product(dy, '1')} = {number['grad_b2'][0]}"]
    elif step == 7:
        made = [f"at h{low}: {product(dy, w2[j])} = {dh[j]}" for low, j in both]
    elif step == 8:
        made = [f"at z{low}: {dh[j]} · 2 · {factor(number['z'][j])} = {dz[j]}" for low, j in both]
    elif step == 9:
        made = [
            f"at {w1[2 * i + j]}: {product(dz[j], x[i])} = {number['grad_w1'][2 * i + j]}"
            for i in (0, 1)
            for j in (0, 1)
        ]
        made += [f"at b = {number['b1'][j]}: {product(dz[j], '1')} = {number['grad_b1'][j]}" for j in (0, 1)]
    else:
        return ""
    return "      ".join(made)


def _numbers(values, step):
    """The numbers that this step adds, in words."""
    told = [f"{name} = {', '.join(f'{value:g}' for value in values[name])}." for name in GRAPH_NEW[step] or GIVEN]
    return " ".join(told).replace("-", "−")
