"""From what students hand in to one canonical notebook each; class/received/ keeps everything as it came."""

from __future__ import annotations

import codecs
import contextlib
import difflib
import errno
import json
import math
import os
import re
import shutil
import stat
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.course import Course, CourseError
from autograder.rebuild import METADATA, one_line

MAX_BYTES = 200_000_000
MAX_CELLS = 2_000
MAX_CANDIDATES = 50
# A notebook that is larger than this is full of pictures, which grading makes anew: its canonical copy leaves them out.
MAX_CANONICAL = 10_000_000
MAX_OTHER_FILES = 10_000_000
MAX_METADATA_DEPTH = 12
MAX_FOLDER_DEPTH = 8
MAX_OTHER_DEPTH = 3

_DRAFT = ".intake-"
_UNIQUE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
_OTHER_KINDS = [
    (b"PK\x03\x04", "is a zip archive: unpack it"),
    (b"\x1f\x8b", "is a gzip archive: unpack it"),
    (b"%PDF", "is a PDF: ask the student for the .ipynb file"),
    (b"<!doctype", "is a web page: ask the student for the .ipynb file"),
    (b"<html", "is a web page: ask the student for the .ipynb file"),
]
_AGAIN = "ask the student for it again"


# One file.


class _NoNotebookError(Exception):
    """Why there is no notebook in a file, as the rest of a sentence that begins with its name."""


@dataclass
class _File:
    """What a file's bytes turned out to be.

    raw      : its JSON
    canonical: False as soon as something in it is not as nbformat 4.5 in UTF-8 wants it
    """

    raw: Any = None
    canonical: bool = True
    notes: list[str] = field(default_factory=list)

    def mended(self, note: str = "") -> None:
        self.canonical = False
        if note and note not in self.notes:
            self.notes.append(note)


def read_notebook(data: bytes) -> tuple[NotebookNode | None, list[str]]:
    """A notebook from the bytes of a file.

    returns: a valid notebook of nbformat 4.5 without outputs and what had to be mended, as ends of sentences that
        begin with the file's name; or None, and as the last note why there is no notebook in the file
    """
    try:
        notebook, file = _read(data)
        return notebook, file.notes
    except _NoNotebookError as reason:
        return None, [str(reason)]


def _read(data: bytes) -> tuple[NotebookNode, _File]:
    """The notebook in a file.

    raises: _NoNotebookError
    """
    if len(data) > MAX_BYTES:
        raise _NoNotebookError(f"is larger than {MAX_BYTES // 1_000_000} MB: {_AGAIN}, without outputs")
    if not data.strip(b"\0 \t\r\n"):
        raise _NoNotebookError(f"is empty ({len(data)} bytes): {_AGAIN}")
    start = data[:64].lstrip().lower()
    for mark, kind in _OTHER_KINDS:
        if start.startswith(mark.lower()):
            raise _NoNotebookError(kind)
    file = _File()
    text = _decoded(data, file).strip("\0\ufeff \t\r\n")
    if not text.startswith(("{", "[")):
        raise _NoNotebookError("is no notebook but other text: ask the student for the right file")
    file.raw = _parsed(text, file)
    return _as_notebook(file.raw, file), file


