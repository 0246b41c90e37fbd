"""Control groups (cgroup v2) that hold the memory and the number of processes of a fork server and its children.

They stop what is quicker than the watchdog in sandbox.py, and count what belongs to no process, such as what waits in
a socket. A machine need not let us make any: then there is None, and the watchdog alone.
"""

from __future__ import annotations

import functools
import os
import time
from contextlib import suppress
from pathlib import Path

from autograder.processes import line_of, lives, memory_of

MOUNTS = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"))
NAME = "autograder"
CONTROLLERS = {"memory", "pids"}
SECONDS_TO_REMOVE = 3


@functools.cache
def parent(mounts: tuple[Path, ...] = MOUNTS, own: Path = Path("/proc/self/cgroup")) -> Path | None:
    """The cgroup to make others in, or None.

    It is this process's own, if that is delegated to us. Only a root may contain processes beside limited cgroups. From
    another all of them move to a cgroup in it, called NAME, provided that these are this process, its ancestors and its
    descendants: what else runs there is not ours to move.
    """
    for mount in mounts:
        with suppress(OSError):
            return _prepare(mount, own)
    return None


def hold(pid: int, memory: int, processes: int) -> Path | None:
    """Put a process that has no children into a new cgroup; returns that, or None.

    memory   : bytes that it may use on top of what it uses already
    processes: that it may start, with their threads
    """
    if not (above := parent()):
        return None
    group = above / f"{NAME}-{os.getpid()}-{pid}"
    try:
        group.mkdir()
        (group / "memory.max").write_text(str(memory + memory_of(pid)))
        (group / "pids.max").write_text(str(processes + 1))
        with suppress(OSError):  # where the kernel does not count what is swapped
            (group / "memory.swap.max").write_text("0")
        (group / "cgroup.procs").write_text(str(pid))
    except OSError:
        return remove(group)
    return group


def ooms(group: Path) -> tuple[int, int]:
    """How often memory.max stood in the way, and how many processes in it were killed, be it for the machine's sake."""
    with suppress(OSError, KeyError):
        events = dict(line.split() for line in (group / "memory.events").read_text().splitlines())
        return int(events["oom"]), int(events["oom_kill"])
    return 0, 0


def remove(group: Path) -> None:
    """Kill what is in a cgroup, wait for that, though not for long, and remove it."""
    until = time.monotonic() + SECONDS_TO_REMOVE
    with suppress(OSError):  # before Linux 5.14
        (group / "cgroup.kill").write_text("1")
    while group.is_dir() and time.monotonic() < until:
        with suppress(OSError):
            return group.rmdir()
        time.sleep(0.005)


def _prepare(mount: Path, own: Path) -> Path:
    """raises: OSError where there is none"""
    path = next((line[3:] for line in own.read_text().splitlines() if line.startswith("0::")), "/nonexistent")
    present = mount / path.lstrip("/")
    group = present.parent if present.name == NAME else present
    ours = str(os.getpid()) in _words(present / "cgroup.procs")  # else the path is one of another cgroup namespace
    if not (ours and _is_delegated(group, mount) and _words(group / "cgroup.controllers") >= CONTROLLERS):
        raise PermissionError(group)
    if not _words(group / "cgroup.subtree_control") >= CONTROLLERS:
        _divide(group, _words(group / "cgroup.procs") if (group / "cgroup.type").exists() else set())
    for left in group.glob(f"{NAME}-*-*"):
        with suppress(OSError, ValueError):
            if not lives(int(left.name.split("-")[1])):
                left.rmdir()
    return group


def _is_delegated(group: Path, mount: Path) -> bool:
    """Whether we may write in it. As root may everywhere, there it has to be a root, or to bear systemd's mark."""
    writable = all(os.access(group / name, os.W_OK) for name in (".", "cgroup.procs", "cgroup.subtree_control"))
    return writable and (os.geteuid() != 0 or group == mount or os.getxattr(group, "trusted.delegate") == b"1")


def _divide(group: Path, pids: set[str]) -> None:
    """Let there be limited cgroups in this one, and these processes in another; or, with an OSError, as before."""
    if not set(map(int, pids)) <= line_of(os.getpid()):
        raise PermissionError(group)
    try:
        _move(pids, group / NAME)
        (group / "cgroup.subtree_control").write_text("+memory +pids")
    except OSError:
        _move(pids, group)
        raise


def _move(pids: set[str], group: Path) -> None:
    for pid in pids:
        group.mkdir(exist_ok=True)
        with suppress(ProcessLookupError):
            (group / "cgroup.procs").write_text(pid)


def _words(file: Path) -> set[str]:
    return set(file.read_text().split())
