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

from autograder import channel
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
    return find_way().words


class Sandbox:
    """A fork server, in bubblewrap unless told otherwise. To be used by one thread at a time, whichever.

    exceeded: what the child of the present channel used too much of, if it was killed for that; else ""
    """

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
        self.exceeded = ""
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
                    self.exceeded = ""
                    return ours
                self._end()
        raise SandboxError("The sandbox was killed again and again: see the system's log, it may be out of memory")

    def memory(self) -> int:
        """Bytes of memory and of files that the running child and all it started use; 0 if none runs."""
        server = self._server
        return memory_used(server.pid, descendants_of(server.pid)) if server else 0

    def _watch(self) -> None:
        pause = WATCH_SECONDS
        while not self._closed.wait(pause):
            began = time.monotonic()
            server = self._server
            if server and self._excess(server):
                with self._lock:
                    excess = server is self._server and self._excess(server)
                    if excess:
                        self.exceeded = excess
                        if not server.kill_child():
                            self._end()
            pause = max(WATCH_SECONDS, 5 * (time.monotonic() - began))

    def _excess(self, server: _Server) -> str:
        """What the child uses too much of, if it does."""
        descendants = descendants_of(server.pid)
        if len(descendants) > self.limits.processes:
            return f"more than {self.limits.processes} processes"
        if memory_at_most(descendants) > self.limits.memory < memory_used(server.pid, descendants):
            return f"more than {self.limits.memory // MIB} MiB of memory"
        return ""

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
        server, self._server = self._server, None
        if server:
            server.end()


class _Server:
    """A fork server that runs.

    pid  : its number on this side of the sandbox
    spent: whether another submission would meet what this one left
    """

    def __init__(self, served: Served, way: Way | None):
        """raises: SandboxError if it does not get ready"""
        self.spent = False
        self.pid = 0
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
            if not self._ask("serve", theirs.fileno()):
                ours.close()
                return None
        self.spent = self._for_one
        return ours

    def kill_child(self) -> bool:
        """Kill the child and all it started; returns whether that succeeded."""
        return self._ask("kill", seconds=SECONDS_TO_KILL)

    def _ask(self, what: str, *descriptors: int, seconds: float = SECONDS_TO_ANSWER) -> bool:
        """Whether the fork server says, within so many seconds, that it did this."""
        self._control.settimeout(seconds)
        try:
            channel.send(self._control, {"do": what}, *descriptors)
            return channel.receive(self._control)[0] == {"done": what}
        except OSError:
            return False

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
        if self._folder:
            self._folder.cleanup()
