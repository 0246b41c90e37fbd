"""Large classes out of thin air: lessons without a kernel, and what grading would have left of each submission."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader import api
from sqlalchemy import create_engine, select

from autograder.course import Course
from autograder.gradebook import Writer
from autograder.records import Records
from autograder.release import make_release
from autograder.standings import standings

POINTS = 2


def make_course(root, exercises: dict[str, int]) -> Course:
    """A built course of these lessons, by name such as 01_first, each with so many exercises of 2 points."""
    course = Course(root=root, classroom=root / "class")
    course.lessons.mkdir(parents=True)
    for name, number in exercises.items():
        lesson = int(name[:2])
        cells = [new_markdown_cell(f"# Lesson {lesson}", id="title")]
        for n in range(1, number + 1):
            answer = "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"
            test = {"grade": True, "locked": True, "points": POINTS}
            cells += [
                new_markdown_cell(f"### Exercise {lesson}.{n} · Thing {n} (2 points)", id=f"text-{n}"),
                _cell(answer, f"exercise-{lesson}-{n}", solution=True),
                _cell("assert f(1) == 1", f"test-{lesson}-{n}", **test),
            ]
        solution = nbformat.writes(new_notebook(cells=cells))
        for folder, text in ((course.solutions, solution), (course.notebooks, make_release(solution, name))):
            (folder / name).mkdir(parents=True)
            (folder / name / f"{name}.ipynb").write_text(text, encoding="utf-8")
        (course.lessons / f"{name}.py").write_text('"grade": true', encoding="utf-8")
    return course


def _cell(source, grade_id, **flags):
    common = {"grade": False, "locked": False, "schema_version": 3, "solution": False, "task": False}
    return new_code_cell(source, metadata={"nbgrader": {**common, "grade_id": grade_id, **flags}}, id=grade_id)


@dataclass
class Made:
    """A submission that is to have been graded.

    earned  : points by grade_id of a test, as in the gradebook: None for a test that was not run
    empty   : grade_ids of answers that are as they were released
    said    : what its record says beside the usual; None: there is no record
    """

    student: str
    lesson: str
    earned: dict[str, float | None]
    empty: set[str] = field(default_factory=set)
    timestamp: datetime | None = None
    said: dict | None = field(default_factory=dict)


def fill(course: Course, submissions: list[Made], names: dict[str, tuple[str, str]] | None = None) -> None:
    """Leave in gradebook and records what grading these would have left, in one transaction.

    names: first and last, by student
    """
    with Writer(course) as writer:
        for lesson in sorted({each.lesson for each in submissions}):
            assert not writer.enter(lesson).problem
    engine = create_engine(course.gradebook)
    with engine.begin() as connection:
        assignments = dict(connection.execute(select(api.Assignment.name, api.Assignment.id)).all())
        notebooks = dict(connection.execute(select(api.Notebook.assignment_id, api.Notebook.id)).all())
        cells = {
            (notebook, name, kind): id
            for id, name, kind, notebook in connection.execute(
                select(*(api.BaseCell.__table__.c[key] for key in ("id", "name", "type", "notebook_id")))
            )
        }
        rows = {table: [] for table in (api.Student, api.SubmittedAssignment, api.SubmittedNotebook)}
        rows |= {api.Grade: [], api.Comment: []}
        for student in dict.fromkeys(each.student for each in submissions):
            first, last = (names or {}).get(student, (None, None))
            rows[api.Student].append({"id": student, "first_name": first, "last_name": last})
        for each in submissions:
            assignment, submission, submitted = assignments[each.lesson], uuid.uuid4().hex, uuid.uuid4().hex
            notebook = notebooks[assignment]
            rows[api.SubmittedAssignment].append(
                {
                    "id": submission,
                    "assignment_id": assignment,
                    "student_id": each.student,
                    "timestamp": each.timestamp,
                }
            )
            rows[api.SubmittedNotebook].append(
                {"id": submitted, "notebook_id": notebook, "assignment_id": submission, "late_submission_penalty": None}
            )
            for (owner, name, kind), id in cells.items():
                if owner != notebook:
                    continue
                common = {"cell_id": id, "notebook_id": submitted}
                if kind == "GradeCell":
                    points = each.earned[name]
                    rows[api.Grade].append({**common, "auto_score": points, "needs_manual_grade": points is None})
                elif kind == "SolutionCell":
                    said = "No response." if name in each.empty else None
                    rows[api.Comment].append({**common, "auto_comment": said})
        for kind, values in rows.items():
            connection.execute(kind.__table__.insert(), values)
    engine.dispose()
    record(course, submissions)


def record(course: Course, submissions: list[Made]) -> None:
    """Mark these as graded, as the gradebook has them."""
    standing = standings(course)
    usual = {"repairs": [], "notes": [], "unreadable": False, "timed_out": False, "misconceptions": {}}
    with Records(course.classroom) as records:
        for each in submissions:
            if each.said is not None:
                now = standing[each.student, each.lesson]
                records.mark(each.student, each.lesson, {**usual, "id": now.id, "auto": now.auto, **each.said})


def a_class(
    exercises: dict[str, list[tuple[str, str]]], students: int, known: dict[str, list[str]], seed: int = 0
) -> list[Made]:
    """A class in which people differ in what they know, exercises in how hard they are.

    exercises: by lesson (grade_id of the answer, of the test) in their order
    known    : by lesson ids of misconceptions that may have been named
    """
    rng, made = random.Random(seed), []
    for number in range(students):
        student, skill = f"student{number:04}", rng.gauss(0.4, 1)
        for place, (lesson, cells) in enumerate(exercises.items()):
            if rng.random() < 0.04 * (1 + place):
                continue
            stop = len(cells) if rng.random() < 0.8 + skill / 10 else rng.randrange(len(cells) + 1)
            earned, empty, named = {}, set(), {}
            for n, (answer, test) in enumerate(cells):
                if n >= stop:
                    empty.add(answer)
                hard = ((n * 7) % 5 - 2) / 2 if n != 3 else 9 * (rng.random() - 0.5) - skill
                good = n < stop and skill + rng.gauss(0, 0.7) > hard
                earned[test] = float(POINTS) if good else 0.0
                exercise = ".".join(answer.split("-")[1:3])
                ids = [id for id in known.get(lesson, []) if id.startswith(f"{exercise}-")]
                if ids and n < stop and not good and rng.random() < 0.7:
                    named[exercise] = rng.sample(ids, min(len(ids), 1 + (rng.random() < 0.1)))
            said = {"misconceptions": named, "timed_out": rng.random() < 0.02}
            if rng.random() < 0.1:
                said["repairs"] = ["The notebook came as my homework (1).ipynb."]
            if rng.random() < 0.01:
                said["notes"] = ["a cell was stopped: it ended Python, or took too much memory. What does it do?"]
            if rng.random() < 0.01:
                said |= {"unreadable": True, "repairs": [f"{lesson}.ipynb is empty (0 bytes): ask the student for it."]}
                earned, empty = dict.fromkeys(earned, 0.0), {answer for answer, _ in cells}
                said |= {"misconceptions": {}, "timed_out": False, "notes": []}
            made.append(Made(student, lesson, earned, empty, said=said))
    return made
