"""A lesson's cells in the gradebook: entered as nbgrader would, and changed where submissions have been graded.

nbgrader refuses to add or remove a cell then. Here what belongs to a removed cell goes, after a copy of the gradebook
has been made, added cells get their rows for each submission, and everything else stays.
"""

from __future__ import annotations

import io
import logging
import re
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, create_engine, delete, func, insert, or_, select, text, update

from autograder.configuration import nbgrader_config
from autograder.course import Course
from autograder.gradebook_backup import back_up
from autograder.standings import points_of_lessons

# Kinds of cells that have points, and kinds that have comments.
_GRADED, _COMMENTED = ("GradeCell", "TaskCell"), ("SolutionCell", "TaskCell")


@dataclass(frozen=True)
class Entered:
    """What became of a lesson.

    points : what can be earned in it
    problem: why it could not be entered and what to do about it; "" if it was
    said   : what happened to grades that were there, in one line; "" if nothing did
    log    : nbgrader's
    """

    points: float
    problem: str = ""
    said: str = ""
    log: str = ""


@dataclass
class _Notebook:
    """cells: by name and kind their points and type, {} for those of solutions; sources: by name"""

    kernelspec: str | None
    cells: dict[tuple[str, str], dict] = field(default_factory=dict)
    sources: dict[str, dict] = field(default_factory=dict)


@dataclass
class _Wanted:
    courses: list[dict]
    assignment: dict
    notebooks: dict[str, _Notebook]


def enter(course: Course, lesson: str, in_transaction: Callable) -> Entered:
    """Enter a lesson's cells.

    in_transaction: calls a function with a connection, perhaps again if another program is in its way
    raises        : CourseError
    """
    if not (course.solutions / lesson / f"{lesson}.ipynb").exists():
        return Entered(0, f"it has no worked notebook yet: run `autograder build {lesson}`, then grade again")
    wanted, log = _generated(course, lesson)
    if wanted is None:
        return Entered(0, f"nbgrader could not enter it into the gradebook: {last_error(log)}", log=log)

    def work(connection: Connection) -> Entered:
        said = _Entry(connection, course, lesson).make(wanted)
        return Entered(points_of_lessons(connection)[lesson], said=said, log=log)

    return in_transaction(work)


def last_error(log: str) -> str:
    """The last error in nbgrader's log that says something, without its module."""
    errors = re.findall(r"^\s*(?:\w+\.)*(\w*(?:Error|Exception|Entry)\b.*)", log, re.MULTILINE)
    telling = [error for error in errors if "the above traceback" not in error]
    return telling[-1] if telling else "see its log"


def _generated(course: Course, lesson: str) -> tuple[_Wanted | None, str]:
    """What `nbgrader generate_assignment` writes into an empty gradebook, and its log; None if it fails."""
    from nbgrader.api import Base
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    log, logger = io.StringIO(), logging.Logger("generate_assignment")
    logger.addHandler(logging.StreamHandler(log))
    with tempfile.TemporaryDirectory() as folder:
        config = nbgrader_config(course)
        config.CourseDirectory.release_directory = str(Path(folder, "release"))
        config.CourseDirectory.db_url = f"sqlite:///{folder}/gradebook.db"
        engine = create_engine(config.CourseDirectory.db_url)
        Base.metadata.create_all(engine)
        try:
            coursedir = CourseDirectory(config=config, assignment_id=lesson)
            GenerateAssignment(coursedir=coursedir, config=config, force=True, log=logger).start()
            with engine.connect() as connection:
                return _read(connection, lesson), log.getvalue()
        except (Exception, SystemExit):
            return None, log.getvalue() + traceback.format_exc()
        finally:
            engine.dispose()


def _read(connection: Connection, lesson: str) -> _Wanted:
    tables = _Tables()
    assignment = (
        connection.execute(select(tables.assignment).where(tables.assignment.c.name == lesson)).mappings().one()
    )
    wanted = _Wanted([dict(row) for row in connection.execute(select(tables.course)).mappings()], dict(assignment), {})
    for row in tables.notebooks_of(connection, assignment["id"]):
        wanted.notebooks[row.name] = notebook = _Notebook(row.kernelspec)
        notebook.cells = {key: values for key, (_, values) in tables.cells_of(connection, row.id).items()}
        notebook.sources = {name: values for name, (_, values) in tables.sources_of(connection, row.id).items()}
    return wanted


