"""What the fork server asks of the Linux kernel: namespaces, mounts, capabilities, limits, a system call filter.

Runs inside the sandbox, with the standard library alone. Each function raises OSError, named after the call, if the
kernel refuses.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from collections.abc import Mapping, Sequence
from contextlib import suppress

MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC = 2, 4, 8, 4096, 16384
NEW_MOUNTS, NEW_IPC, NEW_USERS, NEW_PIDS = 0x00020000, 0x08000000, 0x10000000, 0x20000000
SIGCHLD = 17
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 36, 38, 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
ENOSYS = 38

# A nested child is this user, whatever that is outside.
USER = 1000

AUDIT_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
CLONE = {"x86_64": 56, "aarch64": 220}
SOCKET = {"x86_64": 41, "aarch64": 198}
KILL = {"x86_64": 62, "aarch64": 129}
FAMILIES = (1,)  # AF_UNIX: some others lead out of a network namespace, and TCP holds memory that nobody counts
FCNTL = {"x86_64": 72, "aarch64": 25}
LOCKS = (5, 6, 7, 36, 37, 38)  # F_GETLK, F_SETLK, F_SETLKW and those of open files
MMAP = {"x86_64": 9, "aarch64": 222}
SHARED, ANONYMOUS = 0x01, 0x20

# Memory that belongs to no process, keys that outlive one, ways to other privileges, the kernel's log, and what one
# submission could tell another by through files that both may read.
FORBIDDEN_CALLS = {
    "x86_64": {
        "memfd_create": 319, "memfd_secret": 447, "shmget": 29, "msgget": 68, "semget": 64, "mq_open": 240,
        "add_key": 248, "request_key": 249, "keyctl": 250, "io_uring_setup": 425, "userfaultfd": 323, "bpf": 321,
        "perf_event_open": 298, "unshare": 272, "setns": 308, "mount": 165, "clone3": 435, "syslog": 103,
        "flock": 73, "inotify_init": 253, "inotify_init1": 294, "fanotify_init": 300, "mincore": 27,
    },
    "aarch64": {
        "memfd_create": 279, "memfd_secret": 447, "shmget": 194, "msgget": 186, "semget": 190, "mq_open": 180,
        "add_key": 217, "request_key": 218, "keyctl": 219, "io_uring_setup": 425, "userfaultfd": 282, "bpf": 280,
        "perf_event_open": 241, "unshare": 97, "setns": 268, "mount": 40, "clone3": 435, "syslog": 116,
        "flock": 32, "inotify_init1": 26, "fanotify_init": 262, "mincore": 232,
    },
}  # fmt: skip

# PyDLL keeps the interpreter's lock during a call, so that a child that clone makes finds it as it must be.
_libc = ctypes.PyDLL(None, use_errno=True)


def _call(name: str, *arguments: int | bytes | None) -> int:
    """Call a function of the C library, each number as an unsigned long."""
    converted = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
    result = getattr(_libc, name)(*converted)
    if result == -1:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
    return result


def prctl(option: int, value: int = 0) -> None:
    _call("prctl", option, value, 0, 0, 0)


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    try:
        _call("mount", source.encode(), target.encode(), kind and kind.encode(), flags, options.encode())
    except OSError as error:
        raise OSError(error.errno, f"{error.strerror} ({kind or source} on {target})") from error


def mount_proc() -> None:
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)


def clone_into_namespaces() -> int:
    """Fork into new user, PID, mount and IPC namespaces; returns like os.fork.

    The child is pid 1 of its PID namespace. Neither Python's nor the C library's handlers of a fork have run in it: it
    may make system calls and fork, no more.
    """
    number = CLONE.get(platform.machine())
    if number is None:
        raise OSError(ENOSYS, f"clone: its number is not known for {platform.machine()}")
    return _call("syscall", number, NEW_USERS | NEW_PIDS | NEW_MOUNTS | NEW_IPC | SIGCHLD, 0, 0, 0, 0)


def become_user(user: int, group: int) -> None:
    """In a new user namespace, be USER; user and group are what this process is in the namespace above."""
    prctl(PR_SET_DUMPABLE, 1)  # else /proc/self belongs to root and cannot be written
    for name, text in [("setgroups", "deny"), ("uid_map", f"{USER} {user} 1"), ("gid_map", f"{USER} {group} 1")]:
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def mount_scratch(size: int, directory: str, kept: Sequence[str]) -> None:
    """Mount a fresh /proc, and one tmpfs that directory, /tmp and /dev/shm share.

    size: of the tmpfs, in bytes
    kept: directories below /tmp that remain to be seen
    """
    places = {path: os.open(path, os.O_PATH) for path in kept}
    mount_proc()
    mount("scratch", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, f"size={size},nr_inodes=16384,mode=755")
    for name, target, mode in [("work", directory, 0o755), ("shm", "/dev/shm", 0o1777), ("tmp", "/tmp", 0o1777)]:
        os.mkdir(f"/tmp/{name}")
        os.chmod(f"/tmp/{name}", mode)
        mount(f"/tmp/{name}", target, None, MS_BIND)
    for path, descriptor in places.items():
        os.makedirs(path)
        mount(f"/proc/self/fd/{descriptor}", path, None, MS_BIND | MS_REC)
        os.close(descriptor)
    # In one more user namespace a process could mount a tmpfs of any size, which no limit counts.
    with open("/proc/sys/user/max_user_namespaces", "w") as file:
        file.write("0")


def drop_bounding_set() -> None:
    """Let no program that is started from here get a capability; takes CAP_SETPCAP."""
    with suppress(OSError):  # when the kernel knows no more of them
        for capability in range(64):
            prctl(PR_CAPBSET_DROP, capability)


def drop_capabilities() -> None:
    """Give up every capability for good."""
    drop_bounding_set()
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    _call("capset", struct.pack("=Ii", 0x20080522, 0), bytes(24))
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def forbid_calls() -> None:
    """Answer FORBIDDEN_CALLS and these with ENOSYS: clone into a user namespace, kill(-1), locks on files, sockets of
    other FAMILIES, and mmap of anonymous memory that is shared: after MADV_DONTNEED it belongs to nobody, and stays.

    Without a sandbox, kill(-1) would end all that the grader's user, or root, runs on the machine. Does nothing on a
    machine whose call numbers are not known.
    """
    machine = platform.machine()
    if machine not in CLONE:
        return
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    number, architecture, first_argument, second_argument, fourth_argument = 0, 4, 16, 24, 40
    following, allow, refuse = 0, "allow", "refuse"  # where to jump: so many steps ahead, or to the end
    steps = [
        (load, architecture, 0, 0),
        (equal, AUDIT_ARCHITECTURE[machine], following, refuse),
        (load, number, 0, 0),
        (at_least, 0x40000000, refuse, following),  # x32
        *[(equal, forbidden, refuse, following) for forbidden in FORBIDDEN_CALLS[machine].values()],
        (equal, CLONE[machine], following, 2),
        (load, first_argument, 0, 0),
        (any_bit, NEW_USERS, refuse, allow),
        (equal, KILL[machine], following, 2),
        (load, first_argument, 0, 0),
        (equal, 0xFFFFFFFF, refuse, allow),
        (equal, FCNTL[machine], following, 2 + len(LOCKS)),
        (load, second_argument, 0, 0),
        *[(equal, command, refuse, following) for command in LOCKS],
        (equal, 0xFFFFFFFF, refuse, allow),
        (equal, MMAP[machine], following, 3),
        (load, fourth_argument, 0, 0),
        (any_bit, ANONYMOUS, following, allow),
        (any_bit, SHARED, refuse, allow),
        (equal, SOCKET[machine], following, allow),
        (load, first_argument, 0, 0),
        *[(equal, family, allow, following) for family in FAMILIES],
        (answer, 0x00050000 | ENOSYS, 0, 0),
        (answer, 0x7FFF0000, 0, 0),
    ]
    ends = {refuse: len(steps) - 2, allow: len(steps) - 1}
    program = b"".join(
        struct.pack("HBBI", code, *(ends[jump] - place - 1 if jump in ends else jump for jump in jumps), value)
        for place, (code, value, *jumps) in enumerate(steps)
    )
    code = ctypes.create_string_buffer(program)
    _call("prctl", PR_SET_SECCOMP, 2, struct.pack("HP", len(steps), ctypes.addressof(code)), 0, 0)


def set_limits(limits: Mapping[str, int], count_processes: bool) -> None:
    """Set this process's resource limits.

    limits         : the fields of limits.Limits
    count_processes: whether to limit their number, which the kernel compares with all that this user runs
    """
    with open("/proc/self/statm") as file:
        present = int(file.read().split()[0]) * resource.getpagesize()
    wanted = {
        # A little less than the watchdog allows, so that one process meets a MemoryError, not the watchdog.
        resource.RLIMIT_AS: present + limits["memory"] * 7 // 8,
        resource.RLIMIT_FSIZE: limits["file_size"],
        resource.RLIMIT_CPU: limits["seconds"] + 10,
        resource.RLIMIT_NOFILE: 128,  # what waits in a socket counts as nobody's memory
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NICE: 0,
        resource.RLIMIT_RTPRIO: 0,
    }
    if count_processes:
        wanted[resource.RLIMIT_NPROC] = limits["processes"]
    for name, value in wanted.items():
        most = resource.getrlimit(name)[1]
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(name, (value, value))
