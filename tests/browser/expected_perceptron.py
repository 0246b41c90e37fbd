"""What the pictures of lesson 1's demos must hold for the values of their controls."""

import numpy as np
from notebook_page import choose, marks, press, slide_to, words
from picture_numbers import close, holds, number_after, only, panels, xy
from reference_networks import squared_error

from mlp_helpers import datasets


def plane(board):
    choose(board, "table", "OR")
    for key, value in (("w1", 1.0), ("w2", 1.0), ("b", -0.5)):
        slide_to(board, key, value)
    left = panels(board)[0]
    holds(left["title"], "4 of 4 right")
    assert not any(mark["hollow"] and len(mark["x"]) for mark in marks(left, "points", "red"))
    choose(board, "table", "XOR")
    left = panels(board)[0]
    holds(left["title"], "3 of 4 right")
    close(xy(only(left, "points", "red", hollow=True)), [1, 1])


def _penguins():
    """Flipper lengths, counted from 190 mm in cm, and masses, in kg."""
    penguins = datasets.penguins()
    return penguins.flipper_length.ravel() / 10 - 19, penguins.body_mass.ravel()


def line(board):
    flipper, mass = _penguins()
    for w, b in ((0.4, 3.0), (-0.5, 5.0)):
        slide_to(board, "w", w)
        slide_to(board, "b", b)
        close(number_after(words(board), "loss is"), squared_error(w * flipper + b, mass), atol=6e-4)
        sticks = only(panels(board)[0], "segments", "sky")
        close(np.sort(sticks["y1"]), np.sort(w * flipper + b))


def descent(board):
    flipper, mass = _penguins()
    slide_to(board, "lr", 0.2)
    lines = marks(panels(board)[0], "line")
    walked = next(each for each in lines if (each["x"][0], each["y"][0]) == (0, 2))
    w, b = walked["x"].astype(float), walked["y"].astype(float)
    error = np.outer(w, flipper) + b[:, None] - mass
    close(np.diff(w), -0.2 * (error * flipper).mean(axis=1)[:-1])
    close(np.diff(b), -0.2 * error.mean(axis=1)[:-1])
    press(board, "lr", "End")
    holds(words(board), "diverges")
