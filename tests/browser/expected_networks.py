"""What the pictures of lessons 2 and 3's demos must hold for the values of their controls.

A training is repeated here, with the sizes, rates and seeds that its lesson gives.
"""

import re

import numpy as np
from notebook_page import choose, marks, slide_to, texts, words
from picture_numbers import NUMBER, close, holds, number, number_after, only, panels
from reference_networks import first_weights, glorot, he, identity, layers, output, squared_error, trained

from mlp_helpers import datasets


def graph(board):
    slide_to(board, "step", 0)
    given = _told(board)
    wanted, told = _by_differences(given), {}
    for step in range(1, 10):
        slide_to(board, "step", step)
        told |= _told(board)
    assert set(told) == set(wanted)
    for name, values in wanted.items():
        close(told[name], values)
    # Each gradient is written in red below the value or the parameter that it belongs to.
    places = {}
    for mark in marks(panels(board)[0], "text"):
        if found := re.fullmatch(rf"(?:b = )?({NUMBER})", mark["words"]):
            place = places.setdefault((mark["x"], mark["y"]), {})
            place["gradient" if mark["color"] == "red" else "value"] = number(found[1])
    drawn = [(place["value"], place["gradient"]) for place in places.values() if "gradient" in place]
    numbers = {name: np.ravel(values) for name, values in (given | wanted).items()}
    pairs = [("z", "dz"), ("h", "dh"), ("y_hat", "dy"), *((name, f"grad_{name}") for name in ("w1", "b1", "w2", "b2"))]
    close(sorted(drawn), sorted(pair for one, two in pairs for pair in zip(numbers[one], numbers[two], strict=True)))


def _told(board):
    """The numbers that the graph's words name: dict name -> list."""
    found = re.findall(rf"(\w+) = ({NUMBER}(?:, {NUMBER})*)\.(?: |$)", words(board))
    return {name: [number(each) for each in numbers.split(", ")] for name, numbers in found}


def _by_differences(given):
    """A 2-2-1 network with h = z²: what it gives forward, and gradients from central differences of the loss."""
    values = {name: np.array(numbers) for name, numbers in given.items()} | {"more": np.zeros(2)}

    def forward(x, y, w1, b1, w2, b2, more):
        z = x @ w1.reshape(2, 2) + b1
        h = z**2 + more
        y_hat = h @ w2 + b2[0]
        return {"z": z, "h": h, "y_hat": y_hat, "loss": (y_hat - y[0]) ** 2 / 2}

    def gradient(name, step=1e-4):
        moves = step * np.eye(values[name].size)
        rises = [[forward(**values | {name: values[name] + sign * move})["loss"] for sign in (1, -1)] for move in moves]
        return [(up - down) / (2 * step) for up, down in rises]

    found = {f"grad_{name}": gradient(name) for name in ("w1", "b1", "w2", "b2")}
    # z moves with b1, and ŷ with b2.
    return forward(**values) | found | {"dz": found["grad_b1"], "dh": gradient("more"), "dy": found["grad_b2"]}


def batches(board):
    for size, lr in ((15, 0.1), (60, 0.05), (1, 0.02)):
        choose(board, "size", f"{size}")
        choose(board, "lr", f"{lr:g}")
        rng = np.random.default_rng(4)
        x = rng.normal(size=(60, 2))
        y = x @ [[1.0], [-2.0]] + 0.5 + rng.normal(scale=0.3, size=(60, 1))
        params = first_weights([2, 3, 1], glorot, rng)
        course = trained(params, x, y, identity, epochs=10, lr=lr, batch=size, seed=rng, relu=False)[:-1]
        losses = np.array([squared_error(output(params, x, relu=False), y) for params in course])
        (panel,) = panels(board)
        drawn = only(panel, "line", "red")
        close(drawn["x"], size * np.arange(len(losses)))
        close(drawn["y"], losses)
        if size == 60:
            close(only(panel, "line", "sky")["y"], losses)
        low = np.flatnonzero(losses <= 0.1)
        holds(panel["title"], f"below 0.1 after {size * low[0]} samples" if len(low) else "below 0.1 not yet")


def _parabola():
    x, y = datasets.parabola(np.random.default_rng(5))
    return x.ravel(), y.ravel()


def lines(board):
    x, y = _parabola()
    best = squared_error(np.polyval(np.polyfit(x, y, 1), x), y)
    a1, c1, a2, c2 = values = 0.6, -0.2, -1.0, 0.8
    for key, value in zip(("a1", "c1", "a2", "c2"), values, strict=True):
        slide_to(board, key, value)
    (panel,) = panels(board)
    for color, slope, height in (("blue", a1, c1), ("orange", a2, c2), ("red", a1 + a2, c1 + c2)):
        drawn = only(panel, "line", color)
        close(drawn["y"], slope * drawn["x"] + height)
    close(number_after(panel["title"], "loss ="), squared_error((a1 + a2) * x + c1 + c2, y), atol=6e-4)
    close(number_after(panel["title"], "best straight line:"), best, atol=6e-4)


