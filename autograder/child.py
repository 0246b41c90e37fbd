"""One child of the fork server: starting it in namespaces of its own, interrupting it, killing it.

Runs inside the sandbox, with the standard library alone.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import confinement

DESCRIPTORS = 256  # that this process may open, and hence must close in a child
SECONDS_TO_START = 10
SECONDS_TO_DIE = 10


@dataclass
class Options:
    """How to serve.

    module         : what to import, to warm up and to run in each child; "": only say whether children can be nested
    path           : directories to put first on sys.path, in place of this program's
    packages       : directories to put last on sys.path
    nested         : whether each child gets namespaces of its own
    confined       : whether this process is pid 1 of a PID namespace, so that no child can stop or kill it
    user           : the user and group to become, if started as root
    directory      : a child's working directory; "": a temporary one for each
    kept           : directories below /tmp that a nested child needs
    count_processes: whether to limit the number of a child's processes
    limits         : the fields of limits.Limits
    """

    module: str = ""
    path: list[str] = field(default_factory=list)
    packages: list[str] = field(default_factory=list)
    nested: bool = False
    confined: bool = False
    user: int = 0
    directory: str = ""
    kept: list[str] = field(default_factory=list)
    count_processes: bool = True
    limits: dict[str, int] = field(default_factory=dict)


class Child:
    """The process that runs main, if there is one, with all that it started.

    number: how many there have been
    death : a descriptor that is readable after a child of this process died
    """

    def __init__(self, options: Options, main: Callable[[socket.socket], None] = lambda connection: None):
        self.options, self.main = options, main
        self.pid = self.number = 0
        self.directory = ""
        self.user = os.geteuid(), os.getegid()
        self.death, wakeup = os.pipe()
        os.set_blocking(self.death, False)
        os.set_blocking(wakeup, False)
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def start(self, descriptor: int) -> None:
        """Start a child that has this descriptor and no other.

        raises: OSError saying what the kernel refused
        """
        self.stop()
        self.number += 1
        if not self.options.directory:
            self.directory = tempfile.mkdtemp(prefix="submission-")
        outcome, told = os.pipe()
        try:
            self.pid = confinement.clone_into_namespaces() if self.options.nested else os.fork()
            if self.pid == 0:
                _run(self, descriptor, told)
            os.close(told)
            told = -1
            failure = _all_of(outcome)
        finally:
            os.close(outcome)
            if told >= 0:
                os.close(told)
        if failure:
            self.stop()
            raise OSError(failure)

    def interrupt(self) -> bool:
        """Send SIGINT to main; returns whether it runs."""
        if not self.pid or os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return False
        os.kill(self.pid, signal.SIGUSR1 if self.options.nested else signal.SIGINT)
        return True

    def reap(self) -> None:
        """Reap those that died; if main is among them, end what it left."""
        self._drain()
        with suppress(ChildProcessError):
            while self.pid and (dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)):
                if dead.si_pid == self.pid:
                    self.stop()
                else:
                    os.waitpid(dead.si_pid, 0)

    def stop(self) -> None:
        """Kill it and wait until it is gone. If that takes too long this process ends, and with it the sandbox."""
        deadline = time.monotonic() + SECONDS_TO_DIE
        while self.pid and not self._has_ended():
            if time.monotonic() > deadline:
                os._exit(3)
            select.select([self.death], [], [], 0.01)
            self._drain()
        self.pid = 0
        if self.directory:
            shutil.rmtree(self.directory, ignore_errors=True)
            self.directory = ""

    def _drain(self) -> None:
        with suppress(BlockingIOError):
            os.read(self.death, 4096)

    def _has_ended(self) -> bool:
        if self.options.nested:
            os.kill(self.pid, signal.SIGKILL)
            return os.waitpid(self.pid, os.WNOHANG)[0] != 0
        alone = self.options.confined and os.getpid() == 1  # or -1 would be everybody on the machine
        for pid in [-1] if alone else _descendants():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return True
        return False


def _all_of(descriptor: int) -> str:
    """What a new child says until it closes its end: why it failed, or nothing."""
    deadline, said = time.monotonic() + SECONDS_TO_START, b""
    while select.select([descriptor], [], [], max(0, deadline - time.monotonic()))[0]:
        part = os.read(descriptor, 4096)
        if not part:
            return said.decode(errors="replace")
        said += part
    return f"it took more than {SECONDS_TO_START} s"


def _descendants() -> list[int]:
    """All processes that this one started, directly or not."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
            parents[int(name)] = int(file.read().rpartition(b")")[2].split()[1])
    found = [os.getpid()]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found[1:]


def _run(child: Child, descriptor: int, told: int) -> None:
    """Confine this new process, run main and end. What fails before main is written to `told`."""
    status = 1
    try:
        _confine(child, descriptor, told)
        connection = socket.socket(fileno=descriptor)
        os.close(told)
        told = -1
        child.main(connection)
        status = 0
    except BaseException as error:
        if told >= 0:
            with suppress(OSError):
                os.write(told, f"{type(error).__name__}: {error}".encode()[:4096])
    finally:
        os._exit(status)


def _confine(child: Child, *kept: int) -> None:
    """Make this process what main may be run in, with no descriptors but these."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _close_all_but(*kept)
    os.setsid()
    if child.options.nested:
        _enter_namespaces(child)
        _leave_pid_1()
    else:
        _enter_plainly()
    os.chdir(child.options.directory or child.directory)
    os.environ["HOME"] = os.getcwd()
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    confinement.set_limits(child.options.limits, child.options.count_processes)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _enter_namespaces(child: Child) -> None:
    confinement.become_user(*child.user)
    confinement.mount_scratch(child.options.limits["scratch"], child.options.directory, child.options.kept)
    confinement.drop_capabilities()
    confinement.forbid_calls()


def _leave_pid_1() -> None:
    """Fork: pid 1 stays here, to reap what is left to it, until the other process, which returns, ends."""
    worker = 0

    def pass_on(*_):
        if worker:
            os.kill(worker, signal.SIGINT)

    confinement.prctl(confinement.PR_SET_DUMPABLE, 0)  # closes /proc/1/mem to the others
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGUSR1, pass_on)
    worker = os.fork()
    if worker == 0:
        signal.signal(signal.SIGUSR1, signal.SIG_DFL)
        confinement.prctl(confinement.PR_SET_DUMPABLE, 1)
        os.setsid()
        return
    _close_all_but()
    while os.waitpid(-1, 0)[0] != worker:
        pass
    os._exit(0)


def _enter_plainly() -> None:
    confinement.prctl(confinement.PR_SET_PDEATHSIG, signal.SIGKILL)
    confinement.drop_capabilities()
    confinement.forbid_calls()
    confinement.prctl(confinement.PR_SET_DUMPABLE, 1)


def _close_all_but(*kept: int) -> None:
    """Close every descriptor but these, and let the standard ones be /dev/null."""
    nothing = os.open("/dev/null", os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    start = 3
    for descriptor in [*sorted(kept), DESCRIPTORS]:
        os.closerange(start, descriptor)
        start = descriptor + 1
