"""How fast a class is graded, against plain nbgrader, and what the time goes into.

    .venv/bin/python benchmarks/grading.py [--students 50] [--no-stock] [--scale 2000]

A class of invented students hands in all six lessons: 300 submissions, unless told otherwise. It is graded by
`nbgrader autograde` with nbgrader's own settings, in one process and in one per core; and by `autograder grade`, in
several ways. Prints ratios of one run, in which the machine should do nothing else. One worker and one on each core
take turns, three times.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import pkgutil
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import nbformat
import psutil
from machine import busy, scaling

from autograder.course import ROOT, Course
from autograder.limits import Limits
from autograder.sample_class import MISTAKES, Student, make_class

STOCK = """
c = get_config()
c.CourseDirectory.course_id = "mlp"
c.CourseDirectory.source_directory, c.CourseDirectory.release_directory = "solutions", "notebooks"
for step in ("submitted", "autograded", "feedback"):
    setattr(c.CourseDirectory, f"{step}_directory", f"class/{step}")
c.CourseDirectory.db_url = "sqlite:///class/gradebook.db"
c.Execute.timeout = 120
"""


SOME = 20  # students whose cells are run by themselves


@dataclass
class Cost:
    """What grading took.

    wall  : seconds
    cpu   : processor seconds, in all; writer: of the process that writes
    memory: bytes of the largest worker with its sandbox, and of the writer
    """

    wall: float
    cpu: float = 0.0
    writer: float = 0.0
    memory: tuple[int, int] = (0, 0)


def mean(costs: list[Cost]) -> Cost:
    """Of runs that were alike; of memory the most."""
    seconds = [sum(getattr(cost, name) for cost in costs) / len(costs) for name in ("wall", "cpu", "writer")]
    return Cost(*seconds, tuple(map(max, zip(*(cost.memory for cost in costs), strict=True))))


def students(number: int) -> list[Student]:
    """Invented students: some with everything right, some with a part of it, some with mistakes."""
    mistakes = ["", "", *MISTAKES]
    shares = [1.0, 1.0, 0.75, 1.0, 0.5]
    return [
        Student(f"student_{n:04}", "", "", share=shares[n % 5], mistake=mistakes[n % len(mistakes)])
        for n in range(number)
    ]


def main() -> None:
    """Print all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=50)
    parser.add_argument("--no-stock", action="store_true", help="leave out plain nbgrader, which takes minutes")
    parser.add_argument("--scale", type=int, default=2000, help="submissions of the largest class; 0: none")
    options = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as folder:
        course = make_course(Path(folder))
        make_class(course, course.classroom, students(options.students))
        number = options.students * len(course.graded_lessons)
        cores = len(os.sched_getaffinity(0))
        print(f"{number} submissions of {options.students} students, {cores} cores")
        enter(course)
        own = own_cells(course, skip=True) * options.students
        whole = own_cells(course, skip=False) * options.students
        rows = {}
        if not options.no_stock:
            rows["nbgrader autograde"] = stock(course, 1)
            rows[f"nbgrader autograde, {cores} processes"] = stock(course, cores)
        turns = [[ours(course, "--workers", str(n)) for n in (1, cores)] + [scaling(cores)] for _ in range(3)]
        one, all_cores, plain_loops = ([turn[place] for turn in turns] for place in range(3))
        rows["autograder grade"], rows["autograder grade, 1 worker"] = mean(all_cores), mean(one)
        rows["autograder grade, unchanged"] = ours(course, "--workers", str(cores), fresh=False)
        rows["autograder grade --all-cells"] = ours(course, "--workers", str(cores), "--all-cells")
        rows["autograder grade, no sandbox"] = ours(course, "--workers", str(cores), "--no-sandbox")
        first = next(iter(rows.values()))
        print(
            f"\n{'':<34}{'seconds':>9}{'a second':>10}{'ratio':>8}{'CPU ms each':>13}{'own cells':>11}"
            f"{'writer':>9}{'worker MB':>11}{'writer MB':>11}"
        )
        for name, cost in rows.items():
            cells = whole if "nbgrader" in name or "all-cells" in name else own
            share = f"{cells / cost.cpu:.0%}" if cost.cpu and "unchanged" not in name else ""
            writer = f"{cost.writer / (cost.cpu - cost.writer):.1%}" if cost.writer and "unchanged" not in name else ""
            megabytes = [f"{each / 1e6:.0f}" if each else "" for each in cost.memory]
            print(
                f"{name:<34}{cost.wall:>9.1f}{number / cost.wall:>10.2f}{first.wall / cost.wall:>8.1f}"
                f"{cost.cpu / number * 1000:>13.0f}{share:>11}{writer:>9}{megabytes[0]:>11}{megabytes[1]:>11}"
            )
        ratios = [f"{single.wall / several.wall:.2f}" for single, several in zip(one, all_cores, strict=True)]
        loops = [f"{ratio:.2f}" for ratio in plain_loops]
        print(f"\n{cores} workers / one: {', '.join(ratios)}; {cores} plain loops / one: {', '.join(loops)}")
        by_lesson(course)
        if options.scale:
            scale(course, options.scale)


