"""Grades a class with an attacker in it by this grader: by its marker alone, or by all that `autograder grade` does."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import nbformat
from hostile_class import LESSON, Attack, Baseline, HostileClass, Result, attempt, make_course
from run_here import RunHere

from autograder.course import Course
from autograder.gradebook import Writer
from autograder.intake import other_files, take_in
from autograder.lesson import is_test, key
from autograder.marking import Marker
from autograder.rebuild import rebuild
from autograder.records import Records
from autograder.sandbox import Limits
from autograder.submission_folder import given_files, read_folder

MIB = 2**20
SECONDS = 20  # after which grading one submission is taken to hang
NOBODY = 65534
LIMITS = Limits(seconds_per_cell=0.5, seconds=4, memory=400 * MIB, processes=32, scratch=64 * MIB)


def by_marker(marker: Marker) -> Callable:
    """Grade by intake, rebuild and marker, without gradebook and feedback."""

    def grade(course: Course, students: list[str]) -> Iterator[tuple[str, float | None]]:
        for student in students:
            with at_most(SECONDS):
                taken = take_in(course, student, LESSON)
            worked, release = (
                nbformat.read(folder / LESSON / f"{LESSON}.ipynb", 4) for folder in (course.solutions, course.notebooks)
            )
            gradable = rebuild(taken.notebook, worked, release).notebook
            files = other_files(read_folder(course, student, LESSON), given_files(course, LESSON))
            marked = marker.mark(gradable, files)
            marked.notebook.metadata["autograder"]["notes"] = marked.notes
            path = course.classroom / "autograded" / student / LESSON / f"{LESSON}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(marked.notebook), encoding="utf-8")
            points = {key(c): c.metadata.nbgrader.points for c in worked.cells if c.cell_type == "code" and is_test(c)}
            yield student, sum(points[name] for name, verdict in marked.tests.items() if verdict.passed)

    return grade


def by_command(limits: Limits = LIMITS) -> Callable:
    """Grade as `autograder grade` does each submission: gradebook and feedback too, in this process."""

    def grade(course: Course, students: list[str]) -> Iterator[tuple[str, float | None]]:
        course = replace(course, own_limits=asdict(limits))
        for student in students:
            points = None
            with contextlib.suppress(TimeoutError), Records(course.classroom) as records, at_most(SECONDS):
                (outcome,) = RunHere(course, records).outcomes([(student, LESSON)])
                if outcome.problem:
                    print(f"{student!r}: {outcome.problem}", file=sys.stderr)
                points = outcome.points
            yield student, points

    return grade


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises TimeoutError in what takes longer."""

    def give_up(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def open_python() -> None:
    """Let nobody run this Python where it lies in root's own folder; of the rest of that nothing is left."""
    libc = ctypes.CDLL(None, use_errno=True)
    home, prefix = Path("/root"), Path(sys.base_prefix)
    if not prefix.is_relative_to(home):
        return
    top = home / prefix.relative_to(home).parts[0]
    libc.mount(str(top).encode(), b"/mnt", None, 4096, None)
    libc.mount(b"none", str(home).encode(), b"tmpfs", 6, b"size=1m,mode=755")
    top.mkdir()
    libc.mount(b"/mnt", str(top).encode(), None, 0x2000, None)


def run_as_nobody(chosen: list[Attack]) -> list[Result]:
    """Attacks tried by nobody, who has no privileges; where this process is not root, by whoever it is.

    For root only in mount and PID namespaces of its own, in which this process may never be root again.
    """
    root = Path(tempfile.mkdtemp(prefix="hostile-nobody-"))
    if os.geteuid() == 0:
        open_python()
        os.chown(root, NOBODY, NOBODY)
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    os.environ["HOME"] = str(root)
    results = []
    with Marker(LIMITS) as marker, make_class(make_template(root / "template"), root / "class") as a_class:
        grade = by_marker(marker)
        attempt(a_class, None, grade, Baseline(next_seconds=60))
        usual = attempt(a_class, None, grade, Baseline(next_seconds=60)).next_seconds
        for attack in chosen:
            before = processes()
            results.append(attempt(a_class, attack, grade, Baseline(next_seconds=usual)))
            if left := outlived(before):
                results[-1].achieved["outlived"] = ", ".join(left.values())[:300]
            a_class.clear()
    return results


def make_template(root: Path, *, registered: bool = False) -> Path:
    """A course to copy for each attack. registered: with a gradebook that knows the lesson"""
    course = make_course(root)
    course.classroom.mkdir()
    if registered:
        with Writer(course) as writer:
            entered = writer.enter(LESSON)
        assert not entered.problem, entered.log
    return root


def make_class(template: Path, root: Path) -> HostileClass:
    shutil.copytree(template, root)
    return HostileClass(root)


def processes() -> dict[int, str]:
    """This process's descendants that are alive, and what their command lines say."""
    parents, lines = {}, {}
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        with contextlib.suppress(OSError):
            state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if state not in "ZX":
                parents[pid], lines[pid] = int(parent), line
    found = [os.getpid()]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return {pid: lines[pid] for pid in found[1:]}


def outlived(before: dict[int, str]) -> dict[int, str]:
    """Descendants that were not there before and are still there after a moment."""
    for _ in range(20):
        left = {pid: line for pid, line in processes().items() if pid not in before}
        if not left:
            break
        time.sleep(0.05)
    return left


def run_class(chosen: list[Attack]) -> list[Result]:
    """Each attack and an honest submission after it, by all that `autograder grade` does."""
    results, grade = [], by_command()
    root = Path(tempfile.mkdtemp(prefix="hostile-class-"))
    root.chmod(0o755)
    try:
        template = make_template(root / "template", registered=True)
        with make_class(template, root / "honest") as honest:
            attempt(honest, None, grade, Baseline())
            usual = attempt(honest, None, grade, Baseline())
        for number, attack in enumerate(chosen, 1):
            before = processes()
            with make_class(template, root / str(number)) as a_class:
                result = attempt(a_class, attack, grade, Baseline(next_seconds=usual.next_seconds))
            subprocess.run(["rm", "-rf", root / str(number)], check=False)  # bears deeper folders than rmtree
            if left := outlived(before):
                result.achieved["outlived"] = ", ".join(left.values())[:300]
            results.append(result)
            words = "; ".join(f"{kind}: {what}" for kind, what in result.achieved.items())
            print(f"{number}/{len(chosen)} {attack.id} {result.seconds:.1f} s: {words}", file=sys.stderr, flush=True)
    finally:
        subprocess.run(["rm", "-rf", root], check=False)
    return results
