"""What the pictures of lesson 6's demos must hold for the values of their controls."""

from itertools import pairwise

import numpy as np
from notebook_page import choose, count, press, settle, slide_to, wait_for_pictures, words
from picture_numbers import close, holds, mesh, number_after, only, panels, xy
from reference_networks import cross_entropy, first_weights, glorot, one_hot, output, softmax, trained

from mlp_helpers import datasets


def optimizers(board):
    def sgd(g, memory, lr, step):
        return lr * g

    def momentum(g, memory, lr, step):
        memory["v"] = 0.9 * memory.get("v", 0) + g
        return lr * memory["v"]

    def adam(g, memory, lr, step):
        memory["m"] = 0.9 * memory.get("m", 0) + 0.1 * g
        memory["v"] = 0.999 * memory.get("v", 0) + 0.001 * g**2
        return lr * memory["m"] / (1 - 0.9**step) / (np.sqrt(memory["v"] / (1 - 0.999**step)) + 1e-8)

    for index, lr, steps in ((5, 0.05, 60), (11, 0.1, 52)):
        slide_to(board, "lr", index)
        slide_to(board, "step", steps)
        above, beside = panels(board)
        for name, rule, color in (("SGD", sgd, "blue"), ("Momentum", momentum, "orange"), ("Adam", adam, "green")):
            path, memory = [np.array([-4.0, 1.0])], {}
            for step in range(1, steps + 1):
                path.append(path[-1] - rule(np.array([0.2, 20.0]) * path[-1], memory, lr, step))
            close(xy(only(above, "line", color)), path)
            heights = np.square(path) @ [0.1, 10]
            close(only(beside, "line", color)["y"], heights)
            close(number_after(words(board), f"{name} is at height"), heights[-1], rtol=0.06)
    press(board, "lr", "End")
    holds(words(board), "SGD has diverged")
    assert "Adam has diverged" not in words(board)


def playground(board):
    x, target = datasets.circles(np.random.default_rng(0), noise=0.5 * 0.5)
    x, target, x_held, target_held = datasets.split(np.random.default_rng(1), x, target.ravel())
    course = trained(
        first_weights([2, 16, 2], glorot, 1), x, one_hot(target, 2), softmax, epochs=2, lr=0.3, batch=1000, seed=0
    )
    for key, option in (("name", "circles"), ("activation", "ReLU"), ("optimizer", "SGD")):
        choose(board, key, option)
    for key, index in (("depth", 1), ("width", 7), ("rate", 5), ("batch", 5), ("noise", 0.5)):
        slide_to(board, key, index)
    press(board, "anew", "Enter")
    edge = 3 - 6 / 54 / 2
    seen = []
    for epoch, params in enumerate(course):
        if epoch:
            press(board, "training-step", "Enter")
        plane, _, losses = panels(board)
        curves = {"red": (x, target), "purple": (x_held, target_held)}
        for color, (inputs, classes) in curves.items():
            drawn = only(losses, "line", color)
            close(drawn["x"], np.arange(epoch + 1))
            close(drawn["y"][-1], cross_entropy(softmax(output(params, inputs)), one_hot(classes, 2)))
        levels = only(plane, "heat")["levels"]
        assert np.mean(levels != output(params, mesh(np.linspace(-edge, edge, 54))).argmax(axis=1)) < 1e-3
        right = np.sum(output(params, x_held).argmax(axis=1) == target_held)
        holds(plane["title"], f"{right} of {len(x_held)} held out are right")
        flat = np.concatenate([w.ravel() for w in params[::2]])
        close(number_after(words(board), "the thickest line is"), flat[np.abs(flat).argmax()], atol=6e-3)
        seen.append(levels)
    assert all(np.any(before != after) for before, after in pairwise(seen)), "the regions stay the same"
    slide_to(board, "batch", 3)
    before = count(board)
    play = board.locator(".mlp-play")
    play.press("Space")
    wait_for_pictures(board, before + 15)
    play.press("Space")
    settle(board)
    losses = panels(board)[2]
    close(only(losses, "segments", "grey")["x0"], 2)  # where the batch size was changed
    fall = only(losses, "line", "red")["y"]
    assert len(fall) > 10 and fall[-1] < 0.6 * fall[0]
    close(number_after(losses["title"], "loss"), fall[-1], rtol=6e-3)