class _Tables:
    """nbgrader's tables, and what they hold of a lesson."""

    def __init__(self):
        from nbgrader import api

        self.course, self.assignment, self.notebook = (
            each.__table__ for each in (api.Course, api.Assignment, api.Notebook)
        )
        self.base, self.source = api.BaseCell.__table__, api.SourceCell.__table__
        self.kinds = {kind: getattr(api, kind).__table__ for kind in ("GradeCell", "SolutionCell", "TaskCell")}
        self.submission, self.submitted = api.SubmittedAssignment.__table__, api.SubmittedNotebook.__table__
        self.grade, self.comment = api.Grade.__table__, api.Comment.__table__

    def notebooks_of(self, connection: Connection, assignment: str) -> list:
        return connection.execute(select(self.notebook).where(self.notebook.c.assignment_id == assignment)).all()

    def cells_of(self, connection: Connection, notebook: str) -> dict[tuple[str, str], tuple[str, dict]]:
        """By name and kind the id of each cell and what else its kind's table holds."""
        found = {}
        for kind, table in self.kinds.items():
            query = select(self.base.c.name, table).join_from(self.base, table, table.c.id == self.base.c.id)
            for row in connection.execute(query.where(self.base.c.notebook_id == notebook)).mappings():
                values = dict(row)
                found[values.pop("name"), kind] = (values.pop("id"), values)
        return found

    def sources_of(self, connection: Connection, notebook: str) -> dict[str, tuple[str, dict]]:
        query = select(self.source).where(self.source.c.notebook_id == notebook)
        found = {}
        for row in connection.execute(query).mappings():
            values = dict(row)
            found[values.pop("name")] = (values.pop("id"), values)
            del values["notebook_id"]
        return found


