"""The demos of a lesson on its own solution, for lecturers: worked("03_relu_polynomial_fit").show("demo-epochs")."""

from __future__ import annotations

import ast
import re
import symtable
from functools import cache
from typing import NamedTuple

from autograder.course import Course, CourseError
from autograder.lesson import names_bound, names_read


class Cell(NamedTuple):
    """A code cell. name: its grade_id or name; illustrates: whether it is tagged so."""

    name: str
    source: str
    illustrates: bool


@cache
def worked(lesson: str) -> Worked:
    """A lesson with its answers.

    raises: CourseError for a name that is no lesson
    """
    course = Course()
    course.chosen_lessons([lesson])
    return Worked(lesson, read_cells((course.lessons / f"{lesson}.py").read_text(encoding="utf-8")))


def read_cells(text: str) -> list[Cell]:
    """The code cells of a lesson that are no tests, in order.

    A page of slides is to be there at once, and Jupytext, which `read_lesson` uses, takes a second to import.
    """
    cells = []
    for part in re.split(r"(?m)^(?=# %%)", text)[1:]:
        marker, _, source = part.partition("\n")
        name = re.search(r'("grade_id": |\bname=)"([^"]*)"', marker)
        is_test = '"grade": true' in marker and '"solution": true' not in marker
        if name and not is_test and not marker.startswith(("# %% [markdown]", "# %% [raw]")):
            cells.append(Cell(name[2], source.strip("\n"), '"illustration"' in marker))
    return cells


class Worked:
    """A lesson with its answers: its name, and its cells without the tests."""

    def __init__(self, lesson: str, cells: list[Cell]):
        self.lesson, self.cells = lesson, cells

    @property
    def demos(self) -> list[str]:
        return [cell.name for cell in self.cells if cell.illustrates and cell.name.startswith("demo-")]

    def show(self, demo: str) -> None:
        """Run the demo's cell as it runs in the notebook, after no more of the lesson than it needs.

        raises: CourseError for a name that no demo of the lesson has
        """
        namespace = {"__name__": "__main__"}
        for name, source in self.needed(demo):
            exec(compile(source, f"{name} of {self.lesson}", "exec"), namespace)

    def needed(self, demo: str) -> list[tuple[str, str]]:
        """The demo's cell after all that binds a name that it reads, or that these read in turn: names and sources.

        These are whole cells. Only of other illustrations, which take time and put out pictures, come those statements
        alone that bind what no other cell does.
        """
        if demo not in self.demos:
            raise CourseError(f"{self.lesson} has no demo {demo!r}: choose from {', '.join(self.demos) or 'none'}")
        at = [cell.name for cell in self.cells].index(demo)
        given = set().union(*(names_bound(_symbols(cell.source)) for cell in self.cells[:at] if not cell.illustrates))
        found = [(demo, self.cells[at].source)]
        wanted = names_read(_symbols(self.cells[at].source))
        for cell in reversed(self.cells[:at]):
            for source in reversed(_statements(cell.source)) if cell.illustrates else [cell.source]:
                table = _symbols(source)
                # A later binding does not make an earlier one needless: a class may extend its namesake.
                if names_bound(table) & (wanted - given if cell.illustrates else wanted):
                    wanted |= names_read(table)
                    found.append((cell.name, source))
        return found[::-1]


def _statements(source: str) -> list[str]:
    return [ast.unparse(statement) for statement in ast.parse(source).body]


def _symbols(source: str) -> symtable.SymbolTable:
    return symtable.symtable(source, "cell", "exec")
