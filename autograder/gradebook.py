"""The gradebook, which is nbgrader's own: what stands in it, and one transaction for each submission that is graded.

A Writer leaves in it what `nbgrader generate_assignment` and `nbgrader autograde` leave.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, case, inspect, select, text, true

from autograder.configuration import COURSE_ID, nbgrader_config
from autograder.course import Course, CourseError, StopError
from autograder.gradebook_connection import (
    gradebook_errors_explained,
    gradebook_place,
    gradebook_url,
    open_engine,
    patiently,
    upgrade,
)
from autograder.graded_notebook import Grades
from autograder.lesson_entry import Entered, enter
from autograder.standings import (
    Mark,
    Standing,
    due,
    find,
    grades,
    lessons,
    opened,
    read_grades,
    rows_of,
    score,
    standing,
    standings,
)

__all__ = [
    "Entered",
    "Standing",
    "Writer",
    "gradebook_errors_explained",
    "gradebook_place",
    "lessons",
    "opened",
    "read_grades",
    "standings",
]

_NO_RESPONSE = "No response."


class Written(NamedTuple):
    """What stands in the gradebook of a submission that was entered just now. grades: for its page"""

    standing: Standing
    grades: Grades


class Writer:
    """Writes into a class's gradebook, which it makes where there is none. To be closed, or used with `with`.

    Each method is one transaction: what is killed or fails in between has changed nothing. Each waits half a minute
    for another program that keeps the gradebook locked. All raise CourseError: StopError where it is the gradebook that
    cannot be used, so that there is no use in going on.
    """

    def __init__(self, course: Course):
        from nbgrader import api
        from nbgrader.preprocessors import AssignLatePenalties
        from traitlets import TraitError

        self._course, self._tables = course, _Tables(api)
        try:
            self._penalties = AssignLatePenalties(config=nbgrader_config(course))
        except (ImportError, TraitError) as error:
            raise CourseError(f"nbgrader_config.py does not work: {error}") from None
        if gradebook_url(course).get_backend_name() == "sqlite":
            Path(gradebook_url(course).database).parent.mkdir(parents=True, exist_ok=True)
        self._engine = open_engine(course, writing=True)
        self._connected = False
        self._do(lambda connection: _make(connection, course))
        self._connected = True

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        self._engine.dispose()

    def enter(self, lesson: str) -> Entered:
        """Enter a lesson as `nbgrader generate_assignment` does, or its present cells in the place of earlier ones."""
        return enter(self._course, lesson, self._do)

    def record(self, student: str, lesson: str, cells: list[dict], timestamp: str | datetime | None = None) -> Written:
        """Enter what came of a submission as `nbgrader autograde` does.

        cells    : those of the graded notebook that have nbgrader's metadata
        timestamp: when it was handed in, as in timestamp.txt; None or "" leaves what stands there
        """
        scores, remarks = _results(cells)
        handed_in = _date(timestamp)
        return self._do(lambda c: self._record(c, student, lesson, scores, remarks, handed_in))

    def redate(self, student: str, lesson: str, timestamp: str | datetime | None = None) -> Written:
        """Enter when a graded submission was handed in, or take note of a new date until which it had to be.

        timestamp: as for record
        """
        handed_in = _date(timestamp)
        return self._do(lambda c: self._redate(c, student, lesson, handed_in))

    def _do(self, work):
        def transaction():
            with self._engine.begin() as connection:
                return work(connection)

        return patiently(self._course, transaction, connected=self._connected)

    def _record(self, connection: Connection, student: str, lesson: str, scores: dict, remarks: dict, handed_in):
        found, tables = find(connection, student, lesson), self._tables
        if found is None:
            raise CourseError(f"the gradebook does not have the lesson {lesson}: grade again")
        submission, submitted, timestamp = found.submission, found.submitted, handed_in or found.timestamp
        if found.student is None:
            connection.execute(tables.student.insert(), {"id": student})
        if submission is None:
            row = {"assignment_id": found.assignment, "student_id": student, "timestamp": timestamp}
            submission = connection.execute(tables.submission.insert(), row).inserted_primary_key[0]
        if submitted is None:
            row = {"notebook_id": found.notebook, "assignment_id": submission}
            submitted = connection.execute(tables.submitted.insert(), row).inserted_primary_key[0]
        self._put(connection, found, submitted, scores, remarks)
        return self._settle(connection, student, found, submission, submitted, timestamp)

    def _put(self, connection: Connection, found, submitted: str, scores: dict, remarks: dict) -> None:
        """Set what the tests gave, in rows that are there or in new ones."""
        tables = self._tables
        marks, comments = rows_of(connection, found.notebook, found.submitted)
        given, unknown = _by_cell(marks, "GradeCell", scores)
        said, unknown_too = _by_cell(comments, "SolutionCell", remarks)
        if unknown or unknown_too:
            names = ", ".join(sorted({*unknown, *unknown_too}))
            raise CourseError(f"the gradebook does not know {names} of it: grade again")
        changes = [(tables.mark, [{"row": m.grade, "auto": given[m.id]} for m in marks if m.grade and m.id in given])]
        new = [
            {
                "cell_id": row.id,
                "notebook_id": submitted,
                "auto_score": given.get(row.id),
                "needs_manual_grade": given.get(row.id) is None,
            }
            for row in marks
            if not row.grade
        ]
        changes.append((tables.grade.insert(), new))
        old = [{"row": row.comment, "auto": said[row.id]} for row in comments if row.comment and row.id in said]
        changes.append((tables.remark, old))
        new = [
            {"cell_id": row.id, "notebook_id": submitted, "auto_comment": said.get(row.id)}
            for row in comments
            if not row.comment
        ]
        changes.append((tables.comment.insert(), new))
        for statement, rows in changes:
            if rows:
                connection.execute(statement, rows)

    def _redate(self, connection: Connection, student: str, lesson: str, handed_in: datetime | None) -> Written:
        found = find(connection, student, lesson)
        if found is None or found.submitted is None:
            raise CourseError("the gradebook does not have it: grade it again")
        timestamp = handed_in or found.timestamp
        return self._settle(connection, student, found, found.submission, found.submitted, timestamp)

    def _settle(
        self, connection: Connection, student: str, found, submission: str, submitted: str, timestamp: datetime | None
    ) -> Written:
        """Set when it was handed in, and the late penalty by what now stands there."""
        if found.submission and timestamp != found.timestamp:
            connection.execute(self._tables.date, {"row": submission, "timestamp": timestamp})
        rows, comments = rows_of(connection, found.notebook, submitted)
        answers = {row.name for row in comments if row.type == "SolutionCell"}
        marks = [
            Mark(
                row.name,
                row.type,
                row.name in answers,
                row.auto_score,
                row.manual_score,
                row.extra_credit,
                row.needs_manual_grade,
            )
            for row in rows
        ]
        date = due(found.duedate, found.extension)
        penalty = self._penalty(student, score(marks), timestamp, date)
        if penalty != found.penalty:
            connection.execute(self._tables.penalty, {"row": submitted, "penalty": penalty})
        remarks = [(row.name, row.manual_comment) for row in comments]
        now = standing(submission, timestamp, date, penalty or 0.0, marks, remarks)
        return Written(now, grades(rows, comments, penalty, timestamp))

    def _penalty(self, student: str, points: float, handed_in: datetime | None, due: datetime | None) -> float | None:
        """What nbgrader's AssignLatePenalties with the configured plugin takes off; None for nothing."""
        if handed_in is None or due is None or handed_in <= due:
            return None
        plugin = self._penalties.plugin_class(parent=self._penalties)
        try:
            penalty = plugin.late_submission_penalty(student, points, (handed_in - due).total_seconds())
            if penalty is not None:
                penalty = float(self._penalties._check_late_penalty(SimpleNamespace(score=points), penalty))
        except Exception as error:  # it is the course's own
            name = type(plugin).__name__
            raise CourseError(
                f"the plugin {name} for late penalties failed: {error!r}: mend it, then grade again"
            ) from error
        return penalty


