"""A gradable notebook out of whatever came: the lesson's own cells, with the student's cells laid in.

Locked cells, tests, metadata and flags are the course's; of a submission only the text of its cells counts. Its cells
are recognised by grade_id, then id, then the names they define, then likeness, then place. They keep the student's
order, with as few changes as it takes that every answer is there when its test is reached: an answer that stands
somewhere else counts, and a stub never overwrites one.
"""

from __future__ import annotations

import ast
import copy
import textwrap
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.lesson_plan import Given, Plan, new_cell, plan_of
from autograder.repairs import METADATA, Repairs, sentences
from autograder.run_order import Item, arranged, mark_skipped, original
from autograder.static_look import (
    alias_name,
    first_line,
    is_import,
    look_at,
    names_bound_by,
    names_bound_in,
    names_read_by,
)
from autograder.student_cells import StudentCell, recognised_cells


@dataclass(frozen=True)
class Rebuilt:
    """notebook: valid and gradable in any case; repairs: for the instructor, a sentence each."""

    notebook: NotebookNode
    repairs: list[str]


def rebuild(submitted: NotebookNode | None, worked: NotebookNode, release: NotebookNode) -> Rebuilt:
    """Lay what a student handed in into the lesson.

    submitted: anything that was read from a file, of nbformat 4; None where there was no notebook
    worked   : the lesson's notebook in solutions/
    release  : the lesson's notebook in notebooks/
    returns: a notebook without outputs whose cells with a grade_id are exactly those of `worked`, and in whose
        metadata["autograder"] stand "repairs" and, where there was nothing to grade, why: "problem"
    raises : CourseError if `release` was not made from `worked`; nothing because of what is in `submitted`
    """
    plan = plan_of(worked, release)
    try:
        return _rebuild(submitted, plan)
    except Exception as error:  # a student's file must never stop a class from being graded
        problem = f"its cells could not be laid into the lesson ({type(error).__name__}): look at it by hand"
        return _written(plan, arranged(plan, [], {}, []), [("", problem)], problem)


def gradable(submitted: NotebookNode | None, worked: NotebookNode, release: NotebookNode) -> Rebuilt:
    """Like rebuild, and no program that shows the notebook runs what a student wrote into its texts."""
    rebuilt = rebuild(submitted, worked, release)
    given, found = {cell.source for cell in worked.cells}, False
    for cell in rebuilt.notebook.cells:
        if cell.cell_type == "markdown" and cell.source not in given:
            from autograder.markdown import harmless_markdown  # half a second to load

            harmless = harmless_markdown(cell.source, cell.get("attachments", {}))
            found |= harmless != cell.source
            cell.source = harmless
    if found:
        what = "a text holds HTML, a link or a picture that pages do not show: it is there as it was written"
        rebuilt.notebook.metadata[METADATA].repairs.append(what)
    return rebuilt


def _rebuild(submitted: Any, plan: Plan) -> Rebuilt:
    cells, repairs, problem = recognised_cells(submitted, plan)
    line, tests = _laid_in(plan, cells, repairs)
    return _written(plan, arranged(plan, line, tests, repairs), repairs, problem)


def _laid_in(plan: Plan, cells: list[StudentCell], repairs: Repairs) -> tuple[list[Item], dict[Given, Item | None]]:
    """All but the tests, in the student's order, and for each test that was handed in what it stands behind."""
    line: list[Item] = []
    tests: dict[Given, Item | None] = {}
    copies = defaultdict(list)
    for cell in cells:
        copies[cell.given].append(cell)
    own = copies.pop(None, [])
    repairs += _said_of_cells(copies, own)
    counting = {given: _counting(plan, given, found) for given, found in copies.items()}
    needed = _needed(plan, cells).union(plan.definer)
    for cell in cells:
        given = cell.given
        counts = given is not None and cell is counting[given]
        is_test = given is not None and given.kind == "test"
        if given is None or (is_test and cell.edited and not counts):
            line.append(_extra(cell))
        elif is_test or given.kind == "locked":
            added = _additions(cell, given, needed if is_test else None) if cell.edited else []
            line += [original(given)] if counts and not is_test else []
            line += added
            if counts and is_test:
                tests[given] = line[-1] if line else None
            if cell.edited and counts:
                repairs += _said_of_edit(given, added)
        elif counts:
            line.append(_counted(cell, given))
        # Of an exercise an empty copy is dropped, which would undo an answer; of other code an unchanged copy stays.
        elif cell.is_answer if given.kind == "solution" else cell.edited or (given.is_code and not given.illustrates):
            line.append(_extra(cell))
    return line, tests


