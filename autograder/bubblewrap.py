"""Bubblewrap's command line: what a sandbox sees of this machine, and what it may do."""

from __future__ import annotations

import importlib.util
import os
import site
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

# Inside. No Python environment lies here, so that neither covers the other.
COURSE = "/sandbox/course"
WORK = "/sandbox/work"

USER = "1000"
SYSTEM = ["/usr", "/nix/store", "/gnu/store", "/etc/ld.so.cache", "/etc/alternatives"]
LINKED = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"]  # into /usr, on most systems
PACKAGE = Path(__file__).parent


def options(as_root: bool, nested: bool, scratch: int) -> list[str]:
    """The namespaces, /proc, /dev and places to write to.

    as_root: whether bubblewrap is started as root, to leave it to the fork server to become someone else
    nested : whether children mount their own scratch
    scratch: bytes
    """
    result = ["--die-with-parent", "--as-pid-1", "--new-session", "--hostname", "sandbox", "--cap-drop", "ALL"]
    result += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    if as_root:  # the fork server gives these up before it imports anything of the course
        for capability in ("CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            result += ["--cap-add", capability]
    else:
        result += ["--unshare-user", "--uid", USER, "--gid", USER]
    result += ["--proc", "/proc", "--size", "65536", "--tmpfs", "/dev"]
    for name in ("null", "zero", "full", "random", "urandom"):
        # Mapped and shared, /dev/zero is memory that nobody counts; /dev/full reads the same and cannot be mapped.
        source = "full" if name == "zero" else name
        result += ["--dev-bind", f"/dev/{source}", f"/dev/{name}"]
    for name, target in [("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")]:
        result += ["--symlink", f"/proc/self/fd{target}", f"/dev/{name}"]
    result += _directory("/sandbox")
    if nested:
        return [*result, *_directory("/dev/shm"), *_directory(WORK), *_scratch("/tmp", scratch)]
    for path in ("/tmp", "/dev/shm", WORK):
        result += _scratch(path, scratch // 3)
    return result


def files(programs: Sequence[Path], packages: Sequence[Path], data: Mapping[str, int]) -> list[str]:
    """The operating system and the Python environment where they are, these programs and packages in COURSE.

    All is read-only once sealed() follows. The course that this module belongs to is hidden, wherever it lies.

    data: paths of further files and the descriptors that their text comes from
    """
    shown, hidden = _shown()
    mounts = [["--ro-bind", path, path] for path in shown]
    mounts += [["--size", "4096", "--tmpfs", path] for path in hidden]
    mounts.sort(key=lambda mount: mount[-1].count("/"))  # what lies in something covers it
    for name in LINKED:
        if os.path.islink(name):
            mounts.append(["--symlink", os.readlink(name), name])
        elif os.path.isdir(name):
            mounts.append(["--ro-bind", name, name])
    mounts += [["--ro-bind", str(path), f"{COURSE}/{path.name}"] for path in [*programs, *packages]]
    mounts += [["--perms", "0444", "--ro-bind-data", str(number), path] for path, number in data.items()]
    result, made = [], {"/"}
    for mount in mounts:
        for parent in map(str, reversed(Path(mount[-1]).parents)):
            inside = any(_lies_in(parent, path) for path in shown) and not any(
                _lies_in(parent, path) for path in hidden
            )
            if not inside and parent not in {*made, *hidden}:
                result += _directory(parent)  # bubblewrap would make it private to its own user
                made.add(parent)
        result += mount
    return [*result, *(word for path in hidden for word in ("--remount-ro", path))]


def sealed() -> list[str]:
    """What makes the rest read-only; the last options."""
    return ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]


def packages(with_autograder: bool) -> list[Path]:
    """The folders of mlp_helpers and, if it is wanted, autograder."""
    helpers = importlib.util.find_spec("mlp_helpers")
    return [Path(helpers.origin).parent] * bool(helpers and helpers.origin) + [PACKAGE] * with_autograder


def site_packages() -> list[str]:
    """The folders of packages on this process's path, wherever they come from."""
    user = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    paths = [*site.getsitepackages(), *user, *(path for path in sys.path if path.endswith("-packages"))]
    return [path for path in dict.fromkeys(map(os.path.abspath, paths)) if os.path.isdir(path)]


def kept() -> list[str]:
    """The directories below /tmp that are shown, which a new /tmp would cover."""
    found = [path for path in _shown()[0] if _lies_in(path, "/tmp") and os.path.isdir(path)]
    return [path for path in found if not any(_lies_in(path, other) for other in found if other != path)]


def _shown() -> tuple[list[str], list[str]]:
    """Paths to show where they are, none that another one shows, and paths in them to hide."""
    prefixes = [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix]
    paths = {os.path.abspath(path) for path in [*SYSTEM, *prefixes, *_links(sys.executable), *site_packages()]}
    secret = str(PACKAGE if PACKAGE.parent.name.endswith("-packages") else PACKAGE.parent)
    shown: list[str] = []
    for path in sorted(paths, key=lambda path: (path.count("/"), path)):
        above = [other for other in shown if _lies_in(path, other)]
        covered = _lies_in(path, secret) and all(_lies_in(secret, other) for other in above)
        if os.path.exists(path) and path != "/" and (covered or not above):
            shown.append(path)
    return shown, [secret] * any(_lies_in(secret, path) for path in shown)


def _directory(path: str) -> list[str]:
    return ["--perms", "0755", "--dir", path]


def _scratch(path: str, size: int) -> list[str]:
    return ["--perms", "1777", "--size", str(size), "--tmpfs", path]


def _lies_in(path: str, other: str) -> bool:
    return path == other or path.startswith(f"{other}/")


def _links(path: str) -> list[str]:
    """Where symbolic links lead from here, one after the other."""
    found = []
    while os.path.islink(path) and len(found) < 40:
        path = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))
        found.append(path)
    return found
