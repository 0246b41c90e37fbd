"""A lesson as rebuilding needs it: what the students were given, cell by cell, and which exercise defines which name.

It depends on no submission and is made once for a lesson, however many are rebuilt.
"""

from __future__ import annotations

import ast
import copy
import hashlib
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from functools import cached_property

import nbformat
from nbformat import NotebookNode

from autograder.course import CourseError
from autograder.lesson import is_solution, is_test, key, nbgrader, tags
from autograder.static_look import Look, look_at, names_read_by, trimmed, words_of


@dataclass(frozen=True, eq=False)
class Given:
    """A cell of the lesson.

    place : its index among the lesson's cells
    key   : its grade_id, name or id
    kind  : "solution", "test", "locked" or "ordinary"
    cell  : as it will stand in a rebuilt notebook; a test is whole, a solution is a stub
    text  : what the student received, trimmed
    illustrates: whether it need not run, unless other code reads a name that only it binds
    """

    place: int
    key: str
    kind: str
    cell: NotebookNode
    text: str
    illustrates: bool

    @property
    def is_code(self) -> bool:
        return self.cell.cell_type == "code"

    @cached_property
    def look(self) -> Look:
        return look_at(self.cell.source) if self.is_code else Look([])

    @cached_property
    def words(self) -> frozenset[str]:
        return words_of(self.text)

    @cached_property
    def docstrings(self) -> list[str]:
        """The first line of each of its functions' docstrings."""
        defined = [each for each in self.look.statements or [] if isinstance(each, ast.FunctionDef | ast.ClassDef)]
        return [text.splitlines()[0] for text in map(ast.get_docstring, defined) if text]

    @cached_property
    def dumps(self) -> frozenset[str]:
        """The statements that the student received, to find them again in another cell."""
        return frozenset(map(ast.dump, look_at(self.text).statements or []))


@dataclass
class Plan:
    """A lesson as rebuilding needs it.

    given  : its cells, in order
    names  : for each solution in code the names that it alone defines and a test asks for
    definer: for each of those names its solution
    by_name: the cells by their keys and ids
    by_text: the cells by their texts
    """

    given: list[Given]
    kernelspec: dict
    names: dict[Given, frozenset[str]] = field(default_factory=dict)
    definer: dict[str, Given] = field(default_factory=dict)
    by_name: dict[str, Given] = field(default_factory=dict)
    by_text: dict[str, list[Given]] = field(default_factory=dict)

    def of_kind(self, *kinds: str) -> list[Given]:
        return [given for given in self.given if given.kind in kinds]

    def exercises(self, look: Look) -> list[Given]:
        """The exercises of which a cell defines a name, in the order of those names."""
        return list(dict.fromkeys(self.definer[name] for name in sorted(look.binds & self.definer.keys())))


_plans: OrderedDict[tuple, Plan] = OrderedDict()


def plan_of(worked: NotebookNode, release: NotebookNode) -> Plan:
    """The plan of a lesson, made once for as long as the lesson stays the same.

    worked : the lesson's notebook in solutions/
    release: the lesson's notebook in notebooks/
    raises : CourseError if `release` was not made from `worked`
    """
    digest = tuple((cell.cell_type, cell.get("id"), cell.source, repr(cell.metadata)) for cell in worked.cells)
    digest += tuple((cell.get("id"), cell.source) for cell in release.cells)
    if digest not in _plans:
        _plans[digest] = _new_plan(worked, release)
        while len(_plans) > 16:
            _plans.popitem(last=False)
    _plans.move_to_end(digest)
    return _plans[digest]


def _new_plan(worked: NotebookNode, release: NotebookNode) -> Plan:
    keys = [key(cell) or cell.id for cell in worked.cells]
    if keys != [key(cell) or cell.id for cell in release.cells]:
        raise CourseError("a notebook in notebooks/ does not fit the one in solutions/: run `autograder build`")
    plan = Plan([], copy.deepcopy(dict(worked.metadata.get("kernelspec", {}))))
    for place, (cell, released) in enumerate(zip(worked.cells, release.cells, strict=True)):
        given = _as_given(place, keys[place], cell, released)
        plan.given.append(given)
        plan.by_name.setdefault(given.key, given)
        plan.by_name.setdefault(cell.id, given)
        plan.by_text.setdefault(given.text, []).append(given)
    tested = names_read_by(plan.of_kind("test"))
    for given in plan.of_kind("solution"):
        if given.is_code:
            plan.names[given] = tested & (given.look.binds or look_at(worked.cells[given.place].source).binds)
    asked = Counter(name for names in plan.names.values() for name in names)
    for given, names in plan.names.items():
        plan.names[given] = frozenset(name for name in names if asked[name] == 1)
        plan.definer.update(dict.fromkeys(plan.names[given], given))
    return plan


def _as_given(place: int, key: str, cell: NotebookNode, released: NotebookNode) -> Given:
    flags = nbgrader(cell)
    locked = any(flags.get(flag) for flag in ("grade", "locked", "task"))
    kind = "solution" if is_solution(cell) else "test" if is_test(cell) else "locked" if locked else "ordinary"
    source = cell.source if kind == "test" else released.source
    new = new_cell(cell.cell_type, cell.id, source, copy.deepcopy(dict(released.metadata)))
    if flags:
        new.metadata["nbgrader"] = NotebookNode(flags, cell_type=cell.cell_type)
        new.metadata["nbgrader"]["checksum"] = checksum(new)
    illustrates = cell.cell_type == "code" and kind == "ordinary" and "illustration" in tags(cell)
    return Given(place, key, kind, new, trimmed(released.source), illustrates)


def checksum(cell: NotebookNode) -> str:
    """What nbgrader.utils.compute_checksum says, by which it knows an answer that is still its stub.

    Made here, because nbgrader takes longer to import than a submission to be graded.
    """
    flags = cell.metadata["nbgrader"]
    grade, solution = bool(flags.get("grade")), bool(flags.get("solution"))
    locked = not solution and (grade or flags.get("locked", False))
    parts = [cell.source, cell.cell_type, grade, solution, locked, flags["grade_id"]]
    if grade:
        parts.append(float(flags["points"]))
    return hashlib.md5("".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()


def new_cell(cell_type: str, cell_id: str, source: str, metadata: dict) -> NotebookNode:
    """A cell of nbformat 4.5 without outputs; unlike nbformat's own new_code_cell it takes no time to validate it."""
    cell = {"cell_type": cell_type, "id": cell_id, "metadata": metadata, "source": source}
    if cell_type == "code":
        cell.update(execution_count=None, outputs=[])
    return nbformat.from_dict(cell)
