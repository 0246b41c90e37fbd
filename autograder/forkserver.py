"""A warm Python that forks a child for each submission. Runs inside the sandbox, as a program:

    python forkserver.py CONTROL OPTIONS

CONTROL is the number of an inherited SOCK_SEQPACKET socket; OPTIONS, in JSON, are the fields of Options. A child runs
MODULE.main with a connected stream socket and ends when that returns. The messages are JSON, at times with a descriptor:

    on CONTROL, from here     {"up": true, "nested": ""}     it runs; nested: why children cannot be nested, or ""
                              {"ready": true, "why": ""}     MODULE is imported and warm; why: what hindered it
                              {"done": "serve"}              the answer to "serve", and likewise to "kill"
    on CONTROL, to here       {"do": "serve"}, a channel     serve it until its other end is closed or another comes
                              {"do": "kill"}                 like "stop" on the channel
    on the channel, to here   {"do": "start"}, a socket      start a child with it, after killing the one before
                              {"do": "interrupt"}            SIGINT to the child's main
                              {"do": "stop"}                 kill the child with all that it started
    on the channel, from here {"ok": true} or {"ok": false, "why": "…"}

A nested child has user, PID, mount and IPC namespaces of its own. Its pid 1 only waits: when that is killed, or when
the child's main ends, the kernel kills everything in them.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import channel
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

    death: a descriptor that is readable after a child of this process died
    """

    def __init__(self, options: Options, main: Callable[[socket.socket], None]):
        self.options, self.main = options, main
        self.pid = 0
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

    def stop_if_dead(self) -> None:
        """After main ended, end what it left."""
        with suppress(BlockingIOError):
            os.read(self.death, 4096)
        if self.pid and os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            self.stop()

    def stop(self) -> None:
        """Kill it and wait until it is gone. If that takes too long this process ends, and with it the whole sandbox."""
        deadline = time.monotonic() + SECONDS_TO_DIE
        while self.pid and not self._has_ended():
            if time.monotonic() > deadline:
                os._exit(3)
            select.select([self.death], [], [], 0.01)
            with suppress(BlockingIOError):
                os.read(self.death, 4096)
        self.pid = 0
        if self.directory:
            shutil.rmtree(self.directory, ignore_errors=True)
            self.directory = ""

    def _has_ended(self) -> bool:
        if self.options.nested:
            os.kill(self.pid, signal.SIGKILL)
            return os.waitpid(self.pid, os.WNOHANG)[0] != 0
        for pid in [-1] if self.options.confined else _descendants():
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
        _enter_plainly(child.options)
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


def _enter_plainly(options: Options) -> None:
    confinement.prctl(confinement.PR_SET_PDEATHSIG, signal.SIGKILL)
    confinement.drop_capabilities()
    if options.confined:
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


def serve(control: socket.socket, child: Child) -> None:
    """Answer messages until the control socket is closed."""
    served: socket.socket | None = None
    while True:
        sources = [control, child.death] + [served] * (served is not None)
        readable, _, _ = select.select(sources, [], [])
        if child.death in readable:
            child.stop_if_dead()
        if control in readable:
            message, descriptor = channel.receive(control)
            child.stop()
            if message is None:
                return
            if message["do"] == "serve":
                if served:
                    served.close()
                served = socket.socket(fileno=descriptor)
            channel.send(control, {"done": message["do"]})
        elif served in readable:
            try:
                open_still = _answer(served, child)
            except (OSError, ValueError):
                open_still = False
            if not open_still:
                child.stop()
                served.close()
                served = None


def _answer(served: socket.socket, child: Child) -> bool:
    """Do what the next message on the channel asks for; returns whether there was one."""
    message, descriptor = channel.receive(served)
    if message is None:
        return False
    answer = {"ok": True}
    try:
        if message["do"] == "start":
            child.start(descriptor)
        elif message["do"] == "interrupt":
            answer["ok"] = child.interrupt()
        else:
            child.stop()
    except Exception as error:
        answer = {"ok": False, "why": f"no process could be started: {error}"}
    finally:
        if descriptor is not None:
            os.close(descriptor)
    channel.send(served, answer)
    return True


def _give_up_root(user: int) -> None:
    """Become a user without privileges, once there is a whole /proc, without which namespaces get none."""
    confinement.mount_proc()
    confinement.drop_bounding_set()
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    confinement.drop_capabilities()
    confinement.prctl(confinement.PR_SET_PDEATHSIG, signal.SIGKILL)  # which a new user lost


def _why_not_nested(options: Options) -> str:
    """Try it with a child that does nothing."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        try:
            child = Child(options, lambda connection: None)
            child.start(theirs.fileno())
            child.stop()
        except OSError as error:
            return str(error)
    return ""


def _warm_up(options: Options) -> Callable[[socket.socket], None]:
    """Import the module and let it prepare; returns its main."""
    sys.path[:1] = options.path
    sys.path += [path for path in options.packages if path not in sys.path]
    module = importlib.import_module(options.module)
    module.warm_up()
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        raise RuntimeError(f"{options.module}.warm_up left {threads - 1} threads, which no fork survives: end them")
    gc.collect()
    gc.freeze()
    return module.main


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    options = Options(**json.loads(sys.argv[2]))
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if options.user:
        _give_up_root(options.user)
    confinement.prctl(confinement.PR_SET_CHILD_SUBREAPER, 1)
    why = _why_not_nested(options) if options.nested else ""
    channel.send(control, {"up": True, "nested": why})
    if not options.module:
        return
    try:
        run = _warm_up(options)
    except Exception:
        channel.send(control, {"ready": False, "why": traceback.format_exc()[-4096:]})
        return
    confinement.prctl(confinement.PR_SET_DUMPABLE, 0)  # closes /proc to children of the same user
    channel.send(control, {"ready": True, "why": ""})
    serve(control, Child(options, run))


if __name__ == "__main__":
    main()
    os._exit(0)
