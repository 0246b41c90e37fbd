"""What stands in the gradebook, read without nbgrader, which takes a second and a half to import."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import fsum
from typing import NamedTuple, TypeVar

from sqlalchemy import (
    Connection,
    DateTime,
    Engine,
    Interval,
    and_,
    bindparam,
    column,
    func,
    inspect,
    select,
    table,
)

from autograder.course import Course, CourseError
from autograder.gradebook_connection import (
    gradebook_errors_explained,
    gradebook_place,
    has_gradebook,
    open_engine,
    patiently,
)
from autograder.graded_notebook import Grades, Score

Result = TypeVar("Result")


@dataclass(frozen=True)
class Standing:
    """How one submission stands in the gradebook.

    id       : of its row, which another gradebook does not have
    points   : after the late penalty, at least 0
    by_hand  : whether something in it waits for a person to grade it
    ungraded : the tests that have no points and get none by hand
    auto     : the sum of what the tests gave
    handed_in: UTC, None where that is not known
    due      : UTC, with the student's extension, None where the lesson has no date
    penalty  : points off for being late
    by_person: a digest of points, extra points and comments that somebody gave by hand, "" if nobody did
    """

    id: str
    points: float
    by_hand: bool
    ungraded: tuple[str, ...]
    auto: float
    handed_in: datetime | None
    due: datetime | None
    penalty: float
    by_person: str


class Mark(NamedTuple):
    """A graded cell's points in a submission. kind: GradeCell or TaskCell; both: whether it is an answer as well"""

    name: str
    kind: str
    both: bool
    auto: float | None
    manual: float | None
    extra: float | None
    needs: bool

    @property
    def score(self) -> float:
        given = self.auto if self.manual is None else self.manual
        return 0.0 if given is None else given + (self.extra or 0.0)


def standings(course: Course) -> dict[tuple[str, str], Standing]:
    """How each (student, lesson) stands, {} where there is no gradebook yet. raises: CourseError"""
    return _read(course, _standings) or {}


def lessons(course: Course) -> dict[str, float]:
    """The lessons that have been entered, with the points of each, {} where there is no gradebook yet.

    raises: CourseError
    """
    return _read(course, points_of_lessons) or {}


@contextmanager
def opened(course: Course) -> Iterator[Engine]:
    """The gradebook, to read from it. raises: CourseError if there is none, or it cannot be opened"""
    if not has_gradebook(course):
        raise CourseError(f"there is no gradebook {gradebook_place(course)}: run `autograder grade`")
    engine = open_engine(course)
    try:
        with gradebook_errors_explained(course), engine.begin() as connection:
            connection.execute(select(_assignment.c.id).limit(1)).all()
        yield engine
    finally:
        engine.dispose()


def read_grades(course: Course, engine: Engine, student: str, lesson: str) -> Grades:
    """What an opened gradebook says of one submission. raises: CourseError, also if it says nothing"""

    def read() -> Grades:
        with engine.begin() as connection:
            return grades_of(connection, student, lesson)

    return patiently(course, read)


def _read(course: Course, read: Callable[[Connection], Result]) -> Result | None:
    if not has_gradebook(course):
        return None
    engine = open_engine(course)

    def try_to_read() -> Result | None:
        with engine.begin() as connection:
            return read(connection) if inspect(connection).get_table_names() else None

    try:
        return patiently(course, try_to_read)
    finally:
        engine.dispose()


_assignment = table("assignment", column("id"), column("name"), column("duedate", DateTime))
_notebook = table("notebook", column("id"), column("name"), column("assignment_id"))
_base_cell = table("base_cell", column("id"), column("name"), column("type"), column("notebook_id"))
_grade_cell = table("grade_cells", column("id"), column("max_score"))
_task_cell = table("task_cells", column("id"), column("max_score"))
_student = table("student", column("id"))
_submission = table(
    "submitted_assignment",
    column("id"),
    column("assignment_id"),
    column("student_id"),
    column("timestamp", DateTime),
    column("extension", Interval),
)
_submitted = table(
    "submitted_notebook", *map(column, ("id", "assignment_id", "notebook_id", "late_submission_penalty"))
)
_grade = table(
    "grade",
    *map(column, ("id", "cell_id", "notebook_id", "auto_score", "manual_score", "extra_credit", "needs_manual_grade")),
)
_comment = table("comment", *map(column, ("id", "cell_id", "notebook_id", "manual_comment")))

