"""Grade a class: what has changed since the last time, on all cores or on a cluster, and a table.

Whatever is wrong with one submission becomes one line under the table and stops no other.
"""

from __future__ import annotations

import io
import time
from pathlib import Path

from rich.console import Console

from autograder import outcomes
from autograder.class_lock import only_run
from autograder.class_run import ClassRun, Options
from autograder.configuration import why_unusable
from autograder.course import Course, CourseError, StopError
from autograder.gradebook_connection import gradebook_place
from autograder.outcomes import Outcome
from autograder.records import Records
from autograder.submission_folder import os_errors_explained

DEFAULT = Options()


def run(
    course: Course, lessons: list[str], students: list[str], options: Options = DEFAULT, as_json: bool = False
) -> int:
    """Grade what these students handed in for these lessons (all, where none is named) and print what came of it.

    as_json: print that as JSON, and all else on stderr
    returns: 0 if everything is graded, 1 if something could not be
    raises : CourseError if there is nothing that could be graded, no sandbox to be had, or the run had to stop
    """
    return int(any(outcome.problem for outcome in grade(course, lessons, students, options, as_json)))


def grade(
    course: Course, lessons: list[str], students: list[str], options: Options = DEFAULT, as_json: bool = False
) -> list[Outcome]:
    """Like run, but returns what became of each submission, sorted by student and lesson."""
    start = time.monotonic()
    console = Console(markup=False, highlight=False, soft_wrap=True, stderr=as_json)
    if not console.is_terminal:
        console.width = 160
    if not options.sandbox:
        console.print("WITHOUT a sandbox: student code runs with all of your rights.")
    submissions, found = find_submissions(course, course.chosen_lessons(lessons, graded=True), students)
    with only_run(course), _records(course) as records, _open_log(course) as log:
        this = ClassRun(course, options, records, log, console.print)
        coming = outcomes.with_progress(console, this.outcomes(submissions), len(submissions), this.points)
        try:
            found.extend(coming)
        except (KeyboardInterrupt, StopError) as stop:
            done = sum(outcome.points is not None for outcome in found)
            why = str(stop) or "stopped: the same command goes on from here"
            raise StopError(f"{why} ({done} of {len(submissions)} submissions are graded)") from stop
    found.sort(key=lambda outcome: (outcome.student, outcome.lesson))
    if not any(outcome.points is not None for outcome in found):
        outcomes.print_problems(console, found)
        what, where = ", ".join(lessons) or "any lesson", course.classroom / "submitted"
        raise CourseError(f"there is no submission of {what} that could be graded in {where}")
    seconds = time.monotonic() - start
    outcomes.print_all(console, found, this.points, seconds)
    if any(outcome.by_hand for outcome in found):
        console.print("* has something to grade by hand: run `jupyter lab` in the course and open Formgrader")
    console.print(f"Feedback: {course.classroom / 'feedback'}\nGradebook: {gradebook_place(course)}\nLog: {log.name}")
    if as_json:
        print(outcomes.as_json(found, this.points, seconds))
    return found


def find_submissions(course: Course, lessons: list[str], students: list[str]) -> tuple[list, list[Outcome]]:
    """The submissions to grade, each a (student, lesson), and an Outcome for each thing that is none.

    A lesson that is not among `lessons` is passed over, and so is a start page that somebody handed in.

    raises: CourseError if there is no class, or nothing from a student in `students`
    """
    submitted = course.classroom / "submitted"
    where = submitted / "<student>" / "<lesson>" / "<lesson>.ipynb"
    if not submitted.is_dir():
        raise CourseError(f"there is no folder {submitted}: put each submission at {where}")
    entries = {path.name: path for path in sorted(submitted.iterdir()) if _is_meant(path)}
    if not entries:
        raise CourseError(f"{submitted} is empty: put each submission at {where}")
    unknown = sorted(set(students) - set(entries))
    if unknown:
        raise CourseError(f"there is nothing from {', '.join(unknown)} in {submitted}")
    found, problems = [], []
    for student in dict.fromkeys(students) or entries:
        path = entries[student]
        folders = [folder for folder in sorted(path.iterdir()) if _is_meant(folder)] if path.is_dir() else []
        if why := why_unusable(student):
            problems.append(Outcome(_shown(student), "", problem=why))
            continue
        if not folders:
            problems.append(Outcome(student, "", problem=f"holds no submission: put each at {where}"))
        for folder in folders:
            if folder.name not in course.lesson_names or not folder.is_dir():
                problem = f"no lesson has that name: rename it to one of {', '.join(course.graded_lessons)}"
                problems.append(Outcome(student, _shown(folder.name), problem=problem))
            elif folder.name in lessons:
                found.append((student, folder.name))
    return found, problems


def _shown(name: str) -> str:
    """A name without what a terminal would obey."""
    return name if name.isprintable() else repr(name)


def _is_meant(path: Path) -> bool:
    """Whether a person put it there, rather than macOS or Jupyter."""
    return not path.name.startswith((".", "__MACOSX"))


def _records(course: Course) -> Records:
    with os_errors_explained(course.classroom):
        return Records(course.classroom)


def _open_log(course: Course) -> io.TextIOBase:
    with os_errors_explained(course.classroom):
        return open(course.classroom / "grading.log", "w", encoding="utf-8", buffering=1)
