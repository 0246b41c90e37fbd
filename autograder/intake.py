"""From what students hand in to one canonical notebook each; class/received/ keeps everything as it came."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.contents import (
    MAX_CANDIDATES,
    MAX_OTHER_BYTES,
    MAX_OTHER_FILES,
    TIMESTAMP,
    Contents,
    Entry,
    Order,
    excess_of,
    harmful_in,
    in_order,
    is_draft,
    plain_files,
    said_of_harm,
)
from autograder.course import Course
from autograder.notebook_file import NoNotebookError, read_notebook
from autograder.repairs import ASK_AGAIN, METADATA, one_line
from autograder.submission_folder import os_errors_explained, settle, unread_folder

# A notebook that is larger than this is full of pictures, which grading makes anew: its canonical copy leaves them out.
MAX_CANONICAL = 10_000_000
MAX_NOTES = 20


@dataclass(frozen=True)
class Look:
    """What was handed in for one lesson, as a look at it finds.

    notebook: without outputs; its metadata["autograder"] holds the notes and the problem
    notes   : what an instructor should know, a sentence each
    problem : why nothing can be graded and what to do, "" if something can
    order   : how to put the folder in order, for submission_folder.settle; None where it is
    contents: what the folder holds once that is done
    """

    notebook: NotebookNode
    notes: list[str]
    problem: str
    order: Order | None
    contents: Contents


@dataclass(frozen=True)
class Intake:
    """What was handed in for one lesson, in order.

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
    contents = unread_folder(course, student, lesson)
    with os_errors_explained(folder):
        seen = look(contents)
    kept = settle(course, student, lesson, seen.order) if seen.order else None
    return Intake(folder / f"{lesson}.ipynb", seen.notebook, seen.notes, seen.problem, kept)


def look(contents: Contents) -> Look:
    """Find the notebook in what was handed in, and what has to be done for it to be in order."""
    name = (f"{contents.lesson}.ipynb",)
    harmful, excess = harmful_in(contents), excess_of(contents.entries)
    found, reasons = _first_notebook(contents)
    excess = [entry for entry in excess if not found or entry != found.entry]
    if found and found.entry.parts == name and found.canonical and not (harmful or excess or contents.said):
        stopped = _is_left_over(found, contents)  # then the rest is done now, and there is nothing new to say
        others = [entry.shown for entry in contents.candidates if entry.parts != name and entry.is_notebook]
        others = [] if stopped else others[:5]
        notes = [*found.noted, *(f"{other} is there too and is not used." for other in others)]
        found.notebook.metadata[METADATA] = NotebookNode(repairs=notes, problem=found.problem)
        order = _order(contents, found.notebook, found.entry, []) if stopped else None
        return Look(found.notebook, notes, found.problem, order, in_order(contents, order) if order else contents)

    notes = [*contents.said, *(said_of_harm(entry) for entry in harmful)]
    if excess:
        most = f"at most {MAX_OTHER_FILES} files of {MAX_OTHER_BYTES // 10**6} MB in all are used beside the notebook"
        notes.append(f"{excess[0].shown} and {len(excess) - 1} other files are in received/ only: {most}.")
    if found:
        notes += _said_of_choice(found, contents, reasons)
        problem = found.problem
    else:
        problem = next(iter(reasons.values()), "there is no notebook in its folder: ask the student for it")
        notes += [reason for reason in reasons.values() if reason != problem]
    if len(notes) > MAX_NOTES:
        notes[MAX_NOTES - 1 :] = [f"There were {len(notes) - MAX_NOTES + 1} more things to say: see received/."]
    notebook = found.notebook if found else nbformat.v4.new_notebook(nbformat_minor=5)
    notebook.metadata[METADATA] = NotebookNode(repairs=notes, problem=problem)
    order = _order(contents, notebook, found.entry if found else None, [*harmful, *excess])
    return Look(notebook, notes, problem, order, in_order(contents, order))


