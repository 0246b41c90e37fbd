"""Hosts of our own on one machine: namespaces with a process table, a host name and a network card each, on one switch.

The addresses exist inside these namespaces only. A host ends with all that runs on it when it is switched off, and when
the process that made it ends, however it does. Takes root, and `unshare`, `nsenter` and `ip`.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path

import pytest

from autograder.processes import descendants_of, lives

PYTHON = sys.executable
PORT = 8786
SECONDS_TO_START = 60
# What a scheduler and workers are told, so that a cut link and a dead worker are noticed in seconds, not in minutes.
IMPATIENT = {
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "11s",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "10s",
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "15s",
}


@cache
def why_not() -> str:
    """Why no hosts can be made here, or ""."""
    if os.geteuid() != 0:
        return "only root can make hosts of its own"
    if missing := [program for program in ("unshare", "nsenter", "ip") if not shutil.which(program)]:
        return f"there is no {missing[0]}"
    try:
        with Switch() as switch:
            switch.host("one")
    except OSError as error:
        return str(error)
    return ""


def require() -> None:
    """Skip the test where no hosts can be made; with REQUIRE_HOSTS=1, as in CI, fail it."""
    if reason := why_not():
        (pytest.fail if os.environ.get("REQUIRE_HOSTS") else pytest.skip)(reason)


class Host:
    """A host: whatever runs on it is killed with it."""

    def __init__(self, name: str, address: str = ""):
        """raises: OSError if the kernel refuses"""
        self.name, self.address = name, address
        self._started: list[subprocess.Popen] = []
        # Its init: ends when our end of the pipe is closed, and waits for whatever lost its parent meanwhile.
        script = 'hostname "$0" && ip link set lo up && echo up && cat; :'
        namespaces = ["--net", "--pid", "--uts", "--mount", "--fork", "--kill-child=KILL", "--mount-proc"]
        self._holder = subprocess.Popen(
            ["unshare", *namespaces, "sh", "-c", script, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        said = self._holder.stdout.readline().decode().strip()
        if said != "up":
            self.switch_off()
            raise OSError(f"no host can be made: {said}")
        self.init = descendants_of(self._holder.pid)[0]

    def command(self, *command: str | Path) -> list[str]:
        """The command line that runs a command on this host."""
        return ["nsenter", f"--target={self.init}", "--net", "--pid", "--uts", "--mount", "--", *map(str, command)]

    def start(self, *command: str | Path, **options) -> subprocess.Popen:
        process = subprocess.Popen(self.command(*command), stdin=subprocess.DEVNULL, **options)
        self._started.append(process)
        return process

    def run(self, *command: str | Path, **options) -> subprocess.CompletedProcess:
        return subprocess.run(self.command(*command), stdin=subprocess.DEVNULL, **options)

    def kill(self, words: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to its processes with these words in their command line."""
        found = [pid for pid in _numbers() if self._has(pid) and words in _command_line(pid)]
        assert found, f"nothing with {words!r} runs on {self.name}"
        for pid in found:
            os.kill(pid, number)

    def processes(self) -> list[str]:
        """The command lines of all that runs on it, but for its init."""
        inits = [self.init, *descendants_of(self.init)]
        return [_command_line(pid) for pid in _numbers() if self._has(pid) and pid not in inits and lives(pid)]

    def _has(self, pid: int) -> bool:
        with suppress(OSError):
            return os.readlink(f"/proc/{pid}/ns/pid") == os.readlink(f"/proc/{self.init}/ns/pid")
        return False

    def switch_off(self) -> None:
        """Kill everything on it, and wait until it is gone."""
        held = descendants_of(self._holder.pid)[:1]
        for pid in held:  # by its init the kernel ends all the rest
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in self._started:  # each is nsenter, outside, whom the kernel waits for
            process.kill()
            process.wait()
        self._holder.stdin.close()
        self._holder.wait(10)
        self._holder.stdout.close()
        while any(map(lives, held)):
            time.sleep(0.01)


