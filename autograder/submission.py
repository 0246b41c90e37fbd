"""Grades one submission: a function of what was handed in, of the lesson and of the limits, and of nothing else.

This is what workers run, on this machine or on others, so nothing heavy is imported here: nbgrader takes two seconds.
"""

from __future__ import annotations

import atexit
import faulthandler
import hashlib
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property, lru_cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from autograder.contents import Contents, Order
from autograder.course import Course, CourseError
from autograder.limits import Limits, SandboxError
from autograder.submission_folder import given_files, read_folder, stamp_of

# What student code computes with, and what makes of that a notebook and a page.
LIBRARIES = (
    *("numpy", "matplotlib", "pillow", "ipywidgets", "ipython"),
    *("nbformat", "nbconvert", "mistune", "bleach", "pygments", "jinja2", "msgpack"),
)


# Of what a student hands in beside the notebook formgrader serves these, and nothing that a browser would run.
SERVED = {".csv", ".gif", ".jpeg", ".jpg", ".json", ".npy", ".npz", ".png", ".py", ".tsv", ".txt", ".webp"}
SECONDS_BESIDES = 90  # for all that is done with a submission besides running it


class OtherEnvironmentError(Exception):
    """The worker has other code, or other libraries, than whoever sent the submission; the message says where."""


@dataclass(frozen=True)
class Material:
    """What grading needs of a lesson.

    worked, release: its notebooks of solutions/ and notebooks/ as JSON, without outputs
    files          : what lies beside it in notebooks/, by name
    """

    lesson: str
    worked: str
    release: str
    files: dict[str, bytes] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        files = [[name, hashlib.sha256(data).hexdigest()] for name, data in sorted(self.files.items())]
        return _digest([self.lesson, self.worked, self.release, files])


@dataclass(frozen=True)
class Way:
    """How to grade.

    limits     : of each submission
    sandbox    : False runs student code with all rights of the worker
    all_cells  : whether to run the illustrations that nobody has changed, too
    environment: what environment() is where it was sent from; "" if that does not matter
    """

    limits: Limits = field(default_factory=Limits)
    sandbox: bool = True
    all_cells: bool = False
    environment: str = ""

    @property
    def digest(self) -> str:
        return _digest([asdict(self.limits), self.sandbox, self.all_cells, self.environment])


@dataclass(frozen=True)
class Graded:
    """What came of a submission.

    notebook  : its graded notebook as JSON
    cells     : those of its cells that the gradebook knows
    files     : what lies beside it and may be served to a browser, by name
    order     : what has to be done to its folder; None if that is in order
    digest    : of what is in the folder then, as Contents.digest
    stamp     : of the folder as it was, if that was in order, as submission_folder.stamp_of
    timestamp : what stands in its timestamp.txt
    repairs   : why there was nothing to grade, and what was mended: a sentence each
    notes     : what happened while it ran, likewise
    unreadable: whether there was nothing to grade
    timed_out : whether a cell or a test took too long
    incomplete: whether the examiner failed, so that another try may give more
    misconceptions: by exercise, which its failed answer looks like: ids of the catalogue
    seconds   : of wall time
    """

    notebook: str
    cells: list[dict]
    files: dict[str, bytes]
    order: Order | None
    digest: str
    timestamp: str | None
    stamp: str = field(default="", kw_only=True)
    repairs: list[str]
    notes: list[str]
    unreadable: bool
    timed_out: bool
    incomplete: bool
    misconceptions: dict[str, list[str]]
    seconds: float


def read_material(course: Course, lesson: str) -> Material:
    """What grading needs of a lesson.

    raises: CourseError if it has not been built, or not as a whole
    """
    texts, ids = [], []
    for folder in (course.solutions, course.notebooks):
        path = folder / lesson / f"{lesson}.ipynb"
        try:
            notebook = json.loads(path.read_text(encoding="utf-8"))
            for cell in notebook["cells"]:
                cell["source"] = "".join(cell["source"])
                if cell["cell_type"] == "code":
                    cell["outputs"], cell["execution_count"] = [], None
        except (OSError, ValueError, LookupError, TypeError) as error:
            what = "has not been built yet" if isinstance(error, FileNotFoundError) else f"cannot be read ({error})"
            raise CourseError(f"{path} {what}: run `autograder build {lesson}`, then grade again") from None
        texts.append(json.dumps(notebook, ensure_ascii=False, separators=(",", ":")))
        ids.append([cell.get("id") for cell in notebook["cells"]])
    if ids[0] != ids[1]:
        raise CourseError(f"notebooks/{lesson} does not fit solutions/{lesson}: run `autograder build {lesson}`")
    return Material(lesson, *texts, given_files(course, lesson))


_MADE = {"__pycache__", "build", ".ipynb_checkpoints"}  # by Python, pip and Jupyter, beside the sources


