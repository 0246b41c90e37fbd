"""Where the course keeps its things, and the settings that one course decides for itself."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from autograder.limits import Limits

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
SLIDES = "slides"  # what lecturers show: written and built like a lesson, but never given to students


class CourseError(Exception):
    """Something the user can mend: shown as one line that says what to do next, without a traceback."""


class StopError(CourseError):
    """Something that concerns all submissions, such as a full disk: there is no use in going on."""


def _classroom() -> Path:
    """The class folder that the environment variable COURSE_CLASS names, else class/."""
    return Path(os.environ.get("COURSE_CLASS") or ROOT / "class").resolve()


def _with_driver(url: str) -> str:
    """A PostgreSQL URL that names no driver, with one that is installed: SQLAlchemy's own choice may not be."""
    scheme, _, rest = url.partition("://")
    if scheme in ("postgres", "postgresql"):
        for driver in ("psycopg", "psycopg2"):
            if find_spec(driver):
                return f"postgresql+{driver}://{rest}"
    return url


@dataclass(frozen=True)
class Course:
    """The folders of one course.

    root      : the repository
    classroom : one class's data: submitted/, autograded/, feedback/, gradebook.db
    own_limits: of this class, where they differ from the course's
    db_url    : SQLAlchemy's URL of the class's gradebook; "" is gradebook.db in the classroom. For the class that
                COURSE_CLASS names, or else class/, the environment variable COURSE_GRADEBOOK may name another one;
                it counts for no other classroom, so that no demo and no test writes into a real gradebook
    """

    root: Path = ROOT
    classroom: Path = field(default_factory=_classroom)
    own_limits: dict[str, float] = field(default_factory=dict)
    db_url: str = field(default="", repr=False)  # it may hold a password

    @property
    def lessons(self) -> Path:
        return self.root / "lessons"

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    @property
    def gradebook(self) -> str:
        """The gradebook's SQLAlchemy URL."""
        url = self.db_url
        if not url and self.classroom.resolve() == _classroom():
            url = os.environ.get("COURSE_GRADEBOOK", "")
        return _with_driver(url) if url else f"sqlite:///{self.classroom / 'gradebook.db'}"

    @property
    def gradebook_shown(self) -> str:
        """Where the gradebook is, for people: a file, or a server without the password."""
        from autograder.gradebook_connection import gradebook_place

        return gradebook_place(self)

    @property
    def helpers(self) -> list[Path]:
        """The files that pip needs to install mlp_helpers: not what merely lies beside them, as pip's own build/ does.

        raises: CourseError if the package's pyproject.toml cannot be read
        """
        folder, settings = self.root / "mlp_helpers", self.helpers_settings["tool"]["setuptools"]
        paths = {folder / "pyproject.toml"}
        for package in settings["packages"]:
            part = folder.joinpath(*package.split(".")[1:])
            for pattern in ("*.py", *settings.get("package-data", {}).get(package, [])):
                paths |= {path for path in part.glob(pattern) if path.is_file()}
        return sorted(paths)

    @property
    def helpers_settings(self) -> dict:
        """The pyproject.toml of mlp_helpers."""
        path = self.root / "mlp_helpers" / "pyproject.toml"
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise CourseError(f"{path} cannot be read: {error}") from None

    @cached_property
    def lesson_names(self) -> list[str]:
        return sorted(path.stem for path in self.lessons.glob("[0-9]*.py"))

    @cached_property
    def graded_lessons(self) -> list[str]:
        """The lessons with a graded cell: all but the start page."""
        return [name for name in self.lesson_names if b'"grade": true' in (self.lessons / f"{name}.py").read_bytes()]

    @cached_property
    def settings(self) -> dict:
        """What the course decides for itself: [tool.course] in pyproject.toml, empty where there is none."""
        try:
            with open(self.root / "pyproject.toml", "rb") as file:
                return tomllib.load(file).get("tool", {}).get("course", {})
        except FileNotFoundError:
            return {}
        except tomllib.TOMLDecodeError as error:
            raise CourseError(f"{self.root / 'pyproject.toml'} cannot be read: {error}") from None

    @property
    def students_repository(self) -> str:
        """The git address that students install from, or "" where the course has none."""
        return self.settings.get("students_repository", "")

    @property
    def limits(self) -> dict[str, float]:
        """What a submission may use, where that differs from the defaults of autograder.limits.Limits.

        raises: CourseError for what is no limit
        """
        limits = {**self.settings.get("limits", {}), **self.own_limits}
        for name, value in limits.items():
            if name not in Limits.__dataclass_fields__ or type(value) not in (int, float) or value <= 0:
                known = ", ".join(Limits.__dataclass_fields__)
                raise CourseError(f"[tool.course.limits] {name} = {value!r}: set numbers above 0 for any of {known}")
        return limits

    def chosen_lessons(self, names: list[str], *, graded: bool = False) -> list[str]:
        """The lessons to work on: those named, in any order, or all when none is.

        graded: choose from the graded lessons only
        raises: CourseError for a name that is no lesson, or that is none of the graded ones
        """
        choice = self.graded_lessons if graded else self.lesson_names
        if unknown := sorted(set(names) - set(self.lesson_names)):
            raise CourseError(f"there is no lesson {', '.join(unknown)}: choose from {', '.join(choice)}")
        if ungraded := sorted(set(names) - set(choice)):
            raise CourseError(f"{', '.join(ungraded)} has nothing to grade: choose from {', '.join(choice)}")
        return [name for name in choice if name in names] if names else choice
