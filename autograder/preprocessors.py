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
from autograder.intake import other_files, take_in
from autograder.markdown import harmless_markdown
from autograder.marking import Marker
from autograder.rebuild import rebuild
from autograder.sandbox import Limits

_DEFAULT = Limits()

# Of what a student hands in beside the notebook formgrader serves these, and nothing that a browser would run.
_SERVED = {".csv", ".gif", ".jpeg", ".jpg", ".json", ".npy", ".npz", ".png", ".py", ".tsv", ".txt", ".webp"}


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
        rebuilt = rebuild(nb, worked, release).notebook
        _make_harmless(rebuilt, {cell.source for cell in worked.cells})
        for repair in rebuilt.metadata.autograder.repairs:
            self.log.warning("Repaired: %s", repair)
        return rebuilt, resources

    def _folders(self):
        return self.course.solutions, self.course.notebooks


def _leave_out(folder: Path) -> None:
    """Remove from a submission's copy what formgrader must not serve; submitted/ keeps it."""
    for path in folder.rglob("*"):
        if path.is_symlink() or (path.is_file() and path.suffix.lower() not in _SERVED):
            path.unlink()


def _make_harmless(notebook: NotebookNode, given: set[str]) -> None:
    """See to it that no program that shows the notebook runs what a student wrote into its texts.

    given: texts of the lesson's, which stay as they are
    """
    found = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source not in given:
            harmless = harmless_markdown(cell.source, cell.get("attachments", {}))
            found |= harmless != cell.source
            cell.source = harmless
    if found:
        what = "a text holds HTML, a link or a picture that pages do not show: it is there as it was written"
        notebook.metadata.autograder.repairs.append(what)


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
            marked = _marker(limits, self.sandbox).mark(nb, other_files(self.course, student, lesson))
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
def _lesson(worked: tuple[Path, int], release: tuple[Path, int]) -> tuple[NotebookNode, NotebookNode]:
    """A lesson's worked notebook and its release, read again when one of them has changed."""
    return nbformat.read(worked[0], 4), nbformat.read(release[0], 4)
