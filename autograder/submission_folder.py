"""A submission's folder: what is in it, and how it is put in order so that nothing is lost whenever that stops.

Students and archives put anything into a folder: links out of it, pipes, folders without end, forbidden files. Here
no link is followed and no pipe waited for, and what is removed has been copied before.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course import CourseError
from autograder.notebook_file import ASK_AGAIN, MAX_BYTES, too_large

MAX_FOLDER_DEPTH = 8
MAX_OTHER_FILES = 100  # beside the notebook: nbgrader's time grows with the square of their number
MAX_OTHER_BYTES = 10_000_000  # of these together

_DRAFT = ".intake-"


@contextlib.contextmanager
def os_errors_explained(place: Path) -> Iterator[None]:
    """Turns an OSError into a CourseError that says what to do. place: what is read or written"""
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
        raise CourseError(f"{what}, then try again; nothing was lost") from error


@dataclass(frozen=True)
class Entry:
    """Something in a submission's folder.

    parts  : its path there
    kind   : "file", "folder", "link", "deep" (a folder that is nested too deeply to be entered) or "other"
    size   : in bytes, of a file
    changed: when a file was changed last, in seconds since 1970
    """

    parts: tuple[str, ...]
    path: Path
    kind: str
    size: int = 0
    changed: float = 0.0

    @property
    def shown(self) -> str:
        return _shown("/".join(self.parts))

    @property
    def is_notebook(self) -> bool:
        """Whether it is called like a notebook: where it ends in .ipynb.txt, a browser has saved it."""
        return ".ipynb" in self.parts[-1].lower()

    @property
    def hidden(self) -> bool:
        return any(part.startswith((".", "__MACOSX")) for part in self.parts)


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
        path, inner = here / each.name, (*parts, each.name)
        try:
            status = each.stat(follow_symlinks=False)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            yield Entry(inner, path, "file", status.st_size, status.st_mtime)
        elif stat.S_ISLNK(status.st_mode):
            yield Entry(inner, path, "link")
        elif not stat.S_ISDIR(status.st_mode):
            yield Entry(inner, path, "other")
        elif len(inner) >= MAX_FOLDER_DEPTH:
            yield Entry(inner, path, "deep")
        else:
            yield Entry(inner, path, "folder")
            yield from entries_of(folder, inner)


def _listed(folder: Path) -> list[os.DirEntry]:
    with os.scandir(folder) as scan:
        return sorted(scan, key=lambda each: each.name)


def bytes_of(path: Path, most: int) -> bytes | str:
    """What is in a regular file, or why it cannot be had; never follows a link and never waits for a pipe.

    most   : bytes
    returns: the bytes, or the end of a sentence that begins with the file's name
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
            return file.read(most + 1)[:most]
    except OSError as error:
        return f"cannot be read ({error.strerror}): {ASK_AGAIN}"


def _shown(name: str) -> str:
    """A file's name as printable text of at most 80 characters."""
    name = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    name = "".join(c if c.isprintable() else "?" for c in name)
    return name if len(name) <= 80 else f"{name[:60]}…{name[-19:]}"


def make_folder(folder: Path) -> list[str]:
    """See to it that the submission is a folder and not a link to one, or a file.

    returns: what there was to say
    raises : CourseError if there is nothing
    """
    aside = folder.with_name(f".{folder.name}.file")
    if folder.is_symlink():
        target = _shown(os.readlink(folder))
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


def is_harmful(entry: Entry) -> bool:
    """Whether something must not stay: it leads out of the folder or never ends, or nbgrader would stop at it."""
    return entry.kind in ("link", "other", "deep") or _is_bad_timestamp(entry)


def excess_of(entries: list[Entry]) -> list[Entry]:
    """Of files beside the notebook those of which there are too many or too much; the smallest stay."""
    files = [e for e in entries if e.kind == "file" and not e.is_notebook and e.parts != ("timestamp.txt",)]
    room, excess = MAX_OTHER_BYTES, []
    for number, entry in enumerate(sorted(files, key=lambda entry: (entry.size, entry.parts))):
        room -= entry.size
        if number >= MAX_OTHER_FILES or room < 0:
            excess.append(entry)
    return excess


