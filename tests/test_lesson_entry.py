"""A lesson's cells come into the gradebook as nbgrader brings them, and new ones take nobody's points away."""

import re
import shutil

import pytest
from gradebook_oracle import (
    DATES,
    KINDS,
    PLAIN,
    SLOW,
    book,
    by_hand,
    contents,
    copied,
    dies,
    is_sound,
    make_course,
    make_entered,
    released,
    stock_enter,
    write_lesson,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from mini_course import LESSON

from autograder import gradebook_backup, gradebook_connection, lesson_entry
from autograder.course import StopError
from autograder.gradebook import Writer, lessons


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path / "course")


@pytest.fixture(scope="module")
def entered(tmp_path_factory):
    """A course whose gradebook knows its lesson and when it is due, to be copied."""
    return make_entered(tmp_path_factory.mktemp("entered") / "course")


def test_a_lesson_is_entered_as_nbgrader_enters_it(course, tmp_path):
    theirs = copied(course, tmp_path / "theirs")
    theirs.classroom.mkdir()
    with Writer(course) as writer:
        for cells, points in ((PLAIN, {}), (PLAIN, {"talk": 3}), ({**PLAIN, "more": "test", "why": "answer"}, {})):
            if cells is not PLAIN:
                cells = {name: kind for name, kind in cells.items() if name != "draw"}
                cells["why"] = "program"
            for each in (course, theirs):
                write_lesson(each, cells, points)
            stock_enter(theirs)
            entered = writer.enter(LESSON)
            assert (entered.problem, entered.said) == ("", "")
            assert contents(course.gradebook) == contents(theirs.gradebook)
            assert lessons(course) == {LESSON: entered.points}
            with book(course) as nbgrader:
                assert nbgrader.find_assignment(LESSON).max_score == entered.points
    assert not list(course.classroom.glob("*before*"))


def test_a_lesson_that_cannot_be_entered_says_why(course):
    with Writer(course) as writer:
        assert writer.enter("02_none").problem == (
            "it has no worked notebook yet: run `autograder build 02_none`, then grade again"
        )
        (course.solutions / LESSON / f"{LESSON}.ipynb").write_text("{")
        entered = writer.enter(LESSON)
        assert entered.problem.startswith("nbgrader could not enter it into the gradebook: NotJSONError: Notebook does")
        assert "Traceback" in entered.log
        assert lessons(course) == {}


def test_points_and_texts_may_change_where_submissions_are(entered, tmp_path):
    course, theirs = copied(entered, tmp_path / "course"), copied(entered, tmp_path / "theirs")
    for each in (course, theirs):
        with Writer(each) as writer:
            writer.record("ann", LESSON, released(each))
            write_lesson(each, {**PLAIN, "double": "answer"}, {"talk": 3, "draw": 7})
    stock_enter(theirs)
    with Writer(course) as writer:
        entered = writer.enter(LESSON)
        assert (entered.points, entered.said) == (14, "")
        assert contents(course.gradebook) == contents(theirs.gradebook)
        path = course.solutions / LESSON / f"{LESSON}.ipynb"
        path.write_text(path.read_text().replace('"Python 3"', '"Python 4"'))
        assert writer.enter(LESSON).said == ""
        assert "Python 4" in contents(course.gradebook)["notebook"][0]["kernelspec"]


def nobody_else_writes(course, monkeypatch):
    """Nor is a point lost that another program gives after the copy was made."""
    others = []

    def back_up(*arguments):
        path = gradebook_backup.back_up(*arguments)
        monkeypatch.setattr(gradebook_connection, "PATIENCE", 0.3)
        with pytest.raises(StopError, match="locked") as caught, Writer(course) as other:
            other.redate("ann", LESSON, "2025-01-01 00:00:00 UTC")
        others.append(caught.value)
        return path

    with Writer(course) as writer:
        writer.record("ann", LESSON, released(course))
        write_lesson(course, {"other": "test"})
        monkeypatch.setattr(lesson_entry, "back_up", back_up)
        assert writer.enter(LESSON).said
    assert len(others) == 1


def test_nobody_else_writes_meanwhile(entered, tmp_path, monkeypatch):
    nobody_else_writes(copied(entered, tmp_path / "course"), monkeypatch)