def _decoded(data: bytes, file: _File) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            file.mended("" if encoding == "utf-8-sig" else f"was written in {encoding.upper()}")
            return data.decode(encoding, "replace")
    for zero, encoding in ((0, "utf-16-be"), (1, "utf-16-le")):
        if data[zero : zero + 8 : 2] == bytes(4):
            file.mended(f"was written in {encoding[:6].upper()}")
            return data.decode(encoding, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if broken < sum(not c.isascii() for c in text) - broken:
        file.mended(f"holds {broken} broken characters")
        return text
    file.mended("was not written in UTF-8 but in an older encoding")
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _parsed(text: str, file: _File) -> Any:
    def pairs(found: list[tuple[str, Any]]) -> dict:
        unique = dict(found)
        if len(unique) != len(found):
            file.mended("holds keys twice")
        return unique

    def number(digits: str) -> int:
        if len(digits) < 20:
            return int(digits)
        file.mended("holds numbers too large for JSON")
        return 0

    def constant(name: str) -> None:
        file.mended("holds numbers that JSON has not")

    def fraction(digits: str) -> float | None:
        value = float(digits)
        return value if math.isfinite(value) else constant(digits)

    decoder = json.JSONDecoder(object_pairs_hook=pairs, parse_int=number, parse_float=fraction, parse_constant=constant)
    try:
        raw, end = decoder.raw_decode(text)
    except json.JSONDecodeError as error:
        if re.search(r"^<{7} ", text, re.MULTILINE):
            raise _NoNotebookError("holds an unresolved git conflict: ask the student to resolve it") from None
        raise _NoNotebookError(f"is damaged or cut short (no JSON from line {error.lineno} on): {_AGAIN}") from None
    except RecursionError:
        raise _NoNotebookError(f"is nested too deeply for a notebook: {_AGAIN}") from None
    if end < len(text):
        file.mended("goes on behind its end, which is left out")
    return raw


def _as_notebook(raw: Any, file: _File) -> NotebookNode:
    """A valid notebook from JSON that holds one of any version, or something much like it."""
    raw = raw if isinstance(raw, dict) else {}
    found = raw.get("cells")
    if not isinstance(found, list):
        worksheets = raw.get("worksheets")
        sheets = [sheet for sheet in worksheets if isinstance(sheet, dict)] if isinstance(worksheets, list) else []
        found = [cell for sheet in sheets if isinstance(sheet.get("cells"), list) for cell in sheet["cells"]]
        if not sheets:
            raise _NoNotebookError("is JSON but no notebook: ask the student for the right file")
        file.mended(f"came in nbformat {_shown(str(raw.get('nbformat')))}")
    if len(found) > MAX_CELLS:
        raise _NoNotebookError(f"has {len(found)} cells, {MAX_CELLS} are the most: {_AGAIN}")
    if raw.get("nbformat") != 4 or raw.get("nbformat_minor") != 5:
        file.mended()
    cells, taken = [], set()
    for number, cell in enumerate(found):
        if isinstance(cell, dict):
            cells.append(_as_cell(cell, number, taken, file))
        else:
            file.mended("held entries that are no cells")
    metadata = raw.get("metadata") if isinstance(raw.get("metadata"), dict) else {}
    metadata = _plain({name: metadata[name] for name in ("kernelspec", "language_info") if name in metadata})
    if not _has_strings(metadata.get("kernelspec"), "name", "display_name"):
        metadata.pop("kernelspec", None)
    if not _has_strings(metadata.get("language_info"), "name"):
        metadata.pop("language_info", None)
    return nbformat.from_dict({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def _as_cell(cell: dict, number: int, taken: set[str], file: _File) -> dict:
    source = next((cell[name] for name in ("source", "input", "code") if name in cell), None)
    if isinstance(source, list) and all(isinstance(part, str) for part in source):
        source = "".join(source)
    if not isinstance(source, str):
        file.mended("held cells without text")
        source = "".join(part for part in source if isinstance(part, str)) if isinstance(source, list) else ""
    clean = _clean(source)
    if clean != source:
        file.mended("held half characters")
    cell_type = cell.get("cell_type")
    if cell_type == "heading":
        level = cell.get("level")
        clean = "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1) + " " + clean
        cell_type = "markdown"
    elif cell_type not in ("code", "markdown", "raw"):
        file.mended("held cells of an unknown type")
        cell_type = "code" if "outputs" in cell or "input" in cell else "markdown"
    cell_id = cell.get("id")
    if not isinstance(cell_id, str) or not _UNIQUE_ID.fullmatch(cell_id) or cell_id in taken:
        file.mended()
        cell_id = next(name for n in range(len(taken) + 1) if (name := f"cell-{number}-{n}") not in taken)
    taken.add(cell_id)
    new = {"cell_type": cell_type, "id": cell_id, "metadata": _cell_metadata(cell.get("metadata")), "source": clean}
    if cell_type == "code":
        new.update(execution_count=None, outputs=[])
    elif _is_attachments(cell.get("attachments")):
        new["attachments"] = _plain(cell["attachments"])
    return new


def _cell_metadata(metadata: Any) -> dict:
    """What tells which cell it is, and what nbformat's schema allows."""
    metadata = metadata if isinstance(metadata, dict) else {}
    kept = {name: metadata[name] for name in ("nbgrader", "id", "deletable", "editable") if name in metadata}
    if isinstance(metadata.get("name"), str) and metadata["name"]:
        kept["name"] = metadata["name"]
    tags = metadata.get("tags")
    if isinstance(tags, list) and all(isinstance(tag, str) and re.fullmatch(r"[^,]+", tag) for tag in tags):
        kept["tags"] = list(dict.fromkeys(tags))
    return _plain(kept)


def _is_attachments(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(data, dict) and all(isinstance(content, str) for content in data.values()) for data in value.values()
    )


def _has_strings(value: Any, *names: str) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in names)


def _plain(value: Any, depth: int = 0) -> Any:
    """JSON that can be written again: no depths, no NaN, no halves of characters."""
    if isinstance(value, dict) and depth < MAX_METADATA_DEPTH:
        return {_clean(name): _plain(each, depth + 1) for name, each in value.items()}
    if isinstance(value, list) and depth < MAX_METADATA_DEPTH:
        return [_plain(each, depth + 1) for each in value]
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float) else None


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _is_valid(file: _File) -> bool:
    """Whether nbformat, and so nbgrader, reads the file without complaint."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            nbformat.validate(nbformat.from_dict(file.raw))
    except Exception:  # jsonschema, nbformat and Python's recursion limit raise whatever they raise
        return False
    return True


# A submission's folder.


@dataclass(frozen=True)
class Intake:
    """What was handed in for one lesson.

    path    : the canonical notebook, <lesson>.ipynb in class/submitted/
    notebook: what is in it, without outputs
    notes   : what an instructor should know, a sentence each
    problem : why nothing can be graded and what to do, "" if something can
    received: the folder where everything is kept as it came; None if nothing had to be put in order
    """

    path: Path
    notebook: NotebookNode
    notes: list[str]
    problem: str = ""
    received: Path | None = None


@dataclass(frozen=True)
class _Entry:
    """Something in a submission's folder. parts: its path there; kind: "file", "folder", "link", "deep" or "other"."""

    parts: tuple[str, ...]
    path: Path
    kind: str
    size: int = 0
    changed: float = 0.0

    @property
    def shown(self) -> str:
        return _shown("/".join(self.parts))

    @property
    def hidden(self) -> bool:
        return any(part.startswith((".", "__MACOSX")) for part in self.parts)


def take_in(course: Course, student: str, lesson: str) -> Intake:
    """See to it that class/submitted/<student>/<lesson>/ holds the canonical <lesson>.ipynb and nothing that harms.

    Where it does not, everything is first kept as it came in a new folder of class/received/<student>/<lesson>/,
    numbered from 1; then the notebook that was found takes its name, and links, pipes and other notebooks are
    removed. Where there is no notebook, an empty one says why in its metadata["autograder"]["problem"].
    Killed at any point, it loses nothing, and can be called again.

    raises: CourseError if there is no such submission or a file cannot be written; nothing for what is in the folder
    """
    folder = course.classroom / "submitted" / student / lesson
    with _writing(folder):
        notes = _make_folder(folder)
        entries = list(_entries(folder))
    harmful = [entry for entry in entries if entry.kind in ("link", "other", "deep") or _is_bad_timestamp(entry)]
    received = course.classroom / "received" / student / lesson
    with _writing(folder):
        known = received.is_dir()
    candidates = _candidates(entries, lesson)
    canonical = next((entry for entry in candidates if entry.parts == (f"{lesson}.ipynb",)), None)
    found, reasons = _first_notebook(candidates, lesson, known)
    if found and found.entry is canonical and found.canonical and not harmful and not notes:
        others = [entry.shown for entry in candidates if entry is not canonical and ".ipynb" in entry.shown]
        notes = [*found.noted, *(f"{name} is there too and is not used." for name in others)]
        found.notebook.metadata[METADATA] = NotebookNode(repairs=notes, problem=found.problem)
        return Intake(canonical.path, found.notebook, notes, found.problem)

    for entry in harmful:
        notes.append(_said_of(entry))
    if found:
        notes += _said_of_choice(found, candidates, reasons, lesson)
        problem = found.problem
    else:
        problem = next(iter(reasons.values()), "there is no notebook in its folder: ask the student for it")
        notes += [reason for reason in reasons.values() if reason != problem]
    notebook = found.notebook if found else nbformat.v4.new_notebook(nbformat_minor=5)
    notebook.metadata[METADATA] = NotebookNode(repairs=notes, problem=problem)
    with _writing(received):
        kept = _keep(entries, received)
    with _writing(folder):
        _put_in_order(folder, lesson, notebook, found, candidates, harmful, kept)
    return Intake(folder / f"{lesson}.ipynb", notebook, notes, problem, kept)


def other_files(course: Course, student: str, lesson: str) -> dict[str, bytes]:
    """The files beside the notebook when it is graded, by their paths: the student's, then the assignment's own.

    Of the student's those with plain names, not hidden, at most three folders deep, 10 MB in all, smallest first.
    raises: CourseError if the assignment's own files cannot be read
    """
    folder = course.classroom / "submitted" / student / lesson
    with _writing(folder):
        entries = list(_entries(folder)) if folder.is_dir() and not folder.is_symlink() else []
    own = {f"{lesson}.ipynb", "timestamp.txt"}
    theirs = [
        entry
        for entry in entries
        if entry.kind == "file"
        and not entry.hidden
        and len(entry.parts) <= MAX_OTHER_DEPTH
        and "/".join(entry.parts) not in own
        and all(re.fullmatch(r"\w[\w .,()+=@-]*", part) for part in entry.parts)
    ]
    files, room = {}, MAX_OTHER_FILES
    for entry in sorted(theirs, key=lambda entry: (entry.size, entry.parts)):
        data = _bytes(entry.path, room)
        if isinstance(data, bytes):
            files["/".join(entry.parts)] = data
            room -= len(data)
    given = course.notebooks / lesson
    with _writing(given):
        for path in sorted(given.rglob("[!.]*")):
            name = path.relative_to(given).as_posix()
            if not path.is_file() or name == f"{lesson}.ipynb" or "/." in name or name.startswith("."):
                continue
            # Neither a file of the student's where the assignment has a folder nor the other way round.
            for other in [other for other in files if _within(other, name) or _within(name, other)]:
                del files[other]
            files[name] = path.read_bytes()
    return files


def _within(name: str, folder: str) -> bool:
    return name == folder or name.startswith(f"{folder}/")


@contextlib.contextmanager
def _writing(place: Path) -> Iterator[None]:
    """Turns an error of the file system into one that says what to do."""
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


def _shown(name: str) -> str:
    """A file's name as printable text."""
    name = os.fsencode(name).decode("utf-8", "replace") if any("\ud800" <= c <= "\udfff" for c in name) else name
    name = "".join(c if c.isprintable() else "?" for c in _clean(name))
    return name if len(name) <= 80 else f"{name[:60]}…{name[-19:]}"


def _make_folder(folder: Path) -> list[str]:
    """See to it that the submission is a folder and not a link to one, or a file. Returns what there was to say."""
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


def _entries(folder: Path, parts: tuple[str, ...] = ()) -> Iterator[_Entry]:
    """All that is in a folder, links not followed; what is too deep is named but not entered."""
    here = folder.joinpath(*parts)
    try:
        with os.scandir(here) as scan:
            found = sorted(scan, key=lambda each: each.name)
    except PermissionError:
        try:
            here.chmod(0o700)
            with os.scandir(here) as scan:
                found = sorted(scan, key=lambda each: each.name)
        except OSError:
            return
    for each in found:
        path, inner = here / each.name, (*parts, each.name)
        try:
            status = each.stat(follow_symlinks=False)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            yield _Entry(inner, path, "file", status.st_size, status.st_mtime)
        elif stat.S_ISLNK(status.st_mode):
            yield _Entry(inner, path, "link")
        elif not stat.S_ISDIR(status.st_mode):
            yield _Entry(inner, path, "other")
        elif len(inner) >= MAX_FOLDER_DEPTH:
            yield _Entry(inner, path, "deep")
        else:
            yield _Entry(inner, path, "folder")
            yield from _entries(folder, inner)


def _bytes(path: Path, most: int) -> bytes | str:
    """What is in a regular file, or why it cannot be had; never follows a link and never waits for a pipe."""
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
                return f"is larger than {most // 1_000_000} MB: {_AGAIN}, without outputs"
            return file.read(most + 1)[:most]
    except OSError as error:
        return f"cannot be read ({error.strerror}): {_AGAIN}"


def _is_bad_timestamp(entry: _Entry) -> bool:
    """Whether it is a timestamp.txt at which nbgrader would stop."""
    if entry.parts != ("timestamp.txt",):
        return False
    from dateutil import parser

    data = _bytes(entry.path, 1000)
    try:
        text = data.decode().strip() if isinstance(data, bytes) else "?"
        words = text.split(" ")
        if text:
            parser.parse(" ".join(words[:2]) if len(words) == 3 else text)
    except (ValueError, OverflowError, TypeError):
        return True
    return False


# Which file is the notebook.


@dataclass(frozen=True)
class _Found:
    entry: _Entry
    notebook: NotebookNode
    canonical: bool
    notes: list[str]
    noted: list[str]
    problem: str


def _candidates(entries: list[_Entry], lesson: str) -> list[_Entry]:
    """The files that may be the notebook, the likeliest first: by name, then the newest."""
    files = [entry for entry in entries if entry.kind == "file" and not entry.hidden and len(entry.parts) <= 3]
    named = [e for e in files if ".ipynb" in e.parts[-1].lower() or e.parts[-1].lower().endswith(".json")]
    if not any(".ipynb" in entry.parts[-1].lower() for entry in named):
        others = [
            e for e in files if Path(e.parts[-1]).suffix.lower() in ("", ".txt") and e.parts != ("timestamp.txt",)
        ]
        named += [entry for entry in others if _starts_like_notebook(entry.path)]

    def unlikely(entry: _Entry) -> tuple:
        name = entry.parts[-1]
        exact = name == f"{lesson}.ipynb"
        return not exact, len(entry.parts) if exact else 0, -_likeness(name, lesson), -entry.changed, entry.parts

    return sorted(named, key=unlikely)


def _starts_like_notebook(path: Path) -> bool:
    data = _bytes(path, MAX_BYTES)
    return isinstance(data, bytes) and data[:64].lstrip(codecs.BOM_UTF8 + b" \r\n\t").startswith(b"{")


def _likeness(name: str, lesson: str) -> float:
    """How close a file's name comes to the lesson's: over 1 for a notebook's name that holds the lesson's."""
    stem = re.split(r"\.(?:ipynb|json|txt)", name.lower())[0]
    stem = re.sub(r"^(copy|kopie|copie|copia) (of|von|de|di) ", "", stem)
    stem = re.sub(r"[\s_-]*(\(\d+\)|-?\s*copy\s*\d*|-?\s*kopie\s*\d*)+$", "", stem)
    plain, wanted = re.sub(r"[\W_]+", "", stem), re.sub(r"[\W_]+", "", lesson.lower())
    likeness = difflib.SequenceMatcher(None, plain[:100], wanted).ratio()
    return round(likeness + (wanted in plain) - (".ipynb" not in name.lower()) / 2, 2)


def _first_notebook(candidates: list[_Entry], lesson: str, known: bool) -> tuple[_Found | None, dict[_Entry, str]]:
    """The first candidate that holds a notebook, and for those before it why they do not count.

    known: whether something was taken in before, so that notes in a canonical notebook are our own
    """
    reasons, empty = {}, None
    for entry in candidates[:MAX_CANDIDATES]:
        data = _bytes(entry.path, MAX_BYTES)
        try:
            if isinstance(data, str):
                raise _NoNotebookError(data)
            notebook, file = _read(data)
        except _NoNotebookError as reason:
            if not entry.shown.lower().endswith(".json") or not reasons:
                reasons[entry] = f"{entry.shown} {reason}"
            continue
        noted = file.raw.get("metadata")
        noted = noted.get(METADATA) if isinstance(noted, dict) else None
        canonical = file.canonical and entry.size <= MAX_CANONICAL and (known or noted is None) and _is_valid(file)
        noted = _plain(noted) if canonical and isinstance(noted, dict) else {}
        earlier = noted.get("repairs") if isinstance(noted.get("repairs"), list) else []
        found = _Found(entry, notebook, canonical, file.notes, [one_line(str(note)) for note in earlier[:20]], "")
        if notebook.cells:
            return found, reasons
        problem = noted.get("problem")
        problem = one_line(problem) if isinstance(problem, str) and problem else f"{entry.shown} has no cells: {_AGAIN}"
        reasons[entry] = problem
        empty = empty or _Found(entry, notebook, canonical, file.notes, found.noted, problem)
    return empty, reasons


def _said_of(entry: _Entry) -> str:
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


def _said_of_choice(found: _Found, candidates: list[_Entry], reasons: dict[_Entry, str], lesson: str) -> list[str]:
    name = found.entry.shown
    notes = [f"{name} {note}." for note in found.notes]
    if found.entry.parts != (f"{lesson}.ipynb",):
        notes.append(f"The notebook came as {name}.")
    notes += [f"Not used: {reason}" for entry, reason in reasons.items() if entry is not found.entry]
    others = [e for e in candidates if e is not found.entry and e not in reasons and ".ipynb" in e.shown.lower()]
    notes += [f"Not used: {entry.shown}, whose name is less close or which is older." for entry in others[:5]]
    return notes


# Files.


def _keep(entries: list[_Entry], received: Path) -> Path:
    """Copy all files to a new numbered folder of `received`, which appears there once it is complete."""
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
            data = _bytes(entry.path, MAX_BYTES)
            if isinstance(data, bytes):
                place.write_bytes(data)
                os.utime(place, (entry.changed, entry.changed))
            else:
                with contextlib.suppress(OSError):  # it stays where it is
                    os.link(entry.path, place, follow_symlinks=False)
    number = 1 + max((int(each.name) for each in received.glob("[0-9]*") if each.name.isdecimal()), default=0)
    os.rename(draft, received / str(number))
    return received / str(number)


def _put_in_order(
    folder: Path,
    lesson: str,
    notebook: NotebookNode,
    found: _Found | None,
    candidates: list[_Entry],
    harmful: list[_Entry],
    kept: Path,
) -> None:
    """Put the canonical notebook in its place, and remove what must not stay, all of which is kept by now."""
    for entry in sorted(harmful, key=lambda entry: entry.kind == "folder"):  # what is in a folder before the folder
        if entry.kind == "deep":
            _move(entry.path, kept.joinpath(*entry.parts))
        elif entry.kind == "folder":
            _move(entry.path, _free(entry.path))
        else:
            _remove(entry.path)
    for left_over in folder.glob(f"{_DRAFT}*"):
        if left_over.is_file():
            _remove(left_over)
    path, aside = folder / f"{lesson}.ipynb", None
    if path.is_dir():
        aside = _free(path)
        _move(path, aside)
    _allow(folder)
    descriptor, draft = tempfile.mkstemp(prefix=_DRAFT, dir=folder)
    with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.write(nbformat.writes(notebook) + "\n")
    os.chmod(draft, 0o644)
    if found:
        os.utime(draft, (found.entry.changed, found.entry.changed))
    os.replace(draft, path)
    used = found.entry if found else None
    for entry in candidates:
        # Other notebooks would be graded along by nbgrader; other JSON may be data.
        if entry.path == path or not (entry is used or ".ipynb" in entry.parts[-1].lower()):
            continue
        moved = aside.joinpath(*entry.parts[1:]) if aside and entry.parts[0] == path.name else entry.path
        place = kept.joinpath(*entry.parts)
        if place.exists():
            _remove(moved)
        else:
            _move(moved, place)


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
