"""The command itself, and what may happen to it: killed at any moment, a full disk, a dead worker, a second run."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from mini_course import LESSON, answered, hand_in, make_mini_course, with_extra_cell

from autograder.course import Course

pytestmark = pytest.mark.xdist_group("faults")

COMMAND = [sys.executable, str(Path(__file__).with_name("grade_command.py"))]
KILLS = int(os.environ.get("KILLS", 4))  # of each kind


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A class that has not been graded yet."""
    course = make_mini_course(tmp_path_factory.mktemp("faults") / "course")
    for number in range(3):
        hand_in(course, f"right{number}", answered(course))
        hand_in(course, f"half{number}", answered(course, root=None))
        hand_in(course, f"renamed{number}", answered(course), name="01_mini (1).ipynb")
    hand_in(course, "cut", "{")
    (hand_in(course, "late", answered(course)).parent / "timestamp.txt").write_text("2026-03-03 12:00:00 UTC")
    return course


@pytest.fixture
def course(template, tmp_path):
    shutil.copytree(template.root, tmp_path / "course")
    return Course(root=tmp_path / "course", classroom=tmp_path / "course/class")


def _start(course, *arguments, **environment):
    return subprocess.Popen(
        [*COMMAND, str(course.root), "grade", *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _run(course, *arguments, **environment):
    process = _start(course, *arguments, **environment)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def _contents(course):
    """All that the gradebook says, by student, assignment, notebook and cell, and what lies beside it."""
    from nbgrader.api import Gradebook

    found = {}
    with Gradebook(course.gradebook, "mlp") as book:
        found["students"] = sorted(student.id for student in book.students)
        for assignment in book.assignments:
            found[assignment.name] = sorted(cell.name for nb in assignment.notebooks for cell in nb.source_cells)
            for each in assignment.submissions:
                (notebook,) = each.notebooks
                who = each.student.id, assignment.name, notebook.name
                found[who] = str(each.timestamp), notebook.late_submission_penalty, notebook.flagged
                for grade in notebook.grades:
                    scores = grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade
                    found[(*who, grade.name)] = scores
                for comment in notebook.comments:
                    found[(*who, comment.name, "comment")] = comment.auto_comment, comment.manual_comment
    for folder in ("autograded", "feedback", "received", "submitted"):
        for path in (course.classroom / folder).rglob("*"):
            name = path.relative_to(course.classroom)
            if path.is_file() and ".part" not in str(name):
                found[str(name)] = path.read_bytes()
    return found


@pytest.fixture(scope="module")
def undisturbed(template, tmp_path_factory):
    """What a run that nothing happens to ends in, how long it takes, and its moments."""
    root = tmp_path_factory.mktemp("undisturbed") / "course"
    shutil.copytree(template.root, root)
    course = Course(root=root, classroom=root / "class")
    start = time.monotonic()
    code, out, err = _run(course, MOMENTS=str(root / "moments"))
    assert (code, err) == (0, ""), out + err
    seconds, moments = time.monotonic() - start, int((root / "moments").read_text())
    made = {path for name in ("autograded", "feedback", "received") for path in (root / "class" / name).rglob("*")}
    needed = sum(path.stat().st_blocks * 512 for path in {*made, root / "class/gradebook.db"})
    return SimpleNamespace(contents=_contents(course), seconds=seconds, moments=moments, needed=needed)


def _same(course, undisturbed):
    found, wanted = _contents(course), undisturbed.contents
    # How often something was kept as it came is no matter, as long as it was.
    kept = {name for name in found if str(name).startswith("received/")}
    assert {Path(name).name for name in kept} == {Path(n).name for n in wanted if str(n).startswith("received/")}
    rest = [{n: what for n, what in each.items() if not str(n).startswith("received/")} for each in (found, wanted)]
    differing = {n for n in rest[0].keys() | rest[1].keys() if rest[0].get(n) != rest[1].get(n)}
    assert not differing


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_before_a_change_the_next_run_ends_the_same(course, undisturbed, number):
    moments = undisturbed.moments
    moment = random.Random(number).randint(moments * number // KILLS, moments * (number + 1) // KILLS) or 1
    process = _start(course, KILL_AT=str(moment))
    assert process.wait(120) == -signal.SIGKILL, moment
    code, out, err = _run(course)
    assert (code, err) == (0, ""), out + err
    _same(course, undisturbed)


def test_killed_again_and_again_at_any_time_it_ends_the_same(course, undisturbed):
    chance, killed = random.Random(2026), 0
    for _ in range(KILLS):
        process = _start(course, "--rerun")
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0.3, 1.1) * undisturbed.seconds)
        killed += process.poll() is None
        process.kill()
        process.communicate()
    assert killed > KILLS // 2
    code, out, err = _run(course)
    assert (code, err) == (0, ""), out + err
    _same(course, undisturbed)


def test_a_worker_that_is_killed_loses_nothing(course, undisturbed):
    for number in range(3):
        hand_in(course, f"right{number}", with_extra_cell(answered(course), "import time\ntime.sleep(1)"))
    process = _start(course)
    killed, until = 0, time.monotonic() + 60
    while process.poll() is None and killed < 2 and time.monotonic() < until:
        with contextlib.suppress(psutil.NoSuchProcess):
            workers = [each for each in psutil.Process(process.pid).children() if _grades(each)]
            for worker in workers[:1]:
                worker.kill()
                killed += 1
                time.sleep(1)
        time.sleep(0.05)
    out, err = process.communicate(timeout=120)
    assert killed == 2
    assert (process.returncode, err) == (0, ""), out + err
    assert "11 graded, 0 unchanged, 0 failed" in out


def _grades(worker):
    """Whether a child of the run has a sandbox already."""
    return len(worker.children(recursive=True)) >= 4


def test_a_second_run_is_refused_while_one_works(course):
    hand_in(course, "slow", with_extra_cell(answered(course), "import time\ntime.sleep(3)"))
    process = _start(course)
    assert "Sandbox" in process.stdout.readline()
    code, _, err = _run(course)
    assert code == 2
    assert err.startswith("autograder: another `autograder` works on ")
    assert err.count("\n") == 1
    assert process.wait(60) == 0


def test_an_interrupt_is_answered_in_one_line_and_the_next_run_goes_on(course, undisturbed):
    process = _start(course)
    seen = [process.stdout.readline() for _ in range(4)]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2, out + err
    assert err.startswith("autograder: stopped: the same command goes on from here ("), seen
    assert err.count("\n") == 1
    code, out, err = _run(course)
    assert (code, err) == (0, ""), out + err
    assert "unchanged, 0 failed" in out and " 0 unchanged" not in out
    _same(course, undisturbed)


def test_json_for_a_program(course):
    code, out, err = _run(course, "--json")
    assert code == 0
    assert "Sandbox" in err and "right0" in err
    said = json.loads(out)
    assert said["counts"] == {"graded": 11, "unchanged": 0, "failed": 0, "unreadable": 1, "repaired": 3, "timed out": 0}
    assert said["points"] == {LESSON: 3}
    by_student = {each["student"]: each for each in said["submissions"]}
    assert (by_student["half1"]["points"], by_student["half1"]["what"]) == (1, "graded")
    assert by_student["cut"]["repairs"][0].startswith("01_mini.ipynb is damaged")
    code, out, err = _run(course, "--json")
    assert json.loads(out)["counts"]["unchanged"] == 11


def test_what_has_not_changed_needs_no_nbgrader(course):
    assert _run(course)[0] == 0
    code = f"""if True:
        import sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        sys.argv = ["grade_command.py", {str(course.root)!r}, "grade"]
        import grade_command
        try:
            grade_command.main()
        except SystemExit as end:
            assert end.code == 0
        print({{"nbgrader", "nbformat", "nbconvert", "jupytext", "numpy", "distributed"}} & sys.modules.keys())"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "11 unchanged" in out
    assert out.splitlines()[-1] == "set()"


FULL_DISK = """
mount -t tmpfs -o size=8m tmpfs "$1" || exit 99
cp -R "$2"/. "$1"
head -c 20000000 /dev/zero > "$1/filling" 2>/dev/null
truncate -s -"$4" "$1/filling"
timeout 25 "$3" "$5" "$1" grade > "$6/first" 2>&1; echo $? > "$6/code"
rm "$1/filling"
"$3" "$5" "$1" grade > "$6/second" 2>&1; echo $? >> "$6/code"
rm -R "$2"
cp -R "$1" "$2"
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to have a disk that is full")
@pytest.mark.parametrize("part", [0.01, 0.25, 0.4, 0.5])
def test_a_full_disk_is_said_in_one_line_and_loses_nothing(course, undisturbed, tmp_path, part):
    free = int(undisturbed.needed * part)
    place = tmp_path / "disk"
    place.mkdir()
    arguments = [place, course.root, sys.executable, str(free), COMMAND[1], tmp_path]
    subprocess.run(["unshare", "--mount", "sh", "-c", FULL_DISK, "sh", *map(str, arguments)], check=True, timeout=120)
    first, second = (tmp_path / name for name in ("first", "second"))
    assert (tmp_path / "code").read_text().split() == ["2", "0"], first.read_text() + second.read_text()
    last = first.read_text().splitlines()[-1]
    assert last.startswith("autograder: the disk is full"), first.read_text()
    assert "make room" in last
    assert "Traceback" not in first.read_text()
    _same(course, undisturbed)
