"""`autograder build`: lessons/ to the worked notebooks in solutions/ and the students' ones in notebooks/.

The lecturers' slides become one worked notebook outside of both, so that nbgrader never takes them for a lesson.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import os
import re
import signal
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, v4

from autograder import lesson as lesson_module
from autograder import lesson_rules as rules
from autograder import worked
from autograder.configuration import use_own_sockets
from autograder.course import SLIDES, Course
from autograder.lesson import Lesson, Problem, cell_id, nbgrader, read_lesson
from autograder.release import BUILD_METADATA, ReleaseError, colab_badge, make_release, set_up

# Raise it when a change to this module changes what is stored of an executed lesson.
VERSION = 1

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
JUPYTEXT_METADATA = {"cell_marker", "lines_to_next_cell", "lines_to_end_of_cell_marker"}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

# What makes one execution differ from the next: the order of sets, and sums split over threads.
REPEATABLE = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def run(course: Course, lessons: list[str], *, check: bool = False) -> int:
    """Build the lessons and slides, or all when none is named; with check, only say which notebooks are stale.

    returns: the exit code, 1 if a lesson was refused or, with check, if a notebook is stale
    raises : CourseError for a name that is no lesson
    """
    names = _chosen(course, lessons)
    if check:
        stale = [line for name in names for line in _stale(course, name)]
        stale += [] if lessons else _strays(course)
        print("\n".join(stale) or "All notebooks are up to date.")
        return 1 if stale else 0
    if not names:
        print(f"autograder: there are no lessons in {course.lessons}", file=sys.stderr)
        return 1
    return max(asyncio.run(_build_all(course, names)))


def _chosen(course: Course, names: list[str]) -> list[str]:
    lessons = [name for name in names if name != SLIDES]
    chosen = course.chosen_lessons(lessons) if lessons or not names else []
    slides = (course.lessons / f"{SLIDES}.py").exists() and (not names or SLIDES in names)
    return [*chosen, SLIDES] if slides else chosen


async def _build_all(course: Course, names: list[str]) -> list[int]:
    """Build side by side, one kernel for each core."""
    cores = asyncio.Semaphore(os.cpu_count() or 1)

    async def build(name: str) -> int:
        async with cores:
            start = time.perf_counter()
            outcome, problems = await _build(course, name)
        print(f"{name:<30} {outcome} in {time.perf_counter() - start:.1f} s", flush=True)
        for line, cell, message in sorted(problems):
            print(f"{_source(course, name)}:{line}: cell {cell}: {message}", file=sys.stderr, flush=True)
        return 1 if problems else 0

    return await asyncio.gather(*map(build, names))


async def _build(course: Course, name: str) -> tuple[str, list[Problem]]:
    """Build one lesson. Writes nothing if there are problems."""
    lesson, problems = read_lesson(course, name)
    problems = problems or rules.unreadable(lesson)
    if problems:
        return "refused", problems
    problems = rules.wrong_as_written(lesson)

    notebook, digest = to_notebook(course, name, lesson), _digest(course, name)
    stored = _stored(_worked(course, name), name)
    current = _is_current(stored, notebook, digest)
    lesson.solution = stored if current else notebook
    if not current:
        problems += await _execute(lesson, course.root)
        lesson.solution.metadata[BUILD_METADATA] = {"digest": digest}
    problems += rules.wrong_when_executed(lesson)

    written = {_worked(course, name): _text(lesson.solution)}
    if name != SLIDES:
        try:
            release = written[course.notebooks] = make_release(_text(lesson.solution), name)
            lesson.release = nbformat.reads(release, as_version=4)
            problems += rules.wrong_when_released(lesson)
        except ReleaseError as error:
            problems = problems or [Problem(1, "-", f"nbgrader cannot make the release: {error}")]
    if problems:
        return "refused", problems

    changed = [_write(folder, name, text) for folder, text in written.items()]
    return ("built" if any(changed) or not current else "unchanged"), []


# From the lesson to a notebook.


def to_notebook(course: Course, name: str, lesson: Lesson) -> NotebookNode:
    """The lesson as a notebook to be executed, with the set-up that each notebook needs."""
    new = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell}
    cells = []
    for number, cell in enumerate(lesson.cells, 1):
        metadata = {key: value for key, value in cell.metadata.items() if key not in JUPYTEXT_METADATA}
        source = cell.source
        if nbgrader(cell).get("grade_id") == "setup" and name != SLIDES:
            source = f"{set_up(course.students_repository)}\n{source}"
        taken = {other.id for other in cells} | {""}  # a lesson with such cells is refused, but executed before
        unique = f"cell-{number}" if cell_id(cell) in taken else cell_id(cell)
        cells.append(new[cell.cell_type](source, id=unique, metadata=metadata))
    title = next((cell for cell in cells if cell.cell_type == "markdown"), None)
    if title and name != SLIDES and (badge := colab_badge(course.students_repository, name)):
        heading, newline, rest = title.source.partition("\n")
        title.source = f"{heading}\n\n{badge}{newline}{rest}"
    return v4.new_notebook(cells=cells, metadata={"kernelspec": KERNELSPEC}, nbformat_minor=5)


def _digest(course: Course, name: str) -> str:
    """A hash of all that an executed notebook is made from; the slides run the lessons."""
    files = [course.lessons / f"{name}.py"]
    if name == SLIDES:
        files += [course.lessons / f"{lesson}.py" for lesson in course.lesson_names]
        files += [Path(worked.__file__), Path(lesson_module.__file__)]
    files += [path for path in course.helpers if path.suffix == ".py" or path.parent.name == "data"]
    parts = [f"{VERSION}".encode(), set_up(course.students_repository).encode()]
    parts += [part for path in files for part in (path.name.encode(), path.read_bytes())]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


# Execution.


async def _execute(lesson: Lesson, root: Path) -> list[Problem]:
    """Execute the lesson's notebook in an empty folder; fills in its outputs and the cells' times."""
    started, at = {}, None

    def on_start(cell, cell_index):
        nonlocal at
        at, started[cell_index] = cell_index, time.perf_counter()

    def on_end(cell, cell_index, execute_reply):
        lesson.seconds[cell_index] = time.perf_counter() - started[cell_index]

    client = NotebookClient(
        lesson.solution,
        kernel_name=KERNELSPEC["name"],
        extra_arguments=["--log-level=ERROR"],
        timeout=math.ceil(3 * rules.MAX_SECONDS),
        allow_errors=True,
        coalesce_streams=True,
        record_timing=False,
        store_widget_state=False,
        shutdown_kernel="immediate",
        on_notebook_start=_leave_ctrl_c_alone,
        on_cell_execute=on_start,
        on_cell_executed=on_end,
    )
    paths = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, **REPEATABLE, "PYTHONPATH": paths}
    problem = None
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as own:
        use_own_sockets(client.config, own)
        try:
            await client.async_execute(cwd=folder, env=environment)
        except CellTimeoutError:
            problem = f"was stopped after {client.timeout} s; at most {rules.MAX_SECONDS:g} s are allowed"
        except DeadKernelError:
            if _interrupted():
                raise asyncio.CancelledError from None
            problem = "ends the kernel"
    _tidy(lesson.solution)
    return [lesson.problem(at, problem)] if problem else []


def _leave_ctrl_c_alone(notebook: NotebookNode) -> None:
    """Undo that nbclient catches Ctrl-C, and with it stops one kernel only, while other lessons go on."""
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().remove_signal_handler(number)


def _interrupted() -> bool:
    """Whether Ctrl-C is ending this task: nbclient reports a dead kernel (Python 3.10 cannot tell)."""
    return bool(getattr(asyncio.current_task(), "cancelling", int)())


def _tidy(notebook: NotebookNode) -> None:
    """Drop what differs from one execution to the next, and sliders, which are dead without their kernel."""
    notebook.metadata.pop("language_info", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = None
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
            if output.output_type == "execute_result":
                output.execution_count = None
            elif output.output_type == "stream":
                # The path before a warning holds the kernel's process id, or names this machine's folders.
                output.text = re.sub(r"(?m)^\S*ipykernel_\d+[/\\]\d+\.py(?=:\d+: )", "cell", output.text)
                output.text = re.sub(r"(?m)^\S*[/\\](\w+\.py:\d+: \w*Warning: )", r"\1", output.text)


# Files.


def _worked(course: Course, name: str) -> Path:
    """Where the folder of a worked notebook is."""
    return course.root if name == SLIDES else course.solutions


def _path(folder: Path, name: str) -> Path:
    return folder / name / f"{name}.ipynb"


def _source(course: Course, name: str) -> Path:
    return (course.lessons / f"{name}.py").relative_to(course.root)


def _text(notebook: NotebookNode) -> str:
    return nbformat.writes(notebook, version=4) + "\n"


def _stored(folder: Path, name: str) -> NotebookNode | None:
    """The notebook that an earlier build wrote, or None if there is none that can be read."""
    try:
        return nbformat.reads(_path(folder, name).read_text(encoding="utf-8"), as_version=4)
    except Exception:  # whatever is wrong with it, it will be built anew
        return None


def _write(folder: Path, name: str, text: str) -> bool:
    """Write a notebook at once, unless it is there; returns whether it was not."""
    path = _path(folder, name)
    if path.exists() and path.read_bytes() == text.encode():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)
    return True


# Staleness.


def _is_current(stored: NotebookNode | None, notebook: NotebookNode, digest: str) -> bool:
    """Whether a stored solution was executed from just this lesson and nobody has edited its cells."""
    if stored is None or stored.metadata.get(BUILD_METADATA, {}).get("digest") != digest:
        return False
    return [_written(cell) for cell in stored.cells] == [_written(cell) for cell in notebook.cells]


def _written(cell: NotebookNode) -> tuple:
    return cell.cell_type, cell.get("id"), cell.source, cell.metadata


def _stale(course: Course, name: str) -> list[str]:
    """A line for each notebook of the lesson that a build would change."""
    lesson, problems = read_lesson(course, name)
    if problems:
        return [f"{_source(course, name)}: {problems[0].message}"]
    lines = []
    stored = _stored(_worked(course, name), name)
    if not _is_current(stored, to_notebook(course, name, lesson), _digest(course, name)):
        lines.append(_path(_worked(course, name), name))
    if name != SLIDES and (stored is None or _release_differs(course, name, stored)):
        lines.append(_path(course.notebooks, name))
    return [f"{path.relative_to(course.root)} is stale: run autograder build {name}" for path in lines]


def _release_differs(course: Course, name: str, solution: NotebookNode) -> bool:
    try:
        return _path(course.notebooks, name).read_bytes() != make_release(_text(solution), name).encode()
    except (OSError, ReleaseError):
        return True


def _strays(course: Course) -> list[str]:
    """A line for each folder of notebooks without a lesson."""
    folders = [path for parent in (course.solutions, course.notebooks) for path in parent.glob("[!.]*")]
    strays = sorted(path for path in folders if path.is_dir() and path.name not in course.lesson_names)
    if (course.root / SLIDES).is_dir() and not (course.lessons / f"{SLIDES}.py").exists():
        strays.append(course.root / SLIDES)
    return [f"{path.relative_to(course.root)} has no lesson: delete it" for path in strays]
