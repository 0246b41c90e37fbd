"""A submission's folder: how it is read, and how it is put in order so that nothing is lost whenever that stops.

Students and archives put anything into a folder: links out of it, pipes, folders without end, forbidden files. Here
no link is followed and no pipe waited for, and what is removed has been copied before.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.contents import DRAFT, MAX_BYTES, TIMESTAMP, Contents, Entry, Order, candidates_of, needed, shown
from autograder.course import Course, CourseError, StopError
from autograder.repairs import ASK_AGAIN, too_large

MAX_FOLDER_DEPTH = 8
MAX_TIMESTAMP = 1000  # bytes
SECONDS_OF_DOUBT = 2  # within which a file system may not tell one change from the next
# Errors of the machine: what is in the file is not known, so nothing can be said of it.
_OF_MACHINE = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.ESTALE, errno.EINTR}
# What is read of a submission at once. Where there is more, its folder is put in order first, which makes it less.
MAX_CONTENTS = 32_000_000


@contextlib.contextmanager
def os_errors_explained(place: Path) -> Iterator[None]:
    """Turns an OSError into a CourseError that says what to do, a StopError if that concerns the whole disk.

    place: what is read or written
    """
    try:
        yield
    except OSError as error:
        what = {
            errno.ENOSPC: "the disk is full: make room",
            errno.EDQUOT: "your share of the disk is full: make room",
            errno.EROFS: "the disk cannot be written: mount it for writing",
            errno.EACCES: f"{place} may not be read or written: change its permissions",
            errno.EPERM: f"{place} may not be read or written: change its permissions",
        }.get(error.errno, f"{place} cannot be read or written ({error.strerror}): mend that")
        kind = StopError if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS) else CourseError
        raise kind(f"{what}, then try again; nothing was lost") from error


def read_folder(course: Course, student: str, lesson: str) -> Contents:
    """All of class/submitted/<student>/<lesson>/ on which its grade depends.

    What is no folder, or holds more than 32 MB to read, is put in order first, as by `intake.take_in`.
    raises: CourseError if there is no such submission or it cannot be put in order; nothing for what is in the folder
    """
    folder = course.classroom / "submitted" / student / lesson
    with os_errors_explained(folder):
        plain = _is_folder(folder)
    if plain:
        contents = unread_folder(course, student, lesson)
        files = needed(contents.entries, contents.candidates)
    if not plain or sum(entry.size for entry in files) > MAX_CONTENTS:
        from autograder.intake import take_in

        take_in(course, student, lesson)
        contents = unread_folder(course, student, lesson)
        files = needed(contents.entries, contents.candidates)
    room, data = MAX_CONTENTS, dict(contents.data)
    with os_errors_explained(folder):
        for entry in files:
            most = MAX_BYTES if entry in contents.candidates[:1] else max(room, 0)
            found = data[entry.parts] = bytes_of(folder.joinpath(*entry.parts), most)
            room -= len(found) if isinstance(found, bytes) else 0
    return Contents(lesson, contents.entries, contents.candidates, data, contents.known)


class _OnDisk(dict):
    """The bytes of a folder's files by their paths, each read when it is asked for and not kept."""

    def __init__(self, folder: Path):
        super().__init__()
        self.folder = folder

    def __missing__(self, parts: tuple[str, ...]) -> bytes | str:
        return bytes_of(self.folder.joinpath(*parts), MAX_BYTES)


def unread_folder(course: Course, student: str, lesson: str) -> Contents:
    """As `read_folder`, but of any size: data["a", "b.txt"] reads a file then and there."""
    folder = course.classroom / "submitted" / student / lesson
    with os_errors_explained(folder):
        said = make_folder(folder)
        entries = tuple(entries_of(folder))
        known = (course.classroom / "received" / student / lesson).is_dir()
        candidates = candidates_of(entries, lesson, lambda entry: _starts_like_notebook(folder.joinpath(*entry.parts)))
        data = _OnDisk(folder)
        if any(entry.parts == TIMESTAMP and entry.kind == "file" for entry in entries):
            data[TIMESTAMP] = bytes_of(folder.joinpath(*TIMESTAMP), MAX_TIMESTAMP)
    return Contents(lesson, entries, tuple(candidates), data, known, tuple(said))


