"""A run over a class: what is graded again and what is not, what is lost when something dies (nothing), fairness."""

import errno
import json
import os
import shutil
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import pytest
from mini_course import LESSON, answered, hand_in, make_mini_course, with_extra_cell
from run_here import Died, RunHere, run

from autograder import class_run, submission, submission_folder
from autograder.class_run import Options
from autograder.course import Course, CourseError, StopError
from autograder.limits import UnfinishedError
from autograder.records import Records
from autograder.release import make_release

pytestmark = pytest.mark.xdist_group("class run")

STUDENTS = {"ann": 3, "ben": 1, "eve": 0, "zoë": 3}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A class of four that has been graded."""
    course = make_mini_course(tmp_path_factory.mktemp("run") / "course")
    hand_in(course, "ann", answered(course))
    hand_in(course, "ben", answered(course, root=None))
    hand_in(course, "eve", answered(course, None, None))
    hand_in(course, "zoë", answered(course), name="01_mini (1).ipynb")
    assert {outcome.student: outcome.points for outcome in run(course)} == STUDENTS
    return course


@pytest.fixture
def course(template, tmp_path):
    shutil.copytree(template.root, tmp_path / "course")
    return Course(root=tmp_path / "course", classroom=tmp_path / "course/class")


def _graded(course, options=None):
    """Who is graded by a run; all others have to be unchanged."""
    found = run(course, options)
    assert not [outcome.problem for outcome in found if outcome.problem]
    assert {outcome.student for outcome in found} >= set(STUDENTS)
    return {outcome.student for outcome in found if not outcome.unchanged}


def _gradebook(course):
    from nbgrader.api import Gradebook

    return Gradebook(course.gradebook, "mlp")


def _page(course, student):
    return (course.classroom / "feedback" / student / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")


def test_nothing_is_graded_twice(course):
    assert _graded(course) == set()
    for path in (course.classroom / "submitted").rglob("*"):
        os.utime(path, (1, 1))
    assert _graded(course) == set()


def test_a_folder_with_the_stamp_that_it_had_is_not_read(course, monkeypatch):
    monkeypatch.setattr(submission_folder, "SECONDS_OF_DOUBT", 0)
    assert _graded(course) == set()
    monkeypatch.setattr(class_run, "read_folder", None)
    assert _graded(course) == set()


def test_a_change_that_keeps_size_and_time_is_seen(course, monkeypatch):
    monkeypatch.setattr(submission_folder, "SECONDS_OF_DOUBT", 0)
    assert _graded(course) == set()
    path = course.classroom / "submitted/ann" / LESSON / f"{LESSON}.ipynb"
    status, text = path.stat(), path.read_text()
    path.write_text(text.replace("return 2 * x", "return 3 * x"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    assert _graded(course) == {"ann"}


def test_what_was_changed_just_now_has_no_stamp(course):
    assert submission_folder.stamp_of(course, "nobody", LESSON) == ""
    (course.classroom / "submitted/ann" / LESSON / "new.csv").touch()
    assert submission_folder.stamp_of(course, "ann", LESSON) == ""


def test_what_is_unchanged_is_told_as_it_was(course):
    found = {outcome.student: outcome for outcome in run(course)}
    assert {student: outcome.points for student, outcome in found.items()} == STUDENTS
    assert found["zoë"].repairs == ("The notebook came as 01_mini (1).ipynb.",)


def test_another_notebook_is_graded_alone(course):
    hand_in(course, "ben", answered(course))
    assert _graded(course) == {"ben"}
    hand_in(course, "new", answered(course))
    assert _graded(course) == {"new"}


def test_another_file_beside_it_counts(course):
    folder = course.classroom / "submitted/ann" / LESSON
    (folder / "data.csv").write_text("1")
    assert _graded(course) == {"ann"}
    (folder / "data.csv").write_text("2")
    assert _graded(course) == {"ann"}


def _change_a_test(course):
    path = course.solutions / LESSON / f"{LESSON}.ipynb"
    text = path.read_text().replace("987654", "123456")
    path.write_text(text)
    (course.notebooks / LESSON / f"{LESSON}.ipynb").write_text(make_release(text, LESSON))


@pytest.mark.parametrize(
    "change",
    [
        _change_a_test,
        lambda course: (course.notebooks / LESSON / "data.csv").write_text("1"),
        lambda course: course.own_limits.update(seconds_per_cell=7),
        lambda course: (course.classroom / "gradebook.db").unlink(),
        lambda course: (course.classroom / "graded.jsonl").unlink(),
        lambda course: shutil.rmtree(course.classroom / "autograded"),
    ],
    ids=["hidden test", "given file", "limits", "no gradebook", "no record", "no graded notebooks"],
)
def test_what_concerns_all_regrades_all(course, change):
    change(course)
    assert _graded(course) == set(STUDENTS)
    assert _graded(course) == set()


def test_other_libraries_regrade_all(course, monkeypatch):
    monkeypatch.setattr(class_run, "environment", lambda: "other")
    assert _graded(course) == set(STUDENTS)


@pytest.mark.parametrize(
    "path, counts", [("checks.py", True), ("data/points.csv", True), ("build/lib/a.py", False), ("a.egg-info/b", False)]
)
def test_what_pip_leaves_beside_the_helpers_is_no_other_environment(monkeypatch, tmp_path, path, counts):
    monkeypatch.setattr(submission, "find_spec", lambda name: SimpleNamespace(origin=tmp_path / name / "__init__.py"))
    before = submission.environment.__wrapped__()
    other = tmp_path / "mlp_helpers" / path
    other.parent.mkdir(parents=True)
    other.touch()
    assert (submission.environment.__wrapped__() != before) == counts


def test_a_test_outside_what_is_run_changes_nothing_for_other_lessons(course):
    for folder in (course.solutions, course.notebooks):
        shutil.copytree(folder / LESSON, folder / "02_mini")
        (folder / "02_mini" / f"{LESSON}.ipynb").rename(folder / "02_mini/02_mini.ipynb")
    shutil.copy(course.lessons / f"{LESSON}.py", course.lessons / "02_mini.py")
    course = Course(root=course.root, classroom=course.classroom)
    hand_in(course, "ann", answered(course), lesson="02_mini", name="02_mini.ipynb")
    found = [(each.student, each.lesson) for each in run(course) if not each.unchanged]
    assert found == [("ann", "02_mini")]


def test_what_one_asks_for(course):
    assert _graded(course, Options(rerun=True)) == set(STUDENTS)
    assert _graded(course, Options(all_cells=True)) == set(STUDENTS)
    assert _graded(course) == set(STUDENTS)


def test_a_gradebook_from_before_is_noticed(course):
    book = course.classroom / "gradebook.db"
    old = book.read_bytes()
    hand_in(course, "ben", answered(course))
    assert _graded(course) == {"ben"}
    book.write_bytes(old)
    assert _graded(course) == {"ben"}


def test_a_page_that_is_missing_or_old_is_made_anew_and_nothing_is_run(course, monkeypatch):
    monkeypatch.setattr(class_run, "grade", None)
    shutil.rmtree(course.classroom / "feedback/ann")
    with _gradebook(course) as book:
        book.find_comment("exercise-1-1", LESSON, LESSON, "ben").manual_comment = "Look at the sign."
        book.find_grade("test-1-2", LESSON, LESSON, "eve").manual_score = 1.5
        book.db.commit()
    assert _graded(course) == {"ann", "ben", "eve"}
    assert "Look at the sign." in _page(course, "ben")
    assert "1.5" in _page(course, "eve")
    assert _graded(course) == set()


LATE = """
from nbgrader.plugins import LateSubmissionPlugin

