"""Marks one submission: what its cells put out and which tests they pass, by a sandbox and an examiner kept warm."""

from __future__ import annotations

import builtins
import contextlib
import marshal
import socket
import symtable
import time
from dataclasses import asdict, dataclass, field
from functools import lru_cache

from nbformat import NotebookNode, from_dict

from autograder import channel as ways
from autograder import wire
from autograder.diagnosis import Diagnosis
from autograder.lesson import is_test, key, names_read, test_parts
from autograder.limits import UnfinishedError
from autograder.misconceptions import exercise_of
from autograder.outputs import error
from autograder.sandbox import Limits, Sandbox, SandboxError

MAX_CODE = 1_000_000  # characters of a student's cells
SLACK = 10.0  # seconds that the examiner has beyond those of the submission


@dataclass(frozen=True)
class Verdict:
    """What came of a test cell. message: what to tell the student if it failed."""

    passed: bool
    message: str = ""


@dataclass
class Marked:
    """A submission after its examination.

    notebook  : as it was, with outputs
    tests     : the verdict on each test cell, by grade_id
    notes     : what happened that an instructor may want to know
    timed_out : whether a cell or a test took too long
    incomplete: whether the examiner failed before its end
    misconceptions: by exercise, which its failed answer looks like: ids of the catalogue
    """

    notebook: NotebookNode
    tests: dict[str, Verdict] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    timed_out: bool = False
    incomplete: bool = False
    misconceptions: dict[str, list[str]] = field(default_factory=dict)


class Marker:
    """Keeps a sandbox for student code and an examiner, and marks one submission at a time with them."""

    def __init__(self, limits: Limits | None = None, sandbox: bool = True):
        """
        limits : what a submission may take
        sandbox: False runs student code with all rights of this process
        """
        self.limits = limits or Limits()
        self.students = Sandbox(module="worker", nested=True, limits=self.limits, confined=sandbox)
        self.examiners = Sandbox(module="autograder.examiner", nested=False, limits=self.limits, confined=sandbox)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def start(self) -> None:
        """Start both, which mark() does by itself. raises: SandboxError where no sandbox can be had"""
        self.students.start()
        self.examiners.start()

    def close(self) -> None:
        """End both, and all that runs in them."""
        self.students.close()
        self.examiners.close()

    def mark(
        self,
        notebook: NotebookNode,
        files: dict[str, bytes] | None = None,
        patience: float | None = None,
        diagnosis: Diagnosis | None = None,
    ) -> Marked:
        """Run a rebuilt notebook, hidden tests and all, and say what comes of it.

        files   : what shall lie in its working directory, by name
        patience: seconds after which to give up; None: wait as long as the submission may take
        diagnosis: names misconceptions in answers to this lesson; None names none
        raises  : SandboxError where no sandbox can be had; UnfinishedError if patience ends
        """
        marked = Marked(from_dict(notebook))
        cells = marked.notebook.cells
        plan, room = [], MAX_CODE
        for index, cell in enumerate(cells):
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
                if is_test(cell):
                    plan.append(["test", key(cell), *_compiled(cell.source)])
                elif not cell.metadata.get("autograder", {}).get("skip"):
                    room -= len(cell.source)
                    if room >= 0:
                        plan.append(["cell", index, cell.source])
                    else:
                        cell.outputs = [from_dict(error("StoppedError", "more code than any person writes: not run"))]
        job = {"plan": plan, "files": files or {}, "limits": asdict(self.limits)}
        job["probes"] = diagnosis.probes if diagnosis else {}
        by_key = {key(cell): cell for cell in cells if cell.cell_type == "code" and is_test(cell)}
        for report in self._examine(job, marked, patience):
            if report[0] == "output":
                cells[report[1]].outputs.append(from_dict(report[2]))
            elif report[0] == "verdict":
                _, name, passed, message, printed = report
                marked.tests[name] = Verdict(passed, message)
                by_key[name].outputs = [from_dict(output) for output in _test_outputs(passed, message, printed)]
            elif report[0] == "tried":
                names = diagnosis.names(*report[1:])
                if names:
                    marked.misconceptions[report[1]] = names
            elif report[0] == "note":
                marked.notes.append(report[1])
            elif report[0] == "timed out":
                marked.timed_out = True
        for name, cell in by_key.items():
            if name not in marked.tests:
                message = "this check was not reached: what came before it took too long"
                marked.tests[name] = Verdict(False, message)
                cell.outputs = [from_dict(output) for output in _test_outputs(False, message, "")]
        for exercise, names in marked.misconceptions.items():
            failed = [name for name in by_key if exercise_of(name) == exercise and not marked.tests[name].passed]
            message = f"{marked.tests[failed[0]].message}\n\n{diagnosis.said(names)}"
            marked.tests[failed[0]] = Verdict(False, message)
            by_key[failed[0]].outputs = [from_dict(output) for output in _test_outputs(False, message, "")]
        return marked

    def _examine(self, job, marked, patience):
        """The examiner's reports as they come; none after it has failed, or taken too long."""
        with contextlib.ExitStack() as stack:
            sandbox = stack.enter_context(self.students.open())
            way = stack.enter_context(self.examiners.open())
            ours, theirs = socket.socketpair()
            stack.enter_context(ours)
            with theirs:
                try:
                    ways.start(way, theirs.fileno())
                except ways.ChannelError as error:
                    raise SandboxError(f"the examiner does not start: {error}") from error
            socket.send_fds(ours, [b"."], [sandbox.fileno()])
            sandbox.close()
            channel = wire.Channel(ours)
            channel.send(wire.pack(job, None))
            longest = self.limits.seconds + SLACK
            until = time.monotonic() + min(longest, patience or longest)
            try:
                while (report := wire.unpack(channel.receive(until), _none))[0] != "end":
                    yield report
            except TimeoutError:
                if patience and patience < longest:
                    raise UnfinishedError from None
                marked.timed_out = True
                marked.notes.append("the examination took too long and was ended")
            except wire.Closed:
                marked.incomplete = True
                marked.notes.append("the examiner failed, so some checks were not reached: grade this submission again")
            finally:
                if self.students.exceeded:
                    marked.notes.append(f"the notebook used {self.students.exceeded} and was stopped")


@lru_cache(maxsize=1000)
def _compiled(source: str) -> list:
    """A test, its visible and its hidden part as code, and the names of student code that it uses."""
    parts = [marshal.dumps(compile(part, "<test>", "exec")) for part in test_parts(source)]
    names = names_read(symtable.symtable(source, "<test>", "exec"))
    return [source, *parts, sorted(name for name in names if not hasattr(builtins, name))]


def _none(_):
    raise wire.WireError("only plain data")


def _test_outputs(passed, message, printed) -> list[dict]:
    if not passed:
        return [error("CheckError", message)]
    return [{"output_type": "stream", "name": "stdout", "text": printed}] if printed else []