def _is_folder(folder: Path) -> bool:
    """Whether `make_folder` has nothing to do."""
    return not os.path.lexists(_aside(folder)) and folder.is_dir() and not folder.is_symlink()


def _aside(folder: Path) -> Path:
    """Where a file in place of a folder is while the folder is made."""
    return folder.with_name(f".{folder.name}.file")


def _starts_like_notebook(path: Path) -> bool:
    data = bytes_of(path, MAX_BYTES, first=64)
    return isinstance(data, bytes) and data.lstrip(codecs.BOM_UTF8 + b" \r\n\t").startswith(b"{")


def stamp_of(course: Course, student: str, lesson: str) -> str:
    """What the file system says of a submission's folder, without reading a file: the same means that nothing changed.

    returns: "" where that would not be certain, because something was changed just now
    """
    found, newest = [], 0
    waiting = [course.classroom / "submitted" / student / lesson]
    try:
        while waiting:
            with os.scandir(waiting.pop()) as scan:
                for each in scan:
                    status = each.stat(follow_symlinks=False)
                    # No program can set the time of the last change of an inode.
                    newest = max(newest, status.st_ctime_ns)
                    found.append((each.path, status.st_mode, status.st_size, status.st_ino, status.st_ctime_ns))
                    if stat.S_ISDIR(status.st_mode):
                        waiting.append(each.path)
    except OSError:
        return ""
    if newest > time.time_ns() - SECONDS_OF_DOUBT * 10**9:
        return ""
    known = (course.classroom / "received" / student / lesson).is_dir()
    return hashlib.sha256(ascii((known, sorted(found))).encode()).hexdigest()