def make_course(folder: Path) -> Course:
    """The course's own lessons, with an empty class."""
    for name in ("lessons", "solutions", "notebooks"):
        shutil.copytree(ROOT / name, folder / name)
    return Course(root=folder, classroom=folder / "class")


def enter(course: Course) -> None:
    """Let a class begin with its lessons in the gradebook, as a term does, for us as for nbgrader."""
    (course.root / "entered").mkdir()
    ours(course, "--student", "student_0000")
    shutil.copy(course.classroom / "gradebook.db", course.root / "entered")
    lines = (course.classroom / "graded.jsonl").read_text().splitlines(keepends=True)
    lessons = [line for line in lines if not json.loads(line)["student"]]
    (course.root / "entered/graded.jsonl").write_text("".join(lessons))


def stock(course: Course, processes: int) -> Cost:
    """nbgrader with its own settings, one command a lesson, so many at a time."""
    (course.root / "nbgrader_config.py").write_text(STOCK)
    _forget(course)
    nbgrader = [sys.executable, "-m", "nbgrader"]
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    release = {"cwd": course.root, "env": environment, "capture_output": True}
    for lesson in course.graded_lessons:
        command = [*nbgrader, "generate_assignment", lesson, "--force", "--create"]
        subprocess.run([*command, "--CourseDirectory.release_directory=ignored"], check=True, **release)
    start, before = time.monotonic(), busy()

    def grade(lesson: str) -> None:
        subprocess.run([*nbgrader, "autograde", lesson], **release)

    with ThreadPoolExecutor(processes) as pool:
        list(pool.map(grade, course.graded_lessons))
    cost = Cost(time.monotonic() - start, busy() - before)
    (course.root / "nbgrader_config.py").unlink()
    return cost


def ours(course: Course, *options: str, fresh: bool = True) -> Cost:
    """`autograder grade`, the command itself; with the course's lessons, of which `course` has copies."""
    if fresh:
        _forget(course)
        shutil.copytree(course.root / "entered", course.classroom, dirs_exist_ok=True)
    command = [Path(sys.executable).with_name("autograder"), "grade", "--json", *options]
    environment = os.environ | {"COURSE_CLASS": str(course.classroom), "COURSE_GRADEBOOK": ""}
    start, before = time.monotonic(), busy()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    cost = Cost(0.0)
    watch = threading.Thread(target=_watch, args=(process.pid, cost))
    watch.start()
    said, _ = process.communicate()
    cost.wall, cost.cpu = time.monotonic() - start, busy() - before
    watch.join()
    assert process.returncode == 0 and not json.loads(said)["counts"]["failed"], said
    return cost


def _watch(pid: int, cost: Cost) -> None:
    """See what a run's processes use until it ends."""
    worker_memory = writer_memory = looks = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        writer = psutil.Process(pid)
        while True:
            cost.writer = sum(writer.cpu_times()[:2])
            if looks % 20 == 0:
                writer_memory = max(writer_memory, writer.memory_full_info().pss)
            for worker in writer.children() if looks % 20 == 0 else []:
                with contextlib.suppress(psutil.NoSuchProcess):
                    whole = [worker, *worker.children(recursive=True)]
                    worker_memory = max(worker_memory, sum(map(_pss, whole)))
            cost.memory = worker_memory, writer_memory
            looks += 1
            time.sleep(0.1)


