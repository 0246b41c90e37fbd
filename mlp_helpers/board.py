"""A widget of labelled controls with a picture, or with an answer: the only one that the course has.

It draws in the browser, from plain data, so that a picture follows its slider at once; board.js is the other half.
"""

from __future__ import annotations

import sys
from pathlib import Path

import anywidget
import traitlets

from mlp_helpers import plots

HERE = Path(__file__).parent


class Board(anywidget.AnyWidget):
    """What the browser knows.

    controls: list of dicts, see `controls.Slider.state` and its neighbours
    values  : dict key -> what each control stands at, and `turn`, another one each time; the browser tells it
    shown   : what follows from these values: the state of a picture, its words, what went wrong, or a reply
    caption : the line under the picture
    """

    _esm = (HERE / "board.js").read_text(encoding="utf-8")
    _css = (HERE / "board.css").read_text(encoding="utf-8")

    themes = traitlets.Dict(plots.THEMES).tag(sync=True)
    controls = traitlets.List().tag(sync=True)
    values = traitlets.Dict().tag(sync=True, echo_update=False)
    shown = traitlets.Dict().tag(sync=True)
    caption = traitlets.Unicode().tag(sync=True)

    def __init__(self, controls, shown, follow, *, caption="", name=""):
        """
        controls: dict key -> control
        shown   : for the values at which the controls stand at first
        follow  : follow(**values) -> what is shown for these
        name    : a CSS class, for tests and style sheets
        """
        super().__init__(
            controls=[control.state(key) for key, control in controls.items()],
            values={key: control.first for key, control in controls.items()},
            shown=shown,
            caption=caption,
        )
        self.add_class("mlp-demo")
        if name:
            self.add_class(name)
        self._followed = controls, follow
        self.observe(self._follow, names="values")
        self.on_msg(self._hear)

    def _hear(self, _, message, buffers):
        if "values" in message:  # and not a nudge, see board.js
            self.set_state({"values": message["values"]})

    def _follow(self, change):
        controls, follow = self._followed
        values = {key: control.read(change["new"].get(key, control.first)) for key, control in controls.items()}
        self.shown = {**follow(**values), "values": change["new"]}

    def show(self, data, metadata=None):
        """Display it with a stand-in as one output, of which a front end shows the one it can.

        data: dict MIME type -> data, shown on GitHub, in exports and wherever no kernel runs
        """
        from IPython.display import display

        if "google.colab" in sys.modules:  # shows HTML before a widget when it is offered both
            display(self)
            return
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        display({"application/vnd.jupyter.widget-view+json": view, **data}, raw=True, metadata=metadata)
