"""A class with an attacker in it: the collection in tests/hostile, what there is to steal, and what was achieved.

    python tests/hostile_class.py --stock [theme[/attack] …]    how much of it succeeds under plain nbgrader
    python tests/hostile_class.py --ours [theme[/attack] …]     how much under `autograder grade`
    python tests/hostile_class.py --nobody [theme[/attack] …]   how much where the grader has no privileges

tests/hostile/README.md says how an attack is written.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import json
import os
import re
import secrets
import select
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from hostile_collection import EXERCISES, Attack, Part, attacks
from hostile_evidence import MUCH, NEXT, active_markup, claims, files_of_others, gave_up, secrets_shown, size
from mini_course import LESSON, answered, hand_in, index, make_mini_course

from autograder.course import Course
from autograder.release import make_release

ATTACKER, NEIGHBOUR = "mallory", "alice"
HONEST, FULL = 1, 3  # points: of what an attacker has really solved, of all

# What an attack may achieve, for tables and messages.
KINDS = {
    "gained": "more points than it has earned",
    "leaked": "a secret in what it printed or in feedback",
    "reached": "a listener outside heard from it",
    "outside": "files changed where it should not write",
    "outlived": "a process is left",
    "script": "something in feedback runs or loads",
    "claimed": "it says that something worked",
    "ungraded": "its own submission got no score",
    "stopped": "the next student got no score",
    "hurt": "the next student got another score, or much later",
    "broke": "a part of the grader gave up",
}

# Score of each student, None for one that could not be graded; in this order, and slowly enough to be timed.
Grade = Callable[[Course, list[str]], Iterator[tuple[str, float | None]]]


# A third exercise for no points, for attacks on what a check says: it tests an object, and by mlp_helpers.checks.
_CLASS = """\
class Scale:
    def __init__(self, factor):
        ### BEGIN SOLUTION
        self.factor = factor
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return self.factor * x
        ### END SOLUTION"""
_TEST = """\
import numpy as np
from mlp_helpers import checks

x = np.array([[1.0, 2.0], [3.0, 5.0], [7.0, 9.0]])
checks.output(Scale(3.0).forward, x, exercise="1.3", expected=3 * x, batch=3)
### BEGIN HIDDEN TESTS
scale = Scale(987654.0)
checks.output(scale.forward, x, exercise="1.3", expected=987654 * x, batch=3, hidden=True)
### END HIDDEN TESTS"""
RIGHT_CLASS = re.sub(r" +### \w+ SOLUTION\n?", "", _CLASS)


def make_course(root: Path) -> Course:
    """The mini course with an exercise 1-3 of 0 points, the class Scale."""
    course = make_mini_course(root)
    solution = course.solutions / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(solution, 4)
    for template, name, source in [("exercise-1-2", "exercise-1-3", _CLASS), ("test-1-2", "test-1-3", _TEST)]:
        cell = copy.deepcopy(notebook.cells[index(notebook, template)])
        cell.id = cell.metadata.nbgrader.grade_id = name
        cell.source = source
        if "points" in cell.metadata.nbgrader:
            cell.metadata.nbgrader.points = 0
        notebook.cells.append(cell)
    text = nbformat.writes(notebook)
    solution.write_text(text, encoding="utf-8")
    (course.notebooks / LESSON / f"{LESSON}.ipynb").write_text(make_release(text, LESSON), encoding="utf-8")
    return course


