"""nbgrader's settings for this course, the same for `nbgrader`, formgrader and `autograder`."""

from __future__ import annotations

import os
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.course import Course, CourseError

COURSE_ID = "mlp"

# nbgrader finds files by globs and, outside the root, matches their paths as unescaped regular expressions.
_GLOB, _REGEX = set("*?[]"), set("*?[](){}+|^$\\")
_MARKUP = set('<>"')  # formgrader writes a student's id into its pages as it is


def configure(c: Config, course: Course | None = None) -> None:
    """Set everything that nbgrader needs to know.

    course: where the folders are; by default those of this repository
    raises: CourseError if nbgrader could not work in the class's folder
    """
    course = course or Course()
    _find_alembic()
    _folders(c, course)
    _grading(c)
    _limits(c, course.limits)
    _feedback(c)

    from autograder.release import configure_release

    configure_release(c)


def nbgrader_config(course: Course) -> Config:
    """The settings as an object, for nbgrader's converters when they are used from Python.

    As for `nbgrader` itself, what the course's own nbgrader_config.py says besides counts too.

    raises: CourseError if nbgrader could not work in the class's folder, or that file does not work
    """
    c, own = Config(), course.root / "nbgrader_config.py"
    configure(c, course)
    if own.is_file():
        if str(course.root) not in sys.path:
            sys.path.append(str(course.root))  # where nbgrader looks for plugins
        try:
            c.merge(PyFileConfigLoader(own.name, path=str(course.root)).load_config())
        except Exception as error:  # it is Python
            raise CourseError(f"{own} does not work: {error!r}") from error
        _folders(c, course)  # that file knows of one class only
        _limits(c, course.own_limits)
    return c


def why_unusable(student: str) -> str:
    """Why nbgrader cannot work with a student's folder of this name, and what to do; "" where it can."""
    if (_GLOB | _MARKUP).isdisjoint(student) and student.isprintable():
        return ""
    what = '* ? [ ] < > " or a character that does not show'
    return f"nbgrader cannot work with a folder that has {what} in its name: rename it, then grade again"


def use_own_sockets(c: Config, folder: str) -> None:
    """Let a kernel talk through files in a folder of its own.

    TCP ports are chosen first and bound later: two processes that start kernels at once may choose the same one,
    and the later kernel dies. The connection file, which a kernel that dies leaves behind, goes with the folder.
    """
    c.KernelManager.connection_file = str(Path(folder, "kernel.json"))
    if os.name == "posix":
        c.KernelManager.transport = "ipc"


def _find_alembic() -> None:
    """nbgrader starts `alembic` by name, which needs the environment to be on PATH, activated or not."""
    scripts, path = str(Path(sys.executable).parent), os.environ.get("PATH", "")
    if scripts not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join(filter(None, [scripts, path]))


def _folders(c: Config, course: Course) -> None:
    c.CourseDirectory.root = str(course.root)
    c.CourseDirectory.course_id = COURSE_ID
    c.CourseDirectory.source_directory = "solutions"
    c.CourseDirectory.release_directory = "notebooks"
    c.CourseDirectory.submitted_directory = _step(course, "submitted")
    c.CourseDirectory.autograded_directory = _step(course, "autograded")
    c.CourseDirectory.feedback_directory = _step(course, "feedback")
    c.CourseDirectory.db_url = course.gradebook
    c.ExportPlugin.to = str(course.classroom / "grades.csv")
    for step in (c.Rebuild, c.Examine):
        step.root, step.classroom = str(course.root), str(course.classroom)
    c.Autograde.pre_convert_hook = partial(_take_in, course)


def _step(course: Course, name: str) -> str:
    """A folder of the class, relative to the root if it lies inside: formgrader needs that."""
    folder = course.classroom / name
    if folder.is_relative_to(course.root):
        folder = folder.relative_to(course.root)
    if _REGEX.intersection(str(folder)) or _GLOB.intersection(str(course.root)):
        place = course.classroom if _REGEX.intersection(str(folder)) else course.root
        raise CourseError(f"nbgrader cannot work in {place}: move it to a path of letters, digits, - and _")
    return str(folder)


def _grading(c: Config) -> None:
    c.Autograde.sanitize_preprocessors = [
        "autograder.preprocessors.Rebuild",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.Autograde.autograde_preprocessors = [
        "autograder.preprocessors.Examine",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]


def _limits(c: Config, limits: dict[str, float]) -> None:
    for name, value in limits.items():
        c.Examine[name] = value


def _take_in(course: Course, **given) -> None:
    """What autograder.preprocessors.intake does, which is not imported for nbgrader's other commands."""
    from autograder.preprocessors import intake

    intake(course, **given)


def _feedback(c: Config) -> None:
    """Feedback without hidden tests and without a student's HTML, which would run in the reader's browser."""
    c.GenerateFeedback.preprocessors = [
        "nbgrader.preprocessors.GetGrades",
        "nbgrader.preprocessors.ClearHiddenTests",
        "autograder.feedback.HideTestTracebacks",
        "autograder.feedback.DescribeImages",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.filters = {"markdown2html": "autograder.markdown.safe_markdown"}
    c.HTMLExporter.preprocessors = ["autograder.feedback.EscapeNames"]
    c.HTMLExporter.extra_template_basedirs = [
        str(Path(__file__).parent / "templates"),
        str(Path(find_spec("nbgrader").origin).parent / "server_extensions" / "formgrader" / "templates"),
    ]
    # Sanitising turns an <img> that holds its own data into visible text: prefer the picture, never use HTML.
    c.WidgetsDataTypeFilter.display_data_priority = [
        "image/png",
        "image/jpeg",
        "image/svg+xml",
        "text/latex",
        "text/plain",
    ]
