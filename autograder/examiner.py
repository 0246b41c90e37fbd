"""Examines one submission: has a worker run its cells, then runs the test cells against what they have left.

Runs in a process of its own, without gradebook or network, for each submission: a child of a fork server.

What student code learns from a hidden part must not come out. So first all of its cells run, then the visible parts
of all tests, each against the names that there were when it was reached, and only then the hidden parts: by then
nothing that student code says is shown any more.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import marshal
import re
import signal
import socket
import time
import traceback
import warnings
from dataclasses import dataclass, field

import numpy as np

from autograder import channel as ways
from autograder import outputs, wire
from autograder.diagnosis import trial
from autograder.misconceptions import exercise_of
from autograder.proxies import Line, Over, StudentError, called
from mlp_helpers.trial import is_unwritten

SECONDS_TO_TRY_OUT = 3.0  # for all exercises that failed together, after all verdicts
GRACE = 1.0  # seconds that a worker has to answer after an interrupt
_TEST = "<test>"


def warm_up() -> None:
    """Import, and run once, what every examination needs."""
    from mlp_helpers import checks

    with contextlib.redirect_stdout(io.StringIO()):
        x = np.array([[1.0, 2.0], [3.0, 5.0]])
        checks.gradient(lambda x: 2 * x, x, exercise="0", loss=lambda x: (x**2).sum(), at={"x": x}, batch=2)
        checks.output(np.exp, x, exercise="0", expected=np.exp(x), hidden=True)
    outputs.clean([["display", "", b""]], 10, 1)
    np.random.default_rng(0).normal()


def main(connection: socket.socket) -> None:
    """Examine the submission that arrives on the connection, and send what comes of it as it comes.

    It arrives as a file descriptor, the channel to the sandbox's fork server, and a job:
    {"plan": […], "files": {name: bytes}, "limits": {…}}, whose plan lists, in the notebook's order, ["cell", key,
    source] and ["test", key, source, visible part, hidden part, names]: both parts marshalled code of the file
    "<test>", with the line numbers of the source, and the names of student code that they use. Its "probes" say how
    to try out an answer that failed, see diagnosis.Diagnosis.probes.
    Sent are ["output", key, output], ["verdict", key, passed, message, printed], ["tried", exercise, results], ["note",
    text], and ["end"].
    """
    _, (way, *_), _, _ = socket.recv_fds(connection, 1, 1)
    channel = wire.Channel(connection)
    job = wire.unpack(channel.receive(), _no_reference)
    with socket.socket(fileno=way) as sandbox:
        Examination(channel, sandbox, job).run()
    channel.send(wire.pack(["end"], _no_reference))


def _no_reference(_):
    raise wire.WireError("only plain data")


class Interrupted(Over):
    """It took too long, and could be interrupted. answer: what the worker has said then"""

    def __init__(self, why, answer):
        super().__init__(why)
        self.answer = answer


@dataclass
class Test:
    """A test cell under way.

    source         : all of it
    visible, hidden: its parts, as marshalled code
    names          : of student code that it uses
    space          : its own names, and the values of those
    line           : to the worker with which these have to do
    message        : what to tell the student if it fails
    printed        : what its visible part has printed
    """

    key: str
    source: str
    visible: bytes
    hidden: bytes
    names: list[str]
    space: dict = field(default_factory=dict)
    line: Line | None = None
    message: str = ""
    printed: str = ""


@dataclass
class Examination:
    """One submission under examination.

    done  : the requests that another worker would need to come to where this one is; none that had to be stopped
    line  : to the present worker, None before the first and after one that cannot be had
    until : when the whole submission must be done, as time.monotonic() tells it
    budget: what the notebook may still put out
    """

    channel: wire.Channel
    sandbox: socket.socket
    job: dict
    done: list = field(default_factory=list)
    line: Line | None = None
    until: float = 0.0
    budget: outputs.Budget = field(default_factory=outputs.Budget)

    def run(self) -> None:
        """Run the cells, then the tests."""
        self.limits = self.job["limits"]
        self.until = time.monotonic() + self.limits["seconds"]
        for kind, key, *source in self.job["plan"]:
            if kind == "cell":
                self.run_cell(key, *source)
            else:
                with contextlib.suppress(Over):  # its test will start another worker, or say why there is none
                    self.step("mark", key)
        tests = [Test(*test) for kind, *test in self.job["plan"] if kind == "test"]
        for test in tests:
            self.run_visible(test)
        for test in tests:
            if not test.message:
                self.run_hidden(test)
            self.tell("verdict", test.key, not test.message, test.message, "" if test.message else test.printed)
        self.until = min(self.until, time.monotonic() + SECONDS_TO_TRY_OUT)
        for exercise, probe in self.job.get("probes", {}).items():
            failed = next((test for test in tests if test.message and exercise_of(test.key) == exercise), None)
            if failed:
                self.try_out(failed, exercise, *probe)
        self.lost("done")

    def try_out(
        self, test: Test, exercise: str, name: str, code: bytes, given: list[bytes], defined: list[str]
    ) -> None:
        """Hand on what an answer that failed gives on fresh inputs; nothing if it gives no plain data in time."""
        try:
            values = self.ready(test.key, [name, *defined])
            self.line.hidden = False
            if is_unwritten(values[name]):
                return
            self.line.hidden, self.line.deadline = True, self.until
            with (
                _alarm(self.line.deadline),
                np.errstate(all="ignore"),
                warnings.catch_warnings(),
                contextlib.redirect_stdout(io.StringIO()),
            ):
                warnings.simplefilter("ignore")
                given = list(map(marshal.loads, given))
                self.tell("tried", exercise, trial(values.pop(name), marshal.loads(code), given, values))
        except Over as over:
            self.lost(over.args[0])
        except Exception:
            return

    def tell(self, *report) -> None:
        self.channel.send(wire.pack(list(report), _no_reference))

    def run_cell(self, key, source) -> None:
        """Run one of the student's cells; after one that had to be killed, go on without it."""
        stopped, answer = "", []
        try:
            answer = self.step("cell", source)
        except Interrupted as over:
            stopped, answer = self.why(over), over.answer
        except Over as over:
            stopped = self.why(over)
        put_out = answer[1] if len(answer) == 2 else []
        cleaned = outputs.clean(put_out, self.limits["output"], self.limits["pictures"], self.budget)
        if stopped:
            cleaned = [each for each in cleaned if each["output_type"] != "error"]
            cleaned.append(outputs.error("StoppedError", stopped))
            self.tell("note", f"a cell was stopped: {stopped}")
        for output in cleaned:
            self.tell("output", key, output)

    def step(self, *request) -> list:
        """Ask something of the worker that another one would have to be asked again.

        raises: Interrupted; Over if the worker had to be killed: the next step starts another one
        """
        line = self.worker()
        line.deadline = min(time.monotonic() + self.limits["seconds_per_cell"], self.until)
        try:
            answer = line.ask(*request)
        except Over as over:
            answer = self.interrupted(over)
            if answer is None:
                raise
            raise Interrupted(over.args[0], answer) from None
        except Exception:
            raise self.lost("nonsense") from None
        self.done.append(request)
        return answer

    def worker(self) -> Line:
        """The way to a worker that has done all that is done.

        raises: Over if there can be none
        """
        if self.line and not self.line.broken:
            return self.line
        if time.monotonic() >= self.until:
            raise Over("all time")
        mine, theirs = socket.socketpair()
        with theirs:
            try:
                ways.start(self.sandbox, theirs.fileno())
            except ways.ChannelError as error:
                raise Over(f"the sandbox failed: {error}") from None
        self.line = line = Line(wire.Channel(mine))
        line.deadline = self.until
        begin = ("begin", self.job["files"], {name: self.limits[name] for name in ("output", "pictures")})
        for request in (begin, *self.done):
            try:
                line.ask(*request)
            except Exception:
                raise self.lost("nonsense") from None
        return line

    def interrupted(self, over: Over) -> list | None:
        """What the worker answers after an interrupt, None if it had to be killed."""
        line = self.line
        if line and over.args[0] == "time" and line.depth == 0:
            try:
                ways.interrupt(self.sandbox)
                line.broken, line.deadline = "", time.monotonic() + GRACE
                return line.settle()
            except (Over, ways.ChannelError):
                pass
            except Exception:  # what the interrupt has become in student code
                return []
        self.lost(over.args[0])
        return None

    def lost(self, why: str) -> Over:
        """Kill the worker; returns what to raise."""
        if self.line:
            self.line.broken = why
            self.line.channel.connection.close()
        with contextlib.suppress(ways.ChannelError):  # where it is gone, there is nothing left to stop
            ways.stop(self.sandbox)
        return Over(why)

    def why(self, over: Over) -> str:
        """Why something did not come to its end, for its author."""
        seconds = f"{self.limits['seconds_per_cell']:g} seconds"
        if time.monotonic() >= self.until or over.args[0] == "time":
            self.tell("timed out")
        if time.monotonic() >= self.until:
            return f"the notebook took longer than {self.limits['seconds']:g} seconds in all"
        if over.args[0] == "time":
            return f"it ran for longer than {seconds}. Does every loop come to its end?"
        if over.args[0] == "dead":
            return "it ended Python, or took too much memory. What does it do other than compute?"
        if over.args[0] == "nonsense":
            return "what it returned could not be read. Is it larger than the docstring asks for?"
        return over.args[0]

    def run_visible(self, test: Test) -> None:
        """Run the visible part of a test; its message is what a student should hear, "" if all is well."""
        printed = io.StringIO()
        test.message = self.run_part(test, test.visible, printed, hidden=False)
        test.printed = outputs.plain(printed.getvalue())

    def run_hidden(self, test: Test) -> None:
        """Run the hidden part of a test whose visible one was passed."""
        if test.line is not self.line or self.line.broken:  # another worker: what the visible part left is gone
            test.space = {}
            if self.run_part(test, test.visible, io.StringIO(), hidden=True):
                test.message = "it passed this check at first, and then not. What does it remember from call to call?"
                return
        test.message = self.run_part(test, test.hidden, io.StringIO(), hidden=True)

    def run_part(self, test: Test, part: bytes, printed: io.StringIO, *, hidden: bool) -> str:
        """What to tell of a part of a test, "" if it passes."""
        try:
            values = self.ready(test.key, [] if test.space else test.names)
            self.line.hidden, test.line = hidden, self.line
            if not test.space:
                test.space.update({"__name__": "__main__", "__builtins__": builtins, **values})
            with (
                _alarm(self.line.deadline + GRACE),
                np.errstate(),
                warnings.catch_warnings(),
                contextlib.redirect_stdout(printed),
                contextlib.redirect_stderr(io.StringIO()),
            ):
                warnings.simplefilter("default")
                exec(marshal.loads(part), test.space)
        except Over as over:
            return self.stopped(over)
        except BaseException as error:
            if not (self.line and self.line.broken):  # else a check has caught Over and spoken of it in its own words
                return _said(error, test.source, hidden, printed.getvalue())
        if self.line.broken:
            return self.stopped(Over(self.line.broken))
        return ""

    def ready(self, key, names) -> dict:
        """Give the worker the names that it had when it came to a test, and a time to answer in.

        returns: the values of those of `names` that exist
        """
        self.worker()
        self.line.deadline = min(time.monotonic() + self.limits["seconds_per_cell"], self.until)
        answer = self.line.ask("restore", key, names)
        values = answer[0] if answer and type(answer[0]) is dict else {}
        return {name: called(values[name], name) for name in names if name in values}

    def stopped(self, over: Over) -> str:
        text = self.why(over)
        self.interrupted(over)
        return f"this check was stopped: {text}"


