"""A lesson as its author wrote it: its cells, the lines they stand at, and what the build makes of it."""

from __future__ import annotations

import re
import symtable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from autograder.course import Course

if TYPE_CHECKING:  # which takes most of a second to import
    from nbformat import NotebookNode

BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


class Problem(NamedTuple):
    """Something to mend in a lesson. line: in the lesson's .py; cell: its grade_id or name."""

    line: int
    cell: str
    message: str


@dataclass
class Lesson:
    """A lesson and what the build has made of it so far.

    cells    : as Jupytext reads them
    lines    : for each cell the line of its `# %%` marker
    solution : the executed notebook, cell for cell
    seconds  : how long each cell took, by its index; empty if it was executed in an earlier build
    release  : the students' notebook, cell for cell
    """

    cells: list[NotebookNode]
    lines: list[int]
    solution: NotebookNode | None = None
    seconds: dict[int, float] = field(default_factory=dict)
    release: NotebookNode | None = None

    def problem(self, index: int, message: str) -> Problem:
        return Problem(self.lines[index], key(self.cells[index]) or f"no. {index + 1}", message)


def key(cell: NotebookNode) -> str:
    """What a cell is called: its grade_id, else its name, else ""."""
    return str(nbgrader(cell).get("grade_id") or cell.metadata.get("name") or "")


def cell_id(cell: NotebookNode) -> str:
    """The id that a cell gets in the notebook, made from what it is called."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", key(cell)).strip("-")[:64]


def nbgrader(cell: NotebookNode) -> dict:
    found = cell.metadata.get("nbgrader")
    return found if isinstance(found, dict) else {}


def is_solution(cell: NotebookNode) -> bool:
    return bool(nbgrader(cell).get("solution"))


def is_test(cell: NotebookNode) -> bool:
    return bool(nbgrader(cell).get("grade")) and not is_solution(cell) and cell.cell_type == "code"


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def split(source: str, begin: str, end: str) -> tuple[list[str] | None, list[str], str]:
    """The lines between two markers (None without any), those outside, and what is wrong with the markers."""
    inside, outside, within, fault = None, [], False, ""
    for line in source.splitlines():
        if begin in line:
            fault = fault or (f"a second {begin} before {end}" if within else "")
            inside, within = inside or [], True
        elif end in line:
            fault = fault or ("" if within else f"{end} without {begin}")
            within = False
        else:
            (inside if within else outside).append(line)
    return inside, outside, fault or (f"{begin} without {end}" if within else "")


def test_parts(source: str) -> tuple[str, str]:
    """The visible and the hidden part of a test; in each, blank lines stand for the other, so that numbers stay."""
    visible, hidden, within = [], [], False
    for line in source.splitlines():
        within = (within or BEGIN_HIDDEN in line) and END_HIDDEN not in line
        visible.append("" if within else line)
        hidden.append(line if within else "")
    return "\n".join(visible), "\n".join(hidden)


def names_bound(table: symtable.SymbolTable) -> set[str]:
    """The global names that a cell binds."""
    return {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}


def names_read(table: symtable.SymbolTable) -> set[str]:
    """The global names that a cell and its functions read and the cell does not bind itself."""

    def within(scope):
        for symbol in scope.get_symbols():
            if symbol.is_referenced() and (scope is table or symbol.is_global()):
                yield symbol.get_name()
        for child in scope.get_children():
            yield from within(child)

    return set(within(table)) - names_bound(table)


def read_lesson(course: Course, name: str) -> tuple[Lesson, list[Problem]]:
    """The lesson, without any cells if there is a problem with the whole file."""
    import jupytext  # which a process that only grades need not load

    try:
        source = (course.lessons / f"{name}.py").read_text(encoding="utf-8")
        cells = jupytext.reads(source, fmt="py:percent").cells
    except Exception as error:  # jupytext raises whatever YAML, JSON or nbformat raise
        reason = f"cannot be read: {type(error).__name__}: {error}".partition("\n")[0]
        return Lesson([], []), [Problem(1, "-", reason)]
    if not source.strip():
        return Lesson([], []), [Problem(1, "-", "the lesson is empty")]
    return Lesson(cells, _marker_lines(source, cells)), []


def _marker_lines(source: str, cells: list[NotebookNode]) -> list[int]:
    """For each cell the line of its marker: that which names it, or for a nameless cell the next one."""
    markers = [(n, line) for n, line in enumerate(source.splitlines(), 1) if re.match(r"#\s*%%", line)]
    lines, last_named = [1], 0
    for cell in cells:
        called = re.compile(rf'(grade_id"|name)\s*[=:]\s*"{re.escape(key(cell))}"')
        named = [n for n, line in markers if n > last_named and key(cell) and called.search(line)]
        following = [n for n, _ in markers if n > lines[-1] or len(lines) == 1]
        last_named = named[0] if named else last_named
        lines.append((named or following or lines[-1:])[0])
    return lines[1:]