class _Tables:
    """nbgrader's tables, with its own defaults for what is not given, and what is done with them again and again."""

    def __init__(self, api):
        self.student, self.submission = api.Student.__table__, api.SubmittedAssignment.__table__
        self.submitted = api.SubmittedNotebook.__table__
        self.grade, self.comment = api.Grade.__table__, api.Comment.__table__
        grade, row = self.grade.c, bindparam("row")
        auto = bindparam("auto", type_=grade.auto_score.type)
        needs = case((grade.manual_score.is_not(None), true()), else_=auto.is_(None))
        self.mark = self.grade.update().where(grade.id == row).values(auto_score=auto, needs_manual_grade=needs)
        self.remark = self.comment.update().where(self.comment.c.id == row).values(auto_comment=bindparam("auto"))
        self.date = self.submission.update().where(self.submission.c.id == row).values(timestamp=bindparam("timestamp"))
        self.penalty = (
            self.submitted.update()
            .where(self.submitted.c.id == row)
            .values(late_submission_penalty=bindparam("penalty"))
        )


def _make(connection: Connection, course: Course) -> None:
    """Make what a gradebook needs, as nbgrader does, but all at once."""
    from nbgrader.api import Assignment, Base
    from nbgrader.api import Course as CourseRow

    look = inspect(connection)
    names = set(look.get_table_names())
    if names and names.isdisjoint(Base.metadata.tables):
        raise StopError(f"{gradebook_place(course)} holds other tables and no gradebook: name a database of its own")
    if "alembic_version" in names or ("assignment" in names and connection.execute(select(Assignment.id)).first()):
        found = {
            name: {column["name"] for column in columns} for (_, name), columns in look.get_multi_columns().items()
        }
        if any(not found.get(name, set()).issuperset(t.columns.keys()) for name, t in Base.metadata.tables.items()):
            raise StopError(upgrade(course))
    else:
        from alembic.script import ScriptDirectory
        from nbgrader.dbutil import ALEMBIC_DIR

        Base.metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        version = ScriptDirectory(ALEMBIC_DIR).get_current_head()
        connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:version)"), {"version": version})
    if connection.execute(select(CourseRow.id).where(CourseRow.id == COURSE_ID)).first() is None:
        connection.execute(CourseRow.__table__.insert(), {"id": COURSE_ID})