@contextlib.contextmanager
def _alarm(deadline: float):
    """Raises Over after the deadline, for a test that itself takes too long with what it was given."""

    def ring(*_):
        raise Over("time")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(deadline - time.monotonic(), 0.001), 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _said(error: BaseException, source: str, hidden: bool, printed: str) -> str:
    """What a student is told of an error that ended a test; of one in a hidden part no number and no line."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == _TEST]
    name, text = type(error).__name__, str(error)
    from mlp_helpers.checks import CheckError

    if isinstance(error, CheckError):
        advice = [] if hidden else [line for line in printed.splitlines() if not line.startswith("✓")]
        return outputs.plain("\n".join([*advice[-1:], text]))
    from_student = getattr(error, "from_student", False)
    if isinstance(error, NameError) and not from_student and (missing := re.match(r"name '(\w+)'", text)):
        return f"`{missing[1]}` does not exist. Is there a `def` or `class` of that name, and does its cell run?"
    if isinstance(error, AssertionError) and text and not from_student:
        return outputs.plain(text)
    if hidden:
        kind = name if not isinstance(error, StudentError) else "an exception"
        kind = "a check that is not shown fails" if name == "AssertionError" and not from_student else f"raised {kind}"
        return f"on other inputs: {kind}. What is different about other inputs?"
    line = source.splitlines()[lines[0] - 1].strip() if lines else ""
    what = "this is not so" if name == "AssertionError" and not from_student else _told(error, name, text)
    return outputs.plain(f"{what}\nin the line: {line}")


def _told(error, name, text):
    if isinstance(error, StudentError):
        return text
    return f"{name}: {text}" if text else name
