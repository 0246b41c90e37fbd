"""A warm, confined Python that runs one submission after another, and the watch over what they use."""

from __future__ import annotations

import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from autograder import cgroup, channel
from autograder.launch import Served, Way, launch_confined, launch_plainly
from autograder.limits import MIB, Limits, SandboxError
from autograder.probe import find_way, require_linux
from autograder.processes import descendants_of, lives, memory_at_most, memory_used

__all__ = ["Limits", "Sandbox", "SandboxError", "describe"]

SECONDS_TO_WARM_UP = 120
SECONDS_TO_ANSWER = 15
SECONDS_TO_KILL = 2
SECONDS_TO_END = 3
WATCH_SECONDS = 0.05
HERE = Path(__file__).parent


def describe() -> str:
    """How student code is confined on this machine, in words.

    raises: SandboxError if it cannot be
    """
    held = cgroup.parent()  # before bubblewraps are tried, whose ends it would take for other people's processes
    words = find_way().words
    if held:
        return f"{words}; the kernel holds it to its memory (cgroup v2)"
    return f"{words}; a watchdog holds it to its memory, for there is no cgroup v2 to make others in"


class Sandbox:
    """A fork server, in bubblewrap unless told otherwise. To be used by one thread at a time, whichever."""

    def __init__(
        self,
        module: str = "worker",
        nested: bool = True,
        limits: Limits | None = None,
        confined: bool = True,
        programs: Sequence[Path] | None = None,
    ):
        """
        module  : what it runs, see forkserver.py
        nested  : whether a submission may meet nothing of the one before: each gets namespaces of its own or, where
                  the machine refuses these, a bubblewrap of its own
        limits  : of each submission
        confined: False starts a plain process
        programs: files that the module needs beside it, with its own; by default those of a module of autograder
        """
        if programs is None:
            programs = [] if "." in module else [HERE / f"{module}.py", HERE / "wire.py"]
        self.limits = limits or Limits()
        self.confined = confined
        self._exceeded = ""
        self._served = Served(module, tuple(programs), nested, self.limits)
        self._server: _Server | None = None
        self._lock = threading.RLock()
        # Bubblewrap dies with the thread that started it, so that must be one that lasts as long as this.
        self._starter: ThreadPoolExecutor | None = None
        self._watchdog: threading.Thread | None = None
        self._closed = threading.Event()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def start(self) -> None:
        """Start the fork server if it does not run; open() does so by itself.

        raises: SandboxError where no sandbox can be had
        """
        with self._lock:
            if self._server and self._server.process.poll() is None:
                return
            self._end()
            require_linux()
            cgroup.parent()  # see describe
            way = self._find_way()
            if self._watchdog is None:
                self._closed.clear()
                self._starter = ThreadPoolExecutor(1, "sandbox")
                self._watchdog = threading.Thread(target=self._watch, name="sandbox watchdog", daemon=True)
                self._watchdog.start()
            self._server = self._starter.submit(_Server, self._served, way).result()

    def _find_way(self) -> Way | None:
        return find_way() if self.confined else None

    def open(self) -> socket.socket:
        """A channel for one submission, see channel.py. Close it afterwards; the next one ends it, too.

        raises: SandboxError where no sandbox can be had
        """
        with self._lock:
            for _ in range(3):
                if self._server and self._server.spent:
                    self._end()
                self.start()
                ours = self._server.open()
                if ours:
                    self._exceeded = ""
                    return ours
                self._end()
        raise SandboxError("The sandbox was killed again and again: see the system's log, it may be out of memory")

    @property
    def exceeded(self) -> str:
        """What the children of the present channel used too much of, if one was killed for that; else ""."""
        server = self._server
        return self._exceeded or (self._too_much_memory() if server and server.ran_out() else "")

    def memory(self) -> int:
        """Bytes of memory and of files that the running child and all it started use; 0 if none runs."""
        server = self._server
        return memory_used(server.pid, descendants_of(server.pid)) if server else 0

    def _watch(self) -> None:
        pause = WATCH_SECONDS
        while not self._closed.wait(pause):
            began = time.monotonic()
            server = self._server
            if server and (self._excess(server) or server.lost_one()):
                with self._lock:
                    if server is self._server:
                        self._stop_excess(server)
            pause = max(WATCH_SECONDS, 5 * (time.monotonic() - began))

    def _stop_excess(self, server: _Server) -> None:
        """Look again, and kill the child whose excess it is, not one that may have come meanwhile."""
        child = server.child()
        excess = self._excess(server)
        if not excess:
            if not server.lost_one():
                return
            if server.ran_when_it_did(child):
                excess = self._too_much_memory()
        if excess:
            self._exceeded = excess
            if not server.kill(child):
                self._end()
        server.look()

    def _excess(self, server: _Server) -> str:
        """What the child uses too much of, if it does."""
        descendants = descendants_of(server.pid)
        if len(descendants) > self.limits.processes:
            return f"more than {self.limits.processes} processes"
        if memory_at_most(descendants) > self.limits.memory < memory_used(server.pid, descendants):
            return self._too_much_memory()
        return ""

    def _too_much_memory(self) -> str:
        return f"more than {self.limits.memory // MIB} MiB of memory"

    def close(self) -> None:
        """Kill everything and wait until it is gone. The sandbox can be opened again."""
        with self._lock:
            self._end()
            self._closed.set()
            watchdog, self._watchdog = self._watchdog, None
            starter, self._starter = self._starter, None
        if watchdog:
            watchdog.join()
            starter.shutdown()

    def _end(self) -> None:
        self._exceeded = self.exceeded
        server, self._server = self._server, None
        if server:
            server.end()


