"""What students get, as the content of a git repository of its own: `autograder bundle`."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import zipfile
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autograder.course import Course, CourseError, tomllib
from autograder.leaks import first_leak
from autograder.release import colab_badge, set_up
from autograder.submission_folder import os_errors_explained

# By this last line of its start page a folder is known as an earlier bundle.
MARKER = "<!-- This folder is made by a program: what you change here is lost when it is made anew. -->"
NAME = "mlp-course"  # of the folder in the zip
README = "README.md"
_TEMPLATES = Path(__file__).parent / "templates" / "bundle"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def run(course: Course, lessons: list[str], output: Path | None = None, *, as_zip: bool = False) -> int:
    """Write the bundle of these lessons and the start page, or of all, and with as_zip a zip of it beside it.

    output: the folder; None: class/bundle
    raises: CourseError, and then nothing has been written or changed
    """
    folder = (output or course.classroom / "bundle").resolve()
    archive = folder.with_name(f"{folder.name}.zip")
    files = contents(course, lessons)
    with os_errors_explained(folder):
        kept = _kept(folder)
        if as_zip:
            _check_archive(archive)
            _replace(archive, zipped(files))
        _put(folder, files)
    for name in kept:
        print(f"{folder / name} is not of a bundle and stays")
    print(f"{folder}: {sum(name.endswith('.ipynb') for name in files)} notebooks and mlp_helpers, for students")
    if as_zip:
        print(archive)
    if course.students_repository:
        print(f"Push it to the branch main of {course.students_repository}: there the notebooks look for mlp_helpers.")
    return 0


def contents(course: Course, lessons: list[str]) -> dict[str, bytes]:
    """The bundle's files by their paths, in order: a function of the course's files and of nothing else.

    raises: CourseError for a lesson that is not built, and if a solution or a hidden test would be in it
    """
    names = course.chosen_lessons(lessons)
    names = [name for name in course.lesson_names if name in names or name not in course.graded_lessons]
    files = {f"notebooks/{name}/{name}.ipynb": _notebook(course, name) for name in names}
    files |= {path.relative_to(course.root).as_posix(): path.read_bytes() for path in course.helpers}
    files |= _front(course, {name: files[f"notebooks/{name}/{name}.ipynb"] for name in names})
    if leak := first_leak(files, course, names):
        name, line, place = leak
        raise CourseError(f"{name} would show students {line[:60]!r} of {place}: take it out, then `autograder build`")
    return dict(sorted(files.items()))


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip that depends on the files only: no time, no owner."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(f"{NAME}/{name}", _LONG_AGO)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED, compresslevel=9)
    return target.getvalue()


# What is in it.


def _notebook(course: Course, lesson: str) -> bytes:
    path, build = course.notebooks / lesson / f"{lesson}.ipynb", f"run `autograder build {lesson}`"
    if not path.is_file():
        raise CourseError(f"there is no {path}: {build}")
    data = path.read_bytes()
    try:
        cells = json.loads(data)["cells"]
        first = next((c for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") == "setup"), None)
        installs = first is None or "".join(first["source"]).startswith(set_up(course.students_repository))
    except (ValueError, LookupError, TypeError, AttributeError):
        raise CourseError(f"{path} is no notebook: {build}") from None
    if not installs:
        raise CourseError(f"{path} was built for another students_repository than in pyproject.toml: {build}")
    return data


def _front(course: Course, notebooks: dict[str, bytes]) -> dict[str, bytes]:
    """The start page and the other files at the top. notebooks: by lesson"""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    shown = [
        {
            "title": _title(data, name),
            "path": f"notebooks/{name}/{name}.ipynb",
            "badge": colab_badge(course.students_repository, name),
        }
        for name, data in notebooks.items()
    ]
    start = next((each for each, name in zip(shown, notebooks, strict=True) if name not in course.graded_lessons), None)
    example = next((name for name in notebooks if name in course.graded_lessons), "01_perceptron")
    repository = re.sub(r"^git\+", "", course.students_repository.strip())
    project = course.helpers_settings["project"]
    own = course.root / "pyproject.toml"
    extras = tomllib.loads(own.read_text(encoding="utf-8"))["project"]["optional-dependencies"]["grading"]
    requirements = [*project["dependencies"], *(each for each in extras if re.match(r"jupyterlab\b", each))]
    said = {"lessons": shown, "start": start, "example": example, "repository": repository, "marker": MARKER}
    texts = {
        README: environment.get_template("README.md.jinja").render(said),
        "environment.yml": environment.get_template("environment.yml.jinja").render(
            python=project["requires-python"], requirements=requirements
        ),
        ".gitignore": (_TEMPLATES / "gitignore").read_text(encoding="utf-8"),
    }
    return {name: text.encode() for name, text in texts.items()} | {"LICENSE": (course.root / "LICENSE").read_bytes()}


def _title(notebook: bytes, lesson: str) -> str:
    """The notebook's first heading."""
    for cell in json.loads(notebook)["cells"]:
        heading = re.match(r"#\s+(.+)", "".join(cell["source"]))
        if cell["cell_type"] == "markdown" and heading:
            return re.sub(r"([|\[\]])", r"\\\1", heading[1].strip())
    return lesson


# Where it is put.


def _kept(folder: Path) -> list[str]:
    """What is in the folder and stays there. raises: CourseError if it is something else than an earlier bundle"""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise CourseError(f"{folder} is no folder: name another --output")
    names = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    if set(names) <= {".git", ".part"}:
        return []
    start = folder / README
    if not (start.is_file() and MARKER in start.read_text(encoding="utf-8", errors="replace")):
        raise CourseError(f"{folder} holds something else than a bundle: name an empty folder as --output")
    ours = {"notebooks", "mlp_helpers", README, "environment.yml", ".gitignore", "LICENSE", ".git", ".part"}
    return [name for name in names if name not in ours]


def _check_archive(path: Path) -> None:
    if not path.exists():
        return
    try:
        with zipfile.ZipFile(path) as archive:
            known = MARKER.encode() in archive.read(f"{NAME}/{README}")
    except (OSError, KeyError, zipfile.BadZipFile):
        known = False
    if not known:
        raise CourseError(f"{path} is something else than a bundle: name another --output")


def _put(folder: Path, files: dict[str, bytes]) -> None:
    """Put all in place of what an earlier bundle put there; killed in between, the same command does it again."""
    draft, old = folder / ".part" / "new", folder / ".part" / "old"
    shutil.rmtree(folder / ".part", ignore_errors=True)
    old.mkdir(parents=True)
    if not (folder / README).exists():
        (folder / README).write_text(f"{MARKER}\n", encoding="utf-8")
    for name, data in files.items():
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        (draft / name).write_bytes(data)
    for name in sorted({name.split("/")[0] for name in files}, key=lambda name: name == README):
        if name != README and (folder / name).exists():
            os.rename(folder / name, old / name)
        os.replace(draft / name, folder / name)
    shutil.rmtree(folder / ".part")


def _replace(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft.write_bytes(data)
    os.replace(draft, path)