_graded = _base_cell.outerjoin(_grade_cell, _grade_cell.c.id == _base_cell.c.id).outerjoin(
    _task_cell, _task_cell.c.id == _base_cell.c.id
)
_possible = func.coalesce(_grade_cell.c.max_score, _task_cell.c.max_score, 0.0).label("possible")
_cell = (_base_cell.c.id, _base_cell.c.name, _base_cell.c.type)
_given = (_grade.c.auto_score, _grade.c.manual_score, _grade.c.extra_credit, _grade.c.needs_manual_grade)

_LESSONS = (
    select(_assignment.c.name, func.coalesce(func.sum(_possible), 0.0))
    .select_from(
        _assignment.outerjoin(_notebook, _notebook.c.assignment_id == _assignment.c.id).outerjoin(
            _graded, _base_cell.c.notebook_id == _notebook.c.id
        )
    )
    .group_by(_assignment.c.name)
)
_CELLS = select(*_cell, _base_cell.c.notebook_id)
SUBMITTED = select(_submitted.c.id, _submitted.c.assignment_id, _submitted.c.late_submission_penalty)
_GRADES = select(_grade.c.cell_id, _grade.c.notebook_id, *_given)
_COMMENTS = select(_comment.c.cell_id, _comment.c.notebook_id, _comment.c.manual_comment).where(
    _comment.c.manual_comment.is_not(None)
)
SUBMISSIONS = select(
    _submission.c.id,
    _submission.c.student_id,
    _assignment.c.name,
    _submission.c.timestamp,
    _assignment.c.duedate,
    _submission.c.extension,
).join_from(_submission, _assignment, _assignment.c.id == _submission.c.assignment_id)

# Of one submission. nbgrader's tables have indexes by cell and then submission: so one begins with the cells.
_FIND = (
    select(
        _assignment.c.id.label("assignment"),
        _assignment.c.duedate,
        _notebook.c.id.label("notebook"),
        _student.c.id.label("student"),
        _submission.c.id.label("submission"),
        _submission.c.timestamp,
        _submission.c.extension,
        _submitted.c.id.label("submitted"),
        _submitted.c.late_submission_penalty.label("penalty"),
    )
    .select_from(
        _assignment.join(_notebook, _notebook.c.assignment_id == _assignment.c.id)
        .outerjoin(_student, _student.c.id == bindparam("student"))
        .outerjoin(
            _submission,
            and_(_submission.c.assignment_id == _assignment.c.id, _submission.c.student_id == bindparam("student")),
        )
        .outerjoin(
            _submitted,
            and_(_submitted.c.notebook_id == _notebook.c.id, _submitted.c.assignment_id == _submission.c.id),
        )
    )
    .where(_assignment.c.name == bindparam("lesson"), _notebook.c.name == bindparam("lesson"))
)
_MARKS = (
    select(*_cell, _possible, _grade.c.id.label("grade"), *_given)
    .select_from(
        _graded.outerjoin(
            _grade, and_(_grade.c.cell_id == _base_cell.c.id, _grade.c.notebook_id == bindparam("submitted"))
        )
    )
    .where(_base_cell.c.notebook_id == bindparam("notebook"), _base_cell.c.type.in_(["GradeCell", "TaskCell"]))
)
_REMARKS = (
    select(*_cell, _comment.c.id.label("comment"), _comment.c.manual_comment)
    .select_from(
        _base_cell.outerjoin(
            _comment, and_(_comment.c.cell_id == _base_cell.c.id, _comment.c.notebook_id == bindparam("submitted"))
        )
    )
    .where(_base_cell.c.notebook_id == bindparam("notebook"), _base_cell.c.type.in_(["SolutionCell", "TaskCell"]))
)


def points_of_lessons(connection: Connection) -> dict[str, float]:
    return {name: float(points) for name, points in connection.execute(_LESSONS)}


