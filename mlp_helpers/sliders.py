"""A picture that follows its controls, and the still picture that stands in for it where no kernel runs."""

from __future__ import annotations

import traceback

from mlp_helpers import plots, still
from mlp_helpers.controls import Choice, Press, Slider, Steps, Training

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
        except Exception as error:
            return {**shown, "trouble": trouble(error)}
        return shown

    Board(controls, shown, follow, caption=caption, name=name).show(data, metadata)


def trouble(error):
    """What to tell the reader whose code raised this."""
    where = next(
        (f", line {frame.lineno} of {frame.name}" for frame in reversed(traceback.extract_tb(error.__traceback__))
         if "mlp_helpers" not in frame.filename and "site-packages" not in frame.filename),
        "",
    )  # fmt: skip
    return f"Your code stopped with {type(error).__name__}{where}: {error}"[:500]
