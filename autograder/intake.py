"""From what students hand in to one canonical notebook each; class/received/ keeps everything as it came."""

from __future__ import annotations

import codecs
import difflib
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course import Course
from autograder.notebook_file import ASK_AGAIN, MAX_BYTES, NoNotebookError, read_notebook
from autograder.repairs import METADATA, one_line
from autograder.submission_folder import (
    MAX_OTHER_BYTES,
    MAX_OTHER_FILES,
    Entry,
    bytes_of,
    entries_of,
    excess_of,
    is_harmful,
    keep,
    make_folder,
    os_errors_explained,
    put_in_order,
    said_of_harm,
)

MAX_CANDIDATES = 50  # files that are read to find the notebook
# A notebook that is larger than this is full of pictures, which grading makes anew: its canonical copy leaves them out.
MAX_CANONICAL = 10_000_000
MAX_OTHER_DEPTH = 3


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
class _Found:
    """A file with a notebook in it.

    canonical: whether the file can stay as it is
    notes    : what had to be mended, as ends of sentences that begin with the file's name
    noted    : what was said of it when it was taken in before
    problem  : as in Intake
    """

    entry: Entry
    notebook: NotebookNode
    canonical: bool
    notes: list[str]
    noted: list[str]
    problem: str


def take_in(course: Course, student: str, lesson: str) -> Intake:
    """See to it that class/submitted/<student>/<lesson>/ holds the canonical <lesson>.ipynb and nothing that harms.

    Where it does not, everything is first kept as it came in a new folder of class/received/<student>/<lesson>/,
    numbered from 1; then the notebook that was found takes its name, and links, pipes and other notebooks are
    removed. Where there is no notebook, an empty one says why in its metadata["autograder"]["problem"].
    Killed at any point, it loses nothing, and can be called again.

    raises: CourseError if there is no such submission or a file cannot be written; nothing for what is in the folder
    """
    folder = course.classroom / "submitted" / student / lesson
    with os_errors_explained(folder):
        notes = make_folder(folder)
        entries = list(entries_of(folder))
    harmful, excess = [entry for entry in entries if is_harmful(entry)], excess_of(entries)
    received = course.classroom / "received" / student / lesson
    with os_errors_explained(folder):
        known = received.is_dir()
    candidates = _candidates(entries, lesson)
    canonical = next((entry for entry in candidates if entry.parts == (f"{lesson}.ipynb",)), None)
    found, reasons = _first_notebook(candidates, known)
    excess = [entry for entry in excess if not found or entry is not found.entry]
    if found and found.entry is canonical and found.canonical and not (harmful or excess or notes):
        others = [entry.shown for entry in candidates if entry is not canonical and entry.is_notebook]
        notes = [*found.noted, *(f"{name} is there too and is not used." for name in others)]
        found.notebook.metadata[METADATA] = NotebookNode(repairs=notes, problem=found.problem)
        return Intake(canonical.path, found.notebook, notes, found.problem)

    notes += [said_of_harm(entry) for entry in harmful]
    if excess:
        most = f"at most {MAX_OTHER_FILES} files of {MAX_OTHER_BYTES // 10**6} MB in all are used beside the notebook"
        notes.append(f"{excess[0].shown} and {len(excess) - 1} other files are in received/ only: {most}.")
    if found:
        notes += _said_of_choice(found, candidates, reasons, lesson)
        problem = found.problem
    else:
        problem = next(iter(reasons.values()), "there is no notebook in its folder: ask the student for it")
        notes += [reason for reason in reasons.values() if reason != problem]
    notebook = found.notebook if found else nbformat.v4.new_notebook(nbformat_minor=5)
    notebook.metadata[METADATA] = NotebookNode(repairs=notes, problem=problem)
    with os_errors_explained(received):
        kept = keep(entries, received)
    with os_errors_explained(folder):
        put_in_order(folder, notebook, found.entry if found else None, candidates, harmful + excess, kept)
    return Intake(folder / f"{lesson}.ipynb", notebook, notes, problem, kept)


def _candidates(entries: list[Entry], lesson: str) -> list[Entry]:
    """The files that may be the notebook, the likeliest first: by name, then the newest."""
    files = [entry for entry in entries if entry.kind == "file" and not entry.hidden and len(entry.parts) <= 3]
    named = [entry for entry in files if entry.is_notebook or entry.parts[-1].lower().endswith(".json")]
    if not any(entry.is_notebook for entry in named):
        others = [
            e for e in files if Path(e.parts[-1]).suffix.lower() in ("", ".txt") and e.parts != ("timestamp.txt",)
        ]
        named += [entry for entry in others if _starts_like_notebook(entry.path)]

    def unlikely(entry: Entry) -> tuple:
        name = entry.parts[-1]
        exact = name == f"{lesson}.ipynb"
        return not exact, len(entry.parts) if exact else 0, -_likeness(name, lesson), -entry.changed, entry.parts

    return sorted(named, key=unlikely)