class Listener:
    """Sockets that nobody inside a sandbox should reach. heard: what reached them"""

    def __init__(self, folder: Path):
        self.heard: list[str] = []
        self.path, self.abstract = str(folder / "host.sock"), f"hostile-{secrets.token_hex(4)}"
        self._sockets = [self._bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))]
        self.port = self._sockets[0].getsockname()[1]
        for family, kind, address in [
            (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", self.port)),
            (socket.AF_INET6, socket.SOCK_STREAM, ("::1", self.port)),
            (socket.AF_INET6, socket.SOCK_DGRAM, ("::1", self.port)),
            (socket.AF_UNIX, socket.SOCK_STREAM, self.path),
            (socket.AF_UNIX, socket.SOCK_STREAM, f"\0{self.abstract}"),
        ]:
            with contextlib.suppress(OSError):  # a machine without IPv6
                self._sockets.append(self._bound(family, kind, address))
        os.chmod(self.path, 0o777)
        self._end, self._ended = os.pipe()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _bound(self, family, kind, address):
        bound = socket.socket(family, kind)
        bound.bind(address)
        if kind == socket.SOCK_STREAM:
            bound.listen()
        return bound

    def _listen(self):
        while True:
            readable, _, _ = select.select([*self._sockets, self._end], [], [])
            for each in readable:
                if each == self._end:
                    return
                self.heard.append(f"{each.family.name} {each.type.name}")
                if each.type == socket.SOCK_STREAM:
                    each.accept()[0].close()
                else:
                    each.recv(4096)

    def close(self):
        os.write(self._ended, b".")
        self._thread.join()
        for each in self._sockets:
            each.close()
        os.close(self._end)
        os.close(self._ended)


class HostileClass:
    """The mini course, with a neighbour's work and other secrets, and a next student who is honest.

    root  : an empty folder, or one with the course already in it
    places: what the names in attacks stand for
    """

    def __init__(self, root: Path):
        self.course = Course(root=root, classroom=root / "class") if root.joinpath("solutions").exists() else None
        self.course = self.course or make_course(root)
        self.mark, self.won = f"hostile-{secrets.token_hex(6)}", f"WON-{secrets.token_hex(6)}"
        self.canaries = {
            what: f"CANARY-{what.upper()}-{secrets.token_hex(6)}"
            for what in ("neighbour", "file", "gradebook", "environment")
        }
        classroom, self.outside = self.course.classroom, root / "outside"
        self.outside.mkdir()
        self.outside.chmod(0o777)
        classroom.mkdir(exist_ok=True)
        neighbours = self._answered(double=f"return x + x  # {self.canaries['neighbour']}")
        work = hand_in(self.course, NEIGHBOUR, neighbours)
        graded = classroom / "autograded" / NEIGHBOUR / LESSON
        graded.mkdir(parents=True)
        graded.joinpath(work.name).write_bytes(work.read_bytes())
        classroom.joinpath("secret.txt").write_text(self.canaries["file"])
        with contextlib.closing(sqlite3.connect(classroom / "gradebook.db")) as book, book:
            book.execute("create table if not exists comments (words)")
            book.execute("insert into comments values (?)", [self.canaries["gradebook"]])
        os.environ["GRADER_PASSWORD"] = self.canaries["environment"]
        self.listener = Listener(root)
        self.places = {
            "__CLASS__": str(classroom),
            "__OUTSIDE__": str(self.outside),
            "__PORT__": str(self.listener.port),
            "__SOCKET__": self.listener.path,
            "__ABSTRACT__": self.listener.abstract,
            "__MARK__": self.mark,
            "__WON__": self.won,
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
        os.environ.pop("GRADER_PASSWORD", None)

    def _answered(self, **answers: str) -> dict:
        notebook = answered(self.course, **answers)
        notebook["cells"][index(notebook, EXERCISES["scale"])]["source"] = RIGHT_CLASS
        return notebook

    def filled(self, text: str) -> str:
        for name, value in self.places.items():
            text = text.replace(name, value)
        return text

    def hand_in(self, attack: Attack | None, student: str = ATTACKER) -> str:
        """Put an attacker's submission where a class's are; an honest one where there is no attack.

        returns: the student, whose name the attack may have chosen
        """
        notebook = self._answered(root="return -1")
        parts = [Part(part.place, self.filled(part.source), part.file) for part in attack.parts] if attack else []
        where = {"before": 2, "markdown": 2}
        for number, part in enumerate(part for part in parts if part.source.strip()):
            if part.place in EXERCISES:
                notebook["cells"][index(notebook, EXERCISES[part.place])]["source"] = part.source
            elif part.place in ("before", "markdown", "after"):
                place = where.get(part.place, len(notebook["cells"]))
                notebook["cells"].insert(place, _cell(part, number))
                where = {"before": place + 1, "markdown": place + 1} if part.place != "after" else where
        folder = hand_in(self.course, student, notebook).parent
        given = {"notebook": notebook, "folder": folder}
        for part in parts:
            if part.place == "file":
                (folder / part.file).parent.mkdir(parents=True, exist_ok=True)
                (folder / part.file).write_text(part.source, encoding="utf-8")
            elif part.place == "hand-in":
                exec(part.source, given)
        if given["notebook"] is not None:
            (folder / f"{LESSON}.ipynb").write_text(json.dumps(given["notebook"]), encoding="utf-8")
        for name, target in given.get("links", {}).items():
            (folder / name).unlink(missing_ok=True)
            (folder / name).symlink_to(self.filled(target))
        if name := given.get("student"):
            folder.parent.rename(folder.parent.with_name(name))
        return name or student

    def hand_in_next(self, attack: Attack | None) -> None:
        """Put an honest submission beside it, with what an accomplice would have in it."""
        notebook = self._answered()
        for number, part in enumerate(attack.parts if attack else ()):
            if part.place == "next":
                notebook["cells"].insert(2, _cell(Part("before", self.filled(part.source)), number))
        hand_in(self.course, NEXT, notebook)

    def clear(self) -> None:
        """Remove all that attackers and the next student have handed in, and what was made of it."""
        for step in ("submitted", "received", "autograded", "feedback"):
            for folder in self.course.classroom.glob(f"{step}/*"):
                if folder.name != NEIGHBOUR:
                    subprocess.run(["rm", "-rf", folder], check=False)  # bears deeper folders than rmtree

    def graded_notebook(self, student: str) -> dict | None:
        path = self.course.classroom / "autograded" / student / LESSON / f"{LESSON}.ipynb"
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def feedback(self, student: str) -> str:
        path = self.course.classroom / "feedback" / student / LESSON / f"{LESSON}.html"
        try:
            return path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""


def _cell(part: Part, number: int) -> dict:
    cell = {"cell_type": "code", "id": f"extra-{number}", "metadata": {}, "source": part.source}
    if part.place == "markdown":
        return {**cell, "cell_type": "markdown"}
    return {**cell, "execution_count": None, "outputs": []}


@dataclass
class Result:
    """What an attack has achieved, in words by kind (see KINDS), the score, and seconds for it and for the next one."""

    attack: str
    score: float | None = None
    seconds: float = 0
    next_seconds: float = 0
    achieved: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Baseline:
    """What an honest submission does: secrets that it shows, seconds of the one after it, files that it changes.

    again: whether to measure again where the next one took long
    """

    secrets: frozenset[tuple[str, str]] = frozenset()
    next_seconds: float = 1.0
    files: frozenset[str] = frozenset()
    again: bool = True


def attempt(
    a_class: HostileClass, attack: Attack | None, grade: Grade, baseline: Baseline, *, alone: bool = False
) -> Result:
    """Hand in an attack and an honest submission after it, have both graded, and look at what has become of it.

    alone: leave out the one after it, unless the attack has an accomplice there
    """
    name = attack.id if attack else "none"
    student = a_class.hand_in(attack)
    alone = alone and not any(part.place == "next" for part in attack.parts)
    students = [student] if alone else [student, NEXT]
    if not alone:
        a_class.hand_in_next(attack)
    files, heard = files_of_others(a_class, student), len(a_class.listener.heard)
    start, scores, result = time.monotonic(), {}, Result(name)
    for who, score in grade(a_class.course, students):
        scores[who], start, seconds = score, time.monotonic(), time.monotonic() - start
        if who == NEXT:
            result.next_seconds = seconds
        else:
            result.score, result.seconds = score, seconds
    too_long = 3 * baseline.next_seconds + 2
    if baseline.again and result.next_seconds > too_long:  # or is the machine busy?
        start = time.monotonic()
        list(grade(a_class.course, [NEXT]))
        result.next_seconds = time.monotonic() - start
    achieved = result.achieved
    if result.score is None:
        achieved["ungraded"] = "no score"
    elif result.score > HONEST:
        achieved["gained"] = f"{result.score:g} points"
    if alone:
        pass
    elif scores.get(NEXT) is None:
        achieved["stopped"] = "no score for the next student"
    elif scores[NEXT] != FULL:
        achieved["hurt"] = f"{scores[NEXT]:g} points for the next student"
    elif result.next_seconds > too_long:
        achieved["hurt"] = f"{result.next_seconds:.1f} s for the next student"
    if leaks := secrets_shown(a_class, student) - baseline.secrets:
        achieved["leaked"] = ", ".join(sorted(f"{what} in {where}" for where, what in leaks))
    if len(a_class.listener.heard) > heard:
        time.sleep(0.05)
        achieved["reached"] = ", ".join(sorted(set(a_class.listener.heard[heard:])))
    if changed := {path for path, _ in files_of_others(a_class, student) ^ files} - baseline.files:
        achieved["outside"] = ", ".join(sorted(changed))[:300]
    if (left := size(a_class)) > MUCH:
        achieved["broke"] = f"it left {left >> 20} MiB in the class's folder"
    if words := gave_up(a_class, student):
        achieved["broke"] = words
    if words := claims(a_class, student):
        achieved["claimed"] = words
    pages = a_class.feedback(student), a_class.feedback(NEXT)
    if active := [each for page in pages for each in active_markup(page)]:
        achieved["script"] = ", ".join(dict.fromkeys(active))[:300]
    return result


def report(results: list[Result]) -> str:
    """Two tables: how many of each theme achieved what, and what each attack achieved."""
    themes = dict.fromkeys(result.attack.partition("/")[0] for result in results)
    lines = [f"{'theme':14} {'attacks':>7} {'some':>5} " + " ".join(f"{kind:>8}" for kind in KINDS)]
    for theme in (*themes, ""):
        own = [r for r in results if r.attack.startswith(f"{theme}/") or not theme]
        counts = [sum(kind in r.achieved for r in own) for kind in KINDS]
        some = sum(bool(r.achieved) for r in own)
        lines.append(f"{theme or 'all':14} {len(own):7} {some:5} " + " ".join(f"{count:8}" for count in counts))
    lines.append("")
    for result in results:
        words = "; ".join(f"{kind}: {what}" for kind, what in result.achieved.items()) or "nothing"
        lines.append(f"{result.attack}: {words}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stock", action="store_true", help="try them on plain nbgrader; needs root")
    parser.add_argument("--ours", action="store_true", help="try them on `autograder grade`")
    parser.add_argument("--nobody", action="store_true", help="the same, marking only, as nobody; see run_as_nobody")
    parser.add_argument("attacks", nargs="*", help="themes or attacks, by the start of their names")
    options = parser.parse_args()
    chosen = attacks(*options.attacks)
    if options.stock:
        from hostile_stock import run

        print(report(run(chosen)))
    if options.ours:
        from hostile_ours import run_class

        print(report(run_class(chosen)))
    if options.nobody:
        from hostile_ours import run_as_nobody

        print(report(run_as_nobody(chosen)))


if __name__ == "__main__":
    main()
