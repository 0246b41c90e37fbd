"""Courses with a gradebook, what nbgrader itself makes of one, and the whole of one as plain data to compare."""

import contextlib
import io
import json
import logging
import os
import shutil
import signal
import sqlite3
import tempfile
from contextlib import closing
from datetime import datetime, timedelta

from hypothesis import HealthCheck, Phase, settings
from mini_course import LESSON
from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sqlalchemy import Engine, create_engine, event, select

from autograder.configuration import nbgrader_config
from autograder.course import Course
from autograder.gradebook import Writer

LATE = """
from nbgrader.plugins import LateSubmissionPlugin

class Odd(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        days = total_seconds_late / 86400
        if student_id == "broken":
            raise KeyError("day")
        return {0: 0.5, 1: -1.0, 2: score, 3: score + 5, 5: None}.get(int(days), 0.1 * days)
"""
CONFIG = """
from autograder.configuration import configure

configure(get_config())
get_config().AssignLatePenalties.plugin_class = "odd_late.Odd"
"""
# Each example takes a tenth of a second or more: what fails is not made smaller.
SLOW = settings(
    deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.reuse, Phase.generate]
)
DUE = datetime(2025, 11, 3, 22, 0)
# What a cell is for: its flags, and whether it is prose.
KINDS = {
    "answer": ({"solution": True}, False),
    "test": ({"grade": True, "locked": True}, False),
    "essay": ({"grade": True, "solution": True}, True),
    "program": ({"grade": True, "solution": True}, False),
    "task": ({"task": True, "locked": True}, True),
    "given": ({"locked": True}, False),
}
PLAIN = {"double": "answer", "test-double": "test", "why": "essay", "draw": "task", "talk": "test", "setup": "given"}


def write_lesson(course, cells, points=None, lesson=LESSON):
    """Make solutions/<lesson>/ hold these cells. cells: kind by name; points: by name, where they are not 2"""
    made = []
    for name, kind in cells.items():
        flags, is_prose = KINDS[kind]
        flags = {"grade": False, "locked": False, "solution": False, "task": False, **flags}
        if flags["grade"] or flags["task"]:
            flags["points"] = (points or {}).get(name, 2)
        metadata = {"nbgrader": {"schema_version": 3, "grade_id": name, **flags}}
        make = new_markdown_cell if is_prose else new_code_cell
        text = f"{name} is\n{kind}"
        if flags["solution"] and not is_prose:
            text = f"# {name}\n### BEGIN SOLUTION\n1\n### END SOLUTION"
        made.append(make(text, id=name, metadata=metadata))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    path = course.solutions / lesson / f"{lesson}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(new_notebook(metadata={"kernelspec": kernel}, cells=made)), encoding="utf-8")


def released(course, lesson=LESSON):
    """The lesson's cells as students get them, with nbgrader's checksums."""
    from autograder.release import make_release

    path = course.solutions / lesson / f"{lesson}.ipynb"
    cells = json.loads(make_release(path.read_text(encoding="utf-8"), lesson))["cells"]
    for cell in cells:
        cell["source"] = "".join(cell["source"])
    return cells


def stock_enter(course, lesson=LESSON):
    """`nbgrader generate_assignment`, with the release elsewhere. raises: NbGraderException"""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        config = nbgrader_config(course)
        config.CourseDirectory.release_directory = folder
        coursedir = CourseDirectory(config=config, assignment_id=lesson)
        GenerateAssignment(coursedir=coursedir, config=config, force=True, log=logging.Logger("stock")).start()


def stock_record(course, student, cells, timestamp=None, lesson=LESSON):
    """What `nbgrader autograde` does to the gradebook, from the student's entry to the late penalty."""
    from nbgrader.api import Gradebook
    from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades

    config = nbgrader_config(course)
    with Gradebook(course.gradebook, "mlp") as book:
        book.update_or_create_student(student)
    with Gradebook(course.gradebook, "mlp") as book:
        book.update_or_create_submission(lesson, student, **({"timestamp": timestamp} if timestamp else {}))
    names = {"notebook": lesson, "assignment": lesson, "student": student, "db_url": course.gradebook}
    for step in (SaveAutoGrades, AssignLatePenalties):
        step(config=config).preprocess(from_dict({"cells": cells, "metadata": {}}), {"nbgrader": names})