@lru_cache(maxsize=1)
def environment() -> str:
    """A digest of all else on which a grade depends: Python, libraries, mlp_helpers and this package."""
    versions = [list(sys.version_info[:3]), *([name, _version(name)] for name in LIBRARIES)]
    sources = []
    for package in ("autograder", "mlp_helpers"):
        folder = Path(find_spec(package).origin).parent
        for path in sorted(folder.rglob("*")):
            parts = path.relative_to(folder).parts
            if path.is_file() and _MADE.isdisjoint(parts) and not parts[0].endswith(".egg-info"):
                name = "/".join(parts)
                sources.append([package, name, hashlib.sha256(path.read_bytes()).hexdigest()])
    return _digest([versions, sources])


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


def _digest(value) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def grade(contents: Contents, material: Material, way: Way, patience: float | None = None) -> Graded:
    """Look at what was handed in, rebuild it, run it and its tests, and say what comes of it.

    patience: seconds after which to give up; None: wait as long as a submission may take
    raises  : SandboxError where no sandbox can be had; OtherEnvironmentError; UnfinishedError if patience ends
    """
    if way.environment and way.environment != environment():
        here = os.uname().nodename
        raise OtherEnvironmentError(f"Python, libraries, mlp_helpers or autograder are not the same here and on {here}")
    with at_most(way.limits.seconds + SECONDS_BESIDES):
        return _grade(contents, material, way, patience)


def grade_folder(course: Course, student: str, material: Material, way: Way, patience: float | None = None) -> Graded:
    """The same for whoever has the class's folder at hand: what is in it need not be sent then.

    raises: CourseError too, if it cannot be read
    """
    stamp = stamp_of(course, student, material.lesson)  # before it is read: what changes later shows
    graded = grade(read_folder(course, student, material.lesson), material, way, patience)
    return graded if graded.order else replace(graded, stamp=stamp)


def _grade(contents: Contents, material: Material, way: Way, patience: float | None) -> Graded:
    from autograder.intake import look, other_files
    from autograder.rebuild import gradable
    from autograder.repairs import METADATA

    start = time.perf_counter()
    found = look(contents)
    notebook = gradable(found.notebook, *_notebooks(material)).notebook
    if way.all_cells:
        for cell in notebook.cells:
            cell.metadata.get(METADATA, {}).pop("skip", None)
    files = other_files(found.contents, material.files)
    diagnosis = _diagnosis(material.lesson, material.worked)
    marked = _marker(way.limits, way.sandbox).mark(notebook, files, patience, diagnosis)
    told = marked.notebook.metadata[METADATA]
    told["notes"] = marked.notes
    repairs = [told.get("problem"), *found.notes, *told.get("repairs", [])]
    return Graded(
        json.dumps(marked.notebook, ensure_ascii=False, indent=1),  # nbformat would check it again, and takes long
        [dict(cell) for cell in marked.notebook.cells if cell.metadata.get("nbgrader")],
        {name: data for name, data in files.items() if Path(name).suffix.lower() in SERVED or name in material.files},
        found.order,
        found.contents.digest,
        found.contents.timestamp,
        list(dict.fromkeys(line for line in repairs if line)),
        list(dict.fromkeys(marked.notes)),
        bool(told.get("problem")),
        marked.timed_out,
        marked.incomplete,
        marked.misconceptions,
        time.perf_counter() - start,
    )


def page(*arguments) -> str:
    """What feedback_pages.page makes of these arguments."""
    from autograder import feedback_pages

    with at_most(SECONDS_BESIDES):
        return feedback_pages.page(*arguments)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """End this process if something takes longer, whatever it is at, and leave a traceback on stderr.

    A student's text can be such that reading, colouring or laying it out takes for ever, in one call of C.
    """
    faulthandler.dump_traceback_later(seconds, exit=True, file=2)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def warm_up(way: Way) -> None:
    """Load what grading needs and start what it keeps running."""
    leave_out_grammar()
    import autograder.intake
    import autograder.rebuild  # noqa: F401

    _marker(way.limits, way.sandbox)


def leave_out_grammar() -> None:
    """Let jsonschema, with which nbformat validates, not load its grammar of international web addresses.

    That takes it most of a second; it does without where the package is missing, and no notebook's schema needs it.
    """
    sys.modules.setdefault("rfc3987_syntax", None)


@lru_cache(maxsize=16)
def _read(text: str):
    import nbformat

    return nbformat.from_dict(json.loads(text))


@lru_cache(maxsize=16)
def _diagnosis(lesson: str, worked: str):
    from autograder.diagnosis import Diagnosis

    return Diagnosis(lesson, _read(worked))


def _notebooks(material: Material):
    return _read(material.worked), _read(material.release)


_of_thread = threading.local()
_one_at_a_time = threading.Lock()  # two threads that look at once for what the machine offers get in each other's way


def _marker(limits: Limits, sandbox: bool):
    """This thread's marker, kept warm from one submission to the next."""
    from autograder.marking import Marker

    wanted = limits, sandbox
    if getattr(_of_thread, "wanted", None) != wanted:
        if old := getattr(_of_thread, "marker", None):
            old.close()
        _of_thread.marker, _of_thread.wanted = Marker(limits, sandbox), wanted
        atexit.register(_of_thread.marker.close)
        with _one_at_a_time, suppress(SandboxError):  # which marking says
            _of_thread.marker.start()
    return _of_thread.marker