def _by_cell(rows: list, preferred: str, values: dict[str, object]) -> tuple[dict[str, object], set[str]]:
    """Values by the id of their cell instead of its name, and the names of which there is no cell.

    preferred: the kind that counts where two cells have one name, as for nbgrader
    """
    ids = {row.name: row.id for row in sorted(rows, key=lambda row: row.type == preferred)}
    return {ids[name]: value for name, value in values.items() if name in ids}, values.keys() - ids.keys()


def _results(cells: list[dict]) -> tuple[dict[str, float | None], dict[str, str | None]]:
    """What nbgrader's SaveAutoGrades makes of a graded notebook's cells: points and comments by grade_id.

    raises: CourseError
    """
    from nbgrader import utils

    scores, remarks = {}, {}
    kinds = "grade", "solution", "task"
    for cell in (_node(cell) for cell in cells if any(map(cell["metadata"]["nbgrader"].get, kinds))):
        name = cell.metadata.nbgrader.get("grade_id", "")
        try:
            if utils.is_grade(cell):
                points, _ = utils.determine_grade(cell)
                scores[name] = None if points is None else float(points)
            if utils.is_solution(cell) or utils.is_task(cell):
                same = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
                remarks[name] = _NO_RESPONSE if same and not utils.is_task(cell) else None
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise CourseError(f"nbgrader has no points for {name}: {error}") from error
    return scores, remarks


def _node(cell: dict):
    """What counts of a cell, as nbformat would read it: a text may be a list of lines in a notebook's file."""
    from nbformat import from_dict

    outputs = []
    for output in cell.get("outputs", ()):
        kept = {key: output[key] for key in ("output_type", "name") if key in output}
        if output.get("output_type") == "execute_result":
            kept["data"] = {"text/plain": _joined(output["data"].get("text/plain"))}
        outputs.append(kept)
    flags = dict(cell["metadata"].get("nbgrader", {}))
    kept = {"source": _joined(cell["source"]), "metadata": {"nbgrader": flags}, "outputs": outputs}
    return from_dict({"cell_type": cell["cell_type"], **kept})


def _joined(text):
    return "".join(text) if isinstance(text, list) else text


def _date(timestamp: str | datetime | None) -> datetime | None:
    """As nbgrader understands it, in UTC. raises: CourseError"""
    from nbgrader.utils import parse_utc

    timestamp = timestamp.strip() if isinstance(timestamp, str) else timestamp
    try:
        return parse_utc(timestamp) if timestamp else None
    except Exception as error:  # of dateutil's
        raise CourseError(f"timestamp.txt holds no date but {timestamp[:40]!r}: mend it, then grade again") from error