class HalfAPointADay(LateSubmissionPlugin):
    def late_submission_penalty(self, student, score, seconds):
        return seconds / 86400 / 2

c = get_config()
c.AssignLatePenalties.plugin_class = HalfAPointADay
"""


def _penalties(course):
    with _gradebook(course) as book:
        return {each.student.id: each.late_submission_penalty for each in book.find_assignment(LESSON).submissions}


def test_late_penalties_follow_the_dates_and_nothing_is_run(course, monkeypatch):
    (course.root / "nbgrader_config.py").write_text(LATE)
    assert _graded(course) == set(STUDENTS)  # for their pages: what is taken off may be another
    monkeypatch.setattr(class_run, "grade", None)
    folder = course.classroom / "submitted/ann" / LESSON
    (folder / "timestamp.txt").write_text("2026-03-03 12:00:00 UTC")
    assert _graded(course) == {"ann"}
    assert _penalties(course)["ann"] in (None, 0)

    with _gradebook(course) as book:
        book.update_or_create_assignment(LESSON, duedate=datetime(2026, 3, 1, 12))
    assert _graded(course) == set(STUDENTS)
    assert _penalties(course)["ann"] == 1.0
    assert run(course)[0].points == 2.0

    (folder / "timestamp.txt").write_text("2026-03-05 12:00:00 UTC")
    assert _graded(course) == {"ann"}
    assert _penalties(course)["ann"] == 2.0
    assert _graded(course) == set()


def test_points_by_hand_survive_what_regrades(course):
    with _gradebook(course) as book:
        grade = book.find_grade("test-1-2", LESSON, LESSON, "eve")
        grade.manual_score, grade.extra_credit = 1.5, 0.25
        book.db.commit()
    found = {outcome.student: outcome for outcome in run(course, Options(rerun=True))}
    assert (found["eve"].points, found["eve"].by_hand) == (1.75, True)


class Times:
    """Raises at the first calls for one student."""

    def __init__(self, student, error, times, function="grade"):
        self.student, self.error, self.left, self.function, self.seen = student, error, times, function, []

    def __call__(self, name, *args):
        if name == "page":
            student = args[0]
        else:
            source = args[0].data[args[0].candidates[0].parts].decode()
            student = next(each for each in [*STUDENTS, "new"] if json.dumps(f"# {each}")[1:-1] in source)
        self.seen.append((name, student))
        if (name, student) == (self.function, self.student) and self.left:
            self.left -= 1
            raise self.error


@pytest.fixture
def ungraded(course):
    """The same class before it was graded, each notebook with its student's name in it."""
    for student in STUDENTS:
        hand_in(course, student, with_extra_cell(answered(course), f"# {student}"))
    for name in ("gradebook.db", "graded.jsonl"):
        (course.classroom / name).unlink()
    return course