def test_a_notebook_more_and_a_notebook_less(course, tmp_path):
    theirs = copied(course, tmp_path / "theirs")
    theirs.classroom.mkdir()
    extra = "extra.ipynb"

    def add(each):
        write_lesson(each, {"why": "essay"}, lesson="scrap")
        shutil.move(each.solutions / "scrap/scrap.ipynb", each.solutions / LESSON / extra)

    with Writer(course) as writer:
        for change in (lambda _: None, add, lambda each: (each.solutions / LESSON / extra).unlink()):
            for each in (course, theirs):
                change(each)
            assert not writer.enter(LESSON).problem
            stock_enter(theirs)
            assert contents(course.gradebook) == contents(theirs.gradebook)
        writer.record("ann", LESSON, released(course))
        before = contents(course.gradebook)
        add(course)
        entered = writer.enter(LESSON)
        assert entered.points == 10
        assert "(why added)" in entered.said
        with book(course) as nbgrader:
            names = [notebook.name for notebook in nbgrader.find_submission(LESSON, "ann").notebooks]
            assert sorted(names) == [LESSON, "extra"]
            assert nbgrader.find_grade("why", "extra", LESSON, "ann").needs_manual_grade
        stock_enter(course)
        (course.solutions / LESSON / extra).unlink()
        assert "(why removed)" in writer.enter(LESSON).said
        assert contents(course.gradebook) == before


CELLS = st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from([kind for kind in KINDS]), min_size=1, max_size=6)
# Of a cell that is both, nbgrader keeps no more than its type, whether it is prose or code.
SAME = {"essay": "program"}
GRADED = {"test", "essay", "program", "task"}
COMMENTED = {"answer", "essay", "program", "task"}


@settings(SLOW, max_examples=12)
@given(
    CELLS,
    CELLS,
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from([None, 0.0, 1.5])),
            st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from(["Nearly.", " ", "So?"])),
            st.sampled_from(DATES),
        ),
        max_size=3,
    ),
)
def test_other_cells_leave_everything_else_as_it_was(entered, tmp_path, old, new, submissions):
    course = copied(entered, tmp_path / "course")
    other = "02_other"
    write_lesson(course, old)
    write_lesson(course, PLAIN, lesson=other)
    with Writer(course) as writer:
        for lesson in (LESSON, other):
            assert not writer.enter(lesson).said
        for number, (points, words, date) in enumerate(submissions):
            student = f"student {number}"
            for lesson in (LESSON, other):
                writer.record(student, lesson, released(course, lesson), date)
            values = {name: {"manual_score": points.get(name), "extra_credit": 0.25} for name in points}
            values |= {name: {**values.get(name, {}), "manual_comment": words[name]} for name in words}
            by_hand(course, student, values)
        before = contents(course.gradebook)
        write_lesson(course, new, {"a": 3})
        entry = writer.enter(LESSON)
    after = contents(course.gradebook)

    fresh = copied(course, tmp_path / "fresh")
    (fresh.classroom / "gradebook.db").unlink()
    with Writer(fresh) as writer:
        assert writer.enter(LESSON).points == entry.points
    wanted = contents(fresh.gradebook)
    for table in ("notebook", "base_cell", "grade_cells", "solution_cells", "task_cells", "source_cell"):
        assert [row for row in after[table] if LESSON in repr(row)] == wanted[table]
        assert [row for row in after[table] if other in repr(row)] == [
            row for row in before[table] if other in repr(row)
        ]
    for table in ("alembic_version", "course", "assignment", "student", "submitted_assignment", "submitted_notebook"):
        assert after[table] == before[table]
    for table, kinds, fields in (("grade", GRADED, GIVEN), ("comment", COMMENTED, SAID)):
        kept, found = given_in(before, table, fields), given_in(after, table, fields)
        expected = {}
        for key, values in kept.items():
            name, kind, lesson, _ = key
            if lesson == other or (name in new and is_same(old[name], new[name])):
                expected[key] = values
            elif new.get(name) in kinds:
                expected[key] = None
        for number in range(len(submissions)):
            for name, kind in new.items():
                if kind in kinds and old.get(name) not in kinds:
                    expected[name, None, LESSON, f"student {number}"] = fields
        by_name = {(name, lesson, student): values for (name, _, lesson, student), values in found.items()}
        assert len(by_name) == len(found)
        assert by_name.keys() == {(name, lesson, student) for name, _, lesson, student in expected}
        for (name, kind, lesson, student), values in expected.items():
            got = by_name[name, lesson, student]
            if values is not None:
                assert got == values
            else:
                was = kept[name, kind, lesson, student]
                moved = (old[name] == "task") != (new[name] == "task")
                by_person = ("manual_score", "extra_credit", "manual_comment")
                assert got == {
                    key: value if moved and key not in by_person else was[key] for key, value in fields.items()
                }
    changed = sorted(name for name in new if name in old and not is_same(old[name], new[name]))
    differ = bool(submissions) and bool(changed or old.keys() ^ new.keys())
    backups = list(course.classroom.glob("gradebook-before-01_mini-*.db"))
    assert bool(entry.said) == differ == bool(backups)
    if backups:
        assert contents(f"sqlite:///{backups[0]}") == before
        assert str(backups[0]) in entry.said
        assert {path.name for path in course.classroom.iterdir()} == {"gradebook.db", backups[0].name}
        added, removed = sorted(new.keys() - old.keys()), sorted(old.keys() - new.keys())
        assert (f"{', '.join(added)} added" in entry.said) == bool(added)
        assert (f"{', '.join(removed)} removed" in entry.said) == bool(removed)
        assert (f"{', '.join(changed)} now of another kind" in entry.said) == bool(changed)
        assert re.findall(r"what (\d+) submission", entry.said) == lost_by_hand(before, after)
    stock_enter(course)
    assert contents(course.gradebook) == after
    with Writer(course) as writer:
        assert not writer.enter(LESSON).said
        for number in range(len(submissions)):
            writer.record(f"student {number}", LESSON, released(course))


