"""A picture that follows its sliders, and the still picture that stands in for it where no kernel runs."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from matplotlib.figure import Figure

from mlp_helpers import plots


@dataclass(frozen=True)
class Slider:
    """A number the reader moves: from `start` to `stop` in steps of `step`, first at `value`."""

    label: str
    start: float
    stop: float
    step: float
    value: float

    def widget(self, widgets):
        whole = all(float(number).is_integer() for number in (self.start, self.stop, self.step, self.value))
        kind, convert = (widgets.IntSlider, int) if whole else (widgets.FloatSlider, float)
        options = dict(min=convert(self.start), max=convert(self.stop), step=convert(self.step))
        return kind(value=convert(self.value), description=self.label, **options, **_wide(widgets))


@dataclass(frozen=True)
class Choice:
    """One of several named things; `values` maps each name to what `draw` receives."""

    label: str
    values: dict
    value: str

    def widget(self, widgets):
        options = list(self.values.items())
        return widgets.Dropdown(
            options=options, value=self.values[self.value], description=self.label, **_wide(widgets)
        )


@dataclass(frozen=True)
class Steps:
    """A slider over listed values, such as epochs or network sizes; `draw` receives the index of one."""

    label: str
    values: list
    index: int

    def widget(self, widgets):
        options = [(str(value), index) for index, value in enumerate(self.values)]
        return widgets.SelectionSlider(options=options, value=self.index, description=self.label, **_wide(widgets))


def _wide(widgets):
    return {
        "style": {"description_width": "170px"},
        "layout": widgets.Layout(width="480px", max_width="100%"),
    }


def show(draw, controls, *, size=(6.0, 4.0), caption="", name=""):
    """Show the picture that `draw` makes, with a slider for each of its keywords.

    draw    : draw(figure, **values) fills an empty figure and returns its alt text for these values
    controls: dict keyword -> Slider, Steps or Choice
    name    : a CSS class for the whole demo, for tests and style sheets
    """
    import ipywidgets as widgets

    figure = Figure(figsize=size, layout="constrained")
    handles = {key: control.widget(widgets) for key, control in controls.items()}
    picture = widgets.HTML()

    def redraw(_change=None):
        figure.clear()
        alt = draw(figure, **{key: handle.value for key, handle in handles.items()})
        drawn = plots.png(figure)
        picture.value = plots.image_tag(figure, alt, drawn)
        return alt, drawn

    alt, drawn = redraw()
    still = plots.bundle(figure, alt, caption, drawn)
    for handle in handles.values():
        handle.observe(redraw, names="value")
    parts = [*handles.values(), picture]
    if caption:
        parts.append(widgets.HTML(value=caption))
    display_widget(widgets.VBox(parts), still, name, plots.metadata(figure, alt))


def display_widget(widget, still, name="", metadata=None):
    """Display a widget and its stand-in as one output, of which a front end shows the one it can.

    still: dict MIME type -> data, shown on GitHub, in exports and wherever no kernel runs
    """
    from IPython.display import display

    widget.add_class("mlp-demo")
    if name:
        widget.add_class(name)
    if "google.colab" in sys.modules:  # shows HTML before a widget when it is offered both
        display(widget)
        return
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    display({"application/vnd.jupyter.widget-view+json": view, **still}, raw=True, metadata=metadata)