def _starts_like_notebook(path: Path) -> bool:
    data = bytes_of(path, MAX_BYTES)
    return isinstance(data, bytes) and data[:64].lstrip(codecs.BOM_UTF8 + b" \r\n\t").startswith(b"{")


def _likeness(name: str, lesson: str) -> float:
    """How close a file's name comes to the lesson's: over 1 for a notebook's name that holds the lesson's."""
    stem = re.split(r"\.(?:ipynb|json|txt)", name.lower())[0]
    stem = re.sub(r"^(copy|kopie|copie|copia) (of|von|de|di) ", "", stem)
    stem = re.sub(r"(?:\(\d{1,4}\)|copy|kopie|[\d\s_-])+$", "", stem[:200])
    plain, wanted = re.sub(r"[\W_]+", "", stem), re.sub(r"[\W_]+", "", lesson.lower())
    likeness = difflib.SequenceMatcher(None, plain[:100], wanted).ratio()
    return round(likeness + (wanted in plain) - (".ipynb" not in name.lower()) / 2, 2)


def _first_notebook(candidates: list[Entry], known: bool) -> tuple[_Found | None, dict[Entry, str]]:
    """The first candidate that holds a notebook, and for those before it why they do not count.

    known: whether something was taken in before, so that notes in a canonical notebook are our own
    """
    reasons, empty = {}, None
    for entry in candidates[:MAX_CANDIDATES]:
        try:
            found = _found(entry, known)
        except NoNotebookError as reason:
            if not entry.shown.lower().endswith(".json") or not reasons:
                reasons[entry] = f"{entry.shown} {reason}"
            continue
        if found.notebook.cells:
            return found, reasons
        reasons[entry] = found.problem
        empty = empty or found
    return empty, reasons


def _found(entry: Entry, known: bool) -> _Found:
    """The notebook in a file.

    raises: NoNotebookError if there is none
    """
    data = bytes_of(entry.path, MAX_BYTES)
    if isinstance(data, str):
        raise NoNotebookError(data)
    file = read_notebook(data)
    canonical = entry.size <= MAX_CANONICAL and (known or file.noted is None) and file.is_canonical()
    noted = file.noted if canonical and isinstance(file.noted, dict) else {}
    repairs, problem = noted.get("repairs"), noted.get("problem")
    earlier = [one_line(str(note)) for note in repairs[:20]] if isinstance(repairs, list) else []
    if file.notebook.cells:
        problem = ""
    elif isinstance(problem, str) and problem:
        problem = one_line(problem)
    else:
        problem = f"{entry.shown} has no cells: {ASK_AGAIN}"
    return _Found(entry, file.notebook, canonical, file.notes, earlier, problem)


def _said_of_choice(found: _Found, candidates: list[Entry], reasons: dict[Entry, str], lesson: str) -> list[str]:
    name = found.entry.shown
    notes = [f"{name} {note}." for note in found.notes]
    if found.entry.parts != (f"{lesson}.ipynb",):
        notes.append(f"The notebook came as {name}.")
    notes += [f"Not used: {reason}" for entry, reason in reasons.items() if entry is not found.entry]
    others = [e for e in candidates if e is not found.entry and e not in reasons and e.is_notebook]
    notes += [f"Not used: {entry.shown}, whose name is less close or which is older." for entry in others[:5]]
    return notes


def other_files(course: Course, student: str, lesson: str) -> dict[str, bytes]:
    """The files beside the notebook when it is graded, by their paths: the student's, then the assignment's own.

    Of the student's those with plain names, not hidden, at most three folders deep, 10 MB in all, smallest first.
    raises: CourseError if the assignment's own files cannot be read
    """
    folder = course.classroom / "submitted" / student / lesson
    given = course.notebooks / lesson
    with os_errors_explained(folder):
        entries = list(entries_of(folder)) if folder.is_dir() and not folder.is_symlink() else []
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
    files, room = {}, MAX_OTHER_BYTES
    for entry in sorted(theirs, key=lambda entry: (entry.size, entry.parts)):
        data = bytes_of(entry.path, room)
        if isinstance(data, bytes):
            files["/".join(entry.parts)] = data
            room -= len(data)
    with os_errors_explained(given):
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