GIVEN = {"auto_score": None, "manual_score": None, "extra_credit": None, "needs_manual_grade": True}
SAID = {"auto_comment": None, "manual_comment": None}


def given_in(contents, table, fields):
    """By cell, kind, lesson and student the fields of grades or comments."""
    found = {}
    for row in contents[table]:
        _, name, kind, _, (_, lesson, *_) = row["cell_id"]
        student = next(
            part[3] for part in row["notebook_id"] if type(part) is tuple and part[0] == "submitted_assignment"
        )
        found[name, kind, lesson, student] = {key: row[key] for key in fields}
    return found


def is_same(old, new):
    return SAME.get(old, old) == SAME.get(new, new)


def lost_by_hand(before, after):
    """Of how many submissions something is gone that a person gave."""
    students = set()
    for table, fields in (("grade", GIVEN), ("comment", SAID)):
        left = {(name, lesson, student) for name, _, lesson, student in given_in(after, table, fields)}
        for (name, _, lesson, student), row in given_in(before, table, fields).items():
            person = [row.get(key) for key in ("manual_score", "extra_credit")] + [
                (row.get("manual_comment") or "").strip()
            ]
            if (name, lesson, student) not in left and any(value not in (None, "") for value in person):
                students.add(student)
    return [str(len(students))] if students else []


def test_whenever_it_is_killed_the_gradebook_is_the_old_or_the_new_one(entered, tmp_path, monkeypatch):
    course = copied(entered, tmp_path / "course")
    with Writer(course) as writer:
        for student in ("ann", "bob"):
            writer.record(student, LESSON, released(course), "2025-11-09 00:00:00 UTC")
    by_hand(course, "ann", {"why": {"manual_score": 1.0}, "double": {"manual_comment": "Nearly."}})
    write_lesson(course, {"test-double": "test", "why": "task", "double": "program", "more": "test", "setup": "given"})
    generated = lesson_entry._generated(course, LESSON)
    monkeypatch.setattr(lesson_entry, "_generated", lambda *_: generated)
    old = contents(course.gradebook)
    whole = copied(course, tmp_path / "whole")
    with Writer(whole) as writer:
        said = writer.enter(LESSON).said
    new, states, moment = contents(whole.gradebook), [], 0
    assert "more added; draw, talk removed; double, why now of another kind:" in said.replace(")", "").replace("(", "")

    def enter():
        with Writer(again) as writer:
            writer.enter(LESSON)

    while True:
        again = copied(course, tmp_path / "again")
        killed = dies(enter, moment)
        states.append(contents(again.gradebook))
        assert states[-1] in (old, new)
        assert is_sound(again)
        with Writer(again) as writer:
            assert bool(writer.enter(LESSON).said) == (states[-1] == old)
        assert contents(again.gradebook) == new
        for backup in again.classroom.glob("gradebook-before-*.db"):
            assert contents(f"sqlite:///{backup}") == old
        if not killed:
            break
        moment += 1
    assert moment > 40
    assert states == [old] * states.count(old) + [new] * states.count(new)
    assert states.count(new) == 2  # killed after all, and not at all