def _counted(cell: StudentCell, given: Given) -> Item:
    """The copy of a solution or an ordinary cell that counts."""
    if not cell.edited:
        return original(given)
    if given.kind == "solution" and given.is_code and not cell.is_answer and not cell.look.binds:
        return original(given)
    looked = cell.look if given.is_code else None
    answered = given.kind == "solution" and cell.is_answer
    pictures = {} if given.is_code else cell.pictures
    return Item(cell.source, given.cell.cell_type, given, given, answered, pictures=pictures, looked=looked)


def _extra(cell: StudentCell) -> Item:
    """A cell of the student's own. Raw text would pass into an HTML page as it is, so it becomes Markdown."""
    is_answer = cell.given is not None and cell.given.kind == "solution" and cell.given.is_code
    cell_type = "code" if cell.is_code or is_answer else "markdown"
    return Item(cell.source, cell_type, copy_of=cell.given, pictures=cell.pictures, looked=cell.look)


def _counting(plan: Plan, given: Given, copies: list[StudentCell]) -> StudentCell | None:
    """Which of several copies of a cell counts: of solutions the last one that was edited."""
    if given.kind in ("test", "locked"):
        same = [cell for cell in copies if not cell.edited]
        return (same or copies)[-1 if given.kind == "test" else 0]
    if given.kind == "ordinary":
        fitting = [cell for cell in copies if not cell.edited or cell.cell_type == given.cell.cell_type]
        return ([cell for cell in fitting if cell.edited] or fitting[:1] or [None])[-1]
    answers = [cell for cell in copies if cell.is_answer]
    defining = [cell for cell in answers if given in plan.exercises(cell.look)]
    chosen = (defining or answers or copies)[-1 if answers else 0]
    # An answer below an untouched stub, in a cell that does not say that it is the exercise, stays a cell of its own.
    return chosen if copies[0].edited or given.key in chosen.names or given.cell.id in chosen.names else copies[0]


def _needed(plan: Plan, cells: list[StudentCell]) -> frozenset[str]:
    """Names that the student's own code reads and that nothing but an edited test can bind."""
    own = [
        cell for cell in cells if cell.edited and (cell.is_code if cell.given is None else cell.given.kind != "test")
    ]
    return names_read_by(own) - names_bound_by(own) - names_bound_by(plan.of_kind("locked", "ordinary"))


def _additions(cell: StudentCell, given: Given, needed: frozenset[str] | None) -> list[Item]:
    """What a student added to a cell that is locked, as a cell of its own.

    The original is back and what she changed in it is gone: it is the same for everybody, and tests rely on it. But
    her answers may use an import or a function that she added. So those statements are kept that bind only names
    which the original does not; none of them can undo it. A test is changed to experiment, so there it takes a name
    that is needed elsewhere. Locked prose is kept whole, below the original: it can do no harm, and may be an answer.

    needed: names without one of which nothing is kept; None: keep any
    """
    if not given.is_code:
        return [Item(cell.source, "markdown", pictures=cell.pictures)]
    theirs, lines, kept, binds = look_at(given.text).binds, cell.source.split("\n"), [], set()
    for statement in cell.look.statements or []:
        names = names_bound_in(statement)
        if ast.dump(statement) in given.dumps:
            continue
        if is_import(statement) and names - theirs:
            new = [alias for alias in statement.names if alias_name(alias) not in theirs]
            statement = copy.copy(statement)
            statement.names = new
            kept.append(ast.unparse(statement))
        elif names and not names & theirs:
            kept.append(_as_written(statement, lines))
        else:
            continue
        binds |= names - theirs
    if not kept or (needed is not None and not binds & needed):
        return []
    return [Item("\n".join(kept), "code")]


