"""Points to an exercise's next hint when several answers have failed its check, in a student's own notebook.

IPython calls `after_cell` when a cell has run, so no check and no message knows of it. A check with its hidden part, as
nbgrader grades it, counts for nothing, nor does one that runs outside IPython.

Every exercise has three hints, folded above its answer: a nudge, an outline, a different example.
"""

from __future__ import annotations

import re
import sys

ANSWERS_TO_A_HINT = 2  # so many different answers fail before the next hint is pointed to
POINTERS = (
    "Hint 1 of exercise {} may help now: a nudge. It is folded above your answer.",
    "Hint 2 of exercise {} may help now: an outline. It is folded above your answer.",
    "Hint 3 of exercise {} may help now: a different example. It is folded above your answer.",
    "Hint 3 of exercise {} was the last one. Lay your code beside its example, line by line. Or show it to someone, "
    "and say what you expect of each line: that often finds it.",
)

# The source of a check's cell -> the different answers that have failed it since it was last passed.
failed: dict[str, list[str]] = {}


def watch() -> None:
    """Have IPython call `after_cell`, if this process runs in it."""
    if shell := _shell():
        shell.events.register("post_run_cell", after_cell)


def after_cell(result) -> None:
    """Count an answer that failed if this cell was its check, and print which hint may help.

    An answer is the cell with the exercise's docstring that was run last. One that is not written yet, or whose name
    is missing, does not count, nor does the same answer a second time.
    result: IPython's ExecutionResult
    """
    check = result.info.raw_cell
    exercise = re.search(r'\bchecks\.(?s:.*)\bexercise="(\d+\.\d+)"', check)
    if not exercise or result.error_before_exec or "### BEGIN HIDDEN" in check:
        return
    error = result.error_in_exec
    if error is None:
        failed.pop(check, None)
        return
    if not isinstance(error, Exception) or isinstance(error, NameError) or getattr(error, "unwritten", False):
        return
    answer = _answer(exercise[1])
    if answer is None:
        return
    answers = failed.setdefault(check, [])
    if answer not in answers:
        answers.append(answer)
    if number := len(answers) // ANSWERS_TO_A_HINT:
        print("→", POINTERS[min(number, len(POINTERS)) - 1].format(exercise[1]))


def _answer(exercise):
    """The source of the latest answer to an exercise, None if it has not been run."""
    run = getattr(_shell().history_manager, "input_hist_raw", [])
    return next((cell for cell in reversed(run) if f"Exercise {exercise}:" in cell), None)


def _shell():
    ipython = sys.modules.get("IPython")
    return ipython and ipython.get_ipython()
