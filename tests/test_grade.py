"""Grading a class: the points, what is said of what cannot be graded, and what feedback shows."""

import contextlib
import io
import json
import re
import shutil
from types import SimpleNamespace

import pytest
from mini_course import LESSON, answered, hand_in, index, make_mini_course, with_extra_cell, without

from autograder import grade, outcomes, sandbox
from autograder.class_run import Options
from autograder.course import Course, CourseError
from autograder.release import make_release

pytestmark = pytest.mark.xdist_group("grade")


def _class(course):
    whole = json.dumps(answered(course))
    hand_in(course, "full", answered(course))
    hand_in(course, "blank", answered(course, None, None))
    hand_in(course, "visible_only", answered(course, "return 4", "return 2"))
    hand_in(course, "crashes", answered(course, root="return {}[x]"))
    hand_in(course, "Zoë & co", answered(course, root=None))
    hand_in(course, "f*", answered(course))

    hand_in(course, "cut_short", whole[: len(whole) // 2])
    hand_in(course, "no_json", "My answers are in the other file.")
    hand_in(course, "no_notebook", "[1, 2]")
    hand_in(course, "renamed", answered(course), name="01_mini (1).ipynb")
    hand_in(course, "two_files", answered(course))
    hand_in(course, "two_files", "", name="01_mini-old.ipynb")
    (course.classroom / "submitted/empty" / LESSON).mkdir(parents=True)
    (course.classroom / "submitted/nothing").mkdir()
    hand_in(course, "full", answered(course), lesson="homework")
    (course.classroom / "submitted/.DS_Store").touch()
    (course.lessons / "02_unbuilt.py").write_text('"grade": true', encoding="utf-8")
    hand_in(course, "full", answered(course), lesson="02_unbuilt", name="02_unbuilt.ipynb")
    hand_in(course, "full", answered(course), lesson="00_start", name="00_start.ipynb")

    twice = answered(course)
    twice["cells"].append(twice["cells"][index(twice, "exercise-1-1")])
    hand_in(course, "twice", twice)
    stripped = answered(course)
    for cell in stripped["cells"]:
        cell["metadata"] = {}
    hand_in(course, "stripped", stripped)
    hand_in(course, "test_deleted", without(answered(course), "test-1-2"))
    hand_in(course, "exercise_deleted", without(answered(course), "exercise-1-2", "test-1-2"))
    hand_in(course, "test_edited", _with_source(answered(course, None, None), "test-1-2", "2.0"))
    hand_in(course, "exits", with_extra_cell(answered(course), "import os\nos._exit(0)"))
    hand_in(course, "kills", with_extra_cell(answered(course), "import os\nos.kill(os.getppid(), 9)"))
    script = "See <script>alert(1)</script> <img src=x onerror=alert(2)> and $a<b$"
    hand_in(course, "script", with_extra_cell(answered(course), script, "markdown"))


def _with_source(notebook, cell_id, source):
    notebook["cells"][index(notebook, cell_id)]["source"] = source
    return notebook


def _files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class with everything in it, graded once: the course, outcomes by student and what was printed."""
    course = make_mini_course(tmp_path_factory.mktemp("course"))
    _class(course)
    in_order = course.classroom / "submitted/full"
    before = _files(course.solutions) | _files(course.notebooks) | _files(in_order)
    with contextlib.redirect_stdout(io.StringIO()) as screen:
        found = grade.grade(course, [], [])
    after = _files(course.solutions) | _files(course.notebooks) | _files(in_order)
    by_student = {outcome.student: outcome for outcome in found if outcome.lesson == LESSON}
    return SimpleNamespace(
        course=course, outcomes=found, of=by_student, screen=screen.getvalue(), untouched=before == after
    )


@pytest.mark.parametrize(
    ("student", "points"),
    [
        ("full", 3),
        ("blank", 0),
        ("visible_only", 0),
        ("crashes", 1),
        ("Zoë & co", 1),
        ("two_files", 3),
        ("renamed", 3),
        ("twice", 3),
        ("stripped", 3),
        ("test_deleted", 3),
        ("exercise_deleted", 1),
        ("test_edited", 0),
        ("exits", 3),
        ("kills", 3),
        ("script", 3),
    ],
)
def test_points(graded, student, points):
    outcome = graded.of[student]
    assert (outcome.points, outcome.problem) == (points, "")


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("cut_short", "damaged or cut short (no JSON from line 1 on): ask the student for it again"),
        ("no_json", "no notebook but other text: ask the student for the right file"),
        ("no_notebook", "JSON but no notebook: ask the student for the right file"),
        ("empty", "there is no notebook in its folder: ask the student for it"),
        ("renamed", "The notebook came as 01_mini (1).ipynb"),
        ("two_files", "01_mini-old.ipynb is there too and is not used"),
        ("twice", "exercise-1-1: was there more than once: the last copy that was edited counts"),
        ("stripped", "nbgrader's metadata was lost"),
        ("exercise_deleted", "exercise-1-2, test-1-2: was missing and is back in its place"),
        ("test_edited", "the original is back"),
        ("exits", "a cell was stopped: it ended Python"),
    ],
)
def test_what_was_mended_or_scored_nothing_is_said_in_one_line(graded, student, words):
    told = graded.of[student].repairs + graded.of[student].notes
    assert any(words in line for line in told), told
    assert all("\n" not in line and line in graded.screen for line in told)


def test_whatever_came_is_kept(graded):
    received = graded.course.classroom / "received"
    assert (received / "no_json" / LESSON / "1" / f"{LESSON}.ipynb").read_text() == "My answers are in the other file."
    assert (received / "renamed" / LESSON / "1" / "01_mini (1).ipynb").exists()
    assert not (received / "full").exists()


def test_what_is_no_submission_is_said_too(graded):
    problems = {(outcome.student, outcome.lesson): outcome.problem for outcome in graded.outcomes}
    assert "rename it to one of 01_mini" in problems["full", "homework"]
    assert "run `autograder build 02_unbuilt`" in problems["full", "02_unbuilt"]
    assert "holds no submission" in problems["nothing", ""]
    assert "rename it" in problems["f*", ""]
    assert ".DS_Store" not in graded.screen


def test_a_start_page_is_passed_over(graded):
    assert "00_start" not in {outcome.lesson for outcome in graded.outcomes}
    with pytest.raises(CourseError, match="00_start has nothing to grade: choose from 01_mini"):
        grade.run(graded.course, [LESSON, "00_start"], [])


def test_the_screen_shows_a_table_and_where_things_are_and_no_traceback(graded):
    assert re.search(r"full +│ +3 / 3 │ +failed", graded.screen)
    assert re.search(r"cut_short +│ +0 / 3 │", graded.screen)
    assert "Sandbox: " in graded.screen
    for name in ("feedback", "gradebook.db", "grading.log"):
        assert str(graded.course.classroom / name) in graded.screen
    assert "Traceback" not in graded.screen
    log = (graded.course.classroom / "grading.log").read_text(encoding="utf-8")
    assert "== exits 01_mini" in log


def test_grading_changes_neither_the_course_nor_a_notebook_in_order(graded):
    assert graded.untouched


@pytest.mark.parametrize("student", ["blank", "visible_only", "crashes", "test_deleted", "script", "full"])
def test_feedback_shows_no_hidden_test_and_runs_no_script(graded, student):
    page = _page(graded.course.classroom / "feedback" / student)
    for forbidden in ("987654", "HIDDEN", "secret", "<script", "onerror=alert"):
        assert forbidden not in page.replace("&lt;script", "").replace("&lt;img src=x onerror=alert", "")


def test_feedback_keeps_the_message_of_a_failed_test(graded):
    folder = graded.course.classroom / "feedback"
    assert "Not for other numbers" in _page(folder / "visible_only")
    assert "KeyError: 4" in _page(folder / "crashes")


def _page(folder):
    return (folder / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")


def test_grading_again(graded, capsys):
    """What was mended counts, points given by hand stay and are marked."""
    from nbgrader.api import Gradebook

    course = graded.course
    hand_in(course, "no_json", answered(course))
    hand_in(course, "two_files", "{")
    with Gradebook(course.gradebook, "mlp") as gradebook:
        gradebook.find_grade("test-1-2", LESSON, LESSON, "blank").manual_score = 1
        gradebook.db.commit()

    blank, mended, broken = grade.grade(course, [LESSON], ["two_files", "no_json", "blank"], Options(rerun=True))
    assert (blank.points, blank.by_hand) == (1, True)
    assert (mended.points, mended.by_hand) == (3, False)
    assert (broken.points, broken.problem) == (0, "")
    screen = capsys.readouterr().out
    assert "1 / 3*" in screen
    assert "open Formgrader" in screen
    assert "two_files 01_mini: 01_mini.ipynb is damaged" in screen


def test_without_a_sandbox(graded, capsys):
    (outcome,) = grade.grade(graded.course, [LESSON], ["twice"], Options(sandbox=False))
    assert outcome.points == 3
    assert "WITHOUT a sandbox: student code runs with all of your rights" in capsys.readouterr().out


def test_where_no_sandbox_can_be_had_grading_refuses(graded, monkeypatch):
    def refuse():
        raise sandbox.SandboxError("no sandbox here: install bubblewrap")

    monkeypatch.setattr(sandbox, "describe", refuse)
    with pytest.raises(CourseError, match="install bubblewrap"):
        grade.grade(graded.course, [LESSON], [], Options(rerun=True))


def test_data_files_are_there_and_a_students_module_hides_none(graded, tmp_path):
    """The assignment's own file wins over the student's of the same name, as numpy does over a numpy.py."""
    root = tmp_path / "course"
    shutil.copytree(graded.course.root, root, ignore=shutil.ignore_patterns("class"))
    course = Course(root=root, classroom=root / "class")
    (course.notebooks / LESSON / "factor.txt").write_text("2")
    notebook = answered(course, double="return numpy.float64(int(open('factor.txt').read()) * x)")
    hand_in(course, "ann", with_extra_cell(notebook, "import numpy\nimport mine\nassert mine.here"))
    folder = course.classroom / "submitted/ann" / LESSON
    for name, text in (("factor.txt", "3"), ("numpy.py", "float64 = 0"), ("mine.py", "here = True")):
        (folder / name).write_text(text)
    (outcome,) = grade.grade(course, [], [])
    assert (outcome.points, outcome.repairs) == (3, ())
    outputs = json.loads((course.classroom / f"autograded/ann/{LESSON}/{LESSON}.ipynb").read_text())["cells"]
    assert not [cell["outputs"] for cell in outputs if cell.get("outputs")]


def test_a_lesson_whose_cells_changed_after_grading(graded, tmp_path, capsys):
    root = tmp_path / "course"
    shutil.copytree(graded.course.root, root)
    course = Course(root=root, classroom=root / "class")
    solution = course.solutions / LESSON / f"{LESSON}.ipynb"
    text = json.dumps(without(json.loads(solution.read_text()), "exercise-1-2", "test-1-2"))
    solution.write_text(text)
    with pytest.raises(CourseError, match="no submission of 01_mini that could be graded"):
        grade.grade(course, [LESSON], ["blank"])
    assert "run `autograder build 01_mini`" in capsys.readouterr().out

    (course.notebooks / LESSON / f"{LESSON}.ipynb").write_text(make_release(text, LESSON))
    (outcome,) = grade.grade(course, [LESSON], ["crashes"])
    assert outcome.points == 1
    screen = capsys.readouterr().out
    assert "1 / 1" in screen
    (backup,) = course.classroom.glob("gradebook-before-01_mini-*.db")
    assert "exercise-1-2, test-1-2 removed" in screen
    assert f"the old gradebook is {backup}" in screen


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ("", "there is no folder .*submitted: put each submission at .*<student>"),
        ("submitted", "submitted is empty: put each submission at"),
        ("submitted/.ipynb_checkpoints", "submitted is empty"),
        ("submitted/ann/other", "there is no submission of any lesson that could be graded"),
    ],
)
def test_nothing_to_grade(graded, tmp_path, made, words):
    (tmp_path / made).mkdir(parents=True, exist_ok=True)
    with pytest.raises(CourseError, match=words):
        grade.run(Course(root=graded.course.root, classroom=tmp_path), [], [])


def test_the_exit_code(graded, monkeypatch):
    for problem, code in (("", 0), ("is lost", 1)):
        monkeypatch.setattr(grade, "grade", lambda *_, p=problem, **__: [grade.Outcome("ann", LESSON, 1.0, problem=p)])
        assert grade.run(graded.course, [], []) == code


def test_unknown_names(graded):
    with pytest.raises(CourseError, match="no lesson 09_none"):
        grade.run(graded.course, ["09_none"], [])
    with pytest.raises(CourseError, match="nothing from nobody in"):
        grade.run(graded.course, [], ["nobody", "full"])


def test_many_with_the_same_problem_share_a_line(capsys):
    from rich.console import Console

    outcomes.print_problems(Console(), [grade.Outcome(name, LESSON, problem="is lost") for name in "abcde"])
    assert capsys.readouterr().out == "a, b, c and 2 others 01_mini: is lost\n"


def test_a_progress_bar_says_how_far_how_fast_and_how_many_failed():
    from rich.console import Console

    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120)
    coming = [grade.Outcome(name, LESSON, 1.0, problem="is lost" * (name == "b")) for name in "abc"]
    assert list(outcomes.with_progress(console, iter(coming), 4, {LESSON: 3})) == coming
    last = screen.getvalue().rpartition("Grading")[2]
    assert "3/4" in last
    assert "/s, " in last and " left" in last
    assert "1 failed" in last
