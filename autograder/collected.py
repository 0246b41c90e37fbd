"""class/collected/: every submission that was ever collected, and how the latest one gets into class/submitted/.

class/collected/<student>/<lesson>/1_2026-01-30T15-00-00_0a1b2c3d4e5f/ is the first, by the time at which it was handed
in, or "undated", and by what is in it. latest.txt there names the one that was put into class/submitted/. What stood
there before, if that was no version of these, is kept beside them as replaced_1/.

Killed at any point, the same call again ends in the same state: a version appears as a whole, and the latest one is
found anew from the versions alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from autograder.contents import TIMESTAMP
from autograder.course import Course, CourseError
from autograder.submission_folder import os_errors_explained

MARK = "latest.txt"
_VERSION = re.compile(r"(\d+)_(undated|\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)_([0-9a-f]{12})")


@dataclass(frozen=True)
class _Version:
    number: int
    when: str
    digest: str

    @property
    def name(self) -> str:
        return f"{self.number}_{self.when}_{self.digest}"


def write_time(folder: Path, when: datetime | None) -> None:
    """Give a submission the time at which it was handed in, as nbgrader reads it."""
    if when is not None:
        text = when.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
        folder.joinpath(*TIMESTAMP).write_text(text, encoding="utf-8")


def keep(course: Course, student: str, lesson: str, staged: Path, when: datetime | None) -> str:
    """Keep a submission, and put the student's latest one into class/submitted/<student>/<lesson>/.

    staged : a folder of the class with the submission, which is moved
    returns: "new", "newer" where another one stood there, "earlier" where that one still does, or "unchanged"
    raises : CourseError if something cannot be written, and then the same call again goes on from there
    """
    home, place = course.classroom / "collected" / student / lesson, course.classroom / "submitted" / student / lesson
    with os_errors_explained(home):
        for folder in (*reversed(home.relative_to(course.classroom).parents), Path("submitted", student)):
            _no_link(course.classroom / folder)
        home.mkdir(parents=True, exist_ok=True)
        versions, digest = _versions(home), digest_of(staged)
        if not any(version.digest == digest for version in versions):
            moment = f"{when.astimezone(timezone.utc):%Y-%m-%dT%H-%M-%S}" if when else "undated"
            number = 1 + max((version.number for version in versions), default=0)
            versions.append(_Version(number, moment, digest))
            os.rename(staged, home / versions[-1].name)
            added = True
        else:
            added = False
    with os_errors_explained(place):
        return _put(home, place, versions, staged.parent) or ("earlier" if added else "unchanged")


def _no_link(folder: Path) -> None:
    if folder.is_symlink():
        raise CourseError(f"{folder} is a link, which may lead out of the class: put the folder itself there")


def _versions(home: Path) -> list[_Version]:
    found = [_VERSION.fullmatch(path.name) for path in home.iterdir()]
    return sorted((_Version(int(m[1]), m[2], m[3]) for m in found if m), key=lambda version: version.number)


def _latest(versions: list[_Version]) -> _Version:
    """The one that was handed in last; collected last, where one of two has no time."""
    latest = versions[0]
    for version in versions[1:]:
        if "undated" in (version.when, latest.when) or version.when >= latest.when:
            latest = version
    return latest


def _put(home: Path, place: Path, versions: list[_Version], scratch: Path) -> str:
    """Put the latest version into its place if it is not there; returns "new" or "newer" then, else ""."""
    latest, mark = _latest(versions), home / MARK
    there = os.path.lexists(place)
    if there and mark.exists() and mark.read_text(encoding="utf-8") == latest.name:
        return ""
    draft, gone = scratch / "put", scratch / "gone"
    for left_over in (draft, gone):
        remove(left_over)
    shutil.copytree(home / latest.name, draft)
    place.parent.mkdir(parents=True, exist_ok=True)
    if there:
        digest = digest_of(place)
        known = any(version.digest == digest for version in versions)
        number = 1 + max(
            (int(each.name[9:]) for each in home.glob("replaced_*") if each.name[9:].isdecimal()), default=0
        )
        os.rename(place, gone if known else home / f"replaced_{number}")
    os.rename(draft, place)
    _write_mark(mark, latest, scratch)
    remove(gone)
    return "newer" if there or len(versions) > 1 else "new"


def _write_mark(mark: Path, version: _Version, scratch: Path) -> None:
    draft = scratch / MARK
    draft.write_text(version.name, encoding="utf-8")
    os.replace(draft, mark)


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def digest_of(folder: Path) -> str:
    """Twelve hexadecimal digits of the SHA-256 of all that is in a folder, names and bytes; links are not followed."""
    digest = hashlib.sha256()
    paths = [folder, *sorted(folder.rglob("*"))] if folder.is_dir() and not folder.is_symlink() else [folder]
    for path in paths:
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            continue  # an empty folder is nothing that somebody handed in
        digest.update(ascii((path.relative_to(folder).parts, stat.S_IFMT(mode))).encode())
        if stat.S_ISREG(mode):
            with open(path, "rb") as file:
                content = hashlib.sha256()
                while data := file.read(1 << 20):
                    content.update(data)
            digest.update(content.digest())
    return digest.hexdigest()[:12]
