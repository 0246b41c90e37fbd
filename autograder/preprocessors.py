"""The steps that `nbgrader autograde` and formgrader take in place of nbgrader's own: intake, Rebuild and Examine."""

from __future__ import annotations

import atexit
import threading
from functools import lru_cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Float, Integer, Unicode

from autograder.configuration import why_unusable
from autograder.course import Course, CourseError
from autograder.diagnosis import Diagnosis
from autograder.intake import other_files, take_in
from autograder.marking import Marker
from autograder.rebuild import gradable
from autograder.sandbox import Limits
from autograder.submission import SERVED
from autograder.submission_folder import given_files, read_folder

_DEFAULT = Limits()


def intake(course: Course, notebooks: list[str], **_) -> None:
    """Take a submission in before nbgrader reads it: a hook that it calls with the notebooks it has found there."""
    folder = Path(notebooks[0]).parent
    notebooks[:] = [str(take_in(course, folder.parent.name, folder.name).path)]


class _OfCourse(NbGraderPreprocessor):
    root = Unicode(help="The repository; autograder/configuration.py sets it.").tag(config=True)
    classroom = Unicode(help="The class's folder; autograder/configuration.py sets it.").tag(config=True)

    @property
    def course(self) -> Course:
        return Course(root=Path(self.root), classroom=Path(self.classroom))


class Rebuild(_OfCourse):
    """Makes of what a student handed in the lesson's own notebook with the student's answers laid in."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        student, lesson = resources["nbgrader"]["student"], resources["nbgrader"]["assignment"]
        if why := why_unusable(student):
            raise CourseError(why)
        _leave_out(self.course.classroom / "autograded" / student / lesson)
        worked, release = _lesson(*(_stamped(folder / lesson / f"{lesson}.ipynb") for folder in self._folders()))
        rebuilt = gradable(nb, worked, release).notebook
        for repair in rebuilt.metadata.autograder.repairs:
            self.log.warning("Repaired: %s", repair)
        return rebuilt, resources

    def _folders(self):
        return self.course.solutions, self.course.notebooks


def _leave_out(folder: Path) -> None:
    """Remove from a submission's copy what formgrader must not serve; submitted/ keeps it."""
    for path in folder.rglob("*"):
        if path.is_symlink() or (path.is_file() and path.suffix.lower() not in SERVED):
            path.unlink()


class Examine(_OfCourse):
    """Runs the student's cells in the sandbox and the tests in the examiner, and keeps what both put out."""

    enabled = True
    sandbox = Bool(True, help="False: student code runs with all rights of whoever grades.").tag(config=True)
    seconds_per_cell = Float(_DEFAULT.seconds_per_cell, help="For one cell, or one test.").tag(config=True)
    seconds = Float(_DEFAULT.seconds, help="For a whole submission.").tag(config=True)
    memory = Integer(_DEFAULT.memory, help="Bytes for all processes of a submission and its files.").tag(config=True)
    processes = Integer(_DEFAULT.processes, help="Processes and threads of a submission.").tag(config=True)
    file_size = Integer(_DEFAULT.file_size, help="Bytes of the largest file.").tag(config=True)
    scratch = Integer(_DEFAULT.scratch, help="Bytes of all files that a submission may write.").tag(config=True)
    output = Integer(_DEFAULT.output, help="Characters of text that are kept of a cell's output.").tag(config=True)
    pictures = Integer(_DEFAULT.pictures, help="Pictures that are kept of a cell's output.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        student, lesson = resources["nbgrader"]["student"], resources["nbgrader"]["assignment"]
        limits = Limits(**{name: getattr(self, name) for name in Limits.__dataclass_fields__})
        if not self.sandbox:
            self.log.warning("WITHOUT a sandbox: student code runs with all of your rights.")
        with _one_at_a_time:
            files = other_files(read_folder(self.course, student, lesson), given_files(self.course, lesson))
            diagnosis = _diagnosis(lesson, _stamped(self.course.solutions / lesson / f"{lesson}.ipynb"))
            marked = _marker(limits, self.sandbox).mark(nb, files, diagnosis=diagnosis)
        for note in marked.notes:
            self.log.warning(note)
        told = marked.notebook.metadata.setdefault("autograder", NotebookNode())
        told["notes"] = marked.notes
        return marked.notebook, resources


_one_at_a_time = threading.Lock()


@lru_cache(maxsize=1)
def _marker(limits: Limits, sandbox: bool) -> Marker:
    """The process's marker, kept warm from one submission to the next."""
    marker = Marker(limits, sandbox)
    atexit.register(marker.close)
    return marker


def _stamped(path: Path) -> tuple[Path, int]:
    return path, path.stat().st_mtime_ns


@lru_cache(maxsize=16)
def _diagnosis(lesson: str, worked: tuple[Path, int]) -> Diagnosis:
    return Diagnosis(lesson, nbformat.read(worked[0], 4))


@lru_cache(maxsize=16)
def _lesson(worked: tuple[Path, int], release: tuple[Path, int]) -> tuple[NotebookNode, NotebookNode]:
    """A lesson's worked notebook and its release, read again when one of them has changed."""
    return nbformat.read(worked[0], 4), nbformat.read(release[0], 4)