def _order(contents: Contents, notebook: NotebookNode, used: Entry | None, unwanted: list[Entry]) -> Order:
    """How the folder comes to hold this notebook.

    used    : the candidate from which it was read
    unwanted: what must not stay
    """
    name = (f"{contents.lesson}.ipynb",)
    at_top = {entry.parts[0] for entry in contents.entries}
    renamed = {}
    for entry in contents.entries:
        if entry.kind == "folder" and entry.parts in (name, TIMESTAMP):
            free = (f"{entry.parts[0]}-folder-{number}" for number in range(1, len(at_top) + 2))
            renamed[entry.parts[0]] = next(each for each in free if each not in at_top)
    drafts = [entry for entry in contents.entries if is_draft(entry)]
    # Other notebooks would be graded along by nbgrader; other JSON may be data.
    replaced = [e for e in contents.candidates if e.parts != name and (e == used or e.is_notebook)]
    return Order(
        entries=contents.entries,
        notebook=nbformat.writes(notebook) + "\n",
        changed=used.changed if used else None,
        harmful=tuple(entry for entry in (*unwanted, *drafts) if entry.kind != "folder"),
        replaced=tuple(sorted(replaced, key=lambda entry: entry == used)),  # the last to go, see _is_left_over
        renamed=renamed,
    )


def _is_left_over(found: _Found, contents: Contents) -> bool:
    """Whether what the canonical notebook was made from is still there, for `settle` was killed on its way."""
    for entry in contents.candidates[:MAX_CANDIDATES]:
        if f"The notebook came as {entry.shown}." in found.noted:
            try:
                return _found(entry, contents.data[entry.parts], False).notebook.cells == found.notebook.cells
            except NoNotebookError:
                return False
    return False


def _first_notebook(contents: Contents) -> tuple[_Found | None, dict[Entry, str]]:
    """The first candidate that holds a notebook, and for those before it why they do not count."""
    reasons, empty = {}, None
    for entry in contents.candidates[:MAX_CANDIDATES]:
        try:
            found = _found(entry, contents.data[entry.parts], contents.known)
        except NoNotebookError as reason:
            if not entry.shown.lower().endswith(".json") or not reasons:
                reasons[entry] = f"{entry.shown} {reason}"
            continue
        if found.notebook.cells:
            return found, reasons
        reasons[entry] = found.problem
        empty = empty or found
    return empty, reasons


def _found(entry: Entry, data: bytes | str, known: bool) -> _Found:
    """The notebook in a file.

    raises: NoNotebookError if there is none
    """
    if isinstance(data, str):
        raise NoNotebookError(data)
    file = read_notebook(data)
    ours = known and file.noted is not None
    canonical = (ours or (file.noted is None and len(data) <= MAX_CANONICAL)) and file.is_canonical()
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


def _said_of_choice(found: _Found, contents: Contents, reasons: dict[Entry, str]) -> list[str]:
    name = found.entry.shown
    notes = [f"{name} {note}." for note in found.notes]
    if found.entry.parts != (f"{contents.lesson}.ipynb",):
        notes.append(f"The notebook came as {name}.")
    notes += [f"Not used: {reason}" for entry, reason in reasons.items() if entry != found.entry]
    others = [e for e in contents.candidates if e != found.entry and e not in reasons and e.is_notebook]
    notes += [f"Not used: {entry.shown}, whose name is less close or which is older." for entry in others[:5]]
    return notes


def other_files(contents: Contents, given: dict[str, bytes]) -> dict[str, bytes]:
    """The files beside the notebook when it is graded, by their paths: the student's, then the assignment's own.

    Of the student's those with plain names, not hidden, at most three folders deep, 10 MB in all, smallest first.
    contents: of a folder that is in order, as Look has them
    given   : the assignment's own
    """
    files, room = {}, MAX_OTHER_BYTES
    for entry in plain_files(contents.entries):
        data = contents.data.get(entry.parts)
        if isinstance(data, bytes) and len(data) <= room and entry.parts != (f"{contents.lesson}.ipynb",):
            files["/".join(entry.parts)] = data
            room -= len(data)
    for name in given:
        # Neither a file of the student's where the assignment has a folder nor the other way round.
        for other in [other for other in files if _within(other, name) or _within(name, other)]:
            del files[other]
    return files | given


def _within(name: str, folder: str) -> bool:
    return name == folder or name.startswith(f"{folder}/")
