"""Reads a picture's marks and words as numbers, and holds them against what they must be."""

import re

import numpy as np
from notebook_page import marks, picture

NUMBER = r"[−-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?"


def panels(board):
    return picture(board)["panels"]


def only(panel, kind, color=None, **wanted):
    """The only such mark of a panel."""
    found = marks(panel, kind, color, **wanted)
    assert len(found) == 1, f"{len(found)} marks of kind {kind} in {color}, {wanted}"
    return found[0]


def close(found, wanted, *, rtol=1e-4, atol=1e-5):
    np.testing.assert_allclose(np.ravel(found), np.ravel(wanted), rtol=rtol, atol=atol)


def number(text):
    return float(text.replace("−", "-"))


def number_after(text, before):
    """The number that stands after these words in a text."""
    found = re.search(re.escape(before) + rf"\D*?({NUMBER})", text)
    assert found, f"no number after {before!r} in {text!r}"
    return number(found[1])


def holds(text, *parts):
    for part in parts:
        assert part in text, f"{part!r} is not in {text!r}"


def xy(mark):
    return np.column_stack([mark["x"], mark["y"]])


def mesh(axis):
    """All points of a square grid, row by row from below."""
    return np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
