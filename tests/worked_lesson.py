"""The worked solution of a lesson as plain Python, for the tests and benchmarks that measure it against others."""

from __future__ import annotations

import textwrap
from types import SimpleNamespace

import jupytext
from lesson_runner import cells

from autograder.course import Course


def names(lesson: str) -> SimpleNamespace:
    """What the given and the solution cells of a lesson define: names("06_framework").Linear, and so on."""
    namespace = {"__name__": "__main__"}
    for cell in cells(lesson):
        if cell.kind != "test":
            exec(compile(cell.source, cell.name, "exec"), namespace)
    return SimpleNamespace(**namespace)


def source(lesson: str, name: str) -> str:
    """The source of any cell of a lesson, prose and illustrations included."""
    for cell in jupytext.read(Course().lessons / f"{lesson}.py").cells:
        if name in (cell.metadata.get("name"), cell.metadata.get("nbgrader", {}).get("grade_id")):
            return cell.source
    raise KeyError(f"lesson {lesson} has no cell {name!r}")


def printed_code(lesson: str, name: str) -> str:
    """The Python block that a prose cell shows."""
    _, _, code = source(lesson, name).partition("```python\n")
    return textwrap.dedent(code.partition("```")[0])
