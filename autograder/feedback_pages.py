"""Feedback: one page of HTML per student and lesson, from the graded notebook and the gradebook.

All that stands in a notebook is taken for hostile text. The template escapes it, no page holds a script, and a browser
is told to load nothing but the pictures in the page itself. Of a test only its message is shown, never its source.
"""

from __future__ import annotations

import os
import shutil
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from autograder.configuration import COURSE_ID
from autograder.course import Course, CourseError
from autograder.graded_notebook import Reader, Score, Section, load, read_outline, stamped
from autograder.outputs import plain

FOR_RELEASE = ("timestamp.txt", "submission_secret.txt")  # nbgrader's release_feedback looks for them beside the page


def run(course: Course, lessons: list[str], students: list[str]) -> int:
    """Write the pages of these students for these lessons (all, where none is named).

    returns: 0 if every page was written, 1 if one was not
    raises : CourseError if nothing has been graded
    """
    console = Console(markup=False, highlight=False)
    graded = find_graded(course, course.chosen_lessons(lessons, graded=True), students)
    written = 0
    with _open_gradebook(course) as gradebook:
        for student, lesson in graded:
            try:
                write_feedback(course, lesson, student, gradebook)
                written += 1
            except CourseError as error:
                console.print(f"{student} {lesson}: {error}", style="red", soft_wrap=True)
    print(f"Feedback: {written} page{'s' * (written != 1)} in {course.classroom / 'feedback'}")
    return int(written < len(graded))


def find_graded(course: Course, lessons: list[str], students: list[str]) -> list[tuple[str, str]]:
    """Each (student, lesson) that has been graded. raises: CourseError if there is none"""
    folder = course.classroom / "autograded"
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    names = [path.name for path in entries if path.is_dir() and not path.name.startswith((".", "__MACOSX"))]
    if unknown := sorted(set(students) - set(names)):
        raise CourseError(f"nothing from {', '.join(unknown)} has been graded in {folder}: run `autograder grade`")
    chosen = list(dict.fromkeys(students)) or names
    found = [(name, lesson) for name in chosen for lesson in lessons if (folder / name / lesson).is_dir()]
    if not found:
        raise CourseError(f"nothing of {', '.join(lessons)} has been graded in {folder}: run `autograder grade`")
    return found


def write_feedback(course: Course, lesson: str, student: str, gradebook=None) -> Path:
    """Write the page of one graded submission, in place of an older one.

    gradebook: an open nbgrader.api.Gradebook, where there is one already
    returns  : the page, class/feedback/<student>/<lesson>/<lesson>.html
    raises   : CourseError, with one line that says what to do; then no older page is left either
    """
    with nullcontext(gradebook) if gradebook else _open_gradebook(course) as gradebook:
        page = _own_folder(course, "feedback", student, lesson) / f"{lesson}.html"
        try:
            graded = _own_folder(course, "autograded", student, lesson)
            text = _page(course, lesson, student, graded / f"{lesson}.ipynb", read_grades(gradebook, lesson, student))
            _put(page, text, graded)
        except Exception as error:
            page.unlink(missing_ok=True)
            if isinstance(error, CourseError):
                raise
            raise CourseError(f"its page could not be made, look at its graded notebook: {error!r}") from error
    return page


def _page(course: Course, lesson: str, student: str, notebook: Path, grades: Grades) -> str:
    outline = read_outline(*stamped(course.notebooks / lesson / f"{lesson}.ipynb", f"run `autograder build {lesson}`"))
    _, graded_at = stamped(notebook, "grade it again")
    reader = Reader(course, outline)
    told = reader.read(*load(notebook, "grade it again"))
    sections = []
    for number, (key, exercise) in enumerate(outline.exercises.items(), 1):
        parts = [reader.part(name, grades.scores[name]) for name in exercise.graded if name in grades.scores]
        comments = [reader.words(grades.comments[name]) for name in exercise.names if name in grades.comments]
        if parts or comments:
            parts.sort(key=lambda part: part.state != "right")
            sections.append(Section(f"e{number}", exercise, parts, comments, reader.own[key], bool(told.problem)))
    return _template().render(
        title=outline.title,
        student=plain(student),
        grades=grades,
        told=told,
        before=reader.own[""],
        sections=sections,
        graded_on=f"{datetime.fromtimestamp(graded_at / 1e9):%d %B %Y}".lstrip("0"),
    )


@dataclass(frozen=True)
class Grades:
    """One submission in the gradebook: scores and the instructor's comments by grade_id, points off for being late."""

    scores: dict[str, Score]
    comments: dict[str, str]
    penalty: float
    handed_in: datetime | None

    @property
    def possible(self) -> float:
        return sum(score.possible for score in self.scores.values())

    @property
    def earned(self) -> float:
        return sum(score.earned for score in self.scores.values())

    @property
    def total(self) -> float:
        return max(0.0, self.earned - self.penalty)


def read_grades(gradebook, lesson: str, student: str) -> Grades:
    """What an open gradebook says of one submission. raises: CourseError if it says nothing"""
    from nbgrader.api import MissingEntry

    try:
        found = gradebook.find_submission_notebook(lesson, lesson, student)
        scores = {
            grade.name: Score(grade.max_score, grade.auto_score, grade.manual_score, grade.extra_credit or 0.0)
            for grade in found.grades
        }
        # Of nbgrader's own comments there is one: "No response."
        comments = {each.name: each.manual_comment for each in found.comments if (each.manual_comment or "").strip()}
        return Grades(scores, comments, found.late_submission_penalty or 0.0, found.assignment.timestamp)
    except MissingEntry as error:
        raise CourseError("the gradebook does not have it: grade it again") from error
    except SQLAlchemyError as error:
        raise CourseError(f"the gradebook cannot be read, try again: {error}".partition("\n")[0]) from error


def _open_gradebook(course: Course):
    """The gradebook. raises: CourseError if there is none, for nbgrader would make an empty one"""
    path = course.classroom / "gradebook.db"
    if not path.is_file():
        raise CourseError(f"there is no gradebook {path}: run `autograder grade`")
    from nbgrader.api import Gradebook

    try:
        return Gradebook(course.gradebook, COURSE_ID)
    except SQLAlchemyError as error:
        raise CourseError(f"{path} cannot be read: {error}".partition("\n")[0]) from error


def _own_folder(course: Course, step: str, student: str, lesson: str) -> Path:
    """A submission's folder at a step of grading. raises: CourseError if it would lead out of the class"""
    folder = course.classroom / step / student / lesson
    for name in (student, lesson):
        if not name or Path(name).name != name or name == "..":
            raise CourseError(f"{name!r} is no name of a folder: rename it, then grade again")
    if link := next((place for place in (folder.parent, folder) if place.is_symlink()), None):
        raise CourseError(f"{link} is a link and is not followed: put the folder itself there")
    return folder


def _put(page: Path, text: str, graded: Path) -> None:
    """Put a page in its place in one step, and beside it what nbgrader needs to release it."""
    page.parent.mkdir(parents=True, exist_ok=True)
    part = page.with_name(f".{page.name}.part")
    part.unlink(missing_ok=True)
    part.write_text(text, encoding="utf-8", errors="replace")
    os.replace(part, page)
    for name in FOR_RELEASE:
        (page.parent / name).unlink(missing_ok=True)
        if (graded / name).is_file() and not (graded / name).is_symlink():
            shutil.copyfile(graded / name, page.parent / name)


@lru_cache(maxsize=1)
def _template() -> Template:
    folder = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["points"] = lambda number: f"{number:g}"
    return environment.get_template("feedback_page.html.jinja")
