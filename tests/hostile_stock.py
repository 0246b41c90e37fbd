"""Tries attacks on plain nbgrader, on a machine that is to survive it.

Each attack has a class of its own in new namespaces (network, processes, mounts, System V objects), where /tmp is a
small tmpfs; nbgrader runs there as nobody, with limits on processes, memory, files and time.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import logging
import os
import resource
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from hostile_class import LESSON, NEXT, Attack, Baseline, HostileClass, Result, attempt, make_course
from hostile_ours import NOBODY, open_python

from autograder.course import Course

SECONDS = 60  # for grading an attack and the next student
SECONDS_PER_CELL = 8  # nbgrader's own limit, lowered to get done
NEW = 0x00020000 | 0x08000000 | 0x20000000 | 0x40000000  # mounts, IPC, processes, network
MEMORY, PROCESSES = 3 << 30, 200
_libc = ctypes.CDLL(None, use_errno=True)


def run(attacks: list[Attack]) -> list[Result]:
    """What each attack achieves, one after the other; says so as it comes."""
    if os.geteuid() != 0:
        raise SystemExit("this needs root, to have namespaces and to run nbgrader as nobody")
    import nbgrader.converters  # noqa: F401  # once, for all the children

    template = Path(tempfile.mkdtemp(prefix="hostile-stock-"))
    try:
        _make_template(template / "course")
        honest = [_isolated(template, None, Baseline(next_seconds=30, again=False)) for _ in range(2)]
        baseline = Baseline(
            frozenset(map(tuple, honest[0]["secrets"])),
            max(each["result"]["next_seconds"] for each in honest),
            frozenset(path for each in honest for path in each["changed"]),
            again=False,
        )
        results = []
        for number, attack in enumerate(attacks, 1):
            told = _isolated(template, attack, baseline)
            results.append(Result(**told["result"]) if told else Result(attack.id, achieved={"stopped": "everything"}))
            words = "; ".join(f"{kind}: {what}" for kind, what in results[-1].achieved.items())
            print(f"{number}/{len(attacks)} {attack.id}: {words}", file=sys.stderr, flush=True)
        return results
    finally:
        shutil.rmtree(template, ignore_errors=True)


def stock_config(course: Course):
    """nbgrader's own settings, but for where things are and how long a cell may take."""
    from traitlets.config import Config

    c = Config()
    c.CourseDirectory.root = str(course.root)
    c.CourseDirectory.course_id = "mlp"
    c.CourseDirectory.source_directory, c.CourseDirectory.release_directory = "solutions", "notebooks"
    for step in ("submitted", "autograded", "feedback"):
        setattr(c.CourseDirectory, f"{step}_directory", f"class/{step}")
    c.CourseDirectory.db_url = course.gradebook
    c.Execute.timeout = SECONDS_PER_CELL
    return c


def grade(course: Course, students: list[str]) -> Iterator[tuple[str, float | None]]:
    """Autograde and feedback of the whole class as nobody would, in one process that is ended after SECONDS."""
    end, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(end)
        try:
            _as_nobody(course)
            _grade(course, told)
        finally:
            os._exit(0)
    os.close(told)
    start, known = time.monotonic(), {}
    os.set_blocking(end, False)
    text = b""
    while time.monotonic() < start + SECONDS:
        with suppress(BlockingIOError):
            text += os.read(end, 4096)
        *lines, text = text.split(b"\n")
        for line in lines:  # a student's turn begins: the one before is done
            student = line.decode(errors="replace")
            if student in students and known:
                yield from _done(course, known)
            known = {student: None} if student in students else known
        if os.waitpid(pid, os.WNOHANG)[0]:
            break
        time.sleep(0.02)
    else:
        with suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
    os.close(end)
    yield from _done(course, known)


def _done(course: Course, known: dict) -> Iterator[tuple[str, float | None]]:
    for student in known:
        yield student, _score(course, student)


