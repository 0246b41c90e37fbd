"""What the pictures of lessons 4 and 5's demos must hold for the values of their controls.

A training is repeated here, with the sizes, rates and seeds that its lesson gives.
"""

import re

import numpy as np
from notebook_page import choose, slide_to, texts, words
from picture_numbers import close, holds, mesh, number_after, only, panels, xy
from reference_networks import cross_entropy, first_weights, he, one_hot, output, sigmoid, softmax, trained

from mlp_helpers import datasets


def regions(board):
    rng, axis = np.random.default_rng(2), np.linspace(-2.6, 2.6, 80)
    for name, make, shown in (("two half-moons", datasets.moons, (100,)), ("XOR", datasets.xor_clouds, (0, 90))):
        x, y = make(rng)
        params = first_weights([2, 16, 1], he, 3)
        course = trained(params, x, y, sigmoid, epochs=100, lr=0.3, batch=20, seed=4)[::10]
        losses = [cross_entropy(sigmoid(output(each, x)), y) for each in course]
        choose(board, "key", name)
        for epoch in shown:
            slide_to(board, "epoch", epoch)
            left, right = panels(board)
            p = sigmoid(output(course[epoch], mesh(axis)))
            assert np.abs(only(left, "heat")["levels"] - 255 * p.ravel()).max() <= 0.51
            border = xy(only(left, "line", "ink"))
            at_border = sigmoid(output(course[epoch], border[np.isfinite(border[:, 0])]))
            assert len(at_border) > 20 and np.abs(at_border - 0.5).max() < 0.1
            wrong = (sigmoid(output(course[epoch], x)) > 0.5) != (y > 0.5)
            _rings_and_course(left, right, x, wrong, losses, epoch)


def spiral(board):
    x, target = datasets.spiral(np.random.default_rng(4))
    axis = np.linspace(-2.4, 2.4, 70)
    for hidden, shown in ((20, (0, 140)), (3, (150,))):
        params = first_weights([2, hidden, 3], he, 5)
        course = trained(params, x, one_hot(target, 3), softmax, epochs=150, lr=0.3, batch=20, seed=6)[::15]
        losses = [cross_entropy(softmax(output(each, x)), one_hot(target, 3)) for each in course]
        choose(board, "key", f"{hidden} hidden units")
        for epoch in shown:
            slide_to(board, "epoch", epoch)
            left, right = panels(board)
            answers = output(course[epoch], mesh(axis)).argmax(axis=1)
            assert np.mean(only(left, "heat")["levels"] != answers) < 1e-3
            wrong = output(course[epoch], x).argmax(axis=1) != target
            _rings_and_course(left, right, x, wrong, losses, epoch)


def _rings_and_course(plane, course, x, wrong, losses, epoch):
    """Rings around the samples that the network gets wrong, but for a few near a border; the loss up to this epoch."""
    ringed = {tuple(place) for place in xy(only(plane, "points", "red", hollow=True))}
    missed = {tuple(place) for place in x[np.ravel(wrong)].astype("f4")}
    assert len(ringed ^ missed) <= 0.01 * len(x)
    close(number_after(plane["title"], f"epoch {epoch}:"), 100 * (1 - len(ringed) / len(x)), atol=1)
    drawn = only(course, "line", "red")
    close(drawn["x"], np.arange(epoch + 1))
    close(drawn["y"], losses[: epoch + 1], rtol=1e-3)
    close(number_after(course["title"], "loss"), losses[epoch], atol=1e-3)


def threshold(board):
    p, y = _chances_of_birds()
    for cut in (0.4, 0.55):
        slide_to(board, "cut", cut)
        counts, table, roc = panels(board)
        matrix = np.array([[np.sum((y == row) & ((p > cut) == column)) for column in (0, 1)] for row in (0, 1)])
        assert matrix.min() > 0
        found = [int(each) for each in re.findall(r"[✓✗] (\d+)", texts(table))]
        assert found == matrix.ravel().tolist()
        precision, (alarms, recall) = matrix[1, 1] / matrix[:, 1].sum(), matrix[:, 1] / matrix.sum(axis=1)
        for name, share in (("accuracy", np.trace(matrix) / len(y)), ("precision", precision), ("recall", recall)):
            for text in (texts(table), words(board)):
                close(number_after(text, name), share, atol=6e-3)
        close(xy(only(roc, "points", "red")), [alarms, recall])
        close(only(counts, "line", "red")["x"], [cut, cut])
    bars = only(counts, "bars", "blue")["high"], -only(counts, "bars", "orange")["low"]
    for kind, high in enumerate(bars):
        assert high.tolist() == np.histogram(p[y == kind], np.linspace(0, 1, 21))[0].tolist()
    # The area under the curve is the chance that a Chinstrap has a higher score than an Adelie.
    curve = xy(only(roc, "line", "blue")).astype(float)
    area = -np.sum(np.diff(curve[:, 0]) * (curve[1:, 1] + curve[:-1, 1]) / 2)
    pairs = p[y == 1][:, None] - p[y == 0]
    close(area, np.mean((pairs > 0) + (pairs == 0) / 2))


def _chances_of_birds():
    """For the test birds of lesson 4 the probability that they are Chinstraps, and whether they are: both (N,)"""
    penguins = datasets.penguins()
    small = penguins.species != 2
    measures = np.hstack([penguins.flipper_length, penguins.body_mass])[small]
    target = (penguins.species[small] == 1).astype(float).reshape(-1, 1)
    x, y, x_test, y_test = datasets.split(np.random.default_rng(8), measures, target, validation=0.5)
    mean, std = x.mean(axis=0), x.std(axis=0)
    params = first_weights([2, 8, 1], he, 9)
    params = trained(params, (x - mean) / std, y, sigmoid, epochs=40, lr=0.1, batch=16, seed=10)[-1]
    return sigmoid(output(params, (x_test - mean) / std)).ravel(), y_test.ravel()


def softmax_shares(board):
    cases = [
        ((2.0, -1.0, 0.5), "0.5", ""),
        ((10.0, -1.0, 0.5), "0.01", "inf / inf is nan"),
        ((-10.0, -10.0, -10.0), "0.01", "0 / 0 is nan"),
    ]
    for logits, temperature, breaks in cases:
        for key, value in zip("abc", logits, strict=True):
            slide_to(board, key, value)
        slide_to(board, "temperature", {"0.5": 5, "0.01": 0}[temperature])
        z = np.array(logits) / float(temperature)
        with np.errstate(all="ignore"):
            naive = np.exp(z) / np.exp(z).sum()
        cost = np.log(np.exp(z - z.max()).sum()) + z.max() - z[2]
        scaled, plain, yours = panels(board)
        holds(scaled["title"], f"logits / {temperature}")
        close(only(scaled, "bars")["high"], z)
        close(only(yours, "bars")["high"], softmax(z))
        close(number_after(texts(yours), "−ln p of C ="), cost, rtol=1e-3)
        close(only(plain, "bars")["high"], naive)
        assert bool(breaks) == np.isnan(naive).any() == ("is nan" in texts(plain)) == ("breaks" in words(board))
        holds(texts(plain), breaks)
        close(number_after(words(board), "the cross-entropy of C is"), cost, rtol=1e-3)