def given_files(course: Course, lesson: str) -> dict[str, bytes]:
    """The assignment's own files beside its notebook, by their paths.

    raises: CourseError if one cannot be read
    """
    folder, files = course.notebooks / lesson, {}
    with os_errors_explained(folder):
        for path in sorted(folder.rglob("[!.]*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and name != f"{lesson}.ipynb" and "/." not in f"/{name}":
                files[name] = path.read_bytes()
    return files


def entries_of(folder: Path, parts: tuple[str, ...] = ()) -> Iterator[Entry]:
    """All that is in a folder and in its folders, sorted; of what cannot be read nothing.

    parts: of a folder in it where to begin
    """
    here = folder.joinpath(*parts)
    try:
        found = _listed(here)
    except PermissionError:
        try:
            here.chmod(0o700)
            found = _listed(here)
        except OSError:
            return
    for each in found:
        inner = (*parts, each.name)
        try:
            status = each.stat(follow_symlinks=False)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            yield Entry(inner, "file", status.st_size, status.st_mtime)
        elif stat.S_ISLNK(status.st_mode):
            yield Entry(inner, "link", target=_target(each.path))
        elif not stat.S_ISDIR(status.st_mode):
            yield Entry(inner, "other")
        elif len(inner) >= MAX_FOLDER_DEPTH:
            yield Entry(inner, "deep")
        else:
            yield Entry(inner, "folder")
            yield from entries_of(folder, inner)


def _listed(folder: Path) -> list[os.DirEntry]:
    with os.scandir(folder) as scan:
        return sorted(scan, key=lambda each: each.name)


def _target(path: str) -> str:
    try:
        return shown(os.readlink(path))
    except OSError:
        return "?"


def bytes_of(path: Path, most: int, first: int | None = None) -> bytes | str:
    """What is in a regular file, or why it cannot be had; never follows a link and never waits for a pipe.

    most   : bytes that it may have
    first  : how many of them are read, None for all
    returns: the bytes, or the end of a sentence that begins with the file's name
    raises : OSError if the machine has no more of something, or its disk fails
    """
    how = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        try:
            descriptor = os.open(path, how)
        except PermissionError:
            path.chmod(0o600)
            descriptor = os.open(path, how)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return "is no file"
            if status.st_size > most:
                return too_large(most)
            return file.read(most if first is None else first)
    except OSError as error:
        if error.errno in _OF_MACHINE:
            raise
        return f"cannot be read ({error.strerror}): {ASK_AGAIN}"


def make_folder(folder: Path) -> list[str]:
    """See to it that the submission is a folder and not a link to one, or a file.

    returns: what there was to say
    raises : CourseError if there is nothing
    """
    aside = _aside(folder)
    if folder.is_symlink():
        target = shown(os.readlink(folder))
        folder.unlink()
        folder.mkdir()
        return [f"The folder was a link (to {target}), which is not followed: it is removed."]
    if os.path.lexists(folder) and not folder.is_dir():
        os.replace(folder, aside)
    if os.path.lexists(aside):
        folder.mkdir(exist_ok=True)
        os.replace(aside, folder / f"{folder.name}.ipynb")
        return ["There was a file in place of the folder."]
    if not folder.is_dir():
        raise CourseError(f"there is no submission in {folder}: collect it first")
    return []


def settle(course: Course, student: str, lesson: str, order: Order) -> Path:
    """Put class/submitted/<student>/<lesson>/ in order; killed at any point, it loses nothing.

    Everything is first kept as it came in a new folder of class/received/<student>/<lesson>/, numbered from 1.
    returns: that folder
    raises : CourseError if the submission is not what it was when it was read, or a file cannot be written
    """
    folder = course.classroom / "submitted" / student / lesson
    received = course.classroom / "received" / student / lesson
    with os_errors_explained(folder):
        if not _is_folder(folder) or tuple(entries_of(folder)) != order.entries:
            raise CourseError(f"{folder} was changed while it was graded: grade it again")
    with os_errors_explained(received):
        kept = _keep(folder, order.entries, received)
    with os_errors_explained(folder):
        _put_in_order(folder, order, kept)
    return kept


def _keep(folder: Path, entries: Iterable[Entry], received: Path) -> Path:
    """Copy all files to a new numbered folder of `received`, which appears there once it is complete.

    returns: that folder
    """
    received.mkdir(parents=True, exist_ok=True)
    for left_over in received.glob(".*.part"):  # a copy that was not completed
        shutil.rmtree(left_over)
    draft = received / f".{os.getpid()}.part"
    draft.mkdir()
    for entry in entries:
        place = draft.joinpath(*entry.parts)
        if entry.kind == "folder":
            place.mkdir(parents=True, exist_ok=True)
        elif entry.kind == "file":
            place.parent.mkdir(parents=True, exist_ok=True)
            data = bytes_of(folder.joinpath(*entry.parts), MAX_BYTES)
            if isinstance(data, bytes):
                place.write_bytes(data)
                os.utime(place, (entry.changed, entry.changed))
            else:
                with contextlib.suppress(OSError):  # it stays where it is
                    os.link(folder.joinpath(*entry.parts), place, follow_symlinks=False)
    number = 1 + max((int(each.name) for each in received.glob("[0-9]*") if each.name.isdecimal()), default=0)
    os.rename(draft, received / str(number))
    return received / str(number)


def _put_in_order(folder: Path, order: Order, kept: Path) -> None:
    """Remove what must not stay, all of which is kept by now, and put the canonical notebook in its place."""
    for entry in order.harmful:
        _take_out(entry, folder.joinpath(*entry.parts), kept)
    for name, other in order.renamed.items():
        _move(folder / name, folder / other)
    _write(order.notebook, folder / f"{folder.name}.ipynb", order.changed)
    for entry in order.replaced:
        _take_out(entry, folder.joinpath(*order.place(entry)), kept)


def _take_out(entry: Entry, path: Path, kept: Path) -> None:
    """Remove something, or move it to where everything else was copied if it could not be."""
    place = kept.joinpath(*entry.parts)
    if entry.kind != "deep" and (entry.kind != "file" or place.exists()):
        _remove(path)
    else:
        _move(path, place)


def _write(notebook: str, path: Path, changed: float | None) -> None:
    """Write a notebook so that there is never half of one, with this time of its last change if there is one."""
    _allow(path.parent)
    descriptor, draft = tempfile.mkstemp(prefix=DRAFT, dir=path.parent)
    with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.write(notebook)
    os.chmod(draft, 0o644)
    if changed is not None:
        os.utime(draft, (changed, changed))
    os.replace(draft, path)


def _remove(path: Path) -> None:
    _allow(path.parent)
    path.unlink()


def _move(path: Path, place: Path) -> None:
    _allow(path.parent)
    place.parent.mkdir(parents=True, exist_ok=True)
    os.rename(path, place)


def _allow(folder: Path) -> None:
    """Make it possible to change what is in a folder, which archives may have forbidden."""
    if folder.stat().st_mode & 0o700 != 0o700:
        folder.chmod(0o700)