def _as_nobody(course: Course) -> None:
    os.setsid()
    os.chdir(course.root)
    home = course.root.parent / "home"
    limits = {
        resource.RLIMIT_NPROC: PROCESSES,
        resource.RLIMIT_AS: 8 << 30,
        resource.RLIMIT_FSIZE: 200 << 20,
        resource.RLIMIT_NOFILE: 512,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: SECONDS,
    }
    for which, value in limits.items():
        resource.setrlimit(which, (value, value))
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    os.environ.update(HOME=str(home), USER="nobody", PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    log = os.open(course.root.parent / "grading.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number in (1, 2):
        os.dup2(log, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


def _grade(course: Course, told: int) -> None:
    from nbgrader.converters import Autograde, GenerateFeedback
    from nbgrader.coursedir import CourseDirectory

    class Told(Autograde):
        def init_assignment(self, assignment_id, student_id):
            os.write(told, f"{student_id}\n".encode())
            super().init_assignment(assignment_id, student_id)

    logging.basicConfig(level=logging.INFO)
    config = stock_config(course)
    for converter in (Told, GenerateFeedback):
        coursedir = CourseDirectory(config=config, assignment_id=LESSON)
        with suppress(Exception):
            converter(coursedir=coursedir, config=config).start()


def _score(course: Course, student: str) -> float | None:
    """What the gradebook says, read without nbgrader, which an attack may have broken."""
    import sqlite3

    query = """
        select sum(coalesce(grade.manual_score, grade.auto_score)), count(*),
               count(coalesce(grade.manual_score, grade.auto_score))
        from grade join submitted_notebook n on grade.notebook_id = n.id
        join submitted_assignment a on n.assignment_id = a.id
        where a.student_id = ? and grade.cell_id in (select id from grade_cells)
    """
    if not (course.classroom / "autograded" / student / LESSON / f"{LESSON}.ipynb").exists():
        return None
    try:
        book = sqlite3.connect(course.classroom / "gradebook.db", timeout=1)
        total, number, scored = book.execute(query, [student]).fetchone()
    except sqlite3.Error:
        return None
    return total if scored and scored == number else None


def _make_template(root: Path) -> None:
    """A course whose lesson is in the gradebook."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    course = make_course(root)
    course.classroom.mkdir()
    config = stock_config(course)
    with tempfile.TemporaryDirectory() as release:
        config.CourseDirectory.release_directory = release
        coursedir = CourseDirectory(config=config, assignment_id=LESSON)
        os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        GenerateAssignment(coursedir=coursedir, config=config, force=True).start()


def _isolated(template: Path, attack: Attack | None, baseline: Baseline) -> dict | None:
    """attempt() in namespaces of its own; None if nothing came back in time."""
    end, told = os.pipe()
    outer = os.fork()
    if outer == 0:
        with suppress(BaseException):
            os.close(end)
            os.setsid()
            _libc.prctl(1, signal.SIGKILL)
            _join_groups()
            if _libc.unshare(NEW) != 0:
                raise OSError(ctypes.get_errno(), "unshare")
            if (inner := os.fork()) == 0:
                _libc.prctl(1, signal.SIGKILL)
                _inside(template, attack, baseline, told)
                os._exit(0)
            os.waitpid(inner, 0)
        os._exit(0)
    os.close(told)
    start, text = time.monotonic(), b""
    os.set_blocking(end, False)
    while time.monotonic() < start + SECONDS + 20:
        with suppress(BlockingIOError):
            part = os.read(end, 1 << 16)
            text += part
            if not part:
                break
        time.sleep(0.02)
    with suppress(OSError):
        os.killpg(outer, signal.SIGKILL)
    os.waitpid(outer, 0)
    os.close(end)
    with suppress(ValueError):
        return json.loads(text)
    return None


def _join_groups() -> None:
    """Limit memory and processes by control groups, where these can be had."""
    for kind, name, value in (("memory", "memory.limit_in_bytes", MEMORY), ("pids", "pids.max", 2 * PROCESSES)):
        group = Path("/sys/fs/cgroup", kind, "hostile")
        with suppress(OSError):
            group.mkdir(exist_ok=True)
            (group / name).write_text(str(value))
            (group / "cgroup.procs").write_text(str(os.getpid()))


def _inside(template: Path, attack: Attack | None, baseline: Baseline, told: int) -> None:
    """As process 1 of the new namespaces: make the class, try the attack, tell what came of it."""
    import hostile_class

    _libc.mount(b"none", b"/", None, 0x4000 | 0x40000, None)  # private
    place = template / "tmp"
    place.mkdir(exist_ok=True)
    for target, size in ((str(place), "400m"), ("/var/tmp", "50m"), ("/dev/shm", "50m"), ("/run/lock", "5m")):
        options = f"size={size},nr_inodes=50000,mode=1777".encode()
        _libc.mount(b"none", target.encode(), b"tmpfs", 6, options)
    _libc.mount(b"proc", b"/proc", b"proc", 14, None)
    open_python()
    shutil.copytree(template / "course", place / "course")
    _libc.mount(str(place).encode(), b"/tmp", None, 0x2000, None)  # move
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x41))
    os.umask(0)
    root = Path("/tmp/course")
    Path("/tmp/home").mkdir()
    with HostileClass(root) as a_class:
        before = _entries()

        def graded(course, students):
            for folder, folders, files in os.walk("/tmp"):
                for name in (".", *folders, *files):
                    os.lchown(os.path.join(folder, name), NOBODY, NOBODY)
            yield from grade(course, students)

        result = attempt(a_class, attack, graded, baseline)
        changed = _entries() - before
        _note(result.achieved, "outside", ", ".join(sorted(changed - baseline.files)))
        time.sleep(0.3)
        left = _left(os.getpid())
        _note(result.achieved, "outlived", ", ".join(left))
        shown = hostile_class.secrets_shown(a_class, hostile_class.ATTACKER)
        told_back = {"result": vars(result), "secrets": sorted(shown), "changed": sorted(changed)}
        os.write(told, json.dumps(told_back).encode()[: 1 << 16])


def _note(achieved: dict, kind: str, words: str) -> None:
    if words:
        achieved[kind] = ", ".join(filter(None, [achieved.get(kind, ""), words]))[:300]


def _entries() -> set[str]:
    """Files in folders that many use, and in the grader's home."""
    found = {f"{folder}/{name}" for folder in ("/tmp", "/var/tmp", "/dev/shm") for name in os.listdir(folder)}
    for folder, _, names in os.walk("/tmp/home"):
        found |= {f"{folder}/{name}" for name in names[:20]}
    return {path for path in list(found)[:300] if not path.startswith("/tmp/tmp")}


def _left(own: int) -> list[str]:
    """Processes that are still there, zombies aside."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            if int(pid) != own and state not in "ZX":
                found.append(line[-60:] or pid)
    return sorted(set(found))


__all__ = ["NEXT", "run"]