def _numbers() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _command_line(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
    return ""


class Switch:
    """A network of hosts. The first host has the switch, and cannot be cut off from itself."""

    def __init__(self):
        self.hosts: dict[str, Host] = {}
        self._numbers = itertools.count(1)

    def __enter__(self) -> Switch:
        return self

    def __exit__(self, *_) -> None:
        with ExitStack() as stack:
            for host in self.hosts.values():
                stack.callback(host.switch_off)

    def host(self, name: str) -> Host:
        """A new host on this network.

        raises: OSError if the kernel refuses
        """
        number = next(self._numbers)
        host = Host(name, f"10.77.0.{number}")
        first = next(iter(self.hosts.values()), host)
        self.hosts[name] = host
        if host is first:
            self._ip(host, "link add name card type bridge")
        else:
            self._ip(first, f"link add name {name} type veth peer name card netns {host.init}")
            self._ip(first, f"link set dev {name} master card up")
        self._ip(host, f"addr add {host.address}/24 dev card")
        self._ip(host, "link set card up")
        return host

    def cut(self, host: Host) -> None:
        """Pull its cable: nothing it sends arrives, and nothing reaches it."""
        self._ip(next(iter(self.hosts.values())), f"link set dev {host.name} down")

    def mend(self, host: Host) -> None:
        self._ip(next(iter(self.hosts.values())), f"link set dev {host.name} up")

    @staticmethod
    def _ip(host: Host, words: str) -> None:
        # With the network alone of that host, so that a process has the number here that it has for us.
        command = ["nsenter", f"--net=/proc/{host.init}/ns/net", "ip", *words.split()]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")


class DaskHosts:
    """A scheduler on a host of its own, where clients run, too, and workers on others.

    folder: for the workers' files and everybody's log
    """

    def __init__(self, folder: Path, settings: dict[str, str] = IMPATIENT):
        self.folder = folder
        self.environment = os.environ | settings
        self.switch = Switch()
        self.address = ""

    def __enter__(self) -> DaskHosts:
        try:
            self.front = self.switch.host("front")
            self.address = f"tcp://{self.front.address}:{PORT}"
            self.start_scheduler()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.switch.__exit__()

    def start_scheduler(self) -> None:
        options = ["--host", self.front.address, "--port", str(PORT), "--no-dashboard"]
        self.scheduler = self._start(self.front, "scheduler", *options)
        self._until(self.front, "Scheduler at:")

    def worker(self, name: str, *, nanny: bool = True, threads: int = 1, processes: int = 1) -> Host:
        """A new host with a worker that has connected."""
        host = self.switch.host(name)
        self.start_worker(host, nanny=nanny, threads=threads, processes=processes)
        self._until(host, "Registered to:", processes)
        return host

    def start_worker(self, host: Host, *, nanny: bool = True, threads: int = 1, processes: int = 1) -> subprocess.Popen:
        options = ["--host", host.address, "--nthreads", str(threads), "--no-dashboard"]
        options += ["--nworkers", str(processes), "--local-directory", str(self.folder / host.name)]
        options += ["--nanny" if nanny else "--no-nanny"]
        return self._start(host, "worker", self.address, *options)

    def log(self, host: Host) -> str:
        return (self.folder / f"{host.name}.log").read_text()

    def client(self, *command: str | Path, **options) -> subprocess.Popen:
        """Start a command on the scheduler's host."""
        return self.front.start(*command, env=self.environment, **options)

    def _start(self, host: Host, kind: str, *options: str) -> subprocess.Popen:
        with open(self.folder / f"{host.name}.log", "ab") as log:
            command = [PYTHON, "-m", "dask", kind, *options]
            return host.start(*command, env=self.environment, cwd=self.folder, stdout=log, stderr=log)

    def _until(self, host: Host, words: str, times: int = 1) -> None:
        until = time.monotonic() + SECONDS_TO_START
        while self.log(host).count(words) < times:
            if time.monotonic() > until:
                raise TimeoutError(f"{host.name} does not start:\n{self.log(host)}")
            time.sleep(0.05)
