"""A demo without a browser: what it shows for given values of its controls, as numbers."""

from __future__ import annotations

import numpy as np

from mlp_helpers.board import Board


def opened(monkeypatch, demo, *args, **kwargs):
    """The demo's board, as the browser would get it."""
    boards = []
    monkeypatch.setattr(Board, "show", lambda board, data, metadata=None: boards.append(board))
    demo(*args, **kwargs)
    (board,) = boards
    return board


def moved(board, **values):
    """What is shown after the controls stand at these values: the panels, the words, and what went wrong."""
    board.values = {**board.values, **values}
    return board.shown["picture"]["panels"], board.shown["words"], board.shown["trouble"]


def marks(panel, kind, **wanted):
    """The marks of one kind on a panel, with these properties."""
    found = [mark for mark in panel["marks"] if mark["kind"] == kind]
    return [mark for mark in found if all(mark[key] == value for key, value in wanted.items())]


def mark(panel, kind, **wanted):
    """The only such mark."""
    (found,) = marks(panel, kind, **wanted)
    return found


def xy(mark):
    """A mark's points: (N, 2)"""
    return np.column_stack([numbers(mark["x"]), numbers(mark["y"])])


def numbers(packed):
    return np.frombuffer(packed, "<f4").astype(float)


def words(panel):
    """All that is written on a panel."""
    return " ".join([panel["title"], *(mark["words"] for mark in marks(panel, "text"))])
