"""The collection of attacks in tests/hostile, tried on this grader: none of them achieves anything.

What each tries stands in its file; hostile_class.py says what counts as achieved.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_class import FULL, HONEST, NEXT, Attack, Baseline, attacks, attempt
from hostile_ours import LIMITS, by_command, by_marker, make_class, make_template, outlived, processes

from autograder.marking import Marker

OVERHEAD = 5  # seconds that grading may take beyond what a submission may
BY_COMMAND = ("files", "markup")  # themes that have to do with more than the marker
BOMBS = (
    "resources/fork_bomb",
    "resources/thread_bomb",
    "resources/memory",
    "resources/disk",
    "resources/SIGKILL",
    "resources/signals",
    "resources/endless_loop",
    "resources/zombies",
    "next_student/limits",
    "next_student/priority",
    "next_student/the_machine",
    "escape/a_double",
    "escape/memory",
    "escape/ptrace",
    "escape/namespaces",
)
HALF = ("resources", "exceptions")  # which take as long as all others together
WITH_NEXT = ("escape", "next_student", "resources", "wire")  # after which each time another student is graded


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    root = tmp_path_factory.mktemp("hostile")
    template = make_template(root / "template", registered=True)
    with make_class(template, root / "class") as a_class:
        yield a_class


@pytest.fixture(scope="module")
def marker():
    with Marker(LIMITS) as marker:
        yield marker


@pytest.fixture(scope="module")
def usual(room, marker):
    """What an honest submission does, by theme's way of grading, once everything is warm."""
    found = {}
    for way in (by_command(), by_marker(marker)):
        attempt(room, None, way, Baseline(next_seconds=60))
        result = attempt(room, None, way, Baseline(next_seconds=60))
        assert (result.score, result.achieved) == (HONEST, {})
        found[way.__qualname__.partition(".")[0]] = Baseline(next_seconds=result.next_seconds)
    return found


def _in_groups(chosen: list[Attack]) -> list:
    """One half of the time for each of two processes."""
    marks = {attack: pytest.mark.xdist_group(f"hostile-{attack.theme in HALF}") for attack in chosen}
    return [pytest.param(attack, id=attack.id, marks=marks[attack]) for attack in chosen]


@pytest.mark.parametrize("attack", _in_groups(attacks()))
def test_an_attack_achieves_nothing(room, marker, usual, attack):
    way, name = (by_command(), "by_command") if attack.theme in BY_COMMAND else (by_marker(marker), "by_marker")
    before = processes()
    try:
        result = attempt(room, attack, way, usual[name], alone=attack.theme not in WITH_NEXT)
    finally:
        room.clear()
    if _is_refused(attack):
        assert result.achieved.pop("ungraded", "") in ("", "no score")
    assert result.achieved == {}
    assert result.seconds < LIMITS.seconds + OVERHEAD
    assert not outlived(before)


@pytest.mark.xdist_group("hostile-False")
def test_whoever_comes_after_all_of_them_has_full_marks(room, marker, usual):
    room.hand_in_next(None)
    assert list(by_command()(room.course, [NEXT])) == list(by_marker(marker)(room.course, [NEXT])) == [(NEXT, FULL)]


@pytest.mark.xdist_group("hostile-False")
@pytest.mark.skipif(os.geteuid() != 0, reason="all other tests of this file are run without privileges already")
def test_a_grader_without_privileges_holds_too():
    own = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--", sys.executable]
    script = str(Path(__file__).with_name("hostile_class.py"))
    done = subprocess.run([*own, script, "--nobody", *BOMBS], capture_output=True, text=True, timeout=120)
    achievements = [line for line in done.stdout.splitlines() if "/" in line and not line.endswith(": nothing")]
    assert (done.returncode, achievements) == (0, []), done.stderr[-3000:]
    assert done.stdout.count(": nothing") >= 15


def _is_refused(attack: Attack) -> bool:
    """Whether it gives its folder a name that nbgrader cannot work with, of which a teacher is told."""
    return any(part.place == "hand-in" and part.source.lstrip().startswith("student =") for part in attack.parts)
