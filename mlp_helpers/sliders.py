"""A picture that follows its controls, and the still picture that stands in for it where no kernel runs."""

from __future__ import annotations

import os
import sysconfig
import traceback
from pathlib import Path

from mlp_helpers import plots, still
from mlp_helpers.controls import Choice, Press, Slider, Steps, Training

# Where no reader's code is: this package, Python itself, and what Python compiles on its own.
ELSEWHERE = (str(Path(__file__).parent) + os.sep, sysconfig.get_path("stdlib") + os.sep, "<frozen ", "<__array")
LONGEST = 500  # characters of a message

__all__ = ["Choice", "Press", "Slider", "Steps", "Training", "show"]


def show(draw, controls, *, caption="", name=""):
    """Show the picture that `draw` makes, with a control for each of its keywords.

    draw    : draw(**values) -> pictures.Picture for these values. What it raises the first time, this raises; later
              it is told beside the last picture
    controls: dict keyword -> Slider, Steps, Choice, Press or Training
    name    : a CSS class for the whole demo, for tests and style sheets
    """
    from mlp_helpers.board import Board

    picture = draw(**{key: control.read(control.first) for key, control in controls.items()})
    state = picture.state()
    data, metadata = plots.bundle(still.png(state), picture.size, picture.words, caption)
    shown = {"picture": state, "words": picture.words, "trouble": picture.trouble}

    def follow(**values):
        nonlocal shown
        try:
            picture = draw(**values)
            shown = {"picture": picture.state(), "words": picture.words, "trouble": picture.trouble}
        except (Exception, SystemExit, KeyboardInterrupt) as error:  # the browser waits for an answer
            return {**shown, "trouble": trouble(error)}
        return shown

    Board(controls, shown, follow, caption=caption, name=name).show(data, metadata)


def trouble(error):
    """What to tell the reader whose code raised this: which line of which function, and what. Never raises."""
    where = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if not file.startswith(ELSEWHERE) and "-packages" + os.sep not in file:
            name = frame.f_code.co_name
            where = f", line {line}" + ("" if name.startswith("<") else f" of {name}")
    try:
        message = str(error)
    except Exception:
        message = ""
    told = f"Your code stopped with {type(error).__name__}{where}" + (f": {message}" if message else "")
    told = told.encode("utf-8", "replace").decode()  # half a character would not reach the browser
    return told if len(told) <= LONGEST else told[: LONGEST - 1] + "…"