def _is_bad_timestamp(entry: Entry) -> bool:
    """Whether it is a timestamp.txt at which nbgrader would stop."""
    if entry.parts != ("timestamp.txt",):
        return False
    from dateutil import parser

    data = bytes_of(entry.path, 1000)
    try:
        text = data.decode().strip() if isinstance(data, bytes) else "?"
        words = text.split(" ")
        if text:
            parser.parse(" ".join(words[:2]) if len(words) == 3 else text)
    except (ValueError, OverflowError, TypeError):
        return True
    return False


def said_of_harm(entry: Entry) -> str:
    """What becomes of something harmful, as a sentence for the instructor."""
    if entry.kind == "link":
        return f"{entry.shown} was a link (to {_target(entry.path)}), which is not followed: it is removed."
    if entry.kind == "deep":
        return f"{entry.shown} holds folders nested too deeply: it is in received/ only."
    if entry.kind == "folder":
        return f"{entry.shown} was a folder where nbgrader looks for a date: it has another name now."
    if entry.kind == "file":
        return f"{entry.shown} holds no date that nbgrader could read: it is in received/ only."
    return f"{entry.shown} was no file but a pipe, a socket or a device: it is removed."


def _target(path: Path) -> str:
    try:
        return _shown(os.readlink(path))
    except OSError:
        return "?"


def keep(entries: list[Entry], received: Path) -> Path:
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
            data = bytes_of(entry.path, MAX_BYTES)
            if isinstance(data, bytes):
                place.write_bytes(data)
                os.utime(place, (entry.changed, entry.changed))
            else:
                with contextlib.suppress(OSError):  # it stays where it is
                    os.link(entry.path, place, follow_symlinks=False)
    number = 1 + max((int(each.name) for each in received.glob("[0-9]*") if each.name.isdecimal()), default=0)
    os.rename(draft, received / str(number))
    return received / str(number)


def put_in_order(
    folder: Path,
    notebook: NotebookNode,
    used: Entry | None,
    candidates: list[Entry],
    harmful: list[Entry],
    kept: Path,
) -> None:
    """Put the canonical notebook in its place, and remove what must not stay, all of which is kept by now.

    used: the candidate from which `notebook` was read
    kept: where everything was copied
    """
    for entry in sorted(harmful, key=lambda entry: entry.kind == "folder"):  # what is in a folder before the folder
        if entry.kind == "deep":
            _move(entry.path, kept.joinpath(*entry.parts))
        elif entry.kind == "folder":
            _move(entry.path, _free(entry.path))
        elif kept.joinpath(*entry.parts).exists() or entry.kind != "file":
            _remove(entry.path)
        else:
            _move(entry.path, kept.joinpath(*entry.parts))
    for left_over in folder.glob(f"{_DRAFT}*"):
        if left_over.is_file():
            _remove(left_over)
    path, aside = folder / f"{folder.name}.ipynb", None
    if path.is_dir():
        aside = _free(path)
        _move(path, aside)
    _write(notebook, path, used.changed if used else None)
    for entry in candidates:
        # Other notebooks would be graded along by nbgrader; other JSON may be data.
        if entry.path == path or not (entry is used or entry.is_notebook):
            continue
        moved = aside.joinpath(*entry.parts[1:]) if aside and entry.parts[0] == path.name else entry.path
        place = kept.joinpath(*entry.parts)
        if place.exists():
            _remove(moved)
        else:
            _move(moved, place)


def _write(notebook: NotebookNode, path: Path, changed: float | None) -> None:
    """Write a notebook so that there is never half of one, with this time of its last change if there is one."""
    _allow(path.parent)
    descriptor, draft = tempfile.mkstemp(prefix=_DRAFT, dir=path.parent)
    with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.write(nbformat.writes(notebook) + "\n")
    os.chmod(draft, 0o644)
    if changed is not None:
        os.utime(draft, (changed, changed))
    os.replace(draft, path)


def _free(path: Path) -> Path:
    """A path beside this one that is not taken."""
    names = (path.with_name(f"{path.name}-folder-{number}") for number in range(1, 1000))
    return next(path for path in names if not os.path.lexists(path))


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
