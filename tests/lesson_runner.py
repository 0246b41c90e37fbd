"""Run a lesson's cells in this process, with some answers exchanged, and say which test cells pass.

A stand-in for nbgrader that takes milliseconds: the same cells in the same order, in one namespace. Cells that
only illustrate are left out. What nbgrader itself makes of a lesson is tested in test_lessons.py.
"""

from __future__ import annotations

import contextlib
import io
import re
import traceback
import warnings
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import jupytext

from autograder.course import Course

ANSWERS = Path(__file__).parent / "answers"
STUB = re.compile(r"^(\s*)### BEGIN SOLUTION.*?### END SOLUTION", flags=re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """A code cell. exercise: its id such as "1.3", or "" where it belongs to none."""

    name: str
    source: str
    kind: str  # "given", "solution" or "test"
    points: float = 0

    @property
    def exercise(self) -> str:
        found = re.match(r"(?:exercise|test)-(\d+)-(\d+)", self.name)
        return f"{found[1]}.{found[2]}" if found and self.kind != "given" else ""


@dataclass(frozen=True)
class Answer:
    """One way to answer an exercise, right or wrong, as it stands in tests/answers/<lesson>/<exercise>.py."""

    lesson: str
    exercise: str
    right: bool
    title: str
    source: str

    def __str__(self):
        return f"{self.exercise}-{'right' if self.right else 'wrong'}-{self.title}".replace(" ", "_")


@dataclass
class Result:
    """What the test cells made of a lesson: for each its points, and for each that failed its message."""

    points: dict[str, float] = field(default_factory=dict)
    possible: dict[str, float] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    exercises: dict[str, str] = field(default_factory=dict)

    def failed(self) -> set[str]:
        """The ids of the exercises that lost points."""
        return {self.exercises[name] for name in self.messages}


@cache
def cells(lesson: str) -> list[Cell]:
    """The code cells of a lesson that grading needs, in order."""
    found = []
    for cell in jupytext.read(Course().lessons / f"{lesson}.py").cells:
        if cell.cell_type != "code" or "illustration" in cell.metadata.get("tags", []):
            continue
        nbgrader = cell.metadata.get("nbgrader", {})
        kind = "test" if nbgrader.get("grade") else "solution" if nbgrader.get("solution") else "given"
        name = nbgrader.get("grade_id") or cell.metadata["name"]
        found.append(Cell(name, cell.source, kind, nbgrader.get("points", 0)))
    return found


def stub(source: str) -> str:
    """A solution cell as a student first sees it."""
    return STUB.sub(r"\1...", source)


def answers(lesson: str) -> list[Answer]:
    """All answers written down for a lesson."""
    found = []
    for path in sorted((ANSWERS / lesson).glob("*.py")):
        for part in re.split(r"^# %% ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            head, _, source = part.partition("\n")
            kind, _, title = head.partition(": ")
            if kind not in ("right", "wrong"):
                raise ValueError(f"{path.name}: a cell starts with `# %% right: …` or `# %% wrong: …`, not {head!r}")
            found.append(Answer(lesson, path.stem, kind == "right", title.strip(), source))
    return found


def run(lesson: str, exchanged: dict[str, str]) -> Result:
    """Run a lesson whose solution cells are exchanged.

    exchanged: dict exercise id -> source of its solution cell; the solution stays where none is given
    """
    result, namespace = Result(), {"__name__": "__main__"}
    for cell in cells(lesson):
        source = exchanged.get(cell.exercise, cell.source) if cell.kind == "solution" else cell.source
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
            warnings.simplefilter("default")
            if cell.kind != "test":
                exec(compile(source, cell.name, "exec"), namespace)
                continue
            result.possible[cell.name], result.exercises[cell.name] = cell.points, cell.exercise
            try:
                exec(compile(source, cell.name, "exec"), namespace)
                message = err.getvalue() and f"wrote to stderr: {err.getvalue()}"
            except Exception as error:
                message = str(error) or traceback.format_exc(limit=1)
        result.points[cell.name] = 0 if message else cell.points
        if message:
            result.messages[cell.name] = message
    return result