def contents(url):
    """All rows of all of nbgrader's tables, each with names in place of the ids, which are random."""
    from nbgrader.api import Base

    engine = create_engine(str(url))
    try:
        with engine.connect() as connection:
            tables = {
                name: [dict(row) for row in connection.execute(select(table)).mappings()]
                for name, table in Base.metadata.tables.items()
            }
            version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
    finally:
        engine.dispose()
    names = {None: None}
    for table in ("assignment", "notebook", "base_cell", "submitted_assignment", "submitted_notebook"):
        for row in tables[table]:
            refers = [names[row[key]] for key in ("assignment_id", "notebook_id") if key in row]
            names[row["id"]] = (table, row.get("name"), row.get("type"), row.get("student_id"), *refers)
    found = {"alembic_version": version}
    for table, rows in tables.items():
        plain = []
        for row in rows:
            row = {key: names[value] if key.endswith("_id") and value in names else value for key, value in row.items()}
            # Points are added up in another order than nbgrader's.
            row = {key: round(value, 9) if isinstance(value, float) else value for key, value in row.items()}
            if table not in ("student", "course"):
                row["id"] = names.get(row["id"])
            plain.append(row)
        found[table] = sorted(plain, key=repr)
    return found


def make_course(root, cells=PLAIN):
    """A course whose one lesson has cells of each kind, and points that come off for being late."""
    course = Course(root=root, classroom=root / "class")
    (root / "lessons").mkdir(parents=True)
    (root / "lessons" / f"{LESSON}.py").write_text('"grade": true')
    (root / "odd_late.py").write_text(LATE)
    (root / "nbgrader_config.py").write_text(CONFIG)
    write_lesson(course, cells)
    return course


def make_entered(root):
    """The same with a gradebook that knows its lesson and when it is due."""
    course = make_course(root)
    with Writer(course) as writer:
        assert writer.enter(LESSON).points == 8
    set_due(course)
    return course


def copied(course, folder):
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(course.root, folder)
    return Course(root=folder, classroom=folder / "class")


def book(course):
    from nbgrader.api import Gradebook

    return Gradebook(course.gradebook, "mlp")


def set_due(course):
    with book(course) as nbgrader:
        nbgrader.update_or_create_assignment(LESSON, duedate=DUE)


def by_hand(course, student, values):
    """Let a person grade. values: by name what is set in its grade and its comment"""
    with book(course) as nbgrader:
        found = nbgrader.find_submission_notebook(LESSON, LESSON, student)
        for row in [*found.grades, *found.comments]:
            for key, value in values.get(row.name, {}).items():
                if hasattr(row, key):
                    setattr(row, key, value)
        found.flagged = True
        nbgrader.db.commit()


# What a test has put out, and what nbgrader makes of it.
OUTPUTS = [
    [],
    [{"output_type": "stream", "name": "stdout", "text": "✓"}],
    [{"output_type": "stream", "name": "stderr", "text": "slow"}],
    [{"output_type": "error", "ename": "E", "evalue": "e", "traceback": ["t"]}],
    *(
        [{"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}, "execution_count": 1}]
        for text in ("1.5", "0", "-1", "2", "nan", "'x'", "1e-3")
    ),
]
DATES = [None, "", "2025-11-03 21:00:00 UTC", "2025-11-03 23:00:00 CET", *(
    str(DUE + timedelta(days=days, hours=1)) for days in (0, 1, 2, 3, 4, 5, 400)
)]  # fmt: skip


def graded_cells(cells, what):
    """A lesson's cells as they are after grading."""
    found = []
    for cell in json.loads(json.dumps(cells)):
        name = cell["metadata"]["nbgrader"]["grade_id"]
        if name in what["written"]:
            cell["source"] += "\nmore\n"
        if cell["cell_type"] == "code":
            cell["outputs"] = what["outputs"].get(name, [])
        if name not in what["lost"]:
            found.append(cell)
    return found


def dies(work, moment):
    """Do some work in a process that kills itself at a certain moment; returns whether it did.

    Moments are: before each statement, before each commit, before a file gets its place, and after all.
    """
    child = os.fork()
    if child == 0:
        seen = 0

        def at(*_, **__):
            nonlocal seen
            if seen == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            seen += 1

        for name in ("before_cursor_execute", "commit"):
            event.listen(Engine, name, at)
        replace, os.replace = os.replace, lambda *paths: (at(), replace(*paths))
        try:
            work()
            at()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def is_sound(course):
    with closing(sqlite3.connect(course.classroom / "gradebook.db")) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
