"""What students receive: a notebook that finds its own package, and nbgrader's release of the worked one."""

from __future__ import annotations

import logging
import re
import tempfile
from pathlib import Path

from nbgrader.converters import GenerateAssignment, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearOutput, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets.config import Config

from autograder.lesson import BEGIN_HIDDEN, BEGIN_SOLUTION, END_HIDDEN, END_SOLUTION

# The build notes in this entry of the worked notebook's metadata what it was made from.
BUILD_METADATA = "course"

# Importing a module of the package, since `import mlp_helpers` also succeeds on an empty folder of that name.
_SET_UP = """\
# This lesson needs mlp_helpers, the course's package. Where it is missing, this installs it.
try:
    import mlp_helpers.checks
except ModuleNotFoundError:
    import importlib, pathlib, subprocess, sys

    class SetUpError(Exception):
        _render_traceback_ = lambda self: [str(self)]  # the message, without a traceback

    folders = [folder / "mlp_helpers" for folder in (pathlib.Path.cwd(), *pathlib.Path.cwd().parents)]
    elsewhere = {elsewhere}
    package = next((folder for folder in folders if (folder / "pyproject.toml").exists()), elsewhere)
{guard}    pip = [sys.executable, "-m", "pip", "install", "--quiet", str(package)]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode:
        raise SetUpError(f"{{done.stderr}}\\nThis did not install mlp_helpers. Are you online? Try again.")
    sys.modules.pop("mlp_helpers", None)
    importlib.invalidate_caches()
"""
_NOWHERE = """\
    if package is None:
        raise SetUpError("mlp_helpers is not installed. Open this notebook inside the course's folder, "
                         "or ask your instructor how to install mlp_helpers.")
"""


def set_up(students_repository: str) -> str:
    """The code that finds or installs mlp_helpers, to stand before a lesson's own imports.

    students_repository: a URL, `user@host:path`, or a folder's absolute path; "" where the course has none
    """
    if not students_repository:
        return _SET_UP.format(elsewhere="None", guard=_NOWHERE)
    requirement = f"git+{_url(students_repository)}#subdirectory=mlp_helpers"
    return _SET_UP.format(elsewhere=f'"{requirement}"', guard="")


def _url(address: str) -> str:
    address = address.strip().removeprefix("git+").rstrip("/")
    if "://" in address:
        return address
    if ssh := re.fullmatch(r"([\w.-]+@[\w.-]+):(.+)", address):
        return f"ssh://{ssh[1]}/{ssh[2]}"
    return Path(address).expanduser().absolute().as_uri()


def colab_badge(students_repository: str, lesson: str) -> str:
    """The Markdown that opens a lesson in Colab, or "" where the students' repository is not on GitHub."""
    github = re.fullmatch(
        r"(?:https?://|ssh://git@|git@)(?:www\.)?github\.com[/:]([\w.-]+)/([\w.-]+?)(?:\.git)?/?",
        students_repository.strip().removeprefix("git+"),
    )
    if not github:
        return ""
    notebook = f"{github[1]}/{github[2]}/blob/main/notebooks/{lesson}/{lesson}.ipynb"
    image = "https://colab.research.google.com/assets/colab-badge.svg"
    return f"[![Open in Colab]({image})](https://colab.research.google.com/github/{notebook})"


class KeepIllustrations(ClearOutput):
    """Clears outputs, except those of cells tagged `illustration`: they make the release worth reading."""

    def preprocess_cell(self, cell, resources, cell_index):
        answered = is_solution(cell) or is_grade(cell)
        if "illustration" in cell.metadata.get("tags", []) and not answered:
            return cell, resources
        return super().preprocess_cell(cell, resources, cell_index)


class ForgetBuild(NbGraderPreprocessor):
    """Drops the build's own note, so that a release changes only when something in it does."""

    def preprocess(self, nb, resources):
        nb.metadata.pop(BUILD_METADATA, None)
        return nb, resources


def configure_release(config: Config) -> None:
    """Set what `nbgrader generate_assignment` needs to make the same release as the build does."""
    steps = GenerateAssignment.preprocessors.default()
    steps = [KeepIllustrations if step is ClearOutput else step for step in steps]
    config.GenerateAssignment.preprocessors = [*steps, ForgetBuild]
    config.ClearSolutions.code_stub = {"python": "..."}
    config.ClearSolutions.begin_solution_delimeter = BEGIN_SOLUTION
    config.ClearSolutions.end_solution_delimeter = END_SOLUTION
    config.ClearHiddenTests.begin_test_delimeter = BEGIN_HIDDEN
    config.ClearHiddenTests.end_test_delimeter = END_HIDDEN


class ReleaseError(Exception):
    """nbgrader could not make a release; the message is nbgrader's own."""


def make_release(solution: str, lesson: str) -> str:
    """The release that nbgrader makes of a worked notebook, both as JSON text.

    Works in a folder of its own and without a gradebook.
    raises: ReleaseError
    """
    config = Config()
    configure_release(config)
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    with tempfile.TemporaryDirectory() as folder:
        course = CourseDirectory(root=folder, assignment_id=lesson, config=config)
        source = Path(folder, course.source_directory, lesson, f"{lesson}.ipynb")
        source.parent.mkdir(parents=True)
        source.write_text(solution, encoding="utf-8")
        log = _Log()
        try:
            GenerateAssignment(coursedir=course, config=config, log=log.logger).start()
        except NbGraderException as error:
            raise ReleaseError(log.reason or str(error)) from None
        release = Path(folder, course.release_directory, lesson, f"{lesson}.ipynb")
        return release.read_text(encoding="utf-8")


class _Log(logging.Handler):
    """Keeps what nbgrader logs off the terminal, and in it the last line of a traceback: why it gave up."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.reason = ""
        self.logger = logging.Logger("release")
        self.logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage().strip()
        if text.startswith("Traceback"):
            self.reason = text.splitlines()[-1]