def _as_written(statement: ast.stmt, lines: list[str]) -> str:
    """A statement's own lines with their comments, or only what it says if it shares them with another one."""
    text = textwrap.dedent("\n".join(lines[first_line(statement) : statement.end_lineno]))
    is_alone = [ast.dump(each) for each in look_at(text).statements or []] == [ast.dump(statement)]
    return text if is_alone else ast.unparse(statement)


def _said_of_cells(copies: dict[Given, list[StudentCell]], own: list[StudentCell]) -> Repairs:
    """What an instructor should know about the cells that came. own: those that are none of the lesson's"""
    found = []
    if any(cell.flags for cells in [*copies.values(), own] for cell in cells):
        found += [said for given, cells in copies.items() for said in _said_of(given, cells)]
    elif copies or own:
        found.append(("", "nbgrader's metadata was lost: cells were recognised by their ids and by what they hold"))
    if any(cell.flags.get("grade") or cell.flags.get("solution") for cell in own):
        found.append(("", "a cell that is none of the lesson's was flagged as graded: it is an ordinary one now"))
    return found


def _said_of(given: Given, copies: list[StudentCell]) -> Repairs:
    """What should be known about the copies of one cell of the lesson."""
    found, own = [], given.cell.metadata.get("nbgrader", {})
    flags = next((cell.flags for cell in copies if cell.flags.get("grade_id") == given.key), {})
    changed = [
        flag
        for flag in ("points", "grade", "solution", "locked", "task", "schema_version")
        if flag in flags and flag in own and flags[flag] != own[flag]
    ]
    grade_ids = {cell.flags.get("grade_id") for cell in copies if isinstance(cell.flags.get("grade_id"), str)}
    if given.kind != "ordinary" and given.key not in grade_ids and not any(cell.part for cell in copies):
        found.append(f"came with {'another' if grade_ids else 'no'} grade_id and was recognised by what it holds")
    if changed:
        found.append(f"came with other {', '.join(changed)} and has the lesson's again")
    if all(cell.cell_type != given.cell.cell_type for cell in copies):
        found.append(f"came as a {copies[-1].cell_type} cell and is a {given.cell.cell_type} cell again")
    if len(copies) > 1 and given.kind != "ordinary":
        rule = "the last copy that was edited counts" if given.kind == "solution" else "once is enough"
        found.append(f"was there more than once: {rule}")
    return [(given.key, what) for what in found]


def _said_of_edit(given: Given, added: list[Item]) -> Repairs:
    what = "what others may need of the edit stands in a cell of its own" if added else "the edit is dropped"
    return [
        (given.key, f"is {'a test' if given.kind == 'test' else 'locked'} and was edited: the original is back, {what}")
    ]


def _written(plan: Plan, line: list[Item], repairs: Repairs, problem: str) -> Rebuilt:
    mark_skipped(line)
    taken = {given.cell.id for given in plan.given}
    free = (name for n in range(1, len(line) + len(taken) + 1) if (name := f"extra-{n}") not in taken)
    cells = []
    for item in line:
        if item.given:
            cell = new_cell(item.cell_type, item.given.cell.id, item.source, item.given.cell.metadata)
        else:
            cell = new_cell(item.cell_type, next(free), item.source, {})
        if item.skip:
            cell.metadata[METADATA] = NotebookNode(skip=True)
        if item.pictures:
            cell["attachments"] = nbformat.from_dict(item.pictures)
        cells.append(cell)
    said = sentences(repairs)
    metadata = {"kernelspec": plan.kernelspec, METADATA: {"repairs": said, "problem": problem}}
    metadata = nbformat.from_dict(metadata)  # a copy, as is each cell
    return Rebuilt(NotebookNode(cells=cells, metadata=metadata, nbformat=4, nbformat_minor=5), said)
