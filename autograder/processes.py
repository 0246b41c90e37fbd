"""What a process started, and what started it; how much memory they use. All read from /proc."""

from __future__ import annotations

import os
from contextlib import suppress

SCRATCH = ("/tmp", "/dev/shm", "/sandbox/work")
BYTES_OF_AN_INODE = 1024  # about what the kernel takes for an empty file


def memory_at_most(descendants: list[int]) -> int:
    """An upper bound of memory_used, in bytes, that is quick to find."""
    return _scratch(descendants) + sum(map(memory_of, descendants))


def memory_of(pid: int) -> int:
    """Bytes of anonymous and shared memory of a process, what it shares with others counted in full; 0 if unknown."""
    return sum(_numbers(f"/proc/{pid}/status", ("RssAnon", "RssShmem", "VmSwap")).values())


def memory_used(server: int, descendants: list[int]) -> int:
    """Bytes that a server's descendants use: what they share counted once, and what they share with it not at all.

    Counted are anonymous and shared memory, and files in SCRATCH unless these are this process's too.
    """
    if not descendants:
        return 0
    own = _numbers(f"/proc/{server}/smaps_rollup", ("Anonymous", "Pss_Anon"))
    total = own["Pss_Anon"] - own["Anonymous"]  # what the descendants inherited
    for pid in descendants:
        total += sum(_numbers(f"/proc/{pid}/smaps_rollup", ("Pss_Anon", "Pss_Shmem", "SwapPss")).values())
    return max(total, 0) + _scratch(descendants)


def lives(pid: int) -> bool:
    """Whether there is such a process and it has not ended."""
    with suppress(OSError), open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    return False


def descendants_of(pid: int) -> list[int]:
    """The processes that a process started, and those that they started, each after its parent."""
    found = [pid]
    for pid in found:
        found += _children_of(pid)
    return found[1:]


def line_of(pid: int) -> set[int]:
    """A process, its ancestors as far as they can be seen, and its descendants."""
    line = set(descendants_of(pid))
    while pid:
        line.add(pid)
        pid = _parent_of(pid)
    return line


def _parent_of(pid: int) -> int:
    """The process that started it; 0 if that cannot be seen."""
    with suppress(OSError), open(f"/proc/{pid}/stat", "rb") as file:
        return int(file.read().rpartition(b")")[2].split()[1])
    return 0


def _children_of(pid: int) -> list[int]:
    children = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with suppress(ProcessLookupError), open(f"/proc/{pid}/task/{thread}/children") as file:
                children += map(int, file.read().split())
    except OSError:
        if not os.path.exists(f"/proc/self/task/{os.getpid()}/children") and os.path.exists(f"/proc/{pid}"):
            return _children_by_search(pid)
    return children


def _children_by_search(pid: int) -> list[int]:
    """As _children_of, for a kernel without CONFIG_PROC_CHILDREN."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and _parent_of(int(name)) == pid]


def _numbers(file: str, names: tuple[str, ...]) -> dict[str, int]:
    """Bytes from such lines as `RssAnon:  12 kB`; 0 for each that is missing."""
    found = dict.fromkeys(names, 0)
    with suppress(OSError), open(file) as lines:
        for line in lines:
            name, _, rest = line.partition(":")
            if name in found:
                found[name] = int(rest.split()[0]) * 1024
    return found


def _scratch(descendants: list[int]) -> int:
    """Bytes of files in the first process's scratch, or 0 where that cannot be told."""
    total, seen = 0, {os.stat(path).st_dev for path in ("/", "/tmp", "/dev/shm") if os.path.exists(path)}
    for path in SCRATCH:
        with suppress(OSError, IndexError):
            inside = f"/proc/{descendants[0]}/root{path}"
            device = os.stat(inside).st_dev
            if device not in seen:
                seen.add(device)
                usage = os.statvfs(inside)
                total += (usage.f_blocks - usage.f_bfree) * usage.f_frsize
                total += (usage.f_files - usage.f_ffree) * BYTES_OF_AN_INODE
    return total
