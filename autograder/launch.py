"""Starting a fork server, with bubblewrap around it or without."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

from autograder import bubblewrap
from autograder.limits import Limits

HERE = Path(__file__).parent
PROGRAMS = [HERE / f"{name}.py" for name in ("forkserver", "child", "confinement", "channel")]
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "agg",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
}
_launches = itertools.count()


@dataclass(frozen=True)
class Served:
    """What a fork server is to run.

    module  : the name of one with main and warm_up; one in the package autograder brings the whole package with it
    programs: files that it needs beside it, and itself unless it is in a package
    nested  : whether each child is to get namespaces of its own
    limits  : for each child
    """

    module: str = ""
    programs: Sequence[Path] = ()
    nested: bool = True
    limits: Limits = field(default_factory=Limits)

    @property
    def packages(self) -> list[Path]:
        """The folders of the packages to put beside it."""
        return bubblewrap.packages(with_autograder=self.module.startswith("autograder."))


@dataclass(frozen=True)
class Way:
    """A way to confine a fork server on this machine.

    program: the bubblewrap
    as_root: whether that is started as root, and the fork server becomes an unprivileged user inside it
    nested : whether children can get namespaces of their own
    words  : all this for the instructor
    """

    program: str
    as_root: bool
    nested: bool = True
    words: str = ""


def launch_confined(served: Served, way: Way, control: int, errors: BinaryIO) -> subprocess.Popen:
    """Start a fork server in bubblewrap.

    control: the descriptor of its control socket
    errors : where it writes what goes wrong
    raises : OSError if bubblewrap cannot be started
    """
    user = spare_user() if runs_as_root() else 0
    nested = served.nested and way.nested
    options = {
        "path": [bubblewrap.COURSE],
        "packages": bubblewrap.site_packages(),
        "nested": nested,
        "confined": True,
        "user": user if way.as_root else 0,
        "directory": bubblewrap.WORK,
        "kept": bubblewrap.kept(),
        "count_processes": bool(user) or _counts_by_namespace(),
    }
    files = {"/etc/passwd": f"student:x:1000:1000::{bubblewrap.WORK}:/bin/sh\n", "/etc/group": "student:x:1000:\n"}
    command = [way.program, *bubblewrap.options(way.as_root, nested, served.limits.scratch)]
    data = {path: _readable(text) for path, text in files.items()}
    command += bubblewrap.files([*PROGRAMS, *served.programs], served.packages, data)
    command += [*bubblewrap.sealed(), "--", *_python(f"{bubblewrap.COURSE}/forkserver.py", served, control, options)]
    environment = ENVIRONMENT | {"HOME": bubblewrap.WORK, "MPLCONFIGDIR": "/tmp/matplotlib"}
    as_other = {} if way.as_root or not user else {"user": user, "group": user, "extra_groups": []}
    try:
        return _popen(command, environment, errors, [control, *data.values()], **as_other)
    finally:
        for descriptor in data.values():
            os.close(descriptor)


def launch_plainly(served: Served, folder: str, control: int, errors: BinaryIO) -> subprocess.Popen:
    """Start a fork server without a sandbox; `folder`, an empty one, is for its programs and its children's files."""
    for path in [*PROGRAMS, *served.programs, *served.packages]:
        with suppress(FileExistsError):
            os.symlink(path, f"{folder}/{path.name}")
    options = {"path": [folder], "packages": bubblewrap.site_packages(), "count_processes": False}
    environment = ENVIRONMENT | {"HOME": folder, "TMPDIR": folder, "MPLCONFIGDIR": f"{folder}/matplotlib"}
    if "LD_LIBRARY_PATH" in os.environ:
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    return _popen(_python(f"{folder}/forkserver.py", served, control, options), environment, errors, [control])


def _python(program: str, served: Served, control: int, options: dict) -> list[str]:
    limits = {name: int(value) for name, value in asdict(served.limits).items()}
    options = {"module": served.module, "limits": limits, **options}
    return [os.path.abspath(sys.executable), "-s", "-B", program, str(control), json.dumps(options)]


def _popen(
    command: list[str], environment: dict[str, str], errors: BinaryIO, descriptors: list[int], **as_other
) -> subprocess.Popen:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        env=environment,
        cwd="/",
        pass_fds=descriptors,
        start_new_session=True,
        **as_other,
    )


def _readable(text: str) -> int:
    """A descriptor from which to read this text, which is short."""
    result, end = os.pipe()
    os.write(end, text.encode())
    os.close(end)
    return result


def runs_as_root() -> bool:
    """Whether this process is root with other users to choose from, as it is not where root is the only one."""
    return os.geteuid() == 0 and _users()[1] >= 1024


def spare_user() -> int:
    """The number of a user that owns nothing and that no other sandbox started by this process's kind has now.

    RLIMIT_NPROC counts a user's processes, and does not hold for root.
    """
    first, count = _users()
    return first + count // 16 * 7 + (os.getpid() * 16 + next(_launches) % 16) % (count // 32)


def _users() -> tuple[int, int]:
    """The first of the user numbers that exist here, beyond root where that stands alone, and how many there are."""
    with open("/proc/self/uid_map") as file:
        first, _, count = map(int, file.read().splitlines()[-1].split())
    return first, count


def _counts_by_namespace() -> bool:
    """Whether RLIMIT_NPROC counts each user namespace's processes apart, as it does since Linux 5.14."""
    major, minor = os.uname().release.split("-")[0].split(".")[:2]
    return (int(major), int(minor)) >= (5, 14)
