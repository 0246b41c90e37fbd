"""Predict-first questions: choose or compute an answer, then see why it is right or what it overlooks."""

from __future__ import annotations

import html
from fractions import Fraction

from mlp_helpers.sliders import display_widget


def choice(options, right):
    """A multiple-choice question.

    options: dict answer -> explanation; the explanation of a wrong answer says what it overlooks
    right  : the right answer, one of the keys
    """
    import ipywidgets as widgets

    if right not in options:
        raise ValueError(f"the right answer {right!r} is not among the options")
    choices = widgets.RadioButtons(
        options=list(options), value=None, layout=widgets.Layout(width="max-content", max_width="100%")
    )

    def reply():
        if choices.value is None:
            return "Choose an answer first. A wrong guess teaches more than none."
        return _verdict(choices.value == right, options[choices.value])

    answers = "".join(f"<li>{html.escape(option)}</li>" for option in options)
    reveal = "".join(f"<p><b>{html.escape(option)}</b> {html.escape(text)}</p>" for option, text in options.items())
    _show(choices, reply, f"<ul>{answers}</ul>", f"<p>The answer: {html.escape(right)}</p>{reveal}")


def number(answer, *, tolerance=0.0, right, wrong=None, otherwise):
    """A question whose answer is a number.

    answer, tolerance: a reply within tolerance of answer is right
    right    : the explanation shown for the right number
    wrong    : dict number -> what somebody who computed this number overlooked
    otherwise: the nudge for any other number
    """
    import ipywidgets as widgets

    wrong = wrong or {}
    field = widgets.Text(placeholder="your number", layout=widgets.Layout(width="160px"))

    def reply():
        try:
            value = float(Fraction(field.value.strip().rstrip("%").replace(",", ".").replace("−", "-")))
        except (ValueError, ZeroDivisionError):
            return "Type a number first, as a decimal such as 3.75. A wrong guess teaches more than none."
        if abs(value - answer) <= tolerance + 1e-9:
            return _verdict(True, right)
        for mistake, explanation in wrong.items():
            if abs(value - mistake) <= tolerance + 1e-9:
                return _verdict(False, explanation)
        return _verdict(False, otherwise)

    mistakes = "".join(f"<p><b>{value:g}</b> {html.escape(text)}</p>" for value, text in wrong.items())
    _show(field, reply, "", f"<p>The answer: {answer:g}. {html.escape(right)}</p>{mistakes}")


def _verdict(is_right, explanation):
    mark = "✓ Yes." if is_right else "✗ Not quite."
    return f"<b>{mark}</b> {html.escape(explanation)}"


def _show(field, reply, asked, revealed):
    """The field with a button and a place for the reply; the stand-in hides the answer in a <details>."""
    import ipywidgets as widgets

    button = widgets.Button(description="Check my answer")
    answer = widgets.HTML()

    def check(_):
        answer.value = reply()

    button.on_click(check)
    if isinstance(field, widgets.Text):
        field.continuous_update = False
        field.observe(check, names="value")
    still = f"{asked}<details><summary>Decide first, then open the answer</summary>{revealed}</details>"
    display_widget(
        widgets.VBox([field, button, answer]),
        {"text/html": still, "text/plain": "A predict-first question: run the cell to answer it."},
        "mlp-question",
    )