def find(connection: Connection, student: str, lesson: str):
    """A row with the ids of all that belongs to a submission, None for what there is not yet; None without the lesson.

    assignment, duedate, notebook, student, submission, timestamp, extension, submitted, penalty
    """
    return connection.execute(_FIND, {"student": student, "lesson": lesson}).one_or_none()


def rows_of(connection: Connection, notebook: str, submitted: str | None) -> tuple[list, list]:
    """The lesson's graded cells and those that have comments, each with what a submission has got for it.

    Without grade or comment where it has no row for that.
    """
    which = {"notebook": notebook, "submitted": submitted}
    return connection.execute(_MARKS, which).all(), connection.execute(_REMARKS, which).all()


def grades_of(connection: Connection, student: str, lesson: str) -> Grades:
    """raises: CourseError if the gradebook does not have it"""
    found = find(connection, student, lesson)
    if found is None or found.submitted is None:
        raise CourseError("the gradebook does not have it: grade it again")
    return grades(*rows_of(connection, found.notebook, found.submitted), found.penalty, found.timestamp)


def grades(marks: list, remarks: list, penalty: float | None, handed_in: datetime | None) -> Grades:
    """marks, remarks: as `rows_of` returns them"""
    scores = {
        row.name: Score(row.possible, row.auto_score, row.manual_score, row.extra_credit or 0.0)
        for row in marks
        if row.grade is not None
    }
    # Of nbgrader's own comments there is one: "No response."
    comments = {row.name: row.manual_comment for row in remarks if (row.manual_comment or "").strip()}
    return Grades(scores, comments, penalty or 0.0, handed_in)


def _standings(connection: Connection) -> dict[tuple[str, str], Standing]:
    cells = {cell.id: cell for cell in connection.execute(_CELLS)}
    answers = {(cell.notebook_id, cell.name) for cell in cells.values() if cell.type == "SolutionCell"}
    owner, penalties = {}, defaultdict(float)
    for submitted, submission, penalty in connection.execute(SUBMITTED):
        owner[submitted] = submission
        penalties[submission] += penalty or 0.0
    marks, remarks = defaultdict(list), defaultdict(list)
    for cell_id, submitted, *given in connection.execute(_GRADES):
        if (cell := cells.get(cell_id)) and submitted in owner:
            both = (cell.notebook_id, cell.name) in answers
            marks[owner[submitted]].append(Mark(cell.name, cell.type, both, *given))
    for cell_id, submitted, comment in connection.execute(_COMMENTS):
        if cell_id in cells and submitted in owner:
            remarks[owner[submitted]].append((cells[cell_id].name, comment))
    return {
        (student, lesson): standing(id, timestamp, due(date, extension), penalties[id], marks[id], remarks[id])
        for id, student, lesson, timestamp, date, extension in connection.execute(SUBMISSIONS)
    }


def standing(
    id: str,
    handed_in: datetime | None,
    due: datetime | None,
    penalty: float,
    marks: list[Mark],
    remarks: list[tuple[str, str | None]],
) -> Standing:
    """remarks: comments by hand, each with its cell's name"""
    ungraded = [
        mark.name
        for mark in marks
        if mark.auto is None and mark.manual is None and mark.kind == "GradeCell" and not mark.both
    ]
    given = [(mark.name, mark.manual, mark.extra) for mark in marks if (mark.manual, mark.extra) != (None, None)]
    said = [(name, comment) for name, comment in remarks if (comment or "").strip()]
    by_person = hashlib.sha256(repr((sorted(given, key=str), sorted(said))).encode()).hexdigest()[:16]
    return Standing(
        id,
        max(0.0, score(marks) - penalty),
        any(mark.needs for mark in marks),
        tuple(sorted(ungraded)),
        fsum(mark.auto for mark in marks if mark.auto is not None),
        handed_in,
        due,
        penalty,
        by_person if given or said else "",
    )


def score(marks: list[Mark]) -> float:
    """The sum of all points, which does not depend on their order."""
    return fsum(mark.score for mark in marks)


def due(date: datetime | None, extension: timedelta | None) -> datetime | None:
    """When it was to be handed in."""
    return date + extension if date and extension else date