@pytest.mark.parametrize("function", ["grade", "page"])
@pytest.mark.parametrize("error", [Died(), RuntimeError("a bug")])
def test_what_fails_twice_is_tried_again(ungraded, error, function):
    found = run(ungraded, before=Times("ben", error, 2, function))
    assert {(outcome.student, outcome.points, outcome.problem) for outcome in found} == {
        (student, 3, "") for student in STUDENTS
    }
    assert not run_again(ungraded)


def run_again(course):
    return [outcome.student for outcome in run(course) if not outcome.unchanged]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Died(), "was killed, perhaps for want of memory or of time, 3 times: see grading.log"),
        (RuntimeError("a bug\nwith lines"), "grading failed (a bug), 3 times: see grading.log"),
    ],
)
def test_what_fails_three_times_is_passed_over_and_tried_by_the_next_run(ungraded, error, words):
    times = Times("ben", error, 99)
    found = {outcome.student: outcome for outcome in run(ungraded, before=times)}
    assert words in found["ben"].problem
    assert "\n" not in found["ben"].problem
    assert times.seen.count(("grade", "ben")) == 3
    assert [each.points for student, each in found.items() if student != "ben"] == [3, 3, 3]
    assert run_again(ungraded) == ["ben"]


def test_a_page_that_fails_three_times(ungraded):
    found = {outcome.student: outcome for outcome in run(ungraded, before=Times("ben", Died(), 99, "page"))}
    assert found["ben"].points == 3
    assert found["ben"].problem.startswith("it was graded, but its feedback is missing: the process")
    assert run_again(ungraded) == ["ben"]


def test_what_the_gradebook_does_not_take_concerns_one_submission(ungraded, monkeypatch):
    original = class_run.Writer.record

    def refuse(writer, student, *arguments):
        if student == "ben":
            raise CourseError("that cannot be entered")
        return original(writer, student, *arguments)

    monkeypatch.setattr(class_run.Writer, "record", refuse)
    found = {outcome.student: outcome for outcome in run(ungraded)}
    assert found["ben"].problem.endswith("that cannot be entered")
    assert [each.points for student, each in found.items() if student != "ben"] == [3, 3, 3]
    monkeypatch.undo()
    assert run_again(ungraded) == ["ben"]


@pytest.mark.parametrize("place", ["settle", "put_graded"])
def test_a_disk_that_is_full_stops_all(course, monkeypatch, place):
    def full(*_):
        raise OSError(errno.ENOSPC, "no space left")

    def explained(*_):
        with submission_folder.os_errors_explained(course.classroom):
            full()

    hand_in(course, "new", answered(course), name="another.ipynb")
    monkeypatch.setattr(class_run, place, explained if place == "settle" else full)
    with pytest.raises(StopError, match="the disk is full: make room"):
        run(course)
    monkeypatch.undo()
    assert run_again(course) == ["new"]


