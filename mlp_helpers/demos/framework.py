"""Lesson 6: optimizers on one bowl, and a playground on the student's own classes."""

from __future__ import annotations

import numpy as np

from mlp_helpers import datasets, plots
from mlp_helpers.sliders import Choice, Slider, show


def optimizers(walk, classes, *, caption=""):
    """Lesson 6: the paths of several optimizers down the same long bowl 0.1 x² + 10 y².

    walk   : walk(optimizer_class, lr) -> (T+1, 2), every point that was visited
    classes: the optimizers' classes
    """
    grid_x, grid_y, points = plots.mesh((-5, 5), (-1.6, 1.6), 60)
    heights = (0.1 * points[:, 0] ** 2 + 10 * points[:, 1] ** 2).reshape(grid_x.shape)

    def draw(figure, lr):
        above, beside = figure.subplots(1, 2, width_ratios=[1.3, 1])
        plots.tidy(above, "seen from above", "x", "y")
        above.contour(grid_x, grid_y, heights, levels=np.geomspace(0.1, 40, 12), colors=plots.GREY, linewidths=0.6)
        plots.tidy(beside, "height over the lowest point", "step", "")
        told = []
        for optimizer, color, marker in zip(classes, [plots.BLUE, plots.ORANGE, plots.GREEN], "os^", strict=False):
            with np.errstate(all="ignore"):
                path = np.asarray(walk(optimizer, lr))
                height = 0.1 * path[:, 0] ** 2 + 10 * path[:, 1] ** 2
            name = optimizer.__name__
            options = {"color": color, "marker": marker, "markersize": 3, "linewidth": 1}
            above.plot(path[:, 0], path[:, 1], label=name, **options)
            left = "" if height[-1] < 1e3 else ": left the picture"
            beside.plot(height, label=name + left, **options)
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
    grid_x, grid_y, points = plots.mesh((-3.4, 3.4), (-3.4, 3.4), 80)

    def draw(figure, name, depth, width, activation, optimizer, lr):
        x, target = data[name]
        rng = np.random.default_rng(1)
        network = build(depth, width, activations[activation], int(target.max()) + 1, rng)
        with np.errstate(all="ignore"):
            stepper = optimizer_classes[optimizer](network, lr)
            losses = np.asarray(train(network, loss(network), stepper, x, target, 60, 20, rng), dtype=float)
            regions, right = network(points).argmax(axis=1), np.sum(network(x).argmax(axis=1) == target)
        plane, course = figure.subplots(1, 2, width_ratios=[1.15, 1])
        plots.tidy(plane, f"{right} of {len(x)} right", "$x_1$", "$x_2$")
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
        return f"{name}: {size}, {optimizer} at {lr:g}: loss {losses[-1]:.3g}, {right} of {len(x)} samples right."

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
