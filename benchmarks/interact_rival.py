"""What most courses do, for benchmarks/demos.py: `ipywidgets.interact`, and a new inline figure for each value."""

from __future__ import annotations

import importlib
import pkgutil

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap

import mlp_helpers.demos
from mlp_helpers import plots
from mlp_helpers.controls import Choice, Slider, Steps
from mlp_helpers.plots import THEMES

COLORS = THEMES["light"]
TINTS = {"diverging": plots.DIVERGING, "regions": plots.REGIONS, "grey": "Greys"}


def install():
    """From here on, a demo that is shown in this kernel is shown by `interact`."""
    for module in pkgutil.iter_modules(mlp_helpers.demos.__path__):
        importlib.import_module(f"mlp_helpers.demos.{module.name}").show = show


def show(draw, controls, *, caption="", name=""):
    def follow(**values):
        draw_figure(draw(**values))

    ipywidgets.interact(follow, **{key: widget(control) for key, control in controls.items()})


def widget(control):
    if isinstance(control, Slider):
        first = control.first
        kind = ipywidgets.IntSlider if isinstance(first, int) else ipywidgets.FloatSlider
        return kind(first, min=control.start, max=control.stop, step=control.step, description=control.label)
    if isinstance(control, Steps):
        return ipywidgets.IntSlider(control.first, min=0, max=len(control.values) - 1, description=control.label)
    if isinstance(control, Choice):
        chosen = control.values[control.value]
        return ipywidgets.Dropdown(options=list(control.values.items()), value=chosen, description=control.label)
    return ipywidgets.fixed(control.first)


def draw_figure(picture):
    """A new figure with the same panels and marks."""
    width, height = (length / plots.SCREEN_DPI for length in picture.size)
    _, grid = plt.subplots(
        1, len(picture.panels), figsize=(width, height), squeeze=False, width_ratios=picture.widths,
        layout="constrained",
    )  # fmt: skip
    for ax, panel in zip(grid[0], picture.panels, strict=True):
        draw_panel(ax, panel)
    plt.show()


def draw_panel(ax, panel):
    ax.set(title=panel.title, xlabel=panel.xlabel, ylabel=panel.ylabel, xlim=panel.xlim, ylim=panel.ylim)
    ax.set_xscale("log" if panel.xlog else "linear")
    ax.set_yscale("log" if panel.ylog else "linear")
    if panel.frame:
        ax.grid(True, color=COLORS["faint"], linewidth=0.6)
    else:
        ax.set_axis_off()
    if panel.equal:
        ax.set_aspect("equal")
    for mark in panel.marks:
        MARKS[mark["kind"]](ax, mark, COLORS.get(mark["color"]))
    for label in panel.labels:
        ax.plot([], [], color=COLORS[label["color"]], label=label["label"])
    if panel.labels:
        ax.legend(loc=panel.legend)


def floats(packed):
    return np.frombuffer(packed, "<f4")


def line(ax, mark, color):
    style = "--" if mark["dash"] else "-"
    ax.plot(floats(mark["x"]), floats(mark["y"]), style, color=color, linewidth=mark["width"])


def points(ax, mark, color):
    face = "none" if mark["hollow"] else color
    ax.scatter(floats(mark["x"]), floats(mark["y"]), (2 * mark["size"]) ** 2 / 2, facecolor=face, edgecolor=color,
               marker=mark["marker"])  # fmt: skip


def segments(ax, mark, _):
    ends = [np.column_stack([floats(mark[f"x{end}"]), floats(mark[f"y{end}"])]) for end in (0, 1)]
    colors = [COLORS[color] for color in mark["colors"]]
    ax.add_collection(LineCollection(np.stack(ends, axis=1), colors=colors, linewidths=floats(mark["width"])))


def bars(ax, mark, _):
    x, low, high = (floats(mark[name]) for name in ("x", "low", "high"))
    ax.bar(x, high - low, mark["width"], low, color=[COLORS[color] for color in mark["colors"]])


def heat(ax, mark, _):
    tints, most = TINTS[mark["color"]], 255
    if isinstance(tints, ListedColormap):
        most = tints.N - 1
    levels = np.frombuffer(mark["levels"], np.uint8).reshape(mark["shape"])
    ax.imshow(levels, tints, vmin=0, vmax=most, origin="lower", extent=(*ax.get_xlim(), *ax.get_ylim()), aspect="auto")


def text(ax, mark, color):
    weight = "bold" if mark["bold"] else "normal"
    ax.text(mark["x"], mark["y"], mark["words"], color=color, size=0.75 * mark["size"], weight=weight, ha=mark["align"],
            va="center")  # fmt: skip


MARKS = {"line": line, "points": points, "segments": segments, "bars": bars, "heat": heat, "text": text}