def _pss(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        return process.memory_full_info().pss
    return 0


def _forget(course: Course) -> None:
    for path in course.classroom.iterdir():
        if path.name != "submitted":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def own_cells(course: Course, *, skip: bool) -> float:
    """Processor seconds of a student's cells and visible tests, each notebook in a fresh fork of one warm Python."""
    lessons, some = course.graded_lessons, _students(course)[:SOME]
    return sum(_plain(_cells(course, student, lesson, skip)) for lesson in lessons for student in some) / len(some)


def _students(course: Course) -> list[str]:
    return sorted(path.name for path in (course.classroom / "submitted").iterdir())


def _cells(course: Course, student: str, lesson: str, skip: bool) -> list[str]:
    from autograder.rebuild import gradable

    submitted, worked, release = (
        nbformat.read(folder / lesson / f"{lesson}.ipynb", 4)
        for folder in (course.classroom / "submitted" / student, course.solutions, course.notebooks)
    )
    cells = [cell for cell in gradable(submitted, worked, release).notebook.cells if cell.cell_type == "code"]
    return [cell.source for cell in cells if not (skip and cell.metadata.get("autograder", {}).get("skip"))]


def _plain(cells: list[str]) -> float:
    _load_what_cells_import()
    end, told = os.pipe()
    if os.fork() == 0:
        space, start = {"__name__": "__main__"}, time.process_time()
        with (
            open(os.devnull, "w") as nothing,
            contextlib.redirect_stdout(nothing),
            contextlib.redirect_stderr(nothing),
            warnings.catch_warnings(),
        ):
            for source in cells:
                with contextlib.suppress(Exception):
                    exec(compile(source, "cell", "exec"), space)
        os.write(told, str(time.process_time() - start).encode())
        os._exit(0)
    os.wait()
    os.close(told)
    with open(end) as file:
        return float(file.read())


@lru_cache
def _load_what_cells_import() -> None:
    """Once for all the forks, as in a worker, so that their time is that of the cells."""
    import mlp_helpers

    own = [module.name for module in pkgutil.walk_packages(mlp_helpers.__path__, "mlp_helpers.")]
    for name in ["matplotlib.pyplot", "numpy.random", *own]:
        importlib.import_module(name)


def by_lesson(course: Course) -> None:
    """Processor time of a submission, in each lesson and way, against that of its cells alone.

    graded: what a worker does for it, from its folder to its page, without the writer, when it has graded the class
            once before; once: what it does that first time beyond, such as trying out the catalogue's wrong formulas
    """
    print(f"\n{'CPU, ms a submission':<34}{'cells':>9}{'graded':>9}{'ratio':>8}{'once':>9}")
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})  # as a worker of `autograder grade` does
    for all_cells in (False, True):
        for lesson in course.graded_lessons:
            cells, graded, once = _in_a_worker(course, lesson, all_cells=all_cells)
            name = f"{lesson} --all-cells" if all_cells else lesson
            each = f"{cells * 1000:>9.0f}{graded * 1000:>9.0f}"
            print(f"{name:<34}{each}{graded / cells:>8.2f}{once * 1000:>9.0f}", flush=True)
    os.sched_setaffinity(0, allowed)


def _in_a_worker(course: Course, lesson: str, *, all_cells: bool) -> tuple[float, float, float]:
    """Seconds of a student's cells in a lesson, of the cores' work to grade them, and of what is done only once.

    Cells and grading take turns, so that a slow moment of the machine is one for both.
    """
    from autograder.feedback_pages import hidden_places
    from autograder.standings import opened, read_grades
    from autograder.submission import Way, grade_folder, page, read_material, warm_up

    way = Way(Limits(**course.limits), all_cells=all_cells)
    warm_up(way)
    material, places = read_material(course, lesson), hidden_places(course)
    students = _students(course)[:SOME]
    with opened(course) as engine:
        grades = {student: read_grades(course, engine, student, lesson) for student in students}
    cells, graded = [0.0, 0.0], [0.0, 0.0]
    for again in (0, 1):
        for student in students:
            cells[again] += _plain(_cells(course, student, lesson, not all_cells))
            before = busy()
            result = grade_folder(course, student, material, way)
            page(student, lesson, material.release, result.notebook, grades[student], date.today(), places)
            graded[again] += busy() - before
    once = graded[0] * cells[1] / cells[0] - graded[1]  # as if the machine had been as fast as the second time
    return cells[1] / len(students), graded[1] / len(students), once


def scale(course: Course, most: int) -> None:
    """Cost of a submission against their number, start-up included, and of each more than in the class before."""
    heading = f"{'ms each':>9}{'each more':>11}{'CPU ms each':>13}{'writer':>9}{'worker MB':>11}{'writer MB':>11}"
    print(f"\n{'submissions':<12}{'workers':>9}{'seconds':>9}{heading}")
    lesson, template = course.graded_lessons[0], sorted((course.classroom / "submitted").iterdir())
    text = [(path / lesson / f"{lesson}.ipynb").read_bytes() for path in template]
    shutil.rmtree(course.classroom / "submitted")
    made, cores, before = 0, len(os.sched_getaffinity(0)), {}
    for size in [n for n in (50, 500, 1000, 2000, 5000) if n < most] + [most]:
        for n in range(made, size):
            path = course.classroom / "submitted" / f"student_{n:05}" / lesson / f"{lesson}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_bytes(text[n % len(text)])
        made = size
        for workers in (1, cores) if size <= 1000 else (cores,):
            cost = ours(course, "--workers", str(workers))
            smaller, seconds = before.get(workers, (0, 0.0))
            more = f"{(cost.wall - seconds) / (size - smaller) * 1000:.1f}" if smaller else ""
            before[workers] = size, cost.wall
            memory = [f"{each / 1e6:.0f}" for each in cost.memory]
            print(
                f"{size:<12}{workers:>9}{cost.wall:>9.1f}{cost.wall / size * 1000:>9.1f}{more:>11}"
                f"{cost.cpu / size * 1000:>13.1f}{cost.writer / (cost.cpu - cost.writer):>9.1%}"
                f"{memory[0]:>11}{memory[1]:>11}",
                flush=True,
            )
    again = ours(course, fresh=False)
    print(f"nothing changed, {made} submissions: {again.wall:.2f} s")


if __name__ == "__main__":
    main()