def test_what_is_slow_waits_until_all_others_are_done(ungraded):
    times = Times("ann", UnfinishedError(), 1)
    found = run(ungraded, before=times)
    assert [outcome.student for outcome in found][-1] == "ann"
    assert not [outcome.problem for outcome in found if outcome.problem]
    assert [name for name in times.seen if name[0] == "grade"][-1] == ("grade", "ann")


def test_patience_ends_a_slow_submission_and_its_second_turn_is_whole(ungraded, monkeypatch):
    monkeypatch.setattr(class_run, "PATIENCE", 0.7)
    patient = []
    hand_in(ungraded, "ann", with_extra_cell(answered(ungraded), "# ann\nimport time\ntime.sleep(2)"))
    found = run(ungraded, before=lambda name, *args: patient.append(args[-1]) if name == "grade" else None)
    assert [outcome.student for outcome in found][-1] == "ann"
    assert {outcome.points for outcome in found} == {3}
    assert patient == [0.7, 0.7, 0.7, 0.7, None]


def test_an_examination_that_broke_off_is_tried_again_and_never_taken_for_done(ungraded, monkeypatch):
    tries = []

    def broken(contents, *args):
        graded = submission.grade(contents, *args)
        ann = b"# ann" in contents.data[contents.candidates[0].parts]
        tries.append(ann)
        return replace(graded, incomplete=ann)

    broken.__name__ = "grade"
    monkeypatch.setattr(class_run, "grade", broken)
    assert {outcome.points for outcome in run(ungraded)} == {3}
    assert sum(tries) == 3
    monkeypatch.undo()
    assert run_again(ungraded) == ["ann"]
    assert run_again(ungraded) == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (submission.OtherEnvironmentError("libraries are not the same here and on b"), "on b: install the same there"),
        (ConnectionError("lost the cluster tcp://a:1"), "tcp://a:1: see to it, then the same command again"),
    ],
)
def test_what_stops_all(ungraded, error, words):
    with pytest.raises(StopError, match=words):
        run(ungraded, before=Times("ben", error, 99))
    assert {outcome.points for outcome in run(ungraded)} == {3}


def test_a_file_that_comes_while_the_submission_is_graded(ungraded):
    """It is graded with what was there; the run after it sees the new one."""

    def meanwhile(name, *args):
        if name == "page" and args[0] == "ben":
            hand_in(ungraded, "ben", answered(ungraded, None, None))

    assert {outcome.points for outcome in run(ungraded, before=meanwhile)} == {3}
    (ben,) = [outcome for outcome in run(ungraded) if not outcome.unchanged]
    assert (ben.student, ben.points) == ("ben", 0)


def test_a_file_that_comes_before_the_folder_is_put_in_order(course):
    hand_in(course, "new", answered(course), name="another.ipynb")

    def meanwhile(name, *args):
        if name == "grade":
            hand_in(course, "new", "and one more", name="more.txt")

    (new,) = [outcome for outcome in run(course, before=meanwhile) if not outcome.unchanged]
    assert "was changed while it was graded: grade it again" in new.problem
    (new,) = [outcome for outcome in run(course) if not outcome.unchanged]
    assert (new.points, new.problem) == (3, "")


def test_a_folder_that_goes_before_it_is_read(course):
    shutil.rmtree(course.classroom / "submitted/zoë")
    with Records(course.classroom) as records:
        outcomes = list(RunHere(course, records).outcomes([(student, LESSON) for student in STUDENTS]))
    assert "there is no submission in" in outcomes[-1].problem
    assert all(outcome.unchanged for outcome in outcomes[:-1])


def test_graded_folder_has_what_may_be_served(course):
    folder = course.classroom / "submitted/ann" / LESSON
    for name in ("data.csv", "page.html", "picture.svg", "timestamp.txt"):
        (folder / name).write_text("2026-03-03 12:00:00" if name == "timestamp.txt" else "1")
    assert _graded(course) == {"ann"}
    graded = course.classroom / "autograded/ann" / LESSON
    assert sorted(path.name for path in graded.iterdir()) == [f"{LESSON}.ipynb", "data.csv", "timestamp.txt"]
    assert sorted(path.name for path in graded.parent.iterdir()) == [LESSON]
    assert json.loads((graded / f"{LESSON}.ipynb").read_text())["nbformat"] == 4
