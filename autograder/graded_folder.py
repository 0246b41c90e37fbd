"""class/autograded/<student>/<lesson>/: the graded notebook, and what formgrader may serve beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder.contents import Contents
from autograder.course import Course
from autograder.submission import Graded, Material

# Of what a student hands in beside the notebook formgrader serves these, and nothing that a browser would run.
SERVED = {".csv", ".gif", ".jpeg", ".jpg", ".json", ".npy", ".npz", ".png", ".py", ".tsv", ".txt", ".webp"}


def notebook_of(course: Course, student: str, lesson: str) -> Path:
    """Where a submission's graded notebook is."""
    return course.classroom / "autograded" / student / lesson / f"{lesson}.ipynb"


def put_graded(course: Course, student: str, contents: Contents, material: Material, graded: Graded) -> None:
    """Put a graded submission in the place of an earlier one.

    contents: of the submission's folder, which is in order
    raises  : OSError
    """
    from autograder.intake import other_files

    path = notebook_of(course, student, material.lesson)
    files = other_files(contents, material.files)
    draft = path.parent.with_name(f".{material.lesson}.part")
    for folder in (draft, path.parent):
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name, data in files.items():
        if name in material.files or Path(name).suffix.lower() in SERVED:
            place = draft / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    if contents.timestamp is not None:
        (draft / "timestamp.txt").write_text(contents.timestamp, encoding="utf-8")
    (draft / path.name).write_text(graded.notebook, encoding="utf-8")
    if path.parent.exists():
        shutil.rmtree(path.parent)
    draft.rename(path.parent)