class _Server:
    """A fork server that runs.

    pid  : its number on this side of the sandbox
    spent: whether another submission would meet what this one left
    group: the cgroup that holds it, if one does
    """

    def __init__(self, served: Served, way: Way | None):
        """raises: SandboxError if it does not get ready"""
        self.spent = False
        self.pid = 0
        self.group: Path | None = None
        self._first = 0  # the number of the first child of the present channel
        self._ooms = 0, 0  # when that was opened
        self._kills, self._main = 0, []  # at the last look
        self._for_one = way is not None and served.nested and not way.nested
        self._folder = None if way else tempfile.TemporaryDirectory(prefix="fork-server-", ignore_cleanup_errors=True)
        self._control, theirs = channel.pair()
        self._control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        with tempfile.TemporaryFile() as errors:
            try:
                with theirs:
                    if way:
                        self.process = launch_confined(served, way, theirs.fileno(), errors)
                    else:
                        self.process = launch_plainly(served, self._folder.name, theirs.fileno(), errors)
                why = self._until_ready()
            except OSError as error:
                raise SandboxError(f"the sandbox could not be started, try again: {error}") from error
            if why:
                self.end()
                errors.seek(0)
                said = errors.read()[-4096:].decode(errors="replace")
                raise SandboxError(f"{served.module} could not be made ready in the sandbox: {why}\n{said}".strip())
        self.group = cgroup.hold(self.pid, served.limits.memory, served.limits.processes)

    def _until_ready(self) -> str:
        """Wait for both messages; returns why it does not get ready, if it does not."""
        self._control.settimeout(SECONDS_TO_WARM_UP)
        try:
            data, ancillary, _, _ = self._control.recvmsg(65536, socket.CMSG_SPACE(12))
            if data:
                self.pid = struct.unpack("3i", ancillary[0][2])[0]
                report, _ = channel.receive(self._control)
                if report:
                    return report["why"]
        except TimeoutError:
            return f"it took more than {SECONDS_TO_WARM_UP} s"
        except ConnectionError:
            pass
        return "it ended"

    def open(self) -> socket.socket | None:
        """A new channel, or None if the fork server is dead."""
        ours, theirs = channel.pair()
        with theirs:
            last = self._ask({"do": "serve"}, theirs.fileno())
            if last is None:
                ours.close()
                return None
        self.spent = self._for_one
        self._first, self._ooms = last + 1, self._count_ooms()
        self.look()
        return ours

    def ran_out(self) -> bool:
        """Whether the cgroup ran out of memory and a process was killed for it, since the channel was opened."""
        return all(now > before for now, before in zip(self._count_ooms(), self._ooms, strict=True))

    def lost_one(self) -> bool:
        """Whether a process was killed for that since the last look; if not, this is one."""
        main, kills = descendants_of(self.pid)[:1], self._count_ooms()[1]  # in this order, see ran_when_it_did
        if kills > self._kills and self.ran_out():
            return True
        self._main, self._kills = main, kills
        return False

    def look(self) -> None:
        """Remember which child runs and how many processes were killed."""
        self._main, self._kills = descendants_of(self.pid)[:1], self._count_ooms()[1]

    def ran_when_it_did(self, child: int | None) -> bool:
        """Whether the present child, or the last, is certainly the one that lost a process since the last look."""
        return child == self._first or [] != self._main == descendants_of(self.pid)[:1]

    def _count_ooms(self) -> tuple[int, int]:
        return cgroup.ooms(self.group) if self.group else (0, 0)

    def child(self) -> int | None:
        """The number of the present child, or of the last; None if the fork server does not tell."""
        return self._ask({"do": "tell"}, seconds=SECONDS_TO_KILL)

    def kill(self, child: int | None) -> bool:
        """Kill this child and all it started, unless it is gone; returns whether that succeeded."""
        return child is not None and self._ask({"do": "kill", "child": child}, seconds=SECONDS_TO_KILL) is not None

    def _ask(self, request: dict, *descriptors: int, seconds: float = SECONDS_TO_ANSWER) -> int | None:
        """The number of the child once this is done; None if that is not within so many seconds."""
        self._control.settimeout(seconds)
        try:
            channel.send(self._control, request, *descriptors)
            answer, _ = channel.receive(self._control)
        except OSError:
            return None
        return answer["child"] if answer and answer["done"] == request["do"] else None

    def end(self) -> None:
        """Kill everything, and wait until it is gone."""
        inside = descendants_of(self.process.pid)
        self._control.close()  # which the fork server takes as the sign to end
        if not self.spent:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(SECONDS_TO_END)
        self.process.kill()
        self.process.wait()
        deadline = time.monotonic() + SECONDS_TO_END
        while any(map(lives, inside)) and time.monotonic() < deadline:
            time.sleep(0.001)
        if self.group:
            cgroup.remove(self.group)
        if self._folder:
            self._folder.cleanup()
