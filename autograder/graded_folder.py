"""class/autograded/<student>/<lesson>/: the graded notebook, and what formgrader may serve beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder.course import Course
from autograder.submission import Graded


def notebook_of(course: Course, student: str, lesson: str) -> Path:
    """Where a submission's graded notebook is."""
    return course.classroom / "autograded" / student / lesson / f"{lesson}.ipynb"


def put_graded(course: Course, student: str, lesson: str, graded: Graded) -> None:
    """Put a graded submission in the place of an earlier one. raises: OSError"""
    path = notebook_of(course, student, lesson)
    draft = path.parent.with_name(f".{lesson}.part")
    for folder in (draft, path.parent):
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name, data in graded.files.items():
        place = draft / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    if graded.timestamp is not None:
        (draft / "timestamp.txt").write_text(graded.timestamp, encoding="utf-8")
    (draft / path.name).write_text(graded.notebook, encoding="utf-8")
    if path.parent.exists():
        shutil.rmtree(path.parent)
    draft.rename(path.parent)
