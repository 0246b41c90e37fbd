"""Predict-first questions: choose or compute an answer, then see why it is right or what it overlooks."""

from __future__ import annotations

import html
import math
import re

from mlp_helpers.controls import Entry, Options, Press


def choice(options, right):
    """A multiple-choice question.

    options: dict answer -> explanation; the explanation of a wrong answer says what it overlooks
    right  : the right answer, one of the keys
    """
    if right not in options:
        raise ValueError(f"the right answer {right!r} is not among the options")

    def reply(answer):
        if answer is None:
            return _nudge("Choose an answer first. A wrong guess teaches more than none.")
        return _verdict(answer == right, options[answer])

    answers = "".join(f"<li>{html.escape(option)}</li>" for option in options)
    reveal = "".join(f"<p><b>{html.escape(option)}</b> {html.escape(text)}</p>" for option, text in options.items())
    revealed = f"<p>The answer: {html.escape(right)}</p>{reveal}"
    _ask(Options("Your answer", list(options)), reply, f"<ul>{answers}</ul>", revealed)


def number(answer, *, tolerance=0.0, right, wrong=None, otherwise):
    """A question whose answer is a number.

    answer, tolerance: a reply within tolerance of answer is right; of a percentage, 50 and 0.5 are the same reply
    right    : the explanation shown for the right number
    wrong    : dict number -> what somebody who computed this number overlooked
    otherwise: the nudge for any other number
    """
    wrong = wrong or {}

    def reply(entered):
        values = _read(entered)
        if not values:
            return _nudge("Type a number first, as a decimal such as 3.75. A wrong guess teaches more than none.")
        if _near(values, answer, tolerance):
            return _verdict(True, right)
        for mistake, explanation in wrong.items():
            if _near(values, mistake, tolerance):
                return _verdict(False, explanation)
        return _verdict(False, otherwise)

    mistakes = "".join(f"<p><b>{value:g}</b> {html.escape(text)}</p>" for value, text in wrong.items())
    _ask(Entry("Your number"), reply, "", f"<p>The answer: {answer:g}. {html.escape(right)}</p>{mistakes}")


def _read(entered):
    """The numbers that somebody may mean who typed this: none, one or, for a percentage, two."""
    plain = re.sub(r"\s", "", entered).translate(str.maketrans(",−–", ".--"))
    parts = plain.removesuffix("%").split("/")
    try:
        value = float(parts[0]) / float(parts[1]) if len(parts) == 2 else float(*parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return []
    if not math.isfinite(value):
        return []
    return [value, value / 100] if plain.endswith("%") else [value]


def _near(values, wanted, tolerance):
    return any(abs(value - wanted) <= tolerance + 1e-9 for value in values)


def _nudge(text):
    return {"right": False, "verdict": "", "text": text}


def _verdict(is_right, explanation):
    return {"right": is_right, "verdict": "✓ Yes." if is_right else "✗ Not quite.", "text": explanation}


def _ask(control, reply, asked, revealed):
    """The control with a button and a place for the reply; the stand-in hides the answer in a <details>."""
    from mlp_helpers.board import Board

    def follow(answer, check):
        return {"reply": reply(answer)}

    still = f"{asked}<details><summary>Decide first, then open the answer</summary>{revealed}</details>"
    board = Board({"answer": control, "check": Press("Check my answer")}, {}, follow, name="mlp-question")
    board.show({"text/html": still, "text/plain": "A predict-first question: run the cell to answer it."})
