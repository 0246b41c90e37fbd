"""Feedback: one page of HTML per student and lesson, from the graded notebook and the gradebook.

All that stands in a notebook is taken for hostile text. The template escapes it, no page holds a script, and a browser
is told to load nothing but the pictures in the page itself. Of a test only its message is shown, never its source.
"""

from __future__ import annotations

import os
import shutil
from contextlib import nullcontext
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from autograder.course import Course, CourseError
from autograder.graded_notebook import Grades, Reader, Section, load, outline_of, stamped
from autograder.outputs import plain

if TYPE_CHECKING:
    from sqlalchemy import Engine

FOR_RELEASE = ("timestamp.txt", "submission_secret.txt")  # nbgrader's release_feedback looks for them beside the page


def run(course: Course, lessons: list[str], students: list[str]) -> int:
    """Write the pages of these students for these lessons (all, where none is named).

    returns: 0 if every page was written, 1 if one was not
    raises : CourseError if nothing has been graded
    """
    from rich.console import Console

    from autograder.standings import opened

    console = Console(markup=False, highlight=False)
    graded = find_graded(course, course.chosen_lessons(lessons, graded=True), students)
    written = 0
    with opened(course) as gradebook:
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


def write_feedback(course: Course, lesson: str, student: str, gradebook: Engine | None = None) -> Path:
    """Write the page of one graded submission, in place of an older one.

    gradebook: as autograder.standings.opened gives it, where it is open already
    returns  : the page, class/feedback/<student>/<lesson>/<lesson>.html
    raises   : CourseError, with one line that says what to do; then no older page is left either
    """
    from autograder.standings import opened, read_grades

    with nullcontext(gradebook) if gradebook else opened(course) as gradebook:
        path = _own_folder(course, "feedback", student, lesson) / f"{lesson}.html"
        try:
            grades = read_grades(course, gradebook, student, lesson)
            advice = f"run `autograder build {lesson}`"
            release = _text(*stamped(course.notebooks / lesson / f"{lesson}.ipynb", advice))
            notebook = _own_folder(course, "autograded", student, lesson) / f"{lesson}.ipynb"
            _, stamp = stamped(notebook, "grade it again")
            arguments = notebook.read_bytes(), grades, date.fromtimestamp(stamp / 1e9), hidden_places(course)
            return put_page(course, student, lesson, page(student, lesson, release, *arguments))
        except Exception as error:
            path.unlink(missing_ok=True)
            if isinstance(error, CourseError):
                raise
            raise CourseError(f"its page could not be made, look at its graded notebook: {error!r}") from error


@lru_cache(maxsize=32)
def _text(path: Path, _stamp: int) -> str:
    """A file's text, read again when it has changed."""
    return path.read_text(encoding="utf-8", errors="replace")


def hidden_places(course: Course) -> tuple[str, ...]:
    """The folders that no page shows."""
    return str(course.classroom), str(course.root), str(Path.home())


def page(
    student: str,
    lesson: str,
    release: str,
    notebook: str | bytes,
    grades: Grades,
    graded_on: date,
    places: tuple[str, ...],
) -> str:
    """The page of one graded submission: a function of its arguments and of nothing else.

    release  : the lesson as students got it, as JSON
    notebook : the graded one, as JSON
    graded_on: by the calendar of whoever asks for it
    places   : folders of the machine that grades, as hidden_places gives them
    raises   : CourseError if one of the notebooks is none
    """
    outline = outline_of(lesson, release)
    reader = Reader(outline, places)
    told = reader.read(*load(notebook, f"{lesson}.ipynb", "grade it again"))
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
        graded_on=f"{graded_on:%d %B %Y}".lstrip("0"),
    )


def put_page(course: Course, student: str, lesson: str, html: str) -> Path:
    """Put a page in its place in one step, and beside it what nbgrader needs to release it.

    raises: CourseError if its folder would lead out of the class; OSError
    """
    path = _own_folder(course, "feedback", student, lesson) / f"{lesson}.html"
    graded = _own_folder(course, "autograded", student, lesson)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    part.write_text(html, encoding="utf-8", errors="replace")
    os.replace(part, path)
    for name in FOR_RELEASE:
        (path.parent / name).unlink(missing_ok=True)
        if (graded / name).is_file() and not (graded / name).is_symlink():
            shutil.copyfile(graded / name, path.parent / name)
    return path


def _own_folder(course: Course, step: str, student: str, lesson: str) -> Path:
    """A submission's folder at a step of grading. raises: CourseError if it would lead out of the class"""
    folder = course.classroom / step / student / lesson
    for name in (student, lesson):
        if not name or Path(name).name != name or name == "..":
            raise CourseError(f"{name!r} is no name of a folder: rename it, then grade again")
    if link := next((place for place in (folder.parent, folder) if place.is_symlink()), None):
        raise CourseError(f"{link} is a link and is not followed: put the folder itself there")
    return folder


@lru_cache(maxsize=1)
def _template() -> Template:
    folder = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["points"] = lambda number: f"{number:g}"
    return environment.get_template("feedback_page.html.jinja")
