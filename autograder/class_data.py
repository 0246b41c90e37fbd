"""What a class report is made from: the gradebook, the records of grading, and who has handed in, read once.

Everything is only read, so a report can be made while `autograder grade` runs: the gradebook is seen as it was at one
moment, and a submission whose record does not fit it yet counts with its points alone.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, column, func, select, table

from autograder.course import Course, CourseError
from autograder.gradebook_connection import patiently
from autograder.graded_notebook import outline_of
from autograder.misconceptions import exercise_of
from autograder.records import NAME as RECORDS
from autograder.roster import read_roster
from autograder.standings import SUBMISSIONS, SUBMITTED, Mark, due, opened, standing
from autograder.submission_folder import os_errors_explained

NO_RESPONSE = "No response."  # nbgrader's comment on an answer that is still as it was released


@dataclass(frozen=True)
class Person:
    """name: as the gradebook has it, "" if it does not"""

    id: str
    name: str = ""


@dataclass(frozen=True)
class Answer:
    """What came of one exercise. earned: without extra credit; written: whether anything was changed in it"""

    earned: float
    possible: float
    written: bool

    @property
    def share(self) -> float:
        return min(max(self.earned / self.possible, 0.0), 1.0)


@dataclass(frozen=True)
class Submission:
    """One student's work for one lesson, as the gradebook has it.

    points  : after the late penalty
    by_hand : whether something waits for a person; ungraded: whether a test of it has no points
    answers : by exercise; an exercise that waits for its points is not among them
    told    : whether there is a record of how it was graded; without it, all that follows is empty
    misconceptions: by exercise, ids of the catalogue
    """

    points: float
    late: bool = False
    by_hand: bool = False
    ungraded: bool = False
    answers: dict[str, Answer] = field(default_factory=dict)
    told: bool = False
    unreadable: bool = False
    timed_out: bool = False
    repairs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    misconceptions: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_counted(self) -> bool:
        """Whether it says something of what its student knows."""
        return not self.ungraded and not self.unreadable


@dataclass(frozen=True)
class Lesson:
    """points: what can be earned in it; exercises: (number, title) by key, in the lesson's order"""

    name: str
    title: str
    points: float
    exercises: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ClassData:
    """handed_in: each (student, lesson) of which there is a folder or a grade; submissions: those with a grade"""

    people: dict[str, Person]
    lessons: dict[str, Lesson]
    handed_in: frozenset[tuple[str, str]]
    submissions: dict[tuple[str, str], Submission]


def read_class(course: Course, points: dict[str, float]) -> ClassData:
    """points: the lessons to read, all in the gradebook, with the points of each. raises: CourseError"""
    records = _records(course.classroom / RECORDS)  # before the gradebook, which is written first
    outlines = {name: _outline(course, name) for name in points}
    with opened(course) as engine:

        def read() -> tuple[dict[str, Person], dict]:
            with engine.begin() as connection:
                return _people(connection), _submissions(connection, outlines, records)

        people, submissions = patiently(course, read)
    lessons = {}
    for name, possible in points.items():
        known, keys = outlines[name].exercises, {}
        for (_, lesson), submission in submissions.items():
            if lesson == name:
                keys |= dict.fromkeys(submission.answers)
        order = [*(key for key in known if key in keys), *sorted(keys.keys() - known.keys())]
        exercises = {key: known.get(key) or (_number(key), f"Exercise {_number(key)}") for key in order}
        lessons[name] = Lesson(name, outlines[name].title, possible, exercises)
    handed_in = frozenset({*submissions, *handed_in_for(course, points)})
    roster = course.classroom / "roster.csv"
    listed = read_roster(roster).students if roster.is_file() else []
    for student in sorted({*listed, *(student for student, _ in handed_in)} - people.keys()):
        people[student] = Person(student)
    return ClassData(people, lessons, handed_in, submissions)


@dataclass(frozen=True)
class _Outline:
    """exercises: (number, title) by key; keys: of exercises, by the grade_ids of their cells"""

    title: str
    exercises: dict[str, tuple[str, str]]
    keys: dict[str, str]

    def key(self, name: str) -> str:
        return self.keys.get(name) or exercise_of(name).replace(".", "-") or name


def _outline(course: Course, lesson: str) -> _Outline:
    """How a lesson presents itself; without its notebook, what its name says."""
    try:
        text = (course.notebooks / lesson / f"{lesson}.ipynb").read_text(encoding="utf-8", errors="replace")
        found = outline_of(lesson, text)
    except (OSError, CourseError):
        return _Outline(lesson, {}, {})
    exercises = {key: (each.number, each.title) for key, each in found.exercises.items()}
    keys = {name: key for key, each in found.exercises.items() for name in (*each.names, *each.graded)}
    return _Outline(found.title, exercises, keys)


def _number(key: str) -> str:
    return key.replace("-", ".") if key.replace("-", "").isdigit() else key


_assignment = table("assignment", column("id"), column("name"))
_notebook = table("notebook", column("id"), column("assignment_id"))
_base_cell = table("base_cell", *map(column, ("id", "name", "type", "notebook_id")))
_grade_cell = table("grade_cells", column("id"), column("max_score"))
_task_cell = table("task_cells", column("id"), column("max_score"))
_student = table("student", *map(column, ("id", "first_name", "last_name")))
_given = ("cell_id", "notebook_id", "auto_score", "manual_score", "extra_credit", "needs_manual_grade")
_grade = table("grade", *map(column, _given))
_comment = table("comment", *map(column, ("cell_id", "notebook_id", "auto_comment")))