class _Entry:
    """One lesson's way into the gradebook, in a transaction of somebody else's."""

    def __init__(self, connection: Connection, course: Course, lesson: str):
        self.connection, self.course, self.lesson, self.tables = connection, course, lesson, _Tables()
        self.submissions: list[str] = []
        self.added: list[str] = []
        self.removed: list[str] = []
        self.changed: list[str] = []
        self.graded_by_hand: set[str] = set()

    def make(self, wanted: _Wanted) -> str:
        """Make the gradebook hold what is wanted; returns what happened to grades in one line, or ""."""
        tables, run = self.tables, self.connection.execute
        if self.connection.dialect.name == "postgresql":
            names = ", ".join(each.name for each in (tables.submission, tables.submitted, tables.grade, tables.comment))
            run(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))
        entered = set(run(select(tables.course.c.id)).scalars())
        for row in wanted.courses:
            if row["id"] not in entered:
                run(insert(tables.course), row)
        assignment = run(select(tables.assignment.c.id).where(tables.assignment.c.name == self.lesson)).scalar()
        if assignment is None:
            run(insert(tables.assignment), wanted.assignment)
            assignment = wanted.assignment["id"]
        query = select(tables.submission.c.id).where(tables.submission.c.assignment_id == assignment)
        self.submissions = list(run(query).scalars())
        notebooks = {row.name: row for row in tables.notebooks_of(self.connection, assignment)}
        backup = self._back_up_if_needed(notebooks, wanted)
        for name in notebooks.keys() - wanted.notebooks.keys():
            self._change(notebooks[name].id, _Notebook(None))
            run(delete(tables.submitted).where(tables.submitted.c.notebook_id == notebooks[name].id))
            run(delete(tables.notebook).where(tables.notebook.c.id == notebooks[name].id))
        for name, notebook in wanted.notebooks.items():
            if row := notebooks.get(name):
                id = row.id
                if row.kernelspec != notebook.kernelspec:
                    run(update(tables.notebook).where(tables.notebook.c.id == id), {"kernelspec": notebook.kernelspec})
            else:
                row = {"name": name, "assignment_id": assignment, "kernelspec": notebook.kernelspec}
                id = run(insert(tables.notebook), row).inserted_primary_key[0]
                self._insert(
                    tables.submitted, [{"notebook_id": id, "assignment_id": each} for each in self.submissions]
                )
            self._change(id, notebook)
        return self._said(backup) if backup else ""

    def _back_up_if_needed(self, notebooks: dict, wanted: _Wanted) -> Path | None:
        """A copy of the gradebook, if submissions have been graded with other cells than those that are wanted."""
        found = {
            name: (
                set(self.tables.cells_of(self.connection, row.id)),
                set(self.tables.sources_of(self.connection, row.id)),
            )
            for name, row in notebooks.items()
        }
        new = {name: (set(notebook.cells), set(notebook.sources)) for name, notebook in wanted.notebooks.items()}
        return back_up(self.connection, self.course, self.lesson) if self.submissions and found != new else None

    def _change(self, notebook: str, wanted: _Notebook) -> None:
        """Make a notebook's cells those that are wanted, and the rows of its submissions fit them."""
        tables, run = self.tables, self.connection.execute
        query = select(tables.submitted.c.id).where(tables.submitted.c.notebook_id == notebook)
        submitted = list(run(query).scalars())
        old = tables.cells_of(self.connection, notebook)
        new = {}
        for (name, kind), values in wanted.cells.items():
            if (name, kind) in old:
                new[name, kind], known = old[name, kind]
                if values != known:
                    table = tables.kinds[kind]
                    run(update(table).where(table.c.id == new[name, kind]), values)
                continue
            row = {"name": name, "notebook_id": notebook, "type": kind}
            new[name, kind] = run(insert(tables.base), row).inserted_primary_key[0]
            run(insert(tables.kinds[kind]), {"id": new[name, kind], **values})
        ids = {key: id for key, (id, _) in old.items()}
        self._move(tables.grade, _by_name(ids, _GRADED), _by_name(new, _GRADED), submitted)
        self._move(tables.comment, _by_name(ids, _COMMENTED), _by_name(new, _COMMENTED), submitted)
        for (_, kind), id in ids.items():
            if id not in new.values():
                run(delete(tables.kinds[kind]).where(tables.kinds[kind].c.id == id))
                run(delete(tables.base).where(tables.base.c.id == id))
        sources = self._change_sources(notebook, wanted)
        before, after = _kinds(old, sources), _kinds(new, wanted.sources)
        self.added += sorted(after.keys() - before.keys())
        self.removed += sorted(before.keys() - after.keys())
        self.changed += sorted(name for name in before if after.get(name, before[name]) != before[name])

    def _move(self, table, old: dict[str, str], new: dict[str, str], submitted: list[str]) -> None:
        """Let a cell's grades, or its comments, be those of the cell of that name that takes its place.

        old, new: ids of the cells by name
        """
        run = self.connection.execute
        for name, id in old.items():
            if name not in new:
                self._note_what_is_lost(table, id)
                run(delete(table).where(table.c.cell_id == id))
            elif new[name] != id:
                reset = {"auto_score": None, "needs_manual_grade": True} if table is self.tables.grade else {}
                run(
                    update(table)
                    .where(table.c.cell_id == id)
                    .values(cell_id=new[name], **(reset or {"auto_comment": None}))
                )
        added = [id for name, id in new.items() if name not in old]
        self._insert(table, [{"cell_id": cell, "notebook_id": each} for cell in added for each in submitted])

    def _note_what_is_lost(self, table, cell: str) -> None:
        c = table.c
        if table is self.tables.grade:
            given = or_(c.manual_score.is_not(None), c.extra_credit.is_not(None))
        else:
            given = func.trim(func.coalesce(c.manual_comment, "")) != ""
        self.graded_by_hand |= set(
            self.connection.execute(select(c.notebook_id).where(c.cell_id == cell, given)).scalars()
        )

    def _change_sources(self, notebook: str, wanted: _Notebook) -> dict[str, tuple[str, dict]]:
        """As _change, for the texts of cells; returns those that were there."""
        table, run = self.tables.source, self.connection.execute
        old = self.tables.sources_of(self.connection, notebook)
        for name, values in wanted.sources.items():
            if name not in old:
                run(insert(table), {"name": name, "notebook_id": notebook, **values})
            elif old[name][1] != values:
                run(update(table).where(table.c.id == old[name][0]), values)
        for name in old.keys() - wanted.sources.keys():
            run(delete(table).where(table.c.id == old[name][0]))
        return old

    def _insert(self, table, rows: list[dict]) -> None:
        if rows:
            self.connection.execute(insert(table), rows)

    def _said(self, backup: Path) -> str:
        number = len(self.graded_by_hand)
        lost = f" with what {number} submission{'s' * (number > 1)} got there by hand" if number else ""
        parts = [
            f"{', '.join(names)} {what}"
            for names, what in (
                (self.added, "added"),
                (self.removed, "removed"),
                (self.changed, "now of another kind"),
            )
            if names
        ]
        what = "; ".join(parts) + lost
        return f"{self.lesson} has other cells than when it was graded before ({what}): the old gradebook is {backup}"


def _kinds(cells: dict[tuple[str, str], object], sources: dict[str, object]) -> dict[str, set[str]]:
    """What each cell is, by name."""
    kinds = {name: {"source"} for name in sources}
    for name, kind in cells:
        kinds.setdefault(name, set()).add(kind)
    return kinds


def _by_name(cells: dict[tuple[str, str], str], kinds: tuple[str, str]) -> dict[str, str]:
    return {name: id for (name, kind), id in cells.items() if kind in kinds}