def hinges(board):
    x, y = _parabola()
    facing = np.array([1, -1, 1, -1, 1])
    slide_to(board, "units", 5)
    # Unit 1's corner first to the right of all samples, and then among them.
    for by_hand, weights in (([1.5, 0.4, -0.5], [0.8, 0.5, -0.6]), ([0.3, 0.4, -0.5], [0.8, 0.5, -0.6])):
        for unit in range(3):
            slide_to(board, f"corner{unit}", by_hand[unit])
            slide_to(board, f"weight{unit}", weights[unit])
        corners = np.array([*by_hand, 0.2, -0.2])

        def units(at, corners=corners):
            return np.maximum(0, (np.ravel(at)[:, None] - corners) * facing)

        left_over = y - units(x)[:, :3] @ weights
        weights = np.append(weights, np.linalg.lstsq(units(x)[:, 3:], left_over, rcond=None)[0])
        left, right = panels(board)
        dashed, chain = marks(left, "line", dash=True), only(left, "line", "red")
        assert len(dashed) == 5
        for drawn, weight, hinge in zip(dashed, weights, units(chain["x"]).T, strict=True):
            close(drawn["y"], weight * hinge)
        close(chain["y"], sum(drawn["y"].astype(float) for drawn in dashed))
        close(number_after(left["title"], "loss ="), squared_error(units(x) @ weights, y), atol=6e-5)
        for unit, on in enumerate(np.count_nonzero(units(x), axis=0), 1):
            told = f"unit {unit}: on for {on} of {len(x)}" if on else f"unit {unit} is dead: off for all {len(x)}"
            holds(texts(right), told)
        dead = by_hand[0] == 1.5
        holds(words(board), "Dead, for it is off for all samples: unit 1." if dead else "No unit is dead.")


def _cubic():
    return datasets.split(np.random.default_rng(8), *datasets.cubic(np.random.default_rng(9), n=120))


def epochs(board):
    x_raw, y, _, _ = _cubic()
    for inputs, shown in (("standardised", (0, 50, 200)), ("raw", (0, 1, 200))):
        shift, scale = (x_raw.mean(), x_raw.std()) if inputs == "standardised" else (0.0, 1.0)
        x, losses = (x_raw - shift) / scale, []
        params = first_weights([1, 30, 1], he, 10)
        course = trained(params, x, y, identity, epochs=200, lr=0.03, batch=16, seed=11)[:: -(-len(x) // 16)]
        choose(board, "run", inputs)
        for epoch in shown:
            slide_to(board, "index", epoch)
            fit, beside = panels(board)
            drawn = only(fit, "line", "red")
            close(drawn["y"], output(course[epoch], (np.linspace(10, 50, 200)[:, None] - shift) / scale), rtol=1e-3)
            loss = squared_error(output(course[epoch], x), y)
            told = number_after(beside["title"], "training")
            close(told, loss, rtol=6e-3)
            close(told, squared_error(np.interp(x_raw, drawn["x"], drawn["y"]), y), rtol=0.02)
            losses.append(told)
            off = np.all(layers(course[epoch], x)[1] == 0, axis=0).sum()
            holds(fit["title"], f"epoch {epoch}: {off} of 30 units are off")
        # The raw inputs throw it off at first, and leave a constant.
        assert losses[2] < losses[1] < losses[0] if inputs == "standardised" else losses[2] < losses[0] < losses[1]


def sizes(board):
    x_raw, y, x_validation, y_validation = _cubic()
    x_raw, y = x_raw[:16], y[:16]

    def scaled(x):
        return (x - x_raw.mean()) / x_raw.std()

    for index, hidden in ((0, 1), (4, 10)):
        slide_to(board, "index", index)
        params = first_weights([1, hidden, 1], he, 14)
        params = trained(params, scaled(x_raw), y, identity, epochs=4000, lr=0.02, batch=16, seed=15)[-1]
        fit, beside = panels(board)
        holds(fit["title"], f"{hidden} hidden unit")
        close(only(fit, "line", "red")["y"], output(params, scaled(np.linspace(10, 50, 200)[:, None])), rtol=1e-3)
        for kind, inputs, target in (("training", x_raw, y), ("validation", x_validation, y_validation)):
            loss = squared_error(output(params, scaled(inputs)), target)
            close(number_after(beside["title"], kind), loss, rtol=6e-3)