_CELLS = (
    select(
        _base_cell.c.id,
        _base_cell.c.name,
        _base_cell.c.type,
        _assignment.c.name,
        func.coalesce(_grade_cell.c.max_score, _task_cell.c.max_score, 0.0),
    )
    .select_from(
        _base_cell.join(_notebook, _notebook.c.id == _base_cell.c.notebook_id)
        .join(_assignment, _assignment.c.id == _notebook.c.assignment_id)
        .outerjoin(_grade_cell, _grade_cell.c.id == _base_cell.c.id)
        .outerjoin(_task_cell, _task_cell.c.id == _base_cell.c.id)
    )
    .order_by(_base_cell.c.name)
)
_GRADES = select(*_grade.c)
_UNWRITTEN = select(_comment.c.cell_id, _comment.c.notebook_id).where(_comment.c.auto_comment == NO_RESPONSE)
_PEOPLE = select(_student.c.id, _student.c.first_name, _student.c.last_name).order_by(_student.c.id)


def _people(connection: Connection) -> dict[str, Person]:
    rows = connection.execute(_PEOPLE)
    return {id: Person(id, " ".join(filter(None, (first, last)))) for id, first, last in rows}


def _submissions(
    connection: Connection, outlines: dict[str, _Outline], records: dict[tuple[str, str], dict]
) -> dict[tuple[str, str], Submission]:
    cells, solutions, answers = {}, defaultdict(set), set()
    for id, name, kind, lesson, possible in connection.execute(_CELLS):
        if lesson in outlines:
            key = outlines[lesson].key(name)
            cells[id] = (name, kind, lesson, possible, key)
            if kind != "GradeCell":  # what students write, with or without points of its own
                solutions[lesson, key].add(name)
                answers |= {(lesson, name)} if kind == "SolutionCell" else set()
    owner, penalties = {}, defaultdict(float)
    for id, submission, penalty in connection.execute(SUBMITTED):
        owner[id] = submission
        penalties[submission] += penalty or 0.0
    marks, unwritten = defaultdict(list), defaultdict(set)
    for cell_id, submitted, *given in connection.execute(_GRADES):
        if (cell := cells.get(cell_id)) and submitted in owner:
            name, kind, lesson, possible, key = cell
            mark = Mark(name, kind, (lesson, name) in answers, *given)
            marks[owner[submitted]].append((key, possible, mark))
    for cell_id, submitted in connection.execute(_UNWRITTEN):
        if (cell := cells.get(cell_id)) and submitted in owner:
            unwritten[owner[submitted]].add(cell[0])
    found = {}
    for id, student, lesson, timestamp, date, extension in connection.execute(SUBMISSIONS):
        if lesson not in outlines or not marks[id]:
            continue
        until = due(date, extension)
        now = standing(id, timestamp, until, penalties[id], [mark for *_, mark in marks[id]], [])
        by_exercise = defaultdict(list)
        for key, possible, mark in marks[id]:
            by_exercise[key].append((possible, mark))
        said = records.get((student, lesson), {})
        said = said if (said.get("id"), said.get("auto")) == (now.id, now.auto) else {}
        found[student, lesson] = Submission(
            now.points,
            bool(timestamp and until and timestamp > until),
            now.by_hand,
            bool(now.ungraded),
            {
                key: answer
                for key, parts in by_exercise.items()
                if (answer := _answer(parts, solutions[lesson, key], unwritten[id]))
            },
            **_told(said),
        )
    return found


def _answer(parts: list[tuple[float, Mark]], solutions: set[str], unwritten: set[str]) -> Answer | None:
    """None where it waits for points, or there are none to have."""
    given = [mark.auto if mark.manual is None else mark.manual for _, mark in parts]
    possible = sum(possible for possible, _ in parts)
    if None in given or any(mark.needs for _, mark in parts) or not possible:
        return None
    earned = sum(given)
    return Answer(earned, possible, not solutions or earned > 0 or not solutions <= unwritten)


def _told(said: dict) -> dict:
    if not said:
        return {}
    named = said.get("misconceptions")
    return {
        "told": True,
        "unreadable": bool(said.get("unreadable")),
        "timed_out": bool(said.get("timed_out")),
        "repairs": _texts(said.get("repairs")),
        "notes": _texts(said.get("notes")),
        "misconceptions": {key: _texts(ids) for key, ids in named.items()} if isinstance(named, dict) else {},
    }


def _texts(found) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in found if isinstance(each, str))) if isinstance(found, list) else ()


def _records(path: Path) -> dict[tuple[str, str], dict]:
    """What class/graded.jsonl says last of each student and lesson. `Records` would tidy the file, and a run writes it.

    raises: CourseError if it cannot be read
    """
    with os_errors_explained(path):
        data = path.read_bytes() if path.exists() else b""
    found = {}
    for line in data.splitlines():
        try:
            said = json.loads(line)
            found[said["student"], said["lesson"]] = said
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
    return found


def handed_in_for(course: Course, lessons: Iterable[str]) -> set[tuple[str, str]]:
    """Each (student, lesson) of which there is a folder with something in it."""
    folder, found, lessons = course.classroom / "submitted", set(), list(lessons)
    for student in folder.iterdir() if folder.is_dir() else ():
        if student.name.startswith((".", "__MACOSX")):
            continue
        for lesson in lessons:
            try:
                if any(not path.name.startswith(".") for path in (student / lesson).iterdir()):
                    found.add((student.name, lesson))
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError:  # what cannot be read was not nothing
                found.add((student.name, lesson))
    return found
