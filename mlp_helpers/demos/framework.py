"""Lesson 6: optimizers on one bowl."""

from __future__ import annotations

import numpy as np

from mlp_helpers import plots
from mlp_helpers.pictures import Panel, Picture
from mlp_helpers.sliders import Steps, show

XLIM, YLIM = (-5, 5), (-1.6, 1.6)
RATES = [0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.095, 0.1, 0.11, 0.12, 0.15, 0.2, 0.3, 0.4]
LOOKS = [("blue", "o"), ("orange", "s"), ("green", "^")]
LOST = 1e3  # a height from which none comes back


def optimizers(walk, classes, *, caption=""):
    """The ways of several optimizers down the same long bowl 0.1 x² + 10 y², step by step.

    walk   : walk(optimizer_class, lr) -> (T+1, 2), every point that was visited
    classes: the optimizers' classes, three at most
    """
    grid_x, grid_y, points = plots.mesh(XLIM, YLIM, 60)
    rings = plots.contours(grid_x, grid_y, _height(points).reshape(grid_x.shape), np.geomspace(0.1, 40, 12))
    names = [made.__name__ for made in classes]
    with np.errstate(all="ignore"):
        walks = [[np.asarray(walk(made, rate), dtype=float) for made in classes] for rate in RATES]
        heights = [[_height(path) for path in paths] for paths in walks]
    last = min(len(path) for paths in walks for path in paths) - 1

    def draw(lr, step):
        above = Panel(f"seen from above, after {step} steps", "x", "y", xlim=XLIM, ylim=YLIM, legend="lower right")
        beside = Panel(
            "height over the lowest point", "step", "", xlim=(-1.5, last + 1.5), ylim=(1e-6, LOST), ylog=True,
            legend="lower left",
        )  # fmt: skip
        above.line(*rings, "grey", width=0.7)
        said = []
        for name, path, height, (color, marker) in zip(names, walks[lr], heights[lr], LOOKS, strict=False):
            path, height = path[: step + 1], height[: step + 1]
            above.line(*path.T, color, width=1.2)
            above.points(*path.T, color, marker=marker, size=2.5, edge=False, label=name)
            above.points(*path[-1:].T, color, marker=marker, size=6)
            lost = not height[-1] < LOST
            beside.line(range(len(height)), height, color, label=f"{name}: diverges" if lost else name)
            beside.points([step], height[-1:], color, marker=marker, size=5)
            said.append(f"{name} has diverged" if lost else f"{name} is at height {height[-1]:.2g}")
        above.points([0], [0], "red", marker="*", size=7, label="lowest point")
        words = f"With learning rate {RATES[lr]:g}, after {step} steps: {', '.join(said)}."
        return Picture([above, beside], words, size=(860, 380), widths=[1.3, 1])

    controls = {
        "lr": Steps("learning rate η", [f"{rate:g}" for rate in RATES], RATES.index(0.04)),
        "step": Steps("steps", list(range(last + 1)), last, play=True),
    }
    show(draw, controls, caption=caption, name="demo-optimizers")


def _height(points):
    return 0.1 * points[:, 0] ** 2 + 10 * points[:, 1] ** 2
