"""Put what learning platforms give into class/submitted/<student>/<lesson>/, ready for grading.

A source is read (archives), its files are sorted by sender (senders, roster) and by lesson (which_lesson), and what
each sender handed in is kept for good (collected); collect_source has the way of one source.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from autograder.class_lock import only_run
from autograder.collect_source import Collected, Source
from autograder.collected import remove
from autograder.course import Course, CourseError
from autograder.roster import read_roster
from autograder.safe_names import safe_name
from autograder.submission_folder import os_errors_explained

WORDS = {
    "new": "new",
    "newer": "newer than what was there",
    "earlier": "earlier than what is there",
    "unchanged": "collected before",
    "unknown": "in class/unknown/",
    "refused": "refused",
}


def run(
    course: Course, sources: list[Path], lesson: str = "", roster: Path | None = None, student: str = "", as_json=False
) -> int:
    """Collect these files and folders, and print what came of it.

    lesson, student: what everything in them is for and from, where that is known
    roster : a CSV file; class/roster.csv where none is named and that one exists
    returns: 0 if everything was collected, 1 if something was refused or belongs to nobody
    raises : CourseError if nothing can be collected at all, or not all could be written
    """
    done = list(collect(course, sources, lesson, roster, student))
    if as_json:
        print(json.dumps({"counts": _counts(done), "files": [asdict(each) for each in done]}, indent=1))
    else:
        _print(course, done)
    return int(any(each.what in ("unknown", "refused") for each in done))


def collect(
    course: Course, sources: list[Path], lesson: str = "", roster: Path | None = None, student: str = ""
) -> Iterator[Collected]:
    """Like run, but yields what became of each thing, as it comes."""
    if lesson:
        course.chosen_lessons([lesson])
    if student and safe_name(student) != student:
        raise CourseError(f"{student!r} cannot be a folder's name: use letters, digits, - and _")
    for source in sources:
        _check_source(course, source)
    own = course.classroom / "roster.csv"
    chosen = roster or (own if own.is_file() else None)
    known = read_roster(chosen) if chosen else None
    with only_run(course), _scratch(course) as scratch:
        for source in sources:
            yield from Source(course, source, lesson, known, student, scratch).collect()


def _check_source(course: Course, source: Path) -> None:
    """raises: CourseError if it is not there, or is the class itself"""
    if not os.path.lexists(source):
        raise CourseError(f"there is no {source}: name a file or a folder that is there")
    place, classroom = source.resolve(), course.classroom.resolve()
    own = [classroom / name for name in ("submitted", "collected", "autograded", "feedback", "received")]
    if classroom.is_relative_to(place) or any(place.is_relative_to(each) for each in own):
        raise CourseError(f"{source} is the class itself: name what the learning platform gave, outside of it")


@contextlib.contextmanager
def _scratch(course: Course) -> Iterator[Path]:
    """A folder of the class for what is on its way; nothing in it is the only copy of anything."""
    folder = course.classroom / ".collecting"
    with os_errors_explained(folder):
        remove(folder)
        folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _counts(done: list[Collected]) -> dict[str, int]:
    return {what: number for what, number in Counter(each.what for each in done).items() if what != "note"}


def _print(course: Course, done: list[Collected]) -> None:
    for each in done:
        if each.why:
            print(each.line)
    late = sum(each.late for each in done)
    counts = _counts(done)
    parts = [f"{counts[what]} {words}" for what, words in WORDS.items() if what in counts]
    print(f"{', '.join(parts) or 'nothing'}{f' ({late} late, as the platform says)' if late else ''}")
    if counts.keys() & {"new", "newer"}:
        print(f"Now: autograder grade, for what is in {course.classroom / 'submitted'}")
    elif not counts.keys() & {"earlier"}:
        print("Nothing has changed in the class.")
