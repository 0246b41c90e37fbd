"""What the gradebook says of each student and lesson, with those who have handed in nothing."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.course import Course, CourseError
from autograder.gradebook_connection import gradebook_place, has_gradebook
from autograder.standings import Standing, lessons, standings

GRADED, BY_HAND, UNGRADED, MISSING = "graded", "to grade by hand", "not graded", "missing"


@dataclass(frozen=True)
class Entry:
    """One student and one lesson.

    state   : GRADED; BY_HAND, some points of it are still to come; UNGRADED, handed in only; or MISSING
    points  : after the late penalty, out of `of`; None where there are none
    standing: None where the gradebook has no such submission
    """

    student: str
    lesson: str
    state: str
    points: float | None
    of: float
    standing: Standing | None


def points_of(course: Course, names: list[str]) -> dict[str, float]:
    """The lessons named, or all that have been graded, with the points of each. raises: CourseError"""
    chosen = course.chosen_lessons(names, graded=True)
    if not has_gradebook(course):
        raise CourseError(f"there is no gradebook {gradebook_place(course)}: run `autograder grade`")
    entered = lessons(course)
    if new := [lesson for lesson in chosen if lesson not in entered and (names or not entered)]:
        what, which = (", ".join(new), f" {' '.join(new)}") if names else ("the gradebook", "")
        raise CourseError(f"{what} has no grades yet: run `autograder grade{which}`")
    return {lesson: entered[lesson] for lesson in chosen if lesson in entered}


def entries(course: Course, points: dict[str, float]) -> list[Entry]:
    """Each student of the gradebook with each of the lessons. raises: CourseError if nobody has a grade in them"""
    standing = standings(course)
    found = []
    for student in sorted({student for student, _ in standing}):
        for lesson, of in points.items():
            now = standing.get((student, lesson))
            if now is None:
                state = UNGRADED if _handed_in(course, student, lesson) else MISSING
            else:
                state = BY_HAND if now.by_hand or now.ungraded else GRADED
            found.append(Entry(student, lesson, state, now.points if now else None, of, now))
    if not any(entry.standing for entry in found):
        raise CourseError(f"the gradebook has no grades of {', '.join(points)} yet: run `autograder grade`")
    return found


def never_graded(course: Course, found: list[Entry]) -> list[str]:
    """Who has handed something in and is not in the gradebook at all."""
    folder = course.classroom / "submitted"
    known = {entry.student for entry in found}
    if not folder.is_dir():
        return []
    lessons_meant = {entry.lesson for entry in found}
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.name not in known and any(_handed_in(course, path.name, lesson) for lesson in lessons_meant)
    )


def _handed_in(course: Course, student: str, lesson: str) -> bool:
    folder = course.classroom / "submitted" / student / lesson
    try:
        return folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir())
    except OSError:  # what cannot be read was not nothing
        return True
